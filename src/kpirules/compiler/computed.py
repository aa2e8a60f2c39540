"""What a quantity or criterion evaluates to: a value, what is missing, or a rejection."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal, TypeAlias

import attrs

from kpirules.arithmetic.decision_table import MISSING
from kpirules.arithmetic.number import Number
from kpirules.errors import Problem


#: what names stand for: numbers, texts, flags, lists of numbers; None where nothing is given, and
#: :data:`~kpirules.arithmetic.decision_table.MISSING` where something was left out
Env: TypeAlias = "Mapping[str, Any]"


def given(env: Env, name: str) -> Any:  # noqa: ANN401 - of any type that a name may have
    """Return what a name stands for, ``MISSING`` where nothing is given."""
    value = env.get(name)
    return MISSING if value is None else value


class RefusedValueError(ValueError):
    """A quantity without a value for a record: the text says why, the names what it depends on.

    ``code`` is that of the finding by which `check` excludes it; empty where the record is rejected
    by a rule of its own.
    """

    def __init__(
        self,
        message: str,
        names: tuple[str, ...],
        code: str = "",
        allowed: str = "",
        value: Number | None = None,
    ) -> None:
        super().__init__(message)
        self.names = names
        self.code = code
        #: what may be given, where the value of a rating is the fault
        self.allowed = allowed
        #: the value that lies outside of its range, where that is the fault
        self.value = value


class LeftOutError(RefusedValueError):
    """A quantity that needs what was left out of the record."""

    def __init__(self, names: tuple[str, ...]) -> None:
        message = f"needs {', '.join(names)}, which is left out of the record,"
        super().__init__(message, names, "may-be-missing")


@attrs.frozen
class Missing:
    """What a quantity lacks to have a value."""

    names: tuple[str, ...]


@attrs.frozen(kw_only=True)
class Taken:
    """What a quantity comes to."""

    row: int
    #: None where the row is awarded within
    value: Number | str | None
    #: before it was clamped and rounded
    raw: Number | None = None


@attrs.frozen(kw_only=True)
class Scored:
    """What a criterion comes to for a record."""

    #: None for a remark, for what was not rated, and for what was left out
    points: Number | None = None
    #: what the points were before they were clamped and rounded
    raw: Number | None = None
    #: the row that was taken; None where no single one was
    row: int | None = None
    #: (name, value) of what it was worked out from
    used: tuple[tuple[str, Any], ...] = ()
    remark: str | None = None
    #: why it is left out of the record: it is missing, or it weighs nothing
    left_out: Literal["", "missing", "weight"] = ""
    #: the points stand in for what is missing
    assumed: bool = False


#: what a criterion comes to, or what is wrong with the record about it
Outcome: TypeAlias = "Scored | tuple[Problem, ...]"
