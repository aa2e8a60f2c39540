"""Search records that show a fault, and evaluate them before the fault is reported as an error.

The proofs of `check` know the values of each name, but not which of them occur together. So a fault
that they cannot exclude is searched in records: those that the proof suggests, the examples, and
others with boundary values, up to a number of records. A fault that no record shows and no proof
excludes is reported as `not-proved`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from itertools import combinations
from typing import TYPE_CHECKING

import attrs

from kpirules.arithmetic.ratio import Numbers
from kpirules.checks.exclusion import Exclusion
from kpirules.checks.gaps import all_gaps
from kpirules.checks.registry import reports
from kpirules.checks.search import NOT_EXCLUDED, PART_STEPS, Record, Records, Search, Suspicion
from kpirules.model import dependencies
from kpirules.translations.message import Message, restated


if TYPE_CHECKING:
    from kpirules.compiler.plan import Plan
    from kpirules.diagnostics.finding import Finding


#: findings about values: each is an error only if a record shows it
SHOWN = frozenset(
    {
        "band-gap",
        "band-overlap",
        "division-by-zero",
        "may-be-missing",
        "not-rising",
        "points-out-of-range",
        "tier-gap",
        "tier-overlap",
    }
)


class Witnesses:
    """Searches records for those that show a fault."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        #: the names about which faults were shown
        self._faulty: set[str] = set()

    @cached_property
    def _records(self) -> Records:
        """The records of the plan, created for the first suspicion."""
        return Records(self._plan)

    def settle(self, suspicion: Suspicion) -> Finding | None:
        """Return the finding with a record that shows it, or that it is not proved.

        None if it is proved that no record shows it.
        """
        finding, plan = suspicion.finding, self._plan
        if finding.code not in SHOWN or not self._is_whole(suspicion.name):
            return finding
        enough = plan.scope.budget.spend(PART_STEPS * len(plan.scope.graph))
        record, values, stated = self._shown(suspicion) if enough else (None, {}, {})
        if record is None:
            is_excluded = enough and Exclusion(plan, suspicion).holds()
            return None if is_excluded else self._undecided(suspicion)
        self._faulty.add(suspicion.name)
        # the record may show the same with other values
        finding = attrs.evolve(
            finding, reason=_claim(finding, stated), witness=tuple(values.items())
        )
        names = {name for name, _ in finding.witness}
        if names.issuperset(record) and names.issubset(self._records.names):
            # the witness is the record
            return attrs.evolve(finding, record=())
        return attrs.evolve(finding, record=tuple(record.items()))

    @reports(
        "not-proved",
        severity="warning",
        title="a possible error that is neither proved nor shown by a record",
    )
    def _undecided(self, suspicion: Suspicion) -> Finding:
        """Return the warning that a fault is neither proved nor shown by a record."""
        finding, plan = suspicion.finding, self._plan
        claim: Message | str = _claim(finding, {})
        if self._faulty & dependencies.closure((suspicion.name,), plan.scope.graph):
            # a fault of a name on which it depends hides it
            claim = Message.of("finding-part.hidden", reason=claim)
        plan.undecided |= {suspicion.name}
        return attrs.evolve(
            finding,
            code="not-proved",
            severity="warning",
            reason=Message.of("finding.not-proved", reason=claim, code=finding.code),
            advice=Message.of("advice.not-proved"),
            witness=(),
            record=(),
        )

    def _is_whole(self, name: str) -> bool:
        """Check whether everything that a name depends on can be evaluated."""
        plan = self._plan
        every = dependencies.closure((name,), plan.scope.graph)
        without = {f"points.{c.id}" for c, _, path in plan.placed if path in plan.without}
        return every.isdisjoint(plan.lost | without)

    def _shown(
        self, suspicion: Suspicion
    ) -> tuple[Record | None, dict[str, object], dict[str, object]]:
        """Return a minimal record that shows a finding, or None.

        With the values of the witness, and with those that the message states, by name.
        """
        search = Search(self._records, suspicion)
        record = search.found()
        if record is None:
            return None, {}, {}
        if search.values(record) != dict(suspicion.finding.witness):
            exact = search.exact(record)
            for name in () if exact is not None else tuple(record):
                record = search.lowered(record, name)
            record = exact or record
        # a simpler record must show the same: another total without a tier is another finding
        at = search.values(record)
        for name in reversed(tuple(record)):
            fewer = {n: v for n, v in record.items() if n != name}
            if search.shows(fewer, at):
                record = fewer
                continue
            simpler = (*search.pools.least(name), *_shorter(record[name]))
            lower = ({**record, name: value} for value in simpler)
            record = next((each for each in lower if search.shows(each, at)), record)
        record = {n: record[n] for n in self._records.names if n in record}
        return record, at, search.stated(record)


def _shorter(value: object) -> Iterator[object]:
    """Yield a list without some of its items, the shortest first."""
    if isinstance(value, Numbers):
        for size in range(1, len(value)):
            yield from map(Numbers, combinations(value, size))


def _claim(finding: Finding, stated: Mapping[str, object]) -> Message | str:
    """Return what a finding claims, with the values that a record which shows it has."""
    reason = finding.reason
    if isinstance(reason, str):
        return reason
    inner = dict(reason.params).get("reason")
    if reason.key == NOT_EXCLUDED and isinstance(inner, Message):
        reason = inner
    return restated(reason, stated)


def settled(plan: Plan, suspicions: Iterable[Suspicion]) -> list[Finding]:
    """Return findings: those about values with records that show them, or as not proved."""
    witnesses = Witnesses(plan)
    found: list[Finding] = []
    # the gaps of each quantity, by the place of the first one among the findings
    gaps: dict[str, tuple[int, list[Finding]]] = {}
    before: set[object] = set()
    for suspicion in suspicions:
        finding = witnesses.settle(suspicion)
        if finding is None:
            continue
        # two questions about a place, such as about both ends of a range, may have one answer; one
        # undecided question about a place is enough
        answer: object = (finding.path, finding.other, finding.reason, finding.witness)
        if finding.code == "not-proved":
            answer = finding.path
        if finding.code == "band-gap" and suspicion.name in gaps:
            gaps[suspicion.name][1].append(finding)
        elif answer not in before:
            if finding.code == "band-gap":
                gaps[suspicion.name] = len(found), [finding]
            found.append(finding)
        before.add(answer)
    for index, every in gaps.values():
        found[index] = all_gaps(every)
    return found
