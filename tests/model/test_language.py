"""The model's fields hold all metadata of the keys of the language, and everything reads it there."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from typing import Literal, get_args, get_origin

import attrs
import pytest

from kpirules import dumps, loads
from kpirules.api.load import check_text
from kpirules.model import Band, Criterion, Derived, Input, Rater, Rounding, Rubric, Section, Tier
from kpirules.model.language import (
    class_at,
    default_in_file,
    descriptions,
    essentials,
    header_of,
    id_of,
    items_at,
    key_of,
    keys_of,
    named_at,
    of_field,
    parts_of,
    ranks,
    replaced,
    required,
    types_of,
)
from kpirules.toml.converter import converter
from kpirules.toml.merging import Merged, merge
from tests import ROOT


SOURCE = ROOT / "src" / "kpirules"
PARTS = parts_of(Rubric)


# ---------------------------------------------------------------- a new key, and a new part


#: a part with an id, and keys in parts that are there, each put before some text of a module
PLANTED = {
    "model/rubric.py": {
        "_EXTENDS = Key(": '''@final
@attrs.frozen(kw_only=True)
class Award(Value):
    """A prize."""

    holder: str | None = field(
        default=None, converter=optional(string), metadata=key("Who has it.", essential=True)
    )
    id: str = field(converter=string, metadata=key("Its name.", id=True, order=Order.NAME))


''',
        "    pay: Pay | None": """    awards: tuple[Award, ...] = field(
        default=(),
        converter=parts,
        validator=Each(Award),
        metadata=key("What can be won.", name="award"),
    )
""",
    },
    "model/document.py": {
        "    accepts: tuple[str": """    grade: str = field(converter=string, metadata=key("How grave it is.", fallback="low"))
""",
    },
    "model/parts.py": {
        "    pay: Decimal | None": """    colour: Text | None = field(
        default=None,
        converter=optional(label_text),
        metadata=key("The colour of the tier.", descriptive=True, order=Order.UNIT),
    )
""",
    },
}

#: the program that prints what reader, writer, merge, formatter, schema and recovery return
SEEN = r'''
import json
from kpirules import dumps, loads
from kpirules.toml.formatter import layout
from kpirules.toml.merging import Merged, merge
from kpirules.toml.parser import read
from kpirules.toml.json_schema import ruleset_schema
from kpirules.model.language import descriptions
from kpirules.model import Rubric

HEAD = 'schema = 1\nid = "x"\n'
TEXT = HEAD + """
[[tier]]
total = "any"
colour = { en = "red" }
id = "t"

