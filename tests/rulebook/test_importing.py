"""The ruleset of a workbook: what each cell means, and each problem at its cell."""

from __future__ import annotations

from datetime import date, datetime, time
from decimal import Decimal
from pathlib import Path

import pytest

from kpirules.api.load import loads
from kpirules.cli.io.excel import Book
from kpirules.rulebook.importing import imported
from kpirules.rulebook.workbook import rule_workbook
from kpirules.toml.converter import unstructure
from kpirules.toml.writer import fingerprint
from tests.rulebook.sheets import FORM, ITEMS, Merged, Sheets, errors, read


#: the form of the author guide, with a typical spelling in every second cell
CASHIER = {
    "Data": [
        ("Name of the data", "Type", "Unit", "Allowed values", "Better is", "If nothing is given", "Option"),
        ("Late arrivals", "count", None, None, "lower"),
        ("Absences ", "Count", None, None, "LOWER"),
        (),
        ("Till differences", "count", None, None, "越低越好"),
        ("Members", "number", "%", "≥ 0", "higher"),
        ("Took cash", "yes or no", None, None, None, "no"),
        ("Grade", "choice", None, None, None, None, "Good"),
        (None, None, None, None, None, None, "Poor"),
    ],
    "Items": [
        ("Section", "Section weight", "Item", "Weight", "Data 1", "Data 2", "When 1", "When 2",
         "Points", "Formula", "Level", "Limit to (clamp)", "Notes"),
        ("Conduct", 25, "Attendance", "15", "Late arrivals", "Absences", "０", 0, 15, None, "Never"),
        ("Conduct", "25", None, None, None, None, "1~2", "0", "10分", None, "Once or twice", None, "?"),
        (None, None, None, None, None, None, "其他", None, 0, None, "More"),
        (),
        (None, None, "Teamwork", "10%"),
        ("Work", 75, "Service", 30, None, None, None, None, "26-30", None, "Praised"),
        (None, None, "Service", None, None, None, None, None, "15～25", None, "Courteous"),
        (None, None, None, None, None, None, None, None, "0..14", None, "Complaints"),
        (None, None, "Till", 25, None, None, None, None, None, "=25 － 5 × Till differences", None, "0-25"),
        (None, None, "Memberships", 20, "members", None, "100%以上", None, 20),
        (None, None, None, None, None, None, "80-99", None, 12),
        (None, None, None, None, None, None, "below 80", None, 0),
    ],
    "Tiers": [
        ("Tier", "Total", "Pay"),
        ("Excellent", "90分以上", 500),
        ("Good", "75..89", "200"),
        ("Pass", "60..74", 0),
        ("Fail", "<60", "-100元"),
    ],
    "Vetoes": [("Data 1", "When 1", "Tier at most", "Reason"), ("Took cash", "是", "Fail", "Took cash")],
    "Decisions": [
        ("Clause", "Open question", "Decision", "Accepted findings"),
        ("Grade", "Not used.", "Later.", "unused-input inputs.grade"),
    ],
    "Examples": [
        ("Example", "Late arrivals", "Absences", "Teamwork", "Service", "Till differences", "Members",
         "Took cash", "→ Total", "-> Tier", "→ Performance pay", "→ points.Till", "→ Inputs of the rejection"),
        ("good", 0, 0, 9, 28, 0, "104%", None, 97, "Excellent", 500),
        ("late", 1, 0, "8", 26, 1, 99.5, "no", 76, "Good", 200, 20),
        ("cash", 0, 0, 9, 28, 0, 104, True, 97, "Fail", -100),
        ("half", 0.5, 0, 9, 28, 0, 104, None, None, None, None, None, "Late arrivals"),
    ],
}  # fmt: skip

