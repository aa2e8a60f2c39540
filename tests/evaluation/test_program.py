"""A rubric compiled: its stages, its tables, and records of whatever shape through it."""

from __future__ import annotations

import ast
import copy
import decimal
import gc
import os
import pickle
import random
from collections import ChainMap, UserDict
from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction
from types import MappingProxyType
from weakref import ref

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kpirules import InputError, dumps, evaluate, load, load_file, loads, rulesets
from kpirules._internal import caching
from kpirules._internal.caching import BoundedCache, IdentityCache, LruCache
from kpirules._internal.display import brief
from kpirules.api import load as api_load
from kpirules.api.programs import program_of
from kpirules.compiler.plan import Plan
from kpirules.compiler.stages import in_form_order
from kpirules.evaluation.context import Context
from kpirules.evaluation.evaluator import Evaluator
from kpirules.evaluation.result_form import form_of
from kpirules.evaluation.state import INVALID, State
from kpirules.model import names
from kpirules.model.dependencies import computed_names
from kpirules.model.names import Points
from kpirules.registry import files
from kpirules.registry.search import Search
from kpirules.testing import bad_records, records, rubrics
from tests import ROOT
from tests.drawing import share
from tests.reference.customer_service import random_record, score
from tests.shipped import RECORD


SOURCE = ROOT / "src" / "kpirules"
HEAD = 'schema = 1\nid = "x"\n'


@pytest.fixture
def rubric():
    """Load a rubric whose tables are empty."""
    return attrs.evolve(load("customer-service"))


def problems(rubric, record):
    """List the problems of a record."""
    with pytest.raises(InputError) as caught:
        evaluate(rubric, record)
    return [f"{p.input}: {p.message()}" for p in caught.value.problems]


# ---------------------------------------------------------------- stages and names


@pytest.mark.parametrize("id_", sorted({ruleset.id for ruleset in rulesets()}))
def test_computed_names_are_written_as_they_were_parsed(id_):
    """And each is the name of a stage, in the order of the plan."""
    plan = Plan(load(id_))
    assert [str(names.parse(name)) for name in plan.order] == [*plan.order]
    assert [names.parse(name) for name in plan.order] == [s.name for s in Context(plan).stages]


def test_a_name_of_each_kind():
    """Kinds that share a beginning are told apart."""
    texts = ("weight.section.a", "weight.a", "gate[12]", "raw_total", "gates", "days")
    kinds = [type(names.parse(text)).__name__ for text in texts]
    assert ["SectionWeight", "CriterionWeight", "Refusal", "RawTotal", "Gates", "Derived"] == kinds
    assert Points("a") == names.parse("points.a")
    assert texts == tuple(str(names.parse(text)) for text in texts)


def test_an_expectation_may_name_the_kind_of_a_derived_fact():
    """``derived.days`` and ``days`` are the same name."""
    assert (names.Derived("days"),) * 2 == tuple(map(names.parse, ("derived.days", "days")))
    assert ("days", "a", "a", "total") == tuple(
        map(names.id_of, ("days", "points.a", "weight.section.a", "total"))
    )


@pytest.mark.parametrize("id_", sorted({ruleset.id for ruleset in rulesets()}))
def test_the_computed_names_are_those_of_the_graph(id_):
    """Each once, and the stages in the order of the form are those of the plan."""
    plan = Plan(load(id_))
    found = [*map(str, computed_names(plan.rubric))]
    assert sorted(plan.scope.graph) == sorted(found)
    assert found == [str(stage.name) for stage in in_form_order(plan)]


def test_the_names_of_a_kind_come_in_the_order_of_the_form():
    """Whatever they depend on: an adjustment before another that it needs."""
    rubric = loads("""
schema = 1
id = "order"
label = "Order"
[[criterion]]
id = "a"
weight = 100
[[adjust]]
id = "first"
formula = "adjust.second + 1"
range = "-9..9"
[[adjust]]
id = "second"
points = 1
[total]
clamp = "0..100"
""")
    plan = Plan(rubric)
    adjusted = [n for n in plan.order if isinstance(names.parse(n), names.Adjustment)]
    assert ["adjust.second", "adjust.first"] == adjusted
    kinds = [stage.name for stage in in_form_order(plan)]
    assert kinds.index(names.Adjustment("first")) < kinds.index(names.Adjustment("second"))


