"""What a result says, stage by stage, as the slow reference says it."""

from __future__ import annotations

from fractions import Fraction

from kpirules import InputError, evaluate
from kpirules.evaluation.result_values import expected_from


def worked_out(rubric, record):
    """Give the stages of a result as the reference names them; None where it is refused."""
    try:
        result = evaluate(rubric, record)
    except InputError:
        return None
    heads = ("points.", "contribution.", "subtotal.", "adjust.", "outcome.")
    found = {
        name: value
        for name, value in expected_from(result).items()
        if name.startswith(heads) or name in ("raw_total", "total", "tier")
    }
    return {
        name: value if isinstance(value, str) else Fraction(value)
        for name, value in found.items()
        if value is not None
    }
