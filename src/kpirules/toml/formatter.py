"""The formatter of ruleset files, which keeps comments: the implementation of ``kpirules fmt``.

Parts and keys are written in the order of the language: first the description of a part, then the
computation of its value. One blank line precedes each header and surrounds comments if the author
left one there; there are no others. A list of tables has one table per line. The author's other
choices are kept: blocks or inline lists, quotes, the notation of numbers.

A comment belongs to the following line, and moves with it; at the end of a line, to that line.
Comments at the top of the file that a blank line separates from the rest stay there; so do comments
at the end of a part that no blank line separates from it.
"""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING, Any

import attrs

from kpirules._internal.display import width
from kpirules.errors import MissingExtraError, OperatorError, RulesetError, frozen_error
from kpirules.model.language import REMOVAL, class_at, part_of, ranks
from kpirules.model.rubric import Rubric
from kpirules.toml.syntax import parse_toml
from kpirules.toml.writer import key_text
from kpirules.translations.message import Message


if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping


#: the maximum width of a list on one line, in columns
WIDTH = 100


@frozen_error
class FormatError(OperatorError):
    """A file that cannot be formatted without loss."""

    file: str

    def __str__(self) -> str:
        return self.text()

    def text(self, lang: str | None = None) -> str:
        """Return the text in a language."""
        return Message.of("error.format", file=self.file).text(lang)


@attrs.define(kw_only=True)
class _Entry:
    """A formatted key with its value, and the comments above it."""

    key: str
    lines: list[str]
    above: list[str]


@attrs.define(kw_only=True)
class _Block:
    """A table under its header, or the lines before the first header."""

    path: tuple[str, ...]
    header: str = ""
    above: list[str] = attrs.field(factory=list[str])
    entries: list[_Entry] = attrs.field(factory=list[_Entry])
    #: the comments after the last key
    below: list[str] = attrs.field(factory=list[str])


def layout(text: str, *, file: str = "<string>") -> str:
    r"""Format the text of a ruleset file; its rubric stays the same.

    Raises :class:`~kpirules.errors.RulesetError` for a text that is not TOML, and
    :class:`FormatError` rather than lose anything.
    >>> print(layout('id="x"  #name\nschema = 1\n\n\ncriterion=[{weight=100, id="a"}]'), end="")
    schema = 1
    id = "x" #name
    criterion = [{ id = "a", weight = 100 }]
    """
    _, tree, faults = parse_toml(text, file)
    if faults:
        raise RulesetError(findings=faults)
    try:
        import tomlkit  # noqa: PLC0415 - an extra
        from tomlkit.exceptions import TOMLKitError  # noqa: PLC0415 - the same
    except ModuleNotFoundError:  # pragma: no cover - the tests have it
        raise MissingExtraError(extra="cli", module="tomlkit") from None
    try:
        document: Any = tomlkit.parse(text.replace("\r\n", "\n"))
        blocks = _BlockReader().read(document)
    except (
        TOMLKitError,
        AttributeError,
        ValueError,
    ) as error:  # pragma: no cover - its error
        raise FormatError(file=file) from error
    made = "\n".join(_ordered_lines(blocks)).strip("\n") + "\n"
    # neither a value nor a comment may be lost, whatever the library does with a text
    _, again, wrong = parse_toml(made, file)
    if wrong or again != tree or _comments(made) != _comments(text):
        raise FormatError(file=file)
    return made


_TEXTS = re.compile(
    r'"""(?:[^"\\]++|\\.|"(?!""))*"{3,5}|\'\'\'(?:[^\']++|\'(?!\'\'))*\'{3,5}'
    r'|"(?:[^"\\]++|\\.)*"|\'[^\']*+\'|(#[^\n\r]*+)',
    re.DOTALL,
)


def _comments(text: str) -> Counter[str]:
    """Count the comments of a text."""
    return Counter(m[1].rstrip() for m in _TEXTS.finditer(text) if m[1])


# ---------------------------------------------------------------- reading


