"""Results as data: the tree of `to_dict`, its JSON Schema, and reading it back."""

from __future__ import annotations

import copy
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from kpirules import (
    InputError,
    Result,
    StoredResultError,
    evaluate,
    load_file,
    loads,
    result_schema,
)
from kpirules.evaluation.result_json import tree_of
from kpirules.evaluation.result_schema import schema_text
from kpirules.testing import records, rubrics
from tests.drawing import share
from tests.evaluation.test_result_parser import STORED, VALUES, at, files, places, put, results_of


VALIDATOR = Draft202012Validator(result_schema())
#: keys that a reader does not need
OPTIONAL = {("lang",), ("text",), ("rubric", "options"), ("rubric", "package")}


@pytest.fixture(scope="module")
def roster():
    """Return a result with something of everything."""
    rubric = load_file(STORED / "roster.rubric.toml")
    return evaluate(rubric, {"kind": "a", "late": 5, "hours": "7.5"})


def faults(tree):
    """List what the schema reports about a tree."""
    return [error.message for error in VALIDATOR.iter_errors(tree)]


def kinds(tree):
    """Return the classes of all values of a tree."""
    inner = tree.values() if type(tree) is dict else tree if type(tree) is list else ()
    return {type(tree)}.union(*map(kinds, inner))


def test_the_schema_is_valid_and_printed(run):
    """By `kpirules schema --results`, which needs no ruleset."""
    Draft202012Validator.check_schema(result_schema())
    assert (0, schema_text(), "") == run("schema", "--results")
    assert json.loads(schema_text()) == result_schema()
    code, out, err = run("schema", "customer-service", "--results")
    assert (2, "") == (code, out)
    assert "customer-service: the command takes no further arguments" in err


@pytest.mark.parametrize("path", files(), ids=lambda path: path.parent.name + "/" + path.name)
def test_results_of_all_rulesets_are_valid_data(path):
    """Of each example of each shipped ruleset and case, with texts in a language and without."""
    for _, result in results_of(path):
        for lang in (None, "zh", "en", "de"):
            tree = result.to_dict(lang)
            assert [] == faults(tree)
            assert kinds(tree) <= {str, int, bool, type(None), list, dict}
            assert result == Result.from_dict(json.loads(json.dumps(tree)))


@share(1 / 2)
@given(st.data(), rubrics())
def test_any_result_is_data(data, rubric):
    """Whatever the rules: it is read back from JSON, the schema has it, and `to_json` is its text."""
    try:
        result = evaluate(rubric, data.draw(records(rubric)))
    except InputError:
        return
    tree = result.to_dict()
    assert result == Result.from_dict(json.loads(json.dumps(tree))) == Result.from_dict(tree)
    assert [] == faults(tree)
    assert result.to_json() == json.dumps(tree, ensure_ascii=False)
    texts = result.to_dict("zh")
    assert (result.explain("zh"), [], result) == (
        texts["text"],
        faults(texts),
        Result.from_dict(texts),
    )


def without_texts(tree):
    """Return a tree without its texts in one language."""
    if isinstance(tree, dict):
        kept = {k: v for k, v in tree.items() if k != "lang"}
        if isinstance(kept.get("text"), dict) or "kpirules" in kept:
            del kept["text"]
        return {key: without_texts(value) for key, value in kept.items()}
    return [without_texts(each) for each in tree] if isinstance(tree, list) else tree


def test_a_language_adds_texts_and_changes_nothing(roster):
    """Each part with a label or a reason has both in the language."""
    tree = roster.to_dict("zh")
    assert roster.to_dict() == without_texts(tree)
    assert "zh" == tree["lang"]
    assert "label" in tree["rubric"]["text"]
    parts = [*tree["rubric"]["sections"], *tree["lines"], *tree["gates"], *tree["outcomes"]]
    parts += [*tree["derived"], *tree["adjustments"], tree["tier"]]
    assert all(each["text"] for each in parts)
    assert "绩效工资" in [each["text"]["label"] for each in tree["outcomes"]]


