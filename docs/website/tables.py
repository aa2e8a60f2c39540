"""Tables of the documents that are made from the code, between comments that name them.

``python docs/website/tables.py`` writes them anew. A test compares.

The tables of the language reference are made from the model. Texts that the model does not have,
and all Chinese ones, are in ``language.en.toml`` and ``language.zh.toml`` beside this file.
"""

from __future__ import annotations

import re
import tomllib
from datetime import date
from decimal import Decimal
from fractions import Fraction
from functools import cache, partial
from pathlib import Path
from types import UnionType
from typing import TYPE_CHECKING, Any, Literal, Union, get_args, get_origin

import attrs

from kpirules.arithmetic.range import Range
from kpirules.arithmetic.rounding import MODES
from kpirules.checks.references import RESERVED
from kpirules.checks.registry import codes
from kpirules.diagnostics.problem import PROBLEM_CODES
from kpirules.formula import FUNCTIONS
from kpirules.model.condition import Entry
from kpirules.model.curves import Point
from kpirules.model.language import (
    ON,
    REMOVAL,
    Key,
    default_in_file,
    header_of,
    id_of_description,
    in_file,
    is_part,
    keys_of,
    kinds,
    of_field,
    parts_of,
    required,
    types_of,
)
from kpirules.model.quantity import Cells, Quantity
from kpirules.model.rubric import Option, Rubric, Text, When
from kpirules.model.vocabulary import HYPHENED, NAME
from kpirules.rulebook.layout import SHEETS


if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


DOCS = Path(__file__).parents[1]


def findings() -> Iterator[str]:
    """Yield the table of findings."""
    yield "| code | severity | what it is |"
    yield "| --- | --- | --- |"
    for code in codes():
        yield f"| [`{code.code}`]({code.code}.md) | {code.severity} | {code.title} |"


def problems() -> Iterator[str]:
    """Yield the table of the problems of records."""
    yield "| code | the problem |"
    yield "| --- | --- |"
    for code, title in PROBLEM_CODES.items():
        yield f"| `{code}` | {title} |"


def modes() -> Iterator[str]:
    """Yield the table of the rounding modes."""
    yield "| mode | where a number between two multiples goes |"
    yield "| --- | --- |"
    for mode in MODES.values():
        nearest = "to the nearer one; " if mode.moves == "tie" else ""
        yield f"| `{mode.name}` | {nearest}{mode.description} |"


# ---------------------------------------------------------------- the language reference

#: the pages of the reference, by language
LANGUAGE = {"en": "language.md", "zh": "language.zh.md"}
#: the pages about rules in a workbook, by language
RULES = {"en": "how-to/write-rules-in-excel.md", "zh": "how-to/write-rules-in-excel.zh.md"}
#: the classes of the tables of a ruleset file; each has a table of its keys
PARTS = {cls.__name__.lower(): cls for cls in (*parts_of(Rubric), Quantity)}


@cache
def texts(lang: str) -> dict[str, Any]:
    """Return the texts of the reference in a language."""
    path = Path(__file__).with_name(f"language.{lang}.toml")
    return tomllib.loads(path.read_text(encoding="utf-8"))


def key_table(cls: type, lang: str) -> Iterator[str]:
    """Yield the table of the keys of a part; those of a quantity are one row for other parts."""
    yield from _head(lang, "key", "type", "default", "meaning")
    inherited: list[str] = []
    of_all: set[str] = set()
    if issubclass(cls, Quantity) and cls is not Quantity:
        of_all = {field.name for field in attrs.fields(Quantity)}
    own = [(each, keys_of(cls).get(each.name)) for each in in_file(cls)]
    if cls is Quantity:
        # it has both names of its plain value; each class that is one has one of them
        own = [(of_field(field), field) for field in attrs.fields(Quantity)]
    for each, field in own:
        if field is not None and each.name in of_all:
            inherited.append(f"`{each.name}`")
        else:
            yield key_row(cls, each, field, lang)
    if inherited:
        words = texts(lang)["heading"]
        yield f"| {', '.join(inherited)} | | | {words['quantity']} |"


