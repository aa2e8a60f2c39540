"""Three theorems about ``check``, against the slow arithmetic and against z3.

Soundness: where it finds no error, every record that the inputs admit has one result. Completeness:
every planted defect is found. Witnesses: each shows its finding, and nothing smaller does.
"""

from __future__ import annotations

from fractions import Fraction
from itertools import product

import attrs
import pytest
import z3
from hypothesis import assume, given
from hypothesis import strategies as st

from kpirules import InputError, check, dumps, evaluate, loads
from kpirules.api.load import check_text
from kpirules.arithmetic.number import canonical
from kpirules.arithmetic.range import Range
from kpirules.model import Band, Condition, Criterion, Input, Option, Rubric, Tier, When
from kpirules.testing import UNSOUND, bad_records, records, rubrics, unsound_rubrics
from tests.comparing import worked_out
from tests.drawing import share
from tests.reference import arithmetic
from tests.reference.whole import reference


def errors(rubric):
    """Give the errors of a rubric."""
    return [f for f in check(rubric) if f.severity == "error"]


def agrees(rubric, record):
    """Say whether a record has one result, and the slow reference has the same."""
    expected = reference(rubric, record)
    assert expected is not None
    assert expected == worked_out(rubric, record)


# ---------------------------------------------------------------- soundness


@given(rubrics(), st.data())
def test_every_record_of_a_sound_rubric_has_one_result(rubric, data):
    """Exactly one band a criterion, one total, one tier; and they are the slow arithmetic's."""
    assert [] == errors(rubric)
    for _ in range(3):
        agrees(rubric, data.draw(records(rubric)))


@st.composite
def loosened(draw):
    """A sound rubric with something changed at random: it may be sound still."""
    rubric = draw(rubrics())
    kind = draw(st.sampled_from(["band", "points", "tier", "range", "step"]))
    if kind == "tier" and rubric.tiers:
        changed = draw(st.sampled_from(rubric.tiers))
        span = Range.closed(0, draw(st.integers(1, 120)))
        tiers = tuple(attrs.evolve(t, total=(span,)) if t is changed else t for t in rubric.tiers)
        return attrs.evolve(rubric, tiers=draw(st.sampled_from([tiers, rubric.tiers[1:]])))
    criteria = [c for c in rubric.criteria if isinstance(c.bands, tuple)]
    numeric = bool(rubric.inputs) and rubric.inputs[0].type in ("count", "number")
    if kind == "step" or not (numeric if kind == "range" else criteria):
        return attrs.evolve(
            rubric, step=draw(st.sampled_from([1, 2, Fraction(1, 2), Fraction(1, 4)]))
        )
    if kind == "range":
        first, *rest = rubric.inputs
        wider = attrs.evolve(first, range=draw(st.sampled_from([None, Range.closed(0, 40)])))
        return attrs.evolve(rubric, inputs=(wider, *rest))
    chosen = draw(st.sampled_from(criteria))
    bands = list(chosen.bands)
    at = draw(st.integers(0, len(bands) - 1))
    if kind == "band":
        del bands[at]
    else:
        bands[at] = attrs.evolve(bands[at], points=Range.closed(0, draw(st.integers(1, 12))))
    changed = attrs.evolve(chosen, bands=tuple(bands))
    every = tuple(changed if c is chosen else c for c in rubric.criteria)
    return attrs.evolve(rubric, criteria=every)


@given(loosened(), st.data())
def test_a_rubric_without_an_error_has_one_result_for_every_record(rubric, data):
    """Whatever was changed: no error found, no record without its one result."""
    assume(not errors(rubric))
    for _ in range(3):
        agrees(rubric, data.draw(records(rubric)))


@given(rubrics(), st.data())
def test_what_is_wrong_with_a_record_is_said_of_the_name_it_is_about(rubric, data):
    """Every faulty record is refused, never scored."""
    with pytest.raises(InputError) as caught:
        evaluate(rubric, data.draw(bad_records(rubric)))
    known = {f.name for f in rubric.inputs} | {c.id for c in rubric.all_criteria}
    known |= {f"{c.id}.{r.name}" for c in rubric.all_criteria for r in rubric.raters}
    assert {p.input for p in caught.value.problems} <= known | {"no_such_name"}


