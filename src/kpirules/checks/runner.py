"""Check whether a rubric is sound: run every registered check, and collect the findings."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, TypeVar

import attrs

from kpirules.arithmetic.budget import TooLargeError
from kpirules.checks import bands, structure, tiers, unused, worked_examples
from kpirules.checks.guarded import asked, failed
from kpirules.checks.invalidated import NOTHING, Broken, invalidated_by
from kpirules.checks.registry import (
    GATHERED,
    POINTS,
    POINTS_ADVICE,
    QUANTITIES,
    RANGES,
    RUBRIC,
    TEXTS,
    TIERS,
    TIERS_ADVICE,
    USES,
    WEIGHTS,
)
from kpirules.checks.search import Suspicion
from kpirules.checks.witnesses import settled
from kpirules.compiler.criteria import CompiledCriterion
from kpirules.compiler.plan import Plan
from kpirules.diagnostics.finding import Finding
from kpirules.errors import RulesetError, expect
from kpirules.model.dependencies import BEFORE, GATES
from kpirules.model.labels import labels_in_findings, options_of
from kpirules.model.language import place_of
from kpirules.model.names import Refusal
from kpirules.model.rubric import Derived, Rubric
from kpirules.translations.message import Message


if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from kpirules.compiler.quantities import CompiledQuantity
    from kpirules.diagnostics.finding import KeyPath


_Q = TypeVar("_Q", bound="CompiledQuantity")


def check(rubric: Rubric) -> tuple[Finding, ...]:
    """Return all findings about a rubric: errors, warnings and notes.

    Each finding has a code (see :data:`kpirules.diagnostics.finding.CODES`); its place by ids, and,
    if the rubric was read from a text, by file, line and column; a message; if inputs can show it,
    the smallest that do (its witness); and the ruling that accepts it, if there is one. A rubric
    without an error evaluates every record with allowed inputs. Raises :class:`TypeError` for an
    argument that is not a :class:`Rubric`.

    >>> from kpirules import check, load
    >>> [(f.code, f.place, f.accepted_by) for f in check(load("customer-service"))][0]
    ('rating-gap', 'section.ability.skill', 'T4')
    """
    expect(rubric, Rubric, "check: expected a Rubric")
    return findings_of(rubric)


def findings_of(
    rubric: Rubric,
    found: tuple[Finding, ...] = (),
    lost: tuple[KeyPath, ...] = (),
    *,
    with_advice: bool = True,
) -> tuple[Finding, ...]:
    """Check a rubric, given what was ``found`` while its text was read, and the ``lost`` parts.

    ``with_advice``: return warnings and notes as well as errors.
    """
    try:
        proofs = _proofs(rubric, found, lost, with_advice=with_advice)
        every = proofs.findings
        if with_advice and proofs.plan is not None:
            every = _beside(proofs.plan, proofs, lost)
    except Exception as error:  # noqa: BLE001 - a fault of kpirules is reported, not raised
        every = [*found, failed(error)]
    return _in_text(_placed(every, rubric), rubric)


def proved(rubric: Rubric) -> Plan:
    """Return the plan of a rubric in which every record has one result.

    Raises :class:`~kpirules.errors.RulesetError` with all errors of an unsound rubric. Examples
    prove nothing about other records: they run when a file is checked, and not at each load.
    """
    plan: Plan | None = None
    try:
        proofs = _proofs(rubric, (), (), with_advice=False)
        every, plan = proofs.findings, proofs.plan
    except Exception as error:  # noqa: BLE001 - as above
        every = [failed(error)]
    if plan is None or not _is_sound(every):
        raise RulesetError(findings=_in_text(_placed(every, rubric), rubric))
    return plan


class _Proofs(NamedTuple):
    """The result of the proofs about a rubric."""

    findings: list[Finding]
    #: None of a rubric that is too large to compile
    plan: Plan | None
    #: the parts that are too invalid to check
    invalid: Broken


def _proofs(
    rubric: Rubric, found: tuple[Finding, ...], lost: tuple[KeyPath, ...], *, with_advice: bool
) -> _Proofs:
    """Check a rubric for errors, as far as its parts are valid."""
    every = [*found, *structure.sizes(rubric)]
    if len(every) > len(found):
        return _Proofs(findings=every, plan=None, invalid=NOTHING)
    about = [finding for ask in RUBRIC.checks for finding in asked(ask, rubric)]
    if lost:
        without = invalidated_by(rubric, (), lost)
        # the lost parts, and all parts that contain them
        gone = {path[:end] for path in lost for end in range(len(path) + 1)}
        about = [f for f in about if not _is_about_lost(f, gone, without)]
    every += about
    invalid = invalidated_by(rubric, every, lost)
    plan = Plan(rubric, invalid.criteria, invalid.lost)
    if not invalid.weights:
        every += [finding for ask in WEIGHTS.checks for finding in asked(ask, plan)]
    about = [finding for ask in GATHERED.checks for finding in asked(ask, plan)]
    every += [f for f in about if with_advice or f.severity == "error"]
    every += settled(plan, suspicions_of(plan, invalid, with_advice=with_advice))
    return _Proofs(findings=every, plan=plan, invalid=invalid)


def _beside(plan: Plan, proofs: _Proofs, lost: tuple[KeyPath, ...]) -> list[Finding]:
    """Return all findings: of proofs, examples, uses and texts, with the accepted ones marked."""
    from kpirules.evaluation.program import Program  # noqa: PLC0415 - only to run examples

    rubric, invalid, every = plan.rubric, proofs.invalid, proofs.findings
    left = invalidated_by(rubric, every, lost)
    part = _valid_part(plan, left)
    found = [*every, *worked_examples.examples_hold(part, Program(part), left)]
    checks_of = (*(() if invalid.uses else USES.checks), *TEXTS.checks)
    found += [finding for ask in checks_of for finding in asked(ask, rubric)]
    return list(unused.accept(_placed(found, rubric), rubric, invalid.places(rubric)))


def _is_about_lost(finding: Finding, lost: set[KeyPath], without: Broken) -> bool:
    """Check whether a finding is about a lost part, or about the value that replaces it."""
    path = finding.path
    if finding.code == "nothing-scored":
        # what was lost may be scored
        return True
    if finding.code != "value":
        return False
    # of an input whose table was read in part: the rest of it, and conditions of bands on it
    around = {path[:end] for end in range(len(path) + 1)}
    asked = "when" in path and not around.isdisjoint(without.criteria)
    inside = path[:1] == ("inputs",) and path[1] in without.names
    return asked or inside or path in lost


def _is_sound(findings: Iterable[Finding]) -> bool:
    """Check whether there is no error."""
    return all(f.severity != "error" for f in findings)


def _valid_part(plan: Plan, invalid: Broken) -> Plan:
    """Compile the valid parts, by which records can be evaluated."""
    if invalid.whole:
        return plan
    inputs = tuple(f for f in plan.rubric.inputs if f.name not in invalid.names)
    without = invalid.criteria | invalid.nameless
    # a total that leads to nothing valid, such as one without a tier, is not evaluated
    lost = invalid.lost | {BEFORE} if GATES in invalid.lost else invalid.lost
    return Plan(attrs.evolve(plan.rubric, inputs=inputs), without, lost)


def _placed(findings: list[Finding], rubric: Rubric) -> tuple[Finding, ...]:
    """Add the place by ids and the labels of the rubric to each finding."""
    labels = labels_in_findings(rubric)
    options = {name: dict(codes) for name, codes in options_of(rubric)}
    return tuple(
        attrs.evolve(f, place=place_of(rubric, f.path), labels=labels, options=options)
        for f in findings
    )


def _in_text(findings: tuple[Finding, ...], rubric: Rubric) -> tuple[Finding, ...]:
    """Add the location in the rubric's text to each finding."""
    if rubric.origin is None or not findings:
        return findings
    from kpirules.toml.locate import place  # noqa: PLC0415 - only with a finding

    return place(findings, rubric.origin)


