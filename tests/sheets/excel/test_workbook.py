"""The workbook that HR fills in: LibreOffice computes what ``evaluate`` computes."""

from __future__ import annotations

import io
import json
import random
import re
import zipfile
from fractions import Fraction

import attrs
import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kpirules import InputError, dumps, evaluate, load, loads, rulesets, sheet
from kpirules._internal.display import printable
from kpirules.arithmetic.number import exact
from kpirules.cli.io import excel
from kpirules.compiler.plan import Plan
from kpirules.evaluation.record import is_missing, read_value, readers_of
from kpirules.sheets.excel.calculation_sheet import Work
from kpirules.sheets.excel.cell_formulas import Cell, Formulas, fits
from kpirules.sheets.excel.layout import layout_of
from kpirules.sheets.excel.scoring_book import cell_value
from kpirules.sheets.form_builder import blank
from kpirules.sheets.month_template import Roster, headings_of, month_layout
from kpirules.testing import records, rubrics
from kpirules.testing.record_strategies import wild_records
from tests import office
from tests.drawing import share
from tests.hostile import IN_CELLS
from tests.shipped import RECORD as GOOD


@pytest.fixture(scope="module")
def rubric():
    return load("customer-service")


# ---------------------------------------------------------------- content of the sheets


def table_of(rows):
    """Return the rows of the sheet ``work`` by the names of its columns; some above are empty."""
    names, *rest = rows
    return [dict(zip(names, row, strict=True)) for row in rest if any(cell != "" for cell in row)]


def grid_of(rows, heading):
    """Return the rows of the grid below its headings, one of which is known, by the headings."""
    top = next(i for i, row in enumerate(rows) if heading in row)
    return [dict(zip(rows[top], row, strict=True)) for row in rows[top + 1 :]]


def number(value):
    """Convert a number of a cell exactly: both programs show fifteen digits."""
    return None if value in ("", "#N/A", None) else exact(float(f"{value:.15g}"))


def expected(rubric, record):
    """Return the expected row of the sheet ``work`` for a record, by ``evaluate``."""
    try:
        result = evaluate(rubric, record)
    except InputError:
        return None
    found = {
        f"=points.{line.criterion}": line.points for line in result.lines if line.points is not None
    }
    found |= {f"=subtotal.{name}": value for name, value in result.subtotals.items()}
    found["=total"] = result.total
    found["=state"] = "Cannot be rated" if result.unratable else "complete"
    if result.tier is not None:
        found["=tier"] = result.tier.id
    if result.pay is not None:
        found["=pay"] = result.pay
    return found


#: what a workbook states about parts without formulas, and a workbook without any
BLANK, NOTHING = "blank in the workbook", "Not computed in this workbook"


def wrong(rubric, some, rows, *, whole=True):
    """List the differences between a workbook and ``evaluate``; ``whole``: no part is blank."""
    made = []
    for record, row in zip(some, rows, strict=True):
        said = expected(rubric, record)
        if not whole:
            said = said and {name: value for name, value in said.items() if name in row}
            if said and said["=state"] == "Cannot be rated" and "=unratable" not in row:
                # gates are left out, and all that they limit
                said["=state"] = "complete"
        if said is None:
            # what a blank part rejects is not known to the rest
            if whole and (row["=state"] == "complete" or row["=total"] != ""):
                made.append((record, "is rejected", row["=state"], row["=total"]))
            continue
        state = said.pop("=state")
        if row["=state"] != state:
            made.append((record, state, row["=state"]))
        for name, value in said.items():
            shown = row[name] if name == "=tier" else number(row[name])
            if value is not None and shown != value:
                made.append((record, name, value, row[name]))
    return made


def alike(one, other):
    """Return whether two cells show the same; numbers by fifteen digits."""
    if isinstance(one, float) and isinstance(other, float):
        return number(one) == number(other)
    return one == other


def differences(workbook, worked_out):
    """List the cells whose cached results differ from the computed ones.

    Of a row with an invalid entry, those between the entries and the results are not compared.
    """
    kept = office.sheets(workbook)
    assert list(kept) == list(worked_out)
    names = kept["work"][0]
    between = {j for j, name in enumerate(names) if not name.startswith("=")}
    odd = names.index("=odd") if "=odd" in names else None
    further = [row for name, rows in kept.items() for row in worked_out[name][len(rows) :]]
    assert {""} >= {cell for row in further for cell in row}
    return [
        (name, i, j, cell, found)
        for name, rows in kept.items()
        for i, (row, anew) in enumerate(zip(rows, worked_out[name], strict=False))
        for j, (cell, found) in enumerate(zip(row, anew, strict=False))
        if not alike(cell, found)
        and not (name == "work" and odd is not None and row[odd] is True and j in between)
    ]


def test_what_is_compared_here_can_differ(rubric, tmp_path):
    """A workbook with the tiers of another rubric is detected."""
    book = sheet(rubric, "xlsx", records=[GOOD])
    (made,) = office.recalculated(tmp_path, [book])
    (row,) = table_of(made["work"])
    assert [] == wrong(rubric, [GOOD], [row])
    assert [(GOOD, "=total", 84, 83.0)] == wrong(rubric, [GOOD], [{**row, "=total": 83.0}])
    assert [] == differences(book, made)
    made["work"][-1][0] = 7.0
    assert [("work", len(made["work"]) - 1, 0, 1.0, 7.0)] == differences(book, made)


# ---------------------------------------------------------------- the law


def random_records(rubric, count):
    """Return random records, most of them complete."""
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
                choice = list(c.some_allowed(100))
                record |= {name: chance.choice(choice) for name in c.rating_names}
        if chance.random() < 0.1:
            record.pop(chance.choice(list(record)))
        drawn.append(record)
    return drawn


def boundaries(rubric):
    """Return a record for each value at which the result changes and each total; and those at endpoints of tiers."""
    plan = Plan(rubric)
    made = []
    for name, fact in plan.scope.inputs.items():
        values = ["met", "not_met"] if fact.type == "choice" else range(32)
        made += [{**GOOD, name: value} for value in values]
    for c in plan.criteria:
        if not c.is_measured and not c.is_remark:
            values = list(c.some_allowed(100))
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
    return [*made, *at.values()], [at[total] for total in sorted(near)]


