"""Places in the tree of a rubric by ids, as findings name them: ``tier.good.pay``."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import attrs

from kpirules._internal.typeguards import is_dict, is_list
from kpirules.diagnostics.place_error import PlaceError
from kpirules.model.language import SILENT, class_at, items_at, keys_of, named_at
from kpirules.model.rubric import Rubric
from kpirules.model.vocabulary import NAME


if TYPE_CHECKING:
    from collections.abc import Iterator

    from kpirules.diagnostics.finding import KeyPath


def place_in(tree: object, path: KeyPath) -> str:
    """Format the path of a tree as a place, as :func:`kpirules.model.language.place_of` does.

    >>> place_in({"section": [{"id": "a", "criterion": [{"id": "b"}]}]},
    ...          ("section", 0, "criterion", 0, "weight"))
    'section.a.b.weight'
    """
    parts: list[str] = []
    for step in path:
        tree = _inner(tree, step)
        if isinstance(step, int):
            name = _id_of(tree)
            parts.append(f"{parts.pop() if parts else ''}[{step}]" if name is None else name)
        elif step not in SILENT:
            parts.append(step)
    return ".".join(parts)


def path_of(tree: dict[str, Any], place: str) -> KeyPath:
    """Return the path of a place in the tree of a rubric.

    The last key may be absent if the language allows it there. Raises
    :class:`~kpirules.errors.PlaceError` for a place that is not there, with the names that are, and
    for one that several parts have.

    >>> path_of({"tier": [{"id": "good", "pay": 5}]}, "tier.good.pay")
    ('tier', 0, 'pay')
    """
    search = _Search()
    found = [*search.run(tree, place, ())] or search.new
    if len(found) == 1:
        return found[0]
    if found:
        raise PlaceError(place=place, several=True)
    reached, rest, known = search.nearest
    raise PlaceError(place=place, within=place_in(tree, reached), name=_first(rest), known=known)


@attrs.define
class _Search:
    """The search for a place: it tries each name with which the rest of the place begins."""

    #: the path of the longest part of the place that is there, the rest of the place, the names
    #: that are there instead
    nearest: tuple[KeyPath, str, tuple[str, ...]] = ((), "", ())
    #: the paths of names that are not there, in tables that may have any name
    new: list[KeyPath] = attrs.field(factory=list["KeyPath"])

    def run(self, at: object, rest: str, path: KeyPath) -> Iterator[KeyPath]:
        """Yield the paths below a part that have the rest of the place."""
        at = _empty(path) if at is None else at
        names = [*_names(at, path)]
        if not self.nearest[1] or len(rest) < len(self.nearest[1]):
            self.nearest = (path, rest, _shown(at, names))
        for name, steps in names:
            if not rest.startswith(name):
                continue
            after, inner = rest[len(name) :], (*path, *steps)
            if not after:
                yield inner
            elif after[0] in ".[":
                part = at
                for step in steps:
                    part = _inner(part, step)
                # only a key may be absent, not the item of a list
                if part is not None or isinstance(steps[-1], str):
                    yield from self.run(part, after.removeprefix("."), inner)
        if is_dict(at) and _may_be_new(rest, path) and not _begins(rest, names):
            self.new.append((*path, rest))


def _names(at: object, path: KeyPath) -> Iterator[tuple[str, KeyPath]]:
    """Yield each name below a part, with the steps that it stands for."""
    if is_list(at):
        for i, item in enumerate(at):
            # findings name options by their codes, also in a list
            name = item if isinstance(item, str) else _id_of(item)
            if name is not None:
                yield name, (i,)
        yield from ((f"[{i}]", (i,)) for i in range(len(at) + 1))
    elif is_dict(at):
        cls = class_at(Rubric, path)
        for key in dict.fromkeys((*at, *(() if cls is None else keys_of(cls)))):
            yield key, (key,)
            if key in SILENT and is_list(at.get(key)):
                yield from ((name, (key, *steps)) for name, steps in _names(at[key], (*path, key)))


def _empty(path: KeyPath) -> object:
    """Return the empty list or table for a part that is absent; None for a single value."""
    if named_at(Rubric, path) is None and items_at(Rubric, path) is not None:
        return []
    return None if class_at(Rubric, path) is None and named_at(Rubric, path) is None else {}


def _may_be_new(rest: str, path: KeyPath) -> bool:
    """Check whether the table at a path may have a new name as a key.

    A condition, a language and a name of a record may; so may a part of a table by name, whose name
    has no dots.
    """
    if named_at(Rubric, path) is not None:
        return NAME.fullmatch(rest) is not None
    return class_at(Rubric, path) is None


def _shown(at: object, names: list[tuple[str, KeyPath]]) -> tuple[str, ...]:
    """Return the names of what a part has; the last index of a list is that of a new item."""
    return tuple(dict.fromkeys(name for name, _ in (names[:-1] if is_list(at) else names)))


def absent(tree: dict[str, Any], path: KeyPath, place: str) -> PlaceError:
    """Return the error about a path that a tree does not have, and whose parent it has."""
    at: Any = tree
    for step in path[:-1]:
        at = _inner(at, step)
    keys = range(len(at)) if is_list(at) else at
    known = tuple(_step_text(key) for key in keys)
    within = place_in(tree, path[:-1])
    return PlaceError(place=place, within=within, name=_step_text(path[-1]), known=known)


def _step_text(step: str | int) -> str:
    """Format a step of a path."""
    return f"[{step}]" if isinstance(step, int) else step


def _begins(rest: str, names: list[tuple[str, KeyPath]]) -> bool:
    """Check whether the rest of a place is one of some names, or begins with one."""
    return any(rest == name or rest.startswith((f"{name}.", f"{name}[")) for name, _ in names)


def _first(rest: str) -> str:
    """Return the first name of the rest of a place."""
    found = re.match(r"\[[^\]]*\]|[^.\[]+", rest)
    return rest if found is None else found[0]


def _id_of(part: object) -> str | None:
    """Return the id of a part."""
    name = part.get("id") if is_dict(part) else None
    return name if isinstance(name, str) else None


def _inner(at: object, step: str | int) -> object:
    """Return the part at a step; None if there is none."""
    if is_dict(at):
        return at.get(str(step))
    return at[step] if is_list(at) and isinstance(step, int) and step < len(at) else None
