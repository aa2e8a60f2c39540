"""Values of the model: their short forms, what they reject, and that they are values."""

from __future__ import annotations

import re
import subprocess
import sys
from datetime import UTC, date, datetime
from decimal import Decimal
from fractions import Fraction
from random import Random

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

import kpirules.model
from kpirules import KpirulesError, check, dumps, load_file, loads
from kpirules.api.load import check_text
from kpirules.arithmetic.range import Range
from kpirules.errors import ModelError
from kpirules.model import (
    Adjustment,
    Band,
    BandTable,
    Condition,
    Criterion,
    Derived,
    Example,
    Gate,
    Input,
    Option,
    Outcome,
    Pay,
    Rater,
    Rounding,
    Rubric,
    Ruling,
    Section,
    Text,
    Tier,
    Total,
    When,
)
from kpirules.model.quantity import Cells
from kpirules.model.values import Value
from kpirules.testing import rubrics
from kpirules.toml.parser import parse
from kpirules.toml.writer import fingerprint
from tests import ROOT


FILES = sorted([*ROOT.glob("rulesets/*/*.rubric.toml"), *ROOT.glob("tests/cases/*.rubric.toml")])
TEXTS = [file.read_text("utf-8") for file in FILES]


def spans(*texts):
    """Return ranges."""
    return tuple(map(Range.parse, texts))


def bare(*entries):
    """Return the condition of entries without a name."""
    return When(conditions=(Condition(name="", entries=entries),))


# ---------------------------------------------------------------- short forms


@pytest.mark.parametrize(
    ("expected", "made"),
    [
        (spans("60..100"), Tier(id="a", total="60..100").total),
        ((Range.exactly(5), *spans("> 7")), Tier(id="a", total=[5, "> 7"]).total),
        ((Range.exactly(5),), Tier(id="a", total=5).total),
        (Decimal(200), Tier(id="a", pay=200).pay),
        (Decimal("0.1"), Tier(id="a", coefficient=0.1).coefficient),
        (Decimal("0.125"), Tier(id="a", coefficient=Fraction(1, 8)).coefficient),
        (bare(Range.exactly(0)), Band(when=0).when),
        (bare(*spans(">= 3")), Band(when=">= 3").when),
        (bare(True), Band(when=True).when),
        (bare("late", *spans("1..2")), Band(when=["late", "1..2"]).when),
        (When(otherwise=True), Band(when="otherwise").when),
        (
            When(
                conditions=[
                    Condition(name="late", entries="1..2"),
                    Condition(name="a.b", entries=True),
                ]
            ),
            Gate(when={"late": "1..2", "a": {"b": True}}).when,
        ),
        (Decimal(6), Band(points=6).points),
        (Decimal(6), Band(points="6").points),
        (Range.parse("0..10"), Band(points="0..10").points),
        (Text.of("A"), Tier(id="a", label="A").label),
        (Text.of({"en": "A", "zh": "甲"}), Tier(id="a", label={"zh": "甲", "en": "A"}).label),
        (Range.parse("0..10"), Total(clamp="0..10").clamp),
        (Rounding(to=1, mode="up"), Total(round={"to": "1", "mode": "up"}).round),
        (
            (Option(code="a"), Option(code="b")),
            Input(name="x", type="choice", options=["a", "b"]).options,
        ),
        (
            (Option(code="a", label="A"), Option(code="b", label="b")),
            Input(name="x", type="choice", options={"a": "A", "b": "b"}).options,
        ),
        (
            (Option(code="a", label="A"), Option(code="b", label="b")),
            Input(name="x", type="choice", options=[Option(code="a", label="A"), "b"]).options,
        ),
        (date(2026, 1, 31), Rubric(id="x", effective_from="2026-01-31").effective_from),
        (
            (("a.b", Decimal(1)), ("c", (Decimal(2), True))),
            Example(name="x", ratings={"a": {"b": 1}, "c": [2, True]}).ratings,
        ),
        ((("a", Decimal(1)),), Example(name="x", ratings=(("a", 1),)).ratings),
        ("sum", Rubric(id="x", weights_total="sum").weights_total),
        (Decimal(5), Criterion(id="a", missing=5).missing),
        ((Band(points=1),), BandTable(name="x", rows=[Band(points=1)]).rows),
        ("table", Derived(name="x", bands="table").bands),
        (("a", "b"), Pay(components=["a", "b"]).components),
    ],
)
def test_short_forms_are_converted(expected, made):
    """Python accepts the notations of a file, and also lists, numbers and ISO dates."""
    assert expected == made
    assert expected.__class__ is made.__class__