@pytest.mark.thorough("five hundred records and every boundary in LibreOffice")
def test_five_hundred_records_and_every_boundary_are_what_evaluate_says(rubric, tmp_path):
    """Computed by LibreOffice; cached and computed results are equal cell by cell.

    Each side of each endpoint of a tier is among them.
    """
    some = random_records(rubric, 500)
    every, near = boundaries(rubric)
    edges = [*every, *near]
    books = [sheet(rubric, "xlsx", records=each) for each in (some, edges)]
    made = office.recalculated(tmp_path, books)
    for each, book, found in zip((some, edges), books, made, strict=True):
        assert [] == wrong(rubric, each, table_of(found["work"]))
        assert [] == differences(book, found)


def test_every_shipped_form_says_what_evaluate_says(tmp_path):
    """At random records; lists have no formulas, and what depends on them is blank."""
    sound = [load(r.id, on=r.effective_from) for r in rulesets()]
    chance = random.Random(7)
    drawn = []
    refused = {}
    for rubric in sound:
        some = [drawn_at(rubric, chance) for _ in range(25)]
        book = sheet(rubric, "xlsx", records=some)
        rows = [str(row[0]) for row in office.sheets(book)["Overview"]]
        assert not any(NOTHING in row for row in rows)
        refused.update((rubric.id, row) for row in rows if BLANK in row)
        drawn.append((rubric, some, book))
    made = office.recalculated(tmp_path, [book for *_, book in drawn])
    for (rubric, some, book), found in zip(drawn, made, strict=True):
        rows, whole = table_of(found["work"]), rubric.id not in refused
        assert (rubric.id, []) == (rubric.id, wrong(rubric, some, rows, whole=whole))
        assert (rubric.id, []) == (rubric.id, differences(book, found))
    assert {"developer"} == set(refused)
    assert "has no exact formula" in refused["developer"]


def drawn_at(rubric, chance):
    """Draw a random record of values that a form accepts."""
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
            choice = list(c.some_allowed(200))
            record |= {name: chance.choice(choice) for name in c.rating_names}
    return record


def can_have_cells(rubric):
    """Return whether a rubric has none of the parts that no workbook computes."""
    left_out = any(c.missing == "exclude" for c in rubric.all_criteria)
    return not left_out and not any(fact.many for fact in rubric.inputs)


@st.composite
def forms(draw):
    """Draw a rubric with records for its form; without lists and parts left out of the total."""
    rubric = draw(rubrics().filter(can_have_cells))
    some = draw(st.lists(st.one_of(records(rubric), wild_records(rubric)), min_size=2, max_size=4))
    return rubric, some


def fits_in_cells(rubric, record):
    """Return whether each value of a record has a cell that can hold it."""
    entries = {entry.name: entry for entry, _ in headings(rubric, [record])}
    known = {n: v for n, v in record.items() if not is_missing(v) and n in entries}
    readers = readers_of(Plan(rubric))
    return all(
        cell_value(entries[n], read_value(readers[n], v)) is not None for n, v in known.items()
    )


def headings(rubric, given=(), lang="en"):
    """Return the entries of a grid for some records, with their headings."""
    plan = Plan(rubric)
    roster = Roster(columns=(), records=tuple(given))
    entries = month_layout(plan, blank(rubric, lang=lang, plan=plan), roster).entries
    found = headings_of(plan, entries, lang)
    return [(entry, found[entry.name]) for entry in entries]


#: a part that cannot be expressed after some of its conditions are written
HALF_SAID = """
schema = 1
id = "half-said"
full_marks = 3

[inputs]
fact_0 = { type = "count" }
fact_1 = { type = "flag" }
fact_2 = { type = "number", step = 0.1 }

[curves.bent]
points = [[0, "fact_0"], ["abs(fact_0) + 1", 5], ["abs(fact_0) + 4", 9]]
beyond = "straight"

[[criterion]]
id = "item_0"
weight = 2
scale = 100

[[criterion]]
id = "item_1"
bands = [
  { when = { fact_1 = false }, points = "0..1" },
  { when = { fact_1 = true, fact_2 = ">= 2.7" }, formula = "curve(fact_0, bent)" },
  { when = "otherwise", formula = "interpolate(fact_2, 0, 0, 5, 10, 9, 2.5)" },
]
clamp = "0..1"
weight = 1

[total]
clamp = "0..3"

[[adjust]]
id = "extra_1"
formula = "round(fact_2 / 7, 0.5)"
clamp = "-5..5"
missing = "skip"
"""


def test_a_form_of_very_many_cells_says_why_nothing_is_computed():
    """The condition that a form is complete is longer than any formula of Excel."""
    criteria = "".join(f'[[criterion]]\nid = "c{i}"\nweight = 1\nscale = 10\n' for i in range(250))
    raters = "".join(f"raters.r{i} = 12.5\n" for i in range(8))
    book = sheet(loads(f'schema = 1\nid = "many"\nfull_marks = 250\n{raters}{criteria}'), "xlsx")
    assert "longer than Excel" in str(office.sheets(book)["Overview"])


def test_a_part_that_is_left_out_leaves_no_columns(tmp_path):
    """The values of all other columns stand in their own cells."""
    rubric = loads(HALF_SAID)
    book = sheet(rubric, "xlsx", records=[{"fact_0": 1, "fact_1": True, "fact_2": 3, "item_0": 40}])
    (made,) = office.recalculated(tmp_path, [book])
    assert "=points.item_0" in made["work"][0]
    assert "=points.item_1" not in made["work"][0]
    assert [] == differences(book, made)


RATED_OR_MEASURED = """
schema = 1
id = "x"
full_marks = 5
step = 0.5
inputs.n = { type = "count" }
inputs.group = { type = "choice", options = ["p", "q"] }
[derive.made]
bands = [{ when = { group = "q", n = "< 5" }, value = 1 }, { when = "otherwise", value = 5 }]
[[criterion]]
id = "measured"
weight = 1.2
clamp = "0..1"
bands = [
  { when = { group = "q", n = ">= 6" }, formula = "interpolate(made, 0, 0, 5, 10, 9, 2.5)" },
  { when = { group = "q", n = "< 6" }, points = 0.5 },
  { when = { group = "p" }, formula = "n" },
]
[[criterion]]
id = "rated"
points = "1..23"
weight = 3.8
scale = 100
"""


