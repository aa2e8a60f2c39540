"""Check that the file's examples have the expected results, and cover bands, gates and tiers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, assert_never

from kpirules._internal.display import similar
from kpirules.checks.registry import RUBRIC, check, reports
from kpirules.compiler.row_condition import spelled
from kpirules.diagnostics.finding import Finding
from kpirules.errors import InputError, InternalSoundnessError
from kpirules.evaluation.cohort import evaluate_together
from kpirules.evaluation.examples import STAGES, differences, run
from kpirules.evaluation.history import of_example
from kpirules.evaluation.rejections import condition_text
from kpirules.model import names
from kpirules.model.demotions import record_inputs
from kpirules.model.inputs import cohorts
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
from kpirules.translations.message import Given, Joined, Message, Named


if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from kpirules.checks.invalidated import Broken
    from kpirules.compiler.plan import Plan
    from kpirules.compiler.quantities import CompiledQuantity
    from kpirules.diagnostics.finding import KeyPath
    from kpirules.evaluation.examples import Difference
    from kpirules.evaluation.examples import Outcome as Evaluated
    from kpirules.evaluation.program import Program
    from kpirules.model.rubric import Example, ExampleValue, Rubric


@check("unknown-name", phase=RUBRIC)
def expected_names(rubric: Rubric) -> Iterator[Finding]:
    """Find expectations about names that a result does not have."""
    criteria = tuple(c.id for c in rubric.all_criteria)
    ratings = [f"{c}.{rater.name}" for c in criteria for rater in rubric.raters]
    inputs = (fact.name for fact in record_inputs(rubric))
    derived = (fact.name for fact in rubric.derived)
    plain = (*STAGES, *inputs, *criteria, *derived, *ratings)
    for e, example in enumerate(rubric.examples):
        keys = tuple(example.together)
        for path, _ in example.expect:
            key, _, inner = path.partition(".")
            name = inner if keys else path
            head, wanted, known = _among(name, rubric) or ("", name, plain)
            if keys and (key not in keys or not inner):
                head, wanted, name, known = "", key, key, keys
            if wanted in known:
                continue
            near = similar(wanted, known)
            shown = f"{head}.{near}" if head else near
            yield Finding(
                code="unknown-name",
                reason=Message.of("finding.unknown-name_result", name=Given(name)),
                advice=Message.of("problem-text.suggestion", name=shown)
                if near
                else Message.of("advice.unknown-name_result", names=known)
                if known
                else Message.of("advice.unknown-name_no-result", head=Given(head)),
                suggestion=shown if near else None,
                path=("example", e, "expect", *path.split(".")),
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


#: the keys of a cohort by which a group is rejected, with the code of its problem
_REFUSALS: Final = {"ties": "tied", "otherwise": "not-shared"}


@reports("example-fails", severity="error", title="an example with another result than expected")
@reports("example-missing", severity="note", title="a part that no example reaches")
def examples_hold(plan: Plan, program: Program, invalid: Broken) -> Iterator[Finding]:
    """Run the examples: find those that fail, and what none of them reaches.

    If parts of the rubric are invalid, only expectations about the other parts are compared.
    """
    held: list[Evaluated] = []
    for e, example in enumerate(plan.rubric.examples):
        if example.records and not invalid.whole:
            # an invalid part may be what the records need of each other
            continue
        try:
            outcomes = _outcomes(example, program, invalid)
        except InternalSoundnessError:
            if invalid.whole:
                raise
            # an invalid part may be the one that would match the record
            continue
        wrong: list[Message] = []
        for key, (expect, outcome) in outcomes.items():
            if not invalid.whole and "refused" in expect:
                # an invalid part may be the reason for the expected rejection
                continue
            determined = {n: v for n, v in expect.items() if _is_determined(n, plan, invalid)}
            # of a record that is not among those that it expects something of, it says nothing
            is_said = bool(expect) or not (key and example.expect)
            found = [*_of_record(key, differences(determined, outcome))] if is_said else []
            wrong += found
            if not found:
                held.append(outcome)
        if wrong:
            given, _ = of_example(plan.rubric, example)
            yield Finding(
                code="example-fails",
                reason=Message.of(
                    "finding.example-fails",
                    example=Given(example.name),
                    differences=Joined(tuple(wrong), "list.semicolon"),
                ),
                advice=Message.of("advice.example-fails"),
                path=("example", e),
                witness=tuple((n, v) for n, v in given.items() if n not in invalid.names),
            )
    if invalid.whole or not plan.rubric.examples:
        yield from _unreached(plan, held)


def _of_record(key: str, found: Iterable[Difference]) -> Iterator[Message]:
    """Yield the texts of differences, with the key of their record if there are several records."""
    for each in found:
        text = each.message
        yield Message.of("finding.example-fails_of", key=key, text=text) if key else text


def _outcomes(
    example: Example, program: Program, invalid: Broken
) -> dict[str, tuple[dict[str, ExampleValue], Evaluated]]:
    """Return what is expected of each record of an example, and its outcome; one has no key."""
    if not example.records:
        given, lacking = of_example(program.rubric, example)
        record = {name: value for name, value in given.items() if name not in invalid.names}
        return {"": (dict(example.expect), run(record, program.score, lacking))}
    found = evaluate_together(program.evaluator, program.score, example.together, {})
    every: dict[str, Evaluated] = {**found.results, **found.refused}
    return {
        key: (
            {n.removeprefix(f"{key}."): v for n, v in example.expect if n.startswith(f"{key}.")},
            outcome,
        )
        for key, outcome in every.items()
    }


def _is_determined(name: str, plan: Plan, invalid: Broken) -> bool:
    """Check whether the valid parts of a rubric still determine the value of a name."""
    sums = plan.weights_hold and not invalid.weights and not invalid.names
    after = sums and not invalid.tiers and not invalid.lost
    match names.parse(name):
        case Points(id):
            return id not in invalid.names
        case Adjustment():
            return sums and name not in invalid.lost
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
            return name not in invalid.names
        case _ as never:
            assert_never(never)


def _unreached(plan: Plan, held: Sequence[Evaluated]) -> Iterator[Finding]:
    """Find the bands, gates, tiers and rejections of groups that no example reaches."""
    if not plan.rubric.examples:
        yield Finding(
            code="example-missing",
            reason=Message.of("finding.example-missing"),
            advice=Message.of("advice.example-missing"),
        )
        return
    reached = {each for outcome in held for each in _reached(outcome)}
    for text, quantity in plan.quantities.items():
        name = names.parse(text)
        if not isinstance(name, Points | Adjustment):
            continue
        rows = [
            i
            for i, row in enumerate(quantity.rows)
            if row.band is not None and (name, i) not in reached
        ]
        if rows:
            yield _without_example(quantity, rows, plan)
    for g, gate in enumerate(plan.rubric.gates):
        if not gate.refuse and ("gate", g) not in reached:
            yield _missing("finding.example-missing_gate", ("gate", g))
    for t, tier in enumerate(plan.rubric.tiers):
        if ("tier", tier.id) not in reached:
            yield _missing("finding.example-missing_tier", ("tier", t))
    yield from _unshown_rejections(plan, reached)


def _unshown_rejections(plan: Plan, reached: set[tuple[object, ...]]) -> Iterator[Finding]:
    """Find the keys that reject groups of which no example shows one."""
    for fact, cohort in cohorts(plan.rubric.inputs):
        for key, code in _REFUSALS.items():
            if getattr(cohort, key) == "refuse" and ("refusal", fact.name, code) not in reached:
                path = ("inputs", fact.name, "cohort", key)
                yield _missing("finding.example-missing_group", path)
    for q, quota in enumerate(plan.rubric.quotas):
        if quota.ties == "refuse" and ("refusal", quota.name, "tied") not in reached:
            yield _missing("finding.example-missing_group", ("quota", q, "ties"))
        if quota.demotes and ("demoted", quota.id) not in reached:
            yield _missing("finding.example-missing_demoted", ("quota", q))
        elif not quota.demotes and ("refusal", quota.name, "quota") not in reached:
            yield _missing("finding.example-missing_quota", ("quota", q))


def _reached(result: Evaluated) -> Iterator[tuple[object, ...]]:
    """Yield what an outcome reaches: bands of criteria and adjustments, gates, tier, rejections."""
    if isinstance(result, InputError):
        yield from (("refusal", problem.input, problem.code) for problem in result.problems)
        return
    yield from ((Points(line.criterion), line.band) for line in result.lines)
    yield from ((Adjustment(step.name), step.band) for step in result.adjustments)
    yield from (("gate", gate.gate) for gate in result.gates)
    yield from (("demoted", demoted.quota) for demoted in result.verdict.demoted)
    if result.tier is not None:
        yield ("tier", result.tier.id)


def _without_example(quantity: CompiledQuantity, rows: Sequence[int], plan: Plan) -> Finding:
    """Return the finding of the bands of a quantity that no example reaches."""
    table, first = quantity.quantity.bands, quantity.bands[rows[0]].place
    is_named = isinstance(table, str)
    return Finding(
        code="example-missing",
        reason=Message.of(
            "finding.example-missing_bands",
            count=len(rows),
            bands=len(quantity.rows),
            missing=Joined(
                tuple(_band(quantity, row, plan) for row in rows),
                "list.semicolon" if quantity.facts[1:] else "list.comma",
            ),
        ),
        advice=Message.of("advice.example-missing_bands", count=len(rows)),
        path=(*quantity.path, "bands", *(first if len(rows) == 1 and not is_named else ())),
        other=("bands", str(table), "rows", *first) if is_named else None,
    )


def _band(quantity: CompiledQuantity, row: int, plan: Plan) -> Named:
    """Return the name of a band: its label, or the condition under which it holds."""
    condition, band = quantity.rows[row].condition, quantity.rows[row].band
    short = str(condition)
    if len(quantity.facts) == 1 and condition.asked:
        ((_, entries),) = condition.asked
        short = " or ".join(map(spelled, entries))
    label = None if band is None else band.label
    return Named(short, label or condition_text(condition, plan.rubric))


def _missing(key: str, path: KeyPath) -> Finding:
    return Finding(
        code="example-missing",
        reason=Message.of(key),
        advice=Message.of("advice.example-missing_part"),
        path=path,
    )
