"""One record through the plan: semantics as laws, problems all at once, results as values."""

from __future__ import annotations

import copy
import decimal
import json
import locale
import os
import pickle
import subprocess
import sys
import threading
from collections import defaultdict
from datetime import date
from decimal import Decimal
from fractions import Fraction
from types import MappingProxyType

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kpirules import InputError, Result, RulesetError, evaluate, load, loads, payslip
from kpirules._internal import caching
from kpirules.arithmetic.range import Range
from kpirules.errors import ModelError, Problem, RulesetNotFoundError
from kpirules.evaluation.record import MAX_NAMES, MAX_REMARK
from kpirules.model import Criterion, Rubric, Text, Tier
from kpirules.translations.message import Message
from tests.shipped import RECORD, shipped


@pytest.fixture
def rubric():
    """Give the shipped ruleset."""
    return load("customer-service")


def problems(rubric, record):
    """Give the problems of a record as texts."""
    with pytest.raises(InputError) as caught:
        evaluate(rubric, record)
    assert rubric.id == caught.value.rubric
    return [str(problem) for problem in caught.value.problems]


def test_the_example_of_the_design(rubric):
    """One late arrival, told whole."""
    result = evaluate(rubric, RECORD)
    assert (Decimal(84), "good", Decimal(200)) == (result.total, result.tier.id, result.pay)
    assert "良好" == result.tier.label.get("zh")
    assert {"personnel": 18, "ability": 16, "attitude": 8, "results": 42} == result.subtotals
    line = result.lines[0]
    assert ("attendance", "personnel", 1) == (line.criterion, line.section, line.band)
    assert {"late": 1, "absent": 0} == line.inputs
    assert (Decimal(4), Decimal(6), Decimal(6)) == (line.points, line.scale, line.weight)
    assert Decimal(4) == line.contribution
    assert ("customer-service", date(2025, 1, 1)) == (result.rubric, result.effective_from)
    assert RECORD == result.inputs
    assert {"pay": Decimal(200)} == result.outcomes
    assert "<Result customer-service: 84 of 100, good, pay 200>" == repr(result)


def test_an_id_does_as_well_as_a_rubric(rubric):
    """The id of a shipped ruleset finds it, by date too."""
    expected = evaluate(rubric, RECORD)
    assert expected == evaluate("customer-service", RECORD)
    assert expected == evaluate("customer-service", RECORD, on=date(2026, 10, 31))
    assert expected == evaluate(rubric, RECORD, on=date(2026, 10, 31))
    with pytest.raises(RulesetNotFoundError, match="in force on 2024-12-31"):
        evaluate("customer-service", RECORD, on=date(2024, 12, 31))
    with pytest.raises(RulesetNotFoundError, match="in force on 2024-12-31"):
        evaluate(rubric, RECORD, on=date(2024, 12, 31))


@pytest.mark.parametrize(
    "value", [8, 8.0, "8", " 8 ", "8.0", "８", Decimal(8), Decimal("8.00"), Fraction(8)], ids=repr
)
def test_every_spelling_of_a_number_means_the_number(rubric, value):
    """Programs, forms and spreadsheets give numbers in different clothes."""
    result = evaluate(rubric, {**RECORD, "skill": value})
    assert evaluate(rubric, RECORD) == result
    assert type(result.inputs["skill"]) is int


