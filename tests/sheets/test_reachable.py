"""The greatest total and subtotals of a form: what records reach, where that is known exactly."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kpirules import evaluate, loads
from kpirules.compiler.plan import Plan
from kpirules.sheets.form_builder import blank, filled
from kpirules.sheets.reachable import greatest_subtotal, greatest_total
from kpirules.testing import records, rubrics
from tests.drawing import share


HEAD = 'schema = 1\nid = "x"\n'
#: 5 of the 60 points of work cannot be reached
WORK = """
[[section]]
id = "work"
weight = 60
[[section.criterion]]
id = "a"
weight = 40
bands = [{ points = "0..35" }]
[[section.criterion]]
id = "b"
weight = 20
"""
REST = '[[section]]\nid = "rest"\nweight = 40\ncriterion = [{ id = "c", weight = 40 }]\n'


def greatest(text):
    """Return the greatest total, and the greatest subtotals."""
    plan = Plan(loads(HEAD + text))
    return greatest_total(plan), [greatest_subtotal(plan, s) for s in plan.rubric.sections]


def test_what_no_record_reaches_is_not_the_measure():
    """The total is out of 95, not of full marks, and the subtotal out of 55, not of its weight."""
    assert (95, [55, 40]) == greatest(WORK + REST)


@pytest.mark.parametrize(
    ("more", "found"),
    [
        ("[[gate]]\nwhen = { b = 0 }\ntier_at_most = 'low'\n", 95),
        ("[[gate]]\nwhen = { b = 0 }\ntotal_at_most = 60\n", 100),
        ("[[gate]]\nwhen = { b = 0 }\nunratable = true\n", 100),
        ("[[gate]]\nwhen = { b = 0 }\nrefuse = true\n", 100),
        (
            "[[adjust]]\nid = 'plus'\nformula = '0 - a'\nrange = '-50..0'\n[total]\nclamp = '0..100'\n",
            100,
        ),
        ("[total]\nclamp = '0..90'\n", 100),
    ],
    ids=["tier", "limit", "unratable", "refused", "adjustment", "clamp"],
)
def test_full_marks_are_the_measure_if_more_follows(more, found):
    """What a gate leaves, or an adjustment adds, is not known exactly; a gate of tiers is no matter."""
    tiers = '[[tier]]\nid = "low"\ntotal = "< 50"\n[[tier]]\nid = "high"\ntotal = ">= 50"\n'
    assert found == greatest(WORK + REST + tiers + more)[0]


def test_a_capped_section_is_out_of_its_cap():
    """The items may add up to more than the section gives; the sums are not known exactly."""
    capped = WORK.replace("weight = 60", "weight = 50\ncap = true")
    text = capped + REST.replace("40", "50")
    assert (100, [None, None]) == greatest(text)
    assert ["50", "50"] == [part.most for part in blank(loads(HEAD + text)).parts]


def test_what_may_be_left_out_is_not_known():
    """The weights of what remains differ from record to record."""
    left = WORK.replace("weight = 40", 'weight = 40\nmissing = "exclude"')
    assert (100, [None, None]) == greatest(left + REST)


@share(1 / 5)
@given(st.data())
def test_no_record_exceeds_what_is_known(data):
    """Total and subtotals of any record are at most those of the form, if full marks are not its measure."""
    rubric = data.draw(rubrics())
    result = evaluate(rubric, data.draw(records(rubric)))
    plan = Plan(rubric)
    most = greatest_total(plan)
    if result.total is not None and most != plan.full_marks:
        assert result.total <= most
    for section in rubric.sections:
        part, reached = greatest_subtotal(plan, section), result.subtotals.get(section.id)
        if part is not None and reached is not None:
            assert reached <= part


def test_sheets_show_it():
    """Beside the total and the subtotals, and in the bars."""
    rubric = loads(HEAD + WORK + REST)
    form = filled(rubric, evaluate(rubric, {"a": 30, "b": 20, "c": 40}), lang="en")
    assert ("90", "95") == (form.total, form.most)
    assert [("work", 90, "50 of 55"), ("rest", 100, "40 of 40")] == form.shares
