"""What is unsound, and where: each kind of finding in a small file, with its witness."""

from __future__ import annotations

from fractions import Fraction

import pytest

from kpirules import RulesetError, load, loads
from kpirules.api.load import check_text
from kpirules.arithmetic import decision_table
from kpirules.arithmetic.budget import TooLargeError
from kpirules.arithmetic.range import Range
from kpirules.checks import structure
from kpirules.checks.runner import check
from kpirules.compiler import totals
from kpirules.compiler.plan import Plan
from kpirules.toml.parser import parse


HEAD = 'schema = 1\nid = "x"\n'
LATE = 'inputs.late = { type = "count" }\n'


def found(text):
    """Give (code, place, line, witness) of each finding of a file."""
    with pytest.raises(RulesetError) as caught:
        loads(HEAD + text)
    return [
        (f.code, f.place, tuple(s.line for s in f.spots), dict(f.witness))
        for f in caught.value.findings
    ]


def messages(text):
    """Give the texts of the findings of a file."""
    with pytest.raises(RulesetError) as caught:
        loads(HEAD + text)
    return str(caught.value)


def bands(rows, *, extra=""):
    """Give a file with one criterion over lateness."""
    return f"{LATE}[[criterion]]\nid = 'a'\nweight = 100\nbands = [\n{rows}\n]\n{extra}"


def test_the_shipped_ruleset_is_sound():
    """What is found in it are the gaps in its ratings, which a ruling accepts."""
    found = check(load("customer-service"))
    assert [("rating-gap", (("skill", 2),), "T4")] == [
        (f.code, f.witness, f.accepted_by) for f in found if "skill" in f.place
    ]
    assert 5 == len(found)
    assert not any(f.counts for f in found)


def test_weights_that_do_not_add_up_say_by_how_much():
    """Three criteria of ten in a section of twenty: the section's sum and the whole are off."""
    text = """[[section]]
id = "s"
weight = 20
criterion = [{ id = "a", weight = 10 }, { id = "b", weight = 10 }, { id = "c", weight = 10 }]
[[section]]
id = "t"
weight = 80
criterion = [{ id = "d", weight = 80 }]
"""
    assert [
        ("weights-sum", "section.s.a", (6,), {"weights": 110}),
        ("section-sum", "section.s.weight", (5,), {"weights of s": 30}),
    ] == sorted(found(text), reverse=True)
    said = messages(text)
    assert "10 (a) + 10 (b) + 10 (c) + 80 (d) = 110, 10 more than 100" in said
    assert (
        'the weights of the criteria in "s" are 10 (a) + 10 (b) + 10 (c) = 30, 10 more than 20, the weight'
        in said
    )
    text = text.replace("weight = 80\n", "weight = 70\n")
    assert "the weights of the sections are 20 (s) + 70 (t) = 90, 10 less than 100" in messages(
        text
    )


def test_a_section_without_a_weight_weighs_what_its_criteria_weigh():
    """Only the whole can then be off."""
    text = "[[section]]\nid = 's'\ncriterion = [{ id = 'a', weight = 99.5 }]\n"
    assert [("weights-sum", "section.s", (3,), {"weights": Fraction(199, 2)})] == found(text)
    assert "99.5 (s) = 99.5, 0.5 less than 100" in messages(text)
    assert loads(HEAD + text.replace("99.5", "100"))


