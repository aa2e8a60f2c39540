"""`kpirules import`, `export` and `new --excel`: rules in a workbook."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import openpyxl
import pytest

from kpirules.api.load import load, load_file
from kpirules.toml.writer import fingerprint


CURVES = """
schema = 1
id = "curved"
inputs.n = { type = "number", range = "0..9" }
criterion = [{ id = "a", weight = 100, formula = "curve(n, line)" }]
[curves.line]
points = [[0, 0], [9, 100]]
"""


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    """Work in an empty folder."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_a_workbook_to_fill_in_and_a_filled_one_are_written(run, folder):
    """In the working directory, or in the folder; the filled one is a sound ruleset."""
    code, out, _ = run("new", "shop-guide", "--excel", "--lang", "zh", "--from", "2027-01-01")
    assert 0 == code
    assert out.startswith("shop-guide.xlsx\nshop-guide-sample.xlsx\n")
    assert "kpirules import shop-guide.xlsx" in out
    code, out, err = run("import", "shop-guide-sample.xlsx")
    assert (0, "rulesets/shop-guide/2027-01-01.rubric.toml") == (code, out.strip())
    assert err.startswith("1 file: 1 sound\nthen: kpirules template rulesets/shop-guide/")
    made = load_file(out.strip())
    assert ("shop-guide", date(2027, 1, 1)) == (made.id, made.effective_from)
    code, _, err = run("new", "shop-guide", "--excel")
    assert (2, True) == (code, "exists already" in err)
    assert 0 == run("new", "shop-guide", "--excel", "--folder", "there")[0]
    assert (folder / "there" / "shop-guide.xlsx").exists()


def test_an_exported_ruleset_is_imported_as_the_same(run, folder):
    """The file is named by the id; an existing one stays unless forced."""
    assert (0, "") == run("export", "customer-service", "--excel", "--lang", "zh")[:2]
    code, out, err = run("export", "customer-service", "-o", "other.xlsx")
    assert (0, "") == (code, out)
    assert "other.xlsx is written; kpirules import other.xlsx makes a ruleset of it again\n" == err
    code, out, _ = run("import", "customer-service.xlsx", "-o", "mine")
    assert 0 == code
    path = "mine/customer-service/2025-01-01.rubric.toml"
    assert out.endswith(f"{path}\n")
    assert fingerprint(load("customer-service")) == fingerprint(load_file(path))
    for arguments in (
        ("import", "customer-service.xlsx", "-o", "mine"),
        ("export", "customer-service", "--excel"),
    ):
        code, _, err = run(*arguments)
        assert (2, True) == (code, "exists already" in err)
        assert 0 == run(*arguments, "--force")[0]


def test_what_a_workbook_cannot_hold_is_named(run, folder):
    """Exit code 1, and no workbook."""
    (folder / "curved.rubric.toml").write_text(CURVES)
    code, out, err = run("export", "curved.rubric.toml", "--excel")
    assert (1, "") == (code, out)
    assert (
        "curves: a workbook cannot hold this\n"
        "curved: not written: 1 part is for a ruleset file alone\n"
    ) == err
    assert not (folder / "curved.xlsx").exists()
    code, _, err = run("export", "customer-service")
    assert (2, "kpirules: give the output: --excel, -o FILE.xlsx") == (code, err.splitlines()[0])


def filled(change):
    """Write a sample workbook with changed cells, given by sheet and name."""
    book = openpyxl.load_workbook("shop-sample.xlsx")
    for (sheet, cell), value in change.items():
        book[sheet][cell] = value
    book.save("shop-sample.xlsx")


def test_problems_are_named_by_cell_in_the_language_of_the_reader(run):
    """Exit code 1, nothing is written; all at once, with the spellings that were read."""
    run("new", "shop", "--excel", "--lang", "en", "--from", "2027-01-01")
    book = openpyxl.load_workbook("shop-sample.xlsx")
    columns = {cell.value: cell.column_letter for cell in book["Items"][3]}
    filled({
        ("Items", f"{columns['Weight']}4"): 30,
        ("Items", f"{columns['When 1']}5"): "1～2 times",
        ("Data", "B4"): "cuont",
    })  # fmt: skip
    code, out, err = run("import", "shop-sample.xlsx", "--lang", "zh")
    assert 1 == code
    assert (
        "shop-sample.xlsx Data!B4: 错误[value]：“cuont”不是本列可用的词：次数；数值；选项；是否；文字"
        in out
    )
    assert "[section-sum]" in out
    assert f"shop-sample.xlsx Items!{columns['When 1']}5：“1～2 times”读作“1..2”" in err