def test_nothing_is_compiled_from_text():
    """No part of the library calls ``eval``, ``exec`` or ``compile``."""
    called = {
        node.func.id
        for path in SOURCE.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
    }
    assert set() == called & {"eval", "exec", "compile"}


def test_nothing_is_written_into_a_rubric():
    """Beside the state of a copy, no module sets a field of what is frozen."""
    told = {
        path.name
        for path in SOURCE.rglob("*.py")
        if "object.__setattr__(" in path.read_text(encoding="utf-8")
    }
    assert {"rubric.py"} >= told


# ---------------------------------------------------------------- what is kept


class Thing:
    """Something that equals every other of its kind."""

    def __eq__(self, other):
        return isinstance(other, Thing)

    def __hash__(self):
        return 1


def test_what_is_known_of_an_object_goes_with_it():
    """Equal objects are told apart; of one that is gone nothing is known."""
    known = IdentityCache()
    one, other = Thing(), Thing()
    known[one], known[other] = 1, 2
    assert (1, 2, 2) == (known.get(one), known.get(other), len(known))
    known[one] = 3
    assert (3, 2) == (known.get(one), len(known))
    del one
    gc.collect()
    assert (2, 1) == (known.get(other), len(known))
    assert None is known.get(Thing())


def test_an_entry_of_another_object_at_the_same_place_stays():
    """What goes late takes nothing else with it."""
    known = IdentityCache()
    one, other = Thing(), Thing()
    known[one] = 1
    gone, _ = known._known[id(one)]  # noqa: SLF001 - how entries go is under test
    known[other] = 2
    known._known[id(one)] = known._known[id(other)]  # noqa: SLF001 - as above
    known._forget(id(one))(gone)  # noqa: SLF001 - as above
    assert 2 == known.get(one)


def test_a_table_that_is_full_is_emptied(monkeypatch):
    """It never has more entries than it may."""
    monkeypatch.setattr(caching, "MAX_ENTRIES", 2)
    table = BoundedCache()
    for i in range(5):
        table.keep(i, i)
        assert len(table) <= 2
    assert {4: 4} == table


def test_rubrics_that_are_no_longer_used_are_collected(monkeypatch):
    """Nothing known of a rubric keeps it, apart from the last ones compiled."""
    for bound in ("MAX_ENTRIES", "MAX_RULESETS"):
        monkeypatch.setattr(caching, bound, 2)
    seen = []
    for i in range(6):
        rubric = loads(
            HEAD
            + f'label = "{i}"\ninputs.n = {{ type = "number", range = "0..9" }}\ntotal.formula = "n + 0"'
        )
        assert evaluate(rubric, {"n": i}).total == i
        evaluate(rubric, {"n": i}).to_json()
        assert program_of(rubric) is program_of(rubric)
        with pytest.raises(InputError):
            evaluate(rubric, {"n": "x"})
        seen.append(ref(rubric))
    del rubric
    gc.collect()
    assert sum(each() is not None for each in seen) <= 2


def test_a_line_is_made_once_for_a_value(rubric):
    """Two people with the same value have the same line."""
    one = evaluate(rubric, RECORD)
    other = evaluate(rubric, {**RECORD, "skill": 9})
    assert one.lines[0] is other.lines[0]
    assert one.lines[0] is one.lines[0]
    assert one.verdict is evaluate(rubric, RECORD).verdict


def test_provenance_is_beside_the_rubric():
    """A changed rubric has none; a copy has the package alone."""
    rubric = load("customer-service")
    assert rubric.origin is not None
    assert rubric.package is not None
    changed = attrs.evolve(rubric, id="other")
    assert (None, None) == (changed.origin, changed.package)
    for again in (pickle.loads(pickle.dumps(rubric)), copy.deepcopy(rubric)):  # noqa: S301 - our own
        assert (None, rubric.package) == (again.origin, again.package)
        assert again == rubric


# ---------------------------------------------------------------- records of any shape


class Query(dict):
    """A dict whose values are the last of several, as those of web frameworks."""

    def values(self):
        return [value[-1] for value in super().values()]

    def items(self):
        return [(name, value[-1]) for name, value in super().items()]

    def __getitem__(self, name):
        return super().__getitem__(name)[-1]


