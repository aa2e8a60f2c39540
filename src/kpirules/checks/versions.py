"""Check the path of a rubric's file, and its period against the other versions."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from kpirules.checks.registry import reports
from kpirules.diagnostics.finding import Finding


if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from kpirules.model.rubric import Rubric


@reports(
    "misfiled",
    severity="error",
    title="a file whose name or folder says something else than the file",
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
            reason=f'the rubric is "{rubric.id}", and its folder says "{folder}"',
            advice=f'lay the file in a folder "{rubric.id}", or correct the id',
            path=("id",),
        )
    if rubric.effective_from != since:
        said = f"from {rubric.effective_from}" if rubric.effective_from else "from no date"
        yield Finding(
            code="misfiled",
            reason=f"the rubric is in force {said}, and its file is named {since}",
            advice=f"write effective_from = {since}, or name the file by the date",
            path=("effective_from",),
        )


@reports("version-overlap", severity="error", title="two versions in force at once")
@reports(
    "version-gap", severity="warning", title="a time between two versions without any in force"
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
            reason=f"it ends on {until}, before it begins",
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
                reason=f"{begins} to {last} is also covered by {other.path.name}",
                advice=f"let it end on {begins - timedelta(days=1)}, or leave effective_until out",
                path=("effective_until",),
                witness=(("on", str(begins)),),
            )
    if later and later[0][1] > until + timedelta(days=1):
        first, begins = until + timedelta(days=1), later[0][1]
        yield Finding(
            code="version-gap",
            reason=f"nothing is in force from {first} to {begins - timedelta(days=1)}",
            advice="leave effective_until out, or accept it by a ruling",
            path=("effective_until",),
            witness=(("on", str(first)),),
        )
