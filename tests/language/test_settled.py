"""What the language settles where two answers were possible: one test for each row of its table."""

from __future__ import annotations

import json
from decimal import Decimal

import pytest

from kpirules import InputError, RulesetError, evaluate, evaluate_frame, loads, progress
from kpirules.api.load import check_text
from kpirules.sheets.api import sheet
from kpirules.toml.json_schema import ruleset_schema
from kpirules.translations.catalog import words


HEAD = 'schema = 1\nid = "x"\n'
A = 'criterion = [{ id = "a", weight = 100 }]\n'
N = "inputs.n = { type = 'count', range = '0..100' }\ninputs.m = { type = 'count', range = '0..100' }\n"
RATERS = "raters = { self = 50, boss = 50 }\n"


def problems(text, record):
    """Give (code, inputs) of the problems of a record."""
    with pytest.raises(InputError) as caught:
        evaluate(loads(HEAD + text), record)
    return [(p.code, p.inputs) for p in caught.value.problems]


def findings(text):
    """Give the findings of a text, without notes."""
    return [f for f in check_text(HEAD + text) if f.severity != "note"]


# ---------------------------------------------------------------- inputs of a rejection


@pytest.mark.parametrize(
    ("code", "inputs", "text", "record"),
    [
        (
            "out-of-range",
            ("n", "m"),
            N + A + "derive.d = { formula = 'n - m', range = '> 0' }\n[outcome.o]\nformula = 'd'\n",
            {"n": 3, "m": 3, "a": 1},
        ),
        (
            "rejected-by-gate",
            ("m", "a"),
            N + A + "gate = [{ when = { a = 0, m = '> 3' }, refuse = true }]\n",
            {"m": 5, "n": 0, "a": 0},
        ),
        (
            "weights",
            ("n", "m"),
            N
            + "criterion = [{ id = 'a', weight = 'n', scale = 5 }, { id = 'b', weight = 'm', scale = 5 }]\n",
            {"n": 50, "m": 40, "a": 1, "b": 2},
        ),
        (
            "weights",
            ("n", "m"),
            N
            + "inputs.u = { type = 'count' }\nsection = [{ id = 's', weight = 50, criterion = [{ id = 'a', "
            "weight = 'n', scale = 5 }, { id = 'b', weight = 'm', scale = 5 }] }, { id = 't', weight = 50, "
            "criterion = [{ id = 'c', weight = 'u', scale = 5 }] }]\n",
            {"n": 20, "m": 20, "u": 50, "a": 1, "b": 2, "c": 1},
        ),
        (
            "disagrees",
            ("n", "m", "a"),
            N + "criterion = [{ id = 'a', weight = 100, formula = 'n - m', clamp = '0..100' }]\n",
            {"n": 50, "m": 10, "a": 30},
        ),
        (
            "disagrees",
            ("n", "a.self", "a.boss"),
            RATERS + N + "derive.d = { formula = '2 * n' }\n"
            "criterion = [{ id = 'a', weight = 100, formula = 'd', clamp = '0..100' }]\n",
            {"n": 5, "m": 10, "a": {"self": 30, "boss": 10}},
        ),
        (
            "lengths-differ",
            ("k", "l"),
            "inputs.k = { type = 'number', many = true }\ninputs.l = { type = 'number', many = true }\n"
            + A
            + "[outcome.o]\nformula = 'wmean(k, l)'\n",
            {"k": [1, 2], "l": [1], "a": 0},
        ),
    ],
)
def test_a_rejection_names_all_inputs_of_the_rejected_thing(code, inputs, text, record):
    """Those of the record that it depends on, in the order of the form."""
    assert [(code, inputs)] == problems(text, record)


def test_a_rejection_of_what_is_missing_names_what_is_missing():
    """And not the inputs that are given beside it."""
    text = N + A + "derive.d = { formula = 'n - m' }\n[outcome.o]\nformula = 'd'\n"
    assert [("missing", ("m",))] == problems(text, {"n": 1, "a": 1})


@pytest.mark.parametrize(
    ("fine", "refused"),
    [(True, "m"), (True, "n"), (True, "n', 'm"), (False, "a"), (False, "n', 'a")],
)
def test_an_example_of_a_rejection_holds_if_each_name_is_among_those_named(fine, refused):
    """`refused` lists some of the inputs by which the record is rejected."""
    text = (
        N + A + "gate = [{ when = { n = 0, m = '> 3' }, refuse = true }]\n[[example]]\nname = 'e'\n"
        f"ratings = {{ n = 0, m = 5, a = 1 }}\nexpect = {{ refused = ['{refused}'] }}\n"
    )
    assert fine == ("example-fails" not in {f.code for f in findings(text)})


