"""Check the declarations of inputs: type, options, range, step and default."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kpirules.arithmetic.range import Range, RangeSyntaxError
from kpirules.checks.kinds import allowed_in_file
from kpirules.checks.registry import RUBRIC, check
from kpirules.checks.structure import bare, wrong_value
from kpirules.compiler.domains import axis_of
from kpirules.evaluation.record import RefusedError, reader_of
from kpirules.model.vocabulary import NUMERIC
from kpirules.translations.message import Given, Joined, Keyword, Message


if TYPE_CHECKING:
    from collections.abc import Iterator

    from kpirules.diagnostics.finding import Finding, KeyPath
    from kpirules.model.rubric import Input, Rubric


@check("value", phase=RUBRIC)
def lists(rubric: Rubric) -> Iterator[Finding]:
    """Find lists with a default."""
    for fact in rubric.inputs:
        if fact.many and fact.default is not None:
            yield wrong_value(
                ("inputs", fact.name, "default"),
                Message.of("finding.value_list-default"),
                Message.of("advice.value_remove", keys=Keyword("default")),
            )


@check("value", phase=RUBRIC)
def input_shape(rubric: Rubric) -> Iterator[Finding]:
    """Find inputs whose options, range, step or default do not fit their type."""
    for fact in rubric.inputs:
        path: KeyPath = ("inputs", fact.name)
        numeric = fact.type in NUMERIC
        if fact.type == "choice" and not fact.options:
            yield wrong_value(
                path, Message.of("finding.value_no-options"), Message.of("advice.value_no-options")
            )
        if fact.type != "choice" and fact.options:
            yield _not_for(fact, "options", ("choice",))
        for key in ("range", "step"):
            if not numeric and getattr(fact, key) is not None:
                yield _not_for(fact, key, NUMERIC)
        if numeric:
            yield from _numeric(fact, path)
        if fact.type == "text" and fact.many:
            yield _not_for(fact, "many", (*NUMERIC, "choice", "flag"))
        for option in fact.options:
            if _reads_as_range(option.code) or option.code in ("missing", "otherwise"):
                yield wrong_value(
                    (*path, "options"),
                    Message.of("finding.value_option-code", option=Given(option.code)),
                    Message.of("advice.value_option-code"),
                )


def _not_for(fact: Input, key: str, types: tuple[str, ...]) -> Finding:
    """Return the finding about a key that the type of an input does not have."""
    return wrong_value(
        ("inputs", fact.name, key),
        Message.of(
            "finding.value_key-of-type",
            key=bare(key),
            types=Joined(tuple(Keyword(each, of="type") for each in types), "list.or"),
            type=Keyword(fact.type, of="type"),
        ),
        Message.of("advice.value_key-of-type", key=bare(key)),
    )


def _numeric(fact: Input, path: KeyPath) -> Iterator[Finding]:
    """Check the range and step of a number."""
    axis = axis_of(fact)
    whole = fact.type == "count"
    if whole and fact.step is not None and fact.step != int(fact.step):
        yield wrong_value((*path, "step"), Message.of("finding.value_count-step", step=fact.step))
    elif fact.range is not None and (
        axis.domain.meet(fact.range) is None or axis.domain.least(axis.step) is None
    ):
        yield wrong_value(
            (*path, "range"),
            Message.of("finding.value_empty-range_count", range=fact.range)
            if whole and axis.step == 1
            else Message.of("finding.value_empty-range_step", range=fact.range, step=axis.step),
            Message.of("advice.value_empty-range"),
        )


@check("value", phase=RUBRIC)
def default_fits(rubric: Rubric) -> Iterator[Finding]:
    """Find defaults that their own input would reject."""
    for fact in rubric.inputs:
        if fact.default is None or fact.many:
            continue
        try:
            reader_of(fact).read(fact.default)
        except RefusedError as error:
            yield wrong_value(
                ("inputs", fact.name, "default"),
                Message.of("finding.value_default", value=Given(fact.default), reason=error.reason),
                Message.of("problem-text.allowed", allowed=allowed_in_file(fact)),
            )


def _reads_as_range(code: str) -> bool:
    """Check whether an option's code could be read as a range in a ``when``."""
    try:
        Range.parse(code)
    except RangeSyntaxError:
        return False
    return True
