"""Check the quotas of tiers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kpirules.checks.group_bounds import Box, divisors, trees_of
from kpirules.checks.group_names import fits_group
from kpirules.checks.invalidated import all_readable
from kpirules.checks.kinds import kinds
from kpirules.checks.quota_search import Limits, is_idle, is_possible, sizes
from kpirules.checks.references import fits_formula, unknown
from kpirules.checks.registry import GATHERED, RUBRIC, check, reports
from kpirules.checks.structure import wrong_value
from kpirules.compiler.cohorts import compiled_quotas
from kpirules.diagnostics.finding import Finding
from kpirules.formula import HEADS
from kpirules.model.dependencies import quota_needs
from kpirules.model.tier_order import TierOrder
from kpirules.translations.message import Given, Message, Named


if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from kpirules.compiler.cohorts import CompiledQuota
    from kpirules.compiler.plan import Plan
    from kpirules.diagnostics.finding import KeyPath
    from kpirules.model.rubric import Quota, Rubric


#: the keys of a quota that belong to what happens if it is not kept
_OF_EXCESS = {"at_least": "refuse", "by": "demote", "ties": "demote"}
#: the keys that a quota needs to demote records, each with an example
_TO_DEMOTE = {"at_most": 'at_most = "0.1 * heads"', "ties": 'ties = "worst"'}


@check("value", phase=RUBRIC)
@reports("unknown-name")
@reports("quota-floor", severity="error", title="a demoting quota of the lowest tier")
def quota_shape(rubric: Rubric) -> Iterator[Finding]:
    """Find quotas without a limit, and tiers and names in them that do not fit."""
    for q, quota in enumerate(rubric.quotas):
        path: KeyPath = ("quota", q)
        yield from _excess(quota, path)
        if not quota.limits:
            yield wrong_value(
                path,
                Message.of("finding.value_quota-limits"),
                Message.of("advice.value_quota-limits"),
            )
        yield from _tiers(rubric, quota, path)
        for key, text in quota.limits.items():
            where = (*path, key)
            yield from fits_formula(text, rubric, where, of_outcome=True, of_group=True)
        for text in quota.ranks:
            yield from fits_formula(text, rubric, (*path, "by"))
        yield from fits_group(rubric, quota, path)


def _excess(quota: Quota, path: KeyPath) -> Iterator[Finding]:
    """Check that a quota has the keys that belong to what happens if it is not kept."""
    for key, excess in _OF_EXCESS.items():
        if excess != quota.excess and getattr(quota, key) not in (None, ()):
            yield wrong_value(
                (*path, key),
                Message.of("finding.value_quota-other", key=Given(key), excess=Given(excess)),
                Message.of("advice.value_remove", keys=Given(key)),
            )
    for key, example in _TO_DEMOTE.items() if quota.demotes and quota.limits else ():
        if getattr(quota, key) is None:
            yield wrong_value(
                path,
                Message.of("finding.value_quota-needs", key=Given(key)),
                Message.of("advice.value_quota-needs", example=example),
            )


def _tiers(rubric: Rubric, quota: Quota, path: KeyPath) -> Iterator[Finding]:
    """Check that the tiers of a quota are known, and next to each other."""
    known = tuple(tier.id for tier in rubric.tiers)
    lowest = TierOrder(rubric.tiers).at(0) if known else None
    lost = [tier for tier in quota.tiers if tier not in known]
    for tier in lost:
        yield unknown(tier, known, (*path, "tier"), "part.tier")
    if not lost and not _are_neighbours(rubric, quota):
        yield wrong_value(
            (*path, "tier"),
            Message.of("finding.value_quota-tiers", tiers=_named(rubric, quota.tiers)),
            Message.of("advice.value_quota-tiers"),
        )
    elif not lost and quota.demotes and lowest is not None and lowest in quota.tiers:
        yield Finding(
            code="quota-floor",
            reason=Message.of(
                "finding.quota-floor", tier=_named(rubric, (lowest,))[0], name=_name(quota)
            ),
            advice=Message.of("advice.quota-floor"),
            path=(*path, "tier"),
        )


def _are_neighbours(rubric: Rubric, quota: Quota) -> bool:
    """Check whether the tiers of a quota, each once, are next to each other."""
    order = TierOrder(rubric.tiers)
    ranks = sorted(order.rank(tier) for tier in quota.tiers)
    return bool(ranks) and ranks == list(range(ranks[0], ranks[0] + len(ranks)))


def _named(rubric: Rubric, tiers: Sequence[str]) -> tuple[Named, ...]:
    """Return tiers for a message."""
    labels = {tier.id: tier.label for tier in rubric.tiers}
    return tuple(Named(tier, labels[tier]) for tier in tiers)


@check(
    "quota-impossible",
    phase=GATHERED,
    severity="error",
    title="quotas that cannot be kept for some number of records",
)
@reports("quota-idle", severity="warning", title="a quota that every group keeps")
@reports("division-by-zero")
def quota_values(plan: Plan) -> Iterator[Finding]:
    """Find quotas that no distribution over the tiers keeps, or that each keeps."""
    if not _is_whole(plan.rubric):
        return
    alike: dict[object, list[Limits]] = {}
    #: the demoting quotas that were judged before: quotas after one judge another distribution
    demoting = 0
    order = TierOrder(plan.rubric.tiers)
    for compiled in compiled_quotas(plan):
        box = Box(compiled, plan)
        for key, formula in compiled.limits.items():
            path = ("quota", compiled.index, key)
            yield from divisors(trees_of(formula, compiled, box), path)
        for rank in compiled.of_record:
            yield from divisors([(rank.tree, box.of(rank))], ("quota", compiled.index, "by"))
        demoting += compiled.quota.demotes
        limits = _limits(compiled, order)
        if limits is not None:
            if not compiled.quota.demotes:
                key_of = (compiled.within, compiled.asked, demoting)
                alike.setdefault(key_of, []).append(limits)
            if is_idle(limits):
                yield Finding(
                    code="quota-idle",
                    reason=Message.of("finding.quota-idle", name=_name(compiled.quota)),
                    advice=Message.of("advice.quota-idle"),
                    path=("quota", compiled.index),
                )
    for quotas in alike.values():
        yield from _impossible(plan.rubric, quotas)


def _is_whole(rubric: Rubric) -> bool:
    """Check whether all quotas have tiers and limits, and their names are known."""
    needed = {name for needs in quota_needs(rubric).values() for name in needs}
    tiers = {tier.id for tier in rubric.tiers}
    are_there = all(
        q.limits
        and (not q.demotes or q.at_most is not None)
        and tiers.issuperset(q.tiers)
        and _are_neighbours(rubric, q)
        for q in rubric.quotas
    )
    return are_there and all_readable(rubric) and needed <= kinds(rubric).keys()


def _limits(compiled: CompiledQuota, order: TierOrder) -> Limits | None:
    """Return a quota whose limits depend on the number of heads alone; None for others."""
    formulas = {key: group.formula for key, group in compiled.limits.items()}
    if any(name != HEADS for formula in formulas.values() for name in formula.names):
        return None
    ranks = [order.rank(tier) for tier in compiled.quota.tiers]
    return Limits(index=compiled.index, low=min(ranks), high=max(ranks) + 1, formulas=formulas)


def _impossible(rubric: Rubric, quotas: list[Limits]) -> Iterator[Finding]:
    """Find the least number of records for which quotas of the same groups cannot be kept."""
    tiers = len(rubric.tiers)
    for heads in sizes(quotas):
        if is_possible(heads, quotas, tiers):
            continue
        last = next(
            n for n in range(1, len(quotas) + 1) if not is_possible(heads, quotas[:n], tiers)
        )
        broken = [rubric.quotas[quota.index] for quota in quotas[:last]]
        yield Finding(
            code="quota-impossible",
            reason=Message.of(
                "finding.quota-impossible", count=heads, names=tuple(map(_name, broken))
            ),
            advice=Message.of("advice.quota-impossible"),
            path=("quota", quotas[last - 1].index),
            witness=((HEADS, heads),),
        )
        return


def _name(quota: Quota) -> Named:
    """Return a quota for a message."""
    return Named(quota.id, quota.label)
