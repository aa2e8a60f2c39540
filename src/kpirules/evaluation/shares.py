"""Shares of an amount, in proportion to the claims of those who have one."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

from kpirules.arithmetic.number import added, canonical, computed, round_to
from kpirules.translations.message import Message, MessageError


if TYPE_CHECKING:
    from collections.abc import Mapping

    from kpirules.arithmetic.number import Number
    from kpirules.model.vocabulary import Otherwise, ShareRounding


class NoClaimError(MessageError):
    """An amount of which nobody has any claim."""

    def __init__(self) -> None:
        super().__init__(Message.of("problem.not-shared_nobody"))


def shares(
    amount: Number,
    claims: Mapping[str, Number],
    rounding: ShareRounding | None,
    otherwise: Otherwise | None,
) -> dict[str, Number]:
    """Return the shares of an amount of 0 or more by key; claims are 0 or more.

    Raises :class:`NoClaimError` if all claims are 0 and ``otherwise`` is ``"refuse"``, and
    :class:`~kpirules.arithmetic.number.TooLongError` for numbers that are too long.

    >>> from kpirules.model.vocabulary import ShareRounding
    >>> cents = ShareRounding(to="0.01", mode="largest_remainder")
    >>> [str(share) for share in shares(1, {"a": 1, "b": 1, "c": 1}, cents, None).values()]
    ['17/50', '33/100', '33/100']
    """
    whole = added(claims.values())
    if not whole and otherwise == "equal":
        claims, whole = dict.fromkeys(claims, 1), len(claims)
    if not whole and otherwise != "nothing":
        raise NoClaimError
    if not whole:
        return dict.fromkeys(claims, 0)
    rate = computed(Fraction(amount) / whole)
    exact = {key: computed(rate * claim) for key, claim in claims.items()}
    if rounding is None:
        return exact
    to = canonical(Fraction(rounding.to))
    if rounding.is_alone:
        return {key: round_to(share, to, rounding.mode) for key, share in exact.items()}
    return _by_remainders(amount, exact, claims, to)


def _by_remainders(
    amount: Number, exact: Mapping[str, Number], claims: Mapping[str, Number], to: Number
) -> dict[str, Number]:
    """Return shares on a grid that add up to the amount on the grid."""
    units = {key: divmod(Fraction(share) / to, 1) for key, share in exact.items()}
    left = Fraction(amount) // to - sum(whole for whole, _ in units.values())
    turns = sorted(units, key=lambda key: (-units[key][1], -claims[key], key))
    more = set(turns[:left])
    return {key: canonical((whole + (key in more)) * to) for key, (whole, _) in units.items()}
