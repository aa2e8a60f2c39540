"""The document that a ruleset implements, the decisions about its clauses, and its paper form."""

from __future__ import annotations

from typing import final

import attrs
from attrs import field

from kpirules.model.language import Order, key
from kpirules.model.text import Text, label_text
from kpirules.model.values import Value, flag, optional, string, strings


@final
@attrs.frozen(kw_only=True)
class Source(Value):
    """The document that the ruleset implements."""

    label: Text | None = field(
        default=None,
        converter=optional(label_text),
        metadata=key("The title of the document.", descriptive=True, order=Order.LABEL),
    )
    title: Text | None = field(
        default=None,
        converter=optional(label_text),
        metadata=key(
            "The heading of the form, if it is not the label of the ruleset.", descriptive=True
        ),
    )
    url: str | None = field(
        default=None,
        converter=optional(string),
        metadata=key("The web address of the document.", descriptive=True),
    )
    note: Text | None = field(
        default=None,
        converter=optional(label_text),
        metadata=key("A remark on the document.", descriptive=True),
    )


@final
@attrs.frozen(kw_only=True)
class Ruling(Value):
    """A decision about a clause that contradicts another, or that leaves a case open."""

    clause: str = field(
        converter=string,
        metadata=key(
            "The clause that the decision is about; it identifies the ruling.",
            id=True,
            order=Order.NAME,
            fallback="",
        ),
    )
    conflict: Text = field(
        converter=label_text,
        metadata=key(
            "The contradiction or the open case.", essential=True, descriptive=True, fallback=""
        ),
    )
    decision: Text = field(
        converter=label_text,
        metadata=key("The decision and its reason.", descriptive=True, fallback=""),
    )
    accepts: tuple[str, ...] = field(
        default=(),
        converter=strings,
        metadata=key(
            'The findings that the decision accepts: "rating-gap section.ability.skill".',
            text="code and place of a finding",
        ),
    )


@final
@attrs.frozen(kw_only=True)
class Form(Value):
    """What a firm adds to its score sheets."""

    company: Text | None = field(
        default=None,
        converter=optional(label_text),
        metadata=key("The company, in the heading.", descriptive=True),
    )
    department: Text | None = field(
        default=None,
        converter=optional(label_text),
        metadata=key("The department, in the heading.", descriptive=True),
    )
    signature: Text | None = field(
        default=None,
        converter=optional(label_text),
        metadata=key(
            "Who signs besides appraiser and employee, such as the head of the department.",
            descriptive=True,
        ),
    )
    comments: bool = field(
        default=False,
        validator=flag,
        metadata=key(
            "true: places for comments of appraiser and employee.",
            descriptive=True,
        ),
    )
    goals: bool = field(
        default=False,
        validator=flag,
        metadata=key("true: a place for the goals of the next period.", descriptive=True),
    )


@final
@attrs.frozen(kw_only=True)
class Pay(Value):
    """The parts of a wage."""

    components: tuple[str, ...] = field(
        default=(),
        converter=strings,
        metadata=key(
            'The names of the parts, for payslips and sheets: ["base", "performance", "commission"].'
        ),
    )
