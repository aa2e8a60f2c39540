"""The public ``evaluate``: a rubric or its id, proved sound and compiled once."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from functools import cache

from kpirules.api.programs import PROGRAMS, program_of
from kpirules.evaluation.program import Program
from kpirules.evaluation.result import Result
from kpirules.model.rubric import Rubric


def compile(rubric: Rubric | str, *, on: date | str | None = None) -> Program:  # noqa: A001 - the word of the field
    """Check a rubric and compile it, for many records.

    Parameters: ``rubric``, a rubric or the id of a ruleset; ``on``, the day or month whose rules
    apply, as :func:`~kpirules.load` takes it (default: today).

    Returns a :class:`~kpirules.evaluation.program.Program`. It is cached with its rubric, so that
    :func:`~kpirules.evaluate` compiles nothing again; a program of an id stays what it is when the
    files of the ruleset change.

    Raises :class:`~kpirules.errors.RulesetError` for an unsound rubric, and for an id what
    :func:`~kpirules.load` raises.

    >>> from kpirules import compile, loads
    >>> program = compile(loads('''
    ... schema = 1
    ... id = "tiny"
    ... criterion = [{ id = "work", weight = 100 }]
    ... '''))
    >>> [program.evaluate({"work": points}).total for points in (70, 85)]
    [Exact('70'), Exact('85')]
    """
    return _program(rubric, on)


def evaluate(
    rubric: Rubric | str, inputs: Mapping[str, object], *, on: date | str | None = None
) -> Result:
    """Evaluate one record.

    Parameters: ``rubric``, a rubric or the id of a ruleset; ``inputs``, facts and ratings by name
    (numbers as ``int``, ``Decimal``, ``Fraction``, ``float`` meaning its shortest repr, NumPy's
    scalars, or plain decimal text, with a percent sign where the unit is ``%``; options by code or
    label; flags as ``bool`` or by their words; None, ``""``, ``"n/a"`` and pandas' ``NA`` are
    missing); ``on``, the day or month whose rules apply, as :func:`~kpirules.load` takes it
    (default: today). A rubric that is not effective then is an error.

    Returns a :class:`~kpirules.evaluation.result.Result`. Raises
    :class:`~kpirules.errors.InputError` with all problems of the record,
    :class:`~kpirules.errors.RulesetError` for an unsound rubric,
    :class:`~kpirules.errors.RulesetNotFoundError` for an unknown id, or rules that are not
    effective on the day.

    >>> from kpirules import evaluate, load
    >>> record = {"late": 0, "absent": 0, "leave_days": 3, "incidents": 0, "duty": "met",
    ...           "skill": 9, "feedback": 9, "manner": 5, "teamwork": 5,
    ...           "volume": 18, "service": 19, "conversion": 8}
    >>> evaluate(load("customer-service"), record).pay
    Exact('200')
    """
    return _program(rubric, on).evaluate(inputs)


def _program(rubric: Rubric | str, on: date | str | None) -> Program:
    """Return the program of a rubric, or of the ruleset of an id."""
    program = PROGRAMS.get(rubric) if on is None else None
    return program_of(_in_force()(rubric, on)) if program is None else program


@cache
def _in_force() -> Callable[[Rubric | str, date | str | None], Rubric]:
    """Return the function that finds the rubric of an id."""
    from kpirules.api.load import in_force  # noqa: PLC0415 - the evaluation need not load files

    return in_force
