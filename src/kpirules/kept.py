"""What is kept so that it need not be worked out again: as much as is said here, and no more."""

from __future__ import annotations

from typing import Any


#: the most parts, lines of all criteria, combinations of names, and verdicts kept
MOST_KEPT = 8_192


def keep(known: dict[Any, Any], key: object, value: object) -> None:
    """Keep a value for the next time, unless enough is kept."""
    if len(known) < MOST_KEPT:
        known[key] = value
