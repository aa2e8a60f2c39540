"""Checks of a rubric: they return findings.

Each module registers its checks on import, and those of a phase run in the order of the modules.
"""

from __future__ import annotations


# isort: off
from kpirules.checks import (
    references,
    scored,
    structure,
    tallies,
    cohorts,
    quotas,
    crossing,
    curves,
    input_forms,
    histories,
    weights,
    bands,
    levels,
    tiers,
    gates,
    digits,
    unused,
    worked_examples,
    versions,
    guarded,
    witnesses,
)
# isort: on


#: the modules of checks, in the order in which they register them
MODULES = (
    references,
    scored,
    structure,
    tallies,
    cohorts,
    quotas,
    crossing,
    curves,
    input_forms,
    histories,
    weights,
    bands,
    levels,
    tiers,
    gates,
    digits,
    unused,
    worked_examples,
    versions,
)
#: modules that report findings about other checks
META_MODULES = (guarded, witnesses)
