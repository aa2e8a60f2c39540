"""Two routes, one answer: the same random month by every way in gives the same, row by row.

A route takes a rubric and a table of Arrow and gives, for each row, its total, its tier, and the
names that it is rejected for. The first of them is ``evaluate``; all others must agree with it.
"""

from __future__ import annotations

import csv
import json
import tempfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from kpirules import dumps
from kpirules.cli import rows as cli_rows
from kpirules.cli.app import app
from kpirules.cli.io.tables import Column
from kpirules.cli.io.writers import writing
from kpirules.compiler.plan import Plan
from kpirules.errors import FrameError
from kpirules.evaluation.headings import EMPTY_ROW
from kpirules.evaluation.record import readers_of
from kpirules.testing import rubrics
from tests import tabling
from tests.drawing import share


def by_record(rubric, table):
    """``evaluate``, row by row: what every route is compared with."""
    for record in tabling.records_of(rubric, table):
        result, names = tabling.expected(rubric, record)
        if result is None:
            yield None, None, names
        else:
            yield tabling.shown(result["total"]), result["tier"], set()


def by_frame(make):
    """``evaluate_frame`` on frames of one kind, each column under another spelling of its name."""

    def route(rubric, table):
        known = readers_of(Plan(rubric))
        spelled = {name: f" {name.upper()}\n(n)" for name in known}
        frame = table.rename_columns([spelled.get(name, name) for name in table.column_names])
        rows, schema = tabling.rows_of(tabling.scored(rubric, make(frame)))
        assert list(schema)[: frame.num_columns] == frame.column_names
        return [
            told(row.get("total.exact", row.get("total")), row.get("tier"), row["error"])
            for row in rows
        ]

    return route


def told(total, tier, error):
    """One row as a table tells it: its total and tier, or the names in its column of problems."""
    if error is None:
        return tabling.shown(total), tier, set()
    return None, None, {part.split(":")[0].split(" = ")[0] for part in error.split("; ")}


def by_file(ending, few):
    """The command line on a file of one kind; of more rows than ``few`` it makes a dataframe."""

    def route(rubric, table):
        with tempfile.TemporaryDirectory() as home, pytest.MonkeyPatch.context() as patch:
            patch.setattr(cli_rows, "FEW", few)
            file, ruleset, out = (
                Path(home, n) for n in (f"in{ending}", "r.rubric.toml", "out.jsonl")
            )
            ruleset.write_text(dumps(rubric), encoding="utf-8")
            if ending == ".csv":
                # as it is: kpirules' own files protect spreadsheets from texts that begin like formulas
                spelled = [[tabling.spelled(v) for v in row.values()] for row in table.to_pylist()]
                with file.open("w", encoding="utf-8", newline="") as opened:
                    csv.writer(opened).writerows([table.column_names, *spelled])
            else:
                with writing(file, ending) as write:
                    write([Column(name, table[name].to_pylist()) for name in table.column_names])
            allowed = ",".join(readers_of(Plan(rubric)))
            more = ["--allow-missing", allowed] if allowed else []
            done = CliRunner().invoke(
                app, ["evaluate", str(ruleset), str(file), "-o", str(out), *more]
            )
            assert done.exit_code in (0, 1), done.output
            rows = [json.loads(line) for line in out.read_text(encoding="utf-8").splitlines()]
        found = [row.get("total.exact", row.get("total")) for row in rows]
        errors = [None if row["error"] == "cannot be rated" else row["error"] for row in rows]
        return [
            told(total, row.get("tier"), error)
            for row, total, error in zip(rows, found, errors, strict=True)
        ]

    return route


#: by their names, all that must agree
ROUTES = {kind: by_frame(make) for kind, make in {**tabling.EAGER, **tabling.LAZY}.items()}
ROUTES |= {
    f"{ending} {kind}": by_file(ending, few)
    for ending in (".csv", ".jsonl", ".xlsx", ".parquet")
    for kind, few in (("of few rows", 2_000), ("of many rows", 0))
}


@pytest.mark.parametrize("route", ROUTES)
@share(1 / 10)
@given(data=st.data())
def test_every_route_gives_what_evaluate_gives(route, data):
    """Random rubrics of the whole language, random months: totals, tiers and rejections."""
    rubric = data.draw(rubrics())
    table = data.draw(tabling.tables(rubric))
    want = list(by_record(rubric, table))
    try:
        got = list(ROUTES[route](rubric, table))
    except FrameError as error:
        assert "DuckDB cannot say that exactly" in str(error)
        return
    assert len(want) == len(got)
    for one, other in zip(want, got, strict=True):
        assert one[:2] == other[:2]
        # a row that is rejected may be rejected for more than the record was
        assert one[2] <= other[2]
        assert bool(one[2]) == bool(other[2])


@pytest.mark.parametrize("route", ROUTES)
def test_a_row_that_gives_nothing_is_rejected_by_every_route(route):
    """Also where every input has a default; the rows beside it are scored."""
    import pyarrow as pa

    from kpirules import loads

    rubric = loads(
        'schema = 1\nid = "d"\ninputs.late = { type = "count", default = 0 }\n'
        'criterion = [{ id = "p", weight = 100, formula = "100 - late", clamp = "0..100" }]'
    )
    table = pa.table({"row": [0, 1, 2, 3], "late": ["7", None, " ", "n/a"]})
    got = list(ROUTES[route](rubric, table))
    assert [(93, set()), (None, {"record"}), (None, {"record"}), (100, set())] == [
        (total, names) for total, _, names in got
    ]
    assert "none of the values" in EMPTY_ROW.message()
