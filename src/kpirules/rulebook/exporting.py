"""The workbook of a ruleset, or the parts that a workbook cannot hold."""

from __future__ import annotations

import io
from itertools import zip_longest
from typing import TYPE_CHECKING, Any

import attrs

from kpirules._internal.typeguards import is_dict, is_list
from kpirules.errors import fetch
from kpirules.rulebook.importing import imported
from kpirules.rulebook.workbook import rule_workbook
from kpirules.rulebook.writer import tables_of
from kpirules.toml.converter import unstructure
from kpirules.toml.tree_places import place_in


if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from kpirules.diagnostics.finding import KeyPath
    from kpirules.model.rubric import Rubric
    from kpirules.rulebook.grid import Worksheets


def with_ids(content: bytes, ids: Iterable[tuple[str, int, int, str]]) -> bytes:
    """Return the content of a workbook with ids in cells: (title of the sheet, row, column, id)."""
    book = fetch("openpyxl", "excel").load_workbook(io.BytesIO(content))
    for title, row, column, name in ids:
        book[title].cell(row, column + 1, name)
    made = io.BytesIO()
    book.save(made)
    return made.getvalue()


@attrs.frozen(kw_only=True)
class Exported:
    """The workbook of a ruleset."""

    content: bytes = b""
    #: the places that a workbook cannot hold, by ids; if there are any, there is no workbook
    without: tuple[str, ...] = ()


def exported(rubric: Rubric, lang: str, opened: Callable[[bytes], Worksheets]) -> Exported:
    """Write a rubric as a workbook in a language.

    ``opened`` opens the content of a workbook: what was written is read again, and a part that is
    not read as the same is one that the workbook cannot hold.
    """
    tree, language = unstructure(rubric), lang.partition("-")[0]
    without = tables_of(tree, language).without
    if without:
        return _without(place_in(tree, part_path(path)) for path in without)
    content = rule_workbook(tree, language)
    again = imported(opened(content), rubric.id)
    if again.rubric is None:
        errors = (finding for finding in again.findings if finding.severity == "error")
        return _without(f.place or next((s.cell for s in f.spots), f.code) for f in errors)
    different = differences(tree, unstructure(again.rubric))
    made = _without(place_in(tree, part_path(path)) for path in different)
    return made if made.without else Exported(content=content)


def _without(places: Iterable[str]) -> Exported:
    """Return that a workbook cannot hold some places, each once."""
    return Exported(without=tuple(dict.fromkeys(places)))


def part_path(path: KeyPath) -> KeyPath:
    """Return the path of a key of a part: of a table by two facts, that of the bands."""
    if path[-1] in ("across", "of"):
        return (*path[:-1], "bands")
    return path[: path.index("bands") + 1] if "bands" in path[2:] else path


def differences(one: Any, other: Any, path: KeyPath = ()) -> Iterator[KeyPath]:  # noqa: ANN401 - any parts of trees
    """Yield the paths at which two trees differ."""
    if is_dict(one) and is_dict(other):
        for key in {**one, **other}:
            yield from differences(one.get(key), other.get(key), (*path, key))
    elif is_list(one) and is_list(other):
        for i, (first, second) in enumerate(zip_longest(one, other)):
            yield from differences(first, second, (*path, i))
    elif one != other:
        yield path
