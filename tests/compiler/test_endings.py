"""The totals, tiers and pay in which the records of a plan can end."""

from __future__ import annotations

import attrs
import pytest

from kpirules import loads
from kpirules.arithmetic.budget import TooLargeError
from kpirules.arithmetic.decision_table import DecisionTable
from kpirules.compiler.endings import MAX_CUTS, endings_of
from kpirules.compiler.plan import Plan
from kpirules.compiler.residual import residual
from kpirules.model.rubric import Total


HEAD = 'schema = 1\nid = "x"\nfull_marks = 10\n'
ONE = 'criterion = [{ id = "a", weight = 10 }]\n'
TIERS = """
tier = [{ id = "good", total = ">= 6", pay = 9 }, { id = "poor", total = "< 6", pay = 1 }]
"""


def endings(text, **known):
    """Return the endings of the records with some values."""
    plan = Plan(loads(HEAD + text))
    return endings_of(residual(plan, known, {}, {*known}))


def gates(count, effect):
    """Return a ruleset with gates on flags."""
    facts = "".join(f'inputs.f{i} = {{ type = "flag" }}\n' for i in range(count))
    holds = "".join(f"[[gate]]\nwhen = {{ f{i} = true }}\n{effect}\n" for i in range(count))
    return facts + TIERS + ONE + holds


def test_gates_that_may_hold_widen_the_range():
    """One that certainly does not hold has no effect; one that does limits every total."""
    lowers = gates(1, "total_at_most = 4")
    assert ((0, 10), {"good", "poor"}) == (endings(lowers).total, endings(lowers).tiers)
    assert ((0, 4), {"poor"}) == (endings(lowers, f0=True).total, endings(lowers, f0=True).tiers)
    assert ((0, 10), (1, 9)) == (endings(lowers, f0=False).total, endings(lowers, f0=False).pay)
    raises = gates(1, 'total_at_least = 3\ntier_at_least = "good"')
    assert ((3, 10), {"good"}) == (endings(raises, f0=True).total, endings(raises, f0=True).tiers)


@pytest.mark.parametrize(
    ("effect", "low", "high"),
    [("total_at_most = 4", 0, 10), ("demote = 1", 0, 10), ("total_at_least = 8", 0, 10)],
)
def test_of_many_gates_not_every_choice_is_examined(effect, low, high):
    """The bounds enclose all choices."""
    found = endings(gates(12, effect))
    assert ((low, high), {"good", "poor"}) == (found.total, found.tiers)


def test_many_tiers_are_not_cut():
    """The bounds stay those of all totals, and each tier is possible."""
    count = MAX_CUTS + 5
    tiers = ['[[tier]]\nid = "t0"\ntotal = "< 1"\npay = 0\n']
    tiers += [
        f'[[tier]]\nid = "t{i}"\ntotal = "{i} .. < {i + 1}"\npay = {i}\n' for i in range(1, count)
    ]
    tiers.append(f'[[tier]]\nid = "t{count}"\ntotal = ">= {count}"\npay = {count}\n')
    text = 'schema = 1\nid = "x"\nfull_marks = 300\ncriterion = [{ id = "a", weight = 300 }]\n'
    found = endings_of(Plan(loads(text + "".join(tiers))))
    assert ((0, 300), (0, count), count + 1) == (found.total, found.pay, len(found.tiers))


def test_a_table_that_is_too_large_leaves_every_row_possible(monkeypatch):
    """The bounds are then wider."""
    plan = Plan(loads(HEAD + gates(1, "total_at_most = 4")))

    def too_large(self):
        raise TooLargeError("steps", rows=1, axes=1)

    assert (0, 4) == endings_of(residual(plan, {"f0": True}, {}, {"f0"})).total
    monkeypatch.setattr(DecisionTable, "unreached", too_large)
    assert (0, 10) == endings_of(residual(plan, {"f0": True}, {}, {"f0"})).total


def test_without_enough_criteria_there_is_no_total():
    """Fewer criteria than the ruleset requires have a weight."""
    rubric = attrs.evolve(loads(HEAD + ONE), total=Total(minimum_scored=2))
    assert endings_of(Plan(rubric)).total is None


def test_pay_may_be_a_text():
    """A text has no bounds; an outcome that is certain has its value alone."""
    text = ONE + '[outcome.pay]\nvalue = "as agreed"\n'
    assert endings(text).pay is None
    assert endings(text, **{"outcome.pay": "as agreed"}).pay is None
    assert (7, 7) == endings(ONE + '[outcome.pay]\nformula = "total"\n', **{"outcome.pay": 7}).pay
