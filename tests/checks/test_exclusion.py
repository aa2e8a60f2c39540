"""Proofs over parts of all records: what is excluded, and that nothing which a record shows is."""

from __future__ import annotations

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kpirules import check
from kpirules.api.load import check_text
from kpirules.arithmetic.budget import RESERVE, Budget
from kpirules.checks import exclusion, runner
from kpirules.checks.exclusion import Exclusion
from kpirules.checks.invalidated import NOTHING
from kpirules.checks.search import Records, Search
from kpirules.checks.witnesses import SHOWN
from kpirules.compiler.plan import Plan
from kpirules.testing import UNSOUND, unsound_rubrics
from kpirules.toml.parser import parse
from tests.drawing import share
from tests.properties.mutants import mutants


HEAD = 'schema = 1\nid = "x"\n'
A = 'criterion = [{ id = "a", weight = 100 }]\n'


def numbers(*names, kind="number", span="0..100"):
    """Give inputs of a kind and a range."""
    return "".join(f"inputs.{n} = {{ type = '{kind}', range = '{span}' }}\n" for n in names)


def codes(text):
    """Give the codes of the errors, and of what is not proved."""
    return [
        f.code for f in check_text(HEAD + text) if f.severity == "error" or f.code == "not-proved"
    ]


#: rulesets without a fault, by what the proof needs to know
PROVED = {
    "names that share inputs": numbers("n", "m", kind="count", span="0..9")
    + A
    + "derive.d = { formula = 'n - m' }\nderive.e = { formula = 'm - n' }\n[outcome.o]\nbands = "
    "[{ when = { d = '>= 0' }, value = 1 }, { when = { d = '< 0', e = '> 0' }, value = 2 }]\n",
    "what is paid of hours": numbers("hours", span="0..200")
    + A
    + "derive.paid = { formula = 'min(hours, 160)' }\n[outcome.rate]\nformula = '100 / (1 + hours - paid)'\n",
    "a score of promoters": "".join(f"inputs.{n} = {{ type = 'count' }}\n" for n in "pnd")
    + A
    + "derive.all = { formula = 'p + n + d', range = '> 0' }\nderive.nps = { formula = '100 * (p - d) / all' }\n"
    "[outcome.o]\nof = 'nps'\nbands = [{ when = '-100..0', value = 1 }, { when = '> 0 .. 100', value = 2 }]\n",
    "a gate about a derived fact": numbers("n", "m")
    + A
    + "derive.d = { formula = 'n - m' }\ngate = [{ when = { d = '<= 0' }, refuse = true }]\n"
    "[outcome.o]\nformula = '1 / d'\n",
    "a gate about an input": numbers("n", span="-9..9")
    + A
    + "derive.d = { formula = '2 * n' }\ngate = [{ when = { n = 0 }, refuse = true }]\n[outcome.o]\nformula = '1 / d'\n",
    "a gate about two facts": numbers("n")
    + "inputs.k = { type = 'choice', options = ['x', 'y'] }\ninputs.f = { type = 'flag' }\n"
    + A
    + "derive.z = { of = 'k', bands = [{ when = 'x', value = 0 }, { when = 'y', formula = 'n + 1' }] }\n"
    "gate = [{ when = { k = 'x', f = [true, false] }, refuse = true }]\n[outcome.o]\nformula = '1 / z'\n",
    "a range of another derived fact": numbers("n")
    + "inputs.role = { type = 'choice', options = ['p', 'q'] }\n"
    + A
    + "[derive.share]\nof = 'role'\nrange = '-5..5'\nbands = [{ when = 'p', value = 25 }, { when = 'q', value = 0 }]\n"
    "[derive.need]\nof = 'role'\nbands = [{ when = 'p', value = 0 }, { when = 'q', value = 2 }]\n"
    "[outcome.o]\nformula = '1 / need'\n",
    "words of a derived fact": numbers("n", kind="count", span="0..9")
    + A
    + "derive.k = { of = 'n', bands = [{ when = '< 5', value = 'few' }, { when = '>= 5', value = 'many' }] }\n"
    "derive.l = { of = 'n', bands = [{ when = '< 5', value = 0 }, { when = '>= 5', value = 7 }] }\n"
    "[outcome.o]\nbands = [{ when = { k = 'few', l = 0 }, value = 1 }, { when = { k = 'many', l = 7 }, value = 2 }]\n",
    "points of facts": numbers("n", kind="count", span="0..10")
    + "criterion = [{ id = 'a', weight = 100, formula = '100 - 10 * n' }]\n"
    "[outcome.o]\nformula = '1 / (101 - points.a - 0 * raw_total)'\n",
    "a sum of points": numbers("n", kind="count", span="0..10")
    + "section = [{ id = 's', weight = 60, criterion = [{ id = 'a', weight = 60 }] }, { id = 't', weight = 40, "
    "criterion = [{ id = 'b', weight = 40 }] }]\n[outcome.o]\nformula = '1 / (1 + raw_total - subtotal.s - contribution.b)'\n",
    "a total of adjustments": numbers("n", kind="count", span="0..5")
    + A
    + "adjust = [{ id = 'x', formula = 'n', missing = 'skip' }]\n[total]\nformula = 'raw_total + adjust.x'\nrange = '0..105'\n"
    "[outcome.o]\nformula = '1 / (1 + total - raw_total)'\n",
    "an outcome that may be skipped": numbers("n", kind="count", span="0..9")
    + A
    + "outcome.q = { missing = 'skip', of = 'n', bands = [{ when = '< 5', value = 1 }, { when = '>= 5', value = 2 }] }\n"
    "[outcome.o]\nbands = [{ when = { 'outcome.q' = 1, n = '< 5' }, value = 1 }, "
    "{ when = { 'outcome.q' = 2, n = '>= 5' }, value = 2 }, { when = { 'outcome.q' = 'missing' }, value = 3 }]\n",
    "the only criterion, which may be left out": numbers("n", "m", span="0..50")
    + "criterion = [{ id = 'a', weight = 100, missing = 'exclude', formula = '100 - n' }]\n"
    "derive.e = { formula = 'm', range = '0..25' }\n"
    "[outcome.o]\nformula = '1 / (26 - m + 0 * points.a)'\n",
    "a gate that skips what is missing, with a fact that is needed": numbers("n", "m")
    + A
    + "derive.d = { formula = 'n - m' }\ngate = [{ when = { d = '<= 0' }, refuse = true, missing = 'skip' }]\n"
    "[outcome.o]\nformula = '1 / d'\n",
    "tiers of a total that is a fact": numbers("n", kind="count", span="0..9")
    + A
    + "[total]\nformula = 'n'\n[[tier]]\nid = 'lo'\ntotal = '< 5'\n[[tier]]\nid = 'hi'\ntotal = '>= 5'\n[outcome.o]\nbands = "
    "[{ when = { tier = 'lo', n = '< 5' }, value = 1 }, { when = { tier = 'hi', n = '>= 5' }, value = 2 }]\n",
    "tiers of a total": A
    + "tier = [{ id = 'lo', total = '< 50' }, { id = 'hi', total = '>= 50' }]\n[outcome.o]\nbands = "
    "[{ when = { tier = 'lo', total = '< 50' }, value = 1 }, { when = { tier = 'hi', total = '>= 50' }, value = 2 }]\n",
    "tiers of a formula": numbers("n")
    + A
    + "[total]\nformula = '(n + 1) / (n + 1)'\n[[tier]]\nid = 't'\ntotal = 1\n",
    "a skipped outcome": numbers("n", span="1..9")
    + A
    + "[outcome.p]\nformula = 'n'\nmissing = 'skip'\n[outcome.o]\nbands = [{ when = { 'outcome.p' = '>= 1' }, "
    "formula = '1 / (outcome.p - 0 * n)' }, { when = { 'outcome.p' = 'missing' }, value = 0 }]\n",
    "items of a list": "inputs.l = { type = 'number', many = true, range = '1..4' }\n"
    + A
    + "derive.m = { formula = 'max(l)' }\n[outcome.o]\nformula = '1 / (m + min(l) - 1)'\n",
}


