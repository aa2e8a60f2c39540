"""Check the inputs that are gathered from earlier results, and the earlier results of examples."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from kpirules._internal.display import similar
from kpirules.arithmetic.number import exact, multiple
from kpirules.checks.kinds import Kind, allowed_in_file, kinds
from kpirules.checks.references import unknown_fact
from kpirules.checks.registry import GATHERED, RUBRIC, check, reports
from kpirules.checks.structure import keys_in_quotes, wrong_value
from kpirules.compiler.domains import axis_of
from kpirules.diagnostics.finding import Finding
from kpirules.evaluation.record import RefusedError, reader_of
from kpirules.model.inputs import histories
from kpirules.model.periods import Period, is_empty_window
from kpirules.translations.message import Given, Message, Named


if TYPE_CHECKING:
    from collections.abc import Iterator

    from kpirules.arithmetic.decision_table import Axis
    from kpirules.compiler.plan import Plan
    from kpirules.diagnostics.finding import KeyPath
    from kpirules.model.inputs import History
    from kpirules.model.rubric import Example, Input, Rubric


@check(
    "window-empty",
    phase=RUBRIC,
    severity="error",
    title="a history whose window has no period",
)
@reports("unknown-name")
@reports("value")
def history_shape(rubric: Rubric) -> Iterator[Finding]:
    """Find histories that do not fit their input, their ruleset, or the name that they take."""
    known = kinds(rubric)
    for fact, history in histories(rubric.inputs):
        path: KeyPath = ("inputs", fact.name, "history")
        if not fact.many:
            yield wrong_value(
                path,
                Message.of("finding.value_history-many"),
                Message.of("advice.value_history-many", key="many = true"),
            )
        if history.is_of(rubric.id):
            yield from _take(fact, history, known, (*path, "take"))
        yield from _missing(fact, history, (*path, "missing"))
        if _is_empty(history, rubric):
            yield Finding(
                code="window-empty",
                reason=Message.of("finding.window-empty", window=Given(history.window)),
                advice=Message.of("advice.window-empty"),
                path=(*path, "window"),
            )


def _is_empty(history: History, rubric: Rubric) -> bool:
    """Check whether the window of a history has no period in any record."""
    if rubric.period is None:
        # of each period of a record, only those within itself are known
        return history.each is None and history.window == "inside"
    return is_empty_window(rubric.period, history.each or rubric.period, history.window)


def _take(
    fact: Input, history: History, known: dict[str, Kind], path: KeyPath
) -> Iterator[Finding]:
    """Check that results of the ruleset have the value that is taken, and that it is of a kind."""
    if history.take not in known:
        yield unknown_fact(history.take, known, path)
        return
    wanted, kind = known[fact.name].of_item.what, known[history.take].what
    if kind != wanted:
        yield wrong_value(
            path,
            Message.of(
                "finding.value_history-kind",
                taken=Named(history.take),
                kind=Message.of(f"kind.{kind}"),
                name=Named(fact.name),
                wanted=Message.of(f"kind.{wanted}"),
            ),
        )


def _missing(fact: Input, history: History, path: KeyPath) -> Iterator[Finding]:
    """Check that the input allows the number that stands for a period without a result."""
    if isinstance(history.missing, str):
        return
    try:
        reader_of(attrs.evolve(fact, many=False, history=None)).read(history.missing)
    except RefusedError as error:
        yield wrong_value(
            path,
            Message.of("finding.value_history-missing", value=history.missing, reason=error.reason),
            Message.of(
                "problem-text.allowed",
                allowed=allowed_in_file(attrs.evolve(fact, many=False)),
            ),
        )


# ---------------------------------------------------------------- examples


@check("value", phase=RUBRIC)
@reports("unknown-name")
def examples_in_time(rubric: Rubric) -> Iterator[Finding]:
    """Find periods and earlier results of examples that no input is gathered from."""
    for e, example in enumerate(rubric.examples):
        path: KeyPath = ("example", e)
        if example.period is None:
            if example.history:
                yield wrong_value(
                    (*path, "history"),
                    Message.of("finding.value_no-period"),
                    Message.of("advice.value_no-period", key='period = "2025-03"'),
                )
            continue
        kind = Period.parse(example.period).kind
        if rubric.period is not None and kind != rubric.period:
            yield wrong_value(
                (*path, "period"),
                Message.of(
                    "finding.value_other-period",
                    period=Message.of(f"rulebook-period.{rubric.period}"),
                    kind=Message.of(f"rulebook-period.{kind}"),
                ),
            )
        yield from _past(rubric, example, path)


def _past(rubric: Rubric, example: Example, path: KeyPath) -> Iterator[Finding]:
    """Find values of earlier results that no input takes."""
    taken = tuple(dict.fromkeys(history.take for _, history in histories(rubric.inputs)))
    for name, _ in example.history:
        period, _, inner = name.partition(".")
        if inner in taken:
            continue
        near = similar(inner, taken)
        yield Finding(
            code="unknown-name",
            reason=Message.of("finding.unknown-name_history", name=Given(inner)),
            advice=Message.of("problem-text.suggestion", name=near)
            if near
            else Message.of("advice.unknown-name_history", names=taken)
            if taken
            else Message.of("advice.value_remove", keys=keys_in_quotes(("history",), "list.or")),
            suggestion=near,
            path=(*path, "history", period, *inner.split(".")),
        )


# ---------------------------------------------------------------- values


@check(
    "gathered-range",
    phase=GATHERED,
    severity="error",
    title="a gathered value that its input does not allow",
)
@reports(
    "history-unknown",
    severity="warning",
    title="gathered values of which it is not known whether their input allows them",
)
def gathered_values(plan: Plan) -> Iterator[Finding]:
    """Find histories whose values may lie outside of their input."""
    known = kinds(plan.rubric)
    for fact, history in histories(plan.rubric.inputs):
        path: KeyPath = ("inputs", fact.name, "history", "take")
        if not history.is_of(plan.rubric.id):
            yield _unknown("finding.history-unknown_rubric", history, fact, path)
        elif history.take in known and known[history.take].what == known[fact.name].items:
            kind = known[history.take]
            yield from _options(fact, history, kind, path)
            if kind.what == "number":
                yield from _numbers(fact, history, plan, path)


def _unknown(key: str, history: History, fact: Input, path: KeyPath) -> Finding:
    """Return the finding about values that are not known."""
    return Finding(
        code="history-unknown",
        reason=Message.of(key, taken=Named(history.take), rubric=history.rubric or ""),
        advice=Message.of(
            "advice.history-unknown", allowed=allowed_in_file(attrs.evolve(fact, many=False))
        ),
        path=path,
    )


def _outside(fact: Input, history: History, value: object, path: KeyPath) -> Finding:
    """Return the finding about values that an input does not allow."""
    return Finding(
        code="gathered-range",
        reason=Message.of(
            "finding.gathered-range",
            taken=Named(history.take),
            value=value,
            name=Named(fact.name),
        ),
        advice=Message.of(
            "advice.gathered-range", allowed=allowed_in_file(attrs.evolve(fact, many=False))
        ),
        path=path,
    )


def _options(fact: Input, history: History, kind: Kind, path: KeyPath) -> Iterator[Finding]:
    """Find texts that are not options of the input."""
    options = {option.code for option in fact.options}
    more = tuple(text for text in kind.options if text not in options)
    if more:
        yield _outside(fact, history, more, path)


def _numbers(fact: Input, history: History, plan: Plan, path: KeyPath) -> Iterator[Finding]:
    """Find numbers outside of the range of the input, or between its steps."""
    allowed, axis = axis_of(fact), _axis(history.take, plan)
    low, high = axis.domain.low, axis.domain.high
    is_given = history.take in plan.scope.inputs
    lacks_low = low is None and allowed.domain.low is not None
    lacks_high = high is None and allowed.domain.high is not None
    lacks_step = axis.step is None and allowed.step is not None
    if not is_given and (lacks_low or lacks_high or lacks_step):
        yield _unknown("finding.history-unknown", history, fact, path)
    elif not allowed.domain.covers(axis.domain):
        yield _outside(fact, history, axis.domain, path)
    elif allowed.step is not None and (lacks_step or not multiple(axis.step or 0, allowed.step)):
        key = Message.of("finding.gathered-range_step", step=exact(axis.step or 0))
        reason = Message.of("finding.gathered-range_any") if axis.step is None else key
        yield _outside(fact, history, reason, path)


def _axis(name: str, plan: Plan) -> Axis:
    """Return the numbers that a name of a result may have, up to the ends of their grid."""
    axis = plan.scope.axes[name]
    domain = None if axis.step is None else axis.domain.on_grid(axis.step)
    return attrs.evolve(axis, domain=domain or axis.domain)
