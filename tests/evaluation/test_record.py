"""What a record's values may be: each is taken by what it is, or rejected with words."""

from __future__ import annotations

import array
import enum
import itertools
import math
import re
from collections import deque
from decimal import Decimal
from fractions import Fraction
from types import MappingProxyType

import duckdb
import narwhals as nw
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

import kpirules
from kpirules import InputError, KpirulesError, evaluate, evaluate_frame, loads, ratings_schema
from kpirules.arithmetic.number import NotExactError, exact
from kpirules.compiler.plan import Plan
from kpirules.errors import FrameError, RowsError
from kpirules.evaluation.record import FLAGS, RefusedError, is_missing, readers_of
from kpirules.sheets.batch import entries
from kpirules.testing import records, rubrics
from tests.drawing import share


RUBRIC = loads("""
schema = 1
id = "kinds"
step = 0.5
inputs.n = { type = "number", range = "-100..1000" }
inputs.c = { type = "count" }
inputs.p = { type = "number", unit = { en = " % ", zh = "百分比" } }
inputs.f = { type = "flag" }
inputs.many = { type = "number", many = true }
inputs.shares = { type = "count", many = true, unit = "％" }
inputs.digits = { type = "choice", options = { 1 = "one", 2 = "two", "2.5" = "more", "01" = "first" } }
[inputs.o]
type = "choice"
[inputs.o.options]
met = { en = "Done", zh = "达标" }
Late = { en = "Too late", zh = "迟" }
none = { en = "Done twice", de = "Größer" }
LATE = { en = "DONE TWICE" }
[[criterion]]
id = "r"
weight = 100
missing = "zero"
[[criterion]]
id = "say"
scored = false
""")


#: numbers on both sides of every limit of the inputs below
ITEMS = st.one_of(
    st.integers(-2, 12),
    st.decimals(-2, 12, places=2),
    st.decimals(-2, 12, places=1).map(float),
    st.sampled_from(
        [
            *map(Decimal, ("0E+30", "1E+17", "1E+18", "1E-18", "1E-19", "1E+999999", "NaN")),
            *map(Decimal, ("-Infinity", "0.50", "999999999999999999.5", "1E-999999")),
            *(10**18, 10**18 - 1, -(10**18), True, Fraction(1, 3), "2.5", None),
        ]
    ),
)
LISTS = [
    'type = "number"',
    'type = "number", range = "> 0 .. < 10", step = 0.25',
    'type = "number", range = "0..10"',
    'type = "count"',
    'type = "count", range = "1..5", step = 2',
]


@pytest.mark.parametrize("kind", LISTS)
@given(items=st.lists(ITEMS, max_size=5))
def test_a_list_is_read_as_each_of_its_numbers(kind, items):
    """The same numbers, and the first that is not allowed; units count the numbers."""
    head = 'schema = 1\nid = "x"\ncriterion = [{ id = "a", weight = 100, missing = "zero" }]\n'
    readers = readers_of(
        Plan(loads(f"{head}inputs.one = {{ {kind} }}\ninputs.all = {{ {kind}, many = true }}\n"))
    )
    expected = []
    for i, item in enumerate(items, 1):
        try:
            expected.append(readers["one"].read(item))
        except RefusedError as error:
            with pytest.raises(RefusedError) as caught:
                readers["all"].read(items)
            assert f"{error.reason.text()} (number {i} of {len(items)})" == str(caught.value)
            return
    found = readers["all"].read(items)
    assert expected == [*found]
    assert [*map(type, expected)] == [*map(type, found)]
    if found.units is not None:
        units, below = found.units
        assert expected == [Fraction(unit, below) for unit in units]


@given(st.lists(st.integers(0, 9) | st.decimals(0, 9, places=2), min_size=1, max_size=5))
def test_a_list_of_integers_and_decimals_is_counted_in_units(items):
    """The smallest unit that all of them need."""
    reader = readers_of(Plan(RUBRIC))["many"]
    units, below = reader.read(items).units
    assert math.lcm(*(Fraction(item).denominator for item in items)) == below
    assert [item * below for item in items] == units


class Text(str):
    """A text of a class of its own."""

    __slots__ = ()


class Word(enum.StrEnum):
    """A text that is one of some."""

    MET = "met"
    YES = "yes"


class Count(enum.IntEnum):
    """A whole number that is one of some."""

    ONE = 1


class Money(Decimal):
    """A number of a class of its own, which spells itself otherwise."""

    def __str__(self):
        return "money"

    __repr__ = __str__

    def __format__(self, spec):
        return "money"


class Third(Fraction):
    """A fraction of a class of its own."""


def named(value):
    """Name a case by its type and its value; addresses differ from run to run."""
    return re.sub(r" at 0x[0-9a-f]+", "", f"{type(value).__name__} {value!r}")


def read(name, value):
    """What the result says was given."""
    return evaluate(RUBRIC, {name: value}).inputs[name]


def problem(name, value):
    """What is wrong with a value, without what is allowed."""
    with pytest.raises(InputError) as caught:
        evaluate(RUBRIC, {name: value})
    (found,) = caught.value.problems
    return found.message()


