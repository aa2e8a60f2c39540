"""The registry of checks: which codes a check reports, and in which phase it runs.

A check registers itself: ``@check`` adds it to a phase, and names a code that it reports;
``@reports`` names a further one, or those of a function that the runner calls by name. The first
decorator that names a code defines its severity and its title.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Generic, TypeVar

import attrs

from kpirules.diagnostics.finding import CODES, register


if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from kpirules.compiler.criteria import CompiledCriterion
    from kpirules.compiler.plan import Plan
    from kpirules.compiler.quantities import CompiledQuantity
    from kpirules.diagnostics.finding import Code, Finding, Severity
    from kpirules.model.rubric import Rubric


_P = TypeVar("_P")
_F = TypeVar("_F", bound="Callable[..., Any]")


@attrs.define(eq=False)
class Phase(Generic[_P]):
    """A step of checking a rubric, with the checks that run in it, all of one kind of part."""

    checks: tuple[Callable[[_P], Iterator[Finding]], ...] = ()


#: checks of the rubric alone: errors; the parts that they name are too invalid to compile
RUBRIC: Phase[Rubric] = Phase()
WEIGHTS: Phase[Plan] = Phase()
#: checks of inputs that are gathered from results of the rubric
GATHERED: Phase[Plan] = Phase()
#: checks of every quantity
QUANTITIES: Phase[CompiledQuantity] = Phase()
#: checks of quantities whose range `check` proves: not of derived facts, whose range a record must
#: keep, and not of the total, whose reachable values are checked instead
RANGES: Phase[CompiledQuantity] = Phase()
#: checks of the points of each criterion
POINTS: Phase[CompiledCriterion] = Phase()
#: checks of totals and tiers
TIERS: Phase[Plan] = Phase()

#: warnings and notes, which only :func:`kpirules.check` reports: a rubric that has them can be
#: evaluated
POINTS_ADVICE: Phase[CompiledCriterion] = Phase()
TIERS_ADVICE: Phase[Plan] = Phase()
USES: Phase[Rubric] = Phase()
TEXTS: Phase[Rubric] = Phase()

#: the codes that each function reports, by its decorators
REPORTED: dict[Callable[..., Any], tuple[str, ...]] = {}


def check(
    code: str, *, phase: Phase[_P], severity: Severity | None = None, title: str = ""
) -> Callable[[Callable[[_P], Iterator[Finding]]], Callable[[_P], Iterator[Finding]]]:
    """Return the decorator that adds a check to a phase, with a code that it reports."""

    def added(function: Callable[[_P], Iterator[Finding]]) -> Callable[[_P], Iterator[Finding]]:
        phase.checks += (function,)
        return reports(code, severity=severity, title=title)(function)

    return added


def reports(code: str, *, severity: Severity | None = None, title: str = "") -> Callable[[_F], _F]:
    """Return the decorator that names a code that a function reports."""
    if severity is not None:
        register(code, severity, title)

    def noted(function: _F) -> _F:
        REPORTED[function] = (code, *REPORTED.get(function, ()))
        return function

    return noted


def codes() -> tuple[Code, ...]:
    """Return every kind of finding, sorted by its code."""
    return tuple(sorted(CODES.values(), key=lambda each: each.code))
