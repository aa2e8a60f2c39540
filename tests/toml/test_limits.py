"""The input limits: they count as a parser would, in linear time."""

from __future__ import annotations

import tomllib
from datetime import datetime
from unittest import mock

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kpirules import RulesetError, loads
from kpirules.toml import limits as toml_limits
from kpirules.toml.limits import (
    MAX_BYTES,
    MAX_DEPTH,
    MAX_PARTS,
    MAX_VALUES,
    GuardError,
    decode,
    guard,
)


#: texts and comments that look like brackets, keys, values, or the end of themselves
NOISE = ["'[{=,a.b.c.d'", '"[{=,a.b.c.d"', '"\\"[{"', '"\\\\"', "''", '""', "'\\'", "'\"[{'"]
NOISE += ["'''[{\n'[{''[{'''", "'''[{'''''", '"""[{\n"[{""[{\\"""[{"""', '"""[{"""""', '"""\\""""']
NOISE += ["'''[{''''", '"""[{""""']
NOISE += ['"""\\\\"""', '""""""', "''''''", '"""\\\n[{"""', "1.5", "1979-05-27 07:32:00.25", "true"]
BETWEEN = ["", " ", "\n", "# [{ ' \" \"\"\" ''' = , a.b.c.d\n", "\t\r\n"]
PARTS = ["a", "a-b_1", '"a.b"', "'a.b.c'", '"\\""', '"\\\\"', "'\\'", '"[{=,"', '""', "'#'"]


def bounds(**limits):
    """Set the guard's bounds low, where small texts reach them."""
    return mock.patch.multiple(toml_limits, **limits)


def is_refused(text):
    """Return whether the guard rejects a text."""
    try:
        guard(text)
    except GuardError:
        return True
    return False


def listed(items, between):
    """Write a list, with noise between its items."""
    return f"[{between}{f',{between}'.join(items)}{between}]"


lists = st.recursive(
    st.sampled_from(NOISE).map(lambda text: (0, 0, text)),
    lambda inner: st.tuples(st.lists(inner, max_size=3), st.sampled_from(BETWEEN)).map(
        lambda drawn: (
            1 + max((depth for depth, _, _ in drawn[0]), default=0),
            max(0, len(drawn[0]) - 1) + sum(commas for _, commas, _ in drawn[0]),
            listed([text for _, _, text in drawn[0]], drawn[1]),
        )
    ),
    max_leaves=8,
)


@given(lists, st.integers(1, 3))
def test_brackets_in_brackets_are_counted_as_the_parser_counts_them(drawn, bound):
    """Whatever texts and comments contain, a list is rejected exactly if it is too deep."""
    depth, _, value = drawn
    text = f"a = 1 # [[[[\nx = {value} # ]]]]\ny = [[]]"
    tomllib.loads(text)
    with bounds(MAX_DEPTH=bound):
        assert (max(depth, 2) > bound) == is_refused(text)


def brackets_and_dots(value):
    """Count the lists in a value, and its numbers and dates with a point, which NOISE holds."""
    todo, brackets, dots = [tomllib.loads(f"x = {value}")["x"]], 0, 0
    while todo:
        item = todo.pop()
        if isinstance(item, list):
            brackets += 1
            todo += item
        dots += isinstance(item, (float, datetime))
    return brackets, dots


@given(lists, st.integers(0, 4))
def test_values_are_counted_outside_texts_and_comments(drawn, bound):
    """A ruler of equals signs is not a value, and neither is a comma in a sentence."""
    _, commas, value = drawn
    text = f"# {'=,' * 50}\nx = {value}"
    tomllib.loads(text)
    with bounds(MAX_VALUES=bound):
        # brackets and the points of numbers are counted too, each for itself
        assert (max(1, commas, *brackets_and_dots(value)) > bound) == is_refused(text)