class _BlockReader:
    """Splits a parsed document into blocks, in the order of the text."""

    def __init__(self) -> None:
        self.blocks = [_Block(path=())]
        #: the comments since the last key, with "" for blank lines between them
        self.pending: list[str] = []

    def read(self, document: Any) -> list[_Block]:  # noqa: ANN401 - the library's types
        """Return all blocks."""
        self._body(document, (), ())
        apart = [""] if self.pending[:1] == [""] else []
        self.blocks[-1].below = [*apart, *_strip_blank(self.pending)] if any(self.pending) else []
        return self.blocks

    def _body(self, container: Any, path: tuple[str, ...], dotted: tuple[str, ...]) -> None:  # noqa: ANN401 - the same
        """Read the items of a table; ``dotted`` are the parts of a key before a dot."""
        for key, item in container.body:
            kind = type(item).__name__
            if key is None:
                self._add_comment(item, kind)
                continue
            inner = (*path, key.key)
            if kind == "AoT":
                for table in item.body:
                    self._table(table, inner, "[[{}]]")
            elif kind == "Table" and key.is_dotted():
                self._body(item.value, path, (*dotted, key.key))
            elif kind == "Table":
                self._table(item, inner, "" if item.is_super_table() else "[{}]")
            else:
                self._add_pair((*dotted, key.key), item, path)

    def _add_comment(self, item: Any, kind: str) -> None:  # noqa: ANN401 - the same
        """Store a comment, or a blank line."""
        if kind == "Comment":
            self.pending.append(item.trivia.comment)
        elif "\n" in item.s and self.pending[-1:] != [""]:
            self.pending.append("")

    def _table(self, table: Any, path: tuple[str, ...], header: str) -> None:  # noqa: ANN401 - the same
        """Begin a block; a table that is only a prefix of a header has none."""
        if header:
            block = _Block(path=path, header=header.format(".".join(map(key_text, path))))
            if table.trivia.comment:
                block.header += f" {table.trivia.comment}"
            self._split_comments(block)
            self.blocks.append(block)
        self._body(table.value, path, ())

    def _split_comments(self, block: _Block) -> None:
        """Split the comments before a header: those directly below the last key stay with it."""
        first = self.pending.index("") if "" in self.pending else 0
        before = self.blocks[-1]
        if len(self.blocks) == 1 and not before.entries:
            # the head of the file: comments that a blank line separates from the first header
            first = (
                len(self.pending) - 1 - self.pending[::-1].index("") if "" in self.pending else 0
            )
        before.below = _strip_blank(self.pending[:first])
        block.above = _strip_leading(self.pending[first:])
        self.pending = []

    def _add_pair(self, key: tuple[str, ...], item: Any, path: tuple[str, ...]) -> None:  # noqa: ANN401 - the same
        """Add a key with its value to its block."""
        block = self.blocks[-1]
        above, self.pending = self.pending, []
        if len(self.blocks) == 1 and not block.entries and "" in _strip_blank(above):
            last = len(above) - 1 - above[::-1].index("")
            block.above, above = _strip_blank(above[:last]), above[last:]
        name = ".".join(map(key_text, key))
        lines = _value(f"{name} = ", item, class_at(Rubric, (*path, *key)), 0)
        if item.trivia.comment:
            lines[-1] += f" {item.trivia.comment}"
        # a blank line before the comments is kept if another key precedes it
        blank = [""] if above[:1] == [""] and any(above) and block.entries else []
        block.entries.append(
            _Entry(key=key[0], lines=lines, above=[*blank, *_strip_leading(above)])
        )


def _strip_leading(lines: list[str]) -> list[str]:
    """Return the lines without blank lines before the first comment."""
    return [*_strip_blank(lines), *([""] if lines[-1:] == [""] and any(lines) else [])]


def _strip_blank(lines: list[str]) -> list[str]:
    """Return the lines without blank lines at both ends."""
    start, end = 0, len(lines)
    while start < end and not lines[start]:
        start += 1
    while end > start and not lines[end - 1]:
        end -= 1
    return lines[start:end]


