"""Check the names by which records are grouped, and which of them take part."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kpirules.checks.kinds import kinds
from kpirules.checks.references import fits_condition, unknown_fact
from kpirules.checks.structure import wrong_value
from kpirules.model.demotions import record_inputs
from kpirules.model.vocabulary import NUMERIC
from kpirules.translations.message import Message, Named


if TYPE_CHECKING:
    from collections.abc import Iterator

    from kpirules.diagnostics.finding import Finding, KeyPath
    from kpirules.model.rubric import Cohort, Quota, Rubric


def fits_group(rubric: Rubric, part: Cohort | Quota, path: KeyPath) -> Iterator[Finding]:
    """Check by what records are grouped, and which of them take part."""
    known = kinds(rubric)
    grouping = {f.name for f in record_inputs(rubric) if f.type not in NUMERIC and not f.many}
    for name in part.groups:
        if name not in known:
            yield unknown_fact(name, known, (*path, "within"))
        elif name not in grouping:
            yield wrong_value(
                (*path, "within"),
                Message.of("finding.value_cohort-within", name=Named(name)),
                Message.of("advice.value_cohort-within"),
            )
    for condition in () if part.where is None else part.where.conditions:
        yield from fits_condition(condition, None, known, (*path, "where"), of_outcome=True)
