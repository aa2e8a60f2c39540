"""Findings about inputs that are gathered from earlier results, and about earlier results of examples."""

from __future__ import annotations

import attrs
import pytest
from hypothesis import given, settings

from kpirules import Input, RulesetError, check, loads
from kpirules.api.load import check_text
from kpirules.errors import ModelError
from kpirules.testing import unsound_rubrics


HEAD = """
schema = 1
id = "planted"
period = "month"
inputs.done = { type = "number", range = "0..100" }
inputs.flag = { type = "flag" }
inputs.open = { type = "number" }
inputs.codes = { type = "choice", options = ["p", "q"], default = "p" }
[inputs.past]
many = true
"""
TAIL = """
[[criterion]]
id = "work"
weight = 100
[[tier]]
id = "good"
total = ">= 60"
[[tier]]
id = "poor"
total = "< 60"
[outcome.double]
formula = "done * 2"
[outcome.free]
formula = "open / 3"
[outcome.word]
of = "flag"
bands = [{ when = true, value = "yes" }, { when = false, value = "no" }]
[outcome.mixed]
of = "codes"
bands = [{ when = "p", value = "yes" }, { when = "q", value = 3 }]
[outcome.used]
%s
"""


def findings(past, use='formula = "count(past)"', more=""):
    """Give code, place and message of the findings of a ruleset with one history, but for notes."""
    text = HEAD + past + TAIL % use + more
    found = [f for f in check_text(text) if f.severity != "note"]
    return [(f.code, f.place, f.message()) for f in found]


def of_history(past, **more):
    """Give code and message of the findings at the history."""
    found = findings(past, **more)
    assert all(place.startswith("inputs.past.history") for _, place, _ in found), found
    return [(code, message) for code, _, message in found]


def number(history, more=""):
    """Give the lines of a list of numbers with a history."""
    return f'type = "number"\n{more}\nhistory = {{ {history} }}\n'


@pytest.mark.parametrize(
    "past",
    [
        number('take = "total", window = 1', 'range = "0..100"'),
        number('take = "total", window = "so_far"'),
        number('take = "done", window = 1', 'range = "0..100"'),
        number('take = "points.work", window = 2', 'range = ">= 0"\nstep = 0.5'),
        number('take = "outcome.double", window = 1', 'range = "0..200"'),
        number('take = "open", window = 1, missing = -3'),
        'type = "count"\nhistory = { take = "points.work", window = 1, missing = 0 }',
        'type = "flag"\nhistory = { take = "flag", window = 1 }',
        'type = "choice"\noptions = ["good", "poor", "new"]\nhistory = { take = "tier", window = 1 }',
        'type = "choice"\noptions = ["p", "q"]\nhistory = { take = "codes", window = 1 }',
        'type = "choice"\noptions = ["yes", "no"]\nhistory = { take = "outcome.word", window = 1 }',
    ],
)
def test_a_history_whose_values_are_allowed(past):
    """Of each kind, with its range or its options."""
    assert [] == findings(past)


@pytest.mark.parametrize(
    ("values", "past"),
    [
        ("0 to 100", number('take = "total", window = 1', 'range = "0..99"')),
        ("0 to 100", number('take = "done", window = 1', 'range = "> 0"')),
        ("0 to 200", number('take = "outcome.double", window = 1', 'range = "0..100"')),
        ("any number", number('take = "open", window = 1', 'range = "0..100"')),
        ("any number", 'type = "count"\nhistory = { take = "open", window = 1 }'),
        ("any number", number('take = "done", window = 1', 'range = "0..100"\nstep = 1')),
        ("a multiple of 1", number('take = "points.work", window = 1', "step = 5")),
        ("poor", 'type = "choice"\noptions = ["good"]\nhistory = { take = "tier", window = 1 }'),
        ("p, q", 'type = "choice"\noptions = ["r"]\nhistory = { take = "codes", window = 1 }'),
    ],
)
def test_a_value_that_the_input_does_not_allow(values, past):
    """The finding names what may occur."""
    ((code, message),) = of_history(past)
    assert ("gathered-range", values) == (
        code,
        message.partition(" may be ")[2].partition(", which")[0],
    )


@pytest.mark.parametrize(
    "past",
    [
        number('take = "outcome.free", window = 1', 'range = ">= 0"'),
        number('take = "outcome.free", window = 1', 'range = "<= 9"'),
        number('take = "outcome.free", window = 1', "step = 1"),
        number('rubric = "other", take = "total", window = 1'),
    ],
)
def test_values_of_which_nothing_is_known(past):
    """Of another ruleset, or without known bounds."""
    assert ["history-unknown"] == [code for code, _ in of_history(past)]


def test_the_ruleset_itself_may_be_named():
    """With its own id, its names are checked."""
    ((code, message),) = of_history(number('rubric = "planted", take = "totl", window = 1'))
    assert ("unknown-name", 'there is no input "totl"') == (code, message)


@pytest.mark.parametrize(
    "history",
    [
        'take = "total", window = "inside"',
        'take = "total", window = "inside", each = "quarter"',
        'take = "total", window = "so_far", each = "year"',
    ],
)
def test_a_window_without_a_period(history):
    """Within a period that is not longer, and in a year that has not begun."""
    ((code, message),) = of_history(number(history))
    assert "window-empty" == code
    assert message.startswith("no period lies in the window")


def test_a_ruleset_without_a_period():
    """Only what is within a period of its own kind is empty in any case."""
    for window, expected in (("inside", ["window-empty"]), ("so_far", [])):
        text = (
            HEAD + number(f'take = "done", window = "{window}"') + TAIL % 'formula = "count(past)"'
        )
        found = check_text(text.replace('period = "month"', ""))
        assert expected == [f.code for f in found if f.severity != "note"]


