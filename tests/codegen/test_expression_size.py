"""Expressions over columns are of bounded size: a part that would take more is rejected by name."""

from __future__ import annotations

from decimal import Decimal

import polars as pl
import pytest

from kpirules import evaluate, evaluate_frame, loads
from kpirules.codegen import expression_size
from kpirules.codegen.compiled_plan import CannotSayError
from kpirules.codegen.expression_size import Count, Counting
from kpirules.codegen.fixed_point import BeyondError, Units
from kpirules.codegen.generator import counted
from kpirules.compiler.plan import Plan
from kpirules.errors import FrameError


KINDS = {"x0": "whole", "x1": "whole"}


def nested(depth, criteria=1):
    """Write criteria of nested words, each of which asks for what is inside it twice."""
    body = "x0"
    for i in range(depth):
        body = f"{('min', 'max')[i % 2]}({body}, x{i % 2} + {i})"
    facts = "".join(f'x{i} = {{ type = "count", range = "0..100" }}\n' for i in range(2))
    each = "".join(
        f'[[criterion]]\nid = "c{i}"\nweight = 1\nscale = 100\nclamp = "0..100"\nformula = "{body}"\n'
        for i in range(criteria)
    )
    head = f'schema = 1\nid = "nested"\nfull_marks = {criteria}\n'
    return loads(f"{head}[inputs]\n{facts}{each}")


def test_a_part_that_takes_too_much_is_named():
    """30 nested words would make a billion nodes; the criterion is named and nothing is made.

    Of a smaller one it is known on which values each condition depends: those of the inputs on
    their own, whether they are given on none, and the range of the points on both.
    """
    with pytest.raises(CannotSayError) as caught:
        counted(Plan(nested(30)), KINDS)
    assert caught.value.part == "points.c0"
    assert str(caught.value.reason) == "takes an expression of more than 20000 parts"
    both, none = frozenset(KINDS), frozenset()
    names = (frozenset({"x0"}), frozenset({"x1"}), none, none, both)
    assert names == counted(Plan(nested(6)), KINDS).dependencies


def test_parts_that_take_too_much_together_are_named():
    """Twenty criteria of a few thousand nodes each are too much together."""
    with pytest.raises(CannotSayError, match="beyond 30000 parts together"):
        counted(Plan(nested(6, 40)), KINDS)


def test_what_holds_of_a_row_is_counted_too(monkeypatch):
    """Where no single part is too large but all conditions together are, the ruleset is named."""
    monkeypatch.setattr(expression_size, "MAX_NODES", 2_000)
    with pytest.raises(CannotSayError, match="nested takes an expression of more than 2000 parts"):
        counted(Plan(nested(1, 40)), KINDS)


def test_rows_of_such_a_ruleset_are_scored_one_by_one_in_memory():
    """In memory `evaluate` decides; a database is told which part it cannot say."""
    duckdb = pytest.importorskip("duckdb")
    rubric = nested(30)
    frame = pl.DataFrame({"x0": [1, 2], "x1": [0, 50]})
    scored = evaluate_frame(rubric, frame)
    expected = [evaluate(rubric, row).total for row in frame.to_dicts()]
    assert list(map(Decimal, scored["total"].to_list())) == expected
    with pytest.raises(
        FrameError, match=r"points\.c0 takes an expression of more than 20000 parts"
    ):
        evaluate_frame(rubric, duckdb.from_arrow(frame.to_arrow()))


def test_units_are_not_smaller_than_64_bits_hold():
    """A square of a square of a thousandth is counted in units too small for 64 bits."""
    with pytest.raises(BeyondError, match="fractions that are too small"):
        Units(expr=None, den=2**61, low=0, high=1)


def test_each_word_counts_its_parts():
    """An expression counts its parts, whatever word makes it; dunders that it lacks stay lacking."""
    words = Counting()
    one, two = words.col("a"), words.lit(2, dtype=words.Int64)
    assert [one.nodes, (one + two).nodes, (1 - one).nodes, (~one).nodes] == [2, 5, 4, 3]
    assert ((one < 3) & (one == 2)).nodes == 9
    assert words.when(one).then(two).otherwise(0).nodes > one.nodes + two.nodes
    assert words.concat_str([one, two]).nodes == 5
    with pytest.raises(AttributeError):
        Count("a").__array__  # noqa: B018 - that it is not there is what is asked


def test_tables_that_take_too_much_together_are_named():
    """Hundreds of criteria of twenty bands would take DuckDB 600 MB; thirty are taken."""

    def tables(count):
        facts = "".join(f'x{i} = {{ type = "count", range = "0..100" }}\n' for i in range(2))
        rows = "".join(f'{{ when = "{i * 5} .. {i * 5 + 4}", points = {i} }},' for i in range(19))
        each = "".join(
            f'[[criterion]]\nid = "c{i}"\nweight = 1\nscale = 100\nof = "x{i % 2}"\n'
            f'bands = [{rows} {{ when = "otherwise", points = 0 }}]\n'
            for i in range(count)
        )
        head = f'schema = 1\nid = "tables"\nfull_marks = {count}\n'
        return loads(f"{head}[inputs]\n{facts}{each}")

    assert {*KINDS} == frozenset().union(*counted(Plan(tables(30)), KINDS).dependencies)
    with pytest.raises(CannotSayError, match="beyond 30000 parts together"):
        counted(Plan(tables(200)), KINDS)