@pytest.mark.parametrize(
    ("expected", "value"),
    [
        *((Decimal("99.5"), kind(99.5)) for kind in (np.float16, np.float32, np.float64, np.longdouble)),
        (Decimal("0.1"), np.float16(0.1)),
        (Decimal("0.1"), np.float32(0.1)),
        *((Decimal(7), kind(7)) for kind in (np.int8, np.int16, np.int32, np.int64)),
        *((Decimal(7), kind(7)) for kind in (np.uint8, np.uint16, np.uint32, np.uint64)),
        (Decimal("7.5"), Money("7.50")),
        (Fraction(1, 3), Third(1, 3)),
        (Decimal(1), Count.ONE),
        (Decimal(7), Text(" 7 ")),
        (Decimal(7), np.str_("7")),
    ],
    ids=named,
)  # fmt: skip
def test_numbers_of_other_classes_are_their_numbers(expected, value):
    """Each exactly, narrow floats by their own shortest spelling; as a frame has it too."""
    assert expected == read("n", value)
    assert {int, Decimal, Fraction} >= {type(read("n", value))}
    frame = pd.DataFrame({"n": pd.Series([value, "x"], dtype=object), "r": [1, 1]})
    errors = evaluate_frame(RUBRIC, frame.iloc[:1], on_error="column")["error"]
    assert [None] == [None if pd.isna(e) else e for e in errors]


@pytest.mark.parametrize(
    ("expected", "value"),
    [
        ("is true or false, not a number", True),
        ("is true or false, not a number", np.True_),
        ("is not a number but of type timedelta64", np.timedelta64(7, "D")),
        ("is not a number but of type datetime64", np.datetime64("2026-10-31")),
        ("is not a number but of type Timestamp", pd.Timestamp("2026-10-31")),
        ("is not a number but of type Timedelta", pd.Timedelta(7)),
        ("is not a number but of type complex128", np.complex128(1)),
        ("is not a number but of type ndarray", np.array(7)),
        ("is not a number but of type type", np.bool_),
        ("is not a number", float("nan")),
        ("is not a number", np.float32("nan")),
        ("is not a number", Decimal("nan")),
        ("is not a finite number", np.float64("inf")),
        ("is not a number", Text("seven")),
        ("is not a number", "%"),
        ("is not a number", "9%5"),
        ("is not a number", "95%%"),
        ("is out of range", np.int64(2000)),
    ],
    ids=named,
)
def test_what_is_not_a_number_is_rejected_with_words(expected, value):
    """No traceback from within, and never the number of days."""
    assert expected == problem("n", value)


def test_a_number_that_no_decimal_spells_is_rejected():
    """What registers as a real number may be spelled in any way."""
    import numbers

    class Odd:
        def __str__(self):
            return "1/2 and a bit"

    numbers.Real.register(Odd)
    with pytest.raises(NotExactError, match="is not a number but of type Odd"):
        exact(Odd())


@pytest.mark.parametrize("value", [None, "", " \u3000", "N/A ", pd.NA, pd.NaT], ids=named)
def test_what_is_missing(value):
    """None, blanks, n/a, and what pandas calls missing but for NaN, which is a computed float."""
    assert is_missing(value)
    assert "n" not in evaluate(RUBRIC, {"n": value}).inputs
    assert not is_missing(float("nan"))


PERCENTS = ["95%", " 95 % ", "９５％", "95.0 ％", Text("95%"), "+95%"]


@pytest.mark.parametrize("value", PERCENTS, ids=named)
def test_percents_are_numbers_where_the_unit_is_percent(value):
    """95 there, in any language's unit; elsewhere rejected, ratings included."""
    assert 95 == read("p", value) == read("p", 95)
    assert (95, 80) == read("shares", "95%; 80 ％") == read("shares", [value, 80])
    elsewhere = "is a percentage, and the unit of this input is not %"
    assert {elsewhere} == {problem(name, value) for name in ("n", "c", "r")}
    assert f"{elsewhere} (number 1 of 1)" == problem("many", [value])
    assert "is not true or false" == problem("f", "100%")


@pytest.mark.parametrize(
    ("expected", "value"),
    [
        *((truth, word) for word, truth in FLAGS.items()),
        *((truth, f" {word.upper()}\u3000") for word, truth in FLAGS.items()),
        *((True, value) for value in (True, np.True_, 1, 1.0, Decimal("1.00"), np.int8(1))),
        *((False, value) for value in (False, np.False_, 0, 0.0, Decimal(0), Fraction(0))),
        *((True, value) for value in ("ＹＥＳ", "１", Word.YES, Text("Yes"), np.float32(1))),
        (False, "ＮＯ"),
    ],
    ids=named,
)  # fmt: skip
def test_a_flag_is_a_truth_a_word_or_one_and_zero(expected, value):
    """In any case and width, blanks around it; the result holds a bool."""
    assert read("f", value) is expected


@pytest.mark.parametrize(
    "value", [2, -1, 0.5, "2", "yes!", "t", "x", "1.0", [True], np.array([True]), object, pd.Timestamp(1)],
    ids=named,
)  # fmt: skip
def test_what_is_not_a_flag(value):
    """Nothing is guessed: not the first letter of a word, not a list of one."""
    assert "is not true or false" == problem("f", value)


