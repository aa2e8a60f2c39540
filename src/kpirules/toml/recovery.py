"""Error recovery: reads the rest of an invalid tree, so that one error hides no other.

An unknown key is removed, or read as the one that was probably meant. An invalid value is removed
if its key is optional, else replaced by a fallback; a missing required key gets a fallback too. The
paths of removed and replaced values are returned, so that no check draws conclusions from them.
"""

from __future__ import annotations

from copy import deepcopy
from itertools import count
from typing import TYPE_CHECKING, Any

from kpirules._internal.typeguards import is_dict, is_list, is_tuple
from kpirules.model.language import class_at, named_at, required
from kpirules.model.rubric import Rubric


if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from kpirules.diagnostics.finding import Finding, KeyPath


def mend(tree: dict[str, Any], problems: Iterable[Finding]) -> tuple[dict[str, Any], list[KeyPath]]:
    """Return a copy of a tree without its problems, and the paths of the lost values."""
    mended: dict[str, Any] = deepcopy(tree)
    ids = (f"unnamed_{i}" for i in count(1))
    lost: list[KeyPath] = []
    for problem in problems:
        if problem.code == "missing-key":
            table = _at(mended, problem.path)
            if is_dict(table):
                for key, fallback in _fallbacks(problem.path).items():
                    if key not in table:
                        table[key] = _fallback(fallback, ids)
                        lost.append((*problem.path, key))
        elif problem.code == "unknown-key":
            _rename(mended, problem.path, problem.suggestion)
        elif _remove(mended, problem.path, ids):
            lost.append(problem.path)
    return mended, lost


def _rename(tree: dict[str, Any], path: KeyPath, meant: str | None) -> None:
    """Remove an unknown key; its value moves to the key that was probably meant."""
    table = _at(tree, path[:-1])
    if is_dict(table) and path[-1] in table:
        value = table.pop(str(path[-1]))
        if meant is not None and meant not in table:
            table[meant] = value


def _remove(tree: dict[str, Any], path: KeyPath, ids: Iterator[str]) -> bool:
    """Remove the value at a path, or its parent, up to the nearest key of a table."""
    while path:
        table, key = _at(tree, path[:-1]), path[-1]
        if is_dict(table) and key in table:
            fallbacks, of_part = _fallbacks(path[:-1]), _fallbacks(path)
            if key in fallbacks:
                table[key] = _fallback(fallbacks[str(key)], ids)
            elif of_part and named_at(Rubric, path[:-1]):
                # a part that others refer to: its name stays
                table[key] = {name: _fallback(each, ids) for name, each in of_part.items()}
            else:
                del table[key]
            return True
        path = path[:-1]
    return False


def _fallback(value: object, ids: Iterator[str]) -> object:
    """Return a fallback as a file has it: a list of its own, and a new id for None."""
    return next(ids) if value is None else list(value) if is_tuple(value) else value


def _fallbacks(path: KeyPath) -> dict[str, object]:
    """Return the required keys of the table at a path, each with its fallback."""
    cls = class_at(Rubric, path)
    return {} if cls is None else {key: each.fallback for key, each in required(cls).items()}


def _at(tree: object, path: KeyPath) -> object:
    """Return the part at a path, or None."""
    for step in path:
        if is_dict(tree) and isinstance(step, str):
            tree = tree.get(step)
        elif is_list(tree) and isinstance(step, int) and step < len(tree):
            tree = tree[step]
        else:
            return None
    return tree
