"""Stored results: the same after a database, whatever their version, and never trusted."""

from __future__ import annotations

import copy
import json
import random
import re
import shutil
import subprocess
import urllib.parse

import pytest
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from kpirules import (
    InputError,
    KpirulesError,
    Result,
    evaluate,
    load_file,
    loads,
    payslip,
    rulesets,
    sheet,
    verify,
)
from kpirules.api.load import check_text
from kpirules.cli.app import app
from kpirules.errors import StoredResultError
from kpirules.evaluation.json_nodes import MAX_DIGITS
from kpirules.evaluation.result_json import VERSION
from kpirules.evaluation.result_parser import MAX_LENGTH
from kpirules.evaluation.result_parts import EFFECTS
from kpirules.sheets.form_builder import filled
from kpirules.testing import records, rubrics
from tests import TESTS
from tests.programs import need, postgresql


STORED = TESTS / "stored"
LANGUAGES = ("zh", "en", "de")


def files():
    """List the shipped rulesets, the cases, and the one of this test."""
    return [
        *sorted({found.path for found in rulesets()}),
        *sorted((TESTS / "cases").glob("*.rubric.toml")),
        STORED / "roster.rubric.toml",
    ]


def results_of(path):
    """Evaluate the examples of a ruleset."""
    rubric = load_file(path)
    for example in rubric.examples:
        try:
            yield rubric, evaluate(rubric, dict(example.ratings))
        except InputError:
            continue


def jsonb(tree):
    """Reorder keys as PostgreSQL does: by the length of their bytes, then by the bytes."""
    if isinstance(tree, dict):
        keys = sorted(tree, key=lambda key: (len(key.encode()), key.encode()))
        return {key: jsonb(tree[key]) for key in keys}
    return [jsonb(each) for each in tree] if isinstance(tree, list) else tree


def shuffled(tree, rng):
    """Reorder keys in any way."""
    if isinstance(tree, dict):
        keys = rng.sample([*tree], len(tree))
        return {key: shuffled(tree[key], rng) for key in keys}
    return [shuffled(each, rng) for each in tree] if isinstance(tree, list) else tree


def assert_same(result, text, rubric):
    """Check that a stored text is the same result, says the same, and verifies."""
    back = Result.from_json(text)
    assert result == back
    assert hash(result) == hash(back)
    for lang in LANGUAGES:
        assert result.explain(lang) == back.explain(lang)
    assert result.to_json() == back.to_json()
    assert "same" == verify(text, rubric=rubric).outcome


@pytest.mark.parametrize("path", files(), ids=lambda path: path.parent.name + "/" + path.name)
def test_a_result_is_the_same_after_a_database(path):
    """For all examples of each shipped ruleset and case, whatever the order of the keys."""
    rng = random.Random(5)
    for rubric, result in results_of(path):
        tree = json.loads(result.to_json())
        for stored in (jsonb(tree), shuffled(tree, rng)):
            assert_same(result, json.dumps(stored), rubric)


@given(st.data())
def test_any_result_is_the_same_after_a_database(data):
    """Whatever the ruleset and the record."""
    rubric = data.draw(rubrics())
    try:
        result = evaluate(rubric, data.draw(records(rubric)))
    except InputError:
        return
    assert_same(result, json.dumps(jsonb(json.loads(result.to_json()))), rubric)


def test_a_result_is_the_same_after_postgresql(tmp_path):
    """The real one: a column of type jsonb."""
    psql = need("psql")
    every = [pair for path in files() for pair in results_of(path)]
    rubric = load_file(STORED / "roster.rubric.toml")
    every += [(rubric, evaluate(rubric, {"kind": "b", "late": 1, "hours": "7.50"}))]
    rows = ",\n".join(f"({i}, $r${result.to_json()}$r$)" for i, (_, result) in enumerate(every))
    script = tmp_path / "store.sql"
    script.write_text(
        "create table stored (id int, result jsonb);\n"
        f"insert into stored values {rows};\n"
        "select result from stored order by id;\n",
        encoding="utf-8",
    )
    with postgresql(tmp_path) as address:
        url = urllib.parse.urlsplit(address)
        where = f"postgresql://{url.username}@{url.hostname}:{url.port}{url.path}"
        done = subprocess.run(
            [psql, "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-f", script, where],
            check=True,
            capture_output=True,
            encoding="utf-8",
            env={"PGCLIENTENCODING": "UTF8"},
        )
    lines = done.stdout.splitlines()
    assert len(every) == len(lines)
    for (rubric, result), line in zip(every, lines, strict=True):
        assert line != result.to_json()
        assert_same(result, line, rubric)


