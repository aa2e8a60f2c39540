"""What follows criteria, by examples: missing values, weights, raters, adjustments, gates, outcomes."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest
from typer.testing import CliRunner

from kpirules import InputError, Result, RulesetError, evaluate, loads
from kpirules.api.load import check_text
from kpirules.arithmetic.range import Range
from kpirules.cli.app import app
from kpirules.errors import ModelError
from kpirules.model import Gate, Tier, When
from kpirules.model.tier_order import TierOrder


def form(text):
    """Read a ruleset's text."""
    return loads(f'schema = 1\nid = "x"\n{text}')


def score(text, **record):
    """Score a record by a text; the long way and the quick way give the same bytes."""
    rubric = form(text)
    result = evaluate(rubric, record)
    again = evaluate(rubric, record)
    assert result.to_json() == again.to_json() == Result.from_json(result.to_json()).to_json()
    assert result == again == Result.from_json(result.to_json())
    return result


def refused(text, **record):
    """Give what is said of a record that is refused."""
    with pytest.raises(InputError) as caught:
        evaluate(form(text), record)
    return [str(problem) for problem in caught.value.problems]


def found(text):
    """Give code and message of what is found in a text, examples and labels left aside."""
    findings = check_text(f'schema = 1\nid = "x"\n{text}')
    return [f"{f.code}: {f.message()}" for f in findings if f.severity != "note"]


def run(*arguments):
    """Give what a command prints."""
    done = CliRunner().invoke(app, [*arguments])
    assert not done.exit_code, done.output
    return done.stdout


# ---------------------------------------------------------------- missing

THREE = "criterion = [{id='a', weight=20, %s}, {id='b', weight=30, %s}, {id='c', weight=50, %s}]"


def three(*policies):
    """A form of three judged lines with a policy each."""
    return THREE % tuple(f"missing={policy}" for policy in policies)


def test_what_is_excluded_leaves_its_weight_to_the_others():
    """10 of 20 and 25 of 50, the other line left out: 35 of 70."""
    result = score(three("'error'", "'exclude'", "'error'"), a=10, c=25)
    assert (50, "missing") == (result.total, result.lines[1].left_out)
    assert [Fraction(100, 7), 0, Fraction(250, 7)] == [line.contribution for line in result.lines]
    assert "b: not given, left out" in result.explain()
    assert 65 == score(three("'error'", "'exclude'", "'error'"), a=10, b=30, c=25).total


def test_what_stands_in_for_what_is_missing_is_said():
    """Zero, or a number of points."""
    result = score(three("'zero'", "7", "'error'"), c=25)
    assert (32, True, 7) == (result.total, result.lines[0].assumed, result.lines[1].points)
    assert "  a: 0 of 20 — not given, counts as 0" in result.explain()
    assert "  b：7 / 30 分 — 未填写，按 7 分计" in result.explain("zh")
    assert ["c: is missing; allowed: 0 to 50"] == refused(three("'zero'", "7", "'error'"))


def test_all_left_out_is_unratable_and_no_error():
    """The earlier stages are kept; there is no total, no tier, no outcome."""
    text = three(*["'exclude'"] * 3) + "\ntier=[{id='t', total='any', pay=5}]"
    result = score(text)
    assert result.unratable
    assert (None, None, {}, None) == (result.total, result.tier, result.outcomes, result.pay)
    assert "Total: cannot be rated" in result.explain()
    assert "<Result x: unratable>" == repr(result)
    rated = score(text, c=25)
    assert (50, "t", 5) == (rated.total, rated.tier.id, rated.pay)


def test_a_record_of_which_too_little_is_scored_is_unratable():
    """``minimum_scored`` counts criteria that were not left out."""
    text = three(*["'exclude'"] * 3) + "\ntotal.minimum_scored = 2"
    assert score(text, a=20).unratable
    assert 100 == score(text, a=20, b=30).total
    assert score(text, a=20).raw_total == 100


def test_a_section_with_nothing_left_is_left_out():
    """The other sections are scaled up, and within a section its other lines."""
    text = """
[[section]]
id = "s"
weight = 40
criterion = [{ id = "a", weight = 10, missing = "exclude" }, { id = "b", weight = 30, missing = "exclude" }]
[[section]]
id = "t"
weight = 60
criterion = [{ id = "c", weight = 60 }]
"""
    assert 50 == score(text, c=30).total
    assert {"t": 50} == score(text, c=30).subtotals
    result = score(text, a=5, c=30)
    assert ({"s": 20, "t": 30}, 50) == (result.subtotals, result.total)
    assert "s: not given, left out" in score(text, c=30).explain()


def test_what_was_left_out_lets_no_entry_hold_but_the_word_for_it():
    """A gate about it does not hold; a formula over it is missing; "missing" is asked for."""
    text = (
        three("'exclude'", "'error'", "'error'")
        + """
gate = [{ when = { points.a = "< 10" }, total_at_most = 5 }]
[[adjust]]
id = "extra"
of = "points.a"
bands = [{ when = "missing", points = -1 }, { when = "otherwise", points = 0 }]
[[adjust]]
id = "more"
formula = "points.a"
clamp = "0..1"
missing = "skip"
[total]
clamp = "0..100"
"""
    )
    result = score(text, b=30, c=50)
    assert (99, ()) == (result.total, result.gates)
    assert [(-1, False), (0, True)] == [(s.value, s.skipped) for s in result.adjustments]
    assert 5 == score(text, a=9, b=30, c=50).total
    assert "more: 0 — not given, adds nothing" in result.explain()


