"""Where the shipped rulesets are."""

from __future__ import annotations

from kpirules import rulesets


def shipped(role="customer-service"):
    """Give the path of a shipped role's ruleset."""
    return next(found.path for found in rulesets() if found.id == role)
