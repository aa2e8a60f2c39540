"""What public forms really get wrong in their weights, bands and tiers, as they are printed.

Each case is a part of a public scheme, its numbers as printed, in a file of our own words; the
witness is the least input or total that the print leaves out or counts twice.
"""

from __future__ import annotations

from fractions import Fraction

import pytest

from kpirules.api.load import check_text
from tests.shipped import shipped


def measured(bands, *, fact='type = "number", range = ">= 0", step = 1', more=""):
    """Give a form of one criterion over one fact."""
    rows = ",\n".join(f"  {{ when = {when}, points = {points} }}" for when, points in bands)
    return f"""schema = 1
id = "form"
inputs.x = {{ {fact} }}
{more}
[[criterion]]
id = "c"
weight = 100
of = "x"
bands = [
{rows}
]
"""


def judged(tiers, *, full=100, step="1", bands=""):
    """Give a form of one judged criterion, with tiers of its total."""
    rows = "\n".join(f'[[tier]]\nid = "t{i}"\ntotal = {total}' for i, total in enumerate(tiers))
    award = f"bands = [{bands}]" if bands else ""
    return f"""schema = 1
id = "form"
full_marks = {full}
step = {step}
[[criterion]]
id = "c"
weight = {full}
{award}
{rows}
"""


HALF_OPEN_EDGES = [('">= 100"', 100), ('"95..100"', 95), ('"90..95"', 90), ('"< 90"', 0)]
SECTION = """schema = 1
id = "form"
criterion = []
[[section]]
id = "ability"
weight = 20
criterion = [{ id = "skill", weight = 10 }, { id = "feedback", weight = 10 }, { id = "complaints", weight = 10 }]
[[section]]
id = "rest"
weight = 80
criterion = [{ id = "work", weight = 80 }]
"""

