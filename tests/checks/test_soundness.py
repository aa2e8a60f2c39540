"""Sound means sound: what `check` asks of each place, and what evaluation does where it must not."""

from __future__ import annotations

from fractions import Fraction
from types import SimpleNamespace

import attrs
import pytest

from kpirules import InputError, check, evaluate, evaluate_frame, loads
from kpirules.api.load import check_text
from kpirules.api.programs import program_of
from kpirules.arithmetic.decision_table import Axis
from kpirules.arithmetic.number import show
from kpirules.arithmetic.range import Range
from kpirules.checks.gates import gate_idle
from kpirules.checks.invalidated import NOTHING
from kpirules.checks.search import Search
from kpirules.checks.witnesses import SHOWN
from kpirules.checks.worked_examples import examples_hold
from kpirules.compiler.plan import Plan
from kpirules.errors import InternalSoundnessError
from kpirules.evaluation.evaluator import Evaluator
from kpirules.evaluation.program import Program
from kpirules.evaluation.record import read_record
from kpirules.evaluation.state import State
from kpirules.toml.parser import parse


HEAD = 'schema = 1\nid = "x"\n'
N = 'inputs.n = { type = "count", range = "0..9" }\n'
A = 'criterion = [{ id = "a", weight = 100 }]\n'

#: each place of a quantity over `n`, with the name of its stage
PLACES = {
    "d": N + A + "[derive.d]\n{says}\n[outcome.o]\nformula = 'd'\nmissing = 'skip'\n",
    "points.c": N + "[[criterion]]\nid = 'c'\nweight = 100\n{says}\n",
    "weight.c": N
    + "weights_total = 'sum'\ncriterion = [{ id = 'c', weight = '{formula}', scale = 10 }, "
    "{ id = 'e', weight = 5 }]\n",
    "adjust.j": N + A + "[total]\nclamp = '0..100'\n[[adjust]]\nid = 'j'\n{says}\n",
    "total before gates": N + A + "[total]\n{says}\n",
    "outcome.o": N + A + "[outcome.o]\n{says}\n",
}
#: the defects, as a quantity has them, with the findings that report them
DEFECTS = {
    "band-gap": "of = 'n'\nbands = [{ when = '<= 3', value = 1 }, { when = '>= 5', value = 2 }]",
    "band-overlap": "of = 'n'\nbands = [{ when = '<= 4', value = 1 }, { when = '>= 4', value = 2 }]",
    "division-by-zero": "100 / (n - 4)",
    "points-out-of-range": "10 - 3 * n",
}


def errors(text):
    """Give (code, witness or record) of the errors of a text."""
    found = [f for f in check_text(HEAD + text) if f.severity == "error"]
    return {f.code: dict(f.record or f.witness) for f in found}


def planted(place, code):
    """Give a ruleset with a defect at a place."""
    defect = DEFECTS[code]
    says = defect if "bands" in defect else f"formula = '{defect}'"
    if code == "points-out-of-range":
        says += "\nrange = '0..100'"
    if place in ("points.c", "adjust.j"):
        says = says.replace("value =", "points =")
    return PLACES[place].replace("{says}", says).replace("{formula}", defect)


#: a weight has no bands
EACH = [(p, c) for p in PLACES for c in DEFECTS if p != "weight.c" or "bands" not in DEFECTS[c]]


def evaluated(text, record):
    """Return the state of a record after all stages, whether or not the ruleset is sound."""
    evaluator = Evaluator(Plan(parse(HEAD + text, "x.rubric.toml")))
    context = evaluator.context
    given, problems = read_record(context.readers, record)
    state = State(context, given, {problem.input for problem in problems})
    state.problems += problems
    state.reporters += [""] * len(problems)
    return evaluator.through(state, context.order)


@pytest.mark.parametrize(("place", "code"), EACH)
def test_each_defect_is_found_in_each_place(place, code):
    """Each of the four defects, wherever a quantity may stand; its record shows it there."""
    text = planted(place, code)
    if (place, code) == ("d", "points-out-of-range"):
        # the range of a derived fact is the record's to keep
        assert {} == errors(text)
        return
    found = errors(text)
    assert code in found
    (record,) = [found[code]]
    names = Evaluator(Plan(parse(HEAD + text, "x.rubric.toml"))).context.names
    rest = {name: 0 for name in names if name in ("a", "e")}
    run = evaluated(text, rest | record)
    assert (place, code) in {(fault.name, fault.code) for fault in run.faults}


def test_the_places_are_those_of_the_plan():
    """Every stage that a plan computes by a quantity is a place of the test above."""
    text = N + A + "derive.d = { formula = 'n' }\nadjust = [{ id = 'j', formula = '0 * d' }]\n"
    text += "outcome.o = { formula = 'total' }\ntier = [{ id = 't', total = 'any', pay = 1 }]\n"
    heads = {name.partition(".")[0] for name in Plan(loads(HEAD + text)).quantities}
    weights = {"weight"}
    assert {name.partition(".")[0] for name in PLACES} == heads | weights


# ---------------------------------------------------------------- direct ratings

FORMULA = (
    'inputs.n = { type = "number", range = "50..100", step = 5 }\n'
    'criterion = [{ id = "a", weight = 100, formula = "n" }]\n'
)


