"""Lists, curves and tables by two facts together: in one formula, and for each item of a list."""

from __future__ import annotations

import pytest

from kpirules import evaluate, loads
from kpirules.api.load import check_text
from kpirules.evaluation.result_parts import ListStep


SALES = """
schema = 1
id = "sales"
[inputs.sales]
type = "number"
range = "0..1000"
step = 1
many = true
[inputs.kind]
type = "choice"
options = ["new", "old"]
many = true
[inputs.senior]
type = "flag"
[inputs.target]
type = "number"
range = "10..500"
step = 1
"""
RECORD = {"sales": [100, 20, 600], "kind": ["new", "old", "new"], "senior": False, "target": 100}


def values(text, record=RECORD, **more):
    """Return the derived facts of a record, of a ruleset without errors."""
    every = [f for f in check_text(SALES + text) if f.severity == "error"]
    assert not every, [f.message() for f in every]
    steps = evaluate(loads(SALES + text), record | more).derived
    return {s.name: s.values if isinstance(s, ListStep) else s.value for s in steps.values()}


def findings(text):
    """Return the errors of a ruleset, by place."""
    found = check_text(SALES + text)
    assert all(f.message("zh") for f in found)
    return {f.place: f"{f.message()}; {f.advice}" for f in found if f.severity == "error"}


def outcome(formula):
    """Return an outcome that uses a formula."""
    return f'[outcome.found]\nformula = "{formula}"\n'


def test_a_curve_and_interpolate_for_each_item():
    """80, 0 and 100 on the curve of the target; 1, 0.2 and 1 between 0 and the target."""
    text = """
[curves.payout]
points = [["target / 2", 0], ["target", 80], ["2 * target", 100]]
[derive.paid]
many = true
formula = "curve(sales, payout)"
[derive.share]
many = true
formula = "interpolate(sales, 0, 0, target, 1)"
""" + outcome("sum(paid) + sum(share)")
    found = values(text)
    assert [(80, 0, 100), (1, 0.2, 1)] == [found["paid"], tuple(map(float, found["share"]))]


def test_points_of_a_curve_that_are_items():
    """In a formula for each item, a list in a point is one item: halfway between it and 10 more."""
    text = """
[curves.near]
points = [["sales", 0], ["sales + 10", 50]]
[derive.paid]
many = true
formula = "curve(sales + 5, near)"
""" + outcome("mean(paid)")
    assert (25, 25, 25) == values(text)["paid"]


def test_points_of_a_curve_that_are_sums_of_lists():
    """In other formulas, a list in a point is a list: 100 of the way from 0 to the sum of 720."""
    text = """
[curves.near]
points = [[0, 0], ["sum(sales) + 1", 721]]
""" + outcome("curve(100, near)")
    assert not findings(text)
    assert 100 == evaluate(loads(SALES + text), RECORD).outcomes["found"]


@pytest.mark.parametrize(
    ("point", "formula", "many", "message"),
    [
        (
            "sales + 1",
            "curve(5, near)",
            "",
            "the curve near cannot be used here: sales is a list, not a number; ",
        ),
        (
            "sum(sales) + 1",
            "curve(sales, near)",
            "many = true\n",
            "the curve near cannot be used here: sales is one item here, not a list: this formula is computed for each item; ",
        ),
    ],
)  # fmt: skip
def test_a_curve_whose_points_do_not_fit_the_formula(point, formula, many, message):
    """The formula that uses it has the error, with its reason; the curve itself has none."""
    text = (
        f'[curves.near]\npoints = [[-1, 0], ["{point}", 50]]\n'
        f'[derive.paid]\n{many}formula = "{formula}"\n' + outcome("2")
    )
    found = findings(text)
    assert ["derive.paid.formula"] == [*found]
    assert message.removesuffix("; ") in found["derive.paid.formula"]


