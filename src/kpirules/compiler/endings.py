"""The totals, tiers and pay in which the records of a plan can end.

The reachable totals are cut where a tier, a gate or a band of an outcome begins or ends. For each
piece, the gates that can hold and those that must are known, hence the totals and the tier after
gates, and the values of outcomes. The bounds enclose all records; they may be wider.
"""

from __future__ import annotations

from itertools import combinations, pairwise
from typing import TYPE_CHECKING, NamedTuple

import attrs

from kpirules.arithmetic.decision_table import Axis
from kpirules.arithmetic.domain import AnyOf
from kpirules.arithmetic.number import Number, exact
from kpirules.arithmetic.range import Range
from kpirules.arithmetic.sums import ExactTotals
from kpirules.compiler.demotions import reachable
from kpirules.compiler.domains import axis_of_domain, bounds_of, hull
from kpirules.compiler.quantities import RATED, CompiledQuantity
from kpirules.model.dependencies import BEFORE, closure, conditions
from kpirules.model.tier_order import limited_total


if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from kpirules.arithmetic.domain import Reachable
    from kpirules.arithmetic.interval import Bounds
    from kpirules.arithmetic.range import Cut
    from kpirules.compiler.demotions import Fall
    from kpirules.compiler.plan import Plan
    from kpirules.compiler.symbols import Scope
    from kpirules.model.rubric import Gate


#: totals that more bounds cut are not cut
MAX_CUTS = 200
#: the maximum of endings that are examined; of more gates that may hold, not every choice is
MAX_ENDINGS = 800
#: in place of an open end
_FAR = 10**100

PAY = "outcome.pay"


@attrs.frozen
class Endings:
    """The totals, tiers and pay in which the records of a plan can end."""

    #: the bounds of the total after gates; None if no record has one
    total: Bounds | None
    #: the ids of the tiers
    tiers: frozenset[str]
    #: the bounds of pay; None if no record has any
    pay: Bounds | None
    #: the least and the greatest total of each piece, before gates
    aims: tuple[Number, ...]


class _Ending(NamedTuple):
    """Records with the same tier: their totals before and after gates."""

    before: tuple[Number, Number]
    total: tuple[Number, Number]
    tiers: tuple[str, ...]


