"""What is wrong with the columns of a frame, before any row is looked at: all of it at once."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import narwhals as nw

from kpirules.frames import facts
from kpirules.frames.work import PREFIX
from kpirules.records import FlagReader, ListReader, OptionReader, RemarkReader, readers_of
from kpirules.texts import similar


if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from kpirules.criteria import CriterionPlan
    from kpirules.plan import Plan
    from kpirules.quantities import QuantityPlan
    from kpirules.records import Reader


#: a decimal of more decimals than this may be spelled with an exponent on Spark
_SPARK_DECIMALS = 6


def problems_of(
    plan: Plan,
    names: Sequence[str],
    schema: Mapping[str, nw.dtypes.DType],
    added: Iterable[str],
    backend: str,
) -> list[tuple[str, str]]:
    """Say what is wrong: (column, what), in the order of the rubric.

    ``names``: of all columns; ``schema``: of those that are read at least.
    """
    readers = readers_of(plan)
    found = [
        (name, f"is missing{_meant(name, names, readers)}")
        for name in missing(plan, frozenset(schema))
    ]
    for name, reader in readers.items():
        if name in schema:
            wrong = _wrong_type(reader, schema[name], backend)
            found += [(name, wrong)] if wrong else []
    taken = [name for name in added if name in names]
    found += [(name, "is what the result is called; rename it") for name in taken]
    hidden = [name for name in names if name.startswith(PREFIX)]
    return found + [(name, f"begins with {PREFIX}; rename it") for name in hidden]


def twice(names: Sequence[str]) -> list[tuple[str, str]]:
    """Say which columns stand more than once."""
    counts = Counter(names)
    return [(name, f"is there {n} times; rename them") for name, n in counts.items() if n > 1]


def _meant(name: str, names: Sequence[str], known: Mapping[str, object]) -> str:
    """Guess the column that was meant."""
    near = similar(name, tuple(column for column in names if column not in known))
    return "" if near is None else f'; is it "{near}"?'


def _wrong_type(reader: Reader, dtype: nw.dtypes.DType, backend: str) -> str:
    """Say what is wrong with a column's type; empty where nothing is."""
    kind = facts.kind_of(dtype)
    if isinstance(reader, ListReader):
        return "" if isinstance(dtype, nw.List) or kind in facts.TEXTS else _says(reader, dtype)
    if isinstance(reader, (OptionReader, RemarkReader)):
        numbers = isinstance(reader, OptionReader) and reader.numbers
        allowed = facts.NUMBERS if numbers else facts.TEXTS
        return "" if kind in allowed else _says(reader, dtype)
    if isinstance(reader, FlagReader):
        return "" if kind in facts.FLAGS else _says(reader, dtype)
    if kind not in facts.NUMBERS:
        return _says(reader, dtype)
    if backend == "PySpark" and isinstance(dtype, nw.Float32):
        return "is Float32, whose digits Spark does not tell; cast it to Float64 or a decimal"
    if backend == "PySpark" and isinstance(dtype, nw.Decimal) and dtype.scale > _SPARK_DECIMALS:
        return f"is {dtype}; cast it to at most {_SPARK_DECIMALS} decimals"
    return ""


def _says(reader: Reader, dtype: nw.dtypes.DType) -> str:
    """Say what a column holds, and what it should."""
    return f"holds {dtype}; admissible: {reader.admissible}"


def missing(plan: Plan, present: frozenset[str]) -> Iterator[str]:
    """Give the names without which no row could be scored, and for which there is no column."""
    asked: set[str] = set()
    for c in plan.criteria:
        asked |= _asked_by(plan, c, present)
    needed = [f"adjust.{a.id}" for a in plan.rubric.adjustments if a.missing != "skip"]
    needed += [f"outcome.{o.name}" for o in plan.rubric.outcomes if o.missing != "skip"]
    for name in needed:
        asked |= _facts_of(plan, plan.quantities[name])
    for gate, quantity in zip(plan.rubric.gates, plan.gates, strict=True):
        if gate.missing != "skip":
            asked |= _facts_of(plan, quantity)
    return (name for name in readers_of(plan) if name in asked and name not in present)


def _asked_by(plan: Plan, c: CriterionPlan, present: frozenset[str]) -> set[str]:
    """Give the names that a criterion cannot do without."""
    optional = c.is_weightless or not c.is_scored or c.stand_in is not None
    if optional or c.criterion.missing == "exclude":
        return set()
    if not c.is_measured:
        return set(c.rating_names)
    return set() if present.issuperset(c.rating_names) else _facts_of(plan, c)


def _facts_of(plan: Plan, quantity: QuantityPlan) -> set[str]:
    """Give the names of the record that a quantity cannot do without."""
    names = [name for name in quantity.facts if name not in quantity.answered]
    if len(quantity.rows) == 1 and quantity.rows[0].formula is not None:
        names += quantity.rows[0].formula.names
    found: set[str] = set()
    for name in names:
        if name in plan.scope.inputs:
            found |= {name} if plan.scope.inputs[name].default is None else set[str]()
        elif name in {derived.name for derived in plan.rubric.derived}:
            found |= _facts_of(plan, plan.quantities[name])
    return found
