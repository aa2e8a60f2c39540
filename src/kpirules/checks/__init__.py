"""Whether a rubric is sound: one small function a kind of finding, in a registry."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

import attrs

from kpirules.checks import bands, gates, names, shape, totals, uses, weights, worked
from kpirules.checks.broken import NOTHING, Broken, what_is_broken
from kpirules.checks.guarded import asked, failed
from kpirules.checks.search import Suspicion
from kpirules.checks.witnesses import settled
from kpirules.criteria import CriterionPlan
from kpirules.errors import RulesetError, expect
from kpirules.findings import Finding, place_of
from kpirules.model import Derived, Rubric
from kpirules.order import BEFORE, GATES, refusal
from kpirules.partition import TooLargeError
from kpirules.plan import Plan


if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from kpirules.findings import KeyPath
    from kpirules.quantities import QuantityPlan


_Q = TypeVar("_Q", bound="QuantityPlan")

#: asked of the rubric alone: errors; what they touch is too broken for a plan
OF_THE_RUBRIC: tuple[Callable[[Rubric], Iterator[Finding]], ...] = (
    names.duplicate_ids,
    names.reserved_ids,
    names.unknown_names,
    names.formulas,
    names.refusals,
    names.cycles,
    shape.one_way,
    shape.all_or_no_when,
    shape.limits,
    shape.texts_alone,
    shape.lists,
    shape.weights_given,
    shape.criteria_outside,
    shape.input_shape,
    shape.default_fits,
    shape.tier_outcomes,
    shape.gates,
    shape.raters,
    worked.expected_names,
)

#: asked of the plan, or of each criterion's: about weights, about bands, about totals and tiers
OF_THE_WEIGHTS: tuple[Callable[[Plan], Iterator[Finding]], ...] = (
    weights.weights_sum,
    weights.section_sum,
)
#: asked of every quantity, whatever it is the quantity of
OF_THE_QUANTITIES: tuple[Callable[[QuantityPlan], Iterator[Finding]], ...] = (
    bands.band_cover,
    bands.entries_on_grid,
    bands.divisors,
    bands.may_be_missing,
)
#: asked of those whose range `check` proves: a derived fact's is the record's to keep, and the
#: total's is asked of the totals that can occur
OF_THE_RANGES: tuple[Callable[[QuantityPlan], Iterator[Finding]], ...] = (bands.values_in_range,)
OF_THE_POINTS: tuple[Callable[[CriterionPlan], Iterator[Finding]], ...] = (
    bands.award_ranges,
    bands.stand_ins,
    bands.rater_means,
)
OF_THE_TIERS: tuple[Callable[[Plan], Iterator[Finding]], ...] = (
    totals.total_range,
    totals.tier_cover,
)

#: warnings and notes, which :func:`check` asks as well: a rubric that has them can be evaluated
BESIDE_THE_BANDS: tuple[Callable[[CriterionPlan], Iterator[Finding]], ...] = (
    bands.rating_gaps,
    bands.monotone_bands,
)
BESIDE_THE_TIERS: tuple[Callable[[Plan], Iterator[Finding]], ...] = (
    totals.tiers_reached,
    totals.monotone_tiers,
    gates.gate_idle,
)
OF_THE_USES: tuple[Callable[[Rubric], Iterator[Finding]], ...] = (
    uses.unused_inputs,
    uses.unused_names,
)
OF_THE_TEXTS: tuple[Callable[[Rubric], Iterator[Finding]], ...] = (uses.labels,)


def check(rubric: Rubric) -> tuple[Finding, ...]:
    """Say everything that is wrong with a rubric, or may be: errors, warnings, notes.

    Each finding has a code (see :data:`kpirules.findings.CODES`), its place by ids, and, where the
    rubric was read from a text, by file, line and column; a message; where inputs can show it, the
    smallest that do (its witness); and the ruling that accepts it, if one does. A rubric without
    an error evaluates every record that its inputs admit.

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
    all_of_it: bool = True,
) -> tuple[Finding, ...]:
    """Check a rubric of whose text something was ``found``, and something ``lost``, already.

    ``all_of_it``: the warnings and notes as well as the errors.
    """
    try:
        proofs = _proofs(rubric, found, lost, all_of_it=all_of_it)
        every = proofs.findings
        if all_of_it and proofs.plan is not None:
            every = _beside(proofs.plan, proofs, lost)
    except Exception as error:  # noqa: BLE001 - a fault of kpirules is reported, not raised
        every = [*found, failed(error)]
    return _in_text(_placed(every, rubric), rubric)


def proved(rubric: Rubric) -> Plan:
    """Return the plan of a rubric in which every record has one result.

    :class:`~kpirules.errors.RulesetError` with all its errors for another. Examples say nothing
    about records other than theirs: they are run when a file is checked, and not at each load.
    """
    plan: Plan | None = None
    try:
        proofs = _proofs(rubric, (), (), all_of_it=False)
        every, plan = proofs.findings, proofs.plan
    except Exception as error:  # noqa: BLE001 - as above
        every = [failed(error)]
    if plan is None or not _is_sound(every):
        raise RulesetError(findings=_in_text(_placed(every, rubric), rubric))
    return plan


@attrs.frozen(kw_only=True)
class _Proofs:
    """What the proofs about a rubric found."""

    findings: list[Finding]
    #: None of a rubric that is too large for one
    plan: Plan | None
    #: what was too broken to be asked
    broken: Broken