EVERY = """id = "test"
schema = 1
label = "Test"
effective_from = 2027-01-01
weights_total = "sum"
step = 0.5

[source]
label = "Handbook"
url = "https://example.org"

[inputs.calls]
type = "number"
step = 0.5
many = true
label = "Calls"

[inputs.base]
type = "number"
label = "Base"

[inputs.extra]
type = "number"
label = "Extra"

[inputs.kind]
type = "choice"
options = { x = "X" }
label = "Kind"

[derive.rate]
formula = "ratio(sum(calls), 3, 0)"
range = "any"
label = "Rate"

[raters.self]
weight = 20
label = "Self"

[raters.boss]
weight = 80
label = "Boss"

[bands.steps]
rows = [
  { when = "< 3", points = 30 },
  { when = ">= 3", points = 0 },
]

[[section]]
id = "all"
label = { en = "All", zh = "全部" }

[[section.criterion]]
id = "a"
label = "A"
weight = 20
missing = "zero"
standard = "as seen"

[[section.criterion]]
id = "b"
bands = "steps"
of = "rate"
label = "B"
weight = 30
missing = 5

[[section.criterion]]
id = "remark"
label = "Remark"
scored = false

[total]
clamp = "0..100"
round = { to = 1, mode = "half_up" }
minimum_scored = 1

[[adjust]]
id = "merit"
formula = "2 * base"
label = "Merit"
missing = "skip"

[[gate]]
when = { base = "> 5", kind = "x" }
demote = 1

[[tier]]
id = "fine"
label = "Fine"
total = ["90..100", 50]
coefficient = 1.2

[[tier]]
id = "rest"
label = "Rest"
total = ["0 .. < 50", "> 50 .. < 90"]
coefficient = 1

[outcome.bonus]
formula = "base * total / 100"
label = "Bonus"

[outcome.word]
bands = [
  { when = "fine", value = "yes; really" },
  { when = "otherwise", value = 3 },
]
of = "tier"
label = "Word"

[pay]
components = ["base", "extra"]

[[example]]
name = "one"
ratings = { calls = [1, 2.5], a.self = 3, a.boss = 4, remark = "5", base = 4, kind = "x" }
expect = { derived.rate = "7/6" }

[[example]]
name = "two"
ratings = { calls = [], a.boss = 3, remark = "seen", base = 6, kind = "x" }
expect = { unratable = false }
"""

RULES = """
schema = 1
id = "test"
label = "Test"
effective_from = 2027-01-01
[inputs]
late_arrivals = { type = "count", label = "Late arrivals", better = "lower" }
absences = { type = "count", label = "Absences", better = "lower" }
till_differences = { type = "count", label = "Till differences", better = "lower" }
members = { type = "number", label = "Members", unit = "%", range = ">= 0", better = "higher" }
took_cash = { type = "flag", label = "Took cash", default = false }
grade = { type = "choice", label = "Grade", options = { good = "Good", poor = "Poor" } }
[[section]]
id = "conduct"
label = "Conduct"
weight = 25
[[section.criterion]]
id = "attendance"
label = "Attendance"
weight = 15
bands = [
  { when = { late_arrivals = 0, absences = 0 }, points = 15, label = "Never" },
  { when = { late_arrivals = "1..2", absences = 0 }, points = 10, label = "Once or twice" },
  { when = "otherwise", points = 0, label = "More" },
]
[[section.criterion]]
id = "teamwork"
label = "Teamwork"
weight = 10
[[section]]
id = "work"
label = "Work"
weight = 75
[[section.criterion]]
id = "service"
label = "Service"
weight = 30
bands = [
  { points = "26..30", label = "Praised" },
  { points = "15..25", label = "Courteous" },
  { points = "0..14", label = "Complaints" },
]
[[section.criterion]]
id = "till"
label = "Till"
weight = 25
formula = "25 - 5 * till_differences"
clamp = "0..25"
[[section.criterion]]
id = "memberships"
label = "Memberships"
weight = 20
of = "members"
bands = [{ when = ">= 100", points = 20 }, { when = "80 .. < 100", points = 12 }, { when = "< 80", points = 0 }]
[[tier]]
id = "excellent"
label = "Excellent"
total = ">= 90"
pay = 500
[[tier]]
id = "good"
label = "Good"
total = "75..89"
pay = 200
[[tier]]
id = "pass"
label = "Pass"
total = "60..74"
pay = 0
[[tier]]
id = "fail"
label = "Fail"
total = "< 60"
pay = -100
[[gate]]
when = { took_cash = true }
tier_at_most = "fail"
reason = "Took cash"
[[ruling]]
clause = "Grade"
conflict = "Not used."
decision = "Later."
accepts = ["unused-input inputs.grade"]
[[example]]
name = "good"
ratings = { late_arrivals = 0, absences = 0, teamwork = 9, service = 28, till_differences = 0, members = 104 }
expect = { total = 97, tier = "excellent", pay = 500 }
[[example]]
name = "late"
ratings = { late_arrivals = 1, absences = 0, teamwork = 8, service = 26, till_differences = 1, members = 99.5, took_cash = false }
expect = { total = 76, tier = "good", pay = 200, points.till = 20 }
[[example]]
name = "cash"
ratings = { late_arrivals = 0, absences = 0, teamwork = 9, service = 28, till_differences = 0, members = 104, took_cash = true }
expect = { total = 97, tier = "fail", pay = -100 }
[[example]]
name = "half"
ratings = { late_arrivals = 0.5, absences = 0, teamwork = 9, service = 28, till_differences = 0, members = 104 }
expect = { refused = ["late_arrivals"] }
"""