def test_all_problems_of_a_record_are_reported_at_once_in_the_order_of_the_form(rubric):
    """Ten faults of ten kinds: each names the input, the value, and what is admissible."""
    record = {
        **RECORD,
        "skill": 2,
        "feedback": 7.5,
        "manner": "abc",
        "teamwork": float("nan"),
        "volume": True,
        "service": 10**400,
        "late": -1,
        "duty": "mett",
        "leave_days": 0.5,
        "lat": 1,
        "absent": [1],
    }
    del record["conversion"]
    count = "a whole number, at least 0"
    expected = [
        f"late = -1: is out of range; allowed: {count}",
        f"absent = [1]: is not a number but of type list; allowed: {count}",
        f"leave_days = 0.5: is not a whole number; allowed: {count}",
        "duty = 'mett': is not one of the options; did you mean \"met\"?; "
        "allowed: one of met, substandard, forgotten",
        "skill = 2: is not an allowed rating; allowed: 0, 1, 3 to 10",
        "feedback = 7.5: is not a multiple of 1, the step of ratings; allowed: 0, 1, 3 to 10",
        "manner = 'abc': is not a number; allowed: 0, 1, 3 to 5",
        "teamwork = nan: is not a number; allowed: 0, 1, 3 to 5",
        "volume = True: is true or false, not a number; allowed: 0 to 20",
        "service = 1.000000000...E+400: is too large: at most 18 digits before the decimal "
        "point; allowed: 0 to 20",
        "conversion: is missing; allowed: 0, 1, 3 to 10",
        'lat = 1: is not a name of this ruleset; did you mean "late"?',
    ]
    assert expected == problems(rubric, record)


@pytest.mark.parametrize("nothing", [None, "", "  ", "n/a", "N/A"])
def test_what_is_missing_is_said_with_what_could_be_given_instead(rubric, nothing):
    """A missing fact can be answered by rating the criterion; a missing rating cannot."""
    expected = [
        "absent: is missing; allowed: a whole number, at least 0; "
        "or rate attendance directly: 0, 3, 4, 6",
        "skill: is missing; allowed: 0, 1, 3 to 10",
    ]
    assert expected == problems(rubric, {**RECORD, "absent": nothing, "skill": nothing})


def test_facts_ratings_or_both_that_agree(rubric):
    """A measured criterion takes facts, a rating, or both; where they differ it is refused."""
    by_facts = evaluate(rubric, RECORD)
    both = evaluate(rubric, {**RECORD, "attendance": 4})
    assert by_facts.total == both.total
    assert {"late": 1, "absent": 0, "attendance": 4} == both.lines[0].inputs
    rated = {k: v for k, v in RECORD.items() if k not in ("late", "absent")}
    by_rating = evaluate(rubric, {**rated, "attendance": 4})
    assert (by_facts.total, 1) == (by_rating.total, by_rating.lines[0].band)
    # one fact alone does not count as given
    assert by_rating.lines == evaluate(rubric, {**rated, "late": 5, "attendance": 4}).lines
    assert {**rated, "late": 5, "attendance": 4} == evaluate(
        rubric, {**rated, "late": 5, "attendance": 4}
    ).inputs
    expected = ["attendance = 6: does not agree with the facts; allowed: 4"]
    assert expected == problems(rubric, {**RECORD, "attendance": 6})
    expected = ["attendance = 5: is not an allowed rating; allowed: 0, 3, 4, 6"]
    assert expected == problems(rubric, {**RECORD, "attendance": 5})


def test_a_remark_is_kept_and_gives_nothing(rubric):
    """The unscored criterion takes any text of sensible length, and no number."""
    result = evaluate(rubric, {**RECORD, "problem_handling": "settled it <b>alone</b>"})
    line = result.lines[6]
    assert ("problem_handling", "settled it <b>alone</b>") == (line.criterion, line.remark)
    assert (None, None, None, 0) == (line.points, line.weight, line.scale, line.contribution)
    assert evaluate(rubric, RECORD).total == result.total
    assert [
        "is not a text; this criterion takes a remark and no points" in p
        for p in problems(rubric, {**RECORD, "problem_handling": 5})
    ] == [True]
    long = "x" * (MAX_REMARK + 1)
    assert (
        f"has {MAX_REMARK + 1} characters"
        in problems(rubric, {**RECORD, "problem_handling": long})[0]
    )


@pytest.mark.parametrize("record", [None, 3, "late", ["late"], {"late"}])
def test_what_is_no_record_is_refused(rubric, record):
    """A record is a mapping of names."""
    assert [f"record: must be a mapping of names, not {type(record).__name__}"] == problems(
        rubric, record
    )


