"""Rubrics as plain data: to a tree and back, whatever a program holds; parts replaced by place."""

from __future__ import annotations

import copy
import enum
import json
import tomllib
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction
from types import MappingProxyType

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from kpirules import (
    ModelError,
    PlaceError,
    Range,
    Rubric,
    RulesetError,
    Text,
    Tier,
    dumps,
    load,
    load_file,
    loads,
    rulesets,
)
from kpirules.model import Band, Criterion
from kpirules.testing import rubrics
from kpirules.toml.data import text_of_tree
from tests import TESTS
from tests.drawing import share


FILES = [
    *sorted({found.path for found in rulesets()}),
    *sorted((TESTS / "cases").glob("*.rubric.toml")),
    TESTS / "stored" / "roster.rubric.toml",
]
DESK = {"schema": 1, "id": "desk", "criterion": [{"id": "work", "weight": 100}]}


def plain(text):
    """Parse a text as other programs do, numbers exactly and whole ones as int."""

    def number(digits):
        value = Decimal(digits)
        return int(value) if value == int(value) else value

    return tomllib.loads(text, parse_float=number)


def assert_is_data(rubric):
    """Check that a rubric is read back from its tree, as it is and by JSON."""
    tree = rubric.to_dict()
    assert plain(dumps(rubric)) == tree
    assert rubric == Rubric.from_dict(tree)
    assert rubric == Rubric.from_dict(json.loads(json.dumps(rubric.to_dict(json=True))))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.parent.name + "/" + path.name)
def test_all_rulesets_are_data(path):
    """Each shipped ruleset and each case, exactly and by JSON."""
    assert_is_data(load_file(path))


@given(rubrics())
def test_any_rubric_is_data(rubric):
    """The tree is that of its text, and the rubric of the tree is the same."""
    assert_is_data(rubric)


def test_numbers_and_dates_have_the_types_that_are_documented():
    """Exact ones; for JSON float and text, unless a float does not hold the number."""
    rubric = loads(
        'schema = 1\nid = "x"\neffective_from = 2027-01-01\nstep = 0.5\n'
        'criterion = [{ id = "a", weight = 100.0, scale = 0.123456789012345678 }]'
    )
    tree = rubric.to_dict()
    assert (date(2027, 1, 1), Decimal("0.5")) == (tree["effective_from"], tree["step"])
    (criterion,) = tree["criterion"]
    assert (100, int) == (criterion["weight"], type(criterion["weight"]))
    said = (
        "Rubric.criterion[0].scale = 0.123456789012345678: has more digits than most programs read"
    )
    with pytest.raises(ModelError) as caught:
        rubric.to_dict(json=True)
    assert str(caught.value).startswith(said)
    short = rubric.replace("a.scale", 2.5)
    tree = short.to_dict(json=True)
    assert ("2027-01-01", 0.5, 2.5) == (
        tree["effective_from"],
        tree["step"],
        tree["criterion"][0]["scale"],
    )


def test_a_program_may_hold_other_types():
    """Tuples, mappings, each type of number, ISO texts as dates, parts of a rubric."""

    class Word(enum.StrEnum):
        work = "work"

    numpy = pytest.importorskip("numpy")
    tree = MappingProxyType(
        {
            "schema": numpy.int64(1),
            "id": "desk",
            "effective_from": "2027-01-01",
            "effective_until": date(2027, 12, 31),
            "label": Text.of({"zh": "前台", "en": "Desk"}),
            "criterion": (
                {"id": Word.work, "weight": 60.0, "range": Range.parse("0..60")},
                Criterion(id="care", weight=Decimal("40.00"), scale=Fraction(5, 2)),
            ),
            "tier": [Tier(id="good", total=["80..100"], pay=200), {"id": "low", "total": "< 80", "pay": 0}],
        }
    )  # fmt: skip
    assert Rubric(
        id="desk",
        effective_from="2027-01-01",
        effective_until="2027-12-31",
        label={"zh": "前台", "en": "Desk"},
        criteria=[
            Criterion(id="work", weight=60, range="0..60"),
            Criterion(id="care", weight=40, scale=2.5),
        ],
        tiers=[Tier(id="good", total="80..100", pay=200), Tier(id="low", total="< 80", pay=0)],
    ) == Rubric.from_dict(tree)


