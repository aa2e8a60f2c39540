"""Build forms from rubrics and results: every label, level and reason in one language."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Literal, cast

import attrs

from kpirules._internal.display import brief, printable
from kpirules.arithmetic.number import NotExactError, exact, show
from kpirules.arithmetic.range import listing
from kpirules.compiler.domains import allowed_values
from kpirules.compiler.plan import Plan
from kpirules.evaluation.labels import Speaker, speaker
from kpirules.evaluation.trace import effect_of
from kpirules.model.dependencies import tier_outcomes
from kpirules.model.labels import labels_of, options_of
from kpirules.model.rubric import Text
from kpirules.sheets.form import Fact, Grade, Item, Level, Outcome, Part, Person, Rule, ScoreForm
from kpirules.toml.writer import fingerprint
from kpirules.translations.catalog import words


if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from kpirules.arithmetic.number import Exact, Number
    from kpirules.compiler.criteria import CompiledCriterion
    from kpirules.compiler.quantities import CompiledQuantity, Row
    from kpirules.errors import InputError
    from kpirules.evaluation.result import Result
    from kpirules.evaluation.result_parts import Given, Line, Step
    from kpirules.model.rubric import Input, Rubric, Section, Tier


def blank(
    rubric: Rubric, *, lang: str = "zh", period: str = "", plan: Plan | None = None
) -> ScoreForm:
    """Return the blank form."""
    return _FormBuilder(plan or Plan(rubric), lang, period).paper()


def filled(
    rubric: Rubric,
    outcome: Result | InputError,
    *,
    person: Person | None = None,
    lang: str = "zh",
    period: str = "",
    given: Mapping[str, object] | None = None,
    plan: Plan | None = None,
) -> ScoreForm:
    """Return the form of one employee: filled, or with the problems of a rejected record.

    ``given`` is a rejected record as it was provided; ``period`` the month.
    """
    from kpirules.evaluation.result import Result as Filled  # noqa: PLC0415 - the module-level import is for types alone

    builder = _FormBuilder(plan or Plan(rubric), lang, period)
    paper = builder.paper(outcome if isinstance(outcome, Filled) else None, given or {})
    who = person or Person()
    clean = Person(
        name=printable(who.name), number=printable(who.number), appraiser=printable(who.appraiser)
    )
    paper = attrs.evolve(paper, person=clean)
    if isinstance(outcome, Filled):
        return paper
    problems = tuple(printable(problem.text(lang)) for problem in outcome.problems)
    return attrs.evolve(paper, state="refused", problems=problems)


class _FormBuilder:
    """Builds the forms of one rubric in one language."""

    def __init__(self, plan: Plan, lang: str, period: str) -> None:
        self.plan = plan
        self.rubric = plan.rubric
        self.lang = lang
        self.period = period
        self.form_words = words("sheet", lang)
        self.result_words = words("result", lang)
        #: formats conditions of the form with labels
        self.by = Speaker(
            lang=lang,
            labels=dict(labels_of(self.rubric)),
            options={name: dict(codes) for name, codes in options_of(self.rubric)},
        )

    def text(self, label: Text | None, fallback: str = "") -> str:
        """Return a label, escaped."""
        return printable(fallback if label is None else label.get(self.lang))

    def paper(
        self, result: Result | None = None, given: Mapping[str, object] | None = None
    ) -> ScoreForm:
        """Build the form."""
        rubric = self.rubric
        raters = tuple(self.text(r.label, r.name) for r in rubric.raters)
        source = rubric.source
        state: Literal["blank", "filled", "unratable"] = "blank"
        by = self.by
        if result is not None:
            state = "unratable" if result.unratable else "filled"
            by = speaker(result, self.lang, self.by)
        made = ScoreForm(
            lang=self.lang,
            rubric=rubric.id,
            title=self.text(rubric.label, rubric.id),
            role=self.text(rubric.role),
            period=printable(self.period),
            since="" if rubric.effective_from is None else str(rubric.effective_from),
            currency=printable(rubric.currency or ""),
            full_marks=show(self.plan.full_marks),
            source="" if source is None else self.text(source.label),
            person=Person(),
            facts=tuple(self._facts(result, given or {})),
            parts=tuple(self._parts(result, given or {}, by)),
            raters=raters or (self.form_words["superior"],),
            grades=tuple(self._grade(tier, result) for tier in rubric.tiers),
            pays=tuple(self._pay_heading(name) for name in tier_outcomes(rubric)),
            rules=tuple(self._rules()),
            rulings=tuple((printable(r.clause), self.text(r.decision)) for r in rubric.rulings),
            fingerprint=fingerprint(rubric) if result is None else result.fingerprint,
            state=state,
        )
        return made if result is None else self._with_verdict(made, result, by)

    def _pay_heading(self, name: str) -> str:
        """Return the heading of a tier's value."""
        money = f" ({self.rubric.currency})" if name == "pay" and self.rubric.currency else ""
        return self.result_words.get(name, name) + printable(money)

    # ------------------------------------------------------------ inputs

    def _facts(self, result: Result | None, given: Mapping[str, object]) -> list[Fact]:
        """List the inputs of the form."""
        known: Mapping[str, object] = given if result is None else result.inputs
        return [
            Fact(
                name=fact.name,
                label=self.text(fact.label, fact.name),
                unit=self.text(fact.unit),
                admissible=printable(allowed_values(fact).text(self.lang)),
                codes=_codes_of(fact),
                value=self._value(fact.name, known.get(fact.name)),
            )
            for fact in self.rubric.inputs
        ]

    def _value(self, name: str, value: object) -> str:
        """Format the value of an input; an option by its label."""
        fact = self.plan.scope.inputs.get(name)
        if value is None:
            return ""
        if fact is not None and fact.type == "choice":
            labels = {o.code: self.text(o.label, o.code) for o in fact.options}
            return labels.get(str(value), printable(str(value)))
        if isinstance(value, bool):
            return self.form_words["yes" if value else "no"]
        return shown(value)

    # ------------------------------------------------------------ sections

    def _parts(self, result: Result | None, given: Mapping[str, object], by: Speaker) -> list[Part]:
        """List the sections with their items."""
        lines = {} if result is None else {line.criterion: line for line in result.lines}
        subtotals = {} if result is None else result.subtotals
        parts: list[Part] = []
        for section in self.rubric.sections or (None,):
            members = [c for c in self.plan.criteria if c.section is section]
            weight = self._weight_of(section)
            subtotal = None if section is None else subtotals.get(section.id)
            share = None
            if subtotal is not None and weight:
                reached = Fraction(subtotal) / Fraction(weight)
                share = max(Fraction(0), min(Fraction(1), reached))
            parts.append(
                Part(
                    id="" if section is None else section.id,
                    label="" if section is None else self.text(section.label, section.id),
                    weight="" if weight is None else show(weight),
                    items=tuple(self._item(c, lines.get(c.id), given, by) for c in members),
                    subtotal="" if subtotal is None else show(subtotal),
                    share=share,
                )
            )
        return parts

    def _weight_of(self, section: Section | None) -> Number | None:
        """Return the weight of a section; None if it is computed for each record."""
        if section is None or self.plan.weighing.has_computed_weights:
            return None
        return self.plan.section_weight(section)

    def _item(
        self,
        c: CompiledCriterion,
        line: Line | None,
        given: Mapping[str, object],
        by: Speaker,
    ) -> Item:
        """Build one item."""
        weight = show(c.weight) if c.criterion.scored else ""
        if isinstance(c.criterion.weight, str):
            weight = self.form_words["weighed"]
        made = Item(
            id=c.id,
            label=self.text(c.criterion.label, c.id),
            weight=weight,
            levels=tuple(self._levels(c, line)),
            kind="remark" if c.is_remark else "measured" if c.is_measured else "judged",
            cite=self.text(c.criterion.cite),
            ratings=tuple(c.rating_names),
            rated=tuple(shown(given.get(name)) for name in c.rating_names),
        )
        if line is None:
            return made
        used = line.inputs
        return attrs.evolve(
            made,
            points=self._points(line),
            rated=tuple(shown(used.get(name)) for name in c.rating_names),
            why=by.reason(line),
            remark=printable(line.remark or ""),
        )

    def _points(self, line: Line) -> str:
        """Format the points of an item, or the reason why it has none."""
        if line.left_out:
            return self.form_words["left-out"]
        return self.result_words["no-points"] if line.points is None else show(line.points)

    def _levels(self, c: CompiledCriterion, line: Line | None) -> list[Level]:
        """List the levels of an item."""
        if c.is_remark:
            return [Level(points="", text=self.form_words["remark"])]
        return [
            Level(
                points=points_of(row, judged=c.is_judged),
                text=self.text(
                    *standard_of(
                        row, c, self.by.condition(row.condition), self.form_words["judged"]
                    )
                ),
                is_reached=line is not None and line.band == i and not line.left_out,
            )
            for i, row in enumerate(c.rows)
        ]

    # ------------------------------------------------------------ after the points

    def _grade(self, tier: Tier, result: Result | None) -> Grade:
        values = (getattr(tier, name) for name in tier_outcomes(self.rubric))
        reached = None if result is None or result.tier is None else result.tier.id
        return Grade(
            id=tier.id,
            totals=self.form_words["or"].join(map(str, tier.total)),
            label=self.text(tier.label, tier.id),
            values=tuple("" if v is None else show(v) for v in values),
            is_reached=reached == tier.id,
        )

    def _rules(self) -> list[Rule]:
        """List adjustments, gates and outcomes."""
        rubric, plan, own = self.rubric, self.plan, self.form_words
        made = [
            Rule(
                kind=own["adjustment"],
                label=self.text(a.label, a.id),
                rows=self._rows(plan.quantities[f"adjust.{a.id}"]),
            )
            for a in rubric.adjustments
        ]
        for gate, quantity in zip(rubric.gates, plan.gates, strict=True):
            effects = [self._effect(key, value) for key, value in effect_of(gate)]
            reason = self.text(gate.reason, self.by.condition(quantity.rows[0].condition))
            effect = self.result_words["comma"].join(effects) or own["refuse"]
            made.append(Rule(kind=own["gate"], label=reason, rows=((effect, ""),)))
        made += [
            Rule(
                kind=own["outcome"],
                label=self.text(o.label, o.name),
                rows=self._rows(plan.quantities[f"outcome.{o.name}"]),
            )
            for o in rubric.outcomes
        ]
        return made

    def _effect(self, key: str, value: object) -> str:
        """Describe the effect of a gate; a tier by its label."""
        if key == "unratable":
            return self.result_words["unratable-gate"]
        labels = {tier.id: self.text(tier.label, tier.id) for tier in self.rubric.tiers}
        shown_ = labels.get(value, value) if isinstance(value, str) else shown(value)
        return self.result_words[key].format(value=shown_)

    def _rows(self, quantity: CompiledQuantity) -> tuple[tuple[str, str], ...]:
        """List the rows of a quantity: (value, condition)."""
        made: list[tuple[str, str]] = []
        for row in quantity.rows:
            value = row.text if row.text is not None else listing([row.points])
            if row.formula is not None:
                value = row.formula.text or "+"
            label = None if row.band is None else row.band.label
            made.append((printable(value), self.text(label, self.by.condition(row.condition))))
        return tuple(made)

    def _with_verdict(self, paper: ScoreForm, result: Result, by: Speaker) -> ScoreForm:
        """Add total, tier, steps and outcomes of a result."""
        verdict, terms = result.verdict, self.result_words
        steps = [self._outcome(step, by, money=True) for step in verdict.adjustments]
        for gate in verdict.gates:
            effects = terms["comma"].join(self._effect(key, value) for key, value in gate.effect)
            reason = self.text(gate.reason, by.condition(gate.condition))
            steps.append(Outcome(name="", label=terms["gate"], value=effects, why=reason))
        cause = by.cause(result)
        if cause:
            steps.append(Outcome(name="", label=self.form_words["unratable"], value=cause))
        return attrs.evolve(
            paper,
            total="" if result.total is None else show(result.total),
            tier="" if result.tier is None else self.text(result.tier.label, result.tier.id),
            steps=tuple(steps),
            outcomes=tuple(
                self._outcome(step, by, money=step.name == "pay") for step in verdict.outcomes
            ),
        )

    def _outcome(self, step: Step, by: Speaker, *, money: bool) -> Outcome:
        """Build one adjustment or outcome."""
        value = step.value
        text = printable(value) if isinstance(value, str) else signed(value, money=money)
        label = (
            self.result_words.get(step.name, step.name)
            if step.label is None
            else self.text(step.label)
        )
        unit = self.rubric.currency if step.name == "pay" and self.rubric.currency else ""
        why = "" if step.label is None else by.condition(step.condition)
        if step.skipped:
            why = self.result_words["skipped"]
        return Outcome(
            name=step.name,
            label=printable(label),
            value=f"{text} {printable(unit)}".strip(),
            why=self.text(step.band_label, why),
        )


