"""The one layout of ruleset files: the same rubric, every comment, and the same again."""

from __future__ import annotations

import random
import re
import tomllib
from collections import Counter
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from kpirules import dumps, load_file
from kpirules.api.load import check_file
from kpirules.cli.app import app
from kpirules.errors import RulesetError
from kpirules.testing import rubrics
from kpirules.toml import formatter
from kpirules.toml.formatter import FormatError, layout
from tests import ROOT
from tests.toml.test_positions import Writer


FILES = sorted(
    [
        *ROOT.glob("rulesets/*/*.rubric.toml"),
        *ROOT.glob("tests/cases/*.rubric.toml"),
        *ROOT.glob("src/kpirules/starters/*.toml"),
    ]
)


def tree(text):
    return tomllib.loads(text, parse_float=Decimal)


def run(*arguments, code=0):
    done = CliRunner().invoke(app, [*map(str, arguments)])
    assert code == done.exit_code, done.output
    return done.stdout, done.stderr


# ---------------------------------------------------------------- laws


@pytest.mark.parametrize("file", FILES, ids=lambda f: f"{f.parent.name}/{f.name}")
def test_bundled_rulesets_are_formatted(file):
    """And so are the real schemes: kpirules fmt has nothing to do."""
    text = file.read_text(encoding="utf-8")
    assert text == layout(text)


@given(rubrics(), st.randoms(use_true_random=False))
def test_a_rubrics_text_stays_the_same_rubric_with_all_comments(rubric, chance):
    """At any position of comments and blank lines; formatting twice equals formatting once."""
    lines = []
    for line in dumps(rubric).splitlines():
        lines += [f"# {chance.randint(0, 99)}"] * (chance.random() < 0.2)
        lines += [""] * (chance.random() < 0.2)
        lines.append(line + (" # beside" if chance.random() < 0.2 else ""))
        lines += [""] * (chance.random() < 0.2)
    text = "\n".join([*lines, "# end"])
    made = layout(text)
    assert tree(text) == tree(made)
    ours = re.compile(r"# (?:beside|end|[0-9]+)$", re.MULTILINE)
    assert Counter(ours.findall(text)) == Counter(ours.findall(made))
    assert made == layout(made)
    assert "\n\n\n" not in made
    assert made.endswith("\n")
    assert not made.startswith("\n")


@given(st.integers(0, 2**32))
def test_formatting_keeps_the_value_of_any_toml(seed):
    """Quoted and dotted keys, tables in any order, all kinds of texts; or it is not touched."""
    text = Writer(random.Random(seed)).document().text
    try:
        made = layout(text)
    except (FormatError, RulesetError):
        return
    assert tree(text) == tree(made)
    assert made == layout(made)


# ---------------------------------------------------------------- examples

BEFORE = """\
# A head

# about the id
id="x"   #   beside it
schema= 1


inputs.b = {type="count",label="B"}

# the tiers
[[ tier ]] # first
total="any"
id = 'a'
# under the last key

# about the sections

# more about them
[[section]]
weight = 100

# about the id of s
id="s"
[[section.criterion]]
  bands=[{points="0..1"},
   # above
   {label="L", points=2} # beside
   # at the end
  ]
  weight=1_00.0
  id = "c"
  of = "b"
[ a ."b c" ]
list = [ 1,
2 ]
long = ["aaaaaaaaaaaaaaaaaaaaaaaaaaaa", "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb", "cccccccccccccccccccccccccccccccc"]
empty = {}
none = []
deep = [[1, 2], [{ x = 1 }]]
points.c = 4
text = '''
a # no comment [x]
'''
# the end"""

AFTER = """\
# A head

schema = 1
# about the id
id = "x" #   beside it
inputs.b = { type = "count", label = "B" }

# about the sections

# more about them
[[section]]
# about the id of s
id = "s"
weight = 100

[[section.criterion]]
id = "c"
weight = 1_00.0
of = "b"
bands = [
  { points = "0..1" },
  # above
  { points = 2, label = "L" }, # beside
  # at the end
]

# the tiers
[[tier]] # first
id = 'a'
total = "any"
# under the last key

[a."b c"]
list = [1, 2]
long = [
  "aaaaaaaaaaaaaaaaaaaaaaaaaaaa",
  "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb",
  "cccccccccccccccccccccccccccccccc",
]
empty = {}
none = []
deep = [[1, 2], [{ x = 1 }]]
points.c = 4
text = '''
a # no comment [x]
'''
# the end
"""


def test_the_layout_by_example():
    """Order, blank lines, lists and comments are in their places."""
    assert AFTER == layout(BEFORE)
    assert AFTER == layout(AFTER) == layout(BEFORE.replace("\n", "\r\n"))