# ---------------------------------------------------------------- a rating given twice


@pytest.mark.parametrize("other", [30, "30.0", Decimal("3E1")])
def test_the_same_rating_given_twice_with_equal_values_is_one(other):
    """With a dot and in a table."""
    record = {"a.self": 30, "a": {"self": other, "boss": 10}}
    assert 20 == evaluate(loads(HEAD + RATERS + A), record).total


def test_the_same_rating_given_twice_is_a_problem_that_names_both_values():
    """Also where one of the two is not allowed."""
    rubric = loads(HEAD + RATERS + A)
    with pytest.raises(InputError, match=r"a\.self = 30: is given twice, the other time as 40"):
        evaluate(rubric, {"a.self": 30, "a": {"self": 40, "boss": 10}})
    wrong = {"a.self": 300, "a": {"self": 40, "boss": 10}}
    assert [("not-allowed", ("a.self",)), ("given-twice", ("a.self",))] == problems(
        RATERS + A, wrong
    )


# ---------------------------------------------------------------- tiers on both sides


def test_a_tier_on_both_sides_of_another_ranks_by_its_highest_range():
    """`check` warns at both tiers: tier-split."""
    text = A + (
        "tier = [{ id = 'odd', total = ['0..9', '80..100'] }, { id = 'pass', total = '10..79' }]\n"
        "gate = [{ when = { a = '< 5' }, demote = 1 }]\n"
    )
    (split,) = findings(text)
    assert ("tier-split", "tier.odd.total", ("tier", 1, "total")) == (
        split.code,
        split.place,
        split.other,
    )
    assert 'the tier "odd" has totals below and above those of "pass"' in split.message()
    rubric = loads(HEAD + text)
    assert ["pass", "odd"] == [evaluate(rubric, {"a": a}).tier.id for a in (4, 5)]


def test_tiers_beside_each_other_are_not_split():
    """Nor is a tier of several ranges with no other between them."""
    text = (
        A + "tier = [{ id = 'lo', total = ['0..9', '10..49'] }, { id = 'hi', total = '>= 50' }]\n"
    )
    assert [] == findings(text)


# ---------------------------------------------------------------- nothing is scored

OUTCOME = N + "outcome.pay = { formula = '10 * n' }\n"
REMARK = "criterion = [{ id = 'a', scored = false }]\n"


@pytest.mark.parametrize("text", [OUTCOME, REMARK + OUTCOME])
def test_where_nothing_is_scored_there_is_no_total(text):
    """None, and it is neither shown nor a column; the record is not unratable for it."""
    import polars as pl

    rubric = loads(HEAD + text)
    result = evaluate(rubric, {"n": 2, "m": 0})
    assert (None, None, False, 20) == (result.total, result.tier, result.unratable, result.pay)
    for lang in ("en", "zh"):
        assert words("result", lang)["total"] not in result.explain(lang=lang)
    assert "of 100" not in repr(result)
    stored = json.loads(result.to_json())
    assert (None, False) == (stored["total"], stored["unratable"])
    assert result == type(result).from_json(result.to_json())
    frame = evaluate_frame(rubric, pl.DataFrame({"n": [2], "m": [0]}))
    assert "total" not in frame.columns
    assert [20] == frame["pay"].to_list()
    for page in (sheet(rubric), sheet(result, rubric=rubric)):
        assert b"/ 100" not in page
        assert b"<dt>Total" not in page
    assert sheet(rubric, "xlsx", records=[{"n": 2, "m": 0}])


def test_the_progress_of_a_record_without_a_total():
    """No range of totals; that of the pay is known."""
    found = progress(loads(HEAD + OUTCOME), {})
    assert found.total is None
    assert "0..1000" == str(found.pay)


def test_an_unratable_record_without_a_total_has_no_outcome():
    """A gate can say so; then the result says it, too."""
    rubric = loads(HEAD + OUTCOME + "gate = [{ when = { m = 5 }, unratable = true }]\n")
    result = evaluate(rubric, {"n": 2, "m": 5})
    assert (None, True, None) == (result.total, result.unratable, result.pay)
    assert words("result", "en")["unratable"] in result.explain(lang="en")
    assert repr(result) == "<Result x: unratable>"