def test_a_missing_fact_is_answered_by_a_band():
    """A criterion whose bands answer for it needs it no more; a default leaves nothing to answer."""
    text = """
inputs.late = { type = "count" }
[[criterion]]
id = "a"
weight = 100
of = "late"
bands = [{ when = "missing", points = 50 }, { when = 0, points = 100 }, { when = ">= 1", points = 0 }]
"""
    assert [50, 100, 0] == [score(text, **r).total for r in ({}, {"late": 0}, {"late": 2})]
    assert 0 == score(text, a=0).total
    with pytest.raises(RulesetError, match="band-unreachable"):
        score(text.replace('"count" }', '"count", default = 0 }'))


def test_a_derived_fact_of_defaults_is_never_missing():
    """A band for its absence is reached by no record, and a name without a default may be absent."""
    text = """
inputs.late = { type = "count", default = 0 }
inputs.absent = { type = "count" }
derive.some = { of = "late", bands = [{ when = 0, value = 0 }, { when = ">= 1", value = 1 }] }
[[criterion]]
id = "a"
weight = 100
bands = [{ when = { some = "missing" }, points = 50 }, { when = { some = 0 }, points = 100 }, { when = { some = 1 }, points = 0 }]
"""
    with pytest.raises(RulesetError, match="band-unreachable"):
        score(text)
    text = text.replace('of = "late"', 'of = "absent"')
    assert [50, 100, 0] == [score(text, **r).total for r in ({}, {"absent": 0}, {"absent": 2})]


def test_a_default_does_not_stand_against_a_rating():
    """Facts count as given when the record gives them, not by a default."""
    text = """
inputs.late = { type = "count", default = 0 }
derive.twice = { formula = "late * 2" }
[[criterion]]
id = "a"
weight = 100
of = "twice"
bands = [{ when = 0, points = 100 }, { when = ">= 1", points = 0 }]
"""
    assert [100, 0, 0] == [score(text, **r).total for r in ({}, {"a": 0}, {"late": 2})]
    assert refused(text, a=0, late=0)


# ---------------------------------------------------------------- weights


def test_shares_weigh_what_they_are_of_all():
    """1, 2 and 1 of 4; a line of weight 0 is left out and not asked for."""
    text = """
full_marks = 5
weights_total = "sum"
criterion = [{ id = "a", weight = 1, scale = 5 }, { id = "b", weight = 2, scale = 5 }, { id = "c", weight = 1, scale = 5 }, { id = "d", weight = 0, scale = 5 }]
"""
    result = score(text, a=5, b=3, c=4)
    assert (Decimal("3.75"), "weight") == (result.total, result.lines[3].left_out)
    assert "d: weighs nothing, left out" in result.explain()
    assert result.total == score(text, a=5, b=3, c=4, d=99).total
    assert "d" not in score(text, a=5, b=3, c=4, d="bad").inputs


PERSON = """
inputs.wa = { type = "number", range = "0..100" }
inputs.wb = { type = "number", range = "0..100" }
criterion = [{ id = "a", weight = "wa", scale = 10 }, { id = "b", weight = "wb * 1", scale = 10 }]
"""


def test_weights_given_for_each_person_must_add_up_for_each_record():
    """40 and 60 are fine; 40 and 50 are refused; a weight that may be below 0 is unsound."""
    assert 70 == score(PERSON, wa=40, wb=60, a=10, b=5).total
    assert [
        "wa = 40: the weights are 40 (a) + 50 (b) = 90; allowed: weights that add up to 100"
    ] == refused(PERSON, wa=40, wb=50, a=10, b=5)
    (below,) = [
        f
        for f in check_text(
            'schema = 1\nid = "x"\n' + PERSON.replace('"0..100" }\nc', '"-5..100" }\nc')
        )
        if f.severity == "error"
    ]
    assert ("points-out-of-range", "b.weight", (("wb", -5),)) == (
        below.code,
        below.place,
        below.witness,
    )
    assert ["wb: is missing; allowed: a number, 0 to 100"] == refused(PERSON, wa=40, a=1, b=5)
    assert (100, "weight") == (
        (r := score(PERSON, wa=0, wb=100, b=10)).total,
        r.lines[0].left_out,
    )
    assert 100 == score(PERSON, wa=0, wb=100, a="bad", b=10).total
    shares = 'weights_total = "sum"\n' + PERSON
    assert 75 == score(shares, wa=1, wb=1, a=10, b=5).total
    assert "more than 0" in refused(shares, wa=0, wb=0)[0]


def test_a_section_may_have_a_scale_of_its_own():
    """Two lines of 50 each on a section that weighs 20 of 100."""
    text = """
[[section]]
id = "s"
weight = 20
scale = 100
criterion = [{ id = "a", weight = 50 }, { id = "b", weight = 50 }]
[[section]]
id = "t"
weight = 80
clamp = "10..70"
round = { to = 1, mode = "half_up" }
criterion = [{ id = "c", weight = 80, scale = 100 }]
"""
    result = score(text, a=50, b=25, c=98)
    assert (15, 70) == tuple(result.subtotals.values())
    assert Decimal("78.4") == result.verdict.subtotals[0].raw
    assert "t: 70 of 80 (computed 78.4)" in result.explain()
    assert 12 == score(text, a=0, b=0, c=15).total
    wrong = text.replace('"b", weight = 50', '"b", weight = 40')
    assert [
        'section-sum: the weights of the criteria in "s" are 50 (a) + 40 (b) = 90, 10 less than 100, the scale of the section'
    ] == found(wrong)