def test_a_text_of_another_class_becomes_a_plain_text():
    """No instance of a third-party class is stored."""
    assert str is Tier(id=type("Word", (str,), {})("a")).id.__class__


# ---------------------------------------------------------------- rejected values


@pytest.mark.parametrize(
    ("expected", "make"),
    [
        (
            'Input.type = \'integer\': must be one of "count", "number", "choice", "flag"',
            lambda: Input(name="x", type="integer"),
        ),
        ("Input.type: must be one of", lambda: Input(name="x", type=None)),
        (
            'Input.better = \'more\': must be one of "higher", "lower"',
            lambda: Input(name="x", type="count", better="more"),
        ),
        ("Input.step = 0: must be more than 0", lambda: Input(name="x", type="number", step=0)),
        ("Input.step = -1: must be more than 0", lambda: Input(name="x", type="number", step=-1)),
        (
            "Input.default = [1]: a list has no default",
            lambda: Input(name="x", type="number", many=True, default=[1]),
        ),
        (
            "Input.many = 1: must be true or false, not a number",
            lambda: Input(name="x", type="number", many=1),
        ),
        (
            "Input.options = 5: must be a list of codes",
            lambda: Input(name="x", type="choice", options=5),
        ),
        (
            "Input.options.a = 5: must be a text or a table",
            lambda: Input(name="x", type="choice", options={"a": 5}),
        ),
        (
            "an option is there twice",
            lambda: Input(name="x", type="choice", options=[Option(code="a", label="A"), "a"]),
        ),
        (
            'Criterion.missing = \'ignore\': must be one of "error", "zero", "exclude" or a number of points',
            lambda: Criterion(id="a", missing="ignore"),
        ),
        ("Criterion.missing = True: must be", lambda: Criterion(id="a", missing=True)),
        ('did you mean "skip"?', lambda: Adjustment(id="a", points=1, missing="skipp")),
        ("Criterion: is given by points, not by value", lambda: Criterion(id="a", value=5)),
        ("Derived: is given by value, not by points", lambda: Derived(name="a", points=5)),
        ("Criterion.weight = -1: must be 0 or more", lambda: Criterion(id="a", weight=-1)),
        ("Criterion.scale = 0: must be more than 0", lambda: Criterion(id="a", scale=0)),
        ("Criterion.weight = nan: is not a number", lambda: Criterion(id="a", weight=float("nan"))),
        (
            "Criterion.weight = 1/3: has no finite decimal form",
            lambda: Criterion(id="a", weight=Fraction(1, 3)),
        ),
        (
            "Criterion.weight = True: must be a number, not true or false",
            lambda: Criterion(id="a", weight=True),
        ),
        (
            "Criterion.bands = (5,): item 0 must be a Band, not a number",
            lambda: Criterion(id="a", bands=(5,)),
        ),
        (
            "Criterion.round.mode = 'half_upp': must be one of",
            lambda: Criterion(id="a", round={"to": 1, "mode": "half_upp"}),
        ),
        ("Criterion.round", lambda: Criterion(id="a", round={"too": 1})),
        ("Criterion.round = 5: must be { to = 0.1, mode", lambda: Criterion(id="a", round=5)),
        ("Rater.weight = -1: must be 0 or more", lambda: Rater(name="a", weight=-1)),
        (
            "Rounding.to = 0: must be more than 0",
            lambda: Rounding(to=0, mode="up"),
        ),
        ('did you mean "half_up"?', lambda: Rounding(to=1, mode="half_upp")),
        ("Rubric.schema = 99: this is schema 99", lambda: Rubric(id="x", schema=99)),
        ("Rubric.schema = True: must be a number", lambda: Rubric(id="x", schema=True)),
        ("Rubric.id = 'BAD ID': 'BAD ID' is not an id", lambda: Rubric(id="BAD ID")),
        (
            'Rubric.period = \'monthly\': must be one of "month", "quarter", "half", "year"; did you mean "month"?',
            lambda: Rubric(id="x", period="monthly"),
        ),
        (
            "Rubric.currency = 'yuan': must be three capital letters such as \"CNY\"",
            lambda: Rubric(id="x", currency="yuan"),
        ),
        ('did you mean "CNY"?', lambda: Rubric(id="x", currency="cny")),
        (
            'Rubric.weights_total = \'summ\': must be "sum" or a number; did you mean "sum"?',
            lambda: Rubric(id="x", weights_total="summ"),
        ),
        (
            "Rubric.weights_total = 0: must be more than 0",
            lambda: Rubric(id="x", weights_total=0),
        ),
        (
            "Rubric.full_marks = -5: must be more than 0",
            lambda: Rubric(id="x", full_marks=-5),
        ),
        ("Rubric.full_marks = 'x': 'x' is not a number", lambda: Rubric(id="x", full_marks="x")),
        ("Rubric.step = 0: must be more than 0", lambda: Rubric(id="x", step=0)),
        (
            "must be a date such as 2025-01-01, not '2026'",
            lambda: Rubric(id="x", effective_from="2026"),
        ),
        (
            "must be a date such as 2025-01-01, not a date or time",
            lambda: Rubric(id="x", effective_from=datetime(2026, 1, 1, tzinfo=UTC)),
        ),
        ("must be a Total, not a number", lambda: Rubric(id="x", total=5)),
        (
            'the name "a" is there twice',
            lambda: Rubric(id="x", inputs=[Input(name="a", type="flag")] * 2),
        ),
        ("Rubric.inputs = 'a': must be a list, not a text", lambda: Rubric(id="x", inputs="a")),
        ("must be a list, not {1}", lambda: Rubric(id="x", inputs={1})),
        (
            "Tier.total[1] = '9..2': the range '9..2' is empty",
            lambda: Tier(id="a", total=["1..2", "9..2"]),
        ),
        (
            "Tier.total = '1…5': '1…5': write \"..\" between the ends",
            lambda: Tier(id="a", total="1…5"),
        ),
        ("is not Unicode text", lambda: Tier(id="a", label="\ud800")),
        ("must be a text in quotes, not a number", lambda: Tier(id=5)),
        ("Total.clamp = 5: must be a range in quotes", lambda: Total(clamp=5)),
        (
            "Total.clamp = 1/3..1: has no finite decimal form",
            lambda: Total(clamp=Range.closed(Fraction(1, 3), 1)),
        ),
        ("is neither before nor after its number", lambda: Total(clamp=Range((0, 0), (1, 2)))),
        ("Total.minimum_scored = 0: must be 1 or more", lambda: Total(minimum_scored=0)),
        ("must be a whole number, 0 or more", lambda: Total(minimum_scored=1.5)),
        ("Gate.demote = 0: must be 1 or more", lambda: Gate(when={"a": 1}, demote=0)),
        ("Gate.when: has no condition", lambda: Gate(when={})),
        ("Gate.when.a = []: an empty list never holds", lambda: Gate(when={"a": []})),
        ("Gate.when.a[1]: must be a number, not None", lambda: Gate(when={"a": [1, None]})),
        ("Gate.when = {1: 1}: must be a text in quotes", lambda: Gate(when={1: 1})),
        (
            'has conditions, and is "otherwise"',
            lambda: When(conditions=bare(1).conditions, otherwise=True),
        ),
        ("write When(otherwise=True)", lambda: bare("otherwise")),
        (
            "When.conditions = ",
            lambda: When(conditions=[Condition(name="a", entries=1)] * 2),
        ),
        ("must be a text or a table by language", lambda: Tier(id="a", label=5)),
        ("is not a language tag", lambda: Text.of({"?": "x"})),
        ("'' is not a language tag", lambda: Text((("", "x"), ("en", "y")))),
        ("has two texts in one language", lambda: Text((("en", "x"), ("en", "y")))),
        ("has no text in any language", lambda: Text.of({})),
        ("must be a table or (name, value) pairs, not a number", lambda: Text((5,))),
        ("Example.ratings = 5: must be a table", lambda: Example(name="a", ratings=5)),
        (
            "Example.ratings.a: must be a number",
            lambda: Example(name="a", ratings={"a": None}),
        ),
        ("a name is there twice", lambda: Example(name="a", ratings=(("a", 1), ("a", 2)))),
        ("an empty table has no value", lambda: Band(value={})),
        ("Cells.by_entry = (): an empty table", lambda: Cells(by_entry=())),
        ("Cells.by_entry = ", lambda: Cells(by_entry=(("a", 1), ("a", 2)))),
        ("Band.points.a = Tier", lambda: Band(points={"a": Tier(id="t")})),
        ("Cells.by_entry.a = Tier", lambda: Cells(by_entry={"a": Tier(id="t")})),
        ("Band.formula.a = 3: must be a text", lambda: Band(formula=Cells(by_entry={"a": 3}))),
        (
            "Ruling.accepts[0] = 5: must be a text",
            lambda: Ruling(clause="1", conflict="x", decision="y", accepts=[5]),
        ),
    ],
)
def test_invalid_values_are_rejected_with_their_path(expected, make):
    """With the class, the field, the value, the allowed values, and the probable meaning."""
    with pytest.raises(ModelError) as caught:
        make()
    assert expected in str(caught.value)
    assert isinstance(caught.value, KpirulesError)
    assert isinstance(caught.value, ValueError)


