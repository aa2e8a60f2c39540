"""One error of a file hides no other: recovery of invalid files, and the checks of the rest."""

from __future__ import annotations

import pytest

from kpirules import RulesetError, loads
from kpirules.api.load import check_text
from kpirules.diagnostics.finding import Finding
from kpirules.toml.recovery import mend


HEAD = 'schema = 1\nid = "x"\n'

#: twenty errors of as many kinds, each on its own line
TWENTY = """schema = 1
id = "twenty"
colour = "red" # unknown-key
step = 1
role = { zh = "仓管员" } # label-missing

[inputs.late]
type = "count"
label = { zh = "迟到", en = "Late" }
[inputs.spare] # unused-input
type = "flag"
label = "x"
[inputs.kind]
type = "choice"
label = "x"
options = ["p", "q"]
[inputs.size]
type = "nmber" # value
label = "x"

[bands.idle] # unused-name
rows = [{ when = 0, points = 1 }, { when = ">= 1", points = 0 }]

[[section]]
id = "one"
label = "x"
weight = 40 # section-sum
[[section.criterion]] # weights-sum
id = "attendance"
label = "x"
weight = 20
of = "late"
bands = [{ when = 0, points = 20 }, { when = ">= 2", points = 0 }] # band-gap
[[section.criterion]]
id = "order"
label = "x"
weight = 30
of = "late"
bands = [
  { when = "<= 2", points = 30 },
  { when = ">= 2", points = 0 }, # band-overlap
]

[[section]]
id = "two"
label = "x"
weight = 60
[[section.criterion]] # rating-gap
id = "skill"
label = "x"
weight = 20
bands = [{ points = "15..20" }, { points = "0..10" }]
[[section.criterion]]
id = "feedback"
label = "x"
weight = 20
of = "kind"
bands = [
  { when = "p", points = 25 }, # points-out-of-range
  { when = "q", points = 0 },
  { when = "otherwise", points = 0 }, # band-unreachable
]
[[section.criterion]]
id = "speed"
label = "x"
weight = 10
bands = [{ points = "5..10" }, { points = 2.5 }] # off-step
[[section.criterion]]
id = "total" # reserved-id
label = "x"
weight = 5
[[section.criterion]]
id = "extra"
label = "x"
weight = 5
of = "lat" # unknown-name
bands = [{ when = 0, points = 5 }, { when = "otherwise", points = 0 }]

[[tier]]
id = "good"
label = "x"
total = "60..100" # tier-gap
[[tier]]
id = "fair"
label = "x"
total = "30..58"
[[tier]]
id = "fair" # duplicate-id
label = "x"
total = "0..30" # tier-overlap

[[ruling]]
clause = "1"
conflict = "x"
decision = "y"
accepts = ["rating-gap section.one.order"] # ruling-idle

[[example]] # example-fails
name = "late three times"
ratings = { late = 3, kind = "q", skill = 16, speed = 7, extra = 5 }
expect = { points.skill = 15 }
"""


def test_twenty_faults_of_a_file_are_reported_each_on_its_line():
    """No error hides another: not of the text, of names, sums, bands, tiers or examples."""
    lines = TWENTY.splitlines()
    wanted = {line.split("# ")[1]: i for i, line in enumerate(lines, 1) if "# " in line}
    found = {}
    for finding in check_text(TWENTY, file="twenty"):
        found.setdefault(finding.code, finding.spots[0].line)
    assert 19 <= len(wanted)
    assert wanted == found


def test_faults_of_the_text_do_not_make_others():
    """Neither the fallback of a lost part is reported, nor the hole that the part left."""
    text = (
        HEAD
        + """inputs.late = { type = "count", range = "9..1" }
inputs.duty = { type = "choise", options = ["a", "b"] }
[[criterion]]
weight = 60
[[criterion]]
id = "b"
weight = 40
of = "duty"
bands = [{ when = "a", points = 40 }, { when = "b", points = 0 }]
[[tier]]
id = "t"
total = "100..0"
[[tier]]
id = "u"
total = ">= 0"
"""
    )
    found = [(f.code, f.spots[0].line) for f in check_text(text) if f.severity == "error"]
    assert [("value", 3), ("value", 4), ("missing-key", 5), ("value", 14)] == found


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("inputs = 3", ["value"]),
        ("inputs.late = 3", ["value"]),
        ("section = 'x'", ["value"]),
        ("section = [3]", ["value"]),
        ("criterion = [{ id = 'a', weight = 90, bands = [3] }]", ["value", "weights-sum"]),
        ("criterion = [{ id = 3, weight = 90 }]", ["value", "weights-sum"]),
        ("raters.a = { label = 'x' }", ["missing-key"]),
        ("raters = { a = 'x' }", ["value"]),
        ("gate = [{ refuse = true }]", ["missing-key"]),
        ("bands.t = {}", ["missing-key"]),
        ("ruling = [{ clause = 1 }]", ["missing-key", "missing-key", "value"]),
        ("example = [{}]", ["missing-key"]),
        ("tier = [{ total = 1 }]", ["missing-key"]),
        ("adjust = [{ points = 1 }]", ["missing-key"]),
        (
            "criterion = [{ id = 'a', weight = 100, round = { to = 1 } }]",
            ["missing-key"],
        ),
        ("fullmarks = 90\ncriterion = [{ id = 'a', weight = 90 }]", ["unknown-key"]),
        (
            "fullmarks = 90\nfull_marks = 90\ncriterion = [{ id = 'a', weight = 90 }]",
            ["unknown-key"],
        ),
        ("full_marks = 'x'\ncriterion = [{ id = 'a', weight = 90 }]", ["value"]),
        ("step = 'x'\ncriterion = [{ id = 'a', weight = 90 }]", ["value", "weights-sum"]),
        ("weights_total = 0\ncriterion = [{ id = 'a', weight = 90 }]", ["value"]),
        ("criterion = [{ id = 'a', weight = 90, label = 3 }]", ["value", "weights-sum"]),
        ("inputs.a = { type = 'count', step = 0, default = 1 }", ["value"]),
    ],
)
def test_the_rest_of_an_invalid_file_is_checked(text, codes):
    """A fallback is never the subject of a finding; everything that can be judged without it is checked."""
    found = [f.code for f in check_text(HEAD + text) if f.severity == "error"]
    assert codes == sorted(found)
    with pytest.raises(RulesetError) as caught:
        loads(HEAD + text)
    assert codes == sorted(f.code for f in caught.value.findings)


