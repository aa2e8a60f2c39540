"""The residual plan of a draft."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

from kpirules import loads
from kpirules.arithmetic.range import Range
from kpirules.compiler.plan import Plan
from kpirules.compiler.residual import residual


TEXT = """
schema = 1
id = "x"
full_marks = 10
inputs.w = { type = "number", range = "4..6" }
inputs.late = { type = "count" }
inputs.some = { type = "number", many = true }
[[criterion]]
id = "a"
weight = "w"
scale = 3
missing = "zero"
of = "late"
bands = [{ when = 0, points = 3 }, { when = "1..2", points = "0..2" }, { when = ">= 3", points = 0 }]
[[criterion]]
id = "b"
weight = "10 - w"
scale = 2
"""


def left(values, points):
    """Return the residual plan of values and points."""
    return residual(Plan(loads(TEXT)), values, points, {*values})


def test_what_is_certain_is_a_constant():
    """Points of any fraction have no policy for missing values; weights are numbers."""
    plan = left({"weight.a": Fraction(9, 2), "weight.b": Fraction(11, 2)}, {"a": Fraction(1, 3)})
    assert [Decimal("4.5"), Decimal("5.5")] == [c.criterion.weight for c in plan.criteria]
    assert [Fraction(1, 3)] == [part.span.only for part in plan.criteria[0].values.parts]
    assert not plan.weighing.has_computed_weights
    assert (Fraction(1, 2), 6) == (plan.totals.first_in(Range()), plan.totals.last_in(Range()))


def test_a_weight_without_a_decimal_form_stays_a_formula():
    """No ruleset can have it."""
    assert "w" == left({"weight.a": Fraction(13, 3)}, {}).criteria[0].criterion.weight


def test_the_band_that_the_facts_choose_stays():
    """Its ratings, and the policy for a missing one."""
    c = left({"late": 1}, {"a": Range.closed(0, 2)}).criteria[0]
    assert (0, 2) == c.ends
    assert c.is_judged


def test_the_domain_of_a_certain_name_is_its_value():
    """That of a list is the one of its items; of an empty one, any number."""
    plan = left({"late": 2, "some": (1, 3)}, {})
    assert Range.exactly(2) == plan.scope.axes["late"].domain
    assert Range.closed(1, 3) == plan.scope.axes["some"].domain
    assert Range() == left({"some": ()}, {}).scope.axes["some"].domain