# ---------------------------------------------------------------- versions


@pytest.mark.parametrize("name", ["thirds", "gates", "without-options"])
def test_a_result_of_version_1_is_read_explained_and_verified(name):
    """It holds conditions as words of the file, which every language then shows."""
    text = (STORED / f"version-1-{name}.json").read_text(encoding="utf-8")
    rubric = load_file(STORED / "roster.rubric.toml")
    assert 1 == json.loads(text)["kpirules"]
    back = Result.from_json(text)
    now = evaluate(rubric, back.inputs)
    assert (now.total, now.tier, now.pay) == (back.total, back.tier, back.pay)
    assert [str(line.condition) for line in now.lines] == [str(x.condition) for x in back.lines]
    assert "same" == verify(text, rubric=rubric).outcome
    stored = back.to_json()
    assert VERSION == json.loads(stored)["kpirules"]
    assert back == Result.from_json(stored)
    for lang in LANGUAGES:
        assert len(now.explain(lang).splitlines()) == len(back.explain(lang).splitlines())
    assert "kind" in back.explain("zh")
    wrong = text.replace('"raw_total": "', '"raw_total": "1')
    assert ["raw_total"] == [d.name for d in verify(wrong, rubric=rubric).differences]


def test_a_result_of_version_1_says_what_it_holds():
    """Conditions in words of the file beside facts by labels; otherwise is known."""
    said = [
        Result.from_json((STORED / f"version-1-{n}.json").read_text(encoding="utf-8")).explain("zh")
        for n in ("thirds", "gates")
    ]
    assert "值班：30 / 40 分 — kind = b, on_call = true, late <= 3，kind = 乙班" in said[0]
    assert "值班：10 / 40 分 — 其他情况，kind = 甲班，待命 按 否 计 (未填写)" in said[1]
    assert "红线条款：late >= 4 — 总分不高于 59.5，迟到 = 5" in said[1]


@pytest.mark.parametrize(
    ("version", "said"),
    [
        (3, "$.kpirules: is version 3; this kpirules reads versions 1 to 2"),
        (0, "$.kpirules: is not a version; allowed: 1 to 2"),
        ("2", '$.kpirules: "2" is not a whole number from 0 to 1000000'),
        (True, "$.kpirules: true is not a whole number from 0 to 1000000"),
    ],
)
def test_another_version_is_rejected(version, said):
    """A newer one is said to be newer."""
    tree = {**small(), "kpirules": version}
    assert said == fault(json.dumps(tree))


# ---------------------------------------------------------------- what is wrong


def small():
    """Return the tree of a result with something of everything."""
    rubric = load_file(STORED / "roster.rubric.toml")
    return json.loads(evaluate(rubric, {"kind": "a", "late": 5, "hours": "7.5"}).to_json())


def fault(text):
    """Return what is wrong with a stored text."""
    with pytest.raises(StoredResultError) as caught:
        Result.from_json(text)
    assert isinstance(caught.value, KpirulesError)
    assert isinstance(caught.value, ValueError)
    return str(caught.value)


def put(tree, path, value):
    """Set a place of a tree, given as keys."""
    *way, last = path
    for key in way:
        tree = tree[key]
    tree[last] = value


LONG = "9" * (MAX_DIGITS + 1)


