"""Formulas: parsing, values, and bounds that contain all values."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from kpirules.formula import (
    MAX_DEPTH,
    OPERATIONS,
    Formula,
    FormulaSyntaxError,
    UndefinedError,
    parse,
)
from kpirules.formula.functions import OF_LISTS, OF_NUMBERS, SELECTIONS
from kpirules.formula.nodes import Constant, Item, Name, OfList, Operation
from kpirules.translations.message import Message


LISTS = frozenset({"many", "weights"})
NAMES = {"a": Fraction(7, 2), "b": -3, "c": 0, "many": (1, 2, 6), "weights": (1, 0, 1), "x.y": 5}


@pytest.mark.parametrize(
    ("expected", "text"),
    [
        (4, "10 - 2 * 3"),
        (16, "(10 - 2) * 2"),
        (-5, "1 - 2 - 4"),
        (2, "8 / 2 / 2"),
        (-6, "-2 * 3"),
        (2, "--2"),
        (Fraction(7, 2), "a"),
        (5, "x.y"),
        (Fraction(1, 3), "1 / 3"),
        (Fraction(1, 10), "0.1"),
        (-3, "min(a, b, 9)"),
        (9, "max(a, b, 9)"),
        (Fraction(1, 4), "mean(a, b)"),
        (Fraction(1, 2), "sum(a, b)"),
        (1, "min(many)"),
        (6, "max(many)"),
        (3, "mean(many)"),
        (9, "sum(many)"),
        (3, "count(many)"),
        (Fraction(7, 2), "wmean(many, weights)"),
        (3, "clamp(a, 0, 3)"),
        (0, "clamp(b, 0, 3)"),
        (3, "abs(b)"),
        (3, "floor(a)"),
        (4, "ceil(a)"),
        (-2, "floor(b / 2)"),
        (4, "round(a, 1)"),
        (-4, "round(-a, 1)"),
        (Fraction("0.3"), "round(0.25, 0.1)"),
        (7, "ratio(b, c, 7)"),
        (-1, "ratio(b, 3, 7)"),
        (70, "interpolate(15, 10, 60, 20, 80)"),
        (60, "interpolate(b, 10, 60, 20, 80)"),
        (80, "interpolate(99, 10, 60, 20, 80)"),
        (65, "interpolate(20, 10, 60, 20, 65, 30, -5)"),
        (30, "interpolate(25, 10, 60, 20, 65, 30, -5)"),
        (4, "2 \u00d7 2"),
        (Fraction(49, 4), "a ^ 2"),
        (9, "b ^ 2"),
        (-9, "-b ^ 2"),
        (-27, "b ^ 3"),
        (1, "c ^ 0"),
        (8, "2 \uff3e 3"),
        (64, "(2 ^ 2) ^ 3"),
        (18, "2 * b ^ 2"),
        (4, 'round(a, 1, "half_up")'),
        (4, "round(a, 1, 'half_even')"),
        (3, 'round(a, 1, "half_down")'),
        (3, "round(a, 1, \u201cfloor\u201d)"),
        (-3, 'round(b - 0.5, 1, "ceiling")'),
        (Fraction(141, 100), "root(2, 0.01)"),
        (Fraction(3, 2), "root(9 / 4, 0.5)"),
        (2, "root(9 / 4, 1)"),
        (1, "root(2.24, 1)"),
        (0, "root(0, 1)"),
        (Fraction(7, 2), "given(a, b)"),
        (8, "sum(highest(many, 2))"),
        (3, "sum(lowest(many, 2))"),
        (9, "sum(highest(many, 7))"),
        (2, "mean(trim(many, 1))"),
        (2, "count(lowest(many, 2))"),
        (6, "sum(highest(lowest(many, 3), 1))"),
        (Fraction(7, 2), "wmean(highest(many, 3), weights)"),
        (6, "wmean(highest(many, 2), weights)"),
        (1, "item(many, 1, 9)"),
        (6, "item(many, 3, 9)"),
        (9, "item(many, 4, 9)"),
        (1, "\uff08a \u2212 a\uff09 \uff0b 1"),
    ],
)
def test_a_formula_has_its_value(expected, text):
    """Exactly; a number that is whole is an int."""
    value = parse(text, LISTS).value(NAMES)
    assert expected == value
    assert type(value) is (int if Fraction(expected).denominator == 1 else Fraction)


@pytest.mark.parametrize(
    ("message", "at", "text"),
    [
        ("the formula ends too early", (4, 5), "10 -"),
        ("the formula ends too early", (0, 1), ""),
        ('a number or a name is expected before "*"', (5, 6), "10 - * 3"),
        ('"3" is not expected here', (3, 4), "10 3"),
        ('a bracket is open: ")" is expected here', (3, 4), "(10"),
        ('")" is not expected here', (2, 3), "10)"),
        ("x ^ n needs a whole number n from 0 to 12, written as a number", (4, 5), "a ^ b"),
        ("x ^ n needs a whole number n from 0 to 12, written as a number", (4, 5), "a ^ -1"),
        ("x ^ n needs a whole number n from 0 to 12, written as a number", (4, 6), "a ^ 13"),
        ("x ^ n needs a whole number n from 0 to 12, written as a number", (4, 7), "a ^ 0.5"),
        ("x ^ n needs a whole number n from 0 to 12, written as a number", (4, 5), "a ^ (2)"),
        ("x ^ n needs a whole number n from 0 to 12, written as a number", (3, 4), "a ^"),
        ("brackets are needed here: (x ^ 2) ^ 3", (6, 7), "a ^ 2 ^ 3"),
        ("'%' is not allowed in a formula", (3, 4), "5 \t% 2"),
        ("'\"' is not allowed in a formula", (0, 1), '"a'),
        ("'a' is a text, and formulas compute numbers", (0, 3), '"a"'),
        ("'up' is a text, and formulas compute numbers", (9, 13), "abs(1) + 'up'"),
        (
            'a mode of rounding in quotes is expected, not "upp"; the modes are half_up, half_even, half_down, floor, ceiling, down, up',
            (12, 17),
            'round(a, 1, "upp")',
        ),
        (
            "a mode of rounding in quotes is expected, not up; the modes are half_up, half_even, half_down, floor, ceiling, down, up",
            (12, 14),
            "round(a, 1, up)",
        ),
        ("round needs 2 arguments, not 1", (0, 5), 'round(a, "up")'),
        ('"," or ")" is expected here', (16, 17), 'round(a, 1, "up", 2)'),
        ("root needs 2 arguments, not 1", (0, 4), "root(a)"),
        ("given needs 2 or more arguments, not 1", (0, 5), "given(a)"),
        (
            "highest selects from a list: write it inside min, max, sum, mean, count, wmean",
            (4, 11),
            "1 + highest(many, 2)",
        ),
        ("highest needs the name of a list", (4, 11), "sum(highest(a, 2))"),
        ("trim needs the name of a list", (4, 8), "sum(trim)"),
        (
            "trim needs a whole number from 1 to 1000 here, written as a number",
            (15, 16),
            "sum(trim(many, b))",
        ),
        (
            "trim needs a whole number from 1 to 1000 here, written as a number",
            (15, 16),
            "sum(trim(many, 0))",
        ),
        (
            "lowest needs a whole number from 1 to 1000 here, written as a number",
            (17, 21),
            "sum(lowest(many, 1001))",
        ),
        (
            "item needs a whole number from 1 to 1000 here, written as a number",
            (11, 14),
            "item(many, 1.5, 0)",
        ),
        ('"," or ")" is expected here', (15, 16), "sum(lowest(many))"),
        ('"," or ")" is expected here', (14, 15), "sum(trim(many 2))"),
        ('"," or ")" is expected here', (12, 13), "item(many, 1)"),
        ('"," or ")" is expected here', (16, 17), "item(many, 1, 0 1)"),
        ("item needs the name of a list", (0, 4), "item(a, 1, 0)"),
        ("item needs the name of a list", (0, 4), "item(highest(many, 1), 1, 0)"),
        (
            "the weights of wmean are the name of a list: of a selection, the weights of its items are used",
            (0, 5),
            "wmean(many, highest(weights, 2))",
        ),
        ('"avg" is not a function', (4, 7), "1 + avg(a, b)"),
        ('"__import__" is not a function', (0, 10), "__import__(a)"),
        ('"min" is a function: write min(...)', (0, 3), "min + 1"),
        ("min needs 2 or more arguments, not 1", (0, 3), "min(a)"),
        ("abs needs 1 arguments, not 2", (0, 3), "abs(a, b)"),
        ("floor needs 1 arguments, not 2", (0, 5), "floor(a, b)"),
        ("ceil needs 1 arguments, not 2", (0, 4), "ceil(a, b)"),
        ("clamp needs 3 arguments, not 4", (0, 5), "clamp(a, 2, 3, 4)"),
        ("ratio needs 3 arguments, not 2", (0, 5), "ratio(a, 2)"),
        ("ratio needs 3 arguments, not 4", (0, 5), "ratio(a, 2, 3, 4)"),
        ("round needs 2 arguments, not 1", (0, 5), "round(a)"),
        ("round needs 2 arguments, not 3", (0, 5), "round(a, 1, 2)"),
        ("max needs 2 or more arguments, not 1", (0, 3), "max(a)"),
        ("sum needs 2 or more arguments, not 1", (0, 3), "sum(a)"),
        ("mean needs 2 or more arguments, not 1", (0, 4), "mean(a)"),
        ("interpolate needs 5 or more arguments, not 4", (0, 11), "interpolate(a, 1, 2, 3)"),
        ("min needs 2 or more arguments, not 101", (0, 3), f"min({'1,' * 100}1)"),
        (
            f"brackets and signs are nested more than {MAX_DEPTH} deep",
            (80, 81),
            f"{'(a)+' * 10}{'-' * 41}1",
        ),
        ("clamp needs 3 arguments, not 2", (0, 5), "clamp(a, 2)"),
        ('"," or ")" is expected here', (6, 7), "min(a b)"),
        ('a number or a name is expected before ")"', (4, 5), "min()"),
        ("many is a list, not a number", (0, 4), "many + 1"),
        ("many is a list, not a number", (7, 11), "min(a, many)"),
        ("many is a list, not a number", (4, 8), "min(many, a)"),
        ("count needs the name of a list", (0, 5), "count(a)"),
        ("count needs the name of a list", (0, 5), "count(many, weights)"),
        ("wmean needs the names of a list and of its weights", (0, 5), "wmean(many)"),
        ("wmean needs the names of a list and of its weights", (0, 5), "wmean(many weights)"),
        ("wmean needs the names of a list and of its weights", (0, 5), "wmean(a, b)"),
        ("many is a list, not a number", (4, 8), "abs(many)"),
        (
            "the points of interpolate must be pairs: x1, y1, x2, y2",
            (0, 11),
            "interpolate(a, 1, 2, 3, 4, 5)",
        ),
        (
            "the points of interpolate need rising x, and 1 does not rise",
            (0, 11),
            "interpolate(a, 1, 2, 1, 4)",
        ),
        ("interpolate needs 5 or more arguments, not 3", (0, 11), "interpolate(a, 1, 2)"),
        ("'99999999999999999999' has too many digits", (0, 20), "9" * 20),
        (f"brackets and signs are nested more than {MAX_DEPTH} deep", (40, 41), "-" * 50 + "1"),
        ("a formula of 501 characters; at most 500 are allowed", (0, 501), "1" * 501),
        ("'\u5e74' is not a name: names have the letters a-z, digits and _", (0, 1), "\u5e74"),
    ],
)
def test_other_texts_are_rejected_at_their_column(message, at, text):
    """The message states the error; the characters are counted from 0."""
    with pytest.raises(FormulaSyntaxError) as caught:
        parse(text, LISTS)
    assert (message, at) == (str(caught.value), (caught.value.start, caught.value.end))


@pytest.mark.parametrize(
    ("expected", "text"),
    [
        (10**18 - 1, "9" * 18),
        (1, "-" * 38 + "1"),
        (100, f"sum({'1,' * 99}1)"),
        (100, f"mean({'100,' * 99}100)"),
        (1, f"max({'1,' * 99}1)"),
        (60, "+".join(["(1)"] * 60)),
        (2, f"interpolate(9, {','.join(f'{n},2' for n in range(49))})"),
    ],
)
def test_formulas_at_the_limits_are_parsed(expected, text):
    """Digits, depth and arguments."""
    assert expected == parse(text).value({})


def test_without_a_guess_there_is_no_help():
    """But for what has no place in any formula."""
    helps = []
    for text in ("10 -", "a $ 2"):
        with pytest.raises(FormulaSyntaxError) as caught:
            parse(text)
        helps.append(str(caught.value.advice))
    known = "a formula has numbers, names, + - * / ^ ( ) and functions such as min(a, b)"
    assert ["", known] == helps


def test_errors_are_not_equal_because_they_say_the_same():
    """They are raised, not compared."""
    one, other = (
        FormulaSyntaxError(reason=Message.of("formula.too-short"), end=1) for _ in range(2)
    )
    assert one != other
    undefined, again = (
        UndefinedError(reason=Message.of("problem.missing"), names=()) for _ in range(2)
    )
    assert undefined != again


def test_the_probable_meaning_is_suggested():
    """An operation of nearly that name, or all there are."""
    helps = []
    for text in ("interplate(a, 1, 2, 3, 4)", "qqqq(a)", "many"):
        with pytest.raises(FormulaSyntaxError) as caught:
            parse(text, LISTS)
        helps.append(str(caught.value.advice))
    assert 'did you mean "interpolate"?' == helps[0]
    assert (
        "the functions are abs, ceil, clamp, count, curve, floor, given, highest, interpolate, item, lowest, max, mean, min, ratio, root, round, sum, trim, wmean"
        == helps[1]
    )
    assert "write sum(many) or mean(many), for example" == helps[2]
    assert 20 == len(OPERATIONS)


@pytest.mark.parametrize(
    ("message", "names", "text"),
    [
        ("a division by 0", ("c", "b"), "a / (c * b)"),
        ("a division by 0", ("c",), "round(a, c)"),
        ("a division by 0", (), "round(a, -0.5)"),
        (
            "lists of different lengths: many has 3 items, none has 0 items",
            ("many", "none"),
            "wmean(many, none)",
        ),
        ("a number of more than 1000 digits", ("long", "long"), "long * long"),
        ("a number of more than 1000 digits", ("much",), "sum(much)"),
        ("min of an empty list", ("none",), "min(none)"),
        ("max of an empty list", ("none",), "max(none)"),
        ("mean of an empty list", ("none",), "mean(none)"),
        ("wmean of an empty list", ("none", "none"), "wmean(none, none)"),
        (
            "lists of different lengths: many has 3 items, pair has 2 items",
            ("many", "pair"),
            "wmean(many, pair)",
        ),
        ("the square root of a number below 0", ("b",), "root(b, 1)"),
        ("a division by 0", ("c",), "root(a, c)"),
        ("a division by 0", (), 'round(a, -1, "floor")'),
        ("a number of more than 1000 digits", ("long",), "long ^ 2"),
        (
            "nothing is left of 3 items without the 2 highest and the 2 lowest",
            ("many",),
            "count(trim(many, 2))",
        ),
        ("max of an empty list", ("none",), "max(highest(none, 2))"),
        ("weights that add up to 0", ("pair",), "wmean(pair, pair)"),
    ],
)
def test_an_undefined_value_names_its_dependencies(message, names, text):
    """Division by 0, and by nothing."""
    lists = frozenset({"none", "many", "pair", "much"})
    of = {**NAMES, "none": (), "pair": (1, -1), "long": 10**600, "much": (9 * 10**999, 10**999)}
    with pytest.raises(UndefinedError) as caught:
        parse(text, lists).value(of)
    assert (message, names) == (str(caught.value), caught.value.names)
    # a check excludes a divisor of 0; records must exclude all other cases
    assert caught.value.divides is (message == "a division by 0")
    assert 0 == parse("sum(none) + count(none)", lists).value({"none": ()})


def test_a_formula_knows_its_names_and_divisors():
    """Each name once, in the order of the text; divisors from the inside out."""
    formula = parse("b / (a - b) + c * round(many_1, b) / 2 + sum(many)", LISTS)
    assert ("b", "a", "c", "many_1", "many") == formula.names
    assert [("a", "b"), ("b",), ()] == [tuple(d.node.names()) for d in formula.tree.divisions()]
    assert [False, True, False] == [d.of_step for d in formula.tree.divisions()]
    assert [1, 5, 4] == [parse(text).size for text in ("a", "a + 2 * 3", "min(a, b, c)")]
    assert formula == Formula(text=formula.text, tree=formula.tree)


# ---------------------------------------------------------------- bounds

ENDS = st.integers(-6, 6) | st.fractions(-6, 6, max_denominator=4)


@st.composite
def trees(draw, depth=3):
    """A tree over a, b, c and a list."""
    if depth == 0 or draw(st.integers(0, 3)) == 0:
        return draw(
            st.builds(Constant, st.integers(-4, 4))
            | st.builds(Name, st.sampled_from("abc"))
            | st.builds(
                lambda of, selected: OfList(of[0], ("many", "weights")[: of[1].lists], selected),
                st.sampled_from([*OF_LISTS.items()]),
                st.lists(
                    st.tuples(st.sampled_from([*SELECTIONS]), st.integers(1, 3)), max_size=2
                ).map(tuple),
            )
            | st.builds(Item, st.just("many"), st.integers(1, 3), st.builds(Name, st.just("a")))
        )
    # a curve has no notation of its own
    word = draw(st.sampled_from([word for word in OF_NUMBERS if word != "curve"]))
    if word == "^":
        return Operation(word, (draw(trees(depth - 1)), Constant(draw(st.integers(0, 12)))))
    if word == "interpolate":
        ys = draw(st.lists(st.integers(-5, 5), min_size=2, max_size=4))
        points = [Constant(n) for i, y in enumerate(ys) for n in (3 * i - 4, y)]
        return Operation(word, (draw(trees(depth - 1)), *points))
    count = OF_NUMBERS[word].least
    return Operation(word, tuple(draw(trees(depth - 1)) for _ in range(count)))


@given(trees(), st.data())
def test_a_value_never_leaves_its_bounds(tree, data):
    """For any values of the names within their bounds; a formula without a value is skipped."""
    bounds, values = {}, {}
    for name in "abc":
        low, high = sorted((data.draw(ENDS), data.draw(ENDS)))
        values[name] = data.draw(st.sampled_from([low, high, Fraction(low + high) / 2]))
        bounds[name] = (
            data.draw(st.sampled_from([low, low, None])),
            data.draw(st.sampled_from([high, high, None])),
        )
    items = data.draw(st.lists(ENDS, max_size=4))
    weights = [data.draw(st.integers(-1, 5)) for _ in items]
    values |= {"many": tuple(items), "weights": tuple(weights)}
    bounds |= {
        "many": data.draw(
            st.sampled_from([(min(items, default=0), max(items, default=0)), (None, None)])
        )
    }
    bounds["weights"] = (min(weights, default=0), None)
    low, high = tree.bounds(bounds)
    try:
        value = tree.value(values)
    except UndefinedError:
        return
    assert low is None or low <= value
    assert high is None or value <= high


def test_bounds_are_those_of_single_steps():
    """If each name occurs once, the bounds are exact."""
    of = {
        "a": (0, 4),
        "b": (-2, 3),
        "c": (1, None),
        "n": (None, None),
        "z": (0, 0),
        "m": (-5, -1),
        "p": (1, 2),
    }
    expected = {
        "10 - 2 * a": (2, 10),
        "a * b": (-8, 12),
        "a / c": (0, 4),
        "a / b": (None, None),
        "a / m": (-4, 0),
        "c * m": (None, -1),
        "n * z": (0, 0),
        "n * a": (None, None),
        "c * c": (1, None),
        "abs(b)": (0, 3),
        "abs(m)": (1, 5),
        "abs(c)": (1, None),
        "abs(n)": (0, None),
        "min(a, c)": (0, 4),
        "max(b, c)": (1, None),
        "clamp(n, 0, 10)": (0, 10),
        "clamp(c, 0, 10)": (1, 10),
        "floor(a / 3)": (0, 1),
        "ceil(n)": (None, None),
        "round(a, 3)": (0, 3),
        "round(a, c)": (None, None),
        "round(a, a)": (None, None),
        "round(a, p)": (-1, 5),
        "ratio(a, c, 9)": (0, 4),
        "ratio(a, z, 9)": (9, 9),
        "ratio(a, b, 9)": (None, None),
        "mean(a, b)": (-1, Fraction(7, 2)),
        "sum(a, b, 1)": (-1, 8),
        "interpolate(a, 1, 10, 3, 50, 9, 0)": (10, 50),
        "interpolate(n, 1, 10, 3, 50, 9, 0)": (0, 50),
        "-a": (-4, 0),
        "a ^ 2": (0, 16),
        "b ^ 2": (0, 9),
        "b ^ 3": (-8, 27),
        "m ^ 2": (1, 25),
        "n ^ 2": (0, None),
        "n ^ 3": (None, None),
        "n ^ 0": (1, 1),
        "root(a, 1)": (0, 2),
        "root(p, 0.01)": (1, Fraction(141, 100)),
        "root(m, 1)": (0, 0),
        "root(b, 0.5)": (0, Fraction(3, 2)),
        "root(n, 0.5)": (0, None),
        "root(n, c)": (0, None),
        'round(a / 3, 1, "up")': (0, 2),
        'round(a / 3, 1, "down")': (0, 1),
        'round(a, p, "floor")': (-2, 6),
        "given(a, b)": (-2, 4),
        "given(a, c)": (0, None),
    }
    assert expected == {text: parse(text).bounds(of) for text in expected}
    lists = {"p": (0, 5), "q": (-5, 0), "r": (-1, 1), "w": (0, 9)}
    of_lists = {
        "sum(p)": (0, None),
        "sum(q)": (None, 0),
        "sum(r)": (None, None),
        "count(r)": (0, None),
        "mean(r)": (-1, 1),
        "wmean(r, w)": (-1, 1),
        "wmean(r, q)": (None, None),
        "sum(highest(p, 3))": (0, 15),
        "sum(lowest(r, 2))": (-2, 2),
        "sum(trim(highest(p, 3), 1))": (0, 15),
        "sum(trim(p, 1))": (0, None),
        "count(highest(r, 4))": (0, 4),
        "mean(trim(r, 1))": (-1, 1),
        "item(p, 2, 9)": (0, 9),
    }
    assert of_lists == {text: parse(text, frozenset(lists)).bounds(lists) for text in of_lists}


# ---------------------------------------------------------------- grids

GRIDS = {"a": 2, "b": 3, "h": Fraction(1, 2), "n": None, "fine": Fraction(1, 2**200)}


@pytest.mark.parametrize(
    ("expected", "text"),
    [
        (Fraction(5, 2), "2.5"),
        (3, "-3"),
        (0, "0"),
        (2, "a"),
        (1, "a + b"),
        (2, "a + 4"),
        (2, "a - 4"),
        (2, "a + 0"),
        (None, "a + n"),
        (None, "n - a"),
        (6, "a * b"),
        (None, "a * n"),
        (None, "n * a"),
        (2, "-a"),
        (2, "min(a, 4)"),
        (1, "max(a, 3)"),
        (2, "sum(a, 4, 6)"),
        (1, "mean(a, 4)"),
        (Fraction(2, 3), "mean(a, 4, 6)"),
        (None, "mean(a, n)"),
        (2, "clamp(a, 0, 10)"),
        (1, "clamp(a, 0, 5)"),
        (2, "abs(a)"),
        (1, "floor(h)"),
        (1, "ceil(n)"),
        (Fraction(1, 2), "round(n, 0.5)"),
        (None, "round(a, b)"),
        (None, "ratio(a, b, 1)"),
        (Fraction(1, 2), "a / 4"),
        (Fraction(1, 4), "h / 2"),
        (None, "a / b"),
        (None, "a / 0"),
        (None, "n / 4"),
        (1, "interpolate(a, 0, 0, 10, 5)"),
        (1, "interpolate(a, 4, 1, 10, 4)"),
        (Fraction(1, 12), "interpolate(h, 0, 0, 3, 1, 5, 0)"),
        (Fraction(1, 9), "interpolate(b, 1, 2, 10, 3)"),
        (None, "interpolate(n, 0, 0, 10, 5)"),
        (Fraction(1, 2**200), "fine + a"),
        (None, "fine * fine"),
        (8, "a ^ 3"),
        (1, "n ^ 0"),
        (None, "n ^ 2"),
        (Fraction(1, 100), "root(n, 0.01)"),
        (None, "root(a, b)"),
        (Fraction(1, 4), 'round(n, 0.25, "floor")'),
        (1, "given(a, b)"),
        (None, "given(a, n)"),
    ],
)
def test_the_grid_of_a_formula_is_that_of_its_values(expected, text):
    """From the grids of its names; None if there is none, or it is too fine."""
    assert expected == parse(text).grid(GRIDS)


@pytest.mark.parametrize(
    ("expected", "text"),
    [
        (2, "min(many)"),
        (2, "max(many)"),
        (2, "sum(many)"),
        (1, "count(many)"),
        (None, "mean(many)"),
        (None, "wmean(many, weights)"),
    ],
)
def test_the_grid_of_a_list_is_that_of_its_items(expected, text):
    """Where nothing is divided."""
    assert expected == parse(text, LISTS).grid({"many": 2, "weights": 5})


@given(trees(), st.data())
def test_a_value_lies_on_its_grid(tree, data):
    """A multiple of it; 0 has only itself."""
    steps = st.sampled_from([1, 2, Fraction(1, 2), Fraction(3, 4), Fraction(2, 3)])
    grids = {name: data.draw(steps) for name in ("a", "b", "c", "many", "weights")}
    count = data.draw(st.integers(1, 3))
    whole = st.integers(-6, 6)
    values = {name: data.draw(whole) * grids[name] for name in "abc"}
    values["many"] = tuple(data.draw(whole) * grids["many"] for _ in range(count))
    values["weights"] = tuple(data.draw(st.integers(0, 6)) * grids["weights"] for _ in range(count))
    grid = tree.grid(grids)
    try:
        value = tree.value(values)
    except UndefinedError:
        return
    assert grid is None or (value == 0 if grid == 0 else value % grid == 0)


@given(st.text(max_size=60))
def test_any_text_is_parsed_or_rejected(text):
    """Never another error."""
    try:
        formula = parse(text)
    except FormulaSyntaxError as error:
        assert 0 <= error.start < error.end
        assert str(error)
    else:
        assert formula.text == text


@given(trees())
def test_a_tree_that_is_written_is_read_back(tree):
    """By brackets around everything."""
    text = written(tree)
    assume(len(text) <= 500)
    again = parse(text, frozenset({"many", "weights"}))
    assert written(again.tree) == text


def written(node):
    """Write a tree with brackets around each operation."""
    if isinstance(node, Constant):
        return str(node.number) if node.number >= 0 else f"(-{-node.number})"
    if isinstance(node, Name):
        return node.name
    if isinstance(node, OfList):
        first, *rest = node.lists
        for word, count in node.selected:
            first = f"{word}({first}, {count})"
        return f"{node.word}({', '.join([first, *rest])})"
    if isinstance(node, Item):
        return f"item({node.name}, {node.place}, {written(node.otherwise)})"
    parts = [written(p) for p in node.arguments]
    if node.word == "neg":
        return f"(-{parts[0]})"
    if node.word in "+-*/^":
        return f"({parts[0]} {node.word} {parts[1]})"
    word, *choice = node.word.split()
    quoted = [f'"{each}"' for each in choice]
    return f"{word}({', '.join([*parts, *quoted])})"
