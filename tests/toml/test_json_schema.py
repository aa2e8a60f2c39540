"""The JSON Schema of ruleset files: as generated, as files have it, and in the editor's own program."""

from __future__ import annotations

import json
import subprocess
import tomllib
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from typer.testing import CliRunner

from kpirules import dumps
from kpirules.arithmetic.range import Range, RangeSyntaxError
from kpirules.cli.app import app
from kpirules.model import Rubric
from kpirules.model.language import descriptions, parts_of
from kpirules.testing import rubrics
from kpirules.toml import json_schema
from kpirules.toml.json_schema import RANGE, ruleset_schema, schema_text
from kpirules.toml.parser import read
from kpirules.toml.writer import text_of
from tests import ROOT
from tests.programs import need
from tests.strategies import ranges


FILES = sorted([*ROOT.glob("rulesets/*/*.rubric.toml"), *ROOT.glob("tests/cases/*.rubric.toml")])
WORDS = descriptions(Rubric)
VALIDATOR = Draft202012Validator(ruleset_schema())


def plain(tree):
    """Return a parsed file as tools pass it to a schema: dates as texts."""
    if isinstance(tree, dict):
        return {key: plain(value) for key, value in tree.items()}
    if isinstance(tree, list):
        return [plain(item) for item in tree]
    return tree.isoformat() if isinstance(tree, date) else tree


def valid(text):
    return VALIDATOR.is_valid(plain(tomllib.loads(text)))


def test_the_checked_in_schema_is_that_of_the_model(capsys):
    """Write it anew: python -m kpirules.toml.json_schema > src/kpirules/ruleset.schema.json."""
    json_schema.main()
    made = capsys.readouterr().out
    assert made == schema_text() == CliRunner().invoke(app, ["schema"]).stdout
    Draft202012Validator.check_schema(json.loads(made))


def test_every_key_of_the_language_is_described():
    """In the schema, in the words of the model's field."""
    defs = ruleset_schema()["$defs"]
    for cls in parts_of(Rubric):
        table = ruleset_schema() if cls is Rubric else defs[cls.__name__]
        table = table["anyOf"][1] if cls.__name__ == "Rater" else table
        assert table["description"] == WORDS[cls.__name__.lower()]
        for key, schema in table["properties"].items():
            told = schema if "anyOf" not in schema else schema["anyOf"][0]
            assert told.get("description") or "$ref" in told, (cls, key)


@pytest.mark.parametrize("file", FILES, ids=lambda f: f.parent.name + "/" + f.name)
def test_existing_rulesets_are_valid(file):
    """Each ruleset that is shipped, and each real scheme."""
    assert [] == [
        e.message for e in VALIDATOR.iter_errors(plain(tomllib.loads(file.read_text("utf-8"))))
    ]


@given(rubrics())
def test_written_rulesets_are_valid(rubric):
    """Any rubric's own text."""
    assert valid(dumps(rubric))


FAULTS = [
    lambda tree, draw: tree.update(colour=1),
    lambda tree, draw: tree.update(
        label=draw(st.sampled_from([3, True, {}, {"1": "x"}, {"en": 1}]))
    ),
    lambda tree, draw: tree.update(step=draw(st.sampled_from(["1", True, [1]]))),
    lambda tree, draw: tree.update(id=draw(st.sampled_from(["", "1a", "a b", "a.b", 3]))),
    lambda tree, draw: tree.update(schema=draw(st.sampled_from([2, "1"]))),
    lambda tree, draw: tree.update(effective_from=draw(st.sampled_from(["2025", 2025, True]))),
    lambda tree, draw: tree.update(inputs={"x": {"type": draw(st.sampled_from(["cuont", 1]))}}),
    lambda tree, draw: tree.update(inputs={"1x": {"type": "count"}}),
    lambda tree, draw: tree.update(inputs={"x": {}}),
    lambda tree, draw: tree.update(inputs={"x": {"type": "count", "name": "y"}}),
    lambda tree, draw: tree.update(
        inputs={
            "x": {"type": "number", "range": draw(st.sampled_from(["3-7", "= 3", "3", "x", 3]))}
        }
    ),
    lambda tree, draw: tree.update(
        gate=[{"when": draw(st.sampled_from([{}, {"a": []}, {"a": [[1]]}]))}]
    ),
    lambda tree, draw: tree.update(gate=[{"refuse": True}]),
    lambda tree, draw: tree.update(
        tier=[{"id": "t", "total": draw(st.sampled_from([True, "9", {}, [True]]))}]
    ),
    lambda tree, draw: tree.update(tier=[{"total": "any"}]),
    lambda tree, draw: tree.update(
        total={"round": draw(st.sampled_from([{"to": 1}, {"to": 1, "mode": "up", "x": 1}, 1]))}
    ),
    lambda tree, draw: tree.update(total={"minimum_scored": draw(st.sampled_from([-1, 0.5, "1"]))}),
    lambda tree, draw: tree.update(adjust=[{"id": "j", "missing": "exclude", "points": 0}]),
    lambda tree, draw: tree.update(
        raters={"boss": draw(st.sampled_from([{"label": "x"}, "1", {"weight": "1"}]))}
    ),
    lambda tree, draw: tree.update(bands={"b": draw(st.sampled_from([{}, {"rows": {}}, [1]]))}),
    lambda tree, draw: tree.update(ruling=[{"clause": "1", "conflict": "x"}]),
    lambda tree, draw: tree.update(
        example=[{"name": "x", "ratings": draw(st.sampled_from([1, "x", [1]]))}]
    ),
    lambda tree, draw: tree.update(
        criterion=[{"id": "c", "weight": draw(st.sampled_from([True, [1]]))}]
    ),
    lambda tree, draw: tree.update(
        criterion=[{"id": "c", "missing": draw(st.sampled_from(["skip", True]))}]
    ),
    lambda tree, draw: tree.update(
        criterion=[{"id": "c", "bands": draw(st.sampled_from([{}, [1], [{"pionts": 1}]]))}]
    ),
    lambda tree, draw: tree.pop("schema"),
    lambda tree, draw: tree.pop("id"),
]


