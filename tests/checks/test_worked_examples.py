"""Parts that no example reaches: one note for each quantity."""

from __future__ import annotations

from kpirules.api.load import check_text


TEXT = """schema = 1
id = "x"
inputs.k = { type = "choice", options = { "10" = "ten", "31" = "late" }, label = "class" }
inputs.f = { type = "flag" }
%s
[[example]]
name = "e"
ratings = { k = "10", f = true }
expect = {}
"""


def notes(criteria):
    """Give the notes about bands without an example."""
    return [f for f in check_text(TEXT % criteria) if f.code == "example-missing"]


def test_the_bands_of_one_fact_are_named_by_their_entries():
    """Without a language; with one, by the label of the band, or of what it is about."""
    (note,) = notes(
        "[[criterion]]\nid = 'a'\nweight = 100\nof = 'k'\nbands = [{ when = '10', points = 100 }, "
        "{ when = '31', points = 0 }]\n"
    )
    assert ("a.bands[1]", None) == (note.place, note.other)
    assert "1 of 2 bands has no example: 31" == note.message()
    assert "1 of 2 bands has no example: class = late" == note.message("en")
    assert "2 档中有 1 档没有样例：class = late" == note.message("zh")
    assert "add one, so that a later change of it is noticed" == note.help()


def test_several_bands_are_one_note_for_each_quantity():
    """At its bands; if they are those of a named table, with the first row as well."""
    rows = (
        '[{ when = { k = "10", f = true }, points = 50 }, { when = { k = "31", f = true }, points = 9, '
        'label = "odd" }, { when = "otherwise", points = 0 }]'
    )
    of_table = notes(
        "criterion = [{ id = 'a', weight = 50, bands = 't' }, { id = 'b', weight = 50, bands = 't' }]\n"
        f"bands.t.rows = {rows}\n"
    )
    assert ["a.bands", "b.bands"] == [note.place for note in of_table]
    assert {("bands", "t", "rows", 1)} == {note.other for note in of_table}
    (own,) = notes(f"criterion = [{{ id = 'a', weight = 100, scale = 50, bands = {rows} }}]\n")
    assert ("a.bands", None) == (own.place, own.other)
    assert "2 of 3 bands have no example: k = 31, f = true; otherwise" == own.message()
    assert own.message("en").startswith("2 of 3 bands have no example: odd; ")
    assert "add some, so that a later change of them is noticed" == own.help()


def test_an_example_says_nothing_of_records_that_it_does_not_name():
    """One that names none says that each record has a result."""
    text = """
schema = 1
id = "x"
inputs.place = { type = "count", cohort = { rank = "total", ties = "refuse" } }
criterion = [{ id = "work", weight = 100 }]
outcome.used = { formula = "place" }
example = [{ name = "tied", records = { A = { work = 1 }, B = { work = 1 } }, expect = { %s } }]
"""
    assert [] == examples_that_fail(text % "A = { refused = ['place'] }")
    (both,) = examples_that_fail(text % "")
    assert ("A: record" in both, "B: record" in both) == (True, True)


def examples_that_fail(text):
    """Give the messages of the findings about examples."""
    return [f.message() for f in check_text(text) if f.code == "example-fails"]