@pytest.mark.parametrize(
    ("record", "state"),
    [
        ({"n": 6, "measured": 0, "rated": 4}, "complete"),
        ({"measured": 0, "rated": 4}, "complete"),
        ({"n": 6, "rated": 4}, "unfinished"),
        ({"n": 6, "group": "p", "rated": 4}, "complete"),
        ({"measured": 0}, "unfinished"),
    ],
)
def test_a_rating_in_place_of_facts_completes_a_form_that_does_not_compute_with_it(record, state):
    """The part of several grids is blank, and its facts are not asked for if it is rated."""
    rubric = loads(RATED_OR_MEASURED)
    # a form has a cell for the rating of a measured item if some record gives one
    book = sheet(
        rubric, "xlsx", records=[{"n": 1, "group": "q", "measured": 1, "rated": 1}, record]
    )
    (_, row) = table_of(office.sheets(book)["work"])
    assert ("=points.measured" in row, state) == (False, row["=state"])


@pytest.mark.hypothesis
def test_a_form_of_any_rubric_says_what_evaluate_says(tmp_path):
    """Random rubrics of the whole language: each form agrees cell by cell, or shows the reason why not."""
    drawn = []
    unsaid = []

    @share(3 / 5)
    @given(forms())
    def draw(form):
        book = sheet(form[0], "xlsx", records=form[1])
        overview = str(office.sheets(book)["Overview"])
        if BLANK in overview or NOTHING in overview:
            unsaid.append(form[0])
        else:
            assert "=total" in office.sheets(book)["work"][0]
        if NOTHING not in overview:
            drawn.append((*form, book, BLANK not in overview))

    draw()
    # LibreOffice is slow to start, so it computes all workbooks at once
    made = office.recalculated(tmp_path, [book for *_, book, _ in drawn])
    compared = 0
    for (rubric, some, book, whole), found in zip(drawn, made, strict=True):
        assert [] == differences(book, found)
        rows = table_of(found["work"])
        taken = [i for i in range(len(rows)) if fits_in_cells(rubric, some[i])]
        records_, rows = [some[i] for i in taken], [rows[i] for i in taken]
        assert [] == wrong(rubric, records_, rows, whole=whole)
        compared += len(taken)
    # most rubrics have formulas, otherwise the test would be empty
    assert len(drawn) > len(unsaid)
    assert compared > len(drawn)


# ---------------------------------------------------------------- filled in by a person


def typed(workbook, rubric, *rows, lang="en"):
    """Fill in rows of the grid as a person does, who chooses from the lists."""
    book = openpyxl.load_workbook(io.BytesIO(workbook))
    names = {entry.name: heading for entry, heading in headings(rubric, rows, lang)}
    grid = book.worksheets[0]
    top = next(row for row in grid.iter_rows() if row[0].value in ("Employee no", "工号"))
    columns = {cell.value: cell.column for cell in top}
    for i, row in enumerate(rows, top[0].row + 1):
        for name, value in row.items():
            grid.cell(i, columns[names.get(name, name)]).value = value
    made = io.BytesIO()
    book.save(made)
    assert rubric.id == book["kpirules"]["B2"].value
    return made.getvalue()


def cells(rows):
    """Return the texts of all cells of a sheet."""
    return [str(cell) for row in rows for cell in row if cell != ""]


def test_a_blank_form_is_filled_in_and_read_back(rubric, run, tmp_path):
    """Typed into a blank workbook, computed by LibreOffice, saved, scored by kpirules."""
    blank = sheet(rubric, "xlsx", "zh", period="2026-10")
    part = {"late": 1, "absent": 0, "leave_days": 0, "duty": "按要求完成", "姓名": "王小明"}
    whole = part | {"incidents": 0} | {n: GOOD[n] for n in list(GOOD)[5:]}
    wrong_one = whole | {"skill": 2}
    made = office.converted(
        tmp_path,
        "xlsx",
        {
            f"{i}.xlsx": office.without_results(typed(blank, rubric, each, lang="zh"))
            for i, each in enumerate((part, whole, wrong_one))
        },
    )
    rows = [grid_of(office.sheets(book)["总表"], "姓名")[0] for book in made]
    assert ["未完成", "完成", "请核对填写"] == [row["状态"] for row in rows]
    assert ["王小明"] * 3 == [row["姓名"] for row in rows]
    assert [18, 16, 8, 42, 84, "良好", 200, "完成"] == list(rows[1].values())[-8:]
    # an incomplete row has no total
    assert "" == rows[0]["总分（满分 100）"] == rows[2]["总分（满分 100）"]
    for book, code, said in zip(
        made, (1, 0, 1), ("incidents", "84", "is not an allowed rating"), strict=True
    ):
        path = tmp_path / "back.xlsx"
        path.write_bytes(book)
        done = run("evaluate", "customer-service", path, "--format", "jsonl")
        assert code == done[0]
        assert said in done[1] + done[2]


def test_what_a_person_types_is_scored_as_evaluate_does_or_not_at_all(rubric, tmp_path):
    """Texts of digits, halves, truth values, codes, numbers beyond the limit: never another total."""
    whole = GOOD | {"duty": "Done as required"}
    odd = [
        ("late", "1"), ("late", " 1 "), ("late", 1.0000000001), ("late", -0.0), ("late", True),
        ("skill", "8"), ("skill", 8.4), ("skill", 2), ("duty", "met"), ("duty", "DONE AS REQUIRED"),
        ("late", 1e15), ("late", ""), ("late", "#N/A"), ("late", -1), ("late", "=1/0"),
        ("late", "=NA()"), ("duty", 1), ("duty", True), ("late", "=TODAY()"),
    ]  # fmt: skip
    blank_one = sheet(rubric, "xlsx")
    books = [typed(blank_one, rubric, whole | {name: value}) for name, value in odd]
    scored = []
    for (name, value), made in zip(odd, office.recalculated(tmp_path, books), strict=True):
        (row,) = table_of(made["work"])
        if row["=state"] == "complete":
            scored.append((name, value))
            assert evaluate(rubric, {**GOOD, name: value}).total == number(row["=total"])
        else:
            assert "" == row["=total"] == row["=pay"] == row["=tier"]
    assert [("late", -0.0)] == scored


def test_a_workbook_of_other_rules_is_scored_with_a_note(rubric, run, tmp_path):
    """Scored by the requested rules; a note states that the workbook was made for others."""
    path = tmp_path / "old.xlsx"
    path.write_bytes(sheet(rubric, "xlsx", records=[{**GOOD, "name": "An"}]))
    code, out, err = run("evaluate", "customer-service", path, "--format", "jsonl")
    assert (0, "") == (code, err.partition("1 row")[0].strip())
    assert 84 == json.loads(out)["total"]
    ruleset = tmp_path / "other.rubric.toml"
    ruleset.write_text(
        dumps(attrs.evolve(rubric, step=rubric.step, note=rubric.label)), encoding="utf-8"
    )
    code, out, err = run("evaluate", ruleset, path, "--format", "jsonl")
    assert 0 == code
    assert "84" in out
    assert "made for" in err