@pytest.mark.parametrize(
    ("path", "value", "said"),
    [
        (["lines", 1, "points"], "1/0", '$.lines[1].points: "1/0" is not a number'),
        (["lines", 1, "points"], "1e5", '$.lines[1].points: "1e5" is not a number'),
        (["lines", 1, "points"], 5, "$.lines[1].points: 5 is not a number"),
        (["lines", 1, "contribution"], None, "$.lines[1].contribution: null is not a number"),
        (["total"], LONG, f'$.total: "{"9" * 60}..." has more than 1000 digits'),
        (["total"], "9" * 3000, f'$.total: "{"9" * 60}..." has more than 1000 digits'),
        (["total"], {"text": "B"}, "$.total: an object is not a number"),
        (["adjustments", 0, "value"], {"text": "B"}, "$.adjustments[0].value: an object is not a number"),
        (["outcomes", 0, "value"], {"text": 5}, "$.outcomes[0].value.text: 5 is not a text"),
        (["lines"], {}, "$.lines: an object is not a list"),
        (["lines", 0], [], "$.lines[0]: a list is not an object"),
        (["lines", 0, "label"], "x", '$.lines[0].label: "x" is not a list'),
        (["lines", 0, "label"], [["en"]], "$.lines[0].label[0]: is not a name with its value"),
        (["lines", 0, "label"], [["en", "x"], ["en", "y"]], "$.lines[0].label: has two texts in one language"),
        (["lines", 0, "label"], [[1, "x"]], "$.lines[0].label[0][0]: 1 is not a text"),
        (["lines", 0, "band"], -1, "$.lines[0].band: -1 is not a whole number from 0 to 1000000"),
        (["lines", 0, "band"], True, "$.lines[0].band: true is not a whole number from 0 to 1000000"),
        (["lines", 0, "band"], 1.5, "$.lines[0].band: 1.5 is not a whole number from 0 to 1000000"),
        (["lines", 0, "left_out"], "no", '$.lines[0].left_out: "no" is not "", "missing" or "weight"'),
        (["lines", 0, "assumed"], "no", '$.lines[0].assumed: "no" is not true or false'),
        (["lines", 0, "section"], "gone", '$.lines[0].section: "gone" is not a section of the result'),
        (["lines", 0, "remark"], "\ud800", "$.lines[0].remark: has half of a character, which no text has"),
        (["lines", 0, "condition"], 3, "$.lines[0].condition: 3 is not an object"),
        (["lines", 0, "condition"], {}, '$.lines[0].condition: has no "otherwise"'),
        (["lines", 0, "condition"], {"asked": [["late", [{"range": "5..3"}]]]}, "$.lines[0].condition.asked[0][1][0].range: \"5..3\" is not a range: the range '5..3' is empty: write the lower end first, \"3..5\""),
        (["lines", 0, "condition"], {"rating": "9" * 20}, '$.lines[0].condition.rating: "99999999999999999999" is not a range: is too large: at most 18 digits before the decimal point'),
        (["total"], "1/" + LONG, f'$.total: "1/{"9" * 58}..." has more than 1000 digits'),
        (["lines", 0, "condition"], {"asked": [["late", [3]]]}, "$.lines[0].condition.asked[0][1][0]: 3 is not a text"),
        (["gates", 1, "effect"], [["fire", True]], '$.gates[1].effect[0][1]: "fire" is not something that a gate does; allowed: unratable, total_at_most, total_at_least, demote, tier_at_least, tier_at_most'),
        (["gates", 1, "effect"], [["tier_at_most", "5"]], '$.gates[1].effect[0][1]: "5" is not an object'),
        (["gates", 1, "effect"], [["demote", "5"]], '$.gates[1].effect[0][1]: "5" is not a whole number from 0 to 1000000'),
        (["gates", 1, "effect"], [["unratable", 1]], "$.gates[1].effect[0][1]: 1 is not true or false"),
        (["rubric", "effective_from"], "2025-02-30", '$.rubric.effective_from: "2025-02-30" is not a date'),
        (["rubric"], {}, '$.rubric: has no "id"'),
        (["rubric", "package"], {"name": "x"}, '$.rubric.package: has no "version"'),
        (["inputs", "late"], [None], "$.inputs.late[0]: null is not a value of a record"),
        (["inputs", "late"], 10**1100, "$.inputs.late: 1.000000000...E+1100 has more than 1000 digits"),
        (["inputs", "late"], {"number": "x"}, '$.inputs.late.number: "x" is not a number'),
        (["subtotals", "work"], 5, "$.subtotals.work: 5 is not a number"),
        (["unratable"], None, "$.unratable: null is not true or false"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_reported_at_its_place(path, value, said):
    """With the value, and what belongs there."""
    tree = small()
    put(tree, path, value)
    assert said == fault(json.dumps(tree))
    with pytest.raises(StoredResultError) as error:
        verify(json.dumps(tree))
    # without the place and what stands in the file, which are in no language
    text = re.sub(r"“[^”]*”", "", error.value.text("zh").partition("：")[2] or "")
    assert re.search("[\u4e00-\u9fff]", text)
    assert {*re.findall("[a-z_]{3,}", text)} <= {"null", "true", "false", *EFFECTS}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "this is not JSON: Expecting value: line 1 column 1 (char 0)"),
        ("3", 'this is not the JSON of a result: it has no "kpirules"'),
        ("[]", 'this is not the JSON of a result: it has no "kpirules"'),
        ("{}", 'this is not the JSON of a result: it has no "kpirules"'),
        ('{"kpirules": 2}', '$: has no "rubric"'),
        ('{"kpirules": NaN}', "this is not JSON: NaN is not a value of JSON"),
        ("[" * 100_000, "this is not JSON: it is nested too deep"),
        (None, "the JSON of a result is a text, not NoneType"),
        ({"kpirules": 2}, "the JSON of a result is a text, not dict"),
        (b'{"kpirules": 1}', '$: has no "rubric"'),
        ('{"kpirules": 2, "rubric": 1, "rubric": 2}', '$: has the key "rubric" twice'),
    ],
)  # fmt: skip
def test_what_is_no_result_is_rejected(text, said):
    """Not JSON, not an object, too deep, too long, a key twice."""
    assert said == fault(text)


