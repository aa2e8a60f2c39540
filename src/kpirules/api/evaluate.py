"""The public ``evaluate``: a rubric or its id, proved sound and compiled once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import date
from functools import cache

from kpirules.api.programs import PROGRAMS, program_of
from kpirules.errors import InputError, Problem
from kpirules.evaluation.program import OnResult, Program
from kpirules.evaluation.result import Result
from kpirules.model.rubric import Rubric
from kpirules.registry.protocol import Source


def compile(  # noqa: A001 - the word of the field
    rubric: Rubric | str,
    *,
    on: date | str | None = None,
    sources: Iterable[Source] | None = None,
    on_result: OnResult | None = None,
) -> Program:
    """Check a rubric and compile it, for many records.

    Parameters: ``rubric``, a rubric or the id of a ruleset; ``on``, the day or month whose rules
    apply, and ``sources``, where to look for an id, as :func:`~kpirules.load` takes them (default:
    today, and the default sources).

    Returns a :class:`~kpirules.evaluation.program.Program`. It is cached with its rubric, so that
    :func:`~kpirules.evaluate` compiles nothing again; a program of an id stays what it is when the
    files of the ruleset change. With ``on_result``, it calls this function with each result before
    it returns it, such as for an audit trail: an exception of the function is raised, so that no
    result is used that was not recorded. Rejected records have no result.

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
    return compiled(rubric, on, sources, on_result)


def evaluate(
    rubric: Rubric | str,
    inputs: Mapping[str, object],
    *,
    on: date | str | None = None,
    sources: Iterable[Source] | None = None,
    on_result: OnResult | None = None,
) -> Result:
    """Evaluate one record.

    Parameters: ``rubric``, a rubric or the id of a ruleset; ``inputs``, facts and ratings by name
    (numbers as ``int``, ``Decimal``, ``Fraction``, ``float`` meaning its shortest repr, NumPy's
    scalars, or plain decimal text, with a percent sign where the unit is ``%``; options by code or
    label; flags as ``bool`` or by their words; None, ``""``, ``"n/a"`` and pandas' ``NA`` are
    missing); ``on``, the day or month whose rules apply, and ``sources``, where to look for an id,
    as :func:`~kpirules.load` takes them (default: today, and the default sources). A rubric that is
    not effective then is an error. ``on_result`` is called with the result before it is returned
    (see :func:`~kpirules.compile`).

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
    result = compiled(rubric, on, sources).evaluate(inputs)
    if on_result is not None:
        on_result(result)
    return result


def validate(
    rubric: Rubric | str,
    record: Mapping[str, object],
    *,
    on: date | str | None = None,
    sources: Iterable[Source] | None = None,
) -> tuple[Problem, ...]:
    """Return all problems of a record, in the order of the form; none if it can be evaluated.

    Parameters: those of :func:`~kpirules.evaluate`. A draft with problems is not counted in the log
    as a rejected record. The problems are those of the
    :class:`~kpirules.errors.InputError` that :func:`~kpirules.evaluate` raises.

    Raises :class:`~kpirules.errors.RulesetError` for an unsound rubric,
    :class:`~kpirules.errors.RulesetNotFoundError` for an unknown id, or rules that are not
    effective on the day.

    >>> from kpirules import loads, validate
    >>> rubric = loads('''
    ... schema = 1
    ... id = "tiny"
    ... criterion = [{ id = "work", weight = 60 }, { id = "care", weight = 40 }]
    ... ''')
    >>> for problem in validate(rubric, {"work": 61}):
    ...     print(problem)
    work = 61: is not an allowed rating; allowed: 0 to 60
    care: is missing; allowed: 0 to 40
    >>> validate(rubric, {"work": 60, "care": 40})
    ()
    """
    program = compiled(rubric, on, sources)
    try:
        program.score(record)
    except InputError as error:
        return error.problems
    return ()


def compiled(
    rubric: Rubric | str,
    on: date | str | None,
    sources: Iterable[Source] | None = None,
    on_result: OnResult | None = None,
) -> Program:
    """Return the program of a rubric, or of the ruleset of an id."""
    program = PROGRAMS.get(rubric) if on is None else None
    if program is None:
        program = program_of(_in_force()(rubric, on, sources))
    return program if on_result is None else Program(program.plan, on_result)


@cache
def _in_force() -> Callable[[Rubric | str, date | str | None, Iterable[Source] | None], Rubric]:
    """Return the function that finds the rubric of an id."""
    from kpirules.api.load import in_force  # noqa: PLC0415 - the evaluation need not load files

    return in_force
