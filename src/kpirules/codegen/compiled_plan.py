"""A plan over the columns of a frame: the expressions of one backend."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from kpirules.translations.message import Message


if TYPE_CHECKING:
    from collections.abc import Mapping

    import narwhals as nw

    from kpirules.codegen import backend
    from kpirules.codegen.output import Column
    from kpirules.codegen.row_values import Condition
    from kpirules.errors import Problem


@attrs.frozen
class CannotSayError(ValueError):
    """A part of a rubric that expressions over columns cannot express exactly."""

    part: str
    reason: Message

    def __str__(self) -> str:
        return str(self.about(self.part))

    def about(self, part: str) -> Message:
        """Return the reason, about the part under a label."""
        return Message.of("cannot-express.part", part=part, reason=self.reason)


@attrs.frozen(kw_only=True)
class Compiled:
    """A plan over the columns of a frame."""

    #: the columns that each level adds
    levels: tuple[dict[str, nw.Expr], ...]
    #: what the result adds, in order; numbers in units, texts as they are
    columns: tuple[tuple[Column, nw.Expr], ...]
    #: where a row is scored
    valid: nw.Expr
    #: the problems of a row, as a text with a character for each
    marks: nw.Expr
    #: the problem of each character, in the order in which people read them
    marked: Mapping[str, Problem]
    #: what the columns hold for people, made of these columns; none where it is piecewise
    edges: tuple[nw.Expr, ...]
    #: what must hold of a row that is scored
    conditions: tuple[Condition, ...]
    #: by the names of the record that are read: where the value is given and allowed, never null
    allowed: Mapping[str, nw.Expr]
    #: by some of these names: where a problem other than that of the value may depend on the value
    told: Mapping[str, nw.Expr]
    #: the library that the expressions are of
    library: backend.Library
    #: where the arithmetic of a row is exact; none if it is in every row
    guards: tuple[nw.Expr, ...] = ()
    #: the names that are left out, each with the part that cannot be expressed
    left_out: Mapping[str, CannotSayError] = attrs.field(factory=dict[str, CannotSayError])
    #: those of them that are not computed at all; the others have no column
    not_computed: Mapping[str, CannotSayError] = attrs.field(factory=dict[str, CannotSayError])
