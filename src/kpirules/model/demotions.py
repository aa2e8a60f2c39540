"""What demoting quotas give to each record: a flag for each, which is gathered like an input."""

from __future__ import annotations

from typing import TYPE_CHECKING, final

import attrs
from attrs import field

from kpirules.model.inputs import History, Input
from kpirules.model.quota import Quota
from kpirules.model.tier_order import TierOrder
from kpirules.model.values import string
from kpirules.model.vocabulary import InputType


if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from kpirules.model.rubric import Rubric


#: what the name of such a flag begins with
DEMOTED = "demoted"


@final
@attrs.frozen(kw_only=True)
class Demotion(Input):
    """Whether a quota demotes the record: a flag that is gathered from all records.

    >>> from kpirules.model import Quota
    >>> from kpirules.model.demotions import Demotion
    >>> top = Quota(id="top", tier="A", at_most="0.1 * heads", excess="demote", ties="worst")
    >>> flag = Demotion.of(top)
    >>> flag.name, flag.type, flag.origin is top
    ('demoted.top', 'flag', True)
    """

    name: str = field(converter=string)
    type: InputType = "flag"
    quota: Quota

    @classmethod
    def of(cls, quota: Quota) -> Demotion:
        """Return the flag of a quota."""
        return cls(name=f"{DEMOTED}.{quota.id}", label=quota.label, quota=quota)

    @property
    def origin(self) -> Quota:
        """Where it is gathered from."""
        return self.quota


def demotions(rubric: Rubric) -> tuple[Demotion, ...]:
    """Return the flags of the demoting quotas, in the order in which these are judged."""
    return tuple(Demotion.of(quota) for _, quota in judged(rubric) if quota.demotes)


def judged(rubric: Rubric) -> tuple[tuple[int, Quota], ...]:
    """Return the quotas, each with its index, in the order in which they are judged.

    From the best tier down: by the lowest of the tiers, then by the highest, then by the place in
    the file. Quotas with a tier that is unknown come last.
    """
    if not rubric.quotas:
        return ()
    known = {tier.id for tier in rubric.tiers}
    order = TierOrder(rubric.tiers)

    def place(item: tuple[int, Quota]) -> tuple[bool, int, int, int]:
        index, quota = item
        if not quota.tiers or not known.issuperset(quota.tiers):
            return True, 0, 0, index
        ranks = [order.rank(tier) for tier in quota.tiers]
        return False, -min(ranks), -max(ranks), index

    return tuple(sorted(enumerate(rubric.quotas), key=place))


def gathered_from_all(inputs: Iterable[Input]) -> Iterator[Input]:
    """Yield the inputs, and the flags of quotas, that are gathered from all records."""
    return (
        fact for fact in inputs if fact.origin is not None and not isinstance(fact.origin, History)
    )


def record_inputs(rubric: Rubric) -> tuple[Input, ...]:
    """Return what a record may have beside ratings: the inputs, and the flags of quotas."""
    return (*rubric.inputs, *demotions(rubric))
