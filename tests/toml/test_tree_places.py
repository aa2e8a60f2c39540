"""Places by ids: as findings name them, and back to the path in the tree."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kpirules import PlaceError, check, load
from kpirules.testing import UNSOUND, unsound_rubrics
from kpirules.toml.tree_places import path_of, place_in
from tests.drawing import share


@share(1 / 2)
@given(st.sampled_from(sorted(UNSOUND)).flatmap(unsound_rubrics))
def test_the_place_of_any_finding_is_found(rubric):
    """It is the path of the finding, or of the part that has the place."""
    tree = rubric.to_dict()
    for finding in check(rubric):
        if finding.place:
            assert finding.place == place_in(tree, finding.path)
            try:
                place = place_in(tree, path_of(tree, finding.place))
                # an option has its code in a finding, also in a list
                assert place == finding.place or "options" in finding.path
            except PlaceError as error:
                # the parts of one id are the finding
                assert error.several


@pytest.mark.parametrize(
    ("place", "path"),
    [
        ("section.personnel.leave.bands[1].points", ("section", 0, "criterion", 1, "bands", 1, "points")),
        ("section.personnel.criterion.leave.bands[1]", ("section", 0, "criterion", 1, "bands", 1)),
        ("section[0].criterion[1]", ("section", 0, "criterion", 1)),
        ("section.personnel[1].label.zh", ("section", 0, "criterion", 1, "label", "zh")),
        ("inputs.duty.options.met", ("inputs", "duty", "options", "met")),
        ("ruling[0].clause", ("ruling", 0, "clause")),
        ("pay.components[0]", ("pay", "components", 0)),
        ("tier.good", ("tier", 1)),
        ("outcome.bonus", ("outcome", "bonus")),
        ("gate[0]", ("gate", 0)),
    ],
)  # fmt: skip
def test_a_place_has_a_path(place, path):
    """By ids, by indices, with the key of criteria and without it; also of what is new."""
    assert path == path_of(load("customer-service").to_dict(), place)


@pytest.mark.parametrize(
    "place", ["tiers", "gate[1]", "gate[0].when", "tier[5]", "outcome.a.b", "tier.[0", "."]
)
def test_other_places_have_none(place):
    """What would be new within something new, and what is no place."""
    with pytest.raises(PlaceError):
        path_of(load("customer-service").to_dict(), place)


def test_an_option_of_a_list_is_found_by_its_code():
    """As findings name it."""
    tree = {"inputs": {"kind": {"options": ["a", "b"]}}}
    assert ("inputs", "kind", "options", 1) == path_of(tree, "inputs.kind.options.b")


def test_names_with_dots_and_brackets_are_found():
    """Codes of options may have them."""
    tree = {"inputs": {"kind": {"options": {"a.b[0]": "x", "a": {"zh": "y"}}}}}
    assert "a.b[0]" == path_of(tree, "inputs.kind.options.a.b[0]")[-1]
    assert ("a", "zh") == path_of(tree, "inputs.kind.options.a.zh")[-2:]
