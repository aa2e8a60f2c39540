"""Findings: their text in each language, with the labels of the ruleset."""

from __future__ import annotations

from fractions import Fraction

from kpirules.arithmetic.decision_table import MISSING
from kpirules.diagnostics.finding import Finding, SourceLocation
from kpirules.model.text import label_text
from kpirules.translations.message import Message, Named


LABELS = {"late": label_text({"zh": "迟到次数", "en": "Late arrivals"})}
REASON = Message.of("problem.excluded", names=(Named("late"), Named("points.late")))


def test_a_finding_has_a_text_in_each_language():
    """Without a language in English with ids; with one, with labels, also of the witness."""
    finding = Finding(
        code="band-gap",
        reason=REASON,
        advice=Message.of("problem.missing"),
        witness=(("late", 3), ("share", Fraction(1, 2))),
        labels=LABELS,
    )
    assert (
        "error[band-gap]: needs late, points.late, which the record excludes,",
        "  witness: late = 3, share = 0.5",
        "  help: is missing",
    ) == finding.lines()
    assert (
        f"错误[band-gap]：{REASON.text('zh').replace('points.late', '迟到次数').replace('late', '迟到次数')}",
        "  反例：迟到次数 = 3、share = 0.5",
        "  修改建议：没有填写",
    ) == finding.lines(lang="zh")
    assert ("needs Late arrivals, Late arrivals, which the record excludes,", "is missing") == (
        finding.message("en"),
        finding.help("en"),
    )
    assert {"names": (Named("late"), Named("points.late"))} == finding.params


def test_a_text_is_shown_as_it_is_in_every_language():
    """A check of an application may state its findings in one language alone; it has no help."""
    finding = Finding(code="house-rule", reason="too few criteria")
    assert ("too few criteria", "", {}) == (
        finding.message("zh"),
        finding.help("zh"),
        finding.params,
    )
    assert ("错误[house-rule]：too few criteria",) == finding.lines(lang="zh")


def test_an_accepted_finding_names_its_ruling():
    """It has no details: the ruling has answered it."""
    spot = SourceLocation(file="a.toml", line=2, column=1, end_column=3, source="ab")
    finding = Finding(
        code="rating-gap", severity="warning", reason=REASON, accepted_by="T4", spots=(spot,)
    )
    head = "a.toml:2:1: accepted[rating-gap]: needs late, points.late, which the record excludes,"
    assert (f"{head} (ruling T4)",) == finding.lines()
    assert finding.lines(lang="zh")[0].startswith("a.toml:2:1: 已认可[rating-gap]：")


def test_values_of_a_witness_are_shown_in_the_language():
    """An option by its label, a flag as a word, what is missing; a list as an author writes it."""
    finding = Finding(
        code="band-gap",
        reason=REASON,
        witness=(("level", "A"), ("other", "B"), ("night", True), ("late", MISSING), ("l", (1, 2))),
        labels=LABELS,
        options={"level": {"A": label_text({"zh": "甲级", "en": "Grade A"})}},
    )
    values = [finding.details(lang)[0].partition(":")[2] for lang in (None, "en")]
    assert [
        " level = 'A', other = 'B', night = true, late = missing, l = [1, 2]",
        " level = Grade A, other = 'B', night = true, Late arrivals = missing, l = [1, 2]",
    ] == values
    assert (
        "  反例：level = 甲级、other = 'B'、night = 是、迟到次数 = 未填写、l = [1, 2]"
        == finding.details("zh")[0]
    )
