"""Results in words: labels in place of codes and inner names, what a line weighs, what stands in."""

from __future__ import annotations

import json
from fractions import Fraction

import pytest

from kpirules import Result, evaluate, load, loads, verify
from kpirules.arithmetic.range import Range
from kpirules.evaluation.labels import number, speaker
from kpirules.evaluation.result import Condition
from kpirules.sheets.form_builder import filled


ROSTER = """
schema = 1
id = "roster"
label = { zh = "值班表", en = "Roster" }
inputs.late = { type = "count", label = { zh = "迟到", en = "Late" }, default = 0 }
inputs.kind = { type = "choice", options = { a = { zh = "甲班", en = "Shift A" }, b = { zh = "乙班", en = "Shift B" }, c = "Any" } }
inputs.on_call = { type = "flag", label = { zh = "待命", en = "On call" }, default = false }
inputs.bare = { type = "choice", options = ["x", "y"] }
derive.slips = { formula = "2 * late", label = { zh = "失误", en = "Slips" } }
derive.twice = { formula = "2 * slips" }
derive.inner = { bands = [{ when = { twice = "< 8" }, value = "few" }, { when = "otherwise", value = "many" }] }

[[criterion]]
id = "watch"
label = { zh = "值班", en = "Watch" }
weight = 40
bands = [
  { when = { kind = ["a", "c"], on_call = true }, points = 40 },
  { when = { kind = "b", on_call = true, late = "<= 3" }, points = 30 },
  { when = "otherwise", points = 10 },
]

[[criterion]]
id = "care"
label = { zh = "细心", en = "Care" }
weight = 60
bands = [{ when = { inner = "few", bare = "x" }, points = 60 }, { when = "otherwise", points = 20 }]

[[gate]]
when = { tier = "good", on_call = false }
tier_at_most = "fair"

[[tier]]
id = "good"
label = { zh = "良好", en = "Good" }
total = ">= 50"

[[tier]]
id = "fair"
label = { zh = "一般", en = "Fair" }
total = "< 50"

[outcome.bonus]
label = { zh = "奖金", en = "Bonus" }
bands = [{ when = { tier = "good" }, value = 100 }, { when = { tier = "fair" }, formula = "total" }]
"""


def test_what_was_chosen_is_said_by_its_label():
    """In the language asked for; a tier and a flag likewise."""
    result = evaluate(loads(ROSTER), {"kind": "b", "on_call": True, "late": 1, "bare": "x"})
    assert [
        "值班表",
        "  值班：30 / 40 分 — kind = 乙班，待命 = 是，迟到 = 1 (<= 3)",
        "  细心：60 / 60 分 — 失误 = 2，bare = x",
        "总分：90 / 100 分",
        "等级：良好",
        "奖金：+100 — 等级 = 良好，总分 = 90".replace("+", ""),
    ] == result.explain("zh").splitlines()
    assert "Watch: 30 of 40 — kind = Shift B, On call = yes, Late = 1 (<= 3)" in result.explain()
    one = evaluate(loads(ROSTER), {"kind": "c", "on_call": True, "late": 1, "bare": "x"})
    assert "kind = Any (Shift A or Any), On call = yes" in one.explain()


def test_what_stands_in_and_what_a_rule_does_is_said_by_labels():
    """A default is told from what was given, in lines and gates."""
    result = evaluate(loads(ROSTER), {"kind": "a", "bare": "x"})
    assert [
        "Roster",
        "  Watch: 10 of 40 — otherwise, kind = Shift A, On call taken as no (not given), "
        "Late taken as 0 (not given)",
        "  Care: 60 of 60 — Slips = 0, bare = x",
        "Before rules: Good",
        "Rule: Tier = Good, On call = no — tier at most Fair, Tier = Good, "
        "On call taken as no (not given)",
        "Total: 70 of 100",
        "Tier: Fair",
        "Bonus: 70 — Tier = Fair, Total = 70",
    ] == result.explain().splitlines()
    assert "其他情况，kind = 甲班，待命 按 否 计 (未填写)，迟到 按 0 计 (未填写)" in result.explain(
        "zh"
    )


def old(result):
    """Return a result's JSON without the labels of options, which are not a part of its value."""
    tree = json.loads(result.to_json())
    del tree["rubric"]["options"]
    return json.dumps(tree, ensure_ascii=False)


