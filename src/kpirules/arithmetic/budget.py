"""What checking one ruleset may cost: counted, so that the same file always gets the same answer.

A check never looks at a clock. It counts what it looks at and asks :class:`Effort` before it looks
further; what is not decided when the effort is spent is reported as not decided.
"""

from __future__ import annotations


#: one step is one comparison of a set of bands with another: less than a microsecond
MOST_STEPS = 10_000_000
#: so many are kept back for what comes late: simple questions behind a hard one are still answered
RESERVE = 4_000_000


class Effort:
    """The steps that the checks of one ruleset may still take.

    >>> effort = Effort()
    >>> effort.spend(9_000_000), effort.spend(9_000_000), effort.left
    (True, False, 0)
    """

    def __init__(self, most: int = MOST_STEPS) -> None:
        self.left = most

    @property
    def free(self) -> int:
        """The steps that may go into one hard question."""
        return max(0, self.left - RESERVE)

    def spend(self, steps: int) -> bool:
        """Count steps; return whether there were as many left."""
        enough = steps <= self.left
        self.left = max(0, self.left - steps)
        return enough
