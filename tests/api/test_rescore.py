"""A month of results evaluated again under other rules, each compared with what it was."""

from __future__ import annotations

from itertools import count, islice

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kpirules import (
    InputError,
    Result,
    RulesetError,
    RulesetNotFoundError,
    compare_results,
    evaluate,
    load,
    loads,
    rescore,
)
from kpirules.testing import records, rubrics
from tests.drawing import share


OLD = loads(
    'schema = 1\nid = "desk"\ncriterion = [{ id = "work", weight = 100 }]\n'
    'tier = [{ id = "good", total = ">= 60", pay = 200 }, { id = "low", total = "< 60", pay = 0 }]'
)
MONTH = [evaluate(OLD, {"work": points}) for points in (50, 70, 90)]


def test_results_are_compared_with_those_of_other_rules():
    """In their order: the old one, the new one, the comparison."""
    new = OLD.replace("tier.good.pay", 250).replace("tier.good.total", ">= 80")
    new = new.replace("tier.low.total", "< 80")
    found = [*rescore(MONTH, new)]
    assert MONTH == [each.old for each in found]
    assert [0, 0, 250] == [each.new.pay for each in found]
    assert [evaluate(new, old.inputs) for old in MONTH] == [each.new for each in found]
    assert [compare_results(each.old, each.new) for each in found] == [x.comparison for x in found]
    assert [("outcome", "pay", 200, 0)] == [
        (c.part, c.name, c.before, c.after) for c in found[1].comparison.of("outcome")
    ]
    assert found[1].text("zh").endswith("绩效工资：200 → 0（等级 good → low）")


def test_a_rejected_record_has_its_error():
    """An input that the other rules do not have, or need; the others go on."""
    new = OLD.replace("work.range", "0..80")
    found = [*rescore(MONTH, new)]
    assert [Result, Result, InputError] == [type(each.new) for each in found]
    assert found[2].comparison is None
    assert "work = 90: is not an allowed rating; allowed: 0 to 80" in found[2].text()
    assert ["not-allowed"] == [problem.code for problem in found[2].new.problems]


def test_the_same_rules_change_nothing():
    """Each comparison is false."""
    assert not any(each.comparison for each in rescore(iter(MONTH), OLD))
    assert [] == [*rescore([], OLD)]


def test_results_are_taken_one_by_one():
    """Of an iterable without end as well."""
    endless = (evaluate(OLD, {"work": n % 100}) for n in count())
    assert [0, 1, 2] == [each.new.total for each in islice(rescore(endless, OLD), 3)]


def test_the_rules_may_be_those_of_an_id_and_a_day():
    """What cannot be loaded is an error at once."""
    rubric = load("customer-service")
    result = evaluate(rubric, dict(rubric.examples[0].ratings))
    (one,) = rescore([result], "customer-service", on="2026-10")
    assert not one.comparison
    with pytest.raises(RulesetNotFoundError):
        rescore([result], "customer-service", on="2019-10")
    with pytest.raises(RulesetError):
        rescore([result], OLD.replace("work.weight", 90))
    with pytest.raises(TypeError, match="rescore: expected results"):
        [*rescore([result.to_json()], rubric)]


@share(1 / 4)
@given(st.data(), rubrics(), rubrics())
def test_any_month_is_rescored(data, one, other):
    """Whatever the rules: a result or an error for each, and nothing differs under its own rules."""
    try:
        results = [evaluate(one, data.draw(records(one))) for _ in range(2)]
    except InputError:
        return
    assert not any(each.comparison for each in rescore(results, one))
    for each in rescore(results, other):
        assert (each.comparison is None) is isinstance(each.new, InputError)
        assert each.text("zh")


def test_what_is_gathered_from_all_records_is_not_taken_over():
    """The place was that among the old totals: the record alone has none."""
    text = """
    schema = 1
    id = "shop"
    inputs.place = { type = "count", cohort = { rank = "total", ties = "best" } }
    criterion = [{ id = "work", weight = 100 }]
    outcome.bonus = { formula = "60 - 10 * place" }
    """
    old = evaluate(loads(text), {"work": 70, "place": 1})
    (found,) = rescore([old], loads(text.replace('"total"', '"-total"')))
    assert found.comparison is None
    assert "it is gathered from all records (place by total)" in found.text()
