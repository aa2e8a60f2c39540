"""Which rulesets there are, and which of them is in force on a date."""

from __future__ import annotations

from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

import attrs

from kpirules.errors import NotOneRulesetError, RulesetNotFoundError
from kpirules.loading import load_file


if TYPE_CHECKING:
    from kpirules.model import Rubric


#: how a ruleset file's name ends; what stands before it is the date from which it is in force
SUFFIX = ".rubric.toml"


@attrs.frozen(kw_only=True)
class Ruleset:
    """A ruleset that can be loaded: its id, the date from which it is in force, its file."""

    #: the folder's name, which is the rubric's id
    id: str
    #: the file's name before its ending
    effective_from: date
    path: Path


def shipped() -> Path:
    """Give the folder of the rulesets that come with kpirules.

    In an installed package it lies inside; in a checkout, which an editable install points to, it
    is the top-level folder ``rulesets``.
    """
    inside = Path(__file__).parent / "_rulesets"
    return inside if inside.is_dir() else Path(__file__).parents[2] / "rulesets"


def rulesets() -> tuple[Ruleset, ...]:
    """List the rulesets that :func:`load` knows, by id and date.

    >>> from kpirules import rulesets
    >>> [(r.id, str(r.effective_from)) for r in rulesets() if r.id == "customer-service"]
    [('customer-service', '2025-01-01')]
    """
    return _found_in(shipped())


def _found_in(folder: Path) -> tuple[Ruleset, ...]:
    """List the rulesets of a folder: ``<id>/<effective-from>.rubric.toml``."""
    found: list[Ruleset] = []
    for path in folder.glob(f"*/*{SUFFIX}"):
        since = date.fromisoformat(path.name.removesuffix(SUFFIX))
        found.append(Ruleset(id=path.parent.name, effective_from=since, path=path))
    return tuple(sorted(found, key=lambda r: (r.id, r.effective_from)))


def load(id: str, *, on: date | None = None) -> Rubric:  # noqa: A002 - the word of the language
    """Load the ruleset of that id that is in force on a date.

    Without a date, today's. Raises :class:`~kpirules.errors.RulesetNotFoundError` for an unknown
    id or a date on which none is in force, :class:`~kpirules.errors.RulesetError` where the file
    is unsound.

    >>> from datetime import date
    >>> from kpirules import load
    >>> load("customer-service", on=date(2026, 10, 31)).currency
    'CNY'
    """
    known = rulesets()
    versions = [r for r in known if r.id == id]
    if not versions:
        raise RulesetNotFoundError(id=id, known=tuple(dict.fromkeys(r.id for r in known)))
    day = date.today() if on is None else on  # noqa: DTZ011 - a wage's date is the firm's own
    started = [r for r in versions if r.effective_from <= day]
    if started:
        last = started[-1]
        same = [str(r.path) for r in started if r.effective_from == last.effective_from]
        if len(same) > 1:  # pragma: no cover - one folder cannot hold two files of one name
            raise NotOneRulesetError(id=id, files=tuple(same))
        rubric = _loaded(last.path, last.path.stat().st_mtime_ns)
        if is_in_force(rubric, day):
            return rubric
    dates = tuple(f"from {r.effective_from}" for r in versions)
    raise RulesetNotFoundError(id=id, on=day, known=dates)


@lru_cache(maxsize=256)
def _loaded(path: Path, _changed: int) -> Rubric:
    """Load a file once, and again when it has changed."""
    return load_file(path)


def is_in_force(rubric: Rubric, day: date) -> bool:
    """Say whether a rubric is in force on a date: both its dates are in."""
    begun = rubric.effective_from is None or rubric.effective_from <= day
    return begun and (rubric.effective_until is None or day <= rubric.effective_until)


def in_force(rubric: Rubric | str, on: date | None) -> Rubric:
    """Give the rubric of an id on a date, or a rubric itself where it is in force on it."""
    if isinstance(rubric, str):
        return load(rubric, on=on)
    if on is not None and not is_in_force(rubric, on):
        since = f"from {rubric.effective_from}"
        raise RulesetNotFoundError(id=rubric.id, on=on, known=(since,))
    return rubric
