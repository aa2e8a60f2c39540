"""Records that depend on more than one record: earlier results, and all who are evaluated together.

A ruleset says where an input is looked for (``history``), and :func:`gather` looks for it::

    from kpirules import evaluate
    from kpirules.cohort import gather

    record = gather(rubric, "2025-Q1", {"2025-01": january, "2025-02": february, "2025-03": march})
    evaluate(rubric, {**facts, **record})

or it says what is gathered from all records (``cohort``), and :func:`evaluate_cohort` does so::

    cohort = evaluate_cohort(rubric, {"li": {...}, "wu": {...}}, common={"pool": 25000})
    cohort.results["li"]
"""

from __future__ import annotations

from kpirules.cohort.evaluation import CohortResult, evaluate_cohort
from kpirules.cohort.gathering import gather
from kpirules.cohort.verification import verify_cohort
from kpirules.evaluation.cohort import GroupRow
from kpirules.model.periods import Period


__all__ = ["CohortResult", "GroupRow", "Period", "evaluate_cohort", "gather", "verify_cohort"]