class Twice(Mapping):
    """A mapping that has a name twice."""

    def __init__(self, pairs):
        self._pairs = pairs

    def __getitem__(self, name):
        return dict(self._pairs)[name]

    def __iter__(self):
        return iter(dict(self._pairs))

    def __len__(self):
        return len(self._pairs)

    def items(self):
        return self._pairs


SHAPES = {
    "proxy": MappingProxyType,
    "user": UserDict,
    "chain": ChainMap,
    "query": lambda record: Query({name: [None, value] for name, value in record.items()}),
    "reversed": lambda record: dict(reversed(record.items())),
    "missing": lambda record: (
        {**record, "leave": None, "manner ": None} and {**record, "leave": ""}
    ),
    "decimals": lambda record: {n: v if v == "met" else Decimal(v) for n, v in record.items()},
    "floats": lambda record: {n: v if v == "met" else float(v) for n, v in record.items()},
    "fractions": lambda record: {n: v if v == "met" else Fraction(v) for n, v in record.items()},
    "texts": lambda record: {n: str(v) for n, v in record.items()},
}


@pytest.mark.parametrize("shape", SHAPES)
def test_a_record_is_the_same_in_every_shape(rubric, shape):
    """Twice in turn with a dict: once computed, once looked up."""
    expected = evaluate(rubric, RECORD)
    for _ in range(2):
        made = evaluate(rubric, SHAPES[shape](RECORD))
        assert expected == made
        assert expected.to_json() == made.to_json()
        assert expected == evaluate(rubric, RECORD)


def test_a_mapping_that_has_a_name_twice_says_so(rubric):
    """As a record that has it with dots and in a table."""
    pairs = [*RECORD.items(), ("late", 2)]
    assert ["late: is given twice, the other time as 2; give it once"] == problems(
        rubric, Twice(pairs)
    )
    assert expected_of(RECORD) == evaluate(rubric, Twice([*RECORD.items(), ("late", 1)])).total


def expected_of(record):
    """Give the total by the reference."""
    return score(record)[0]


def test_names_and_values_without_a_hash(rubric):
    """They are told like any other."""
    twice = Twice([*RECORD.items(), ([], 1)])
    assert ["[]: names are texts"] == problems(rubric, twice)
    evaluate(rubric, RECORD)
    assert ["late: is not a number"] == problems(rubric, {**RECORD, "late": Decimal("sNaN")})
    assert ["late: is not a number but of type list"] == problems(rubric, {**RECORD, "late": [1]})
    assert ["1: names are texts"] == problems(rubric, {**RECORD, 1: 1})


def test_equal_values_of_other_classes_are_read_by_their_class(rubric):
    """True equals 1; a float equals a fraction that is not what it means."""
    assert 84 == evaluate(rubric, {**RECORD, "late": 1}).total
    assert ["late: is true or false, not a number"] == problems(rubric, {**RECORD, "late": True})
    text = HEAD + 'inputs.n = { type = "number", range = "0..9" }\n[[criterion]]\nid = "a"\n'
    rubric = loads(text + 'weight = 100\nformula = "n"\n')
    for _ in range(2):
        assert Fraction(1, 10) == evaluate(rubric, {"n": 0.1}).total.exact
        assert Fraction(0.1) == evaluate(rubric, {"n": Fraction(0.1)}).total.exact


def test_a_result_keeps_what_was_given(rubric):
    """Whatever becomes of the record afterwards."""
    evaluate(rubric, RECORD)
    record = dict(RECORD)
    result = evaluate(rubric, record)
    record["late"] = 3
    assert dict(sorted(RECORD.items())) == result.inputs


def test_random_records_are_those_of_the_reference(rubric):
    """Facts, ratings in place of them, both, remarks; one after the other."""
    rng = random.Random(20261127)
    for _ in range(300):
        record = random_record(rng)
        total, tier, pay, points, _ = score(record)
        result = evaluate(rubric, record)
        assert (total, tier, pay) == (result.total, result.tier.id, result.pay)
        assert points == {n.criterion: n.points for n in result.lines if n.points is not None}
        remark = record.get("problem_handling") or None
        assert [remark] == [n.remark for n in result.lines if n.criterion == "problem_handling"]