#: (where it was seen, the part as printed, the finding, its witness)
CASES = [
    # customer service: the award column begins at 70
    (
        "70-79 for 60-79",
        judged(['"90..100"', '"80..89"', '"70..79"', '"0..59"']),
        "tier-gap",
        {"total": 60},
    ),
    (
        "halves",
        judged(['"90..100"', '"80..89"', '"60..79"', '"0..59"'], step="0.5"),
        "tier-gap",
        {"total": Fraction(119, 2)},
    ),
    (
        "2 in no level",
        judged([], full=10, bands='{ points = "8..10" }, { points = "3..7" }, { points = "0..1" }'),
        "rating-gap",
        {"c": 2},
    ),
    ("three tens in twenty", SECTION, "section-sum", {"weights of ability": 30}),
    ("three tens in a hundred", SECTION, "weights-sum", {"weights": 110}),
    # e-commerce customer service: full attendance, and late at most three times
    (
        "late 0 twice",
        measured([("0", 100), ('"<= 3"', 80), ('"> 3"', 60)], fact='type = "count"'),
        "band-overlap",
        {"x": 0},
    ),
    (
        "no tier below 70",
        judged(['"90..100"', '"80 .. < 90"', '"70 .. < 80"']),
        "tier-gap",
        {"total": 0},
    ),
    (
        "mean response of 55",
        measured([('"< 35"', 100), ('"35..45"', 80), ('"> 45 .. 55"', 60), ('"< 55"', 0)]),
        "band-overlap",
        {"x": 0},
    ),
    # warehouse keeper: the count weighs 10 and awards 25; the section of 5 prints 3
    ("25 of 10", measured([("0", 250), ('">= 1"', 0)]), "points-out-of-range", {"x": 0}),
    (
        "feedback of 3",
        SECTION.replace("weight = 80 }", "weight = 77 }"),
        "section-sum",
        {"weights of rest": 77},
    ),
    # accountant: one error gives 100 and none gives nothing; more than four either
    (
        "no error at all",
        measured([("1", 100), ("2", 80), ("3", 60), ("4", 0)], fact='type = "count"'),
        "band-gap",
        {"x": 0},
    ),
    # a matrix of sales coefficients: every interval shares its ends
    ("95 twice", measured(HALF_OPEN_EDGES), "band-overlap", {"x": 95}),
    ("100 twice", measured([*HALF_OPEN_EDGES[:2], ('"< 95"', 0)]), "band-overlap", {"x": 100}),
    # suppliers: tiers in whole points, totals in tenths
    (
        "84 to 85",
        judged(['"85..100"', '"70..84"', '"0..69"'], step="0.1"),
        "tier-gap",
        {"total": Fraction(691, 10)},
    ),
    # equipment officer: levels in whole points
    (
        "90.5",
        judged(
            [],
            step="0.5",
            bands='{ points = "91..100" }, { points = "81..90" }, { points = "0..80" }',
        ),
        "rating-gap",
        {"c": Fraction(161, 2)},
    ),
    # year-end bonus: months of service, days of leave
    (
        "4 months",
        measured(
            [("3", 25), ("6", 50), ("9", 75), ('">= 12"', 100)],
            fact='type = "count", range = ">= 3"',
        ),
        "band-gap",
        {"x": 4},
    ),
    (
        "16 days",
        measured([('"< 15"', 100), ("15", 50), ('">= 30"', 0)], fact='type = "count"'),
        "band-gap",
        {"x": 16},
    ),
    # a rating table of 100 to 500 points: 290 stands in two rows
    (
        "290 twice",
        judged(['"350..500"', '"290..349"', "290", '"0..289"'], full=500),
        "tier-overlap",
        {"total": 290},
    ),
    ("1 to 99", judged(['"200..500"', '"100..199"', "0"], full=500), "tier-gap", {"total": 1}),
    # a score of newborns: a pulse of exactly 100
    (
        "pulse 100",
        measured([("0", 0), ('"> 0 .. < 100"', 50), ('"> 100"', 100)]),
        "band-gap",
        {"x": 100},
    ),
    ("above 7, below 3", judged(['"> 7"', '"4..6"', '"< 3"'], full=10), "tier-gap", {"total": 3}),
    # a pay rise by review score, to three decimals
    (
        "2.845",
        judged(
            ['"3.50..4.00"', '"3.21..3.49"', '"3.00..3.20"', '"2.85..2.99"', '"0..2.84"'],
            full=4,
            step="0.005",
        ),
        "tier-gap",
        {"total": Fraction("2.845")},
    ),
    # a university: growth above target in per cent
    (
        "19 to 20",
        measured(
            [('">= 20"', 100), ('"1..19"', 80), ("0", 60)],
            fact='type = "number", range = ">= 0", step = 0.5',
        ),
        "band-gap",
        {"x": Fraction(1, 2)},
    ),
    # teachers: one contract prints 15-20 for 15-21; fewer than 8 points cannot occur
    (
        "21",
        judged(['"29..32"', '"22..28"', '"15..20"', '"0..14"'], full=32),
        "tier-gap",
        {"total": 21},
    ),
    (
        "0 to 7",
        judged(['"8..32"', '"0..7"'], full=32, bands='{ points = "8..32" }'),
        "tier-unreachable",
        {},
    ),
    # an indicator method: 80 and 100 stand in one step
    (
        "80 and 100",
        measured([('"80 .. < 100"', 80), ('"80..100"', 100), ('"< 80"', 0), ('"> 100"', 100)]),
        "band-overlap",
        {"x": 80},
    ),
    # executives: revenue above 120 % has no row
    (
        "above 120",
        measured([('"< 90"', 0), ('"90..110"', 50), ('"> 110 .. 120"', 100)]),
        "band-gap",
        {"x": 121},
    ),
    # a civil service: below 60, and only for listed misconduct
    ("55 without misconduct", measured([('">= 60"', 100)]), "band-gap", {"x": 0}),
]


@pytest.mark.parametrize(
    ("text", "code", "witness"), [c[1:] for c in CASES], ids=[c[0] for c in CASES]
)
def test_what_a_real_form_gets_wrong_is_found_with_its_least_witness(text, code, witness):
    """One case a contradiction; its witness is among those of that code."""
    text = text.replace("criterion = []\n", "")
    assert witness in [dict(f.witness) for f in check_text(text) if f.code == code]


def test_every_gap_between_printed_tiers_is_named():
    """Suppliers: 69.1 and 84.1, each at the tier above it."""
    text = next(c[1] for c in CASES if c[0] == "84 to 85")
    gaps = [(f.witness[0][1], f.place) for f in check_text(text) if f.code == "tier-gap"]
    assert [(Fraction(841, 10), "tier.t0.total"), (Fraction(691, 10), "tier.t1.total")] == gaps


def test_the_shipped_form_without_its_ruling_has_the_gap_at_two():
    """Taken out of the ruling, each of the five criteria is a warning that counts."""
    text = shipped().read_text(encoding="utf-8")
    start = text.index("accepts = [")
    end = text.index("]\n", start) + 2
    found = [f for f in check_text(text[:start] + text[end:]) if f.counts]
    assert ["rating-gap"] * 5 == [f.code for f in found]
    assert {2} == {value for f in found for _, value in f.witness}
