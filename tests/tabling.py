"""Records as dataframes of every kind, and the results of ``evaluate`` for each row."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import duckdb
import narwhals as nw
import polars as pl
import pyarrow as pa
from hypothesis import strategies as st

from kpirules import InputError, evaluate, evaluate_frame
from kpirules.arithmetic.number import NotExactError, decimal_of, exact, round_to, show
from kpirules.compiler.plan import Plan
from kpirules.evaluation.headings import match, says_nothing
from kpirules.evaluation.record import is_missing, readers_of
from kpirules.testing.record_strategies import wild_records


#: frames in memory, by the name of their kind; each made from an Arrow table
EAGER = {
    "polars": pl.from_arrow,
    "pyarrow": lambda table: table,
    "pandas": lambda table: table.to_pandas(),
    "pandas of objects": lambda table: table.to_pandas().astype(object),
    "pandas of Arrow": lambda table: table.to_pandas(types_mapper=_arrow_type),
    "pandas with nulls": lambda table: table.to_pandas().convert_dtypes(),
}
#: lazy frames
LAZY = {
    "polars, lazy": lambda table: pl.from_arrow(table).lazy(),
    "DuckDB": lambda table: duckdb.connect().from_arrow(table),
}


def _arrow_type(dtype):
    import pandas as pd

    return pd.ArrowDtype(dtype)


def flat(record):
    """Return a record with its names written with dots."""
    found = {}
    for name, value in record.items():
        if isinstance(value, dict) and value:
            found |= {f"{name}.{inner}": each for inner, each in value.items()}
        else:
            found[name] = value
    return found


def _number(value):
    """Convert a value to a number; None if it is not one."""
    try:
        return exact(value)
    except NotExactError:
        return None


def spelled(value):
    """Format a value as in a table of texts."""
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, (list, tuple)):
        return ";".join(spelled(each) for each in value)
    number = _number(value)
    return str(value) if number is None else show(number)


def _forms(values):
    """Return the Arrow arrays that hold values without loss; texts hold all values."""
    there = [v for v in values if v is not None]
    forms = {"text": pa.array([spelled(v) for v in values], pa.string())}
    if not there:
        return forms | {"nothing": pa.nulls(len(values))}
    if all(isinstance(v, bool) for v in there):
        forms["flags"] = pa.array(values, pa.bool_())
    numbers = [_number(v) if not isinstance(v, (bool, list, tuple)) else None for v in values]
    if any(n is None and not is_missing(v) for n, v in zip(numbers, values, strict=True)):
        return forms
    if all(n is None or isinstance(n, int) for n in numbers):
        far = max(abs(n) for n in numbers if n is not None) if any(numbers) else 0
        forms |= {"Int64": pa.array(numbers, pa.int64())} if far < 2**63 else {}
        forms |= {"Int16": pa.array(numbers, pa.int16())} if far < 2**15 else {}
        forms |= (
            {"UInt64": pa.array(numbers, pa.uint64())}
            if min((n for n in numbers if n is not None), default=0) >= 0 and far < 2**63
            else {}
        )
    decimals = [None if n is None else decimal_of(n) for n in numbers]
    if all(isinstance(d, Decimal) or d is None for d in decimals):
        floats = [None if d is None else float(d) for d in decimals]
        if all(f is None or Decimal(repr(f)) == d for f, d in zip(floats, decimals, strict=True)):
            forms["Float64"] = pa.array(floats, pa.float64())
        scale = max((-d.as_tuple().exponent for d in decimals if d is not None), default=0)
        if scale <= 6 and all(d is None or abs(d) < 10**12 for d in decimals):
            forms["Decimal"] = pa.array(decimals, pa.decimal128(18, max(scale, 0)))
    return forms


@st.composite
def tables(draw, rubric, *, most=4):
    """Draw a table of some records, each column in one of the types that hold it."""
    rows = [flat(draw(wild_records(rubric))) for _ in range(draw(st.integers(1, most)))]
    plan = Plan(rubric)
    names = [*readers_of(plan)]
    optional = draw(st.sets(st.sampled_from(names), max_size=2)) if names else set()
    kept = [n for n in names if n not in optional or any(row.get(n) is not None for row in rows)]
    if match(plan, kept, allow_missing=names).problems:
        kept = names
    columns = {"row": pa.array(range(len(rows)), pa.int64())}
    for name in draw(st.permutations(kept)):
        values = [row.get(name) for row in rows]
        if any(isinstance(v, Fraction) and not isinstance(decimal_of(v), Decimal) for v in values):
            # no column holds thirds
            values = [None if isinstance(v, Fraction) else v for v in values]
        forms = _forms(values)
        columns[name] = forms[draw(st.sampled_from(sorted(forms)))]
    return pa.table(columns)


def scored(rubric, frame, **options):
    """Score a frame, with errors in a column; any policy for missing columns may apply."""
    names = tuple(readers_of(Plan(rubric)))
    return evaluate_frame(rubric, frame, on_error="column", allow_missing=names, **options)


def records_of(rubric, table):
    """Return the records of a table's rows."""
    known = readers_of(Plan(rubric))
    return [{n: v for n, v in row.items() if n in known} for row in table.to_pylist()]