@pytest.mark.parametrize(("rating", "fine"), [(0, False), (50, True), (52, False), (55, True)])
def test_a_measured_criterion_is_rated_with_what_its_formula_can_give(rating, fine):
    """50 and 55 are given by facts; 0 and 52 are not, and are rejected; frames do the same."""
    import polars as pl

    rubric = loads(HEAD + FORMULA)
    row = evaluate_frame(rubric, pl.DataFrame({"a": [rating]}), on_error="column")
    assert [rating if fine else None] == row["total"].to_list()
    if fine:
        assert rating == evaluate(rubric, {"a": rating}).total
    else:
        with pytest.raises(InputError, match="50 to 100, in steps of 5"):
            evaluate(rubric, {"a": rating})


def test_means_of_raters_are_counted():
    """Ratings 1 and 5 by two raters give 4.2: a tier-gap, with the two ratings."""
    text = (
        "raters = { self = 20, boss = 80 }\n" + N + 'criterion = [{ id = "a", weight = 100, '
        'of = "n", bands = [{ when = "<= 2", points = 5 }, { when = "otherwise", points = 1 }] }]\n'
    )
    found = errors(text + 'tier = [{ id = "t", total = [1, "1.8", 5] }]\n'.replace('"1.8"', "1.8"))
    assert {"tier-gap": {"a.self": 1, "a.boss": 5}} == found
    whole = loads(HEAD + text + 'tier = [{ id = "t", total = [1, 1.8, 4.2, 5] }]\n')
    assert Fraction(21, 5) == evaluate(whole, {"a": {"self": 1, "boss": 5}}).total


def test_the_mean_of_raters_must_keep_to_the_range_with_what_stands_in():
    """0 stands for a rater that is missing: the mean of 0 and 1 leaves 1..5."""
    text = (
        "raters = { self = 1, boss = 1 }\ncriterion = [{ id = 'a', weight = 100, scale = 5, "
        "range = '1..5', missing = 'zero' }]\n"
    )
    assert {"points-out-of-range"} == set(errors(text))
    assert {} == errors(text.replace("'zero'", "'exclude'"))


# ---------------------------------------------------------------- roundings, what is left out


def test_a_rounding_that_carries_the_total_beyond_its_range_is_found():
    """2.5 rounds to 3, so that 100.5 is reached; the record gives both criteria."""
    text = (
        'inputs.n = { type = "number", range = "0..20" }\ncriterion = [{ id = "a", weight = 2.5, '
        'formula = "n", clamp = "0..2.5", round = { to = 1, mode = "%s" } }, '
        '{ id = "b", weight = 97.5, scale = 100 }]\n'
    )
    assert {"points-out-of-range": {"a": 3, "b": 100}} == errors(text % "half_up")
    assert {} == errors(text % "floor")


@pytest.mark.parametrize(
    "uses",
    [
        "[outcome.pay]\nformula = 'points.a'",
        "[[adjust]]\nid = 'x'\nformula = '0 * points.a'",
        "[total]\nformula = '0 * points.a + raw_total'",
        "[derive.d]\nformula = 'points.a'\n[outcome.pay]\nformula = 'd'",
        "[derive.d]\nformula = 'points.a'\n[[gate]]\nwhen = { d = '< 5' }\ntotal_at_most = 50",
    ],
)
@pytest.mark.parametrize("a", ["weight = 50, missing = 'exclude'", "weight = 0, scale = 50"])
def test_what_needs_something_that_may_be_left_out_is_found(uses, a):
    """Wherever it stands; `missing = "skip"` or a band answers for it."""
    rest = 50 if "50, m" in a else 100
    text = f"criterion = [{{ id = 'a', {a} }}, {{ id = 'b', weight = {rest} }}]\n{uses}\n"
    assert ["may-be-missing"] == [*errors(text)]
    run = evaluated(text, {"b": 1})
    assert {"a"} == {problem.input for problem in run.problems}
    if "outcome" in uses:
        assert {} == errors(text + "missing = 'skip'\n")


# ---------------------------------------------------------------- at evaluation


def test_no_band_is_chosen_by_the_last_bit():
    """Two bands, none, or no tier: an error of kpirules that says what to report."""
    bands = (
        "of = 'raw_total'\nbands = [{ when = '%s', value = 10 }, { when = '>= 60', value = 90 }]"
    )
    gap = parse(HEAD + A + "[total]\n" + bands % "< 50", "x.rubric.toml")
    with pytest.raises(InternalSoundnessError) as caught:
        Program(Plan(gap)).evaluate({"a": 55})
    error = caught.value
    assert ("total before gates", "band-gap") == (error.place, error.code)
    assert (("raw_total", 55),) == error.values
    assert "no band takes the facts" in str(error)
    assert error.fingerprint in str(error)
    overlap = parse(HEAD + A + "[total]\n" + bands % "<= 60", "x.rubric.toml")
    with pytest.raises(InternalSoundnessError, match="2 bands take the facts"):
        Program(Plan(overlap)).evaluate({"a": 60})
    for total, told in (
        ("'0..50'", "no tier takes"),
        ("['0..50', '> 50'] }, { id = 'u', total = 55", "2 tiers take"),
    ):
        tiers = parse(HEAD + A + f"tier = [{{ id = 't', total = {total} }}]", "x.rubric.toml")
        with pytest.raises(InternalSoundnessError, match=f"{told} a total of 55"):
            Program(Plan(tiers)).evaluate({"a": 55})


