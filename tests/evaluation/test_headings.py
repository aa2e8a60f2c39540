"""Headings: which column gives which name, and what is wrong with columns as a whole."""

from __future__ import annotations

from contextlib import nullcontext, suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kpirules import InputError, evaluate, load, loads
from kpirules.compiler.plan import Plan
from kpirules.evaluation.headings import (
    EMPTY_ROW,
    PERSONAL,
    asked_for,
    match,
    names_in,
    normal,
    required_by,
    says_nothing,
)
from kpirules.evaluation.record import readers_of
from kpirules.testing import rubrics
from kpirules.testing.record_strategies import records, wild_records
from tests import tabling
from tests.costly import FILES
from tests.drawing import share


DEFAULTS = """
schema = 1
id = "d"
inputs.late = { type = "count", default = 0, label = { zh = "迟到次数", en = "Late arrivals" } }
inputs.complaints = { type = "count", default = 0, label = "Complaints (customers)" }
criterion = [
    { id = "p", weight = 50, formula = "50 - 10*late", clamp = "0..50" },
    { id = "q", weight = 50, formula = "50 - 25*complaints", clamp = "0..50" },
]
"""
RATERS = """
schema = 1
id = "r"
raters = { self = { weight = 20, label = "本人" }, superior = 80 }
criterion = [
    { id = "skill", weight = 60, label = { zh = "技能", en = "Skill" } },
    { id = "team_work", weight = 40, missing = "zero" },
]
"""
#: columns that people carry through: none resembles an input of a shipped ruleset
CARRIED = [
    *PERSONAL, "note", "notes", "date", "dept", "department", "remark", "remarks", "rank", "grade",
    "month", "team", "office", "manager", "status", "shift", "site", "备注", "部门", "日期",
    "岗位", "序号", "合计", "", " ",
]  # fmt: skip
SHIPPED = ("accountant", "customer-service", "developer", "warehouse-keeper")


def plan_of(text):
    return Plan(loads(text))


@pytest.fixture(scope="module")
def defaults():
    return plan_of(DEFAULTS)


@pytest.fixture(scope="module")
def raters():
    return plan_of(RATERS)


def problems(plan, *columns, **options):
    """The problems of some columns, by what they are about."""
    found = match(plan, columns, **options).problems
    return {p.input: str(p).removeprefix(f"{p.input}: ") for p in found}


# ---------------------------------------------------------------- which column is which name


@pytest.mark.parametrize(
    "heading",
    ["late", "LATE", " late ", "Late", "late (times)", "late\n(times)", "\ufefflate", "la\u200bte",
     "\uff2c\uff21\uff34\uff25", "late\uff08次\uff09", "late [n]", "迟到 次数", "Late-Arrivals", "late_arrivals",
     "LATE ARRIVALS (days) [10]", "迟到次数\u3010次\u3011"],
)  # fmt: skip
def test_a_heading_is_its_name_however_it_is_written(defaults, heading):
    """Case, width, blanks, line breaks, a unit in brackets, a label: it gives ``late``."""
    found = match(defaults, ["who", heading, "complaints"])
    assert ((None, "late", "complaints"), ()) == (found.names, found.problems)


@pytest.mark.parametrize(
    ("heading", "name"),
    [
        ("Complaints (customers)", "complaints"),
        ("complaints customers", None),
        ("Complaints", "complaints"),
        ("Complaints (lost)", "complaints"),
        ("(complaints)", None),
        ("complaints()", "complaints"),
        ("p", "p"),
        ("", None),
        ("()", None),
        ("-_ \u200b", None),
    ],
)
def test_brackets_are_removed_at_the_end_alone(defaults, heading, name):
    """What does not match whole is matched without brackets at its end; nothing matches nothing."""
    assert name == match(defaults, ["late", heading]).names[1]


