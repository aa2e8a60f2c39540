"""A ruleset as a workbook: import of an export is the same ruleset, or the parts without a cell are named."""

from __future__ import annotations

import io
import tomllib
from decimal import Decimal
from pathlib import Path

import openpyxl
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from kpirules import Criterion, Example, Rubric
from kpirules.api.load import load, load_file, loads
from kpirules.cli.io.excel import Book
from kpirules.rulebook.exporting import exported, with_ids
from kpirules.rulebook.importing import imported
from kpirules.rulebook.workbook import rule_workbook
from kpirules.rulebook.writer import tables_of
from kpirules.testing import rubrics
from kpirules.toml.converter import unstructure
from kpirules.toml.writer import dumps, fingerprint
from tests import ROOT
from tests.docs.test_documents_run import blocks, lay
from tests.drawing import share


#: the guides of rule authors, and their rulesets
GUIDES = [
    ("docs/tutorial.md", "rulesets/help-desk/2027-01-01.rubric.toml"),
    ("docs/author-guide.md", "rulesets/cashier/2027-01-01.rubric.toml"),
    ("docs/author-guide.zh.md", "rulesets/cashier/2027-01-01.rubric.toml"),
]


def opened(content):
    """Open the content of a workbook."""
    return Book(Path("x.xlsx"), content)


def again(rubric, lang):
    """Return the ruleset of the workbook of a ruleset."""
    return imported(opened(rule_workbook(unstructure(rubric), lang)), "x.xlsx")


def same(rubric, lang):
    """Check that import of an export is the same ruleset, without a note."""
    made = again(rubric, lang)
    assert fingerprint(rubric) == fingerprint(made.rubric)
    assert ((), ()) == (made.readings, made.made_ids)


@pytest.mark.parametrize("name", ["customer-service", "equipment-officer", "warehouse-keeper"])
def test_a_shipped_ruleset_is_what_its_workbook_says(name):
    """In Chinese, with the labels of both languages."""
    same(load(name), "zh")


@pytest.mark.thorough("all shipped rulesets, and those of the tests, in both languages")
@pytest.mark.parametrize("lang", ["en", "zh"])
def test_all_rulesets_are_what_their_workbooks_say(lang):
    """But for parts that no workbook holds: tables by two facts, curves, counts, earlier results."""
    files = [*(ROOT / "rulesets").rglob("*.toml"), *(ROOT / "tests/cases").glob("*.toml")]
    for path in files:
        rubric = load_file(path, folders=[ROOT / "rulesets"])
        without = tables_of(unstructure(rubric), lang).without
        if without:
            named = {step for place in without for step in place}
            assert {"across", "cohort", "count", "curves", "history", "quota", "run"} & named, path
        else:
            same(rubric, lang)


def test_earlier_results_have_no_cells():
    """The history of an input is named, and so is the period of an example."""
    rubric = load_file(ROOT / "tests/cases/71-year-to-date-commission.rubric.toml")
    names = ("credits_before", "paid_before")
    assert (
        tuple(f"inputs.{name}.history" for name in names) == exported(rubric, "en", opened).without
    )
    example = Example(name="one", period="2025-01", ratings={"a": 3}, expect={"total": 3})
    plain = Rubric(id="x", criteria=(Criterion(id="a", weight=100),), examples=(example,))
    assert ("example[0].period",) == exported(plain, "en", opened).without


@pytest.mark.parametrize(("page", "path"), GUIDES)
def test_the_rulesets_of_the_guides_are_what_their_workbooks_say(page, path, tmp_path, monkeypatch):
    """Those that the pages have at their end, in both languages of workbooks."""
    monkeypatch.chdir(tmp_path)
    for language, title, body, _ in blocks(page):
        if title == path:
            lay(title, language, body)
    for lang in ("en", "zh"):
        same(load_file(path), lang)


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_the_sample_is_what_its_workbook_says_and_has_every_kind_of_row(lang):
    """Whoever fills in a workbook finds each kind in it, with a note how it is written."""
    folder = ROOT / "src/kpirules/starters"
    rubric = load_file(folder / f"sample.{lang}.rubric.toml")
    same(rubric, lang)
    notes = tomllib.loads((folder / f"notes/{lang}.toml").read_text("utf-8"))
    content = rule_workbook(unstructure(rubric), lang, notes)
    made = imported(opened(content), "x.xlsx")
    assert fingerprint(rubric) == fingerprint(made.rubric)
    assert () == made.findings
    book = openpyxl.load_workbook(io.BytesIO(content))
    cells = {cell.value for sheet in book for row in sheet.iter_rows() for cell in row}
    assert {*notes.values()} <= cells
    assert {"count", "number", "choice", "flag"} == {fact.type for fact in rubric.inputs}
    assert {None, Decimal("0.01")} == {fact.step for fact in rubric.inputs}
    assert all((rubric.sections, rubric.gates, rubric.outcomes, rubric.rulings, rubric.examples))
    assert all(tier.coefficient is not None for tier in rubric.tiers)
    criteria = [c for section in rubric.sections for c in section.criteria]
    assert {"formula", "data", "two", "levels", "weight"} == {_kind(c) for c in criteria}
    assert {True, False} == {each.formula is None for each in rubric.adjustments}


