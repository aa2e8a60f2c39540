"""The partition: which row takes a point, gaps, overlaps, witnesses."""

from __future__ import annotations

import itertools
import pickle
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kpirules.arithmetic import decision_table
from kpirules.arithmetic.budget import Budget, TooLargeError
from kpirules.arithmetic.decision_table import MISSING, Axis, DecisionTable
from kpirules.arithmetic.domain import Domain, Part
from kpirules.arithmetic.range import Range
from tests.strategies import ranges, steps


_small = st.integers(-3, 6)

axes = st.one_of(
    st.builds(
        Axis,
        domain=st.just(Range.parse(">= 0")) | ranges(_small),
        step=st.none() | steps,
        missing=st.booleans(),
    ),
    st.builds(Axis, options=st.just(("a", "b", "c")), missing=st.booleans()),
    st.builds(Axis, options=st.just((False, True))),
)


@st.composite
def tables(draw):
    """Axes and rows whose entries suit them."""
    chosen = draw(st.lists(axes, min_size=1, max_size=3))
    rows = []
    for _ in range(draw(st.integers(0, 5))):
        row = []
        for axis in chosen:
            entry = ranges(_small) if axis.options is None else st.sampled_from(axis.options)
            if axis.missing:
                entry = entry | st.just(MISSING)
            row.append(draw(st.none() | st.lists(entry, min_size=0, max_size=2).map(tuple)))
        rows.append(row)
    return chosen, rows


def points(axis):
    """Sample an axis densely enough that no elementary cell of small whole cuts is missed."""
    if axis.options is not None:
        values = list(axis.options)
    else:
        fine = [Fraction(n, 20) for n in range(-100, 201)]
        values = [
            v for v in fine if axis.domain.contains(v) and (axis.step is None or v % axis.step == 0)
        ]
    return [*values, *([MISSING] if axis.missing else [])]


def takes(entries, value):
    """Return by definition whether a row matches a value."""
    if entries is None:
        return True
    return any(
        (value is not MISSING and not isinstance(value, (str, bool)) and e.contains(value))
        if isinstance(e, Range)
        else e == value
        for e in entries
    )


def taking(rows, point):
    """Return by definition the rows that match a point."""
    return tuple(i for i, row in enumerate(rows) if all(map(takes, row, point)))


@given(tables(), st.randoms(use_true_random=False))
def test_a_point_matches_its_rows(table, rng):
    """Looking up a point returns the rows that match it by definition."""
    chosen, rows = table
    made = DecisionTable(chosen, rows)
    pools = [points(axis) for axis in chosen]
    if not all(pools):
        return
    for _ in range(20):
        point = [rng.choice(pool) for pool in pools]
        assert taking(rows, point) == made.rows_at(point)