@given(rubrics())
def test_a_random_rubric_survives_its_text(rubric):
    """What is written is read back; text and value are found equally sound."""
    again = loads(dumps(rubric))
    assert rubric == again
    assert [(f.code, f.path) for f in check(rubric)] == sorted_as(check(rubric), check(again))


def sorted_as(ours, theirs):
    """Give the findings of a text in the order of those of the value."""
    rest = [(f.code, f.path) for f in theirs]
    ordered = []
    for finding in ours:
        rest.remove((finding.code, finding.path))
        ordered.append((finding.code, finding.path))
    return ordered + rest


# ---------------------------------------------------------------- completeness


@given(st.data())
def test_every_planted_defect_is_found(data):
    """One defect of any kind in a sound rubric: its finding is among those of the check."""
    code = data.draw(st.sampled_from(sorted(UNSOUND)))
    rubric = data.draw(unsound_rubrics(code))
    assert code in {f.code for f in check(rubric)}


@pytest.mark.parametrize("code", sorted(UNSOUND))
@share(1 / 10)
@given(data=st.data())
def test_every_kind_of_defect_is_planted_and_found_in_text_as_well(code, data):
    """At least 14 kinds; each is found in the text that a rubric writes."""
    rubric = data.draw(unsound_rubrics(code))
    assert code in {f.code for f in check_text(dumps(rubric))}
    assert 14 <= len(UNSOUND)


# ---------------------------------------------------------------- witnesses of tables


@st.composite
def small_inputs(draw, name):
    """An input of few values."""
    kind = draw(st.sampled_from(["count", "number", "choice", "flag"]))
    if kind == "count":
        return Input(name=name, type="count", range=Range.closed(draw(st.integers(0, 2)), 4))
    if kind == "number":
        span = draw(st.sampled_from([Range.parse("0..2"), Range.parse("> 0 .. < 2")]))
        return Input(
            name=name, type="number", range=span, step=draw(st.sampled_from([1, Fraction(1, 2)]))
        )
    if kind == "choice":
        return Input(name=name, type="choice", options=tuple(Option(code=c) for c in "pqr"))
    return Input(name=name, type="flag")


def entry_of(draw, fact):
    """Draw something that a band may ask of an input; it may be never true."""
    if fact.type == "choice":
        return draw(st.sampled_from("pqr"))
    if fact.type == "flag":
        return draw(st.booleans())
    ends = st.integers(-1, 5).map(lambda i: canonical(Fraction(i) * Fraction(fact.step or 1)))
    low = draw(st.none() | st.tuples(ends, st.sampled_from([0, 1])))
    high = draw(st.none() | st.tuples(ends, st.sampled_from([0, 1])))
    if low is not None and high is not None and low >= high:
        return Range.exactly(low[0])
    return Range(low, high)


@st.composite
def tables(draw):
    """A rubric of one criterion over few facts, with bands that need not fit together."""
    facts = [draw(small_inputs(f"f{i}")) for i in range(draw(st.integers(1, 3)))]
    bands = []
    for _ in range(draw(st.integers(1, 5))):
        asked = draw(st.lists(st.sampled_from(facts), min_size=1, unique_by=id))
        conditions = [
            Condition(
                name=f.name,
                entries=tuple(entry_of(draw, f) for _ in range(draw(st.integers(1, 2)))),
            )
            for f in asked
        ]
        points = draw(st.integers(0, 100))
        bands.append(Band(when=When(conditions=tuple(conditions)), points=points))
    if draw(st.booleans()):
        bands.append(Band(when=When(otherwise=True), points=0))
    better = draw(st.sampled_from([None, "higher", "lower"]))
    facts = [f if f.type == "choice" else attrs.evolve(f, better=better) for f in facts]
    criterion = Criterion(id="c", weight=100, bands=tuple(bands))
    return Rubric(id="x", inputs=tuple(facts), criteria=(criterion,))


def points_on_grid(rubric):
    """Give all facts that may be given, in the order of the axes: the smallest first."""
    names = arithmetic.facts_of(rubric.criteria[0], rubric)
    facts = {f.name: f for f in rubric.inputs}
    for values in product(*(arithmetic.domain(facts[name]) for name in names)):
        yield dict(zip(names, values, strict=True))


