"""Two results compared: what differs, and why, as far as they state it."""

from __future__ import annotations

import copy
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kpirules import (
    Comparison,
    InputError,
    Result,
    StoredResultError,
    compare_results,
    evaluate,
    load_file,
    loads,
)
from kpirules.evaluation.comparison import Change, Reason
from kpirules.evaluation.result_parts import GateHeld, Line, Step
from kpirules.model.provenance import Package
from kpirules.testing import records, rubrics
from tests.drawing import share
from tests.evaluation.test_result_parser import STORED, mutated


DESK = """schema = 1
id = "desk"
label = { en = "Desk", zh = "前台" }
currency = "EUR"
[inputs.late]
type = "count"
label = { en = "Late", zh = "迟到" }
[derive.slips]
label = { en = "Slips", zh = "失误" }
formula = "2 * late"
[[section]]
id = "s"
label = { en = "Conduct", zh = "表现" }
[[section.criterion]]
id = "work"
label = { en = "Work", zh = "工作" }
weight = 60
missing = "exclude"
[[section.criterion]]
id = "on_time"
label = { en = "On time", zh = "准时" }
weight = 40
bands = [
  { when = { late = 0 }, points = 40, label = { en = "Never late", zh = "全勤" } },
  { when = { late = ">= 1" }, points = 20, label = { en = "Late", zh = "有迟到" } },
]
[[section.criterion]]
id = "remark"
scored = false
[[adjust]]
id = "bonus"
bands = [{ when = { late = 0 }, points = 2 }, { when = "otherwise", points = 0 }]
[total]
clamp = "0..100"
[[gate]]
when = { late = ">= 3" }
tier_at_most = "low"
[[tier]]
id = "good"
label = { en = "Good", zh = "良" }
total = ">= 60"
pay = 200
[[tier]]
id = "low"
label = { en = "Low", zh = "差" }
total = "< 60"
pay = 0
"""


@pytest.fixture(scope="module")
def desk():
    """Return the ruleset of these tests."""
    return loads(DESK)


def lines_of(a, b, lang=None):
    """Return the lines of a comparison, without the first."""
    return [line.strip() for line in compare_results(a, b).text(lang).splitlines()[1:]]


def test_other_inputs_are_compared(desk):
    """By each stage from the inputs to pay, with the reasons; with ids, or labels of a language."""
    one = evaluate(desk, {"work": 50, "late": 0, "remark": "a"})
    two = evaluate(desk, {"work": 40, "late": 3, "remark": "b"})
    assert [
        "late: 0 → 3",
        "slips: 0 → 6 (late 0 → 3)",
        "work: 50 → 40 (rated 50 → 40)",
        "on_time: 40 → 20 (late 0 → 3, band Never late → Late)",
        "remark: remark a → b",
        "Section s: 90 → 60",
        "Sum of the lines: 90 → 60",
        "bonus: 2 → 0 (late 0 → 3)",
        "Rule: nothing → late >= 3 (tier at most low)",
        "Total: 92 → 60 (lines, adjustments, rules that held)",
        "Tier: good → low (total, rules that held)",
        "pay: 200 → 0 (tier good → low)",
    ] == lines_of(one, two)
    assert [
        "迟到：0 → 3",
        "失误：0 → 6（迟到 0 → 3）",
        "工作：50 → 40（评分 50 → 40）",
        "准时：40 → 20（迟到 0 → 3，档次 全勤 → 有迟到）",
        "remark：备注 a → b",
        "表现合计：90 → 60",
        "各项合计：90 → 60",
        "bonus：2 → 0（迟到 0 → 3）",
        "红线条款：无 → 迟到 >= 3（等级不高于 差）",
        "总分：92 → 60（考核项目，加减分，红线条款）",
        "等级：良 → 差（总分，红线条款）",
        "绩效工资：200 → 0（等级 良 → 差）",
    ] == lines_of(one, two, "zh")
    assert "前台：12 处不同" == compare_results(one, two).text("zh").splitlines()[0]


