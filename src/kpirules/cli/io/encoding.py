"""Detect the encoding of a CSV file: stated, by a byte order mark, UTF-8, or estimated.

Decoding without an error proves nothing: nearly every text of Big5, of a Japanese, Korean or
European code page is valid GB18030 with other characters. Therefore each common encoding is tried,
and its decoded text gets a cost in bits: how rare its letters are in the languages of the encoding,
whether capitals and scripts change within a word, whether headings and options are those of the
ruleset. An encoding is chosen if its text costs clearly less than each other one; else the file is
rejected.
"""

from __future__ import annotations

import codecs
import re
import unicodedata
from functools import cache
from itertools import pairwise
from typing import TYPE_CHECKING

import attrs

from kpirules._internal.display import brief
from kpirules.cli.io.letters import KOREAN, LANGUAGES, OTHER, RARER, SIMPLIFIED, TRADITIONAL
from kpirules.cli.io.tables import TableError
from kpirules.errors import fetch
from kpirules.evaluation.headings import PERSONAL, names_in, normal
from kpirules.translations.message import Message


if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from pathlib import Path

    from kpirules.compiler.plan import Plan


_PIECE = 1 << 20
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
#: cells with a byte beyond ASCII; no encoding below has these ASCII characters within a character
_CELL = re.compile(rb'[^,;\t"\r\n]*[\x80-\xff][^,;\t"\r\n]*')
#: maximum of different cells that are examined
_MAX_CELLS = 4_000
#: minimum difference in bits between the best encoding and the next
_MARGIN = 10.0
#: maximum bits for each character, for encodings of single and of double bytes
_MAX_NARROW, _MAX_WIDE = 7.0, 14.5
#: bits of unlikely characters: for private use, a symbol in a word, changes of case and script,
#: a letter of another language
_NEVER, _SYMBOL, _CASE, _SCRIPT, _FOREIGN = 40.0, 16.0, 12.0, 10.0, 18.0
#: bits added for each further language of a file, and subtracted for each known heading
_LANGUAGE, _HEADING = 8.0, 25.0
_PUNCTUATION = frozenset("\u00a0\u00b4\u2018\u2019\u201c\u201d\u2013\u2014\u2026«»°№€•·§±²³½¼¿¡ºª")


def encoding_of(path: Path, plan: Plan, given: str | None) -> tuple[str, tuple[Message, ...]]:
    """Return the encoding of a file, and notes about it.

    Raise :class:`TableError` if the file does not have the given encoding, or if none is clearly
    right.
    """
    file = str(path)
    with path.open("rb") as stream:
        head = stream.read(4)
    if given is not None:
        name = _known(given, file)
    else:
        name = next((name for mark, name in _MARKS if head.startswith(mark)), "utf-8")
    place = _first_invalid(path, name)
    if given is None and name == "utf-8" and place is not None:
        _reject_nul(path, file)
        return _estimated(path, plan, place)
    if place is not None:
        byte, line = place
        standard = name.removesuffix("-sig").upper()
        message = Message.of("file.not-encoding", encoding=standard, byte=f"{byte:02x}")
        help_ = Message.of("file-help.save-csv")
        raise TableError(file=file, line=line, message=message, help=help_)
    if not name.startswith(("utf-16", "utf-32")):
        _reject_nul(path, file)
    return name, ()


def _known(given: str, file: str) -> str:
    """Return the standard name of an encoding; raise :class:`TableError` if it is unknown."""
    try:
        "1".encode(given)
        name = codecs.lookup(given).name
    except (LookupError, UnicodeError, ValueError):
        message = Message.of("file.unknown-encoding", encoding=brief(given))
        help_ = Message.of("file-help.encodings")
        raise TableError(file=file, message=message, help=help_) from None
    return "utf-8-sig" if name == "utf-8" else name


def _reject_nul(path: Path, file: str) -> None:
    """Raise an error if a file has a NUL character, which no text table has."""
    line = 1
    with path.open("rb") as stream:
        for piece in iter(lambda: stream.read(_PIECE), b""):
            if b"\0" in piece:
                line += piece.count(b"\n", 0, piece.index(b"\0"))
                message, help_ = Message.of("file.nul"), Message.of("file-help.nul")
                raise TableError(file=file, line=line, message=message, help=help_)
            line += piece.count(b"\n")


def _first_invalid(path: Path, name: str) -> tuple[int, int] | None:
    """Return the first invalid byte for an encoding, and its line; None if there is none."""
    decoder = codecs.getincrementaldecoder(name)()
    line = 1
    with path.open("rb") as stream:
        while True:
            piece = stream.read(_PIECE)
            try:
                decoder.decode(piece, final=not piece)
            except UnicodeDecodeError as error:
                data: bytes = error.object
                line += data.count(b"\n", 0, error.start)
                return data[error.start], line
            except UnicodeError:
                return (piece or b"\0")[0], line
            if not piece:
                return None
            line += piece.count(b"\n")


# ---------------------------------------------------------------- estimate