def cells(sheets):
    """Return sheets whose numbers are those that a reader of workbooks gives."""
    return {
        title: [tuple(Decimal(str(v)) if isinstance(v, float) else v for v in row) for row in rows]
        for title, rows in sheets.items()
    }


def test_a_form_as_people_fill_it_in_is_the_ruleset_that_they_mean():
    """Other spellings, blank rows, repeated names, numbers as text, percentages, other languages."""
    made = read(**cells(CASHIER))
    assert [] == errors(made)
    assert fingerprint(loads(RULES)) == fingerprint(made.rubric)
    assert made.text.startswith('id = "test"\n')


def test_each_spelling_that_is_not_that_of_the_language_is_shown():
    """With its cell; a band that ends one unit before the next one is extended to it."""
    made = read(**cells(CASHIER))
    assert [
        ("Items!G2", "０", "0"),
        ("Items!G3", "1~2", "1..2"),
        ("Items!I3", "10分", "10"),
        ("Items!I7", "26-30", "26..30"),
        ("Items!I8", "15～25", "15..25"),
        ("Items!L10", "0-25", "0..25"),
        ("Items!G11", "100%以上", ">= 100"),
        ("Items!G12", "80-99", "80 .. < 100"),
        ("Items!G13", "below 80", "< 80"),
        ("Data!D6", "≥ 0", ">= 0"),
        ("Tiers!B2", "90分以上", ">= 90"),
    ] == [(spot.cell, text, new) for spot, text, new in made.readings]


def test_ids_that_were_made_have_their_places():
    """Where the sheet has a column of ids; an id of the workbook stays."""
    data = [
        ("Name of the data", "Type", "Id"),
        ("Late", "count", None),
        ("Absent", "count", "away"),
    ]
    items = [("Item", "Weight", "Formula"), ("Work", 100, "max(0, 100 - Late - Absent)")]
    made = read(Data=data, Items=items, Form=[("Title", "Shop guide"), ("Ruleset id", None)])
    assert "max(0, 100 - late - away)" == made.rubric.criteria[0].formula
    assert "shop-guide" == made.rubric.id
    assert (("Form", 2, 1, "shop-guide"), ("Data", 2, 2, "late")) == made.made_ids


def test_several_gaps_are_closed_in_one_quantity_and_in_several():
    """By rounds of checks; also in a named table, and in a table of conditions."""
    data = [("Name of the data", "Type", "Allowed values"), ("Sales", "number", "0..100")]
    items = [
        ("Item", "Weight", "Data 1", "When 1", "Data 2", "When 2", "Points"),
        ("A", 50, "Sales", "90..100", None, None, 50),
        (None, None, None, "80..89", None, None, 20),
        (None, None, None, "0..79", None, None, 0),
        ("B", 50, None, None, "Sales", "50..100", 50),
        (None, None, None, None, None, "0..49", 0),
    ]
    made = read(Data=data, Items=items)
    assert [] == errors(made)
    assert ["80 .. < 90", "0 .. < 80", "0 .. < 50"] == [new for _, _, new in made.readings]