def test_a_rating_that_two_bands_award_is_no_rating_of_either():
    """5 lies in both bands: an error of kpirules, since `check` reports band-overlap."""
    text = "criterion = [{ id = 'a', weight = 10, bands = [{ points = '0..5' }, { points = '5..10' }] }]"
    rubric = parse(HEAD + "full_marks = 10\n" + text, "x.rubric.toml")
    with pytest.raises(InternalSoundnessError, match="several bands take the rating"):
        Program(Plan(rubric)).evaluate({"a": 5})


UNDECIDED = (
    A
    + "inputs.n = { type = 'number', range = '0..9' }\ninputs.m = { type = 'number', range = '0..9' }\n"
    "[derive.d]\nformula = 'n - m'\n[derive.e]\nformula = 'm * m - n * n'\n[outcome.o]\nbands = [{ when = { d = '>= 0' }, value = 1 }, "
    "{ when = { d = '< 0', e = '> 0' }, value = 2 }]\n"
)


def test_an_undecided_question_is_a_warning_and_its_ruleset_is_used():
    """d < 0 means e > 0, which the table cannot know: the numbers are those of the bands."""
    (finding,) = [f for f in check_text(HEAD + UNDECIDED) if f.code == "not-proved"]
    assert ("warning", "outcome.o.bands") == (finding.severity, finding.place)
    rubric = loads(HEAD + UNDECIDED)
    for n, o in ((3, 1), (1, 2)):
        assert o == evaluate(rubric, {"n": n, "m": 2, "a": 0}).outcomes["o"]


def test_a_record_that_breaks_an_undecided_question_is_rejected(monkeypatch):
    """No record is looked at, so that the gap is not found: the record is rejected, not paid."""
    from kpirules.checks import search

    monkeypatch.setattr(search, "_MAX_OF_ONE", 0)
    monkeypatch.setattr(search, "_FEW", 0)
    text = (
        A
        + "[total]\nof = 'raw_total'\nbands = [{ when = '< 50', value = 1 }, { when = '> 50', value = 2 }]"
    )
    rubric = loads(HEAD + text)
    assert {"not-proved"} == {f.code for f in check(rubric) if f.severity == "warning"} - {
        "full-marks-unreachable"
    }
    assert 2 == evaluate(rubric, {"a": 51}).total
    with pytest.raises(InputError, match="a = 50: no band takes the facts in the total"):
        evaluate(rubric, {"a": 50})


def test_a_fact_that_nobody_gave_does_not_overrule_a_rating():
    """The derived fact answers for what is missing; the record gives the rating alone."""
    text = (
        N + "derive = { d = { of = 'n', bands = [{ when = 'missing', value = 'w' }, "
        "{ when = 'otherwise', value = 'v' }] } }\ncriterion = [{ id = 'k', weight = 100, of = 'd', "
        "bands = [{ when = 'w', points = 100 }, { when = 'v', points = 0 }] }]\n"
    )
    rubric = loads(HEAD + text)
    assert (0, 100) == (evaluate(rubric, {"k": 0}).total, evaluate(rubric, {}).total)
    with pytest.raises(InputError, match="does not agree"):
        evaluate(rubric, {"k": 100, "n": 1})


def test_a_list_that_equals_another_is_read_anew():
    """(True, 2) is not (1, 2), although they are equal."""
    text = "inputs.l = { type = 'number', many = true }\ncriterion = [{ id = 'a', weight = 100, formula = 'sum(l)', clamp = '0..100' }]"
    rubric = loads(HEAD + text)
    assert [3, 3] == [evaluate(rubric, {"l": (1, 2)}).total for _ in range(2)]
    with pytest.raises(InputError):
        evaluate(rubric, {"l": (True, 2)})


def test_a_criterion_of_one_number_needs_no_rating():
    """`points = 6` is a constant."""
    rubric = loads(
        HEAD + "criterion = [{ id = 'a', weight = 6, points = 6 }, { id = 'b', weight = 94 }]"
    )
    assert 8 == evaluate(rubric, {"b": 2}).total


# ---------------------------------------------------------------- no false errors


