"""How many examples Hypothesis draws for a test."""

from __future__ import annotations

from hypothesis import settings


def share(part):
    """Draw a share of the examples that the profile has, for a test whose examples take long."""
    return settings(max_examples=max(1, round(settings().max_examples * part)))
