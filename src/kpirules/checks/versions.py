"""Check the path of a rubric's file, and its period against the other versions."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Literal

from kpirules.checks.registry import reports
from kpirules.diagnostics.finding import Finding
from kpirules.translations.message import Given, Message


if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date
    from pathlib import Path

    from kpirules.model.rubric import Rubric


@reports(
    "misfiled",
    severity="error",
    title="a file whose name or folder does not agree with its content",
)
def misfiled(
    rubric: Rubric,
    id: str,  # noqa: A002 - the word of the language
    since: date,
    how: Literal["file", "listed"],
) -> Iterator[Finding]:
    """Find an id or a date under which a rubric is not found.

    It is found by the path of its file, ``<id>/<effective-from>.rubric.toml``, or by what a source
    lists.
    """
    if id != rubric.id:
        yield Finding(
            code="misfiled",
            reason=Message.of(f"finding.misfiled_id-{how}", id=Given(rubric.id), folder=Given(id)),
            advice=Message.of(f"advice.misfiled_id-{how}", id=Given(rubric.id)),
            path=("id",),
        )
    if rubric.effective_from != since:
        begins = rubric.effective_from
        yield Finding(
            code="misfiled",
            reason=Message.of(f"finding.misfiled_no-date-{how}", file=since)
            if begins is None
            else Message.of(f"finding.misfiled_date-{how}", date=begins, file=since),
            advice=Message.of(f"advice.misfiled_date-{how}", file=since),
            path=("effective_from",),
        )


@reports("version-overlap", severity="error", title="two versions that are effective on one day")
@reports(
    "version-gap", severity="warning", title="a time between two versions without an effective one"
)
@reports("value")
def versions(rubric: Rubric, path: Path) -> Iterator[Finding]:
    """Find versions of a rubric that overlap it in time, and a time after it without a version.

    Only versions that begin later are examined, so that each problem is found once.
    """
    from kpirules.registry.catalog import SUFFIX, beside, date_of, spans  # noqa: PLC0415 - for files alone

    near, since = beside(path), date_of(path)
    if near is None or since is None or rubric.effective_until is None:
        # without a last date of its own it ends where the next one begins
        return
    until = rubric.effective_until
    if until < since:
        yield Finding(
            code="value",
            reason=Message.of("finding.value_ends-before", until=until, since=since),
            advice=Message.of("advice.value_ends-before", since=since),
            path=("effective_until",),
        )
        return
    mine = [r for r in near.rulesets if r.id == path.absolute().parent.name]
    later = [each for each in spans(mine) if each[1] > since]
    for other, begins, ends in later:
        if begins <= until:
            last = until if ends is None else min(until, ends)
            yield Finding(
                code="version-overlap",
                reason=Message.of(
                    "finding.version-overlap",
                    first=begins,
                    last=last,
                    file=f"{other.effective_from}{SUFFIX}",
                ),
                advice=Message.of("advice.version-overlap", date=begins - timedelta(days=1)),
                path=("effective_until",),
                witness=(("on", begins),),
            )
    if later and later[0][1] > until + timedelta(days=1):
        first, begins = until + timedelta(days=1), later[0][1]
        yield Finding(
            code="version-gap",
            reason=Message.of("finding.version-gap", first=first, last=begins - timedelta(days=1)),
            advice=Message.of("advice.version-gap"),
            path=("effective_until",),
            witness=(("on", first),),
        )
