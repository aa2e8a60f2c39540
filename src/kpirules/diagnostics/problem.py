"""A problem of a record: its code, the inputs that it concerns, and its text in any language."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import attrs

from kpirules._internal.display import printable
from kpirules._internal.typeguards import is_list_or_tuple
from kpirules.arithmetic.number import describe
from kpirules.translations.catalog import template
from kpirules.translations.message import (
    ByLanguage,
    Joined,
    Message,
    Named,
    params_of,
    shown,
)


if TYPE_CHECKING:
    from collections.abc import Iterable


#: every kind of problem: a description in one line, by its code
PROBLEM_CODES: dict[str, str] = {
    "ambiguous-column": "a column whose name is that of several inputs",
    "ambiguous-option": "a text that is the label of several options",
    "ambiguous-percentage": "a number between 0 and 1 in a column that has percentages",
    "band-gap": "values that no band takes, which `check` excludes",
    "band-overlap": "values that several bands take, which `check` excludes",
    "column-type": "a column whose type cannot hold the values of its input",
    "damaged-result": "a stored result that cannot be read",
    "no-key": "a row that does not say whose earlier results are asked for",
    "disagrees": "a rating that does not agree with the facts of the record",
    "division-by-zero": "a formula that divides by 0 for this record",
    "empty-cohort": "records that are evaluated together, of which there are none",
    "empty-list": "a formula over a list without numbers",
    "empty-row": "a row that gives none of the values that the ruleset asks for",
    "excluded": "something that needs what is excluded from the record",
    "given-twice": "two different values for one name",
    "group-blocked": "a group of which a record is rejected",
    "key-twice": "one key of several records that are evaluated together",
    "lengths-differ": "lists that are used together and have different lengths",
    "merged-cell": "a cell that is merged with others",
    "missing": "a value that is not given and has no default",
    "negative-root": "a formula with the square root of a number below 0",
    "no-column": "an input without a column",
    "no-known-column": "a table without any column that the ruleset knows",
    "not-a-component": "an amount that is not a part of the wage",
    "not-a-currency": "a currency without a minor unit, or none",
    "not-a-flag": "a value that is neither true nor false",
    "not-a-list": "a value that is not a list of numbers",
    "not-a-mode": "a word that is not a mode of rounding",
    "not-a-number": "a value that is not a number",
    "not-a-record": "a record that is not a table of names",
    "not-a-text": "a remark that is not a text",
    "not-shared": "an amount that cannot be shared by the rules of the ruleset",
    "not-allowed": "a rating that no band allows",
    "not-an-option": "a value that is not one of the options",
    "not-common": "a value that differs within a group and must be the same",
    "not-rising": "points of a line whose x do not rise",
    "not-whole": "a number that is not whole",
    "off-step": "a number that is not a multiple of the step",
    "other-ruleset": "an earlier result of a ruleset that no input is gathered from",
    "out-of-range": "a number outside of its range",
    "percentage": "a percentage for an input that does not count percents",
    "rejected-by-gate": "a record that a rule of the ruleset rejects",
    "repeated-column": "an input with several columns, or several columns of one name",
    "reserved-column": "a column with the name of a column of the result",
    "result-too-long": "a result that the column of a table cannot hold",
    "tied": "records of one standing, which their rank does not allow",
    "tier-gap": "a total that no tier takes, which `check` excludes",
    "tier-overlap": "a total that several tiers take, which `check` excludes",
    "not-in-quota": "a record with the flag of a quota that does not count its tier",
    "quota": "a group in which a quota is not kept",
    "too-long": "a number, text or list that is longer than allowed",
    "too-many-names": "a record with too many names",
    "two-results": "two results of one ruleset and period",
    "unknown-name": "a name that the ruleset does not have",
    "unsupported-frame": "a dataframe of a kind that cannot be scored",
    "unsupported-record": "a record that a database cannot score",
    "weights": "weights, computed for the record, that do not add up",
}


@attrs.frozen(kw_only=True, repr=False)
class Problem:
    """A problem of a record.

    >>> problem = Problem(
    ...     input="skill", value=2, reason=Message.of("problem.not-allowed"),
    ...     allowed=Message.of("allowed.numbers", numbers=(0, 1)),
    ... )
    >>> print(problem)
    skill = 2: is not an allowed rating; allowed: 0, 1
    >>> problem.code, problem.message("zh")
    ('not-allowed', '不是允许的评分')
    """

    #: the name of the input or rating in the ruleset (or in the record, if the ruleset has none)
    input: str
    #: the names of all inputs and ratings that it concerns, in the order of the form
    inputs: tuple[str, ...] = attrs.field(
        default=attrs.Factory(lambda self: (self.input,), takes_self=True)
    )
    #: the value in the record; None if it is missing
    value: object = attrs.field(default=None, hash=False)
    #: the problem, as a sentence without its subject
    reason: Message
    #: the allowed values; None if there is nothing to say about them
    allowed: Message | None = None
    #: a known name that resembles the one in the record
    suggestion: str | None = None
    #: the label of the suggested name
    suggestion_label: ByLanguage | None = attrs.field(default=None, eq=False, repr=False)
    #: the label of the input
    label: ByLanguage | None = attrs.field(default=None, eq=False, repr=False)

    @property
    def code(self) -> str:
        """The kind of the problem: a key of :data:`PROBLEM_CODES`."""
        return code_of(self.reason)

    @property
    def params(self) -> dict[str, object]:
        """The values that the text shows by name, such as limits, step, options."""
        return {
            **({} if self.allowed is None else params_of(self.allowed)),
            **params_of(self.reason),
        }

    def message(self, lang: str | None = None) -> str:
        """Return the problem as a sentence without its subject (see :meth:`Message.text`)."""
        return self.reason.text(lang)

    def text(self, lang: str | None = None) -> str:
        """Return the whole text: input, value, problem, suggestion, allowed values.

        With the label of the input in a language; without one, in English with its id.
        """
        parts: list[object] = [self._head()]
        if self.suggestion is not None:
            near = Named(self.suggestion, self.suggestion_label)
            parts.append(Message.of("problem-text.suggestion", name=near))
        if self.allowed is not None:
            parts.append(Message.of("problem-text.allowed", allowed=self.allowed))
        return shown(Joined(tuple(parts), "list.semicolon"), lang)

    def _head(self) -> Message:
        """Return the problem with its subject, which a problem of a whole table does not have."""
        if not self.input:
            return self.reason
        subject = Named(self.input, self.label or (_RECORD if self.input == "record" else None))
        if self.value is None:
            return Message.of("problem-text.missing", input=subject, reason=self.reason)
        value = describe(self.value)
        return Message.of("problem-text.value", input=subject, value=value, reason=self.reason)

    def __str__(self) -> str:
        return self.text()

    def __repr__(self) -> str:
        given = "" if self.value is None else f" = {describe(self.value)}"
        return f"<Problem {self.code}: {printable(self.input)}{given}>"

    def to_dict(self, lang: str | None = None) -> dict[str, Any]:
        """Return the problem for JSON: numbers as plain decimals in texts, ranges as texts.

        >>> problem = Problem(input="late", reason=Message.of("problem.missing"))
        >>> problem.to_dict()["code"], problem.to_dict("zh")["message"]
        ('missing', '没有填写')
        """
        return {
            "code": self.code,
            "input": self.input,
            "inputs": list(self.inputs),
            "value": json_value(self.value),
            "params": {name: json_value(value) for name, value in self.params.items()},
            "suggestion": self.suggestion,
            "message": self.message(lang),
            "text": self.text(lang),
        }

    def to_json(self, lang: str | None = None) -> str:
        """Return the problem as the text of a JSON object (see :meth:`to_dict`)."""
        import json  # noqa: PLC0415 - only here

        return json.dumps(self.to_dict(lang), ensure_ascii=False)


#: the label of a problem with a whole record
_RECORD = Message.of("problem-text.record")


@shown.register
def _(value: Problem, lang: str | None) -> str:
    return value.text(lang)


def text_of(problems: Iterable[Problem], lang: str | None = None) -> str:
    """Return the texts of some problems as one line."""
    return template("list.semicolon", lang).join(problem.text(lang) for problem in problems)


def json_of(problems: Iterable[Problem], lang: str | None = None) -> str:
    """Return some problems as the text of a JSON list (see :meth:`Problem.to_dict`)."""
    return f"[{', '.join(problem.to_json(lang) for problem in problems)}]"


def code_of(reason: Message) -> str:
    """Return the code of a problem: that of its key, or of the reason within it.

    >>> code_of(Message.of("problem.missing_pay"))
    'missing'
    >>> code_of(Message.of("problem-part.item", reason=Message.of("problem.not-whole")))
    'not-whole'
    """
    group, _, rest = reason.key.partition(".")
    inner = dict(reason.params).get("reason")
    if group != "problem" and isinstance(inner, Message):
        return code_of(inner)
    return rest.partition("_")[0]


#: the least whole number that JSON's readers may not tell from the next one
SAFE = 2**53


def json_value(value: object) -> object:
    """Return a value of a problem as its JSON has it."""
    if isinstance(value, str):
        return printable(value)
    if value is None or (isinstance(value, int) and abs(value) < SAFE):
        return value
    if isinstance(value, Named):
        return value.id
    if isinstance(value, Joined):
        return json_value(value.values)
    if is_list_or_tuple(value):
        return [json_value(each) for each in value]
    return describe(value)