def test_a_mapping_that_makes_up_values_is_not_believed(rubric):
    """A defaultdict has only the names that it was given; other mappings are read as they are."""
    evaluate(rubric, RECORD)
    made_up = defaultdict(int, RECORD)
    del made_up["late"]
    made_up["zzz"] = 0
    names = [p.split(":")[0].split(" ")[0] for p in problems(rubric, made_up)]
    assert ["late", "zzz"] == names
    assert len(RECORD) == len(made_up)
    assert evaluate(rubric, RECORD) == evaluate(rubric, MappingProxyType(RECORD))
    assert evaluate(rubric, RECORD) == evaluate(rubric, defaultdict(int, RECORD))


def test_names_that_are_no_texts_and_records_without_end_are_refused(rubric):
    """Neither kind of record gets as far as its values."""
    assert "5 = 6: names are texts" in problems(rubric, {**RECORD, 5: 6})
    assert problems(rubric, {**RECORD, "zzzz": 6})[0].startswith(
        "zzzz = 6: is not a name of this ruleset; allowed: the names late, absent"
    )
    many = {f"n{i}": 1 for i in range(MAX_NAMES + 1)}
    assert f"record: has {MAX_NAMES + 1} names; at most {MAX_NAMES}" in problems(rubric, many)


def test_a_flag_is_no_number_and_a_number_no_flag():
    """A number is not a flag but for 1 and 0; a flag is not a number, though True equals 1."""
    rubric = loads(FLAGS)
    assert Decimal(100) == evaluate(rubric, {"ok": True, "n": 1}).total
    assert Decimal(100) == evaluate(rubric, {"ok": "TRUE", "n": 1.0}).total
    assert Decimal(0) == evaluate(rubric, {"ok": "false", "n": "1"}).total
    for one in (1, 1.0, "1", "yes", Decimal(1)):
        assert Decimal(100) == evaluate(rubric, {"ok": one, "n": 1}).total
    for wrong in (2, -1, 0.5, "1.0", "x", "t", Decimal("0.1"), [True]):
        assert ["ok"] == [p.split(" ")[0] for p in problems(rubric, {"ok": wrong, "n": 1})]
    for wrong in (True, False):
        assert ["n"] == [p.split(" ")[0] for p in problems(rubric, {"ok": True, "n": wrong})]
    # the same again once everything is warm
    assert Decimal(100) == evaluate(rubric, {"ok": True, "n": 1}).total
    assert problems(rubric, {"ok": 2, "n": 1})
    assert problems(rubric, {"ok": True, "n": True})


FLAGS = """
schema = 1
id = "flags"
step = 0.5
inputs.ok = { type = "flag" }
inputs.n = { type = "number", range = "0.5..9", step = 0.5 }
[[criterion]]
id = "a"
weight = 100
bands = [
  { when = { ok = true, n = "0.5 .. < 9" }, points = 100 },
  { when = { ok = [false], n = "< 9" }, points = 0 },
  { when = { n = 9 }, points = "50..60" },
]
[[tier]]
id = "some"
total = ["0..20.5", "> 20.5"]
coefficient = 1.5
"""


def test_facts_that_pick_a_range_leave_the_rating_to_the_appraiser():
    """In a band with a range the rating must lie in it; on the grid of the step."""
    rubric = loads(FLAGS)
    result = evaluate(rubric, {"ok": True, "n": 9, "a": 55.5})
    assert (Decimal("55.5"), 2) == (result.total, result.lines[0].band)
    assert {"coefficient": Decimal("1.5")} == result.outcomes
    assert None is result.pay
    assert {"a": Fraction(111, 2), "n": 9, "ok": True} == result.inputs
    assert result == Result.from_json(result.to_json())
    assert ["a = 61: is not an allowed rating; allowed: 0, 50 to 60, 100"] == problems(
        rubric, {"ok": True, "n": 9, "a": 61}
    )
    assert ["a = 100: does not agree with the facts; allowed: 50 to 60"] == problems(
        rubric, {"ok": True, "n": 9, "a": 100}
    )
    assert ["a: is missing; allowed: 0, 50 to 60, 100"] == problems(rubric, {"ok": True, "n": 9})
    assert ["n = 0.7: is not a multiple of 0.5; allowed: a number, 0.5 to 9, in steps of 0.5"] == (
        problems(rubric, {"ok": True, "n": 0.7})
    )
    assert ["n = 9.5: is out of range; allowed: a number, 0.5 to 9, in steps of 0.5"] == problems(
        rubric, {"ok": True, "n": 9.5}
    )