@pytest.mark.parametrize(
    ("expected", "text"),
    [
        ("\n", ""),
        ("# only\n", "# only"),
        ("a = 1\n\n# b\n", "a = 1\n\n\n# b"),
        ("a = 1\n# b\n", "a = 1\n# b\n"),
        ("id = 1\n# a\nlabel = 2\n", "\n# a\nlabel = 2\n\nid = 1"),
        ("# head\n\n[a]\nx = 1\n", "# head\n\n[a]\nx = 1"),
        ("# of a\n[a]\nx = 1\n", "# of a\n[a]\nx = 1"),
        ("# head\n\n# of a\n[a]\nx = 1\n\n# end\n", "# head\n\n# of a\n[a]\nx = 1\n\n# end"),
        ("[a.b]\nx = 1\n\n[a]\ny = 1\n", "[a.b]\nx=1\n[a]\ny=1"),
    ],
)
def test_small_files(expected, text):
    """Files without keys, heads with and without blank lines, tables out of order."""
    assert expected == layout(text) == layout(layout(text))


def test_invalid_toml_is_reported_at_its_location():
    """With the finding of `check`."""
    with pytest.raises(RulesetError, match=r"x.toml:1:5: error\[syntax\]"):
        layout("a = = 1", file="x.toml")


def test_an_error_of_the_library_loses_nothing(monkeypatch):
    """A text with another rubric or other comments is not returned."""
    monkeypatch.setattr(formatter, "_ordered_lines", lambda _: ["a = 2"])
    with pytest.raises(
        FormatError, match="x: cannot be formatted without loss; the file is not changed"
    ):
        layout("a = 1", file="x")
    monkeypatch.setattr(formatter, "_ordered_lines", lambda _: ["a = 1"])
    with pytest.raises(FormatError):
        layout("a = 1 # lost")


# ---------------------------------------------------------------- the commands


def test_fmt_rewrites_unformatted_files(tmp_path):
    """All files of a folder, each whole; with --check and --diff nothing is written."""
    one, two, bad = (tmp_path / f"{n}.rubric.toml" for n in ("one", "two", "bad"))
    one.write_text(BEFORE)
    two.write_text(AFTER)
    bad.write_bytes(b"\xff")
    out, err = run("fmt", tmp_path, "--check", code=1)
    assert "" == out
    assert f"{one}: is not in the one layout\n" in err
    assert f"{bad}: 1:1: the file is not UTF-8: byte 0xff here" in err
    assert "1 to be laid out, 1 as they are, 1 not to be read\n" in err
    out, err = run("fmt", one, "--diff", code=1)
    assert '-id="x"   #   beside it\n' in out
    assert "+schema = 1\n" in out
    assert BEFORE == one.read_text()
    _, err = run("fmt", one, two)
    assert "1 laid out, 1 as they are, 0 not to be read\n" == err
    assert AFTER == one.read_text()
    bad.write_text("x = = 1")
    assert "error[syntax]" in run("fmt", bad, code=1)[1]
    assert "no such file or folder" in run("fmt", tmp_path / "gone", code=2)[1]
    assert "no such file or folder" in run("fmt", tmp_path / "gone", bad, code=1)[1]
    assert "" == run("fmt", two)[0]


@pytest.mark.parametrize(
    ("lang", "word", "said"),
    [
        ("en", "Sales clerk", "The file is sound. Now edit it, from the top:"),
        ("zh-CN", "营业员", "文件现在就能通过检查。请从上到下修改："),
    ],
)
def test_new_writes_a_sound_file_and_names_the_places_to_edit(tmp_path, lang, word, said):
    """With nothing open in it, not even a note; it scores at once."""
    out, _ = run("new", "driver", "--folder", tmp_path, "--from", "2026-03-01", "--lang", lang)
    path = tmp_path / "driver" / "2026-03-01.rubric.toml"
    assert out.startswith(f"{path}\n\n{said}\n  1. label")
    assert f"kpirules check {path}\n" in out
    rubric = load_file(path)
    assert ("driver", date(2026, 3, 1)) == (rubric.id, rubric.effective_from)
    assert word in rubric.label.get()
    assert () == check_file(path)
    _, err = run("new", "driver", "--folder", tmp_path, "--from", "2026-03-01", code=2)
    assert "exists already\n  help: edit it, or begin another version: --from DATE" in err


def test_new_begins_with_a_month_and_rejects_invalid_ids(tmp_path):
    """Without a date, the first day of this month."""
    run("new", "driver", "--folder", tmp_path)
    first = date.today().replace(day=1)  # noqa: DTZ011 - as the command
    assert [f"{first}.rubric.toml"] == [p.name for p in (tmp_path / "driver").iterdir()]
    assert "1x: is not an id" in run("new", "1x", "--folder", tmp_path, code=2)[1]
    assert (
        "--from 2026: write a date"
        in run("new", "x", "--from", "2026", "--folder", tmp_path, code=2)[1]
    )
    (tmp_path / "file").write_text("")
    assert "cannot be written" in run("new", "x", "--folder", tmp_path / "file", code=2)[1]