@pytest.mark.parametrize("name", PROVED)
def test_what_parts_of_the_records_show_is_proved(name):
    """Neither an error nor `not-proved`."""
    assert [] == codes(PROVED[name])


def test_open_ends_without_a_number_between_them_are_no_fault_of_a_check():
    """No number of 18 decimals is between them; the check of the row ends all the same."""
    text = (
        numbers("n", span="0..10")
        + A
        + "derive.d = { of = 'n', bands = [{ when = '> 5 .. < 5.000000000000000001', formula = 'n' }, "
        "{ when = '<= 5', value = 1 }, { when = '>= 5.000000000000000001', value = 2 }] }\n"
        "[outcome.o]\nformula = '1 / d'\n"
    )
    assert [] == codes(text)


#: rulesets with a fault, or with a question that no part decides
OPEN = {
    "a gate that others pass": (
        "division-by-zero",
        PROVED["a gate about a derived fact"].replace("'<= 0'", "'< 0'"),
    ),
    "a gate about one of two options": (
        "division-by-zero",
        PROVED["a gate about two facts"].replace("[true, false]", "true"),
    ),
    "a total that gates change": (
        "not-proved",
        A + "tier = [{ id = 'lo', total = '< 50' }, { id = 'hi', total = '>= 50' }]\n"
        "gate = [{ when = { tier = 'lo' }, total_at_most = 40 }]\n"
        "[outcome.o]\nformula = '1 / (total - 45)'\n",
    ),
    "the last number before an end": (
        "division-by-zero",
        PROVED["what is paid of hours"].replace("1 + hours", "hours"),
    ),
    "an overlap of words": (
        "band-overlap",
        PROVED["words of a derived fact"]
        .replace("l = 7", "l = [0, 7]")
        .replace("k = 'many', ", ""),
    ),
    "points of a criterion that is left out": (
        "may-be-missing",
        "criterion = [{ id = 'a', weight = 50, missing = 'exclude' }, { id = 'b', weight = 50 }]\n"
        "[outcome.o]\nformula = '1 / (points.a + 1)'\n",
    ),
    "ratings of two bands": (
        "band-overlap",
        "criterion = [{ id = 'a', weight = 100, bands = [{ points = '0..50' }, { points = '50..100' }] }]\n",
    ),
    "a gap of a total": (
        "tier-gap",
        numbers("n", kind="count", span="0..3")
        + A
        + "[total]\nformula = '10 * n'\n[[tier]]\nid = 't'\ntotal = [0, 10, 30]\n",
    ),
}