@pytest.mark.parametrize(
    "text",
    [
        # an open end of a derived fact
        N
        + A
        + "[derive.span]\nformula = 'n - 3'\nrange = '> 0'\n[outcome.o]\nformula = '1 / span'\n",
        # a gate that refuses comes before
        N + A + "gate = [{ when = { n = 0 }, refuse = true }]\n[outcome.o]\nformula = '1 / n'\n",
        N + A + "gate = [{ when = { n = '> 5' }, refuse = true }]\n[outcome.o]\nof = 'n'\n"
        "bands = [{ when = '<= 5', value = 1 }]\n",
        # the totals that bands give, and no others
        A + "full_marks = 100\ntier = [{ id = 'a1', total = 4.3 }, { id = 'b1', total = 4 }, "
        "{ id = 'c1', total = 3.7 }]\n[total]\nof = 'raw_total'\nbands = [{ when = '>= 90', value = 4.3 }, "
        "{ when = '60 .. < 90', value = 4 }, { when = '< 60', value = 3.7 }]\n"
        "[outcome.o]\nof = 'total'\nbands = [{ when = 4.3, value = 1 }, { when = [4, 3.7], value = 2 }]\n",
        # the numbers of ratings, and no others
        "criterion = [{ id = 'a', weight = 100, bands = [{ points = 0 }, { points = 50 }, { points = 100 }] }]\n"
        "[outcome.o]\nof = 'points.a'\nbands = [{ when = [0, 50], value = 1 }, { when = 100, value = 2 }]\n",
    ],
)
def test_no_error_rests_on_values_that_no_record_has(text):
    """Neither an error nor a question that is left open."""
    findings = check_text(HEAD + text)
    assert [] == [f for f in findings if f.severity == "error" or f.code == "not-proved"]


def test_full_marks_that_a_rounding_reaches_are_reached():
    """2.5 rounds to 3 and 97 to 97: 100 is reached, though 99.5 is the sum of the clamps."""
    text = (
        'inputs.n = { type = "number", range = "0..20" }\ncriterion = [{ id = "a", weight = 3, '
        'formula = "n", clamp = "0..2.5", round = { to = 1, mode = "half_up" } }, '
        '{ id = "b", weight = 97 }]\n'
    )
    assert "full-marks-unreachable" not in {f.code for f in check_text(HEAD + text)}


def test_outcomes_report_what_they_lack_with_everything_else():
    """Two inputs are missing, one for a criterion and one for an outcome: one rejection names both."""
    text = (
        N
        + "inputs.m = { type = 'count' }\ncriterion = [{ id = 'a', weight = 100, formula = 'n' }]\n[outcome.o]\nformula = 'm'\n"
    )
    with pytest.raises(InputError) as caught:
        evaluate(loads(HEAD + text), {})
    assert ["n", "m"] == [problem.input for problem in caught.value.problems]


def test_findings_of_a_part_behind_a_fault_are_not_proved():
    """c = 5 lies in two bands, so that no record shows the two tiers of 5; both are reported."""
    text = (
        "full_marks = 10\ncriterion = [{ id = 'c', weight = 10, bands = [{ points = '0..5' }, "
        "{ points = '5..10' }] }]\ntier = [{ id = 'x', total = '0..5' }, { id = 'y', total = '5..10' }]\n"
    )
    found = {f.code: f for f in check_text(HEAD + text) if f.severity != "note"}
    assert {"band-overlap": "error", "not-proved": "warning"} == {
        code: f.severity for code, f in found.items()
    }
    assert (
        'neither proved nor shown by a record: the total 5 is reachable, and two tiers contain it: "y" '
        'and "x" (no record shows this while there are other errors) (tier-overlap)'
    ) == found["not-proved"].message()


def test_a_changed_rubric_is_asked_anew():
    """What was undecided of a rubric is not known of another."""
    rubric = loads(HEAD + UNDECIDED)
    assert {"outcome.o"} == program_of(rubric).plan.undecided
    decided = attrs.evolve(rubric, outcomes=())
    assert frozenset() == program_of(decided).plan.undecided


# ---------------------------------------------------------------- the search for records


def test_a_record_of_given_weights_adds_up():
    """The weights of each person are inputs: the record that shows the gap has some that hold."""
    text = (
        "inputs.wa = { type = 'number', range = '0..100' }\n"
        "inputs.wb = { type = 'number', range = '0..100' }\n"
        "criterion = [{ id = 'a', weight = 'wa', scale = 10 }, { id = 'b', weight = 'wb', scale = 10 }]\n"
        "tier = [{ id = 'lo', total = '0 .. < 50' }, { id = 'hi', total = '60..100' }]\n"
    )
    record = errors(text)["tier-gap"]
    assert 100 == record["wa"] + record["wb"]


def test_the_records_of_examples_are_looked_at():
    """Only the example reaches 12.345: its record shows that no band takes it."""
    text = (
        "inputs.n = { type = 'number', range = '0..100' }\ninputs.m = { type = 'number', range = '0..100' }\n"
        + A
        + "derive.d = { formula = 'abs(n * n - m)' }\n[outcome.o]\nof = 'd'\n"
        "bands = [{ when = '<= 7.5', value = 0 }, { when = '> 7.5001', value = 1 }]\n"
        "[[example]]\nname = 'e'\nratings = { n = 3, m = 1.49995, a = 5 }\nexpect = { total = 5 }\n"
    )
    assert {"n": 3, "m": Fraction(149995, 100000), "a": 0} == errors(text)["band-gap"]


def test_a_criterion_that_needs_what_is_left_out_is_found():
    """`b` is computed from the points of `a`, which a record may leave out."""
    text = (
        "criterion = [{ id = 'a', weight = 50, missing = 'exclude' }, "
        "{ id = 'b', weight = 50, formula = 'points.a' }]\n"
    )
    assert ["may-be-missing"] == [*errors(text)]
    run = evaluated(text, {})
    assert ["a"] == [problem.input for problem in run.problems]


