"""Positions: texts are written piece by piece, so that the position of each piece is known."""

from __future__ import annotations

import tomllib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kpirules.toml.positions import Place, Span, find_places


#: difficult contents of a string or of a quoted key
HARD = ["", "a", "[x]", "[[x]]", "# no", "a = 1", '"', '""', "'", "''", "\\", "é名𠀀", "}{", "],"]
HARD += ["a.b", " ", "\t", "\n", "x\ny = [\n", "1979-05-27 10:00:00", "true", "#]}", "\\\\", '\\"']
PLAIN = ["0", "-17", "1_000", "0xdead_BEEF", "1.5", "-0.1e3", "inf", "-inf", "true", "false"]
PLAIN += ["1979-05-27", "1979-05-27T07:32:00Z", "1979-05-27 07:32:00.5", "10:00:00"]
PLAIN += ["1979-05-27 07:32:00-07:00"]
ESCAPES = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\t": "\\t"}


class Writer:
    """Writes TOML text, and records positions."""

    def __init__(self, random):
        self.random = random
        self.text = ""
        self.end_of_line = random.choice(["\n", "\r\n"])
        #: path -> offsets of the key and (of leaves, lists and inline tables) of the value
        self.noted = {}
        self.number = 0

    def write(self, text):
        start = len(self.text)
        self.text += text
        return start, len(self.text)

    def blank(self):
        self.write(self.random.choice(["", " ", "\t "]))

    def line_end(self):
        self.write(self.random.choice(["", " ", " # [x] = { \"'", "  #"]))
        self.write(self.end_of_line * self.random.randint(1, 2))

    def note(self, path, key, value=None):
        """Record a position; the first one of a table counts."""
        self.noted.setdefault(path, (key, value))

    def name(self):
        """Return a name that no other key has, and its notation."""
        self.number += 1
        hard = self.random.choice(HARD)
        name = f"{hard}{self.number}"
        kind = self.random.choice(["bare", "basic", "literal"])
        if kind == "bare":
            return f"{self.number}-k_", f"{self.number}-k_"
        if kind == "literal" and not set(name) & set("'\n"):
            return name, f"'{name}'"
        return name, self.basic(name)

    def basic(self, text):
        written = "".join(ESCAPES.get(c, c) for c in text)
        return f'"{written}"'

    def string(self):
        """Write a text in one of the four notations."""
        text = "".join(self.random.choices(HARD, k=self.random.randint(0, 3)))
        kind = self.random.choice(["basic", "literal", "long basic", "long literal"])
        if kind == "literal" and not set(text) & set("'\n"):
            return f"'{text}'"
        if kind == "long literal" and "'''" not in f"{text}'":
            most = 2 - (len(text) - len(text.rstrip("'")))
            return f"'''{text}{chr(39) * max(0, most)}'''".replace("\n", self.end_of_line)
        if kind == "long basic":
            inner = text.replace("\\", "\\\\").replace('"', '\\"')
            inner += self.random.choice(["", '"', '""', "\\\n  ", '" "" x'])
            return f'"""{inner}"""'.replace("\n", self.end_of_line)
        return self.basic(text)

    def dotted(self, path):
        """Write a key of one to three parts; return the paths of its parts and its position."""
        written, paths = [], []
        for _ in range(self.random.choice([1, 1, 1, 2, 3])):
            name, text = self.name()
            path = (*path, name)
            paths.append(path)
            written.append(text)
        place = self.write(self.random.choice([".", " . ", "\t."]).join(written))
        return paths, place

    def pair(self, path, depth):
        """Write ``key = value``, perhaps with a second one in the same dotted table."""
        paths, place = self.dotted(path)
        for table in paths[:-1]:
            self.note(table, place)
        self.blank()
        self.write("=")
        self.blank()
        self.note(paths[-1], place, self.value(paths[-1], depth))

    def value(self, path, depth):
        """Write a value; return its position."""
        kind = self.random.choice(["plain", "string", "list", "inline"])
        if kind == "plain" or depth == 0:
            return self.write(self.random.choice(PLAIN))
        if kind == "string":
            return self.write(self.string())
        start, _ = self.write("[" if kind == "list" else "{")
        last = self.random.randint(0, 3) - 1
        for index in range(last + 1):
            if kind == "list":
                self.between()
                place = self.value((*path, index), depth - 1)
                self.note((*path, index), place, place)
                self.between()
                more = index < last or self.random.random() < 0.5
            else:
                self.blank()
                # an inline table must not contain a line break, except in a list or a text
                self.pair(path, depth - 1)
                self.blank()
                more = index < last
            self.write("," if more else "")
        if kind == "list":
            self.between()
        _, end = self.write("]" if kind == "list" else "}")
        return start, end

    def between(self):
        """Write optional space or comments between the items of a list."""
        self.blank()
        if self.random.random() < 0.3:
            self.write(self.random.choice(["# ] , }", ""]) + self.end_of_line)
            self.blank()

    def pairs(self, path):
        for _ in range(self.random.randint(0, 2)):
            self.blank()
            self.pair(path, 2)
            self.line_end()

    def header(self, path, written, tables, *, double=False):
        """Write a header, which makes the tables of its path that are not there yet."""
        self.blank()
        inner = self.random.choice([".", " . "]).join(written)
        place = self.write(f"[[ {inner}]]" if double else f"[{inner}\t]")
        for table in [*tables, path]:
            self.note(table, place)
        self.line_end()
        return place

    def table(self, path, written, tables, depth):
        """Write a table under its own header or none, before or after the tables in it."""
        name, text = self.name()
        path, written = (*path, name), [*written, text]
        kind = self.random.choice(["table", "implicit", "late", "array"])
        if kind == "array":
            for index in range(self.random.randint(1, 3)):
                place = self.header(path, written, tables, double=True)
                self.note((*path, index), place)
                self.pairs((*path, index))
                self.inner((*path, index), written, [*tables, path], depth)
            return
        if kind == "table":
            self.header(path, written, tables)
            self.pairs(path)
        if depth == 0 and kind != "table":
            self.header(path, written, tables)
            return
        self.inner(path, written, [*tables, path], depth, least=int(kind != "table"))
        if kind == "late":
            self.header(path, written, tables)
            self.pairs(path)

    def inner(self, path, written, tables, depth, least=0):
        """Write the tables in a table."""
        for _ in range(self.random.randint(least, 2) if depth else 0):
            self.table(path, written, tables, depth - 1)

    def document(self):
        """Write a whole text."""
        self.write(self.random.choice(["", self.end_of_line, "# [a] = 1" + self.end_of_line]))
        self.pairs(())
        self.inner((), [], [], 3)
        self.write(self.random.choice(["", "# the end", " "]))
        return self