def test_a_sections_weight_may_be_given_for_each_person():
    """It is held to the whole, and its lines to its scale."""
    text = """
inputs.w = { type = "number", range = "0..100" }
[[section]]
id = "s"
weight = "w"
scale = 10
criterion = [{ id = "a", weight = 10 }]
[[section]]
id = "t"
weight = "100 - w"
scale = 10
criterion = [{ id = "b", weight = 4 }, { id = "c", weight = 6 }]
"""
    assert 30 == score(text, w=30, a=10, b=0, c=0).total
    assert 28 == score(text, w=30, a=0, b=4, c=0).total
    assert 100 == score(text, w=0, b=4, c=6).total


# ---------------------------------------------------------------- raters


RATED = """
raters = { self = 20, superior = { weight = 80, label = "Superior" } }
criterion = [{ id = "a", weight = 100, scale = 10%s }]
"""


def test_each_rater_rates_and_the_mean_counts():
    """A fifth of 5 and four fifths of 10; written with dots or as a table."""
    result = score(RATED % "", **{"a.self": 5, "a.superior": 10})
    assert (90, 9) == (result.total, result.lines[0].points)
    assert result == evaluate(form(RATED % ""), {"a": {"self": 5, "superior": 10}})
    assert "Superior = 10" in result.explain()
    assert ["a.superior: is missing; allowed: 0 to 10"] == refused(RATED % "", **{"a.self": 5})
    assert ["a.self = 11: is not an allowed rating; allowed: 0 to 10"] == refused(
        RATED % "", **{"a.self": 11, "a.superior": 10}
    )
    assert "is not a name of this ruleset" in refused(RATED % "", a=5)[-1]


@pytest.mark.parametrize(("policy", "points"), [("'exclude'", 10), ("'zero'", 8), ("5", 9)])
def test_a_policy_is_first_applied_to_the_raters(policy, points):
    """Left out, or standing in."""
    result = score(RATED % f", missing = {policy}", **{"a.superior": 10})
    assert (points, policy != "'exclude'") == (result.lines[0].points, result.lines[0].assumed)


def test_raters_of_a_measured_line_agree_with_the_facts_in_the_mean():
    """What the facts give is what the mean must be."""
    text = (
        RATED % ", of = 'n', bands = [{ when = 0, points = 9 }, { when = '>= 1', points = '0..4' }]"
    )
    text = "inputs.n = { type = 'count' }\n" + text
    assert 90 == score(text, n=0).total
    assert 90 == score(text, n=0, **{"a.self": 9, "a.superior": 9}).total
    assert "does not agree" in refused(text, n=0, **{"a.self": 9, "a.superior": 4})[0]
    assert 20 == score(text, n=1, **{"a.self": 2, "a.superior": 2}).total
    assert "does not agree" in refused(text, n=1, **{"a.self": 9, "a.superior": 2})[0]
    zero = (
        RATED.replace("superior = { weight = 80", "superior = { weight = 0")
        % ", missing = 'exclude'"
    )
    assert "a.self: is missing; allowed: 0 to 10" in refused(zero, **{"a.superior": 5})


# ---------------------------------------------------------------- adjustments and the total


EXTRA = """
inputs.merits = { type = "count" }
inputs.late = { type = "count" }
criterion = [{ id = "a", weight = 100 }]
[[adjust]]
id = "merit"
label = "Merits"
formula = "2 * merits"
[[adjust]]
id = "late"
of = "late"
bands = [{ when = 0, points = 0 }, { when = ">= 1", points = -3, label = "Late" }]
[total]
clamp = "0..100"
round = { to = 1, mode = "half_even" }
"""


def test_adjustments_are_points_of_the_total():
    """They are added to the raw total; the result says where the total was clamped."""
    result = score(EXTRA, merits=4, late=1, a=99)
    assert (99, 100, 104) == (result.raw_total, result.total, result.verdict.before.raw)
    assert [("merit", 8), ("late", -3)] == [(s.name, s.value) for s in result.adjustments]
    said = result.explain()
    assert "Before adjustments: 99" in said
    assert "Merits: +8 — merits = 4" in said
    assert "late: -3 — Late (late = 1)" in said
    assert "computed 104" in said
    assert ["late: is missing; allowed: a whole number, at least 0"] == refused(
        EXTRA, merits=1, a=9
    )


def test_a_total_of_its_own_names_what_it_wants():
    """A quantity in the place of the sum, bands and all."""
    text = EXTRA.replace("[total]\n", '[total]\nformula = "(raw_total + adjust.merit) / 2"\n')
    assert (100 + 2) // 2 == score(text, merits=1, late=0, a=100).total
    banded = EXTRA[: EXTRA.index("[total]")] + (
        '[total]\nof = "raw_total"\nbands = [{ when = ">= 50", value = 100 }, '
        '{ when = "< 50", formula = "raw_total + adjust.late" }]\nclamp = "0..100"\n'
    )
    assert [100, 37] == [score(banded, merits=0, late=1, a=n).total for n in (50, 40)]
    assert "raw_total >= 50" == str(score(banded, merits=0, late=1, a=50).verdict.before.condition)


def test_an_adjustment_without_end_is_found_where_the_total_has_one():
    """What is not clamped can leave full marks, with a witness."""
    endless = EXTRA[: EXTRA.index("[total]")]
    assert ["points-out-of-range: the total can be -3 (out of range); allowed: 0 to 100"] == found(
        endless
    )
    assert not found(endless + "[total]\nrange = 'any'\n")
    fixed = (
        "criterion = [{id='a', weight=100}]\nadjust = [{id='b', points=2}]\ntotal.range = '0..102'"
    )
    assert not found(fixed)
    assert 102 == score(fixed, a=100).total
    limited = "criterion = [{id='a', weight=100}]\nadjust = [{id='b', points=2, range='0..1'}]\ntotal.range='any'"
    assert ["points-out-of-range: the value is out of range: 2; allowed: 0 to 1"] == found(limited)


