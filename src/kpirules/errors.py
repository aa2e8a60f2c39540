"""The exceptions of kpirules: frozen values whose text is built from their fields."""

from __future__ import annotations

from datetime import date
from importlib import import_module
from typing import Any

import attrs

from kpirules._internal.base_error import KpirulesError, TranslatedError, frozen_error
from kpirules._internal.caching import Deferred
from kpirules._internal.display import brief, printable, similar
from kpirules.diagnostics.finding import Finding, KeyPath
from kpirules.diagnostics.frame_errors import FrameError, RowsError, problems_dict
from kpirules.diagnostics.place_error import PlaceError
from kpirules.diagnostics.problem import Problem
from kpirules.translations.catalog import LanguageError
from kpirules.translations.message import Joined, Message, shown


__all__ = [
    "AmbiguousRulesetError",
    "FileError",
    "FrameError",
    "InputError",
    "InternalSoundnessError",
    "KpirulesError",
    "LanguageError",
    "MissingExtraError",
    "ModelError",
    "NotOneRulesetError",
    "PlaceError",
    "Problem",
    "RowsError",
    "RulesetError",
    "RulesetNotFoundError",
    "SourceError",
    "StoredResultError",
    "TimeError",
    "expect",
    "fetch",
    "frozen_error",
    "place",
]


def expect(value: object, kind: type | tuple[type, ...], wanted: str) -> None:
    """Raise :class:`TypeError` if an argument has a wrong type; ``wanted`` states the expected one.

    >>> expect(None, str, "id: expected the id of a ruleset")
    Traceback (most recent call last):
        ...
    TypeError: id: expected the id of a ruleset, not None
    """
    if not isinstance(value, kind):
        came = "None" if value is None else f"a value of type {type(value).__name__}"
        raise TypeError(f"{wanted}, not {came}")


class OperatorError(TranslatedError):
    """An error that only the operator of an application can repair."""

    def public(self, lang: str | None = None) -> str:
        """Return that the operator must look, in a language."""
        return _error("public").text(lang)


@frozen_error
class InputError(TranslatedError):
    """A record that cannot be scored, with all its problems.

    >>> from kpirules import InputError, evaluate
    >>> try:
    ...     evaluate("customer-service", {"late": -1})
    ... except InputError as error:
    ...     print([problem.input for problem in error.problems][:3])
    ['late', 'leave_days', 'incidents']
    """

    #: the id of the rubric that rejected the record
    rubric: str
    _problems: tuple[Problem, ...] | Deferred[tuple[Problem, ...]] = attrs.field(alias="problems")

    @property
    def problems(self) -> tuple[Problem, ...]:
        """All problems, in the order of the form; they are found when they are first asked for."""
        found = self._problems
        return found.get() if isinstance(found, Deferred) else found

    def __repr__(self) -> str:
        return f"InputError(rubric={self.rubric!r}, problems={self.problems!r})"

    def text(self, lang: str | None = None) -> str:
        """Return the whole text, a line for each problem (see :meth:`Problem.text`)."""
        count = len(self.problems)
        head = Message.of("problem-text.head", rubric=self.rubric, count=count).text(lang)
        return "\n".join([head, *(f"  {problem.text(lang)}" for problem in self.problems)])

    def by_input(self) -> dict[str, tuple[Problem, ...]]:
        """Return the problems by each input that they concern, in the order of the form.

        >>> from kpirules import InputError, evaluate
        >>> try:
        ...     evaluate("customer-service", {"late": -1})
        ... except InputError as error:
        ...     print([problem.code for problem in error.by_input()["late"]])
        ['out-of-range']
        """
        found: dict[str, tuple[Problem, ...]] = {}
        for problem in self.problems:
            for name in problem.inputs:
                found[name] = (*found.get(name, ()), problem)
        return found

    def to_dict(self, lang: str | None = None) -> dict[str, Any]:
        """Return the error for JSON, with each problem (see :meth:`Problem.to_dict`)."""
        return problems_dict(self.rubric, self.problems, lang)


@frozen_error
class InternalSoundnessError(OperatorError):
    """A record for which the rules give no single value although `check` proved that they do.

    This is an error of kpirules, never of the record: report it with its text.
    """

    rubric: str
    #: the fingerprint of the rubric (see :func:`kpirules.toml.writer.fingerprint`)
    fingerprint: str
    #: the computed name without a single value, and the code of the finding that `check` missed
    place: str
    code: str
    #: the problem
    message: str
    #: the values that it depends on, by name
    values: tuple[tuple[str, object], ...] = ()

    def text(self, lang: str | None = None) -> str:
        """Return the text, which is for the developers of kpirules, in English."""
        del lang
        shown = ", ".join(f"{printable(name)} = {brief(value)}" for name, value in self.values)
        return (
            f"{self.rubric}: {self.place}: {self.message}, which check must report as {self.code}; "
            f"please report this with the ruleset (fingerprint {self.fingerprint}) and {shown}"
        )


