"""Planted defects of inputs that are gathered from earlier results or from a cohort."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

import attrs
from hypothesis import assume
from hypothesis import strategies as st

from kpirules.arithmetic.range import Range
from kpirules.model.rubric import Input, Quota, Rubric
from kpirules.model.tier_order import TierOrder


if TYPE_CHECKING:
    from kpirules.testing.part_strategies import Draw

#: the name of the input that an injected defect may need
FACT: Final = "planted"


def _gathered(rubric: Rubric, /, span: str = ">= 0", **keys: object) -> Rubric:
    """Add an input that is gathered from results, with other keys of its history."""
    past = Input(
        name="planted_past",
        type="count",
        range=Range.parse(span),
        many=True,
        history={"take": FACT, "window": 1, **keys},
    )
    fact = Input(name=FACT, type="count", default=Decimal(0))
    return attrs.evolve(rubric, inputs=(*rubric.inputs, fact, past))


def gathered_range(draw: Draw, rubric: Rubric) -> Rubric:
    """Add an input that earlier results do not fit."""
    return _gathered(rubric, draw(st.sampled_from(["0..5", ">= 1", "< 100"])))


def history_unknown(_: Draw, rubric: Rubric) -> Rubric:
    """Add an input that is gathered from results of another ruleset."""
    return _gathered(rubric, rubric="planted_too")


def window_empty(_: Draw, rubric: Rubric) -> Rubric:
    """Add an input that is gathered from no period."""
    return _gathered(rubric, window="inside")


def group_rejected(draw: Draw, rubric: Rubric) -> Rubric:
    """Add an input that the number of a group does not always fit."""
    formula = draw(st.sampled_from([f"sum({FACT})", f"mean({FACT})", f"max({FACT}) - heads"]))
    grouped = Input(
        name="planted_group",
        type="count",
        range=Range.parse("1..50"),
        cohort={"formula": formula},
    )
    fact = Input(name=FACT, type="count", range=Range.parse("0..99"), default=Decimal(0))
    return attrs.evolve(rubric, inputs=(*rubric.inputs, fact, grouped))


def share_sum(draw: Draw, rubric: Rubric) -> Rubric:
    """Add an input with a share that is rounded alone."""
    mode = draw(st.sampled_from(["half_up", "half_even", "floor", "ceiling"]))
    return _shared(rubric, round={"to": 1, "mode": mode}, otherwise="equal")


def no_claim(_: Draw, rubric: Rubric) -> Rubric:
    """Add an input with a share of what nobody may have a claim to."""
    return _shared(rubric)


def _shared(rubric: Rubric, /, **keys: object) -> Rubric:
    """Add an input with a share."""
    fact = Input(name=FACT, type="count", default=Decimal(0))
    share = Input(
        name="planted_share",
        type="number",
        range=Range.parse(">= 0"),
        cohort={"share": f"10 + sum({FACT})", "by": FACT, **keys},
    )
    return attrs.evolve(rubric, inputs=(*rubric.inputs, fact, share))


def quota_impossible(draw: Draw, rubric: Rubric) -> Rubric:
    """Add a quota that cannot be kept by all numbers of records."""
    assume(rubric.tiers)
    limits = draw(
        st.sampled_from(
            [
                {"at_least": "0.3 * heads", "at_most": "0.4 * heads"},
                {"at_least": "ceil(heads / 2) + 1"},
                {"at_most": "floor(0.5 * heads)", "at_least": "round(0.7 * heads, 1)"},
            ]
        )
    )
    return _with_quota(rubric, **limits)


def quota_idle(draw: Draw, rubric: Rubric) -> Rubric:
    """Add a quota that every group keeps."""
    assume(rubric.tiers)
    limits = draw(
        st.sampled_from(
            [{"at_most": "heads"}, {"at_most": "ceil(1.2 * heads) - 0"}, {"at_least": "0"}]
        )
    )
    return _with_quota(rubric, **limits)


def quota_floor(draw: Draw, rubric: Rubric) -> Rubric:
    """Add a quota that demotes from the lowest tier, or from the two lowest."""
    assume(rubric.tiers)
    order = TierOrder(rubric.tiers)
    tiers = tuple(order.at(rank) for rank in range(draw(st.integers(1, min(2, len(rubric.tiers))))))
    ties = draw(st.sampled_from(["best", "worst", "refuse"]))
    return _with_quota(rubric, tier=tiers, at_most="0.5 * heads", excess="demote", ties=ties)


def _with_quota(rubric: Rubric, **given: object) -> Rubric:
    """Add a quota, by default of the first tier."""
    keys: dict[str, Any] = {"tier": rubric.tiers[0].id, "excess": "refuse", **given}
    quota = Quota(id="planted_quota", **keys)
    return attrs.evolve(rubric, quotas=(*rubric.quotas, quota))
