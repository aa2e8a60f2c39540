"""The public strategies, as a package of rulesets or an application uses them."""

from __future__ import annotations

import subprocess
import sys
from fractions import Fraction

import pytest
from hypothesis import find, given
from hypothesis import strategies as st

import kpirules.testing
from kpirules import Input, Rubric, check, evaluate, loads
from kpirules.arithmetic.number import exact
from kpirules.errors import MissingExtraError
from kpirules.model import Option
from kpirules.testing import UNSOUND, bad_records, records, rubrics, unsound_rubrics
from kpirules.testing.part_strategies import cuts
from kpirules.testing.record_strategies import wild_records
from kpirules.toml.parser import parse


@given(st.data(), rubrics())
def test_four_lines_are_enough(data, rubric):
    """The example of the package's docstring."""
    result = evaluate(rubric, data.draw(records(rubric)))
    assert result.unratable or result.total >= 0


def test_a_code_that_cannot_be_planted_is_refused():
    """The error lists the codes that can be injected."""
    for code, reason in (("syntax", "is not planted"), ("qq", "is no finding")):
        with pytest.raises(ValueError, match=f'"{code}" {reason}; there are: band-gap, '):
            unsound_rubrics(code)


def test_the_package_costs_nothing_until_a_strategy_is_used():
    """pytest imports the package for its plugin at every start."""
    probe = (
        "import kpirules.testing, sys; print('hypothesis' in sys.modules, 'cattrs' in sys.modules)"
    )
    shown = subprocess.run(
        [sys.executable, "-c", probe], capture_output=True, text=True, check=True
    )
    assert "False False\n" == shown.stdout


def test_without_hypothesis_the_extra_is_named(monkeypatch):
    """The error is one line; another missing module is not mistaken for Hypothesis."""
    monkeypatch.setitem(sys.modules, "hypothesis", None)
    monkeypatch.delitem(sys.modules, "kpirules.testing.rubric_strategies")
    monkeypatch.delitem(kpirules.testing.__dict__, "rubrics", raising=False)
    with pytest.raises(MissingExtraError, match="pip install 'kpirules\\[testing\\]'"):
        kpirules.testing.__getattr__("rubrics")
    monkeypatch.undo()
    monkeypatch.setitem(sys.modules, "attrs", None)
    monkeypatch.delitem(sys.modules, "kpirules.testing.rubric_strategies")
    with pytest.raises(ModuleNotFoundError, match="attrs"):
        kpirules.testing.__getattr__("rubrics")


def test_a_name_that_the_package_does_not_have():
    """``AttributeError``, as for any module."""
    with pytest.raises(AttributeError, match="has no attribute 'robrics'"):
        _ = kpirules.testing.robrics
    assert set(kpirules.testing.__all__) == {*kpirules.testing._MODULE_OF}  # noqa: SLF001 - the lazy imports
    assert 14 <= len(UNSOUND)


@given(rubrics())
def test_rubrics_are_rubrics(rubric):
    """Of the model's class, with at least one criterion."""
    assert isinstance(rubric, Rubric)
    assert rubric.all_criteria


#: a judged rating that no multiple of the step matches, and a list
ODD = """
schema = 1
id = "odd"
[inputs]
n = { type = "count", range = "0..9" }
many = { type = "number", many = true }
[[criterion]]
id = "a"
weight = 100
of = "n"
bands = [{ when = "<= 4", points = "> 0 .. < 1" }, { when = ">= 5", points = "5..9" }]
"""


@given(records(parse(ODD, "odd")))
def test_a_rating_that_nobody_can_give_is_not_drawn(record):
    """If no multiple of the step is among the points, no rating is drawn."""
    assert "a" not in record or 5 <= exact(record["a"]) <= 9


def test_a_list_is_spoiled_too():
    """Invalid values of inputs include lists of values that are not numbers."""
    found = find(bad_records(parse(ODD, "odd")), lambda record: [True] == record.get("many"))
    assert [True] == found["many"]


@given(unsound_rubrics())
def test_any_defect_is_planted_where_none_is_named(rubric):
    """``check`` finds it."""
    assert any(f.code in UNSOUND for f in check(rubric))


@given(cuts(Input(name="x", type="choice", options=(Option(code="p"),), many=True)))
def test_the_only_option_of_a_choice_has_one_row(rows):
    """A text that is the same for all items of a list cannot be divided."""
    assert [("p",)] == rows


OVER_POINTS = """
schema = 1
id = "over-points"
criterion = [
  { id = "half", weight = 50, scale = 10, formula = "points.whole / 2" },
  { id = "whole", weight = 50, scale = 10 },
  { id = "shown", scored = false, formula = "points.half + points.whole" },
]
"""


@given(st.data())
def test_ratings_agree_with_the_points_of_other_criteria(data):
    """1.5 times the rating, also if all three are rated; some records are without one."""
    rubric = loads(OVER_POINTS)
    record = data.draw(records(rubric))
    half, whole, shown = evaluate(rubric, record).lines
    assert exact(whole.points) * Fraction(3, 2) == shown.points == half.points + whole.points
    assert set(data.draw(wild_records(rubric))) <= {"half", "whole", "shown"}