# ---------------------------------------------------------------- gates


GATED = """
inputs.veto = { type = "flag", default = false }
inputs.absent = { type = "count", default = 0 }
criterion = [{ id = "a", weight = 100 }]
tier = [{ id = "A", total = "80..100", pay = 9 }, { id = "B", total = "60 .. < 80", pay = 5 }, { id = "C", total = "< 60", pay = 1 }, { id = "X", pay = 0 }]
"""


def gates(*lines):
    """Give the form with some gates."""
    return GATED + "".join(f"[[gate]]\n{line}\n" for line in lines)


VETO = "when = { veto = true }\n"


@pytest.mark.parametrize(
    ("effect", "points", "total", "tier"),
    [
        ("total_at_most = 59", 90, 59, "C"),
        ("total_at_least = 60", 10, 60, "B"),
        ("tier_at_most = 'B'", 90, 90, "B"),
        ("tier_at_least = 'B'", 10, 10, "B"),
        ("tier_at_least = 'B'", 90, 90, "A"),
        ("demote = 1", 90, 90, "B"),
        ("demote = 3", 90, 90, "X"),
        ("demote = 9", 90, 90, "X"),
        ("tier_at_most = 'X'", 90, 90, "X"),
        # a total first, then steps down, then the tiers' own limits, of which the lower wins
        ("total_at_most = 79\ndemote = 1", 90, 79, "C"),
        ("demote = 2\ntier_at_least = 'B'", 90, 90, "B"),
        ("tier_at_least = 'A'\ntier_at_most = 'C'", 70, 70, "C"),
        ("total_at_least = 80\ntotal_at_most = 59", 70, 59, "C"),
    ],
)
def test_a_gate_limits_total_and_tier(effect, points, total, tier):
    """In the stated order; what it would have been is kept."""
    result = score(gates(VETO + effect), a=points, veto=True)
    assert (total, tier) == (result.total, result.tier.id)
    assert (0, "veto = true") == (result.gates[0].gate, str(result.gates[0].condition))
    free = score(gates(VETO + effect), a=points)
    assert (points, ()) == (free.total, free.gates)
    assert free.tier == result.verdict.tier_before


def test_gates_are_judged_together_on_what_stands_before_them():
    """The first does not bring the total below what the second asks; steps add up."""
    text = gates(
        VETO + 'total_at_most = 50\nreason = { en = "A veto", zh = "一票否决" }',
        'when = { total = ">= 80" }\ndemote = 1',
        'when = { tier = "A", absent = ">= 1" }\ndemote = 1',
    )
    result = score(text, a=90, veto=True, absent=1)
    assert (50, "X", [0, 1, 2]) == (result.total, result.tier.id, [g.gate for g in result.gates])
    assert "Before rules: 90, A" in result.explain()
    assert "Rule: A veto — total at most 50, veto = yes" in result.explain()
    assert "红线条款：一票否决 — 总分不高于 50" in result.explain("zh")
    assert "down by 1 tiers" in result.explain()
    twice = score(text, a=90, absent=1)
    assert (90, "C", 1) == (twice.total, twice.tier.id, twice.pay)


def test_a_gate_may_refuse_a_record_or_leave_it_unrated():
    """A refusal is reported on what it is about, with the reason; the other is no error."""
    text = gates(
        VETO + "refuse = true\nreason = 'dismissed'", "when = { absent = '> 9' }\nunratable = true"
    )
    assert ["veto = True: is rejected where veto = true: dismissed"] == refused(
        text, a=9, veto=True
    )
    result = score(text, a=90, absent=10)
    assert (True, None, None, {}) == (result.unratable, result.total, result.tier, result.outcomes)
    assert (90, 90) == (result.raw_total, result.lines[0].points)
    assert "absent > 9 — cannot be rated, absent = 10" in result.explain()
    # the default of a name that is about to be refused is no name of the record
    always = gates("when = { veto = [true, false] }\nrefuse = true")
    assert ["veto: is rejected where veto = true or false"] == refused(always, a=9)