def suspicions_of(plan: Plan, invalid: Broken, *, with_advice: bool) -> Iterator[Suspicion]:
    """Yield what the proofs find about each quantity, and about totals and tiers."""
    for name, quantity in plan.quantities.items():
        yield from _run(name, quantity, QUANTITIES.checks)
        if isinstance(quantity, CompiledCriterion):
            beside = POINTS_ADVICE.checks if with_advice else ()
            yield from _run(name, quantity, (*POINTS.checks, *RANGES.checks, *beside))
        elif name != BEFORE and not isinstance(quantity.quantity, Derived):
            yield from _run(name, quantity, RANGES.checks)
    for index, gate in enumerate(plan.gates):
        name = str(Refusal(index)) if plan.rubric.gates[index].refuse else GATES
        if name not in plan.lost and plan.rubric.gates[index].missing == "error":
            yield from _run(name, gate, (bands.may_be_missing,))
    if not invalid.tiers:
        checks = (*TIERS.checks, *(TIERS_ADVICE.checks if with_advice else ()))
        for finding in (finding for ask in checks for finding in asked(ask, plan)):
            yield tiers.suspicion(plan, finding)


def _run(
    name: str, quantity: _Q, checks: Iterable[Callable[[_Q], Iterator[Finding]]]
) -> Iterator[Suspicion]:
    """Run checks on a quantity; report a table that is too large to decide."""
    try:
        for ask in checks:
            every = asked(ask, quantity, quantity.path)
            yield from (bands.suspicion(name, quantity, finding) for finding in every)
    except TooLargeError as error:
        finding = Finding(
            code="too-large",
            reason=Message.of("finding.too-large_bands", name=quantity.named, reason=error.reason),
            advice=Message.of("advice.too-large_bands"),
            path=(*quantity.path, "bands"),
        )
        yield Suspicion(finding=finding, name=name)