@pytest.mark.parametrize(
    ("expected", "sheets"),
    [
        ([("Tiers!C2", '"many" is not a number')], {"Tiers": [("Tier", "Total", "Pay"), ("All", ">= 0", "many")]}),
        (
            [("Tiers!B2", '"high" is neither a number nor a range')],
            {"Tiers": [("Tier", "Total"), ("A", "high"), ("B", "< 90")]},
        ),
        ([("Tiers!C2", '"10%" is a percentage')], {"Tiers": [("Tier", "Total", "Pay"), ("A", ">= 0", "10%")]}),
        ([("Data!B2", '"words" is not one of the words')], {"Data": [("Name of the data", "Type"), ("A", "words")]}),
        ([("Items!C2", '"perhaps" is neither yes nor no')], {"Items": [("Item", "Weight", "Scored"), ("A", 100, "perhaps")]}),
        ([("Form!B4", '"soon" is not a date')], {"Form": [*FORM, ("Effective until", "soon")]}),
        (
            [("Items!C2", "the cell holds the date 2027-02-01")],
            {"Items": [("Item", "Weight", "Points", "Level"), ("A", 100, date(2027, 2, 1), "x"), (None, None, "0..100", "y")]},
        ),
        ([("Other!A1", '"Other" is not a sheet of a rule workbook')], {"Other": []}),
        ([("Form!B1", "there are no items"), ("Items!A1", "the sheet has no row of headings")], {"Items": [("x", "y")]}),
        ([("Items!C1", '"Weihgt" is not a heading of this sheet')], {"Items": [("Item", "Weight", "Weihgt"), ("A", 100)]}),
        ([("Items!C1", '"Weight 2" is not')], {"Items": [("Item", "Weight", "Weight 2"), ("A", 100)]}),
        ([("Items!C1", '"Total pay of all" is not a heading')], {"Items": [("Item", "Weight", "Total pay of all"), ("A", 100)]}),
        ([("Items!C1", 'the heading "weight*" is in Items!B1 too')], {"Items": [("Item", "Weight", "weight*"), ("A", 100)]}),
        ([("Items!C2", "the cell is in a column without a heading")], {"Items": [("Item", "Weight"), ("A", 100, "?")]}),
        ([("Items!B2", 'the formula of this cell has failed: "#REF!"')], {"Items": [("Item", "Weight"), ("A", "#REF!")]}),
        ([("Items!B2", 'the cell has a formula without a value: "=50+50"')], {"Items": [("Item", "Weight"), ("A", "=50+50")]}),
        ([("Items!B3", '"50" differs from Items!B2')], {"Items": [("Item", "Weight"), ("A", 100), (None, 50)]}),
        ([("Items!A2", "the row is not below the part that it belongs to")], {"Items": [("Points", "Item", "Weight"), (5,), (None, "A", 100)]}),
        ([("Data!C3", 'the id "a" is in Data!A2 too')], {"Data": [("Name of the data", "Type", "Id"), ("A", "count", "a"), ("B", "count", "a")]}),
        ([("Data!D3", 'the id "x" is in Data!C2 too')], {"Data": [("Name of the data", "Type", "Option", "Option id"), ("A", "choice", "X", "x"), (None, None, "Y", "x")]}),
        ([("Vetoes!C2", "the condition 2 has no name")], {"Vetoes": [("Data 1", "When 1", "When 2", "Record rejected"), ("Work", "<3", 5, "yes")]}),
        ([("Vetoes!D2", '"criterion_x" is given twice')], {"Items": [("Item", "Weight", "Item id"), ("Work", 100, "criterion_x")], "Vetoes": [("Data 1", "When 1", "Data 2", "When 2", "Record rejected"), ("Work", "<3", "Work", 5, "yes")]}),
        ([("Vetoes!B2", '"Fair" is not a value of grade')], {"Data": [("Name of the data", "Type", "Option"), ("Grade", "choice", "Good")], "Vetoes": [("Data 1", "When 1", "Record rejected"), ("Grade", "Fair", "yes")]}),
        ([("Vetoes!B2", '"some" is neither a number nor a range')], {"Vetoes": [("Data 1", "When 1", "Record rejected"), ("Work", "some", "yes")]}),
        ([("Vetoes!A2", '"Work" is the name of several parts: w1, w2')], {"Items": [("Item", "Weight", "Item id"), ("Work", 50, "w1"), ("Work", 50, "w2")], "Vetoes": [("Data 1", "When 1", "Record rejected"), ("Work", 5, "yes")]}),
        ([("Examples!B2", '"Work" is the name of several parts: w1, w2')], {"Items": [("Item", "Weight", "Item id"), ("Work", 50, "w1"), ("Work", 50, "w2")], "Examples": [("Example", "Work"), ("a", 5)]}),
        ([("Examples!C2", '"work" is given twice')], {"Examples": [("Example", "Work", "work"), ("a", 5, 5)]}),
        ([("Examples!B2", "the cell has a formula without a value")], {"Examples": [("Example", "Work", "Notes"), ("a", "=5", "x")]}),
        ([("Examples!C2", "the cell is in a column without a heading")], {"Examples": [("Example", "Work"), ("a", 5, 5)]}),
    ],
)  # fmt: skip
def test_a_cell_that_cannot_be_read_is_named(expected, sheets):
    """What is wrong, at which cell; the rest is checked as well."""
    made = read(**sheets)
    found = errors(made)
    assert made.rubric is None
    assert made.text == ""
    for (cell, text), (found_cell, found_text) in zip(expected, found, strict=False):
        assert cell == found_cell
        assert text in found_text