def test_a_table_by_two_facts_for_each_item():
    """The kind of each item by one fact of the record, and by another list."""
    text = """
[derive.rate]
many = true
of = "kind"
across = "senior"
bands = [
    { when = "new", value = { true = 1, false = 2 } },
    { when = "old", value = { true = 3, otherwise = 4 } },
]
[derive.base]
many = true
of = "kind"
across = "sales"
bands = [
    { when = "new", formula = { "< 500" = "sales", otherwise = "500" } },
    { when = "otherwise", formula = { "< 50" = "2 * sales", otherwise = "100" } },
]
""" + outcome("sum(rate) + sum(base)")
    found = values(text)
    assert [(2, 4, 2), (100, 40, 500)] == [found["rate"], found["base"]]
    assert (1, 3, 1) == values(text, senior=True)["rate"]


def test_a_table_by_two_facts_for_each_item_has_a_gap():
    """It names an item of each list as the record has it."""
    text = """
[derive.rate]
many = true
of = "kind"
across = "sales"
bands = [
    { when = "new", value = { "< 500" = 1, otherwise = 2 } },
    { when = "old", value = { "< 50" = 3 } },
]
""" + outcome("sum(rate)")
    (finding,) = [f for f in check_text(SALES + text) if f.severity == "error"]
    assert "band-gap" == finding.code
    assert {"kind": ("old",), "sales": (50,)} == dict(finding.witness)


def test_count_and_run_in_a_table_by_two_facts():
    """Of 2 sales from 100 and a run of 1 new item, the second cell of the first row."""
    text = """
[derive.large]
of = "sales"
count = ">= 100"
[derive.streak]
of = "kind"
run = "new"
[derive.step]
of = "large"
across = "streak"
bands = [
    { when = "0..2", value = { "0" = 1, otherwise = 2 } },
    { when = "> 2", value = { "0..1" = 3, "> 1" = 4 } },
]
""" + outcome("step")
    found = values(text)
    assert [2, 1, 2] == [found[name] for name in ("large", "streak", "step")]


@pytest.mark.parametrize(
    ("keys", "place"),
    [
        ('of = "senior"\nacross = "sales"', "derive.rate.across"),
        ('of = "senior"\nacross = "kind"', "derive.rate.across"),
    ],
)
def test_a_list_is_not_a_second_fact_of_one_value(keys, place):
    """The finding says which ways there are; it is the only one."""
    cells = '{ "< 500" = 1, otherwise = 2 }' if "sales" in keys else "{ new = 1, old = 2 }"
    text = (
        f"[derive.rate]\n{keys}\nbands = [{{ when = true, value = {cells} }}, "
        f"{{ when = false, value = 3 }}]\n" + outcome("rate")
    )
    found = findings(text)
    assert [place] == [*found]
    assert "is a list: it has no single value" in found[place]
    assert "with many = true" in found[place]


def test_cells_of_otherwise_need_a_fact_that_is_no_list():
    """The other values of a list are not a list of entries."""
    text = """
[derive.rate]
of = "kind"
across = "senior"
bands = [
    { when = "missing", value = { true = 1, false = 2 } },
    { when = "otherwise", value = { true = 3, false = 4 } },
]
""" + outcome("rate")
    assert "derive.rate.bands[1].when" in findings(text)


def test_the_cap_of_points_from_lists_and_curves():
    """60 and 45 of 100 points, of which the section counts 90."""
    text = """
[curves.payout]
points = [[0, 0], [1000, 100]]
[derive.paid]
many = true
formula = "curve(sales, payout)"
[[section]]
id = "all"
weight = 90
cap = true
[[section.criterion]]
id = "best"
weight = 60
formula = "clamp(max(highest(paid, 1)), 0, 60)"
[[section.criterion]]
id = "times"
weight = 45
of = "n"
bands = [{ when = 0, points = 0 }, { when = "> 0", points = 45 }]
[[section]]
id = "rest"
weight = 10
[[section.criterion]]
id = "more"
weight = 10
[derive.n]
of = "paid"
count = ">= 10"
"""
    result = evaluate(loads(SALES + text), RECORD | {"more": 0})
    assert 90 == result.total