def test_all_problems_of_a_part_are_reported_together():
    """A line for each problem."""
    with pytest.raises(ModelError) as caught:
        Tier(id="a b", total=["1..2", "x"], pay="y")
    assert ["Tier.id", "Tier.total[1]", "Tier.pay"] == [
        line.partition(" ")[0] for line in str(caught.value).splitlines()
    ]
    assert [("id",), ("total", 1), ("pay",)] == [path for path, _, _ in caught.value.problems]


@pytest.mark.parametrize(
    ("key", "value", "expected"),
    [
        ("period", '"monthly"', 'did you mean "month"?'),
        ("currency", '"cny"', 'did you mean "CNY"?'),
        ("weights_total", '"summ"', 'did you mean "sum"?'),
        ("inputs.a.type", '"cuont"', 'did you mean "count"?'),
        ("inputs.a.better", '"hihger"', 'did you mean "higher"?'),
        ("total.round.mode", '"half_upp"', 'did you mean "half_up"?'),
        ("defaults.missing", '"exlude"', 'did you mean "exclude"?'),
        ("outcome.a.missing", '"skipp"', 'did you mean "skip"?'),
    ],
)
def test_a_wrong_word_of_a_file_is_found_at_its_place(key, value, expected):
    """With the list of words; nothing else hides it, and it hides nothing."""
    text = f'schema = 1\nid = "x"\n{key} = {value}\nfull_marks = 0\ncriterion = [{{ id = "a", weight = 100 }}]\n'
    found = [f for f in check_text(text) if f.code == "value"]
    assert any(
        (expected in f.message() and "must be" in f.message() and 3 == f.spots[0].line)
        or "defaults" in key
        for f in found
    )
    assert any(f.spots[0].line == 4 for f in found)