def _kind(criterion):
    """Return how the points of an item are determined."""
    if criterion.formula is not None:
        return "formula"
    if criterion.of is not None:
        return "data"
    if criterion.bands is None:
        return "weight"
    return "levels" if criterion.bands[0].when is None else "two"


def test_the_starters_are_what_their_workbooks_say():
    """In the other language."""
    same(load_file(ROOT / "src/kpirules/starters/zh.rubric.toml"), "en")
    made = exported(load_file(ROOT / "src/kpirules/starters/en.rubric.toml"), "zh-CN", opened)
    assert () == made.without
    assert "考核项目" in opened(made.content).names


def holds(rubric, lang):
    """Check a random ruleset; leave out those with parts that have no cell."""
    rubric = loads(dumps(rubric))
    assume(not tables_of(unstructure(rubric), lang).without)
    same(rubric, lang)


@share(1 / 10)
@given(rubrics(whole=False), st.sampled_from(["en", "zh"]))
def test_a_random_ruleset_of_criteria_and_tiers_is_what_its_workbook_says(rubric, lang):
    """Unless a part of it has no cell."""
    holds(rubric, lang)


@pytest.mark.thorough("random rulesets with every part")
@given(rubrics(), st.sampled_from(["en", "zh"]))
def test_a_random_ruleset_is_what_its_workbook_says(rubric, lang):
    """As above, with every part of the language."""
    holds(rubric, lang)


@pytest.mark.parametrize(
    "text",
    [
        'inputs.w = { type = "number", range = "0..100" }\ncriterion = [{ id = "a", weight = "w", scale = 10 }, { id = "b", weight = "100 - w", scale = 10 }]\n',
        'criterion = [{ id = "a", weight = 100, bands = [{ points = "5..5", label = "Five" }, { points = 7, label = "Seven" }] }]\n'
        '[[ruling]]\nclause = "1"\nconflict = "x"\ndecision = "y"\naccepts = ["rating-gap a"]\n',
        'criterion = [{ id = "a", weight = 100, label = "Example" }, { id = "b", scored = false, label = "Notes" }]\n'
        '[[example]]\nname = "x"\nratings = { a = 3, b = "otherwise" }\nexpect = { total = 3, points.a = 3 }\n',
        'inputs.x = { type = "flag" }\ncriterion = [{ id = "a", weight = 100, points = "0..100" }]\n'
        "[[gate]]\nrefuse = true\nwhen = { x = true }\n[[gate]]\nunratable = true\nwhen = { a = 5 }\n"
        '[[example]]\nname = "x"\nratings = { x = true, a = 3 }\nexpect = { refused = ["x"] }\n'
        '[[example]]\nname = "y"\nratings = { x = false, a = 5 }\nexpect = { unratable = true }\n',
        'inputs.x = { type = "count" }\n[[criterion]]\nid = "a"\nweight = 100\n'
        'bands = [{ when = { x = [0, ">= 5"] }, points = 100 }, { when = { x = "missing" }, points = 3 }, { when = { x = "1..4" }, formula = "10 * x" }]\n',
        'inputs.x = { type = "choice", options = ["a", "b"] }\n'
        'criterion = [{ id = "c", weight = 100, of = "x", bands = [{ when = "a", points = 0 }, { when = "b", points = 100 }] }]\n',
        # shared tables about a flag and an option, whose cells say "yes" and the label
        '[inputs]\nx = { type = "flag", label = "Late" }\ny = { type = "choice", options = { a = "Yes", yes = "Other" } }\n'
        '[bands]\nx.rows = [{ when = true, points = 0 }, { when = false, points = "1..50" }]\n'
        'y.rows = [{ when = "yes", points = 0 }, { when = "a", points = "1..50" }]\n'
        '[[criterion]]\nid = "x_item"\nweight = 50\nof = "x"\nbands = "x"\n'
        '[[criterion]]\nid = "y_item"\nweight = 50\nof = "y"\nbands = "y"\n',
    ],
)
def test_other_parts_are_what_their_workbook_says(text):
    """Weights by formula, one rating as a range, labels like headings, lists, missing, shared tables."""
    same(loads('schema = 1\nid = "x"\n' + text), "en")


