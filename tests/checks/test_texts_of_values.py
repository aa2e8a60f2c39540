"""Findings in each language: with the labels of the ruleset, and values as its readers write them."""

from __future__ import annotations

import attrs
import pytest

from kpirules.api.load import check_text
from kpirules.checks.search import NOT_EXCLUDED, Suspicion
from kpirules.checks.witnesses import Witnesses
from kpirules.compiler.plan import Plan
from kpirules.diagnostics.finding import Finding
from kpirules.model.labels import labels_in_findings
from kpirules.toml.parser import parse
from kpirules.translations.message import Message


HEAD = """schema = 1
id = "x"
inputs.late = { type = "count", better = "lower", label = { en = "Late arrivals", zh = "迟到次数" } }
inputs.hours = { type = "number", step = 0.5, range = "0..200", label = { en = "Hours", zh = "工时" } }
"""

A = HEAD + (
    "[[criterion]]\nid = 'a'\nweight = 100\nlabel = { en = 'Attendance', zh = '考勤' }\n"
    "of = 'late'\nbands = [%s]\n"
)
JUDGED = HEAD + (
    "criterion = [{ id = 'a', weight = 100, label = { en = 'Manner', zh = '态度' }, %s }]\n"
)
TIERS = JUDGED + (
    "tier = [{ id = 't', total = '%s', pay = 1, label = { en = 'Pass', zh = '合格' } }, "
    "{ id = 'u', total = '%s', pay = %s, label = { en = 'Fail', zh = '不合格' } }]\n"
)
SECTION = HEAD + (
    "[[section]]\nid = 's'\nweight = 100\nlabel = { en = 'Ability', zh = '能力' }\n%s"
    "criterion = [{ id = 'a', weight = 70, label = { en = 'Skill', zh = '技能' } }, "
    "{ id = 'b', weight = 20 }]\n"
)

TABLE = [
    (
        "band-gap",
        'no band of "Attendance" matches these facts',
        "“考勤”没有任何一档适用于这种情况",
        A % "{ when = '>= 1', points = 0 }",
    ),
    (
        "band-overlap",
        'two bands of "Attendance" match the same facts',
        "“考勤”有两档同时适用于这种情况",
        A % "{ when = '>= 1', points = 0 }, { when = '<= 1', points = 100 }",
    ),
    (
        "band-overlap",
        'two bands of "Manner" allow the same rating',
        "“态度”有两档都可以评这个分数",
        JUDGED % "bands = [{ points = '0..50' }, { points = '50..100' }]",
    ),
    (
        "not-monotone",
        'a better "Late arrivals" gives fewer points in "Attendance"',
        "“迟到次数”更好，“考勤”的得分反而更低",
        A % "{ when = '>= 1', points = 100 }, { when = 0, points = 0 }",
    ),
    (
        "rating-gap",
        'no band of "Manner" allows a rating of 51 to 59',
        "“态度”没有任何一档可以评 51–59 分",
        JUDGED % "bands = [{ points = '0..50' }, { points = '60..100' }]",
    ),
    (
        "off-step",
        '"Hours" never meets the condition "more than 0, to less than 0.5": its values are multiples of 0.5',
        "“工时”只能是 0.5 的倍数，不可能符合条件“大于 0、不足 0.5”",
        JUDGED
        % "of = 'hours', bands = [{ when = '> 0 .. < 0.5', points = 1 }, { when = 'otherwise', points = 100 }]",
    ),
    (
        "points-out-of-range",
        "the points are out of range: 90 to 110; allowed: 0 to 100",
        "分数超出范围：90–110；允许：0–100",
        JUDGED % "points = '90..110'",
    ),
    (
        "points-out-of-range",
        "the value of the formula can be 102 (out of range); allowed: 0 to 100",
        "公式的值可能是 102（超出范围）；允许：0–100",
        JUDGED % "formula = '100 + 2 * min(late, 1)'",
    ),
    (
        "points-out-of-range",
        "the points for a missing value are out of range: 101; allowed: 0 to 100",
        "未填写时的分数超出范围：101；允许：0–100",
        JUDGED % "missing = 101",
    ),
    (
        "tier-gap",
        "the total 60 is reachable, but no tier contains it",
        "总分可能为 60，但不属于任何等级",
        TIERS % ("points = '0..100'", "61..100", "0..59", 0),
    ),
    (
        "tier-overlap",
        'the total 60 is reachable, and two tiers contain it: "Fail" and "Pass"',
        "总分可能为 60，同时属于两个等级：“不合格”和“合格”",
        TIERS % ("points = '0..100'", "60..100", "0..60", 0),
    ),
    (
        "not-monotone",
        'the total 60 ("Pass") gives a pay of 1, and the lower total 0 ("Fail") gives 2',
        "总分 60（合格）的绩效工资为 1，而更低的总分 0（不合格）的绩效工资为 2",
        TIERS % ("points = '0..100'", "60..100", "0 .. < 60", 2),
    ),
    (
        "section-sum",
        'the weights of the criteria in "Ability" are 70 (Skill) + 20 (b) = 90, 10 less than 100, the weight of the section',
        "“能力”中各考核项目的权重为 70（技能） + 20（b） = 90，比 100 少 10（该部分的权重）",
        SECTION % "",
    ),
    (
        "section-sum",
        'the weights of the criteria in "Ability" are 70 (Skill) + 20 (b) = 90, 40 more than 50, the scale of the section',
        "“能力”中各考核项目的权重为 70（技能） + 20（b） = 90，比 50 多 40（该部分的 scale）",
        SECTION % "scale = 50\n",
    ),
]