# ---------------------------------------------------------------- values


SAME = [
    [
        Band(points=100),
        Band(points=Decimal(100)),
        Band(points=Decimal("100.0")),
        Band(points="100"),
        Band(points=100.0),
        Band(points=Decimal("1E+2")),
    ],
    [Band(label={"zh": "甲", "en": "A"}, points=1), Band(label={"en": "A", "zh": "甲"}, points=1)],
    [
        Band(when=">= 3", points=1),
        Band(when="≥3", points=1),
        Band(when=[">=3"], points=1),
        Band(when=Range((Decimal(3), 0)), points=1),
    ],
    [Band(when="1..2", points=1), Band(when={"": "1..2"}, points=1)],
    [Band(when="1..1", points=1), Band(when=1, points=1)],
]


@pytest.mark.parametrize("bands", SAME)
def test_equal_rubrics_have_equal_fingerprints(bands):
    """In any notation: equal, with one hash and one text."""
    made = [
        Rubric(id="x", criteria=[Criterion(id="a", weight=100, bands=[band])]) for band in bands
    ]
    assert 1 == len({*made}) == len({fingerprint(rubric) for rubric in made})
    assert {made[0]} == {parse(dumps(rubric), "x") for rubric in made}
    assert {fingerprint(made[0])} == {fingerprint(parse(dumps(rubric), "x")) for rubric in made}


def test_true_is_not_1():
    """Neither in a default, nor in an example."""
    assert Input(name="a", type="flag", default=True) != Input(name="a", type="flag", default=1)
    assert Example(name="a", ratings={"a": [True]}) != Example(name="a", ratings={"a": [1]})


