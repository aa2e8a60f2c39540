"""Tables by two facts (``across``): one decision table, with the second fact as one more condition."""

from __future__ import annotations

from decimal import Decimal

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kpirules import Band, Criterion, dumps, evaluate, evaluate_frame, load, loads
from kpirules.api.load import check_text
from kpirules.arithmetic.range import Range
from kpirules.errors import ModelError, RulesetError
from kpirules.model.quantity import Cells
from kpirules.sheets.form_builder import blank
from kpirules.testing.record_strategies import records
from tests.language.test_stages import found, score


FACTS = """
full_marks = 30
[inputs.education]
type = "choice"
options = { school = "School", degree = "Degree", none = "None" }
[inputs.spouse]
type = "flag"
label = { en = "With spouse", zh = "随行配偶" }
[inputs.years]
type = "count"
range = "0..40"
"""
ITEM = '[[criterion]]\nid = "edu"\nweight = 30\nof = "education"\nacross = "%s"\nbands = [%s]\n'


def table(across, *bands):
    """Return a criterion by education and a second fact."""
    return FACTS + ITEM % (across, ", ".join(f"{{ {band} }}" for band in bands))


BY_SPOUSE = table(
    "spouse",
    'when = "school", points = { true = 28, false = 30 }, label = "School"',
    'when = "degree", points = { true = 10, otherwise = 20 }',
    'when = "none", points = 5',
)


@pytest.mark.parametrize(
    ("education", "spouse", "points"),
    [
        ("school", True, 28),
        ("school", False, 30),
        ("degree", True, 10),
        ("degree", False, 20),
        ("none", True, 5),
        ("none", False, 5),
    ],
)
def test_both_facts_pick_the_cell(education, spouse, points):
    """Otherwise is for the options without an entry; a plain value is for all."""
    result = score(BY_SPOUSE, education=education, spouse=spouse)
    assert points == result.total


def test_the_reason_names_both_facts():
    """Rows are counted cell by cell; the condition and the explanation have both facts."""
    result = score(BY_SPOUSE, education="degree", spouse=False)
    (line,) = result.lines
    assert (3, "education = degree, spouse = false") == (line.band, str(line.condition))
    assert {"education": "degree", "spouse": False} == line.inputs
    assert "With spouse = no" in result.explain("en")
    assert "随行配偶 = 否" in result.explain("zh")


NUMBERS = table(
    "years",
    'when = "school", points = { 0 = 0, "1..4" = 15, ">= 5" = 20 }',
    'when = "otherwise", formula = { "0..4" = "2 * years", otherwise = "10" }',
)


@pytest.mark.parametrize(
    ("education", "years", "points"),
    [("school", 0, 0), ("school", 4, 15), ("school", 40, 20), ("none", 4, 8), ("degree", 5, 10)],
)
def test_the_second_fact_may_be_a_number(education, years, points):
    """Cells are for numbers and ranges; the band for all other values of the first fact has cells too."""
    assert points == score(NUMBERS, education=education, years=years).total


