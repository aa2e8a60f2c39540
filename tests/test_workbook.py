"""The workbook that HR fills in: what LibreOffice works out is what ``evaluate`` says."""

from __future__ import annotations

import io
import random
from fractions import Fraction

import attrs
import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import office
import tabling
from kpirules import InputError, evaluate, load, loads, rulesets, sheet
from kpirules.numbers import exact
from kpirules.plan import Plan
from kpirules.testing import records, rubrics
from kpirules.testing.recording import wild_records


GOOD = {
    "late": 1, "absent": 0, "leave_days": 0, "incidents": 0, "duty": "met",
    "skill": 8, "feedback": 8, "manner": 4, "teamwork": 4,
    "volume": 17, "service": 16, "conversion": 9,
}  # fmt: skip


@pytest.fixture(scope="module")
def rubric():
    return load("customer-service")


# ---------------------------------------------------------------- what the sheets say


def table_of(rows):
    """Give the rows of the sheet ``work`` by the names of its columns."""
    names, *rest = rows
    return [dict(zip(names, row, strict=True)) for row in rest]


def number(value):
    """Give a number of a cell exactly: fifteen digits are what both programs show."""
    return None if value in ("", "#N/A", None) else exact(float(f"{value:.15g}"))


def expected(rubric, record):
    """Say what a row of the sheet ``work`` is to show of a record, by ``evaluate``."""
    try:
        result = evaluate(rubric, record)
    except InputError:
        return None
    found = {
        f"=points.{line.criterion}": line.points for line in result.lines if line.points is not None
    }
    found |= {f"=subtotal.{name}": value for name, value in result.subtotals.items()}
    found["=total"] = result.total
    if result.tier is not None:
        found["=tier"] = result.tier.id
    if result.pay is not None:
        found["=pay"] = result.pay
    return found


def wrong(rubric, some, rows):
    """List where a workbook and ``evaluate`` differ."""
    made = []
    for record, row in zip(some, rows, strict=True):
        said = expected(rubric, record)
        if said is None:
            if row["=state"] == "complete" or row["=total"] != "":
                made.append((record, "is refused", row["=state"], row["=total"]))
            continue
        if row["=state"] != "complete":
            made.append((record, "complete", row["=state"]))
        for name, value in said.items():
            shown = row[name] if name == "=tier" else number(row[name])
            if value is not None and shown != value:
                made.append((record, name, value, row[name]))
    return made


def alike(one, other):
    """Say whether two cells show the same; a number to fifteen digits."""
    if isinstance(one, float) and isinstance(other, float):
        return number(one) == number(other)
    return one == other


def differences(workbook, worked_out):
    """List the cells whose kept results are not those that are worked out."""
    kept = office.sheets(workbook)
    assert list(kept) == list(worked_out)
    return [
        (name, i, j, cell, found)
        for name, rows in kept.items()
        for i, (row, anew) in enumerate(zip(rows, worked_out[name], strict=True))
        for j, (cell, found) in enumerate(zip(row, anew, strict=False))
        if not alike(cell, found)
    ]


def test_what_is_compared_here_can_differ(rubric, tmp_path):
    """A workbook whose tiers are another rubric's is found out."""
    book = sheet(rubric, "xlsx", records=[GOOD])
    (made,) = office.recalculated(tmp_path, [book])
    (row,) = table_of(made["work"])
    assert [] == wrong(rubric, [GOOD], [row])
    assert [(GOOD, "=total", 84, 83.0)] == wrong(rubric, [GOOD], [{**row, "=total": 83.0}])
    assert [] == differences(book, made)
    made["work"][1][0] = 7.0
    assert [("work", 1, 0, 1.0, 7.0)] == differences(book, made)


# ---------------------------------------------------------------- the law


def random_records(rubric, count):
    """Give records at random, most of them complete."""
    chance = random.Random(20261024)
    plan = Plan(rubric)
    drawn = []
    for _ in range(count):
        record = {
            "late": chance.choice([0, 1, 2, 3, 4, 5, 9, 31]), "absent": chance.choice([0, 0, 1, 4]),
            "leave_days": chance.choice([0, 1, 2, 3, 8]), "incidents": chance.choice([0, 1, 2]),
            "duty": chance.choice(["met", "not_met"]),
        }  # fmt: skip
        for c in plan.criteria:
            if not c.is_measured and not c.is_remark:
                choice = list(c.some_admissible(100))
                record |= {name: chance.choice(choice) for name in c.rating_names}
        if chance.random() < 0.1:
            record.pop(chance.choice(list(record)))
        drawn.append(record)
    return drawn


