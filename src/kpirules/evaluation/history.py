"""Inputs that are gathered from earlier results: their values, or what is missing."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

import attrs

from kpirules.arithmetic.number import Exact
from kpirules.errors import Problem
from kpirules.evaluation.record import RefusedError, reader_of, rejection
from kpirules.model.inputs import histories
from kpirules.model.labels import labels_of, source_of
from kpirules.model.periods import Period, window_of
from kpirules.translations.message import Message


if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping

    from kpirules.arithmetic.number import Number
    from kpirules.model.rubric import Example, Input, Rubric

    #: returns the values of the result of a ruleset (by its id) and a period, by name; empty if
    #: there is no result
    Look: TypeAlias = Callable[[str, Period], Mapping[str, object]]

#: a gathered value
Item: TypeAlias = Exact | str | bool


def gathered(
    rubric: Rubric,
    period: Period,
    look: Look,
    year_from: int = 1,
    *,
    given: Collection[str] = (),
) -> tuple[dict[str, list[Item]], list[Problem]]:
    """Return the values of the inputs with a history by name, and all problems of the others.

    ``given``: the names that the record gives itself, which are not gathered.
    """
    found: dict[str, list[Item]] = {}
    problems: list[Problem] = []
    labels = dict(labels_of(rubric))
    for fact, history in histories(rubric.inputs):
        if fact.name in given:
            continue
        items: list[Item] = []
        wrong: list[Problem] = []
        missing: list[Period] = []
        of = history.rubric or rubric.id
        for each in window_of(period, history.each or period.kind, history.window, year_from):
            value = look(of, each).get(history.take)
            if value is None and isinstance(history.missing, str):
                missing += [each] if history.missing == "error" else []
                continue
            taken = _item(fact, each, history.missing if value is None else value)
            if isinstance(taken, Problem):
                wrong.append(taken)
            else:
                items.append(taken)
        if missing:
            reason = Message.of(
                "problem.missing_periods",
                periods=tuple(map(str, missing)),
                source=source_of(history, labels),
            )
            wrong.append(Problem(input=fact.name, reason=reason, label=fact.label))
        if wrong:
            problems += wrong
        else:
            found[fact.name] = items
    return found, problems


def _item(fact: Input, period: Period, value: object) -> Item | Problem:
    """Return the value of a period, or the problem of one that the input does not allow."""
    reader = reader_of(attrs.evolve(fact, many=False, history=None))
    try:
        read: Number | str | bool = reader.read(value)  # type: ignore[assignment]  # is not a list
    except RefusedError as error:
        reason = Message.of("problem-part.period", reason=error.reason, period=str(period))
        return rejection(reader, value, reason)
    return read if isinstance(read, (str, bool)) else Exact(read)


def of_example(rubric: Rubric, example: Example) -> tuple[dict[str, object], list[Problem]]:
    """Return the record of an example: its ratings, and what is gathered for its period.

    What the ratings give is not gathered.
    """
    record: dict[str, object] = dict(example.ratings)
    if example.period is None:
        return record, []
    past: dict[str, dict[str, object]] = {}
    for name, value in example.history:
        text, _, inner = name.partition(".")
        past.setdefault(text, {})[inner] = value
    period = Period.parse(example.period)
    found, problems = gathered(
        rubric, period, lambda _, each: past.get(str(each), {}), given=record
    )
    return {**found, **record}, problems
