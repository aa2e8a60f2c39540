"""Tokens: the words of a text that could be names."""

from __future__ import annotations

import pytest

from kpirules.formula import names_in
from kpirules.formula.tokens import FormulaSyntaxError, tokens


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("curve(late, payout) + 2 * x.y", ("curve", "late", "payout", "x.y")),
        ("", ()),
        ("late ? 2", ()),
    ],
)
def test_the_names_in_a_text(text, expected):
    """In their order, with those of functions; none of a text that has no tokens."""
    assert expected == names_in(text)


@pytest.mark.parametrize(
    ("text", "place", "advice"),
    [
        ("a ** 2", (2, 4), "a power is written x ^ 2"),
        ("2\uff0a\uff0a3", (1, 3), "a power is written x ^ 2"),
        ("5 %", (2, 3), "write a percentage as a number: 0.05 for 5 %"),
        ("5\uff05", (1, 2), "write a percentage as a number: 0.05 for 5 %"),
        ("=a + b", (0, 1), "leave out the equals sign"),
        ("a = b", (2, 3), "conditions are in"),
        ("a >= 3", (2, 4), "conditions are in"),
        ("a \u2265 3", (2, 3), "conditions are in"),
        ("a && b", (2, 4), "conditions are in"),
        ("a $ 2", (2, 3), "a formula has numbers, names"),
    ],
)
def test_signs_of_other_languages_have_their_advice(text, place, advice):
    """Of spreadsheets, of programs, of full width."""
    with pytest.raises(FormulaSyntaxError) as error:
        list(tokens(text))
    assert place == (error.value.start, error.value.end)
    assert "is not allowed in a formula" in str(error.value)
    assert advice in error.value.advice.text()
