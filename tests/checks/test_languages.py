"""Findings about names, structure and examples in the words of each language."""

from __future__ import annotations

from datetime import date

import pytest

from kpirules.api.load import check_file, check_text
from kpirules.translations.message import Message


HEAD = """schema = 1
id = "x"
label = "收银员考核"
inputs.late = { type = "count", label = "迟到次数" }
inputs.kind = { type = "choice", options = { met = "完成", not = "未完成" }, label = "任务" }
inputs.calls = { type = "number", many = true, label = "通话" }
"""
DONE = "criterion = [{ id = 'work', weight = 100, label = '工作' }]\n"


def texts(findings, code):
    """Return message and help of each finding of a code, in English and in Chinese."""
    return [
        tuple(show(lang) for lang in ("en", "zh") for show in (f.message, f.help))
        for f in findings
        if f.code == code
    ]


CASES = [
    (
        "value",
        "derive.d = { value = 1, formula = 'late' }",
        'has "value" and "formula", but only one of them is allowed',
        "keep one of them",
        "同时写了“value”和“formula”，只能写一个",
        "只保留一个",
    ),
    (
        "value",
        "derive.d = { label = '比率' }",
        "has none of these keys: value, formula, bands, count, run",
        "write one of them",
        "value、formula、bands、count、run 都没有写",
        "写其中一个",
    ),
    (
        "value",
        "derive.d = { of = 'kind', bands = [{ when = 'mett', value = 1 }, { when = 'otherwise', value = 0 }] }",
        '"mett" is not a value of 任务',
        'did you mean "met"?',
        "“任务”的值不会是 “mett”",
        "是否应为“met”？",
    ),
    (
        "value",
        "derive.d = { of = 'calls', bands = [{ when = 3, value = 1 }, { when = 'otherwise', value = 0 }] }",
        '通话 is a list: a condition can only ask whether it is "missing"',
        "derive a fact from calls: with many = true for each item, with count or run for the items that match, or with a formula such as sum(calls)",
        '“通话”是一组值：条件只能问它是否缺失（"missing"）',
        "从 calls 推算：逐项推算（many）、数符合条件的项（count、run），或用公式求出一个数，例如 sum(calls)",
    ),
    (
        "value",
        "derive.d = { formula = 'kind + 1' }",
        "任务 is not a number, but formulas compute with numbers",
        "use kind in the conditions of bands",
        "“任务”不是数字，而公式只能用数字计算",
        "把 kind 写在各档的条件中",
    ),
    (
        "value",
        "inputs.n = { type = 'count', default = 0.5 }",
        "the default 0.5 is not a whole number",
        "allowed: a whole number, at least 0",
        "默认值 0.5 不是整数",
        "可填：整数，0 及以上",
    ),
    (
        "value",
        "inputs.n = { type = 'choice', options = { a = '甲' }, default = '乙' }",
        'the default "乙" is not one of the options',
        "allowed: one of a",
        "默认值 “乙” 不在选项之中",
        "可填：a（选一项）",
    ),
    (
        "value",
        "inputs.n = { type = 'number', step = 5, range = '6..9' }",
        "no multiple of 5 is in this range: 6 to 9",
        "correct the range",
        "这个范围（6–9）中没有 5 的倍数",
        "更正范围",
    ),
    (
        "value",
        "total.minimum_scored = 3",
        "3 is not possible: 1 criterion is scored, so that every record would be unratable",
        "write 1 or less",
        "不能写 3：计分的考核项目只有 1 个，所有人都将无法评定",
        "写 1 或更小的数",
    ),
    (
        "value",
        "gate = [{ when = { late = 1 }, refuse = true, unratable = true }]",
        'one gate cannot have "refuse" and "unratable"',
        "write a gate for each",
        "一条红线条款不能同时写“refuse”和“unratable”",
        "分成几条红线条款写",
    ),
    (
        "unknown-name",
        "derive.d = { formula = 'latte + 1' }",
        'there is no input "latte"',
        'did you mean "late"?',
        "没有输入“latte”",
        "是否应为“late”？",
    ),
    (
        "unknown-name",
        "derive.d = { bands = 'steps' }",
        'there is no table of bands "steps"',
        "there are no tables of bands",
        "没有档次表“steps”",
        "文件中没有档次表",
    ),
    (
        "duplicate-id",
        "derive.late = { value = 1 }",
        '"late" is declared twice; inputs, derived facts, criteria and curves need different ids',
        "rename one of the two",
        "编号“late”重复；输入、推算的事实、考核项目和折线的编号不能相同",
        "改其中一个的编号",
    ),
    (
        "reserved-id",
        "inputs.total = { type = 'count' }",
        '"total" is a word of the rule language and cannot be an id',
        'rename it, for instance to "total_1"',
        "“total”是规则语言的保留词，不能用作编号",
        '换一个编号，例如 "total_1"',
    ),
    (
        "cycle",
        "derive.a = { formula = 'b', label = '甲' }\nderive.b = { formula = 'a', label = '乙' }",
        "circular dependency: 甲 -> 乙 -> 甲",
        "compute one of them without the others",
        "循环引用：甲 → 乙 → 甲",
        "改其中一项，使它不依赖其他几项",
    ),
    (
        "cycle",
        "adjust = [{ id = 'x', label = '奖励', formula = 'outcome.o' }]\noutcome.o = { formula = 'total', label = '奖金' }",
        "circular dependency: Total before gates -> 奖励 -> 奖金 -> Gates -> Total before gates",
        "compute one of them without the others",
        "循环引用：执行红线条款前的总分 → 奖励 → 奖金 → 红线条款 → 执行红线条款前的总分",
        "改其中一项，使它不依赖其他几项",
    ),
    (
        "unused-name",
        "derive.d = { value = 1, label = '备用' }",
        'the derived fact "备用" is not used',
        "use it in a condition or a formula, or remove it",
        "推算的事实“备用”没有用到",
        "在条件或公式中使用它，或删去",
    ),
    (
        "example-fails",
        "example = [{ name = '一月', ratings = { late = 0, kind = 'met', calls = [], work = 80 }, expect = { points.work = 90, late = 0 } }]",
        '"一月": 工作: expected 90, got 80',
        "correct the example, or the rules that it is about",
        "“一月”：工作：应为 90，实际为 80",
        "更正样例，或更正相关的规则",
    ),
    (
        "example-fails",
        "derive.d = { formula = 'late + 1', label = '比率' }\nadjust = [{ id = 'x', formula = '0 * d', label = '奖励' }]\nexample = [{ name = '一月', ratings = { late = 0, kind = 'met', calls = [], work = 80 }, expect = { derived.d = 2, total = 90, pay = 5, unratable = true } }]",
        '"一月": 比率: expected 2, got 1; Total: expected 90, got 80; Performance pay: expected 5, got nothing; cannot be rated: expected true, got false',
        "correct the example, or the rules that it is about",
        "“一月”：比率：应为 2，实际为 1；总分：应为 90，实际为 80；绩效工资：应为 5，实际为 无；无法评定：应为 true，实际为 false",
        "更正样例，或更正相关的规则",
    ),
    (
        "ruling-idle",
        "ruling = [{ clause = '1', conflict = 'x', decision = 'y', accepts = ['weights-sum work'] }]",
        "weights-sum is an error, and a ruling cannot accept an error",
        "remove it from the ruling",
        "weights-sum 是错误，裁定不能认可错误",
        "从裁定中删去",
    ),
]