@pytest.mark.parametrize(
    ("expected", "name", "value"),
    [
        ("met", "o", " MET "), ("met", "o", "ｍｅｔ"), ("met", "o", "done"), ("met", "o", "达标\n"),
        ("met", "o", Word.MET), ("met", "o", Text("met")), ("met", "o", np.str_("Done")),
        ("Late", "o", "Late"), ("LATE", "o", " LATE"), ("Late", "o", "too  late".replace("  ", " ")),
        ("Late", "o", "迟"), ("none", "o", "GRÖSSER"), ("none", "o", "größer"),
        ("1", "digits", 1), ("1", "digits", "１"), ("1", "digits", np.int8(1)), ("2", "digits", 2.0),
        ("2", "digits", Money("2.0")), ("2.5", "digits", 2.5), ("01", "digits", "01"), ("2", "digits", "TWO"),
    ],
    ids=named,
)  # fmt: skip
def test_an_option_is_its_code_or_a_label_of_it_alone(expected, name, value):
    """The result holds the code, as a plain text."""
    assert expected == read(name, value)
    assert str is type(read(name, value))


@pytest.mark.parametrize(
    ("expected", "name", "value"),
    [
        ("fits more than one option: Late, LATE", "o", "late"),
        ("fits more than one option: none, LATE", "o", "Done Twice"),
        ("is not one of the options", "o", "Don"),
        ("is not one of the options", "o", True),
        ("is not one of the options", "o", 1),
        ("is not one of the options", "digits", 3),
        ("is not one of the options", "digits", "1.0"),
        ("is not one of the options", "digits", True),
        ("is not one of the options", "digits", ["1"]),
        ("is not one of the options", "digits", pd.Timestamp(1)),
    ],
    ids=named,
)
def test_what_is_not_one_option_is_rejected(expected, name, value):
    """What fits two is rejected with both."""
    assert expected == problem(name, value)


def test_a_mistyped_label_is_suggested():
    """As codes are."""
    with pytest.raises(InputError, match='did you mean "Too late"'):
        evaluate(RUBRIC, {"o": "Too lat"})


@pytest.mark.parametrize(
    "value",
    [
        [1, 2.5], (1, 2.5), "1;2.5", deque([1, 2.5]), array.array("d", [1, 2.5]), np.array([1, 2.5]),
        np.array([1, 2.5], dtype="float32"), pd.Series([1, 2.5], dtype="float32"), pd.Series([1, "2.5"]),
        pd.Series([1, 2.5], dtype="Float64"), pl.Series([1.0, 2.5]), pa.chunked_array([[1, 2.5]]),
        pd.Index([1, 2.5]), pd.Categorical([1, 2.5]),
    ],
    ids=named,
)  # fmt: skip
def test_a_list_is_any_sequence_of_numbers(value):
    """Arrays and columns of other libraries too; the result holds a tuple."""
    assert (1, Decimal("2.5")) == read("many", value)
    assert (Decimal("0.1"),) == read("many", pd.Series([0.1], dtype="float32"))


@pytest.mark.parametrize(
    ("expected", "value"),
    [
        ("is not a list of numbers", {}),
        ("is not a list of numbers", {1, 2}),
        ("is not a list of numbers", b"12"),
        ("is not a list of numbers", memoryview(b"12")),
        ("is not a list of numbers", 7),
        ("is not a list of numbers", np.array(7)),
        ("is not a list of numbers", iter([1])),
        ("is not a number but of type ndarray (number 1 of 1)", np.array([[1, 2]])),
        ("is true or false, not a number (number 1 of 2)", (True, 2)),
        ("is not a number (number 2 of 2)", [1, float("nan")]),
        ("has 1001 numbers; at most 1000 are read", np.zeros(1001)),
    ],
    ids=named,
)
def test_what_is_not_a_list_of_numbers(expected, value):
    """What has no order, or holds something else."""
    assert expected == problem("many", value)


@pytest.mark.parametrize("text", ["[]", " [] ", "\uff3b\uff3d"])
def test_a_text_can_be_a_list_without_items(text):
    """A blank cell of a table is a missing list: somebody who sold nothing needs another text."""
    assert read("many", text) == ()


@pytest.mark.parametrize("text", ["1,2", "1\u30012", "1 2", "none"])
def test_a_text_that_is_not_a_list_says_what_separates_its_items(text):
    """A comma, a blank or a Chinese comma separate nothing."""
    assert 'separate the items by ";", or write [] if there are none' in problem("many", text)


def test_a_number_that_is_not_allowed_is_not_several():
    """Only a text that is no item at all may be several."""
    assert "separate" not in problem("many", "100000000000000000001")


def test_an_empty_item_of_a_list_is_not_called_by_a_type_of_python():
    """JSON's null and a database's NULL."""
    assert problem("many", [1, None]) == "is empty, not a number (number 2 of 2)"


def test_a_number_of_many_digits_is_shown_without_words():
    """The text of a problem has one language."""
    with pytest.raises(InputError) as caught:
        evaluate(RATED, {"a": {"self": 10**5000, "boss": -(10**50)}, "b": None})
    texts = [found.text("zh") for found in caught.value.problems]
    assert not any(re.search("whole|digits", text) for text in texts)
    assert "1E+5000" in texts[0]
    assert "-1.000000000...E+50" in texts[1]


