"""The sheets and columns of a rule workbook: the one table that writer, reader and documents use.

A sheet holds the parts of one kind, and the parts within them: on the sheet of items a row begins a
section, an item or a band, by the columns that it fills. The headings are texts of the
translations: ``rulebook-column.`` with the name of the column.
"""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, get_args

import attrs

from kpirules._internal.display import folded
from kpirules.arithmetic.rounding import Mode
from kpirules.model.vocabulary import Better, CriterionMissing, InputType, PartMissing, PeriodKind
from kpirules.rulebook import entries, kinds
from kpirules.translations.catalog import languages, template


if TYPE_CHECKING:
    from collections.abc import Iterator


#: the greatest number of names of one condition
MAX_NAMES = 9
#: the name of a column that is not read
NOTES = "notes"
#: the first part of an expected value's heading, as it is written and as people type it
ARROW = "\N{RIGHTWARDS ARROW}"
ARROWS = re.compile(r"\s*(?:\N{RIGHTWARDS ARROW}|->)\s*(.*)", re.DOTALL)
_TAG = re.compile(r"(.*?)\s*\[([A-Za-z]{2,8}(?:-[A-Za-z0-9]{1,8})*)\]\s*", re.DOTALL)
_NUMBERED = re.compile(r"(.*?)\s*([1-9])\s*")


@attrs.frozen(kw_only=True)
class Column:
    """A column of a sheet."""

    #: its name in the translations
    name: str
    #: the key of the part in the ruleset file; dotted for a table within it
    key: str
    kind: kinds.Kind = attrs.field(factory=kinds.Kind)
    #: every workbook has it, others only if the ruleset uses it
    is_basic: bool = False
    #: its value names the part: the id, or the label
    is_identity: bool = False
    #: there are several, with a number: the names of a condition, and its entries
    is_numbered: bool = False
    #: the name of the text about what to write into it, if it is not that of its kind
    about: str = ""

    @property
    def is_open(self) -> bool:
        """Return whether more may be written than the words of its list."""
        return isinstance(self.kind, kinds.Word) and self.kind.or_number

    def heading(self, lang: str, variant: str = "") -> str:
        """Return the heading; ``variant`` is the tag of a language, or a number."""
        text = template(f"rulebook-column.{self.name}", lang)
        if not variant:
            return text
        return f"{text} {variant}" if self.is_numbered else f"{text} [{variant}]"

    def hint(self, lang: str) -> str:
        """Return what to write into the cells."""
        if isinstance(self.kind, kinds.Word):
            return " / ".join(self.kind.spellings(lang))
        return template(f"rulebook-hint.{self.about or self.kind.hint}", lang)


@attrs.frozen(kw_only=True)
class Level:
    """The columns of parts of one kind."""

    #: the key of the parts in the part around them
    key: str
    columns: tuple[Column, ...]
    #: the parts are tables by name
    by_name: bool = False

    def column(self, key: str) -> Column:
        """Return the column of a key."""
        return next(each for each in self.columns if each.key == key)


@attrs.frozen(kw_only=True)
class Sheet:
    """A sheet."""

    #: its name in the translations
    name: str
    levels: tuple[Level, ...]
    #: every workbook has it
    is_basic: bool = True
    #: it has one part, whose values are below each other
    is_upright: bool = False

    def title(self, lang: str) -> str:
        """Return the name of the sheet in a language."""
        return template(f"rulebook-sheet.{self.name}", lang)

    @property
    def columns(self) -> Iterator[tuple[Level, Column]]:
        """Yield each column with its level."""
        return ((level, column) for level in self.levels for column in level.columns)


def _id(name: str = "id") -> Column:
    return Column(name=name, key="id", is_basic=True, is_identity=True, about="id")


def _label(name: str) -> Column:
    return Column(
        name=name, key="label", kind=kinds.Label(), is_basic=True, is_identity=True, about="name"
    )


def _text(name: str, key: str | None = None) -> Column:
    return Column(name=name, key=key or name.replace("-", "_"), kind=kinds.Label())


def _number(
    name: str, key: str | None = None, *, is_basic: bool = False, percent: int = 0
) -> Column:
    return Column(
        name=name,
        key=key or name.replace("-", "_"),
        kind=kinds.Number(percent),
        is_basic=is_basic,
    )


def _flag(name: str, key: str | None = None, *, is_basic: bool = False) -> Column:
    return Column(name=name, key=key or name, kind=kinds.Flag(), is_basic=is_basic)


def _word(name: str, words: object, *, is_basic: bool = False, or_number: bool = False) -> Column:
    kind = kinds.Word(name, get_args(words), or_number)
    key = {"skipping": "missing"}.get(name, name)
    return Column(name=name, key=key, kind=kind, is_basic=is_basic)