@pytest.mark.parametrize(("code", "english", "chinese", "text"), TABLE)
def test_a_message_has_labels_and_ranges_of_its_language(code, english, chinese, text):
    """In each language its own words; both give the same values by name."""
    found = [f for f in check_text(text) if f.code == code]
    assert (english, chinese) in {(f.message("en"), f.message("zh")) for f in found}
    assert all(f.params and f.help("zh") != f.help("en") for f in found)


def test_a_witness_names_a_rating_by_criterion_and_rater():
    """One of several raters gives a rating that two bands allow; the sum of weights has a name too."""
    text = (
        HEAD + "raters.boss = { weight = 100, label = { en = 'Superior', zh = '上级' } }\n"
        "criterion = [{ id = 'a', weight = 90, label = { en = 'Manner', zh = '态度' }, "
        "bands = [{ points = '0..50' }, { points = '50..90' }] }]\n"
    )
    found = {f.code: f for f in check_text(text)}
    overlap, weights = found["band-overlap"], found["weights-sum"]
    assert (("a.boss", 50),) == overlap.witness
    assert ("  witness: Manner (Superior) = 50", "  反例：态度（上级） = 50") == (
        overlap.details("en")[0],
        overlap.details("zh")[0],
    )
    assert (("weights", 90),) == weights.witness
    assert "  反例：权重合计 = 90" == weights.details("zh")[0]


def test_a_gate_sets_its_own_total():
    """A gate above every total sets none; a record with another total does not show that it does."""
    text = (
        HEAD + "criterion = [{ id = 'a', weight = 100, points = '0..100' }]\n"
        "tier = [{ id = 't', total = '60..100' }, { id = 'u', total = '0 .. < 55' }, "
        "{ id = 'v', total = '> 55 .. < 60' }]\n"
        "[[gate]]\nwhen = { late = '>= 3' }\ntotal_at_most = 55\n"
        "[[gate]]\nwhen = { late = 1 }\ntotal_at_most = 101\n"
    )
    found = [f for f in check_text(text) if f.path[:1] == ("gate",)]
    shown, idle = (f for f in found if f.code in ("tier-gap", "not-proved"))
    assert ("tier-gap", 0, 55, 55) == (
        shown.code,
        shown.path[1],
        dict(shown.params)["total"],
        dict(shown.witness)["total"],
    )
    assert shown.record
    assert ("not-proved", 1, ()) == (idle.code, idle.path[1], idle.record)
    assert "（因为还有其他错误，没有找到会发生的记录）" in idle.message("zh")


def plan_of(text):
    """Return the plan of a sound ruleset."""
    return Plan(parse(text, "x"))


def test_what_a_record_shows_is_no_longer_open():
    """A record shows a divisor of 0: the message states that, and not that it is not proved."""
    plan = plan_of(JUDGED % "formula = '100 / hours'")
    claim = Message.of("finding.division-by-zero")
    finding = Finding(
        code="division-by-zero",
        reason=Message.of(NOT_EXCLUDED, reason=claim),
        path=("criterion", 0),
    )
    shown = Witnesses(plan).settle(Suspicion(finding=finding, name="points.a"))
    assert (claim, {"hours": 0}) == (shown.reason, dict(shown.record))
    other = Suspicion(finding=attrs.evolve(finding, code="tier-gap"), name="points.a")
    unknown = Witnesses(plan).settle(other)
    assert Message.of("finding.not-proved", reason=claim, code="tier-gap") == unknown.reason


def test_a_finding_of_an_application_keeps_its_text():
    """A text has no parts that a record could change."""
    finding = Finding(code="division-by-zero", reason="mind the hours", path=("criterion", 0))
    plan = plan_of(JUDGED % "formula = '100 / hours'")
    assert "mind the hours" == Witnesses(plan).settle(
        Suspicion(finding=finding, name="points.a")
    ).message("zh")


def test_a_part_behind_an_error_is_assumed_to_reach_every_total():
    """A criterion that cannot be compiled may give any points, so that a gap is reported as assumed."""
    text = TIERS % ("formula = 'nobody'", "61..100", "0..59", 0)
    (gap,) = [f for f in check_text(text) if f.code == "tier-gap"]
    assert gap.message().startswith("the total 60 is reachable, but no tier contains it (because")
    assert gap.message("zh").startswith("总分可能为 60，但不属于任何等级（因为还有其他错误，")
    assert 60 == gap.params["total"]


def test_a_rating_without_labels_is_named_by_its_id():
    """Its name in a record: there is nothing else to call it."""
    text = (
        "schema = 1\nid = 'x'\nraters.boss = { weight = 100 }\ncriterion = [{ id = 'a', weight = 100, "
        "bands = [{ points = '0..50' }, { points = '50..100' }] }]\n"
    )
    (overlap,) = [f for f in check_text(text) if f.code == "band-overlap"]
    assert "  反例：a.boss = 50" == overlap.details("zh")[0]


def test_a_section_and_a_weight_are_named_by_their_labels():
    """Also where the names of weights that are computed for each record appear in a witness."""
    text = SECTION.replace("zh = '技能' }", "zh = '技能' }, scale = 70").replace(
        "weight = 70", "weight = 'late'"
    )
    labels = labels_in_findings(parse(text % "", "x"))
    assert (
        "技能的权重",
        "能力的权重",
        "能力",
        "能力的权重合计",
        "执行红线条款前的总分",
        "总分",
    ) == tuple(
        labels[name].get("zh")
        for name in (
            "weight.a",
            "weight.section.s",
            "s",
            "weights of s",
            "total before gates",
            "total",
        )
    )