@pytest.mark.parametrize(
    ("place", "text"),
    [
        ("", N),
        ("tier.t", OUTCOME + "tier = [{ id = 't', total = '0..100' }]\n"),
        ("outcome.o", OUTCOME + "[outcome.o]\nformula = 'total + n'\n"),
        ("outcome.o", OUTCOME + "[outcome.o]\nformula = '2 * raw_total'\n"),
        ("gate[0].when", OUTCOME + "gate = [{ when = { total = '> 5' }, unratable = true }]\n"),
        ("gate[0]", OUTCOME + "gate = [{ when = { n = '> 5' }, total_at_most = 59 }]\n"),
        ("total", OUTCOME + "[total]\nclamp = '0..100'\n"),
    ],
)
def test_what_needs_a_total_where_nothing_is_scored_is_an_error(place, text):
    """nothing-scored, at the part that needs it; at the file if nothing is computed at all."""
    every = [f for f in findings(text) if f.code == "nothing-scored"]
    assert [("error", place)] == [(f.severity, f.place) for f in every]


def test_a_limit_of_no_total_keeps_no_other_fault_from_being_shown():
    """The records that show another fault are evaluated, and the gate has nothing to limit."""
    text = N + (
        "[outcome.o]\nformula = '1 / (n - 3)'\n[[gate]]\nwhen = { n = 3 }\ntotal_at_most = 5\n"
    )
    assert {"division-by-zero", "nothing-scored"} <= {f.code for f in findings(text)}
    assert "check-failed" not in {f.code for f in findings(text)}


@pytest.mark.parametrize(
    "text",
    [
        OUTCOME + "[total]\nformula = 'n'\n",
        OUTCOME + "adjust = [{ id = 'j', formula = 'n' }]\n[outcome.o]\nformula = 'total'\n",
        OUTCOME + A,
    ],
)
def test_a_formula_or_adjustments_make_a_total(text):
    """Also without scored criteria."""
    assert [] == [f for f in findings(text) if f.code == "nothing-scored"]
    assert (
        evaluate(loads(HEAD + text), {"n": 2, "m": 0, **({"a": 2} if A in text else {})}).total == 2
    )


def test_what_was_lost_may_have_been_scored():
    """A criterion that cannot be read makes no second finding."""
    text = N + "criterion = [{ id = 'a', weight = 1O0 }]\ntier = [{ id = 't', total = 'any' }]\n"
    assert "nothing-scored" not in {f.code for f in findings(text)}


# ---------------------------------------------------------------- full marks


@pytest.mark.parametrize(
    ("key", "text"),
    [
        ("full_marks", "criterion = [{ id = 'a', weight = 40 }, { id = 'b', weight = 45 }]\n"),
        (
            "full_marks",
            "section = [{ id = 's', weight = 40, criterion = [{ id = 'a', weight = 40 }] }, "
            "{ id = 't', weight = 45, criterion = [{ id = 'b', weight = 45 }] }]\n",
        ),
        (
            "weights_total",
            "weights_total = 90\ncriterion = [{ id = 'a', weight = 40, scale = 5 }, "
            "{ id = 'b', weight = 45, scale = 5 }]\n",
        ),
    ],
)
def test_the_help_of_weights_sum_names_the_sum_of_the_weights(key, text):
    """`full_marks = 85` where the weights add up to 85; as the total of weights if that is written."""
    (finding,) = [f for f in findings(text) if f.code == "weights-sum"]
    assert f"or write {key} = 85" in finding.help()
    assert f"{key} = 85" in finding.help("zh")


def test_without_weights_no_full_marks_are_suggested():
    """0 is not a sum that a form means."""
    (finding,) = [
        f
        for f in findings("criterion = [{ id = 'a', weight = 0, scale = 5 }]\n")
        if f.code == "weights-sum"
    ]
    assert "change the weights, so that they add up to 100" == finding.help()


# ---------------------------------------------------------------- closed vocabularies

WORDS = {
    "round.mode": ("half_up", A + "[total]\nround = { to = 1, mode = 'halfup' }\n"),
    "period": ("month", "period = 'monthly'\n" + A),
    "currency": ("CNY", "currency = 'cny'\n" + A),
    "weights_total": ("sum", "weights_total = 'sums'\n" + A),
    "missing": ("exclude", "criterion = [{ id = 'a', weight = 100, missing = 'exlude' }]\n"),
    "missing of an outcome": ("skip", N + A + "[outcome.o]\nformula = 'n'\nmissing = 'skipp'\n"),
    "better": ("higher", "inputs.n = { type = 'count', better = 'hihger' }\n" + A),
    "type": ("count", "inputs.n = { type = 'counts' }\n" + A),
}


