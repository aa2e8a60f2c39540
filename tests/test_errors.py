"""Errors and findings as values: equality, pickling, text; and the text shown to people."""

from __future__ import annotations

import pickle
from datetime import date

import attrs
import pytest

from kpirules import evaluate, load
from kpirules._internal.display import brief, point, printable, width
from kpirules.api.verify import StoredResultError
from kpirules.cli.io.tables import TableError
from kpirules.diagnostics.finding import Finding, SourceLocation
from kpirules.errors import (
    AmbiguousRulesetError,
    FileError,
    InputError,
    KpirulesError,
    MissingExtraError,
    ModelError,
    NotOneRulesetError,
    Problem,
    RulesetError,
    RulesetNotFoundError,
    SourceError,
    TimeError,
    similar,
)
from kpirules.model import Criterion, Input, Rubric, Section, Text
from kpirules.model.language import place_of
from kpirules.registry.catalog import effective
from kpirules.toml.formatter import FormatError
from kpirules.toml.limits import GuardError
from kpirules.translations.message import Joined, Message, Place


ERRORS = [
    (
        InputError(
            rubric="x",
            problems=(Problem(input="a", value=2, reason=Message.of("problem.missing")),),
        ),
        "x: 1 problem in the record\n  a = 2: is missing",
    ),
    (RulesetError(findings=(Finding(code="c", reason="m", place="p"),)), "p: error[c]: m"),
    (RulesetNotFoundError(id="lat", known=("late",)), 'no ruleset "lat"; did you mean "late"?'),
    (RulesetNotFoundError(id="zzz", known=("late",)), 'no ruleset "zzz"; there are: late'),
    (RulesetNotFoundError(id="zzz"), 'no ruleset "zzz"; there are: none'),
    (
        RulesetNotFoundError(id="a", on=date(2025, 1, 1), known=("from 2026-01-01",)),
        'no ruleset "a" is in force on 2025-01-01; there are: from 2026-01-01',
    ),
    (
        RulesetNotFoundError(id="a", known=("b",), faults=(SourceError(source="s", reason="no"),)),
        'no ruleset "a"; there are: b\n  cannot be used: s: no',
    ),
    (
        NotOneRulesetError(id="a", files=("x", "y")),
        'there is more than one "a", and no date to choose one: x and y',
    ),
    (
        NotOneRulesetError(id="a", files=("x", "y"), on=date(2025, 1, 1)),
        '"a" is in force more than once on 2025-01-01: x and y',
    ),
    (
        AmbiguousRulesetError(id="a", sources=("one 1.0", "two")),
        '"a" is in more than one source: one 1.0 and two; '
        "prefer one (prefer=..., --prefer) or name its file",
    ),
    (SourceError(source="folder", reason="no such folder"), "folder: no such folder"),
    (TimeError(said="2025", message="write a date"), "on 2025: write a date"),
    (
        MissingExtraError(extra="cli", module="typer"),
        "this needs the extra 'cli' (typer is not installed): pip install 'kpirules[cli]'",
    ),
    (FileError(file="f", reason="gone"), "f: cannot be read: gone"),
    (
        GuardError(
            reason=Message.of("problem.missing"),
            advice=Message.of("syntax-help.encoding"),
            line=2,
            column=3,
        ),
        "2:3: is missing",
    ),
    (TableError(file="f", line=2, message="m", help="h"), "f:2: m\n  help: h"),
    (TableError(file="f\x1b", message="m"), "f\\x1b: m"),
    (StoredResultError(reason="no result\x1b"), "no result\\x1b"),
    (FormatError(file="f"), "f: cannot be formatted without loss; the file is not changed"),
    (KpirulesError("plain"), "plain"),
]


@pytest.mark.parametrize(("error", "text"), ERRORS, ids=str)
def test_errors_are_values_with_a_text_made_from_their_fields(error, text):
    """Each error has its text, equals its copy, and survives pickling and notes."""
    assert text == str(error) == error.text() == error.text("en")
    copy = pickle.loads(pickle.dumps(error))  # noqa: S301 - our own bytes
    assert error == copy
    assert 1 == len({error, copy})
    assert error != KpirulesError("other")
    assert error != text
    error.add_note("a note")
    with pytest.raises(KpirulesError):
        raise error


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("没有规则“a”；现在一份规则也没有", RulesetNotFoundError(id="a")),
        ("没有规则“a”；现有：bcd、efg", RulesetNotFoundError(id="a", known=("bcd", "efg"))),
        ("没有规则“abc”；是否应为“abd”？", RulesetNotFoundError(id="abc", known=("abd",))),
        (
            "规则“a”在 2025-01-01 没有生效的版本；现有：自 2026-01-01 起、2027-01-01 至 2027-06-30",
            RulesetNotFoundError(
                id="a",
                on=date(2025, 1, 1),
                periods=(
                    effective(date(2026, 1, 1), None),
                    effective(date(2027, 1, 1), date(2027, 6, 30)),
                ),
            ),
        ),
        (
            "没有规则“a”；现在一份规则也没有\n  不能使用：b：没有这个文件夹",
            RulesetNotFoundError(
                id="a", faults=(SourceError(source="b", reason=Message.of("source.no-folder")),)
            ),
        ),
        (
            "on x：写日期 2026-10-31，或月份 2026-10",
            TimeError(said="x", message=Message.of("time.unknown")),
        ),
        (
            "Tier.pay：应为加引号的文字，不能是数",
            ModelError(
                part="Tier",
                problems=(
                    (("pay",), None, Message.of("value.text", kind=Message.of("kind.number"))),
                ),
            ),
        ),
        (
            "错误[value]：必须大于 0",
            RulesetError(
                findings=(Finding(code="value", reason=Message.of("value.above", least=0)),)
            ),
        ),
    ],
)
def test_errors_have_a_text_in_each_language(text, error):
    """With the texts of all that they contain."""
    assert text == error.text("zh")


