"""The ruleset of a workbook: read, checked as a ruleset file is, with each finding at its cell."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import attrs

from kpirules._internal.typeguards import is_dict, is_list
from kpirules.checks.runner import findings_of
from kpirules.diagnostics.finding import Finding, SourceLocation
from kpirules.errors import RulesetError
from kpirules.rulebook.grid import read_grid
from kpirules.rulebook.tree import draft_of
from kpirules.rulebook.wording import in_workbook
from kpirules.toml.data import text_of_tree
from kpirules.toml.locate import place
from kpirules.toml.parser import read
from kpirules.toml.writer import dumps
from kpirules.translations.message import Joined, Message


if TYPE_CHECKING:
    from collections.abc import Iterator

    from kpirules.diagnostics.finding import KeyPath
    from kpirules.model.rubric import Rubric
    from kpirules.rulebook.grid import Cell, Worksheets
    from kpirules.rulebook.tree import Draft


@attrs.frozen(kw_only=True)
class Imported:
    """The ruleset of a workbook."""

    #: None if it cannot be used
    rubric: Rubric | None
    findings: tuple[Finding, ...]
    #: the cells that were read as another text: (location, the text of the cell, how it was read)
    readings: tuple[tuple[SourceLocation, str, str], ...]
    #: the ids that were made from labels: (title of the sheet, row, column, id)
    made_ids: tuple[tuple[str, int, int, str], ...]

    @property
    def text(self) -> str:
        """Return the text of the ruleset file; empty if the ruleset cannot be used."""
        return "" if self.rubric is None else dumps(self.rubric)


def imported(book: Worksheets, file: str) -> Imported:
    """Read the ruleset of a workbook and check it.

    A band that ends one unit before the next one, where values between are possible, is extended to
    the next one; ``readings`` states this, as each other spelling that the language does not have.
    """
    draft = draft_of(read_grid(book, file))
    rubric, findings = _checked(draft)
    # an edit closes a gap and opens none
    while closed := dict(_closed(draft, findings)):
        draft.readings |= closed
        rubric, findings = _checked(draft)
    every = [*draft.grid.findings, *(_in_cells(f, draft) for f in findings)]
    order = {title: i for i, title in enumerate(book.names)}
    every.sort(key=lambda finding: _position(finding, order))
    is_sound = all(finding.severity != "error" for finding in every)
    return Imported(
        rubric=rubric if is_sound else None,
        findings=tuple(every),
        readings=tuple(
            (cell.location(file), cell.text, new)
            for cell, new in sorted(
                draft.readings.items(), key=lambda each: _in_order(each[0], order)
            )
        ),
        made_ids=tuple(draft.made_ids),
    )


def _checked(draft: Draft) -> tuple[Rubric | None, tuple[Finding, ...]]:
    """Check the ruleset of a draft as its file would be checked."""
    file = draft.grid.file
    try:
        reading = read(text_of_tree(draft.tree), file)
    except RulesetError as error:
        return None, error.findings
    lost = (*reading.lost, *draft.unreadable)
    # of a cell that cannot be read, its own finding says more
    found = tuple(f for f in reading.findings if f.path not in draft.unreadable)
    if reading.rubric is None:
        return None, place(found, reading.origin)
    return reading.rubric, findings_of(reading.rubric, found, lost)


def _in_cells(finding: Finding, draft: Draft) -> Finding:
    """Return a finding at the cells of its paths."""
    if finding.code == "more":
        return finding
    finding = in_workbook(finding)
    paths = [finding.path, *([] if finding.other is None else [finding.other])]
    cells = [draft.cells.get(draft.nearest(path)) for path in paths]
    spots = [cell.location(draft.grid.file) for cell in cells if cell is not None]
    whole = SourceLocation(file=draft.grid.file, line=1, column=1, end_column=2, source="")
    return attrs.evolve(finding, spots=tuple(spots) or (whole,))


def _in_order(cell: Cell, order: dict[str, int]) -> tuple[int, int, int]:
    """Return the position of a cell in the workbook."""
    return order[cell.sheet], cell.row, cell.column


def _position(finding: Finding, order: dict[str, int]) -> tuple[int, int, int]:
    """Return the position of a finding in the workbook."""
    if not finding.spots:
        return len(order), 0, 0
    spot = finding.spots[0]
    sheet, _, name = spot.cell.rpartition("!")
    return order.get(sheet, -1), spot.line, len(name)


# ---------------------------------------------------------------- gaps that are closed


def _closed(draft: Draft, findings: tuple[Finding, ...]) -> Iterator[tuple[Cell, str]]:
    """Extend bands to the next ones, as findings advise; yield the cells and their new texts."""
    for finding in findings:
        if finding.code != "band-gap" or "bands" not in finding.path:
            continue
        bands = finding.path[: finding.path.index("bands") + 1]
        for edit in _edits(finding.advice):
            old, new = (str(dict(edit.params)[name]) for name in ("old", "new"))
            for path in _places(_at(draft.tree, bands), old, bands):
                _replace(draft.tree, path, new)
                yield draft.cells[draft.nearest(path)], new


def _edits(advice: object) -> Iterator[Message]:
    """Yield the edits of an advice that close a gap."""
    if isinstance(advice, Message):
        if advice.key == "advice.band-gap_edit":
            yield advice
        for _, value in advice.params:
            yield from _edits(value)
    elif isinstance(advice, Joined):
        for value in advice.values:
            yield from _edits(value)


def _places(value: object, text: str, path: KeyPath) -> Iterator[KeyPath]:
    """Yield the paths of a text among the conditions of bands."""
    if is_dict(value):
        for key, inner in value.items():
            if key == "when" or "when" in path:
                yield from _places(inner, text, (*path, key))
    elif is_list(value):
        for i, inner in enumerate(value):
            yield from _places(inner, text, (*path, i))
    elif value == text:
        yield path


def _at(tree: Any, path: KeyPath) -> Any:  # noqa: ANN401 - a part of a tree
    """Return the part at a path."""
    for step in path:
        tree = tree[step]
    return tree


def _replace(tree: Any, path: KeyPath, value: object) -> None:  # noqa: ANN401 - a part of a tree
    """Replace the value at a path."""
    _at(tree, path[:-1])[path[-1]] = value
