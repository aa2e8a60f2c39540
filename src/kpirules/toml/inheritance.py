"""``extends``: finds and reads the base files of a file, and merges its tree over theirs."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kpirules._internal.display import brief
from kpirules._internal.typeguards import is_dict
from kpirules.diagnostics.finding import Finding
from kpirules.errors import KpirulesError, RulesetNotFoundError
from kpirules.model.provenance import FileText, Origin
from kpirules.model.values import kind_of
from kpirules.toml.locate import place
from kpirules.toml.merging import Merged, merge
from kpirules.toml.syntax import parse_toml
from kpirules.translations.message import Joined, Message, Place


if TYPE_CHECKING:
    from kpirules.model.provenance import FindBase


#: the maximum length of a chain of rubrics that extend each other
MAX_BASES = 8

_FORM = Message.of("advice.unknown-ruleset")


class _LocatedError(Exception):
    """Carries findings, located in the text that contains them."""

    def __init__(self, findings: tuple[Finding, ...]) -> None:
        super().__init__()
        self.findings = findings


def extended(
    tree: dict[str, Any], text: FileText, find: FindBase | None
) -> tuple[dict[str, Any], Origin, tuple[Finding, ...], tuple[Finding, ...]]:
    """Merge a file's tree over the files that it extends; return the tree and all texts.

    The last two items are the findings that prevent reading the file, and those of the merge.
    """
    texts: list[FileText] = [text]
    try:
        merged, findings = _merge_with_base(tree, texts, find)
    except _LocatedError as error:
        return {}, Origin(texts=tuple(texts)), error.findings, ()
    origin = Origin(texts=tuple(texts), locate=merged.locate)
    return merged.tree, origin, (), findings


def _merge_with_base(
    tree: dict[str, Any], texts: list[FileText], find: FindBase | None
) -> tuple[Merged, tuple[Finding, ...]]:
    """Merge a tree, that of the last of the texts so far, over the files that it extends."""
    text = texts[-1]
    name, on = _base_of(tree["extends"], tree.get("effective_from"), text)
    if len(texts) > MAX_BASES:
        reason = Message.of("finding.too-large_bases", most=MAX_BASES)
        raise _error(text, Finding(code="too-large", reason=reason, path=("extends",)))
    try:
        if find is None:
            raise RulesetNotFoundError(id=name)
        base = find(name, on)
        content = base.read()
    except KpirulesError as error:
        reason = Message.of("list.one", value=error)
        finding = Finding(code="unknown-ruleset", reason=reason, advice=_FORM, path=("extends",))
        raise _error(text, finding) from None
    places = [each.file for each in texts]
    if any(_is_same(place, base.place) for place in places):
        chain = Joined(tuple(map(Place, (*places, base.place))), "finding.cycle_then")
        reason = Message.of("finding.cycle_bases", files=chain)
        finding = Finding(code="cycle", reason=reason, path=("extends",))
        raise _error(text, finding)
    base_text, base_tree, faults = parse_toml(content, base.place)
    texts.append(FileText(file=base.place, text=base_text))
    if faults:
        raise _LocatedError(faults)
    if "extends" in base_tree:
        below, findings = _merge_with_base(base_tree, texts, base.find)
    else:
        below, findings = Merged(tree=base_tree), ()
    merged = merge(below.renumbered(), name, tree)
    return merged, (*_located(merged.findings, text), *findings)


def _is_same(one: str, other: str) -> bool:
    """Check whether two places are one: names in a source, or paths of files."""
    if one == other:
        return True
    try:
        return Path(one).samefile(other)
    except (OSError, ValueError):
        # one of them is not the path of a file
        return False


def _base_of(value: object, since: object, text: FileText) -> tuple[str, date | None]:
    """Return the extended id and date; without a date, the file's own."""
    wrong: list[Finding] = []
    on: object = since
    if is_dict(value):
        for key in value.keys() - {"id", "on"}:
            reason = Message.of("finding.unknown-key", name=brief(key)[1:-1])
            advice, path = Message.of("advice.unknown-key", names=("id", "on")), ("extends", key)
            wrong.append(Finding(code="unknown-key", reason=reason, advice=advice, path=path))
        on = value.get("on", since)
        if "on" in value and type(on) is not date:
            reason = Message.of("value.date", kind=kind_of(on))
            wrong.append(Finding(code="value", reason=reason, path=("extends", "on")))
        value = value.get("id")
    if not isinstance(value, str):
        reason = Message.of("value.id_ruleset")
        wrong.append(Finding(code="value", reason=reason, advice=_FORM, path=("extends",)))
    if wrong or not isinstance(value, str):
        raise _error(text, *wrong)
    return value, on if type(on) is date else None


def _error(text: FileText, *findings: Finding) -> _LocatedError:
    """Return the error that a file cannot be merged over another."""
    return _LocatedError(_located(findings, text))


def _located(findings: tuple[Finding, ...], text: FileText) -> tuple[Finding, ...]:
    """Locate findings in their own text."""
    return place(findings, Origin(texts=(text,)))
