"""What is declared and not used, texts without a language, rulings that accept; and the registry."""

from __future__ import annotations

import ast
import copy
from pathlib import Path

import attrs
import pytest

import kpirules
from kpirules import check, load, loads
from kpirules.api.load import check_text
from kpirules.diagnostics.finding import CODES, Finding
from kpirules.model import Text


HEAD = 'schema = 1\nid = "x"\n'
JUDGED = """[[criterion]]
id = "skill"
weight = 100
bands = [{ points = "60..100" }, { points = "0..50" }]
"""
EXAMPLES = 'example = [{ name = "p", ratings = { skill = 70 } }, { name = "q", ratings = { skill = 7 } }]\n'


def codes(text):
    """Give (code, place, accepted by) of the findings of a text."""
    return [(f.code, f.place, f.accepted_by) for f in check_text(HEAD + text)]


def test_an_input_or_table_that_nothing_names_is_found():
    """A name that was probably meant to be one of them counts as its use."""
    text = "inputs.late = { type = 'count' }\nbands.steps = { rows = [{ when = 0, points = 1 }] }\n"
    assert {("unused-input", "inputs.late", None), ("unused-name", "bands.steps", None)} <= set(
        codes(text + EXAMPLES + JUDGED)
    )
    near = """[[criterion]]
id = "a"
weight = 50
of = "lat"
bands = "stps"
[[criterion]]
id = "b"
weight = 50
bands = [{ when = { lte = 0 }, points = 50 }, { when = "otherwise", points = 0 }]
"""
    found = {code for code, _, _ in codes(text + near)}
    assert "unknown-name" in found
    assert not found & {"unused-input", "unused-name"}


def test_a_text_that_lacks_a_language_is_found_where_it_stands():
    """A text without a language is for all of them; what people see needs a label."""
    text = """label = { zh = "表", en = "Form" }
note = { en = "A note" }
inputs.late = { type = "count", label = "迟到" }
[inputs.duty]
type = "choice"
options = { met = { zh = "是" }, not = "否" }
"""
    messages = {f.place: f.message() for f in check_text(HEAD + text) if f.code == "label-missing"}
    both = "; other texts of the file are in zh, en"
    assert {
        "note": f"has no text in zh{both}",
        "inputs.duty": f"has no label{both}",
        "inputs.duty.options.met": f"has no text in en{both}",
    } == messages
    assert "label-missing" not in {
        code for code, _, _ in codes('label = "x"\n' + EXAMPLES + JUDGED)
    }


RULING = """[[ruling]]
clause = "7"
conflict = "51 to 59 are in no level"
decision = "not awarded"
accepts = [%s]
"""


def test_a_ruling_accepts_the_finding_that_it_names():
    """It is listed with the ruling's clause, and counts no longer."""
    text = EXAMPLES + JUDGED + RULING % '"rating-gap skill"'
    (finding,) = check_text(HEAD + text)
    assert ("rating-gap", "7", False) == (finding.code, finding.accepted_by, finding.counts)
    expected = '<string>:4:1: accepted[rating-gap]: no band of "skill" allows a rating of 51 to 59 (ruling 7)'
    assert expected == str(finding)


@pytest.mark.parametrize(
    ("entry", "message", "help_"),
    [
        (
            "rating-gap tier.a",
            'there is no finding "rating-gap tier.a"',
            'write "rating-gap skill"',
        ),
        (
            "unused-input tier.a",
            'there is no finding "unused-input tier.a"',
            "remove it from the ruling",
        ),
        (
            "tier-gap tier",
            "tier-gap is an error, and a ruling cannot accept an error",
            "remove it from the ruling",
        ),
        ("ratinggap skill", '"ratinggap" is not a code of findings', 'did you mean "rating-gap"?'),
        (
            "qqqq",
            '"qqqq" is not a code of findings',
            'write "code place" as in a finding: "rating-gap section.ability.skill"',
        ),
        (
            "",
            '"" is not a code of findings',
            'write "code place" as in a finding: "rating-gap section.ability.skill"',
        ),
    ],
)
def test_a_ruling_that_accepts_nothing_is_a_finding(entry, message, help_):
    """At its own line, with what there is."""
    text = EXAMPLES + JUDGED + RULING % f'"{entry}"'
    (finding,) = [f for f in check_text(HEAD + text) if f.code == "ruling-idle"]
    assert (message, help_, 12) == (finding.message(), finding.help(), finding.spots[0].line)
    assert "ruling[0].accepts[0]" == finding.place