def test_a_result_without_the_labels_of_options_is_read_said_and_verified():
    """It says codes; a sheet, with its rubric at hand, says labels."""
    rubric = loads(ROSTER)
    result = evaluate(rubric, {"kind": "b", "on_call": True, "late": 1, "bare": "x"})
    back = Result.from_json(old(result))
    assert (back, hash(back)) == (result, hash(result))
    assert "值班：30 / 40 分 — kind = b，待命 = 是" in back.explain("zh")
    assert result.explain("zh") == Result.from_json(result.to_json()).explain("zh")
    assert "kind = 乙班" in filled(rubric, back, lang="zh").parts[0].items[0].why
    for text in (old(result), back.to_json(), result.to_json()):
        assert "same" == verify(text, rubric=rubric).outcome
    changed = result.to_json().replace("乙班", "丙班")
    (found,) = verify(changed, rubric=rubric).differences
    assert "rubric.options[0][1][1][1][0][1]" == found.name


def test_a_line_says_what_it_weighs_beside_the_others():
    """Four of five, in one of three shares."""
    shares = loads(
        'schema = 1\nid = "s"\nweights_total = "sum"\nfull_marks = 5\n'
        'criterion = [{ id = "a", weight = 1, scale = 5, cite = "2" }, { id = "b", weight = 2, scale = 5 }]'
    )
    result = evaluate(shares, {"a": 4, "b": 2})
    said = speaker(result, "en").reason(result.lines[0])
    assert "4 of 5, weight 1 of 3, gives 4/3 ≈ 1.3333, rated 4, 2" == said


def test_a_developer_reads_what_was_given_and_what_it_gives():
    """3.6 of 5 in one of three parts of the same weight, the others not given: 1.2."""
    goals = {"goal_scores": [5, 3], "goal_weights": [30, 70]}
    result = evaluate(load("developer"), goals)
    assert [
        "软件开发人员绩效考核 (自 2025-01-01 起施行)",
        "  目标：3.6 / 5 分，权重 1（共 3），计 1.2 分 — 目标评分（0–5） = 5; 3，目标权重 = 30; 70",
        "  自评：0 / 5 分，权重 1（共 3），计 0 分 — 未填写，按 0 分计",
        "  同事反馈：0 / 5 分，权重 1（共 3），计 0 分 — 未填写，按 0 分计",
        "总分：1.2 / 5 分",
    ] == result.explain("zh").splitlines()
    assert [
        "Developer appraisal (in force from 2025-01-01)",
        "  Goals: 3.6 of 5, weight 1 of 3, gives 1.2 — Scores of the goals, 0 to 5 = 5; 3, "
        "Weights of the goals = 30; 70",
        "  Self rating: 0 of 5, weight 1 of 3, gives 0 — not given, counts as 0",
        "  Feedback: 0 of 5, weight 1 of 3, gives 0 — not given, counts as 0",
        "Total: 1.2 of 5",
    ] == result.explain("en").splitlines()
    (part,) = filled(load("developer"), result, lang="zh").parts
    assert [
        "3.6 / 5 分，权重 1（共 3），计 1.2 分，目标评分（0–5） = 5; 3，目标权重 = 30; 70",
        *["0 / 5 分，权重 1（共 3），计 0 分，未填写，按 0 分计"] * 2,
    ] == [item.why for item in part.items]
    ratings = {name: [0.8, 0.7] for name in ("self_ratings", "feedback_ratings")}
    whole = evaluate(load("developer"), {**goals, **ratings, "rating_weights": [70, 30]})
    said = whole.explain("zh").splitlines()
    assert "计 77/60 ≈ 1.2833 分" in said[2]
    assert ["总分：3.767 / 5 分 (计算值 113/30 ≈ 3.7667)"] == said[4:]


def test_a_total_of_its_own_says_what_the_lines_add_up_to():
    """Halved, or with something added: the reader sees from what."""
    text = 'schema = 1\nid = "h"\ncriterion = [{ id = "a", weight = 100 }]\n[total]\nformula = "%s"'
    half = evaluate(loads(text % "raw_total / 2"), {"a": 90})
    assert ["h", "  a: 90 of 100 — rated 90", "Sum of the lines: 90", "Total: 45 of 100"] == (
        half.explain().splitlines()
    )
    assert "Sum of" not in evaluate(loads(text % "raw_total"), {"a": 90}).explain()


