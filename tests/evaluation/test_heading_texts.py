"""Texts of headings: an input whose label an item has too."""

from __future__ import annotations

from kpirules.api.load import loads
from kpirules.compiler.plan import Plan
from kpirules.evaluation.heading_texts import LabelsOfName, marked, texts_of
from kpirules.evaluation.headings import names_for


SAME = """
schema = 1
id = "x"
inputs.n = { type = "count", label = { en = "Errors", zh = "差错" }, unit = "times" }
inputs.plan = { type = "count", label = "Plan" }
criterion = [
  { id = "e", weight = 50, label = { en = "Errors", zh = "差错" }, formula = "50 - n", clamp = "0..50" },
  { id = "p", weight = 50, label = "Plan", formula = "plan", clamp = "0..50" },
]
"""


def test_an_input_with_the_label_of_an_item_is_named_by_its_unit_or_as_data():
    """The label alone fits both."""
    rubric = loads(SAME)
    plan = Plan(rubric)
    assert {"n", "e"} == {*names_for(plan, "Errors")}
    for heading in ("Errors (times)", "差错（times）", "errors (DATA)", "差错（数据）"):
        assert ("n",) == names_for(plan, heading)
    assert ("plan",) == names_for(plan, "Plan (data)")
    assert ["Plan (data)", "Plan (数据)"] == [*marked(rubric.inputs[1])]


def test_labels_follow_a_name_without_a_language():
    """In a language, the label is in place of the name."""
    assert ("Errors", "差错") == texts_of(loads(SAME).inputs[0].label)
    assert () == texts_of(None)
    labels = LabelsOfName(("Errors", "差错"))
    assert (" (Errors, 差错)", "", "") == (labels.get(), labels.get("en"), LabelsOfName(()).get())