def test_a_label_that_differs_in_its_brackets_is_another():
    """ "Calls (lost)" is not "Calls (in)"; "Calls" fits both labels, so it is neither."""
    plan = plan_of(
        'schema = 1\nid = "c"\n'
        'inputs.a = { type = "count", label = "Calls (in)" }\n'
        'inputs.b = { type = "count", label = "Calls (out)" }\n'
        'criterion = [{ id = "x", weight = 100, formula = "a + b", clamp = "0..100" }]'
    )
    assert ("a", "b", None) == match(plan, ["calls [IN]", "Calls(Out)", "Calls (lost)"]).names
    found = problems(plan, "Calls")
    assert {"Calls": "fits more than one name: a and b; use one of these"} == found


@pytest.mark.parametrize(
    "heading",
    ["skill.self", "Skill.Self", "SKILL self", "skill_self", "Skill (Self)", "Skill - self",
     "技能 本人", "技能\uff08本人\uff09", "技能.本人", "Skill: 本人", "skill/本人", "技能\u3010self\u3011"],
)  # fmt: skip
def test_a_rating_of_one_rater_has_both_in_its_heading(raters, heading):
    """Criterion and rater by id or label, in the usual joinings."""
    columns = [heading, "Skill (superior)", "team work self", "team-work (Superior)"]
    found = match(raters, columns)
    names = ("skill.self", "skill.superior", "team_work.self", "team_work.superior")
    assert (names, ()) == (found.names, found.problems)


def test_a_criterion_without_its_rater_is_no_rating(raters):
    """The heading "Skill" does not say whose rating it is; it may be meant for one."""
    found = match(raters, ["Skill", "skill.superior", "team_work.self", "team_work.superior"])
    assert (None, "skill.superior") == found.names[:2]
    said = 'has no column (Skill 本人); did you mean "Skill"?'
    assert [f"skill.self: {said}"] == list(map(str, found.problems))
    found = match(raters, ["skill.self", "team_work.self", "team_work.superior"])
    assert ["skill.superior: has no column (Skill superior)"] == list(map(str, found.problems))


def test_an_id_goes_before_a_label():
    """A heading that is the id of one input and the label of another gives the first."""
    plan = plan_of(
        'schema = 1\nid = "c"\n'
        'inputs.late = { type = "count", label = "tardy" }\n'
        'inputs.tardy = { type = "count", label = "Late" }\n'
        'criterion = [{ id = "x", weight = 100, formula = "late + tardy", clamp = "0..100" }]'
    )
    assert ("tardy", "late") == match(plan, ["Tardy", "LATE"]).names


def test_a_label_of_two_names_is_told_with_both():
    """An input and its criterion of one label: the heading must be one of the ids."""
    plan = plan_of(
        'schema = 1\nid = "c"\n'
        'inputs.sold = { type = "count", label = "Sales" }\n'
        'criterion = [{ id = "x", weight = 100, label = "sales", formula = "sold", '
        'clamp = "0..100" }]'
    )
    assert {"Sales": "fits more than one name: sold and x; use one of these"} == problems(
        plan, "Sales"
    )
    assert {} == problems(plan, "sold")
    assert {} == problems(plan, "x")


def test_a_label_with_a_unit_may_have_a_remark_behind_it():
    """A remark is left out, and the unit that belongs to the label is not."""
    plan = plan_of(
        'schema = 1\nid = "c"\n'
        'inputs.share = { type = "number", range = "0..100", label = "Share (%)" }\n'
        'inputs.amount = { type = "number", range = "0..100", label = "Share (sum)" }\n'
        'criterion = [{ id = "x", weight = 100, formula = "max(share, amount)" }]'
    )
    assert ("share", "amount") == match(plan, ["Share（%） (n)", "share (SUM) (a) (b)"]).names


def test_two_columns_of_one_name_are_told_with_both(defaults):
    """Nobody knows which of them is meant."""
    found = problems(defaults, "late", "Late (times)", "迟到次数", "complaints")
    assert {"late": 'has 3 columns: "late", "Late (times)", "迟到次数"; keep one'} == found