def test_the_rating_of_a_rater_is_named_by_criterion_and_rater():
    """One rater rates several criteria, and several raters one criterion."""
    rubric = loads("""
        schema = 1
        id = "labelled"
        raters.self = 20
        raters.boss = { weight = 80, label = { en = "Superior", zh = "上级" } }
        criterion = [
            { id = "a", weight = 60, label = { en = "Skill", zh = "技能" } },
            { id = "b", weight = 40, label = { en = "Manner", zh = "态度" } },
        ]
    """)
    with pytest.raises(InputError) as caught:
        evaluate(rubric, {"a.self": 1, "a.boss": None, "b": {"self": 61, "boss": 1}})
    texts = [found.text("zh").split("\uff1a")[0] for found in caught.value.problems]
    assert texts == ["技能（上级）", "态度（self） = 61"]


def test_a_remark_and_the_names_of_a_result_are_plain_texts():
    """Whatever class the texts of the record are of."""
    result = evaluate(RUBRIC, {np.str_("say"): Text("kept calm"), Text("n"): 1})
    assert [(str, int), (str, str)] == [(type(n), type(v)) for n, v in result.inputs.items()]
    assert str is type(result.lines[1].remark)


# ---------------------------------------------------------------- given twice

RATED = loads("""
schema = 1
id = "rated"
raters = { self = 20, boss = 80 }
criterion = [{ id = "a", weight = 60, scale = 5 }, { id = "b", weight = 40, missing = "exclude" }]
""")
TWICE = [
    {"a.self": 3, "a": {"self": 1, "boss": 2}},
    {"a": {"self": 1, "boss": 2}, "a.self": 3},
    {"a": MappingProxyType({"self": 1, "boss": 2}), "a.self": 3},
]


@pytest.mark.parametrize("record", TWICE, ids=["dotted first", "nested first", "another mapping"])
def test_a_rating_given_twice_is_a_problem_that_names_both(record):
    """In every order, on every route, also once other records have made the short way."""
    for once in ({"a.self": 3, "a.boss": 2}, {"a": {"self": 1, "boss": 2}}):
        assert evaluate(RATED, once)
    with pytest.raises(InputError) as caught:
        evaluate(RATED, record)
    (found,) = caught.value.problems
    assert ("a.self", True) == (found.input, "given twice" in found.message())
    assert {"1", "3"} <= {*str(found).replace(";", " ").split()} | {str(found.value)}
    for strict in (True, False):
        (entry,) = entries(RATED, [{"name": "An", **record}], strict=strict)
        assert [found] == list(entry.outcome.problems)
    assert not Draft202012Validator(ratings_schema(RATED)).is_valid(
        {**record, "a": {**record["a"]}}
    )


@pytest.mark.parametrize(
    ("valid", "record"),
    [
        (False, {"a.self": 1, "a": {"self": 1.0, "boss": 2}}),
        (False, {"a": {"self": "1", "boss": 2}, "a.self": Decimal("1.0")}),
        (True, {"a.self": None, "a": {"self": 1, "boss": 2}}),
        (True, {"a": {"self": 1, "boss": 2}, "a.self": "n/a"}),
        (True, {"a.self": 1, "a": {"self": "", "boss": 2}}),
        (True, {"a.self": 1, "a": {"boss": 2}, "b": {"self": None}}),
    ],
    ids=named,
)
def test_the_same_twice_is_once_and_what_is_missing_says_nothing(valid, record):
    """The result is that of the record that gives it once; the schema takes one of the two."""
    once = evaluate(RATED, {"a.self": 1, "a.boss": 2})
    assert once == evaluate(RATED, record)
    for strict in (True, False):
        (entry,) = entries(RATED, [record], strict=strict)
        assert once == entry.outcome
        assert {"a.self": 1, "a.boss": 2} == entry.given
    in_json = {n: v if not isinstance(v, Decimal) else float(v) for n, v in record.items()}
    assert valid == Draft202012Validator(ratings_schema(RATED)).is_valid(in_json)


def test_sheets_know_unknown_names_in_tables():
    """Passed over in a file, rejected elsewhere; what else the table gives is read."""
    record = {"a": {"self": 1, "boss": 2, "chef": 3}, "x": {"y": 1}, "z": {}}
    (loose,) = entries(RATED, [record], strict=False)
    assert evaluate(RATED, {"a.self": 1, "a.boss": 2}) == loose.outcome
    (strict,) = entries(RATED, [record])
    assert ["a.chef", "x.y", "z"] == [p.input for p in strict.outcome.problems]


def test_sheets_hold_what_was_read():
    """A record that is rejected is drawn with codes and numbers where they are right."""
    record = {"o": "达标", "f": "是", "p": "95%", "many": [1, 2], "n": "seven", "say": "ok"}
    (entry,) = entries(RUBRIC, [record])
    assert {**record, "o": "met", "f": True, "p": 95} == entry.given


# ---------------------------------------------------------------- one answer in any order

ONES = [True, 1, 1.0, Decimal(1), Decimal("1.0"), Fraction(1), np.int64(1), np.True_, "1", "one", [1], (1,), (True,)]  # fmt: skip