def test_cells_to_fill_in_take_what_is_admissible_and_others_are_locked(rubric):
    """Lists of allowed points; inputs within their range; formulas and whole forms are locked."""
    book = openpyxl.load_workbook(io.BytesIO(sheet(rubric, "xlsx")))
    grid, form = book.worksheets[:2]
    assert ["Overview", "blank form"] == [grid.title, form.title]
    assert ["hidden"] * 3 == [book[n].sheet_state for n in ("work", "lists", "kpirules")]
    for each in (grid, form):
        assert each.protection.sheet
    assert not [c for row in form.iter_rows() for c in row if not c.protection.locked]
    pairs = headings(rubric)
    top = next(row for row in grid.iter_rows() if row[0].value == "Employee no")
    columns = {cell.value: cell.column for cell in top}
    places = {e.name: grid.cell(top[0].row + 1, columns[text]).coordinate for e, text in pairs}
    open_cells = {c.coordinate for row in grid.iter_rows() for c in row if not c.protection.locked}
    # number and name of the person
    assert {*places.values()} == open_cells - {
        c for c in open_cells if c[0] in "AB" and c[1:].isdigit()
    }
    rules = {str(v.sqref).partition(":")[0]: v for v in grid.data_validations.dataValidation}
    assert set(rules) <= set(places.values())
    skill = rules[places["skill"]]
    assert "list" == skill.type
    sheet_name, _, span = skill.formula1.lstrip("=").partition("!")
    listed = [cell.value for row in book[sheet_name][span.replace("$", "")] for cell in row]
    admissible = list(Plan(rubric).rated["skill"].some_allowed(100))
    assert admissible == listed
    assert 2 not in listed
    late = rules[places["late"]]
    assert ("whole", 0) == (late.type, float(late.formula1))
    assert late.operator in (None, "between")  # the default operator
    assert "at least 0" in late.prompt
    duty = rules[places["duty"]]
    assert "list" == duty.type
    # a remark has no validation
    assert places["problem_handling"] not in rules


def test_a_refused_record_is_named_on_its_form(rubric):
    """A record that is rejected, or that no form can show completely, is reported, not scored."""
    some = [
        {**GOOD, "late": -1}, {**GOOD, "late": Fraction(1, 3)}, {**GOOD, "lat": 1},
        {**GOOD, "skill": "many"}, {**GOOD, "late": 10**400}, {},
    ]  # fmt: skip
    made = office.sheets(sheet(rubric, "xlsx", records=some))
    said = [
        [c for c in cells(rows) if c.startswith("When this form was made")]
        for rows in list(made.values())[1:7]
    ]
    assert [
        "When this form was made: Late arrivals and missed clock-ins = -1: is out of "
        "range; allowed: a whole number, at least 0"
    ] == said[0]
    assert "lat = 1: is not a name of this ruleset" in said[2][0]
    assert "skill" in said[3][0]
    # a cell shows what it cannot count as a text; of an unknown name, nothing is filled in
    rows = grid_of(made["Overview"], "State")
    states = ["check the entries"] * 2 + ["unfinished"] + ["check the entries"] * 2 + ["unfinished"]
    assert states == [row["=state"] for row in table_of(made["work"])]
    late = next(heading for entry, heading in headings(rubric) if entry.name == "late")
    assert [-1, "1/3", "", 1, "1.000000000...E+400"] == [row[late] for row in rows[:5]]


def test_the_same_form_is_the_same_bytes(rubric):
    """A workbook contains neither the date nor anything of the machine."""
    assert sheet(rubric, "xlsx", records=[GOOD]) == sheet(rubric, "xlsx", records=[GOOD])


def test_hostile_texts_stay_texts(rubric, tmp_path):
    """As a name, a number, an appraiser, a remark, in LibreOffice as in the file."""
    some = [
        {**GOOD, "name": t, "employee_no": t, "appraiser": t, "problem_handling": t}
        for t in IN_CELLS
    ]
    book = sheet(rubric, "xlsx", records=some, period="=1+1")
    (made,) = office.recalculated(tmp_path, [book])
    assert [] == differences(book, made)
    for text, row in zip(IN_CELLS, grid_of(made["Overview"], "State"), strict=True):
        assert [printable(text)] * 3 == [str(row[n]) for n in ("Employee no", "Name", "Appraiser")]
        assert 84 == row["Total (of 100)"]
    kept = openpyxl.load_workbook(io.BytesIO(book))
    for each in kept.worksheets:
        assert not [c for row in each.iter_rows() for c in row if c.hyperlink]
    for title in kept.sheetnames[1:-3]:
        formulas = {c.value for row in kept[title].iter_rows() for c in row if c.data_type == "f"}
        # cells refer to the grid or to the results; no other cell is a formula
        begin = re.compile(r"=(IF\((ISBLANK\()?INDEX\('Overview'!|(IF\()?work!\$)")
        assert [] == [f for f in formulas if not begin.match(f)]
    names = {c for rows in made.values() for c in cells(rows)}
    assert "=1+1" in names


HOSTILE_RULES = """
schema = 1
id = "hostile"
label = { en = '=HYPERLINK("http://h.example/","x")' }
role = { en = "<script>1</script>" }
full_marks = 10
effective_from = 2026-01-01
[inputs.kind]
type = "choice"
label = { en = "=1+1" }
options = { a = { en = '=1"+"1' }, b = { en = "b\\u0007" } }
[[criterion]]
id = "one"
label = { en = "+1" }
weight = 10
of = "kind"
bands = [
  { when = "a", points = 10, label = { en = "-1" } },
  { when = "b", points = 0, label = { en = "@x" } },
]
[[tier]]
id = "good"
label = { en = '"&1&"' }
total = "5..10"
[[tier]]
id = "bad"
label = { en = "=2" }
total = "0..<5"
[[example]]
name = "a"
ratings = { kind = "a" }
expect = { total = 10, tier = "good" }
[[example]]
name = "b"
ratings = { kind = "b" }
expect = { total = 0, tier = "bad" }
"""