SAME = "the same values give another result"
ON_TIME = "section.s.on_time"


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({f"{ON_TIME}.bands[1].points": 15}, [f"On time: 20 → 15 ({SAME})", "Section Conduct: 70 → 65", "Sum of the lines: 70 → 65", "Total: 70 → 65 (lines)"]),
        ({f"{ON_TIME}.bands[1].when.late": ">= 2", f"{ON_TIME}.bands[0].when.late": "0..1"}, ["On time: 20 → 40 (band Late → Never late)", "Section Conduct: 70 → 90", "Sum of the lines: 70 → 90", "Total: 70 → 90 (lines)"]),
        ({f"{ON_TIME}.bands[1].when.late": "1..9", f"{ON_TIME}.bands[0].when.late": [0, "> 9"]}, ["On time: band Late >= 1 → Late = 1..9"]),
        ({f"{ON_TIME}.bands[1].label.en": "Was late"}, ["On time: other texts"]),
        ({f"{ON_TIME}.scale": 50}, ["On time: full marks 40 → 50, contribution 20 → 16", "Section Conduct: 70 → 66", "Sum of the lines: 70 → 66", "Total: 70 → 66 (lines)"]),
        ({"section.s.work.weight": 50, f"{ON_TIME}.weight": 50}, ["Work: full marks 60 → 50, weight 60 → 50", "On time: full marks 40 → 50, weight 40 → 50"]),
        ({"adjust.bonus.bands[1].points": 3}, [f"bonus: 0 → 3 ({SAME})", "Total: 70 → 73 (adjustments)"]),
        ({"adjust.bonus": None}, ["bonus: 0 → nothing (no longer there)"]),
        ({"gate[0].when.late": ">= 1"}, ["Rule: nothing → Late >= 1 (tier at most Low)", "Tier: Good → Low (rules that held)", "Performance pay: 200 → 0 (Tier Good → Low)"]),
        ({"tier.good.pay": 250}, [f"Performance pay: 200 → 250 ({SAME})"]),
        ({"tier.good.total": ">= 80", "tier.low.total": "< 80"}, [f"Tier before rules: Good → Low ({SAME})", f"Tier: Good → Low ({SAME})", "Performance pay: 200 → 0 (Tier Good → Low)"]),
        ({"tier.good.label.en": "Fine"}, ["Tier before rules: other texts", "Tier: other texts"]),
        ({"currency": "USD"}, ["Currency: EUR → USD"]),
        ({"currency": None}, ["Currency: EUR → nothing"]),
        ({"label.en": "Counter"}, ["Title of the form: Desk → Counter"]),
        ({"inputs.late.label.en": "Came late"}, ["Labels: other texts"]),
        ({"section.s.label.en": "Manners"}, ["Labels: other texts", "Manners: other texts"]),
        ({"effective_from": "2027-01-01"}, ["In force from: nothing → 2027-01-01"]),
        ({"pay": {"components": ["base", "performance"]}}, ["Parts of the wage: nothing → base, performance"]),
        ({"id": "counter"}, ["Ruleset: desk → counter"]),
        ({"full_marks": 200, "weights_total": 100, "total.clamp": "0..200"}, ["Full marks: 100 → 200", "Work: contribution 50 → 100", "On time: contribution 20 → 40", "Section Conduct: 70 → 140", "Sum of the lines: 70 → 140", "Total: 70 → 140 (lines)"]),
        ({"total.clamp": "0..60"}, [f"Total before rules: 70 → 60 ({SAME})", "Total: 70 → 60 (total before rules)"]),
        ({"section.s.clamp": "0..60"}, ["Section Conduct: 70 → 60 (new)", "Sum of the lines: 70 → 60", "Total: 70 → 60 (lines)"]),
        ({"section.s.remark": None}, ["remark: no longer there"]),
        ({"section": [{"id": "t", "criterion": [{"id": "work", "weight": 60}, {"id": "on_time", "weight": 40, "points": 20}]}]}, ["Labels: other texts", "t: nothing → 100 (new)", "Conduct: 100 → nothing (no longer there)", "Work: section s → t, other texts", "On time: Late 1 → nothing, band Late >= 1 → nothing, section s → t, other texts", "remark: no longer there", "Section t: nothing → 70", "Section Conduct: 70 → nothing"]),
    ],
)  # fmt: skip
def test_other_rules_are_compared(desk, changes, expected):
    """The same record under a ruleset with a change; the fingerprint differs each time."""
    changed = desk
    for place, value in changes.items():
        changed = changed.replace(place, value)
    record = {"work": 50, "late": 1}
    found = lines_of(evaluate(desk, record), evaluate(changed, record), "en")
    assert expected == [line for line in found if not line.startswith("Fingerprint of the rules: ")]
    assert len(found) == len(expected) + 1