@attrs.frozen
class _Reading:
    """The cells of a file, decoded by one encoding, with their cost."""

    name: str
    cells: tuple[str, ...]
    bits: float
    #: whether the cost of each character is above the maximum
    is_odd: bool


def _estimated(path: Path, plan: Plan, place: tuple[int, int]) -> tuple[str, tuple[Message, ...]]:
    """Return the encoding with the clearly lowest cost."""
    file = str(path)
    cells = _cells(path)
    words = {normal(text) for text in _expected(plan)}
    readings = sorted(_readings(cells, plan, words), key=lambda each: each.bits)
    while readings and _first_invalid(path, readings[0].name) is not None:
        del readings[0]
    if not readings or readings[0].is_odd:
        byte, line = place
        message = Message.of("file.no-encoding", byte=f"{byte:02x}")
        help_ = Message.of("file-help.no-encoding")
        raise TableError(file=file, line=line, message=message, help=help_)
    best = readings[0]
    other = next((each for each in readings[1:] if each.cells != best.cells), None)
    if other is not None and other.bits - best.bits < _MARGIN:
        one, two = next(
            pair for pair in zip(best.cells, other.cells, strict=True) if pair[0] != pair[1]
        )
        raise TableError(
            file=file,
            message=Message.of(
                "file.two-encodings",
                one=brief(one.strip()),
                encoding=best.name,
                two=brief(two.strip()),
                other=other.name,
            ),
            help=Message.of("file-help.two-encodings", encoding=best.name, other=other.name),
        )
    shown = best.name.upper() if best.name == "gb18030" else best.name
    return best.name, (Message.of("note.read-as", encoding=shown),)


def _cells(path: Path) -> tuple[bytes, ...]:
    """Return the different cells of the file that have bytes beyond ASCII."""
    found: dict[bytes, None] = {}
    rest = b""
    with path.open("rb") as stream:
        while len(found) < _MAX_CELLS:
            piece = stream.read(_PIECE)
            whole, end, rest = (rest + piece).rpartition(b"\n") if piece else (rest, b"", b"")
            found |= dict.fromkeys(_CELL.findall(whole + end))
            if not piece:
                break
    return tuple(found)[:_MAX_CELLS]


def _expected(plan: Plan) -> Iterator[str]:
    """Yield expected texts: headings of personal data, codes and labels of options."""
    yield from PERSONAL
    for fact in plan.rubric.inputs:
        for option in fact.options:
            yield option.code
            yield from (t for _, t in option.label.by_language) if option.label else ()


def _readings(cells: Sequence[bytes], plan: Plan, words: set[str]) -> Iterator[_Reading]:
    """Yield the decoded cells of each encoding that decodes them."""
    for name, prior in _PRIORS.items():
        try:
            texts = tuple(cell.decode(name) for cell in cells)
        except UnicodeDecodeError:
            continue
        costs = _WIDE[name](texts) if name in _WIDE else _narrow(name, texts)
        known = names_in(plan, texts) + sum(normal(text) in words for text in texts)
        count = sum(len(word) for text in texts for word in _words(text))
        is_odd = costs > count * (_MAX_WIDE if name in _WIDE else _MAX_NARROW)
        yield _Reading(name, texts, prior + costs - known * _HEADING, is_odd and not known)


def _words(text: str) -> Iterator[str]:
    """Yield the words with a character beyond ASCII, symbols within words included."""
    for word in re.findall(r"[^\x00-\x40\x5b-\x60\x7b-\x7f]+", text):
        if not word.isascii():
            yield word


# ---------------------------------------------------------------- encodings of single bytes


@cache
def _letters(language: str) -> Mapping[str, float]:
    """Return the bits of each letter of a language: more for a rarer one."""
    tables = fetch("charset_normalizer.constant", "cli").FREQUENCIES
    order = OTHER.get(language) or [*tables[language], *RARER.get(language, "")]
    letters = dict.fromkeys(letter for letter in order if letter.isalpha())
    return {letter: 3.2 + 0.16 * rank for rank, letter in enumerate(letters)}


def _narrow(name: str, texts: Sequence[str]) -> float:
    """Return the bits of texts in an encoding of single bytes."""
    words = [word for text in texts for word in _words(text)]
    shape = sum(map(_shape_bits, words))
    costs = {
        language: [_word_bits(word, _letters(language)) for word in words]
        for language in LANGUAGES[name]
    }
    # a further language is added only if it saves more bits than it costs
    best = min(costs.values(), key=sum)
    total = sum(best)
    while True:
        joined = [[min(a, b) for a, b in zip(best, each, strict=True)] for each in costs.values()]
        more = min(joined, key=sum)
        if sum(more) + _LANGUAGE >= sum(best):
            return total + shape
        total += sum(more) + _LANGUAGE - sum(best)
        best = more


def _word_bits(word: str, letters: Mapping[str, float]) -> float:
    """Return the bits of the letters of a word in a language."""
    return sum(letters.get(c.lower(), letters.get(c, _FOREIGN)) for c in word if c.isalpha())