@pytest.mark.parametrize(
    ("code", "witness", "rows"),
    [
        (
            "band-gap",
            {"late": 1},
            "{ when = {late = 0}, points = 9 }, { when = {late = '>= 2'}, points = 1 }",
        ),
        (
            "band-overlap",
            {"late": 2},
            "{ when = {late = '<= 2'}, points = 9 }, { when = {late = '>= 2'}, points = 1 }",
        ),
        (
            "band-unreachable",
            {},
            "{ when = {late = '>= 0'}, points = 9 }, { when = {late = '< 0'}, points = 1 }",
        ),
        (
            "band-unreachable",
            {},
            "{ when = {late = '>= 0'}, points = 9 }, { when = 'otherwise', points = 1 }",
        ),
        (
            "points-out-of-range",
            {"late": 0},
            "{ when = {late = 0}, points = 101 }, { when = 'otherwise', points = 1 }",
        ),
        (
            "off-step",
            {},
            "{ when = {late = 0.5}, points = 2 }, { when = 'otherwise', points = 1 }",
        ),
        (
            "off-step",
            {},
            "{ when = {late = 0}, points = '0.2..0.7' }, { when = 'otherwise', points = 1 }",
        ),
        (
            "off-step",
            {},
            "{ when = {late = 0}, points = '0..7' }, { when = 'otherwise', points = 1.5 }",
        ),
    ],
)
def test_a_table_of_bands_that_does_not_hold(code, witness, rows):
    """The finding has a witness that shows it: the least facts on the grid."""
    assert [(code, witness)] == [(f[0], f[3]) for f in found(bands(rows))]


def test_bands_that_overlap_name_both_places():
    """A conflict has two places in the file."""
    text = bands("{ when = {late = '<= 2'}, points = 9 },\n{ when = {late = '>= 2'}, points = 1 },")
    assert [("band-overlap", "a.bands[1]", (9, 8), {"late": 2})] == [
        (code, place.removeprefix("criterion."), lines, witness)
        for code, place, lines, witness in found(text)
    ]


def test_judged_bands_that_overlap():
    """The points of a judged criterion tell its bands apart."""
    text = "criterion = [{ id = 'a', weight = 100, bands = [{ points = '0..5' }, { points = '5..9' }] }]"
    assert [("band-overlap", "a.bands[1]", (3, 3), {"a": 5})] == found(text)


@pytest.mark.parametrize(
    ("code", "witness", "tiers"),
    [
        ("tier-gap", {"total": 60}, "{ id='a', total='70..100' }, { id='b', total='0..59' }"),
        ("tier-overlap", {"total": 60}, "{ id='a', total='60..100' }, { id='b', total='0..60' }"),
    ],
)
def test_totals_that_have_no_tier_or_two(code, witness, tiers):
    """The witness is the least total that can occur."""
    text = f"criterion = [{{ id = 'a', weight = 100 }}]\ntier = [{tiers}]"
    assert [(code, witness)] == [(f[0], f[3]) for f in found(text)]


def test_tiers_are_judged_on_the_totals_that_can_occur():
    """80..89 and 90..100 leave nothing out in whole points, and 89.5 in halves."""
    text = "criterion = [{ id = 'a', weight = 100 }]\ntier = [{ id='a', total='90..100' }, { id='b', total='0..89' }]"
    assert loads(HEAD + text)
    assert [("tier-gap", {"total": 0.5 + 89})] == [
        (f[0], {k: float(v) for k, v in f[3].items()}) for f in found("step = 0.5\n" + text)
    ]
    sparse = text.replace(
        "weight = 100", "weight = 100, bands = [{ points = 100 }, { points = 0 }]"
    )
    assert loads(HEAD + sparse.replace("'0..89'", "0"))


def test_the_totals_that_can_occur_are_the_sums_of_what_criteria_give():
    """Exact, rising, each once; shares of a weight included; unscored criteria left out."""
    rubric = loads(
        HEAD
        + """full_marks = 10
criterion = [
  { id = "a", weight = 4, scale = 2, bands = [{ points = 2 }, { points = 0 }] },
  { id = "b", weight = 6, scale = 4, points = "1..2" },
  { id = "c", scored = false, points = "0..5" },
]
"""
    )
    totals = Plan(rubric).totals
    every = [Fraction(i, 10) for i in range(-10, 110)]
    occurring = [t for t in every if totals.first_in(Range.exactly(t)) == t]
    assert [1.5, 3, 5.5, 7] == [float(t) for t in occurring]
    assert (1.5, 7) == (totals.first_in(Range()), totals.last_in(Range()))
    assert (("a", 2), ("b", 1)) == totals.record(Fraction(11, 2))


