"""The shipped rulesets: where they are, and a record of the first of them."""

from __future__ import annotations

from kpirules import rulesets


#: a record of the customer-service ruleset: 84 points, the tier "good"
RECORD = {
    "late": 1,
    "absent": 0,
    "leave_days": 0,
    "incidents": 0,
    "duty": "met",
    "skill": 8,
    "feedback": 8,
    "manner": 4,
    "teamwork": 4,
    "volume": 17,
    "service": 16,
    "conversion": 9,
}


def shipped(role="customer-service"):
    """Give the path of a shipped role's ruleset."""
    return next(found.path for found in rulesets() if found.id == role)