@pytest.mark.parametrize(
    ("text", "record", "expected"),
    [
        # a named table
        (
            FACTS
            + '[bands.t]\nrows = [{ when = "school", points = { true = 1, false = 2 } }, { when = "otherwise", points = 3 }]\n'
            + '[[criterion]]\nid = "edu"\nweight = 30\nof = "education"\nacross = "spouse"\nbands = "t"\n',
            {"education": "school", "spouse": False},
            {"total": 2},
        ),
        # without "of": the condition names the first fact
        (
            table("spouse", 'when = { education = ["school", "none"] }, points = { true = 1, false = 2 }', 'when = { education = "degree" }, points = 3').replace('of = "education"\n', ""),
            {"education": "none", "spouse": True},
            {"total": 1},
        ),
        # ratings within the cell
        (
            table("spouse", 'when = "school", points = { true = "0..10", false = "5..30" }', 'when = "otherwise", points = 3'),
            {"education": "school", "spouse": False, "edu": 29},
            {"total": 29},
        ),
        # derived facts, texts, outcomes, tiers
        (
            FACTS
            + '[derive.kind]\nof = "education"\nacross = "years"\nbands = [{ when = "school", value = { "< 3" = "new", otherwise = "old" } }, { when = "otherwise", value = "other" }]\n'
            + '[derive.rate]\nof = "kind"\nacross = "spouse"\nbands = [{ when = ["new", "old"], value = { true = 2, false = 3 } }, { when = "otherwise", formula = { true = "min(years, 9)", false = "1" } }]\n'
            + '[[criterion]]\nid = "a"\nweight = 30\nformula = "rate"\n'
            + '[[tier]]\nid = "low"\ntotal = "< 3"\n[[tier]]\nid = "high"\ntotal = ">= 3"\n'
            + '[outcome.word]\nof = "tier"\nacross = "kind"\nbands = [{ when = "low", value = { new = "A", old = "B", other = "C" } }, { when = "high", value = { otherwise = "D" } }]\n'
            + '[outcome.money]\nof = "outcome.word"\nacross = "points.a"\nbands = [{ when = ["A", "B"], value = { "<= 2" = 10, otherwise = 20 } }, { when = "otherwise", value = 0 }]\n',
            {"education": "school", "spouse": True, "years": 3},
            {"total": 2, "word": "B", "money": 10},
        ),
        # an answer for what is missing, in the cells
        (
            table("spouse", 'when = "school", points = { true = 1, false = 2, missing = 9 }', 'when = "otherwise", points = { otherwise = 3, missing = 8 }'),
            {"education": "degree"},
            {"total": 8},
        ),
        # an adjustment
        (
            FACTS
            + 'criterion = []\n[[criterion]]\nid = "a"\nweight = 30\n[total]\nclamp = "0..30"\n'.replace("criterion = []\n", "")
            + '[[adjust]]\nid = "plus"\nof = "education"\nacross = "spouse"\nbands = [{ when = "none", points = { true = 1, false = 2 } }, { when = "otherwise", points = 0 }]\n',
            {"education": "none", "spouse": False, "a": 10},
            {"total": 12},
        ),
    ],
)  # fmt: skip
def test_it_works_wherever_bands_do(text, record, expected):
    """In every quantity, with points, ranges of ratings, values, texts and formulas."""
    result = score(text, **record)
    every = {"total": result.total} | {step.name: step.value for step in result.verdict.outcomes}
    assert expected == {name: every[name] for name in expected}


def test_a_record_without_the_second_fact_is_rejected():
    """Its problem names the fact."""


# ---------------------------------------------------------------- check


def errors(text):
    """Return (code, place, message, witness) of the errors in a text."""
    return [
        (f.code, f.place, f.message(), dict(f.witness))
        for f in check_text(f'schema = 1\nid = "x"\n{text}')
        if f.severity == "error"
    ]


def test_an_option_without_an_entry_is_named_by_both_facts():
    """The witness has the first fact and the second."""
    text = BY_SPOUSE.replace("true = 10, otherwise = 20", "true = 10")
    assert [
        (
            "band-gap",
            "edu.bands",
            'no band of "edu" matches these facts',
            {"education": "degree", "spouse": False},
        )
    ] == errors(text.replace("criterion.edu", "edu"))


