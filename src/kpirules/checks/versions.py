"""Check the path of a rubric's file, and its period against the other versions."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from kpirules.checks.registry import reports
from kpirules.diagnostics.finding import Finding
from kpirules.translations.message import Given, Message


if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from kpirules.model.rubric import Rubric


@reports(
    "misfiled",
    severity="error",
    title="a file whose name or folder does not agree with its content",
)
def misfiled(rubric: Rubric, path: Path) -> Iterator[Finding]:
    """Find a file that is named by a date, and is not ``<id>/<effective-from>.rubric.toml``."""
    from kpirules.registry.catalog import date_of  # noqa: PLC0415 - costs 50 ms, and is for files alone

    since = date_of(path)
    if since is None:
        return
    folder = path.absolute().parent.name
    if folder != rubric.id:
        yield Finding(
            code="misfiled",
            reason=Message.of("finding.misfiled", id=Given(rubric.id), folder=Given(folder)),
            advice=Message.of("advice.misfiled", id=Given(rubric.id)),
            path=("id",),
        )
    if rubric.effective_from != since:
        date = rubric.effective_from
        yield Finding(
            code="misfiled",
            reason=Message.of("finding.misfiled_no-date", file=since)
            if date is None
            else Message.of("finding.misfiled_date", date=date, file=since),
            advice=Message.of("advice.misfiled_date", file=since),
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
    from kpirules.registry.catalog import beside, date_of, spans  # noqa: PLC0415 - as above

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
                    "finding.version-overlap", first=begins, last=last, file=other.path.name
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
