"""Build forms from rubrics and results: every label, level and reason in one language."""

from __future__ import annotations

import re
from fractions import Fraction
from typing import TYPE_CHECKING, Literal

import attrs

from kpirules._internal.display import printable
from kpirules.api.programs import program_of
from kpirules.arithmetic.number import show
from kpirules.arithmetic.range import listing
from kpirules.compiler.plan import Plan
from kpirules.compiler.row_condition import Condition
from kpirules.evaluation.labels import Speaker, speaker
from kpirules.evaluation.trace import effect_of
from kpirules.formula import labelled
from kpirules.formula.nodes import Matching
from kpirules.model.dependencies import tier_outcomes
from kpirules.model.labels import labels_of, options_of
from kpirules.model.rubric import Text
from kpirules.sheets.form import (
    Extras,
    Fact,
    Grade,
    Item,
    Level,
    Outcome,
    Part,
    Person,
    Rule,
    ScoreForm,
)
from kpirules.sheets.form_values import admissible_of, codes_of, points_of, shown, signed, value_of
from kpirules.sheets.own_problems import of_one
from kpirules.sheets.reachable import greatest_subtotal, greatest_total
from kpirules.toml.writer import fingerprint
from kpirules.translations.catalog import words


if TYPE_CHECKING:
    from collections.abc import Mapping

    from kpirules.arithmetic.number import Number
    from kpirules.compiler.criteria import CompiledCriterion
    from kpirules.compiler.quantities import CompiledQuantity
    from kpirules.compiler.rows import Row
    from kpirules.errors import InputError
    from kpirules.evaluation.result import Result
    from kpirules.evaluation.result_parts import Line, Step
    from kpirules.formula import Formula
    from kpirules.model.rubric import Rubric, Section, Tier


#: the texts of a criterion that have a column of their own if any criterion has them
_COLUMNS = {"target": "target", "data_source": "data-source"}
#: signs of a label that would look like those of the formula
_SIGNS = re.compile(r"[+*/\u00d7\u00f7,]| [-\u2212] ")


def blank(
    rubric: Rubric,
    *,
    lang: str = "zh",
    period: str = "",
    extras: Extras | None = None,
    plan: Plan | None = None,
) -> ScoreForm:
    """Return the blank form."""
    return _FormBuilder(plan or program_of(rubric).plan, lang, period, extras).paper()


def filled(
    rubric: Rubric,
    outcome: Result | InputError,
    *,
    person: Person | None = None,
    lang: str = "zh",
    period: str = "",
    given: Mapping[str, object] | None = None,
    extras: Extras | None = None,
    last: str = "",
    plan: Plan | None = None,
) -> ScoreForm:
    """Return the form of one employee: filled, or with the problems of a rejected record.

    ``given`` is a rejected record as it was provided; ``period`` the month; ``last`` the total of
    last month.
    """
    from kpirules.evaluation.result import Result as Filled  # noqa: PLC0415 - the module-level import is for types alone

    builder = _FormBuilder(plan or program_of(rubric).plan, lang, period, extras)
    paper = builder.paper(outcome if isinstance(outcome, Filled) else None, given or {})
    paper = attrs.evolve(paper, person=person or Person(), last=printable(last))
    if isinstance(outcome, Filled):
        return paper
    problems = tuple(printable(of_one(problem).text(lang)) for problem in outcome.problems)
    return attrs.evolve(paper, state="refused", problems=problems)