def test_cells_that_overlap_are_named_by_both_facts():
    """At the second cell, beside the first."""
    text = NUMBERS.replace('">= 5" = 20', '">= 4" = 20')
    ((code, place, _, witness),) = errors(text)
    assert ("band-overlap", {"education": "school", "years": 4}) == (code, witness)
    assert place.endswith("edu.bands[0].points.>= 4")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            table("spuse", 'when = "school", points = { true = 28, false = 30 }', 'when = "otherwise", points = 5'),
            [("unknown-name", "edu.across", 'there is no input "spuse"; did you mean "spouse"?')],
        ),
        (
            table("education", 'when = "school", points = { school = 2, otherwise = 3 }', 'when = "otherwise", points = 5'),
            [("value", "edu.across", '"education" is the name in of as well as in across; name another fact in across')],
        ),
        (
            BY_SPOUSE.replace('across = "spouse"\n', ""),
            [("value", "edu.bands[0].points", 'this band has a table of values, but the quantity has no across; name the second fact: across = "..."')],
        ),
        (
            table("spouse", 'when = { education = "school", spouse = true }, points = { true = 2, false = 3 }', 'when = "otherwise", points = 5').replace('of = "education"\n', ""),
            [("value", "edu.bands[0].when", 'the name in across, "spouse", is also in the condition of this band; remove it from the condition: the entries of the table are its conditions')],
        ),
        (
            table("spouse", 'when = { education = "school" }, points = 4', 'when = "otherwise", points = { true = 2, false = 3 }').replace('of = "education"\n', ""),
            [("value", "edu.bands[1].when", 'a table of values for otherwise: bands may depend on no other name than that in of then; write of = "..." and its entry in each band, or a value in place of the table')],
        ),
        (
            table("spouse", 'when = "school", points = { true = 28, false = 30, otherwise = 2 }', 'when = "otherwise", points = 5'),
            [("band-unreachable", "edu.bands[0].points.otherwise", 'otherwise, but each value of "spouse" has an entry of its own; delete the band, or correct its condition')],
        ),
        (
            table("spouse", 'points = { true = "0..10", false = "0..5" }', 'points = { true = "11..30", false = "6..30" }').replace('of = "education"\n', ""),
            [("value", "edu.bands[0]", 'the band has no "when"')],
        ),
        (
            table("years", 'when = "school", points = { lots = 28, otherwise = 30 }', 'when = "otherwise", points = 5'),
            [("value", "edu.bands[0].points.lots", None)],
        ),
        (
            table("spouse", 'when = "school", formula = { true = "2 +", false = "yeers" }', 'when = "otherwise", points = 5'),
            [("value", "edu.bands[0].formula.true", None), ("unknown-name", "edu.bands[0].formula.false", None)],
        ),
        (
            BY_SPOUSE.replace('across = "spouse"', 'across = "education"').replace('of = "education"', 'of = "spouse"').replace("true = 28", "scool = 28"),
            [("value", "edu.bands[0].points.scool", '"scool" is not a value of education; did you mean "school"?')],
        ),
    ],
)  # fmt: skip
def test_a_mistake_is_named_with_its_place(text, expected):
    """Unknown facts and options, tables without rows, formulas of cells; in both languages."""
    found_ = {
        (f.code, f.place): f
        for f in check_text(f'schema = 1\nid = "x"\n{text}')
        if f.severity == "error"
    }
    for code, place, message in expected:
        finding = found_[code, place]
        assert message is None or f"{finding.message()}; {finding.help()}".startswith(message)
        assert finding.spots
        assert finding.message("zh")


def test_points_of_a_cell_out_of_range_are_found_at_the_cell():
    """With a witness of both facts, as a formula that divides by zero."""
    ((code, place, _, witness),) = errors(BY_SPOUSE.replace("true = 28", "true = 31"))
    assert ("points-out-of-range", {"education": "school", "spouse": True}) == (code, witness)
    assert place.endswith("edu.bands[0].points.true")
    text = NUMBERS.replace('"2 * years"', '"8 / years"')
    ((code, place, _, witness),) = errors(text)
    assert ("division-by-zero", {"education": "degree", "years": 0}) == (code, witness)
    assert place.endswith("edu.bands[1].formula.0..4")


@pytest.mark.parametrize(
    ("cells", "reason"),
    [
        ('{ true = "28", false = 2 }', "points.true"),
        ("{}", "points"),
        ("{ true = [1] }", "points.true"),
        ("{ true = { false = 1 } }", "points.true"),
        ('{ true = 1979-05-27, false = "3..1" }', "points.false"),
    ],
)
def test_values_of_cells_are_as_strict_as_others(cells, reason):
    """A number in quotes, an empty table, lists and dates are errors at the cell."""
    text = table("spouse", f'when = "school", points = {cells}', 'when = "otherwise", points = 5')
    with pytest.raises(RulesetError) as caught:
        loads(f'schema = 1\nid = "x"\n{text}')
    assert any(f.place.endswith(f"edu.bands[0].{reason}") for f in caught.value.findings)


