"""Findings about a workbook or a form: they name its sheets, columns and words, not keys of a file.

The text of a message about a workbook is that of its group with ``-workbook``, if there is one:
``advice-workbook.band-gap`` for ``advice.band-gap``. The names of sheets and columns are filled in.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, TypeVar, cast

import attrs

from kpirules._internal.typeguards import is_tuple
from kpirules.model.labels import OWN_LABELS
from kpirules.rulebook.layout import SHEETS
from kpirules.translations.catalog import ENGLISH, languages, texts
from kpirules.translations.message import Joined, Keyword, Message


if TYPE_CHECKING:
    from kpirules.diagnostics.finding import Finding, KeyPath


_V = TypeVar("_V")
#: a name of a sheet, a column or a word in braces: its group and the rest of its key
_FILLED = re.compile(r"\{((column|sheet|entry|skipping)_([a-z_]+))\}")


def in_workbook(finding: Finding) -> Finding:
    """Return a finding in the words of a workbook."""
    return attrs.evolve(
        finding,
        reason=_reworded(finding.reason, finding.path),
        advice=_reworded(finding.advice, finding.path),
    )


def _reworded(value: _V, path: KeyPath) -> _V:
    """Return a value of a message in the words of a workbook."""
    found: object = value
    if isinstance(value, Message):
        found = _message(value, path)
    elif isinstance(value, Joined):
        found = attrs.evolve(value, values=_reworded(value.values, path))
    elif is_tuple(value):
        # a key that no sheet has a column for is nothing that a workbook can say
        found = tuple(
            _reworded(each, path)
            for each in value
            if not isinstance(each, Keyword) or _text_of(each, path) is not None
        )
    elif isinstance(value, Keyword):
        found = attrs.evolve(value, text=_text_of(value, path), is_quoted=True)
    return cast("_V", found)


def _message(message: Message, path: KeyPath) -> Message:
    """Return a message with the text for workbooks, if there is one."""
    params = [(name, _reworded(value, path)) for name, value in message.params]
    group, _, rest = message.key.partition(".")
    key = f"{group}-workbook.{rest}"
    known = texts(ENGLISH)
    if key not in known:
        return Message(message.key, tuple(params))
    filled = [each for lang in languages() for each in _FILLED.findall(str(texts(lang)[key]))]
    params += [(n, Message(f"rulebook-{g}.{r.replace('_', '-')}")) for n, g, r in filled]
    return Message(key, tuple(dict(params).items()))


def _text_of(keyword: Keyword, path: KeyPath) -> Message | None:
    """Return the heading of the column of a key, or the word of a vocabulary."""
    if keyword.of:
        return Message(f"rulebook-{keyword.of}.{keyword.name}")
    every = [(level.key, column) for sheet in SHEETS for level, column in sheet.columns]
    same = [(at, column) for at, column in every if column.key == keyword.name]
    if not same:
        return OWN_LABELS.get(keyword.name)
    # that of the innermost part before those of parts around it, and of others
    places = {step: i for i, step in enumerate(path)}
    _, nearest = max(same, key=lambda each: places.get(each[0], -1))
    return Message(f"rulebook-column.{nearest.name}")