def test_a_ruling_may_accept_a_finding_about_the_whole_file():
    """Its entry is the code alone, and the advice shows it so."""
    (finding,) = [
        f
        for f in check_text(HEAD + JUDGED + RULING % '"example-missing skill"')
        if f.code == "ruling-idle"
    ]
    assert 'write "example-missing"' == finding.help()
    found = codes(JUDGED + RULING % '"example-missing"')
    assert ("example-missing", "", "7") in found


def test_what_could_not_be_asked_is_not_idle():
    """A ruling about a criterion that is invalid for another reason may be right."""
    text = (
        EXAMPLES + JUDGED.replace("weight = 100", "weight = 'x y'") + RULING % '"rating-gap skill"'
    )
    assert "ruling-idle" not in {
        code for code, _, _ in codes(text.replace("bands = ", "of = 3\nbands = "))
    }


def test_findings_know_where_the_rubric_was_read_from():
    """A rubric that was changed or copied since has no text to point into."""
    rubric = load("customer-service")
    spots = [f.spots[0].line for f in check(rubric)]
    assert sorted(spots) == spots
    copied = copy.deepcopy(rubric)
    assert rubric == copied
    assert [()] * 5 == [f.spots for f in check(copied)]
    changed = attrs.evolve(rubric, label=Text.of("x"))
    assert [()] * 5 == [f.spots for f in check(changed) if f.code == "rating-gap"]


def test_a_rubric_with_a_failing_example_is_found_so_and_can_be_evaluated():
    """An example proves nothing about other records: `check` is what rejects it."""
    text = (
        HEAD
        + 'example = [{ name = "p", ratings = { skill = 70 }, expect = { total = 71 } }]\n'
        + JUDGED
    )
    rubric = loads(text)
    assert "example-fails" in {f.code for f in check(rubric)}
    assert 70 == kpirules.evaluate(rubric, {"skill": 70}).total


def test_every_code_that_the_source_gives_is_in_the_registry():
    """And no code of the registry is given nowhere."""
    folder = Path(kpirules.__file__).parent
    given = set()
    for path in folder.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            match node:
                # the reasons of a comparison have codes of their own
                case ast.Call(func=ast.Name(id="Reason")):
                    pass
                case ast.Call(keywords=keywords):
                    for each in keywords:
                        match each:
                            case ast.keyword(arg="code", value=ast.Constant(value=code)):
                                given.add(code)
    assert set(CODES) == given


def test_a_code_says_how_grave_it_is():
    """Errors reject a rubric; warnings and notes do not; an unknown code is an error."""
    assert "warning" == Finding(code="rating-gap", reason="m").severity
    assert "note" == Finding(code="example-missing", reason="m").severity
    assert "error" == Finding(code="of-mine", reason="m").severity
    assert {"error", "warning", "note"} == {code.severity for code in CODES.values()}


@pytest.mark.parametrize(
    "unreadable",
    [
        "[derive.e]\nformula = '2 +* n'\n[outcome.o]\nformula = 'e'\n",
        "[outcome.o]\nbands = [{ when = { f = true }, formula = 'm)' }, { when = 'otherwise', value = 0 }]\n",
    ],
)
def test_a_formula_that_cannot_be_read_makes_nothing_unused(unreadable):
    """It may use any name."""
    text = (
        'schema = 1\nid = "x"\ncriterion = [{ id = "a", weight = 100 }]\ninputs.n = { type = "count" }\n'
        'inputs.m = { type = "count" }\ninputs.f = { type = "flag" }\nderive.d = { formula = "n" }\n'
    )
    assert {"unused-input", "unused-name"} <= {f.code for f in check_text(text)}
    assert {"unused-input", "unused-name"}.isdisjoint(f.code for f in check_text(text + unreadable))