class _FormBuilder:
    """Builds the forms of one rubric in one language."""

    def __init__(self, plan: Plan, lang: str, period: str, extras: Extras | None) -> None:
        self.plan = plan
        self.rubric = plan.rubric
        self.lang = lang
        self.period = period
        self.form_words = words("sheet", lang)
        self.result_words = words("result", lang)
        self.extras: Extras = self._extras(extras or Extras())
        #: the texts of criteria with a column of their own, each with the word of its heading
        self.columns: dict[str, str] = {
            name: word
            for name, word in _COLUMNS.items()
            if any(getattr(c.criterion, name) is not None for c in plan.criteria)
        }
        #: formats conditions of the form with labels
        self.by = Speaker(
            lang=lang,
            labels=dict(labels_of(self.rubric)),
            options={name: dict(codes) for name, codes in options_of(self.rubric)},
        )

    def _extras(self, asked: Extras) -> Extras:
        """Return what is added to the form: what is asked for, else what the ruleset has."""
        own = self.rubric.form
        if own is None:
            return asked
        boxes = [
            *("comments-appraiser", "comments-employee") * own.comments,
            *("goals",) * own.goals,
        ]
        return attrs.evolve(
            asked,
            company=asked.company or self.text(own.company),
            usual_department=self.text(own.department),
            signatures=() if own.signature is None else (self.text(own.signature),),
            boxes=tuple(self.form_words[word] for word in boxes),
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
            title=self.text(_title_of(rubric), rubric.id),
            role=self.text(rubric.role),
            period=printable(self.period),
            since="" if rubric.effective_from is None else str(rubric.effective_from),
            currency=printable(rubric.currency or ""),
            full_marks=show(self.plan.full_marks) if self.plan.has_total else "",
            most=show(greatest_total(self.plan)) if self.plan.has_total else "",
            source="" if source is None else self.text(source.label),
            person=Person(),
            facts=tuple(self._facts(result, given or {}, by)),
            parts=tuple(self._parts(result, given or {}, by)),
            columns=tuple(self.form_words[word] for word in self.columns.values()),
            raters=raters or (self.form_words["superior"],),
            grades=tuple(self._grade(tier, result) for tier in rubric.tiers),
            pays=tuple(self._pay_heading(name) for name in tier_outcomes(rubric)),
            rules=tuple(self._rules()),
            rulings=tuple((printable(r.clause), self.text(r.decision)) for r in rubric.rulings),
            fingerprint=fingerprint(rubric) if result is None else result.fingerprint,
            extras=self.extras,
            state=state,
        )
        return made if result is None else self._with_verdict(made, result, by)

    def _pay_heading(self, name: str) -> str:
        """Return the heading of a tier's value."""
        money = f" ({self.rubric.currency})" if name == "pay" and self.rubric.currency else ""
        return self.result_words.get(name, name) + printable(money)

    # ------------------------------------------------------------ inputs

    def _facts(self, result: Result | None, given: Mapping[str, object], by: Speaker) -> list[Fact]:
        """List the inputs of the form."""
        known: Mapping[str, object] = given if result is None else result.inputs
        return [
            Fact(
                name=fact.name,
                label=self.text(fact.label, fact.name),
                unit=self.text(fact.unit),
                admissible=printable(admissible_of(fact, result, by)),
                codes=codes_of(fact),
                value=self._value(fact.name, known.get(fact.name)),
            )
            for fact in self.plan.scope.inputs.values()
        ]

    def _value(self, name: str, value: object) -> str:
        """Format the value of an input."""
        return value_of(value, self.plan.scope.inputs.get(name), self.lang)

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
            most = weight if section is None else greatest_subtotal(self.plan, section) or weight
            if subtotal is not None and most:
                reached = Fraction(subtotal) / Fraction(most)
                share = max(Fraction(0), min(Fraction(1), reached))
            label = "" if section is None else self.text(section.label, section.id)
            weighs, is_capped = (
                "" if weight is None else show(weight),
                bool(section and section.cap),
            )
            heading = self.form_words["weighs-cap" if is_capped else "weighs"]
            parts.append(
                Part(
                    id="" if section is None else section.id,
                    label=label,
                    weight=weighs,
                    heading=heading.format(part=label, weight=weighs) if weighs else label,
                    is_capped=is_capped,
                    most="" if most is None else show(most),
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
            texts=tuple(self.text(getattr(c.criterion, name)) for name in self.columns),
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
        standard = self.text(c.criterion.standard)
        if c.is_remark:
            return [Level(points="", text=standard or self.form_words["remark"])]
        reached = None if line is None or line.left_out else line.band
        levels = [
            Level(
                points=points_of(row, judged=c.is_judged, lang=self.lang),
                text=self._level_of(row, c),
                is_reached=reached == i,
            )
            for i, row in enumerate(c.rows)
        ]
        if not standard:
            return levels
        # the standard describes all rows that have no description of their own
        plain = [i for i, row in enumerate(c.rows) if row.band is None or row.band.label is None]
        one = levels[plain[0]].points if len(plain) == 1 else ""
        points = one or listing((c.rows[i].points for i in plain), lang=self.lang)
        described = [level for i, level in enumerate(levels) if i not in plain]
        return [Level(points=points, text=standard, is_reached=reached in plain), *described]

    def _level_of(self, row: Row, c: CompiledCriterion) -> str:
        """Describe a level: its label, or a text in its place."""
        if row.band is not None and row.band.label is not None:
            own = self.text(row.band.label)
            # the label is that of all cells of a band
            cell = [pair for pair in row.condition.asked if pair[0] == c.quantity.across]
            also = printable(self.by.condition(Condition(asked=tuple(cell))))
            return f"{own} ({also})" if cell else own
        condition = printable(self.by.condition(row.condition))
        if row.formula is not None:
            formula = self._formula(row.formula)
            return f"{condition}: {formula}" if condition else formula
        return condition if c.facts else self.form_words["judged"]

    def _formula(self, formula: Formula) -> str:
        """Format a formula by labels; a count of items, whose text is a condition, in words."""
        if isinstance(formula.tree, Matching):
            return self.form_words["items-running" if formula.tree.is_run else "items-matching"]
        return printable(labelled(formula.text, self._operand))

    def _operand(self, name: str) -> str:
        """Return the label of a name in a formula, quoted if it has signs; a curve's points."""
        curve = next((each for each in self.plan.scope.formulas.curves if each.name == name), None)
        if curve is not None:
            pairs = ([self._coordinate(each) for each in point] for point in curve.points)
            points = "; ".join(f"{x}: {y}" for x, y in pairs)
            return f"[… {points} …]" if curve.goes_on else f"[{points}]"
        label = self.by.name(name)
        return f"“{label}”" if _SIGNS.search(label) else label

    def _coordinate(self, value: Number | str) -> str:
        """Format x or y of a point: a number, or a formula by labels."""
        return labelled(value, self._operand) if isinstance(value, str) else show(value)

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
            is_lowest=len(self.rubric.tiers) > 1 and self.plan.tier_order.rank(tier.id) == 0,
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
            value = row.text if row.text is not None else listing([row.points], lang=self.lang)
            if row.formula is not None:
                value = self._formula(row.formula) or "+"
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
        for demoted in verdict.demoted:
            name = self.text(demoted.label, demoted.quota)
            moved = printable(by.demoted(demoted))
            steps.append(Outcome(name="", label=terms["quota"], value=moved, why=name))
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


def _title_of(rubric: Rubric) -> Text | None:
    """Return the heading of the form: that of the source document, if there is one."""
    titled = None if rubric.source is None else rubric.source.title
    return rubric.label if titled is None else titled