HEAD = 'schema = 1\nid = "x"\n'
ITEM = 'criterion = [{ id = "work", weight = 100 }]\n'


@pytest.mark.parametrize(
    ("expected", "text"),
    [
        (
            ["curves"],
            'inputs.n = { type = "number", range = "0..9" }\n'
            "[curves.line]\npoints = [[0, 0], [9, 100]]\n"
            '[[criterion]]\nid = "a"\nweight = 100\nformula = "curve(n, line)"\n',
        ),
        (
            ["a.bands"],
            'inputs.x = { type = "flag" }\ninputs.y = { type = "flag" }\n'
            '[[criterion]]\nid = "a"\nweight = 100\nof = "x"\nacross = "y"\n'
            "bands = [{ when = true, points = { true = 1, false = 2 } }, { when = false, points = 3 }]\n",
        ),
        (["a.bands"], '[[criterion]]\nid = "a"\nweight = 100\nbands = [{ points = "0..100" }]\n'),
        (
            ["derive.n.count"],
            'inputs.l = { type = "count", many = true }\n'
            '[derive.n]\nof = "l"\ncount = ">= 3"\n[[criterion]]\nid = "a"\nweight = 100\n',
        ),
        (["label"], f'label = " blanks "\n{ITEM}'),
        (["Form!B1"], f'label = "=SUM(A1)"\n{ITEM}'),
        (["example[0].name"], f'{ITEM}[[example]]\nname = " a"\nratings = {{ work = 1 }}\nexpect = {{ total = 1 }}\n'),
        (
            ["gate[0].when"],
            "".join(f'inputs.i{n} = {{ type = "flag" }}\n' for n in range(10))
            + f"{ITEM}tier = [{{ id = 'a', total = 'any' }}]\n[[gate]]\ndemote = 1\nwhen = {{ {', '.join(f'i{n} = true' for n in range(10))} }}\n"
            ,
        ),
        (
            ["a.bands"],
            "".join(f'inputs.i{n} = {{ type = "flag" }}\n' for n in range(10))
            + '[[criterion]]\nid = "a"\nweight = 100\nbands = ['
            + f"{{ when = {{ {', '.join(f'i{n} = true' for n in range(10))} }}, points = 3 }}, "
            '{ when = "otherwise", points = 0 }]\n',
        ),
        (["total.bands"], f'{ITEM}[total]\nof = "raw_total"\nbands = [{{ when = ">= 50", value = 100 }}, {{ when = "< 50", value = 0 }}]\n'),
    ],
)  # fmt: skip
def test_parts_that_a_workbook_cannot_hold_are_named(expected, text):
    """By their places; there is no workbook then."""
    made = exported(loads(HEAD + text), "en", opened)
    assert expected == list(made.without)
    assert b"" == made.content


def test_ids_are_written_into_a_workbook():
    """Each into its cell; all other cells stay."""
    book = openpyxl.Workbook()
    book.active.title = "Data"
    book.active["A1"] = "Name"
    content = io.BytesIO()
    book.save(content)
    made = openpyxl.load_workbook(
        io.BytesIO(with_ids(content.getvalue(), [("Data", 2, 3, "late")]))
    )
    assert ("Name", "late") == (made["Data"]["A1"].value, made["Data"]["D2"].value)


def test_expected_pay_has_the_label_of_its_formula():
    """It is read again as the pay; without a label, it is that of the tiers."""
    text = (
        f"{HEAD}{ITEM}" + '[outcome.pay]\nLABELformula = "total"\n[[example]]\nname = "a"\n'
        "ratings = { work = 50 }\nexpect = { pay = 50 }\n"
    )
    for label, heading in (('label = "Wage"\n', "→ Wage"), ("", "→ Performance pay")):
        rubric = loads(text.replace("LABEL", label))
        headings = [each for each, _ in tables_of(unstructure(rubric), "en").examples]
        assert ["Example", "work", heading] == headings
        same(rubric, "en")