@pytest.mark.parametrize("case", CASES, ids=[f"{i}-{case[0]}" for i, case in enumerate(CASES)])
def test_a_finding_is_read_in_the_language_of_its_reader(case):
    """Names by their labels; what the author has to type by its id."""
    code, text, *expected = case
    assert tuple(expected) in texts(check_text(f"{HEAD}{text}\n{DONE}"), code)


def test_the_times_of_versions_are_read_in_the_language_of_their_reader(tmp_path):
    """Dates as they are written in a file."""
    folder = tmp_path / "shop"
    folder.mkdir()
    for since, until in (("2025-01-01", "2025-05-31"), ("2025-07-01", "2025-12-31")):
        text = HEAD.replace('"x"', '"shop"') + DONE
        dates = f"effective_from = {since}\neffective_until = {until}\n"
        (folder / f"{since}.rubric.toml").write_text(dates + text, encoding="utf-8")
    found = check_file(folder / "2025-01-01.rubric.toml")
    assert [
        (
            "no version is effective from 2025-06-01 to 2025-06-30",
            "remove effective_until, or accept the gap in a ruling",
            "2025-06-01 至 2025-06-30 没有施行中的版本",
            "删去 effective_until，或在裁定中认可这段空档",
        )
    ] == texts(found, "version-gap")
    (gap,) = [f for f in found if f.code == "version-gap"]
    assert (("on", date(2025, 6, 1)),) == gap.witness
    assert {"first": date(2025, 6, 1), "last": date(2025, 6, 30)} == gap.params


def test_a_mistyped_name_comes_with_the_one_that_was_meant():
    """For programs too; a message is an object with its values."""
    (finding,) = [
        f
        for f in check_text(f"{HEAD}derive.d = {{ formula = 'latte' }}\n{DONE}")
        if f.code == "unknown-name"
    ]
    assert "late" == finding.suggestion
    assert Message.of("problem-text.suggestion", name="late") == finding.advice
