"""The keys of the rows of a table."""

from __future__ import annotations

from kpirules.cohort.keys import unique_names


def test_names_are_unique_whatever_the_keys():
    """A key may look like a key with the place of its row."""
    keys = ["li", "li", "li (0)", "", "3", "li (1)*", "li (1)"]
    names = unique_names(keys, str)
    assert ["li (0)*", "li (1)**", "li (0)", "3*", "3", "li (1)*", "li (1)"] == names