@frozen_error
class RulesetError(TranslatedError):
    """A ruleset that cannot be used, with all its findings.

    >>> from kpirules import RulesetError, loads
    >>> try:
    ...     loads("schema =")
    ... except RulesetError as error:
    ...     print([finding.code for finding in error.findings])
    ['syntax']
    """

    #: all findings, in the order of the file; at least one is an error
    findings: tuple[Finding, ...]

    def text(self, lang: str | None = None) -> str:
        """Return the lines of all findings (see :meth:`Finding.lines`)."""
        return "\n".join(line for finding in self.findings for line in finding.lines(lang=lang))

    def public(self, lang: str | None = None) -> str:
        """Return the findings without files and source lines (see :meth:`Finding.public`)."""
        return "\n".join(finding.public(lang) for finding in self.findings)


@frozen_error
class ModelError(TranslatedError, ValueError):
    """A part of a rubric whose fields are invalid, with all their problems.

    >>> from kpirules.model.rubric import Rounding
    >>> try:
    ...     Rounding(to=0, mode="floor")
    ... except ValueError as error:
    ...     print(error)
    Rounding.to = 0: must be more than 0
    """

    #: the class of the part, such as "Tier"
    part: str
    #: (fields and indices that lead to the value, the value, the problem: mostly a message, whose
    #: text is in any language)
    problems: tuple[tuple[KeyPath, object, Message | str], ...]

    def text(self, lang: str | None = None) -> str:
        """Return a line for each problem in a language; parts and fields have their names."""
        lines: list[str] = []
        for path, value, reason in self.problems:
            subject = f"{self.part}{place(path)}{'' if value is None else f' = {brief(value)}'}"
            lines.append(_error("of", subject=subject, reason=reason).text(lang))
        return "\n".join(lines)


def place(path: KeyPath) -> str:
    """Format a path within a value: ``.total[1]``."""
    return "".join(f"[{step}]" if isinstance(step, int) else f".{printable(step)}" for step in path)


@frozen_error
class RulesetNotFoundError(TranslatedError):
    """No ruleset has the id, or none is effective on the date.

    >>> from kpirules import RulesetNotFoundError, load
    >>> try:
    ...     load("customer-service", on="2019-10-01")
    ... except RulesetNotFoundError as error:
    ...     error.id, str(error.on), len(error.known)
    ('customer-service', '2019-10-01', 1)
    """

    #: the requested id
    id: str
    #: the requested date, if no version is effective on it
    on: date | None = None
    #: the known ids, or the periods in which the id's rubrics are effective
    known: tuple[str, ...] = ()
    #: the known periods as messages, if a date is given
    periods: tuple[Message, ...] = ()
    #: sources and files that cannot be used and may contain the ruleset
    faults: tuple[KpirulesError, ...] = ()

    def text(self, lang: str | None = None) -> str:
        """Return the text in a language."""
        near = None if self.on is not None else similar(self.id, self.known)
        if near is not None:
            reason = _error("no-ruleset_near", id=self.id, name=near)
        elif self.on is not None:
            reason = self._not_on()
        else:
            key = "no-ruleset" if self.known else "no-ruleset_none"
            reason = _error(key, id=self.id, known=self.known)
        faults = (f"  {_error('unusable', fault=fault).text(lang)}" for fault in self.faults)
        return "\n".join([reason.text(lang), *faults])

    def public(self, lang: str | None = None) -> str:
        """Return the text without the ids of other rulesets, and without faults of sources."""
        reason = _error("no-ruleset_public", id=self.id) if self.on is None else self._not_on()
        return reason.text(lang)

    def _not_on(self) -> Message:
        """Return that no version is effective on the date."""
        known = self.periods or self.known
        return _error("no-ruleset_on", id=self.id, date=self.on, known=known)


@frozen_error
class NotOneRulesetError(OperatorError):
    """Several files are effective at once, or the date to choose one is missing.

    >>> error = NotOneRulesetError(id="courier", files=("2025-01-01.toml", "2026-01-01.toml"))
    >>> error.files, error.on
    (('2025-01-01.toml', '2026-01-01.toml'), None)
    """

    id: str
    #: the files, ordered by date
    files: tuple[str, ...]
    #: the date on which all are effective; None if no date was given
    on: date | None = None

    def text(self, lang: str | None = None) -> str:
        """Return the text in a language."""
        files = Joined(self.files, "list.and")
        key = "several-versions" if self.on is None else "several-versions_on"
        return _error(key, id=self.id, files=files, date=self.on).text(lang)