def _codes_of(fact: Input) -> tuple[str, ...]:
    """Return the codes of an input with options, as in a record."""
    if fact.type == "flag":
        return ("true", "false")
    return tuple(option.code for option in fact.options)


def points_of(row: Row, *, judged: bool) -> str:
    """Format the points of a level."""
    return str(row.points) if judged else listing([row.points])


def standard_of(
    row: Row, c: CompiledCriterion, condition: str, judged: str
) -> tuple[Text | None, str]:
    """Return the description of a level: its label, or a text in its place."""
    if row.band is not None and row.band.label is not None:
        return row.band.label, ""
    if row.formula is not None:
        formula = row.formula.text
        return None, f"{condition}: {formula}" if condition else formula
    return None, condition if c.facts else judged


def signed(value: Exact, *, money: bool) -> str:
    """Format a number; money that is not deducted has a plus sign."""
    return f"+{show(value)}" if money and value > 0 else show(value)


def shown(value: Given | object) -> str:
    """Format a value of a record."""
    if value is None:
        return ""
    if isinstance(value, (tuple, list)):
        return "; ".join(shown(each) for each in cast("Sequence[object]", value))
    if isinstance(value, (str, bool)):
        return printable(str(value))
    try:
        # a computed value may have more digits than an input
        return show(value if isinstance(value, Fraction) else exact(value))
    except NotExactError:
        # a rejected record may contain any object
        return brief(value)
