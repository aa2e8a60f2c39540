"""The signature of a function of formulas: its notation, its value, its bounds and its grid."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

import attrs

from kpirules.arithmetic.interval import Bounds
from kpirules.arithmetic.number import Number
from kpirules.arithmetic.ratio import Ratio
from kpirules.translations.message import Message


if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence


#: the maximum number of arguments of a function
MAX_ARGUMENTS = 100
#: the greatest number of items that a formula may name, and the greatest exponent
MAX_COUNT = 1_000
MAX_EXPONENT = 12

#: a step of which all values are multiples; None if there is none, 0 if all values are 0
Grid: TypeAlias = "Number | None"


def _no_fault(_: Sequence[Number | None]) -> Message | None:
    return None


@attrs.frozen(kw_only=True)
class OverNumbers:
    """The computation of a function or operator from numbers, and their count."""

    least: int = 2
    most: int = 2
    #: the ratio of its value from those of its arguments; ``by_numbers`` makes it of a function of
    #: numbers
    value: Callable[..., Ratio]
    #: the interval of its values from the intervals of its arguments
    bounds: Callable[[list[Bounds]], Bounds]
    #: the step of its values from the steps of its arguments, and from literal arguments
    grid: Callable[[list[Grid], list[Number | None]], Grid]
    #: the index of the argument that is the divisor, which must not be 0
    divisor: int | None = None
    #: whether the divisor is a step, which must not be negative either
    of_step: bool = False
    #: whether its arguments are x and the points of lines, whose x must rise
    is_lines: bool = False
    #: whether arguments may be missing: its value is that of the first one that is not
    of_given: bool = False
    #: the error in its arguments, determined from the literal ones
    fault: Callable[[Sequence[Number | None]], Message | None] = _no_fault
    #: a formula template for the random rubrics of tests, over numbers {a} and {b}
    example: str = "{a}"


@attrs.frozen(kw_only=True)
class OverLists:
    """The computation of a function from a list of numbers, or from a list and its weights."""

    lists: int = 1
    #: the ratio of its value from the lists
    value: Callable[[list[Sequence[Number]]], Ratio]
    #: the interval of its values from the intervals of the items of each list, and from the
    #: greatest possible number of items; None: any number
    bounds: Callable[[list[Bounds], int | None], Bounds]
    #: the step of its values from the step of the items
    grid: Callable[[Grid], Grid]
    #: whether it has a value for an empty list
    of_empty: bool = False
    #: whether the items may be texts or flags
    of_any: bool = False


@attrs.frozen(kw_only=True)
class Selection:
    """A part of a list, as the argument of a function over lists."""

    #: the places of the items that remain, rising; ties are resolved by the place
    places: Callable[[Sequence[Number], int], list[int]]
    #: the greatest number of items that remain
    most: Callable[[int], int | None]
    #: whether at least one item must remain
    not_empty: bool = False


@attrs.frozen(kw_only=True)
class Function:
    """A function of formulas: over numbers, over lists, or both; or a part of a list."""

    name: str
    #: its notation; alternatives are separated by commas
    usage: str
    #: the description for rule authors
    description: str
    numbers: OverNumbers | None = None
    lists: OverLists | None = None
    selects: Selection | None = None
    #: whether it is one item of a list
    is_item: bool = False
    #: whether it is y on a curve, the name of which is its second argument
    is_curve: bool = False
    #: its computation from numbers by the word in quotes that may be its last argument
    choices: Mapping[str, OverNumbers] = attrs.field(factory=dict[str, OverNumbers])

    @property
    def takes_list(self) -> bool:
        """Check whether its first argument may be a list."""
        return self.lists is not None or self.selects is not None or self.is_item
