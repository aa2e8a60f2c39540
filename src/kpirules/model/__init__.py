"""The parts of a ruleset, as frozen values; each is imported when it is first used."""

from __future__ import annotations

from typing import TYPE_CHECKING


if TYPE_CHECKING:
    from kpirules.model.rubric import (
        Adjustment,
        Band,
        BandTable,
        Condition,
        Criterion,
        Curve,
        Derived,
        Entry,
        Example,
        ExampleValue,
        Form,
        Gate,
        History,
        Input,
        Option,
        Outcome,
        Pay,
        Quantity,
        Quota,
        Rater,
        Rounding,
        Rubric,
        Ruling,
        Section,
        Source,
        Text,
        Tier,
        Total,
        When,
    )


__all__ = [
    "Adjustment",
    "Band",
    "BandTable",
    "Condition",
    "Criterion",
    "Curve",
    "Derived",
    "Entry",
    "Example",
    "ExampleValue",
    "Form",
    "Gate",
    "History",
    "Input",
    "Option",
    "Outcome",
    "Pay",
    "Quantity",
    "Quota",
    "Rater",
    "Rounding",
    "Rubric",
    "Ruling",
    "Section",
    "Source",
    "Text",
    "Tier",
    "Total",
    "When",
]


def __getattr__(name: str) -> object:
    """Import the parts of a ruleset on first use of one."""
    if name not in __all__:
        raise AttributeError(f"module 'kpirules.model' has no attribute {name!r}")
    from kpirules.model import rubric  # noqa: PLC0415 - commands that list rulesets need none

    value: object = getattr(rubric, name)
    globals()[name] = value
    return value
