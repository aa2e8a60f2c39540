"""The cells of a rule workbook from the tree of a ruleset, and the parts that it cannot hold."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeAlias

import attrs

from kpirules._internal.typeguards import is_dict, is_list
from kpirules.rulebook.entries import Fact
from kpirules.rulebook.kinds import Around, Flag, Label, Lines, Scalar
from kpirules.rulebook.layout import (
    ARROW,
    EXAMPLE,
    MAX_NAMES,
    SHEETS,
    Column,
    Level,
    Sheet,
    column_of,
    is_notes,
)
from kpirules.rulebook.names import EXPECTED, Index, Known, Names


if TYPE_CHECKING:
    from kpirules.diagnostics.finding import KeyPath


#: the cells of a row, by the key of the level and of the column, and its language or number
Row: TypeAlias = "dict[tuple[str, str, str], Scalar]"


@attrs.define
class Table:
    """The cells of a sheet."""

    sheet: Sheet
    rows: list[Row] = attrs.field(factory=list["Row"])

    def columns(self, lang: str) -> list[tuple[Level, Column, str]]:
        """Return the columns: those of every workbook, and those with a value."""
        used = [key for row in self.rows for key in row]
        made: list[tuple[Level, Column, str]] = []
        for level, column in self.sheet.columns:
            variants = {v for key, name, v in used if (key, name) == (level.key, column.key)}
            if column.is_numbered and (variants or column.is_basic):
                last = max(2 if column.is_basic else 1, *map(int, variants or "1"))
                variants = {str(n) for n in range(1, last + 1)}
            elif not variants and column.is_basic:
                variants = {""}
            order = sorted(variants, key=lambda tag: (tag != lang, tag))
            made += [(level, column, variant) for variant in order]
        # ids are for programs
        return sorted(made, key=lambda each: each[1].key == "id" and not self.sheet.is_upright)


@attrs.define
class Tables:
    """The cells of a workbook."""

    lang: str
    names: Names
    sheets: list[Table]
    #: the headings of examples, each with the values below it
    examples: list[tuple[str, list[Scalar | None]]] = attrs.field(
        factory=list["tuple[str, list[Scalar | None]]"]
    )
    #: the places of what the workbook cannot hold
    without: list[KeyPath] = attrs.field(factory=list["KeyPath"])


def tables_of(tree: Mapping[str, Any], lang: str) -> Tables:
    """Return the cells of a workbook in a language."""
    return _Writer(tree, lang).run()


class _Writer:
    """Writes the parts of a tree."""

    def __init__(self, tree: Mapping[str, Any], lang: str) -> None:
        self.tree = tree
        self.names: Names = _names_of(tree)
        self.lang = lang
        self.made: Tables = Tables(lang, self.names, [Table(sheet) for sheet in SHEETS])

    def run(self) -> Tables:
        """Write all sheets."""
        left = {key: value for key, value in self.tree.items() if key != "schema"}
        for table in self.made.sheets:
            level = table.sheet.levels[0]
            if table.sheet.is_upright:
                keys = {column.key.partition(".")[0] for column in level.columns}
                head = {key: left.pop(key) for key in [*left] if key in keys}
                table.rows += self._part(table.sheet, 0, head, ())
            elif table.sheet.name == "examples":
                self._examples(left.pop("example", []))
            else:
                if table.sheet.name == "items" and "criterion" in left:
                    table.rows += self._parts(table.sheet, 1, left.pop("criterion"), ("criterion",))
                table.rows += self._parts(table.sheet, 0, left.pop(level.key, []), (level.key,))
        self.made.without += [(key,) for key in left]
        return self.made

    def _parts(self, sheet: Sheet, number: int, parts: Any, path: KeyPath) -> list[Row]:  # noqa: ANN401 - a list, or tables by name
        """Return the rows of parts."""
        if is_dict(parts):
            named = [({"id": name, **part}, (*path, name)) for name, part in parts.items()]
        else:
            named = [(part, (*path, i)) for i, part in enumerate(parts)]
        return [row for part, place in named for row in self._part(sheet, number, part, place)]

    def _part(self, sheet: Sheet, number: int, part: dict[str, Any], path: KeyPath) -> list[Row]:
        """Return the rows of a part: its own cells, beside those of the first part within it."""
        level = sheet.levels[number]
        rest = dict(part)
        own: Row = {}
        rows: list[Row] = []
        if level.key == "section":
            rows = self._parts(sheet, number + 1, rest.pop("criterion", []), (*path, "criterion"))
        elif level.key == "inputs":
            rows = self._options(sheet, rest.pop("options", []))
        elif level.key == "gate":
            own |= self._condition(level, rest.pop("when", None), (), path)
        elif any(column.key == "of" for column in level.columns):
            rows = self._quantity(sheet, number, rest, own, path)
        own |= self._cells(level, rest, path)
        if not rows:
            return [own]
        return [{**own, **rows[0]}, *rows[1:]]

    def _cells(
        self, level: Level, part: Mapping[str, Any], path: KeyPath, subject: str = ""
    ) -> Row:
        """Return the cells of the keys of a part; report keys without a column."""
        made: Row = {}
        known = {column.key: column for column in level.columns if not column.is_numbered}
        for key, value in _flat(part, known):
            column = known.get(key)
            is_text = column is not None and isinstance(column.kind, Label)
            if column is None or (is_dict(value) and not is_text):
                self.made.without.append((*path, *key.split(".")))
            elif is_text:
                texts = _texts(value)
                made |= {(level.key, key, tag): text for tag, text in texts.items()}
            else:
                at = Around(names=self.names, lang=self.lang, subject=subject or part.get("id", ""))
                made[level.key, key, ""] = column.kind.write(value, at)
        return made

    def _options(self, sheet: Sheet, options: Any) -> list[Row]:  # noqa: ANN401 - a list or a table
        """Return the rows of options."""
        level = sheet.levels[1]
        labels = options if is_dict(options) else dict.fromkeys(options)
        every = [{"id": c, **({} if v is None else {"label": v})} for c, v in labels.items()]
        return [self._cells(level, option, ()) for option in every]

    # ------------------------------------------------------------ quantities

    def _quantity(
        self, sheet: Sheet, number: int, part: dict[str, Any], own: Row, path: KeyPath
    ) -> list[Row]:
        """Return the rows of bands, or of the value or formula; take them from the part."""
        level, bands = sheet.levels[number], sheet.levels[number + 1]
        key = "rows" if bands.key == "rows" else "bands"
        listed: list[dict[str, Any]] = part.pop(key) if is_list(part.get(key)) else []
        of = part.pop("of", None)
        names = [of] if of else _names_in(listed)
        # a band alone, without condition and text, is read as the points of the item
        is_plain = key == "bands" and len(listed) == 1 and not {"when", "label"} & listed[0].keys()
        if len(names) > MAX_NAMES or is_plain:
            self.made.without.append((*path, key))
            return []
        # the bands of one name without "of" have the second column
        columns = {
            name: str(i) for i, name in enumerate(names, 2 if not of and len(names) == 1 else 1)
        }
        at = self._around()
        of_column = level.column("of")
        own |= {(level.key, "of", n): of_column.kind.write(name, at) for name, n in columns.items()}
        if not listed:
            ways = {c.key for c in bands.columns} - {"when", "label"}
            plain = {k: part.pop(k) for k in [*part] if k in ways}
            return [self._cells(bands, plain, path)] if plain else []
        rows: list[Row] = []
        for i, band in enumerate(listed):
            rest, place = dict(band), (*path, key, i)
            row = self._condition(bands, rest.pop("when", None), tuple(columns.items()), place)
            rows.append(row | self._cells(bands, rest, place))
        return rows

    def _condition(
        self,
        level: Level,
        when: Any,  # noqa: ANN401 - an entry or a table
        columns: tuple[tuple[str, str], ...],
        path: KeyPath,
    ) -> Row:
        """Return the cells of a condition; those of a gate have the names as well."""
        if when is None:
            return {}
        entry = level.column("when").kind
        if not is_dict(when):
            subject = columns[0][0] if columns else self.names.subject_of(path)
            return {(level.key, "when", "1"): entry.write(when, self._around(subject))}
        made: Row = {}
        known = dict(columns)
        if level.key == "gate":
            known = {name: str(i) for i, name in enumerate(when, 1)}
            of = level.column("of").kind
            made |= {(level.key, "of", n): of.write(x, self._around()) for x, n in known.items()}
        if len(known) > MAX_NAMES:
            self.made.without.append((*path, "when"))
            return {}
        for name, value in when.items():
            made[level.key, "when", known[name]] = entry.write(value, self._around(name))
        return made

    def _around(self, subject: str = "") -> Around:
        """Return what the text of a value depends on."""
        return Around(names=self.names, lang=self.lang, subject=subject)

    # ------------------------------------------------------------ examples

    def _examples(self, examples: list[dict[str, Any]]) -> None:
        """Write the examples: a column for each name."""
        keys = [("ratings", name) for each in examples for name in each.get("ratings", {})]
        keys += [("expect", name) for each in examples for name in each.get("expect", {})]
        heading = EXAMPLE.columns[0].heading(self.lang)
        self.made.examples.append((heading, [each["name"] for each in examples]))
        for key, name in dict.fromkeys(keys):
            values = [self._value(name, each.get(key, {}).get(name)) for each in examples]
            self.made.examples.append((self._heading(key, name), values))

    def _heading(self, key: str, name: str) -> str:
        """Return the heading of a name, or of an expected value."""
        if name in EXPECTED:
            # the pay of a formula has a label of its own
            own = self.names.all("outcome").written(name, self.lang)
            is_own = own != name and self.names.expected(own) == name
            text = own if is_own else EXPECTED[name].text(self.lang)
        else:
            text = self.names.text_of(name, self.lang)
        sheet = SHEETS[-1]
        if column_of(sheet, text) is not None or is_notes(text) or text.startswith(ARROW):
            text = name
        return f"{ARROW} {text}" if key == "expect" else text

    def _value(self, name: str, value: Any) -> Scalar | None:  # noqa: ANN401 - any value
        """Return the cell of a value of an example."""
        if value is None:
            return None
        if name == "unratable":
            return Flag().write(value, self._around())
        if name == "refused":
            every = [self.names.text_of(each, self.lang) for each in value]
            return Lines().write(every, self._around())
        return Fact().write(value, self._around(name))


def _flat(part: Mapping[str, Any], known: Mapping[str, object]) -> list[tuple[str, Any]]:
    """Return the keys of a part with their values; those of tables within it are dotted."""
    made: list[tuple[str, Any]] = []
    for key, value in part.items():
        if is_dict(value) and key not in known and any(k.startswith(f"{key}.") for k in known):
            inner = {k.removeprefix(f"{key}."): None for k in known if k.startswith(f"{key}.")}
            made += [(f"{key}.{k}", v) for k, v in _flat(value, inner)]
        else:
            made.append((key, value))
    return made


def _names_in(bands: list[dict[str, Any]]) -> list[str]:
    """Return the names of the conditions of bands, in the order in which they appear."""
    whens = [band["when"] for band in bands if is_dict(band.get("when"))]
    return list(dict.fromkeys(name for when in whens for name in when))


def _names_of(tree: Mapping[str, Any]) -> Names:
    """Return the names of a ruleset."""
    names = Names()
    items = [*tree.get("criterion", [])]
    for section in tree.get("section", []):
        items += section.get("criterion", [])
    for space in ("inputs", "derive", "outcome", "raters"):
        for name, part in tree.get(space, {}).items():
            names.add(space, _known(space, {**part, "id": name}))
    for space in ("section", "adjust", "tier"):
        for part in tree.get(space, []):
            names.add(space, _known(space, part))
    for part in items:
        names.add("criterion", _known("criterion", part))
    named = [tree.get(key, {}) for key in ("derive", "outcome")]
    for part in [*items, *tree.get("adjust", []), *(p for each in named for p in each.values())]:
        if "of" in part and isinstance(part.get("bands"), str):
            names.subjects.setdefault(part["bands"], part["of"])
    return names


def _known(space: str, part: Mapping[str, Any]) -> Known:
    """Return a part as others know it."""
    options = part.get("options", [])
    kind = {"inputs": str(part.get("type", "")), "criterion": "rating"}.get(space, "")
    if part.get("scored") is False and not {"points", "formula", "bands"} & part.keys():
        kind = "remark"
    return Known(
        id=part["id"],
        labels=_texts(part.get("label")),
        kind=kind,
        many=part.get("many") is True,
        units=tuple(_texts(part.get("unit")).values()),
        options=Index(
            Known(id=code, labels=_texts(options[code] if is_dict(options) else None))
            for code in options
        ),
    )


def _texts(label: Any) -> dict[str, str]:  # noqa: ANN401 - a text or a table
    """Return a text by language."""
    if label is None:
        return {}
    return label if is_dict(label) else {"": label}