@pytest.mark.parametrize("name", ["n", "c", "p", "f", "digits", "many", "r", "say"])
def test_what_was_scored_before_decides_nothing(name):
    """Each of the values that equal one another is what it is alone, after each of the others."""

    def answer(rubric, value):
        try:
            return repr(evaluate(rubric, {name: value}).inputs[name])
        except InputError as error:
            return str(error)

    fresh = [answer(_again(), value) for value in ONES]
    assert len({*fresh}) > 1
    rubric = _again()
    for one, other in itertools.permutations(range(len(ONES)), 2):
        assert fresh[one] == answer(rubric, ONES[one])
        assert fresh[other] == answer(rubric, ONES[other])


def _again():
    """The rubric without anything that it has scored."""
    return loads(kpirules.dumps(RUBRIC))


# ---------------------------------------------------------------- errors


def test_errors_have_no_errors_behind_them():
    """On every route the error is the first and only one."""
    evaluate(RUBRIC, {"n": 1, "r": 50})
    calls = [
        *(lambda n=n, v=v: evaluate(RUBRIC, {n: v}) for n in ("n", "c", "f", "o", "many", "r", "say", "zzz") for v in ("?", object(), 10**30)),
        lambda: evaluate(RUBRIC, {"n": 1, "r": "x"}),
        lambda: evaluate(RUBRIC, {"n": 1}, on="x"),
        lambda: evaluate(RATED, {}),
        lambda: evaluate(RATED, TWICE[0]),
        lambda: evaluate(RUBRIC, None),
        lambda: evaluate("no-such-rules", {}),
        lambda: evaluate("", {}),
        lambda: loads("x"),
        lambda: loads('schema = 1\nid = "x"\ncriterion = [{ id = "a", weight = 90 }]'),
        lambda: kpirules.load_file("/no/such/file.rubric.toml"),
        lambda: kpirules.verify("{}"),
        lambda: kpirules.payslip(evaluate(RUBRIC, {"r": 1}), base="x"),
        lambda: evaluate_frame(RUBRIC, pl.DataFrame({"n": ["x"], "r": [1]})),
        lambda: evaluate_frame(RUBRIC, pd.DataFrame({"n": [pd.Timestamp(1)], "r": [1]})),
    ]  # fmt: skip
    raised = 0
    for call in calls:
        try:
            call()
        except KpirulesError as error:
            raised += 1
            assert error.__cause__ is None
            assert error.__context__ is None or error.__suppress_context__
    assert raised >= len(calls) - 1


@pytest.mark.parametrize(
    ("expected", "call"),
    [
        ("rubric: expected a Rubric or the id of a ruleset, not None", lambda: evaluate(None, {})),
        ("rubric: expected a Rubric or the id of a ruleset, not a value of type int", lambda: evaluate(3, {}, on="2026-10")),
        ("rubric: expected a Rubric or the id of a ruleset, not None", lambda: evaluate_frame(None, pl.DataFrame())),
        ("load: expected the id of a ruleset, not None", lambda: kpirules.load(None)),
        ("load_file: expected the path of a ruleset file, not None", lambda: kpirules.load_file(None)),
        ("loads: expected the text of a ruleset file, not a value of type bytes", lambda: loads(b"x")),
        ("loads: expected the text of a ruleset file, not None", lambda: loads(None)),
        ("rubric: expected a Rubric, not None", lambda: ratings_schema(None)),
        ("rubric: expected a Rubric, not None", lambda: ratings_schema(None, profile="form")),
        ("rubric: expected a Rubric, not None", lambda: kpirules.form_layout(None)),
        ("verify: expected the JSON text of a result, not None", lambda: kpirules.verify(None)),
        ("payslip: expected a Result, not None", lambda: kpirules.payslip(None)),
        ("sheet: expected a Rubric or a Result, not None", lambda: kpirules.sheet(None)),
        ("check: expected a Rubric, not a value of type str", lambda: kpirules.check("customer-service")),
        ("dumps: expected a Rubric, not None", lambda: kpirules.dumps(None)),
        ("check_text: expected the content of a ruleset file, not None", lambda: kpirules.api.load.check_text(None)),
        ("check_file: expected the path of a ruleset file, not None", lambda: kpirules.api.load.check_file(None)),
    ],
    ids=map(str, itertools.count()),
)  # fmt: skip
def test_arguments_of_a_wrong_type_are_named(expected, call):
    """What is expected, and what came."""
    with pytest.raises(TypeError) as caught:
        call()
    assert expected == str(caught.value)


# ---------------------------------------------------------------- frames

SPELLED = loads("""
schema = 1
id = "spelled"
inputs.p = { type = "number", unit = "%" }
inputs.f = { type = "flag" }
inputs.o = { type = "choice", options = { met = { en = "Done", zh = "达标" }, no = "Größer", x = "DONE it" } }
inputs.g = { type = "choice", options = { 1 = "one", "2.5" = "more" }, default = "1" }
[[criterion]]
id = "a"
weight = 40
bands = [{ when = { o = "met", f = true }, points = 40 }, { when = { o = "no", f = true }, points = 30 }, { when = { o = "x", f = true }, points = 20 }, { when = { f = false }, points = 0 }]
[[criterion]]
id = "b"
weight = 60
bands = [{ when = { p = ">= 95", g = "1" }, points = 60 }, { when = { p = ">= 95", g = "2.5" }, points = 50 }, { when = { p = "< 95" }, points = 0 }]
""")