def test_findings_of_the_rules_are_at_their_cells():
    """All together, those of cells too, in the order of the workbook; a conflict has two cells."""
    items = [
        ("Item", "Weight", "Data 1", "When 1", "Points", "Formula"),
        ("A", 60, "Late", "0..2", 60),
        (None, None, None, "2..5", 30),
        ("B", 30, None, None, None, "30 - Nobody"),
    ]
    made = read(
        Data=[("Name of the data", "Type"), ("Late", "count"), ("Unused", "cuont")], Items=items
    )
    assert [
        ("Items!A2", "weights-sum"),
        ("Items!D3", "band-gap"),
        ("Items!D3", "band-overlap"),
        ("Items!F4", "unknown-name"),
        ("Data!A3", "unused-input"),
        ("Data!B3", "value"),
    ] == sorted(
        ((f.spots[0].cell, f.code) for f in made.findings if f.severity != "note"),
        key=lambda each: (["Items", "Data"].index(each[0].split("!")[0]), each),
    )
    overlap = next(f for f in made.findings if f.code == "band-overlap")
    assert ["Items!D3", "Items!D2"] == [spot.cell for spot in overlap.spots]
    assert "x.xlsx Items!D3: error[band-overlap]: " in str(overlap)
    assert " D3 | 2..5" in str(overlap)
    wrong = next(f for f in made.findings if f.code == "value")
    assert "“cuont”不是本列可用的词：次数；数值；选项；是否；文字" == wrong.message("zh")


def test_merged_cells_have_the_value_of_the_first():
    """Below each other; beside each other, the value is that of the left column."""
    items = [
        ("Section", "Section weight", "Item", "Weight", "Data 1", "When 1", "Points"),
        ("All", 100, "A", 60, "Late", 0, 60),
        (None, None, None, None, None, "1~1", 30),
        (None, None, None, None, None, ">= 2", None),
        (None, None, "B", 40),
    ]
    merged = {"Items": [Merged(2, 5, 0), Merged(2, 4, 2), Merged(3, 4, 6), Merged(9, 12, 0)]}
    data = [("Name of the data", "Type"), ("Late", "count")]
    made = read(merged, Items=items, Data=data)
    assert [] == errors(made)
    assert [60, 30, 30] == [band.points for band in made.rubric.sections[0].criteria[0].bands]
    assert ["a", "b"] == [c.id for c in made.rubric.all_criteria]


def test_too_many_merged_cells_are_an_error():
    """They could overlap a thousand times."""
    made = read({"Items": [Merged(1, 5000, 0)] * 20}, Items=ITEMS)
    assert [("Items!A1", "the sheet has too many merged cells")] == errors(made)


def test_a_sheet_that_is_too_long_is_an_error():
    """Blank rows do not count; other columns than the first 250 are not read."""
    blank = read(Items=[*ITEMS, *[()] * 6000])
    assert [] == errors(blank)
    made = read(Items=[*ITEMS, *[()] * 5000, ("A", 3), ("B", 4)])
    assert [("Items!A5003", "a sheet of rules has at most 5000 rows")] == errors(made)


