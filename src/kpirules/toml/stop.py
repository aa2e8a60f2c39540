"""The place where the TOML reader stopped, and what is before it."""

from __future__ import annotations

import re
from functools import cached_property
from typing import Literal, NamedTuple, TypeAlias

import attrs

from kpirules.translations.message import Message


class Repair(NamedTuple):
    """Characters of a text, and those that replace them."""

    start: int
    end: int
    by: str

    def apply(self, text: str) -> str:
        """Return the repaired text."""
        return text[: self.start] + self.by + text[self.end :]

    def original(self, offset: int) -> int:
        """Return the offset before the repair for one after it."""
        if offset >= self.start + len(self.by):
            return offset - len(self.by) + self.end - self.start
        return min(offset, self.end)


@attrs.frozen(kw_only=True)
class Mistake:
    """A mistake: its characters, its description, and the repair if there is only one."""

    start: int
    end: int
    reason: Message
    advice: Message
    repair: Repair | None = None
    #: the offset of another place that the description names
    other: int | None = None


TEXT = r""""(?:[^"\\\n]++|\\[^\n])*"|'[^'\n]*+'"""
_TOKEN = re.compile(
    r'(?P<text>"""(?:[^"\\]++|\\.|"(?!""))*"{3,5}' + r"|'''(?:[^']++|'(?!''))*'{3,5})"
    r'|(?P<unended>"""(?:[^"\\]++|\\.|"(?!""))*' + r"|'''(?:[^']++|'(?!''))*)"
    rf"|(?P<short>{TEXT})|(?P<broken>\"(?:[^\"\\\n]++|\\[^\n])*\\?|'[^'\n]*+)"
    r"|(?P<comment>\#[^\n]*+)|(?P<newline>\n)|(?P<open>[\[{])|(?P<close>[\]}])|(?P<sign>[=,])"
    r"|(?P<word>[^\s\"'\#\[\]{}=,]++)",
    re.DOTALL,
)

#: what the reader expects at the place: a key, the sign after it, a value, or the end of one
Expected: TypeAlias = Literal["key", "equals", "value", "end"]


@attrs.frozen(kw_only=True)
class Stop:
    """The place where the reader stopped, and what is before it."""

    text: str
    at: int
    #: the reason that the reader gives; used only to tell duplicates from other mistakes
    reason: str
    #: the offsets of the open brackets
    opened: tuple[int, ...]
    #: the offset of the key or header at the beginning of the statement
    statement: int
    #: the last two tokens of the statement
    last: re.Match[str] | None
    before: re.Match[str] | None

    @cached_property
    def bracket(self) -> str:
        """Return the innermost open bracket; empty outside of brackets."""
        return self.text[self.opened[-1]] if self.opened else ""

    @cached_property
    def expected(self) -> Expected:
        """Return what the reader expects."""
        last = "" if self.last is None else self.last[0]
        if last == "=" or (self.bracket == "[" and last in ("[", ",")):
            return "value"
        if last in ("", "{", ",", "["):
            return "key"
        before = "" if self.before is None else self.before[0]
        is_value = before == "=" or (self.bracket == "[" and before in ("[", ","))
        return "end" if is_value or last in ("]", "}") else "equals"

    @cached_property
    def value(self) -> int | None:
        """Return the offset of the value that the reader expects, or has read in part."""
        if self.expected == "value":
            return self.at
        if self.expected == "end" and self.last is not None and self.last[0] not in ("]", "}"):
            return self.last.start()
        return None

    @cached_property
    def is_header(self) -> bool:
        """Check whether the statement is a header."""
        return self.text.startswith("[", self.statement)

    @cached_property
    def has_odd_quotes(self) -> bool:
        """Check whether the quotes of the line do not form pairs."""
        return self.text.count('"', *self.line) % 2 == 1

    @cached_property
    def is_long(self) -> bool:
        """Check whether the line, or that of the last token, is too long for the rules."""
        starts = (self.at, self.at if self.last is None else self.last.start())
        return any(
            end_of_line(self.text, start) - self.text.rfind("\n", 0, start) > MAX_LINE
            for start in starts
        )

    @cached_property
    def rest(self) -> str:
        """Return the rest of the line."""
        return self.text[self.at : end_of_line(self.text, self.at)]

    @cached_property
    def line(self) -> tuple[int, int]:
        """Return the offsets of the line."""
        return self.text.rfind("\n", 0, self.at) + 1, end_of_line(self.text, self.at)

    def mistake(
        self, key: str, start: int, end: int, by: Repair | str | None = None, /, **params: object
    ) -> Mistake:
        """Return a mistake; a repair that is a text replaces its characters."""
        repair = Repair(start, end, by) if isinstance(by, str) else by
        if isinstance(by, str):
            params = {"repair": by, **params}
        params = {"text": shortened(self.text[start:end]), **params}
        reason, advice = (Message.of(f"{kind}.{key}", **params) for kind in _KINDS)
        return Mistake(start=start, end=end, reason=reason, advice=advice, repair=repair)


#: the first parts of the keys of both texts
_KINDS = ("syntax", "syntax-help")


def stop_at(text: str, at: int, reason: str) -> Stop:
    """Read the tokens before a place."""
    opened: list[int] = []
    statement = 0
    last = before = None
    for token in _TOKEN.finditer(text, 0, at):
        if token.lastgroup == "newline" and not opened:
            statement, last, before = token.end(), None, None
        elif token.lastgroup not in ("newline", "comment"):
            if token.lastgroup == "open":
                opened.append(token.start())
            elif token.lastgroup == "close" and opened:
                opened.pop()
            last, before = token, last
        if token.lastgroup in ("broken", "unended"):
            # the reader may have looked for its end in later lines
            break
    blank = len(text) - len(text[statement:].lstrip(" \t")) - statement
    return Stop(
        text=text,
        at=at,
        reason=reason,
        opened=tuple(opened),
        statement=statement + blank,
        last=last,
        before=before,
    )


def end_of_line(text: str, at: int) -> int:
    """Return the offset of the end of a line."""
    end = text.find("\n", at)
    return len(text) if end < 0 else end


#: the maximum length of a line that is examined; some rules take a time that is its square
MAX_LINE = 2_000
#: the maximum number of characters of a file that a message shows
_SHOWN = 40


def shortened(text: str) -> str:
    """Return the beginning of a text."""
    text = text.partition("\n")[0]
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}..."
