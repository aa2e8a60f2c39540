"""What notebooks show: tables of rubrics and results, texts of findings, short reprs."""

from __future__ import annotations

import re
from html import escape

import pytest

from kpirules import Finding, Problem, Text, check, evaluate, load, loads
from kpirules.translations.message import Message


HOSTILE = """
schema = 1
id = "x"
label = '<b onclick="alert(1)">&'
[[criterion]]
id = "a"
label = "<script>"
weight = 60
[[criterion]]
id = "b"
weight = 40
[[criterion]]
id = "c"
scored = false
[[tier]]
id = "good"
label = "<i>"
total = "60..100"
[[tier]]
id = "fair"
total = "0..59"
[[tier]]
id = "none"
[[gate]]
when = { "points.a" = 0 }
tier_at_most = "none"
"""


def cells(html):
    """Return the texts of a table's rows; a row of the foot has one."""
    rows = re.findall(r"<tr>(.*?)</tr>", html)
    return [re.findall(r"<t[dh][^>]*>(.*?)</t[dh]>", row) for row in rows]


def test_a_rubric_is_a_table():
    """A row for each criterion with its section and weight, a line for each tier."""
    html = load("customer-service")._repr_html_()
    assert "<caption>Customer service appraisal</caption>" in html
    rows = cells(html)
    assert [
        ["Section", "Item", "Weight"],
        ["Personnel record", "Attendance", "6"],
        ["Personnel record", "Leave", "6"],
    ] == rows[:3]
    assert ["Ability at work", "Problem handling", ""] in rows
    assert [["Good: 80..89"], ["Pass: 60..79"], ["Fail: 0..59"]] == rows[-3:]


def test_a_result_is_a_table_with_its_reasons():
    """A row for each criterion with points, weight and reason; then what follows from them."""
    rubric = load("customer-service")
    result = evaluate(rubric, dict(rubric.examples[0].ratings))
    rows = cells(result._repr_html_())
    assert ["Item", "Score", "Weight", "Reason"] == rows[0]
    assert len(rubric.all_criteria) == sum(len(row) == 4 for row in rows[1:])
    assert [row[0] for row in rows if len(row) == 1][-3:] == result.explain().splitlines()[-3:]
    assert "<caption>Customer service appraisal (in force from 2025-01-01)</caption>" in (
        result._repr_html_()
    )


def test_texts_of_a_ruleset_are_only_displayed():
    """No label becomes markup; what has no label has its id; a tier without totals its name."""
    rubric = loads(HOSTILE)
    html = rubric._repr_html_()
    assert "<caption>&lt;b onclick=&quot;alert(1)&quot;&gt;&amp;</caption>" in html
    assert [
        ["Section", "Item", "Weight"],
        ["", "&lt;script&gt;", "60"],
        ["", "b", "40"],
        ["", "c", ""],
        ["&lt;i&gt;: 60..100"],
        ["fair: 0..59"],
        ["none"],
    ] == cells(html)
    html = evaluate(rubric, {"a": 50, "b": 40})._repr_html_()
    assert ["&lt;script&gt;", "50", "60", "rated 50"] == cells(html)[1]
    assert "<caption>&lt;b onclick=" in html
    (idle, *_) = check(loads('schema = 1\nid = "x"\ncriterion = [{ id = "a", weight = 100 }]'))
    assert f"<pre>{escape(str(idle))}</pre>" == idle._repr_html_()
    finding = Finding(code="value", reason="<b>", place="a")
    assert "<pre>a: error[value]: &lt;b&gt;</pre>" == finding._repr_html_()


@pytest.mark.parametrize(
    ("expected", "value"),
    [
        ("<Finding error[band-gap] a.bands[1]>", Finding(code="band-gap", reason="m", place="a.bands[1]")),
        ("<Finding note[more]>", Finding(code="more", reason="m")),
        ("<Problem missing: late>", Problem(input="late", reason=Message.of("problem.missing"))),
        (
            "<Problem not-allowed: skill = 2>",
            Problem(input="skill", value=2, reason=Message.of("problem.not-allowed")),
        ),
    ],
)  # fmt: skip
def test_a_repr_is_short(expected, value):
    """It names what the value is about, not all that it holds."""
    assert expected == repr(value)


def test_a_text_is_its_text():
    """In English where there is one, else in the language that `get` chooses."""
    assert "Attendance" == str(Text.of({"zh": "考勤", "en": "Attendance"}))
    assert "考勤" == f"{Text.of({'zh': '考勤'})}"
