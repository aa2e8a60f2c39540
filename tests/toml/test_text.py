"""TOML text: positions of keys, and input limits before the parser."""

from __future__ import annotations

import itertools
import tomllib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kpirules import loads
from kpirules.errors import RulesetError
from kpirules.toml import limits
from kpirules.toml.limits import GuardError, decode, guard
from kpirules.toml.positions import find_places
from tests.shipped import shipped


def paths_of(tree, path=()):
    """Yield every path of a parsed tree with its value."""
    items = tree.items() if isinstance(tree, dict) else enumerate(tree)
    for step, value in items:
        yield (*path, step), value
        if isinstance(value, (dict, list)):
            yield from paths_of(value, (*path, step))


def check_against_tomllib(text):
    """The paths found are those of the parsed tree, and each leaf's text is that leaf."""
    tree = tomllib.loads(text)
    places = find_places(text)
    expected = dict(paths_of(tree))
    assert set(expected) == set(places)
    lines = text.split("\n")
    for path, value in expected.items():
        place = places[path]
        assert 1 <= place.key.line <= len(lines)
        if place.value is None:
            continue
        again = tomllib.loads(f"x = {text[place.start : place.end]}")["x"]
        assert value == again
        line = lines[place.value.line - 1].rstrip("\r")
        first = text[place.start : place.end].split("\n")[0].rstrip("\r")
        assert first == line[place.value.column - 1 : place.value.end_column - 1] or not first


@pytest.mark.parametrize(
    "text",
    [
        "",
        "# only a comment",
        "a.b.c = 1\na.b.d = 2",
        "[a]\n[a.b]\nc = 1\n[a.d]",
        "[[a]]\n[[a]]\nb = 1\n[[a.c]]\n[[a.c]]\nd = [[1, 2], []]",
        "a = {b = {c = 1}, d.e = 2}",
        'a = """x"""""\nb = 1',
        "a = '''x'''''\nb = 1",
        'a = """\\\n  x"""',
        "a = [\n  1, # one\n  2\n]\r\nb = 2",
        "a = 2025-01-01 10:00:00.5\nb = 2025-01-01 # 10:00",
        '"a.b"."c d" = 1\n\'x\'.y = {}',
    ],
)
def test_known_texts_are_followed(text):
    """Each feature of TOML that could throw the finder off."""
    check_against_tomllib(text)


def test_the_shipped_ruleset_is_followed_to_its_end():
    """A real file of three hundred lines, comments and nested tables included."""
    text = shipped().read_text(encoding="utf-8")
    check_against_tomllib(text)
    place = find_places(text)["section", 0, "criterion", 0, "bands", 1, "when", "late"]
    line = text.split("\n")[place.key.line - 1]
    assert "late = 1, absent = 0" in line
    assert "late" == line[place.key.column - 1 : place.key.end_column - 1]


@pytest.mark.parametrize(
    ("message", "line", "column", "data"),
    [
        ("begins with a UTF-8 byte order mark", 1, 1, b"\xef\xbb\xbfid = 1"),
        ("begins with a UTF-16 byte order mark", 1, 1, "id".encode("utf-16")),
        ("begins with a UTF-16 byte order mark", 1, 1, b"\xfe\xff\x00i"),
        ("begins with a UTF-32 byte order mark", 1, 1, "id".encode("utf-32")),
        ("is not UTF-8: byte 0xe9 here", 2, 4, b"id = 1\na =\xe9\xff\xff"),
        ("it seems to be GBK", 1, 10, 'label = "客服部绩效"'.encode("gb18030")),
        ("has more than 256 KiB", 1, 1, b"a" * (limits.MAX_BYTES + 1)),
    ],
)
def test_bytes_that_are_not_text_of_a_ruleset(message, line, column, data):
    """Each encoding that is not UTF-8 is named at the first sign of it, with instructions."""
    with pytest.raises(GuardError, match=message) as caught:
        decode(data)
    assert (line, column) == (caught.value.line, caught.value.column)
    assert str(caught.value.advice)


@pytest.mark.parametrize(
    ("message", "line", "text"),
    [
        ("characters, more than a ruleset may have", 1, "a" * (limits.MAX_BYTES + 1)),
        ("the control character U\\+0000", 2, "a = 1\nb = '\0'"),
        ("the control character U\\+001B", 1, "\x1b[31m"),
        ("the control character U\\+000D", 1, "a = 1\rb = 2"),
        ("more than 20000 lines", 1, "\n" * 20_001),
        ("more than 20000 values", 1, "a = [" + "1," * 20_001),
        ("brackets are nested more than 32 deep", 2, "x = 1\ny = " + "[" * 100_000),
        ("brackets are nested more than 32 deep", 1, "[" * 200_000),
        ("brackets are nested more than 32 deep", 1, "x = " + "{a=" * 10_000),
        ("a key of more than 32 parts", 1, ".".join("a" * 100_000)),
        ("a key of more than 32 parts", 1, '"a".' * 33 + "'b' = 1"),
        ("a key of more than 32 parts", 2, "x = 1\n[" + " . ".join("a" * 34) + "]"),
    ],
)
def test_text_that_would_keep_a_parser_busy(message, line, text):
    """Depth, length and number are bounded before anything is built."""
    with pytest.raises(GuardError, match=message) as caught:
        guard(text)
    assert line == caught.value.line
    assert str(caught.value).startswith(f"{line}:")


@pytest.mark.parametrize(
    "text",
    [
        "x = '" + "[" * 100 + "'",
        'x = "' + '\\"[' * 100 + '"',
        "# " + "[" * 100,
        'x = """' + '"[' * 100 + '"""',
        "x = '''" + "'[" * 100 + "'''",
        "x = [1, [2]]\n" * 100,
        "]" * 100,
        "a = 1\r\nb = 2\r\n",
        ".".join("a" * 30) + " = 1",
    ],
)
def test_text_that_only_looks_dangerous_is_let_through(text):
    """Brackets in strings and comments are text."""
    assert None is guard(text)


def test_hostile_files_end_in_a_clear_error():
    """Whatever the file, reading it ends in a RulesetError with a message."""
    texts = ["[" * 1000, "=" * 1000, '"' * 1001, "'" * 1001, "\\" * 10, "{" * 30, "[[" * 16 + "]]"]
    texts += ["".join(t) for t in itertools.permutations(["[a]", "\n", "=", '"', "#"], 5)]
    for text in texts:
        with pytest.raises(RulesetError, match=r"error\["):
            loads(text)


@given(st.text("[]{}=.,\"'#\\\n ab1é", max_size=60))
def test_any_text_is_read_or_rejected(text):
    """Nothing but a RulesetError comes out of a bad file."""
    with pytest.raises(RulesetError):
        loads(text)
