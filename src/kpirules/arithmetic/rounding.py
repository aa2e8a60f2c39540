"""The rounding modes: one table for evaluation, code generation, messages and documents."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, NamedTuple, TypeAlias


if TYPE_CHECKING:
    from collections.abc import Callable
    from fractions import Fraction


#: the names of the modes, those of :mod:`decimal`; a test compares them with the table
Mode: TypeAlias = Literal["half_up", "half_even", "half_down", "floor", "ceiling", "down", "up"]

#: the direction in which a number between two integers is rounded
Toward: TypeAlias = Literal["below", "above", "zero", "away", "even"]

#: whether the lower integer is rounded up to the next one
_ROUNDS_UP: dict[Toward, Callable[[int], bool]] = {
    "below": lambda _: False,
    "above": lambda _: True,
    "zero": lambda below: below < 0,
    "away": lambda below: below >= 0,
    "even": lambda below: below % 2 == 1,
}


class RoundingMode(NamedTuple):
    """A rounding mode as data: code generation builds its expression from the same fields.

    >>> from fractions import Fraction
    >>> MODES["half_even"](Fraction(5, 2)), MODES["half_even"](Fraction(7, 2))
    (2, 4)
    """

    name: Mode
    #: the numbers that move ``toward``: ties only, while others go to the nearer integer; or all
    moves: Literal["tie", "any"]
    toward: Toward
    #: the description for rule authors
    description: str

    def __call__(self, value: Fraction | int) -> int:
        """Return the integer to which a number is rounded."""
        return self.whole(*value.as_integer_ratio())

    def whole(self, dividend: int, divisor: int) -> int:
        """Return the integer to which a quotient is rounded; the divisor is above 0."""
        below, rest = divmod(dividend, divisor)
        if not rest:
            return below
        if self.moves == "tie" and 2 * rest != divisor:
            return below + (2 * rest > divisor)
        return below + _ROUNDS_UP[self.toward](below)


MODES: dict[str, RoundingMode] = {
    mode.name: mode
    for mode in (
        RoundingMode("half_up", "tie", "away", "a tie goes away from zero"),
        RoundingMode("half_even", "tie", "even", "a tie goes to the even multiple"),
        RoundingMode("half_down", "tie", "zero", "a tie goes towards zero"),
        RoundingMode("floor", "any", "below", "to the multiple below"),
        RoundingMode("ceiling", "any", "above", "to the multiple above"),
        RoundingMode("down", "any", "zero", "towards zero"),
        RoundingMode("up", "any", "away", "away from zero"),
    )
}