def test_equal_results_have_no_difference(desk):
    """The comparison is false, also of a result that was stored."""
    one = evaluate(desk, {"work": 50, "late": 0})
    comparison = compare_results(one, Result.from_json(one.to_json()))
    assert not comparison
    assert ("desk: no difference", "前台：没有不同") == (str(comparison), comparison.text("zh"))
    assert comparison == Comparison(before=one, after=one)


def test_what_is_missing_is_a_reason(desk):
    """A criterion that is left out, one that counts although nobody rated, an adjustment of none."""
    whole, part = ({"work": 50, "late": 0}, {"late": 0})
    assert [
        "Work: 50 → nothing (rated 50 → nothing, contribution 50 → 0, counted → not given, left out)",
        "On time: contribution 40 → 100",
    ] == [
        line
        for line in lines_of(evaluate(desk, whole), evaluate(desk, part), "en")
        if line.startswith(("Work", "On"))
    ]
    zero = desk.replace("section.s.work.missing", "zero")
    skips = zero.replace("adjust.bonus.missing", "skip").replace("inputs.bell", {"type": "flag"})
    skips = skips.replace("adjust.bonus.bands[0].when", {"bell": True})
    one, two = evaluate(zero, {"work": 0, "late": 1}), evaluate(skips, {"late": 1})
    assert "Work: rated 0 → nothing, counted although not given: no → yes" in lines_of(
        one, two, "en"
    )
    assert any("adds nothing, not given: no → yes" in line for line in lines_of(one, two, "en"))


def test_unratable_records_are_compared(desk):
    """The total is one that cannot be rated."""
    gated = desk.replace("gate[1]", {"when": {"late": 0}, "unratable": True})
    record = {"work": 50, "late": 0}
    found = lines_of(evaluate(desk, record), evaluate(gated, record), "en")
    assert "Total: 92 → cannot be rated (rules that held)" in found
    assert "Tier: Good → nothing (total, rules that held)" in found
    assert "Performance pay: 200 → nothing (no longer there)" in found
    assert "总分：92 → 无法评定（红线条款）" in lines_of(
        evaluate(desk, record), evaluate(gated, record), "zh"
    )


def test_a_program_reads_changes_by_part(desk):
    """With the values of both results, and the codes of the reasons."""
    comparison = compare_results(
        evaluate(desk, {"work": 50, "late": 0}), evaluate(desk, {"work": 50, "late": 3})
    )
    (line,) = comparison.of("line")
    assert ("on_time", 40, 20) == (line.name, line.before, line.after)
    assert [
        ("value", "late", 0, 3),
        ("band", "", line.reasons[1].before, line.reasons[1].after),
    ] == [(r.code, r.name, r.before, r.after) for r in line.reasons]
    assert "Late 0 → 3" == line.reasons[0].text("en")
    (gate,) = comparison.of("gate")
    assert (None, "low") == (gate.before, dict(gate.after.effect)["tier_at_most"])
    assert "On time: 40 → 20 (Late 0 → 3, band Never late → Late)" == line.text("en")
    assert isinstance(line, Change)
    assert isinstance(line.reasons[0], Reason)


def test_the_package_of_a_ruleset_is_no_difference(desk):
    """It states nothing about what the result is."""
    tree = evaluate(desk, {"work": 50, "late": 0}).to_dict()
    other = copy.deepcopy(tree)
    other["rubric"]["package"] = {"name": "acme", "version": "1"}
    assert not compare_results(Result.from_dict(tree), Result.from_dict(other))
    assert Package(name="acme", version="1") == Result.from_dict(other).package


def test_names_of_the_ruleset_may_be_those_of_its_fields():
    """An input, a criterion or an outcome is called as its author likes."""
    rubric = loads(
        'schema = 1\nid = "x"\n[inputs.fingerprint]\ntype = "count"\n[outcome.rubric]\nvalue = 5\n'
        '[[criterion]]\nid = "labels"\nweight = 100\nformula = "min(fingerprint, 100)"\n'
    )
    one, two = (evaluate(rubric, {"fingerprint": n}) for n in (3, 4))
    assert [
        "fingerprint: 3 → 4",
        "labels: 3 → 4 (fingerprint 3 → 4)",
        "Sum of the lines: 3 → 4",
        "Total: 3 → 4 (lines)",
    ] == lines_of(one, two)


