"""Quotas: how many of a group may have a tier, or must."""

from __future__ import annotations

from typing import final, get_args

import attrs
from attrs import field
from attrs.validators import optional as maybe

from kpirules.model.condition import When, when
from kpirules.model.language import Order, key
from kpirules.model.text import Text, label_text
from kpirules.model.values import Value, optional, string
from kpirules.model.vocabulary import NAME, Excess, OneOf, Ties, name_text, one_or_list


@final
@attrs.frozen(kw_only=True)
class Quota(Value):
    """How many of those who are evaluated together may have a tier, or must.

    >>> from kpirules.model import Quota
    >>> top = Quota(id="top", tier="A", at_most="0.1 * heads", within="shop", excess="refuse")
    >>> top.tiers, top.groups
    (('A',), ('shop',))
    """

    id: str = field(
        converter=name_text,
        metadata=key("Its name in messages: quota.ID.", id=True, order=Order.NAME, pattern=NAME),
    )
    label: Text | None = field(
        default=None,
        converter=optional(label_text),
        metadata=key("Its name for people.", descriptive=True, order=Order.LABEL),
    )
    tier: tuple[str, ...] | str = field(
        converter=one_or_list,
        metadata=key(
            "The tier, or a list of neighbouring tiers that are counted together.",
            text="tier id",
            fallback=(),
        ),
    )
    at_most: str | None = field(
        default=None,
        converter=optional(string),
        metadata=key(
            'How many records may have these tiers: a formula over the group, such as "0.1 * heads", in which heads are the records that have a tier.',
            text="formula",
        ),
    )
    at_least: str | None = field(
        default=None,
        converter=optional(string),
        metadata=key(
            "How many records must have these tiers: a formula over the group.", text="formula"
        ),
    )
    within: tuple[str, ...] | str = field(
        default=(),
        converter=one_or_list,
        metadata=key(
            "What the records of one group have in common: a text, a choice or a flag, or a list of these.",
            default="all records are one group",
        ),
    )
    where: When | None = field(
        default=None,
        converter=optional(when),
        metadata=key("Who is counted, as in when.", default="all"),
    )
    excess: Excess = field(
        validator=OneOf(get_args(Excess)),
        metadata=key(
            "What happens if the quota is not kept.",
            words={
                "refuse": "the group is rejected",
                "demote": "the records with the lowest standing get the tier below",
            },
            fallback="refuse",
        ),
    )
    by: tuple[str, ...] | str = field(
        default=(),
        converter=one_or_list,
        metadata=key(
            "By what the records in these tiers are ranked, higher is better: a formula, or a list of which the next breaks ties of those before.",
            default="total",
        ),
    )
    ties: Ties | None = field(
        default=None,
        validator=maybe(OneOf(get_args(Ties))),
        metadata=key(
            "Which of the records of one standing get the tier below if there is no room for all of them.",
            words={
                "best": "none of them, so that more may stay than at_most",
                "worst": "all of them",
                "refuse": "the group is rejected",
            },
        ),
    )

    @property
    def name(self) -> str:
        """Its name in messages and expectations."""
        return f"quota.{self.id}"

    @property
    def demotes(self) -> bool:
        """Check whether records get the tier below if the quota is not kept."""
        return self.excess == "demote"

    @property
    def ranks(self) -> tuple[str, ...]:
        """The formulas by which records are ranked; none if the quota demotes nobody."""
        return (one_or_list(self.by) or ("total",)) if self.demotes else ()

    @property
    def tiers(self) -> tuple[str, ...]:
        """The tiers that are counted together."""
        return one_or_list(self.tier)

    @property
    def groups(self) -> tuple[str, ...]:
        """The names whose values the records of one group have in common."""
        return one_or_list(self.within)

    @property
    def limits(self) -> dict[str, str]:
        """The formulas of its limits, by their keys."""
        both = {"at_most": self.at_most, "at_least": self.at_least}
        return {key: text for key, text in both.items() if text is not None}
