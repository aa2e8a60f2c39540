"""What can still be read of a faulty tree, so that one fault of a file does not hide the others.

A key that does not exist is taken away, or read as the one that was probably meant. A value that
cannot be read is taken away where its key may be left out, else a stand-in takes its place; so does
one for a key that is missing. What was lost in this way is said, so that nothing is concluded from
it.
"""

from __future__ import annotations

from copy import deepcopy
from itertools import count
from typing import TYPE_CHECKING, Any

from kpirules.trees import is_list, is_table


if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from kpirules.findings import Finding, KeyPath


#: keys that must be there, by the kind of table, each with its stand-in; None: an id of its own
_REQUIRED: dict[str, dict[str, object]] = {
    "": {"schema": 1, "id": None},
    "inputs.": {"type": "number"},
    "raters.": {"weight": 1},
    "bands.": {"rows": []},
    "section": {"id": None},
    "criterion": {"id": None},
    "round": {"to": 1, "mode": "half_up"},
    "tier": {"id": None},
    "adjust": {"id": None},
    "gate": {"when": "otherwise"},
    "ruling": {"clause": "", "conflict": "", "decision": ""},
    "example": {"name": ""},
}


def mend(tree: dict[str, Any], problems: Iterable[Finding]) -> tuple[dict[str, Any], list[KeyPath]]:
    """Give a copy of a tree without its problems, and the places of what was lost."""
    mended: dict[str, Any] = deepcopy(tree)
    ids = (f"unnamed_{i}" for i in count(1))
    lost: list[KeyPath] = []
    for problem in problems:
        if problem.code == "missing-key":
            table = _at(mended, problem.path)
            if is_table(table):
                for key, stand_in in _required(problem.path).items():
                    if key not in table:
                        table[key] = next(ids) if stand_in is None else stand_in
                        lost.append((*problem.path, key))
        elif problem.code == "unknown-key":
            _rename(mended, problem.path, problem.suggestion)
        elif _take_away(mended, problem.path, ids):
            lost.append(problem.path)
    return mended, lost


def _rename(tree: dict[str, Any], path: KeyPath, meant: str | None) -> None:
    """Take away a key that does not exist; its value goes to the key that was probably meant."""
    table = _at(tree, path[:-1])
    if is_table(table) and path[-1] in table:
        value = table.pop(str(path[-1]))
        if meant is not None and meant not in table:
            table[meant] = value


def _take_away(tree: dict[str, Any], path: KeyPath, ids: Iterator[str]) -> bool:
    """Take away the value at a path, or what it is part of, up to the nearest key of a table."""
    while path:
        table, key = _at(tree, path[:-1]), path[-1]
        if is_table(table) and key in table:
            required = _required(path[:-1])
            if key in required:
                table[key] = next(ids) if required[str(key)] is None else required[str(key)]
            elif f"{path[0]}." in _REQUIRED and len(path) == 2:  # noqa: PLR2004 - [inputs.NAME]
                # a part that others name: its name stays
                table[key] = dict(_REQUIRED[f"{path[-2]}."])
            else:
                del table[key]
            return True
        path = path[:-1]
    return False


def _required(path: KeyPath) -> dict[str, object]:
    """Give the keys that a table at a path must have."""
    names = [step for step in path if isinstance(step, str)]
    kind = names[-1] if names else ""
    if len(names) == len(path) == 2:  # noqa: PLR2004 - [inputs.NAME] and its like
        kind = f"{names[0]}."
    return _REQUIRED.get(kind, {})


def _at(tree: object, path: KeyPath) -> object:
    """Give the part at a path, or None."""
    for step in path:
        if is_table(tree) and isinstance(step, str):
            tree = tree.get(step)
        elif is_list(tree) and isinstance(step, int) and step < len(tree):
            tree = tree[step]
        else:
            return None
    return tree