@given(data=st.data(), id_=st.sampled_from(SHIPPED))
def test_any_spelling_of_ids_and_labels_is_understood(data, id_):
    """Every name of shipped rulesets, by its id or a label of its own, disguised: nothing wrong."""
    plan = Plan(load(id_))
    labels = {fact.name: fact.label for fact in plan.rubric.inputs}
    labels |= {c.id: c.criterion.label for c in plan.criteria}
    names = list(readers_of(plan))
    calls = {
        n: [n, *(t for _, t in labels[n].by_language)] if labels.get(n) else [n] for n in names
    }
    every = [normal(call) for some in calls.values() for call in dict.fromkeys(map(normal, some))]
    columns = []
    for name in names:
        clear = [call for call in calls[name] if every.count(normal(call)) == 1]
        call = data.draw(st.sampled_from(clear or [name]))
        change = data.draw(st.sampled_from([str.upper, str.title, "{} (n)".format, " {}\n".format]))
        columns.append(change(call))
    found = match(plan, columns)
    assert (tuple(names), (), ()) == (found.names, found.problems, found.assumed)


def test_the_row_of_headings_is_found_by_the_names_in_it(defaults):
    """A title has none, a heading has some."""
    assert 0 == names_in(defaults, ["Facts of October", "", "who"])
    assert 2 == names_in(defaults, ["name", "迟到次数", "Complaints"])


# ---------------------------------------------------------------- what is wrong


def test_a_table_without_any_name_is_one_problem(defaults):
    """What the ruleset asks for is listed with its labels, once."""
    asks = "late (迟到次数, Late arrivals), complaints (Complaints (customers))"
    said = f"none of the columns is a name of the ruleset; it asks for {asks}"
    assert {"": said} == problems(defaults, "name", "Spät", "Beschwerden")
    assert {"": said} == problems(defaults)
    assert {"": said} == problems(defaults, "n", allow_missing=("late", "complaints"))


def test_a_column_that_is_not_there_is_told_though_it_has_a_default(defaults):
    """A default answers for an empty cell; all such names are told at once, with their labels."""
    found = problems(defaults, "q")
    add = "add it, or name it in allow_missing"
    assert {"late": f"has no column (迟到次数, Late arrivals); {add}"} == found


def test_a_near_miss_is_told_in_the_line_of_what_has_no_column(defaults):
    """One mistake, one problem; also where two columns look like one name."""
    found = problems(defaults, "complaints", "Latte arrivals", "lates")
    said = "has no column (迟到次数, Late arrivals)"
    assert {"late": f'{said}; did you mean "Latte arrivals" or "lates"?'} == found


def test_a_near_miss_of_what_is_not_asked_for_is_told_of_the_column():
    """A remark needs no column; one that looks like it is a mistake all the same."""
    plan = plan_of(
        'schema = 1\nid = "c"\ncriterion = [{ id = "skill", weight = 100 }, '
        '{ id = "comment", scored = false }]'
    )
    meant = 'is not a name of this ruleset; did you mean "comment"?'
    assert {"coment": meant} == problems(plan, "skill", "coment")
    assert {} == problems(plan, "skill", "coment", allow_missing=["comment"])
    assert {} == problems(plan, "skill", "comment", "coment")


@pytest.mark.parametrize("id_", SHIPPED)
def test_columns_that_people_carry_are_no_near_misses(id_):
    """Names, numbers, dates, departments, remarks pass, in two languages."""
    plan = Plan(load(id_))
    asked = [n for n in readers_of(plan) if n in asked_for(plan, ())]
    found = match(plan, [*CARRIED, *asked])
    assert ((*[None] * len(CARRIED), *asked), ()) == (found.names, found.problems)


def test_numbers_tell_names_apart():
    """ "task 4" is not a misspelled "task_3"."""
    tasks = ", ".join(f'{{ id = "task_{i}", weight = 50 }}' for i in (1, 2))
    plan = plan_of(
        f'schema = 1\nid = "c"\ncriterion = [{tasks}, {{ id = "task_3", scored = false }}]'
    )
    assert {} == problems(plan, "task_1", "task_2", "task 4")
    assert {"taask 3"} == set(problems(plan, "task_1", "task_2", "taask 3"))


# ---------------------------------------------------------------- what may be missing


