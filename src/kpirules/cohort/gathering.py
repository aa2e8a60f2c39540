"""Gathers the inputs with a history from the results of earlier periods."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any, TypeAlias

import attrs

from kpirules._internal.display import brief
from kpirules._internal.typeguards import is_mapping
from kpirules.api.programs import program_of
from kpirules.errors import InputError, Problem, StoredResultError
from kpirules.evaluation.history import Item, gathered
from kpirules.evaluation.result import Result
from kpirules.evaluation.result_values import expected_from
from kpirules.model.inputs import histories
from kpirules.model.periods import Period
from kpirules.model.rubric import Rubric
from kpirules.translations.message import Message, MessageError


#: a result of an earlier period, or what was stored of it (``Result.to_dict``, ``to_json``)
Past: TypeAlias = Result | dict[str, Any] | str | bytes
#: earlier results by period, or pairs of both
Results: TypeAlias = (
    Mapping[str, Past] | Mapping[Period, Past] | Iterable[tuple[str | Period, Past]]
)

_MONTHS = 12


def gather(
    rubric: Rubric, period: str | Period, results: Results, *, year_from: int = 1
) -> dict[str, list[Item]]:
    """Return the inputs of a record that have a ``history``, each with its list of values.

    Parameters: ``rubric``; ``period``, that of the record (``"2025"``, ``"2025-H1"``,
    ``"2025-Q1"``, ``"2025-01"``); ``results``, earlier results of the same person by period, as
    :class:`~kpirules.Result` or as :meth:`~kpirules.Result.to_dict` or ``to_json`` stores them: a
    table, or pairs where one period has results of several rulesets; ``year_from``, the month in
    which the years of the firm begin. Results outside of the windows are not looked at.

    Each list begins with the earliest period; numbers are exact. What the record gives itself need
    not be gathered: ``{**gather(...), **facts}``.

    Raises :class:`~kpirules.errors.InputError` with all problems: periods without a result, values
    that an input does not allow, two results of one period, a result of another ruleset, a stored
    result that cannot be read. Raises ``ValueError`` for a period that is not one, or not of the
    ruleset's kind, and :class:`~kpirules.errors.RulesetError` for an unsound rubric.

    >>> from kpirules import evaluate, loads
    >>> from kpirules.cohort import gather
    >>> month = loads('''
    ... schema = 1
    ... id = "month"
    ... period = "month"
    ... criterion = [{ id = "work", weight = 100 }]
    ... ''')
    >>> quarter = loads('''
    ... schema = 1
    ... id = "quarter"
    ... period = "quarter"
    ... [inputs.months]
    ... type = "number"
    ... many = true
    ... range = "0..100"
    ... history = { rubric = "month", take = "total", each = "month", window = "inside" }
    ... [total]
    ... formula = "mean(months)"
    ... ''')
    >>> past = {f"2025-0{i}": evaluate(month, {"work": 60 + i}) for i in (1, 2, 3)}
    >>> record = gather(quarter, "2025-Q1", past)
    >>> record, evaluate(quarter, record).total
    ({'months': [Exact('61'), Exact('62'), Exact('63')]}, Exact('62'))
    """
    program_of(rubric)
    of = checked_period(rubric, period, year_from)
    found, problems = gathered_from(rubric, of, results, year_from)
    if problems:
        raise InputError(rubric=rubric.id, problems=tuple(problems))
    return found


def checked_period(rubric: Rubric, period: str | Period, year_from: int) -> Period:
    """Return a period; raise ``ValueError`` if no record of the rubric is of it."""
    of = Period.parse(period)
    if rubric.period is not None and of.kind != rubric.period:
        raise MessageError(
            Message.of(
                "history.other-kind",
                period=str(of),
                kind=Message.of(f"rulebook-period.{rubric.period}"),
            )
        )
    if year_from not in range(1, _MONTHS + 1):
        raise MessageError(Message.of("history.year-from", month=brief(year_from)))
    return of


def gathered_from(
    rubric: Rubric,
    period: Period,
    results: Results | Stored,
    year_from: int,
    *,
    given: Collection[str] = (),
) -> tuple[dict[str, list[Item]], list[Problem]]:
    """Return what :func:`gather` returns, without what is ``given``, and all problems."""
    known, problems = _known(rubric, results, given)
    found, missing = gathered(
        rubric, period, lambda id_, each: known.get((id_, each), {}), year_from, given=given
    )
    return found, problems or missing


@attrs.frozen
class Taken:
    """What is taken of an earlier result."""

    rubric: str
    #: the values of names of the result
    values: Mapping[str, object]


#: results that were read before, or why one could not be read
Stored: TypeAlias = Iterable[tuple[Period, Taken | StoredResultError]]


def read_result(past: Past, names: Collection[str] | None = None) -> Taken | StoredResultError:
    """Return the values of a result, of ``names`` alone if they are given, or why it has none."""
    try:
        if isinstance(past, (str, bytes)):
            past = Result.from_json(past)
        result = past if isinstance(past, Result) else Result.from_dict(past)
    except StoredResultError as error:
        return error
    values = expected_from(result)
    kept = values if names is None else {n: values[n] for n in names if n in values}
    return Taken(result.rubric, kept)


def _known(
    rubric: Rubric, results: Results | Stored, given: Collection[str]
) -> tuple[dict[tuple[str, Period], Mapping[str, object]], list[Problem]]:
    """Return the values of results by ruleset and period, and the problems of the others."""
    asked: dict[str, list[str]] = {}
    for fact, history in histories(rubric.inputs):
        # results from which nothing is taken, since it is given, are not of another ruleset
        needed = asked.setdefault(history.rubric or rubric.id, [])
        needed += [fact.name] if fact.name not in given else []
    names = tuple(name for each in asked.values() for name in each)
    known: dict[tuple[str, Period], Mapping[str, object]] = {}
    problems: list[Problem] = []

    def reject(key: str, period: Period, inputs: tuple[str, ...], **params: object) -> None:
        reason = Message.of(f"problem.{key}", period=str(period), **params)
        problems.append(Problem(input="record", inputs=inputs, reason=reason))

    table: Any = results
    pairs: Iterable[tuple[str | Period, Past | Taken | StoredResultError]]
    pairs = table.items() if is_mapping(table) else table
    for text, past in pairs:
        period = Period.parse(text)
        result = past if isinstance(past, (Taken, StoredResultError)) else read_result(past)
        if isinstance(result, StoredResultError):
            reject("damaged-result", period, names, error=result)
        elif result.rubric not in asked:
            reject("other-ruleset", period, names, rubric=result.rubric, rulesets=tuple(asked))
        elif (inputs := tuple(asked[result.rubric])) and (result.rubric, period) in known:
            reject("two-results", period, inputs, rubric=result.rubric)
        else:
            known[result.rubric, period] = result.values
    return known, problems
