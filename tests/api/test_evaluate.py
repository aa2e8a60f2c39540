"""The public `compile`: a rubric, checked and compiled once."""

from __future__ import annotations

import pytest

from kpirules import (
    InputError,
    Program,
    RulesetError,
    RulesetNotFoundError,
    Tier,
    compile,  # noqa: A004 - the word of the field
    evaluate,
    load,
    loads,
)


DESK = 'schema = 1\nid = "desk"\ncriterion = [{ id = "work", weight = 100 }]'


def test_a_program_evaluates_as_the_rubric():
    """It gives the same results and problems, knows its rubric, and is made once."""
    rubric = loads(DESK)
    program = compile(rubric)
    assert isinstance(program, Program)
    assert rubric is program.rubric
    assert program is compile(rubric)
    assert evaluate(rubric, {"work": 70}) == program.evaluate({"work": 70})
    with pytest.raises(InputError, match="work"):
        program.evaluate({"work": 101})


def test_an_id_is_loaded():
    """By id, and by the day whose rules apply."""
    assert load("customer-service") is compile("customer-service").rubric
    assert "customer-service" == compile("customer-service", on="2026-10").rubric.id
    with pytest.raises(RulesetNotFoundError, match="2019-01"):
        compile("customer-service", on="2019-01")


def test_what_is_not_sound_has_no_program():
    """All findings are reported; what is not a rubric is a TypeError."""
    rubric = loads(DESK)
    unsound = type(rubric)(id="x", criteria=rubric.criteria, tiers=[Tier(id="a", total="0..9")])
    with pytest.raises(RulesetError, match="tier-gap"):
        compile(unsound)
    with pytest.raises(TypeError, match="expected"):
        compile(7)