def framed(frame, **options):
    """Score a frame; the default of ``g`` answers where there is no column for it."""
    return evaluate_frame(SPELLED, frame, allow_missing=("g",), **options)


#: on every backend
COMMON = {
    "o": ["met", " Done", "DONE ", "达标", "no", "Größer", "x", "done IT"],
    "f": ["true", " Yes", "y", "1", "是", "√", "有", "TRUE"],
    "p": ["95%", "95 %", " 100", "96.5%", "94.9%", "95", "95%", "0%"],
    "g": ["1", "one", "ONE ", "2.5", "More", "1", None, ""],
}
#: where rows may be read record by record
RARE = {
    "o": ["ｍｅｔ", "GRÖSSER", "none", "Done"],
    "f": ["ＹＥＳ", "１", "maybe", " \u3000是"],
    "p": ["９５％", "95 ％", "95%", "95%"],
    "g": ["１", "ｏｎｅ", "1", "3"],
}
FRAMES = {
    "polars": pl.DataFrame,
    "polars, lazy": lambda c: pl.DataFrame(c).lazy(),
    "polars of categories": lambda c: pl.DataFrame(c, schema_overrides={"o": pl.Categorical}),
    "pandas": pd.DataFrame,
    "pandas of objects": lambda c: pd.DataFrame(c).astype(object),
    "pandas of categories": lambda c: pd.DataFrame(c).astype("category"),
    "pyarrow": pa.table,
    "DuckDB": lambda c: duckdb.connect().from_arrow(pa.table(c)),
}
LAZY = ("polars, lazy", "DuckDB")


def totals(frame):
    """The totals of a frame of any kind, and what is wrong with rows."""
    made = framed(frame, on_error="column")
    if isinstance(made, pd.DataFrame):
        return [[None if pd.isna(v) else v for v in made[name]] for name in ("total", "error")]
    made = made.collect() if isinstance(made, pl.LazyFrame) else made
    made = made.to_arrow_table() if isinstance(made, duckdb.DuckDBPyRelation) else made
    table = made.to_arrow() if isinstance(made, pl.DataFrame) else made
    return [table["total"].to_pylist(), table["error"].to_pylist()]


def scored(columns):
    """The total that evaluate gives for each row; None where it rejects it."""
    found = []
    for row in zip(*columns.values(), strict=True):
        try:
            found.append(evaluate(SPELLED, dict(zip(columns, row, strict=True))).total)
        except InputError:
            found.append(None)
    return found


@pytest.mark.parametrize("kind", FRAMES)
def test_frames_take_usual_spellings(kind):
    """Codes, labels and words in any case with blanks, percents: the numbers of evaluate."""
    found, errors = totals(FRAMES[kind](COMMON))
    assert scored(COMMON) == found
    assert [100, 100, 100, 90, 30, 90, 80, 20] == found
    assert {None} == {*errors}


@pytest.mark.parametrize("kind", [k for k in FRAMES if k not in LAZY])
def test_frames_in_memory_take_all_spellings(kind):
    """Full-width letters too; what evaluate rejects is rejected with its words."""
    found, errors = totals(FRAMES[kind](RARE))
    assert scored(RARE) == found == [100, 90, None, None]
    assert "o = 'none': is not one of the options" in errors[2]
    assert "g = '3': is not one of the options" in errors[3]


@pytest.mark.parametrize("kind", LAZY)
def test_lazy_frames_reject_what_they_do_not_take(kind):
    """Never another number: the number of evaluate, or an error that lists what is allowed."""
    found, errors = totals(FRAMES[kind](RARE))
    for mine, theirs, error in zip(found, scored(RARE), errors, strict=True):
        assert mine == theirs or (mine is None and error is not None)
    assert "allowed: one of met, no, x" in errors[0]


AMBIGUOUS = loads("""
schema = 1
id = "ambiguous"
inputs.o = { type = "choice", options = { A = "first", a = "second", b = "FIRST", c = "A" } }
[[criterion]]
id = "r"
weight = 100
bands = [{ when = { o = "A" }, points = 100 }, { when = { o = "a" }, points = 60 }, { when = { o = ["b", "c"] }, points = 0 }]
""")


@pytest.mark.parametrize("kind", FRAMES)
def test_frames_never_choose_between_options(kind):
    """An exact code is one; what fits two is rejected as evaluate rejects it."""
    texts = ["A", "a", "second", "Second ", "first", "First", " c", "FIRST"]
    frame = FRAMES[kind]({"o": texts})
    made = nw.from_native(evaluate_frame(AMBIGUOUS, frame, on_error="column")).lazy().collect()
    found = [None if pd.isna(v) else v for v in made["total"].to_list()]
    assert [100, 60, 60, 60, None, None, 0, None] == found
    for text, total in zip(texts, found, strict=True):
        if total is None:
            with pytest.raises(InputError, match="fits more than one option: A, b"):
                evaluate(AMBIGUOUS, {"o": text})
        else:
            assert total == evaluate(AMBIGUOUS, {"o": text}).total