def _shape_bits(word: str) -> float:
    """Return the bits of symbols and of changes of case and script in an alphabetic word."""
    bits = 0.0
    for c in word:
        if unicodedata.category(c) in ("Cc", "Co", "Cn"):
            bits += _NEVER
        elif not c.isalpha():
            bits += 6.0 if c in _PUNCTUATION else _SYMBOL
    letters = [c for c in word if c.isalpha()]
    for one, two in pairwise(letters):
        bits += _CASE * (one.islower() and two.isupper())
        bits += _SCRIPT * (_script(one) != _script(two))
        both = one > "\x7f" and two > "\x7f" and _script(one) == "LATIN"
        bits += 3.0 * both
    for one, two in pairwise(word):
        # a symbol next to a letter
        bits += 4.0 * (one.isalpha() != two.isalpha() and (one > "\x7f" or two > "\x7f"))
    return bits


@cache
def _script(c: str) -> str:
    """Return the script of a letter."""
    return unicodedata.name(c, "?").partition(" ")[0]


# ---------------------------------------------------------------- encodings of double bytes


def _double(cost: Callable[[str], float]) -> Callable[[Sequence[str]], float]:
    """Return the function that sums the bits of texts, given the bits of a character."""

    def total(texts: Sequence[str]) -> float:
        return sum(_double_bits(word, cost) for text in texts for word in _words(text))

    return total


def _double_bits(word: str, cost: Callable[[str], float]) -> float:
    """Return the bits of a word with characters of double bytes."""
    bits = sum(5.0 if c <= "\x7f" else cost(c) for c in word)
    for one, two in pairwise(word):
        if (one <= "\x7f") != (two <= "\x7f"):
            ascii_ = min(one, two)
            bits += _SCRIPT if ascii_.islower() else 2.0
    return bits


def _lead(c: str, charset: str) -> int:
    """Return the first of the two bytes of a character in a character set; 0 if it has none."""
    try:
        code = c.encode(charset)
    except UnicodeEncodeError:
        return 0
    return code[0] if len(code) > 1 else 0


def _wide_sign(c: str) -> float | None:
    """Return the bits of punctuation or of an invalid character; None for a letter."""
    kind = unicodedata.category(c)
    if kind in ("Co", "Cn", "Cc", "Cs"):
        return _NEVER
    if kind[0] in "PZ" or 0xFF00 < ord(c) < 0xFF5F:  # noqa: PLR2004 - full-width forms
        return 8.0
    return None if c.isalpha() else 12.0


def _is_han(c: str) -> bool:
    """Return whether a character is Chinese."""
    return _script(c) == "CJK"


@cache
def _simplified(c: str) -> float:
    """Return the bits of a character in GB18030."""
    sign = _wide_sign(c)
    if sign is not None:
        return sign
    if c in SIMPLIFIED:
        return 9.0
    lead = _lead(c, "gb2312")
    if not _is_han(c):
        return 20.0
    # the first level of GB 2312: 3755 characters; the second: 3008
    return 13.0 if 0xB0 <= lead <= 0xD7 else 15.0 if lead else 20.0  # noqa: PLR2004


@cache
def _traditional(c: str) -> float:
    """Return the bits of a character in Big5."""
    sign = _wide_sign(c)
    if sign is not None:
        return sign
    if c in TRADITIONAL:
        return 9.0
    if not _is_han(c):
        return 20.0
    # the first level of Big5: 5401 characters
    return 13.0 if 0xA4 <= _lead(c, "big5") <= 0xC6 else 17.0  # noqa: PLR2004


@cache
def _japanese(c: str) -> float:
    """Return the bits of a character in a Japanese encoding."""
    script = _script(c)
    if script in ("HIRAGANA", "KATAKANA", "KATAKANA-HIRAGANA"):
        return 7.0
    if script == "HALFWIDTH":
        return 11.0
    sign = _wide_sign(c)
    if sign is not None:
        return sign
    if not _is_han(c):
        return 20.0
    # the first level of JIS X 0208: 2965 characters
    return 11.0 if 0x88 <= _lead(c, "shift_jis") <= 0x98 else 16.0  # noqa: PLR2004


@cache
def _korean(c: str) -> float:
    """Return the bits of a character in a Korean encoding."""
    sign = _wide_sign(c)
    if sign is not None:
        return sign
    if c in KOREAN:
        return 7.5
    if _script(c) != "HANGUL":
        return 18.0
    # the syllables of KS X 1001: 2350
    return 12.0 if _lead(c, "euc_kr") else 24.0


_WIDE: Mapping[str, Callable[[Sequence[str]], float]] = {
    "gb18030": _double(_simplified),
    "cp950": _double(_traditional),
    "cp932": _double(_japanese),
    "euc_jp": _double(_japanese),
    "cp949": _double(_korean),
}
#: the encodings to try, with added bits for the rarer ones
_PRIORS: Mapping[str, float] = {
    "gb18030": 0,
    "cp1252": 0,
    "cp1250": 2,
    "cp1251": 2,
    "cp1254": 3,
    "cp932": 3,
    "cp949": 3,
    "cp950": 3,
    "cp1253": 4,
    "euc_jp": 6,
    "cp850": 6,
    "koi8_r": 6,
    "mac_roman": 6,
}
