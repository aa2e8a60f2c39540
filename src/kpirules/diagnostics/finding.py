"""A finding: a problem of a ruleset, its location, and a witness."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, TypeAlias

import attrs

from kpirules._internal.display import point, printable
from kpirules._internal.html import preformatted
from kpirules._internal.typeguards import is_tuple
from kpirules.arithmetic.number import describe
from kpirules.translations.catalog import template
from kpirules.translations.message import (
    ByLanguage,
    Message,
    Named,
    labelled,
    params_of,
    public,
    shown,
)


#: a location in the file: the keys, and the indices of lists
KeyPath: TypeAlias = tuple[str | int, ...]

Severity: TypeAlias = Literal["error", "warning", "note"]


@attrs.frozen(kw_only=True)
class SourceLocation:
    """A location in a file: lines, and columns in characters, from 1; the end is exclusive.

    In a workbook it is a cell, such as ``Items!D12``: its row is the line, its text that of the
    line.
    """

    file: str
    line: int
    column: int
    end_column: int
    #: the text of the line
    source: str
    #: the sheet and the name of a cell; empty in a text
    cell: str = ""

    def __str__(self) -> str:
        if self.cell:
            return f"{printable(self.file)} {printable(self.cell)}"
        return f"{printable(self.file)}:{self.line}:{self.column}"

    def lines(self, most: int = 160) -> tuple[str, str]:
        """Return the source line, at most ``most`` columns of it, and the line with the caret."""
        number = self.cell.rpartition("!")[2] or str(self.line)
        shown, pad, carets = point(self.source, self.column, self.end_column, most)
        return f" {number} | {shown}", f" {' ' * len(number)} | {pad}{carets}"


@attrs.frozen
class Code:
    """A kind of finding."""

    code: str
    severity: Severity
    #: a description in one line
    title: str


#: every kind of finding by its code. Each has a page in ``docs/findings``. The codes of checks are
#: registered when :mod:`kpirules.checks.runner` is imported.
CODES: dict[str, Code] = {}


def register(code: str, severity: Severity, title: str) -> None:
    """Register a kind of finding."""
    known = CODES.setdefault(code, made := Code(code, severity, title))
    if known != made:
        raise ValueError(f"the code {code} is registered twice, as {known} and as {made}")


# codes that the parser reports, or that belong to no single check
register("unreadable", "error", "the file cannot be opened")
register("syntax", "error", "the text is not TOML")
register("unknown-key", "error", "a key that the language does not have")
register("missing-key", "error", "a required key that is missing")
register("value", "error", "a value that is not allowed")
register("too-large", "error", "more than kpirules can check")
register("unknown-ruleset", "error", "an extended ruleset that cannot be found")
register("override-idle", "error", "an override that changes nothing")
register("more", "note", "more findings than are listed")


def severity_of(code: str) -> Severity:
    """Return the severity of a code; an unregistered (third-party) code is an error."""
    known = CODES.get(code)
    return "error" if known is None else known.severity


def _severity(finding: Finding) -> Severity:
    return severity_of(finding.code)


@attrs.frozen(kw_only=True, repr=False)
class Finding:
    """A problem of a ruleset.

    >>> print(Finding(code="band-gap", reason="no band takes this", witness=(("late", 3),)))
    error[band-gap]: no band takes this
      witness: late = 3
    """

    #: the kind of problem: a key of :data:`CODES`, or a third-party code
    code: str
    severity: Severity = attrs.field(default=attrs.Factory(_severity, takes_self=True))
    #: the problem; a text has no other languages
    reason: Message | str
    #: what to write instead; a text has no other languages
    advice: Message | str = ""
    #: a known name that resembles the mistyped one
    suggestion: str | None = None
    #: the location, by keys and indices; the second location of a conflict is in ``other``
    path: KeyPath = ()
    other: KeyPath | None = None
    #: the range of characters in the text at the path, counted from 0; None: all of it
    inside: tuple[int, int] | None = None
    #: the location, by ids, such as ``section.ability.skill.bands[1]``
    place: str = ""
    #: the smallest inputs that demonstrate the problem, by name; or the smallest total, or a wrong
    #: sum
    witness: tuple[tuple[str, object], ...] = ()
    #: if two records demonstrate it together (see ``not-monotone``): the inputs of the second one
    against: tuple[tuple[str, object], ...] = ()
    #: if the witness is a total: ratings that add up to it
    record: tuple[tuple[str, object], ...] = ()
    #: the clause of the ruling that accepts the finding, which then no longer counts
    accepted_by: str | None = None
    #: the location in the file, and the second location of a conflict
    spots: tuple[SourceLocation, ...] = ()
    #: the labels of the ruleset's names
    labels: Mapping[str, ByLanguage] = attrs.field(
        factory=dict[str, ByLanguage], eq=False, repr=False
    )
    #: the labels of options and tiers, by the name and the code
    options: Mapping[str, Mapping[str, ByLanguage]] = attrs.field(
        factory=dict[str, Mapping[str, ByLanguage]], eq=False, repr=False
    )

    @property
    def params(self) -> dict[str, object]:
        """The values that the message shows by name, such as the name of a quantity, its range."""
        return params_of(self.reason) if isinstance(self.reason, Message) else {}

    def message(self, lang: str | None = None) -> str:
        """Return the problem in a language, with labels; without one, in English with ids."""
        return shown(labelled(self.reason, self.labels), lang)

    def help(self, lang: str | None = None) -> str:
        """Return what to write instead in a language; empty if there is no advice."""
        return shown(labelled(self.advice, self.labels), lang)

    @property
    def counts(self) -> bool:
        """Check whether the finding is open: no ruling has accepted it."""
        return self.accepted_by is None

    def __str__(self) -> str:
        return "".join(f"{line}\n" for line in self.lines()).rstrip("\n")

    def __repr__(self) -> str:
        where = f" {self.place}" if self.place else ""
        return f"<Finding {self.severity}[{self.code}]{printable(where)}>"

    def _repr_html_(self) -> str:
        """Return the lines of the text for notebooks."""
        return preformatted(self.lines())

    def public(self, lang: str | None = None) -> str:
        """Return the text without files and source lines, as an application may show it.

        >>> from kpirules import check_text
        >>> print(check_text("schema =", file="/srv/x.toml")[0].public())
        error[syntax]: the value is missing
          help: write a value; to leave it open, delete the line
        """
        shown_ = attrs.evolve(
            self, spots=(), reason=public(self.reason), advice=public(self.advice)
        )
        return "\n".join(shown_.lines(lang=lang))

    def word(self, lang: str | None = None) -> str:
        """Return the severity in a language; that it is accepted, if a ruling has done so."""
        return template(f"finding-text.{self.severity if self.counts else 'accepted'}", lang)

    def lines(self, most: int = 160, lang: str | None = None) -> tuple[str, ...]:
        """Return the lines of the text; of a source line, at most ``most`` columns."""
        where = f"{self.place}: " if self.place else ""
        if self.spots:
            where = f"{self.spots[0]}: "
        parts = {"severity": self.word(lang), "code": self.code, "message": self.message(lang)}
        head = where + _filled("head", lang, **parts)
        if self.accepted_by is not None:
            return (head + _filled("ruling", lang, ruling=printable(self.accepted_by)),)
        text = [head]
        for spot in self.spots:
            text += spot.lines(most) if spot.source.strip() else ()
        return (*text, *self.details(lang))

    def details(self, lang: str | None = None) -> tuple[str, ...]:
        """Return the lines about the witness and about the correction."""
        found: list[str] = []
        for name in ("witness", "against", "record"):
            pairs: tuple[tuple[str, object], ...] = getattr(self, name)
            if pairs:
                values = template("list.comma", lang).join(
                    f"{shown(labelled(Named(key), self.labels), lang)} = "
                    f"{self._value(key, value, lang)}"
                    for key, value in pairs
                )
                found.append("  " + _filled(name, lang, values=values))
        if help_ := self.help(lang):
            found.append("  " + _filled("help", lang, help=help_))
        return tuple(found)

    def _value(self, name: str, value: object, lang: str | None) -> str:
        """Return the text of a value of a name: as an author writes it, or an option's label."""
        if isinstance(value, str):
            label = self.options.get(name, {}).get(value)
            return describe(value) if label is None or lang is None else shown(label, lang)
        return describe(value) if is_tuple(value) else shown(value, lang)


def _filled(key: str, lang: str | None, **parts: str) -> str:
    """Return a text around a finding."""
    return Message.of(f"finding-text.{key}", **parts).text(lang)
