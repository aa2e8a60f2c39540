"""Examples: evaluate their records, and compare the results with the expected values."""

from __future__ import annotations

import re
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from kpirules._internal.typeguards import is_tuple
from kpirules.arithmetic.number import NotExactError, Number, canonical, exact, round_to
from kpirules.errors import InputError, Problem
from kpirules.evaluation.result_values import expected_from
from kpirules.model import names
from kpirules.model.names import (
    Adjustment,
    Contribution,
    Derived,
    Points,
    RawTotal,
    Subtotal,
    Tier,
    Total,
)
from kpirules.translations.message import Given, Joined, Message, Named


if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from kpirules.evaluation.result import Result
    from kpirules.model.rubric import ExampleValue


#: the names of expectations, beside those of the record
STAGES = (*(kind.head for kind in (Total, RawTotal, Tier)), "pay", "unratable", "refused")
#: the names of expectations that have an id behind the point
PREFIXES = tuple(
    kind.head for kind in (Points, Contribution, Subtotal, names.Outcome, Derived, Adjustment)
)

#: the outcome of a record: a result, or the error by which it is rejected
Outcome: TypeAlias = "Result | InputError"

_FRACTION = re.compile(r"(-?[0-9]{1,18})/([1-9][0-9]{0,17})", re.ASCII)
_ABOUT = re.compile(r"~(-?[0-9]{1,18}(?:\.([0-9]{1,18}))?)", re.ASCII)


class Difference(NamedTuple):
    """One name of an example whose value is not the expected one.

    >>> print(Difference(name="total", expected=84, got=83))
    total: expected 84, got 83
    """

    name: str
    #: what a message shows of the expected value, and of the actual one
    expected: object
    got: object
    #: what people call it, if it is not a name of the ruleset
    label: Message | None = None

    @property
    def message(self) -> Message:
        """The difference as a message."""
        return Message.of(
            "finding.example-fails_difference",
            name=Named(self.name, self.label),
            expected=self.expected,
            got=self.got,
        )

    def __str__(self) -> str:
        return self.message.text()


def run(
    record: Mapping[str, object],
    score: Callable[[Mapping[str, object]], Result],
    lacking: Sequence[Problem] = (),
) -> Outcome:
    """Return the result of a record, or the error by which it is rejected.

    ``lacking``: the problems of the inputs that could not be gathered.
    """
    problems = tuple(lacking)
    known = {problem.input for problem in problems}
    try:
        result = score(record)
    except InputError as error:
        problems += tuple(p for p in error.problems if p.input not in known)
        return InputError(rubric=error.rubric, problems=problems)
    return InputError(rubric=result.form.rubric, problems=problems) if problems else result


_RESULT = Message.of("finding.example-fails_result")


def differences(expect: dict[str, ExampleValue], outcome: Outcome) -> Iterator[Difference]:
    """Yield the differences between an outcome and what an example expects."""
    expect = dict(expect)
    refused = expect.pop("refused", None)
    if isinstance(outcome, InputError):
        named = tuple(dict.fromkeys(n for problem in outcome.problems for n in problem.inputs))
        if refused is None:
            problems = Joined(outcome.problems, "list.semicolon")
            yield Difference(
                name="record",
                expected=_RESULT,
                got=Message.of("finding.example-fails_rejection", problems=problems),
                label=Message.of("problem-text.record"),
            )
        elif not set(named).issuperset(refused if is_tuple(refused) else (refused,)):
            yield Difference(name="refused", expected=_shown(refused), got=_shown(named))
        return
    if refused is not None:
        yield Difference(name="refused", expected=_shown(refused), got=_RESULT)
    found = expected_from(outcome)
    for name, value in expect.items():
        got = found.get(name)
        if not agrees(value, got):
            yield Difference(name=name, expected=_shown(value), got=_shown(got))


def agrees(expected: ExampleValue, got: object) -> bool:
    """Return whether a value is what an example expects.

    >>> agrees("1000/9", Fraction(1000, 9)), agrees("~6.94", Fraction(125, 18))
    (True, True)
    """
    if is_tuple(got) and is_tuple(expected):
        return len(got) == len(expected) and all(map(agrees, expected, got))
    number = _number(got)
    if number is None:
        return expected == got
    if isinstance(expected, str):
        if match := _FRACTION.fullmatch(expected):
            return number == Fraction(int(match[1]), int(match[2]))
        if match := _ABOUT.fullmatch(expected):
            step = Fraction(1, 10 ** len(match[2] or ""))
            return round_to(number, step, "half_up") == Fraction(match[1])
    return not isinstance(expected, bool) and _number(expected) == number


def _number(value: object) -> Number | None:
    """Return an exact number; None if the value is not a number."""
    if isinstance(value, (int, Decimal, Fraction)) and not isinstance(value, bool):
        try:
            return exact(value)
        except NotExactError:
            # a computed number may have more digits than one that is given
            return Fraction(value)
    return None


def _shown(value: object) -> object:
    """Return what a message shows of an expected value, or of an actual one."""
    if value is None or value == ():
        return Message.of("word.nothing")
    if is_tuple(value):
        return tuple(map(_shown, value))
    number = _number(value)
    return Given(value) if number is None else canonical(Fraction(number))