def test_raters_have_the_order_of_the_tree():
    """Also if some are a weight alone and others a table, which TOML writes after them."""
    raters = {"boss": {"weight": 80, "label": "Superior"}, "self": 20}
    rubric = Rubric.from_dict({**DESK, "raters": raters})
    assert ["boss", "self"] == [rater.name for rater in rubric.raters]
    assert [80, 20] == [rater.weight for rater in rubric.raters]


def test_a_tree_may_extend_a_ruleset():
    """As a file does."""
    tree = {"schema": 1, "id": "night", "effective_from": "2026-01-01", "extends": "customer-service"}  # fmt: skip
    rubric = Rubric.from_dict({**tree, "tier": [{"id": "good", "pay": 250}]})
    assert ("night", 250) == (rubric.id, rubric.tiers[1].pay)
    dated = {"id": "customer-service", "on": "2025-06-01"}
    assert 12 == len(Rubric.from_dict({**tree, "extends": dated}).all_criteria)
    with pytest.raises(RulesetError, match='no ruleset "nonsense"'):
        Rubric.from_dict({**tree, "extends": "nonsense"})


def findings(tree):
    """Return the findings about a tree."""
    with pytest.raises(RulesetError) as caught:
        Rubric.from_dict(tree)
    return caught.value.findings


def test_a_tree_has_the_findings_of_its_file():
    """All of them, with path, place and the line of the TOML."""
    bands = [{"when": {"late": 0}, "points": 100}, {"when": {"late": ">= 2"}, "points": 0}]
    tree = {
        "schema": 1,
        "id": "x",
        "inputs": {"late": {"type": "count"}},
        "criterion": [{"id": "a", "weight": 100, "bands": bands, "colour": "red"}],
        "tier": [{"id": "t", "total": "any", "pay": "5"}],
    }
    found = findings(tree)
    with pytest.raises(RulesetError) as caught:
        loads(text_of_tree(tree))
    as_file = caught.value.findings
    assert [(f.code, f.place, f.path) for f in as_file] == [
        (f.code, f.place, f.path) for f in found
    ]
    assert {("unknown-key", "a.colour"), ("value", "tier.t.pay"), ("band-gap", "a.bands[0]")} == {
        (f.code, f.place) for f in found
    }
    assert all(f.spots[0].file == "<dict>" for f in found)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"label": None}, "label: error[value]: a ruleset has no empty value; leave the key out"),
        ({"tier": [{"id": "t", "pay": b"5"}]}, "tier.t.pay: error[value]: b'5' is not a value of a ruleset; allowed: texts, numbers, true and false, dates, lists, tables"),
        ({"effective_from": datetime(2025, 1, 1)}, "effective_from: error[value]: 2025-01-01 00:00:00 is not a value of a ruleset; allowed: texts, numbers, true and false, dates, lists, tables"),  # noqa: DTZ001 - no date of a ruleset
        ({"step": float("nan")}, "step: error[value]: is not a number"),
        ({"step": Decimal("Infinity")}, "step: error[value]: is not a finite number"),
        ({"step": Fraction(1, 3)}, "step: error[value]: has no finite decimal form"),
        ({"step": 10**30}, "step: error[value]: is too large: at most 18 digits before the decimal point"),
        ({"step": Decimal("1e999999")}, "step: error[value]: is too large: at most 18 digits before the decimal point"),
        ({"inputs": {1: {}}}, "inputs: error[value]: has the key 1; keys are texts"),
        ({"criterion": {1, 2}}, "error[value]: {1, 2} is not a value of a ruleset; allowed: texts, numbers, true and false, dates, lists, tables"),
        ({"inputs": object}, "inputs: error[value]: <class 'object'> is not a value of a ruleset; allowed: texts, numbers, true and false, dates, lists, tables"),
    ],
)  # fmt: skip
def test_values_that_no_file_has_are_rejected(change, said):
    """At their place, all at once."""
    found = findings({**DESK, **change})
    assert said in str(found[0])
    assert 2 == len(findings({**DESK, **change, "note": None}))


def test_a_text_that_is_no_date_is_rejected():
    """As in a file."""
    (finding,) = findings({**DESK, "effective_from": "1 May"})
    said = "must be a date such as 2025-01-01, not a text"
    assert ("effective_from", said) == (finding.place, finding.message())


