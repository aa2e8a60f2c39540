"""What is to be done with a frame: a rubric, the columns that are read and those that are added."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs


if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from kpirules.codegen.generator import Compiled
    from kpirules.codegen.output import Column
    from kpirules.evaluation.result import Result


#: the column of what is wrong with a row
ERROR = "error"


@attrs.frozen(kw_only=True)
class Job:
    """A rubric and what is asked of it, for the columns of one frame."""

    rubric: str
    #: scores one record
    score: Callable[[Mapping[str, object]], Result]
    #: the columns of the frame that are read, by the names of the record that they give
    read: Mapping[str, str]
    #: what the result adds, but for the column of errors
    columns: tuple[Column, ...]
    #: the expressions; None where they cannot say the rubric
    compiled: Compiled | None
    #: a row that gives nothing is rejected: what the frame has beside its records is not one
    rejects_empty: bool
    #: refused rows are told in a column
    in_column: bool
    #: the values of columns that the frame holds as texts in their place
    values: Mapping[str, Sequence[object]]
