"""Names in a workbook: labels, ids, and formulas."""

from __future__ import annotations

import pytest

from kpirules.rulebook.names import Index, Known, Names, make_id
from kpirules.translations.message import MessageError


@pytest.fixture
def names():
    """Return some names: a fact and an item of the same label, and others."""
    made = Names()
    made.add("inputs", Known(id="late", labels={"en": "Late arrivals", "zh": "迟到次数"}))
    made.add("inputs", Known(id="sales", labels={"": "Sales"}))
    made.add("derive", Known(id="rate", labels={"": "Rate of errors"}))
    made.add("derive", Known(id="odd", labels={"": "a - b"}))
    made.add("criterion", Known(id="sales_item", labels={"": "Sales"}))
    made.add("criterion", Known(id="first", labels={"": "Twice"}))
    made.add("criterion", Known(id="second", labels={"": "twice "}))
    made.add("criterion", Known(id="service", labels={"": "Service"}, kind="rating"))
    made.add("section", Known(id="work", labels={"": "Work done"}))
    made.add("raters", Known(id="boss", labels={"": "Superior"}))
    made.add("outcome", Known(id="bonus", labels={"": "Extra"}))
    return made


@pytest.mark.parametrize(
    ("expected", "text"),
    [
        ("late", "late"),
        ("late", "LATE  arrivals"),
        ("late", "迟到次数"),
        ("sales", "Sales"),
        ("sales_item", "points.sales_item".removeprefix("points.")),
        ("points.sales_item", "points.Sales"),
        ("total", "Total"),
        ("total", "总分"),
        ("outcome.pay", "绩效工资"),
        ("missing", "missing"),
        ("subtotal.work", "subtotal.Work done"),
        ("outcome.bonus", "outcome.Extra"),
        ("service.boss", "Service.Superior"),
        (None, "Nobody"),
        (None, "points.Nobody"),
        (None, "Service.Nobody"),
    ],
)
def test_a_name_is_an_id_or_a_label(names, expected, text):
    """In any language; data comes before items; computed names have the labels of their parts."""
    assert expected == names.id_of(text)


def test_a_label_of_two_parts_is_ambiguous(names):
    """The message names the ids."""
    with pytest.raises(MessageError, match='"Twice" is the name of several parts: first, second'):
        names.id_of("Twice")


@pytest.mark.parametrize(
    ("expected", "name"),
    [
        ("迟到次数", "late"),
        ("Sales", "sales"),
        ("sales_item", "sales_item"),
        ("points.Sales", "points.sales_item"),
        ("points.first", "points.first"),
        ("总分", "total"),
        ("first", "first"),
        ("raw_total", "raw_total"),
        ("subtotal.Work done", "subtotal.work"),
        ("nobody", "nobody"),
    ],
)
def test_a_label_is_written_if_it_is_read_as_the_name(names, expected, name):
    """Else the id."""
    assert {"raw_total": "各项合计"}.get(name, expected) == names.text_of(name, "zh")


def test_a_label_that_an_own_word_has_is_not_written():
    """Another fact has the label of the total, so that its own label finds the fact."""
    names = Names()
    names.add("inputs", Known(id="x", labels={"": "Total"}))
    names.add("inputs", Known(id="y", labels={"": "Service.Boss"}))
    names.add("inputs", Known(id="z", labels={"": "Sum"}))
    names.add("derive", Known(id="zz", labels={"": "Sum of the lines"}))
    names.add("derive", Known(id="zzz", labels={"": "Sum of the lines"}))
    assert ["total", "Total", "raw_total"] == [
        names.text_of(n, "en") for n in ("total", "x", "raw_total")
    ]


def test_a_label_without_the_language_is_not_written():
    """Nor one with blanks around it, nor one that is an id."""
    index = Index(
        [
            Known(id="a", labels={"en": "A label"}),
            Known(id="b", labels={"": " b "}),
            Known(id="c", labels={"": "a"}),
        ]
    )
    assert ["a", "b", "c", "d"] == [index.written(name, "zh") for name in "abcd"]


@pytest.mark.parametrize(
    ("ids", "labels"),
    [
        ("25 - 5 * late", "25 - 5 * 迟到次数"),
        ("min(sales, 100) / rate", "min(Sales, 100) / Rate of errors"),
        ("points.sales_item + total", "points.Sales + 总分"),
        ("subtotal.work * 2", "subtotal.Work done * 2"),
        ('round(sales, 1, "floor")', 'round(Sales, 1, "floor")'),
        ("odd + points.first", "odd + points.first"),
        ("nobody + outcome.bonus", "nobody + outcome.Extra"),
    ],
)
def test_a_formula_has_labels_in_place_of_ids(names, ids, labels):
    """Those that consist of words, and are read back."""
    assert (labels, ids) == (names.of_formula(ids, "zh"), names.in_formula(labels))


@pytest.mark.parametrize(
    ("expected", "text"),
    [
        ("late*2", "迟到次数*2"),
        ("rate + 1", "rate  of\nerrors + 1"),
        ("points . 3", "points . 3"),
        ("points.", "points."),
        ("late2 + x.late", "late2 + x.late"),
        ("1e3", "1e3"),
        ("迟到次数" * 10_000, "迟到次数" * 10_000),
        ("max(0, min(late, 3)) + ROUND(late, 2)", "MAX(0, MIN(late, 3)) + ROUND(late, 2)"),
    ],
)
def test_labels_in_a_formula(names, expected, text):
    """The longest one; blanks do not matter; a part of a word is not a label."""
    assert expected == names.in_formula(text)


def test_an_ambiguous_label_in_a_formula_is_an_error(names):
    """As in any other cell."""
    with pytest.raises(MessageError):
        names.in_formula("Twice + 1")


@pytest.mark.parametrize(
    ("expected", "labels", "by"),
    [
        ("late_arrivals", {"zh": "迟到", "en": "Late arrivals"}, "_"),
        ("till_5_differences", {"": "Till: 5 differences!"}, "_"),
        ("_5s_check", {"": "5S check"}, "_"),
        ("chidaocishu", {"zh": "迟到次数"}, "_"),
        ("good-one", {"": "Good one"}, "-"),
        ("cafe", {"": "Café"}, "_"),
        ("part", {"": "きろく"}, "_"),
        ("part", {}, "_"),
        ("total_2", {"": "Total"}, "_"),
        ("taken_3", {"": "Taken"}, "_"),
        ("a" * 40, {"": "a" * 60}, "_"),
    ],
)
def test_ids_are_made_of_labels(expected, labels, by):
    """English first; Chinese in pinyin; a reserved word, or a taken id, gets a number."""
    assert expected == make_id(labels, {"taken", "taken_2"}, "part", by)


def test_words_of_expectations_have_labels(names):
    """In any language."""
    assert ["pay", "unratable", "refused", None] == [
        names.expected(text) for text in ("pay", "无法评定", "Inputs of the rejection", "total")
    ]


def test_the_rating_of_a_rater_is_known_by_its_item(names):
    """A derived fact also by its name in expectations; an unknown name is not known."""
    wanted = ("service.boss", "late", "derived.rate", "nobody")
    assert ("service", "late", "rate", None) == tuple(
        known and known.id for known in map(names.known, wanted)
    )
