"""Names in a workbook: people write labels, rules have ids.

An id is taken before a label, and data before items of the same label. Ids that a workbook does not
have are made from labels: English words as they are, Chinese in pinyin.
"""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from functools import cache
from typing import TYPE_CHECKING

import attrs

from kpirules._internal.display import folded
from kpirules.checks.references import RESERVED
from kpirules.errors import fetch
from kpirules.formula import MAX_LENGTH
from kpirules.model.labels import OWN_LABELS
from kpirules.translations.catalog import ENGLISH, languages
from kpirules.translations.message import Given, Joined, Message, MessageError


if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Mapping

    from kpirules.diagnostics.finding import KeyPath


#: facts and what is rated: their ids must differ, and labels are looked for in this order
SHARED = ("inputs", "derive", "criterion")
#: the heads of computed names, and whose id follows
_HEADS = {
    "points": "criterion",
    "contribution": "criterion",
    "subtotal": "section",
    "adjust": "adjust",
    "derived": "derive",
    "outcome": "outcome",
}
#: the words of expectations that are not names, with their labels
EXPECTED = {
    "pay": OWN_LABELS["outcome.pay"],
    "refused": Message.of("name.refused"),
    "unratable": Message.of("result.unratable"),
}
#: the functions that are the same in a spreadsheet; ROUND and FLOOR are others
_FUNCTIONS = {"MAX": "max", "MIN": "min", "SUM": "sum", "ABS": "abs"}
#: the greatest number of characters of an id, and of words of a label in a formula
_MAX_ID, _MAX_WORDS = 40, 8
_HAN = re.compile(r"[\u3400-\u9fff]")
_WORD = re.compile(r"(?<![\w.])[^\W\d]\w*")
_WORD_AFTER = re.compile(r"[^\W\d]\w*")
_NEXT = re.compile(r"\s+(\w+)")
_WORDS = re.compile(r"[^\W\d]\w*(?: \w+)*")
_IDENTIFIER = re.compile(r"[A-Za-z_][A-Za-z0-9_]*(?:\.[A-Za-z_][A-Za-z0-9_]*)*", re.ASCII)
_HEAD = re.compile(rf"({'|'.join(_HEADS)})\s*\.\s*")
_QUOTED = re.compile(r'("[^"]*")')


def _same(text: str) -> str:
    """Return a text for comparing labels."""
    return folded(" ".join(text.split()))


@attrs.frozen(kw_only=True)
class Known:
    """A part that others may name."""

    id: str
    #: its labels by language; the tag is empty for a label without language
    labels: Mapping[str, str] = attrs.field(factory=dict[str, str])
    #: ``count``, ``number``, ``choice``, ``flag``; ``rating`` of an item, ``remark`` of one without
    #: points; empty if it is computed
    kind: str = ""
    many: bool = False
    units: tuple[str, ...] = ()
    options: Index = attrs.field(factory=lambda: Index())  # noqa: PLW0108 - the class follows

    def label(self, lang: str) -> str | None:
        """Return the label in the language of a workbook, or the one without language."""
        return self.labels.get(lang, self.labels.get(""))


class Index:
    """Parts by id and by label."""

    def __init__(self, parts: Iterable[Known] = ()) -> None:
        self.by_id: dict[str, Known] = {}
        self._by_label: dict[str, list[Known]] = {}
        for part in parts:
            self.add(part)

    def add(self, part: Known) -> None:
        """Add a part."""
        self.by_id.setdefault(part.id, part)
        for label in dict.fromkeys(map(_same, part.labels.values())):
            self._by_label.setdefault(label, []).append(part)

    def found(self, text: str) -> Known | None:
        """Return the part of an id, or of a label; raise if several parts have the label."""
        if text in self.by_id:
            return self.by_id[text]
        called = self._by_label.get(_same(text), [])
        if len(called) > 1:
            ids = Joined(tuple(each.id for each in called))
            raise MessageError(Message.of("rulebook.ambiguous", text=Given(text), ids=ids))
        return called[0] if called else None

    def written(self, name: str, lang: str) -> str:
        """Return the label of an id if the label alone finds the part, else the id."""
        part = self.by_id.get(name)
        label = None if part is None else part.label(lang)
        if label is None or label != label.strip() or label in self.by_id:
            return name
        return label if self._by_label[_same(label)] == [part] else name


