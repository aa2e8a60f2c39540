"""The labels of names, values and conditions in the text of a result, in a language."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fractions import Fraction
from functools import partial
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final, TypeAlias

import attrs

from kpirules._internal.display import printable
from kpirules.arithmetic.number import Exact, Number, canonical, round_to, show
from kpirules.arithmetic.range import Range
from kpirules.compiler.row_condition import Condition, listed
from kpirules.model.labels import OWN_LABELS
from kpirules.translations.catalog import template, words
from kpirules.translations.message import Message


if TYPE_CHECKING:
    from kpirules.evaluation.result_content import ResultContent
    from kpirules.evaluation.result_parts import Demoted, Given, Line, ListStep, Step, TierReached
    from kpirules.model.rubric import Entry, Text

#: (name, value) of what something was computed from
Used: TypeAlias = "tuple[tuple[str, Given], ...]"


#: what "otherwise" stands for in a table by a second fact if no entry stands beside it
_ANY: Final = Range()
#: no labels, no facts
_EMPTY: Final[Mapping[Any, Any]] = MappingProxyType({})


@attrs.frozen(kw_only=True)
class Speaker:
    """What names and values are called in one language, where a result speaks of them."""

    lang: str
    labels: Mapping[str, Text]
    #: the labels of what is chosen from, by the name and the code
    options: Mapping[str, Mapping[str, Text]] = _EMPTY
    #: the derived facts of the result
    derived: Mapping[str, Step | ListStep] = _EMPTY
    #: those of them shown as what they were computed from: they have no label, that has
    opened: frozenset[str] = frozenset()
    #: the names whose default applies
    defaults: frozenset[str] = frozenset()
    #: what the lines of each section weigh together
    whole: Mapping[str | None, Fraction] = _EMPTY

    @property
    def own(self) -> dict[str, str]:
        """Return kpirules' own words."""
        return words("result", self.lang)

    # ------------------------------------------------------------ names and values

    def name(self, name: str) -> str:
        """Return the label of a name."""
        label = self.labels.get(name) or OWN_LABELS.get(name)
        return name if label is None else label.get(self.lang)

    def value(self, name: str, value: Given) -> str:
        """Show a value of a name; an option by its label, a flag as yes or no."""
        if isinstance(value, bool):
            return self.own["yes" if value else "no"]
        if isinstance(value, tuple):
            # a list without items as a cell of a table has it
            return "; ".join(self.value(name, item) for item in value) or "[]"
        return self.option(name, value) if isinstance(value, str) else show(value)

    def option(self, name: str, code: str) -> str:
        """Return the label of an option, or its code."""
        label = self.options.get(name, {}).get(code)
        return code if label is None else label.get(self.lang)

    def of(self, points: Exact, scale: Exact) -> str:
        """Format points of full marks."""
        text = show(points)
        about = number(points).removeprefix(text).strip()
        said = self.own["of"].format(points=text, scale=number(scale))
        return f"{said} ({about})" if about else said

    def tier(self, tier: TierReached) -> str:
        """Name a tier."""
        return named(tier.label, tier.id, self.lang)

    def demoted(self, demoted: Demoted) -> str:
        """Name the tier from which a quota moved the record, and the tier below."""
        tier, below = self.tier(demoted.tier), self.tier(demoted.below)
        return Message.of("together.demoted", tier=tier, below=below).text(self.lang)

    def effect(self, key: str, value: object) -> str:
        """Format the effect of a gate; a tier by its label."""
        if key == "unratable":
            return self.own["unratable-gate"]
        shown = self.option("tier", value) if isinstance(value, str) else show(value)  # type: ignore[arg-type]
        return self.own[key].format(value=shown)

    # ------------------------------------------------------------ why

    def condition(self, condition: Condition) -> str:
        """Return when something holds, by labels."""
        if condition.otherwise:
            return self.own["otherwise"]
        if not condition.asked:
            return str(condition)
        return self.own["comma"].join(
            self._asked(name, entries) for name, entries in condition.asked
        )

    def _asked(self, name: str, entries: tuple[Entry, ...]) -> str:
        """Return what is asked of a name."""
        return f"{self.name(name)} {self._listed(name, entries)}"

    def _listed(self, name: str, entries: tuple[Entry, ...]) -> str:
        """Return the values and ranges that are asked of a name, any of which may hold."""
        return listed(entries, partial(self._entry, name), self.own["or"])

    def _entry(self, name: str, entry: Entry) -> str:
        """Return one of them."""
        if entry == "missing":
            return self.own["nothing"]
        if entry == _ANY:
            return template("range.any", self.lang)
        return self.value(name, entry) if isinstance(entry, (bool, str)) else str(entry)

    def because(
        self, label: Text | None, condition: Condition, used: Used, criterion: str = ""
    ) -> Iterator[str]:
        """Format a reason: the label of a band, or its condition, with the values given."""
        if label is not None:
            facts = self.own["comma"].join(self._facts({}, used, criterion))
            text = label.get(self.lang)
            yield self.own["label-facts"].format(label=text, facts=facts) if facts else text
            return
        asked = dict(condition.asked)
        if condition and not asked:
            yield self.condition(condition)
        yield from self._facts(asked, used, criterion)

    def _facts(
        self, asked: Mapping[str, tuple[Entry, ...]], used: Used, criterion: str
    ) -> Iterator[str]:
        """Format the values given, each with what is asked of it."""
        facts = self._opened(used)
        known = dict(used)
        for name, entries in asked.items():
            # a known name is printed with its value, below
            if name not in known:
                yield self._asked(name, entries)
        for name, value in facts.items():
            # of a rater without a label, the criterion's own name is printed already
            called = self.name(name)
            if called == name and criterion:
                called = name.removeprefix(f"{criterion}.")
            shown = self.value(name, value)
            if name in self.defaults:
                yield self.own["default"].format(name=called, value=shown)
                continue
            limit = shown
            if name in asked:
                limit = self._listed(name, asked[name]).removeprefix("= ")
            yield f"{called} = {shown}" + (f" ({limit})" if limit != shown else "")

    def _opened(self, used: Used) -> dict[str, Given]:
        """Return the values used; of an inner name, the values that it was computed from."""
        found: dict[str, Given] = {}
        seen: set[str] = set()
        rest = list(reversed(used))
        while rest:
            name, value = rest.pop()
            if name in seen:
                continue
            seen.add(name)
            if name in self.opened:
                rest += reversed(self.derived[name].used)
            else:
                found[name] = value
        return found

    def why(self, step: Step) -> str:
        """Format why a quantity has its value: its band, the facts, what changed it."""
        if step.skipped:
            return self.own["skipped"]
        reasons = [*self.because(step.band_label, step.condition, step.used)]
        if step.raw is not None:
            reasons.append(self.own["before"].format(raw=number(step.raw)))
        return self.own["comma"].join(filter(None, reasons))

    def why_items(self, step: ListStep) -> str:
        """Format why the items of a list have their values."""
        reasons = [*self.because(None, Condition(), step.used)]
        if step.raw is not None:
            raw = "; ".join(map(number, step.raw))
            reasons.append(self.own["before"].format(raw=raw))
        return self.own["comma"].join(reasons)

    def weighed(self, line: Line) -> str:
        """Format weight and contribution of a line; nothing if these are its points."""
        if line.weight is None or line.points is None:
            return ""
        if line.contribution == line.points and line.weight == line.scale:
            return ""
        return self.own["weighs"].format(
            weight=number(line.weight),
            whole=number(self.whole[line.section]),
            contribution=number(line.contribution),
        )

    def reasons(self, line: Line) -> str:
        """Format why a criterion has its points."""
        own, used = self.own, dict(line.used)
        rating = used.pop(line.criterion, None)
        reasons = [
            *self.because(line.band_label, line.condition, tuple(used.items()), line.criterion)
        ]
        if rating is not None:
            reasons.append(own["rated"].format(points=self.value(line.criterion, rating)))
        if line.assumed:
            said = own["assumed-some" if line.used else "assumed"]
            reasons.append(said.format(points=number(line.points or 0)))
        return own["comma"].join(filter(None, reasons))

    def reason(self, line: Line) -> str:
        """Format why a line has its points, with the clause that it cites."""
        own = self.own
        if line.left_out:
            reasons = [own[line.left_out]]
        elif line.points is None:
            remark = own["remark"].format(text=line.remark) if line.remark else ""
            reasons = [own["no-points"], remark]
        else:
            before = "" if line.raw is None else own["before"].format(raw=number(line.raw))
            unscored = own["no-points"] if line.weight is None else ""
            weighed = self.weighed(line)
            # a sheet has the points and the weight, but not the scale of the points
            of = self.of(line.points, line.scale) if weighed and line.scale is not None else ""
            reasons = [unscored, of, weighed, self.reasons(line), before]
        cite = "" if line.cite is None else line.cite.get(self.lang)
        return printable(own["comma"].join(filter(None, [*reasons, cite])))

    def cause(self, result: ResultContent) -> str:
        """Format why a record cannot be rated if no rule of the ruleset does so."""
        by_rule = any(key == "unratable" for gate in result.gates for key, _ in gate.effect)
        return self.own["too-few"] if result.unratable and not by_rule else ""