NUMBERS = {
    "whole": lambda v: pa.array([None if x is None else int(x) for x in v], pa.int64()),
    "narrow": lambda v: pa.array([None if x is None else int(x) for x in v], pa.int8()),
    "float": lambda v: pa.array(v, pa.float64()),
    "short float": lambda v: pa.array(v, pa.float32()),
    "decimal": lambda v: pa.array(
        [None if x is None else Decimal(str(x)) for x in v], pa.decimal128(9, 2)
    ),
}


@pytest.mark.parametrize("form", NUMBERS)
@pytest.mark.parametrize("kind", ["polars", "polars, lazy", "pandas", "pyarrow", "DuckDB"])
def test_columns_of_numbers_are_flags_and_options_of_digits(kind, form):
    """1 and 0; and each option that is written as the number, on every backend."""
    whole = form in ("whole", "narrow")
    other = 1 if whole else 2.5
    table = pa.table(
        {
            "f": NUMBERS[form]([1, 0, 1]),
            "g": NUMBERS[form]([1, 1, other]),
            "o": ["met"] * 3,
            "p": [95] * 3,
        }
    )
    frame = {
        "polars": pl.from_arrow,
        "polars, lazy": lambda t: pl.from_arrow(t).lazy(),
        "pandas": lambda t: t.to_pandas(),
        "pyarrow": lambda t: t,
        "DuckDB": lambda t: duckdb.connect().from_arrow(t),
    }[kind](table)
    found, errors = totals(frame)
    assert [100, 60, 100 if whole else 90] == found
    assert {None} == {*errors}


def test_other_numbers_are_neither_flags_nor_options():
    """Rejected row by row; a column of numbers for options of letters, and of dates, as a whole."""
    frame = pl.DataFrame({"f": [2, 1], "g": [1, 3], "o": ["met"] * 2, "p": [95] * 2})
    for each in (frame, frame.lazy()):
        found, errors = totals(each)
        assert [None, None] == found
        assert ["f" in errors[0], "g" in errors[1]] == [True, True]
    with pytest.raises(FrameError, match="o: holds Int64; allowed: one of met, no, x"):
        framed(frame.with_columns(o=pl.lit(1, pl.Int64)))


PANDAS = {
    "sparse": lambda: pd.Series(pd.arrays.SparseArray([95, 0])),
    "sparse floats": lambda: pd.Series(pd.arrays.SparseArray([95.0, 0.0])),
    "16 bits": lambda: pd.Series([95, 0], dtype="float16"),
    "16 bits of Arrow": lambda: pd.Series([95, 0], dtype=pd.ArrowDtype(pa.float16())),
    "32 bits": lambda: pd.Series([95, 0], dtype="float32"),
    "wide": lambda: pd.Series(np.array([95, 0], dtype=np.longdouble)),
    "nullable": lambda: pd.Series([95, 0], dtype="Int64"),
    "nullable floats": lambda: pd.Series([95, 0], dtype="Float32"),
    "categories": lambda: pd.Series([95, 0]).astype("category"),
    "categories of both": lambda: pd.Series([95, "0%"], dtype=object).astype("category"),
    "texts": lambda: pd.Series(["95", "0"], dtype="string"),
    "objects": lambda: pd.Series([np.int64(95), "0"], dtype=object),
    "floats of objects": lambda: pd.Series([np.float32(95), 0], dtype=object),
    "decimals": lambda: pd.Series([Money(95), Decimal(0)], dtype=object),
    "fractions": lambda: pd.Series([Third(95), Fraction(1, 3)], dtype=object),
    "decimals of Arrow": lambda: pd.Series(
        [Decimal(95), Decimal(0)], dtype=pd.ArrowDtype(pa.decimal128(9, 2))
    ),
    "unsigned": lambda: pd.Series([95, 0], dtype="uint64"),
    "large": lambda: pd.Series([95, 10**17], dtype=object),
}


@pytest.mark.parametrize("form", PANDAS)
def test_columns_of_pandas_are_taken_by_what_they_are(form):
    """Every type that holds numbers: the same totals."""
    frame = pd.DataFrame({"p": PANDAS[form](), "f": True, "o": "met"})
    assert [[100, 100 if form == "large" else 40], [None, None]] == totals(frame)


FLAGS_OF_PANDAS = {
    "NumPy beside words": lambda: pd.Series([np.True_, "no"], dtype=object),
    "NumPy beside Python": lambda: pd.Series([np.True_, False], dtype=object),
    "beside numbers": lambda: pd.Series([True, 0], dtype=object),
    "nullable": lambda: pd.Series([True, False], dtype="boolean"),
    "of Arrow": lambda: pd.Series([True, False], dtype=pd.ArrowDtype(pa.bool_())),
    "sparse": lambda: pd.Series(pd.arrays.SparseArray([True, False])),
    "numbers": lambda: pd.Series([1, 0], dtype="Int8"),
    "categories": lambda: pd.Series([True, False]).astype("category"),
}


@pytest.mark.parametrize("form", FLAGS_OF_PANDAS)
def test_flags_of_pandas_are_flags(form):
    """Its own, NumPy's, nullable, sparse; beside words and numbers."""
    assert [100, 60] == totals(pd.DataFrame({"p": 95, "f": FLAGS_OF_PANDAS[form](), "o": "met"}))[0]