def test_totals_too_many_to_count_are_judged_by_the_grid(monkeypatch):
    """Too fine a grid, or points without an end: a record shows the total all the same."""
    text = "criterion = [{ id = 'a', weight = 100 }]\ntier = [{ id='a', total='<= 59' }, { id='b', total='> 59.0001'}]"
    assert [("tier-gap", {"total": Fraction(590001, 10000)})] == [
        (f[0], f[3]) for f in found("step = 0.0001\n" + text)
    ]
    assert "the total 59.0001 is reachable" in messages("step = 0.0001\n" + text)
    monkeypatch.setattr(totals, "MAX_TOTALS", 150)
    assert "record: a = 59.0001" in messages("step = 0.0001\n" + text)
    two = "criterion = [{ id = 'a', weight = 50 }, { id = 'b', weight = 50, scale = 100 }]\ntier = [{ id='a', total='> 0.5' }]"
    assert [("tier-gap", {"total": 0})] == [(f[0], f[3]) for f in found(two)]
    open_end = "criterion = [{ id = 'a', weight = 100, range = 'any', points = '>= 0' }]\ntier = [{ id='a', total='any' }]"
    assert [("points-out-of-range", {"total": 101})] == [(f[0], f[3]) for f in found(open_end)]


@pytest.mark.parametrize(
    ("code", "part", "text"),
    [
        (
            "duplicate-id",
            '"a" is declared twice',
            "criterion=[{id='a',weight=50},{id='a',weight=50}]",
        ),
        ("duplicate-id", '"late" is declared twice', LATE + "criterion=[{id='late',weight=100}]"),
        ("duplicate-id", '"s" is declared twice', "section=[{id='s'},{id='s'}]"),
        ("duplicate-id", '"t" is declared twice', "tier=[{id='t',total=1},{id='t',total=2}]"),
        ("duplicate-id", 'the option "a"', "inputs.d={type='choice',options=['a','b','a']}"),
        ("reserved-id", '"total" is a word', "criterion=[{id='total',weight=100}]"),
        (
            "unknown-name",
            'did you mean "late"?',
            bands("{when={lat=0},points=1},{when='otherwise',points=0}"),
        ),
        (
            "unknown-name",
            "there are no inputs",
            "criterion=[{id='a',weight=100,of='q',bands=[{when=1,points=1},{when='otherwise',points=0}]}]",
        ),
        (
            "unknown-name",
            'no table of bands "stps"',
            "criterion=[{id='a',weight=100,bands='stps'}]",
        ),
        (
            "value",
            'no value of "d" is in its range (10 to 20)',
            LATE + "derive.d={of='late',bands=[{when=0,value=1},{when='otherwise',value=2}],"
            "range='10..20'}\ncriterion=[{id='a',weight=100,formula='d'}]",
        ),
        (
            "value",
            'no value of "d" is in its range (more than 5)',
            LATE + "derive.d={formula='0-late',range='> 5'}\n"
            "criterion=[{id='a',weight=100,formula='d',clamp='0..100'}]",
        ),
        (
            "value",
            'there is no "of" beside the bands',
            bands("{when=0,points=1},{when='otherwise',points=0}"),
        ),
        (
            "value",
            "'met' is not a range",
            bands("{when={late='met'},points=1},{when='otherwise',points=0}"),
        ),
        (
            "value",
            "a range has no percent sign",
            bands("{when={late='>= 9%'},points=1},{when='otherwise',points=0}"),
        ),
        (
            "value",
            "true is not a value of late",
            bands("{when={late=true},points=1},{when='otherwise',points=0}"),
        ),
        (
            "value",
            'did you mean "met"?',
            "inputs.d={type='choice',options=['met','not']}\ncriterion=[{id='a',weight=100,of='d',bands=[{when='mt',points=1},{when='otherwise',points=0}]}]",
        ),
        (
            "value",
            "3 is not a value of d",
            "inputs.d={type='choice',options=['met','not']}\ncriterion=[{id='a',weight=100,of='d',bands=[{when=3,points=1},{when='otherwise',points=0}]}]",
        ),
        (
            "value",
            "3 is not a value of d",
            "inputs.d={type='flag'}\ncriterion=[{id='a',weight=100,of='d',bands=[{when=3,points=1},{when='otherwise',points=0}]}]",
        ),
        (
            "value",
            '"yes" is not a value of d',
            "inputs.d={type='flag'}\ncriterion=[{id='a',weight=100,of='d',bands=[{when='yes',points=1},{when='otherwise',points=0}]}]",
        ),
        (
            "value",
            'has "points" and "bands", but only one of them is allowed',
            "criterion=[{id='a',weight=100,points=1,bands=[{points=1}]}]",
        ),
        (
            "value",
            '"of" is for bands, but there are none',
            LATE + "criterion=[{id='a',weight=100,of='late'}]",
        ),
        (
            "value",
            "value is not allowed here; use points",
            "criterion=[{id='a',weight=100,bands=[{value=1}]}]",
        ),
        (
            "value",
            'a band needs "points" or "formula", and only one of them',
            "criterion=[{id='a',weight=100,bands=[{label='x'}]}]",
        ),
        ("value", "the list of bands is empty", "criterion=[{id='a',weight=100,bands=[]}]"),
        ("value", 'the band has no "when"', bands("{when={late=0},points=1},{points=0}")),
        (
            "band-overlap",
            'two bands have when = "otherwise"',
            bands("{when='otherwise',points=1},{when='otherwise',points=0}"),
        ),
        ("value", '"otherwise" is the only band', bands("{when='otherwise',points=1}")),
        ("value", "has no weight", "criterion=[{id='a'}]"),
        ("value", "must be 0 or more", "criterion=[{id='a',weight=-1}]"),
        ("value", "must be more than 0", "criterion=[{id='a',weight=100,scale=0}]"),
        ("value", "has a weight, but scored = false", "criterion=[{id='a',weight=1,scored=false}]"),
        ("value", "must be 0 or more", "section=[{id='a',weight=-1}]"),
        (
            "value",
            "some criteria are in sections, others are not",
            "section=[{id='s'}]\ncriterion=[{id='a',weight=100}]",
        ),
        ("value", "must be more than 0", "step = 0"),
        ("value", "must be more than 0", "weights_total = -1"),
        ("value", "a choice needs options", "inputs.d={type='choice'}"),
        (
            "value",
            'the key options is for inputs of type "choice"; this is a "flag"',
            "inputs.d={type='flag',options=['a']}",
        ),
        (
            "value",
            'the key range is for inputs of type "count" or "number"; this is a "flag"',
            "inputs.d={type='flag',range='0..1'}",
        ),
        (
            "value",
            'the key step is for inputs of type "count" or "number"; this is a "choice"',
            "inputs.d={type='choice',options=['a'],step=1}",
        ),
        (
            "value",
            "reads as a range or a word of the rule language",
            "inputs.d={type='choice',options=['0..3']}",
        ),
        (
            "value",
            "reads as a range or a word of the rule language",
            "inputs.d={type='choice',options=['missing']}",
        ),
        ("value", "must be more than 0", "inputs.d={type='number',step=0}"),
        (
            "value",
            "the step of a count must be a whole number, not 0.5",
            "inputs.d={type='count',step=0.5}",
        ),
        (
            "value",
            "no whole number from 0 up is in this range: less than 0",
            "inputs.d={type='count',range='< 0'}",
        ),
        (
            "value",
            "no whole number from 0 up is in this range: more than 0, to less than 1",
            "inputs.d={type='count',range='> 0 .. < 1'}",
        ),
        ("value", "the default 0.5 is not a whole number", "inputs.d={type='count',default=0.5}"),
        (
            "value",
            'the default "b" is not one of the options',
            "inputs.d={type='choice',options=['a'],default='b'}",
        ),
        (
            "value",
            "this tier has no pay, but other tiers have one",
            "criterion=[{id='a',weight=100}]\ntier=[{id='a',total='< 9',pay=1},{id='b',total='>= 9'}]",
        ),
        ("value", "this tier has no total", "criterion=[{id='a',weight=100}]\ntier=[{id='a'}]"),
    ],
)
def test_each_kind_of_finding(code, part, text):
    """A small file with one fault has the finding, with a message about the fault."""
    codes = [f[0] for f in found(text)]
    assert code in codes
    assert part in messages(text)


