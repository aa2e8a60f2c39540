"""Proofs that never err: what `check` says of a ruleset is what its records do.

Each finding about values is refuted (an error with a record that shows it), proved (no finding), or
undecided (`not-proved`).
"""

from __future__ import annotations

from random import Random

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from kpirules import InputError, check
from kpirules.arithmetic.decision_table import MISSING
from kpirules.checks.witnesses import SHOWN
from kpirules.compiler.plan import Plan
from kpirules.errors import InternalSoundnessError
from kpirules.evaluation.program import Program
from kpirules.evaluation.record import readers_of
from kpirules.testing import UNSOUND, records, rubrics, unsound_rubrics
from tests.drawing import share
from tests.properties.mutants import Drawn, mutants, sources
from tests.properties.test_theorems import loosened
from tests.properties.undecided import undecided


#: the code of the problem of a record that shows a finding, if it is not that of the finding
AT_EVALUATION = {"points-out-of-range": "out-of-range", "may-be-missing": "excluded"}

#: two bands without a condition: an error of the file, which needs no record
TWICE = "finding.band-overlap_otherwise"


def codes_of(program, record):
    """Return the codes of the problems of a record, and of a fault that `check` excludes."""
    try:
        program.evaluate(record)
    except InputError as error:
        return {problem.code for problem in error.problems}
    except InternalSoundnessError as error:
        return {error.code}
    return set()


def disagreements(rubric):
    """Yield the errors about values whose witness, fed to the evaluation, does not fail so."""
    errors = [f for f in check(rubric) if f.severity == "error"]
    if any(f.code not in SHOWN or f.reason.key == TWICE for f in errors):
        # a ruleset that cannot be compiled as a whole evaluates no record
        return
    plan = Plan(rubric)
    program, readers = Program(plan), readers_of(plan)
    for finding in errors:
        if finding.path[2:3] == ("cohort",):
            # a group shows it, and no record alone
            continue
        pairs = finding.record or finding.witness
        record = {n: v for n, v in pairs if n in readers and v is not MISSING}
        if AT_EVALUATION.get(finding.code, finding.code) not in codes_of(program, record):
            yield finding, record


# ---------------------------------------------------------------- refuted


@given(st.sampled_from(sorted(UNSOUND & SHOWN)), st.data())
def test_the_witness_of_each_error_fails_as_the_finding_says(code, data):
    """Of random rubrics with a planted defect."""
    assert [] == list(disagreements(data.draw(unsound_rubrics(code))))


@given(loosened())
def test_the_witness_of_each_error_of_a_changed_rubric_fails_as_the_finding_says(rubric):
    """Of random rubrics with something changed, which may be sound still."""
    assert [] == list(disagreements(rubric))


@pytest.mark.parametrize("seed", [1, 2])
def test_the_witness_of_each_error_of_a_mutant_fails_as_the_finding_says(seed):
    """Of shipped rulesets, cases and small rulesets with one or more changes."""
    for told, rubric in Random(seed).sample(list(mutants(400, seed)), 60):
        assert (told, []) == (told, list(disagreements(rubric)))


# ---------------------------------------------------------------- proved


def faults_of(rubric, some):
    """Return the faults that `check` excludes and that records show, unless it was undecided."""
    if any(f.severity == "error" for f in check(rubric)) or undecided(rubric):
        return set()
    plan = Plan(rubric)
    program = Program(plan)
    found = set()
    for record in some:
        state = program.evaluator.run(*_read(program, record))
        found |= (
            {(fault.name, fault.code) for fault in state.faults}
            if not state.own_problems()
            else set()
        )
    return found


def _read(program, record):
    """Return what an evaluator computes of a record: its valid values, and all stages."""
    readers = program.evaluator.context.readers
    given_values = {
        n: readers[n].read(v) for n, v in record.items() if n in readers and v is not None
    }
    return given_values, program.evaluator.context.order


@given(loosened() | rubrics(), st.data())
def test_a_ruleset_without_an_error_evaluates_every_record_or_rejects_it_by_a_rule_of_its_own(
    rubric, data
):
    """No record of the domain shows a fault that `check` excludes."""
    assume(not any(f.severity == "error" for f in check(rubric)))
    assert set() == faults_of(rubric, [data.draw(records(rubric)) for _ in range(3)])


@share(1 / 5)
@given(st.integers(0, 10**6))
def test_no_record_of_a_sound_mutant_shows_a_fault(seed):
    """Records with values at thresholds, with facts and with ratings, and without some values."""
    ((told, rubric),) = list(mutants(1, seed))
    if any(f.severity == "error" for f in check(rubric)):
        return
    readers = readers_of(Plan(rubric))
    drawn = Drawn(Plan(rubric), Random(seed)).records(20)
    fine = [r for r in drawn if not _problems(readers, r)]
    assert (told, set()) == (told, faults_of(rubric, fine))


def _problems(readers, record):
    """Return the problems of the values of a record."""
    from kpirules.evaluation.record import read_record

    return read_record(readers, record)[1]


# ---------------------------------------------------------------- undecided


@pytest.mark.parametrize(
    "name", [n for n in sources() if n.startswith(("shipped", "case", "small"))]
)
def test_nothing_is_undecided_about_rulesets_that_people_wrote(name):
    """Of shipped rulesets, cases and small ones of each shape."""
    assert [] == undecided(sources()[name])


@given(rubrics())
def test_nothing_is_undecided_about_random_sound_rubrics(rubric):
    """`python tests/properties/undecided.py` counts more of them."""
    assert [] == undecided(rubric)