@given(tables())
def test_the_witness_of_a_gap_or_overlap_is_the_smallest_on_the_grid(rubric):
    """By trying every point: gaps, overlaps and unreachable bands are those, and no others."""
    (criterion,) = rubric.criteria
    found = check(rubric)
    taken = [
        (facts, arithmetic.taking(criterion, rubric, facts)) for facts in points_on_grid(rubric)
    ]
    gaps = [facts for facts, rows in taken if not rows]
    reported = [f for f in found if f.code == "band-gap"]
    # one finding for all gaps, with the first one as its witness
    assert gaps[:1] == [dict(f.witness) for f in reported]
    if len(taken[0][0]) == 1:
        # over one fact: all of them, by the first of each run of values without a band
        runs = [f for i, (f, rows) in enumerate(taken) if not rows and (i == 0 or taken[i - 1][1])]
        witnesses = [dict(f.witness) for f in reported]
        for finding in reported:
            ((fact, value),) = finding.witness
            witnesses = [{fact: v} for v in finding.params.get("values", (value,))]
        assert runs == witnesses
    first = {}
    for facts, rows in taken:
        for i, low in enumerate(rows):
            for high in rows[i + 1 :]:
                first.setdefault((low, high), facts)
    overlaps = {
        (f.other[-1], f.path[-1]): dict(f.witness) for f in found if f.code == "band-overlap"
    }
    assert first == overlaps
    reached = {row for _, rows in taken for row in rows}
    unreached = {f.path[-1] for f in found if f.code == "band-unreachable"}
    never = {f.path[-2] for f in found if f.code == "off-step"}
    assert unreached <= set(range(len(criterion.bands))) - reached
    assert set(range(len(criterion.bands))) - reached <= unreached | never


@st.composite
def fitting_tables(draw):
    """Tables as above without the bands that do not fit, and one more for what is left."""
    rubric = draw(tables())
    (criterion,) = rubric.criteria
    every = list(points_on_grid(rubric))
    free, kept = list(range(len(every))), []
    for i, band in enumerate(criterion.bands):
        own = [k for k, at in enumerate(every) if i in arithmetic.taking(criterion, rubric, at)]
        if not band.when.otherwise and own and set(own) <= set(free):
            kept.append(band)
            free = [k for k in free if k not in own]
    if free:
        kept.append(Band(when=When(otherwise=True), points=draw(st.integers(0, 100))))
    assume(len(kept) > 1)
    changed = attrs.evolve(criterion, bands=tuple(kept))
    asked = arithmetic.facts_of(changed, rubric)
    inputs = tuple(f for f in rubric.inputs if f.name in asked)
    return attrs.evolve(rubric, criteria=(changed,), inputs=inputs)


@given(fitting_tables())
def test_a_better_fact_that_gives_less_is_found_with_its_pair(rubric):
    """By trying every pair that differs in one fact alone."""
    found = check(rubric)
    assume(not any(f.severity == "error" for f in found))
    (criterion,) = rubric.criteria
    facts = {f.name: f for f in rubric.inputs}

    def points(at):
        (row,) = arithmetic.taking(criterion, rubric, at)
        return Fraction(criterion.bands[row].points)

    falls = set()
    for at in points_on_grid(rubric):
        for name, fact in facts.items():
            for value in arithmetic.domain(fact) if name in at and fact.better else ():
                if (value > at[name]) == (fact.better == "higher") and points(
                    {**at, name: value}
                ) < points(at):
                    falls.add(name)
    pairs = [f for f in found if f.code == "not-monotone"]
    assert len(falls) == len(pairs)
    for finding in pairs:
        better, worse = dict(finding.witness), dict(finding.against)
        (name,) = [n for n in better if better[n] != worse[n]]
        assert (better[name] > worse[name]) == (facts[name].better == "higher")
        assert evaluate(rubric, plain(better)).total < evaluate(rubric, plain(worse)).total
        falls.remove(name)


def plain(facts):
    """Give facts as a record has them."""
    return {n: arithmetic.as_decimal(v) if isinstance(v, Fraction) else v for n, v in facts.items()}


# ---------------------------------------------------------------- witnesses of totals