def test_texts_are_not_points_of_a_total_and_ranges_are_for_ratings():
    """In cells as in bands."""
    text = FACTS + '[[criterion]]\nid = "a"\nweight = 30\n[total]\nof = "education"\nacross = "spouse"\nbands = [{ when = "school", value = { true = "x", false = 1 } }, { when = "otherwise", value = 2 }]\n'  # fmt: skip
    assert ("value", "total.bands[0].value.true") in [e[:2] for e in errors(text)]
    text = FACTS + '[[criterion]]\nid = "a"\nweight = 30\n[[adjust]]\nid = "b"\nof = "education"\nacross = "spouse"\nbands = [{ when = "school", points = { true = "1..2", false = 1 } }, { when = "otherwise", points = 2 }]\n'  # fmt: skip
    assert ("value", "adjust.b.bands[0].points.true") in [e[:2] for e in errors(text)]


def test_a_table_of_too_many_cells_is_too_large():
    """All cells count, each time that a named table is used; nothing is computed for them."""
    options = [f"o{i}" for i in range(50)]
    cells = ", ".join(f"{option} = 1" for option in options)
    rows = ", ".join(f'{{ when = "{o}", points = {{ {cells} }} }}' for o in options)
    items = "".join(
        f'[[criterion]]\nid = "c{i}"\nweight = 10\nof = "a"\nacross = "b"\nbands = "t"\n'
        for i in range(10)
    )
    text = (
        f'[inputs.a]\ntype = "choice"\noptions = {options}\n[inputs.b]\ntype = "choice"\n'
        f"options = {options}\n[bands.t]\nrows = [{rows}]\n{items}"
    )
    assert ["too-large"] == [code for code, *_ in errors(text)]


# ---------------------------------------------------------------- files, forms, frames


def test_a_file_is_written_and_read_back():
    """The table of values remains a table, with ranges as keys and values."""
    for text in (BY_SPOUSE, NUMBERS):
        rubric = loads(f'schema = 1\nid = "x"\n{text}')
        assert rubric == loads(dumps(rubric))
    text = dumps(loads(f'schema = 1\nid = "x"\n{NUMBERS}'))
    assert 'points = { 0 = 0, "1..4" = 15, ">= 5" = 20 }' in text


def test_python_takes_a_table_as_a_dict():
    """Of numbers, ranges or their texts; or the cells of another band."""
    band = Band(when="school", points={"true": 3, "false": "0..2"})
    cells = Cells(by_entry=(("true", 3), ("false", Range.closed(0, 2))))
    assert cells == band.points
    assert band == Band(when="school", points=cells)
    with pytest.raises(ModelError, match="empty table"):
        Band(when="school", points={})
    with pytest.raises(ModelError, match=r"points\.a"):
        Criterion(id="c", weight=1, bands=[Band(when="x", points={"a": "no"})])


def test_extends_replaces_a_table_with_its_second_fact(tmp_path):
    """A new way to the points leaves no across behind."""
    folder = tmp_path / "base"
    folder.mkdir()
    (folder / "2027-01-01.rubric.toml").write_text(
        f'schema = 1\nid = "base"\neffective_from = 2027-01-01\n{BY_SPOUSE}', encoding="utf-8"
    )
    other = tmp_path / "other"
    other.mkdir()
    (other / "2027-01-01.rubric.toml").write_text(
        'schema = 1\nid = "other"\neffective_from = 2027-01-01\nextends = "base"\n'
        '[[criterion]]\nid = "edu"\nformula = "min(years, 30)"\n',
        encoding="utf-8",
    )
    (item,) = load("other", on="2027-02-01", folders=[tmp_path]).criteria
    assert (None, None, "min(years, 30)") == (item.of, item.across, item.formula)


def test_a_form_names_both_facts():
    """Also beside the label, which is that of all cells of a band."""
    (part,) = blank(loads(f'schema = 1\nid = "x"\n{BY_SPOUSE}'), lang="en").parts
    (item,) = part.items
    assert [
        ("28", "School (With spouse = yes)"),
        ("30", "School (With spouse = no)"),
        ("10", "education = Degree, With spouse = yes"),
        ("20", "education = Degree, With spouse = no"),
        ("5", "education = None"),
    ] == [(level.points, level.text) for level in item.levels]