def test_a_policy_answers_where_it_is_allowed_to(defaults, raters):
    """``allow_missing`` names inputs, ratings, or a criterion for all its raters."""
    found = match(defaults, ["late"], allow_missing=("complaints", "late"))
    assert ((), ("complaints",)) == (found.problems, found.assumed)
    found = match(raters, ["skill.self", "skill.superior"], allow_missing={"team_work"})
    assert ((), ("team_work.self", "team_work.superior")) == (found.problems, found.assumed)
    found = match(defaults, ["late", "complaint"], allow_missing=["complaints"])
    assert ((), (None,)) == (found.problems, found.names[1:])


def test_what_has_no_policy_is_asked_for_all_the_same(raters):
    """A judged criterion whose missing rating is an error cannot be left out."""
    found = match(raters, ["skill.self", "team_work.self", "team_work.superior"],
                  allow_missing=["skill"])  # fmt: skip
    said = "has no column (Skill superior), and no default: it cannot be left out"
    shown = [str(problem) for problem in found.problems]
    assert ([f"skill.superior: {said}"], ()) == (shown, found.assumed)


def test_an_unknown_name_that_is_allowed_to_be_missing_is_a_problem(defaults):
    """It is told with the name that was meant; a text alone is no list of names."""
    found = problems(defaults, "late", "complaints", allow_missing=["lat", "x"])
    said = "in allow_missing is not a name of this ruleset"
    assert {"lat": f'{said}; did you mean "late"?', "x": said} == found
    with pytest.raises(TypeError, match="a collection of names, not the text 'late'"):
        match(defaults, ["late"], allow_missing="late")


# ---------------------------------------------------------------- what is asked for

LANGUAGE = """
schema = 1
id = "l"
step = 0.5
inputs.a = { type = "count" }
inputs.b = { type = "count", default = 1 }
inputs.c = { type = "count" }
inputs.e = { type = "flag" }
inputs.f = { type = "count" }
inputs.g = { type = "count", default = 0 }
inputs.h = { type = "count" }
inputs.k = { type = "choice", options = ["x", "y"] }
derive.d = { formula = "a + b" }
adjust = [{ id = "bonus", formula = "f", clamp = "0..5", missing = "skip" }]
gate = [{ when = { e = true }, total_at_most = 50 }]
outcome.o = { formula = "h", missing = "skip" }
tier = [{ id = "t", total = "0..105" }]
total = { formula = "raw_total + adjust.bonus", range = "0..105" }
criterion = [
    { id = "measured", weight = 40, of = "d", bands = [
        { when = "missing", points = 0 }, { when = ">= 0", points = 40 } ] },
    { id = "judged", weight = 30 },
    { id = "by_kind", weight = 20, of = "k", bands = [
        { when = "x", points = "0..10" }, { when = "y", points = "10..20" } ] },
    { id = "mixed", weight = 10, of = "g", missing = "zero", bands = [
        { when = 0, points = "0..10" }, { when = ">= 1", points = 0 } ] },
    { id = "unscored", scored = false, formula = "c" },
    { id = "remark", scored = false },
    { id = "idle", weight = 0, scale = 1 },
]
"""
ALL = {"a", "b", "judged", "by_kind", "mixed", "e", "f", "h"}


@pytest.mark.parametrize(
    ("present", "asked"),
    [
        ((), ALL),
        (("measured",), ALL - {"a", "b"} | {"measured"}),
        (("a", "b", "k"), ALL),
        (("g",), ALL),
    ],
)
def test_what_scored_parts_use_is_asked_for(present, asked):
    """Facts of criteria, or their ratings; adjustments, gates, outcomes; also where they skip."""
    assert asked == asked_for(plan_of(LANGUAGE), present)


def test_what_may_be_left_out_is_what_some_policy_answers_for():
    """A default, ``missing``, a band for "missing", ``skip``."""
    assert {"judged", "by_kind", "e"} == required_by(plan_of(LANGUAGE), ())


