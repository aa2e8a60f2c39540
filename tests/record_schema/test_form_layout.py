"""The layout of a form: sections, fields, lines, totals."""

from __future__ import annotations

import json
import re

import jinja2
import pytest
from hypothesis import given

from kpirules import (
    Criterion,
    Rubric,
    RulesetError,
    evaluate,
    form_layout,
    load,
    ratings_schema,
    rulesets,
)
from kpirules.testing import rubrics
from tests.docs import test_documents_run as documents
from tests.record_schema.test_schema import LATER, WIDE, form


def fields_of(layout):
    """List all fields in the order of the form."""
    return [field for section in layout["sections"] for field in section["fields"]]


@given(rubrics())
def test_each_field_is_drawn_once_in_the_order_of_the_schema(rubric):
    """And each line names fields of the form alone."""
    layout = form_layout(rubric)
    assert layout == json.loads(json.dumps(layout))
    schema = ratings_schema(rubric, profile="form")
    fields = fields_of(layout)
    names = [field["name"] for field in fields]
    assert len(names) == len(set(names))
    assert [*dict.fromkeys(field["path"][0] for field in fields)] == [*schema["properties"]]
    for field in fields:
        place = schema
        for key in field["path"]:
            place = place["properties"][key]
        assert field["schema"].items() <= place.items()
    lines = [line for section in layout["sections"] for line in section["lines"]]
    assert [c.id for c in rubric.all_criteria] == [line["criterion"] for line in lines]
    for line in lines:
        assert {*line["facts"], *line["ratings"]} <= set(names)
    for total in layout["totals"]:
        assert set(total["facts"]) <= set(names)


@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize("found", rulesets(), ids=lambda r: r.id)
def test_the_sections_of_what_is_shipped_are_those_of_the_form(found, lang):
    """In order, with labels; facts of several sections come before them."""
    rubric = load(found.id)
    layout = form_layout(rubric, lang=lang)
    own = [(s["id"], s["label"]) for s in layout["sections"] if s["id"] is not None]
    assert [(s.id, s.label.get(lang)) for s in rubric.sections] == own
    assert {f.name for f in rubric.inputs} <= {field["name"] for field in fields_of(layout)}


def test_a_fact_is_drawn_before_the_rating_of_the_line_that_depends_on_it():
    """In the section of the line; the rating is instead of the facts."""
    layout = form_layout(load("customer-service"))
    first = layout["sections"][0]
    assert ("personnel", "Personnel record", "20") == (first["id"], first["label"], first["weight"])
    assert ["late", "absent", "attendance", "leave_days", "leave", "incidents", "discipline"] == [
        field["name"] for field in first["fields"]
    ][:7]
    line = first["lines"][0]
    assert {
        "criterion": "attendance",
        "label": "Attendance",
        "weight": "6",
        "standard": None,
        "target": None,
        "data_source": None,
        "facts": ["late", "absent"],
        "ratings": ["attendance"],
        "alternative": True,
    } == line
    judged = layout["sections"][1]["lines"][0]
    assert ([], ["skill"], False) == (judged["facts"], judged["ratings"], judged["alternative"])


def test_facts_of_no_one_section_come_first():
    """Those of several sections, and those of adjustments, gates and outcomes alone."""
    layout = form_layout(form(LATER))
    facts, s, t = layout["sections"]
    assert (None, "Facts", []) == (facts["id"], facts["label"], facts["lines"])
    assert ["x", "late", "veto", "d"] == [field["name"] for field in facts["fields"]]
    assert (["a"], ["b", "note"]) == tuple([f["name"] for f in part["fields"]] for part in (s, t))
    # `z` weighs nothing: it is a line without a field
    assert [["a"], []] == [line["ratings"] for line in s["lines"]]
    assert ["20", "0"] == [line["weight"] for line in s["lines"]]
    assert [None] == [line["weight"] for line in t["lines"] if line["criterion"] == "note"]
    totals = {total["name"]: total["facts"] for total in layout["totals"]}
    assert {
        "subtotal.s": [],
        "subtotal.t": [],
        "adjust.j": [],
        "adjust.k": ["x", "late", "b", "note"],
        "adjust.m": ["x", "late", "d", "b"],
        "total": ["x", "late", "veto", "a", "b"],
        "outcome.p": ["late"],
        "outcome.q": ["x"],
        "outcome.r": ["late", "d"],
    } == totals


def test_a_form_without_sections_has_one_for_its_criteria():
    """A fact that chooses a band in which an appraiser awards points is beside the rating, not instead."""
    layout = form_layout(form(WIDE), lang="zh")
    facts, criteria = layout["sections"]
    assert [(None, "事实"), (None, "考核项目")] == [
        (s["id"], s["label"]) for s in (facts, criteria)
    ]
    a, b, o = criteria["lines"]
    assert (["f", "d"], ["a"], False) == (a["facts"], a["ratings"], a["alternative"])
    assert (["n"], ["b"], True) == (b["facts"], b["ratings"], b["alternative"])
    assert ([], [], False) == (o["facts"], o["ratings"], o["alternative"])
    (n,) = [field for field in fields_of(layout) if field["name"] == "n"]
    assert ("n", "n（h）", "h", "number") == (
        n["label"],
        n["schema"]["title"],
        n["unit"],
        n["kind"],
    )


def test_weights_that_are_computed_are_not_stated():
    """And the total depends on their facts."""
    rubric = form(
        "inputs.w = { type = 'number', range = '0..100' }\n"
        "[[section]]\nid = 's'\ncriterion = [{ id = 'a', weight = 'w', scale = 1 }, { id = 'b', weight = '100 - w', scale = 1 }]\n"
        "[[tier]]\nid = 'all'\ntotal = 'any'\npay = 1\n"
    )
    layout = form_layout(rubric)
    _, section = layout["sections"]
    assert [None, None, None] == [section["weight"], *(line["weight"] for line in section["lines"])]
    assert [("s", []), ("Total", ["w"]), ("Tier", []), ("Performance pay", [])] == [
        (total["label"], total["facts"]) for total in layout["totals"]
    ]


def test_an_unsound_rubric_is_rejected():
    """As by all other functions."""
    with pytest.raises(RulesetError, match="weights-sum"):
        form_layout(Rubric(id="x", criteria=[Criterion(id="a", weight=90)]))


def test_a_template_draws_each_field_and_what_it_submits_is_a_record():
    """The template of the page about forms: labels, options, descriptions; texts as people type them."""
    (text,) = [
        b for kind, _, b, _ in documents.blocks("docs/how-to/draw-a-form.md") if kind == "html"
    ]
    rubric = load("customer-service")
    page = jinja2.Environment(autoescape=True).from_string(text).render(layout=form_layout(rubric))
    names = re.findall(r'name="([^"]+)"', page)
    assert [field["name"] for field in fields_of(form_layout(rubric))] == names
    assert '<option value="met">Done as required</option>' in page
    assert "<legend>Personnel record</legend>" in page
    typed = {
        "late": "1",
        "duty": "met",
        "skill": " 8",
        "feedback": "8",
        "manner": "5",
        "teamwork": "5",
    }
    typed |= {"absent": "0", "leave_days": "0", "incidents": "0", "volume": "18", "service": "18"}
    assert 87 == evaluate(rubric, {**dict.fromkeys(names, ""), **typed, "conversion": "7"}).total