@pytest.mark.parametrize("name", OPEN)
def test_what_no_part_excludes_stays(name):
    """The error, with its record; or that it is not proved."""
    code, text = OPEN[name]
    assert code in codes(text)


def suspicions(rubric):
    """Give the plan of a rubric with what its proofs cannot exclude."""
    plan = Plan(rubric)
    return plan, list(runner.suspicions_of(plan, NOTHING, with_advice=False))


def test_a_gate_that_skips_what_is_missing_keeps_records_without_it():
    """The gate takes n = 0 out; a record without n is not rejected, and the band for it divides by 0."""
    text = (
        numbers("n", "m", kind="count", span="0..3") + A + "derive.d = { of = 'n', bands = "
        "[{ when = 'missing', value = 0 }, { when = 0, value = 0 }, { when = '> 0', formula = 'n' }] }\n"
        "gate = [{ when = { n = 0 }, refuse = true%s }]\n[outcome.o]\nformula = '1 / d'\n"
    )
    assert [] == codes(text % "")
    assert "division-by-zero" in codes(text % ", missing = 'skip'")


def test_a_spent_budget_excludes_nothing():
    """Nor do too few divisions; a fault that is excluded at once needs none."""
    rubric = parse(HEAD + PROVED["what is paid of hours"], "x")
    plan, (suspicion,) = suspicions(rubric)
    assert Exclusion(plan, suspicion).holds()
    plan.scope.budget = Budget(RESERVE)
    assert not Exclusion(plan, suspicion).holds()
    plan, (suspicion, *_) = suspicions(parse(HEAD + PROVED["a score of promoters"], "x"))
    plan.scope.budget = Budget(RESERVE)
    assert Exclusion(plan, suspicion).holds()
    # also a first look costs what its formulas cost
    plan.scope.budget = Budget(0)
    assert not Exclusion(plan, suspicion).holds()


def test_a_table_that_is_too_large_excludes_nothing(monkeypatch):
    """The question stays open."""
    from kpirules.arithmetic import decision_table

    plan, (suspicion, *_) = suspicions(parse(HEAD + PROVED["names that share inputs"], "x"))
    monkeypatch.setattr(decision_table, "_MAX_CELLS", 2)
    assert not Exclusion(plan, suspicion).holds()


def test_a_rule_about_what_depends_on_a_name_does_not_exclude_its_fault():
    """1 / n is computed before d can reject anything: n = 0 is a fault all the same."""
    text = (
        numbers("n", kind="count", span="0..3")
        + A
        + "derive.q = { formula = '1 / n' }\nderive.d = { formula = 'q + n', range = '> 0' }\n"
        "[outcome.o]\nformula = 'd'\n"
    )
    assert "division-by-zero" in codes(text)
    plan, every = suspicions(parse(HEAD + text, "x"))
    assert [False] == [
        Exclusion(plan, each).holds() for each in every if each.finding.code == "division-by-zero"
    ]


def shown_and_excluded(rubric):
    """Give the suspicions that a record shows and that the proof excludes all the same."""
    try:
        plan, every = suspicions(rubric)
    except Exception:  # noqa: BLE001 - a rubric that cannot be compiled has other findings
        return
    for suspicion in every:
        if suspicion.finding.code in SHOWN and Exclusion(plan, suspicion).holds():
            plan.scope.budget = Budget()
            record = Search(Records(plan), suspicion).found()
            if record is not None:
                yield suspicion.finding, record


@share(1 / 2)
@given(st.sampled_from(sorted(UNSOUND & SHOWN)), st.data())
def test_nothing_that_a_record_shows_is_excluded(code, data):
    """Of rubrics with a planted defect."""
    assert [] == list(shown_and_excluded(data.draw(unsound_rubrics(code))))


def test_nothing_that_a_record_of_a_mutant_shows_is_excluded(monkeypatch):
    """Of changed rulesets that are sound as to their structure."""
    monkeypatch.setattr(exclusion, "MAX_DIVISIONS", 20)
    every = [rubric for _, rubric in mutants(300, 4)]
    for rubric in Random(0).sample(every, 60):
        if not any(
            f.code in ("value", "unknown-name", "cycle", "too-large") for f in check(rubric)
        ):
            assert [] == list(shown_and_excluded(rubric))
