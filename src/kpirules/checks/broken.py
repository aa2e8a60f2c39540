"""What is too broken to be asked more of, so that one fault never hides another's."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from kpirules.checks.names import placed_bands, placed_criteria
from kpirules.findings import place_of


if TYPE_CHECKING:
    from collections.abc import Iterable

    from kpirules.findings import Finding, KeyPath
    from kpirules.model import Criterion, Rubric


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
    inputs = {str(p[1]) for p in (*paths, *twice) if p[0:1] == ("inputs",) and len(p) > 1}
    criteria: set[KeyPath] = set()
    nameless: set[KeyPath] = set()
    names = set(inputs)
    for criterion, place in placed_criteria(rubric):
        if _is_broken(criterion, place, rubric, paths, inputs):
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
        weights=weights,
        tiers=any(path[:1] in (("tier",), ("full_marks",), ("step",), ()) for path in paths),
        uses=any("bands" in path or "of" in path for path in lost) or ("section",) in lost,
    )


def _is_broken(
    criterion: Criterion,
    place: KeyPath,
    rubric: Rubric,
    paths: list[KeyPath],
    inputs: set[str],
) -> bool:
    """Say whether the points of a criterion cannot be known."""
    if any(path[: len(place)] == place and path[len(place) :] != ("weight",) for path in paths):
        return True
    if ("step",) in paths:
        return True
    if isinstance(criterion.bands, str) and any(
        path[:2] == ("bands", criterion.bands) for path in paths
    ):
        return True
    asked = {criterion.of} | {
        condition.name
        for band, _ in placed_bands(criterion, place, rubric)
        for condition in (band.when.conditions if band.when is not None else ())
    }
    return bool(asked & inputs)