def test_a_text_that_is_no_text_of_any_encoding_is_rejected():
    """Bytes are UTF-8; numbers and texts have a length."""
    said = "this is not the JSON of a result: it has 4000001 characters; at most 4000000 are read"
    assert said == fault(" " * (MAX_LENGTH + 1))
    assert fault(b"\xff\xfe\xfd").startswith("this is not JSON: ")
    assert fault('{"kpirules": ' + "9" * 5000 + "}").startswith("this is not JSON: Exceeds")


def test_a_key_twice_is_rejected_by_the_command_too(tmp_path):
    """Readers of JSON keep one of the values, and not all of them the same."""
    text = json.dumps(small(), ensure_ascii=False)
    twice = text.replace('"total": "', '"total": "1", "total": "', 1)
    assert '$: has the key "total" twice' == fault(twice)
    inner = text.replace('"points": ', '"points": "1", "points": ', 1)
    assert '$.lines[0]: has the key "points" twice' == fault(inner)
    folder = tmp_path / "roster"
    folder.mkdir()
    shutil.copy(STORED / "roster.rubric.toml", folder / "2020-01-01.rubric.toml")
    file = tmp_path / "results.json"
    for one, place in ((twice, "$: "), (inner, "$.lines[0]: ")):
        for whole in (one, f"[{one}]", f"{one}\n{one}\n"):
            file.write_text(whole, encoding="utf-8")
            done = CliRunner().invoke(app, ["verify", str(file), "--folder", str(tmp_path)])
            assert 1 == done.exit_code
            assert f"result 1: {place}has the key" in done.stdout


def test_a_sum_of_many_digits_is_rejected():
    """Each number may have them, and what they add up to has more."""
    tree = small()
    (line,) = tree["lines"][1:]
    primes = [n for n in range(2, 2000) if all(n % k for k in range(2, int(n**0.5) + 1))]
    tree["lines"] = [{**line, "contribution": f"1/{p**300}"} for p in primes]
    assert "$.lines: have a sum of more than 2000 digits" == fault(json.dumps(tree))
    tree["lines"] = [{**line, "weight": f"1/{p**300}"} for p in primes]
    assert "$.lines: have a sum of more than 2000 digits" == fault(json.dumps(tree))
    tree["lines"] = [line]
    tree["adjustments"] = [{**tree["adjustments"][0], "value": f"1/{p**300}"} for p in primes]
    assert "$.adjustments: have a sum of more than 2000 digits" == fault(json.dumps(tree))


def test_numbers_of_many_digits_are_read_and_explained():
    """A computed number may have more digits than one that is given."""
    tree = small()
    for text in (
        "9" * MAX_DIGITS,
        f"1/{2**1600}",
        f"{'9' * MAX_DIGITS}/7",
        "0." + "3" * (MAX_DIGITS - 1),
    ):
        for line in tree["lines"]:
            line |= {"points": text, "contribution": text}
        tree |= {"total": text, "raw_total": text}
        result = Result.from_json(json.dumps(tree))
        assert result == Result.from_json(result.to_json())
        assert result.explain("zh")
        assert "." in f"{result.total:.2f}"


# ---------------------------------------------------------------- fuzzing


def places(tree, path=()):
    """List all places of a tree."""
    yield path
    pairs = tree.items() if isinstance(tree, dict) else ()
    for key, each in enumerate(tree) if isinstance(tree, list) else pairs:
        yield from places(each, (*path, key))


def at(tree, path):
    """Return what stands at a place."""
    for key in path:
        tree = tree[key]
    return tree


VALUES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(),
    st.sampled_from(["1/0", "-1", "1e9", "9" * 600, "", "\ud800", "\x00", "otherwise", "missing"]),
    st.sampled_from([10**30, [], {}, [[]], [["en", "x"]], {"number": "1/3"}, {"text": ""}]),
    st.sampled_from([{"range": "3"}, {"asked": [["late", ["a or b"]]]}, {"rating": "1..2"}]),
)


