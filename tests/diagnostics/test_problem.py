"""Problems as programs handle them: codes, values, and texts in each language."""

from __future__ import annotations

import json
import pickle
from decimal import Decimal
from fractions import Fraction

import pytest

from kpirules import InputError, evaluate, load, loads
from kpirules.arithmetic.range import Range
from kpirules.diagnostics.problem import PROBLEM_CODES, Problem, text_of
from kpirules.evaluation.headings import EMPTY_ROW
from kpirules.translations.message import Joined, Message, Named


HEAD = 'schema = 1\nid = "x"\n'
RULES = (
    HEAD
    + """
inputs.n = { type = "number", range = "0 .. < 90", step = 0.5, label = { zh = "数量", en = "Amount" } }
inputs.kind = { type = "choice", options = { a = { zh = "甲", en = "First" }, b = { zh = "乙", en = "Second" } } }
criterion = [{ id = "c", weight = 100, label = { zh = "表现", en = "Conduct" } }]
[[gate]]
when = { n = "> 80", kind = "b" }
refuse = true
reason = { zh = "停职", en = "suspended" }
"""
)


def rejected(record, rules=RULES):
    """Return the error of a record."""
    with pytest.raises(InputError) as caught:
        evaluate(loads(rules), record)
    return caught.value


@pytest.mark.parametrize(
    ("code", "text", "chinese", "record"),
    [
        ("missing", "n: is missing; allowed: a number, 0 to less than 90, in steps of 0.5",
         "数量：没有填写；可填：数字，0 及以上、不足 90，须为 0.5 的倍数", {"n": None}),
        ("out-of-range", "n = 90: is out of range; allowed: a number, 0 to less than 90, in steps of 0.5",
         "数量 = 90：超出允许的范围；可填：数字，0 及以上、不足 90，须为 0.5 的倍数", {"n": 90}),
        ("off-step", "n = 0.2: is not a multiple of 0.5; allowed: a number, 0 to less than 90, in steps of 0.5",
         "数量 = 0.2：不是 0.5 的倍数；可填：数字，0 及以上、不足 90，须为 0.5 的倍数", {"n": "0.2"}),
        ("not-an-option", "kind = 'c': is not one of the options; allowed: one of a, b",
         "kind = 'c'：不在选项之中；可填：甲、乙（选一项）", {"kind": "c"}),
        ("not-allowed", "c = 101: is not an allowed rating; allowed: 0 to 100",
         "表现 = 101：不是允许的评分；可填：0–100", {"c": 101}),
        ("rejected-by-gate", "n = 85: is rejected where n > 80, kind = b: suspended",
         "数量 = 85：按规则不予评分（数量 > 80，kind = 乙）：停职", {"n": 85, "kind": "b"}),
    ],
)  # fmt: skip
def test_a_problem_has_a_code_and_a_text_in_each_language(code, text, chinese, record):
    """In English with ids for programs, else with labels."""
    (problem,) = rejected({"n": 10, "kind": "a", "c": 50, **record}).problems
    assert code == problem.code
    assert text == str(problem).replace("'0.2'", "0.2")
    assert chinese == problem.text("zh_CN").replace("'0.2'", "0.2")
    assert problem == pickle.loads(pickle.dumps(problem))  # noqa: S301 - our own
    assert json.loads(json.dumps(problem.to_dict("zh")))["text"] == problem.text("zh")


def test_a_rejection_names_all_inputs_that_it_concerns():
    """A gate's are all that its condition asks for."""
    error = rejected({"n": 85, "kind": "b", "c": 50})
    (problem,) = error.problems
    assert ("n", ("n", "kind")) == (problem.input, problem.inputs)
    assert {"n": (problem,), "kind": (problem,)} == error.by_input()
    assert ["n", "kind"] == error.to_dict()["problems"][0]["inputs"]


def test_limits_are_values():
    """Ranges, steps, options and ratings, beside the text."""
    found = {p.input: p.params for p in rejected({"n": 90, "kind": "c", "c": "x"}).problems}
    assert {"range": Range.parse("0 .. < 90"), "step": Fraction(1, 2)} == {
        name: found["n"][name] for name in ("range", "step")
    }
    assert ("a", "b") == tuple(option.id for option in found["kind"]["options"])
    assert (Range.closed(0, 100),) == found["c"]["numbers"]


def test_the_error_is_read_in_each_language():
    """Its head, and a line for each problem."""
    error = rejected({"n": 90, "kind": "c"})
    assert error.text("zh").startswith("x：这条记录有 3 个问题\n  数量 = 90：")
    assert str(error) == error.text()
    assert text_of(error.problems[:2], "zh").count("；是否") == 0
    assert "；" in text_of(error.problems, "zh")


def test_json_has_plain_values():
    """Whole numbers that every reader can tell apart, else texts."""
    reason = Message.of(
        "problem.given-twice", other=Joined((Named("a"), 2**60)), third=Decimal("1.50"), no=None
    )
    made = Problem(input="a", value=3, reason=reason).to_dict()
    assert (3, {"other": ["a", str(2**60)], "third": "1.50", "no": None}) == (
        made["value"],
        made["params"],
    )


def test_a_problem_with_a_whole_record_and_with_an_item_of_a_list():
    """The record has a label; the code of an item is that of what is wrong with it."""
    assert "本条记录：考核规则所需的数据一项也没有填写" == EMPTY_ROW.text("zh")
    rules = HEAD + "inputs.l = { type = 'count', many = true }\n[outcome.o]\nformula = 'sum(l)'\n"
    (problem,) = rejected({"l": [1, 2.5]}, rules).problems
    assert ("not-whole", "is not a whole number (number 2 of 2)") == (
        problem.code,
        problem.message(),
    )
    assert (2, 2) == (problem.params["item"], problem.params["items"])


def test_every_code_has_a_description():
    """In one line, without a full stop."""
    assert all(text and not text.endswith(".") for text in PROBLEM_CODES.values())


def test_the_month_of_the_first_ruleset_is_read_in_chinese():
    """No English word is in the problems of its records, but for the codes that were given."""
    with pytest.raises(InputError) as caught:
        evaluate(load("customer-service"), {"late": -1, "skill": 2, "duty": 7})
    for problem in caught.value.problems:
        text = problem.text("zh")
        assert text.isprintable()
        assert not any(c.isascii() and c.isalpha() for c in text), text
