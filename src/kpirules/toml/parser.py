"""A ruleset file's bytes to a rubric, with everything wrong with them at its line and column."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import attrs

from kpirules.diagnostics.finding import Finding, KeyPath
from kpirules.errors import RulesetError
from kpirules.model.provenance import FileText, Origin, Provenance, comes_from
from kpirules.model.rubric import Rubric
from kpirules.toml.locate import place
from kpirules.toml.syntax import text_and_tree


if TYPE_CHECKING:
    from collections.abc import Iterable

    from kpirules.model.provenance import FindBase


@attrs.frozen(kw_only=True)
class Reading:
    """What could be read of a ruleset file, and what is wrong with the rest."""

    #: the file's text, and those of the files that it extends
    origin: Origin
    #: None where nothing could be read
    rubric: Rubric | None
    #: what is wrong with the text, some of it not yet placed in it
    findings: tuple[Finding, ...]
    #: the places of what could not be read
    lost: tuple[KeyPath, ...] = ()

    def with_findings(self, more: Iterable[Finding]) -> Reading:
        """Add findings."""
        return attrs.evolve(self, findings=(*self.findings, *more))


def parse(data: bytes | str, file: str) -> Rubric:
    """Read a ruleset file's content; the rubric knows where it comes from.

    Raises :class:`~kpirules.errors.RulesetError` with all that is wrong with the content. Whether
    the rubric is sound is not asked here.
    """
    reading = read(data, file)
    if reading.rubric is None or reading.findings:
        raise RulesetError(findings=place(reading.findings, reading.origin))
    return reading.rubric


def read(data: bytes | str, file: str, find: FindBase | None = None) -> Reading:
    """Read what can be read of a ruleset file's content; ``find`` finds what it extends."""
    text, tree, faults = text_and_tree(data, file)
    origin = Origin(texts=(FileText(file=file, text=text),))
    findings: tuple[Finding, ...] = ()
    if not faults and "extends" in tree:
        from kpirules.toml.inheritance import extended  # noqa: PLC0415 - only where one does

        tree, origin, faults, findings = extended(tree, origin.texts[0], find)
    if faults:
        return Reading(origin=origin, rubric=None, findings=faults)
    rubric, more, lost = _structured(tree)
    if rubric is not None:
        comes_from(rubric, Provenance(origin=origin))
    return Reading(origin=origin, rubric=rubric, findings=(*findings, *more), lost=lost)


#: after so many attempts at what is left of a faulty tree, its faults alone are reported
_ATTEMPTS = 3


def _structured(
    tree: dict[str, Any],
) -> tuple[Rubric | None, tuple[Finding, ...], tuple[KeyPath, ...]]:
    """Structure a tree, or what is left of it without its faults; give these and what was lost."""
    # cattrs costs 20 ms to import, which only those who load a file should pay
    from cattrs.errors import BaseValidationError  # noqa: PLC0415 - as below

    from kpirules.toml.converter import problems, structure, with_defaults  # noqa: PLC0415

    every: list[Finding] = []
    if "schema" not in tree:
        # a rubric that a program makes need not say it; a file does, for the readers to come
        message = 'the key "schema" is missing'
        every.append(Finding(code="missing-key", message=message, help="write schema = 1"))
    tree = with_defaults({"schema": 1, **tree})
    lost: list[KeyPath] = []
    for attempt in range(_ATTEMPTS):
        try:
            return structure(tree), tuple(every), tuple(lost)
        except BaseValidationError as error:
            from kpirules.toml.recovery import mend  # noqa: PLC0415 - only of a faulty file

            found = list(problems(error))
            tree, more = mend(tree, found)
            # what a stand-in is refused for is no fault of the file
            every += found if not attempt else ()
            lost += more
    return None, tuple(every), tuple(lost)