def mutated(data, tree):
    """Drop, replace or double a node, or put another of the tree in its place."""
    tree = copy.deepcopy(tree)
    path = data.draw(st.sampled_from([p for p in places(tree) if p]))
    parent, key = at(tree, path[:-1]), path[-1]
    kind = data.draw(st.sampled_from(["drop", "replace", "double", "move"]))
    if kind == "drop":
        del parent[key]
    elif kind == "replace":
        parent[key] = data.draw(VALUES)
    elif kind == "double" and isinstance(parent, list):
        parent.insert(key, copy.deepcopy(parent[key]))
    else:
        parent[key] = copy.deepcopy(at(tree, data.draw(st.sampled_from([*places(tree)]))))
    return tree


TREES = []


def trees():
    """Return results of both versions, with gates, adjustments, thirds."""
    if not TREES:
        old = [
            json.loads(path.read_text(encoding="utf-8")) for path in sorted(STORED.glob("*.json"))
        ]
        TREES.extend([small(), *old])
    return TREES


@given(st.data())
def test_a_damaged_result_is_a_result_or_one_error(data):
    """Whatever is dropped, doubled, moved or replaced; all that is done with it ends likewise."""
    rubric = load_file(STORED / "roster.rubric.toml")
    tree = data.draw(st.sampled_from(trees()))
    for _ in range(data.draw(st.integers(1, 3))):
        tree = mutated(data, tree)
    text = json.dumps(tree)
    try:
        result = Result.from_json(text)
    except StoredResultError as error:
        assert str(error)
        with pytest.raises(StoredResultError):
            verify(text, rubric=rubric)
        return
    assert result == Result.from_json(result.to_json())
    assert {result}
    assert repr(result)
    assert all(isinstance(result.explain(lang), str) for lang in LANGUAGES)
    assert verify(text, rubric=rubric).outcome in ("same", "differs", "no-rubric")
    try:
        assert sheet(result, rubric=rubric, lang="zh")
        assert payslip(result, base=1, round_to="currency")
    except KpirulesError as error:
        assert str(error)


ODD = st.text(alphabet="ab or,=\"'“”，、：；（）()[]{}<>。 1.", min_size=1, max_size=12).filter(
    lambda text: text.strip() == text and text.casefold() not in ("missing", "n/a")
)


@given(st.lists(ODD, min_size=3, max_size=3, unique=True), ODD, ODD)
def test_options_and_labels_are_explained_as_they_are(codes, zh, en):
    """With " or ", commas, signs, quotes, brackets and Chinese punctuation in them."""
    one, two, three = codes

    def spelled(text):
        return json.dumps(text, ensure_ascii=False)

    text = (
        'schema = 1\nid = "odd"\n[inputs.kind]\ntype = "choice"\n'
        f"label = {{ zh = {spelled(zh)}, en = {spelled(en)} }}\n"
        f"options = {{ {spelled(one)} = {{ zh = {spelled(zh)}, en = {spelled(en)} }}, "
        f"{spelled(two)} = {spelled(two)}, {spelled(three)} = {spelled(three)} }}\n"
        '[[criterion]]\nid = "a"\nweight = 100\nof = "kind"\n'
        f"bands = [{{ when = [{spelled(one)}, {spelled(two)}], points = 100 }}, "
        f"{{ when = {spelled(three)}, points = 0 }}]\n"
        f"[[gate]]\nwhen = {{ kind = {spelled(one)} }}\ntotal_at_most = 50\n"
    )
    if any(finding.severity == "error" for finding in check_text(text)):
        return
    rubric = loads(text)
    result = evaluate(rubric, {"kind": one})
    (said,) = result.explain("zh").splitlines()[1:2]
    assert f"  a：100 / 100 分 — {zh} = {zh} ({zh} 或 {two})" == said
    (said,) = result.explain("en").splitlines()[1:2]
    assert f"  a: 100 of 100 — {en} = {en} ({en} or {two})" == said
    assert f"kind = {one} or {two}" == str(result.lines[0].condition)
    assert f"红线条款：{zh} = {zh} — 总分不高于 50，{zh} = {zh}" in result.explain("zh")
    paper = filled(rubric, result, lang="zh")
    assert f"{zh} = {zh} 或 {two}" == paper.parts[0].items[0].levels[0].text
    assert f"{zh} = {zh}" == paper.rules[0].label == paper.steps[0].why
    assert result == Result.from_json(json.dumps(jsonb(json.loads(result.to_json()))))