def test_another_order_is_a_difference(desk):
    """Of lines, and of the values that one of them was computed from."""
    tree = evaluate(desk, {"work": 50, "late": 0}).to_dict()
    result = Result.from_dict(tree)
    swapped = {**tree, "lines": [tree["lines"][1], tree["lines"][0], tree["lines"][2]]}
    assert ["The lines: another order"] == lines_of(result, Result.from_dict(swapped))
    one, other = copy.deepcopy(tree), copy.deepcopy(tree)
    one["lines"][1]["inputs"] = [["late", 0], ["x", 1]]
    other["lines"][1]["inputs"] = [["x", 1], ["late", 0]]
    assert ["准时：次序不同"] == lines_of(Result.from_dict(one), Result.from_dict(other), "zh")


def test_only_results_are_compared(desk):
    """Not their JSON."""
    one = evaluate(desk, {"work": 50, "late": 0})
    for pair in ((one, one.to_json()), (None, one)):
        with pytest.raises(TypeError, match="compare_results: expected two results"):
            compare_results(*pair)


# ---------------------------------------------------------------- laws


def assert_compared(a, b):
    """Check that a comparison is empty exactly if the results are equal, and its texts."""
    comparison = compare_results(a, b)
    assert bool(comparison) is (a != b)
    back = compare_results(b, a)
    assert bool(back) is (a != b)
    # a gate has the index of the second result
    both = [
        {(c.part, c.part == "gate" or c.name) for c in each.changes} for each in (comparison, back)
    ]
    assert both[0] == both[1]
    for lang in (None, "en", "zh", "de"):
        lines = comparison.text(lang).split("\n  ")
        assert len(lines) == len(comparison.changes) + 1
        assert all(lines)
        assert [change.text(lang) for change in comparison.changes] == lines[1:]


@share(1 / 2)
@given(st.data(), rubrics())
def test_a_comparison_is_empty_exactly_if_results_are_equal(data, rubric):
    """Of two records of one rubric, and of one record after a change of one rating."""
    found = []
    for _ in range(2):
        try:
            found.append(evaluate(rubric, data.draw(records(rubric))))
        except InputError:
            return
    assert_compared(*found)
    assert not compare_results(found[0], Result.from_json(found[0].to_json()))


@share(1 / 2)
@given(st.data(), rubrics(), rubrics())
def test_results_of_any_two_rulesets_are_compared(data, one, other):
    """They may have nothing in common."""
    try:
        pair = [evaluate(rubric, data.draw(records(rubric))) for rubric in (one, other)]
    except InputError:
        return
    assert_compared(*pair)


@given(st.data())
def test_any_change_of_a_stored_result_is_found(data):
    """Whatever is dropped, doubled, moved or replaced, if the result still says anything else."""
    rubric = load_file(STORED / "roster.rubric.toml")
    result = evaluate(rubric, {"kind": "a", "late": 5, "hours": "7.5"})
    tree = mutated(data, result.to_dict())
    try:
        other = Result.from_json(json.dumps(tree))
    except StoredResultError:
        return
    assert_compared(result, other)


def test_each_field_of_a_line_a_step_and_a_gate_is_compared():
    """Also one that is added later: no field of a result is left out."""
    rubric = load_file(STORED / "roster.rubric.toml")
    tree = evaluate(rubric, {"kind": "a", "late": 5, "hours": "7.5"}).to_dict()
    known = Result.from_dict(tree)
    for part, cls in (("lines", Line), ("derived", Step), ("gates", GateHeld)):
        for key, value in tree[part][0].items():
            others = [None, "x", "7", 7, True, {"otherwise": True}, [["en", "x"]], [["x", 1]], "missing", {"text": "x"}, tree["rubric"]["sections"][0]["id"], []]  # fmt: skip
            tried = 0
            for other in others:
                changed = copy.deepcopy(tree)
                changed[part][0][key] = other
                try:
                    result = Result.from_dict(changed)
                except StoredResultError:
                    continue
                tried += other != value
                assert_compared(known, result)
            assert tried, (cls, key)