def test_hostile_trees_end_in_one_error():
    """Cycles, depth, size: bounded time and memory, and a message that is short."""
    cyclic: dict[str, object] = dict(DESK)
    cyclic["note"] = cyclic
    deep: object = "x"
    for _ in range(100_000):
        deep = [deep]
    wide: object = ["x"] * 10
    for _ in range(30):
        wide = [wide] * 10
    trees = [
        (cyclic, "brackets are nested more than 32 deep"),
        ({**DESK, "note": deep}, "brackets are nested more than 32 deep"),
        ({**DESK, "note": wide}, "nested more than 32 deep|more than 20000 values"),
        ({**DESK, "note": [1] * 10**6}, "the text has more than 20000 values"),
        ({**DESK, "note": "x" * 10**6}, "characters, more than a ruleset may have"),
        ({**DESK, "x" * 10**6: 1}, "characters, more than a ruleset may have"),
    ]
    for tree, said in trees:
        with pytest.raises(RulesetError, match=said) as caught:
            Rubric.from_dict(tree)
        assert len(str(caught.value)) < 1_000
    for wrong in (None, "x", [], 5, Tier):
        with pytest.raises(TypeError, match="expected the tree of a ruleset file"):
            Rubric.from_dict(wrong)


SCALARS = st.one_of(
    st.booleans(),
    st.integers(-(10**18) + 1, 10**18 - 1),
    st.decimals(-1000, 1000, places=2),
    st.dates(),
    st.text(alphabet=st.characters(exclude_categories=["Cs", "Cc"]), max_size=5),
    st.sampled_from(["\x7f", "\t\n", '"', "\\", "a.b", "1..2", ""]),
)
WORDS = st.one_of(
    st.sampled_from(["id", "section", "criterion", "inputs", "raters", "bands", "when", "total"]),
    st.sampled_from(["tier", "label", "ratings", "example", "a", "weight", "points", "a b", "é", ""]),
    st.text(alphabet=st.characters(exclude_categories=["Cs", "Cc"]), max_size=3),
).map(lambda word: word.replace(".", "_"))  # fmt: skip
TREES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(WORDS, inner, max_size=4),
    max_leaves=12,
)


def whole(tree):
    """Return a tree whose whole decimals are ints, without keys of raters alone."""
    if isinstance(tree, dict):
        return {key: whole(value) for key, value in tree.items()}
    if isinstance(tree, list):
        return [whole(each) for each in tree]
    return int(tree) if isinstance(tree, Decimal) and tree == int(tree) else tree


@given(st.dictionaries(WORDS, TREES, max_size=5))
def test_the_text_of_any_tree_is_that_tree(tree):
    """Whatever its shape: no value is lost before it is checked."""
    assume("raters" not in tree)
    assert whole(tree) == plain(text_of_tree(tree))


@given(st.dictionaries(WORDS, TREES, max_size=5), rubrics(), st.data())
def test_any_tree_is_a_rubric_or_one_error(tree, rubric, data):
    """With findings, each with a path or a place in the text; never another exception."""
    known = rubric.to_dict()
    for key in data.draw(st.lists(st.sampled_from([*known]), max_size=3)):
        known[key] = data.draw(TREES)
    for each in (tree, known, {**known, **tree}):
        try:
            made = Rubric.from_dict(each)
        except RulesetError as error:
            assert error.findings
            assert str(error)
        else:
            assert made == Rubric.from_dict(made.to_dict())


# ---------------------------------------------------------------- replace


def test_a_value_is_replaced_at_its_place():
    """The rest stays as it is; the rubric itself does not change."""
    rubric = load("customer-service")
    changed = rubric.replace("section.personnel.leave.bands[1].points", 5)
    assert changed != rubric == load("customer-service")
    tree = rubric.to_dict()
    (leave,) = [c for c in tree["section"][0]["criterion"] if c["id"] == "leave"]
    leave["bands"][1]["points"] = 5
    assert tree == changed.to_dict()
    assert changed.origin.texts[0].file == "<dict>"


def paths(tree, path=()):
    """Yield the paths of all values of a tree."""
    pairs = (
        tree.items()
        if isinstance(tree, dict)
        else enumerate(tree)
        if isinstance(tree, list)
        else ()
    )
    for key, each in pairs:
        yield (*path, key)
        yield from paths(each, (*path, key))


SIMPLE = 'schema = 1\nid = "x"\ncriterion = [{ id = "a", weight = 100 }]\n'