def test_an_unreadable_file_has_no_further_findings():
    """Invalid TOML has one finding; a file without schema and id has theirs and those of the rest."""
    assert ["syntax"] == [f.code for f in check_text("schema = ")]
    errors = [
        f.code
        for f in check_text("criterion = [{ id = 'a', weight = 9 }]")
        if f.severity == "error"
    ]
    assert ["missing-key", "missing-key", "weights-sum"] == sorted(errors)


def test_an_example_is_compared_with_the_valid_parts():
    """An error in one criterion leaves the points of the others to be compared, and nothing else."""
    text = (
        HEAD
        + """inputs.late = { type = "count" }
criterion = [
  { id = "a", weight = 50, of = "late", bands = [{ when = 0, points = 50 }] },
  { id = "b", weight = 50 },
]
tier = [{ id = "t", total = "any" }]
example = [
  { name = "one", ratings = { late = 3, b = 40 }, expect = { points.b = 41, points.a = 3, total = 1, tier = "x", contribution.b = 40, late = 4 } },
  { name = "two", ratings = { late = 3, b = 99 }, expect = { refused = ["b"] } },
]
"""
    )
    found = [f for f in check_text(text) if f.code == "example-fails"]
    expected = '"one": points.b: expected 41, got 40; late: expected 4, got 3'
    assert [expected] == [f.message() for f in found]
    weights = text.replace("when = 0", 'when = ">= 0"').replace(
        '{ id = "b", weight = 50', '{ id = "b", weight = 51'
    )
    found = [f for f in check_text(weights) if f.code == "example-fails"]
    expected = '"one": points.b: expected 41, got 40; points.a: expected 3, got 50; late: expected 4, got 3'
    assert [expected] == [f.message() for f in found]


def test_an_example_is_not_compared_with_an_invalidated_stage():
    """Nor to a stage that depends on it; the expectations of other stages are compared."""
    text = (
        HEAD
        + """criterion = [{ id = "a", weight = 100 }]
adjust = [{ id = "x", formula = "1 +" }, { id = "y", points = 2 }]
[outcome.o]
value = 3
[[example]]
name = "one"
ratings = { a = 40 }
expect = { adjust.x = 7, adjust.y = 7, total = 7, outcome.o = 7, points.a = 41 }
"""
    )
    found = [f for f in check_text(text) if f.code == "example-fails"]
    expected = '"one": adjust.y: expected 7, got 2; points.a: expected 41, got 40'
    assert [expected] == [f.message() for f in found]


def test_a_tree_is_recovered_as_far_as_its_problems_have_paths():
    """A problem without a path, or below a value that is not a table, removes nothing."""
    tree = {"id": "x", "tier": [{"id": "a", "colour": 1}], "late": 3}
    problems = [
        Finding(code="value", reason="", path=()),
        Finding(code="missing-key", reason="", path=("late",)),
        Finding(code="unknown-key", reason="", path=("late", "x")),
        Finding(code="unknown-key", reason="", path=("tier", 0, "colour")),
        Finding(code="unknown-key", reason="", path=("tier", 0, "colour")),
        Finding(code="value", reason="", path=("tier", 7, "id")),
    ]
    mended, lost = mend(tree, problems)
    assert ({"id": "x", "late": 3}, [("tier", 7, "id")]) == (mended, lost)
    assert {"id": "a", "colour": 1} == tree["tier"][0]


def test_examples_whose_total_lost_its_tier_are_not_run():
    """A tier with an invalid total leaves totals without a tier: that alone is reported."""
    text = (
        HEAD
        + """criterion = [{ id = "a", weight = 100 }]
tier = [{ id = "high", total = "" }, { id = "low", total = "0 .. < 50" }]
[[example]]
name = "one"
ratings = { a = 60 }
expect = { total = 60 }
"""
    )
    assert ["value"] == [f.code for f in check_text(text) if f.severity == "error"]
