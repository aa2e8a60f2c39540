"""What searches may cost is counted, numbers are bounded, and a check that fails is a finding."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kpirules import InputError, RulesetError, check, evaluate, loads
from kpirules._internal.display import similar
from kpirules.api.load import check_text
from kpirules.arithmetic.budget import MAX_STEPS, RESERVE, Budget, TooLargeError
from kpirules.arithmetic.decision_table import Axis, DecisionTable
from kpirules.arithmetic.interval import MAX_BITS, is_long, shortened
from kpirules.arithmetic.number import MAX_COMPUTED_DIGITS, TooLongError, added, computed, show
from kpirules.arithmetic.range import Range
from kpirules.checks import registry, runner
from kpirules.checks.guarded import asked, failed
from kpirules.compiler.plan import Plan
from kpirules.formula import UndefinedError, parse
from kpirules.formula.prover import NODE_STEPS, VariableInterval, leaves
from kpirules.translations.message import shown


HEAD = 'schema = 1\nid = "x"\n'
numbers = st.one_of(st.integers(-(10**200), 10**200), st.fractions(max_denominator=10**150)).map(
    computed
)


def codes(text):
    """Return the codes of the errors and warnings of a text."""
    return [f.code for f in check_text(HEAD + text) if f.severity != "note"]


def squares(count, value='"0..2"'):
    """Write a chain of derived facts that square one another."""
    lines = (f'd{i} = {{ formula = "d{i - 1} * d{i - 1} + 0.37" }}' for i in range(1, count))
    return (
        HEAD
        + f'inputs = {{ n = {{ type = "number", range = {value} }} }}\n'
        + 'derive = { d0 = { formula = "n" }, '
        + ", ".join(lines)
        + f' }}\ncriterion = [{{ id = "a", weight = 100, clamp = "0..100", formula = "d{count - 1}" }}]\n'
    )


# ---------------------------------------------------------------- effort


def test_steps_are_spent_once():
    """The remaining budget never falls below 0; spending more than remains is rejected."""
    budget = Budget()
    assert budget.free == MAX_STEPS - RESERVE
    assert budget.spend(MAX_STEPS - 1)
    assert budget.free == 0
    assert not budget.spend(2)
    assert budget.left == 0


@pytest.mark.parametrize(
    ("formula", "fact"),
    [
        ("3 * n", 'range = "0..33.34"'),
        ("n / 0.3", 'range = "0..30.01"'),
        ("3 * n", 'range = "0..33.3334", step = 0.0001'),
        ("300 * n - 200 * min(n, n * n)", 'range = "0..1.01"'),
        ("interpolate(n, 0, 0, 7, 101)", 'range = "0..6.999"'),
        ("mean(n, n, n) * 3.0001", 'range = "0..100"'),
        ("ratio(n, 0.3, 0)", 'range = "0..30.1"'),
        ("0 - n", 'range = "-100 .. 0.01"'),
        ("n * 3", 'range = "> 0 .. < 33.34"'),
    ],
)
def test_a_search_beside_the_steps_ends(formula, fact):
    """The nearest witness lies between two steps, or on none: the search for it ends all the same."""
    text = f'inputs = {{ n = {{ type = "number", {fact} }} }}\n'
    assert "points-out-of-range" in codes(
        text + f'criterion = [{{ id = "a", weight = 100, formula = "{formula}" }}]\n'
    )


def test_a_spent_effort_leaves_the_fault_where_it_is():
    """Without budget an error is shown by the first point found, and nothing is decided."""
    tree = parse("3 * n").tree
    box = {"n": VariableInterval.of((0, 100), None)}

    def look(steps):
        return leaves(tree, box, Range.closed(0, 100), lambda _: True, Budget(steps), lambda v: v)

    assert look(MAX_STEPS).point == {"n": Fraction(167, 5)}
    assert look(NODE_STEPS * tree.size()).point == {"n": 100}
    assert look(0).point is None


def test_boxes_too_small_to_cut_are_not_decided():
    """A box is not halved for ever: an open question is reported as not decided."""
    tree = parse("n * n").tree
    low = Fraction(1, 3) - Fraction(1, 3**200)
    box = {"n": VariableInterval.of((low, Fraction(1, 3)), None)}
    within = Range(None, (Fraction(1, 9) - Fraction(1, 10**300), 1))
    found = leaves(tree, box, within, lambda _: False, Budget(), lambda v: v)
    assert found is not None
    assert found.point is None


def test_tables_share_one_effort():
    """When a hard table has spent the effort, the next one is not decided either."""
    axes = [Axis(domain=Range.closed(0, 99), step=1) for _ in range(3)]
    rows = [[(Range.closed(i, 99 - i % 7),), (Range.closed(0, i),), None] for i in range(40)]
    budget = Budget(50)
    with pytest.raises(TooLargeError):
        DecisionTable(axes, rows, budget).gap()
    with pytest.raises(TooLargeError):
        list(DecisionTable(axes, rows, budget).overlaps())
    assert DecisionTable(axes, rows).gap() is not None


def test_a_table_over_hundreds_of_facts_is_too_large():
    """A search goes as deep as there are facts, and Python's stack does not."""
    axes = [Axis(options=("a", "b")) for _ in range(300)]
    with pytest.raises(TooLargeError, match="depends on 300 names; at most 200 are allowed"):
        DecisionTable(axes, [[("a",)] * 300, [("b",)] * 300]).gap()