@pytest.mark.parametrize(
    ("place", "value", "changed"),
    [
        ("tier.good.pay", 250, {"tier": [{"id": "good", "total": "any", "pay": 250}]}),
        ("tier[0].pay", 2.5, {"tier": [{"id": "good", "total": "any", "pay": Decimal("2.5")}]}),
        ("tier.good.pay", None, {"tier": [{"id": "good", "total": "any"}]}),
        ("tier.good", None, {"tier": []}),
        ("tier", None, {"tier": None}),
        ("tier.good.coefficient", 1, {"tier": [{"id": "good", "total": "any", "pay": 5, "coefficient": 1}]}),
        ("tier.good.coefficient", None, {}),
        ("tier[1]", Tier(id="low"), {"tier": [{"id": "good", "total": "any", "pay": 5}, {"id": "low"}]}),
        ("a.weight", 90, {"criterion": [{"id": "a", "weight": 90}]}),
        ("criterion.a.weight", 90, {"criterion": [{"id": "a", "weight": 90}]}),
        ("criterion[0].weight", 90, {"criterion": [{"id": "a", "weight": 90}]}),
        ("a.bands", [Band(points=1), Band(points="2..3")], {"criterion": [{"id": "a", "weight": 100, "bands": [{"points": 1}, {"points": "2..3"}]}]}),
        ("label", {"zh": "前台", "en": "Desk"}, {"label": {"zh": "前台", "en": "Desk"}}),
        ("effective_from", "2027-01-01", {"effective_from": date(2027, 1, 1)}),
        ("total.round", {"to": 1, "mode": "floor"}, {"total": {"round": {"to": 1, "mode": "floor"}}}),
        ("total.round", None, {}),
        ("total.round.to", None, {}),
        ("inputs.late", {"type": "count"}, {"inputs": {"late": {"type": "count"}}}),
        ("gate[0]", {"when": {"a": 0}, "unratable": True}, {"gate": [{"when": {"a": 0}, "unratable": True}]}),
    ],
)  # fmt: skip
def test_values_are_set_added_and_removed(place, value, changed):
    """Keys, items, parts, tables; None removes what is there."""
    rubric = loads(SIMPLE + 'tier = [{ id = "good", total = "any", pay = 5 }]\n')
    expected = {k: v for k, v in {**rubric.to_dict(), **changed}.items() if v not in (None, [])}
    made = rubric.replace(place, value)
    assert expected == {k: v for k, v in made.to_dict().items() if v != []}
    assert (made == rubric) is (changed == {})


def test_an_item_is_added_to_a_condition_and_a_label():
    """Their keys are free: the check judges them."""
    rubric = loads(
        SIMPLE + 'label = { en = "Desk" }\n[[gate]]\nwhen = { a = 0 }\nunratable = true\n'
    )
    assert {"en": "Desk", "zh": "前台"} == rubric.replace("label.zh", "前台").to_dict()["label"]
    both = rubric.replace("gate[0].when.points.a", ">= 1").to_dict()["gate"][0]["when"]
    assert {"a": 0, "points": {"a": ">= 1"}} == both
    nested = rubric.replace("gate[0].when", both).replace("gate[0].when.points.a", "> 1")
    assert {"a": 0, "points": {"a": "> 1"}} == nested.to_dict()["gate"][0]["when"]


@pytest.mark.parametrize(
    ("place", "value", "said"),
    [
        ("tier.god.pay", 5, 'tier.god.pay: "tier" has no "god"; did you mean "good"?'),
        ("teir.good", 5, 'teir.good: the ruleset has no "teir"; did you mean "tier"?'),
        ("tier.good.wage", 5, 'tier.good.wage: "tier.good" has no "wage"; it has: id, total, pay, label, coefficient'),
        ("tier[1].pay", 5, 'tier[1].pay: "tier" has no "[1]"; it has: good, [0]'),
        ("tier[2]", Tier(id="x"), 'tier[2]: "tier" has no "[2]"; it has: good, [0]'),
        ("tier[1]", None, 'tier[1]: "tier" has no "[1]"; it has: [0]'),
        ("tier.good.pay.x", 5, 'tier.good.pay.x: "tier.good.pay" has no parts'),
        ("tier.good.label.zh", "x", 'tier.good.label.zh: "tier.good.label" has no parts'),
        ("inputs.late", None, 'inputs.late: "inputs" has no "late"; it has: slips'),
        ("inputs.late.type", "flag", 'inputs.late.type: "inputs" has no "late"; it has: slips'),
        ("extends", "customer-service", 'extends: the ruleset has no "extends"; it has: id, '),
        ("", 5, ': the ruleset has no ""; it has: id, '),
    ],
)  # fmt: skip
def test_unknown_places_are_rejected(place, value, said):
    """With what there is, and what was probably meant."""
    rubric = loads(
        SIMPLE
        + 'tier = [{ id = "good", total = "any", pay = 5 }]\n[inputs.slips]\ntype = "count"\n'
    )
    with pytest.raises(PlaceError) as caught:
        rubric.replace(place, value)
    assert str(caught.value).startswith(said)
    assert place == caught.value.place
    assert isinstance(caught.value, LookupError)
    assert caught.value.text("zh")