def test_a_total_that_rules_moved_is_said_as_it_stood():
    """With what was added to it, and what was worked out before it was limited."""
    text = """
schema = 1
id = "m"
inputs.more = { type = "number", range = "0..50" }
criterion = [{ id = "a", weight = 100 }]
adjust = [{ id = "plus", formula = "more" }]
gate = [{ when = { a = "< 10" }, total_at_most = 5 }]
"""
    plain = loads(text + 'total = { range = "0..150" }\n')
    assert "Before rules: 11.5\n" in evaluate(plain, {"a": 9, "more": 2.5}).explain()
    rounded = loads(text + 'total = { clamp = "0..100", round = { to = 1, mode = "half_up" } }\n')
    said = evaluate(rounded, {"a": 9, "more": 2.5}).explain()
    assert "Before rules: 12\n" in said
    assert said.endswith("Total: 5 of 100")


RATED = """
schema = 1
id = "raters"
raters = { self = 1, boss = { weight = 1, label = "Boss" } }
criterion = [
  { id = "a", weight = 40, missing = "zero" },
  { id = "b", weight = 60, missing = "exclude" },
  { id = "c", scored = false, range = "0..9" },
  { id = "d", scored = false },
]
"""


def test_raters_and_those_who_did_not_rate():
    """By their own names, without the line's."""
    result = evaluate(loads(RATED), {"a.boss": 30, "c.self": 3, "c.boss": 4})
    lines = result.explain().splitlines()
    assert [
        "  a: 15 of 40, weight 40 of 40, gives 37.5 — Boss = 30, "
        "who did not rate counts as the rules say",
        "  b: not given, left out",
        "  c: 3.5, not scored — self = 3, Boss = 4",
        "  d: not scored",
    ] == lines[1:5]


def test_a_line_that_is_not_scored_says_so():
    """On the sheet, with its remark or its points, and where there is neither."""
    rubric = loads(RATED)
    for record, points, why in (
        ({}, ["not scored"] * 2, ["not scored"] * 2),
        (
            {"c.self": 3, "c.boss": 4, "d": "well done"},
            ["3.5", "not scored"],
            ["not scored, self = 3, Boss = 4", "not scored, remark: well done"],
        ),
    ):
        result = evaluate(rubric, {"a.boss": 1, "a.self": 1, **record})
        items = filled(rubric, result, lang="en").parts[0].items[2:]
        assert (points, why) == ([i.points for i in items], [i.why for i in items])
    blank = filled(rubric, result, lang="zh").parts[0].items[3]
    assert ("不计分", "不计分，备注：well done") == (blank.points, blank.why)


def test_inner_facts_that_hang_on_one_another_are_said_by_what_was_given():
    """However deep: a thousand of them, each from the two before."""
    facts = "".join(f'f{n} = {{ formula = "(f{n - 1} + f{n - 2}) / 2" }}\n' for n in range(2, 1000))
    rubric = loads(
        'schema = 1\nid = "deep"\n[inputs.f0]\ntype = "number"\nrange = "0..100"\nlabel = "First"\n'
        '[inputs.f1]\ntype = "number"\nrange = "0..100"\n[derive]\n' + facts + "[[criterion]]\n"
        'id = "a"\nweight = 100\nformula = "f999"\nclamp = "0..100"\nround = { to = 1, mode = "floor" }\n'
    )
    line = evaluate(rubric, {"f0": 50, "f1": 50}).explain().splitlines()[1]
    assert "  a: 50 of 100 — f1 = 50, First = 50" == line


ONE, THREE, LIMIT = Range.exactly(1), Range.exactly(3), Range.parse(">= 5")