DEFAULTS = """
schema = 1
id = "defaults"
inputs.late = { type = "count", default = 2 }
inputs.duty = { type = "choice", options = ["met", "not"], default = "met" }
section = [{ id = "s", criterion = [
  { id = "a", weight = 60, of = "late", bands = [{ when = 0, points = 60 }, { when = ">= 1", points = 10 }] },
  { id = "b", weight = 40, of = "duty", bands = [{ when = "met", points = 40 }, { when = "not", points = 0 }] },
  { id = "c", scored = false, of = "late", bands = [{ when = 0, points = 3 }, { when = "> 0", points = 1 }] },
] }]
"""


def test_a_default_stands_in_for_what_is_missing_and_gives_way_to_a_rating():
    """Facts count as given when the record gives them, not when a default does."""
    rubric = loads(DEFAULTS)
    assert Decimal(50) == evaluate(rubric, {}).total
    assert {} == evaluate(rubric, {}).inputs
    assert Decimal(100) == evaluate(rubric, {"late": 0}).total
    assert Decimal(100) == evaluate(rubric, {"a": 60}).total
    assert ["a = 10: does not agree with the facts; allowed: 60"] == problems(
        rubric, {"late": 0, "a": 10}
    )
    assert Decimal(10) == evaluate(rubric, {"late": 7, "duty": "not"}).total
    # and once more from what is kept
    assert Decimal(50) == evaluate(rubric, {}).total
    assert Decimal(10) == evaluate(rubric, {"late": 7, "duty": "not"}).total


POINTS_OF_DEFAULTS = """
schema = 1
id = "points-of-defaults"
inputs.n = { type = "count", range = "0..10" }
inputs.f = { type = "flag", default = false }
criterion = [
  { id = "a", weight = 10, missing = MISSING, bands = [{ when = { f = true }, points = 10 }, { when = { f = false }, formula = "n" }] },
  { id = "b", weight = 10, formula = "points.a" },
  { id = "c", weight = 80 },
]
"""


@pytest.mark.parametrize("missing", ['"error"', '"zero"', '"exclude"', "3"])
def test_a_rating_agrees_with_points_of_the_result(missing):
    """Points that another criterion has by a default are its points all the same."""
    rubric = loads(POINTS_OF_DEFAULTS.replace("MISSING", missing))
    result = evaluate(rubric, {"n": 4, "b": 4, "c": 0})
    assert [4, 4, 0] == [line.points for line in result.lines]
    for wrong in (0, 3, 7):
        assert [f"b = {wrong}: does not agree with the facts; allowed: 4"] == problems(
            rubric, {"n": 4, "b": wrong, "c": 0}
        )


GIVEN = """
schema = 1
id = "given"
inputs.n = { type = "count", range = "1..10", default = 5 }
inputs.m = { type = "count", range = "0..10" }
inputs.l = { type = "count", range = "0..10", many = true }
"""