def test_what_a_gate_lacks_is_an_error_or_lets_it_pass():
    """``missing = "skip"``: it does not hold."""
    text = "inputs.n = { type = 'count' }\n" + gates("when = { n = '> 1' }\ndemote = 1%s")
    assert ["n: is missing; allowed: a whole number, at least 0"] == refused(text % "", a=90)
    assert "A" == score(text % "\nmissing = 'skip'", a=90).tier.id
    refuse = text.replace("demote = 1", "refuse = true")
    assert ["n: is missing; allowed: a whole number, at least 0"] == refused(refuse % "", a=90)
    assert "A" == score(refuse % "\nmissing = 'skip'", a=90).tier.id
    answered = text.replace("n = '> 1'", "n = ['> 1', 'missing']") % ""
    assert ["B", "A"] == [score(answered, a=90, **r).tier.id for r in ({}, {"n": 0})]


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (
            "when = { absent = '< 0' }\ndemote = 1",
            "gate-idle: the condition of this gate never holds",
        ),
        (
            "when = { total = '> 100' }\ndemote = 1",
            "gate-idle: the condition of this gate never holds",
        ),
        (
            "when = { absent = 1 }\ntotal_at_most = 100",
            "gate-idle: this gate changes nothing when its condition holds",
        ),
        (
            "when = { absent = 1 }\ntotal_at_least = 0",
            "gate-idle: this gate changes nothing when its condition holds",
        ),
        (
            "when = { absent = 1 }\ntier_at_most = 'A'",
            "gate-idle: this gate changes nothing when its condition holds",
        ),
        (
            "when = { absent = 1 }\ntier_at_least = 'X'",
            "gate-idle: this gate changes nothing when its condition holds",
        ),
        ("when = { absent = 1 }", "value: the gate has no effect"),
        ("when = 'otherwise'\ndemote = 1", 'value: "otherwise" is not allowed in a gate'),
        (
            "when = {}\ndemote = 1",
            'value: has no condition; what always holds is written "otherwise"',
        ),
        (
            "when = { absent = 1 }\nrefuse = true\ndemote = 1",
            'value: one gate cannot have "refuse" and "demote"',
        ),
        ("when = { absent = 1 }\ndemote = 0", "value: must be 1 or more"),
        ("when = { absent = 1 }\ntier_at_most = 'Z'", 'unknown-name: there is no tier "Z"'),
        (
            "when = { absent = 1 }\ntotal_at_most = 101",
            "gate-idle: this gate changes nothing when its condition holds",
        ),
        ("when = { absnt = 1 }\ndemote = 1", 'unknown-name: there is no input "absnt"'),
        (
            "when = { total = 1 }\nrefuse = true",
            "value: records are rejected before these values are computed: total",
        ),
        (
            "when = { points.a = 1 }\nrefuse = true",
            "value: records are rejected before these values are computed: points.a",
        ),
    ],
)
def test_what_is_wrong_with_a_gate_is_found(line, expected):
    """Each with its sentence."""
    assert expected in found(gates(line))


def test_tiers_that_only_gates_reach_must_be_reached_by_one():
    """And a total that a gate leads to has its one tier."""
    assert 'tier-unreachable: the tier "X" has no "total", and no gate sets it' in found(
        gates(VETO + "tier_at_most = 'B'")
    )
    assert ["unused-input"] == [f[:12] for f in found(gates(VETO + "tier_at_most = 'X'"))]
    gap = gates(VETO + "tier_at_most = 'X'\ntotal_at_most = 59.5").replace('"< 60"', '"0..59"')
    assert "tier-gap: this gate sets the total to 59.5, but no tier contains it" in found(gap)
    both = (
        gates(VETO + "tier_at_most = 'X'\ntotal_at_most = 59.5")
        .replace('"< 60"', '"0..59.9"')
        .replace('"60 .. < 80"', '"59.5 .. < 80"')
    )
    assert "tier-overlap: this gate sets the total to 59.5, and two tiers contain it" in found(both)


# ---------------------------------------------------------------- outcomes


PAID = """
inputs.base = { type = "number", range = ">= 0" }
inputs.top = { type = "flag" }
criterion = [{ id = "a", weight = 100 }]
tier = [{ id = "good", total = ">= 60" }, { id = "bad", total = "< 60" }]
[outcome.rate]
of = "tier"
bands = [{ when = "good", formula = "total / 100" }, { when = "bad", value = 0 }]
[outcome.pay]
label = "Bonus"
formula = "base * outcome.rate"
round = { to = 0.01, mode = "half_up" }
[outcome.step]
bands = [{ when = { tier = "good", top = false }, value = "one step" }, { when = { tier = "good", top = true }, value = 2 }, { when = "otherwise", value = "stays" }]
missing = "skip"
"""


def test_outcomes_follow_from_total_tier_facts_and_one_another():
    """Money, rates, texts; one that lacks something is none."""
    result = score(PAID, base=3333.33, top=False, a=77)
    expected = {"rate": Decimal("0.77"), "pay": Decimal("2566.66"), "step": "one step"}
    assert expected == result.outcomes
    assert Decimal("2566.66") == result.pay
    assert (
        "Bonus: +2566.66 — base = 3333.33, outcome.rate = 0.77, computed 2566.6641"
        in result.explain()
    )
    assert 2 == score(PAID, base=1, top=True, a=60).outcomes["step"]
    assert "stays" == score(PAID, base=1, top=True, a=1).outcomes["step"]
    assert {"rate": 0, "pay": 0} == score(PAID, base=1, a=0).outcomes
    assert ["base: is missing; allowed: a number, at least 0"] == refused(PAID, top=True, a=60)


def test_a_form_of_outcomes_alone():
    """No criteria: nothing is scored, so that there is no total."""
    text = """
inputs.done = { type = "number", range = "0..200" }
outcome.rate = { of = "done", bands = [{ when = "< 100", value = 0 }, { when = ">= 100", value = 1.5 }] }
"""
    assert not found(text)
    result = score(text, done=100)
    assert (None, {"rate": Decimal("1.5")}) == (result.total, result.outcomes)
    assert not result.unratable