def test_a_workbook_with_more_text_than_a_ruleset_is_an_error():
    """It is not read any further, so that reading ends soon."""
    made = read(Items=[*ITEMS, *[("A", "x" * 1000)] * 600])
    assert ("Items!A1", "the workbook has more text than a ruleset may have") in errors(made)


def test_a_workbook_without_rules_has_the_findings_of_an_empty_file():
    """Also if it has no sheet of rules at all, whose findings are at no cell."""
    made = read(Form=[("Title", "x")], Items=[])
    assert "Form!B1" == made.findings[0].spots[0].cell
    empty = imported(Sheets({"Form": []}), "x.xlsx")
    assert empty.rubric is None
    assert {""} == {f.spots[0].cell for f in empty.findings}
    assert {"x.xlsx"} == {f.spots[0].file for f in empty.findings}


def test_what_no_file_can_hold_is_an_error():
    """A number of too many digits: that of the ruleset file, at its cell."""
    made = read(Items=[("Item", "Weight"), ("A", 10**30)])
    (finding,) = [f for f in made.findings if f.severity == "error"]
    assert "Items!B2" == finding.spots[0].cell


def test_more_findings_than_are_listed():
    """The last one counts the others."""
    items = [("Item", "Weight", "Formula"), *((f"I{i}", 1, f"x{i}") for i in range(300))]
    made = read(Items=items)
    assert "more" in {finding.code for finding in made.findings}
    assert [] == [f for f in made.findings if not f.spots and f.code != "more"]


def test_a_date_in_a_cell_is_a_day():
    """At midnight; a spreadsheet has days with times."""
    form = [("Title", "x"), ("Ruleset id", "x"), ("Effective from", datetime(2027, 1, 1))]  # noqa: DTZ001
    assert date(2027, 1, 1) == read(Form=form).rubric.effective_from


def test_conditions_of_several_options_and_flags():
    """In one cell, by any separator; an option by its code; a truth value of the spreadsheet."""
    made = read(
        Data=[
            ("Name of the data", "Type", "Option", "Option id"),
            ("Duty", "choice", "Done well", "a"),
            (None, None, "Done", "b"),
            (None, None, "Forgotten", "c"),
            ("Absent", "yes or no"),
        ],
        Items=[
            ("Item", "Weight", "Data 1", "When 1", "Points"),
            ("A", "60%", "Duty", "Done well、b", 60),
            (None, None, None, "forgotten", 0),
            ("B", 40, "Absent", True, 0),
            (None, None, None, "无", "40"),
        ],
        Examples=[("Example", "Duty", "Absent", "→ Total"), ("x", "DONE", False, 100)],
    )
    assert [] == errors(made)
    duty, absent = (
        [band.when.conditions[0].entries for band in c.bands] for c in made.rubric.criteria
    )
    assert ([("a", "b"), ("c",)], [(True,), (False,)]) == (duty, absent)


def test_a_value_of_another_kind_is_left_to_the_check():
    """A truth value for a number; a time in a text; a table and bands for one item."""
    wrong = read(
        Items=[("Item", "Weight"), ("Work", 100)],
        Examples=[("Example", "Work", "→ Total"), (time(8, 0), True, 3)],
    )
    (found,) = errors(wrong)
    assert "Examples!A2" == found[0]
    assert '"08:00:00"' in found[1]
    both = read(
        Items=[
            ("Item", "Weight", "Table", "Points", "Level"),
            ("Work", 100, "t", "0..50", "x"),
            (None, None, None, "51..100", "y"),
        ],
        Tables_of_bands=[("Table", "Points", "Level"), ("t", "0..100", "x")],
    )
    assert ("Items!D2", "the item has a table of bands, and bands of its own") in errors(both)


def test_a_ruleset_that_no_file_may_be_is_an_error(monkeypatch):
    """Its text is larger than kpirules reads."""
    monkeypatch.setattr("kpirules.toml.limits.MAX_VALUES", 3)
    assert [("Form!B1", "syntax")] == [(f.spots[0].cell, f.code) for f in read().findings]