def test_hostile_labels_stay_texts(tmp_path):
    """Labels of options and tiers are parts of formulas."""
    rubric = loads(HOSTILE_RULES)
    book = sheet(rubric, "xlsx", records=[{"kind": "a"}, {"kind": "b"}])
    (made,) = office.recalculated(tmp_path, [book])
    assert [] == differences(book, made)
    assert ['"&1&"', "=2"] == [row["Tier"] for row in grid_of(made["Overview"], "State")]
    assert [] == wrong(rubric, [{"kind": "a"}, {"kind": "b"}], table_of(made["work"]))


# ---------------------------------------------------------------- cells that are not what they seem

ODD_RULES = """
schema = 1
id = "odd"
label = ""
full_marks = 10
[inputs.good]
type = "flag"
default = true
[inputs.grade]
type = "choice"
options = { a = "1", "SORT(" = "2", name = "TRUE" }
[inputs.name]
type = "number"
range = "0..1"
step = 0.0001
[[criterion]]
id = "appraiser"
weight = 4
of = "good"
bands = [{ when = true, points = 4 }, { when = false, points = 0 }]
[[criterion]]
id = "two"
weight = 3
of = "grade"
bands = [{ when = "a", points = 3 }, { when = ["SORT(", "name"], points = 0 }]
[[criterion]]
id = "three"
weight = 3
of = "name"
bands = [{ when = "0..0.3", points = 3 }, { when = "> 0.3", points = 0 }]
[[gate]]
when = { name = 1 }
unratable = true
[[tier]]
id = "up"
label = "LONG"
total = "> 3"
[[tier]]
id = "low"
label = "LONG"
total = "0..3"
[[example]]
name = "a"
ratings = { good = true, grade = "a", name = 0 }
expect = { total = 10 }
[[example]]
name = "b"
ratings = { good = false, grade = "SORT(", name = 0.3001 }
expect = { total = 0 }
"""
#: the usual name of a column about people is also an input name
NICE = {"good": "Yes", "grade": "1", "name": 0.25, "employee": "An"}


@pytest.fixture(scope="module")
def odd():
    return loads(ODD_RULES.replace("LONG", "many a word " * 40))


#: typed values, the state of the form, and its total
TYPED = [
    ({}, "complete", 10), ({"good": "No"}, "complete", 6), ({"good": None}, "complete", 10),
    ({"grade": "2"}, "complete", 7), ({"grade": 2}, "complete", 7), ({"grade": 1}, "complete", 10),
    # a sum that is nearly 0.3 is 0.3 in a spreadsheet
    ({"name": 0.1 + 0.2}, "complete", 10), ({"name": "=0.1+0.2"}, "complete", 10),
    ({"name": 0.3001}, "complete", 7), ({"name": 1e-4}, "complete", 10),
    ({"name": 1}, "Cannot be rated", None), ({"name": None}, "unfinished", None),
    *(({name: value}, "check the entries", None) for name, value in (
        ("good", True), ("good", 1), ("good", "yes"), ("good", "=1/0"), ("grade", "=1/0"),
        ("grade", 3), ("grade", "a"), ("name", "=1/0"), ("name", True),
        ("name", "0.1"), ("name", 0.30001),
    )),
]  # fmt: skip
#: values that are valid in a table of texts, and so may be scored when the form is read, but not in
#: a cell of the form: it shows "check the entries", and no total
PLAIN = [{"good": True}, {"good": "yes"}, {"grade": "a"}, {"name": "0.1"}]


def test_a_cell_counts_as_what_it_is_or_not_at_all(odd, run, tmp_path):
    """Typed by a person; if the workbook shows a total, reading it gives the same."""
    blank_one = sheet(odd, "xlsx")
    books = {
        f"{i}.xlsx": office.without_results(typed(blank_one, odd, NICE | some))
        for i, (some, *_) in enumerate(TYPED)
    }
    path, rules = tmp_path / "back.xlsx", tmp_path / "odd.rubric.toml"
    rules.write_text(dumps(odd), encoding="utf-8")
    made = office.converted(tmp_path, "xlsx", books)
    for (some, state, total), book in zip(TYPED, made, strict=True):
        found = office.sheets(book)
        (row,) = table_of(found["work"])
        assert (some, state, total) == (some, row["=state"], number(row["=total"]))
        shown = grid_of(found["Overview"], "State")[0]
        assert [state, "" if total is None else total] == [shown["State"], shown["Total (of 10)"]]
        path.write_bytes(book)
        (back,) = map(json.loads, run("evaluate", rules, path, "--format", "jsonl")[1].splitlines())
        assert "An" == back["employee"]
        scored = None if back["total"] is None else exact(back["total"])
        assert (some, total) == (some, scored) or some in PLAIN


def test_every_command_says_that_a_workbook_is_of_other_rules(rubric, run, tmp_path):
    """``sheet``, ``report`` and ``explain`` report the same note as ``evaluate``."""
    older = attrs.evolve(rubric, note=rubric.label)
    path, page = tmp_path / "a.xlsx", tmp_path / "a.html"
    path.write_bytes(sheet(older, "xlsx", records=[{**GOOD, "name": n} for n in ("An", "Bo")]))
    for args in (
        ("evaluate", "customer-service", path, "--format", "jsonl"),
        ("sheet", "customer-service", path, "-o", page, "--force"),
        ("report", "customer-service", path, "-o", page, "--force"),
        ("explain", "customer-service", path, "--row", "1"),
    ):
        code, _, err = run(*args)
        assert 0 == code
        assert "was made for another version of the rules" in err


def test_a_table_of_any_workbook_is_read_as_it_stands(run, tmp_path):
    """Anywhere on the first sheet; an error value is not an empty cell, and a blank row is not a record."""
    book = openpyxl.Workbook()
    an, bo = [None, "An", *GOOD.values(), 1e-7], [None, "Bo"]
    for row in ([], [None, "who", *GOOD, "more"], an, [], bo, [], []):
        book.active.append(row)
    book.active["C5"] = "#DIV/0!"
    book.active["C5"].data_type = "e"
    book.active["A9"].font = openpyxl.styles.Font(bold=True)
    path = tmp_path / "a.xlsx"
    book.save(path)
    code, out, _ = run("evaluate", "customer-service", path, "--format", "jsonl")
    rows = [json.loads(line) for line in out.splitlines()]
    assert (1, ["An", "Bo"]) == (code, [row["who"] for row in rows])
    assert [84, None] == [row["total"] for row in rows]
    assert "0.0000001" == rows[0]["more"]
    assert "late = '#DIV/0!': is not a number" in rows[1]["error"]


