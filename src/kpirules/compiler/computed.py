"""Results of quantities and criteria: a value, the missing names, or a rejection."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, NamedTuple, TypeAlias

import attrs

from kpirules.arithmetic.decision_table import MISSING
from kpirules.translations.message import Message, MessageError, Named


if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from kpirules.arithmetic.number import Number
    from kpirules.errors import Problem


#: the values of names: numbers, texts, flags, lists of numbers; None for what is not provided, and
#: :data:`~kpirules.arithmetic.decision_table.MISSING` for what was excluded from the record
Env: TypeAlias = "Mapping[str, Any]"


def given(env: Env, name: str) -> Any:  # noqa: ANN401 - of any type that a name may have
    """Return the value of a name, or ``MISSING`` if none is provided."""
    value = env.get(name)
    return MISSING if value is None else value


def asked(env: Env, name: str, lists: Collection[str]) -> Any:  # noqa: ANN401 - as above
    """Return the value of a name as conditions know it: any list is the empty one."""
    value = given(env, name)
    return value if name not in lists or value is MISSING else ()


def provided(env: Env, names: Iterable[str]) -> list[tuple[str, Any]]:
    """Return the names that have a value, and their values."""
    pairs = [(name, env.get(name)) for name in names]
    return [pair for pair in pairs if pair[1] is not None and pair[1] is not MISSING]


class RejectedValueError(MessageError):
    """A quantity without a value for a record: ``reason``, and ``names`` that it depends on.

    ``code`` is that of the finding by which `check` excludes it; empty if the record is rejected
    by a rule of its own.
    """

    def __init__(
        self,
        reason: Message,
        names: tuple[str, ...],
        code: str = "",
        allowed: Message | None = None,
        value: Number | None = None,
    ) -> None:
        super().__init__(reason)
        self.names = names
        self.code = code
        #: the allowed ratings, if the value of a rating is at fault
        self.allowed = allowed
        #: the value outside of its range, if that is at fault
        self.value = value

    @staticmethod
    def of_bands(bits: int, facts: tuple[str, ...]) -> RejectedValueError:
        """Return the error for facts that no band matches, or that several match."""
        if not bits:
            return RejectedValueError(Message.of("problem.band-gap"), facts, "band-gap")
        several = Message.of("problem.band-overlap", count=bits.bit_count())
        return RejectedValueError(several, facts, "band-overlap")

    def within(self, reason: Message) -> RejectedValueError:
        """Return the same error with a reason that states more."""
        return RejectedValueError(reason, self.names, self.code, self.allowed, self.value)


class ExcludedError(RejectedValueError):
    """A quantity that needs something that was excluded from the record."""

    def __init__(self, names: tuple[str, ...]) -> None:
        reason = Message.of("problem.excluded", names=tuple(map(Named, names)))
        super().__init__(reason, names, "may-be-missing")


@attrs.frozen
class Missing:
    """The names without whose values a quantity has no value."""

    names: tuple[str, ...]


class Taken(NamedTuple):
    """The value of a quantity."""

    row: int
    #: None if the row is a range within which points are awarded
    value: Number | str | None
    #: the value before clamping and rounding
    raw: Number | None = None


class TakenList(NamedTuple):
    """The values of a quantity that is computed for each item of lists."""

    items: tuple[Taken, ...]

    @property
    def value(self) -> tuple[Number | str | None, ...]:
        """The values."""
        return tuple(item.value for item in self.items)


# a frozen class takes twice as long to create, and each criterion of a record creates one
@attrs.define
class Scored:
    """The result of a criterion for a record; nothing changes it."""

    #: None for a remark, for a criterion without a rating, and for an excluded one
    points: Number | None = None
    #: the points before clamping and rounding
    raw: Number | None = None
    #: the row that holds; None if not exactly one does
    row: int | None = None
    #: (name, value) of each value that the points were computed from
    used: tuple[tuple[str, Any], ...] = ()
    remark: str | None = None
    #: why the criterion is excluded from the record: it is missing, or its weight is 0
    left_out: Literal["", "missing", "weight"] = ""
    #: the points are the default for a missing rating
    assumed: bool = False


#: the result of a criterion, or the problems of the record with it
Outcome: TypeAlias = "Scored | tuple[Problem, ...]"