def test_a_finding_shows_its_place_witness_and_help():
    """With places in a file each line is shown with a caret; a conflict shows both."""
    spots = (
        SourceLocation(file="f.toml", line=3, column=1, end_column=3, source="考勤 = 1"),
        SourceLocation(file="f.toml", line=12, column=3, end_column=4, source="\tx"),
        SourceLocation(file="f.toml", line=13, column=1, end_column=2, source=""),
    )
    finding = Finding(
        code="band-overlap",
        severity="warning",
        reason="m",
        advice="h",
        spots=spots,
        witness=(("a", 1),),
    )
    assert (
        "f.toml:3:1: warning[band-overlap]: m\n"
        " 3 | 考勤 = 1\n"
        "   | ^^^^\n"
        " 12 |  x\n"
        "    |   ^\n"
        "  witness: a = 1\n"
        "  help: h"
    ) == str(finding)


def test_a_place_is_named_by_ids():
    """Sections and criteria by their ids, bands by their index, missing parts by their key."""
    rubric = Rubric(
        id="x",
        inputs=(Input(name="late", type="count"),),
        sections=(Section(id="ability", criteria=(Criterion(id="skill", weight=1),)),),
    )
    skill = ("section", 0, "criterion", 0)
    assert "section.ability.skill.bands[1]" == place_of(rubric, (*skill, "bands", 1))
    assert "section.ability.skill.weight" == place_of(rubric, (*skill, "weight"))
    assert "inputs.late.range" == place_of(rubric, ("inputs", "late", "range"))
    assert "inputs.none" == place_of(rubric, ("inputs", "none"))
    assert "section[7].x" == place_of(rubric, ("section", 7, "x"))
    assert "[0]" == place_of(rubric, (0,))
    assert "" == place_of(rubric, ())


@pytest.mark.parametrize(
    ("expected", "value"),
    [
        ("7", 7),
        ("-170141183460469231731687303715884105728", -(2**127)),
        ("-1.000000000...E+400", -(10**400)),
        ("\N{ALMOST EQUAL TO} 1E+9031", 1 << 30_000),
        ("'a\\x00'", "a\0"),
        ("'" + "x" * 60 + "'...", "x" * 200),
        ("[1, 2]", [1, 2]),
        ("None", None),
    ],
    ids=range(8),
)
def test_a_value_is_shown_briefly(expected, value):
    """At most about sixty characters, none of which affects a terminal."""
    assert expected == brief(value)


def test_a_value_that_cannot_be_shown_is_named_by_its_type():
    """An error in a third-party object's own methods does not hide the record's errors."""

    class Broken:
        def __str__(self):
            raise ZeroDivisionError

    assert "<Broken>" == brief(Broken())


def test_control_characters_become_escapes():
    """Nothing shown acts: no colours, no right-to-left, no line breaks; wide blanks stay."""
    assert "a\\x1b[31m\\n\\u202eb\u3000客" == printable("a\x1b[31m\n\u202eb\u3000客")


def test_columns_are_counted_as_a_terminal_does():
    """Wide characters take two columns, combining ones none."""
    assert [1, 2, 2, 1] == [width(t) for t in ("a", "客", "Ａ", "e\u0301")]


def test_a_caret_is_below_its_column():
    """Also in a very long line, of which a window is shown."""
    assert ("客服 = 1", "  ", "^^") == point("客服 = 1", 2, 3)
    assert ("ab", "  ", "^") == point("ab", 3, 4)
    line = "x" * 500 + "!" + "y" * 500
    shown, pad, carets = point(line, 501, 502)
    assert ("!", 160, "^") == (shown[len(pad)], len(shown), carets)


def test_only_similar_names_are_suggested():
    """A typo finds its name, anything else nothing; a monstrous name costs no time."""
    assert "late" == similar("lat", ("late", "absent"))
    assert None is similar("zzz", ("late", "absent"))
    assert None is similar("z" * 1_000_000, ("late",))