@pytest.mark.parametrize(
    ("condition", "words", "said"),
    [
        (Condition(), "", ""),
        (Condition(rating=Range.parse("81..90")), "81..90", "81..90"),
        (Condition(otherwise=True), "otherwise", "其他情况"),
        (
            Condition(asked=(("late", (ONE,)), ("kind", ("a", "missing")), ("on_call", (False,)))),
            "late = 1, kind = a or missing, on_call = false",
            "迟到 = 1，kind = 甲班 或 未填写，待命 = 否",
        ),
        (Condition(text="late = 1"), "late = 1", "late = 1"),
        (
            Condition(asked=(("total", (LIMIT,)), ("outcome.pay", (THREE,)))),
            "total >= 5, outcome.pay = 3",
            "总分 >= 5，绩效工资 = 3",
        ),
        (Condition(asked=(("late", (ONE, LIMIT)),)), "late = 1 or >= 5", "迟到 = 1 或 >= 5"),
        (Condition(asked=(("late", (Range(),)),)), "late = any", "迟到 = 任意数"),
        (Condition(asked=(("kind", ("<b>",)),)), "kind = <b>", "kind = <b>"),
    ],
)
def test_a_condition_is_rendered_by_labels(condition, words, said):
    """In a language; ``str`` gives the words of the ruleset file; one without anything is false."""
    result = evaluate(loads(ROSTER), {"kind": "b", "on_call": True, "late": 1, "bare": "x"})
    assert (words, said) == (str(condition), speaker(result, "zh").condition(condition))
    assert bool(words) == bool(condition)


def test_a_number_without_an_end_is_said_to_four_places():
    """Half up; any other number as it is."""
    assert ("1.5", "2/3 ≈ 0.6667") == (number(Fraction(3, 2)), number(Fraction(2, 3)))


UNRATABLE = """
schema = 1
id = "u"
inputs.late = { type = "count", label = { zh = "迟到", en = "Late" } }
criterion = [
  { id = "a", weight = 60, missing = "exclude" },
  { id = "b", weight = 40, missing = "exclude" },
]
total = { minimum_scored = 2 }
gate = [{ when = { late = ">= 10" }, unratable = true }]
tier = [{ id = "good", total = "any", pay = 10 }]
"""


def test_why_a_record_cannot_be_rated_is_said():
    """Too little of it is scored, or a rule says so: in words and on paper, in both languages."""
    rubric = loads(UNRATABLE)
    few, ruled = (evaluate(rubric, r) for r in ({"late": 1, "a": 5}, {"late": 10, "a": 5, "b": 5}))
    assert few.explain().endswith("Total: cannot be rated — too few lines are scored")
    assert few.explain("zh").endswith("总分：无法评定 — 计分的项目太少")
    assert ruled.explain("zh").splitlines()[-2:] == [
        "红线条款：迟到 >= 10 — 无法评定，迟到 = 10",
        "总分：无法评定",
    ]
    (step,) = filled(rubric, few, lang="zh").steps
    assert ("无法评定", "计分的项目太少") == (step.label, step.value)
    (step,) = filled(rubric, ruled, lang="zh").steps
    assert ("红线条款", "无法评定", "迟到 >= 10") == (step.label, step.value, step.why)


def test_what_adds_nothing_since_it_is_not_given_is_said_on_paper():
    """The sheet says of an adjustment why it is 0."""
    rubric = loads(
        'schema = 1\nid = "x"\ninputs.more = { type = "count", range = "0..5" }\n'
        'criterion = [{ id = "a", weight = 100 }]\n'
        'adjust = [{ id = "plus", label = "Plus", formula = "more", missing = "skip" }]\n'
        'total = { clamp = "0..100" }\n'
    )
    (step,) = filled(rubric, evaluate(rubric, {"a": 5}), lang="en").steps
    assert ("Plus", "0", "not given, adds nothing") == (step.label, step.value, step.why)


def test_the_form_says_conditions_by_labels():
    """Options, flags and names that have a label; inner names stay."""
    paper = filled(loads(ROSTER), evaluate(loads(ROSTER), {"kind": "a", "bare": "x"}), lang="zh")
    watch, care = paper.parts[0].items
    assert [
        "kind = 甲班 或 Any，待命 = 是",
        "kind = 乙班，待命 = 是，迟到 <= 3",
        "其他情况",
    ] == [level.text for level in watch.levels]
    assert "inner = few，bare = x" == care.levels[0].text
    assert ["等级 = 良好，待命 = 否", "奖金"] == [rule.label for rule in paper.rules]
    assert ["等级 = 良好", "等级 = 一般"] == [when for _, when in paper.rules[1].rows]
