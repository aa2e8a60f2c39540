"""The labels of a rubric's names and options."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kpirules.formula import FUNCTIONS, HEADS, names_in
from kpirules.model.demotions import record_inputs
from kpirules.model.inputs import Cohort
from kpirules.model.names import (
    Adjustment,
    Contribution,
    CriterionWeight,
    Derived,
    Gates,
    Outcome,
    Points,
    RawTotal,
    SectionWeight,
    Subtotal,
    Tier,
    Total,
    TotalBeforeGates,
)
from kpirules.model.quota import Quota
from kpirules.translations.message import Message, Named


if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from kpirules.model.inputs import Gathering
    from kpirules.model.names import Name
    from kpirules.model.rubric import Rubric
    from kpirules.model.text import Text
    from kpirules.translations.message import ByLanguage


#: the words of the translations for names that have no label
OWN_LABELS: Mapping[str, Message] = {
    str(Total()): Message.of("result.total"),
    str(Tier()): Message.of("result.tier"),
    str(RawTotal()): Message.of("result.sum"),
    str(Outcome("pay")): Message.of("result.pay"),
    str(Outcome("coefficient")): Message.of("result.coefficient"),
}


def labels_of(rubric: Rubric) -> tuple[tuple[str, Text], ...]:
    """Return the labels of the names that results speak of: facts, ratings, raters."""
    found: list[tuple[Name | str, Text | None]] = [(f.name, f.label) for f in record_inputs(rubric)]
    found += [(Derived(d.name), d.label) for d in rubric.derived]
    for c in rubric.all_criteria:
        found += [(Points(c.id), c.label), (Contribution(c.id), c.label)]
        found += [(f"{c.id}.{rater.name}", rater.label) for rater in rubric.raters]
        found.append((c.id, c.label))
    found += [(Subtotal(s.id), s.label) for s in rubric.sections]
    found += [(Adjustment(a.id), a.label) for a in rubric.adjustments]
    found += [(Outcome(o.name), o.label) for o in rubric.outcomes]
    return tuple((str(name), label) for name, label in found if label is not None)


def options_of(rubric: Rubric) -> tuple[tuple[str, tuple[tuple[str, Text], ...]], ...]:
    """Return the labels of what is chosen from, and of the tiers, by the code."""
    chosen = [(f.name, [(o.code, o.label) for o in f.options]) for f in rubric.inputs]
    chosen.append((Tier.head, [(tier.id, tier.label) for tier in rubric.tiers]))
    every = (
        (name, tuple((code, label) for code, label in codes if label is not None))
        for name, codes in chosen
    )
    return tuple((name, codes) for name, codes in every if codes)


def source_of(origin: Gathering, labels: Mapping[str, ByLanguage] = OWN_LABELS) -> Message:
    """Describe where the values of a gathered input come from.

    ``labels``: those of the names of this ruleset; the names of another one have none.

    >>> from kpirules.model.inputs import History
    >>> source_of(History(take="total", each="month", window="inside")).text()
    'total by month, within this period'
    """
    if isinstance(origin, Cohort):
        return _of_cohort(origin, labels)
    if isinstance(origin, Quota):
        return _of_quota(origin, labels)
    history = origin
    each = Message.of("history.any" if history.each is None else f"rulebook-period.{history.each}")
    known = labels if history.rubric is None else OWN_LABELS
    taken = Named(history.take, known.get(history.take, OWN_LABELS.get(history.take)))
    if isinstance(history.window, int):
        source = Message.of("history.before", count=history.window, taken=taken, each=each)
    elif history.window == "inside":
        source = Message.of("history.inside", taken=taken, each=each)
    else:
        source = Message.of("history.so-far", taken=taken, each=each)
    if history.rubric is None:
        return source
    return Message.of("history.of", source=source, rubric=history.rubric)


def _of_cohort(cohort: Cohort, labels: Mapping[str, ByLanguage]) -> Message:
    """Describe what an input is gathered from all records by."""
    own = _asked(cohort.of_record, labels)
    of_group = _asked(filter(None, [cohort.over_group]), labels)
    if cohort.share is not None:
        made = Message.of("together.share", names=own) if own else Message.of("together.same-share")
        if of_group:
            made = Message.of("together.share-of", source=made, names=of_group)
    elif cohort.formula is not None:
        made = (
            Message.of("together.number", names=of_group)
            if of_group
            else Message.of("together.heads")
        )
    else:
        made = Message.of("together.place", names=own) if own else Message.of("together.same-place")
    return _within(made, cohort, labels)


def _of_quota(quota: Quota, labels: Mapping[str, ByLanguage]) -> Message:
    """Describe what the flag of a demoting quota is gathered from all records by."""
    names = _asked(quota.ranks, labels)
    made = Message.of("together.quota", names=names) if names else Message.of("together.same-quota")
    return _within(made, quota, labels)


def _within(source: Message, part: Cohort | Quota, labels: Mapping[str, ByLanguage]) -> Message:
    """Describe within which groups something is gathered."""
    if not part.groups:
        return source
    groups = tuple(_named(name, labels) for name in part.groups)
    return Message.of("together.within", source=source, groups=groups)


def _asked(texts: Iterable[str], labels: Mapping[str, ByLanguage]) -> tuple[Named, ...]:
    """Return the names in formulas."""
    every = (name for text in texts for name in names_in(text))
    names = dict.fromkeys(name for name in every if name not in {HEADS, *FUNCTIONS})
    return tuple(_named(name, labels) for name in names)


def _named(name: str, labels: Mapping[str, ByLanguage]) -> Named:
    """Return a name for a message."""
    return Named(name, labels.get(name, OWN_LABELS.get(name)))


def sum_of_weights(section: str | None = None) -> str:
    """Return the name of the sum of the weights of a section, or of the whole form."""
    return "weights" if section is None else f"weights of {section}"


def labels_in_findings(rubric: Rubric) -> dict[str, ByLanguage]:
    """Return the labels of all names that findings speak of, kpirules' own words included."""
    labels: dict[str, ByLanguage] = {
        **OWN_LABELS,
        str(TotalBeforeGates()): Message.of("name.total-before-gates"),
        str(Gates()): Message.of("name.gates"),
        # words of expectations, which are not names of a result
        "pay": OWN_LABELS[str(Outcome("pay"))],
        "unratable": Message.of("result.unratable"),
        "refused": Message.of("name.refused"),
        sum_of_weights(): Message.of("name.weights"),
        **dict(labels_of(rubric)),
    }
    labels |= {f"{Derived.head}.{d.name}": d.label for d in rubric.derived if d.label is not None}
    for section in rubric.sections:
        own = Named(section.id, section.label)
        labels[str(SectionWeight(section.id))] = Message.of("name.weight", part=own)
        labels[sum_of_weights(section.id)] = Message.of("name.weights-in", part=own)
        if section.label is not None:
            labels[section.id] = section.label
    for criterion in rubric.all_criteria:
        own = Named(criterion.id, criterion.label)
        labels[str(CriterionWeight(criterion.id))] = Message.of("name.weight", part=own)
    return labels | rating_labels(rubric)


def rating_labels(rubric: Rubric) -> dict[str, ByLanguage]:
    """Return the labels of the ratings of several raters where each stands by itself.

    They have both parts, since one rater rates several criteria. (In the line of a criterion, the
    label of the rater is enough.)
    """
    return {
        f"{criterion.id}.{rater.name}": Message.of(
            "name.rating",
            criterion=Named(criterion.id, criterion.label),
            rater=Named(rater.name, rater.label),
        )
        for criterion in rubric.all_criteria
        for rater in rubric.raters
        if criterion.label is not None or rater.label is not None
    }