def test_bands_count_wherever_a_shared_table_is_used():
    """100 criteria that share a table of 300 bands have 30 000 bands."""
    rows = "".join(f"{{ when = {i}, points = 0 }}," for i in range(300))
    criteria = "".join(f'{{ id = "c{i}", weight = 1, of = "n", bands = "t" }},' for i in range(100))
    text = f'inputs.n.type = "count"\nbands.t.rows = [{rows}]\ncriterion = [{criteria}]\n'
    (finding,) = check_text(HEAD + text)
    assert finding.code == "too-large"
    assert finding.message() == "has 30000 bands in all; at most 20000 are allowed"


def test_characters_of_formulas_count_wherever_they_are_used():
    """1 000 criteria that share a table with a formula of 500 characters are too much."""
    formula = "+".join(["n"] * 250)
    rows = f'{{ when = 1, formula = "{formula}" }}, {{ when = 2, formula = "{formula}" }}'
    criteria = "".join(f'{{ id = "c{i}", weight = 1, of = "n", bands = "t" }},' for i in range(900))
    text = f'inputs.n.type = "count"\nbands.t.rows = [{rows}]\ncriterion = [{criteria}]\n'
    (finding,) = check_text(HEAD + text)
    assert "has 898200 characters of formulas; at most 500000 are allowed" in finding.message()


def test_similar_names_are_found_among_many():
    """Of a thousand names only those with a similar beginning or end are compared."""
    known = (*(f"criterion_{i}" for i in range(1000)), "punctuality")
    assert similar("punctualty", known) == "punctuality"
    assert similar("zzz", known) is None
    assert similar("criterion_7", known) == "criterion_7"


def test_long_lists_of_names_are_cut():
    """A message lists a hundred names and states how many more there are."""
    assert "" == shown((), None)
    assert shown(tuple(map(str, range(101))), None).endswith("98, 99, ... (1 more)")


# ---------------------------------------------------------------- long numbers


@given(numbers)
def test_computed_numbers_are_short_or_raise(number):
    """A number is its own computed value, unless one of its parts has more than 1 000 digits."""
    assert computed(number) == number
    large = number + 10**MAX_COMPUTED_DIGITS
    if abs(large) >= 10**MAX_COMPUTED_DIGITS:
        with pytest.raises(TooLongError, match="a number of more than 1000 digits"):
            computed(large)


@given(st.lists(numbers, max_size=5))
def test_a_sum_is_the_sum(values):
    """The sum of stepwise additions is the sum."""
    assert added(values) == sum(map(Fraction, values), Fraction())


def test_a_sum_of_many_fractions_ends():
    """The denominators of a thousand fractions have no short common multiple."""
    with pytest.raises(TooLongError):
        added(Fraction(1, 10**17 + 2 * i + 1) for i in range(1000))


@given(st.tuples(numbers, numbers).map(sorted))
def test_shortened_bounds_contain_the_original_ones(bounds):
    """An endpoint moves outward only, and is short; a short one stays unchanged."""
    low, high = shortened(tuple(bounds))
    assert low is None or (low <= bounds[0] and not is_long(low))
    assert high is None or (high >= bounds[1] and not is_long(high))
    assert low == bounds[0] or is_long(bounds[0])
    assert high == bounds[1] or is_long(bounds[1])