@pytest.mark.parametrize("key", WORDS)
def test_another_word_of_a_closed_vocabulary_is_a_finding(key):
    """With the list, or the form of the words, and the word that was probably meant."""
    word, text = WORDS[key]
    message = next(f"{f.message()} {f.help()}" for f in findings(text) if f.code == "value")
    assert f'"{word}"' in message
    if key != "currency":
        assert f'did you mean "{word}"?' in message


def enums(node):
    """Yield all lists of words of a schema, and all patterns."""
    if isinstance(node, dict):
        yield from ([tuple(node["enum"])] if "enum" in node else [])
        yield from ([node["pattern"]] if "pattern" in node else [])
        for value in node.values():
            yield from enums(value)
    elif isinstance(node, list):
        for value in node:
            yield from enums(value)


def test_the_json_schema_has_the_closed_vocabularies():
    """As `enum`; a currency as a pattern."""
    found = list(enums(ruleset_schema()))
    for words_ in (
        ("month", "quarter", "half", "year"),
        ("count", "number", "choice", "flag", "text"),
        ("higher", "lower"),
        ("half_up", "half_even", "half_down", "floor", "ceiling", "down", "up"),
        ("error", "skip"),
    ):
        assert words_ in found
    assert any({"error", "zero", "exclude"} <= {*each} for each in found if isinstance(each, tuple))
    assert any("sum" in each for each in found if isinstance(each, tuple))
    assert "^[A-Z]{3}$" in found


# ---------------------------------------------------------------- flags and options


@pytest.mark.parametrize(
    ("truth", "texts"),
    [
        (True, ("true", "yes", "y", "1", "是", "有", "√", "TRUE", " Yes ", "Ｙ", 1, True)),
        (False, ("false", "no", "n", "0", "否", "无", "×", "No", "０", 0, False)),
    ],
)
def test_flags_of_files_and_sheets(truth, texts):
    """Words in both languages, signs, digits, `bool`; and NumPy's."""
    import numpy as np

    rubric = loads(
        HEAD + A + "inputs.f = { type = 'flag' }\n[outcome.o]\nof = 'f'\nbands = "
        "[{ when = true, value = 1 }, { when = false, value = 0 }]\n"
    )
    for text in (*texts, np.bool_(truth)):
        assert int(truth) == evaluate(rubric, {"a": 1, "f": text}).outcomes["o"]


def test_the_words_that_a_sheet_shows_for_a_flag_are_read():
    """In each language."""
    rubric = loads(
        HEAD
        + A
        + "inputs.f = { type = 'flag' }\ngate = [{ when = { f = true }, total_at_most = 0 }]\n"
    )
    for lang in ("en", "zh"):
        own = words("result", lang)
        assert [0, 1] == [
            evaluate(rubric, {"a": 1, "f": own[word]}).total for word in ("yes", "no")
        ]


@pytest.mark.parametrize("text", ["p", "P", " p ", "ｐ", "Plain", "普通", " plain"])
def test_options_of_files_and_sheets(text):
    """The code, or the label in any language; case, width and surrounding blanks do not matter."""
    rubric = loads(
        HEAD
        + A
        + "[inputs.k]\ntype = 'choice'\n[inputs.k.options]\np = { en = 'Plain', zh = '普通' }\n"
        "q = { en = 'Other', zh = '其他' }\n[outcome.o]\nof = 'k'\nbands = [{ when = 'p', value = 1 }, "
        "{ when = 'q', value = 0 }]\n"
    )
    assert 1 == evaluate(rubric, {"a": 1, "k": text}).outcomes["o"]


def test_a_label_of_two_options_is_neither():
    """The code still means its own option."""
    rubric = loads(
        HEAD
        + A
        + "[inputs.k]\ntype = 'choice'\noptions = { p = 'same', q = 'same' }\n[outcome.o]\nof = 'k'\n"
        "bands = [{ when = 'p', value = 1 }, { when = 'q', value = 0 }]\n"
    )
    assert 0 == evaluate(rubric, {"a": 1, "k": "q"}).outcomes["o"]
    with pytest.raises(InputError, match="same"):
        evaluate(rubric, {"a": 1, "k": "same"})


def test_an_unsound_ruleset_has_no_result():
    """The error of each row above keeps the ruleset from being used."""
    with pytest.raises(RulesetError, match="nothing-scored"):
        loads(HEAD + N)
