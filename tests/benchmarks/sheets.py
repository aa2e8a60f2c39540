"""What score sheets cost: time and size for so many employees, each kind in the same run.

``python tests/benchmarks/sheets.py [500]``
"""

from __future__ import annotations

import io
import subprocess
import sys
import time
from pathlib import Path


sys.path.insert(0, str(Path(__file__).parents[2]))

import pytest
import xlsxwriter
from xlsxwriter.worksheet import Worksheet

from kpirules import load, sheet
from kpirules.sheets.excel import package, workbook
from tests.benchmarks.bars import Row


RECORD = {
    "late": 1, "absent": 0, "leave_days": 0, "incidents": 0, "duty": "met",
    "skill": 8, "feedback": 8, "manner": 4, "teamwork": 4,
    "volume": 17, "service": 16, "conversion": 9,
}  # fmt: skip


#: what writes into a worksheet
WRITERS = (
    "write_string", "write_number", "write_blank", "write_formula", "merge_range",
    "data_validation", "set_row", "set_column", "set_footer", "set_margins", "fit_to_pages",
    "print_area", "hide_gridlines", "protect", "set_paper", "hide", "freeze_panes",
    "set_landscape", "repeat_rows",
)  # fmt: skip


def calls_of(make):
    """Return the worksheets of a workbook, each with all calls that write into it."""
    pages, busy = [], []

    def logged(name):
        def call(self, *arguments, **named):
            # some of these methods call others of them
            if not busy:
                self.calls.append((name, arguments, named))
            busy.append(name)
            try:
                return getattr(super(Logged, self), name)(*arguments, **named)
            finally:
                busy.pop()

        return call

    class Logged(package.sheet_class()):
        def __init__(self):
            super().__init__()
            self.calls = []
            pages.append(self)

    for name in WRITERS:
        setattr(Logged, name, logged(name))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(workbook, "sheet_class", lambda: Logged)
        make()
    return [(page.name, page.calls) for page in pages]


def by_hand(pages):
    """Write the same cells, merges and validations with XlsxWriter alone, formulas unchanged."""

    class Page(Worksheet):
        def _prepare_formula(self, formula, *_):
            return formula.removeprefix("=")

    with xlsxwriter.Workbook(io.BytesIO(), {"in_memory": True}) as book:
        for title, calls in pages:
            page = book.add_worksheet(title, Page)
            for name, arguments, named in calls:
                getattr(page, name)(*arguments, **named)


def memory(count):
    """Measure the memory of a fresh process that writes a workbook, in MiB."""
    # getrusage would count what this process had when it started the other
    code = (
        "from pathlib import Path; from tests.benchmarks.sheets import written; "
        f"written('xlsx', {count}); "
        "print(Path('/proc/self/status').read_text().split('VmHWM:')[1].split()[0])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], check=True, capture_output=True, cwd=Path(__file__).parents[2]
    )
    return int(done.stdout) / 1024


def written(kind, count):
    """Write so many sheets."""
    some = [{**RECORD, "late": i % 4, "name": f"员工{i}"} for i in range(count)]
    return sheet(load("customer-service"), kind, "zh", records=some, period="2026-10")


def rows(*, quick=False, count=None):
    """Measure each kind; the workbook against XlsxWriter alone, and its memory."""
    count = count or (50 if quick else 500)
    for kind in ("html", "xlsx") if quick else ("html", "xlsx", "pdf"):
        pages = calls_of(lambda: written("xlsx", count)) if kind == "xlsx" else None
        written(kind, 2)  # what is loaded is loaded once
        start = time.thread_time()
        made = written(kind, count)
        spent = time.thread_time() - start
        theirs = None
        if pages is not None:
            start = time.thread_time()
            by_hand(pages)
            theirs = time.thread_time() - start
        size = f"{len(made) / 2**20:.1f} MiB"
        bar = None if pages is None else 1.5
        yield Row(name=f"{kind}, {count} sheets", ours=spent, theirs=theirs, bar=bar, note=size)
    few, many = (100, 1_000) if quick else (500, 5_000)
    yield Row(
        name=f"memory of {many} sheets / {few}, xlsx",
        ours=memory(many),
        theirs=memory(few),
        unit="MiB",
        bar=1.5,
    )


if __name__ == "__main__":
    for row in rows(count=int((sys.argv[1:] or ["500"])[0])):
        print(row, flush=True)
