"""Which ruleset a command means: an id on a date or in a month, or a file."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from kpirules.catalog import SUFFIX, catalog
from kpirules.errors import RulesetNotFoundError
from kpirules.loading import load, load_file, load_found
from kpirules.texts import printable


if TYPE_CHECKING:
    from collections.abc import Sequence

    from kpirules.model import Rubric


#: where ``kpirules new`` puts rulesets
_HERE = Path("rulesets")


def find(
    name: str, on: str | None, folders: Sequence[Path] = (), prefer: str | None = None
) -> Rubric:
    """Load a ruleset by its path, or by its id as it is in force at a time.

    Where nothing says when, and the id has several versions, the one that is taken is said; where
    there is none of that id, and its folder is here, how to name it.
    """
    if name.endswith(SUFFIX):
        return load_file(name, folders=folders, prefer=prefer)
    try:
        return _find(name, on, folders, prefer)
    except RulesetNotFoundError as error:
        if error.on is None and (_HERE / name).is_dir():
            here = printable(f"{_HERE}/{name}")
            sys.stderr.write(f"kpirules: {here} is read with --folder {_HERE}\n")
        raise


def _find(name: str, on: str | None, folders: Sequence[Path], prefer: str | None) -> Rubric:
    """Load a ruleset by its id."""
    if on is None:
        rubric = load(name, folders=folders, prefer=prefer)
        if sum(r.id == name for r in catalog(folders).rulesets) > 1:
            since = f"in force from {rubric.effective_from}"
            sys.stderr.write(f"kpirules: {name}, {since}, is taken: today's; --on takes another\n")
        return rubric
    found = catalog(folders).within(name, on, prefer=prefer, option="--on")
    return load_found(found, folders, prefer)