def test_an_empty_list_equals_a_missing_one():
    """Of criteria, in a section or not, and of tiers."""
    text = 'schema = 1\nid = "x"\noutcome.a = { value = 1 }\n'
    assert loads(text) == loads(
        f"{text}criterion = []\ntier = []\n".replace("outcome.a =", "outcome.a =")
    )
    assert (
        Section(id="a")
        == parse('schema = 1\nid = "x"\nsection = [{ id = "a", criterion = [] }]', "x").sections[0]
    )


def test_values_are_immutable():
    """Lists and tables of the caller are copied."""
    label, entries, bands = {"en": "A"}, [1], [Band(points=1)]
    rubric = Rubric(
        id="x",
        label=label,
        gates=[Gate(when={"a": entries}, refuse=True)],
        criteria=[Criterion(id="a", weight=100, bands=bands)],
    )
    before = hash(rubric), dumps(rubric)
    label["en"] = "B"
    entries.append(2)
    bands.append(Band(points=2))
    assert before == (hash(rubric), dumps(rubric))
    for part in (rubric, rubric.label, rubric.gates[0].when.conditions[0]):
        with pytest.raises(attrs.exceptions.FrozenInstanceError):
            part.name = "y"


def test_a_part_cannot_be_inherited():
    """It is a value."""
    with pytest.raises(TypeError, match="hold one in a class of yours"):
        type("Mine", (Derived,), {})


SHIPPED = {
    "accountant": "89996ea272495a2814b24cd211e1c01aad8dfffe0994ede09375150d21f36935",
    "customer-service": "be6623fb4c3d3b433fccbdf5f44337780b923fcf10088550f7d6046007310ae8",
    "customer-service-scored": "14f5acc43990901ba9092ab80eeceffc216ea90e954c91366826752f3e3995d4",
    "developer": "0d816b8fde2932671b5f28758b7bfb725904b51b97cd17c957d596a881bf9fdd",
    "e-commerce-customer-service": "da7c096bd9de20c5335d540758d12204cdbfb1f92c415c93a09a6ef8a16c1495",
    "equipment-officer": "940e7827506587d365c6d6d46a1da9764d0c56becce4e2dcd54db5e1c23beb7e",
    "warehouse-keeper": "3c329fdafd4b07919a8d2431f9a748e329b9e118f47348d5c2c3d60283f43396",
}


@pytest.mark.parametrize("id_", sorted(SHIPPED))
def test_the_fingerprints_of_shipped_rulesets_are_known(id_):
    """They change only when the ruleset does: stored results name them."""
    (file,) = ROOT.glob(f"rulesets/{id_}/2025-01-01.rubric.toml")
    assert SHIPPED[id_] == fingerprint(load_file(file))


# ---------------------------------------------------------------- odd rubrics


ODD = ["", "x", "any", "3..7", "missing", "otherwise", "a.b", "a..b", ".a", "a b", "late", "total"]
ODD += ["points.a", 'é\n"', "\t\x7f", "1 / 0", "sum", "error", "A.b-c", "3", "CNY", "month", "half"]
ODD += [0, 1, -1, 100, Decimal("0.5"), 1.5, 10**17, Fraction(1, 8), -2.5, Decimal("1E+3")]
ODD += ["0..10", "< 0", "> 3", "5..5", "80 .. < 90", "-3..-1", "0..999999999999999999"]
ODD += [True, False, None, (), [], ["a", "b"], [1, ">= 3"], {"a": 1}, {"zh": "x", "en": "y"}]
ODD += [{"a.b": 1, "a": 2, "a.b.c": 3}, {"a": {"b": [1, 2]}}, date(2026, 1, 1), "2026-01-31"]
ODD += ["higher", "count", "flag", "choice", "number", "zero", "exclude", "skip", "half_up"]

MORE = [
    lambda text: Input(name=text, type="count"),
    lambda text: Tier(id=text),
    lambda text: Band(points=1),
    lambda text: Gate(when={text: 1}, demote=1),
    lambda text: Outcome(name=text, value=text),
    lambda text: Derived(name=text, formula=text),
    lambda text: Adjustment(id=text, points=-3),
    lambda text: Rater(name=text, weight=0),
    lambda text: BandTable(name=text, rows=[]),
    lambda text: Ruling(clause=text, conflict=text, decision=text, accepts=[text]),
    lambda text: Example(name=text, ratings={text: 1}, expect={text: True}),
    lambda text: Section(id=text),
    lambda text: Criterion(id=text, weight=text),
]


