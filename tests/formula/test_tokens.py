"""Tokens: the words of a text that could be names."""

from __future__ import annotations

import pytest

from kpirules.formula import names_in


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
