"""Classes of whole numbers: a reader allows all of a class, or rejects all for the same reason."""

from __future__ import annotations

from bisect import bisect_right
from typing import TYPE_CHECKING

from kpirules.arithmetic.domain import Part
from kpirules.arithmetic.number import LIMIT
from kpirules.arithmetic.range import Range
from kpirules.evaluation.record import NumberReader, RatingReader


if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterable

    from kpirules.arithmetic.range import Cut
    from kpirules.evaluation.record import Reader


def classes_of(reader: Reader) -> Callable[[int], Hashable] | None:
    """Return the class of a whole number by the reader; None for a reader of other values.

    >>> from kpirules.model.rubric import Input
    >>> read = NumberReader(Input(name="late", type="count"))
    >>> class_of = classes_of(read)
    >>> class_of(-1) == class_of(-2), class_of(-1) == class_of(0), class_of(0) == class_of(7)
    (True, False, True)
    """
    if isinstance(reader, NumberReader):
        return _classes([Part(reader.axis.domain, reader.axis.step)])
    if isinstance(reader, RatingReader):
        c = reader.criterion
        found = (c.allowed_by(i) for i in range(len(c.rows)))
        judged = [Part(Range(), c.step)] if c.is_judged else []
        return _classes([*judged, *(part for part in found if part is not None)])
    return None


def _classes(parts: Iterable[Part]) -> Callable[[int], Hashable]:
    """Return the class of a whole number: in which parts it is, and whether it is too large."""
    ends: set[Cut] = {(-LIMIT, 1), (LIMIT, 0)}
    steps: set[int] = set()
    for part in parts:
        ends.update(end for end in (part.span.low, part.span.high) if end is not None)
        if part.step:
            # a whole number is a multiple of a step if it is one of the step's numerator
            steps.add(part.step.numerator)
    cuts, moduli = sorted(ends), sorted(steps - {1})

    def cell(value: int) -> int:
        return bisect_right(cuts, (value, 0))

    if not moduli:
        return cell
    return lambda value: (cell(value), *(value % each == 0 for each in moduli))