@st.composite
def sums(draw):
    """A rubric of a few judged criteria, with tiers that need not fit together."""
    step = draw(st.sampled_from([1, Fraction(1, 2)]))
    criteria = []
    for i in range(draw(st.integers(1, 3))):
        scale = draw(st.sampled_from([None, 4]))
        top = 8 if scale is None else 4
        spans = draw(
            st.lists(
                st.tuples(st.integers(0, top), st.integers(0, 2)),
                min_size=1,
                max_size=3,
                unique_by=lambda p: p[0],
            )
        )
        bands = tuple(
            Band(points=Range.closed(low, min(top, low + more)) if low < top and more else low)
            for low, more in spans
        )
        criteria.append(Criterion(id=f"c{i}", weight=8, scale=scale, bands=bands))
    cut = st.integers(-1, 25)
    tiers = tuple(
        Tier(id=f"t{i}", total=(Range.closed(low, low + size),), pay=draw(st.integers(-1, 2)))
        for i, (low, size) in enumerate(
            draw(st.lists(st.tuples(cut, st.integers(1, 20)), max_size=4))
        )
    )
    return Rubric(
        id="x", full_marks=8 * len(criteria), step=step, criteria=tuple(criteria), tiers=tiers
    )


@given(sums())
def test_tiers_are_judged_on_the_totals_that_can_occur(rubric):
    """By adding up every combination: gaps, overlaps, what is not reached, what pays less."""
    found = check(rubric)
    # on a rating that two bands take, only the points matter here
    occurring = arithmetic.totals(rubric)
    tiers = [(total, arithmetic.tiers_of(rubric, total)) for total in occurring]
    gaps = [f for f in found if f.code == "tier-gap"]
    # a total may need a rating that two bands take: no record shows it, so that another one is the witness
    hidden = any(f.code == "band-overlap" for f in found)
    if rubric.tiers and not hidden:
        assert [t for t, rows in tiers if not rows][:1] == [f.witness[0][1] for f in gaps][:1]
    for finding in gaps:
        assert (finding.witness[0][1], []) in tiers
        if hidden:
            continue
        parts = [
            arithmetic.contribution(c, rubric, Fraction(dict(finding.record)[c.id]))
            for c in rubric.criteria
        ]
        assert finding.witness[0][1] == sum(parts, Fraction())
    shared = {}
    for total, rows in tiers:
        for i, low in enumerate(rows):
            for high in rows[i + 1 :]:
                shared.setdefault((low, high), []).append(total)
    overlaps = {(f.other[1], f.path[1]): f.witness[0][1] for f in found if f.code == "tier-overlap"}
    if hidden:
        assert all(total in shared[pair] for pair, total in overlaps.items())
    else:
        assert {pair: totals[0] for pair, totals in shared.items()} == overlaps
    reached = {row for _, rows in tiers for row in rows}
    assert set(range(len(rubric.tiers))) - reached == {
        f.path[1] for f in found if f.code == "tier-unreachable"
    }
    full = rubric.full_marks in occurring
    assert (not full) == any(f.code == "full-marks-unreachable" for f in found)


@given(sums())
def test_a_higher_total_that_pays_less_is_found_with_its_pair(rubric):
    """By comparing every pair of totals that can occur; the smallest pair is the witness."""
    found = check(rubric)
    assume(not any(f.code in ("tier-gap", "tier-overlap") for f in found))
    tiers = [(total, arithmetic.tiers_of(rubric, total)) for total in arithmetic.totals(rubric)]
    # an overlap of tiers at a total that needs a rating of two bands has no witness, and no finding
    assume(all(len(rows) < 2 for _, rows in tiers))
    pays = [(total, rubric.tiers[rows[0]].pay) for total, rows in tiers if rows]
    falls = [
        (total, lower)
        for i, (total, pay) in enumerate(pays)
        for lower, more in pays[:i]
        if more > pay
    ]
    pairs = [(f.witness[0][1], f.against[0][1]) for f in found if f.code == "not-monotone"]
    assert falls[:1] == pairs