def test_cells_without_a_step_are_the_rest_of_the_range():
    """Of a count whole numbers, of a number ranges within its own."""
    text = NUMBERS.replace('"1..4" = 15, ">= 5" = 20', '"1..4" = 15, otherwise = 20')
    item = blank(loads(f'schema = 1\nid = "x"\n{text}'), lang="en").parts[0].items[0]
    assert "education = School, years = 5..40" == item.levels[2].text
    other = text.replace('type = "count"', 'type = "number"').replace("0 = 0", '"< 1" = 0')
    item = blank(loads(f'schema = 1\nid = "x"\n{other}'), lang="en").parts[0].items[0]
    assert "education = School, years > 4 .. 40" == item.levels[2].text


STREAK = 'inputs.days = { type = "flag", many = true }\nderive.n = { of = "days", run = true }\n'
DOUBLE = 'inputs.pairs = { type = "count" }\nderive.n = { formula = "2 * pairs" }\n'
KIND = 'inputs.kind = { type = "choice", options = ["a", "b"] }\n'


@pytest.mark.parametrize("fact", [STREAK, DOUBLE], ids=["a run", "a formula"])
@pytest.mark.parametrize(
    "way",
    [
        'of = "kind"\nacross = "n"\nbands = [{ when = "b", value = 4 }, '
        '{ when = "a", value = { 0 = 1, "2..4" = 2, otherwise = 3 } }]',
        'of = "n"\nacross = "kind"\nbands = [{ when = 0, value = 1 }, { when = "2..4", value = 2 }, '
        '{ when = "otherwise", value = { a = 3, b = 4 } }]',
    ],
    ids=["otherwise across", "otherwise of"],
)
def test_otherwise_over_a_computed_number_is_not_between_its_steps(fact, way):
    """Nobody wrote "more than 0, to less than 2": it is what the other entries leave."""
    assert not found(f"{KIND}{fact}[outcome.x]\n{way}")


@pytest.mark.parametrize("written", ['"1.2..1.8" = 2, otherwise = 1', '"1.2..1.8" = 2, ">= 0" = 1'])
def test_a_written_entry_between_the_steps_is_found(written):
    """Also beside ``otherwise``."""
    bands = f'bands = [{{ when = ["a", "b"], value = {{ {written} }} }}]'
    every = found(f'{KIND}{STREAK}[outcome.x]\nof = "kind"\nacross = "n"\n{bands}')
    assert any(each.startswith("off-step: ") for each in every)


def test_the_reason_has_no_word_of_the_language_where_nothing_is_asked():
    """``otherwise`` alone stands for any number of the second fact; an empty list is shown too."""
    across = (
        'of = "kind"\nacross = "n"\nbands = [{ when = ["a", "b"], points = { otherwise = 3 } }]'
    )
    text = f'{KIND}{STREAK}[[criterion]]\nid = "w"\nweight = 100\n{across}'
    result = score(text, kind="a", days=[])
    assert "n = 0 (any number)" in result.explain("en")
    assert "n = 0 (任意数)" in result.explain("zh")
    (derived,) = result.to_dict("zh")["derived"]
    assert derived["text"]["reason"] == "days = [] (是)"


@given(st.data())
def test_a_frame_has_the_results_of_records(data):
    """Column by column, for random records of both tables."""
    text = data.draw(st.sampled_from([BY_SPOUSE, NUMBERS]))
    rubric = loads(f'schema = 1\nid = "x"\n{text}')
    rows = data.draw(st.lists(records(rubric), min_size=1, max_size=4))
    names = [fact.name for fact in rubric.inputs] + ["edu"]
    frame = pl.DataFrame(
        {
            name: [None if row.get(name) is None else str(row[name]).lower() for row in rows]
            for name in names
        },
        schema=dict.fromkeys(names, pl.String),
    )
    made = evaluate_frame(rubric, frame)
    assert [evaluate(rubric, row).total for row in rows] == [
        Decimal(total) for total in made["total"]
    ]


def test_found_is_empty_for_sound_tables():
    """But for the facts that only one of them uses."""
    assert ['unused-input: the input "years" is not used'] == found(BY_SPOUSE)
    assert ['unused-input: the input "spouse" is not used'] == found(NUMBERS)[1:]


def test_a_second_fact_that_no_band_has_values_by_is_a_warning():
    """It does nothing."""
    text = table("spouse", 'when = "school", points = 4', 'when = "otherwise", points = 5')
    assert "unused-name: across, but no band has a table of values by it" in found(text)
    assert 4 == score(text, education="school").total
