"""The public ``evaluate_cohort``: records that depend on each other."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import date
from typing import Any, Literal

import attrs

from kpirules._internal.display import brief
from kpirules._internal.typeguards import is_mapping
from kpirules.api.evaluate import compiled
from kpirules.arithmetic.number import describe
from kpirules.cohort.keys import text_of_key
from kpirules.errors import InputError, Problem
from kpirules.evaluation.cohort import GroupRow, Together, evaluate_together
from kpirules.evaluation.record import flat, is_missing
from kpirules.evaluation.result import Result
from kpirules.model.rubric import Rubric
from kpirules.registry.protocol import Source
from kpirules.translations.message import Message


_Record = Mapping[str, object]


@attrs.frozen(kw_only=True)
class CohortResult:
    """The outcome of records that were evaluated together: see :func:`evaluate_cohort`.

    >>> from kpirules import evaluate_cohort, loads
    >>> rubric = loads('''
    ... schema = 1
    ... id = "shop"
    ... inputs.place = { type = "count", cohort = { rank = "total", ties = "best" } }
    ... criterion = [{ id = "work", weight = 100 }]
    ... outcome.bonus = { formula = "max(60 - 10 * place, 0)" }
    ... ''')
    >>> cohort = evaluate_cohort(rubric, {"li": {"work": 70}, "wu": {"work": 85}})
    >>> {key: result.outcomes["bonus"] for key, result in cohort.results.items()}
    {'li': Exact('40'), 'wu': Exact('50')}
    """

    #: the results by key, in the order of the records
    results: dict[str, Result]
    #: the errors of the rejected records by key, in the order of the records
    refused: dict[str, InputError]
    #: a row for each gathered input and group
    groups: tuple[GroupRow, ...]


def evaluate_cohort(
    rubric: Rubric | str,
    records: Mapping[str, _Record] | Iterable[_Record],
    *,
    key: Callable[[_Record], object] | str | None = None,
    common: _Record | None = None,
    on_error: Literal["raise", "keep"] = "raise",
    on: date | str | None = None,
    sources: Iterable[Source] | None = None,
) -> CohortResult:
    """Evaluate records together: first what inputs with a ``cohort`` gather from all, then each.

    Parameters: ``rubric``, ``on`` and ``sources`` as of :func:`~kpirules.evaluate`; ``records``, a
    table of records by key, or with ``key`` an iterable of records; ``key``, what identifies a
    record: a function of the record, or the name of a field (one that the rubric does not know is
    taken out of the record); ``common``, names and values that each record has, such as a budget;
    ``on_error``, ``"raise"`` (a rejected record raises its error, with the key as a note) or
    ``"keep"`` (its error is in ``refused``).

    A record that gives the value of a gathered input itself is taken at its word. A rejected record
    blocks its groups: the others of a group are rejected, too, with its key. Nothing depends on
    the order of the records. Each result is that of :func:`~kpirules.evaluate` for the record with
    what was gathered for it (``result.inputs``).

    Raises :class:`~kpirules.errors.InputError` for no records, for keys that are missing or that
    two records have, and with ``on_error="raise"`` for a rejected record;
    :class:`~kpirules.errors.RulesetError` for an unsound rubric; ``TypeError`` or ``ValueError``
    for other arguments of a wrong kind.

    >>> from kpirules import evaluate_cohort, loads
    >>> rubric = loads('''
    ... schema = 1
    ... id = "bids"
    ... inputs.price = { type = "number", range = "> 0" }
    ... inputs.least = { type = "number", range = "> 0", cohort = { formula = "min(price)" } }
    ... outcome.rate = { formula = "least / price" }
    ... ''')
    >>> bids = [{"firm": "A", "price": 10000}, {"firm": "B", "price": 8000}]
    >>> cohort = evaluate_cohort(rubric, bids, key="firm")
    >>> cohort.results["A"].outcomes["rate"], cohort.results["A"].inputs["least"]
    (Exact('0.8'), 8000)
    """
    if on_error not in ("raise", "keep"):
        raise ValueError(f'on_error: expected "raise" or "keep", not {brief(on_error)}')
    program = compiled(rubric, on, sources)
    keyed = _by_key(program.rubric.id, program.names, records, key)
    named, wrong = with_common(keyed, common)
    found = evaluate_together(program.evaluator, program.score, named, wrong)
    if on_error == "raise" and found.refused:
        raise _first(found)
    return CohortResult(results=found.results, refused=found.refused, groups=found.groups)


def _first(found: Together) -> InputError:
    """Return the error of the first record that is rejected for its own values."""
    key = (*found.causes, *found.refused)[0]
    error = found.refused[key]
    error.add_note(f"key {brief(key)}; rejected records: {len(found.refused)}")
    return error


def _by_key(
    rubric: str,
    names: tuple[str, ...],
    records: Mapping[str, _Record] | Iterable[_Record],
    key: Callable[[_Record], object] | str | None,
) -> dict[str, _Record]:
    """Return records by their keys; raise :class:`InputError` for keys that are none."""
    pairs = _pairs(names, records, key)
    problems: list[Problem] = []
    made: dict[str, _Record] = {}
    counts: dict[str, int] = {}
    for number, (found, record) in enumerate(pairs, 1):
        text = text_of_key(found)
        if not text:
            reason = Message.of("problem.missing_key", number=number)
            problems.append(Problem(input="record", reason=reason))
        if not is_mapping(record):
            raise TypeError(f"records: expected tables of names, not {brief(record)}")
        counts[text] = counts.get(text, 0) + 1
        made[text] = record
    for text, count in counts.items():
        if count > 1 and text:
            reason = Message.of("problem.key-twice", key=text, count=count)
            problems.append(Problem(input="record", reason=reason))
    if not pairs:
        problems.append(Problem(input="record", reason=Message.of("problem.empty-cohort")))
    if problems:
        raise InputError(rubric=rubric, problems=tuple(problems))
    return made


def _pairs(
    names: tuple[str, ...],
    records: Mapping[str, _Record] | Iterable[_Record],
    key: Callable[[_Record], object] | str | None,
) -> list[tuple[object, _Record]]:
    """Return records with what shall be their keys."""
    given: Any = records
    if key is None:
        if not is_mapping(given):
            raise TypeError("records: expected a table of records by key, or key as well")
        return [*given.items()]
    if is_mapping(given):
        raise TypeError("records: expected an iterable of records, since key is given")
    return [_keyed(record, key, names) for record in given]


def _keyed(
    record: _Record, key: Callable[[_Record], object] | str, names: tuple[str, ...]
) -> tuple[object, _Record]:
    """Return the key of a record, and the record without a field that is nothing but the key."""
    if not isinstance(key, str):
        return key(record), record
    if not is_mapping(record):
        return None, record
    if key in names:
        return record.get(key), record
    return record.get(key), {name: value for name, value in record.items() if name != key}


def with_common(
    records: Mapping[str, _Record], common: _Record | None
) -> tuple[dict[str, _Record], dict[str, list[Problem]]]:
    """Return records with what is common to all, and the problems of those that say otherwise."""
    every = dict(flat(common or {}))
    made: dict[str, _Record] = {}
    wrong: dict[str, list[Problem]] = {}
    for key, record in records.items():
        own = dict(flat(record))
        for name, value in every.items():
            mine = own.get(name)
            if not is_missing(mine) and mine != value:
                reason = Message.of("problem.given-twice", other=describe(value))
                wrong.setdefault(key, []).append(Problem(input=name, value=mine, reason=reason))
        made[key] = {
            **every,
            **{n: v for n, v in own.items() if not is_missing(v) or n not in every},
        }
    return made, wrong
