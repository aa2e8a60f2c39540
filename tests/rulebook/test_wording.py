"""Findings about a workbook name its sheets, columns and words, and no key of a ruleset file."""

from __future__ import annotations

import re

import pytest
from hypothesis import given

from kpirules.diagnostics.finding import Finding
from kpirules.model.language import keys_of
from kpirules.model.rubric import Rubric
from kpirules.rulebook.layout import SHEETS
from kpirules.rulebook.wording import in_workbook
from kpirules.rulebook.workbook import rule_workbook
from kpirules.rulebook.writer import tables_of
from kpirules.testing.mutations import unsound_rubrics
from kpirules.toml.converter import unstructure
from kpirules.translations.catalog import languages, texts
from kpirules.translations.message import Keyword, Message
from tests.drawing import share
from tests.rulebook.sheets import opened, read


#: the keys of parts that a workbook can hold
KEYS = {step for sheet in SHEETS for _, column in sheet.columns for step in column.key.split(".")}
KEYS |= {level.key for sheet in SHEETS for level in sheet.levels} | {*keys_of(Rubric)}
KEYS -= {"", "id"}
#: what only a ruleset file has: keys in quotes or before "=", headers, inline tables, and the words
#: for parts that workbooks name otherwise
IN_FILES = re.compile(
    r"\[\[|\{ |\"(?:" + "|".join(sorted(KEYS)) + r")\"|\b(?:" + "|".join(sorted(KEYS)) + r") = "
    r"|\bscored = |\b[a-z]+_[a-z_]+\b|(?<!rounding )in quotes|加引号"
    r"|\b(?:criterion|criteria|gates?|derived|adjustments?|rulings?|inputs?|outcomes?|facts?|bands?)\b"
    r"|红线条款|推算的事实|样例|（section）|（label）|（outcome）|（choice）|规则语言"
)  # fmt: skip
#: of texts between braces, values; and what is called so in workbooks too
FINE = re.compile(r"\{[a-z_]+\}|tables? of bands|不加引号")

#: the groups of texts that findings show
GROUPS = (
    *("advice", "allowed", "finding", "finding-part", "formula", "formula-help"),
    *("part", "range-text", "too-large", "value"),
)
#: about parts without a cell, other files, or Python
ELSEWHERE = re.compile(
    "cohort|quota|histor|across|curve|tally|share|group|gathered|window|misfiled|version|bases"
    "|unknown-key|unknown-ruleset|cells?$|not-rising|not-data|not-json|example-(?:forms|common)"
    "|period|cycle_then|check-failed|value.(?:pairs|part|key|schema|id_ruleset|remove|absent"
    "|otherwise_entry|past-result|point|name-twice)"
)
#: a cell that does not have such a value is reported before the rules are checked
READ_BEFORE = re.compile(
    r"value\.(?:number|whole|date|list|table|label|options|word|rounding)|finding\.unreadable"
    r"|formula\.(?:choice|percent)|allowed\.round-to|finding\.missing-key_schema|advice\.missing-key_schema"
)


def shown_texts(lang):
    """Yield the key and each form of the texts that a finding about a workbook can show."""
    known = texts(lang)
    for key, text in known.items():
        group, _, rest = key.partition(".")
        if group not in GROUPS or ELSEWHERE.search(key) or READ_BEFORE.match(key):
            continue
        used = known.get(f"{group}-workbook.{rest}", text)
        yield from ((key, form) for form in ([used] if isinstance(used, str) else used.values()))


@pytest.mark.parametrize("lang", languages())
def test_no_text_about_a_workbook_has_words_of_ruleset_files(lang):
    """Every text of findings that a workbook can have, whether a test plants its defect or not."""
    found = [(k, t) for k, t in shown_texts(lang) if IN_FILES.search(FINE.sub("", t))]
    assert [] == found


def test_every_text_for_workbooks_replaces_another():
    """It has no values that the other does not have, but for the names that are filled in."""
    for lang in languages():
        known = texts(lang)
        for key in known:
            group, _, rest = key.partition(".")
            if not group.endswith("-workbook"):
                continue
            assert f"{group.removesuffix('-workbook')}.{rest}" in known
            names = re.findall(r"\{([a-z_]+)\}", str(known[key]))
            plain = str(known[f"{group.removesuffix('-workbook')}.{rest}"])
            for name in names:
                head, _, column = name.partition("_")
                filled = f"rulebook-{head}.{column.replace('_', '-')}"
                assert f"{{{name}}}" in plain or filled in known, (key, name)


def lines(made):
    """Return what is shown of findings in all languages, without the values of witnesses."""
    return [f"{f.message(lang)} | {f.help(lang)}" for f in made.findings for lang in languages()]


COUNT = [("Name of the data", "Type", "Better is"), ("Late", "count", "lower")]
BANDED = ("Item", "Weight", "Data 1", "When 1", "Points", "Formula")