def test_derived_facts_may_hang_on_what_comes_before_them():
    """On points, on the total; and be used by what follows."""
    text = """
criterion = [{ id = "a", weight = 50 }, { id = "b", weight = 50, formula = "half", clamp = "0..50" }]
derive.half = { formula = "points.a / 2" }
derive.least = { formula = "min(points.a, points.b)" }
derive.twice = { formula = "total * 2" }
outcome.o = { formula = "twice + least" }
"""
    result = score(text, a=30)
    assert (45, 15, 90, 105) == (
        result.total,
        result.derived["half"].value,
        result.derived["twice"].value,
        result.outcomes["o"],
    )
    assert ["half", "least", "twice"] == list(result.derived)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "derive.d = { formula = 'total' }\ncriterion=[{id='a', weight=100, formula='d', clamp='0..100'}]",
            "cycle: circular dependency: ",
        ),
        (
            "criterion=[{id='a', weight=100, formula='raw_total', clamp='0..100'}]",
            "cycle: circular dependency: points.a -> raw_total -> points.a",
        ),
        (
            "criterion=[{id='a', weight=100}]\nadjust=[{id='x', formula='total', clamp='0..1'}]\ntotal.clamp='0..100'",
            "cycle: circular dependency: total before gates -> adjust.x",
        ),
        (
            "criterion=[{id='a', weight='points.a', scale=1}]",
            "cycle: circular dependency: points.a -> weight.a -> points.a",
        ),
        (
            "criterion=[{id='a', weight=100}]\nadjust=[{id='x', formula='outcome.o'}]\noutcome.o={value=1}",
            "value: outcome.o is an outcome, and only outcomes can use outcomes",
        ),
        (
            "criterion=[{id='a', weight=100}]\noutcome.o={of='total', bands=[{when='< 5', value=1},{when='>= 5', value='x'}]}\noutcome.p={formula='outcome.o'}",
            "value: outcome.o has texts and numbers as values, so that nothing else can use it",
        ),
        (
            "criterion=[{id='a', weight=100}]\noutcome.o={formula='tier'}",
            "unknown-name: tier is used, but there are no tiers",
        ),
        (
            "criterion=[{id='a', weight=100}]\noutcome.o={formula='points.b'}",
            'unknown-name: there is no name "points.b"',
        ),
        (
            "criterion=[{id='a', weight=100}]\noutcome.o={label='x'}",
            "value: has none of these keys: value, formula, bands",
        ),
        (
            "criterion=[{id='a', weight=100}]\nadjust=[{id='x', points='0..5'}]",
            "value: a range of ratings (0 to 5) is for criteria only",
        ),
        (
            "criterion=[{id='a', weight=100}]\ntotal.value='x'",
            'value: the total must be a number, not the text "x"',
        ),
        (
            "criterion=[{id='a', weight=100}]\ntotal.minimum_scored=0",
            "value: must be 1 or more",
        ),
        (
            "criterion=[{id='a', weight='w'}]\ninputs.w={type='number'}",
            "value: a weight that is a formula needs a scale, but there is none",
        ),
        ("criterion=[{id='a', weight=100}]\nraters={x=-1, y=2}", "value: must be 0 or more"),
        (
            "criterion=[{id='a', weight=100}]\nraters={x=0}",
            "value: no rater has a weight of more than 0",
        ),
        (
            "section=[{id='s', scale=0, criterion=[{id='a', weight=100}]}]",
            "value: must be more than 0",
        ),
        (
            "criterion=[{id='a', weight=100, missing=101}]",
            "points-out-of-range: the points for a missing value are out of range: 101; allowed: 0 to 100",
        ),
        (
            "criterion=[{id='a', weight=100}]\nderive.d={of='points.a', bands=[{when='< 5', value='missing'},{when='>= 5', value='x'}]}",
            'value: "missing" is a word of the rule language and cannot be a value',
        ),
        (
            "weights_total='sum'\ncriterion=[{id='a', weight=0, scale=1}]",
            "weights-sum: all weights are 0",
        ),
        (
            "criterion=[{id='a', weight=100}]\ntier=[{id='t', total='any', pay=1}]\noutcome.pay={value=1}",
            'duplicate-id: "pay" is declared twice; outcomes need different ids',
        ),
        (
            "criterion=[{id='a', weight=100}]\noutcome.o={of='points.a', bands=[{when='< 5', value=1},{when='> 5', value=2}]}",
            'band-gap: no band of "o" matches these facts',
        ),
        (
            "criterion=[{id='a', weight=100}]\noutcome.o={formula='1 / points.a'}",
            "division-by-zero: a divisor of this formula can be 0",
        ),
        (
            "criterion=[{id='a', weight=50, missing='exclude'}, {id='b', weight=50}]\noutcome.o={of='points.a', bands=[{when='<= 5', value=1},{when='> 5', value=2}]}",
            'band-gap: no band of "o" matches these facts',
        ),
    ],
)
def test_what_is_wrong_with_a_stage_is_found(text, expected):
    """Each with its sentence."""
    assert any(line.startswith(expected) for line in found(text)), found(text)


def test_all_problems_of_a_record_are_told_at_once():
    """Those of stages that do not hang on one another; what hangs on a fault is not asked."""
    text = (
        "inputs.bonus = { type = 'number', range = '0..9' }\noutcome.o = { formula = 'bonus * 2' }\n"
        + EXTRA
    )
    assert [
        "merits = 'x': is not a number; allowed: a whole number, at least 0",
        "late: is missing; allowed: a whole number, at least 0",
        "a: is missing; allowed: 0 to 100",
    ] == refused(text, merits="x", bonus=3)


def test_a_gate_made_in_python_may_not_hold_always():
    """A file cannot say so, nor can a program."""
    with pytest.raises(ModelError, match=r"^When: has no condition"):
        Gate(when=When(), unratable=True)


@pytest.mark.parametrize(
    ("spans", "rising"),
    [
        # written from the best down: one without a total lies below the one before it
        ([">= 80", "< 80", None], [2, 1, 0]),
        ([">= 80", None, "< 80"], [2, 1, 0]),
        ([None, ">= 80", "< 80"], [2, 1, 0]),
        # written upwards: above the one before it
        (["< 80", ">= 80", None], [0, 1, 2]),
        (["< 80", None, ">= 80"], [0, 1, 2]),
        ([None, "< 80", ">= 80"], [0, 1, 2]),
        ([None, None], [1, 0]),
        (["any", None], [1, 0]),
    ],
)
def test_tiers_rank_by_their_total_or_by_their_place(spans, rising):
    """One without a total stands beside its neighbour in the file."""
    tiers = [
        Tier(id=f"t{i}", total=() if span is None else (Range.parse(span),))
        for i, span in enumerate(spans)
    ]
    assert tuple(rising) == TierOrder(tiers).rising


