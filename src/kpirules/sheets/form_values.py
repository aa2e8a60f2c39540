"""Values on forms as texts."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, cast

from kpirules._internal.display import brief, printable
from kpirules._internal.typeguards import is_list_or_tuple
from kpirules.arithmetic.number import NotExactError, exact, show
from kpirules.arithmetic.range import listing
from kpirules.compiler.domains import allowed_values, described
from kpirules.evaluation.explanation import origin_text
from kpirules.translations.catalog import words
from kpirules.translations.message import Message


if TYPE_CHECKING:
    from collections.abc import Sequence

    from kpirules.arithmetic.number import Exact
    from kpirules.compiler.rows import Row
    from kpirules.evaluation.labels import Speaker
    from kpirules.evaluation.result import Result
    from kpirules.evaluation.result_parts import Given
    from kpirules.model.rubric import Input


def codes_of(fact: Input) -> tuple[str, ...]:
    """Return the codes of an input with options, as in a record."""
    if fact.type == "flag":
        return ("true", "false")
    return tuple(option.code for option in fact.options)


def points_of(row: Row, *, judged: bool, lang: str) -> str:
    """Format the points of a level."""
    return str(row.points) if judged else listing([row.points], lang=lang)


def signed(value: Exact, *, money: bool) -> str:
    """Format a number; money that is not deducted has a plus sign."""
    return f"+{show(value)}" if money and value > 0 else show(value)


def shown(value: Given | object) -> str:
    """Format a value of a record."""
    if value is None:
        return ""
    if isinstance(value, (tuple, list)):
        return "; ".join(shown(each) for each in cast("Sequence[object]", value))
    if isinstance(value, (str, bool)):
        return printable(str(value))
    try:
        # a computed value may have more digits than an input
        return show(value if isinstance(value, Fraction) else exact(value))
    except NotExactError:
        # a rejected record may contain any object
        return brief(value)


def value_of(value: object, fact: Input | None, lang: str) -> str:
    """Format a value of a record: an option by its label, a flag as yes or no, a list by items."""
    if is_list_or_tuple(value):
        return "; ".join(value_of(each, fact, lang) for each in value)
    if value is not None and fact is not None and fact.type == "choice":
        labels = {option.code: option.label for option in fact.options}
        label = labels.get(str(value))
        return printable(str(value) if label is None else label.get(lang))
    if isinstance(value, bool):
        return words("sheet", lang)["yes" if value else "no"]
    return shown(value)


def admissible_of(fact: Input, result: Result | None, by: Speaker) -> str:
    """Return the allowed values of an input, and where its value comes from if it is gathered."""
    own = None if result is None else result.gathered.get(fact.name)
    if result is None or own is None or own.membership is None:
        return described(fact, by.labels).text(by.lang)
    source = origin_text(result, own, by)
    allowed = allowed_values(fact)
    return Message.of("together.allowed", allowed=allowed, source=source).text(by.lang)
