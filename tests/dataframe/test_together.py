"""Dataframes whose rows are evaluated together: equal to ``evaluate_cohort``, on each library."""

from __future__ import annotations

import json
from fractions import Fraction

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kpirules import FrameError, InputError, RowsError, evaluate_cohort, evaluate_frame, loads
from kpirules.dataframe import together
from kpirules.testing import records, rubrics


HEAD = """
schema = 1
id = "shop"
[inputs.shop]
type = "choice"
options = ["x", "y"]
[inputs.counts]
type = "flag"
[inputs.wage]
type = "number"
range = "0..1000"
step = 0.5
[inputs.pool]
type = "number"
range = ">= 0"
"""
TAIL = """
[[criterion]]
id = "work"
weight = 100
[[tier]]
id = "A"
total = "62..100"
[[tier]]
id = "B"
total = "< 62"
[[gate]]
when = { work = 60 }
unratable = true
[outcome.gain]
formula = "gift + 1"
"""
KINDS = {
    "polars": lambda table: table,
    "pandas": lambda table: table.to_pandas(),
    "pyarrow": lambda table: table.to_arrow(),
}


@st.composite
def cohorts(draw):
    """Draw the keys of a cohort of any form."""
    groups = draw(st.sampled_from(["", 'within = "shop"', 'within = ["shop", "counts"]']))
    where = draw(
        st.sampled_from(["", "where = { counts = true }", 'where = { work = "60..61", wage = "> 0" }'])
    )
    missing = draw(st.sampled_from(["", 'missing = "skip"', 'missing = "error"']))
    form = draw(st.sampled_from(["formula", "rank", "share", "share"]))
    if form == "formula":
        formulas = ["heads", "sum(total)", "min(wage)", "max(wage * total)", "mean(total)"]
        formulas += ["sum(wage) + pool", "count(wage)", "highest(wage, 2)", "sum(wage) / heads"]
        text = draw(st.sampled_from(formulas))
        own = [f'formula = "{text if "(" not in text or "highest" not in text else "sum(highest(wage, 2))"}"']
    elif form == "rank":
        by = draw(st.sampled_from(['"total"', '["total", "-wage"]', '"wage"', '"-points.work / 4"']))
        ties = draw(st.sampled_from(["best", "worst", "refuse"]))
        own = [f"rank = {by}", f'ties = "{ties}"']
    else:
        amount = draw(st.sampled_from(["pool", "10 * heads", "sum(wage)", "pool - 5"]))
        by = draw(st.sampled_from(["total", "wage", "wage - 1"]))
        modes = ["largest_remainder", "largest_remainder", "half_up"]
        to = draw(st.sampled_from(["0.01", "1", "0.5", "7"]))
        rounding = draw(st.sampled_from([None, *modes]))
        own = [f'share = "{amount}"', f'by = "{by}"']
        own += [f'round = {{ to = {to}, mode = "{rounding}" }}'] if rounding else []
        otherwise = draw(st.sampled_from(["refuse", "nothing", "equal"]))
        own += [f'otherwise = "{otherwise}"']
    return ", ".join(each for each in (*own, groups, where, missing) if each)


@st.composite
def rulesets(draw):
    """Draw a ruleset with one gathered input, perhaps another that needs it, and a quota."""
    text = [HEAD, '[inputs.gift]\ntype = "number"', f"cohort = {{ {draw(cohorts())} }}"]
    text += draw(st.sampled_from([["default = 3"], ['range = "0..90"', "default = 0"], []]))
    if draw(st.booleans()):
        text += ['[inputs.place]\ntype = "count"\ndefault = 9']
        text += ['cohort = { rank = "outcome.gain", ties = "worst", missing = "skip" }']
    text.append(TAIL)
    if draw(st.booleans()):
        limit = draw(st.sampled_from(["heads", "ceil(0.5 * heads)"]))
        within = draw(st.sampled_from(["", 'within = "shop"']))
        text += [f'[[quota]]\nid = "top"\ntier = "A"\nat_most = "{limit}"\nexcess = "refuse"\n{within}']
    return "\n".join(text)


def people(*, is_plain):
    """Draw records by key; plain ones have all values, and only allowed ones."""
    nothing = [] if is_plain else [None]
    work = [*range(60, 64), *nothing, *([] if is_plain else [101])]
    return st.dictionaries(
        st.text("abcdeé-", min_size=1, max_size=3),
        st.fixed_dictionaries(
            {
                "shop": st.sampled_from(["x", "y", *nothing]),
                "counts": st.sampled_from([True, False, *nothing]),
                "wage": st.sampled_from([0, 0.5, 1, 2.5, 3, *nothing]),
                "work": st.sampled_from(work),
            }
        ).filter(lambda record: {*record.values()} != {None}),
        min_size=1,
        max_size=7,
    )


def sound(text):
    """Load a ruleset; its defects are not what these tests are about."""
    return loads(text)


def frame_of(records):
    """Give records as a frame of polars."""
    names = dict.fromkeys(name for record in records.values() for name in record)
    rows = {name: [record.get(name) for record in records.values()] for name in names}
    return pl.DataFrame({"key": list(records), **rows}, strict=False)


def compare(rubric, records, common=None, kind="polars"):
    """Compare the rows of a frame with the results of a cohort; return the frame."""
    frame = KINDS[kind](frame_of(records))
    made = evaluate_frame(rubric, frame, key="key", common=common, on_error="column")
    rows = pl.DataFrame(made) if kind == "polars" else pl.from_pandas(made) if kind == "pandas" else pl.from_arrow(made)
    cohort = evaluate_cohort(rubric, records, common=common, on_error="keep")
    assert list(records) == rows["key"].to_list()
    for row in rows.iter_rows(named=True):
        key = row["key"]
        if key in cohort.refused:
            codes = [problem["code"] for problem in json.loads(row["problems"])]
            assert [problem.code for problem in cohort.refused[key].problems] == codes
            assert row["error"] == "; ".join(map(str, cohort.refused[key].problems))
            continue
        assert row["error"] is None
        result = cohort.results[key]
        said = {f"outcome.{name}": value for name, value in result.outcomes.items()}
        said |= {f"gathered.{name}": result.inputs[name] for name in result.memberships}
        said |= {"total": result.total}
        for name, value in said.items():
            cell = row.get(f"{name}.exact", row.get(name))
            assert (None if value is None else Fraction(value)) == (None if cell is None else Fraction(cell)), name
        absent = [n for n in rubric_gathered(rubric) if n not in result.memberships]
        assert [None for _ in absent] == [row[f"gathered.{name}"] for name in absent]
    return rows


def rubric_gathered(rubric):
    """Give the names of the gathered inputs."""
    return [fact.name for fact in rubric.inputs if fact.cohort is not None]


@given(text=rulesets(), records=people(is_plain=True), pool=st.sampled_from([0, 1, 100, 99.99]))
def test_a_frame_has_the_numbers_of_a_cohort(text, records, pool):
    """Of every form of cohort, where every record has its values."""
    compare(sound(text), records, {"pool": pool})


@given(text=rulesets(), records=people(is_plain=False), pool=st.sampled_from([0, 1, 100, 99.99]))
def test_a_frame_has_the_problems_of_a_cohort(text, records, pool):
    """Where values are missing or not allowed: the same rows are rejected, for the same reasons."""
    compare(sound(text), records, {"pool": pool})