def test_a_place_of_several_parts_is_rejected():
    """Parts with one id, and a criterion whose id is a key of its section."""
    rubric = Rubric(id="x", tiers=[Tier(id="t", total="< 50"), Tier(id="t", total=">= 50")])
    with pytest.raises(PlaceError, match=r"several parts of the ruleset have this place; name one"):
        rubric.replace("tier.t.pay", 5)
    assert 5 == rubric.replace("tier[1].pay", 5).tiers[1].pay
    odd = Rubric.from_dict(
        {
            "schema": 1,
            "id": "x",
            "section": [{"id": "s", "criterion": [{"id": "weight", "weight": 100}]}],
        }
    )
    with pytest.raises(PlaceError, match="several parts"):
        odd.replace("section.s.weight", "0..5")
    assert 5 == odd.replace("section.s.weight.scale", 5).sections[0].criteria[0].scale
    assert 5 == odd.replace("section.s.criterion.weight.scale", 5).sections[0].criteria[0].scale


def test_a_wrong_value_is_a_finding_at_its_place():
    """Values are checked at once; the scheme, when it is checked or evaluated."""
    rubric = loads(SIMPLE)
    with pytest.raises(RulesetError) as caught:
        rubric.replace("a.weight", [])
    (finding,) = caught.value.findings
    assert ("value", "a.weight") == (finding.code, finding.place)
    with pytest.raises(RulesetError, match='"id" is missing'):
        rubric.replace("id", None)
    assert 90 == rubric.replace("a.weight", 90).criteria[0].weight
    with pytest.raises(TypeError, match="expected a place, such as tier"):
        rubric.replace(5, 5)


@share(1 / 2)
@given(rubrics(), st.data())
def test_a_value_replaced_by_itself_changes_nothing(rubric, data):
    """At any place of any rubric; another value changes this place alone."""
    from kpirules.toml.tree_places import path_of, place_in

    tree = rubric.to_dict()
    # the list of criteria has the place of its section
    path = data.draw(st.sampled_from([each for each in paths(tree) if each[-1] != "criterion"]))
    place = place_in(tree, path)
    try:
        assert path == path_of(tree, place)
    except PlaceError as error:
        # a criterion whose id is a key of its section
        assert error.several
        return
    value = tree
    for step in path:
        value = value[step]
    assert rubric == rubric.replace(place, value)
    other = data.draw(st.sampled_from([1, "0..1", True, "x", {"en": "x"}, "a + 1", [], None]))
    try:
        made = rubric.replace(place, other).to_dict()
    except RulesetError:
        return
    for each in (made, tree):
        at = each
        for step in path[:-1]:
            at = at[step] if not isinstance(at, dict) or step in at else {}
        if isinstance(path[-1], int) and other is None:
            at.clear()
        elif isinstance(at, dict):
            at.pop(path[-1], None)
        else:
            at[path[-1]] = None
    # a list whose only item is removed is not written
    tree, made = ({k: v for k, v in each.items() if v != []} for each in (tree, made))
    assert tree == made


def test_the_tree_is_a_new_one_each_time():
    """A program may change it."""
    rubric = load("customer-service")
    tree = rubric.to_dict()
    tree["tier"].clear()
    assert rubric.to_dict()["tier"]
    given_tree = copy.deepcopy(rubric.to_dict())
    Rubric.from_dict(given_tree)
    assert rubric.to_dict() == given_tree
