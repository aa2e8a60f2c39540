"""Rows of benchmarks: what was measured, against what, and the bar."""

from __future__ import annotations

import attrs


@attrs.frozen(kw_only=True)
class Row:
    """A measurement."""

    name: str
    #: the measured figure and what it is compared with, in a unit; None: a figure alone
    ours: float
    theirs: float | None = None
    unit: str = "s"
    #: the bar of the ratio, or of the figure alone; None: no bar
    bar: float | None = None
    note: str = ""
    #: the median of the ratios of all rounds, where there are many
    median: float | None = None

    @property
    def ratio(self) -> float:
        """The figure that the bar limits."""
        if self.median is not None:
            return self.median
        return self.ours if self.theirs is None else self.ours / self.theirs

    @property
    def is_missed(self) -> bool:
        """Whether the figure is above its bar."""
        return self.bar is not None and self.ratio > self.bar

    def __str__(self) -> str:
        limit = "no bar" if self.bar is None else f"bar {self.bar:g}"
        against = (
            "" if self.theirs is None else f" / {self.theirs:8.3f} {self.unit} = {self.ratio:6.2f}"
        )
        missed = "  MISSED" if self.is_missed else ""
        note = f"  {self.note}" if self.note else ""
        return f"{self.name:44} {self.ours:8.3f} {self.unit}{against}  ({limit}){missed}{note}"
