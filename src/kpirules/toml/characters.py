"""Characters that word processors and Chinese input methods write in place of plain ones."""

from __future__ import annotations

import re
import unicodedata

from kpirules.toml.stop import TEXT


_DOUBLE = "„“”‟«»「」『』〝〞〟＂｢｣"
_SINGLE = "‚‘’‛‹›＇´"
#: quotes of word processors and input methods, as a pattern
QUOTES = f"[{_DOUBLE}{_SINGLE}]"
#: a text in other quotes than straight ones, or with one of each
QUOTED = re.compile(
    rf"[{_DOUBLE}`]([^\n\"`{_DOUBLE}]*)[{_DOUBLE}\"`]|[{_SINGLE}]([^\n\"`]*?)(?:{QUOTES}|[\"'`])"
)
WIDE = re.compile(rf"{TEXT}|{QUOTED.pattern}|\#.*|(?P<wide>[^\x00-\x7f])")
#: a value outside of brackets that is not a text without quotes
WIDE_VALUE = re.compile(r"\s*[［｛【〔\u00a0\u3000\u200b-\u200f\ufeff]")


#: plain characters for those that have no compatible plain one in Unicode
_PLAIN = str.maketrans("、。：【】〔〕﹝﹞《》〜–—―−∶≔﹦", ",.=[][][]<>~----:==")


def plain_of(character: str) -> str:
    """Return what a character was probably meant to be outside of texts; itself if it is plain."""
    if character.isascii():
        return character
    category = unicodedata.category(character)
    if category in ("Zs", "Cf"):
        return " " if category == "Zs" else ""
    if _is_quote(character):
        return '"'
    return unicodedata.normalize("NFKC", character.translate(_PLAIN))


def _is_quote(character: str) -> bool:
    """Check whether a character is a quote of a word processor or an input method."""
    return character in QUOTES[1:-1]


def narrowed(text: str) -> str:
    """Return a text with plain characters."""
    return "".join(map(plain_of, text))