def test_an_end_that_is_too_large_is_left_out():
    """Beyond half of the bits the interval is unbounded; a fine fraction moves by next to nothing."""
    assert shortened((-(1 << MAX_BITS), 1 << MAX_BITS)) == (None, None)
    low, high = shortened((Fraction(1, 3**300), Fraction(1, 3**300)))
    assert low == 0
    assert high == Fraction(1, 1 << (MAX_BITS // 2))


@given(st.sampled_from(["x*x", "x*x*x+x/7", "1/(x+3)", "mean(x,x*x,0.1)", "abs(x)-x*x"]), st.data())
def test_bounds_of_a_chain_hold_its_values(formula, data):
    """However often a formula is applied to itself, its bounds hold what comes out."""
    made = parse(formula)
    value = data.draw(st.fractions(0, 2, max_denominator=9))
    bounds = (Fraction(0), Fraction(2))
    for _ in range(8):
        try:
            value = made.value({"x": value})
        except UndefinedError:
            return
        bounds = made.bounds({"x": bounds})
        low, high = bounds
        assert low is None or low <= value
        assert high is None or value <= high
        assert not any(end is not None and is_long(end) for end in bounds)


@pytest.mark.parametrize(
    ("formula", "values"),
    [
        ("x * x", {"x": 10**600}),
        ("x / y", {"x": 10**600, "y": Fraction(1, 10**600)}),
        ("x + y", {"x": Fraction(1, 10**600), "y": Fraction(1, 10**600 + 1)}),
        ("mean(x, y)", {"x": Fraction(1, 10**600), "y": Fraction(1, 10**600 + 1)}),
        ("interpolate(x, 0, 0, 7, 10)", {"x": Fraction(7 * 10**1000 - 3, 10**1000)}),
    ],
)
def test_a_formula_has_no_value_of_more_than_1000_digits(formula, values):
    """The value is undefined, by the names that it depends on."""
    with pytest.raises(UndefinedError, match="a number of more than 1000 digits") as caught:
        parse(formula).value(values)
    assert caught.value.names[0] == "x"


def test_a_list_has_no_sum_of_more_than_1000_digits():
    """A sum, a mean and a weighted mean of a thousand odd fractions end."""
    items = tuple(Fraction(1, 10**17 + 2 * i + 1) for i in range(1000))
    for formula in ("sum(l)", "mean(l)", "wmean(l, l)"):
        with pytest.raises(UndefinedError, match="more than 1000 digits"):
            parse(formula, frozenset({"l"})).value({"l": items})


def test_a_chain_of_squares_is_rejected():
    """`check` ends, and a record whose derived facts grow without end is rejected by name."""
    rubric = loads(squares(23))
    with pytest.raises(InputError) as caught:
        evaluate(rubric, {"n": 2})
    (problem,) = caught.value.problems
    assert str(problem) == "n = 2: a number of more than 1000 digits in d10"


def test_a_sum_of_stages_is_rejected():
    """Contributions whose common denominator is too long: the total has no value."""
    criteria = "".join(
        f'[[criterion]]\nid = "c{i}"\nweight = 0.5\nscale = {10**15 + 2 * i + 1}\n'
        for i in range(200)
    )
    rubric = loads(HEAD + criteria)
    with pytest.raises(InputError, match="a number of more than 1000 digits in raw_total"):
        evaluate(rubric, {f"c{i}": 1 for i in range(200)})
    plan = Plan(rubric)
    assert plan.raw_totals.units == 1
    assert plan.totals.step is None


def test_a_short_sum_is_not_rejected():
    """60 ratios of two numbers of five digits each, unrounded, have a total."""
    criteria = "".join(
        f'[[criterion]]\nid = "c{i}"\nweight = 1\nclamp = "0..1"\nformula = "ratio(a{i}, b{i}, 0)"\n'
        for i in range(60)
    )
    facts = "".join(
        f'a{i} = {{ type = "count" }}\nb{i} = {{ type = "count" }}\n' for i in range(60)
    )
    rubric = loads(HEAD + "full_marks = 60\n" + "[inputs]\n" + facts + criteria)
    record = {f"a{i}": 10_001 + i for i in range(60)} | {f"b{i}": 90_001 + 2 * i for i in range(60)}
    expected = sum(Fraction(10_001 + i, 90_001 + 2 * i) for i in range(60))
    assert Fraction(evaluate(rubric, record).total) == expected
    assert len(show(expected)) < 2 * MAX_COMPUTED_DIGITS


# ---------------------------------------------------------------- failing checks


def _breaks(_):
    yield failed(ZeroDivisionError())
    raise RecursionError


def test_findings_before_a_failure_are_kept():
    """The failure is one more finding; a table that is too large is the caller's to report."""
    first, second = asked(_breaks, None, ("criterion", 0))
    assert "ZeroDivisionError" in first.message()
    assert 'the check "_breaks" failed with RecursionError' in second.message()
    assert second.path == ("criterion", 0)

    def large(_):
        raise TooLargeError("steps", rows=1, axes=1)

    with pytest.raises(TooLargeError):
        asked(large, None)


@pytest.mark.parametrize("phase", ["RUBRIC", "WEIGHTS", "QUANTITIES", "POINTS", "TIERS", "USES"])
def test_a_check_that_fails_is_a_finding(monkeypatch, phase):
    """Whichever check fails, `check` reports it and `loads` rejects the file; no traceback."""
    asked_of = getattr(registry, phase)
    monkeypatch.setattr(asked_of, "checks", (*asked_of.checks, _breaks))
    text = HEAD + 'criterion = [{ id = "a", weight = 100, nonsense = 1 }]\n'
    found = check_text(text)
    assert {"unknown-key", "check-failed"} <= {f.code for f in found}
    finding = next(f for f in found if "RecursionError" in f.message())
    assert finding.severity == "error"
    assert "report" in finding.help()


def test_a_plan_that_fails_is_a_finding(monkeypatch):
    """An error outside of the single checks is a finding about the whole file."""
    rubric = loads(HEAD + 'criterion = [{ id = "a", weight = 100 }]\n')

    def fails(*_):
        raise KeyError("a")

    monkeypatch.setattr(runner, "Plan", fails)
    (finding,) = check(rubric)
    assert finding.message() == "not checked: a check failed with KeyError"
    with pytest.raises(RulesetError, match="check-failed"):
        loads(HEAD + 'criterion = [{ id = "b", weight = 100 }]\n')