def paths_of(tree, path=()):
    """Yield every path of a parsed tree with its value."""
    items = tree.items() if isinstance(tree, dict) else enumerate(tree)
    for step, value in items:
        yield (*path, step), value
        if isinstance(value, (dict, list)):
            yield from paths_of(value, (*path, step))


def span_of(text, start, end):
    """Return the span of a piece of text; it ends on the line where it starts."""
    before = text[:start].split("\n")
    first = text[start:end].split("\n")[0].removesuffix("\r")
    return Span(len(before), len(before[-1]) + 1, len(before[-1]) + 1 + len(first))


@given(st.randoms(use_true_random=False).map(lambda random: Writer(random).document()))
def test_each_key_and_value_is_found_exactly_where_it_was_written(writer):
    """The writer knows the places, tomllib knows the paths and the values."""
    text = writer.text
    values = dict(paths_of(tomllib.loads(text)))
    expected = {}
    for path, (key, value) in writer.noted.items():
        start, end = value or (0, 0)
        spanned = None if value is None else span_of(text, *value)
        expected[path] = Place(span_of(text, *key), spanned, start, end)
    assert set(values) == set(expected)
    assert expected == find_places(text)
    for path, place in expected.items():
        if place.value is not None:
            assert values[path] == tomllib.loads(f"x = {text[place.start : place.end]}")["x"]


@pytest.mark.parametrize(
    ("expected", "path", "text"),
    [
        ((1, 1, 4), ("a",), "[a]\r\nb = 1"),
        ((1, 1, 9), ("a", "b"), "[ a . b]\nc = 1\n[a]"),
        ((1, 1, 6), ("a", 0), "[[a]]\n[[a]]\n[a.b]"),
        ((2, 1, 6), ("a", 1), "[[a]]\n[[a]]\n[a.b]"),
        ((3, 1, 6), ("a", 1, "b"), "[[a]]\n[[a]]\n[a.b]"),
        ((1, 1, 6), ("名.a",), '"名.a" = 1'),
        ((1, 2, 8), ("a", "b"), "\ta. b.c = 1"),
        ((1, 1, 9), ("A",), r'"\u0041" = 1'),
    ],
)
def test_positions_include_quotes_of_keys_and_brackets_of_headers(expected, path, text):
    """A dotted key has one position as a whole for each table that it creates."""
    assert Span(*expected) == find_places(text)[path].key


@pytest.mark.parametrize(
    ("expected", "path", "text"),
    [
        ((1, 5, 6), ("a",), "a = [\r\n1\r\n]"),
        ((2, 1, 2), ("a", 0), "a = [\r\n1\r\n]"),
        ((1, 5, 6), ("a",), "a = [\n]"),
        ((1, 5, 9), ("a",), 'a = """x\ny"""'),
        ((1, 5, 8), ("a",), "a = '''\r\n'''"),
        ((1, 7, 10), ("𠀀",), '"𠀀" = "𠀀"'),
        ((1, 5, 24), ("a",), "a = 1979-05-27 10:00:00 # 11"),
        ((1, 5, 15), ("a",), "a = 1979-05-27 # 10:00:00"),
    ],
)
def test_a_value_is_clipped_to_its_first_line(expected, path, text):
    """Columns count characters, not bytes; a line break does not belong to its line."""
    assert Span(*expected) == find_places(text)[path].value


def test_a_path_comes_before_the_paths_below_it():
    """The places are in the order of the text."""
    expected = [("a",), ("a", 0), ("a", 0, "b"), ("a", 0, "b", "c"), ("d",)]
    assert expected == list(find_places("a = [{b.c = 1}]\nd = 1"))


def test_an_escaped_key_is_found_by_its_value():
    """Escapes in a key are read as TOML reads them."""
    text = '"\\u0041\\"" = 1\n"\\\\" = 2\n\'\\n\' = 3'
    assert ['A"', "\\", "\\n"] == [path[0] for path in find_places(text)]


@pytest.mark.parametrize("text", ["", " ", "\r\n", "# nothing\n", "# no line end"])
def test_a_text_without_keys_has_no_positions(text):
    """Blanks and comments make no path."""
    assert {} == find_places(text)