def test_seven_raters_who_may_be_left_out_lie_on_no_grid():
    """Of more than six raters the means are known by their ends alone: all of 1..5."""
    names = ", ".join(f"r{i} = {i + 1}" for i in range(7))
    text = (
        f"raters = {{ {names} }}\nfull_marks = 5\ncriterion = [{{ id = 'a', weight = 5, "
        "range = '1..5', missing = 'exclude' }]\ntier = [{ id = 't', total = '1..5' }]\n"
    )
    assert {} == errors(text)
    assert {"tier-gap"} == set(errors(text.replace("'1..5' }]\n", "['1..2.5', '2.6..5'] }]\n")))


@pytest.mark.parametrize(
    ("settles", "fine"),
    [
        ("clamp = '0..50'", True),
        ("round = { to = 1, mode = 'half_up' }", False),
        ("clamp = '0..40', round = { to = 1, mode = 'floor' }", False),
    ],
)
def test_of_many_that_may_be_left_out_the_ends_are_known(settles, fine):
    """Nine criteria may each be left out: a rounding of both sections can lead to more than 100."""
    some = ", ".join(
        f"{{ id = 'c{i}', weight = 5, scale = 9, missing = 'exclude' }}" for i in range(9)
    )
    text = (
        f"section = [{{ id = 's', weight = 45, {settles}, criterion = [{some}] }}, "
        "{ id = 't', weight = 55, criterion = [{ id = 'd', weight = 55 }] }]\n"
    )
    findings = [
        f.code for f in check_text(HEAD + text) if f.code in ("not-proved", "points-out-of-range")
    ]
    assert fine == (not findings)


def test_weights_for_each_person_with_sections_that_round():
    """The share of a section is not known: its subtotal lies between 0 and all of it."""
    text = (
        "inputs.w = { type = 'count', range = '0..100' }\nsection = [{ id = 's', weight = 'w', scale = 10, "
        "clamp = '0..100', round = { to = 1, mode = 'floor' }, criterion = [{ id = 'a', weight = 10 }] }, "
        "{ id = 't', weight = '100 - w', scale = 10, criterion = [{ id = 'b', weight = 10 }] }]\n"
        "[total]\nclamp = '0..100'\n"
    )
    assert {} == errors(text)
    assert 50 == evaluate(loads(HEAD + text), {"w": 40, "a": 5, "b": 5}).total


def test_a_gate_that_refuses_by_a_flag_comes_before():
    """No record with `new = true` reaches the formula, whose band is that of `new`."""
    text = (
        N
        + "inputs.new = { type = 'flag' }\n"
        + A
        + "gate = [{ when = { new = true }, refuse = true }]\n"
        "[outcome.o]\nof = 'new'\nbands = [{ when = false, value = 1 }]\n"
    )
    assert {} == errors(text)
    free = text.replace("of = 'new'\nbands = [{ when = false, value = 1 }]", "formula = '1 / n'")
    assert {"division-by-zero"} == set(errors(free))


def test_a_band_for_otherwise_may_take_what_a_gate_refuses():
    """The gate refuses n = 9 already: the band for it is no error."""
    text = (
        N + A + "gate = [{ when = { n = 9 }, refuse = true }]\n[outcome.o]\nof = 'n'\n"
        "bands = [{ when = '<= 8', value = 1 }, { when = 'otherwise', value = 2 }]\n"
    )
    assert {} == errors(text)


def test_frames_score_what_is_undecided_record_by_record():
    """In memory a record that shows the fault is rejected; a database rejects the part."""
    import duckdb
    import polars as pl

    from kpirules.dataframe.api import evaluate_frame
    from kpirules.errors import FrameError

    text = "".join(
        f'inputs.{n} = {{ type = "number", range = "0..1000" }}\n' for n in ("done", "due")
    )
    text += '[[criterion]]\nid = "work"\nweight = 100\n[outcome.rate]\n'
    text += 'formula = "100 / (1 + done * done + due * due - 2 * done * due)"\n'
    rubric = loads(HEAD + text)
    frame = pl.DataFrame({"done": [0, 10], "due": [0, 8], "work": [1, 2]})
    made = evaluate_frame(rubric, frame)
    assert [1, 2] == made["total"].to_list()
    assert ["100", "20"] == made["outcome.rate.exact"].to_list()
    with pytest.raises(FrameError, match="has a question that check could not decide"):
        evaluate_frame(rubric, duckdb.connect().from_arrow(frame.to_arrow()))


def test_a_search_without_effort_evaluates_nothing():
    """What is spent is spent: no record is looked at any more."""
    from kpirules.checks.search import Records
    from kpirules.compiler.plan import Plan

    rubric = loads(HEAD + 'criterion = [{ id = "a", weight = 100 }]\n')
    records = Records(Plan(rubric))
    assert records.run(["points.a"], {"a": 1}, 1) is not None
    assert None is records.run(["points.a"], {"a": 1}, 10**12)