@pytest.mark.parametrize(
    ("text", "asked", "required"),
    [
        # weights that are given for each person
        ('inputs.w = { type = "number", range = "0..100" }\n'
         'criterion = [{ id = "x", weight = "w", scale = 5 }, { id = "y", weight = "100 - w", scale = 5 }]',
         {"w", "x", "y"}, {"w", "x", "y"}),
        # a rating that a gate asks for
        ('criterion = [{ id = "x", weight = 100 }, { id = "y", scored = false, range = "0..5" }]\n'
         'gate = [{ when = { y = 0 }, total_at_most = 50 }]', {"x", "y"}, {"x", "y"}),
        # points of a criterion that is not scored
        ('inputs.n = { type = "count" }\n'
         'criterion = [{ id = "x", weight = 100 }, { id = "y", scored = false, formula = "n" }]\n'
         'adjust = [{ id = "z", formula = "points.y", clamp = "0..5" }]\n'
         'total = { formula = "raw_total", range = "0..100" }', {"x", "n"}, {"x"}),
        # awards whatever the facts are; what is left out is not required where a gate asks for it
        ('inputs.n = { type = "flag" }\n'
         'criterion = [{ id = "x", weight = 100, missing = "exclude" }]\n'
         'gate = [{ when = { x = 0 }, unratable = true }]', {"x"}, set()),
        # a fact that some band asks for, and the total's own
        ('inputs.n = { type = "flag" }\ninputs.m = { type = "count" }\n'
         'derive.f = { of = "n", bands = [{ when = true, formula = "m" }, '
         '{ when = false, value = 0 }] }\n'
         'inputs.t = { type = "count", range = "0..9" }\n'
         'criterion = [{ id = "x", weight = 100, formula = "f", clamp = "0..100" }]\n'
         'total = { formula = "clamp(raw_total - t, 0, 100)" }',
         {"n", "m", "t"}, {"n", "t"}),
        # nothing is asked for
        ("outcome.o = { value = 3 }", set(), set()),
    ],
)  # fmt: skip
def test_what_is_asked_for_and_what_is_required(text, asked, required):
    """A name is asked for where something scored uses it; required where nothing scores else."""
    plan = plan_of(f'schema = 1\nid = "t"\n{text}')
    assert (asked, required) == (asked_for(plan, ()), required_by(plan, ()))


def test_a_table_is_scored_without_columns_where_nothing_is_asked_for():
    """A constant needs no record."""
    plan = plan_of('schema = 1\nid = "t"\noutcome.o = { value = 3 }')
    found = match(plan, ["name"])
    assert ((None,), (), ()) == (found.names, found.problems, found.assumed)


def flat(record):
    """A record without what is missing, its names written with dots."""
    return {name: value for name, value in tabling.flat(record).items() if value is not None}


@share(1 / 2)
@given(data=st.data(), rubric=rubrics())
def test_no_record_is_scored_without_what_is_required(data, rubric):
    """Of random rubrics: whatever else a record gives."""
    record = flat(data.draw(wild_records(rubric)))
    lacking = required_by(Plan(rubric), frozenset(record)) - record.keys()
    with pytest.raises(InputError) if lacking else nullcontext():
        evaluate(rubric, record if lacking else data.draw(records(rubric)))


@given(data=st.data(), rubric=rubrics())
def test_what_is_not_asked_for_does_not_change_the_total(data, rubric):
    """Of random rubrics and records, where both are scored: total, tier and outcomes."""
    plan, record = Plan(rubric), flat(data.draw(records(rubric)))
    whole = evaluate(rubric, record)
    for name in record:
        less = {n: v for n, v in record.items() if n != name}
        if name not in asked_for(plan, record) | asked_for(plan, less):
            with suppress(InputError):
                part = evaluate(rubric, less)
                same = (part.total, part.tier, part.outcomes)
                assert (whole.total, whole.tier, whole.outcomes) == same


# ---------------------------------------------------------------- rows that give nothing


def test_a_row_of_blanks_says_nothing():
    """None and blank texts say nothing; "n/a", 0 and False say something."""
    assert says_nothing([])
    assert says_nothing([None, "", " \u3000\n"])
    assert not any(says_nothing([None, value]) for value in ("n/a", 0, False, "0", ()))
    assert "gives none of the values that the ruleset asks for" == EMPTY_ROW.message()


def test_the_needs_of_derived_facts_are_looked_at_once():
    """A lattice of derived facts, each of two others, has more ways through it than can be followed."""
    plan = Plan(loads(FILES["a lattice of derived facts"]()))
    names = sorted(plan.scope.inputs)
    assert set(names) >= required_by(plan, names) > set()
