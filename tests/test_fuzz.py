"""A few seconds of fuzzing: nothing but errors of kpirules, for inputs close to right ones."""

from __future__ import annotations

from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fuzz.mutate import mutated, seeds
from fuzz.targets import TARGETS


#: those that start a command line take longer
COUNTS = {"csv": 15, "xlsx": 10, "ruleset": 60, "extends": 30}


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


def planted(name, function):
    """Return what mutations of a target's corpus bring to light, each kind once."""
    random, every, found = Random(1), seeds(name), set()
    for _ in range(200):
        result = failure(name, function, mutated(random.choice(every), random), seconds=0.5)
        found |= set() if result is None else {result[0].partition(" at ")[0]}
    return found


@pytest.mark.parametrize(
    ("name", "place"),
    [
        ("formula", "kpirules.formula.tree.Operation.value"),
        ("range_", "kpirules.ranges._number"),
        ("record", "kpirules.stages.Run.through"),
        ("stored", "kpirules.document.nodes.Node.text"),
        ("layout", "kpirules.document.layout.layout"),
        ("ruleset", "kpirules.partition.Partition.gap"),
        ("csv", "kpirules.cli.io.csv.reader"),
    ],
)
def test_a_planted_fault_is_found(monkeypatch, name, place):
    """A fault that is planted deep inside is reported with its kind; so is one that never ends."""
    pass