def test_a_fault_in_a_range_that_is_finer_than_what_is_looked_for():
    """Its end shows it, where no millionth lies below: the witness stays there."""
    text = """inputs.x = { type = "number", range = "0..0.0000005" }
criterion = [{ id = "a", weight = 100, formula = "400000000 * x" }]
"""
    assert {"points-out-of-range": {"x": Fraction(5, 10**7)}} == errors(text)


# ---------------------------------------------------------------- witnesses are those of their records


def shown(text):
    """Give (code, message, witness, record) of the errors of a text."""
    found = [f for f in check_text(HEAD + text) if f.severity == "error"]
    return [(f.code, f.message(), dict(f.witness), dict(f.record)) for f in found]


def test_the_witness_of_a_total_is_the_total_of_its_record():
    """No record of three raters gives the least mean between 1 and 5; the total told is the record's."""
    names = "self = 20, boss = 30, peer = 50"
    text = (
        f"raters = {{ {names} }}\nfull_marks = 5\ncriterion = [{{ id = 'a', weight = 5, "
        "bands = [{ points = 1 }, { points = 5 }] }]\ntier = [{ id = 't', total = [1, 5] }]\n"
    )
    (first, *_) = shown(text)
    code, message, witness, record = first
    assert "tier-gap" == code
    weights = {"a.self": Fraction(1, 5), "a.boss": Fraction(3, 10), "a.peer": Fraction(1, 2)}
    assert witness["total"] == sum(weights[name] * value for name, value in record.items())
    assert f"the total {float(witness['total']):g} is reachable" in message


def test_a_record_is_brought_to_the_number_of_the_witness():
    """The total is 3 * n: the witness is 84.1, and the record has the number that gives it."""
    text = (
        'inputs.n = { type = "number", range = "0..10" }\n[[criterion]]\nid = "c"\nweight = 100\n'
        "scale = 10\nformula = 'n'\n[[tier]]\nid = 't'\ntotal = '0..84'\n[[tier]]\nid = 'u'\n"
        "total = '85..100'\n"
    )
    ((_, _, witness, record),) = shown(text)
    assert {"total": Fraction(841, 10)} == witness
    assert [Fraction(841, 100)] == [*record.values()]


def test_a_total_out_of_range_is_that_of_the_record():
    """Either criterion may be left out: 110.1 lies beyond, and a record with as much is told."""
    text = (
        'inputs.n = { type = "number", range = "0..150" }\ninputs.l = { type = "count" }\n'
        "criterion = [{ id = 'a', weight = 80, scale = 100, missing = 'exclude', of = 'l', bands = "
        "[{ when = 0, points = 100 }, { when = '>= 1', points = 0 }] }, { id = 'b', weight = 20, "
        "scale = 100, formula = 'n', range = '0..150' }]\n[total]\nrange = '0..110'\n"
    )
    ((code, message, witness, record),) = shown(text)
    assert "points-out-of-range" == code
    run = evaluated(text, record)
    assert witness["raw_total"] == run.values["raw_total"] > 110
    total = show(witness["raw_total"])
    assert f"the total can be {total} (out of range); allowed: 0 to 110" == message


def test_a_gap_of_weights_that_are_given_is_found():
    """199 needs weights that add up to 100 to a fraction."""
    weights = "".join(f"inputs.w{i} = {{ type = 'number', range = '0..100' }}\n" for i in (1, 2, 3))
    criteria = ", ".join(
        f"{{ id = 'e{i}', weight = 'w{i}', scale = 5, range = '1..5' }}" for i in (1, 2, 3)
    )
    text = (
        f"{weights}full_marks = 500\nweights_total = 100\ncriterion = [{criteria}]\n"
        "tier = [{ id = 'lo', total = '100 .. < 199' }, { id = 'hi', total = '> 199 .. 500' }]\n"
    )
    ((code, _, witness, record),) = shown(text)
    assert ("tier-gap", 199) == (code, witness["total"])
    given = {name: record.get(name, 0) for name in ("w1", "w2", "w3")}
    assert 100 == sum(given.values())


def test_a_record_whose_weights_do_not_add_up_shows_nothing():
    """With w = 51 the criteria of the section weigh 10 of 11, so that the record is rejected."""
    text = (
        'inputs.w = { type = "count", range = "0..100" }\nsection = [{ id = "s", weight = "w", '
        'scale = 11, criterion = [{ id = "a", weight = 4 }, { id = "b", weight = 6 }] }, '
        '{ id = "t", weight = "100 - w", scale = 5, criterion = [{ id = "c", weight = 5 }] }]\n'
        "[[adjust]]\nid = 'x'\nof = 'w'\nbands = [{ when = 'any', points = 0 }, "
        "{ when = '> 50', points = 1 }]\n[total]\nclamp = '0..100'\n"
    )
    assert [] == shown(text)
    assert "not-proved" in {f.code for f in check_text(HEAD + text)}


# ---------------------------------------------------------------- what is proved exactly