def test_every_column_is_read():
    """Sections, raters, tables, computed data, pay, lists, policies, texts in two languages."""
    made = read(
        Form=[
            *FORM,
            ("Title [zh]", None),
            ("Full marks", 100),
            ("Sum of the weights", "any sum"),
            ("Step of ratings", Decimal("0.5")),
            ("Source", "Handbook"),
            ("Web address", "https://example.org"),
            ("Parts of the wage", "base; extra"),
            ("Total: limit to (clamp)", "0..100"),
            ("Total: round to", 1),
            ("Total: rounding", "四舍五入"),
            ("Least number of scored items", 1),
        ],
        Items=[
            ("Section [en]", "Section [zh]", "Item", "Weight", "If missing", "Table", "Data", "Scored", "Standard in words"),
            ("All", "全部", "A", 20, "zero points", None, None, None, "as seen"),
            (None, None, "B", 30, 5, "steps", "Rate"),
            (None, None, "Remark", None, None, None, None, "no"),
        ],
        Data=[
            ("Name of the data", "Type", "Several values", "Step", "Id", "Option"),
            ("Calls", "number", "yes", Decimal("0.5"), "calls"),
            ("Base", "number", None, None, "base"),
            ("Extra", "number", None, None, "extra"),
            ("Kind", "choice", None, None, None, "X"),
        ],
        Computed_data=[("Name of the data", "Formula", "Proved range"), ("Rate", "ratio(sum(Calls), 3, 0)", "any")],
        Raters=[("Rater", "Rater weight"), ("Self", "20%"), ("Boss", 80)],
        Tables_of_bands=[
            ("Table", "When 1", "Points"),
            ("steps", "< 3", 30),
            (None, ">= 3", 0),
        ],
        Bonus_and_deduction=[("Bonus or deduction", "Formula", "If data is missing"), ("Merit", "2 * Base", "leave it out")],
        Pay=[
            ("Result", "Formula", "Data 1", "When 1", "Value"),
            ("Bonus", "Base * Total / 100"),
            ("Word", None, "Tier", "Fine", "yes; really"),
            (None, None, None, "otherwise", 3),
        ],
        Tiers=[("Tier", "Total", "Coefficient"), ("Fine", "90..100; 50", "120%"), ("Rest", "0 .. < 50; > 50 .. < 90", 1)],
        Vetoes=[("Data 1", "When 1", "Data 2", "When 2", "Tiers down"), ("Base", "> 5", "Kind", "x", 1)],
        Examples=[
            ("Example", "calls", "A.Self", "A.boss", "Remark", "Base", "Kind", "→ derived.Rate", "→ cannot be rated"),
            ("one", "1; 2.5", 3, "4分", 5, 4, "x", "7/6"),
            ("two", "[]", None, 3, "seen", 6, "X", None, "no"),
        ],
    )  # fmt: skip
    assert [] == errors(made)
    assert EVERY == made.text
    tree = unstructure(made.rubric)
    for lang in ("en", "zh"):
        again = imported(Book(Path("x.xlsx"), rule_workbook(tree, lang)), "x.xlsx")
        assert made.rubric == again.rubric


def test_an_example_expects_a_result_by_its_label():
    """That of a formula, of any id; and the pay of tiers by the heading of their column."""
    results = [("Result", "Formula", "Id"), ("Bonus", "2 * Total", None), ("Wage", "Total", "pay")]
    examples = [("Example", "Work", "→ Bonus", "→ Wage", "→ Pay"), ("a", 50, 100, 50, None)]
    made = read(Pay=results, Examples=examples)
    (example,) = made.rubric.examples
    assert {"outcome.bonus": 100, "pay": 50} == dict(example.expect)
    tiers = [("Tier", "Total", "Pay"), ("All", ">= 0", 7)]
    made = read(Tiers=tiers, Examples=[("Example", "Work", "→ Pay"), ("a", 50, 7)])
    assert {"pay": 7} == dict(made.rubric.examples[0].expect)


def test_a_text_is_read_as_it_is_typed():
    """Also one that looks like a number."""
    made = read(
        Data=[("Name of the data", "Type"), ("Shop", "text")],
        Examples=[("Example", "Work", "Shop", "→ Total"), ("a", 50, "007", 50)],
    )
    assert "007" == dict(made.rubric.examples[0].ratings)["shop"]
