"""A workbook is written in pieces, and the pieces make the same workbook."""

from __future__ import annotations

import io
import re
import zipfile

import openpyxl

from kpirules import load, sheet
from kpirules.sheets.excel import month_grid
from kpirules.sheets.excel.form_sheet import FormSheet
from kpirules.sheets.excel.package import Part, sheet_class, workbook_of
from tests.shipped import RECORD


MANY = [{**RECORD, "late": i % 4, "name": f"n{i}"} for i in range(7)]


def files(content):
    """Return the files of a workbook; the spans of rows, which are for speed alone, are left out."""
    archive = zipfile.ZipFile(io.BytesIO(content))
    return {n: re.sub(rb' spans="[^"]*"', b"", archive.read(n)) for n in archive.namelist()}


def test_how_many_employees_are_written_together_changes_no_cell(monkeypatch):
    """One, some, or all of them: the same cells, formulas and values."""
    rubric = load("customer-service")
    made = []
    for together in (1, 2, 7):
        monkeypatch.setattr(month_grid, "_HELD", together)
        made.append(files(sheet(rubric, "xlsx", records=MANY)))
    assert made[0] == made[1] == made[2]


def test_the_cells_that_are_held_do_not_grow_with_the_employees(monkeypatch):
    """When a form is written, those before it are XML already."""
    monkeypatch.setattr(month_grid, "_HELD", 2)
    held, write = [], FormSheet.write

    def written(self):
        pages = self.book.book.worksheets()
        held.append(sum(len(row) for page in pages for row in page.table.values()))
        write(self)

    monkeypatch.setattr(FormSheet, "write", written)
    sheet(load("customer-service"), "xlsx", records=MANY)
    assert len(MANY) == len(held)
    # the second form of each two finds the rows of the first on the grid and the sheet work
    assert 1 == len({*held[::2]})
    assert 1 == len({*held[1::2]})
    assert held[0] < held[1]


def test_a_part_gives_what_was_written_into_it():
    """Packed or not, and what another part has, in order; any text."""
    one, other = Part(), Part()
    other.write("b\n\r\n")
    other.pack()
    one.write("a员")
    one.take(other)
    one.write("𠮷")
    assert "a员b\n\r\n𠮷".encode() == b"".join(one.pieces())


def test_a_sheet_may_be_finished_in_any_pieces():
    """Rows that are finished one by one, and all at the end, are the same rows."""

    def written(finish):
        target = io.BytesIO()
        book = workbook_of(target)
        book.add_worksheet("active", sheet_class())
        page = book.add_worksheet("p", sheet_class())
        empty = book.add_worksheet("q", sheet_class())
        for row in (0, 1, 40):
            page.write_string(row, 0, f"r{row}")
            page.set_row(row, 30)
            page.write_formula(row, 1, "=1+1", None, 2)
            if finish == "rows":
                page.finish_rows()
        if finish == "whole":
            page.finish()
            empty.finish()
        book.close()
        return target.getvalue()

    plain = written("")
    for finish in ("rows", "whole"):
        content = written(finish)
        assert files(plain) == files(content)
        rows = openpyxl.load_workbook(io.BytesIO(content))["p"].row_dimensions
        assert {1: 30, 2: 30, 41: 30} == {i: rows[i].height for i in (1, 2, 41)}
    archive = zipfile.ZipFile(io.BytesIO(plain))
    assert "[Content_Types].xml" == archive.namelist()[0]
    assert {(1980, 1, 1, 0, 0, 0)} == {each.date_time for each in archive.infolist()}
