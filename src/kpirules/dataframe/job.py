"""The task for one frame: a rubric, the columns that are read and the columns that are added."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs


if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from kpirules.codegen.compiled_plan import Compiled
    from kpirules.codegen.output import Column
    from kpirules.evaluation.record import Reader
    from kpirules.evaluation.result import Result


#: the names of the columns of problems: as a text, and as a JSON list
ERROR, PROBLEMS = "error", "problems"


@attrs.frozen(kw_only=True)
class Job:
    """A rubric and the options of a call, for the columns of one frame."""

    rubric: str
    #: evaluates one record
    score: Callable[[Mapping[str, object]], Result]
    #: the columns of the frame that are read, by input name
    read: Mapping[str, str]
    #: what the columns hold for which the expressions are made, by the names of the record
    kinds: Mapping[str, str]
    #: the readers of the names of the record
    readers: Mapping[str, Reader]
    #: the columns that the result adds, without the error column
    columns: tuple[Column, ...]
    #: the expressions; None if they cannot represent the rubric
    compiled: Compiled | None
    #: whether a row without any value is rejected: beside other columns it may not be a record
    rejects_empty: bool
    #: the language of the problems of records (see :meth:`kpirules.errors.Problem.text`)
    lang: str | None
    #: whether rejected rows are reported in the columns of problems
    in_column: bool
    #: the original values of columns that the frame holds as texts instead
    values: Mapping[str, Sequence[object]]