def _proofs(
    rubric: Rubric, found: tuple[Finding, ...], lost: tuple[KeyPath, ...], *, all_of_it: bool
) -> _Proofs:
    """Prove what a rubric does, as far as it can be asked."""
    every = [*found, *shape.sizes(rubric)]
    if len(every) > len(found):
        return _Proofs(findings=every, plan=None, broken=NOTHING)
    about = [finding for ask in OF_THE_RUBRIC for finding in asked(ask, rubric)]
    if lost:
        without = what_is_broken(rubric, (), lost)
        about = [f for f in about if not _is_about_lost(f, lost, without)]
    every += about
    broken = what_is_broken(rubric, every, lost)
    plan = Plan(rubric, broken.criteria, broken.lost)
    if not broken.weights:
        every += [finding for ask in OF_THE_WEIGHTS for finding in asked(ask, plan)]
    every += settled(plan, _suspicions(plan, broken, all_of_it=all_of_it))
    return _Proofs(findings=every, plan=plan, broken=broken)


def _beside(plan: Plan, proofs: _Proofs, lost: tuple[KeyPath, ...]) -> list[Finding]:
    """Return all findings: those of the proofs, of examples, of uses and texts; some accepted."""
    from kpirules.program import Program  # noqa: PLC0415 - only to run examples

    rubric, broken, every = plan.rubric, proofs.broken, proofs.findings
    left = what_is_broken(rubric, every, lost)
    part = _part(plan, left)
    found = [*every, *worked.examples_hold(part, Program(part).evaluate, left)]
    checks_of = (*(() if broken.uses else OF_THE_USES), *OF_THE_TEXTS)
    found += [finding for ask in checks_of for finding in asked(ask, rubric)]
    return list(uses.accept(_placed(found, rubric), rubric, broken.places(rubric)))


def _is_about_lost(finding: Finding, lost: tuple[KeyPath, ...], without: Broken) -> bool:
    """Say whether a finding is about the hole that a lost part left, or what stands in for it."""
    path = finding.path
    if finding.code != "value":
        return False
    # of an input whose table could not be read whole: the rest of it, and what bands ask of it
    asked = "when" in path and any(place == path[: len(place)] for place in without.criteria)
    inside = path[:1] == ("inputs",) and path[1] in without.names
    return asked or inside or any(path == part[: len(path)] for part in lost)


def _is_sound(findings: Iterable[Finding]) -> bool:
    """Say whether there is no error."""
    return all(f.severity != "error" for f in findings)


def _part(plan: Plan, broken: Broken) -> Plan:
    """Give the plan of what is not broken, which records can be scored by."""
    if broken.whole:
        return plan
    inputs = tuple(f for f in plan.rubric.inputs if f.name not in broken.names)
    without = broken.criteria | broken.nameless
    # a total that leads nowhere, such as one without a tier, is not asked for
    lost = broken.lost | {BEFORE} if GATES in broken.lost else broken.lost
    return Plan(attrs.evolve(plan.rubric, inputs=inputs), without, lost)


def _placed(findings: list[Finding], rubric: Rubric) -> tuple[Finding, ...]:
    """Name the place of each finding by ids."""
    return tuple(attrs.evolve(f, place=place_of(rubric, f.path)) for f in findings)


def _in_text(findings: tuple[Finding, ...], rubric: Rubric) -> tuple[Finding, ...]:
    """Say where findings stand in the text that the rubric was read from."""
    if rubric.origin is None or not findings:
        return findings
    from kpirules.document.reading import place  # noqa: PLC0415 - only with a finding

    return place(findings, rubric.origin)


def _suspicions(plan: Plan, broken: Broken, *, all_of_it: bool) -> Iterator[Suspicion]:
    """Yield what the proofs find about each quantity, and about totals and tiers."""
    for name, quantity in plan.quantities.items():
        yield from _ask(name, quantity, OF_THE_QUANTITIES)
        if isinstance(quantity, CriterionPlan):
            beside = BESIDE_THE_BANDS if all_of_it else ()
            yield from _ask(name, quantity, (*OF_THE_POINTS, *OF_THE_RANGES, *beside))
        elif name != BEFORE and not isinstance(quantity.quantity, Derived):
            yield from _ask(name, quantity, OF_THE_RANGES)
    for index, gate in enumerate(plan.gates):
        name = refusal(index) if plan.rubric.gates[index].refuse else GATES
        if name not in plan.lost and plan.rubric.gates[index].missing == "error":
            yield from _ask(name, gate, (bands.may_be_missing,))
    if not broken.tiers:
        checks = (*OF_THE_TIERS, *(BESIDE_THE_TIERS if all_of_it else ()))
        for finding in (finding for ask in checks for finding in asked(ask, plan)):
            yield totals.suspicion(plan, finding)


def _ask(
    name: str, quantity: _Q, checks: Iterable[Callable[[_Q], Iterator[Finding]]]
) -> Iterator[Suspicion]:
    """Ask a quantity; a table that cannot be decided in reasonable time is a finding."""
    try:
        for ask in checks:
            every = asked(ask, quantity, quantity.path)
            yield from (bands.suspicion(name, quantity, finding) for finding in every)
    except TooLargeError as error:
        finding = Finding(
            code="too-large",
            message=f'the bands of "{quantity.name}" are too many to decide: {error}',
            help="split them into several, or let fewer facts decide together",
            path=(*quantity.path, "bands"),
        )
        yield Suspicion(finding=finding, name=name)
