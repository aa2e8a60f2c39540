"""The kind of values of each name: what conditions may ask of it, and formulas compute with."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import attrs

from kpirules._internal.typeguards import cache_last
from kpirules.checks.places import placed_rows
from kpirules.compiler.domains import allowed_values
from kpirules.model import names as computed
from kpirules.model.crossing import texts_of
from kpirules.model.demotions import record_inputs
from kpirules.model.dependencies import contributions, tier_outcomes
from kpirules.model.formulas import is_per_item
from kpirules.model.names import Adjustment, Points, RawTotal, Subtotal, Tier, Total
from kpirules.translations.message import Message


if TYPE_CHECKING:
    from kpirules.model.rubric import Input, Quantity, Rubric


class Kind(NamedTuple):
    """The kind of values of a name."""

    #: "number", "flag", "list", "text", "mixed" for an outcome of texts and numbers, or "group" for
    #: any text, which no condition and no formula may use
    what: str
    #: the allowed values
    allowed: Message
    options: tuple[str, ...] = ()
    #: whether it is an input or a derived fact
    is_fact: bool = False
    #: of a list, the kind of its items: "number", "flag" or "text"
    items: str = ""

    @property
    def of_item(self) -> Kind:
        """The kind of the items of a list; of all other names, the kind itself."""
        return self._replace(what=self.items) if self.items else self


@cache_last
def kinds(rubric: Rubric) -> dict[str, Kind]:
    """Return the kind of each name that quantities may use."""
    known = {fact.name: _of_input(fact) for fact in record_inputs(rubric)}
    known |= {d.name: _of_quantity(d, rubric) for d in rubric.derived}
    known = {name: kind._replace(is_fact=True) for name, kind in known.items()}
    for c in rubric.all_criteria:
        if not c.scored and not c.is_given and not c.range:
            # a remark
            continue
        names = [f"{c.id}.{rater.name}" for rater in rubric.raters] or [c.id]
        known |= dict.fromkeys((*names, str(Points(c.id))), _NUMBER)
    later: list[computed.Name] = [*contributions(rubric.all_criteria)]
    later += [Subtotal(s.id) for s in rubric.sections]
    later += [Adjustment(a.id) for a in rubric.adjustments]
    later += [RawTotal(), Total(), *map(computed.Outcome, tier_outcomes(rubric))]
    known |= dict.fromkeys(map(str, later), _NUMBER)
    if rubric.tiers:
        known[Tier.head] = _of_texts(tuple(tier.id for tier in rubric.tiers))
    for outcome in rubric.outcomes:
        known[str(computed.Outcome(outcome.name))] = _of_quantity(outcome, rubric)
    return known


_NUMBER = Kind(what="number", allowed=Message.of("allowed.number"))


def _of_texts(texts: tuple[str, ...], *, mixed: bool = False) -> Kind:
    """Return the kind of a name whose values are texts, or ``mixed`` texts and numbers."""
    allowed = Message.of("allowed.options", options=texts)
    return Kind(what="mixed" if mixed else "text", options=texts, allowed=allowed)


def allowed_in_file(fact: Input) -> Message:
    """Describe the values of an input as an author writes them: options by their codes."""
    if fact.type == "choice":
        return _of_texts(tuple(option.code for option in fact.options)).allowed
    return allowed_values(fact)


def _of_input(fact: Input) -> Kind:
    """Return the kind of an input; of a list, the allowed values are those of an item."""
    allowed = allowed_values(attrs.evolve(fact, many=False))
    what = {"flag": "flag", "text": "group"}.get(fact.type, "number")
    kind = Kind(what=what, allowed=allowed)
    if fact.type == "choice":
        kind = _of_texts(tuple(option.code for option in fact.options))
    return kind._replace(what="list", items=kind.what) if fact.many else kind


def _of_quantity(quantity: Quantity, rubric: Rubric) -> Kind:
    """Return the kind of a derived fact or an outcome."""
    texts = texts_of(quantity, rubric)
    kind = _NUMBER
    if texts:
        rows = [row for row, _, _ in placed_rows(quantity, (), rubric)]
        mixed = any(r.formula is not None or not isinstance(r.value, str) for r in rows)
        kind = _of_texts(texts, mixed=mixed)
    return kind._replace(what="list", items=kind.what) if is_per_item(quantity) else kind
