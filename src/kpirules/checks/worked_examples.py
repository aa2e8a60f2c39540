"""Whether the file's examples come out as they say, and what none of them reaches."""

from __future__ import annotations

from typing import TYPE_CHECKING, assert_never

from kpirules._internal.display import brief, similar
from kpirules.checks.registry import RUBRIC, check, reports
from kpirules.diagnostics.finding import Finding
from kpirules.errors import InputError, InternalSoundnessError
from kpirules.evaluation.examples import STAGES, differences, run
from kpirules.model import names
from kpirules.model.names import (
    Adjustment,
    Contribution,
    CriterionWeight,
    Derived,
    Gates,
    Outcome,
    Points,
    RawTotal,
    Refusal,
    SectionWeight,
    Subtotal,
    Tier,
    Total,
    TotalBeforeGates,
)


if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from kpirules.checks.invalidated import Broken
    from kpirules.compiler.plan import Plan
    from kpirules.diagnostics.finding import KeyPath
    from kpirules.evaluation.result import Result
    from kpirules.model.rubric import Rubric


@check("unknown-name", phase=RUBRIC)
def expected_names(rubric: Rubric) -> Iterator[Finding]:
    """Find expectations about names that a result does not have."""
    criteria = tuple(c.id for c in rubric.all_criteria)
    ratings = [f"{c}.{rater.name}" for c in criteria for rater in rubric.raters]
    inputs = (fact.name for fact in rubric.inputs)
    derived = (fact.name for fact in rubric.derived)
    plain = (*STAGES, *inputs, *criteria, *derived, *ratings)
    for e, example in enumerate(rubric.examples):
        for name, _ in example.expect:
            head, wanted, known = _among(name, rubric) or ("", name, plain)
            if wanted in known:
                continue
            near = similar(wanted, known)
            shown = f"{head}.{near}" if head else near
            yield Finding(
                code="unknown-name",
                message=f'a result has no "{brief(name)[1:-1]}"',
                help=f'did you mean "{shown}"?'
                if near
                else f"there are: {', '.join(known) or 'none'}",
                path=("example", e, "expect", *name.split(".")),
            )


def _among(text: str, rubric: Rubric) -> tuple[str, str, tuple[str, ...]] | None:
    """Return head and id of a name, and the ids of its kind; None if it has no head."""
    match names.parse(text):
        case Points(id) | Contribution(id) as name:
            ids = tuple(c.id for c in rubric.all_criteria)
        case Subtotal(id) as name:
            ids = tuple(s.id for s in rubric.sections)
        case Adjustment(id) as name:
            ids = tuple(a.id for a in rubric.adjustments)
        case Outcome(id) as name:
            ids = ("pay", "coefficient", *(o.name for o in rubric.outcomes))
        case Derived(id) as name if id != text:
            ids = tuple(d.name for d in rubric.derived)
        case Derived() | CriterionWeight() | SectionWeight() | RawTotal() | Refusal():
            return None
        case TotalBeforeGates() | Gates() | Total() | Tier():
            return None
        case _ as never:
            assert_never(never)
    return name.head, id, ids


@reports("example-fails", severity="error", title="an example that does not come out as it says")
@reports("example-missing", severity="note", title="a band, gate or tier that no example reaches")
def examples_hold(
    plan: Plan, score: Callable[[Mapping[str, object]], Result], broken: Broken
) -> Iterator[Finding]:
    """Run the examples: find those that fail, and what none of them reaches.

    Where parts of the rubric are broken, an example is held only to what the rest gives.
    """
    results: list[Result] = []
    for e, example in enumerate(plan.rubric.examples):
        record = {name: value for name, value in example.ratings if name not in broken.names}
        expect = dict(example.expect)
        if not broken.whole and "refused" in expect:
            # a broken part may be what the refusal is about
            continue
        try:
            outcome = run(record, score)
        except InternalSoundnessError:
            if broken.whole:
                raise
            # a broken part may be what would take the record
            continue
        told = {name: value for name, value in expect.items() if _is_told(name, plan, broken)}
        wrong = list(differences(told, outcome))
        if wrong:
            yield Finding(
                code="example-fails",
                message=f"{brief(example.name)}: " + "; ".join(map(str, wrong)),
                help="correct the example, or the rules that it is about",
                path=("example", e),
                witness=tuple(record.items()),
            )
        elif not isinstance(outcome, InputError):
            results.append(outcome)
    if broken.whole or not plan.rubric.examples:
        yield from _unreached(plan, results)


def _is_told(name: str, plan: Plan, broken: Broken) -> bool:
    """Say whether what is left of a broken rubric still tells what a name comes to."""
    sums = plan.weights_hold and not broken.weights and not broken.names
    after = sums and not broken.tiers and not broken.lost
    match names.parse(name):
        case Points(id):
            return id not in broken.names
        case Adjustment():
            return sums and name not in broken.lost
        case Contribution() | Subtotal() | RawTotal():
            return sums
        case Total() | Tier() | Outcome():
            return after
        case Derived("pay" | "unratable"):
            return after
        case Derived(id) if id != name:
            return sums
        case (
            Derived()
            | CriterionWeight()
            | SectionWeight()
            | Refusal()
            | TotalBeforeGates()
            | Gates()
        ):
            return name not in broken.names
        case _ as never:
            assert_never(never)


def _unreached(plan: Plan, results: Sequence[Result]) -> Iterator[Finding]:
    """Find the bands and tiers that no example reaches."""
    if not plan.rubric.examples:
        yield Finding(
            code="example-missing",
            message="there is no example: nothing says what the rules are meant to give",
            help="add an [[example]] with a record and its total",
        )
        return
    reached = {each for result in results for each in _reached(result)}
    for text, quantity in plan.quantities.items():
        name = names.parse(text)
        if not isinstance(name, Points | Adjustment):
            continue
        for i, row in enumerate(quantity.rows):
            if row.band is not None and (name, i) not in reached:
                yield _missing("band", (*quantity.path, "bands", i))
    for g, gate in enumerate(plan.rubric.gates):
        if not gate.refuse and ("gate", g) not in reached:
            yield _missing("gate", ("gate", g))
    for t, tier in enumerate(plan.rubric.tiers):
        if ("tier", tier.id) not in reached:
            yield _missing("tier", ("tier", t))


def _reached(result: Result) -> Iterator[tuple[object, ...]]:
    """Give what a result reaches: bands of criteria and adjustments, gates, its tier."""
    yield from ((Points(line.criterion), line.band) for line in result.lines)
    yield from ((Adjustment(step.name), step.band) for step in result.adjustments)
    yield from (("gate", gate.gate) for gate in result.gates)
    if result.tier is not None:
        yield ("tier", result.tier.id)


def _missing(what: str, path: KeyPath) -> Finding:
    """Say that no example reaches a band or tier."""
    return Finding(
        code="example-missing",
        message=f"no example reaches this {what}",
        help="add one, so that whoever changes it later sees what it was meant to give",
        path=path,
    )