def test_a_formula_that_nobody_worked_out_is_not_nothing(odd, run, tmp_path):
    """A default does not replace it; a formula with an empty text as its value is an empty cell."""
    rules, path = tmp_path / "odd.rubric.toml", tmp_path / "a.xlsx"
    rules.write_text(dumps(odd), encoding="utf-8")
    book = openpyxl.Workbook()
    for row in (["good", "grade", "name"], ["=1=2", "a", 0], ['=""', "a", 0]):
        book.active.append(row)
    book.save(path)
    code, out, _ = run("evaluate", rules, path, "--format", "jsonl")
    assert 1 == code
    assert "good = '=1=2': is not true or false" in out.splitlines()[0]
    (made,) = office.converted(tmp_path, "xlsx", {"b.xlsx": path.read_bytes()})
    path.write_bytes(made)
    code, out, _ = run("evaluate", rules, path, "--format", "jsonl")
    assert [6, 10] == [json.loads(line)["total"] for line in out.splitlines()]


def test_a_value_that_was_cut_and_put_elsewhere_is_that_of_the_other_row(rubric, tmp_path):
    """A spreadsheet moves references along; results still belong to the content of their own row."""
    some = [{**GOOD, "late": 4, "name": "An"}, {**GOOD, "name": "Bo"}]
    book = openpyxl.load_workbook(io.BytesIO(sheet(rubric, "xlsx", records=some)))
    grid = book["Overview"]
    top = next(row for row in grid.iter_rows() if row[0].value == "Employee no")
    column = next(c.column for c in top if str(c.value).startswith("Late arrivals"))
    late, other = (grid.cell(top[0].row + i, column) for i in (1, 2))
    for title in ("work", "An", "Bo"):
        for cell in (cell for row in book[title].iter_rows() for cell in row):
            # no formula refers to a cell directly, so that no reference can move along
            assert f"'Overview'!{late.coordinate}" not in str(cell.value).replace("$", "")
    other.value, late.value = late.value, None
    cut = io.BytesIO()
    book.save(cut)
    (found,) = office.recalculated(tmp_path, [cut.getvalue()])
    assert ["unfinished", "complete"] == [row["=state"] for row in table_of(found["work"])]
    assert 80 == table_of(found["work"])[1]["=total"]
    for title, shown in (("An", ""), ("Bo", 4)):
        row = next(row for row in found[title] if str(row[0]).startswith("Late arrivals"))
        assert shown == row[3]


def test_a_form_shows_what_is_filled_in_on_the_grid(rubric, tmp_path):
    """Person, values, options and results, computed by LibreOffice."""
    whole = {**GOOD, "duty": "Below standard", "Name": "Cy", "problem_handling": "1+1 once"}
    book = typed(sheet(rubric, "xlsx"), rubric, whole)
    (found,) = office.recalculated(tmp_path, [book])
    texts = cells(found["blank form"])
    total = evaluate(rubric, {**GOOD, "duty": "substandard"}).total
    for text in ("Cy", "Below standard", "complete", "1+1 once", str(float(total))):
        assert text in texts, text


def test_a_measured_item_has_a_column_where_a_record_rates_it(rubric, run, tmp_path):
    """It is rated on the grid and on the form, in place of its inputs, and read back."""
    rated = {n: v for n, v in GOOD.items() if n not in ("late", "absent")} | {"attendance": 4}
    assert "attendance" not in [entry.name for entry, _ in headings(rubric)]
    book = sheet(rubric, "xlsx", records=[rated])
    (found,) = office.recalculated(tmp_path, [book])
    assert [] == differences(book, found)
    assert [] == wrong(rubric, [rated], table_of(found["work"]))
    (tmp_path / "a.xlsx").write_bytes(book)
    code, out, _ = run("evaluate", "customer-service", tmp_path / "a.xlsx", "--format", "jsonl")
    total = json.loads(out)["total"]
    assert (0, evaluate(rubric, rated).total) == (code, exact(total))


def test_a_percentage_on_the_grid_is_rejected(run, tmp_path):
    """Its formulas divide it by 100; a table of any other workbook has what it shows."""
    rules = tmp_path / "share.rubric.toml"
    rules.write_text(
        'schema = 1\nid = "share"\n[inputs.share]\ntype = "number"\nunit = "%"\nrange = "0..100"\n'
        '[[criterion]]\nid = "a"\nweight = 100\nformula = "share"\n',
        encoding="utf-8",
    )
    rubric = loads(rules.read_text(encoding="utf-8"))
    book = openpyxl.load_workbook(io.BytesIO(sheet(rubric, "xlsx", records=[{"share": 90}])))
    cell = next(c for row in book["Overview"].iter_rows() for c in row if c.value == 90)
    cell.value, cell.number_format = 0.95, "0%"
    book.save(tmp_path / "a.xlsx")
    code, _, err = run("evaluate", rules, tmp_path / "a.xlsx", "--format", "jsonl")
    assert 1 == code
    assert "which the formulas of the workbook divide by 100" in err


def test_an_amount_beyond_the_reach_and_a_contradiction_are_faults(rubric, tmp_path):
    """They are not reported as unfilled."""
    whole = GOOD
    given = [whole | {"late": 2_000_000_000}, whole | {"late": 4, "attendance": 6}, whole]
    found = office.recalculated(
        tmp_path, [typed(sheet(rubric, "xlsx", records=[each]), rubric) for each in given]
    )
    states = [table_of(made["work"])[0]["=state"] for made in found]
    assert ["check the entries", "check the entries", "complete"] == states


def test_names_of_any_characters_name_forms(rubric, run, tmp_path):
    """Characters of two UTF-16 code units count twice; some programs ignore the width of letters."""
    names = ["𠮷野家" * 8, "An", "Ａｎ", "an", "x" * 60, "O'Neill", "王小明", "History"]
    book = sheet(rubric, "xlsx", records=[{**GOOD, "name": name} for name in names])
    titles = list(office.sheets(book))[1:-3]
    assert len(names) == len(titles)
    assert max(len(title.encode("utf-16-le")) for title in titles) <= 2 * 31
    assert ["An", "Ａｎ 2", "an 3"] == titles[1:4]
    (tmp_path / "a.xlsx").write_bytes(book)
    out = run("evaluate", "customer-service", tmp_path / "a.xlsx", "--format", "jsonl")[1]
    assert names == [json.loads(line)["Name"] for line in out.splitlines()]