@pytest.mark.parametrize(
    "rest",
    [
        'criterion = [{ id = "a", weight = 100, scale = 10, formula = "10 / given(n, m)" }]',
        'derive.d = { formula = "10 / given(n, m)" }\n'
        'criterion = [{ id = "a", weight = 100, scale = 10, formula = "d" }]',
        'derive.d = { formula = "given(n, m)", range = "1..10" }\n'
        'criterion = [{ id = "a", weight = 100, scale = 10, formula = "10 / d" }]',
        'derive.d = { formula = "l / given(n, m)", many = true }\n'
        'criterion = [{ id = "a", weight = 100, scale = 10, formula = "min(10, sum(d))" }]',
    ],
)
def test_facts_that_have_a_value_only_by_a_default_give_way_to_a_rating(rest):
    """2 by the default 5; beside a rating, m = 0 leads to no value, and the rating counts."""
    rubric, record = loads(GIVEN + rest), {"m": 0, "l": [4, 6]}
    assert Decimal(20) == evaluate(rubric, record).total
    assert Decimal(70) == evaluate(rubric, {**record, "a": 7}).total
    assert ["a = 7: does not agree with the facts; allowed: 2"] == problems(
        rubric, {**record, "n": 5, "a": 7}
    )


def test_an_unscored_criterion_with_points_shows_them_and_adds_nothing():
    """It is never required; given facts, it says its points."""
    rubric = loads(DEFAULTS)
    line = evaluate(rubric, {"late": 0}).lines[2]
    assert (Decimal(3), Decimal(0), None) == (line.points, line.contribution, line.weight)
    assert 1 == evaluate(rubric, {}).lines[2].points
    assert None is evaluate(rubric, {}).tier
    assert "a：60 / 60 分" in evaluate(rubric, {"late": 0}).explain("zh-Hans")
    assert "  c: 3, not scored — late = 0" in (evaluate(rubric, {"late": 0}).explain().splitlines())


SHARES = """
schema = 1
id = "per-cent"
full_marks = 5
weights_total = 100
step = 0.5
criterion = [
  { id = "a", weight = 30, scale = 5, points = "1..5" },
  { id = "b", weight = 70, scale = 7, bands = [{ points = "0..6" }, { points = 7 }] },
]
"""


@given(st.integers(2, 10), st.integers(0, 14).filter(lambda v: v != 13))
def test_contributions_are_exact_shares_of_the_full_marks(halves_a, halves_b):
    """full marks x weight / total of weights x points / scale, without any rounding."""
    a, b = Fraction(halves_a, 2), Fraction(halves_b, 2)
    expected = Fraction(5) * 30 / 100 * a / 5 + Fraction(5) * 70 / 100 * b / 7
    result = evaluate(_shares(), {"a": a, "b": b})
    assert expected == result.total
    assert expected == sum(Fraction(line.contribution) for line in result.lines)
    assert result == Result.from_json(result.to_json())


def _shares(made=[]):  # noqa: B006 - made once, outside of the module's top level
    """Load the rubric of shares once."""
    if not made:
        made.append(loads(SHARES))
    return made[0]


def test_a_total_without_a_finite_decimal_form_is_exact():
    """It equals the fraction, is written as one, and comes back from JSON as it is."""
    rubric = loads(
        'schema = 1\nid = "thirds"\ncriterion = [{ id = "a", weight = 100, scale = 3 }]\n'
    )
    result = evaluate(rubric, {"a": 1})
    assert Fraction(100, 3) == result.total
    assert "Exact('100/3')" == repr(result.total)
    assert '"total": "100/3"' in result.to_json()
    assert result == Result.from_json(result.to_json())
    assert "100/3 of 100" in result.explain("en")


values = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-3, 25),
    st.floats(),
    st.decimals(),
    st.fractions(),
    st.text(max_size=5),
    st.sampled_from(["met", "n/a", "8", "7.5", "1e5", 10**400, [], {}, object(), b"x"]),
)


@given(st.dictionaries(st.sampled_from([*RECORD, "attendance", "lat", "problem_handling"]), values))
def test_whatever_is_fed_in_gives_a_result_or_an_input_error(over):
    """Nothing else is ever raised, and twice the same gives the same."""
    record = {**RECORD, **over}
    answers = []
    for _ in range(2):
        try:
            answers.append(evaluate("customer-service", record).to_json())
        except InputError as error:
            answers.append(str(error))
    assert answers[0] == answers[1]