def speaker(result: ResultContent, lang: str, form: Speaker | None = None) -> Speaker:
    """Return the labels of a result in a language.

    ``form`` is what says its rubric, where that is at hand: a result that was stored before results
    kept the labels of options lacks them.
    """
    form = form or Speaker(
        lang=lang,
        labels=dict(result.form.labels),
        options={name: dict(codes) for name, codes in result.form.options},
    )
    labels = form.labels
    derived, given = result.derived, result.inputs
    lines, verdict = result.lines, result.verdict
    steps = (*derived.values(), *verdict.adjustments, *verdict.outcomes)
    every = (*(s.used for s in steps), *(g.used for g in verdict.gates), *(x.used for x in lines))
    used = {name for pairs in every for name, _ in pairs}
    ratings = {line.criterion for line in lines}
    whole: dict[str | None, Fraction] = {}
    for line in lines:
        if line.weight is not None and not line.left_out:
            whole[line.section] = whole.get(line.section, Fraction()) + Fraction(line.weight)
    return attrs.evolve(
        form,
        derived=derived,
        opened=frozenset(_opened(derived, labels)),
        # a value used is from the record, computed, or a default
        defaults=frozenset(
            n
            for n in used - given.keys() - derived.keys() - ratings - OWN_LABELS.keys()
            if "." not in n
        ),
        whole=whole,
    )


def _opened(derived: Mapping[str, Step | ListStep], labels: Mapping[str, Text]) -> Iterator[str]:
    """Return the derived facts without a label that were computed from something with one."""
    users: dict[str, list[str]] = {}
    for name, step in derived.items():
        for n, _ in step.used:
            users.setdefault(n, []).append(name)
    rest = [name for name in users if name in labels]
    seen: set[str] = set()
    while rest:
        for name in users.get(rest.pop(), ()):
            if name not in seen and name not in labels:
                seen.add(name)
                rest.append(name)
                yield name


def named(label: Text | None, fallback: str, lang: str) -> str:
    """Return a label in a language, or the id."""
    return fallback if label is None else label.get(lang)


def number(value: Number | Exact) -> str:
    """Show a number; one without a finite decimal form also as people read it.

    >>> number(Fraction(77, 60))
    '77/60 ≈ 1.2833'
    """
    text = show(value)
    if "/" not in text:
        return text
    return f"{text} ≈ {show(round_to(canonical(Fraction(value)), Fraction(1, 10_000), 'half_up'))}"