@given(
    st.lists(st.sampled_from(PARTS), min_size=1, max_size=6),
    st.sampled_from([".", " . ", "\t.", ". "]),
    st.sampled_from(["{} = 1", "[{}]", "[[ {} ]]", "x = {{ {} = '' }}", "x = [{{b=1,{}=2}}]"]),
    st.integers(1, 5),
)
def test_a_dotted_key_is_rejected_exactly_if_it_has_too_many_parts(parts, dot, form, bound):
    """However a part is quoted or escaped, and at any position of the key."""
    text = form.format(dot.join(parts))
    tomllib.loads(text)
    with bounds(MAX_PARTS=bound):
        assert (len(parts) > bound) == is_refused(text)


@pytest.mark.parametrize(
    "text",
    [
        f'note = "{"a." * 100}a"',
        f"note = '{'a.' * 100}a'",
        f'note = """\n{"a." * 100}a"""',
        f"# {'1.' * 100}1",
        f"# {'=' * 78}\n" * 300,
        f'note = "{"a, b, " * 20_000}"',
        "".join(f"a{n} = '[' # ]\n" for n in range(5_000)),
        '"' + "a." * 100 + '" = 1',
    ],
    ids=range(8),
)
def test_the_contents_of_texts_and_comments_are_not_counted(text):
    """An ordinary, if verbose, file is accepted."""
    assert None is guard(text)
    tomllib.loads(text)


@pytest.mark.parametrize(
    ("expected", "text"),
    [
        (f"34:1: brackets are nested more than {MAX_DEPTH} deep", "\n\nx = [" + "[\n" * 40),
        (f"2:1: a key of more than {MAX_PARTS} parts", "\r\n" + r'"\"".' * 40 + "a = 1"),
        (f"2:2: a key of more than {MAX_PARTS} parts", "\n[" + r'"\\" . ' * 40 + "a]"),
        (f"1:20003: the text has more than {MAX_VALUES} values", "x={" + "=" * 30_000),
        (f"1:40005: the text has more than {MAX_VALUES} values", "x=[0" + ",0" * 30_000),
        (f"1:60001: the text has more than {MAX_VALUES} brackets", "x=[" + "[]," * 30_000),
        (f"5001:1: the text has more than {MAX_VALUES} dots in keys", "a.a.a.a.a\n" * 6_000),
        ("1:1: the text has more than 20000 lines", "\r\n" * 20_001),
        (
            "1:1: the text has 262145 characters, more than a ruleset may have",
            "é" * (MAX_BYTES + 1),
        ),
        ("2:2: the surrogate U+D800 is not allowed in a ruleset", "\n'\ud800'"),
        ("2:3: the control character U+007F is not allowed in a ruleset", "\n'a\x7f'"),
        ("1:2: the control character U+000D is not allowed in a ruleset", "a\r\r\n"),
    ],
    ids=range(12),
)
def test_an_error_states_problem_location_and_correction(expected, text):
    """The place is that of the first token too many."""
    with pytest.raises(GuardError) as caught:
        guard(text)
    assert expected == str(caught.value)
    assert str(caught.value.advice)


@pytest.mark.parametrize(
    "text",
    [
        "x = " + "[" * MAX_DEPTH + "]" * MAX_DEPTH,
        ".".join("a" * MAX_PARTS) + " = 1",
        "x = [" + "[]," * (MAX_VALUES - 1) + "]",
        "".join(f"k{n}=1\n" for n in range(MAX_VALUES)),
        "\n" * toml_limits.MAX_LINES,
        "#" * MAX_BYTES,
    ],
    ids=["depth", "parts", "brackets", "values", "lines", "characters"],
)
def test_a_text_exactly_at_a_limit_is_accepted(text):
    """Each bound is the most that is allowed."""
    assert None is guard(text)
    tomllib.loads(text)


