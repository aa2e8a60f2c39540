"""The texts of problems that rows share except for the values that are shown in them."""

from __future__ import annotations

from decimal import Decimal

import attrs
import pytest

from kpirules.diagnostics.problem import Problem, json_of, text_of
from kpirules.diagnostics.problem_patterns import filled
from kpirules.translations.message import Message


#: a label that has a character which stands for values in other texts
PROBLEMS = (
    Problem(input="n", value=-1, reason=Message.of("problem.out-of-range")),
    Problem(input="\u0100", reason=Message.of("problem.missing")),
    Problem(input="m", value=5, reason=Message.of("problem.off-step", step=2)),
)
CELLS = [7, 2**53, -(2**60), "x", '"\\\n', "\u0101" * 90, "\u0102", 0.5, -0.0, Decimal("1.50"), "0"]


@pytest.mark.parametrize("lang", [None, "en", "zh"])
@pytest.mark.parametrize("cells", [CELLS, [7, 8], [2**53, 1]])
def test_each_row_has_the_texts_of_its_own_values(cells, lang):
    """As if the problems of each row were written by themselves, whatever the values are."""
    first, missing, other = PROBLEMS
    rows = [(attrs.evolve(first, value=cell), missing, other) for cell in cells]
    want = [[form(row, lang) for row in rows] for form in (text_of, json_of)]
    # m is shown by the problem, but not as it is given
    own = {"n": -1, "m": "5"}
    assert tuple(want) == filled(PROBLEMS, own, {"n": cells, "m": cells}, lang)


def test_several_values_of_a_row_are_put_in():
    """Each at its own place."""
    first, missing, other = PROBLEMS
    rows = [(attrs.evolve(first, value=a), missing, attrs.evolve(other, value=a)) for a in CELLS]
    want = tuple([form(row) for row in rows] for form in (text_of, json_of))
    assert want == filled(PROBLEMS, {"n": -1, "m": 5}, {"n": CELLS, "m": CELLS}, None)