def test_a_tier_of_several_ranges_ranks_by_its_highest():
    """0 to 10 and 90 to 100 together are above 11 to 89."""
    both = Tier(id="a", total=(Range.closed(0, 10), Range.closed(90, 100)))
    tier_order = TierOrder([both, Tier(id="b", total=(Range.closed(11, 89),))])
    assert (1, 0, "a", "b") == (
        tier_order.rank("a"),
        tier_order.rank("b"),
        tier_order.at(9),
        tier_order.at(-9),
    )


def test_a_divisor_that_is_never_quite_zero_divides():
    """An open end is not reached: numbers of a record have so many digits and no more."""
    text = "inputs.n = { type = 'number', range = '%s' }\ncriterion = [{ id = 'a', weight = 100, formula = '%s', clamp = '0..100' }]"
    assert not found(text % ("> 0", "5 / n"))
    assert not found(text % ("< 0", "-5 / n"))
    assert not found(text % ("> 0.5 .. < 1.5", "5 / (2 * n - 1)"))
    assert found(text % (">= 0", "5 / n"))


def test_rows_of_a_table_are_scored_with_all_their_stages(tmp_path):
    """Columns for adjustments and outcomes; a row that cannot be rated says so."""
    form_ = tmp_path / "x.rubric.toml"
    form_.write_text(
        'schema = 1\nid = "x"\n'
        + PAID.replace("weight = 100 }", 'weight = 100, missing = "exclude" }')
        + EXTRA[EXTRA.index("[[adjust]]") : EXTRA.index('[[adjust]]\nid = "late"')]
        + "[total]\nclamp = '0..100'\n[inputs.merits]\ntype = 'count'\n[[gate]]\nwhen = { top = true }\ntotal_at_most = 61\nmissing = 'skip'\n"
    )
    table = tmp_path / "rows.csv"
    table.write_text("a,merits,base,top\n60,1,100,false\n,1,100,true\n90,0,50,true\n")
    rows = run("evaluate", str(form_), str(table)).splitlines()
    assert rows[0].endswith(
        "points.a,adjust.merit,total,total.exact,tier,outcome.rate,outcome.rate.exact,pay,outcome.step,error,problems"
    )
    assert rows[1].endswith("60,2,62,62,good,0.62,0.62,62,one step,,")
    assert ",2,,,,,,,,cannot be rated," in rows[2]
    assert rows[3].endswith("90,0,61,61,good,0.61,0.61,30.5,2,,")
    shown = run("show", str(form_))
    assert "Adjustment: Merits" in shown
    assert "total at most 61" in shown
    assert "Outcome: Bonus" in shown


def test_weights_given_for_each_person_are_shown_as_such(tmp_path):
    """There is no number to show."""
    form_ = tmp_path / "x.rubric.toml"
    form_.write_text(
        'schema = 1\nid = "x"\n'
        + PERSON
        + "[[gate]]\nwhen = { wa = 1 }\nunratable = true\n[[gate]]\nwhen = { wa = 2 }\nrefuse = true\nreason = 'no'\n[outcome.o]\nbands = [{ when = { wa = '< 5' }, value = 'few', label = 'Few' }, { when = { wa = '>= 5' }, value = 'many' }]\n"
    )
    shown = run("show", str(form_))
    assert all(word in shown for word in ("each", "cannot be rated", "is rejected", "Few", "many"))


LISTED = """
inputs.l = { type = "number", range = "0..5", many = true }
criterion = [{ id = "a", weight = 5 }]
full_marks = 5
"""


@pytest.mark.parametrize(
    "more",
    [
        "adjust = [{ id = 'x', formula = 'mean(l)' }]\ntotal.clamp = '0..5'",
        "total = { formula = '(raw_total + mean(l)) / 2' }",
        "outcome.o = { formula = 'mean(l)' }",
    ],
)
def test_a_stage_without_a_value_refuses_the_record(more):
    """An empty list has no mean: it is said of the list, and what is missing is said as such."""
    text = LISTED.replace("full_marks = 5\n", "") + more
    text = "full_marks = 5\n" + text
    assert score(text, a=3, l=[3]).total <= 5
    assert ["mean of an empty list"] == [p.split(": ")[1][:21] for p in refused(text, a=3, l=[])]
    assert ["l: is missing; allowed: a list of numbers, 0 to 5"] == refused(text, a=3)


def test_a_weight_without_a_value_refuses_the_record():
    """It is said of the list that it hangs on."""
    text = (
        "inputs.l = { type = 'number', range = '0..5', many = true }\nweights_total = 'sum'\n"
        "criterion = [{ id = 'a', weight = 'mean(l)', scale = 5 }, { id = 'b', weight = 1 }]"
    )
    assert "mean of an empty list in weight.a" in refused(text, a=3, b=1, l=[])[0]