def test_findings_are_printed_for_programs(run):
    """As check prints them, each with its cell; the path of the ruleset is not among them."""
    run("new", "shop", "--excel", "--lang", "en", "--from", "2027-01-01")
    filled({("Data", "A15"): "Extra", ("Data", "B15"): "count"})
    code, out, err = run("import", "shop-sample.xlsx", "--format", "json")
    path = Path("rulesets", "shop", "2027-01-01.rubric.toml")
    assert (0, True, True) == (code, f"{path} is written" in err, path.exists())
    found = {each["code"]: each for each in json.loads(out)}
    assert ("shop-sample.xlsx", "Data!A15", 15) == tuple(
        found["unused-input"][name] for name in ("file", "cell", "line")
    )
    filled({("Data", "B4"): "cuont"})
    code, out, err = run(
        "import", "shop-sample.xlsx", "--format", "json", "--lang", "zh", "--force"
    )
    assert (1, False) == (code, "toml" in err)
    value = next(each for each in json.loads(out) if each["code"] == "value")
    assert ("Data!B4", True) == (value["cell"], value["message"].startswith("“cuont”不是"))
    out = run("import", "shop-sample.xlsx", "--format", "github")[1]
    assert "::error file=shop-sample.xlsx,line=4," in out
    assert 2 == run("import", "shop-sample.xlsx", "--format", "yaml")[0]


def test_a_finding_about_two_places_names_both_cells(run):
    """Two bands of one condition."""
    run("new", "shop", "--excel", "--lang", "en", "--from", "2027-01-01")
    book = openpyxl.load_workbook("shop-sample.xlsx")
    columns = {cell.value: cell.column_letter for cell in book["Items"][3]}
    column = columns["When 1"]
    filled({("Items", f"{column}9"): book["Items"][f"{column}10"].value})
    out = run("import", "shop-sample.xlsx", "--format", "json")[1]
    (found,) = (each for each in json.loads(out) if each["code"] == "band-overlap")
    cells = {found["cell"], found["other"]["cell"]}
    assert {f"Items!{column}9", f"Items!{column}10"} == cells


def test_a_warning_is_accepted_on_the_sheet_of_decisions(run):
    """Its line says so."""
    run("new", "shop", "--excel", "--lang", "en", "--from", "2027-01-01")
    filled({("Data", "A15"): "Extra", ("Data", "B15"): "count"})
    code, out, err = run("import", "shop-sample.xlsx")
    assert 0 == code
    wanted = 'sheet "Decisions", column "Accepted findings": unused-input inputs.extra'
    assert wanted in out
    assert "1 id was made from a name; --fill-ids writes it into the workbook" in err
    filled(
        {
            ("Decisions", f"{c}5"): v
            for c, v in zip("ABCD", ("x", "x", "x", "unused-input inputs.extra"), strict=True)
        }
    )
    assert "accepted[unused-input]" in run("import", "shop-sample.xlsx", "--force")[1]


def test_ids_are_filled_in_and_stay_when_a_name_changes(run):
    """By --fill-ids, which rewrites the workbook."""
    run("new", "shop", "--excel", "--from", "2027-01-01")
    filled({("Data", "A15"): "Extra", ("Data", "B15"): "count"})
    code, _, err = run("import", "shop-sample.xlsx", "--fill-ids")
    assert (0, True) == (code, "1 id was written into shop-sample.xlsx" in err)
    filled({("Data", "A15"): "Another name"})
    code, out, err = run("import", "shop-sample.xlsx", "--fill-ids", "--force")
    assert (0, False) == (code, "id" in err.split("sound")[1])
    made = load_file(out.splitlines()[-1])
    assert {"extra": "Another name"} == {
        f.name: str(f.label) for f in made.inputs if f.name == "extra"
    }


def test_rules_without_a_first_day_are_not_filed(run, folder):
    """The file of a ruleset has the name of its first day."""
    run("new", "shop", "--excel")
    book = openpyxl.load_workbook("shop-sample.xlsx")
    row = next(row for row in book["Form"].iter_rows() if row[0].value == "Effective from")
    row[1].value = None
    book.save("shop-sample.xlsx")
    code, _, err = run("import", "shop-sample.xlsx")
    assert 2 == code
    assert (
        "shop-sample.xlsx: the rules have no first day\n  help: write it as Effective from" in err
    )
    assert not (folder / "rulesets").exists()


def test_what_is_not_a_workbook_is_wrong_use(run, folder):
    """Nor a file that is not there."""
    (folder / "x.xlsx").write_text("no")
    for name, expected in (("x.xlsx", "is not a workbook"), ("y.xlsx", "cannot be read")):
        code, _, err = run("import", name)
        assert 2 == code
        assert expected in err