def test_what_else_is_in_a_workbook_is_said(rubric, run, tmp_path):
    """The visible sheet is read; others, forms with the same content, a separate form are reported."""
    path = tmp_path / "a.xlsx"
    book = openpyxl.Workbook()
    book.active.title, book.active.sheet_state = "old", "hidden"
    for title in ("new", "notes"):
        book.create_sheet(title).append(list(GOOD))
    book["new"].append(list(GOOD.values()))
    book.active = 1
    book.save(path)
    code, out, err = run("evaluate", "customer-service", path, "--format", "jsonl")
    assert (0, 1) == (code, len(out.splitlines()))
    assert "only the sheet 'new' is read; these are not: 'notes'" in err
    book["new"].insert_cols(1)
    book["new"]["A3"] = "left"
    book.save(path)
    code, _, err = run("evaluate", "customer-service", path)
    assert 2 == code
    assert "a.xlsx:3: a cell stands before the first column of the heading" in err
    book = openpyxl.load_workbook(
        io.BytesIO(sheet(rubric, "xlsx", records=[{**GOOD, "name": f"n{i}"} for i in range(2)]))
    )
    # the grid is read wherever it stands; forms show what is on it
    book.move_sheet("Overview", 2)
    book.save(path)
    code, out, err = run("evaluate", "customer-service", path, "--format", "jsonl")
    assert (0, 2, 1) == (code, len(out.splitlines()), len(err.splitlines()))
    book.copy_worksheet(book["n1"]).title = "a copy"
    book.save(path)
    code, out, err = run("evaluate", "customer-service", path, "--format", "jsonl")
    assert (0, 2) == (code, len(out.splitlines()))
    assert "only the sheet 'Overview' is read; these are not: 'a copy'" in err
    del book["Overview"]
    book.save(path)
    code, _, err = run("evaluate", "customer-service", path)
    assert 2 == code


HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n'
MAIN = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
RELS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"


def written_by_hand(path, body, *, head=HEAD, main=MAIN, more=None, encoding="utf-8"):
    """Write a workbook of one sheet as XML; ``more``: other parts."""
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml"
    parts = {
        "[Content_Types].xml": f'{HEAD}<Types xmlns="{PACKAGE}/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package'
        '.relationships+xml"/><Override PartName="/xl/workbook.xml" '
        f'ContentType="{kind}.sheet.main+xml"/><Override PartName="/xl/worksheets/sheet1.xml" '
        f'ContentType="{kind}.worksheet+xml"/><Override PartName="/xl/sharedStrings.xml" '
        f'ContentType="{kind}.sharedStrings+xml"/></Types>',
        "_rels/.rels": f'{HEAD}<Relationships xmlns="{PACKAGE}/relationships"><Relationship Id="a" '
        f'Type="{RELS}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/_rels/workbook.xml.rels": f'{HEAD}<Relationships xmlns="{PACKAGE}/relationships">'
        f'<Relationship Id="a" Type="{RELS}/worksheet" Target="worksheets/sheet1.xml"/>'
        "</Relationships>",
        "xl/workbook.xml": f'{HEAD}<workbook {main} xmlns:r="{RELS}"><sheets>'
        '<sheet name="S" sheetId="1" r:id="a"/></sheets></workbook>',
        "xl/sharedStrings.xml": f"{HEAD}<sst {MAIN}><si><t>late</t></si></sst>",
        "xl/worksheets/sheet1.xml": f"{head}<worksheet {main}><sheetData>{body}</sheetData></worksheet>",
    }
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in (parts | (more or {})).items():
            is_sheet = name.endswith("sheet1.xml")
            archive.writestr(name, text.encode(encoding if is_sheet else "utf-8"))
    return path


HEADING = "<row r='1'>" + "".join(
    f"<c t='inlineStr'><is><t>{name}</t></is></c>" for name in GOOD
) + "</row>"  # fmt: skip
#: the sheet of a file, and its error message
BY_HAND = {
    "one row without end": ("<row>" + "<c/>" * 1_200_000 + "</row>", {}),
    "a comment in place of an end": (
        "<row>" + ("<c/>" * 200_000 + "<!--</row>-->") * 6 + "</row>", {},
    ),
    "another encoding": ("<row><c/></row>", {"head": HEAD.replace("UTF-8", "UTF-16"), "encoding": "utf-16"}),
    "entities": ("<row><c/></row>", {"head": f"{HEAD}<!DOCTYPE a [<!ENTITY b 'c'>]>"}),
    "a text without end": (
        "<row><c t='s'><v>0</v></c></row>",
        {"more": {"xl/sharedStrings.xml": f"{HEAD}<sst {MAIN}><si>" + "<r/>" * 1_000_000 + "</si></sst>"}},
    ),
    "strict": ("<row><c/></row>", {"main": 'xmlns="http://purl.oclc.org/ooxml/spreadsheetml/main"'}),
}  # fmt: skip


@pytest.mark.parametrize("kind", BY_HAND)
def test_a_file_that_would_take_memory_or_cannot_be_read_is_refused(run, tmp_path, kind):
    """Before its XML is parsed; in one line with what to do."""
    body, more = BY_HAND[kind]
    path = written_by_hand(tmp_path / "a.xlsx", body, **more)
    code, _, err = run("evaluate", "customer-service", path)
    assert 2 == code
    assert "save it as an Excel Workbook (.xlsx)" in err


def test_a_file_of_any_writer_is_read(run, tmp_path):
    """Apostrophes, cells without names, large parts that are not read, pictures."""
    cells_ = "".join(
        f"<c t='inlineStr'><is><t>{v}</t></is></c>" if isinstance(v, str) else f"<c><v>{v}</v></c>"
        for v in GOOD.values()
    )
    more = {
        "xl/calcChain.xml": f"{HEAD}<calcChain {MAIN}>" + "<c r='A1'/>" * 300_000 + "</calcChain>",
        "xl/media/image1.png": "\x89PNG" + "x" * 4_000_000,
    }
    body = HEADING + f"<row>{cells_}</row>" * 5
    path = written_by_hand(tmp_path / "a.xlsx", body, more=more)
    code, out, err = run("evaluate", "customer-service", path, "--format", "jsonl")
    assert (0, [84] * 5) == (code, [json.loads(line)["total"] for line in out.splitlines()])
    for ending in (".xls", ".ods", ".xlsm"):
        code, _, err = run("evaluate", "customer-service", path.rename(tmp_path / f"a{ending}"))
        assert 2 == code
        assert f"files of the kind {ending} are not read" in err
        path = tmp_path / f"a{ending}"


