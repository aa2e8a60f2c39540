"""What is too broken to be asked more of, so that one fault never hides another's."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

import attrs

from kpirules.checks.names import placed_bands, placed_criteria, placed_quantities
from kpirules.findings import place_of
from kpirules.formula import FormulaSyntaxError, parse
from kpirules.model import Derived


if TYPE_CHECKING:
    from collections.abc import Iterable

    from kpirules.findings import Finding, KeyPath
    from kpirules.model import Quantity, Rubric


#: keys that say nothing about how a value comes about
_WORDS = frozenset({"label", "cite", "note", "unit", "better", "help", "url", "reason", "missing"})
#: keys that the weights hang on, with the lists whose loss would lose some
_WEIGHTS = frozenset({"weight", "scored", "full_marks", "weights_total", "criterion", "section"})
#: findings that leave a part whole but for its name
_NAMES_ONLY = ("duplicate-id", "reserved-id")
#: findings that break no part: keys too many or too few (what that loses is said apart), sums of
#: parts that are right, a worked case
_NO_PART = ("unknown-key", "missing-key", "weights-sum", "section-sum", "example-fails")


@attrs.frozen(kw_only=True)
class Broken:
    """The parts of a rubric that earlier findings say cannot be relied on."""

    #: the places of criteria whose points cannot be known
    criteria: frozenset[KeyPath]
    #: the places of criteria whose name alone is wrong: no record can speak of them
    nameless: frozenset[KeyPath]
    #: names of a record that cannot be read: of broken criteria and inputs
    names: frozenset[str]
    #: derived facts that cannot be worked out
    derived: frozenset[str]
    #: whether the weights cannot be added up
    weights: bool
    #: whether the tiers cannot be looked up
    tiers: bool
    #: whether names that are used may have been lost with a part of the text
    uses: bool

    @property
    def whole(self) -> bool:
        """Say whether nothing is broken."""
        return not (self.criteria or self.names or self.weights or self.tiers)

    def places(self, rubric: Rubric) -> tuple[str, ...]:
        """Give the places that could not be asked everything."""
        if self.whole:
            return ()
        return ("tier", "full_marks", *(place_of(rubric, path) for path in self.criteria))


def what_is_broken(
    rubric: Rubric, findings: Iterable[Finding], lost: tuple[KeyPath, ...]
) -> Broken:
    """Say what is broken by the errors found so far, and by what the text has ``lost``."""
    errors = [f for f in findings if f.severity == "error"]
    twice = [f.path for f in errors if f.code in _NAMES_ONLY]
    paths = [f.path for f in errors if f.code not in (*_NAMES_ONLY, *_NO_PART)]
    paths = [path for path in (*paths, *lost) if not _WORDS.intersection(path)]
    inputs = {str(p[1]) for p in (*paths, *twice) if p[:1] == ("inputs",) and len(p) > 1}
    derived = {str(p[1]) for p in (*paths, *twice) if p[:1] == ("derive",) and len(p) > 1}
    for each, place in placed_quantities(rubric):
        # a derived fact is broken with what it hangs on, in any order
        if isinstance(each, Derived) and _is_broken(each, place, rubric, paths, inputs | derived):
            derived.add(each.name)
    criteria: set[KeyPath] = set()
    nameless: set[KeyPath] = set()
    for _ in rubric.derived:
        more = {
            d.name for d in rubric.derived if derived & set(asked_by(d, ("derive", d.name), rubric))
        }
        if more <= derived:
            break
        derived |= more
    names = set(inputs | derived)
    for criterion, place in placed_criteria(rubric):
        if _is_broken(criterion, place, rubric, paths, inputs | derived):
            criteria.add(place)
            names.add(criterion.id)
        elif any(path[: len(place)] == place for path in twice):
            nameless.add(place)
            names.add(criterion.id)
    weights = any(
        _WEIGHTS.intersection(path[-1:]) or path in criteria or not path for path in paths
    )
    return Broken(
        criteria=frozenset(criteria),
        nameless=frozenset(nameless),
        names=frozenset(names),
        derived=frozenset(derived),
        weights=weights,
        tiers=any(path[:1] in (("tier",), ("full_marks",), ("step",), ()) for path in paths),
        uses=any({"bands", "of", "formula", "derive"}.intersection(path) for path in lost)
        or ("section",) in lost,
    )


def _is_broken(
    quantity: Quantity, place: KeyPath, rubric: Rubric, paths: list[KeyPath], lost: set[str]
) -> bool:
    """Say whether what a quantity comes to cannot be known."""
    if any(path[: len(place)] == place and path[len(place) :] != ("weight",) for path in paths):
        return True
    if ("step",) in paths:
        return True
    if isinstance(quantity.bands, str) and any(
        path[:2] == ("bands", quantity.bands) for path in paths
    ):
        return True
    return bool(lost.intersection(asked_by(quantity, place, rubric)))


def asked_by(quantity: Quantity, place: KeyPath, rubric: Rubric) -> set[str]:
    """Give the names that a quantity asks for, as far as its formulas can be read."""
    bands = [band for band, _ in placed_bands(quantity, place, rubric)]
    asked = {condition.name for b in bands if b.when is not None for condition in b.when.conditions}
    asked |= {quantity.of or ""}
    lists = frozenset(fact.name for fact in rubric.inputs if fact.many)
    for text in (quantity.formula, *(band.formula for band in bands)):
        with suppress(FormulaSyntaxError):
            asked.update(parse(text, lists).names if text is not None else ())
    return asked - {""}