@pytest.mark.parametrize(
    ("code", "english", "sheets"),
    [
        ("weights-sum", 'write 90 into "Full marks"', {"Items": [("Item", "Weight"), ("A", 90)]}),
        (
            "band-gap",
            "no row of “Attendance”",
            {"Data": COUNT, "Items": [BANDED, ("Attendance", 100, "Late", "0", 100), (None, None, None, ">= 2", 0)]},
        ),
        (
            "not-monotone",
            'correct the points, or "Better is" of Late',
            {"Data": COUNT, "Items": [BANDED, ("Attendance", 100, "Late", "0", 0), (None, None, None, ">= 1", 100)]},
        ),
        (
            "points-out-of-range",
            'fill in "Limit to (clamp)", or "Proved range"',
            {"Data": COUNT, "Items": [BANDED, ("A", 100, None, None, None, "100 - Late")]},
        ),
        (
            "value",
            'a row needs "Points" or "Formula"',
            {"Data": COUNT, "Items": [BANDED, ("A", 100, "Late", "0", 100, "3"), (None, None, None, ">= 1", 0)]},
        ),
        (
            "value",
            "the row has no condition, but other rows of its item have one",
            {"Data": COUNT, "Items": [BANDED, ("A", 100, "Late", "0", 100), (None, None, None, None, 0)]},
        ),
        ("value", 'the column "Option"', {"Data": [("Name of the data", "Type"), ("Grade", "choice")]}),
        ("value", '"Step" is for data of type "count" or "number"; these are of type "choice"', {"Data": [("Name of the data", "Type", "Step", "Option"), ("Grade", "choice", 5, "Good")]}),
        ("missing-key", '"Type" is missing', {"Data": [("Name of the data", "Type"), ("Late", None)]}),
        ("unused-input", 'use them in a column "Data"', {"Data": COUNT}),
        ("unknown-name", "there is no data", {"Data": COUNT, "Items": [BANDED, ("A", 100, "Later than", "0", 100), (None, None, None, ">= 1", 0)]}),
        ("value", 'fill in "Pay" for all tiers', {"Tiers": [("Tier", "Total", "Pay"), ("A", ">= 50", 3), ("B", "< 50", None)]}),
        ("value", 'fill in one of "Record rejected"', {"Vetoes": [("Data 1", "When 1", "Reason"), ("Work", "<3", "x")]}),
        ("value", 'has "Points" and "Formula"', {"Items": [("Item", "Weight", "Points", "Formula"), ("A", 100, 3, "4")]}),
        ("off-step", '"Step of ratings" on the sheet "Form"', {"Form": [("Title", "T"), ("Effective from", "2027-01-01"), ("Step of ratings", 5)], "Items": [("Item", "Weight", "Points", "Level"), ("A", 100, "0..95", "x"), (None, None, "96..99", "y"), (None, None, 100, "z")]}),
        ("value", "the column “Data” is empty", {"Data": COUNT, "Items": [BANDED, ("A", 100, None, "0", 100), (None, None, None, ">= 1", 0)]}),
        ("nothing-scored", 'fill in the sheet "Items" or the sheet "Pay"', {"Items": [("Item", "Weight")]}),
        ("example-missing", 'the sheet "Examples" has no example', {}),
        ("value", 'fill in "Weight", or write no into a column "Scored"', {"Items": [("Item", "Weight"), ("A", None)]}),
    ],
)  # fmt: skip
def test_a_planted_defect_is_told_in_the_words_of_the_workbook(code, english, sheets):
    """Each kind of defect that people make, in both languages."""
    made = read(**sheets)
    assert code in {f.code for f in made.findings}
    shown = lines(made)
    assert any(english.replace("“", '"').replace("”", '"') in line for line in shown), shown
    assert [] == [line for line in shown if IN_FILES.search(FINE.sub("", line))]


@share(1 / 10)
@given(unsound_rubrics())
def test_a_random_defect_is_told_without_words_of_ruleset_files(rubric):
    """The defects of random rulesets, as far as a workbook can hold them."""
    tree = unstructure(rubric)
    if tables_of(tree, "en").without:
        return
    made = opened(rule_workbook(tree, "en"))
    # names of random parts are like keys
    keys = [*re.findall(r"\"?[\w.\\-]+\"?", str(tree))]
    for line in lines(made):
        found = {m[0] for m in IN_FILES.finditer(FINE.sub("", line))}
        assert not {each for each in found if each.strip('"') not in keys}


def test_a_key_is_named_by_the_column_of_its_part():
    """Weight of a section and of an item; a key without a column is left out of a list."""
    finding = Finding(
        code="value",
        reason=Message.of(
            "finding.value_no-way", keys=(Keyword("value"), Keyword("weight"), Keyword("run"))
        ),
        path=("section", 0),
    )
    assert 'has none of these: "Value", "Section weight"' == in_workbook(finding).message("en")
    assert 'has none of these: "Value", "Weight"' == in_workbook(
        Finding(code="value", reason=finding.reason, path=("section", 0, "criterion", 1))
    ).message("en")
