"""Mutants of rulesets: none is called sound wrongly, and none unsound."""

from __future__ import annotations

from random import Random

import pytest
from hypothesis import settings

from kpirules import check
from kpirules.compiler.plan import Plan
from tests.properties.mutants import SMALL, Drawn, count, mutants, sources, verdict, verdicts


#: so many mutants by default, and in the thorough profile; 50 000 by hand
FEW, MANY = 240, 3_000


# the thorough profile runs it as well: it draws more there
@pytest.mark.hypothesis
def test_no_mutant_is_missed_and_no_error_is_false():
    """Missed 0, false 0; and of each other kind some, so that the records are worth something."""
    thorough = (settings().max_examples or 0) > settings.get_profile("default").max_examples
    counts, wrong = count(MANY if thorough else FEW)
    assert [] == wrong
    assert {"found", "sound", "static"} <= set(counts)


@pytest.mark.parametrize("name", SMALL)
def test_each_shape_is_sound_before_it_is_changed(name):
    """Neither an error nor `not-proved`; its records have one result each."""
    rubric = sources()[f"small {name}"]
    findings = [f for f in check(rubric) if f.severity == "error" or f.code == "not-proved"]
    assert [] == findings
    assert ("sound", "") == verdict(rubric, Random(1))


def test_each_shape_is_changed():
    """Of every small ruleset there are mutants, and of shipped rulesets, cases and others."""
    told = [told.partition(": ")[0] for told, _ in mutants(1_000, 3)]
    assert set(sources()) <= set(told)
    assert {"shipped", "case", "small", "bug", "table"} <= {name.partition(" ")[0] for name in told}


def test_records_are_drawn_with_facts_and_with_ratings():
    """Of a measured criterion: some records give its facts, some its rating, some leave it out."""
    plan = Plan(sources()["small direct ratings"])
    drawn = [frozenset(record) for record in Drawn(plan, Random(0)).records(200)]
    assert {frozenset({"n"}), frozenset({"a"}), frozenset({"n", "a"}), frozenset()} == set(drawn)


def test_a_run_continues_where_another_ended():
    """No change is made twice, and a mutant has the same verdict whatever was looked at before."""
    every = list(verdicts(12, 5))
    assert every[8:] == list(verdicts(12, 5, without=frozenset(range(8))))
    told = [each for each, _ in mutants(2_000, 5)]
    assert told[:12] == [each for _, _, each, _ in every]
    assert len(told) == len(set(told))
