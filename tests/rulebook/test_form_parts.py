"""Rules as a form in a program: to and from the tree of a ruleset, findings at their places."""

from __future__ import annotations

import json

import pytest

from kpirules import loads, rulesets
from kpirules.api.load import check_text, load_found
from kpirules.rulebook.form_parts import (
    FORM_SHEETS,
    FormPlace,
    FormPlaces,
    form_from,
    form_layout,
    form_of_tree,
    places_of,
    read_form,
    with_hidden,
)
from kpirules.rulebook.tree import draft_of
from kpirules.toml.converter import unstructure
from kpirules.toml.data import text_of_tree
from tests.programs import need_module


ALONE = """
schema = 1
id = "x"
label = "X"
criterion = [{ id = "a", weight = 100, bands = [{ points = "0..100" }] }]
"""


def part(level, cells, *parts):
    return {"level": level, "cells": cells, "parts": list(parts)}


def draft(form, lang="en", hidden=()):
    """Read a form as it comes from a program: as JSON."""
    made = draft_of(read_form(form_from(json.loads(json.dumps(form))), lang))
    with_hidden(made, hidden)
    return made


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_the_form_of_each_shipped_ruleset_gives_the_same_ruleset(lang):
    """All but the examples is shown, and these remain."""
    for found in rulesets():
        rubric = load_found(found)
        form, hidden = form_of_tree(unstructure(rubric), lang)
        assert {"example"} >= {each.place for each in hidden}
        made = draft(form, lang, hidden)
        assert [] == made.grid.findings
        assert rubric == loads(text_of_tree(made.tree))


def test_what_is_hidden_is_put_back_by_id():
    """Also when parts before it are new; with its part it goes."""
    form, hidden = form_of_tree(unstructure(loads(ALONE)), "en")
    assert ["a.bands"] == [each.place for each in hidden]
    form["items"].insert(0, part("criterion", {"id": "b", "weight": "0"}))
    made = draft(form, "en", hidden)
    assert [None, [{"points": "0..100"}]] == [c.get("bands") for c in made.tree["criterion"]]
    del form["items"][1]
    assert ["b"] == [c["id"] for c in draft(form, "en", hidden).tree["criterion"]]


def test_ids_are_made_from_labels_and_remain():
    """A label that is changed later does not change the id; Chinese is written in pinyin."""
    need_module("pypinyin")
    form = form_from(
        {
            "items": [
                part("criterion", {"label": "考勤", "weight": "100"}),
                part("criterion", {"weight": "1"}),
            ]
        }
    )
    made = draft_of(read_form(form, "zh"))
    FormPlaces(form, "zh").keep_ids(made)
    assert "kaoqin" == form["items"][0]["cells"]["id"]
    # without a label, an id is made anew each time
    assert "id" not in form["items"][1]["cells"]
    form["items"][0]["cells"]["label"] = "出勤"
    assert "kaoqin" == draft_of(read_form(form, "zh")).tree["criterion"][0]["id"]


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_findings_have_places(lang):
    """A cell that cannot be read, a cell that the check reports, and a part."""
    bands = [
        part("bands", {"when@1": "0", "points": "60"}),
        part("bands", {"when@1": ">= 2", "points": "0"}),
    ]
    form = form_from(
        {
            "form": [part("", {"id": "x", "effective_from": "soon"})],
            "data": [part("inputs", {"id": "late", "type": "count"})],
            "items": [part("criterion", {"id": "a", "weight": "60", "of@1": "late"}, *bands)],
        }
    )
    made = draft_of(read_form(form, lang))
    found = places_of(made, check_text(text_of_tree(made.tree)), FormPlaces(form, lang))
    places = [(place, finding.code) for place, finding in found if finding.severity == "error"]
    assert (FormPlace(sheet="form", parts=(0,), cell="effective_from"), "value") == places[0]
    assert [place for place, code in places if code == "weights-sum"]
    (gap,) = [place for place, code in places if code == "band-gap"]
    assert ("items", (0,)) == (gap.sheet, gap.parts[:1])


def test_what_is_not_part_of_a_form_is_skipped():
    """Programs may send anything: other types, unknown levels and cells, empty parts."""
    for value in (None, 1, [], {"items": 1}, {"items": [1, {"level": 1}, {"level": "tier"}]}):
        assert {} == draft(value).grid.parts
    odd = {"items": [part("bands", {"points": "1"}), part("criterion", {"x": "1", "weight": 5})]}
    assert {"schema": 1} == draft(odd).tree
    deep = part("section", {"label": "A"})
    for _ in range(100):
        deep = part("section", {"label": "A"}, deep)
    assert [{"label": "A", "id": "a"}] == draft({"items": [deep]}).tree["section"]


def test_too_many_parts_are_a_finding():
    """As too many rows of a workbook are."""
    form = {"tiers": [part("tier", {"label": f"{i}"}) for i in range(5_001)]}
    made = read_form(form_from(form), "en")
    assert ["value"] == [finding.code for finding in made.findings]
    assert 1 == len(made.parts["tiers"])


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_the_layout_has_each_column_of_the_sheets(lang):
    """With headings in the language, and the words to choose from."""
    layout = json.loads(json.dumps(form_layout(lang)))
    assert [sheet.name for sheet in FORM_SHEETS] == [sheet["name"] for sheet in layout]
    for sheet, described in zip(FORM_SHEETS, layout, strict=True):
        columns = [c["heading"] for level in described["levels"] for c in level["columns"]]
        assert [c.heading(lang) for _, c in sheet.columns] == columns
    data = next(sheet for sheet in layout if sheet["name"] == "data")
    kind = next(c for c in data["levels"][0]["columns"] if c["key"] == "type")
    assert 5 == len(kind["options"])
    assert not kind["isOpen"]