def boundaries(rubric):
    """Give a record for each value at which something changes, and each total that is at one."""
    plan = Plan(rubric)
    made = []
    for name, fact in plan.scope.inputs.items():
        values = ["met", "not_met"] if fact.type == "choice" else range(32)
        made += [{**GOOD, name: value} for value in values]
    for c in plan.criteria:
        if not c.is_measured and not c.is_remark:
            values = list(c.some_admissible(100))
            made += [{**GOOD, name: v} for name in c.rating_names for v in values]
    at = {}
    best = {**GOOD, "late": 0, "skill": 10, "feedback": 10, "manner": 5, "teamwork": 5}
    best |= {"volume": 20, "service": 20, "conversion": 10}
    chance = random.Random(60708090)
    for worse in random_records(rubric, 4000):
        kept = chance.random()
        record = {n: best[n] if chance.random() < kept else v for n, v in worse.items()}
        try:
            at.setdefault(evaluate(rubric, record).total, record)
        except InputError:
            continue
    # each side of 60, 70, 80, 90 and both ends
    near = {60, 70, 80, 90}
    near |= {n - 1 for n in near}
    assert near <= set(at)
    return made + list(at.values())


def test_five_hundred_records_and_every_boundary_are_what_evaluate_says(rubric, tmp_path):
    """Worked out by LibreOffice; kept results and what is worked out are the same cell by cell."""
    some = random_records(rubric, 500)
    edges = boundaries(rubric)
    books = [sheet(rubric, "xlsx", records=each) for each in (some, edges)]
    made = office.recalculated(tmp_path, books)
    for each, book, found in zip((some, edges), books, made, strict=True):
        assert [] == wrong(rubric, each, table_of(found["work"]))
        assert [] == differences(book, found)


def test_every_shipped_form_says_what_evaluate_says(tmp_path):
    """Each form that is worked out, at random records; the others say why they are not."""
    sound = [load(r.id, on=r.effective_from) for r in rulesets()]
    chance = random.Random(7)
    drawn = []
    refused = {}
    for rubric in sound:
        some = [drawn_at(rubric, chance) for _ in range(25)]
        book = sheet(rubric, "xlsx", records=some)
        said = [row for row in office.sheets(book)["Overview"] if "Not worked out" in str(row[0])]
        if said:
            refused[rubric.id] = said[0][0]
        else:
            drawn.append((rubric, some, book))
    made = office.recalculated(tmp_path, [book for *_, book in drawn])
    for (rubric, some, book), found in zip(drawn, made, strict=True):
        assert (rubric.id, []) == (rubric.id, wrong(rubric, some, table_of(found["work"])))
        assert (rubric.id, []) == (rubric.id, differences(book, found))
    assert {
        "accountant", "customer-service", "customer-service-scored", "e-commerce-customer-service",
        "equipment-officer", "warehouse-keeper",
    } == {rubric.id for rubric, *_ in drawn}  # fmt: skip
    assert {"developer"} == set(refused)
    assert "goal_scores is a list" in refused["developer"]


def drawn_at(rubric, chance):
    """Draw a record at random, by what a form would take."""
    plan = Plan(rubric)
    record = {}
    for name, fact in plan.scope.inputs.items():
        if fact.type == "choice":
            record[name] = chance.choice([option.code for option in fact.options])
        elif fact.type == "flag":
            record[name] = chance.choice([True, False])
        elif not fact.many:
            record[name] = chance.choice([0, 1, 2, 3, 5, 10, 50, 95, 100])
    for c in plan.criteria:
        if not c.is_measured and not c.is_remark:
            choice = list(c.some_admissible(200))
            record |= {name: chance.choice(choice) for name in c.rating_names}
    return record


@st.composite
def forms(draw):
    """Draw a rubric with records for its form."""
    rubric = draw(rubrics())
    some = draw(st.lists(st.one_of(records(rubric), wild_records(rubric)), min_size=2, max_size=4))
    return rubric, some


#: what a form says that shows nothing of a record, since not all of it has a cell
NO_CELL = "no cell of this form holds"


def test_a_form_of_any_rubric_says_what_evaluate_says(tmp_path):
    """Random rubrics of the whole language: each form agrees cell by cell, or says why not."""
    drawn = []
    unsaid = []

    @settings(max_examples=120)
    @given(forms())
    def draw(form):
        book = sheet(form[0], "xlsx", records=form[1])
        if "=total" in office.sheets(book)["work"][0]:
            drawn.append((*form, book))
        else:
            unsaid.append(form[0])
            assert "Not worked out in this workbook" in str(office.sheets(book)["Overview"])

    draw()
    # LibreOffice takes its time to start, so that it works all out at once
    made = office.recalculated(tmp_path, [book for *_, book in drawn])
    compared = 0
    for (rubric, some, book), found in zip(drawn, made, strict=True):
        assert [] == differences(book, found)
        rows = table_of(found["work"])
        pages = list(found.values())[1:]
        taken = [i for i in range(len(rows)) if NO_CELL not in str(pages[i])]
        assert [] == wrong(rubric, [some[i] for i in taken], [rows[i] for i in taken])
        compared += len(taken)
    # most can be said, else this would hold of nothing
    assert len(drawn) > len(unsaid)
    assert compared > len(drawn)
