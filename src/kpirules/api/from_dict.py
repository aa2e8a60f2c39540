"""Rubrics from trees that a program holds; each is read, proved sound and compiled."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kpirules.api.load import loads
from kpirules.errors import expect
from kpirules.model.rubric import Rubric
from kpirules.toml.data import FILE, text_of_tree


def from_dict(tree: Mapping[str, Any]) -> Rubric:
    """Read a rubric from the tree of a ruleset file (see :meth:`kpirules.Rubric.from_dict`)."""
    expect(tree, Mapping, "Rubric.from_dict: expected the tree of a ruleset file")
    return loads(text_of_tree(tree), file=FILE)
