"""Each production of the language has a strategy, and each is drawn."""

from __future__ import annotations

import re
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kpirules import dumps, loads
from kpirules.arithmetic.range import Range
from kpirules.model import Band, Rubric
from kpirules.model.curves import Curve
from kpirules.model.language import parts_of
from kpirules.testing import rubrics
from tests.properties.mutants import WRONG, changed, put, sites, sources, verdict
from tests.properties.productions import (
    CLASSES,
    all_productions,
    form_of,
    productions_of,
    used,
    used_formula,
)


@st.composite
def written(draw):
    """Draw a shipped ruleset, a case or a small one, with up to two changes: sound or not."""
    name = draw(st.sampled_from(sorted(SOURCES)))
    rubric = SOURCES[name]
    random = Random(draw(st.integers(0, 2**32)))
    for _ in range(draw(st.integers(0, 2))):
        path, value = random.choice(list(sites(rubric)))
        try:
            rubric = put(rubric, path, changed(value, path, ["missing"], random))
        except (ValueError, TypeError, ArithmeticError, LookupError, AttributeError):
            # what the model does not accept
            continue
    return rubric


SOURCES = {}


@pytest.fixture(autouse=True, scope="module")
def _sources():
    """Read all rulesets once, with their examples and rulings."""
    SOURCES.update(sources(whole=True))


def test_each_production_is_drawn():
    """Those that are never drawn are named: of all rulesets as they are written, then at random."""
    drawn = {production for rubric in SOURCES.values() for production in productions_of(rubric)}

    @settings(max_examples=300)
    @given(written() | rubrics() | rubrics(quotas=True))
    def draw(rubric):
        drawn.update(productions_of(rubric))

    draw()
    assert [] == sorted(all_productions() - drawn)
    assert [] == sorted(drawn - all_productions())


@settings(max_examples=150)
@given(written(), st.integers(0, 2**32))
def test_what_is_said_of_a_written_ruleset_is_what_its_records_show(rubric, seed):
    """Of all productions: neither missed, nor false, nor without its record."""
    kind, why = verdict(rubric, Random(seed))
    assert kind not in WRONG, why


@pytest.mark.parametrize(
    ("text", "form"),
    [
        ("1..2", "a..b"),
        ("1 .. < 2", "a .. < b"),
        ("> 1 .. 2", "> a .. b"),
        ("> 1 .. < 2", "> a .. < b"),
        (">= 1", ">= a"),
        ("> 1", "> a"),
        ("<= 1", "<= b"),
        ("< 1", "< b"),
        ("1..1", "a"),
        ("any", "any"),
    ],
)
def test_the_form_of_a_range_is_told(text, form):
    """Ten forms."""
    assert form == form_of(Range.parse(text))


def test_the_operations_of_a_formula_are_told():
    """Functions by name; a minus of its own and brackets."""
    assert {"function abs", "operator unary -", "operator *", "operator brackets"} == set(
        used_formula("-abs(a) * (b)")
    )
    assert {"operator -", "operator /"} == set(used_formula("a - b / c"))
    assert {"operator ^", "function root"} == set(used_formula("root(a ^ 2, 1)"))
    cells = Band(when="x", formula={"p": "a + 1", "otherwise": "abs(a)"})
    assert {"operator +", "function abs"} <= set(used(cells))
    assert "operator *" in set(used(Curve(name="c", points=[[0, 0], [1, "2 * a"]])))


def test_a_field_of_the_model_is_a_production():
    """A field is listed by its kinds, words one by one; a text of a file uses them."""
    every = all_productions()
    assert set(parts_of(Rubric)) <= set(CLASSES)
    assert {"Band.points: Range", "Rounding.mode: 'half_up'", "Gate.refuse: bool"} <= every
    text = 'schema = 1\nid = "x"\ncriterion = [{ id = "a", weight = 100, points = "0..100" }]\n'
    rubric = loads(text)
    used = productions_of(rubric)
    assert {"Criterion.points: Range", "range a..b"} <= used <= every
    assert used == productions_of(loads(dumps(rubric)))
    assert all(re.fullmatch(r"[A-Za-z]+[. ].+", name) for name in every)
