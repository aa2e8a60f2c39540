"""The language reference is complete: each key, word, function and name has an entry and an example."""

from __future__ import annotations

import re
import tomllib
from importlib.util import module_from_spec, spec_from_file_location
from typing import Literal, get_args, get_origin

import pytest

from kpirules import loads
from kpirules.api.load import check_text
from kpirules.arithmetic.rounding import MODES
from kpirules.checks.kinds import kinds as kinds_of_names
from kpirules.checks.places import placed_bands, placed_quantities, placed_rows, placed_weights
from kpirules.evaluation.examples import PREFIXES, STAGES
from kpirules.formula import FUNCTIONS
from kpirules.formula.functions import OPERATORS
from kpirules.formula.nodes import Item, OfList, Operation
from kpirules.model.formulas import is_per_item, parser_of
from kpirules.model.language import (
    ON,
    REMOVAL,
    bare_of,
    header_of,
    id_of_description,
    in_file,
    key_of,
    keys_of,
    part_of,
    types_of,
)
from kpirules.model.names import parse as parse_name
from kpirules.model.rubric import Rubric
from tests import ROOT
from tests.docs.test_documents_run import WHOLE, blocks


SCRIPT = ROOT / "docs" / "website" / "tables.py"
spec = spec_from_file_location("tables", SCRIPT)
tables = module_from_spec(spec)
spec.loader.exec_module(tables)

#: all keys of the language by id, each with its class; a quantity's once
KEYS = {
    id_of_description(cls, each.name): (cls, each)
    for cls in tables.PARTS.values()
    for each in in_file(cls)
}
PAGES = pytest.mark.parametrize("lang", tables.LANGUAGE)


def examples(lang):
    """Return the texts of all rulesets of a page, and whether each is complete by itself."""
    page = f"docs/{tables.LANGUAGE[lang]}"
    found = [(body, not title) for language, title, body, _ in blocks(page) if language == "toml"]
    assert all(WHOLE.search(body) for body, _ in found)
    return found


def used(tree, cls):
    """Yield (id of the key, value) for all keys of a file's table, and of all tables below it."""
    for key, value in tree.items():
        if key == REMOVAL.name:
            yield f"file.{key}", value
            continue
        yield id_of_description(cls, key), value
        if key == "extends" and isinstance(value, dict):
            yield from ((f"file.{inner}", v) for inner, v in value.items() if inner == ON.name)
        part = part_of(cls, key)
        if part is None or isinstance(value, str):
            continue
        if isinstance(value, dict) and header_of(part):
            parts = list(value.values())
        else:
            parts = value if isinstance(value, list) else [value]
        for each in parts:
            if isinstance(each, dict):
                yield from used(each, part)
            else:
                yield id_of_description(part, bare_of(part).name), each


def used_in(lang):
    """Return all (id of the key, value) of the examples of a page."""
    found = (used(tomllib.loads(body), Rubric) for body, _ in examples(lang))
    return [each for page in found for each in page]


def rubrics(lang):
    """Return the rubrics of the examples that extend no other."""
    return [loads(body) for body, alone in examples(lang) if alone]


def formulas(rubric):
    """Yield the trees of all formulas of a rubric."""
    formulas_of = parser_of(rubric)
    for quantity, path in placed_quantities(rubric):
        rows = (row for row, _, _ in placed_rows(quantity, path, rubric))
        for each in (quantity, *rows):
            if each.formula is not None:
                yield formulas_of.parse(each.formula, per_item=is_per_item(quantity))
    for _, text, _ in placed_weights(rubric):
        yield formulas_of.parse(text)


def operations(node):
    """Yield the operators and functions of a tree."""
    if isinstance(node, (Operation, OfList)):
        yield node.word.split()[0]
    if isinstance(node, OfList):
        yield from (word for word, _ in node.selected)
    if isinstance(node, Item):
        yield "item"
    for part in node.parts():
        yield from operations(part)


def asked(rubric):
    """Yield the names in the conditions, formulas and expectations of a rubric."""
    for quantity, path in placed_quantities(rubric):
        for band, _ in placed_bands(quantity, path, rubric):
            when = band.when
            yield from (c.name or quantity.of for c in (when.conditions if when else ()))
    yield from (c.name for gate in rubric.gates for c in gate.when.conditions)
    yield from (name for formula in formulas(rubric) for name in formula.names)
    for example in rubric.examples:
        names = [name for name, _ in example.expect]
        # behind the keys of records that are evaluated together
        yield from (name.partition(".")[2] if example.records else name for name in names)


def notation(name, rubric):
    """Return the notation under which the table of names has a name."""
    if name in STAGES:
        return name
    if name in {fact.name for fact in (*rubric.inputs, *rubric.derived)}:
        return "NAME"
    head, _, rest = name.partition(".")
    if head in {criterion.id for criterion in rubric.all_criteria}:
        return "CRITERION.RATER" if rest else "CRITERION"
    return f"{head}.ID" if rest else str(parse_name(name))


# ---------------------------------------------------------------- the examples


@PAGES
def test_each_example_is_sound_and_evaluated(lang):
    """It has worked cases, which come out, and no warning that no ruling accepts."""
    for body, alone in examples(lang):
        assert "[[example]]" in body
        found = check_text(body) if alone else ()
        assert [] == [str(f) for f in found if f.severity != "note" and not f.accepted_by], body


