"""The tree of the ruleset file from the cells of a workbook, and the cell of each place in it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import attrs

from kpirules.rulebook.entries import Entry, Fact
from kpirules.rulebook.kinds import Around, Flag, Label, Lines, Points, Span, shown, text_of
from kpirules.rulebook.layout import SHEETS, Column, Sheet
from kpirules.rulebook.names import SHARED, Index, Known, Names, make_id
from kpirules.translations.catalog import ENGLISH, languages
from kpirules.translations.message import Given, Message, MessageError


if TYPE_CHECKING:
    from kpirules.diagnostics.finding import KeyPath
    from kpirules.rulebook.grid import Cell, Grid, Part


@attrs.define
class Draft:
    """A ruleset as a workbook has it."""

    grid: Grid
    tree: dict[str, Any] = attrs.field(factory=lambda: dict[str, Any](schema=1))
    #: the cell of each place in the tree
    cells: dict[KeyPath, Cell] = attrs.field(factory=dict["KeyPath", "Cell"])
    #: the places of values that were not readable
    unreadable: set[KeyPath] = attrs.field(factory=set["KeyPath"])
    #: the ids that were made from labels: (title of the sheet, row, column, id)
    made_ids: list[tuple[str, int, int, str]] = attrs.field(
        factory=list["tuple[str, int, int, str]"]
    )
    #: the cells whose spelling is not that of the language, and how they were read
    readings: dict[Cell, str] = attrs.field(factory=dict["Cell", str])

    def nearest(self, path: KeyPath) -> KeyPath:
        """Return a place with a cell, or the nearest one around it; empty if there is none."""
        while path and path not in self.cells:
            path = path[:-1]
        return path


def draft_of(grid: Grid) -> Draft:
    """Return the ruleset of the parts of a workbook."""
    builder = _Builder(Draft(grid), Names())
    builder.name_parts()
    for sheet in SHEETS:
        if sheet.name == "examples":
            builder.examples()
        else:
            builder.parts(sheet, grid.parts.get(sheet.name, []))
    return builder.draft


@attrs.define
class _Builder:
    """Builds the tree."""

    draft: Draft
    names: Names

    # ------------------------------------------------------------ ids

    def name_parts(self) -> None:
        """Give each part an id, and make all parts known by id and label."""
        every = [part for parts in self.draft.grid.parts.values() for part in _with_inner(parts)]
        every = [part for part in every if any(c.key == "id" for c in part.level.columns)]
        taken: dict[str, set[str]] = {}
        for part in every:
            cell = part.get("id")
            part.id = "" if cell is None else cell.text
            if part.level.key != "options":
                taken.setdefault(_space(part), set()).add(part.id)
        for part in every:
            if part.level.key == "options":
                continue
            if not part.id:
                used = taken[_space(part)]
                by = "-" if part.level.key in ("", "tier") else "_"
                part.id = make_id(_texts(part, "label"), used, part.level.key or "ruleset", by)
                used.add(part.id)
                self._made(part)
            self._name_options(part)
            self.names.add(part.level.key, self._known(part))
        for part in every:
            table, of = part.get("bands"), self._quiet(part, "of", "1")
            if table is not None and of is not None:
                self.names.subjects.setdefault(table.text, str(of))

    def _made(self, part: Part) -> None:
        """Keep an id that was made, with its place in the workbook."""
        cell = part.first
        at = self.draft.grid.ids.get((cell.sheet, part.level.key))
        if at is not None:
            row, column = at
            self.draft.made_ids.append((cell.sheet, row or cell.row, column, part.id))

    def _name_options(self, part: Part) -> None:
        """Give the options of a fact their codes."""
        options = [each for each in part.children if each.level.key == "options"]
        used = {each.id for each in options}
        for each in options:
            if not each.id:
                each.id = make_id(_texts(each, "label"), used, "option")
                used.add(each.id)
                self._made(each)

    def _known(self, part: Part) -> Known:
        """Return a part as others know it."""
        kind = {"inputs": "number", "criterion": "rating"}.get(part.level.key, "")
        if part.level.key == "inputs":
            kind = str(self._quiet(part, "type") or "")
        elif self._quiet(part, "scored") is False and not part.children:
            kind = "remark"
        return Known(
            id=part.id,
            labels=_texts(part, "label"),
            kind=kind,
            many=self._quiet(part, "many") is True,
            units=tuple(_texts(part, "unit").values()),
            options=Index(Known(id=e.id, labels=_texts(e, "label")) for e in part.children if e.id),
        )

    def _quiet(self, part: Part, key: str, variant: str = "") -> object:
        """Return the value of a cell; None if there is none, or it cannot be read."""
        cell = part.get(key, variant)
        if cell is None:
            return None
        try:
            return part.level.column(key).kind.read(cell.value, self._around())
        except MessageError:
            # reported when the part is built
            return None

    # ------------------------------------------------------------ parts

    def parts(self, sheet: Sheet, parts: list[Part]) -> None:
        """Build the parts of a sheet."""
        if sheet.is_upright:
            for part in parts[:1]:
                self.draft.cells[()] = part.first
                made = self._columns(part, ())
                made["id"] = part.id
                self.draft.tree.update(made)
            return
        for part in parts:
            key = part.level.key
            if part.level.by_name:
                held = self.draft.tree.setdefault(key, {})
                path: KeyPath = (key, part.id)
                if part.id in held:
                    self._twice(part, path)
                    continue
                held[part.id] = self._part(part, path)
            else:
                listed = self.draft.tree.setdefault(key, [])
                listed.append(self._part(part, (key, len(listed))))

    def _twice(self, part: Part, path: KeyPath) -> None:
        """Report an id that an earlier part has."""
        other = self.draft.cells[path].location(self.draft.grid.file).cell
        reason = Message.of("rulebook.id-twice", id=Given(part.id), other=other)
        self.draft.grid.wrong(part.get("id") or part.first, reason)

    def _part(self, part: Part, path: KeyPath) -> dict[str, Any]:
        """Build a part with the parts within it."""
        self.draft.cells[path] = part.first
        made = self._columns(part, path)
        if part.id and not part.level.by_name:
            made["id"] = part.id
        criteria = [each for each in part.children if each.level.key == "criterion"]
        if criteria:
            inner = (*path, "criterion")
            made["criterion"] = [self._part(c, (*inner, i)) for i, c in enumerate(criteria)]
        options = [each for each in part.children if each.level.key == "options"]
        if options:
            made["options"] = self._options(options, (*path, "options"))
        if any(column.key == "of" for column in part.level.columns):
            self._quantity(part, made, path)
        return made

    def _columns(self, part: Part, path: KeyPath, subject: str = "") -> dict[str, Any]:
        """Convert the cells of a part, without its conditions."""
        made: dict[str, Any] = {}
        for column in part.level.columns:
            keys = column.key.split(".")
            place = (*path, *keys)
            if column.is_numbered or column.key == "id":
                if column.key == "id" and (cell := part.get("id")) is not None:
                    self.draft.cells[place] = cell
                continue
            if isinstance(column.kind, Label):
                value = self._label(part, column, place)
            else:
                given = part.get(column.key)
                value = None
                if given is not None:
                    value = self._read(column, given, place, subject or part.id)
            if value is not None:
                table = made
                for key in keys[:-1]:
                    table = table.setdefault(key, {})
                table[keys[-1]] = value
        return made

    def _label(self, part: Part, column: Column, path: KeyPath) -> object:
        """Return a text, or its texts by language."""
        cells = part.variants(column.key)
        for tag, cell in cells.items():
            self.draft.cells.setdefault(path, cell)
            self.draft.cells[*path, tag] = cell
        texts = {tag: cell.text for tag, cell in cells.items()}
        return (texts[""] if [*texts] == [""] else texts) if texts else None

    def _read(self, column: Column, cell: Cell, path: KeyPath, subject: str) -> object:
        """Convert a cell; report one that cannot be read, and how one was read."""
        self.draft.cells[path] = cell
        try:
            value = column.kind.read(cell.value, self._around(subject))
        except MessageError as error:
            self.draft.grid.wrong(cell, error.reason)
            self.draft.unreadable.add(path)
            return cell.text
        if isinstance(column.kind, (Entry, Span, Points)) and not isinstance(column.kind, Fact):
            text = shown(value)
            # how a spelling that is neither that of the language nor that of a workbook was read
            written = (
                column.kind.write(value, self._around(subject, lang)) for lang in languages()
            )
            known = {_close(text), *(_close(text_of(each)) for each in written)}
            if any(c.isdigit() for c in cell.text) and _close(cell.text) not in known:
                self.draft.readings[cell] = text
        return value

    def _around(self, subject: str = "", lang: str = ENGLISH) -> Around:
        """Return what the meaning of a cell depends on."""
        return Around(names=self.names, lang=lang, subject=subject)

    def _options(self, options: list[Part], path: KeyPath) -> object:
        """Return options: a list of codes, or their labels by code."""
        made: dict[str, object] = {}
        for i, option in enumerate(options):
            labels = self._label(option, option.level.column("label"), (*path, option.id))
            self.draft.cells.setdefault((*path, option.id), option.first)
            self.draft.cells[*path, i] = option.first
            if option.id in made:
                self._twice(option, (*path, option.id))
            made[option.id] = labels
        if any(made.values()):
            return {code: label or code for code, label in made.items()}
        return list(made)

    # ------------------------------------------------------------ quantities

    def _quantity(self, part: Part, made: dict[str, Any], path: KeyPath) -> None:
        """Add how the value of a part is determined; of a gate, its condition."""
        names = {k: self._name(part, cell) for k, cell in part.variants("of").items()}
        if part.level.key == "gate":
            when = self._when(part, names, path, of=False)
            made.update({} if when is None else {"when": when})
            return
        of = [*names] == ["1"]
        if of and part.level.key != "bands":
            made["of"] = names["1"]
            self.draft.cells[*path, "of"] = part.cells["of", "1"]
        rows = [each for each in part.children if each.level.key in ("bands", "rows")]
        plain = {key for row in rows for key, _ in row.cells} & {"when", "label"}
        if part.level.key == "bands":
            made["rows"] = self._bands(rows, names, (*path, "rows"), of=False)
        elif len(rows) == 1 and not plain:
            made.update(self._columns(rows[0], path))
        elif rows and "bands" in made:
            self.draft.grid.wrong(rows[0].first, Message.of("rulebook.table-and-bands"))
        elif rows:
            made["bands"] = self._bands(rows, names, (*path, "bands"), of=of)

    def _name(self, part: Part, cell: Cell) -> str:
        """Return the name in a cell; one that several parts have is reported."""
        try:
            return str(part.level.column("of").kind.read(cell.value, self._around()))
        except MessageError as error:
            self.draft.grid.wrong(cell, error.reason)
            return cell.text

    def _bands(
        self, rows: list[Part], names: dict[str, str], path: KeyPath, *, of: bool
    ) -> list[dict[str, Any]]:
        """Build bands."""
        made: list[dict[str, Any]] = []
        for i, row in enumerate(rows):
            place = (*path, i)
            self.draft.cells[place] = row.first
            band = self._columns(row, place)
            when = self._when(row, names, place, of=of)
            made.append(band if when is None else {"when": when, **band})
        return made

    def _when(self, part: Part, names: dict[str, str], path: KeyPath, *, of: bool) -> object:
        """Return the condition of a band or gate; None if it has none."""
        made: dict[str, object] = {}
        column = part.level.column("when")
        for number, cell in sorted(part.variants("when").items()):
            name = names.get(number, "")
            self.draft.cells.setdefault((*path, "when"), cell)
            place = (*path, "when", *name.split("."))
            entry = self._read(column, cell, place, name or self.names.subject_of(path))
            if entry == "otherwise" and len(part.variants("when")) == 1:
                return entry
            if not name and (names or number != "1"):
                self.draft.grid.wrong(cell, Message.of("rulebook.no-data", number=number))
                continue
            if not name or of:
                return entry
            if name in made:
                self.draft.grid.wrong(cell, Message.of("rulebook.name-twice", name=Given(name)))
            made[name] = entry
        return made or None

    # ------------------------------------------------------------ examples

    def examples(self) -> None:
        """Build the examples."""
        every = self.draft.grid.examples
        if every:
            self.draft.tree["example"] = [self._example(i) for i in range(len(every))]

    def _example(self, index: int) -> dict[str, Any]:
        """Build an example."""
        row, path = self.draft.grid.examples[index], ("example", index)
        cells = [*([row.name] if row.name else []), *(c for _, c in (*row.record, *row.expected))]
        self.draft.cells[path] = cells[0]
        made: dict[str, Any] = {"name": row.name.text if row.name else f"{index + 1}"}
        for key, pairs in (("ratings", row.record), ("expect", row.expected)):
            made[key] = {}
            for heading, cell in pairs:
                name, value = self._given(heading, cell, is_expected=key == "expect")
                self.draft.cells[*path, key, *name.split(".")] = cell
                if name in made[key]:
                    self.draft.grid.wrong(cell, Message.of("rulebook.name-twice", name=Given(name)))
                made[key][name] = value
        return made

    def _given(self, heading: Cell, cell: Cell, *, is_expected: bool) -> tuple[str, object]:
        """Return the name of an example's column, and the value of a cell."""
        around = self._around()
        try:
            name = self.names.expected(heading.text) if is_expected else None
            name = name or self.names.id_of(heading.text) or heading.text
            if name == "refused":
                texts = Lines().read(cell.value, around)
                return name, [self.names.id_of(text) or text for text in texts]
            if name == "unratable":
                return name, Flag().read(cell.value, around)
            return name, Fact().read(cell.value, attrs.evolve(around, subject=name))
        except MessageError as error:
            self.draft.grid.wrong(cell, error.reason)
            return heading.text, cell.text


def _space(part: Part) -> str:
    """Return the name of the parts whose ids must differ from that of a part."""
    return "shared" if part.level.key in SHARED else part.level.key


def _with_inner(parts: list[Part]) -> list[Part]:
    """Return parts with all parts within them."""
    return [each for part in parts for each in (part, *_with_inner(part.children))]


def _texts(part: Part, key: str) -> dict[str, str]:
    """Return the texts of a part by language."""
    return {tag: cell.text for tag, cell in part.variants(key).items()}


def _close(text: str) -> str:
    """Return a text without the blanks and signs that make no difference to a reader."""
    return "".join(text.split()).removesuffix("%")