def parts(value, path=()):
    """Yield all parts of a value, each with its path."""
    if isinstance(value, Value):
        yield path, value
        for field in attrs.fields(value.__class__):
            if field.init:
                yield from parts(getattr(value, field.name), (*path, field.name))
    elif isinstance(value, tuple):
        for i, item in enumerate(value):
            yield from parts(item, (*path, i))


def replaced(value, path, new):
    """Return a value with another part at a path."""
    if not path:
        return new
    step, *rest = path
    if isinstance(step, int):
        return (*value[:step], replaced(value[step], rest, new), *value[step + 1 :])
    return attrs.evolve(value, **{step: replaced(getattr(value, step), rest, new)})


def changed(rubric, random):
    """Return a rubric with one field of a part changed to any other valid value."""
    for _ in range(20):
        path, part = random.choice(list(parts(rubric)))
        field = random.choice([f for f in attrs.fields(part.__class__) if f.init])
        old, new = getattr(part, field.name), random.choice(ODD)
        try:
            if isinstance(old, tuple) and random.random() < 0.7:
                more = random.choice(MORE)(random.choice([o for o in ODD if isinstance(o, str)]))
                new = random.choice([[*old, more], [*old, *old[:1]], list(old)[:-1]])
            return replaced(rubric, path, attrs.evolve(part, **{field.name: new}))
        except ModelError:
            continue
    return rubric


def told(findings):
    """Return the messages of findings, without their locations."""
    return {(f.code, f.place, f.message()) for f in findings}


@given(rubrics(), st.integers(0, 2**32), st.integers(1, 4))
def test_a_rubric_built_in_python_is_checked_as_its_text(rubric, seed, changes):
    """Each rubric that can be made is written, read back as it was, and has the same findings."""
    random = Random(seed)
    for _ in range(changes):
        rubric = changed(rubric, random)
    text = dumps(rubric)
    back = parse(text, "x")
    assert rubric == back
    assert hash(rubric) == hash(back)
    assert fingerprint(rubric) == fingerprint(back)
    assert told(check_text(text)) == told(check(rubric))


# ---------------------------------------------------------------- damaged texts


NUMBERS = ["-1", "0", "-2.5", "1e30", "0.001", "33.34", "999999999999999999", "100", "7"]
WORDS = ['""', '"any"', '"missing"', '"otherwise"', '"sum"', "true", "[]", "{}", "3", "nan", "inf"]
KEYS = ["clamp", "range", "scale", "weight", "points", "formula", "step", "round", "value", "of"]
EDITS = [
    (r"(?<![\w\"])-?\d+(\.\d+)?", NUMBERS),
    (r'-?\d+(\.\d+)?(?=[^"\n]*")', NUMBERS),
    (r'"[^"\n]{0,30}"', WORDS),
    (r"(?m)^[a-z_.]+ = .*\n", [""]),
    (r', [a-z_]+ = ("[^"]*"|[\d.]+|\[[^\]]*\])', [""]),
    (r"[a-z_]+(?= = )", KEYS),
]


@given(st.sampled_from(TEXTS), st.integers(0, 2**32), st.integers(1, 3))
def test_a_damaged_text_ends_in_findings(text, seed, edits):
    """Numbers, words and keys changed or dropped: nothing is raised."""
    random = Random(seed)
    for _ in range(edits):
        pattern, others = random.choice(EDITS)
        places = list(re.finditer(pattern, text))
        if places:
            place = random.choice(places)
            text = text[: place.start()] + random.choice(others) + text[place.end() :]
    assert all(finding.message() for finding in check_text(text))


def test_the_parts_of_a_ruleset_are_imported_when_they_are_used():
    """Listing rulesets needs none; a name that the package does not have is an error."""
    code = (
        "import sys, kpirules.registry.catalog, kpirules.model as m; "
        "assert 'kpirules.model.rubric' not in sys.modules; "
        "from kpirules.model import Rubric, Tier; "
        "assert Rubric is m.Rubric is sys.modules['kpirules.model.rubric'].Rubric"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
    with pytest.raises(AttributeError, match=r"module 'kpirules\.model' has no attribute 'Tears'"):
        kpirules.model.Tears  # noqa: B018 - it is looked up
