"""Parses a ruleset file's bytes to a rubric, with all findings at their line and column."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import attrs

from kpirules.diagnostics.finding import Finding, KeyPath
from kpirules.errors import RulesetError
from kpirules.model.provenance import FileText, Origin, Provenance, set_provenance
from kpirules.model.rubric import Rubric
from kpirules.toml.locate import place
from kpirules.toml.syntax import parse_toml
from kpirules.translations.message import Message


if TYPE_CHECKING:
    from collections.abc import Iterable

    from kpirules.model.provenance import FindBase


@attrs.frozen(kw_only=True)
class Reading:
    """The readable part of a ruleset file, and the findings about the rest."""

    #: the file's text, and those of the files that it extends
    origin: Origin
    #: None if nothing could be read
    rubric: Rubric | None
    #: the findings about the text, some of them not yet located
    findings: tuple[Finding, ...]
    #: the paths of unrecoverable values
    lost: tuple[KeyPath, ...] = ()

    def with_findings(self, more: Iterable[Finding]) -> Reading:
        """Return the reading with further findings."""
        return attrs.evolve(self, findings=(*self.findings, *more))


def parse(data: bytes | str, file: str) -> Rubric:
    """Parse a ruleset file's content; the rubric knows its provenance.

    Raises :class:`~kpirules.errors.RulesetError` with all findings about the content. This function
    does not check that the rubric is sound.
    """
    reading = read(data, file)
    if reading.rubric is None or reading.findings:
        raise RulesetError(findings=place(reading.findings, reading.origin))
    return reading.rubric


def read(data: bytes | str, file: str, find: FindBase | None = None) -> Reading:
    """Read a ruleset file's content as far as possible; ``find`` finds its base files."""
    text, tree, faults = parse_toml(data, file)
    origin = Origin(texts=(FileText(file=file, text=text),))
    findings: tuple[Finding, ...] = ()
    if not faults and "extends" in tree:
        from kpirules.toml.inheritance import extended  # noqa: PLC0415 - rarely needed

        tree, origin, faults, findings = extended(tree, origin.texts[0], find)
    if faults:
        return Reading(origin=origin, rubric=None, findings=faults)
    rubric, more, lost = _structured(tree)
    if rubric is not None:
        set_provenance(rubric, Provenance(origin=origin))
    return Reading(origin=origin, rubric=rubric, findings=(*findings, *more), lost=lost)


#: the maximum number of recovery attempts; after that only the findings are returned
_ATTEMPTS = 3


def _structured(
    tree: dict[str, Any],
) -> tuple[Rubric | None, tuple[Finding, ...], tuple[KeyPath, ...]]:
    """Structure a tree, without its invalid parts; return the rubric, findings and lost paths."""
    # cattrs takes 20 ms to import, which only loading a file should cost
    from cattrs.errors import BaseValidationError  # noqa: PLC0415 - as below

    from kpirules.toml.converter import problems, structure, with_defaults  # noqa: PLC0415

    every: list[Finding] = []
    if "schema" not in tree:
        # optional for a rubric that a program builds; a file needs it for future readers
        reason = Message.of("finding.missing-key", name="schema")
        advice = Message.of("advice.missing-key_schema")
        every.append(Finding(code="missing-key", reason=reason, advice=advice))
    tree = with_defaults({"schema": 1, **tree})
    lost: list[KeyPath] = []
    for attempt in range(_ATTEMPTS):
        try:
            return structure(tree), tuple(every), tuple(lost)
        except BaseValidationError as error:
            from kpirules.toml.recovery import mend  # noqa: PLC0415 - only for an invalid file

            found = list(problems(error))
            tree, more = mend(tree, found)
            # an error about a fallback value is not an error of the file
            every += found if not attempt else ()
            lost += more
    return None, tuple(every), tuple(lost)