@given(st.permutations(sorted(RECORD)))
def test_the_order_of_names_changes_nothing(names):
    """Same inputs, same result, same bytes."""
    expected = evaluate("customer-service", RECORD)
    result = evaluate("customer-service", {name: RECORD[name] for name in names})
    assert expected == result
    assert expected.to_json() == result.to_json()
    assert hash(expected) == hash(result)


def test_what_is_kept_is_bounded_and_changes_no_result(monkeypatch):
    """With room for one entry in each table, everything is computed again to the same result."""
    monkeypatch.setattr(caching, "MAX_ENTRIES", 1)
    fresh = loads(DEFAULTS)
    for _ in range(3):
        assert Decimal(10) == evaluate(fresh, {"late": 7, "duty": "not"}).total


def test_decimal_context_locale_and_threads_change_nothing(rubric):
    """The same bytes under a context of one digit, in another locale, from eight threads."""
    expected = evaluate(rubric, RECORD).to_json()
    with decimal.localcontext() as context:
        context.prec = 1
        context.traps[decimal.Inexact] = True
        assert expected == evaluate(load("customer-service"), RECORD).to_json()
    before = locale.setlocale(locale.LC_ALL)
    try:
        locale.setlocale(locale.LC_ALL, "C")
        assert expected == evaluate(rubric, RECORD).to_json()
    finally:
        locale.setlocale(locale.LC_ALL, before)
    fresh = loads(open_text(), file="again")
    expected = evaluate(loads(open_text(), file="first"), RECORD).to_json()
    found = []
    threads = [
        threading.Thread(target=lambda: found.append(evaluate(fresh, RECORD).to_json()))
        for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [expected] * 8 == found


def open_text():
    """Give the text of the shipped ruleset."""

    return shipped().read_text(encoding="utf-8")


def test_the_hash_seed_changes_nothing():
    """Two processes with different seeds give the same bytes."""
    code = (
        "import json, sys; from kpirules import evaluate;"
        "r = evaluate('customer-service', json.loads(sys.argv[1]));"
        "sys.stdout.buffer.write((r.to_json() + r.explain('zh')).encode())"
    )
    outputs = {
        subprocess.run(
            [sys.executable, "-c", code, json.dumps(RECORD)],
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            check=True,
        ).stdout
        for seed in ("0", "1", "4242")
    }
    assert 1 == len(outputs)


def test_results_are_values_that_never_change(rubric):
    """Equal by what they say, hashable, copied and pickled as themselves; closed to changes."""
    result = evaluate(rubric, RECORD)
    assert result == pickle.loads(pickle.dumps(result))  # noqa: S301 - our own bytes
    assert result == copy.deepcopy(result)
    assert 1 == len({result, evaluate(rubric, RECORD)})
    assert result != evaluate(rubric, {**RECORD, "skill": 9})
    assert result != 84
    with pytest.raises(AttributeError):
        result.total = 100
    with pytest.raises(AttributeError):
        del result.form
    with pytest.raises(TypeError, match="Result is a value"):
        type("Mine", (Result,), {})
    with pytest.raises(TypeError, match="Tier is a value"):
        type("Mine", (Tier,), {})


@pytest.mark.parametrize(
    "text",
    [
        *["", "{", "[]", "3", "{}", '{"kpirules": 2}', '{"kpirules": 1}', "[" * 100_000],
        '{"kpirules": 1, "rubric": 3}',
    ],
)
def test_what_is_no_result_is_refused(text):
    """Reading JSON that is no result says so by ValueError."""
    with pytest.raises(ValueError, match=r"."):
        Result.from_json(text)


def test_a_broken_value_in_a_results_json_is_refused(rubric):
    """A record's values are numbers, texts and flags, nothing else."""
    tree = json.loads(evaluate(rubric, RECORD).to_json())
    tree["inputs"]["late"] = None
    with pytest.raises(ValueError, match=r"^\$\.inputs\.late: null is not a value of a record$"):
        Result.from_json(json.dumps(tree))
    tree["inputs"]["late"] = {"number": "1/3"}
    assert Fraction(1, 3) == Result.from_json(json.dumps(tree)).inputs["late"]
    tree["outcomes"].append({**tree["outcomes"][0], "name": "word", "value": {"text": "B"}})
    back = Result.from_json(json.dumps(tree))
    assert "B" == back.outcomes["word"]
    assert back == Result.from_json(back.to_json())
    assert "word: B" in back.explain()
    tree["outcomes"] = [{**tree["outcomes"][0], "value": {"text": "see contract"}}]
    assert None is Result.from_json(json.dumps(tree)).pay


def test_an_explanation_says_each_line_and_why(rubric):
    """Labels, facts, points, subtotals, tier and pay in the language asked for."""
    record = {**RECORD, "problem_handling": "独立处理", "late": 1.0}
    chinese = evaluate(rubric, record).explain("zh")
    assert "  考勤：4 / 6 分 — 迟到或漏打卡一次（迟到、未打卡次数 = 1，旷工次数 = 0）" in chinese
    assert "  处理问题：不计分 (备注：独立处理)" in chinese
    assert "绩效工资：+200 CNY" in chinese
    english = evaluate(rubric, record).explain("en")
    assert "Customer service appraisal (in force from 2025-01-01)" == english.splitlines()[0]
    assert (
        "  Professional skill: 8 of 10 — Knows the products, types fast and without errors, "
        "handles network tools, rated 8" in english.splitlines()
    )
    assert "Tier: Good" in english
    assert 12 + 4 + 4 == len(english.splitlines())


def test_an_explanation_of_a_bare_rubric_speaks_by_ids():
    """Without labels, sections or dates there are ids, conditions and contributions."""
    assert "<Result per-cent: 4.7 of 5>" == repr(evaluate(_shares(), {"a": 4, "b": 7}))
    text = evaluate(_shares(), {"a": 4, "b": 7}).explain("de")
    assert text.splitlines() == [
        "per-cent",
        "  a: 4 of 5, weight 30 of 100, gives 1.2 — rated 4",
        "  b: 7 of 7, weight 70 of 100, gives 3.5 — 7, rated 7",
        "Total: 4.7 of 5",
    ]
    flags = evaluate(loads(FLAGS), {"ok": True, "n": 1}).explain()
    assert "  a: 100 of 100 — ok = yes, n = 1 (0.5 .. < 9)" in flags.splitlines()
    assert "Coefficient: 1.5" in flags.splitlines()


def test_a_rubric_made_in_python_is_checked_as_a_file_is():
    """An unsound rubric raises with its findings, by ids."""
    criteria = (Criterion(id="a", weight=90), Criterion(id="b", weight=20))
    with pytest.raises(RulesetError) as caught:
        evaluate(Rubric(id="x", criteria=criteria), {"a": 1, "b": 1})
    assert ["weights-sum"] == [f.code for f in caught.value.findings]
    assert str(caught.value).startswith("a: error[weights-sum]: the weights of the criteria are")
    sound = Rubric(
        id="x", criteria=(Criterion(id="a", weight=Decimal("100.0")),), label=Text.of("X")
    )
    assert Decimal(7) == evaluate(sound, {"a": 7}).total
    with pytest.raises(ModelError, match="has no finite decimal form"):
        Criterion(id="a", weight=Fraction(1, 3))
    assert "<Rubric x: 1 criterion>" == repr(sound)
    assert "<Rubric x: empty>" == repr(Rubric(id="x"))
    assert sound == pickle.loads(pickle.dumps(sound))  # noqa: S301 - our own bytes


def test_a_wage_is_the_sum_of_its_parts_exactly(rubric):
    """Base, performance and commission, in any spelling of an exact number."""
    result = evaluate(rubric, RECORD)
    slip = payslip(result, base="4200.10", commission=0.2)
    assert Decimal("4400.3") == slip.total
    assert (("base", Decimal("4200.1")), ("performance", 200), ("commission", Decimal("0.2"))) == (
        slip.parts
    )
    assert (Decimal("0.2"), "CNY") == (slip["commission"], slip.currency)
    fail = evaluate(rubric, {**RECORD, "volume": 0, "service": 0})
    assert Decimal(-50 + 100) == payslip(fail, base=100, commission=0).total


def test_a_wage_with_missing_unknown_or_inexact_parts_is_refused(rubric):
    """All problems at once; the result's own part cannot be given."""
    result = evaluate(rubric, RECORD)
    with pytest.raises(InputError) as caught:
        payslip(result, bass=1, commission=float("inf"), performance=3)
    assert [
        "base: is missing; allowed: an amount of money",
        'bass: is not a part of this wage; did you mean "base"?',
        "commission = inf: is not a finite number",
        "performance: is given by the result",
    ] == [str(problem) for problem in caught.value.problems]


def test_a_wage_by_a_ruleset_that_names_no_parts():
    """The parts are those given, and the result's own where there is one."""
    result = evaluate(_shares(), {"a": 4, "b": 7})
    with pytest.raises(InputError, match="the result has no pay"):
        payslip(result, base=1)
    paid = loads(FLAGS.replace("coefficient = 1.5", "pay = 1.5"))
    slip = payslip(evaluate(paid, {"ok": True, "n": 1}), base=1)
    assert (Decimal("2.5"), None) == (slip.total, slip.currency)


def test_a_problem_is_a_value():
    """Problems compare by all their fields, and hash whatever the value is."""
    one = Problem(input="a", value=[1], reason=Message.of("problem.missing"))
    assert one == Problem(input="a", value=[1], reason=Message.of("problem.missing"))
    assert 1 == len({one, Problem(input="a", value=[1], reason=Message.of("problem.missing"))})
    assert Range.parse("any") == Range()


@pytest.mark.parametrize("rule", ['total = "< 1"', 'tier = "low"', 'total = "< 1", tier = "low"'])
def test_a_gate_on_the_total_has_no_problem_of_its_own_where_a_rating_is_missing(rule):
    """Only the rating is missing; the total follows from it."""
    rubric = loads(
        'schema = 1\nid = "x"\ncriterion = [{ id = "a", weight = 60 }, { id = "b", weight = 40 }]\n'
        'tier = [{ id = "low", total = "< 50" }, { id = "high", total = ">= 50" }]\n'
        f"gate = [{{ when = {{ {rule} }}, total_at_most = 40 }}]\n"
    )
    with pytest.raises(InputError) as error:
        evaluate(rubric, {"a": 3})
    assert [("b", "missing")] == [(p.input, p.code) for p in error.value.problems]


def test_a_rater_who_does_not_agree_is_named():
    """With the own rating; where the mean counts, the mean is said as well."""
    rubric = loads("""
schema = 1
id = "x"
inputs.n = { type = "count" }
raters.a = 50
raters.b = 50
[[criterion]]
id = "judged"
weight = 50
bands = [{ when = { n = "0..3" }, points = "30..50" }, { when = { n = "> 3" }, points = "0..20" }]
[[criterion]]
id = "fixed"
weight = 50
bands = [{ when = { n = "0..3" }, points = 40 }, { when = { n = "> 3" }, points = 10 }]
""")
    record = {"n": 1, "judged.a": 40, "judged.b": 10, "fixed.a": 40, "fixed.b": 10}
    with pytest.raises(InputError) as error:
        evaluate(rubric, record)
    assert [
        "judged.b = 10: does not agree with the facts; allowed: 30 to 50",
        "fixed.b = 10: is with the other ratings 25 on average, which does not agree with the facts;"
        " allowed: 40",
    ] == [str(problem) for problem in error.value.problems]
    assert {"disagrees"} == {problem.code for problem in error.value.problems}