@PAGES
def test_each_key_is_in_an_example(lang):
    """Of each table of a file, and the two keys that only a file with ``extends`` has."""
    assert KEYS.keys() | {"file.on", "file.remove"} == {id_ for id_, _ in used_in(lang)}


def words_of(cls, name):
    """Return the words of a closed vocabulary that a key's type has."""
    field = keys_of(cls).get(name)
    found = [] if field is None else [types_of(cls)[field.name]]
    for kind in found:
        found += get_args(kind) if get_origin(kind) is not Literal else ()
    return {word for kind in found if get_origin(kind) is Literal for word in get_args(kind)}


@PAGES
def test_each_word_of_a_key_is_in_an_example(lang):
    """But the periods other than a month, and the policy that is the default."""
    values = used_in(lang)
    plain = {"rubric.period", "derived.better"}
    for id_, (cls, each) in KEYS.items():
        shown = {value for other, value in values if other == id_ and isinstance(value, str)}
        # the modes are those of the other rounding
        modes = MODES.keys() if id_ == "sharerounding.mode" else ()
        assert id_ in plain or words_of(cls, each.name) - {"error", *modes} <= shown, id_


def leaves(whens):
    """Yield the entries of conditions, and those of lists as well."""
    for when in whens:
        if isinstance(when, dict):
            yield from leaves(when.values())
        else:
            yield when
            yield from when if isinstance(when, list) else ()


@PAGES
def test_each_form_of_a_condition_is_in_an_example(lang):
    """A number, a range, an option, a flag, a list, "missing", "otherwise", an entry alone."""
    whens = [value for id_, value in used_in(lang) if id_ == "band.when"]
    assert any(isinstance(when, dict) for when in whens)
    found = [*leaves(whens), *(value for id_, value in used_in(lang) if id_ == "input.range")]
    forms = (
        0,
        True,
        "done",
        ["late", "forgotten"],
        "missing",
        "otherwise",
        "any",
        "< 0",
        "<= 4",
        "> 20",
        ">= 6",
        "5..10",
        "80 .. < 100",
        "> 10 .. 20",
        "> 0 .. < 5",
    )
    assert [] == [form for form in forms if form not in found]


@PAGES
def test_each_function_and_operator_is_in_an_example(lang):
    """And in the expectations, as an outcome."""
    found = {
        word for rubric in rubrics(lang) for f in formulas(rubric) for word in operations(f.tree)
    }
    assert FUNCTIONS.keys() | OPERATORS.keys() == found


@PAGES
def test_each_name_is_in_an_example(lang):
    """The table of names has the names that the code knows, and the examples use all of them."""
    names = tables.texts(lang)["name"].keys()
    assert {*STAGES, *(f"{head}.ID" for head in PREFIXES)} == names - {
        "NAME",
        "CRITERION",
        "CRITERION.RATER",
        "demoted.ID",
    }
    known = {notation(name, r) for r in rubrics(lang) for name in kinds_of_names(r)}
    assert known <= names
    assert names == {notation(name, r) for r in rubrics(lang) for name in asked(r)}


# ---------------------------------------------------------------- two languages


def test_both_pages_have_the_same_examples():
    """Only texts for people, and currencies, differ."""

    def plain(tree, cls):
        """Return a tree without texts for people; comments are no part of it."""
        return [
            (id_, str(value) if not re.search("[^\x00-\x7f]", str(value)) else "text")
            for id_, value in used(tree, cls)
            if not KEYS.get(id_, (None, key_of(Rubric, "label")))[1].descriptive
            and id_ not in {"rubric.currency", "example.name", "ruling.clause"}
        ]

    pages = [
        [[id_ for id_, _ in plain(tomllib.loads(body), Rubric)] for body, _ in examples(lang)]
        for lang in tables.LANGUAGE
    ]
    assert pages[0] == pages[1]


def test_each_text_of_the_tables_has_a_translation():
    """The Chinese texts are those of the keys, words, defaults, functions and modes that exist."""
    en, zh = tables.texts("en"), tables.texts("zh")
    extra = {"file.on", "file.remove"}
    assert KEYS.keys() | extra == zh["key"].keys()
    words = {id_: each.words.keys() for id_, (_, each) in KEYS.items() if each.words}
    assert words.pop("rounding.mode") == MODES.keys() == zh["mode"].keys()
    assert words == {id_: each.keys() for id_, each in zh["word"].items()}
    defaults = {id_ for id_, (_, each) in KEYS.items() if each.default}
    assert defaults | {"file.on"} == zh["default"].keys()
    assert FUNCTIONS.keys() == zh["function"].keys()
    for table in ("heading", "type", "name"):
        assert en[table].keys() == zh[table].keys(), table


def test_a_missing_translation_is_an_error(monkeypatch):
    """A key, word or function without a text cannot be left out silently."""
    texts = {**tables.texts("zh"), "key": {}, "function": {}}
    monkeypatch.setattr(tables, "texts", lambda _: texts)
    with pytest.raises(KeyError, match=r"source\.label"):
        list(tables.key_table(tables.PARTS["source"], "zh"))
    with pytest.raises(KeyError, match="min"):
        list(tables.functions("zh"))