def test_what_pandas_calls_missing_is_missing():
    """NaN in a column of pandas is an empty cell; in polars it is a float that is not a number."""
    for lost in (None, np.nan, pd.NA, pd.NaT, float("nan"), "n/a", ""):
        column = pd.Series([95, "95", lost], dtype=object)
        found, errors = totals(pd.DataFrame({"p": column, "f": True, "o": "met"}))
        assert [100, 100, None] == found
        assert errors[2].startswith("p: is missing")
    frame = pl.DataFrame({"p": [float("nan")], "f": [True], "o": ["met"]})
    assert "p = nan: is not a number" in totals(frame)[1][0]


def test_objects_are_rejected_in_the_words_of_evaluate():
    """A truth for an option or a number, a date, a list: the value as it is, not its spelling."""
    column = pd.Series(
        [True, pd.Timestamp("2026-10-31"), [1], np.timedelta64(1, "D")], dtype=object
    )
    frame = pd.DataFrame({"p": column, "f": True, "o": "met"})
    found, errors = totals(frame)
    assert [None] * 4 == found
    for value, error in zip(column, errors, strict=True):
        with pytest.raises(InputError) as caught:
            evaluate(SPELLED, {"p": value, "f": True, "o": "met"})
        assert error == "; ".join(map(str, caught.value.problems))
    with pytest.raises(RowsError, match="p = True: is true or false, not a number"):
        framed(frame)


@pytest.mark.parametrize(
    "column",
    [
        pa.array([Decimal(95)], pa.decimal256(50, 2)),
        pd.Series(pd.period_range("2026-01", periods=1, freq="M")),
        pd.Series(pd.interval_range(0, 1)),
        pd.Series([pd.Timedelta(1)]),
        pd.Series([b"95"]),
    ],
    ids=["decimals of 256 bits", "periods", "intervals", "durations", "bytes"],
)
def test_types_that_are_not_known_are_never_missing(column):
    """An unknown type is not a column of nulls: a default would stand for its values."""
    if isinstance(column, pd.Series):
        frame = pd.DataFrame({"g": column, "p": 95, "f": True, "o": "met"})
    else:
        frame = pa.table({"g": column, "p": [95], "f": [True], "o": ["met"]})
        assert framed(frame.set_column(0, "g", pa.nulls(1)))["total"][0].as_py() == 100
    try:
        found, errors = totals(frame)
    except FrameError as error:
        assert "g: holds" in str(error)
    else:
        assert ([None], True) == (found, errors[0].startswith("g = "))


@pytest.mark.parametrize("sql", ["NULL", "'101'::BIT", "95::VARINT"])
def test_types_of_duckdb_that_are_not_known_are_never_missing(sql):
    """Only a column of nulls is one."""
    relation = duckdb.sql(f"select {sql} as g, 95 as p, true as f, 'met' as o")
    if sql == "NULL":
        assert [100] == totals(relation)[0]
        return
    with pytest.raises(FrameError, match="g: holds Object"):
        framed(relation)


# ---------------------------------------------------------------- the law


def _respelled(draw, rubric, name, value):
    """A value in another form that means the same."""
    reader = readers_of(Plan(rubric))[name]
    fact = next((f for f in rubric.inputs if f.name == name), None)
    if is_missing(value):
        return draw(st.sampled_from([None, pd.NA, " N/A "]))
    if isinstance(value, (list, tuple)):
        forms = [
            tuple,
            list,
            deque,
            lambda v: np.array(v, dtype=object),
            lambda v: pd.Series(v, dtype=object),
        ]
        return draw(st.sampled_from(forms))(value)  # fmt: skip
    read = reader.read(value)
    if fact is not None and fact.type == "flag":
        words = [word for word, truth in FLAGS.items() if truth == read]
        return draw(st.sampled_from([*words, np.bool_(read), int(read), Money(int(read))]))
    if isinstance(read, str):
        forms = [Text(read), np.str_(read)]
        if fact is not None and fact.type == "text":
            forms.append(f" {read}　")
        elif fact is not None:
            alone = [text for text, fits in reader.spellings.items() if fits == (read,)]
            forms += [f" {text} " for text in alone] + [text.swapcase() for text in alone]
        return draw(st.sampled_from(forms))
    forms = [Fraction(read), Third(read)]
    if isinstance(read, int):
        forms += [Money(read), Text(read), f"　{read}"] + (
            [np.int64(read)] if abs(read) < 2**63 else []
        )
    short = np.float32(float(read))
    forms += [short] if exact(short) == read else []
    forms += [f"{read} %"] if isinstance(read, int) and getattr(reader, "_percent", False) else []
    return draw(st.sampled_from(forms))


@share(1 / 2)
@given(st.data())
def test_another_spelling_of_the_same_values_is_the_same_record(data):
    """For any rubric and record: the same result, in a mapping and in a frame of objects."""
    rubric = data.draw(rubrics())
    record = data.draw(records(rubric))
    other = {n: _respelled(data.draw, rubric, n, v) for n, v in record.items()}
    result = evaluate(rubric, record)
    assert result == evaluate(rubric, other)
    columns = {n: pd.Series([v, "?"], dtype=object).iloc[:1] for n, v in other.items()}
    try:
        made = evaluate_frame(rubric, pd.DataFrame(columns, index=[0]), on_error="column")
    except FrameError:
        return
    assert pd.isna(made["error"][0])