def _limits(
    clamp: str = "clamp",
    to: str = "round-to",
    mode: str = "round-mode",
    *,
    within: str = "",
    is_basic: bool = False,
) -> tuple[Column, ...]:
    """Return the columns of how a value is limited and rounded; ``is_basic``: limited at least."""
    words = kinds.Word("mode", get_args(Mode))
    return (
        Column(name=clamp, key=f"{within}clamp", kind=kinds.Span(is_range=True), is_basic=is_basic),
        _number(to, f"{within}round.to"),
        Column(name=mode, key=f"{within}round.mode", kind=words),
    )


_RANGE = Column(name="proved-range", key="range", kind=kinds.Span(is_range=True))
_TABLE = Column(name="table", key="bands", about="table")
_ABSENT = _word("skipping", PartMissing)


def _of(*, is_basic: bool = True) -> Column:
    return Column(name="data", key="of", kind=kinds.Name(), is_numbered=True, is_basic=is_basic)


_WHEN = Column(name="when", key="when", kind=entries.Entry(), is_numbered=True, is_basic=True)
_POINTS = Column(name="points", key="points", kind=kinds.Points(), is_basic=True)
_VALUE = Column(name="value", key="value", kind=kinds.Amount(), is_basic=True)


def _bands(*values: Column, key: str = "bands") -> Level:
    """Return the columns of bands; ``values`` are those of their plain value."""
    formula = Column(name="formula", key="formula", kind=kinds.Formula(), is_basic=True)
    level = Column(name="level", key="label", kind=kinds.Label(), is_basic=_POINTS in values)
    return Level(key=key, columns=(_WHEN, *values, formula, level))


_SOURCE, _FORM = "source", "form"
_HEAD = Level(
    key="",
    columns=(
        _label("title"),
        _id("ruleset-id"),
        Column(name="role", key="role", kind=kinds.Label(), is_basic=True),
        _word("period", PeriodKind, is_basic=True),
        Column(name="effective-from", key="effective_from", kind=kinds.Day(), is_basic=True),
        Column(name="effective-until", key="effective_until", kind=kinds.Day()),
        Column(name="currency", key="currency", is_basic=True, about="currency"),
        _number("full-marks", is_basic=True),
        Column(
            name="weights-total",
            key="weights_total",
            kind=kinds.Word("weights-total", ("sum",), or_number=True),
        ),
        _number("step", is_basic=True),
        Column(name="note", key="note", kind=kinds.Label(), is_basic=True),
        Column(name="source", key=f"{_SOURCE}.label", kind=kinds.Label(), is_basic=True),
        _text("source-title", f"{_SOURCE}.title"),
        Column(name="source-url", key=f"{_SOURCE}.url"),
        _text("source-note", f"{_SOURCE}.note"),
        _text("company", f"{_FORM}.company"),
        _text("department", f"{_FORM}.department"),
        _text("third-signature", f"{_FORM}.signature"),
        Column(name="comments", key=f"{_FORM}.comments", kind=kinds.Flag()),
        Column(name="goals", key=f"{_FORM}.goals", kind=kinds.Flag()),
        Column(name="components", key="pay.components", kind=kinds.Lines()),
        Column(name="total-formula", key="total.formula", kind=kinds.Formula()),
        *_limits("total-clamp", "total-round-to", "total-round-mode", within="total."),
        Column(name="total-range", key="total.range", kind=kinds.Span(is_range=True)),
        _number("minimum-scored", "total.minimum_scored"),
    ),
)
_DATA = Level(
    key="inputs",
    by_name=True,
    columns=(
        _label("data-label"),
        _word("type", InputType, is_basic=True),
        Column(name="unit", key="unit", kind=kinds.Label(), is_basic=True),
        Column(name="allowed", key="range", kind=kinds.Span(is_range=True), is_basic=True),
        _word("better", Better, is_basic=True),
        Column(name="default", key="default", kind=entries.Fact(), is_basic=True),
        _number("input-step", "step"),
        _flag("many"),
        _id(),
    ),
)
_OPTIONS = Level(
    key="options",
    columns=(
        Column(name="option", key="label", kind=kinds.Label(), is_basic=True, is_identity=True),
        Column(name="option-id", key="id", is_basic=True, is_identity=True),
    ),
)
_COMPUTED = Level(
    key="derive",
    by_name=True,
    columns=(
        _label("data-label"),
        _word("better", Better),
        _flag("many"),
        _of(),
        _TABLE,
        *_limits(),
        _RANGE,
        _id(),
    ),
)
_SECTION = Level(
    key="section",
    columns=(
        _label("section"),
        Column(
            name="section-weight",
            key="weight",
            kind=kinds.Weight(),
            is_basic=True,
        ),
        _number("section-scale", "scale"),
        _flag("cap"),
        *_limits("section-clamp", "section-round-to", "section-round-mode"),
        _id("section-id"),
    ),
)
_ITEM = Level(
    key="criterion",
    columns=(
        _label("item"),
        Column(name="weight", key="weight", kind=kinds.Weight(), is_basic=True),
        _number("scale"),
        _flag("scored"),
        _of(),
        _TABLE,
        *_limits(is_basic=True),
        _RANGE,
        _word("missing", CriterionMissing, or_number=True),
        _text("standard"),
        _text("target"),
        _text("data-source"),
        _text("cite"),
        _id("item-id"),
    ),
)
_QUANTITY = (_of(), _TABLE, *_limits(), _RANGE, _ABSENT, _id())
_GATE = Level(
    key="gate",
    columns=(
        _of(),
        _WHEN,
        Column(name="tier-at-most", key="tier_at_most", kind=kinds.TierName(), is_basic=True),
        _number("total-at-most", is_basic=True),
        _number("demote", is_basic=True),
        Column(name="tier-at-least", key="tier_at_least", kind=kinds.TierName()),
        _number("total-at-least"),
        _flag("unratable"),
        _flag("refuse"),
        Column(name="reason", key="reason", kind=kinds.Label(), is_basic=True),
        _ABSENT,
    ),
)
_TIER = Level(
    key="tier",
    columns=(
        _label("tier"),
        Column(
            name="total", key="total", kind=kinds.Span(is_range=False, many=True), is_basic=True
        ),
        _number("pay", is_basic=True),
        _number("coefficient", is_basic=True, percent=100),
        _id(),
    ),
)
_RULING = Level(
    key="ruling",
    columns=(
        Column(name="clause", key="clause", is_basic=True),
        Column(name="conflict", key="conflict", kind=kinds.Label(), is_basic=True),
        Column(name="decision", key="decision", kind=kinds.Label(), is_basic=True),
        Column(name="accepts", key="accepts", kind=kinds.Lines(), is_basic=True, about="accepts"),
    ),
)
_RATER = Level(
    key="raters",
    by_name=True,
    columns=(_label("rater"), _number("rater-weight", "weight", is_basic=True, percent=1), _id()),
)
_BANDS = Level(key="bands", by_name=True, columns=(_id("table"), _of(is_basic=False)))
_ROWS = _bands(_POINTS, _VALUE, key="rows")