@pytest.mark.parametrize(
    ("expected", "lang"),
    [
        ("Z", "zh"),
        ("H", "zh-Hant"),
        ("H", "zh-Hant-TW"),
        ("Z", "zh-Hans"),
        ("E", "en-GB"),
        ("E", "fr"),
    ],
)
def test_texts_fall_back_between_languages_in_a_stated_order(expected, lang):
    """The tag, its shorter forms, kin, English, the first."""
    assert expected == Text.of({"zh": "Z", "zh-Hant": "H", "en": "E"}).get(lang)


def test_texts_with_few_languages_still_say_something():
    """Kin before English, English before the rest; a text without language is for all."""
    assert "H" == Text.of({"en": "E", "zh-Hant": "H"}).get("zh")
    assert "E" == Text.of({"en": "E", "zh": "Z"}).get("de")
    assert "D" == Text.of({"fr": "F", "de": "D"}).get()
    assert "x" == Text.of("x").get("zh")


# ---------------------------------------------------------------- texts for anyone

#: what no text for anyone contains
PLACE = "/srv/secret"


def errors_of(cls):
    """Yield all classes of errors."""
    for each in cls.__subclasses__():
        yield each
        yield from errors_of(each)


PUBLIC = [
    RulesetNotFoundError(id="x", known=("salaries",), faults=(FileError(file=PLACE, reason="r"),)),
    RulesetNotFoundError(id="x", on=date(2026, 1, 1), known=("2025",)),
    NotOneRulesetError(id="x", files=(f"{PLACE}/a", f"{PLACE}/b")),
    AmbiguousRulesetError(id="x", sources=(PLACE, "db")),
    FileError(file=f"{PLACE}/x", reason="r"),
    SourceError(source="db", reason=f"connect to {PLACE}"),
    TableError(file=PLACE, message=Message.of("file.too-large")),
    FormatError(file=PLACE),
    MissingExtraError(extra="excel", module=PLACE),
    RulesetError(
        findings=(
            Finding(
                code="syntax",
                reason="m",
                place="p",
                spots=(SourceLocation(file=PLACE, line=1, column=1, end_column=2, source=PLACE),),
            ),
            Finding(
                code="unknown-ruleset",
                reason=Message.of("list.one", value=FileError(file=PLACE, reason="r")),
            ),
            Finding(
                code="cycle",
                reason=Message.of(
                    "finding.cycle_bases",
                    files=Joined(
                        (Place(f"{PLACE}/x/2026-01-01.rubric.toml"), Place("db: y/2026-01-01"))
                    ),
                ),
            ),
        )
    ),
]


@pytest.mark.parametrize("error", PUBLIC, ids=map(str, range(len(PUBLIC))))
@pytest.mark.parametrize("lang", [None, "en", "zh"])
def test_a_public_text_names_no_place_of_the_server(error, lang):
    """Neither paths nor sources, nor other rulesets; in a language."""
    text = error.public(lang)
    assert text
    for secret in (PLACE, "salaries", "db"):
        assert secret not in text
    assert (PLACE in str(error)) or isinstance(error, RulesetNotFoundError)


def test_a_public_text_says_what_is_wrong_as_far_as_it_may():
    """The findings with their place in the rules, witnesses and advice; dates; else who must look."""
    assert (
        "error[syntax]: m\n"
        "error[unknown-ruleset]: the rules cannot be used at present: "
        "please tell the operator of this application\n"
        "error[cycle]: the ruleset extends itself: x/2026-01-01.rubric.toml, y/2026-01-01"
    ) == PUBLIC[-1].public().replace("p: error", "error")
    assert 'there is no ruleset "x"' == PUBLIC[0].public()
    assert 'no ruleset "x" is in force on 2026-01-01; there are: 2025' == PUBLIC[1].public()
    error = ERRORS[0][0]
    assert error.text("zh") == error.public("zh")


def test_every_error_that_has_a_file_or_a_source_has_a_public_text():
    """An error with such a field does not show its whole text to anyone."""
    named = {"file", "files", "source", "sources", "faults", "findings", "spots", "path"}
    for cls in errors_of(KpirulesError):
        fields = {a.name for a in attrs.fields(cls)} if attrs.has(cls) else set()
        if fields & named:
            assert cls.public is not KpirulesError.public, cls


def test_a_rejected_record_names_no_path_of_the_server(tmp_path):
    """`InputError` has the id of the ruleset, whatever file it is from."""
    folder = tmp_path / "depot"
    folder.mkdir()
    rules = 'schema = 1\nid = "depot"\neffective_from = 2026-01-01\ncriterion = [{ id = "a", weight = 100 }]'
    (folder / "2026-01-01.rubric.toml").write_text(rules, encoding="utf-8")
    for record in ({"a": "x"}, {"b": 1}, {}, None):
        with pytest.raises(InputError) as caught:
            evaluate(load("depot", folders=[tmp_path]), record)
        error = caught.value
        for text in (str(error), repr(error), str(error.to_dict()), error.public("zh")):
            assert str(tmp_path) not in text
            assert ".toml" not in text