# ---------------------------------------------------------------- values


def _value(head: str, item: Any, cls: type | None, depth: int) -> list[str]:  # noqa: ANN401 - the same
    """Format a value after its key: one line, or several for a list."""
    kind = type(item).__name__
    if kind == "InlineTable":
        return [head + _inline(item, cls)]
    if kind == "Array":
        return _array(head, item, cls, depth)
    return [head + item.as_string()]


def _inline(table: Any, cls: type | None) -> str:  # noqa: ANN401 - the same
    """Format an inline table."""
    pairs = list(_pairs(table.value, (), cls))
    rank = _ranks(cls)
    pairs.sort(key=lambda pair: rank.get(pair[0][0], len(rank)))
    shown = (f"{'.'.join(map(key_text, key))} = {text}" for key, text in pairs)
    return f"{{ {', '.join(shown)} }}" if pairs else "{}"


def _pairs(
    container: Any,  # noqa: ANN401 - the same
    dotted: tuple[str, ...],
    cls: type | None,
) -> Iterator[tuple[tuple[str, ...], str]]:
    """Yield keys and values of an inline table; dotted keys are kept."""
    for key, item in container.body:
        if key is None:
            continue
        if type(item).__name__ == "Table":
            yield from _pairs(item.value, (*dotted, key.key), None)
        else:
            whole = (*dotted, key.key)
            inner = part_of(cls, whole[0])
            yield whole, " ".join(line.strip() for line in _value("", item, inner, -1))


def _array(head: str, array: Any, cls: type | None, depth: int) -> list[str]:  # noqa: ANN401 - the same
    """Format a list: one line per table; other items on one line if they fit."""
    items: list[tuple[list[str], list[str], str]] = []
    above: list[str] = []
    for group in array._value:  # noqa: SLF001 - it has no public access to comments
        comment = group.comment.as_string().strip() if group.comment is not None else ""
        if group.value is None or type(group.value).__name__ in ("Null", "Whitespace"):
            above += [comment] if comment else []
            continue
        lines = _value("", group.value, cls, depth + 1 if depth >= 0 else depth)
        items.append((above, lines, comment))
        above = []
    texts = [line for _, lines, _ in items for line in lines]
    bare = not above and not any(a or c for a, _, c in items) and len(texts) == len(items)
    one = f"{head}[{', '.join(texts)}]"
    tables = any(text.startswith("{") for text in texts)
    fits = width(one) + 2 * max(depth, 0) <= WIDTH and not (tables and "\n" in array.as_string())
    if depth < 0 or (bare and fits):
        return [one]
    made = [f"{head}["]
    for before, lines, comment in items:
        made += [f"  {line}" for line in before]
        made += [f"  {line}" for line in lines]
        made[-1] += "," + (f" {comment}" if comment else "")
    return [*made, *(f"  {line}" for line in above), "]"]


# ---------------------------------------------------------------- order


def _ranks(cls: type | None) -> Mapping[str, int]:
    """Return the position of each key of a class; a table of names may remove one."""
    return {REMOVAL.name: 0} if cls is None else ranks(cls)


def _ordered_lines(blocks: list[_Block]) -> Iterator[str]:
    """Yield the lines of all blocks, in the order of the language."""
    first, *rest = blocks
    rank = _ranks(Rubric)
    # sort by first key only: blocks of one part of a list stay behind its first block
    rest.sort(key=lambda block: rank.get(block.path[0], len(rank)))
    if first.above:
        yield from (*first.above, "")
    yield from _lines(first)
    for block in rest:
        yield from ("", *block.above, block.header)
        yield from _lines(block)


def _lines(block: _Block) -> Iterable[str]:
    """Yield the lines under a header."""
    rank = _ranks(class_at(Rubric, block.path))
    block.entries.sort(key=lambda entry: rank.get(entry.key, len(rank)))
    lines = [line for entry in block.entries for line in (*entry.above, *entry.lines)]
    lines += block.below
    return lines[1:] if lines[:1] == [""] else lines
