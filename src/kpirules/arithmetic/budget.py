"""A budget for the checks of one ruleset, counted in steps so that results are repeatable.

A check never reads a clock. It counts its steps and asks :class:`Budget` before it continues; a
question that is open when the budget is spent is reported as not decided.
"""

from __future__ import annotations

from kpirules.translations.message import Message, MessageError


#: the budget in steps; a step compares two sets of bands and takes less than a microsecond
MAX_STEPS = 10_000_000
#: the steps reserved for later questions, so that simple ones are still decided after a hard one
RESERVE = 4_000_000


class Budget:
    """The number of steps that the checks of one ruleset may still take.

    >>> budget = Budget()
    >>> budget.spend(9_000_000), budget.spend(9_000_000), budget.left
    (True, False, 0)
    """

    def __init__(self, most: int = MAX_STEPS) -> None:
        self.left: int = most

    @property
    def free(self) -> int:
        """Return the number of steps that one hard question may take."""
        return max(0, self.left - RESERVE)

    def spend(self, steps: int) -> bool:
        """Count steps; return whether enough were left."""
        enough = steps <= self.left
        self.left = max(0, self.left - steps)
        return enough


class TooLargeError(MessageError):
    """A decision table that is too large to decide within the limits."""

    def __init__(self, what: str, **sizes: int) -> None:
        super().__init__(Message.of(f"too-large.{what}", **sizes))