def expected(rubric, record):
    """Return the columns of ``evaluate`` for a record, and the names for which it is rejected.

    A row without any value is rejected as a whole.
    """
    if record and says_nothing(record.values()):
        return None, {"record"}
    try:
        result = evaluate(rubric, record)
    except InputError as error:
        return None, {problem.input for problem in error.problems}
    found = {f"points.{line.criterion}": line.points for line in result.lines}
    found |= {f"band.{line.criterion}": line.band for line in result.lines}
    found |= {f"subtotal.{name}": value for name, value in result.subtotals.items()}
    found |= {f"adjust.{step.name}": step.value for step in result.adjustments}
    short = ("pay", "coefficient")
    found |= {n if n in short else f"outcome.{n}": v for n, v in result.outcomes.items()}
    found |= {"total": result.total, "unratable": result.unratable}
    found["tier"] = None if result.tier is None else result.tier.id
    return found, set()


def shown(value):
    """Normalise a value for comparison: numbers are equal in any type."""
    value = value.replace("÷", "/") if isinstance(value, str) else value
    if isinstance(value, str) and value[:1] in "-0123456789":
        try:
            return Fraction(value)
        except ValueError:
            return value
    return value if value is None or isinstance(value, (str, bool)) else Fraction(value)


def rows_of(frame):
    """Return the rows of a frame of any kind, in its order, and the types of its columns."""
    wide = nw.from_native(frame)
    if isinstance(wide, nw.LazyFrame):
        wide = wide.collect()
    return wide.to_arrow().to_pylist(), dict(wide.schema)


def _other_numbers(i, row, want, record):
    """Yield the differences of a scored row from ``evaluate``."""
    for name, value in row.items():
        about = name.removesuffix(".exact")
        if about not in want or name in record:
            continue
        expects = shown(want[about])
        if f"{name}.exact" in row and expects is not None:
            # rounded; the exact number is in the next column
            expects = round_to(expects, Fraction(1, 10**6), "half_up")
        if shown(value) != expects:
            yield f"row {i}, {name}: {value!r}, and evaluate says {want[about]!r}"


def differences(rubric, table, rows):
    """Return the differences of the scored rows from ``evaluate``."""
    found = []
    records = records_of(rubric, table)
    if len(rows) != len(records):
        return [f"{len(records)} rows in, {len(rows)} out"]
    for i, (record, row) in enumerate(zip(records, rows, strict=True)):
        if row["row"] != i:
            found.append(f"row {i} is row {row['row']}")
        want, names = expected(rubric, record)
        error = row["error"]
        if want is None:
            told = (
                set()
                if error is None
                else {part.split(":")[0].split(" = ")[0] for part in error.split("; ")}
            )
            if error is None or not names <= told:
                found.append(f"row {i}: refused for {sorted(names)}, but said: {error}")
            added = {
                n: v
                for n, v in row.items()
                if n.startswith(
                    ("points.", "band.", "total", "tier", "pay", "outcome", "adjust", "subtotal")
                )
                and n not in record
            }
            if any(v is not None for v in added.values()):
                found.append(f"row {i} is refused and has {added}")
            continue
        if error is not None:
            found.append(f"row {i} is scored, but said: {error}")
            continue
        found += _other_numbers(i, row, want, record)
    return found
