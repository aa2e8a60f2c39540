"""The layout of a form: its sections, lines and fields in order, and what each line depends on."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypedDict

from kpirules.api.programs import program_of
from kpirules.arithmetic.number import show
from kpirules.compiler.plan import Plan
from kpirules.evaluation.labels import named
from kpirules.model.dependencies import BEFORE, GATES, dependency_graph, tier_outcomes, weighed
from kpirules.model.labels import OWN_LABELS
from kpirules.model.names import Adjustment, Outcome, Points, Refusal, Subtotal, Tier, Total
from kpirules.model.rubric import Rubric
from kpirules.record_schema.form_fields import LayoutField, input_field, rating_fields
from kpirules.translations.catalog import template
from kpirules.translations.message import Named


if TYPE_CHECKING:
    from collections.abc import Iterator

    from kpirules.compiler.criteria import CompiledCriterion
    from kpirules.model.rubric import Section, Text


class LayoutLine(TypedDict):
    """A line of a form: a criterion."""

    criterion: str
    label: str
    #: its weight as text; None if it has none, or one for each record
    weight: str | None
    #: how it is judged, what is aimed at, where its facts are from; None without the text
    standard: str | None
    target: str | None
    data_source: str | None
    #: the names of the fields from which its points follow
    facts: list[str]
    #: the names of the fields of its rating; with a rater each
    ratings: list[str]
    #: whether its rating is instead of its facts; otherwise the line needs both, or has only one
    alternative: bool


class LayoutSection(TypedDict):
    """A section of a form; the facts that belong to no one section come first, as one of theirs."""

    #: None: not a section of the ruleset
    id: str | None
    label: str
    #: its weight as text; None if it has none, or one for each record
    weight: str | None
    #: the fields to draw, in order; each field of the form belongs to one section
    fields: list[LayoutField]
    lines: list[LayoutLine]


class LayoutTotal(TypedDict):
    """A value after the lines: a subtotal, an adjustment, the total, the tier, an outcome."""

    #: its name in formulas and conditions: ``subtotal.ability``, ``total``, ``outcome.pay``
    name: str
    label: str
    #: the names of the fields on which it depends directly, not by lines
    facts: list[str]


class FormLayout(TypedDict):
    """The layout of a form, as plain data that ``json.dumps`` takes.

    >>> from kpirules import FormLayout, form_layout, load
    >>> layout: FormLayout = form_layout(load("customer-service"))
    >>> layout["totals"][-1]
    {'name': 'outcome.pay', 'label': 'Performance pay', 'facts': []}
    """

    rubric: str
    title: str
    lang: str
    sections: list[LayoutSection]
    totals: list[LayoutTotal]


def form_layout(rubric: Rubric, *, lang: str = "en") -> FormLayout:
    """Return what to draw for a record of a rubric: sections, fields and lines in order.

    It is plain data: a template of a web framework loops over it, and ``json.dumps`` sends it to a
    browser. ``sections`` have the ``fields`` to draw, each with its label, its place in the record
    and its schema, which is that of ``ratings_schema(rubric, profile="form")``; and the ``lines``,
    which name the fields that each criterion depends on. A fact that only lines of one section
    depend on is a field of that section, before the rating of the first of these lines; other facts
    are in a section of their own, the first one. ``totals`` are the values after the lines.

    Raises :class:`~kpirules.errors.RulesetError` for an unsound rubric.

    >>> from kpirules import form_layout, load
    >>> layout = form_layout(load("customer-service"))
    >>> section = layout["sections"][0]
    >>> section["label"], [field["name"] for field in section["fields"]][:3]
    ('Personnel record', ['late', 'absent', 'attendance'])
    >>> section["lines"][0]["facts"], section["lines"][0]["ratings"]
    (['late', 'absent'], ['attendance'])
    """
    program_of(rubric)
    return _Layout(Plan(rubric), lang).form()


def layout_of(plan: Plan, lang: str) -> FormLayout:
    """Return the layout of the form of a plan."""
    return _Layout(plan, lang).form()


class _Layout:
    """Makes the layout of one rubric in one language."""

    def __init__(self, plan: Plan, lang: str) -> None:
        self.plan = plan
        self.rubric = plan.rubric
        self.lang = lang
        self.graph = dependency_graph(plan.rubric)
        self.derived = {d.name for d in plan.rubric.derived}
        inputs = {
            name: input_field(fact, lang, plan.scope.labels)
            for name, fact in plan.scope.inputs.items()
        }
        #: the names of inputs and ratings, in the order of the form
        self.order = (*inputs, *plan.rated)
        #: what each criterion depends on
        self.facts = {c.id: self._facts_of(str(Points(c.id))) for c in plan.criteria}
        #: the criteria of each section, and the sections that depend on each name
        self.members: dict[str | None, list[CompiledCriterion]] = {}
        self.users: dict[str, set[str | None]] = {}
        for c in plan.criteria:
            section = None if c.section is None else c.section.id
            self.members.setdefault(section, []).append(c)
            for name in self.facts[c.id]:
                self.users.setdefault(name, set()).add(section)
        self.inputs = inputs

    def form(self) -> FormLayout:
        """Return the layout."""
        sections = [self._section(section) for section in self.rubric.sections or (None,)]
        placed = {field["name"] for section in sections for field in section["fields"]}
        rest = [field for name, field in self.inputs.items() if name not in placed]
        if rest:
            sections.insert(0, self._own_section("form.facts", rest, []))
        return {
            "rubric": self.rubric.id,
            "title": named(self.rubric.label, self.rubric.id, self.lang),
            "lang": self.lang,
            "sections": sections,
            "totals": [*self._totals()],
        }

    def _facts_of(self, *computed: str) -> list[str]:
        """List the inputs and ratings that computed names depend on, also by derived facts."""
        found: set[str] = set()
        rest = [n for name in computed for n in self.graph.get(name, ())]
        while rest:
            name = rest.pop()
            if name not in found:
                found.add(name)
                rest += self.graph[name] if name in self.derived else ()
        return [name for name in self.order if name in found]

    def _section(self, section: Section | None) -> LayoutSection:
        """Return a section with the facts that only its lines depend on."""
        own = self.members.get(None if section is None else section.id, [])
        drawn: dict[str, LayoutField] = {}
        for c in own:
            mine = [n for n in self.facts[c.id] if n in self.inputs and len(self.users[n]) == 1]
            every = [self.inputs[n] for n in mine if n not in drawn]
            for field in (*every, *self._ratings(c)):
                field["criterion"] = c.id
                drawn[field["name"]] = field
        lines = [self._line(c, drawn) for c in own]
        if section is None:
            return self._own_section("form.criteria", [*drawn.values()], lines)
        settled = not self.plan.weighing.has_computed_weights
        return {
            "id": section.id,
            "label": named(section.label, section.id, self.lang),
            "weight": show(self.plan.section_weight(section)) if settled else None,
            "fields": [*drawn.values()],
            "lines": lines,
        }

    def _own_section(
        self, key: str, fields: list[LayoutField], lines: list[LayoutLine]
    ) -> LayoutSection:
        """Return a section that is not one of the ruleset."""
        label = template(key, self.lang)
        return {"id": None, "label": label, "weight": None, "fields": fields, "lines": lines}

    def _ratings(self, c: CompiledCriterion) -> Iterator[LayoutField]:
        """Yield the fields of a rating."""
        facts = [self._called(n) for n in self.facts[c.id]] if _is_alternative(c) else []
        yield from rating_fields(c, self.rubric.raters, facts, self.lang)

    def _called(self, name: str) -> Named:
        """Return a name with its label."""
        return Named(name, self.plan.scope.labels.get(name))

    def _text(self, text: Text | None) -> str | None:
        """Return a text in the language of the form."""
        return None if text is None else text.get(self.lang)

    def _line(self, c: CompiledCriterion, drawn: dict[str, LayoutField]) -> LayoutLine:
        """Return a line."""
        ratings = [n for n in c.rating_names if n in drawn]
        has_weight = c.is_scored and not isinstance(c.criterion.weight, str)
        facts = [] if c.is_weightless else self.facts[c.id]
        return {
            "criterion": c.id,
            "label": named(c.criterion.label, c.id, self.lang),
            "weight": show(c.weight) if has_weight else None,
            "standard": self._text(c.criterion.standard),
            "target": self._text(c.criterion.target),
            "data_source": self._text(c.criterion.data_source),
            "facts": facts,
            "ratings": ratings,
            "alternative": bool(ratings and facts) and _is_alternative(c),
        }

    def _totals(self) -> Iterator[LayoutTotal]:
        """Yield the values after the lines."""
        rubric = self.rubric
        for section in rubric.sections:
            yield self._total(str(Subtotal(section.id)), section.label)
        for adjustment in rubric.adjustments:
            name = str(Adjustment(adjustment.id))
            yield self._total(name, adjustment.label, name)
        refusals = [str(Refusal(i)) for i, gate in enumerate(rubric.gates) if gate.refuse]
        weights = [name for name, _ in weighed(rubric)]
        yield self._total(str(Total()), None, BEFORE, GATES, *refusals, *weights)
        if rubric.tiers:
            yield self._total(str(Tier()), None)
        labels = {outcome.name: outcome.label for outcome in rubric.outcomes}
        for outcome in (*tier_outcomes(rubric), *labels):
            name = str(Outcome(outcome))
            yield self._total(name, labels.get(outcome), name)

    def _total(self, name: str, label: Text | None, *computed: str) -> LayoutTotal:
        """Return a value after the lines, which depends on computed names."""
        own = label or OWN_LABELS.get(name)
        fallback = name.rpartition(".")[2]
        text = fallback if own is None else own.get(self.lang)
        return {"name": name, "label": text, "facts": self._facts_of(*computed)}


def _is_alternative(c: CompiledCriterion) -> bool:
    """Return whether a rating is instead of facts: facts alone determine the points."""
    return c.is_measured and not c.is_judged
