"""Write the pages of rulesets, by file name."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

from kpirules.api.load import load_found
from kpirules.errors import RulesetNotFoundError
from kpirules.pages.ruleset_page import list_page, ruleset_page
from kpirules.registry.catalog import spans


if TYPE_CHECKING:
    import os
    from collections.abc import Collection, Iterable
    from datetime import date

    from kpirules.model.rubric import Rubric
    from kpirules.registry.catalog import Ruleset


def pages(
    found: Iterable[Ruleset],
    ids: Collection[str] = (),
    *,
    folders: Iterable[str | os.PathLike[str]] = (),
    lang: str = "en",
) -> dict[str, str]:
    """Write a page for each version of some rulesets, and ``index.md``, which lists them.

    Parameters: ``found``, rulesets as :func:`kpirules.rulesets` returns them; ``ids``, the ids of
    the rulesets to write [all]; ``folders``, where to look for the rulesets that they extend;
    ``lang``, the language of labels.

    Returns the pages as Markdown, by file name (``customer-service/2025-01-01.md``).

    Raises :class:`~kpirules.errors.RulesetNotFoundError` for an id that is not in ``found``,
    :class:`~kpirules.errors.RulesetError` for an unsound file, and
    :class:`~kpirules.errors.MissingExtraError` without the extra ``sheets``.

    >>> from kpirules import rulesets
    >>> sorted(pages(rulesets(), ["developer"]))
    ['developer/2025-01-01.md', 'index.md']
    """
    every, where = list(found), tuple(folders)
    known = tuple(dict.fromkeys(each.id for each in every))
    for name in ids:
        if name not in known:
            raise RulesetNotFoundError(id=name, known=known)
    made: dict[str, str] = {}
    entries: list[tuple[Rubric, date | None, str]] = []
    ordered = sorted(every, key=lambda r: (r.id, str(r.source), r.effective_from))
    for (name, _), versions in groupby(ordered, key=lambda r: (r.id, str(r.source))):
        if ids and name not in ids:
            continue
        before: Rubric | None = None
        for version, since, until in spans(tuple(versions)):
            rubric = load_found(version, where)
            address = f"{name}/{since}.md"
            if address in made:
                # one id from two sources: make the name of the second unique
                address = f"{name}/{since}-{len(made)}.md"
            made[address] = ruleset_page(rubric, before=before, until=until, lang=lang)
            entries.append((rubric, until, address))
            before = rubric
    made["index.md"] = list_page(entries, lang=lang)
    return made
