"""Find the ruleset of a command: by an id on a date or in a month, or by a file."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from kpirules.api.load import in_force, load_file, load_within
from kpirules.cli.reader_language import write
from kpirules.errors import RulesetNotFoundError
from kpirules.registry.catalog import SUFFIX, places_of
from kpirules.registry.dates import days_of
from kpirules.registry.search import Search
from kpirules.translations.message import Message


if TYPE_CHECKING:
    from collections.abc import Sequence

    from kpirules.model.rubric import Rubric


#: the folder into which ``kpirules new`` writes rulesets
_NEW_RULESETS = Path("rulesets")


def find(
    name: str, on: str | None, folders: Sequence[Path] = (), prefer: str | None = None
) -> Rubric:
    """Load a ruleset by its path, or by its id and a time.

    A file must be effective at that time. Without a time, the version of today is loaded; a note
    names it if the id has several versions. If the id is unknown, and the working directory has
    its folder, a note names the option that reads the folder; if today has no version, that of
    another day.
    """
    if name.endswith(SUFFIX):
        return _on_time(load_file(name, folders=folders, prefer=prefer), on)
    try:
        return _find(name, on, folders, prefer)
    except RulesetNotFoundError as error:
        if error.on is None and (_NEW_RULESETS / name).is_dir():
            folder = str(_NEW_RULESETS)
            path = f"{folder}/{name}"
            write("cli.error", message=Message.of("cli.read-with-folder", path=path, folder=folder))
        if error.on is not None and on is None:
            write("cli.error", message=Message.of("cli.read-with-on", id=name))
        raise


def _on_time(rubric: Rubric, on: str | None) -> Rubric:
    """Return the ruleset of a file; raise the error of an id if it is not effective then."""
    for day in () if on is None else reversed(days_of(on)):
        in_force(rubric, day)
    return rubric


def _find(name: str, on: str | None, folders: Sequence[Path], prefer: str | None) -> Rubric:
    """Load a ruleset by its id."""
    rubric = load_within(Search(folders, prefer), name, on, "--on")
    if on is None and sum(r.id == name for r in places_of(folders).catalog(name).rulesets) > 1:
        since = str(rubric.effective_from)
        write("cli.error", message=Message.of("cli.todays-version", id=name, date=since))
    return rubric
