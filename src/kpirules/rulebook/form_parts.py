"""The parts of a ruleset as a form in a program shows them: nested parts of named cells.

A form is made of the sheets of a rule workbook, without the examples. Each part has texts by the
key of its column, with ``@`` and the language or number of the column if there are several. What
the sheets cannot hold remains in the ruleset as it is.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import count
from typing import TYPE_CHECKING, Any, TypedDict

import attrs

from kpirules._internal.typeguards import is_dict, is_list
from kpirules.rulebook.exporting import differences, part_path
from kpirules.rulebook.grid import MAX_ROWS, Cell, Grid, Part, letters, read_grid
from kpirules.rulebook.kinds import Flag, Label, Name, TierName, Word
from kpirules.rulebook.layout import SHEETS, Column, Level, Sheet
from kpirules.rulebook.tree import draft_of
from kpirules.rulebook.wording import in_workbook
from kpirules.rulebook.writer import Tables, tables_of
from kpirules.toml.converter import unstructure
from kpirules.toml.data import text_of_tree
from kpirules.toml.parser import read
from kpirules.toml.tree_places import place_in
from kpirules.translations.catalog import languages, template
from kpirules.translations.message import Message


if TYPE_CHECKING:
    from collections.abc import Sequence

    from kpirules.diagnostics.finding import Finding, KeyPath
    from kpirules.rulebook.tree import Draft


class FormPart(TypedDict):
    """A part: the key of its level, its texts, and the parts within it."""

    level: str
    cells: dict[str, str]
    parts: list[FormPart]


#: the parts of each sheet, by the name of the sheet
Form = dict[str, list[FormPart]]

#: the sheets of a form; those of examples have a column for each name
FORM_SHEETS: tuple[Sheet, ...] = tuple(sheet for sheet in SHEETS if sheet.name != "examples")
#: the key of the cell that stands for the whole part
_WHOLE: tuple[str, str] = ("", "")


@attrs.frozen(kw_only=True)
class FormPlace:
    """A place in a form: the sheet, the indices of the parts, and the cell; empty for the part."""

    sheet: str
    parts: tuple[int, ...]
    cell: str


# ---------------------------------------------------------------- the columns


def form_layout(lang: str) -> list[dict[str, Any]]:
    """Return the sheets of a form, with levels and columns, in a language."""
    return [
        {
            "name": sheet.name,
            "title": sheet.title(lang),
            "about": "" if sheet.is_upright else template(f"rulebook-about.{sheet.name}", lang),
            "isBasic": sheet.is_basic,
            "isSingle": sheet.is_upright,
            "levels": [
                {"key": level.key, "columns": [_column(column, lang) for column in level.columns]}
                for level in sheet.levels
            ],
        }
        for sheet in FORM_SHEETS
    ]


def _column(column: Column, lang: str) -> dict[str, Any]:
    """Describe a column."""
    kind = column.kind
    options = kind.spellings(lang) if isinstance(kind, (Word, Flag)) else []
    named = "data" if isinstance(kind, Name) else "tiers" if isinstance(kind, TierName) else ""
    return {
        "key": column.key,
        "heading": column.heading(lang),
        "hint": column.hint(lang),
        "options": options,
        "isOpen": not options or column.is_open,
        "named": named,
        "isBasic": column.is_basic and column.key != "id",
        "isNumbered": column.is_numbered,
        "languages": list(languages()) if isinstance(kind, Label) else [],
    }


# ---------------------------------------------------------------- from a ruleset


@attrs.frozen
class _Cells:
    """The cells of tables, as a workbook has them."""

    tables: Tables

    @property
    def names(self) -> Sequence[str]:
        """Return the titles of the sheets."""
        return [sheet.title(self.tables.lang) for sheet in FORM_SHEETS]

    def rows(self, name: str) -> Iterator[tuple[object, ...]]:
        """Yield the rows of a sheet."""
        lang = self.tables.lang
        table = next(t for t in self.tables.sheets if t.sheet.title(lang) == name)
        columns = table.columns(lang)
        keys = [(level.key, column.key, variant) for level, column, variant in columns]
        headings = [column.heading(lang, variant) for _, column, variant in columns]
        if table.sheet.is_upright:
            row = table.rows[0] if table.rows else {}
            yield from ((h, row.get(key)) for h, key in zip(headings, keys, strict=True))
            return
        yield tuple(headings)
        yield from (tuple(map(row.get, keys)) for row in table.rows)

    def merged(self, name: str) -> tuple[()]:
        """Return no merged cells."""
        del name
        return ()


@attrs.frozen(kw_only=True)
class Hidden:
    """A value of a ruleset that its form does not show."""

    #: its name, as findings give it
    place: str
    #: its path, with the id of a part in place of its index
    path: KeyPath
    value: Any


def form_of_tree(tree: Mapping[str, Any], lang: str) -> tuple[Form, list[Hidden]]:
    """Return the form of the tree of a rubric, and the values that the form does not show."""
    tables = tables_of({k: v for k, v in tree.items() if k != "example"}, lang)
    form = form_of_grid(read_grid(_Cells(tables), ""))
    paths: list[KeyPath] = [("example",), *map(part_path, tables.without)]
    again = read(text_of_tree(draft_of(read_form(form, lang)).tree), "").rubric
    lost = () if again is None else differences(tree, unstructure(again))
    paths += map(part_path, lost)
    found = [(path, _at(tree, path)) for path in dict.fromkeys(paths)]
    return form, [
        Hidden(place=place_in(tree, path), path=_by_ids(tree, path), value=value)
        for path, value in found
        if value is not None
    ]


def form_of_grid(grid: Grid) -> Form:
    """Return the form of the parts of a workbook."""
    return {s.name: [_form_part(part) for part in grid.parts.get(s.name, [])] for s in FORM_SHEETS}


def _form_part(part: Part) -> FormPart:
    """Return a part with the parts within it."""
    return FormPart(
        level=part.level.key,
        cells={_name(*key): cell.text for key, cell in part.cells.items()},
        parts=[_form_part(each) for each in part.children],
    )


def _name(key: str, variant: str) -> str:
    """Return the name of a cell."""
    return f"{key}@{variant}" if variant else key


# ---------------------------------------------------------------- to a ruleset


def form_from(value: object) -> Form:
    """Return the form in a value that a program gives; what is not part of a form is skipped."""
    given = value if is_dict(value) else {}
    return {sheet.name: _parts_from(given.get(sheet.name), sheet, 0) for sheet in FORM_SHEETS}


def _parts_from(value: object, sheet: Sheet, depth: int) -> list[FormPart]:
    """Return the parts in a value."""
    levels = {level.key: i for i, level in enumerate(sheet.levels)}
    made: list[FormPart] = []
    for each in value if is_list(value) else []:
        level = each.get("level") if is_dict(each) else None
        if not is_dict(each) or not isinstance(level, str) or level not in levels:
            continue
        # an item may be without a section
        if levels[level] != depth and (level != "criterion" or depth):
            continue
        cells = each.get("cells")
        texts = cells.items() if is_dict(cells) else ()
        made.append(
            FormPart(
                level=level,
                cells={n: t for n, t in texts if isinstance(t, str)},
                parts=_parts_from(each.get("parts"), sheet, levels[level] + 1),
            )
        )
    return made


@attrs.define
class _Reader:
    """Reads the parts of a form: a part is a row, column 0 is that of the part itself."""

    grid: Grid
    title: str
    sheet: Sheet
    rows: int = 0

    def parts(self, given: list[FormPart]) -> list[Part]:
        """Return the parts of a list that are not empty."""
        return [part for each in given if (part := self._part(each)) is not None]

    def _part(self, given: FormPart) -> Part | None:
        """Return a part; None if it is empty."""
        level = next(each for each in self.sheet.levels if each.key == given["level"])
        self.rows += 1
        whole = Cell(self.title, self.rows, 0, "")
        cells = {_WHOLE: whole}
        for i, column in enumerate(level.columns, 1):
            for name, text in given["cells"].items():
                key, _, variant = name.partition("@")
                if key == column.key and text.strip():
                    cells[key, variant] = attrs.evolve(whole, column=i, value=text.strip())
        inner = self.parts(given["parts"])
        return Part(level, cells, inner) if inner or len(cells) > 1 else None


def read_form(form: Form, lang: str) -> Grid:
    """Return the parts of a form; empty parts and unknown cells are skipped."""
    grid = Grid("")
    for sheet in FORM_SHEETS:
        title = sheet.title(lang)
        reader = _Reader(grid, title, sheet)
        parts = reader.parts(form.get(sheet.name, []))
        if parts:
            grid.parts[sheet.name] = parts
        if reader.rows > MAX_ROWS:
            too_many = Message.of("rulebook.many-rows", rows=MAX_ROWS)
            grid.wrong(Cell(title, 1, 0, ""), too_many)
            grid.parts[sheet.name] = parts[:1]
        for level in sheet.levels:
            grid.ids[title, level.key] = (0, 0)
    return grid


def with_hidden(draft: Draft, hidden: Iterable[Hidden]) -> None:
    """Put the values that a form does not show back into the parts that it has."""
    for each in hidden:
        at: Any = draft.tree
        for step in each.path[:-1]:
            at = _inner(at, step)
        if is_dict(at):
            at[str(each.path[-1])] = each.value


def _inner(tree: Any, step: str | int) -> Any:  # noqa: ANN401 - a part of a tree
    """Return a part by its key or id; None if there is none."""
    if is_dict(tree):
        return tree.get(str(step))
    parts: list[Any] = tree if is_list(tree) else []
    return next((each for each in parts if is_dict(each) and each.get("id") == step), None)


def _at(tree: Any, path: KeyPath) -> Any:  # noqa: ANN401 - a part of a tree
    """Return the value at a path; None if there is none."""
    at: Any = tree
    for step in path:
        if is_dict(at):
            at = at.get(str(step))
        else:
            some: list[Any] = at if is_list(at) else []
            at = some[step] if isinstance(step, int) and step < len(some) else None
    return at


def _by_ids(tree: Any, path: KeyPath) -> KeyPath:  # noqa: ANN401 - a part of a tree
    """Return a path with ids in place of indices."""
    made: list[str | int] = []
    for step in path:
        tree = _at(tree, (step,))
        is_part = isinstance(step, int) and is_dict(tree) and "id" in tree
        made.append(tree["id"] if is_part else step)
    return tuple(made)


# ---------------------------------------------------------------- places


@attrs.define
class FormPlaces:
    """The places of the parts of a form, by the titles and rows of their cells."""

    form: Form
    lang: str
    _found: dict[tuple[str, int], tuple[FormPart, FormPlace, Level]] = attrs.field(init=False)

    def __attrs_post_init__(self) -> None:
        self._found = {}
        for sheet in FORM_SHEETS:
            self._walk(sheet, self.form.get(sheet.name, []), (), count(1))

    def _walk(
        self, sheet: Sheet, parts: list[FormPart], path: tuple[int, ...], rows: Iterator[int]
    ) -> None:
        """Give the parts their rows, as the reader does."""
        for i, part in enumerate(parts):
            level = next((e for e in sheet.levels if e.key == part["level"]), sheet.levels[0])
            place = FormPlace(sheet=sheet.name, parts=(*path, i), cell="")
            self._found[sheet.title(self.lang), next(rows)] = (part, place, level)
            self._walk(sheet, part["parts"], place.parts, rows)

    def place(self, cell: Cell) -> FormPlace:
        """Return the place of a cell."""
        part, place, level = self._found[cell.sheet, cell.row]
        if not cell.column:
            return place
        key = level.columns[cell.column - 1].key
        names = (n for n in part["cells"] if n.partition("@")[0] == key)
        same = (n for n in names if part["cells"][n].strip() == cell.text)
        return attrs.evolve(place, cell=next(same, key))

    def keep_ids(self, draft: Draft) -> None:
        """Write the ids that were made from labels into the form, so that they remain."""
        for title, row, _, made in draft.made_ids:
            part, _, _ = self._found[title, row]
            if any(name.partition("@")[0] == "label" for name in part["cells"]):
                part["cells"]["id"] = made


def places_of(
    draft: Draft, findings: Sequence[Finding], places: FormPlaces
) -> list[tuple[FormPlace | None, Finding]]:
    """Return findings about a ruleset with their places in its form; None for any other place.

    Cells that cannot be read have findings of their own.
    """
    made: list[tuple[FormPlace | None, Finding]] = []
    cells = {f"{c.sheet}!{letters(c.column)}{c.row}": c for c in _cells(draft.grid)}
    for finding in draft.grid.findings:
        cell = cells.get(finding.spots[0].cell)
        made.append((None if cell is None else places.place(cell), finding))
    for finding in findings:
        if finding.path in draft.unreadable:
            continue
        cell = draft.cells.get(draft.nearest(finding.path)) if finding.code != "more" else None
        made.append((None if cell is None else places.place(cell), in_workbook(finding)))
    return made


def _cells(grid: Grid) -> Iterator[Cell]:
    """Yield all cells of the parts of a grid."""
    waiting = [part for parts in grid.parts.values() for part in parts]
    while waiting:
        part = waiting.pop()
        yield from part.cells.values()
        waiting += part.children