[[award]]
holder = "An"
id = "cup"
"""
rubric = loads(TEXT + '\n[[criterion]]\nid = "c"\nweight = 100\n')
faulty = read(HEAD + 'award = [{ holder = 3 }]\nruling = [{ clause = "1", conflict = "", decision = "" }]', "x")
base = {"award": [{"id": "cup", "holder": "An"}, {"id": "urn", "holder": "Bo"}]}
over = {"award": [{"id": "urn", "remove": True}, {"id": "cup", "holder": "Cy"}, {"id": "pot"}]}
merged = merge(Merged(tree=base), "base", over)
schema = ruleset_schema()
print(json.dumps({
    "read": [str(rubric.tiers[0].colour.get("en")), rubric.awards[0].id],
    "written": dumps(rubric),
    "formatted": layout(TEXT),
    "merged": merged.tree,
    "idle": [finding.help() for finding in merged.findings],
    "colour": schema["$defs"]["Tier"]["properties"]["colour"]["anyOf"][0],
    "award": {k: v for k, v in schema["$defs"]["Award"].items() if k != "properties"},
    "award keys": list(schema["$defs"]["Award"]["properties"]),
    "whole": schema["then"]["properties"]["ruling"],
    "recovered": [faulty.rubric.awards[0].id, faulty.rubric.rulings[0].grade],
    "lost": faulty.lost,
    "faults": [finding.message() for finding in faulty.findings],
    "described": {k: v for k, v in descriptions(Rubric).items() if "award" in k or "colour" in k},
}))
'''


@pytest.fixture(scope="module")
def seen(tmp_path_factory):
    """Return the output of a copy of the package whose model has the planted keys."""
    root = tmp_path_factory.mktemp("planted")
    shutil.copytree(SOURCE, root / "kpirules", ignore=shutil.ignore_patterns("__pycache__"))
    for name, planted in PLANTED.items():
        file = root / "kpirules" / name
        text = file.read_text(encoding="utf-8")
        for before, new in planted.items():
            assert 1 == text.count(before), before
            text = text.replace(before, new + before)
        file.write_text(text, encoding="utf-8")
    # the copy is gone when coverage is reported
    env = {k: v for k, v in os.environ.items() if not k.startswith("COV")}
    env["PYTHONPATH"] = str(root)
    done = subprocess.run(
        [sys.executable, "-c", SEEN], capture_output=True, text=True, check=False, env=env
    )
    assert 0 == done.returncode, done.stderr
    return json.loads(done.stdout)


def test_a_new_key_is_read_and_written(seen):
    """By the converter of its field, under its name, parts under headers of their own."""
    assert ["red", "cup"] == seen["read"]
    assert '[[award]]\nid = "cup"\nholder = "An"\n' in seen["written"]
    assert 'colour = { en = "red" }\n' in seen["written"]


def test_a_new_key_is_formatted(seen):
    """In its place."""
    expected = (
        'id = "t"\ncolour = { en = "red" }\ntotal = "any"\n\n[[award]]\nid = "cup"\nholder = "An"\n'
    )
    assert seen["formatted"].endswith(expected)


def test_new_parts_are_merged_by_their_id(seen):
    """One is changed, one removed; a new one without an essential key is reported."""
    assert {"award": [{"id": "cup", "holder": "Cy"}, {"id": "pot"}]} == seen["merged"]
    assert ["a new part needs holder"] == seen["idle"]


def test_a_new_key_is_in_the_json_schema(seen):
    """With its description, its type and the keys that a complete file needs."""
    assert {"type": "string", "description": "The colour of the tier."} == seen["colour"]
    assert {
        "description": "A prize.",
        "type": "object",
        "required": ["id"],
        "additionalProperties": False,
    } == seen["award"]
    assert ["holder", "id", "remove"] == seen["award keys"]
    assert {"items": {"required": ["conflict", "decision", "grade"]}} == seen["whole"]


def test_a_new_key_is_recovered(seen):
    """A missing id and a missing value have fallbacks, and are reported as missing."""
    assert ["unnamed_1", "low"] == seen["recovered"]
    assert [["award", 0, "holder"], ["award", 0, "id"], ["ruling", 0, "grade"]] == seen["lost"]
    assert [
        "must be a text in quotes, not a number",
        'the key "id" is missing',
        'the key "grade" is missing',
    ] == seen["faults"]


def test_a_new_key_has_an_id_for_translations(seen):
    """Beside its English description."""
    assert {
        "rubric.award": "What can be won.",
        "tier.colour": "The colour of the tier.",
        "award": "A prize.",
        "award.holder": "Who has it.",
        "award.id": "Its name.",
    } == seen["described"]


# ---------------------------------------------------------------- all keys


@pytest.mark.parametrize("cls", PARTS, ids=lambda cls: cls.__name__)
def test_every_field_of_a_part_is_a_key(cls):
    """With a description, unless its value is in the header of the table."""
    for field in attrs.fields(cls):
        key = of_field(field)
        assert not field.init or "key" in field.metadata, field.name
        assert not field.init or bool(key.doc) != key.header, field.name
    assert keys_of(cls).keys() <= ranks(cls).keys()


@pytest.mark.parametrize("cls", PARTS, ids=lambda cls: cls.__name__)
def test_fallbacks_are_values_that_are_allowed(cls):
    """A table of nothing but fallbacks can be read."""
    tree = {
        name: "unnamed" if key.fallback is None else key.fallback
        for name, key in required(cls).items()
    }
    tree = {name: list(v) if isinstance(v, tuple) else v for name, v in tree.items()}
    if header_of(cls):
        tree[header_of(cls)] = "unnamed"
    assert isinstance(converter().structure(tree, cls), cls)


def alternatives(kind):
    """Yield the alternatives of a type, those of lists as well."""
    yield kind
    for inner in get_args(kind) if get_origin(kind) is not Literal else ():
        yield from alternatives(inner)


@pytest.mark.parametrize("cls", PARTS, ids=lambda cls: cls.__name__)
def test_every_word_of_a_closed_vocabulary_has_a_meaning(cls):
    """The words of a key are those of its type, in the same order."""
    for name, field in keys_of(cls).items():
        kinds = alternatives(types_of(cls)[field.name])
        words = [word for kind in kinds if get_origin(kind) is Literal for word in get_args(kind)]
        assert words == list(of_field(field).words), name
        assert all(of_field(field).words.values())


def test_the_default_of_a_key_is_as_a_file_has_it():
    """A number, a word in quotes, true or false, or words; required keys and lists have none."""
    rubric = {name: default_in_file(field) for name, field in keys_of(Rubric).items()}
    criterion = {name: default_in_file(field) for name, field in keys_of(Criterion).items()}
    assert {
        "step": "1",
        "full_marks": "100",
        "weights_total": "full_marks",
        "schema": "",
        "id": "",
        "inputs": "",
    }.items() <= rubric.items()
    assert {
        "scored": "true",
        "missing": '"error"',
        "scale": "the weight",
    }.items() <= criterion.items()


def test_descriptions_have_ids_that_stay():
    """An inherited key has one description wherever it is written."""
    found = descriptions(Rubric)
    assert {
        "rubric": "One appraisal scheme, effective from a date.",
        "rubric.defaults": "Keys for all criteria that do not have the key themselves.",
        "quantity.clamp": 'The value is limited to this range, such as "0..10"; the result states where this changed it.',
        "adjustment.missing": 'What happens if an input that it needs is missing. "error": the record is rejected; "skip": it adds 0. Default: "error".',
        "section.scale": "The sum of the weights of its criteria, if it differs from its own weight. Default: the weight.",
        "file.on": "A date on which the extended version is effective. Default: effective_from of this file.",
        "criterion.scored": "false: on the form, not in the total. Default: true.",
        "file.remove": "true: the part of the extended ruleset is removed. Only in a file with extends.",
    }.items() <= found.items()
    assert {"criterion.clamp", "outcome.formula", "input.name"}.isdisjoint(found)
    assert {"rubric.extends", "file.on", "quantity.points", "quantity.value"} <= found.keys()


@pytest.mark.parametrize(
    ("expected", "path"),
    [
        (Rubric, ()),
        (Input, ("inputs", "late")),
        (None, ("inputs",)),
        (None, ("inputs", "late", "label")),
        (Criterion, ("section", 0, "criterion", 2)),
        (Criterion, ("defaults",)),
        (Band, ("criterion", 0, "bands", 1)),
        (Band, ("bands", "bands", "rows", 0)),
        (Rounding, ("derive", "round", "round")),
        (None, ("tier", 0, "total")),
        (None, ("colour", 0, "criterion")),
        (None, ("extends",)),
    ],
)
def test_the_class_of_the_table_at_a_path(expected, path):
    """Names in headers are not keys."""
    assert expected is class_at(Rubric, path)


@pytest.mark.parametrize(
    ("expected", "path"),
    [
        (Section, ("section",)),
        (Rater, ("raters",)),
        (Band, ("bands", "t", "rows")),
        (None, ("total",)),
        (None, ("inputs", "section")),
        (None, ("tier", 0, "total")),
        (None, ()),
    ],
)
def test_the_class_of_the_parts_at_a_path(expected, path):
    """Of lists of tables and of tables by name."""
    assert expected is items_at(Rubric, path)
    assert named_at(Rubric, path) is (expected if expected is Rater else None)


def test_one_way_replaces_another():
    """With what belongs to it, in quantities alone."""
    ways = {"points", "value", "formula", "bands", "of", "across"}
    assert ways == replaced(Criterion, {"weight", "formula"})
    assert ways | {"count", "run"} == replaced(Derived, {"bands"})
    assert (
        set() == replaced(Criterion, {"of"}) == replaced(Band, {"points"}) == replaced(None, ways)
    )
    assert {"weight", "scored"} == essentials(Criterion)
    assert {"value", "formula", "bands", "count", "run"} == essentials(Derived)
    assert {"total"} == essentials(Tier)


def test_nothing_is_known_of_an_unknown_key():
    """Nor of a key of an unknown table."""
    assert "" == key_of(Tier, "colour").doc == key_of(None, "id").doc
    assert "id" == id_of(Tier)
    assert "" == id_of(Input)


# ---------------------------------------------------------------- names that are keys as well


@pytest.mark.parametrize("name", ["when", "label", "rows", "note"])
def test_parts_named_like_a_key_are_written_under_headers(name):
    """The name in a header is not a key."""
    text = f'schema = 1\nid = "x"\ninputs.{name} = {{ type = "count" }}\ncriterion = [{{ id = "c", weight = 100 }}]\n'
    # the input is unused, which is not an error of the text
    rubric = Rubric(id="x", inputs=[Input(name=name, type="count")])
    assert f'[inputs.{name}]\ntype = "count"\n' in dumps(rubric)
    assert rubric.inputs == loads(text).inputs


@pytest.mark.parametrize("name", ["value", "formula", "bands"])
def test_a_derived_fact_named_like_a_way_removes_no_other(name):
    """In a file that extends another, the derived facts of the other stay."""
    base = {"derive": {"of": {"value": 1}, "rate": {"value": 2}}}
    merged = merge(Merged(tree=base), "base", {"derive": {name: {"value": 3}}})
    assert {"of", "rate", name} == set(merged.tree["derive"])


@pytest.mark.parametrize("name", ["unit", "note", "late"])
def test_an_invalid_input_named_like_a_text_hides_what_depends_on_it(name):
    """The loss of its range is not reported a second time at the bands."""
    text = f"""schema = 1
id = "x"
inputs.{name} = {{ type = "number", range = 3 }}
criterion = [{{ id = "c", weight = 10, of = "{name}", bands = [{{ when = "0..5", points = 10 }}] }}]
full_marks = 10
"""
    found = [finding.code for finding in check_text(text) if finding.severity == "error"]
    assert ["value"] == found


@pytest.mark.parametrize("table", ['{ mode = "up" }', "{ to = 1 }", '{ to = "x", mode = "up" }'])
def test_a_faulty_rounding_of_the_total_hides_no_other_fault(table):
    """The rest of the file is checked, as with the rounding of any part."""
    text = f"""schema = 1
id = "x"
total = {{ round = {table} }}
criterion = [{{ id = "c", weight = 90 }}]
"""
    found = [finding.code for finding in check_text(text) if finding.severity == "error"]
    assert "weights-sum" in found
    assert 2 == len(found)