def test_a_remark_that_is_no_text_is_rejected(rubric):
    """Also when others were looked up before."""
    lines = evaluate(rubric, {**RECORD, "problem_handling": "calm"}).lines
    assert ["calm"] == [line.remark for line in lines if line.remark is not None]
    (message,) = problems(rubric, {**RECORD, "problem_handling": 3})
    assert message.startswith("problem_handling: is not a text")


IDLE = HEAD + 'inputs.n = { type = "count" }\n[[criterion]]\nid = "a"\nweight = 100\n'


def test_a_name_that_nothing_depends_on_is_read_all_the_same():
    """What is not allowed for it is a problem."""
    rubric = loads(IDLE)
    for _ in range(2):
        assert {"a": 5, "n": 3} == evaluate(rubric, {"a": 5, "n": 3}).inputs
        assert ["n: is out of range"] == problems(rubric, {"a": 5, "n": -1})
        assert ["n: is not a number but of type list"] == problems(rubric, {"a": 5, "n": [1]})


def test_a_total_that_is_no_whole_number_of_units_is_added_up():
    """The contributions are thirds of what a unit is."""
    text = HEAD + 'inputs.n = { type = "number", range = "1..9" }\n[[criterion]]\nid = "a"\n'
    rubric = loads(text + 'weight = 100\nformula = "100 / n"\n')
    assert Fraction(100, 7) == evaluate(rubric, {"n": 7}).total.exact
    assert 50 == evaluate(rubric, {"n": 2}).total


def test_a_rule_rejects_what_was_looked_up():
    """Each value by itself was seen before."""
    gate = 'gate = [{ when = { n = ">= 5" }, refuse = true }]\n'
    rubric = loads(IDLE.replace("[[criterion]]", f"{gate}[[criterion]]"))
    assert 5 == evaluate(rubric, {"a": 5, "n": 3}).total
    assert ["n: is rejected where n >= 5"] == problems(rubric, {"a": 5, "n": 5})


def test_what_two_stages_report_is_reported_once():
    """Both outcomes need what is missing."""
    outcomes = '[outcome.b]\nformula = "n"\n[outcome.c]\nformula = "n * 2"\n'
    rubric = loads(IDLE + outcomes)
    assert {"b": 3, "c": 6} == evaluate(rubric, {"a": 5, "n": 3}).outcomes
    assert ["n: is missing"] == problems(rubric, {"a": 5})


def test_a_remark_beside_what_may_be_left_out():
    """Where weights depend on the record, a line with a remark is not kept."""
    said = '[[criterion]]\nid = "said"\nscored = false\n'
    rubric = loads(f'{IDLE}missing = "exclude"\n{said}')
    for remark in ("one", "two", None):
        result = evaluate(rubric, {"a": 5, "said": remark})
        assert (5, remark) == (result.total, result.lines[-1].remark)
        assert result.unratable is False
    assert evaluate(rubric, {"said": "one"}).unratable


def test_the_form_of_results_is_made_once(rubric):
    """A fingerprint takes its time."""
    assert form_of(Plan(rubric)) is form_of(Plan(rubric))


def test_the_invalid_value_says_what_it_is():
    """For whoever looks at a state."""
    assert "invalid" == repr(INVALID)


def test_a_decimal_context_changes_no_table(rubric):
    """What was made under another context is the same."""
    with decimal.localcontext(prec=1):
        made = evaluate(rubric, RECORD)
    assert made == evaluate(attrs.evolve(rubric), RECORD)


# ---------------------------------------------------------------- by id


def write(folder, note, day="2025-01-01"):
    """Write a ruleset."""
    path = folder / "depot" / f"{day}.rubric.toml"
    path.parent.mkdir(exist_ok=True)
    text = f'schema = 1\nid = "depot"\neffective_from = {day}\nnote = "{note}"\n'
    path.write_text(text + '[[criterion]]\nid = "a"\nweight = 100\n', encoding="utf-8")
    return path


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """Look for rulesets in a folder."""
    monkeypatch.setenv("KPIRULES_PATH", f"{tmp_path}{os.pathsep}{tmp_path / 'none'}")
    monkeypatch.setattr(api_load, "_CACHES", LruCache(2))
    return tmp_path