#: the columns of examples beside those of facts, items and expected values
EXAMPLE = Level(
    key="example", columns=(Column(name="example", key="name", is_basic=True, about="example"),)
)

#: the sheets, in the order of a workbook
SHEETS: tuple[Sheet, ...] = (
    Sheet(name="form", levels=(_HEAD,), is_upright=True),
    Sheet(name="items", levels=(_SECTION, _ITEM, _bands(_POINTS))),
    Sheet(name="data", levels=(_DATA, _OPTIONS)),
    Sheet(name="computed", levels=(_COMPUTED, _bands(_VALUE)), is_basic=False),
    Sheet(name="tiers", levels=(_TIER,)),
    Sheet(name="vetoes", levels=(_GATE,)),
    Sheet(
        name="adjustments",
        levels=(
            Level(key="adjust", columns=(_label("adjustment"), *_QUANTITY)),
            _bands(_POINTS),
        ),
    ),
    Sheet(
        name="pay",
        levels=(
            Level(key="outcome", by_name=True, columns=(_label("outcome"), *_QUANTITY)),
            _bands(_VALUE),
        ),
    ),
    Sheet(name="raters", levels=(_RATER,), is_basic=False),
    Sheet(name="tables", levels=(_BANDS, _ROWS), is_basic=False),
    Sheet(name="decisions", levels=(_RULING,)),
    Sheet(name="examples", levels=(EXAMPLE,)),
)


@attrs.frozen
class Found:
    """The column of a heading."""

    level: Level
    column: Column
    #: the tag of its language, or its number
    variant: str = ""


def spelled(text: str) -> str:
    """Return a heading for comparing."""
    return folded(" ".join(text.split())).rstrip("*: \N{FULLWIDTH COLON}")


@cache
def _by_heading(sheet: Sheet) -> dict[str, tuple[Level, Column]]:
    """Return the columns of a sheet by their headings in all languages."""
    return {
        spelled(column.heading(lang)): (level, column)
        for level, column in sheet.columns
        for lang in languages()
    }


def column_of(sheet: Sheet, text: str) -> Found | None:
    """Return the column of a heading; None if the sheet has no such column."""
    known = _by_heading(sheet)
    if spelled(text) in known:
        level, column = known[spelled(text)]
        return Found(level, column, "1" if column.is_numbered else "")
    for pattern in (_TAG, _NUMBERED):
        match = pattern.fullmatch(text.strip())
        part = known.get(spelled(match[1])) if match else None
        if match is None or part is None:
            continue
        level, column = part
        if pattern is (_NUMBERED if column.is_numbered else _TAG) and (
            column.is_numbered or isinstance(column.kind, kinds.Label)
        ):
            return Found(level, column, match[2])
    return None


def is_notes(text: str) -> bool:
    """Return whether a heading is that of a column that is not read."""
    return spelled(text) in {
        spelled(template(f"rulebook-column.{NOTES}", lang)) for lang in languages()
    }


def sheet_of(title: str) -> Sheet | None:
    """Return the sheet of a title in any language; None if it is not a sheet of rules."""
    wanted = spelled(title)
    for sheet in SHEETS:
        if wanted in {spelled(sheet.title(lang)) for lang in languages()}:
            return sheet
    return None