@pytest.mark.parametrize(
    ("what", "text"),
    [
        ("2 inputs", "inputs.a={type='flag'}\ninputs.b={type='flag'}"),
        ("2 criteria", "criterion=[{id='a',weight=50},{id='b',weight=50}]"),
        ("2 sections", "section=[{id='a'},{id='b'}]"),
        ("2 tiers", "tier=[{id='a',total=1},{id='b',total=2}]"),
        ("2 options", "inputs.a={type='choice',options=['a','b']}"),
        ("2 bands", "criterion=[{id='a',weight=100,bands=[{points=1},{points=2}]}]"),
        ("2 bands", "bands.t={rows=[{points=1},{points=2}]}"),
    ],
)
def test_a_rubric_of_too_many_parts_is_refused_before_it_is_compared(monkeypatch, what, text):
    """Every list of the file is bounded."""
    monkeypatch.setattr(structure, "MAX_PARTS", 1)
    assert ["too-large"] == [f[0] for f in found(text)]
    assert f"{what}; at most 1 are allowed" in messages(text)


def test_bands_named_once_serve_several_criteria():
    """A named table is checked, and used, where it is named."""
    text = (
        LATE
        + """bands.t = { rows = [{ when = 0, points = 50 }, { when = ">= 1", points = 0 }] }
criterion = [{ id = "a", weight = 50, of = "late", bands = "t" }, { id = "b", weight = 50, of = "late", bands = "t" }]
"""
    )
    assert ["example-missing"] == [f.code for f in check(loads(HEAD + text))]
    other = text.replace("bands.t =", "bands.s = { rows = [{ when = 0, points = 1 }] }\nbands.t =")
    codes = [f.code for f in check(loads(HEAD + other))]
    assert ["example-missing", "unused-name"] == codes
    broken = text.replace(">= 1", ">= 2")
    assert {"band-gap"} == {f[0] for f in found(broken)}
    mixed = text.replace("when = 0, ", "")
    assert "value" in {f[0] for f in found(mixed)}