@pytest.mark.parametrize(
    ("expected", "past"),
    [
        ("tier is a text, and an item of past is a number", number('take = "tier", window = 1')),
        (
            "flag is true or false, and an item of past is a number",
            number('take = "flag", window = 1'),
        ),
        ("past is a list, and an item of past is a number", number('take = "past", window = 1')),
        (
            "outcome.mixed is a text or a number, and an item of past is a text",
            'type = "choice"\noptions = ["yes"]\nhistory = { take = "outcome.mixed", window = 1 }',
        ),
        (
            "-1 is out of range",
            number('take = "done", window = 1, missing = -1', 'range = "0..100"'),
        ),
        (
            "0 is not one of the options",
            'type = "choice"\noptions = ["p", "q"]\nhistory = { take = "codes", window = 1, missing = 0 }',
        ),
        (
            'must be one of "inside", "so_far", or a number of periods, 1 to 1000',
            number('take = "open", window = 0'),
        ),
        (
            'must be one of "inside", "so_far", or a number of periods, 1 to 1000',
            number('take = "open", window = true'),
        ),
        (
            'must be "error", "skip" or a number',
            number('take = "open", window = 1, missing = true'),
        ),
    ],
)
def test_a_history_with_a_wrong_value(expected, past):
    """What is wrong, and nothing that follows from it."""
    assert [("value", expected)] == of_history(past)


def test_a_history_of_a_single_value():
    """A history gives a list."""
    text = (
        HEAD.replace("many = true", "")
        + number('take = "open", window = 1')
        + TAIL % 'formula = "past"'
    )
    assert [("value", "a history gives a list")] == [
        (f.code, f.message()) for f in check_text(text) if f.severity != "note"
    ]


def example(lines):
    """Give code and message of the findings of an example over a history of totals."""
    past = number('take = "total", window = 1', 'range = "0..100"')
    record = "ratings = { work = 60, done = 60, flag = true, open = 3 }\n"
    found = findings(past, more=f'[[example]]\nname = "e"\n{record}{lines}\n')
    return [(code, message) for code, _, message in found]


@pytest.mark.parametrize(
    ("expected", "lines"),
    [
        (
            [],
            'period = "2025-02"\nhistory = { "2025-01" = { total = 60 } }\nexpect = { total = 60, past = [60] }',
        ),
        ([], 'period = "2025-02"\nexpect = { refused = ["past"] }'),
        (
            [("value", "earlier results are looked for only for the period of a record")],
            'history = { "2025-01" = { total = 60 } }\nexpect = { refused = ["past"] }',
        ),
        (
            [("value", "the period of this ruleset is a month, not a year")],
            'period = "2025"\nexpect = { refused = ["past"] }',
        ),
        (
            [("unknown-name", 'no history has the value "totl" of earlier results')],
            'period = "2025-02"\nhistory = { "2025-01" = { totl = 60 } }\nexpect = { refused = ["past"] }',
        ),
        (
            [("unknown-name", 'no history has the value "work" of earlier results')],
            'period = "2025-02"\nhistory = { "2025-01" = { work = 60 } }\nexpect = { refused = ["past"] }',
        ),
        (
            [("value", "must be a table of names with their values, not a number")],
            'period = "2025-02"\nhistory = { "2025-01" = 60 }\nexpect = { refused = ["past"] }',
        ),
    ],
)
def test_examples_in_time(expected, lines):
    """An example gathers for its period what its earlier results hold."""
    assert expected == example(lines)


def test_earlier_results_without_a_history():
    """No input looks for them."""
    text = (
        'schema = 1\nid = "x"\ncriterion = [{ id = "a", weight = 100 }]\n[[example]]\nname = "e"\n'
    )
    text += 'period = "2025"\nhistory = { "2024" = { total = 1 } }\nratings = { a = 1 }\nexpect = { total = 1 }\n'
    (finding,) = [f for f in check_text(text) if f.code == "unknown-name"]
    assert 'remove "history"' == finding.help()


def test_an_example_whose_record_and_history_both_fail():
    """All its problems are named: what could not be gathered, and what the record lacks."""
    past = number('take = "total", window = 1', 'range = "0..100"')
    more = '[[example]]\nname = "e"\nperiod = "2025-02"\nexpect = { total = 1 }\n'
    ((code, _, message),) = findings(past, more=more)
    assert "example-fails" == code
    assert "past: lacks earlier results" in message
    assert "done: is missing" in message


@pytest.mark.parametrize("wrong", [3, {"window": 1}, {"take": "a", "window": 1, "more": 2}])
def test_a_history_that_is_not_one(wrong):
    """In Python, a table with its keys."""
    with pytest.raises(ModelError, match=r"must be \{ take"):
        Input(name="a", type="number", many=True, history=wrong)


def test_a_history_is_a_value():
    """It may be given as itself."""
    past = Input(name="a", type="number", many=True, history={"take": "total", "window": 2})
    assert past == attrs.evolve(past, history=past.history)


@settings(max_examples=10)
@given(unsound_rubrics("gathered-range") | unsound_rubrics("window-empty"))
def test_a_planted_error_is_found(rubric):
    """Such a ruleset is not sound."""
    assert {"gathered-range", "window-empty"} & {
        f.code for f in check(rubric) if f.severity == "error"
    }


def test_an_unsound_history_is_rejected():
    """`loads` raises what `check` reports, but for warnings."""
    past = number('rubric = "other", take = "total", window = 1', "step = 0.5").replace(
        "}", ", missing = 0.3 }"
    )
    with pytest.raises(RulesetError) as error:
        loads(HEAD + past + TAIL % 'formula = "count(past)"')
    assert ["value"] == [f.code for f in error.value.findings]