@pytest.mark.parametrize(
    "text",
    [
        # a single rating of a judged band is awarded, and clamped afterwards
        "criterion = [{ id = 'a', weight = 2, clamp = '1..2', bands = [{ points = 0 }, { points = 1 }, "
        "{ points = 2 }] }]\nfull_marks = 2\n",
        # a rounding to halves leaves whole points as they are
        "criterion = [{ id = 'a', weight = 100, round = { to = 0.5, mode = 'up' } }]\n"
        "tier = [{ id = 'lo', total = '0..59' }, { id = 'hi', total = '60..100' }]\n",
        # a section that rounds whole subtotals to whole numbers
        "section = [{ id = 's', weight = 40, round = { to = 1, mode = 'half_even' }, clamp = '0..35', "
        "criterion = [{ id = 'a', weight = 40 }] }, { id = 't', weight = 60, criterion = "
        "[{ id = 'b', weight = 60 }] }]\ntier = [{ id = 'lo', total = '0..59' }, "
        "{ id = 'hi', total = '60..100' }]\n",
        # a section without scored criteria gives the least of its clamp
        "full_marks = 10\nsection = [{ id = 's', weight = 0, clamp = '5..8', criterion = [{ id = 'a', "
        "scored = false, points = '0..5' }] }, { id = 't', weight = 10, clamp = '0..5', criterion = "
        "[{ id = 'b', weight = 10 }] }]\ntier = [{ id = 't', total = [5, 6, 7, 8, 9, 10] }]\n",
        # without its only criterion a record is unratable, so that nothing follows the total
        "criterion = [{ id = 'a', weight = 100, missing = 'exclude' }]\n[outcome.pay]\nof = 'points.a'\n"
        "bands = [{ when = '< 50', value = 1 }, { when = '>= 50', formula = 'points.a' }]\n"
        "[[gate]]\nwhen = { 'points.a' = 0 }\ntotal_at_most = 10\n",
        # an open end stays open where a clamp does not move it
        "full_marks = 5\ncriterion = [{ id = 'a', weight = 5, range = '> 1 .. 5', clamp = '0..50', "
        "points = '> 1 .. 5' }]\n",
        # the awards of an open range end on the grid
        "step = 0.5\ncriterion = [{ id = 'a', weight = 100, points = '30 .. < 40' }]\n"
        "tier = [{ id = 't', total = '30 .. < 40' }]\n",
        # a range of awards is asked of its grid
        "criterion = [{ id = 'a', weight = 100, points = '91..100.5' }]\n",
    ],
)
def test_what_is_exact_is_proved(text):
    """Neither an error nor a question that is left open."""
    findings = check_text(HEAD + text)
    assert [] == [f for f in findings if f.severity == "error" or f.code == "not-proved"]


def test_a_rating_of_a_clamped_level_is_clamped():
    """A rating of 0 is a level of its own; its points are the 1 of the clamp."""
    text = (
        "criterion = [{ id = 'a', weight = 2, clamp = '1..2', bands = [{ points = 0 }, "
        "{ points = 1 }, { points = 2 }] }]\nfull_marks = 2\n"
    )
    rubric = loads(HEAD + text)
    assert [1, 1, 2] == [evaluate(rubric, {"a": rating}).total for rating in (0, 1, 2)]
    assert [0, 1, 2] == [evaluate(rubric, {"a": rating}).lines[0].band for rating in (0, 1, 2)]


def test_a_minimum_that_no_record_reaches_is_an_error():
    """minimum_scored = 2 with one scored criterion: every record would be unratable."""
    every = check_text(HEAD + A + "[total]\nminimum_scored = 2\n")
    (finding,) = [f for f in every if f.severity == "error"]
    assert ("value", "total.minimum_scored") == (finding.code, finding.place)
    assert (
        "2 is not possible: 1 criterion is scored, so that every record would be unratable"
        in finding.message()
    )
    assert {} == errors(A + "[total]\nminimum_scored = 1\n")


def test_a_section_with_too_many_sums_is_known_by_its_ends(monkeypatch):
    """Where the sums of a section are too many to clamp one by one, its ends are known."""
    from kpirules.compiler import totals

    monkeypatch.setattr(totals, "MAX_SUBTOTALS", 5)
    text = (
        "section = [{ id = 's', weight = 100, clamp = '50..80', criterion = [{ id = 'a', weight = 100 }] }]\n"
        "tier = [{ id = 't', total = '%s' }]\n"
    )
    assert {} == errors(text % "50..80")
    assert {"tier-gap": {"a": 0}} == errors(text % "51..80")


def test_lists_are_drawn():
    """Only a mean of 3 leaves the range, which neither end of the items' range gives alone."""
    text = (
        "inputs.l = { type = 'number', many = true, range = '1..4', step = 1 }\nfull_marks = 4\n"
        "[derive.m]\nformula = 'mean(l)'\n[[criterion]]\nid = 'a'\nweight = 4\nof = 'm'\nbands = "
        "[{ when = ['< 3', '> 3'], points = 1 }, { when = 3, formula = 'm * 2' }]\n"
    )
    ((code, message, witness, _),) = shown(text)
    assert ("points-out-of-range", 3) == (code, witness["m"])
    assert "the value of the formula can be 6 (out of range); allowed: 0 to 4" == message


