"""What the language has and this version does not evaluate yet: refused, never ignored."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kpirules.findings import Finding


if TYPE_CHECKING:
    from collections.abc import Iterator

    from kpirules.model import Rubric


def not_supported(rubric: Rubric) -> Iterator[Finding]:
    """Refuse every part that would be left out of the evaluation."""
    if rubric.extends is not None:
        yield Finding(
            code="not-supported",
            message='"extends" cannot be evaluated by this version of kpirules',
            help="use a version that can, or leave this part out; it is never ignored",
            path=("extends",),
        )
