"""Count the questions about values that `check` does not decide.

``python tests/properties/undecided.py`` prints, for the shipped rulesets, for the cases, and for
random rubrics and those with a planted defect, how many have a ``not-proved`` warning and about
what. `docs/proofs.md` states the counts.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from pathlib import Path

from hypothesis import HealthCheck, Phase, given, seed, settings


sys.path.insert(0, str(Path(__file__).parents[2]))

from kpirules import check
from kpirules.testing import rubrics, unsound_rubrics
from tests.properties.mutants import sources


def undecided(rubric):
    """Return the codes of the questions about a rubric that `check` does not decide."""
    found = (f for f in check(rubric) if f.code == "not-proved")
    return [dict(finding.reason.params)["code"] for finding in found]


def drawn(strategy, count, number):
    """Return rubrics that a strategy draws, the same ones for a number."""
    found = []

    @seed(number)
    @settings(
        max_examples=count,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(strategy)
    def draw(rubric):
        found.append(rubric)

    draw()
    return found


def counted(every):
    """Return how many rubrics have an undecided question, and the count of each code."""
    codes = Counter()
    some = 0
    for rubric in every:
        found = undecided(rubric)
        some += bool(found)
        codes.update(found)
    return some, codes


def groups(count, number):
    """Yield the groups of rubrics that are counted, each with its name."""
    written = sources(whole=True)
    for kind in ("shipped", "case"):
        yield kind, [rubric for name, rubric in written.items() if name.startswith(f"{kind} ")]
    yield "random", drawn(rubrics(), count, number)
    yield "planted", drawn(unsound_rubrics(), count, number)


def main():
    """Print the counts."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("count", nargs="?", type=int, default=2_000)
    options.add_argument("--seed", type=int, default=1)
    given_options = options.parse_args()
    for name, every in groups(given_options.count, given_options.seed):
        some, codes = counted(every)
        about = ", ".join(f"{code} {n}" for code, n in sorted(codes.items())) or "-"
        sys.stdout.write(f"{name}: {some} of {len(every)} undecided ({about})\n")


if __name__ == "__main__":
    main()