# ---------------------------------------------------------------- limits of formulas


def test_a_form_without_anything_to_fill_in(tmp_path):
    """All employees have the same results; there are formulas nevertheless."""
    rubric = loads(SAME)
    book = sheet(rubric, "xlsx")
    (made,) = office.recalculated(tmp_path, [book])
    assert [] == differences(book, made)
    assert [] == wrong(rubric, [{}], table_of(made["work"]))


SAME = """
schema = 1
id = "same"
full_marks = 2
[[criterion]]
id = "one"
formula = "1 + 1"
weight = 2
[[example]]
name = "all"
ratings = {}
expect = { total = 2 }
"""


def test_formulas_without_anything_that_is_fed_in():
    """Not even ratings: results that do not depend on inputs are constants."""
    rubric = loads(SAME)
    plan = Plan(rubric)
    paper = blank(rubric, lang="en")
    work = Work(plan, layout_of(plan, paper).entries, paper.words)
    assert work.cannot is None
    ((row,), formulas) = work.values([{}]), {c.name: c.formula for c in work.columns}
    assert (2.0, "complete") == (row["=total"], row["=state"])
    assert 'IF(TRUE,"complete"' in formulas["=state"]


def test_what_stands_side_by_side_is_not_nested():
    """A predicate over many, and a sum of many, are one function each; cases are nested."""
    library = Formulas({"x": Cell("number", "A1", may_be_null=True)}, lambda name: name)
    x = library.col("x")
    said = str(((x > 1) & (x < 2) & (x != 3)).text)
    assert "AND(A1>1,A1<2,A1<>3)" == said.replace("IFERROR(", "").replace(",FALSE)", "")
    many, total = x > 0, x
    for n in range(300):
        many = many & (x > n)
        total = total + n
    assert 2 == many.text.count("AND(")
    assert 2 == (~many).text.replace("IFERROR(", "").count("OR(")
    assert f"(A1+{'+'.join(map(str, range(300)))})" == total.text
    chain = library.when(x > 0).then(x)
    assert chain.when(x > 1).then(library.lit(1)).otherwise(0).text.startswith("IF(")
    assert 1 == len({x})
    few, deep = library.when(x > 0).then(x), library.when(x > 0).then(x)
    for n in range(70):
        deep = deep.when(x > n).then(library.lit(n))
        few = few.when(x > n).then(library.lit(n)) if n < 50 else few
    assert fits(few.otherwise(0).text)
    assert not fits(deep.otherwise(0).text)
    assert not fits("1+" * 4096 + "1")


def test_taking_off_multiples_is_done_in_two_steps():
    """Excel's MOD fails if the quotient exceeds about 10**12."""
    x = Formulas({"x": Cell("number", "A1")}, lambda name: name).col("x")
    assert "MOD(MOD(A1,2000000),2)" == (x % 2).text
    assert "MOD(A1,3000000)" == (x % 3_000_000).text
    assert "((A1-MOD(MOD(A1,7000000),7))/7)" == (x // 7).text


MANY = """
schema = 1
id = "many"
full_marks = 10
[inputs.kind]
type = "choice"
options = [OPTIONS]
[[criterion]]
id = "one"
weight = 10
of = "kind"
bands = [{ when = [FIRST], points = 10 }, { when = [REST], points = 0 }]
"""


def test_a_choice_of_hundreds_is_worked_out_or_refused_with_its_reason(tmp_path):
    """As deep and as long as Excel allows, in the last row as well; sums of many items too."""

    def rubric_of(count):
        codes = [f'"o{i}"' for i in range(count)]
        text = MANY.replace("OPTIONS", ", ".join(codes)).replace("FIRST", ", ".join(codes[:9]))
        return loads(text.replace("REST", ", ".join(codes[9:])))

    def formulas(book):
        found = openpyxl.load_workbook(io.BytesIO(book))["work"].iter_rows(min_row=2)
        return [cell.value for row in found for cell in row if cell.value is not None]

    some = [{"kind": "o3"}, {"kind": "o120"}, {}]
    book = sheet(rubric_of(150), "xlsx", records=some)
    assert all(fits(formula[1:]) for formula in formulas(book))
    (made,) = office.recalculated(tmp_path, [book])
    assert [10, 0, ""] == [row["=total"] for row in table_of(made["work"])]
    for count, reason in (
        (300, f"{NOTHING}: state is longer, or nested deeper, than Excel's formulas"),
        (900, f"{BLANK}, since"),
    ):
        made = office.sheets(sheet(rubric_of(count), "xlsx"))
        assert any(reason in cell for cell in cells(made["Overview"])), count
    items = "".join(f'[[criterion]]\nid = "c{i}"\nrange = "0..5"\nweight = 5\n' for i in range(100))
    book = sheet(loads(f'schema = 1\nid = "items"\nfull_marks = 500\n{items}'), "xlsx")
    assert "=total" in office.sheets(book)["work"][0]


def test_a_workbook_that_would_fill_the_memory_is_refused(run, tmp_path, monkeypatch):
    """Two cells in the corners of a sheet; more text than a table has; a file that is not an archive."""
    far = tmp_path / "far.xlsx"
    for cell, said in (
        ("A1048576", "has 1048574 empty rows, and a row below them"),
        ("XFD2", "far.xlsx:2: has 16384 cells, and the heading has 12"),
    ):
        book = openpyxl.Workbook()
        book.active.append(list(GOOD))
        book.active[cell] = 1
        book.save(far)
        code, out, err = run("evaluate", "customer-service", far, "--format", "jsonl")
        assert (2, "") == (code, out)
        assert said in err
    with monkeypatch.context() as patch:
        patch.setattr(excel, "MAX_CELLS", 16_000)
        assert "has too many cells" in run("evaluate", "customer-service", far)[2]
    none = tmp_path / "none.xlsx"
    none.write_bytes(b"PK\x03\x04 and no more")
    assert "is not a workbook" in run("evaluate", "customer-service", none)[2]
    with zipfile.ZipFile(none, "w") as archive:
        archive.writestr("a.txt", "an archive of something else")
    assert "is not a workbook" in run("evaluate", "customer-service", none)[2]
    monkeypatch.setattr(excel, "MAX_BYTES", 1 << 20)
    with zipfile.ZipFile(none, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/sharedStrings.xml", b" " * (2 << 20))
    assert "holds more than 1 MiB of text" in run("evaluate", "customer-service", none)[2]