@pytest.mark.parametrize(
    ("formula", "witness"),
    [
        ("max(l) - min(l)", (1, 4)),
        ("3 * mean(l) - 3 * min(l)", (1, 4)),
        ("1.5 - max(l) + min(l)", (4, 1)),
    ],
)
def test_the_items_of_a_list_differ(formula, witness):
    """Each list of equal items keeps to the range; a list of 1 and 4 does not, and is the witness."""
    text = (
        "inputs.l = { type = 'number', many = true, range = '1..4', step = 1 }\n"
        f"{A}[outcome.o]\nformula = '{formula}'\nrange = '-1..2'\n"
    )
    found = [f for f in check_text(HEAD + text) if f.severity == "error"]
    assert ["points-out-of-range"] == [f.code for f in found]
    assert sorted(witness) == sorted(dict(found[0].record)["l"])


def test_a_computed_number_is_larger_than_any_of_a_record():
    """n * m may be 10**19, which no input may be: neither question is taken for proved."""
    text = (
        "inputs.n = { type = 'count' }\ninputs.m = { type = 'count' }\nderive.d = { formula = 'n * m' }\n"
        f"{A}[outcome.o]\nformula = '%s'\nrange = '0..9000000000000'\n"
    )
    ((code, _, _, record),) = shown(text % "d / 1000000")
    assert "points-out-of-range" == code
    assert 9 * 10**18 < record["n"] * record["m"]
    found = {f.code for f in check_text(HEAD + text % "1 / (d / 1000000 - 10000000000000)")}
    assert "not-proved" in found or "division-by-zero" in found


def test_one_record_that_answers_two_questions_is_one_finding():
    """Whether totals lie below 0 and whether above full marks: one that lies below, with its list."""
    text = (
        'inputs.n = { type = "number", many = true, range = "-100..100" }\n'
        'criterion = [{ id = "a", weight = 100, formula = "sum(n)", range = "any" }]\n'
    )
    found = [f for f in check(parse(HEAD + text, "x.rubric.toml")) if f.severity == "error"]
    assert ["points-out-of-range"] == [f.code for f in found]
    assert "  record: n = [-0.1]" in str(found[0]).splitlines()


# ---------------------------------------------------------------- corners


def gated(when):
    """Return the plan of a rubric with one gate."""
    text = (
        'criterion = [{ id = "a", weight = 100, scale = 10 }]\n'
        'tier = [{ id = "lo", total = "< 50" }, { id = "hi", total = ">= 50" }]\n'
        f"gate = [{{ when = {when}, tier_at_most = 'lo', reason = 'r' }}]\n"
    )
    return Plan(parse(HEAD + text, "x.rubric.toml"))


def test_a_gate_over_a_total_that_no_record_has_cannot_hold():
    """Of totals from 0 to 100 in steps of 10, 55 is none."""
    plan = gated("{ total = 55 }")
    assert ["gate-idle"] == [f.code for f in gate_idle(plan)]
    assert [] == [*gate_idle(gated("{ total = 60 }"))]


def test_a_gate_is_undecided_without_effort():
    """A note names it, and nothing else is reported of it."""
    plan = gated("{ total = 60 }")
    plan.scope.budget.left = 0
    assert [("too-large", "note")] == [(f.code, f.severity) for f in gate_idle(plan)]


def test_an_example_that_meets_an_invalid_part_is_not_compared():
    """Of a whole rubric it is an error of kpirules, which is not hidden."""
    text = 'criterion = [{ id = "a", weight = 100 }]\nexample = [{ name = "e", ratings = { a = 100 }, expect = { total = 100 } }]\n'
    plan = Plan(parse(HEAD + text, "x.rubric.toml"))
    error = InternalSoundnessError(
        rubric="x", fingerprint="", place="points.a", code="band-gap", message="", values=()
    )

    def score(_):
        raise error

    partly = NOTHING._replace(weights=True)
    program = SimpleNamespace(rubric=plan.rubric, score=score)
    assert [] == [*examples_hold(plan, program, partly)]
    with pytest.raises(InternalSoundnessError):
        list(examples_hold(plan, program, NOTHING))


def test_what_is_not_a_number_is_not_bisected():
    """Between two options lies nothing."""
    search = object.__new__(Search)
    search._plan = SimpleNamespace(scope=SimpleNamespace(axes={"c": Axis(options=("x", "y"))}))
    assert [] == list(search._bisected({"c": "x"}, {"c": "y"}, "c", "total", Range()))


def test_a_record_that_a_derived_fact_rejects_shows_nothing():
    """The range of a derived fact that the fault does not depend on excludes every such record."""
    text = (
        'inputs.role = { type = "choice", options = ["division", "other"] }\n'
        'inputs.n = { type = "number", range = "0..100" }\n'
        '[derive.share]\nof = "role"\nbands = [{ when = "division", value = 25 }, '
        '{ when = "otherwise", value = 0 }]\n'
        '[[criterion]]\nid = "a"\nweight = 100\nbands = [{ when = { role = "division" }, '
        'formula = "2 * n" }, { when = { role = "other" }, formula = "n" }]\n'
    )
    narrow = text.replace("[[criterion]]", 'range = "-5..5"\n[[criterion]]')
    for expected, rules in ((["points-out-of-range"], text), ([], narrow)):
        codes = [f.code for f in check_text(HEAD + rules) if f.code in SHOWN | {"not-proved"}]
        assert expected == codes