def test_weights_of_a_section_may_all_be_worked_out():
    """Nothing is added up before there is a record."""
    text = """
inputs.w = { type = "number", range = "0..100" }
[[section]]
id = "s"
weight = "w"
criterion = [{ id = "a", weight = "w / 4", scale = 1 }, { id = "b", weight = "w * 3 / 4", scale = 1 }]
[[section]]
id = "t"
weight = "100 - w"
criterion = [{ id = "c", weight = "100 - w", scale = 1 }]
"""
    assert 80 == score(text, w=80, a=1, b=1, c=0).total
    assert "section-sum" not in str(found(text))
    assert "the weights in t are 20 (c)" not in str(refused(text, w=80, a=1, c=0))


def test_weights_of_a_section_of_which_some_are_worked_out_are_asked_of_each_record():
    """A fixed weight beside one by name adds up to nothing yet."""
    text = """
inputs.w = { type = "number", range = "0..20" }
[[section]]
id = "s"
weight = 20
criterion = [{ id = "a", weight = "w", scale = 1 }, { id = "b", weight = 5 }]
[[section]]
id = "t"
criterion = [{ id = "c", weight = 80 }]
"""
    assert [] == [f for f in found(text) if "sum" in f]
    assert 100 == score(text, w=15, a=1, b=5, c=80).total
    assert "weights in s" in str(refused(text, w=14, a=1, b=5, c=80))


def test_a_rating_is_a_name_like_others():
    """Of a line that is not scored too; missing where it is not given, and said as a rating."""
    text = """
criterion = [{ id = "a", weight = 100 }, { id = "r", scored = false, points = "0..5" }]
[[adjust]]
id = "x"
formula = "r - 5"
[total]
clamp = "0..100"
"""
    assert 48 == score(text, a=50, r=3).total
    assert ["r: is missing; allowed: 0 to 5"] == refused(text, a=50)
    typo = text.replace("r - 5", "aa - 5").replace('id = "a"', 'id = "aaa"')
    assert 'unknown-name: there is no input "aa"' in found(typo)
    never = text.replace('"0..5"', '"0.2..0.4"')
    assert (
        "off-step: no multiple of 1 (the step of ratings) is among the allowed points: 0.2 to 0.4"
        in found(never)
    )


def test_contributions_and_subtotals_are_names_like_others():
    """Their bounds are known where weights are the same for all records."""
    text = """
section = [{ id = "s", criterion = [{ id = "a", weight = 40 }] }, { id = "t", criterion = [{ id = "b", weight = 60, scale = 3%s }] }]
outcome.o = { formula = "contribution.b + subtotal.s" }
outcome.p = { of = "contribution.b", bands = [{ when = "<= 30", value = 1 }, { when = "> 30", value = 2 }] }
"""
    result = score(text % "", a=20, b=1)
    assert {"o": 40, "p": 1} == result.outcomes
    out = text % ", missing = 'exclude'"
    assert 'band-gap: no band of "p" matches these facts' in found(out)
    answered = out.replace('when = "<= 30"', 'when = ["<= 30", "missing"]').replace(
        '+ subtotal.s"', '+ subtotal.s", missing = "skip"'
    )
    assert {"p": 1} == score(answered, a=20).outcomes


def test_a_form_below_zero_may_leave_lines_out():
    """The bounds of the mean hold where something is left out."""
    text = """
section = [{ id = "s", criterion = [{ id = "a", weight = 40, scale = 5, range = "-5..5", missing = "exclude" }] }, { id = "t", criterion = [{ id = "b", weight = 60, scale = 5, range = "-5..5" }] }]
total.range = "-100..100"
"""
    assert not found(text)
    assert [-100, -20] == [score(text, **r).total for r in ({"b": -5}, {"a": 5, "b": -5})]


def test_a_gate_about_a_total_that_does_not_occur_is_idle():
    """50 lies on the grid of 0, 10 and 100, and is no sum of them."""
    text = """
criterion = [{ id = "a", weight = 100, bands = [{ points = 0 }, { points = 10 }, { points = 100 }] }]
gate = [{ when = { total = 50 }, unratable = true }]
"""
    assert ["gate-idle: the condition of this gate never holds"] == found(text)
    demoted = text.replace("unratable = true", "demote = 1")
    assert "value: demote needs tiers, but there are none" in found(demoted)


def test_a_gate_that_no_example_reaches_is_noted():
    """As bands and tiers are."""
    example = "[[example]]\nname = 'e'\nratings = { a = 9 }\nexpect = { total = 9 }\n"
    findings = check_text('schema = 1\nid = "x"\n' + gates(VETO + "demote = 1") + example)
    assert "gate[0]" in {f.place for f in findings if f.code == "example-missing"}


def test_a_known_way_ends_where_a_gate_refuses():
    """A record like one that was scored, but for what refuses it."""
    rubric = form(gates(VETO + "refuse = true"))
    record = {"a": 90, "veto": False, "absent": 0}
    assert 90 == evaluate(rubric, record).total == evaluate(rubric, record).total
    with pytest.raises(InputError, match="is rejected where veto = true"):
        evaluate(rubric, {**record, "veto": True})


def test_a_value_within_its_range_is_fine():
    """Adjustments and outcomes may say what must hold."""
    text = "criterion = [{id='a', weight=100}]\nadjust = [{id='b', points=2, range='0..5'}]\ntotal.range='any'"
    assert not found(text)


def test_what_has_a_default_is_not_said_to_be_missing():
    """Of a derived fact's inputs, only those that lack."""
    text = (
        "inputs.a = { type = 'count', default = 1 }\ninputs.b = { type = 'count' }\n"
        "derive.d = { formula = 'a + b' }\ncriterion = [{ id = 'c', weight = 100 }]\n"
        "outcome.o = { formula = 'd * 2' }\n"
    )
    assert ["b: is missing; allowed: a whole number, at least 0"] == refused(text, c=5)
