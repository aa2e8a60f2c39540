"""The rows of tables of bands: of a table by two facts, one for each cell.

A table by two facts (``across``) is the decision table in which the second fact is one more
condition of each row.
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

import attrs

from kpirules._internal.typeguards import cache_last
from kpirules.arithmetic.number import PLAIN, Number, exact
from kpirules.arithmetic.range import Range, RangeSyntaxError, gaps_between
from kpirules.model.condition import Condition, Entry, When
from kpirules.model.quantity import Band, Cells, Quantity
from kpirules.model.text import Text
from kpirules.model.vocabulary import NUMERIC


if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from kpirules.model.provenance import Path
    from kpirules.model.rubric import Rubric


class Numbers(NamedTuple):
    """The numbers that an input may be."""

    span: Range
    step: Number | None


#: what a name may be: options (codes, texts, flags) or numbers; None: any number
Values: TypeAlias = "tuple[str | bool, ...] | Numbers | None"
#: what names may be; those that are left out may be any number
Options: TypeAlias = "Mapping[str, Values]"

#: the key of a cell for all options without a cell of their own
OTHERWISE = "otherwise"
_NOT_BELOW_0 = Range((0, 0), None)
#: the keys of a band's value
_WAYS = ("points", "value", "formula")


@attrs.frozen(kw_only=True)
class BandRow:
    """One row of a decision table: a band, or one cell of it."""

    when: When | None = None
    points: Decimal | Range | None = None
    value: Decimal | str | None = None
    formula: str | None = None
    label: Text | None = None
    #: where its value is in the list of bands: the band's index; of a cell also its keys
    place: Path = ()
    #: the names whose entries nobody wrote: they are what the others leave to ``otherwise``
    implied: tuple[str, ...] = ()


def rows_of(quantity: Quantity, bands: Sequence[Band], options: Options) -> tuple[BandRow, ...]:
    """Return the rows of a quantity's bands, in their order; of a table by two facts, by cell.

    A cell that no option is left for has no row.
    """
    return tuple(row for i in range(len(bands)) for row in _rows(quantity, bands, i, options))


def _rows(
    quantity: Quantity, bands: Sequence[Band], index: int, options: Options
) -> Iterator[BandRow]:
    """Yield the rows of one band."""
    band = bands[index]
    way = way_of(band)
    if way is None:
        plain: dict[str, Any] = {name: getattr(band, name) for name in _WAYS}
        yield BandRow(when=band.when, label=band.label, place=(index,), **plain)
        return
    cells: Cells = getattr(band, way)
    across = quantity.across
    if across is None:
        # a finding of its own
        return
    first = _first(quantity, bands, band, options)
    is_rest = band.when is not None and band.when.otherwise
    above = (quantity.of or "",) if is_rest else ()
    for key, value in cells.by_entry:
        entries = entries_of(key, cells, options.get(across))
        if first is not None and entries:
            asked = (*first, Condition(name=across, entries=entries))
            inside: dict[str, Any] = {way: value}
            yield BandRow(
                when=When(conditions=asked),
                label=band.label,
                place=(index, way, key),
                implied=(*above, across) if key == OTHERWISE else above,
                **inside,
            )


def way_of(band: Band) -> str | None:
    """Return the key of a band whose value is a table by the second fact; None if there is none."""
    return next((name for name in _WAYS if isinstance(getattr(band, name), Cells)), None)


def _first(
    quantity: Quantity, bands: Sequence[Band], band: Band, options: Options
) -> tuple[Condition, ...] | None:
    """Return the conditions of a band about other facts than the second; None if none is left."""
    when = band.when
    if when is None:
        return ()
    if not when.otherwise:
        return tuple(c for c in when.conditions if c.name != quantity.across)
    asked = [
        entry
        for other in bands
        if other.when is not None
        for condition in other.when.conditions
        for entry in condition.entries
    ]
    rest = remaining(asked, options.get(quantity.of or ""))
    return (Condition(name="", entries=rest),) if rest else None


def entries_of(key: str, cells: Cells, options: Values) -> tuple[Entry, ...]:
    """Return the entries of the second fact that the key of a cell is; none if nothing is left."""
    if key != OTHERWISE:
        return (_entry(key, options),)
    others = [_entry(other, options) for other, _ in cells.by_entry if other != OTHERWISE]
    return remaining(others, options)


def _entry(key: str, options: Values) -> Entry:
    """Return the entry that a key is: a flag, an option, a number, a range, or "missing"."""
    if options is not None and not isinstance(options, Numbers):
        flags = {str(option).lower(): option for option in options if isinstance(option, bool)}
        return flags.get(key, key)
    if PLAIN.fullmatch(key):
        return Range.exactly(exact(key))
    try:
        return Range.parse(key)
    except RangeSyntaxError:
        return key


def remaining(asked: Sequence[Entry], options: Values) -> tuple[Entry, ...]:
    """Return entries for all options, or all numbers, that others do not match."""
    if options is not None and not isinstance(options, Numbers):
        return tuple(option for option in options if option not in asked)
    gaps = gaps_between(entry for entry in asked if isinstance(entry, Range))
    if options is None:
        return gaps
    found = (gap.meet(options.span) for gap in gaps)
    step = options.step
    spans = (s if s is None or step is None else s.on_grid(step) for s in found)
    return tuple(span for span in spans if span is not None)


@cache_last
def known_options(rubric: Rubric) -> dict[str, Values]:
    """Return what the names of a rubric may be, as far as they are options or inputs."""
    found: dict[str, Values] = {}
    for fact in rubric.inputs:
        if fact.type == "flag":
            found[fact.name] = (False, True)
        elif fact.type == "choice":
            found[fact.name] = tuple(option.code for option in fact.options)
        elif fact.type in NUMERIC:
            is_count = fact.type == "count"
            span = fact.range or Range()
            span = (span.meet(_NOT_BELOW_0) or span) if is_count else span
            step = exact(fact.step) if fact.step is not None else 1 if is_count else None
            found[fact.name] = Numbers(span, step)
    named = [(derived.name, derived) for derived in rubric.derived]
    quantities: list[tuple[str, Quantity]] = [*named]
    quantities += [(f"outcome.{outcome.name}", outcome) for outcome in rubric.outcomes]
    for name, quantity in quantities:
        texts = texts_of(quantity, rubric)
        if texts:
            found[name] = texts
    found["tier"] = tuple(tier.id for tier in rubric.tiers)
    return found


def bands_of(quantity: Quantity, rubric: Rubric) -> tuple[Band, ...]:
    """Return the bands of a quantity as they are written: its own, or those of its named table."""
    if not isinstance(quantity.bands, str):
        return quantity.bands or ()
    return next((table.rows for table in rubric.tables if table.name == quantity.bands), ())


def texts_of(quantity: Quantity, rubric: Rubric) -> tuple[str, ...]:
    """Return the texts that a quantity may have as a value; none for one of numbers."""
    values: list[object] = [quantity.value]
    for band in bands_of(quantity, rubric):
        value = band.value
        values += [v for _, v in value.by_entry] if isinstance(value, Cells) else [value]
    return tuple(dict.fromkeys(v for v in values if isinstance(v, str)))