def endings_of(plan: Plan) -> Endings:
    """Return the totals, tiers and pay in which the records of a plan can end."""
    aims: dict[Number, None] = {}
    found: dict[_Ending, None] = {}
    pieces = [*_pieces(plan)]
    for piece in pieces:
        ends = _ends(plan, piece)
        if ends is not None:
            aims |= dict.fromkeys(end for end in ends if abs(end) != _FAR)
            found |= dict.fromkeys(_after_gates(plan, ends, MAX_ENDINGS // len(pieces)))
    if not found or not _may_be_rated(plan):
        return Endings(None, frozenset(), None, tuple(aims))
    pays = [pay for ending in found if (pay := _pay(plan, ending)) is not None]
    return Endings(
        total=hull([_bounds(ending.total) for ending in found]) if plan.has_total else None,
        tiers=frozenset(tier for ending in found for tier in ending.tiers),
        pay=hull(pays) if pays else None,
        aims=tuple(aims),
    )


def _may_be_rated(plan: Plan) -> bool:
    """Check whether enough criteria can count for a total."""
    scored = [c for c in plan.criteria if c.is_scored]
    total = plan.rubric.total
    least = (None if total is None else total.minimum_scored) or 1
    return not scored or len([c for c in scored if not c.is_weightless]) >= least


# ---------------------------------------------------------------- before gates


def _pieces(plan: Plan) -> Iterator[Range]:
    """Yield the ranges of totals within which no tier, gate or band begins or ends.

    A total outside of its range is rejected, so that it is in none of them.
    """
    limit = plan.quantities[BEFORE].limit
    spans = [span for tier in plan.rubric.tiers for span in tier.total]
    for gate in plan.rubric.gates:
        limits = (gate.total_at_most, gate.total_at_least)
        spans += [Range.exactly(exact(limit)) for limit in limits if limit is not None]
        spans += _spans(conditions(gate.when, None).get("total", ()))
    for name in plan.outcomes:
        quantity = plan.quantities[name]
        for band in quantity.bands:
            when = conditions(band.when, quantity.quantity.of)
            spans += _spans(when.get("total", ()))
    cuts = sorted({cut for span in spans for cut in (span.low, span.high) if cut is not None})
    ends: list[Cut | None] = [None, *(cuts if len(cuts) <= MAX_CUTS else ()), None]
    pieces = (Range(low, high).meet(limit) for low, high in pairwise(ends))
    return (piece for piece in pieces if piece is not None)


def _spans(entries: Sequence[object]) -> list[Range]:
    """Return the ranges among the entries of a condition."""
    return [entry for entry in entries if isinstance(entry, Range)]


def _ends(plan: Plan, piece: Range) -> tuple[Number, Number] | None:
    """Return bounds of the reachable totals in a range; None if there are none."""
    totals = plan.totals
    if totals.first_in(piece) is None:
        return None
    every: Sequence[Reachable] = (totals,)
    if not isinstance(totals, ExactTotals):
        every = totals.known.every if isinstance(totals.known, AnyOf) else ()
    sums = [each for each in every if isinstance(each, ExactTotals)]
    if sums and len(sums) == len(every):
        firsts = [v for each in sums if (v := each.first_in(piece)) is not None]
        lasts = [v for each in sums if (v := each.last_in(piece)) is not None]
        return min(firsts), max(lasts)
    axis = plan.axis_of(BEFORE)
    met = piece.meet(axis.domain)
    low, high = bounds_of(attrs.evolve(axis, domain=met or piece))
    return -_FAR if low is None else low, _FAR if high is None else high


# ---------------------------------------------------------------- after gates


def _after_gates(plan: Plan, ends: tuple[Number, Number], most: int) -> Iterator[_Ending]:
    """Yield the endings of records with totals between two, by the gates that can hold.

    One that encloses all if there are more than ``most``.
    """
    tiers = _tiers(plan, ends)
    scope = _scope(plan, _Ending(ends, ends, tiers))
    must: list[Gate] = []
    may: list[Gate] = []
    for index, gate in enumerate(plan.rubric.gates):
        if gate.refuse:
            continue
        quantity = CompiledQuantity(plan.gates[index].quantity, ("gate", index), scope)
        quantity.is_rated = True
        # row 0 holds where the gate does, row 1 elsewhere
        if 0 in quantity.live:
            skips = gate.missing == "skip" and not scope.known.keys() >= {*quantity.facts}
            (may if 1 in quantity.live or skips else must).append(gate)
    if 1 << len(may) > most:
        limits = [v for gate in may for v in (gate.total_at_most, gate.total_at_least)]
        limited_ends = [limited_total(end, must) for end in ends]
        every = [*limited_ends, *(exact(limit) for limit in limits if limit is not None)]
        all_tiers = tuple(tier.id for tier in plan.rubric.tiers)
        yield _Ending(ends, (min(every), max(every)), all_tiers)
        return
    for size in range(len(may) + 1):
        for some in combinations(may, size):
            holding = [*must, *some]
            if any(gate.unratable for gate in holding):
                continue
            low, high = (limited_total(end, holding) for end in ends)
            reached = tiers if (low, high) == ends else _tiers(plan, (low, high))
            limited = {plan.tier_order.limited(tier, holding): None for tier in reached}
            yield _Ending(ends, (low, high), reachable(tuple(limited), _open(plan)))


def _open(plan: Plan) -> tuple[Fall, ...]:
    """Return the demotions that a record may have, as far as that is known."""
    known = plan.scope.known
    return tuple(f for f in plan.falls if f.name not in known or known[f.name].options != (False,))


def _tiers(plan: Plan, ends: tuple[Number, Number]) -> tuple[str, ...]:
    """Return the tiers of the totals between two."""
    span = Range.closed(*ends)
    return tuple(
        tier.id
        for tier in plan.rubric.tiers
        if any(each.meet(span) is not None for each in tier.total)
    )


def _scope(plan: Plan, ending: _Ending) -> Scope:
    """Return the meaning of names for the records of an ending."""
    before = Axis(domain=Range(*_cuts(ending.before)))
    axes = {
        "total": Axis(domain=Range(*_cuts(ending.total))),
        "tier": Axis(options=ending.tiers),
    }
    if plan.is_raw:
        axes |= {"raw_total": before, RATED: before}
    return plan.scope.under(axes)


def _pay(plan: Plan, ending: _Ending) -> Bounds | None:
    """Return the bounds of pay in an ending; None if there is none."""
    if PAY not in plan.quantities:
        return None
    scope = _scope(plan, ending)
    asked = closure((PAY,), scope.graph)
    values = None
    for name in plan.outcomes:
        if name in asked and name not in plan.scope.known:
            made = plan.quantities[name]
            quantity = CompiledQuantity(made.quantity, made.path, scope)
            quantity.is_rated = True
            scope.axes[name] = quantity.axis
            values = quantity.values if name == PAY else values
    known = plan.scope.known.get(PAY)
    if known is not None:
        return None if known.options is not None else bounds_of(known)
    return bounds_of(axis_of_domain(values)) if values is not None and values.parts else None


def _cuts(ends: tuple[Number, Number]) -> tuple[Cut | None, Cut | None]:
    """Return the cuts of a closed range; none for an open end."""
    low, high = ends
    return (None if low == -_FAR else (low, 0), None if high == _FAR else (high, 1))


def _bounds(ends: tuple[Number, Number]) -> Bounds:
    """Return the bounds of a range; None for an open end."""
    return (None if ends[0] == -_FAR else ends[0], None if ends[1] == _FAR else ends[1])