def test_an_id_is_looked_for_again_when_something_changed(folder, monkeypatch):
    """Its file, another version beside it, the ruleset of another source; and not otherwise."""
    write(folder, "one")
    first = load("depot")
    read = []
    within = Search.within
    monkeypatch.setattr(Search, "within", lambda self, *a: read.append(a[0]) or within(self, *a))
    assert first is load("depot")
    assert [] == read
    write(folder, "two")
    assert "two" == load("depot").note.get()
    write(folder, "three", "2026-01-01")
    assert "three" == load("depot").note.get()
    assert 5 == evaluate("depot", {"a": 5}).total
    assert 2 == len(read)
    (folder / "depot" / "2026-01-01.rubric.toml").unlink()
    assert "two" == load("depot").note.get()
    assert 3 == len(read)
    write(folder, "two")
    assert "two" == load("depot").note.get()
    assert 3 == len(read)


@pytest.mark.parametrize("settled", [10**15, -(10**15)])
def test_a_file_that_is_written_again_with_its_size_and_time_is_read_again(
    folder, monkeypatch, settled
):
    """A file that was changed just now is read each time: the clock of the disk is coarse."""
    monkeypatch.setattr(files, "_SETTLED_NS", settled)
    path = write(folder, "one")
    os.utime(path, ns=(1, 1))
    assert "one" == load("depot").note.get()
    write(folder, "two")
    os.utime(path, ns=(1, 1))
    assert "two" == load("depot").note.get()


def test_a_file_by_its_path_is_no_id(folder):
    """It has its own state."""
    path = write(folder, "one")
    assert load_file(path) == load("depot")
    assert program_of(load("depot")) is program_of(load("depot"))


# ---------------------------------------------------------------- rejected records


@pytest.mark.parametrize("value", [2, "2?", "x" * 101, Decimal("2.0"), Decimal("2.00"), 2.0, [2]])
def test_a_rejected_value_is_reported_as_it_is_given(value):
    """Its problem names the value of this record, whatever equal value was rejected before."""
    rubric = load("customer-service")
    for _ in range(2):
        with pytest.raises(InputError) as caught:
            evaluate(rubric, {**RECORD, "skill": value})
        (problem,) = map(str, caught.value.problems)
        assert problem.startswith(f"skill = {brief(value)}: ")


def test_all_problems_of_a_record_are_reported_together():
    """Missing, not allowed, unknown: in the order of the form, unknown names last."""
    rubric = load("customer-service")
    record = {"skil": 9, **RECORD, "skill": 2, "conversion": "1?"}
    del record["late"]
    for _ in range(2):
        names = [str(problem).partition(":")[0] for problem in problems(rubric, record)]
        assert ["late", "skill", "conversion", "skil"] == names


def test_rejected_records_leave_the_others_as_they_are():
    """What a rejected record leaves in the tables gives the results that a new program gives."""
    text = dumps(load("customer-service"))
    records = [RECORD, {**RECORD, "duty": "partly"}, {**RECORD, "late": 1, "volume": 3}]
    fresh = []
    for record in records:
        try:
            fresh.append(evaluate(loads(text), record).to_json())
        except InputError as error:
            fresh.append(str(error))
    rubric = loads(text)
    after = []
    for record in records:
        problems(rubric, {**record, "skill": 2})
        try:
            after.append(evaluate(rubric, record).to_json())
        except InputError as error:
            after.append(str(error))
    assert fresh == after


def test_a_derived_fact_may_begin_with_the_name_of_a_sum():
    """Only the stages that add up to the raw total are sums, whatever a derived fact is called."""
    rubric = loads(
        'schema = 1\nid = "x"\ninputs.n = { type = "count", range = "0..9" }\n'
        "derive.raw_total_of_n = { formula = '2 * n' }\n"
        "criterion = [{ id = 'a', weight = 100 }]\n"
        "[total]\nclamp = '0..100'\n[[adjust]]\nid = 'j'\nformula = 'raw_total_of_n'\n"
    )
    for rating in (10, 20):
        assert rating + 6 == evaluate(rubric, {"a": rating, "n": 3}).total


# ---------------------------------------------------------------- tables and stages