def test_a_file_of_the_largest_size_is_read():
    """One byte more is rejected; the size in bytes counts, not the number of characters."""
    assert "é" * (MAX_BYTES // 2) == decode("é".encode() * (MAX_BYTES // 2))
    with pytest.raises(GuardError, match="more than 256 KiB") as caught:
        decode("é".encode() * (MAX_BYTES // 2) + b"a")
    assert "split" in str(caught.value.advice)


@pytest.mark.parametrize(
    ("expected", "data"),
    [
        ("3:3: the file is not UTF-8: byte 0xff here", "\r\n\n名=".encode() + b"\xff"),
        ("1:2: the file is not UTF-8: byte 0xe9 here", b"a\xe9"),
        ("1:1: the file is not UTF-8: byte 0xed here", b"\xed\xa0\x80"),
        ("1:2: the file is not UTF-8: byte 0xe9 here", b"'\xe9t\xe9'"),
        (
            "1:2: the file is not UTF-8: byte 0xbf here; it seems to be GBK, the old encoding of Chinese Windows",
            "'客服'".encode("gbk"),
        ),
        ("1:1: the file begins with a UTF-16 byte order mark", b"\xff\xfe"),
        ("1:1: the file begins with a UTF-32 byte order mark", b"\xff\xfe\0\0"),
        ("1:1: the file begins with a UTF-32 byte order mark", b"\0\0\xfe\xff"),
    ],
)
def test_an_encoding_is_rejected_at_its_first_telling_byte(expected, data):
    """Columns count the characters before the byte."""
    with pytest.raises(GuardError) as caught:
        decode(data)
    assert expected == str(caught.value)
    assert str(caught.value.advice) == 'save the file as "UTF-8" (without BOM)'


def test_a_text_that_no_encoding_can_write_is_rejected_by_the_reader():
    """Half of a surrogate pair in a string ends in a ruleset's error at its place."""
    with pytest.raises(RulesetError, match=r"<string>:2:7: error\[syntax\]: the surrogate U\+D800"):
        loads("schema = 1\nid = '\ud800'")


PIECES = ['"""', "'''", '"', "'", "\\", '\\"', "#", "\n", "[", "{", "a", ".", "=", ",", " ", "é"]


@given(st.lists(st.sampled_from(PIECES), max_size=40).map("".join))
def test_a_long_text_ends_or_runs_to_the_end_of_the_file(text):
    """No backtracking occurs, so that the time grows linearly with the length."""
    end = 0
    for token in toml_limits._TOKEN.finditer(text):  # noqa: SLF001 - the guard shows only refusals
        assert not set("\"'#[]{}=,") & set(text[end : token.start()])
        end = token.end()
        if text.startswith(('"""', "'''"), token.start()):
            assert "text" == token.lastgroup
            is_closed = len(token[0]) >= 6 and token[0].endswith(token[0][:3])
            assert is_closed or text[end:] in ("", "\\")


@pytest.mark.parametrize("unit", ['\\"""x', '\\"""x\n', '""\\"', "'\"[", '\\\\""\n'])
def test_an_unterminated_text_is_one_token(unit):
    """A backslash at the very end escapes nothing and is left over, or matched alone."""
    text = '"""' + unit * 1_000 + "\\"
    counted = toml_limits._TOKEN.match(text)  # noqa: SLF001 - as above
    assert (0, len(text) - 1) == counted.span()
    between = toml_limits._BRACKETS.match(text)  # noqa: SLF001 - as above
    assert (0, len(text)) == between.span()


@given(lists)
def test_the_quick_look_sees_the_brackets_that_the_close_look_sees(drawn):
    """Both find the same brackets in the same places."""
    text = f"x = {drawn[2]}"
    brackets = [
        [(token.lastgroup, token.start()) for token in look.finditer(text) if token[0] in "[]"]
        for look in (toml_limits._TOKEN, toml_limits._BRACKETS)  # noqa: SLF001 - as above
    ]
    assert brackets[0] == brackets[1]
    assert 2 * brackets_and_dots(drawn[2])[0] == len(brackets[0])


def test_a_surplus_closing_bracket_allows_no_deeper_nesting():
    """A surplus closing bracket is an error, but allows no deeper nesting."""
    with pytest.raises(GuardError, match="nested more than 32 deep"):
        guard("]" * 100 + "[" * (MAX_DEPTH + 1))
