"""A few seconds of fuzzing: nothing but errors of kpirules, for inputs close to right ones."""

from __future__ import annotations

from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.fuzz.mutate import mutated, seeds
from tests.fuzz.run import failure
from tests.fuzz.targets import TARGETS


#: those that start a command line take longer
COUNTS = {"csv": 15, "xlsx": 10, "jsonl": 15, "ruleset": 60, "extends": 30}


@pytest.mark.parametrize("name", TARGETS)
def test_the_corpus_is_taken(name):
    """What the mutations begin with passes each target."""
    for data in seeds(name):
        TARGETS[name](data)


@pytest.mark.parametrize("name", TARGETS)
def test_mutations_raise_nothing_else(name):
    """Dropped, doubled and swapped tokens lead to errors of kpirules alone."""
    every = seeds(name)

    @settings(max_examples=COUNTS.get(name, 100), database=None)
    @given(st.integers(0, 2**32))
    def law(seed):
        random = Random(seed)
        TARGETS[name](mutated(random.choice(every), random))

    law()


#: where a fault is planted for each target, deep inside what it drives
PLANTS = {
    "ruleset": "kpirules.arithmetic.decision_table.DecisionTable.overlaps",
    "formula": "kpirules.formula.nodes.Name.bounds",
    "range_": "kpirules.arithmetic.range._number",
    "record": "kpirules.evaluation.evaluator.Evaluator.through",
    "stored": "kpirules.evaluation.result_parser._Reader.line",
    "layout": "kpirules.toml.formatter._ordered_lines",
    "extends": "kpirules.toml.inheritance.extended",
    "csv": "kpirules.evaluation.evaluator.Evaluator.through",
    "jsonl": "kpirules.evaluation.evaluator.Evaluator.through",
    "xlsx": "kpirules.evaluation.evaluator.Evaluator.through",
}


def found(name, seconds=5):
    """Return the kind of the first failure that mutations of a target's corpus bring to light."""
    random, every = Random(1), seeds(name)
    for _ in range(100):
        result = failure(name, TARGETS[name], mutated(random.choice(every), random), seconds)
        if result is not None:
            return result[0].partition(" at ")[0]
    return None


@pytest.mark.parametrize("name", TARGETS)
def test_a_planted_fault_is_found(monkeypatch, name):
    """A fault deep inside what a target drives is reported by its kind."""

    def fails(*_, **__):
        raise ZeroDivisionError("planted")

    monkeypatch.setattr(PLANTS[name], fails)
    wanted = {f"{name}: ZeroDivisionError", f"{name}: AssertionError"}
    assert found(name) in wanted


def test_what_does_not_end_is_found(monkeypatch):
    """An input that computes for too long is reported, though `check` reports all else itself."""

    def never_ends(*_):
        while True:
            pass

    monkeypatch.setattr("kpirules.arithmetic.decision_table.DecisionTable.overlaps", never_ends)
    assert found("ruleset", seconds=0.5) == "ruleset: TooLongError"