@given(st.data())
def test_a_fault_of_one_value_is_seen_by_both(data):
    """The schema rejects a value exactly if the reader rejects the file."""
    tree = tomllib.loads(dumps(data.draw(rubrics(whole=False))))
    data.draw(st.sampled_from(FAULTS))(tree, data.draw)
    assert not VALIDATOR.is_valid(plain(tree))
    # a JSON text of tables, lists and scalars is nearly TOML: written by the writer of rubrics
    assert read(text_of(tree), "x").findings


@given(st.one_of(ranges().map(str), st.text(">=<. 0179-+≥≤．＞＜＝０anyx…", max_size=12)))
def test_the_pattern_of_ranges_agrees_with_their_parser(text):
    """A text that parses as a range matches; a match is a range, unless it is empty."""
    import re

    try:
        Range.parse(text)
    except RangeSyntaxError as error:
        assert not re.search(RANGE, text) or "empty" in str(error) or "digits" in str(error)
    else:
        assert re.search(RANGE, text)


def test_a_file_that_extends_another_need_not_be_whole():
    """Its parts state their differences, or that they are removed."""
    text = 'schema = 1\nid = "x"\nextends = "y"\n[inputs.a]\nlabel = "A"\n[[tier]]\nid = "t"\nremove = true\n[[ruling]]\nclause = "1"\ndecision = "d"\n'
    assert valid(text)
    assert valid(text.replace('"y"', '{ id = "y", on = 2025-01-01 }'))
    assert not valid(text.replace('extends = "y"\n', ""))
    assert not valid(text.replace('"y"', "{ on = 2025-01-01 }"))
    assert not valid(text.replace("remove = true", "remove = 1"))


def test_the_schema_of_a_rulesets_records_is_written_as_well():
    """By id, in a language."""
    done = CliRunner().invoke(app, ["schema", "customer-service", "--lang", "zh"])
    assert "请假天数" == json.loads(done.stdout)["properties"]["leave_days"]["title"]


# ---------------------------------------------------------------- the editor's own program


@pytest.fixture(scope="session")
def taplo(tmp_path_factory):
    """Install taplo, which Even Better TOML is made of, from npm."""
    npm = need("npm")
    home = tmp_path_factory.mktemp("taplo")
    packages = ["@taplo/cli@~0.7.0", "@taplo/lsp@~0.8.0"]
    command = [
        npm,
        "install",
        "--no-save",
        "--no-audit",
        "--no-fund",
        "--prefix",
        str(home),
        *packages,
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert 0 == done.returncode, done.stderr
    return home / "node_modules"


def lint(taplo, *files):
    command = [
        need("node"),
        str(taplo / ".bin" / "taplo"),
        "lint",
        "--schema",
        json_schema.FILE.as_uri(),
    ]
    return subprocess.run([*command, *map(str, files)], capture_output=True, text=True, check=False)


@pytest.mark.thorough("rulesets in another validator")
def test_taplo_accepts_existing_rulesets_and_names_an_error(taplo, tmp_path):
    """All files at once; then one with a mistyped key."""
    done = lint(taplo, *FILES)
    assert 0 == done.returncode, done.stderr
    wrong = tmp_path / "wrong.rubric.toml"
    wrong.write_text('schema = 1\nid = "x"\ncriterion = [{ id = "a", wieght = 100 }]\n')
    done = lint(taplo, wrong)
    assert 0 != done.returncode
    assert "wieght" in done.stderr


def test_an_editor_shows_what_keys_mean_and_offers_them(taplo, tmp_path):
    """Through the language server of Even Better TOML: hover texts, keys and words to complete."""
    file = tmp_path / "x.rubric.toml"
    file.write_text(
        'schema = 1\nid = "x"\n\n[[criterion]]\nid = "a"\nweight = 100\n\nbands = "b"\n[inputs.a]\ntype = "count"\n'
    )
    asked = [
        *(["hover", 0, 2], ["hover", 3, 4], ["hover", 5, 10], ["hover", 7, 10], ["hover", 9, 1]),
        *(["completion", 2, 0], ["completion", 6, 0], ["completion", 9, 9]),
    ]
    command = [
        need("node"),
        str(ROOT / "tests/editor/ask.cjs"),
        str(taplo),
        str(json_schema.FILE),
        str(file),
    ]
    done = subprocess.run(
        [*command, json.dumps(asked)], capture_output=True, text=True, check=False
    )
    assert 0 == done.returncode, done.stderr
    told = json.loads(done.stdout)
    assert [
        WORDS["rubric.schema"],
        WORDS["criterion"],
        WORDS["criterion.weight"],
        WORDS["quantity.bands"],
        WORDS["input.type"],
    ] == [each["contents"]["value"].strip() for each in told[:5]]
    top, criterion, types = ({each["label"]: each for each in offered} for offered in told[5:])
    assert {"full_marks", "effective_from", "tier", "extends"} <= set(top)
    assert {"formula", "scale", "missing", "round"} <= set(criterion)
    assert WORDS["quantity.formula"] == criterion["formula"]["documentation"]["value"]
    assert {'"count"', '"number"', '"choice"', '"flag"'} <= set(types)