def test_ten_faults_of_a_rubric_are_found_together():
    """One unsound part hides no other; what no record shows because of the others is not proved."""
    text = """inputs.late = { type = "count" }
criterion = [
  { id = "a", weight = 60, of = "late", bands = [{ when = 0, points = 60 }, { when = ">= 2", points = 0 }] },
  { id = "b", weight = 60, of = "late", bands = [{ when = "<= 1", points = 61 }, { when = ">= 1", points = 0 }] },
  { id = "c", weight = 10, bands = [{ points = "0..5" }, { points = "5..10" }] },
]
tier = [{ id = "x", total = "0..5" }, { id = "y", total = "5..66" }]
"""
    codes = sorted({f[0] for f in found(text)})
    assert [
        *["band-gap", "band-overlap", "not-proved", "points-out-of-range", "tier-gap"],
        "weights-sum",
    ] == codes


def test_a_table_too_large_to_decide_is_a_finding(monkeypatch):
    """The check ends in a finding and never runs forever."""
    monkeypatch.setattr(decision_table, "_MAX_CELLS", 2)
    rows = "{when={late=0},points=1},{when={late=7},points=2},{when='otherwise',points=0}"
    assert "too-large" in [f[0] for f in found(bands(rows))]


def test_what_is_not_decided_about_better_facts_is_a_note(monkeypatch):
    """A sound table is not rejected for taking too long."""

    def refuse(*_):
        raise TooLargeError("axes", axes=300, max_axes=200)

    monkeypatch.setattr(decision_table.DecisionTable, "neighbours", refuse)
    text = bands("{when={late=0},points=1},{when='otherwise',points=0}")
    rubric = loads(HEAD + text.replace('"count"', '"count", better = "lower"'))
    (finding,) = [f for f in check(rubric) if f.code == "too-large"]
    assert ("note", "a.bands") == (finding.severity, finding.place)
    assert (
        'not checked whether a better "late" can give fewer points: '
        "the decision table depends on 300 names; at most 200 are allowed"
    ) == finding.message()