def test_labels_are_ids_where_there_are_none():
    """And an outcome that kpirules knows has its own word; an adjustment of its name does not."""
    rubric = loads(
        'schema = 1\nid = "x"\n[[section]]\nid = "s"\ncriterion = [{ id = "a", weight = 100 }]\n'
        '[[adjust]]\nid = "coefficient"\npoints = 1\n'
        '[total]\nclamp = "0..100"\n[[gate]]\nwhen = { a = ">= 1" }\ntotal_at_most = 50\n'
        '[[tier]]\nid = "t"\ntotal = "any"\npay = 5\n'
    )
    tree = evaluate(rubric, {"a": 100}).to_dict("en")
    shown = [tree[key][0]["text"]["label"] for key in ("lines", "adjustments", "outcomes")]
    assert ["a", "coefficient", "Performance pay"] == shown
    assert {"label": "s"} == tree["rubric"]["sections"][0]["text"]
    assert {"reason": "a >= 1", "effect": "total at most 50"} == tree["gates"][0]["text"]
    assert ("x", "t") == (tree["rubric"]["text"]["label"], tree["tier"]["text"]["label"])
    assert "computed 101" in tree["before"]["text"]["reason"]


def test_a_tree_is_new_each_time(roster):
    """A program may change it: the result stays as it is."""
    tree = roster.to_dict()
    tree["lines"].clear()
    tree["rubric"]["labels"].clear()
    assert roster == Result.from_dict(roster.to_dict())
    assert roster.to_dict()["lines"]


@pytest.mark.parametrize("name", ["thirds", "gates", "without-options"])
def test_older_versions_are_read(name):
    """From the tree as from the text; what is read is then written in the current version."""
    text = (STORED / f"version-1-{name}.json").read_text(encoding="utf-8")
    result = Result.from_dict(json.loads(text))
    assert Result.from_json(text) == result
    assert faults(json.loads(text))
    assert [] == faults(result.to_dict())
    assert 1 == tree_of(result, 1)["kpirules"]


@pytest.mark.parametrize(
    "tree", [None, 3, "x", [], {}, {1: 2}, {"kpirules": "2"}, {"kpirules": 2}, float("nan"), b"{}"]
)
def test_what_is_no_tree_of_a_result_is_rejected(tree):
    """By the same error as a text that is none."""
    with pytest.raises(StoredResultError):
        Result.from_dict(tree)


def test_a_tree_of_python_is_bounded(roster):
    """Cycles, other types, names that are not texts: one error, at its place."""
    tree = roster.to_dict()
    tree["rubric"]["labels"] = cyclic = []
    cyclic.append(cyclic)
    with pytest.raises(StoredResultError, match=r"^\$\.rubric\.labels\[0\]: is not a name with"):
        Result.from_dict(tree)
    for names, said in ((1, "1 is not a text"), ("\ud800", "has half of a character")):
        with pytest.raises(StoredResultError, match=rf"^\$\.inputs: {said}"):
            Result.from_dict({**roster.to_dict(), "inputs": {names: 5}})


def test_every_key_is_described_by_its_type(roster):
    """Each value that is missing or of another type: what the reader rejects, the schema rejects."""
    known = roster.to_dict()
    others = (None, True, 3, -0.5, "?", [], {}, [[1]], {"number": 1})
    for turn, path in enumerate(places(known)):
        if not path or any(isinstance(step, int) and step > 1 for step in path):
            continue
        # two of them each time, in turn: any of them at any place is drawn below
        for value in (*others[turn % 5 :: 5], ...):
            tree = copy.deepcopy(known)
            if value is ...:
                del at(tree, path[:-1])[path[-1]]
            else:
                put(tree, path, value)
            try:
                Result.from_dict(tree)
            except StoredResultError as error:
                assert faults(tree) or "is not a section of the result" in str(error), (path, value)


@given(st.data())
def test_planted_faults_are_found(data):
    """Whatever the reader rejects for its type is rejected by the schema as well."""
    rubric = load_file(STORED / "roster.rubric.toml")
    tree = evaluate(rubric, {"kind": "a", "late": 5, "hours": "7.5"}).to_dict()
    path = data.draw(st.sampled_from([path for path in places(tree) if path]))
    put(tree, path, data.draw(VALUES))
    try:
        Result.from_dict(tree)
    except StoredResultError as error:
        said = ("digits", "half of a character", "two texts in one", "section", "not a date")
        beyond = any(each in str(error) for each in (*said, "not a range", "language"))
        assert beyond or faults(tree), (path, error)


def test_long_numbers_are_read_back():
    """A computed number may have a thousand digits."""
    names = [f"x{i}" for i in range(30)]
    inputs = "".join(f'[inputs.{name}]\ntype = "number"\n' for name in names)
    product = f'[outcome.pay]\nformula = "{" * ".join(names)}"\n'
    rubric = loads(f'schema = 1\nid = "x"\n{inputs}{product}')
    result = evaluate(rubric, {name: 10**17 + i for i, name in enumerate(names)})
    assert 511 == len(str(result.pay))
    assert result == Result.from_json(result.to_json())