def key_row(cls: type, each: Key, field: attrs.Attribute[Any] | None, lang: str) -> str:
    """Return the row of a key."""
    id_ = id_of_description(cls, each.name)
    kind = texts(lang)["type"][each.name] if field is None else _type(cls, field, lang)
    if each.name in required(cls):
        default = texts(lang)["heading"]["required"]
    elif each.default and lang != "en":
        default = texts(lang)["default"][id_]
    else:
        default = each.default if field is None else _default(field)
    return f"| `{each.name}` | {kind} | {default} | {_meaning(id_, each, lang)} |"


def extension_table(lang: str) -> Iterator[str]:
    """Yield the table of the keys that only a file with ``extends`` has."""
    yield from _head(lang, "key", "type", "default", "meaning")
    words = texts(lang)
    for each in (ON, REMOVAL):
        default = each.default
        if default and lang != "en":
            default = words["default"][f"file.{each.name}"]
        meaning = _meaning(f"file.{each.name}", each, lang)
        yield f"| `{each.name}` | {words['type'][each.name]} | {default} | {meaning} |"


def _meaning(id_: str, each: Key, lang: str) -> str:
    """Return the meaning of a key, and of its words, in a language."""
    words = texts(lang)
    doc = each.doc if lang == "en" else words["key"][id_]
    meanings = dict(each.words) if lang == "en" else words["word"].get(id_, {})
    if each.words == {mode.name: mode.description for mode in MODES.values()}:
        # the modes have a table of their own
        return str(doc)
    heading = words["heading"]
    listed = heading["separator"].join(heading["word"].format(*each) for each in meanings.items())
    return f"{doc}{heading['gap']}{listed}{heading['end']}" if listed else str(doc)


def _default(field: attrs.Attribute[Any]) -> str:
    """Return the default of a key; as code if a file may have it."""
    text = default_in_file(field)
    return text if of_field(field).default or not text else f"`{text}`"


def _type(cls: type, field: attrs.Attribute[Any], lang: str) -> str:
    """Return the type of a key's value in words."""
    each, words = of_field(field), texts(lang)["type"]
    kind = types_of(cls)[field.name]
    if each.pattern in (NAME, HYPHENED):
        return str(words["id"])
    parts = [part for part in kinds(kind) if is_part(part)]
    is_list = get_origin(kind) is tuple
    if parts and parts[0].__name__ in ("Band", "Rounding"):
        listed = [words[parts[0].__name__], *([words[each.text]] if each.text else [])]
    elif parts:
        name = "by name" if header_of(parts[0]) else "list of tables" if is_list else "table"
        listed = [words[name]]
    else:
        listed = [name for one in _alternatives(kind) for name in _names(one, each, words)]
    return str(words["or"]).join(dict.fromkeys(listed))


def _alternatives(kind: Any) -> tuple[Any, ...]:  # noqa: ANN401 - unions are not types
    """Return the alternatives of a type, without None."""
    if get_origin(kind) in (Union, UnionType):
        inner = (each for one in get_args(kind) for each in _alternatives(one))
        return tuple(each for each in inner if each is not type(None))
    return (kind,)


#: the names of types in the texts
_TYPES: dict[Any, str] = {
    bool: "flag",
    int: "whole number",
    Decimal: "number",
    date: "date",
    Text: "label",
    Range: "range",
    When: "condition",
    tuple[Range, ...]: "ranges",
    tuple[Option, ...]: "options",
    tuple[Entry, ...]: "entries",
    tuple[Point, ...]: "points",
}


def _names(kind: Any, each: Key, words: dict[str, str]) -> Iterator[str]:  # noqa: ANN401 - as above
    """Yield the names of one alternative of a type."""
    if get_origin(kind) is Literal:
        yield words["comma"].join(f'`"{word}"`' for word in get_args(kind))
    elif kind is int and each.stated:
        yield "`1`"
    elif kind is Cells:
        yield words["cells"]
    elif kind in _TYPES:
        yield words[_TYPES[kind]]
    elif kind == tuple[str, ...]:
        yield words["list of"].format(words[each.text or "text"])
    elif kind is str:
        yield words[each.text or "text"]
    else:
        # a list of names and values: the record of an example, and its expectations
        yield words["record"]


