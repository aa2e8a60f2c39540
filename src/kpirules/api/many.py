"""The public ``evaluate_many``: records one after the other, from any iterable."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date
from typing import Any, Literal, TypeVar, overload

from kpirules._internal.display import brief
from kpirules._internal.typeguards import is_mapping
from kpirules.api.evaluate import compiled
from kpirules.errors import InputError, Problem
from kpirules.evaluation.program import OnResult, Program
from kpirules.evaluation.quotas import one_by_one
from kpirules.evaluation.result import Result
from kpirules.model.rubric import Rubric
from kpirules.registry.protocol import Source
from kpirules.translations.message import Message


_K = TypeVar("_K")
_Record = Mapping[str, object]


@overload
def evaluate_many(
    rubric: Rubric | str,
    records: Iterable[_Record],
    *,
    on_error: Literal["raise"] = "raise",
    key: None = None,
    on: date | str | None = None,
    sources: Iterable[Source] | None = None,
    on_result: OnResult | None = None,
) -> Iterator[Result]: ...


@overload
def evaluate_many(
    rubric: Rubric | str,
    records: Iterable[_Record],
    *,
    on_error: Literal["return"],
    key: None = None,
    on: date | str | None = None,
    sources: Iterable[Source] | None = None,
    on_result: OnResult | None = None,
) -> Iterator[Result | InputError]: ...


@overload
def evaluate_many(
    rubric: Rubric | str,
    records: Iterable[_Record],
    *,
    on_error: Literal["raise"] = "raise",
    key: Callable[[_Record], _K],
    on: date | str | None = None,
    sources: Iterable[Source] | None = None,
    on_result: OnResult | None = None,
) -> Iterator[tuple[_K, Result]]: ...


@overload
def evaluate_many(
    rubric: Rubric | str,
    records: Iterable[_Record],
    *,
    on_error: Literal["return"],
    key: Callable[[_Record], _K],
    on: date | str | None = None,
    sources: Iterable[Source] | None = None,
    on_result: OnResult | None = None,
) -> Iterator[tuple[_K, Result | InputError]]: ...


@overload
def evaluate_many(
    rubric: Rubric | str,
    records: Iterable[_Record],
    *,
    on_error: Literal["raise"] = "raise",
    key: str,
    on: date | str | None = None,
    sources: Iterable[Source] | None = None,
    on_result: OnResult | None = None,
) -> Iterator[tuple[Any, Result]]: ...


@overload
def evaluate_many(
    rubric: Rubric | str,
    records: Iterable[_Record],
    *,
    on_error: Literal["return"],
    key: str,
    on: date | str | None = None,
    sources: Iterable[Source] | None = None,
    on_result: OnResult | None = None,
) -> Iterator[tuple[Any, Result | InputError]]: ...


def evaluate_many(
    rubric: Rubric | str,
    records: Iterable[_Record],
    *,
    on_error: Literal["raise", "return"] = "raise",
    key: Callable[[_Record], object] | str | None = None,
    on: date | str | None = None,
    sources: Iterable[Source] | None = None,
    on_result: OnResult | None = None,
) -> Iterator[object]:
    """Evaluate records one after the other, as they are asked for.

    Parameters: ``rubric``, ``on``, ``sources`` and ``on_result`` as of :func:`~kpirules.evaluate`;
    ``records``, any iterable of records, also an endless one; ``on_error``, ``"raise"`` (a rejected
    record raises its :class:`~kpirules.errors.InputError`, with the number of the record as a note)
    or ``"return"`` (the error takes the place of the result); ``key``, what identifies a record: a
    function of the record, or the name of a field. A field that the rubric does not know is taken
    out of the record; a record without the field is rejected.

    Yields an outcome for each record, in order: a :class:`~kpirules.evaluation.result.Result` or an
    :class:`~kpirules.errors.InputError`; with ``key``, the key and the outcome.

    Raises at once, before any record is read, what :func:`~kpirules.evaluate` raises for a rubric;
    ``ValueError`` for an unknown ``on_error``; ``TypeError`` for ``records`` that are one record.

    >>> from kpirules import evaluate_many, loads
    >>> rubric = loads('''
    ... schema = 1
    ... id = "tiny"
    ... criterion = [{ id = "work", weight = 100 }]
    ... ''')
    >>> people = [{"person": "A", "work": 70}, {"person": "B", "work": 101}]
    >>> for person, outcome in evaluate_many(rubric, people, key="person", on_error="return"):
    ...     print(person, outcome)
    A <Result tiny: 70 of 100>
    B tiny: 1 problem in the record
      work = 101: is not an allowed rating; allowed: 0 to 100
    """
    if on_error not in ("raise", "return"):
        raise ValueError(f'on_error: expected "raise" or "return", not {brief(on_error)}')
    if key is not None and not isinstance(key, str) and not callable(key):
        raise TypeError(f"key: expected a function or the name of a field, not {brief(key)}")
    kind: type = type(records)
    if issubclass(kind, (Mapping, str, bytes)) or not issubclass(kind, Iterable):
        name = kind.__name__
        raise TypeError(f"records: expected an iterable of records, not a value of type {name}")
    program = compiled(rubric, on, sources, on_result)
    one_by_one(program.rubric)
    return _outcomes(program, records, key, raises=on_error == "raise")


def _outcomes(
    program: Program,
    records: Iterable[_Record],
    key: Callable[[_Record], object] | str | None,
    *,
    raises: bool,
) -> Iterator[object]:
    """Yield the outcome of each record, with its key if one is asked for."""
    for number, record in enumerate(records, 1):
        found, outcome = _evaluated(program, record, key)
        if raises and isinstance(outcome, InputError):
            about = f"record {number}" if key is None else f"record {number}, key {brief(found)}"
            outcome.add_note(about)
            raise outcome
        yield outcome if key is None else (found, outcome)


def _evaluated(
    program: Program, record: _Record, key: Callable[[_Record], object] | str | None
) -> tuple[object, Result | InputError]:
    """Return the key of a record, and its outcome."""
    if not isinstance(key, str) or not is_mapping(record):
        return key(record) if callable(key) else None, _outcome(program, record)
    found = record.get(key)
    if key not in program.names:
        record = {name: value for name, value in record.items() if name != key}
    outcome = _outcome(program, record)
    if found is None:
        unknown = Problem(input=key, reason=Message.of("problem.missing"))
        others = outcome.problems if isinstance(outcome, InputError) else ()
        if not any(problem.input == key for problem in others):
            others = (unknown, *others)
        outcome = InputError(rubric=program.rubric.id, problems=others)
    return found, outcome


def _outcome(program: Program, record: _Record) -> Result | InputError:
    """Return the result of a record, or its error."""
    try:
        return program.evaluate(record)
    except InputError as error:
        # without the frames, which hold the record
        return error.with_traceback(None)