class Names:
    """The names of a ruleset."""

    def __init__(self) -> None:
        self._parts: defaultdict[str, Index] = defaultdict(Index)
        #: the fact or item that a shared table of bands is about, as far as its parts say it
        self.subjects: dict[str, str] = {}
        #: the first words of labels
        self._first: set[str] = {label.split()[0] for label in _own()}

    def add(self, space: str, part: Known) -> None:
        """Add a part to those of a kind."""
        self.all(space).add(part)
        words = (label.split() for label in part.labels.values())
        self._first |= {folded(each[0]) for each in words if each}

    def all(self, space: str) -> Index:
        """Return the parts of a kind."""
        return self._parts[space]

    def known(self, name: str) -> Known | None:
        """Return the fact or item of a name; for a rating of a rater, its item."""
        name = name.removeprefix("derived.")
        for each in (name, name.partition(".")[0]):
            for space in SHARED:
                if each in self.all(space).by_id:
                    return self.all(space).by_id[each]
        return None

    def subject_of(self, path: KeyPath) -> str:
        """Return what a condition without a name is about, if it stands in a shared table."""
        return self.subjects.get(str(path[1]), "") if path[0] == "bands" else ""

    def id_of(self, text: str) -> str | None:
        """Return the name of the language for an id or label; None if there is no such name."""
        if text in OWN_LABELS or text in RESERVED or any(text in self.all(s).by_id for s in SHARED):
            return text
        for space in SHARED:
            part = self.all(space).found(text)
            if part is not None:
                return part.id
        return _own().get(_same(text)) or self._dotted(text)

    def _dotted(self, text: str) -> str | None:
        """Return a computed name, or the rating of a rater, by the ids of its parts."""
        head, _, rest = map(str.strip, text.partition("."))
        space = _HEADS.get(head)
        if space is not None:
            part = self.all(space).found(rest)
            return None if part is None else f"{head}.{part.id}"
        item, rater = self.all("criterion").found(head), self.all("raters").found(rest)
        return f"{item.id}.{rater.id}" if item is not None and rater is not None else None

    def expected(self, text: str) -> str | None:
        """Return the word or computed name that an example expects, if the text is not a name.

        A result may be named by its label alone, and the pay of tiers as their column is.
        """
        known = text if text in EXPECTED else _expected().get(_same(text))
        if known is not None or self.id_of(text) is not None:
            return known
        part = self.all("outcome").found(text)
        if part is None:
            return _columns().get(_same(text))
        return part.id if part.id in EXPECTED else f"outcome.{part.id}"

    def text_of(self, name: str, lang: str) -> str:
        """Return what a workbook writes for a name: the label if it is read as the name."""
        head, _, rest = name.partition(".")
        if name in OWN_LABELS:
            text = OWN_LABELS[name].text(lang)
        elif head in _HEADS:
            text = f"{head}.{self.all(_HEADS[head]).written(rest, lang)}"
        else:
            known = (self.all(space) for space in SHARED if name in self.all(space).by_id)
            text = next((index.written(name, lang) for index in known), name)
        try:
            return text if self.id_of(text) == name else name
        except MessageError:
            return name

    def in_formula(self, text: str) -> str:
        """Return a formula with ids in place of labels that consist of words."""
        if len(text) > 4 * MAX_LENGTH:
            # too long for a formula, also with ids that are shorter than their labels
            return text
        pieces = _QUOTED.split(text)
        return "".join(p if i % 2 else self._with_ids(p) for i, p in enumerate(pieces))

    def _with_ids(self, text: str) -> str:
        """Return a part of a formula with ids in place of labels, the longest first."""
        made, at = "", 0
        while match := _WORD.search(text, at):
            start = match.start()
            ends = [match.end()]
            if head := _HEAD.match(text, start):
                # the words of the label follow the head
                ends = [word.end()] if (word := _WORD_AFTER.match(text, head.end())) else ends
            first = folded(text[head.end() if head else start : ends[0]])
            while first in self._first and len(ends) < _MAX_WORDS:
                more = _NEXT.match(text, ends[-1])
                if more is None:
                    break
                ends.append(more.end())
            named = ((end, self._in_formula(text[start:end])) for end in reversed(ends))
            end, name = next(((end, name) for end, name in named if name), (ends[0], ""))
            made += text[at:start] + (name or text[start:end])
            at = end
        return made + text[at:]

    def _in_formula(self, text: str) -> str | None:
        """Return the name of an id, a label, or a function in the spelling of spreadsheets."""
        return self.id_of(text) or _FUNCTIONS.get(text)

    def of_formula(self, text: str, lang: str) -> str:
        """Return a formula with labels in place of ids, as far as they are read back."""

        def text_of(match: re.Match[str]) -> str:
            label = self.text_of(match[0], lang)
            return label if _WORDS.fullmatch(label.rpartition(".")[2]) else match[0]

        pieces = _QUOTED.split(text)
        made = "".join(p if i % 2 else _IDENTIFIER.sub(text_of, p) for i, p in enumerate(pieces))
        return made if self.in_formula(made) == text else text


@cache
def _own() -> Mapping[str, str]:
    """Return the names that a ruleset has once by their labels."""
    return _by_label(OWN_LABELS)


@cache
def _expected() -> Mapping[str, str]:
    """Return the words of expectations by their labels."""
    return _by_label(EXPECTED)


@cache
def _columns() -> Mapping[str, str]:
    """Return the words of expectations by the headings of columns."""
    return _by_label({"pay": Message.of("rulebook-column.pay")})


def _by_label(labels: Mapping[str, Message]) -> Mapping[str, str]:
    """Return names by their labels in all languages."""
    every = ((label.text(lang), name) for name, label in labels.items() for lang in languages())
    return {_same(text): name for text, name in every}


def make_id(labels: Mapping[str, str], taken: Container[str], fallback: str, by: str = "_") -> str:
    """Make an id from labels that is not taken yet.

    >>> make_id({"": "Till differences"}, ["total"], "item")
    'till_differences'
    >>> make_id({"zh": "迟到次数"}, ["chidaocishu"], "item")
    'chidaocishu_2'
    """
    text = labels.get(ENGLISH) or labels.get("") or next(iter(labels.values()), "")
    base = name = _slug(text, by) or fallback
    number = 1
    while name in taken or name in RESERVED:
        number += 1
        name = f"{base}{by}{number}"
    return name


def _slug(text: str, by: str) -> str:
    """Return a text as an id; empty if it has no letters that one may have."""
    if _HAN.search(text):
        text = "".join(fetch("pypinyin", "excel").lazy_pinyin(text))
    letters = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    name = by.join(re.findall(r"[a-z0-9]+", letters.lower()))[:_MAX_ID].strip(by)
    return f"_{name}" if name[:1].isdigit() else name
