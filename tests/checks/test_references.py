"""Names that are not declared, with the name that is probably meant."""

from __future__ import annotations

import pytest

from kpirules.api.load import check_text


RULES = """
schema = 1
id = "x"
inputs.late = { type = "count" }
section = [{ id = "work", weight = 100 }]
criterion = [{ id = "speed", section = "work", weight = 100 }]
outcome.bonus = { formula = "total * 2" }
outcome.more = { formula = "%s + late" }
"""


@pytest.mark.parametrize(
    ("name", "near"),
    [("bonus", "outcome.bonus"), ("work", "subtotal.work"), ("lat", "late"), ("nothing", None)],
)
def test_a_name_without_its_kind_is_recognized(name, near):
    """An outcome by its name alone, like one that is misspelt."""
    (found,) = (f for f in check_text(RULES % name) if f.code == "unknown-name")
    assert near == found.suggestion
    assert f'there is no input "{name}"' == found.message()
    assert (f'did you mean "{near}"?' if near else "the inputs are late") == found.help()