def staged(plan, record):
    """Return total, verdict and lines by the stages alone, each computed; or the problems."""
    evaluator = Evaluator(plan)
    given, problems = evaluator.context.readings.read(record)
    state = State(evaluator.context, given, [problem.input for problem in problems])
    try:
        lines, verdict = evaluator.computed(
            evaluator.through(state, evaluator.context.order), problems
        )
    except InputError as error:
        return error.problems
    return verdict.get(), tuple(line.get() for line in lines)


@share(1 / 5)
@given(data=st.data())
def test_tables_change_nothing(data):
    """Results and problems are those of the stages, the first time, again, and after others."""
    rubric = data.draw(rubrics())
    some = data.draw(st.lists(records(rubric) | bad_records(rubric), min_size=1, max_size=4))
    plan = Plan(rubric)
    for record in [*some, *some]:
        expected = staged(plan, record)
        try:
            result = evaluate(rubric, record)
        except InputError as error:
            # NaN does not equal itself
            assert repr(expected) == repr(error.problems)
        else:
            assert expected == (result.verdict, result.lines)


def test_the_problems_of_a_record_are_those_when_it_was_evaluated(rubric):
    """Later changes of the record do not matter; they are found once, and copied with the error."""
    record = {**RECORD, "skill": 2}
    del record["late"]
    expected = ["late: is missing", "skill: is not an allowed rating"]
    with pytest.raises(InputError) as caught:
        evaluate(rubric, record)
    record.update(late=0, skill=9)
    found = caught.value.problems
    assert expected == [f"{problem.input}: {problem.message()}" for problem in found]
    assert found is caught.value.problems
    with pytest.raises(InputError) as again:
        evaluate(rubric, {**{n: v for n, v in RECORD.items() if n != "late"}, "skill": 2})
    shown = f"InputError(rubric='customer-service', problems={found!r})"
    pickled = pickle.loads(pickle.dumps(again.value))  # noqa: S301 - our own
    for other in (pickled, copy.deepcopy(again.value)):
        assert caught.value == other
        assert shown == repr(other) == repr(caught.value)


def test_a_rating_without_weight_may_be_anything():
    """The record is as good as without it, the first time and again."""
    rubric = loads(
        f'{HEAD}full_marks = 10\ncriterion = [{{ id = "a", weight = 10 }}, '
        '{ id = "b", weight = 0, scale = 5 }]\n'
    )
    expected = evaluate(rubric, {"a": 5})
    for _ in range(2):
        assert expected == evaluate(rubric, {"a": 5, "b": 99})


FREE = (
    HEAD
    + """
full_marks = 120
inputs.n = { type = "number", range = "0..9" }
inputs.m = { type = "number", range = "0..9" }
criterion = [
  { id = "a", weight = 60, scale = 10, formula = "n", clamp = "0..10" },
  { id = "b", weight = 60, scale = 10, formula = "m", clamp = "0..10" },
]
"""
)


@pytest.mark.parametrize("digits", ["1", "1.25", "0.1234567", "0.123456789012345678"])
def test_points_of_any_decimals_add_up(digits):
    """6 x (n + m), also of more decimals than the tables count."""
    rubric = loads(FREE)
    for m in ("2", "0.5", "0.0000001"):
        record = {"n": Decimal(digits), "m": Decimal(m)}
        for _ in range(2):
            result = evaluate(rubric, record)
            assert 6 * (Fraction(digits) + Fraction(m)) == result.total == result.raw_total
            assert 6 * Fraction(digits) == result.lines[0].contribution


LONG = """
full_marks = 7
total.clamp = "0..7"
inputs.n = { type = "number" }
criterion = [{ id = "a", weight = 7, scale = 999999999999999989, formula = "FORMULA", range = "any" }]
"""


def test_a_contribution_that_is_too_long_is_a_problem():
    """The points have less than a thousand digits, and what they give to the total has more."""
    rubric = loads(HEAD + LONG.replace("FORMULA", "*".join(["n"] * 55)))
    (line,) = evaluate(rubric, {"n": Decimal("0.5")}).lines
    assert Fraction(7, 999999999999999989 * 2**55) == line.contribution
    record = {"n": Decimal("0.123456789012345679")}
    for _ in range(2):
        told = ["n: leads to a number of more than 1000 digits in contribution.a"]
        assert told == problems(rubric, record)
    (line,) = evaluate(rubric, {"n": 10**18 - 1}).lines
    assert (10**18 - 1) ** 55 == line.points