@frozen_error
class AmbiguousRulesetError(OperatorError):
    """An id that several sources have, without a preferred source.

    >>> AmbiguousRulesetError(id="courier", sources=("acme-rulesets 1.0", "rulesets")).sources
    ('acme-rulesets 1.0', 'rulesets')
    """

    id: str
    #: the sources: packages with their versions, folders
    sources: tuple[str, ...]

    def text(self, lang: str | None = None) -> str:
        """Return the text in a language."""
        return _error("ambiguous", id=self.id, sources=Joined(self.sources, "list.and")).text(lang)


@frozen_error
class TimeError(TranslatedError):
    """A time that is not a date or a month, or a period in which the rules change.

    >>> from kpirules import TimeError, load
    >>> try:
    ...     load("customer-service", on="October")
    ... except TimeError as error:
    ...     error.option, error.said
    ('on', 'October')
    """

    #: the time in the argument or option
    said: str
    #: the problem
    message: Message | str
    #: the name of the argument or option
    option: str = "on"

    def text(self, lang: str | None = None) -> str:
        """Return the text in a language."""
        params = {"option": self.option, "given": self.said, "reason": self.message}
        return _error("time", **params).text(lang)


@frozen_error
class FileError(OperatorError):
    """A file that cannot be read.

    >>> from kpirules import FileError, load_file
    >>> try:
    ...     load_file("no-such.rubric.toml")
    ... except FileError as error:
    ...     error.file
    'no-such.rubric.toml'
    """

    file: str
    #: the message of the operating system, or another reason
    reason: Message | str

    def text(self, lang: str | None = None) -> str:
        """Return the text in a language."""
        reason = Message.of("file.cannot-read", reason=self.reason)
        return Message.of("file.text", file=self.file, message=reason).text(lang)


@frozen_error
class SourceError(OperatorError):
    """A source of rulesets, or an entry of one, that cannot be used.

    >>> from kpirules import SourceError, load
    >>> try:
    ...     load("courier", folders=["no-such-folder"])
    ... except SourceError as error:
    ...     error.source
    'no-such-folder'
    """

    #: the name of the source, the folder or the file
    source: str
    #: the problem
    reason: Message | str

    def text(self, lang: str | None = None) -> str:
        """Return the text in a language."""
        return _error("of", subject=self.source, reason=self.reason).text(lang)


@frozen_error
class StoredResultError(TranslatedError, ValueError):
    """A text that is not the JSON of a result.

    >>> print(StoredResultError(where="$.total", reason='"1/0" is not a number'))
    $.total: "1/0" is not a number
    """

    reason: Message | str
    #: the location in the JSON, such as ``$.lines[3].points``; empty for the whole text
    where: str = ""

    def text(self, lang: str | None = None) -> str:
        """Return the text in a language."""
        if self.where:
            return _error("of", subject=self.where, reason=self.reason).text(lang)
        return shown(self.reason, lang)


@frozen_error
class MissingExtraError(OperatorError):
    """A part of kpirules whose optional dependency is not installed.

    >>> MissingExtraError(extra="excel", module="xlsxwriter").extra
    'excel'
    """

    extra: str
    #: the module that is missing
    module: str

    def text(self, lang: str | None = None) -> str:
        """Return the text in a language."""
        return Message.of("cli.missing-extra", extra=self.extra, module=self.module).text(lang)


def _error(key: str, **params: object) -> Message:
    """Return the message of an error."""
    return Message.of(f"error.{key}", **params)


@shown.register
def _(value: KpirulesError, lang: str | None) -> str:
    return value.text(lang)


def fetch(module: str, extra: str) -> Any:  # noqa: ANN401 - a module; many of these have no types
    """Import a module; raise :class:`MissingExtraError` with the extra if it is not installed.

    >>> try:
    ...     fetch("no_such_library", "frames")
    ... except MissingExtraError as error:
    ...     print(error)
    this needs the extra 'frames' (no_such_library is not installed): pip install 'kpirules[frames]'
    """
    try:
        return import_module(module)
    except ModuleNotFoundError as error:
        missing = error.name or module
        if module.split(".", maxsplit=1)[0] != missing.split(".")[0]:
            raise
        raise MissingExtraError(extra=extra, module=missing) from None
