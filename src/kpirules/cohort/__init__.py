"""Records that depend on more than one record: results of earlier periods.

A ruleset says where an input is looked for (``history``), and :func:`gather` looks for it::

    from kpirules import evaluate
    from kpirules.cohort import gather

    record = gather(rubric, "2025-Q1", {"2025-01": january, "2025-02": february, "2025-03": march})
    evaluate(rubric, {**facts, **record})
"""

from __future__ import annotations

from kpirules.cohort.gathering import gather
from kpirules.model.periods import Period


__all__ = ["Period", "gather"]
