"""Names the mistake at the place where the TOML reader stopped, with a repair.

Not a parser: the reader has accepted the text up to that place, which leaves few mistakes. The
rules are tried in order; the first one that recognises its mistake describes it.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import attrs

from kpirules.model.language import header_of, items_at
from kpirules.model.rubric import Rubric
from kpirules.toml.bare_values import bare_value
from kpirules.toml.characters import QUOTED, QUOTES, WIDE, WIDE_VALUE, plain_of
from kpirules.toml.stop import TEXT, Mistake, Repair, Stop, end_of_line, shortened, stop_at


if TYPE_CHECKING:
    from collections.abc import Callable


def recognise(text: str, at: int, reason: str) -> Mistake:
    """Describe the mistake of a text at whose offset ``at`` the reader stopped for a reason.

    >>> found = recognise("weight = 30%", 11, "")
    >>> found.reason.text(), found.repair.apply("weight = 30%")
    ('30%: a number has no percent sign', 'weight = 30')
    """
    stop = stop_at(text, min(at, len(text)), reason)
    found = (rule(stop) for rule in (() if stop.is_long else _RULES))
    return next(filter(None, found), None) or stop.mistake("unknown", stop.at, stop.at + 1)


# ---------------------------------------------------------------- characters

_STRUCTURE = frozenset(' ,=[]{}"#')


def _wide(stop: Stop) -> Mistake | None:
    """Recognise full-width and invisible characters outside of texts, all of the line."""
    if not stop.bracket and stop.expected == "value" and not WIDE_VALUE.match(stop.rest):
        # a text without quotes may have any characters
        return None
    structure = _STRUCTURE | {"."} if stop.is_header else _STRUCTURE
    found: dict[int, str] = {}
    for token in WIDE.finditer(stop.text, stop.at, end_of_line(stop.text, stop.at)):
        if token["wide"]:
            plain = plain_of(token["wide"])
            if plain == "" or plain in structure:
                found[token.start()] = plain
            if plain == "#":
                break
    if not found:
        return None
    start, last = min(found), max(found)
    by = "".join(found.get(i, stop.text[i]) for i in range(start, last + 1))
    repair = Repair(start, last + 1, by)
    wide = {stop.text[i]: plain for i, plain in found.items()}
    visible = {character: plain for character, plain in wide.items() if plain.strip()}
    if not visible:
        names = tuple(f"U+{ord(character):04X}" for character in wide)
        return stop.mistake("invisible", start, start + 1, repair, characters=names)
    shown = {"characters": " ".join(visible), "plain": " ".join(dict.fromkeys(visible.values()))}
    return stop.mistake("wide", start, start + 1, repair, **shown)


# ---------------------------------------------------------------- texts


def _in_text(stop: Stop) -> Mistake | None:
    """Recognise a text without its closing quote, or with a backslash."""
    token = stop.last
    if token is None or token.lastgroup not in ("broken", "unended"):
        return None
    start = token.start()
    slash = stop.text.rfind("\\", start, stop.at)
    if slash >= 0 and stop.at - slash <= _ESCAPE and stop.rest and stop.text[start] == '"':
        repair = Repair(slash, slash, "\\")
        return stop.mistake("backslash", slash, slash + 2, repair)
    if token.lastgroup == "unended":
        return stop.mistake("no-closing-quotes", start, start + 3)
    quote = stop.text[start]
    content = stop.text[start + 1 : end_of_line(stop.text, start)]
    curly = re.search(rf"({QUOTES})(?=\s*(?:[,}}\]\#]|$))", content)
    if curly:
        at = start + 1 + curly.start()
        whole = quote + content[: curly.start()] + quote
        repair = Repair(at, at + 1, quote)
        return stop.mistake("quotes", start, at + 1, repair, repair=whole)
    closers = r"(?=\s*[\]},\s]*$)" if stop.opened else r"(?=\s*$)"
    inside = re.match(rf".*?{closers}", content)
    at = start + 1 + (len(content) if inside is None else inside.end())
    below = stop.text[end_of_line(stop.text, start) :].split("\n")[1:2]
    is_single = _BEGINS.match("".join(below)) is not None
    return stop.mistake("no-closing-quote", start, at, Repair(at, at, quote) if is_single else None)


#: a line that does not continue the text of the line before it
_BEGINS = re.compile(r"\s*(?:$|[\w.\"'-]+\s*=|[\[\]{}#])")
#: the characters of the longest escape, and one more
_ESCAPE = 11


def _quotes(stop: Stop) -> Mistake | None:
    """Recognise a value in other quotes than straight ones."""
    quoted = None if stop.value is None else QUOTED.match(stop.text, stop.value)
    if quoted is None:
        return None
    content = quoted[1] or quoted[2] or ""
    return stop.mistake("quotes", *quoted.span(), f'"{content}"')


def _quote_missing(stop: Stop) -> Mistake | None:
    """Recognise a line whose quotes do not form pairs."""
    if not stop.has_odd_quotes or stop.last is None:
        return None
    if stop.value is not None and (opened := _UNOPENED.match(stop.text, stop.value)):
        return stop.mistake("no-opening-quote", *opened.span(), f'"{opened[1]}"')
    start, end = stop.last.span()
    if stop.last.lastgroup == "short" and end == stop.at and _GOES_ON.match(stop.rest):
        swallowed = _SWALLOWED.match(stop.last[0][1:])
        if swallowed is None:
            return stop.mistake("odd-quotes", start, end)
        at = start + 1 + swallowed.end(1)
        return stop.mistake("no-closing-quote", start, at, Repair(at, at, '"'))
    if stop.expected == "equals" and stop.rest.startswith('"'):
        return stop.mistake("odd-quotes", start, stop.at + 1)
    return None


#: what follows a quote that was meant to begin a text
_GOES_ON = re.compile(r"[^\s,;，；、。)\]}]")
#: a text without its first quote; a text without its last quote and the key after it
_UNOPENED = re.compile(r"([^\s\"',={}\[\]#][^\"',={}\[\]#\n]*)\"")
_SWALLOWED = re.compile(r"(.*?)\s*,\s*[\w.-]+\s*=(?:\s|\"?$)")


# ---------------------------------------------------------------- names that are there twice


def _duplicate(stop: Stop) -> Mistake | None:
    """Recognise a key or a header that is there twice."""
    if not re.search("twice|overwrite|uplicate|redefine|mutate", stop.reason):
        return None
    header = re.match(r"(\[\[?)\s*([^\]\n]*?)\s*\]", stop.text[stop.statement :])
    if header is None:
        start = stop.statement
        if stop.opened:
            start = max(stop.text.rfind(sign, 0, stop.at) for sign in ",{") + 1
            start += len(stop.text[start:]) - len(stop.text[start:].lstrip())
        key = re.match(rf"(?:{TEXT}|[\w.-])+", stop.text[start:])
        name = "" if key is None else key[0]
        made = stop.mistake("key-twice", start, start + max(1, len(name)))
        return attrs.evolve(made, other=_first_key(stop, name, start))
    name = header[2]
    span = stop.statement, stop.statement + header.end() + (header[1] == "[[")
    if _is_list(name):
        single = re.search(rf"^[ \t]*(\[\s*{re.escape(name)}\s*\])", stop.text, re.MULTILINE)
        if single is not None:
            return stop.mistake("table-for-list", *single.span(1), f"[[{name}]]")
        return stop.mistake("defined-twice", *span)
    first = re.search(
        rf"^[ \t]*(\[\[?\s*{re.escape(name)}\s*\])", stop.text[: span[0]], re.MULTILINE
    )
    if header[1] == "[[":
        return stop.mistake("list-for-table", *span, f"[{name}]")
    made = stop.mistake("defined-twice", *span)
    return attrs.evolve(made, other=None if first is None else first.start(1))


def _first_key(stop: Stop, name: str, start: int) -> int | None:
    """Return the offset of the first occurrence of a key in the same table."""
    begin = stop.opened[-1] if stop.opened else max(0, stop.text.rfind("\n[", 0, start))
    before = r"[{,]\s*" if stop.opened else r"^[ \t]*"
    found = re.search(rf"{before}({re.escape(name)})\s*=", stop.text[begin:start], re.MULTILINE)
    return None if found is None else begin + found.start(1)


def _is_list(name: str) -> bool:
    """Check whether a name is a list of tables in the language."""
    cls = items_at(Rubric, tuple(re.split(r"\s*\.\s*", name)))
    return cls is not None and not header_of(cls)


# ---------------------------------------------------------------- brackets


def _header(stop: Stop) -> Mistake | None:
    """Recognise a header with wrong brackets, or with a name that is not one."""
    if stop.line[0] > stop.statement or (stop.bracket == "{" and stop.is_header):
        return None
    header = _HEADER.match(stop.text, stop.statement)
    if header is None:
        return None
    name, (start, end) = header[1], header.span(1)
    if not name:
        return stop.mistake("not-a-line", *header.span())
    if " " in name.replace(" .", ".").replace(". ", "."):
        return stop.mistake("space-in-key", start, end, re.sub(r"\s+", ".", name))
    foreign = re.search(r"[^\x00-\x7f.][^.]*", name)
    if foreign is not None:
        start, end = start + foreign.start(), start + foreign.end()
        return stop.mistake("key", start, end, f'"{foreign[0].strip()}"')
    right = f"[[{name}]]" if _is_list(name) else f"[{name}]"
    return None if right == header[0] else stop.mistake("header", *header.span(), right)


_HEADER = re.compile(
    r"(?=[^#\n]*[\[\](){}])(?:[\[({][ \t]*)*((?:[\w.-]|[ \t]+(?=[\w.-]))*)"
    r"(?:[ \t]*[\])}])*(?=[ \t]*(?:#|$))",
    re.MULTILINE,
)


def _after_header(stop: Stop) -> Mistake | None:
    """Recognise something behind a header on its line."""
    if not stop.is_header or stop.opened or stop.last is None:
        return None
    return stop.mistake("after-header", stop.at, stop.line[1])


def _unclosed(stop: Stop) -> Mistake | None:
    """Recognise a bracket that is not closed, or not by its own kind."""
    if not stop.opened:
        surplus = re.match(r"[\]})]", stop.rest)
        return stop.mistake("surplus-bracket", stop.at, stop.at + 1, "") if surplus else None
    at, closer = stop.opened[-1], "]" if stop.bracket == "[" else "}"
    if stop.rest[:1] in ("]", "}", ")") and stop.rest[0] != closer:
        around = stop.text[stop.opened[-2]] if len(stop.opened) > 1 else ""
        belongs = (around, stop.rest[0]) in (("[", "]"), ("{", "}"))
        repair = Repair(stop.at, stop.at if belongs else stop.at + 1, closer)
        return stop.mistake("not-closed", at, at + 1, repair, closer=closer)
    if not stop.rest.strip() or stop.rest.startswith("#"):
        if stop.bracket == "{":
            return _line_break(stop, at)
        repair = Repair(stop.at, stop.at, closer)
        return stop.mistake("not-closed", at, at + 1, repair, closer=closer)
    outer = [each for each in stop.opened if each < stop.line[0]]
    if not outer or stop.text[outer[-1]] == "{":
        return None
    begun = _BEGUN.match(stop.text, stop.line[0])
    if begun is None:
        return None
    if begun["keys"]:
        return stop.mistake("no-opening-brace", *begun.span("keys"))
    repair = Repair(stop.line[0], stop.line[0], "]\n")
    return stop.mistake("not-closed", outer[-1], outer[-1] + 1, repair, closer="]")


#: a line within brackets that is a new statement, or the keys of a table without its braces
_BEGUN = re.compile(
    r"[ \t]*(?:(?P<keys>[\w.-]+[ \t]*=.*(?:[\w.\"']+[ \t]*,[ \t]*[\w.-]+[ \t]*=.*|\}.*))"
    r"|[\w.-]+[ \t]*=|\[+[\w. \t-]+\]+[ \t]*(?:\#|$))",
    re.MULTILINE,
)


def _line_break(stop: Stop, at: int) -> Mistake:
    """Return the mistake of a line break within braces."""
    gap = re.compile(r"\s*").match(stop.text, stop.at)
    after = stop.at if gap is None else gap.end()
    repair = None
    if at + 1 == len(stop.text[: stop.at].rstrip()) and stop.text.startswith("{", after):
        # a table where a list was meant
        pass
    elif re.match(
        r"[\[\]{]|\w+\s*=.*[^},\s]\s*$|$", stop.text[after : end_of_line(stop.text, after)]
    ):
        comma = stop.last is not None and stop.last[0] == ","
        start = stop.last.start() if comma and stop.last else stop.at
        repair = Repair(start, start, " }")
    elif not stop.rest.startswith("#"):
        repair = Repair(stop.at, after, " ")
    return stop.mistake("line-break", at, at + 1, repair)


def _comma(stop: Stop) -> Mistake | None:
    """Recognise a comma that is missing, or one too many."""
    if stop.last is None:
        return None
    start, end = stop.last.span()
    if stop.expected == "end" and not stop.bracket:
        surplus = re.match(r"[,;，；。、]\s*(?=#|$)", stop.rest)
        return stop.mistake("comma-at-end", stop.at, stop.at + 1, "") if surplus else None
    if stop.expected == "end":
        if stop.rest.startswith((";", "|")):
            return stop.mistake("not-comma", stop.at, stop.at + 1, ",")
        follows = _NEXT_KEY if stop.bracket == "{" else _NEXT_VALUE
        is_apart = stop.at > end or stop.last[0][0] in "]}\"'" or stop.rest[:1] in ("[", "{", '"')
        if follows.match(stop.rest) and is_apart:
            repair = Repair(end, end, ",")
            return stop.mistake("no-comma", end - 1, end, repair, text=shortened(stop.last[0]))
    if stop.last[0] == "," and stop.rest[:1] in (",", "}" if stop.bracket == "{" else ","):
        return stop.mistake("comma", start, end, "")
    if stop.rest.startswith(",") and stop.last[0] in ("[", "{"):
        return stop.mistake("comma", stop.at, stop.at + 1, "")
    if stop.expected == "equals" and (found := _THOUSANDS.search(stop.text, stop.line[0], end)):
        return stop.mistake("thousands", *found.span(), found[0].replace(",", ""))
    return None


_NEXT_KEY = re.compile(rf"(?:{TEXT}|[\w.-]+)\s*=")
_NEXT_VALUE = re.compile(r"[\"'{\[]|-?\d")
#: a number that ends with what the reader takes for a key
_THOUSANDS = re.compile(r"(?<![\w.,-])\d{1,3}(?:,\d{3})+$")


# ---------------------------------------------------------------- keys


def _key(stop: Stop) -> Mistake | None:
    """Recognise a key that is not one, or that has no equals sign."""
    if stop.expected == "equals" and stop.last is not None:
        start = stop.last.start()
        if sign := re.match(r":=|=>|->|[:~]", stop.rest):
            return stop.mistake(
                "not-equals", stop.at, stop.at + sign.end(), "=", name=shortened(stop.last[0])
            )
        if spaced := re.match(r"[A-Za-z0-9_ -]+?(?=\s*=)", stop.rest):
            end = stop.at + spaced.end()
            key = re.sub(r"[ \t]+", "_", stop.text[start:end])
            return stop.mistake("space-in-key", start, end, key)
        if re.match(r"[\"'\[{0-9-]|true\b|false\b", stop.rest):
            repair = Repair(stop.last.end(), stop.last.end(), " =")
            return stop.mistake("no-equals", *stop.last.span(), repair)
        foreign = re.match(r"[^\W\d]\w*(?=\s*=)", stop.rest)
        if foreign and stop.at == stop.last.end():
            end = stop.at + foreign.end()
            return stop.mistake("key", start, end, f'"{stop.text[start:end]}"')
        return stop.mistake("not-a-line", start, max(stop.at, stop.line[1]))
    if mark := re.match(r"//+|/\*|--+|;+|%+|\*+|!+", stop.rest):
        return stop.mistake("comment", stop.at, stop.at + mark.end(), "#")
    if foreign := re.match(r"[^\s\"'=,\[\]{}#]+(?=\s*=)", stop.rest):
        end = stop.at + foreign.end()
        return stop.mistake("key", stop.at, end, f'"{foreign[0]}"')
    if stop.rest.strip() and not stop.bracket:
        return stop.mistake("not-a-line", stop.at, stop.line[1])
    return None


#: the rules in their order
_RULES: tuple[Callable[[Stop], Mistake | None], ...] = (
    _in_text,
    _duplicate,
    _quotes,
    _quote_missing,
    _header,
    _unclosed,
    _comma,
    _wide,
    _after_header,
    bare_value,
    _key,
)
