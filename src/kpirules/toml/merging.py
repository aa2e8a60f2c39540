"""``extends``: merges the tree of a file over that of its base, and tracks origins.

Tables merge by key; parts with an id (a ruling's is its clause) by id, new ones after those that
are inherited; a part with ``remove = true`` is removed. All other values of a file replace the
inherited ones. A file's id, dates and examples are its own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

import attrs

from kpirules._internal.display import brief, similar
from kpirules._internal.typeguards import is_dict, is_list
from kpirules.diagnostics.finding import Finding, KeyPath
from kpirules.model.language import (
    class_at,
    essentials,
    id_of,
    in_file,
    items_at,
    named_at,
    replaced,
)
from kpirules.model.rubric import Rubric, Tier
from kpirules.translations.message import Joined, Message


if TYPE_CHECKING:
    from collections.abc import Iterable


#: the index of a text, and a path in it
Location: TypeAlias = tuple[int, KeyPath]


@attrs.frozen(kw_only=True, eq=False)
class Merged:
    """A merged tree that knows the origin of each of its parts."""

    tree: dict[str, Any]
    #: the index of the text of the tree itself
    text: int = 0
    #: for the tables and lists that a merge created, by identity: the location of the value of a
    #: key
    origins: dict[tuple[int, str | int], Location] = attrs.field(
        factory=dict[tuple[int, str | int], Location]
    )
    #: the findings of the merge, by paths of text 0
    findings: tuple[Finding, ...] = ()
    #: the tree of the inherited parts, kept alive so that no other table gets their identity
    below: Merged | None = None

    def locate(self, path: KeyPath) -> Location:
        """Return the index of the text that contains a path of the tree, and the path there."""
        at: object = self.tree
        location: Location = (self.text, ())
        for step in path:
            number, inner = location
            location = self.origins.get((id(at), step), (number, (*inner, step)))
            if is_dict(at) and isinstance(step, str):
                at = at.get(step)
            elif is_list(at) and isinstance(step, int) and step < len(at):
                at = at[step]
            else:
                at = None
        return location

    def renumbered(self) -> Merged:
        """Increment the indices of all texts: another text comes before them."""
        origins = {key: (number + 1, path) for key, (number, path) in self.origins.items()}
        return attrs.evolve(self, text=self.text + 1, origins=origins)


def merge(base: Merged, base_id: str, tree: dict[str, Any]) -> Merged:
    """Merge the tree of a file, text 0, over that of another, whose texts count from 1."""
    merging = _Merging(base, base_id)
    over = {key: value for key, value in tree.items() if key != "extends"}
    made = merging.table(base.tree, over, (), ())
    return Merged(tree=made, origins=merging.origins, findings=tuple(merging.findings), below=base)


class _Merging:
    """Merges one tree over another; paths are those of the file and of the base."""

    def __init__(self, base: Merged, base_id: str) -> None:
        self.base = base
        self.base_id = brief(base_id)[1:-1]
        self.origins = dict(base.origins)
        self.findings: list[Finding] = []

    def table(
        self, base: dict[str, Any], over: dict[str, Any], path: KeyPath, base_path: KeyPath
    ) -> dict[str, Any]:
        """Merge a table by key: common keys keep their position in the base."""
        dropped = replaced(class_at(Rubric, path), over)
        if not path:
            dropped = frozenset(each.name for each in in_file(Rubric) if not each.inherited)
        by_name = named_at(Rubric, path)
        made: dict[str, Any] = {}
        for key, value in (base | over).items():
            here, there = (*path, key), (*base_path, key)
            if key not in over:
                if key not in dropped:
                    made[key] = value
                    self.origins[id(made), key] = self.base.locate(there)
                continue
            both = key in base and key not in dropped
            if by_name is not None and _removes(over[key]):
                self._remove(over[key], here, "" if both else key, base)
                continue
            if both:
                made[key] = self.value(base[key], over[key], here, there)
            else:
                if by_name is not None:
                    self._report_missing_base(over[key], by_name, here, key, base)
                made[key] = self.new(over[key], here)
            self.origins[id(made), key] = (0, here)
        return made

    def value(self, base: object, over: object, path: KeyPath, base_path: KeyPath) -> object:
        """Merge the values of a common key."""
        if is_dict(base) and is_dict(over):
            if not over:
                self._report_no_effect(path, Message.of("override.empty"))
            return self.table(base, over, path, base_path)
        if is_list(base) and is_list(over) and _id_key(path):
            return self.parts(base, over, path, base_path)
        if base == over and type(base) is type(over):
            self._report_no_effect(path, Message.of("override.same", base=self.base_id))
        return over

    def new(self, value: object, path: KeyPath) -> object:
        """Return a value that the base does not have; nothing in it can be removed."""
        if is_dict(value):
            return self.table({}, value, path, ())
        if is_list(value) and _id_key(path):
            return self.parts([], value, path, ())
        return value

    def parts(
        self, base: list[Any], over: list[Any], path: KeyPath, base_path: KeyPath
    ) -> list[Any]:
        """Merge a list of parts by their ids: the base's in their order, then the new ones."""
        key, cls = _id_key(path), items_at(Rubric, path)
        mine: dict[object, int] = {}
        for i, part in enumerate(over):
            mine.setdefault(_id_of(part, key), i)
        made: list[Any] = []

        def take(part: object, location: Location) -> None:
            self.origins[id(made), len(made)] = location
            made.append(part)

        taken: set[int] = set()
        for j, part in enumerate(base):
            i = mine.get(_id_of(part, key), -1)
            if i < 0 or i in taken or _id_of(part, key) is None:
                take(part, self.base.locate((*base_path, j)))
                continue
            taken.add(i)
            here = (*path, i)
            if _removes(over[i]):
                self._remove(over[i], here, "", (), key)
                continue
            if over[i].keys() == {key}:
                self._report_no_effect(here, Message.of("override.empty"))
            rest = {name: value for name, value in over[i].items() if name != key}
            one = self.table(part, rest, here, (*base_path, j))
            self.origins[id(one), key] = (0, (*here, key))
            take(one, (0, here))
        ids = [each for each in (_id_of(part, key) for part in base) if each is not None]
        for i, part in enumerate(over):
            if i not in taken:
                here = (*path, i)
                if _removes(part):
                    self._remove(part, here, _id_of(part, key) or "?", ids, key)
                else:
                    self._report_missing_base(part, cls, here, _id_of(part, key) or "", ids)
                    take(self.new(part, here), (0, here))
        return made

    def _report_missing_base(
        self, part: object, cls: type | None, path: KeyPath, name: str, known: Iterable[str]
    ) -> None:
        """Report a part that can only override one of the base, if the base has none of that id."""
        wanted = frozenset[str]() if cls is None else essentials(cls)
        near = similar(name, tuple(known))
        # a tier may be reached by gates alone
        if not is_dict(part) or wanted & part.keys() or (cls is Tier and near is None):
            return
        reason = Message.of("override.unknown", name=brief(name), base=self.base_id)
        keys = Message.of("override.keys", names=Joined(tuple(sorted(wanted)), "list.or"))
        self._add_no_effect(path, reason, _suggesting(near, keys))

    def _remove(
        self, over: dict[str, Any], path: KeyPath, missing: str, known: Iterable[str], key: str = ""
    ) -> None:
        """Check the removal of a part: the part may be ``missing``, and no other key is allowed."""
        if missing:
            names = tuple(known)
            reason = Message.of("override.unknown_removed", name=brief(missing), base=self.base_id)
            there = Message.of("override.names" if names else "override.names_none", names=names)
            self._add_no_effect(path, reason, _suggesting(similar(missing, names), there))
        if over["remove"] is not True:
            reason = Message.of("value.remove")
            place = (*path, "remove")
            self.findings.append(Finding(code="value", reason=reason, path=place))
        for more in sorted(over.keys() - {"remove", key}):
            reason = Message.of("override.removed")
            self._add_no_effect((*path, more), reason, Message.of("override.delete_either"))

    def _report_no_effect(self, path: KeyPath, reason: Message) -> None:
        """Report an override that is not needed."""
        self._add_no_effect(path, reason, Message.of("override.delete"))

    def _add_no_effect(self, path: KeyPath, reason: Message, advice: Message) -> None:
        """Add the finding of an override without effect."""
        finding = Finding(code="override-idle", reason=reason, advice=advice, path=path)
        self.findings.append(finding)


def _suggesting(near: str | None, other: Message) -> Message:
    """Return the advice to write the name that was probably meant, or another advice."""
    return other if near is None else Message.of("problem-text.suggestion", name=near)


def _removes(value: object) -> bool:
    """Check whether a part has the key of its removal."""
    return is_dict(value) and "remove" in value


def _id_key(path: KeyPath) -> str:
    """Return the key that is the id of the parts of a list; empty if they have none."""
    cls = items_at(Rubric, path)
    return "" if cls is None else id_of(cls)


def _id_of(part: object, key: str) -> str | None:
    """Return the id of a part, if it has one."""
    found = part.get(key) if is_dict(part) else None
    return found if isinstance(found, str) else None
