"""The tokens of formulas, and what needs no more than these: names in a text, labels for people."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple, cast

import attrs

from kpirules._internal.display import brief
from kpirules.translations.message import Message


if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


@attrs.frozen(kw_only=True, eq=False)
class FormulaSyntaxError(ValueError):
    """A text that is not a formula: the error and its characters, counted from 0."""

    reason: Message
    advice: Message | str = ""
    start: int = 0
    end: int

    def __str__(self) -> str:
        return self.reason.text()


_TOKEN = re.compile(
    r"\s*(?:(?P<number>[0-9]+(?:\.[0-9]+)?)|(?P<name>[A-Za-z_][A-Za-z0-9_]*(?:\.[A-Za-z0-9_]+)*)"
    r"|(?P<sign>[-+*/^(),])|(?P<text>\"[^\"]*\"|'[^']*'))",
    re.ASCII,
)

#: a word that is not a name, since it has other letters than a-z
_LABEL = re.compile(r"[^\W\d][\w.]*")

#: signs of other languages, and of spreadsheets
_OTHERS = {
    "equals": re.compile("[=\uff1d]"),
    "power": re.compile(r"\*\*"),
    "percent": re.compile("[%\uff05]"),
    "comparison": re.compile(r"[<>!=\u2260\u2264\u2265\uff1c\uff1d\uff1e]=?|&&?|\|\|?"),
}

#: common substitutes for the signs
_SIGNS = str.maketrans(
    "\u00d7\u00f7\u2212\uff0b\uff0d\uff0a\uff0f\uff08\uff09\uff0c\uff3e\u201c\u201d\u3000",
    '*/-+-*/(),^"" ',
)


class Token(NamedTuple):
    """A word, number or sign of a formula, with its characters."""

    kind: str
    text: str
    start: int
    end: int


def reason_and_advice(key: str, **params: object) -> tuple[Message, Message]:
    """Return the reason and the advice of an error."""
    return Message.of(f"formula.{key}", **params), Message.of(f"formula-help.{key}", **params)


def names_in(text: str) -> tuple[str, ...]:
    """Return the words of a text that could be names in a formula; none if it has no tokens."""
    try:
        return tuple(token.text for token in tokens(text) if token.kind == "name")
    except FormulaSyntaxError:
        return ()


def labelled(text: str, label: Callable[[str], str]) -> str:
    """Format a formula for people: names as ``label`` returns them, and a multiplication sign.

    >>> labelled("min(errors, 10) + 1", {"errors": "Errors"}.__getitem__)
    'min(Errors, 10) + 1'
    """
    made, at = list[str](), 0
    found = list(tokens(text))
    for token, after in zip(found, [*found[1:], None], strict=True):
        shown = "\u00d7" if token.text == "*" else token.text
        if token.kind == "name" and (after is None or after.text != "("):
            shown = label(token.text)
        made += text[at : token.start], shown
        at = token.end
    return "".join(made).strip()


def tokens(text: str) -> Iterator[Token]:
    """Yield the tokens of a text."""
    plain = text.translate(_SIGNS)
    at = 0
    end = len(plain.rstrip())
    while at < end:
        match = _TOKEN.match(plain, at)
        if match is None or match["sign"] == "*" == plain[match.end() : match.end() + 1]:
            raise _not_a_token(text, plain, at)
        kind = cast("str", match.lastgroup)
        yield Token(kind, match[kind], match.start(kind), match.end())
        at = match.end()


def _not_a_token(text: str, plain: str, at: int) -> FormulaSyntaxError:
    """Return the error about characters of a formula that begin no token."""
    start = at + len(plain[at:]) - len(plain[at:].lstrip())
    # an equals sign before a formula is that of a spreadsheet
    kinds = {key: sign for key, sign in _OTHERS.items() if key != "equals" or not start}
    other = next(((k, m) for k, sign in kinds.items() if (m := sign.match(plain, start))), None)
    label = _LABEL.match(text, start)
    key, found = ("label", label) if other is None else other
    stop = start + 1 if found is None else found.end()
    advice = Message(f"formula-help.{'character' if found is None else key}")
    reason = Message.of(
        "formula.character" if label is None else "formula.label", text=brief(text[start:stop])
    )
    return FormulaSyntaxError(reason=reason, advice=advice, start=start, end=stop)