@given(tables())
def test_a_gap_is_found_exactly_where_there_is_one_and_its_witness_is_the_least(table):
    """Brute force over all points agrees that there is a gap, and finds none before the witness."""
    chosen, rows = table
    gap = DecisionTable(chosen, rows).gap()
    pools = [points(axis)[:160] for axis in chosen]
    if gap is not None:
        assert () == taking(rows, gap)
        firsts = itertools.takewhile(lambda v: v != gap[0], pools[0])
        bounded = chosen[0].options is not None or chosen[0].domain.low is not None
        if bounded and len(chosen) == 1 and chosen[0].step is not None:
            assert all(taking(rows, [value]) for value in firsts)
        return
    coarse = [pool[:: max(1, len(pool) // 12)] for pool in pools]
    assert all(taking(rows, point) for point in itertools.product(*coarse))


@given(tables())
def test_overlaps_are_the_pairs_of_rows_that_share_a_point(table):
    """Each reported pair shares its witness; no pair that shares a sampled point is omitted."""
    chosen, rows = table
    found = {(i, j): witness for i, j, witness in DecisionTable(chosen, rows).overlaps()}
    for pair, witness in found.items():
        assert set(pair) <= set(taking(rows, witness))
    coarse = [pool[:: max(1, len(pool) // 12)] for pool in map(points, chosen)]
    for point in itertools.product(*coarse):
        for pair in itertools.combinations(taking(rows, point), 2):
            assert pair in found


@given(tables())
def test_unreached_rows_match_no_point(table):
    """A row is unreached exactly if some axis has nothing for it."""
    chosen, rows = table
    pools = [points(axis) for axis in chosen]
    expected = tuple(
        i
        for i, row in enumerate(rows)
        if not all(any(takes(e, v) for v in pool) for e, pool in zip(row, pools, strict=True))
    )
    assert expected == DecisionTable(chosen, rows).unreached()


COUNT = Axis(domain=Range.parse(">= 0"), step=1)


def span(text):
    """Return an entry of one range."""
    return (Range.parse(text),)


@pytest.mark.parametrize(
    ("expected", "rows"),
    [
        (None, [[span(">= 0")]]),
        ((0,), []),
        ((2,), [[span("8..10")], [span("3..7")], [span("0..1")], [span("> 10")]]),
        ((3,), [[span("0..2")]]),
        ((1,), [[span("0 .. < 1")], [span("> 1")]]),
    ],
)
def test_gaps_of_known_tables(expected, rows):
    """The witness is the first number that no row takes."""
    assert expected == DecisionTable([COUNT], rows).gap()


def test_a_gap_between_facts_names_the_least_of_each():
    """Over two facts the witness is least in the order of the axes."""
    zero, more = (Range.exactly(0),), span(">= 1")
    rows = [[zero, zero], [zero, more], [more, zero]]
    assert (1, 1) == DecisionTable([COUNT, COUNT], rows).gap()


def test_an_axis_that_is_left_open_does_not_matter():
    """None leaves an axis open: the rows that could take some point of it."""
    rows = [[(Range.exactly(0),), ("a",)], [None, ("b",)]]
    made = DecisionTable([COUNT, Axis(options=("a", "b"))], rows)
    assert (0,) == made.rows_at([None, "a"])
    assert (0, 1) == made.rows_at([0, None])


def test_an_empty_table_over_nothing_has_no_gap():
    """If an axis has no value there is no point, and therefore no gap."""
    assert None is DecisionTable([Axis(options=())], [[None]]).gap()


def test_five_inputs_by_four_hundred_rows_are_decided():
    """A complete table of that size has no gap and no overlap; without one row, a gap there."""
    tens = [span(f"{10 * i} .. < {10 * i + 10}") for i in range(3)] + [span(">= 30")]
    rows = [list(cells) for cells in itertools.product(tens, repeat=4)]
    rows = [[*row, None] for row in rows]
    rows += [[*row[:4], None] for row in rows[:0]]
    five = [COUNT] * 5
    assert None is DecisionTable(five, rows).gap()
    assert [] == list(DecisionTable(five, rows).overlaps())
    assert (20, 10, 0, 0, 0) == DecisionTable(
        five, [r for i, r in enumerate(rows) if i != 144]
    ).gap()


def test_a_table_of_too_many_cells_is_rejected(monkeypatch):
    """Size is bounded by the number of cells, before any search."""
    monkeypatch.setattr(decision_table, "_MAX_CELLS", 3)
    with pytest.raises(TooLargeError, match=r"has 6 cells \(rows: 1\); at most 3 are allowed"):
        DecisionTable([COUNT], [[(Range.exactly(3), Range.exactly(5))]])


def test_a_search_that_grows_too_long_is_stopped(monkeypatch):
    """Size is bounded by the steps of the search as well."""
    monkeypatch.setattr(decision_table, "_MAX_STEPS", 1)
    rows = [[(Range.exactly(0),), (Range.exactly(1),)], [span(">= 1"), span(">= 2")], [None, None]]
    with pytest.raises(TooLargeError, match=r"too many steps \(rows: 3, names: 2\)"):
        DecisionTable([COUNT, COUNT], rows).gap()


def test_missing_is_one_thing_everywhere():
    """It remains the same object when it is pickled, and its repr is its name."""
    assert MISSING is pickle.loads(pickle.dumps(MISSING))  # noqa: S301 - our own bytes
    assert "missing" == repr(MISSING)


# ---------------------------------------------------------------- beside each other


TO_FIVE = Axis(domain=Range.parse("0..5"), step=1)


def below(value):
    """What takes all numbers below one."""
    return (Range(None, (value, 0)),)


def test_the_gaps_of_one_axis_are_each_named_by_their_least_value():
    """One for each run of values that no row takes; over more axes, the least alone."""
    table = DecisionTable([TO_FIVE], [[(Range.exactly(1),)], [(Range.exactly(4),)]])
    assert [(0,), (2,), (5,)] == list(table.gaps())
    assert [(0, 0)] == list(DecisionTable([TO_FIVE, TO_FIVE], [[(Range.exactly(1),), None]]).gaps())
    assert [] == list(DecisionTable([TO_FIVE, TO_FIVE], [[None, None]]).gaps())
    assert [] == list(DecisionTable([TO_FIVE], [[None]]).gaps())


def test_the_pieces_of_an_axis_have_their_rows():
    """Rising, from end to end, with all rows that take each."""
    table = DecisionTable([Axis()], [[(Range.parse("0..5"),)], [(Range.parse("> 3"),)]])
    assert [("< 0", ()), ("0..3", (0,)), ("> 3 .. 5", (0, 1)), ("> 5", (1,))] == [
        (str(piece), rows) for piece, rows in table.pieces()
    ]


def test_the_least_point_of_a_row():
    """Axis by axis; None where a row takes nothing."""
    table = DecisionTable(
        [TO_FIVE, TO_FIVE], [[(Range.parse(">= 2"),), None], [(Range.parse("> 9"),), None]]
    )
    assert (2, 0) == table.least_of(0)
    assert table.least_of(1) is None


def test_neighbours_are_points_that_differ_on_one_axis_alone():
    """The lower point first; None means no row; only pairs of rows that are wanted."""
    flag = Axis(options=(False, True))
    table = DecisionTable([TO_FIVE, flag], [[below(2), None], [(Range.parse("2..3"),), (True,)]])
    found = {}

    def wanted(low, high):
        found.setdefault((low, high), [])
        return low != high

    pairs = sorted(table.neighbours(0, wanted))
    assert [((0, False), (2, False)), ((0, True), (2, True)), ((2, True), (4, True))] == pairs
    assert {(0, 1), (1, 0), (0, 0), (1, 1), (0, None), (None, 0), (1, None), (None, 1)} == set(
        found
    )
    across = sorted(table.neighbours(1, wanted))
    assert [((2, False), (2, True))] == across
    assert [] == list(table.neighbours(0, lambda *_: False))


def test_points_are_sorted_with_options_in_their_order():
    """Not by the letters of their codes."""
    table = DecisionTable([Axis(options=("met", "bad")), TO_FIVE], [[None, None]])
    assert ((0, 0), (0, 3)) == table.order(("met", 3))
    missing = DecisionTable([Axis(missing=True)], [[None]])
    assert missing.order((9,)) < missing.order((MISSING,))
    assert table.order(("met", 3)) < table.order(("bad", 0))


def test_a_search_for_neighbours_that_is_too_long_is_stopped(monkeypatch):
    """Its steps are counted over all searches together."""
    monkeypatch.setattr(decision_table, "_MAX_STEPS", 3)
    table = DecisionTable([TO_FIVE, TO_FIVE], [[below(2), below(2)], [below(1), below(1)]])
    with pytest.raises(TooLargeError):
        list(table.neighbours(0, lambda *rows: rows[1] is None))


@given(tables(), st.data())
def test_neighbours_differ_by_one_cell(table, data):
    """Each pair has the rows that it was wanted for, and no cell lies between its points."""
    axes, rows = table
    made = DecisionTable(axes, rows)
    axis = data.draw(st.integers(0, len(axes) - 1))
    asked = []

    def wanted(low, high):
        asked.append((low, high))
        return True

    for low, high in made.neighbours(axis, wanted):
        assert [i for i in range(len(axes)) if low[i] != high[i]] == [axis]
        assert made.order(low) < made.order(high)
        assert MISSING not in (low[axis], high[axis])


# ---------------------------------------------------------------- all points of small tables


@st.composite
def small_tables(draw):
    """Tables of two or three options an axis, with rows that together take most points."""
    options = draw(st.lists(st.sampled_from(["ab", "abc"]).map(tuple), min_size=1, max_size=3))
    missing = [draw(st.booleans()) for _ in options]
    cells = [
        [*some, *([MISSING] if gone else [])] for some, gone in zip(options, missing, strict=True)
    ]
    entry = [st.none() | st.lists(st.sampled_from(c), max_size=3).map(tuple) for c in cells]
    rows = draw(st.lists(st.tuples(*entry), max_size=6))
    chosen = [Axis(options=o, missing=m) for o, m in zip(options, missing, strict=True)]
    return chosen, rows, list(itertools.product(*cells))


@given(small_tables(), st.data())
def test_findings_in_small_tables_equal_an_enumeration_of_all_points(table, data):
    """Gaps, overlaps, unreached rows, and the least point of a row or of none, in order."""
    chosen, rows, every = table
    made = DecisionTable(chosen, rows)
    taken = {point: taking(rows, point) for point in every}
    gaps = [point for point in every if not taken[point]]
    assert (gaps[0] if gaps else None) == made.gap()
    assert len(every) == made.size
    least = {}
    for point in every:
        for pair in itertools.combinations(taken[point], 2):
            least.setdefault(pair, point)
    assert sorted((*pair, point) for pair, point in least.items()) == sorted(made.overlaps())
    reached = {row for some in taken.values() for row in some}
    assert tuple(i for i in range(len(rows)) if i not in reached) == made.unreached()
    fixed = data.draw(
        st.dictionaries(st.integers(0, len(chosen) - 1), st.just(None)).map(
            lambda axes: {axis: data.draw(st.sampled_from(every))[axis] for axis in axes}
        )
    )
    fits = [p for p in every if all(p[axis] == value for axis, value in fixed.items())]
    for row in [None, *range(len(rows))]:
        wanted = [p for p in fits if (row in taken[p] if row is not None else not taken[p])]
        assert (wanted[0] if wanted else None) == made.point_of(row, fixed)
        if not fixed and row is not None:
            assert (wanted[0] if wanted else None) == made.least_of(row)


@given(small_tables(), st.data())
def test_neighbours_of_small_tables_are_those_of_all_points(table, data):
    """For two rows the least pair, the lower point first; beside no row, one for each cell."""
    chosen, rows, every = table
    made = DecisionTable(chosen, rows)
    axis = data.draw(st.integers(0, len(chosen) - 1))
    order = chosen[axis].options
    either = st.none() | st.integers(0, max(0, len(rows) - 1))
    below, above = data.draw(either), data.draw(either)
    pairs = []
    for point in every:
        at = order.index(point[axis]) if point[axis] in order else len(order)
        if at + 1 < len(order):
            beside = (*point[:axis], order[at + 1], *point[axis + 1 :])
            taken = [taking(rows, p) for p in (point, beside)]
            fits = [
                not some if row is None else row in some
                for row, some in zip((below, above), taken, strict=True)
            ]
            if all(fits):
                pairs.append((point, beside))
    found = list(made.neighbours(axis, lambda *asked: (below, above) == asked))
    if below is None and above is None:
        assert [] == found
    elif None not in (below, above):
        assert pairs[:1] == found
    else:
        first = {}
        for pair in pairs:
            first.setdefault(pair[0][axis], pair)
        assert sorted(first.values()) == sorted(found)


def test_the_rows_of_a_number_between_its_cuts():
    """Without a grid, each end has a cell of its own; without a lower end, a row begins below all."""
    three = DecisionTable(
        [Axis()], [[(Range.exactly(3),)], [(Range.parse("<= 3"),)], [span("> 3")]]
    )
    assert [(1,), (0, 1), (2,)] == [three.rows_at([n]) for n in (2, 3, 4)]
    assert ["< 3", "3", "> 3"] == [str(three.cell(0, n)) for n in (2, 3, 4)]
    more = three.with_rows([[span("4..5")]])
    assert [(1,), (2, 3)] == [more.rows_at([n]) for n in (2, 4)]
    assert ["> 3 .. < 4", "4..5", "> 5"] == [str(more.cell(0, n)) for n in (Fraction(7, 2), 4, 6)]
    assert (3, 5) == (three.size, more.size)
    flags = Axis(options=(False, True))
    assert 6 == DecisionTable([Axis(), flags], [[(Range.exactly(3),), None]]).size


def test_known_numbers_do_not_affect_the_equality_of_axes():
    """The known numbers follow from the rest of the rubric."""
    assert Axis() == Axis(known=Domain(()))


def test_the_least_number_of_an_axis_is_on_its_grid_or_known():
    """None if it has no number in a range."""
    assert 2 == Axis(domain=Range.closed(1, 9), step=2).least_in(Range())
    assert None is Axis(domain=Range.closed(1, 9), step=2).least_in(Range.closed(10, 12))
    known = Domain((Part(Range.exactly(4)), Part(Range.exactly(11))))
    assert 4 == Axis(domain=Range.closed(1, 9), known=known).least_in(Range())
    assert None is Axis(domain=Range.closed(1, 9), known=known).least_in(Range.parse("> 4"))


def test_a_table_of_two_hundred_axes_is_searched():
    """More axes are rejected: a search goes as deep as there are axes."""
    one = Axis(options=("a",))
    assert None is DecisionTable([one] * 200, [[None] * 200]).gap()
    with pytest.raises(TooLargeError, match="depends on 201 names; at most 200 are allowed"):
        DecisionTable([one] * 201, [[None] * 201]).gap()


SEARCHED = [[below(2), None], [(Range.parse("2..3"),), below(1)], [None, (Range.exactly(4),)]]


@pytest.mark.parametrize(
    ("steps", "search"),
    [
        (15, lambda table: table.gap()),
        (11, lambda table: list(table.overlaps())),
        (15, lambda table: table.point_of(None, {})),
        (9, lambda table: list(table.neighbours(0, lambda *_: False))),
        (19, lambda table: list(table.neighbours(0, lambda *rows: rows == (0, None)))),
    ],
    ids=["gap", "overlaps", "point", "pairs", "beside none"],
)
def test_a_search_takes_so_many_steps(monkeypatch, steps, search):
    """It ends within so many steps, and raises with one less, of its own limit or of the budget."""
    axes = [TO_FIVE, TO_FIVE]

    def tried(allowed, budget):
        """Search with limits on its own steps and on the remaining budget."""
        monkeypatch.setattr(decision_table, "_MAX_STEPS", 1000)
        table = DecisionTable(axes, SEARCHED, Budget(1000))
        table.gap()  # looking for the values of the cells costs effort too, once
        table._budget = Budget(budget)  # noqa: SLF001 - the remaining steps are set after the cells are known
        monkeypatch.setattr(decision_table, "_MAX_STEPS", allowed)
        search(table)

    tried(steps, 1000)
    tried(1000, steps)
    for allowed, budget in ((steps - 1, 1000), (1000, steps - 1)):
        with pytest.raises(TooLargeError, match=r"too many steps \(rows: 3, names: 2\)$"):
            tried(allowed, budget)


def test_cells_are_counted_before_a_table_is_made(monkeypatch):
    """As many as are allowed are made."""
    monkeypatch.setattr(decision_table, "_MAX_CELLS", 6)
    rows = [[(Range.exactly(3), Range.exactly(5))]]
    assert (0,) == DecisionTable([COUNT], rows).rows_at([5])
    monkeypatch.setattr(decision_table, "_MAX_CELLS", 5)
    with pytest.raises(TooLargeError, match=r"has 6 cells \(rows: 1\); at most 5 are allowed$"):
        DecisionTable([COUNT], rows)


def test_looking_for_least_values_is_counted():
    """Each cell's least value costs steps; without effort the table is too large, lookups stay."""
    axis = Axis(domain=Range.closed(0, 100), step=1)
    table = DecisionTable([axis], [[(Range.closed(0, 50),)], [(Range.closed(51, 100),)]], Budget(5))
    assert table.rows_at([51]) == (1,)
    with pytest.raises(TooLargeError, match=r"\(rows: 2, names: 1\)"):
        table.gap()


def test_ranges_of_one_row_that_touch_or_overlap_are_one():
    """Ten thousand ranges in one another cut an axis twice, and take what each of them takes."""
    spans = tuple(Range((i, 0), None) for i in range(10_000))
    table = DecisionTable([Axis()], [[(*spans, Range.closed(-5, -3))], [(Range.exactly(-4),)]])
    assert [(), (0,), (0, 1), (), (0,)] == [table.rows_at([v]) for v in (-6, -3, -4, -1, 7)]
    assert table.size < 10
