"""How the time of ``check`` grows with a ruleset: the exponent of its growth.

Run it with ``python tests/benchmarks/growth.py [--quick]``. Rulesets of 10, 100 and 1 000 parts of a
kind (the most that a file may have) are checked; a straight line is fitted to the logarithms of the
times of the larger ones. An exponent of 1 is linear. Bar: 1.2.
"""

from __future__ import annotations

import math
import sys
import time
from pathlib import Path


sys.path.insert(0, str(Path(__file__).parents[2]))

from kpirules import check_text
from tests.benchmarks.bars import Row


HEAD = 'schema = 1\nid = "growing"\n'


def criteria(count):
    """Criteria that are rated."""
    parts = ",\n".join(f'{{ id = "c{i}", weight = 1 }}' for i in range(count))
    return f"{HEAD}full_marks = {count}\ncriterion = [\n{parts}\n]\n"


def inputs(count):
    """Inputs, each with a criterion of two bands."""
    facts = "\n".join(f'inputs.i{k} = {{ type = "count" }}' for k in range(count))
    parts = ",\n".join(
        f'{{ id = "c{k}", weight = 1, of = "i{k}", bands = [{{ when = 0, points = 1 }}, '
        '{ when = ">= 1", points = 0 }] }'
        for k in range(count)
    )
    return f"{HEAD}full_marks = {count}\n{facts}\ncriterion = [\n{parts}\n]\n"


def options(count):
    """Options of one choice."""
    named = ", ".join(f'o{i} = "Option {i}"' for i in range(count))
    return (
        f'{HEAD}full_marks = 10\ninputs.k = {{ type = "choice", options = {{ {named} }} }}\n'
        'criterion = [{ id = "a", weight = 10, of = "k", bands = ['
        '{ when = "o0", points = 10 }, { when = "otherwise", points = 0 }] }]\n'
    )


def bands(count):
    """Bands of one criterion."""
    rows = ", ".join(f"{{ when = {i}, points = {i} }}" for i in range(count - 1))
    return (
        f'{HEAD}full_marks = {count}\ninputs.k = {{ type = "count" }}\n'
        f'criterion = [{{ id = "a", weight = {count}, of = "k", bands = [{rows}, '
        f'{{ when = ">= {count - 1}", points = {count} }}] }}]\n'
    )


def tiers(count):
    """Tiers of the total."""
    rows = ",\n".join(f'{{ id = "t{i}", total = "{i} .. < {i + 1}" }}' for i in range(count - 1))
    return (
        f'{HEAD}full_marks = {count}\ncriterion = [{{ id = "a", weight = {count} }}]\n'
        f'tier = [\n{rows},\n{{ id = "top", total = ">= {count - 1}" }}]\n'
    )


KINDS = {
    "criteria": criteria,
    "inputs": inputs,
    "options": options,
    "bands": bands,
    "tiers": tiers,
}
SIZES = (10, 100, 300, 1_000)


def seconds(text, rounds):
    """Time a check: the best of some rounds."""
    found = math.inf
    for _ in range(rounds):
        begun = time.process_time()
        findings = check_text(text)
        found = min(found, time.process_time() - begun)
        assert not any(each.severity == "error" for each in findings), findings
    return found


def exponent(times):
    """Fit the exponent of a growth to (size, seconds)."""
    points = [(math.log(size), math.log(spent)) for size, spent in times]
    mean_x = sum(x for x, _ in points) / len(points)
    mean_y = sum(y for _, y in points) / len(points)
    above = sum((x - mean_x) * (y - mean_y) for x, y in points)
    return above / sum((x - mean_x) ** 2 for x, _ in points)


def rows(*, quick=False):
    """Measure each kind of part."""
    for name, text_of in KINDS.items():
        times = [(size, seconds(text_of(size), 2 if quick else 5)) for size in SIZES]
        shown = ", ".join(f"{size}: {spent * 1e3:.1f} ms" for size, spent in times)
        # the smallest costs mostly what every check costs
        yield Row(
            name=f"check, growth with {name}",
            ours=exponent(times[1:]),
            unit="",
            bar=1.2,
            note=shown,
        )


if __name__ == "__main__":
    for row in rows(quick="--quick" in sys.argv):
        print(row, flush=True)