def test_full_marks_are_sought_on_the_grid_where_totals_are_too_many(monkeypatch):
    """The greatest total that may occur is the witness."""
    monkeypatch.setattr(totals, "MAX_TOTALS", 10)
    rubric = loads(
        HEAD + "criterion = [{ id = 'a', weight = 100, bands = [{ points = '0..90' }] }]"
    )
    (finding,) = [f for f in check(rubric) if f.code == "full-marks-unreachable"]
    assert ((("total", 90),), ()) == (finding.witness, finding.record)


def test_the_points_that_are_out_of_range_have_a_record():
    """The facts of a measured band; the rating of a judged one, above or below."""

    def witness(text):
        return [f[3] for f in found(text) if f[0] == "points-out-of-range"]

    judged = "criterion = [{ id = 'a', weight = 100, bands = [{ points = '%s' }, { points = 7 }] }]"
    assert [{"a": 101}] == witness(judged % "90..110")
    assert [{"a": -5}] == witness(judged % "-5..2")
    both = bands(
        "{ when = { late = '>= 2' }, points = '90..110' }, { when = 'otherwise', points = 0 }"
    )
    assert [{"late": 2, "a": 101}] == witness(both)
    rest = bands("{ when = { late = '>= 2' }, points = 9 }, { when = 'otherwise', points = 101 }")
    assert [{"late": 0}] == witness(rest)
    idle = bands("{ when = { late = '>= 0' }, points = 9 }, { when = 'otherwise', points = 101 }")
    assert [{"a": 101}] == witness(idle)
    beyond = "criterion = [{ id = 'a', weight = 100, range = '0..100', points = '-1..100' }]"
    assert [{"a": -1}] == witness(beyond)
    extra = "criterion = [{ id = 'a', weight = 50, range = '0..60' }, { id = 'b', weight = 50 }]"
    assert [{"total": 101}] == witness(extra)
    low = "criterion = [{ id = 'a', weight = 50, range = '-1..50' }, { id = 'b', weight = 50 }]"
    assert [{"total": -1}] == witness(low)


def test_a_broken_value_hides_what_is_checked_later_and_says_all_of_its_own():
    """A file that cannot be structured has that finding; soundness is checked for the readable parts."""
    with pytest.raises(RulesetError):
        parse(HEAD + "full_marks = 'x'\nperiod = 3", "f")


def test_tiers_that_overlap_are_not_compared_with_themselves():
    """Only a lower total can be one that pays more."""
    text = "criterion = [{ id = 'a', weight = 100 }]\ntier = [{ id='p', total='60..100', pay=100 }, { id='f', total='0..60', pay=-50 }]"
    assert ["tier-overlap"] == [f.code for f in check_text(HEAD + text) if f.severity != "note"]