@given(sums())
def test_a_rating_between_the_bands_is_the_smallest_and_is_refused(rubric):
    """The witness of a rating-gap, fed to evaluate, is not an allowed rating; nothing smaller is refused."""
    found = check(attrs.evolve(rubric, tiers=()))
    assume(not any(f.severity == "error" for f in found))
    rubric = attrs.evolve(rubric, tiers=())
    for c in rubric.criteria:
        gaps = [
            f.witness[0][1] for f in found if f.code == "rating-gap" and f.witness[0][0] == c.id
        ]
        awarded = arithmetic.possible(c, rubric)
        grid = [
            Fraction(rubric.step) * i for i in range(int(awarded[-1] / Fraction(rubric.step)) + 1)
        ]
        missing = [v for v in grid if awarded[0] < v and v not in awarded]
        levels = all(not isinstance(b.points, Range) for b in c.bands)
        assert gaps == [v for v in missing if v - Fraction(rubric.step) in awarded and not levels]
        for value in gaps:
            others = {o.id: arithmetic.possible(o, rubric)[0] for o in rubric.criteria}
            with pytest.raises(InputError) as caught:
                evaluate(rubric, plain({**others, c.id: Fraction(value)}))
            assert [c.id] == [p.input for p in caught.value.problems]


# ---------------------------------------------------------------- z3


def as_formula(fact, entry, symbol):
    """Say to z3 that an entry holds."""
    if fact.type == "choice":
        return symbol == "pqr".index(entry)
    if fact.type == "flag":
        return symbol == int(entry)
    parts = []
    if entry.low is not None:
        end = z3.Q(Fraction(entry.low[0]).numerator, Fraction(entry.low[0]).denominator)
        parts.append(symbol > end if entry.low[1] else symbol >= end)
    if entry.high is not None:
        end = z3.Q(Fraction(entry.high[0]).numerator, Fraction(entry.high[0]).denominator)
        parts.append(symbol <= end if entry.high[1] else symbol < end)
    return z3.And(parts)


def admitted(fact, symbol):
    """Say to z3 which values an input may have."""
    if fact.type in ("choice", "flag"):
        return z3.And(symbol >= 0, symbol < (3 if fact.type == "choice" else 2), z3.IsInt(symbol))
    step = Fraction(fact.step or 1)
    on_grid = z3.IsInt(symbol * z3.Q(step.denominator, step.numerator))
    span = as_formula(fact, fact.range or Range(), symbol)
    if fact.step is None and fact.type == "number":
        return span
    return z3.And(span, on_grid, symbol >= 0) if fact.type == "count" else z3.And(span, on_grid)


@st.composite
def dense_tables(draw):
    """Tables as above, of which some numbers have neither grid nor ends."""
    rubric = draw(tables())
    inputs = tuple(
        attrs.evolve(f, step=None, range=draw(st.sampled_from([None, f.range])))
        if f.type == "number" and draw(st.booleans())
        else f
        for f in rubric.inputs
    )
    return attrs.evolve(rubric, inputs=inputs)


@given(dense_tables())
def test_z3_finds_the_same_gaps_and_overlaps(rubric):
    """An independent solver, told only what each band asks for, agrees on every table."""
    (criterion,) = rubric.criteria
    found = check(rubric)
    assume(not any(f.code == "off-step" for f in found))
    facts = {f.name: f for f in rubric.inputs}
    symbols = {name: z3.Real(name) for name in arithmetic.facts_of(criterion, rubric)}
    solver = z3.Solver()
    solver.add([admitted(facts[name], symbol) for name, symbol in symbols.items()])
    rows = [
        z3.And(
            [
                z3.Or([as_formula(facts[c.name], entry, symbols[c.name]) for entry in c.entries])
                for c in band.when.conditions
            ]
        )
        for band in criterion.bands
        if not band.when.otherwise
    ]
    otherwise = any(band.when.otherwise for band in criterion.bands)

    def can_be(*claims):
        solver.push()
        solver.add(*claims)
        answer = solver.check() == z3.sat
        solver.pop()
        return answer

    nothing = can_be(z3.Not(z3.Or(rows)))
    gap = any(f.code == "band-gap" for f in found)
    idle = any(f.code == "band-unreachable" and f.path[-1] == len(rows) for f in found)
    assert nothing == (not idle if otherwise else gap)
    both = {
        (i, j)
        for i in range(len(rows))
        for j in range(i + 1, len(rows))
        if can_be(rows[i], rows[j])
    }
    assert both == {(f.other[-1], f.path[-1]) for f in found if f.code == "band-overlap"}
