"""``kpirules docs``: write pages about rulesets into a folder."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kpirules.cli.io.atomic import exists_error, write_all
from kpirules.cli.reader_language import write
from kpirules.pages.api import pages
from kpirules.registry.catalog import catalog


if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path


def write_pages(
    ids: Sequence[str], output: Path, *, folders: Sequence[Path], lang: str, force: bool
) -> int:
    """Write the pages of some rulesets and a page that lists them; return the exit code."""
    made = pages(catalog(folders).rulesets, ids, folders=folders, lang=lang)
    paths = {output / name: text for name, text in made.items()}
    there = [path for path in paths if path.exists()]
    if there and not force:
        raise exists_error(there[0])
    files = {path: text.encode() for path, text in paths.items()}
    write_all(files, force=force, parents=True)
    write("cli.docs-written", count=len(made) - 1, output=str(output))
    return 0