def functions(lang: str) -> Iterator[str]:
    """Yield the table of the functions of formulas."""
    yield from _head(lang, "function", "value")
    for function in FUNCTIONS.values():
        usage = ", ".join(f"`{each})`" for each in function.usage.removesuffix(")").split("), "))
        meaning = function.description if lang == "en" else texts(lang)["function"][function.name]
        yield f"| {usage} | {meaning} |"


def rounding_modes(lang: str) -> Iterator[str]:
    """Yield the table of the rounding modes, with some numbers rounded to 1."""
    numbers = (Decimal("2.4"), Decimal("2.5"), Decimal("2.6"), Decimal("3.5"), Decimal("-2.5"))
    yield from _head(lang, "mode", "rounded", *map(str, numbers))
    words = texts(lang)
    for mode in MODES.values():
        meaning = mode.description if lang == "en" else words["mode"][mode.name]
        nearer = words["heading"]["nearer"] if mode.moves == "tie" else ""
        shown = " | ".join(str(mode(Fraction(n))) for n in numbers)
        yield f"| `{mode.name}` | {nearer}{meaning} | {shown} |"


def names(lang: str) -> Iterator[str]:
    """Yield the table of the names of conditions, formulas and expectations."""
    yield from _head(lang, "name", "meaning", "used in")
    for name, row in texts(lang)["name"].items():
        yield f"| `{name}` | {row['meaning']} | {row['use']} |"


def rule_sheets(lang: str) -> Iterator[str]:
    """Yield the sheets of a rule workbook with their columns."""
    yield from _head(lang, "sheet", "column", "what to write", "key")
    for sheet in SHEETS:
        for level, column in sheet.columns:
            heading = f"**{column.heading(lang)}**" if column.is_basic else column.heading(lang)
            key = ".".join(filter(None, (level.key, column.key)))
            hint = column.hint(lang).replace("|", "\\|")
            yield f"| {sheet.title(lang)} | {heading} | {hint} | `{key}` |"


def reserved(_: str) -> Iterator[str]:
    """Yield the words that cannot be ids."""
    yield ", ".join(f"`{word}`" for word in sorted(RESERVED))


def _head(lang: str, *columns: str) -> Iterator[str]:
    """Yield the two first lines of a table."""
    words = texts(lang)["heading"]
    yield f"| {' | '.join(words.get(column, column) for column in columns)} |"
    yield f"|{' --- |' * len(columns)}"


#: the tables of the reference by name, besides those of keys
_OF_LANGUAGE: dict[str, Callable[[str], Iterator[str]]] = {
    "functions": functions,
    "modes": rounding_modes,
    "names": names,
    "reserved": reserved,
    "extends": extension_table,
}

#: the tables by page and name
TABLES: dict[tuple[str, str], Callable[[], Iterator[str]]] = {
    ("findings/README.md", "findings"): findings,
    ("exactness.md", "modes"): modes,
    ("reference.md", "problems"): problems,
}
for _lang, _page in RULES.items():
    TABLES[_page, "sheets"] = partial(rule_sheets, _lang)
for _lang, _page in LANGUAGE.items():
    for _name, _cls in PARTS.items():
        TABLES[_page, _name] = partial(key_table, _cls, _lang)
    for _name, _table in _OF_LANGUAGE.items():
        TABLES[_page, _name] = partial(_table, _lang)


def filled(text: str, name: str, lines: Iterator[str]) -> str:
    """Return a page with the lines of a table between its two comments."""
    begin, end = f"<!-- {name}: made by docs/website/tables.py -->\n", f"<!-- end of {name} -->"
    pattern = re.compile(f"(?<={re.escape(begin)}).*?(?={re.escape(end)})", re.DOTALL)
    table = "".join(f"{line}\n" for line in ("", *lines, ""))
    made, count = pattern.subn(lambda _: table, text)
    if count != 1:
        raise ValueError(f"a page needs the comments of {name} once, and has them {count} times")
    return made


def main() -> None:
    """Write all tables into their pages."""
    for (page, name), lines in TABLES.items():
        path = DOCS / page
        path.write_text(filled(path.read_text("utf-8"), name, lines()), encoding="utf-8")


if __name__ == "__main__":
    main()
