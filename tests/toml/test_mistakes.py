"""The mistakes that authors of rulesets make: each is named at its place, with the repair, in each language."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kpirules import RulesetError, loads
from kpirules.api.load import check_text
from kpirules.toml.mistakes import recognise
from kpirules.toml.stop import Repair
from kpirules.toml.syntax import MAX_MISTAKES, parse_toml
from kpirules.translations.catalog import texts


TABLE = tomllib.loads(Path(__file__).with_name("mistakes.toml").read_text("utf-8"))
SCHEME = TABLE["scheme"]
LANGUAGES = ("en", "zh")


def errors(content):
    """Return the errors of a file's content."""
    return [finding for finding in check_text(content) if finding.severity == "error"]


def place(finding):
    """Return the code, the line and the columns of a finding."""
    spot = finding.spots[0]
    return f"{finding.code} {spot.line}:{spot.column}-{spot.end_column}"


def test_the_scheme_has_no_errors():
    """So that each error below is that of its mistake."""
    assert [] == errors(SCHEME)


@pytest.mark.parametrize("row", TABLE["mistake"], ids=lambda row: row["name"])
def test_a_mistake_is_named_at_its_place_with_the_repair_in_each_language(row):
    """Code, line, columns, message and help, as the table has them."""
    assert 1 == SCHEME.count(row["right"]) or row["right"].startswith("{")
    found = errors(SCHEME.replace(row["right"], row["wrong"], 1))
    assert [expected["at"] for expected in row["findings"]] == [place(each) for each in found]
    for expected, finding in zip(row["findings"], found, strict=True):
        for lang in LANGUAGES:
            assert expected[lang] == finding.message(lang)
            assert expected.get(f"{lang}-help", "") == finding.help(lang)


@pytest.mark.parametrize(
    ("at", "en", "zh", "data"),
    [
        (
            "syntax 1:1-2",
            "the file begins with a UTF-8 byte order mark",
            "文件开头有 UTF-8 字节顺序标记（BOM）",
            b"\xef\xbb\xbf" + SCHEME.encode(),
        ),
        (
            "syntax 1:1-2",
            "the file begins with a UTF-16 byte order mark",
            "文件开头有 UTF-16 字节顺序标记（BOM）",
            SCHEME.encode("utf-16"),
        ),
        (
            "syntax 3:10-11",
            "the file is not UTF-8: byte 0xbf here; it seems to be GBK, the old encoding of Chinese Windows",
            "文件不是 UTF-8 编码：这里的字节是 0xbf，像是 GBK（中文 Windows 的旧编码）",
            SCHEME.replace("Help desk", "客服部").encode("gbk"),
        ),
    ],
    ids=["mark", "utf-16", "gbk"],
)
def test_an_encoding_is_named_in_each_language(at, en, zh, data):
    """With the encoding that an editor should save."""
    (finding,) = errors(data)
    assert (at, en, zh) == (place(finding), finding.message("en"), finding.message("zh"))
    assert 'save the file as "UTF-8" (without BOM)' == finding.help("en")
    assert "另存为“UTF-8”编码（不带 BOM）" == finding.help("zh")


#: (right, wrong, the kinds of mistakes with line and column)
SIBLINGS = [
    ('label = "Help desk"', 'label = "Help desk”', "quotes 3:9"),
    ('label = "Help desk"', 'label = “Help desk"', "quotes 3:9"),
    ('label = "Help desk"', "label = ‘Help desk’", "quotes 3:9"),
    ('label = "Help desk"', "label = 「Help desk」", "quotes 3:9"),
    ('label = "Help desk"', "label = ＂Help desk＂", "quotes 3:9"),
    ('label = "Help desk"', "label = `Help desk`", "quotes 3:9"),
    ('label = "Help desk"', "label = 'Help desk\"", "no-closing-quote 3:9"),
    ('label = "Help desk"', 'label = Help desk"', "no-opening-quote 3:9"),
    ('label = "Help desk"', 'label = "Help desk  # x', "no-closing-quote 3:9"),
    ('label = "Help desk"', 'label = "Help "big" desk"', "after-value 3:16"),
    ('label = "Help desk"', 'label = "Help\ndesk"', "no-closing-quote 3:9"),
    ('label = "Help desk"', 'label = """Help desk"', "no-closing-quotes 3:9"),
    ('label = "Help desk"', 'label = "C:\\Windows"', "backslash 3:12"),
    ('label = "Help desk"', 'label = "C:\\Users"', "backslash 3:12"),
    ('label = "Help desk"', 'label = "a\\"', "no-closing-quote 3:9"),
    ('label = "Help desk"', "label = 客服部，一线", "no-quotes 3:9"),
    ('label = "Help desk"', 'label = "Help desk",', "comma-at-end 3:20"),
    ('label = "Help desk"', 'label = "Help desk";', "comma-at-end 3:20"),
    ('label = "Help desk"', 'label = "Help desk" // x', "comment 3:21"),
    ('label = "Help desk"', 'label : "Help desk"', "not-equals 3:7"),
    ('label = "Help desk"', 'label: "Help desk"', "not-equals 3:6"),
    ('label = "Help desk"', 'label："Help desk"', "wide 3:6"),
    ('label = "Help desk"', 'label "Help desk"', "no-equals 3:1"),
    ('label = "Help desk"', 'label == "Help desk"', "equals-twice 3:8"),
    ('label = "Help desk"', 'label = = "Help desk"', "equals-twice 3:9"),
    ('label = "Help desk"', 'label := "Help desk"', "not-equals 3:7"),
    ('label = "Help desk"', 'label => "Help desk"', "equals-twice 3:8"),
    ('label = "Help desk"', "label = ", "no-value 3:7"),
    ('label = "Help desk"', "label", "not-a-line 3:1"),
    ('label = "Help desk"', '标题 = "Help desk"', "key 3:1"),
    ('label = "Help desk"', 'my label = "Help desk"', "space-in-key 3:1"),
    ('label = "Help desk"', "// comment", "comment 3:1"),
    ('label = "Help desk"', "; comment", "comment 3:1"),
    ('label = "Help desk"', "-- comment", "not-a-line 3:1"),
    ('label = "Help desk"', "＃ comment", "wide 3:1"),
    ('label = "Help desk"', "This is a note", "not-a-line 3:1"),
    ('label = "Help desk"', 'label\u3000=\u3000"Help desk"', "invisible 3:6"),
    ('label = "Help desk"', 'label\xa0= "Help desk"', "invisible 3:6"),
    ('label = "Help desk"', '\u200blabel = "Help desk"', "invisible 3:1"),
    ('label = "Help desk"', 'label = \u200b"Help desk"', "invisible 3:9"),
    ('label = "Help desk"', 'label = "Help desk"\ufeff', "invisible 3:20"),
    ('label = "Help desk"', 'label = "Help desk" role = "x"', "two-keys 3:21"),
    ('label = "Help desk"', '"label = "Help desk"', "odd-quotes 3:1"),
    ('label = "Help desk"', 'label" = "Help desk"', "odd-quotes 3:1"),
    ('label = "Help desk"', "label = “Help“ desk", "quotes 3:9 after-value 3:16"),
    ('label = "Help desk"', 'label = "Help desk"\nlabel = "x"', "key-twice 4:1"),
    ('label = "Help desk"', "label = null", "nothing 3:9"),
    ('label = "Help desk"', 'label = { zh = "a", zh = "b" }', "key-twice 3:21"),
    ('label = "Help desk"', 'label = { zh = "a"，en = "b" }', "wide 3:19"),
    ('label = "Help desk"', "label = { zh = “a”, en = “b” }", "quotes 3:16 quotes 3:26"),
    ('label = "Help desk"', 'label = { zh: "a", en: "b" }', "not-equals 3:13 not-equals 3:22"),
    ('label = "Help desk"', 'label = { zh = "a" en = "b" }', "no-comma 3:18"),
    ('label = "Help desk"', 'label = { zh = "a", en = "b", }', "comma 3:29"),
    ('label = "Help desk"', 'label = { zh = "a",, en = "b" }', "comma 3:19"),
    ('label = "Help desk"', 'label = { zh = "a", en = "b"', "line-break 3:9"),
    ('label = "Help desk"', 'label = { zh = "a", en = "b" ]', "not-closed 3:9"),
    ('label = "Help desk"', 'label = ( "a" )', "round-brackets 3:9"),
    ('label = "Help desk"', 'label = "a" }', "surplus-bracket 3:13"),
    ('label = "Help desk"', 'label = {\n  zh = "a",\n  en = "b",\n}', "line-break 3:9"),
    ('label = "Help desk"', "label = nanjing", "no-quotes 3:9"),
    ('label = "Help desk"', "label = info desk", "no-quotes 3:9"),
    ('label = "Help desk"', "label = 3 times late", "no-quotes 3:9"),
    ("2027-01-01", "2027.1.1", "date 4:18"),
    ("2027-01-01", "2027年1月1日", "date 4:18"),
    ("2027-01-01", "2027-1-1", "date 4:18"),
    ("2027-01-01", "1/1/2027", "date_unclear 4:18"),
    ("2027-01-01", "2027-02-30", "date_unclear 4:18"),
    ("2027-01-01", "2027/01/01", "date 4:18"),
    ("2027-01-01", "２０２７-01-01", "date 4:18"),
    ("2027-01-01", "2027—01—01", "date 4:18"),
    ("2027-01-01", "2027-01", "date_unclear 4:18"),
    ("2027-01-01", "2027/13/01", "date_unclear 4:18"),
    ("weight = 30", "weight = 30分", "unit 46:10"),
    ("weight = 30", "weight = 30 points", "unit 46:10"),
    ("weight = 30", "weight = 30％", "percent 46:10"),
    ("weight = 30", "weight = 30 %", "percent 46:10"),
    ("weight = 30", "weight = ３０％", "percent 46:10"),
    ("weight = 30", "weight = 30，", "comma-at-end 46:12"),
    ("weight = 30", "weight = 30,", "comma-at-end 46:12"),
    ("weight = 30", "weight = 30。", "comma-at-end 46:12"),
    ("weight = 30", "weight = .5", "number 46:10"),
    ("weight = 30", "weight = 5.", "number 46:10"),
    ("weight = 30", "weight = 030", "number 46:10"),
    ("weight = 30", "weight = 三十", "no-quotes 46:10"),
    ("weight = 30", "weight = 30 ＃ 备注", "wide 46:13"),
    ("weight = 30", "weight = 30 // x", "comment 46:13"),
    ("weight = 30", "weight = 1/3", "no-quotes 46:10"),
    ("weight = 30", "weight = 30 + 5", "no-quotes 46:10"),
    ("weight = 30", "weight = 30（分）", "unit 46:10"),
    ("pay = 200", "pay = 1,200", "thousands 52:7"),
    ("pay = 200", "pay = ¥200", "unit 52:7"),
    ("pay = 200", "pay = ￥200", "unit 52:7"),
    ("pay = 200", "pay = $200", "unit 52:7"),
    ("pay = 200", "pay = 200 EUR", "unit 52:7"),
    ("pay = 200", "pay = 200元/月", "unit 52:7"),
    ("pay = 200", "pay = 1 200", "thousands 52:7"),
    ("pay = 200", "pay = -", "nothing 52:7"),
    ("pay = 200", "pay = 200.00元", "unit 52:7"),
    ('when = "1..2"', "when = 1..2", "range 24:12"),
    ('when = "1..2"', "when = 1～2", "range 24:12"),
    ('when = "1..2"', "when = 1–2", "range 24:12"),
    ('when = "1..2"', "when = 1到2", "range 24:12"),
    ('when = "1..2"', "when = 1 - 2", "range 24:12"),
    ('when = "1..2"', "when = 1-2次", "range 24:12"),
    ('when = "1..2"', "when = 1…2", "range 24:12"),
    ('when = "1..2"', "when = 1次", "unit 24:12"),
    ('when = "1..2"', "when = “1..2”", "quotes 24:12"),
    ('when = "1..2"', 'when = 1..2"', "no-opening-quote 24:12"),
    ('when = "1..2"', 'when = "1..2', "no-closing-quote 24:12"),
    ('when = ">= 3"', "when = >= 3", "range 25:12"),
    ('when = ">= 3"', "when = ≥ 3", "range 25:12"),
    ('when = ">= 3"', "when = ＞=3", "range 25:12"),
    ('when = ">= 3"', "when = 3次以上", "range 25:12"),
    ('when = ">= 3"', "when = 3及以上", "range 25:12"),
    ('when = ">= 3"', "when = 3+", "range 25:12"),
    ('when = ">= 3"', "when = > 2", "range 25:12"),
    ('when = ">= 3"', "when = otherwise", "no-quotes 25:12"),
    ('when = ">= 3"', "when = 3 以上", "range 25:12"),
    ('total = "60..79"', "total = 60 .. < 80", "range 57:9"),
    ('total = "60..79"', "total = 60分-79分", "range 57:9"),
    ('total = "60..79"', "total = 60-79分", "range 57:9"),
    ('total = "0..59"', "total = 60分以下", "range 63:9"),
    ('total = "0..59"', "total = <60", "range 63:9"),
    ('total = "0..59"', "total = 不足60", "range 63:9"),
    ('type = "count"', "type = count", "no-quotes 8:8"),
    ('type = "count"', "type = ‘count’", "quotes 8:8"),
    ('type = "count"', 'type = "flag"\ndefault = False', "flag 9:11"),
    ('type = "count"', 'type = "flag"\ndefault = 是', "flag 9:11"),
    ('type = "count"', 'type = "flag"\ndefault = no', "flag 9:11"),
    ('type = "count"', 'type = "flag"\ndefault = TRUE', "flag 9:11"),
    ("[inputs.late]", "[inputs.late", "header 7:1"),
    ("[inputs.late]", "inputs.late]", "header 7:1"),
    ("[inputs.late]", "[inputs。late]", "wide 7:8"),
    ("[inputs.late]", "［inputs.late］", "wide 7:1"),
    ("[inputs.late]", "[inputs.迟到]", "key 7:9"),
    ("[inputs.late]", "[inputs late]", "space-in-key 7:2"),
    ("[inputs.late]", "{inputs.late}", "header 7:1"),
    ("[inputs.late]", "(inputs.late)", "header 7:1"),
    ("[inputs.late]", "[inputs.late]:", "after-header 7:14"),
    ('label = "Help desk"', 'label = { en = "a" } role = "x"', "two-keys 3:22"),
    ('label = "Help desk"', "label = “Don’t be late”", "quotes 3:9"),
    ('label = "Help desk"', "label = ‘Help' desk", "quotes 3:9 after-value 3:16"),
    ('label = "Help desk"', 'label = "Don’t be late" role = "x"', "two-keys 3:25"),
    ('label = "Help desk"', 'label = { zh = "a"， en = "b” }', "wide 3:19"),
    ("[inputs.late]", "[]", "not-a-line 7:1"),
    ("[inputs.late]", '["inputs"', "not-closed 7:1"),
    ("[inputs.late]", '[inputs.late]\ntype="count"\n\n[inputs.late]', "defined-twice 10:1"),
    ("[[tier]]", "[[tier]", "header 48:1"),
    ("[[tier]]", "[[tier", "header 48:1"),
    ("[[tier]]", "[tier]", "table-for-list 48:1"),
    ("[[tier]]", "[tier]]", "header 48:1"),
    ("[[tier]]", "[[[tier]]]", "header 48:1"),
    ("[[tier]]", "[ [tier] ]", "header 48:1"),
    ("[[tier]]", "［［tier］］", "wide 48:1"),
    ("[[tier]]", "【【tier】】", "wide 48:1"),
    ("[[section]]", "[section]", "table-for-list 12:1"),
    ('\n[[tier]]\nid = "fair"', '\nid = "fair"', "key-twice 54:1"),
    ("bands = [\n  { when = 0", "bands = \n  { when = 0", "no-value 22:7"),
    ("bands = [\n  { when = 0", "bands = {\n  { when = 0", "line-break 22:9"),
    ("bands = [\n  { when = 0", "bands = ［\n  { when = 0", "wide 22:9"),
    ("bands = [\n  { when = 0", "bands = [\n   when = 0", "no-opening-brace 23:4"),
    ('more" },\n]', 'more" },\n', "not-closed 22:9"),
    ('more" },\n]', 'more" },\n}', "not-closed 22:9"),
    ('more" },\n]', 'more" },\n],', "comma-at-end 26:2"),
    ('more" },\n]', 'more" },\n]]', "surplus-bracket 26:2"),
    ('more" },\n]', 'more" },\n］', "wide 26:1"),
    ('more" },\n]', 'more" }，\n]', "wide 25:68"),
    ('more" },\n]', 'more" },,\n]', "comma 25:68"),
    ('more" },\n]', 'more" };\n]', "not-comma 25:68"),
    (
        '{ when = 0, points = 20, label = "Never late" },',
        '{ when = 0, points = 20, label = "Never late" }，',
        "wide 23:50",
    ),
    (
        '{ when = 0, points = 20, label = "Never late" }',
        '{ when = 0  points = 20, label = "Never late" }',
        "no-comma 23:12",
    ),
    (
        '{ when = 0, points = 20, label = "Never late" }',
        '{ when = 0, points = 20 label = "Never late" }',
        "no-comma 23:25",
    ),
    (
        '{ when = 0, points = 20, label = "Never late" }',
        '{ when = 0, points = 20, label = "Never late"',
        "line-break 23:3",
    ),
    (
        '{ when = 0, points = 20, label = "Never late" }',
        '{ when = 0, points = 20, label = "Never late }',
        "no-closing-quote 23:36",
    ),
    (
        '{ when = 0, points = 20, label = "Never late" }',
        "{ when = 0, points = 20, label = Never late }",
        "no-quotes 23:36",
    ),
    (
        '{ when = 0, points = 20, label = "Never late" }',
        "{ when = 0, points = 20, label = “Never late” }",
        "quotes 23:36",
    ),
    (
        '{ when = 0, points = 20, label = "Never late" }',
        '{ when = 0, points = 20, label = "Never late" ',
        "line-break 23:3",
    ),
    (
        '{ when = 0, points = 20, label = "Never late" }',
        '{ when = 0, points = 20, label = "Never late" )',
        "not-closed 23:3",
    ),
    (
        '{ when = 0, points = 20, label = "Never late" }',
        '( when = 0, points = 20, label = "Never late" )',
        "round-brackets 23:3",
    ),
    (
        '{ when = 0, points = 20, label = "Never late" }',
        '{ when = 0; points = 20; label = "Never late" }',
        "not-comma 23:13 not-comma 23:26",
    ),
    (
        '{ when = 0, points = 20, label = "Never late" }',
        '{ when = 0、points = 20、label = "Never late" }',
        "wide 23:13",
    ),
    (
        '{ when = 0, points = 20, label = "Never late" }',
        '{ when: 0, points: 20, label: "Never late" }',
        "not-equals 23:9 not-equals 23:20 not-equals 23:31",
    ),
    (
        '{ when = 0, points = 20, label = "Never late" }',
        '{ when 0, points = 20, label = "Never late" }',
        "no-equals 23:5",
    ),
    (
        '{ when = 0, points = 20, label = "Never late" }',
        '{ when = { late = 0 , points = 20, label = "Never late" }',
        "line-break 23:3",
    ),
    (
        '{ when = 0, points = 20, label = "Never late" }',
        "{ when = , points = 20 }",
        "no-value 23:10",
    ),
    (
        '{ when = 0, points = 20, label = "Never late" }',
        '{ when = 0, points = 20分, label = "Never late" }',
        "unit 23:24",
    ),
    (
        '{ when = 0, points = 20, label = "Never late" }',
        '{ when = 0, points = 20, label = "Never late" },\n  {',
        "line-break 24:3 comma 24:4",
    ),
    (
        '{ when = 0, points = 20, label = "Never late" }',
        '{ when = 0, points = 20, # full\n label = "Never late" }',
        "line-break 23:3",
    ),
    (
        '{ when = 0, points = 20, label = "Never late" }',
        'when = 0, points = 20, label = "Never late"',
        "no-opening-brace 23:3",
    ),
    ('{ when = 0, points = 20, label = "Never late" }', "{ 迟到 = 0, points = 20 }", "key 23:5"),
    (
        '{ when = 0, points = 20, label = "Never late" }',
        "{ when = 0, points = 20, when = 3 }",
        "key-twice 23:28",
    ),
    (
        '{ when = 0, points = 20, label = "Never late" }',
        "{ when = 0, points = 1,000 }",
        "thousands 23:24",
    ),
    (
        '{ when = 0, points = 20, label = "Never late" }',
        '{ points = "41..50, label = "Solved" }',
        "no-closing-quote 23:14",
    ),
    (
        '{ when = 0, points = 20, label = "Never late" }',
        "{ when = 0\n, points = 20 }",
        "line-break 23:3",
    ),
    (
        '{ when = 0, points = 20, label = "Never late" }',
        "{ when = 0, points = [1 2] }",
        "no-comma 23:25",
    ),
    (
        '{ when = 0, points = 20, label = "Never late" }',
        '{ when = ["a" "b"], points = 3 }',
        "no-comma 23:15",
    ),
    (
        '{ when = 0, points = 20, label = "Never late" }',
        '{ when = ["a"，"b"], points = 3 }',
        "wide 23:16",
    ),
    (
        '{ when = 0, points = 20, label = "Never late" }',
        "{ when = [“a”，“b”], points = 3 }",
        "quotes 23:13 wide 23:16 quotes 23:17",
    ),
    (
        '{ when = 0, points = 20, label = "Never late" }',
        "{ when = [, 1], points = 3 }",
        "comma 23:13",
    ),
    ('formula = "total * 2"', "formula = total * 2", "no-quotes 68:11"),
    ('formula = "total * 2"', "formula = =total*2", "equals-twice 68:11 no-quotes 68:12"),
    ('formula = "total * 2"', 'formula = "total * 2\n', "no-closing-quote 68:11"),
    ('when = "1..2"', "when = 5..3", "range_unclear 24:12"),
    ('label = "Help desk"', 'label标题 = "Help desk"', "key 3:1"),
    ('[[tier]]\nid = "good"', '[[inputs.late]]\n[[tier]]\nid = "good"', "list-for-table 48:1"),
    ("[inputs.late]", "tier = []\n[inputs.late]", "defined-twice 49:1"),
    (
        'formula = "total * 2"\n',
        'formula = "total * 2"\nbands = [\n  { when = 3 },\n',
        "not-closed 69:9",
    ),
    (
        'formula = "total * 2"\n',
        'formula = "total * 2"\nbands = [ { when = 3 ',
        "not-closed 69:9 line-break 69:11",
    ),
    ("weight = 20\nof", "weight = 20\nweight = 30\nof", "key-twice 21:1"),
    ('label = "Help desk"', 'label.en = "a"\nlabel = "b"', "key-twice 4:1"),
    ('label = "Help desk"', 'label = "b"\nlabel.en = "a"', "key-twice 4:1"),
    ('label = "Help desk"', 'label = {en="a"}\nlabel.zh = "a"', "key-twice 4:1"),
    ('label = "Help desk"', "label = 'it's'", "after-value 3:13"),
    ('label = "Help desk"', "label = 'Help desk”", "quotes 3:9"),
    ('label = "Help desk"', "label = “Help “big” desk”", "quotes 3:9 after-value 3:16"),
    ("weight = 30", "weight = 30 points\n", "unit 46:10"),
    ("weight = 30", "weight = “30”", "quotes 46:10"),
    ("weight = 30", 'weight = "30', "no-closing-quote 46:10"),
    ("weight = 30", "weight = 3O", "letter 46:10"),
    ("weight = 30", "weight = l0", "letter 46:10"),
    ("weight = 30", "weight = 30 ，", "comma-at-end 46:13"),
    ("weight = 30", "weight = 30;", "comma-at-end 46:12"),
    ("weight = 30", "weight，= 30", "not-a-line 46:1 wide 46:7"),
    ("weight = 30", "weight 30", "no-equals 46:1"),
    ("weight = 30", "weight = ﹣30", "number 46:10"),
    ("weight = 30", "weight = 30．5", "number 46:10"),
    ("weight = 30", "weight = 30万", "unit 46:10"),
    ("weight = 30", "weight = ②", "number 46:10"),
    ("weight = 30", "weight = +30%", "percent 46:10"),
    ("weight = 30", "weight = [30", "not-closed 46:10"),
    ("weight = 30", "weight = 30]", "surplus-bracket 46:12"),
    ("weight = 30", "weight = {30}", "not-a-line 46:11"),
    ("weight = 30", "weight = (30)", "round-brackets 46:10"),
    ("weight = 30", 'weight=30 label="x"', "two-keys 46:11 key-twice 46:11"),
    ("pay = 200", "pay = 200/月", "unit 52:7"),
    ("pay = 200", "pay = 人民币200", "unit 52:7"),
    ("pay = 200", "pay = CNY 200", "unit 52:7"),
    ("pay = 200", "pay = 200 元/月", "unit 52:7"),
    ("pay = 200", "pay = 总分*2", "no-quotes 52:7"),
    ("pay = 200", "pay = 1，000", "thousands 52:7 wide 52:8"),
    ("pay = 200", "pay = total * 2", "no-quotes 52:7"),
    ("pay = 200", 'pay = "total * 2', "no-closing-quote 52:7"),
    ('total = "80..100"', "total = 80分以上", "range 51:9"),
    ('total = "80..100"', "total = 80-100分（含）", "range 51:9"),
    ('total = "80..100"', "total = >=80", "range 51:9"),
    ('total = "80..100"', "total = ≥80分", "range 51:9"),
    ('total = "80..100"', "total = 80≤x≤100", "no-quotes 51:9"),
    ('total = "80..100"', "total = 80,100", "thousands 51:9"),
    ('total = "80..100"', "total = 80——100", "range 51:9"),
    ('total = "80..100"', "total = 80 to 100", "range 51:9"),
    ('total = "80..100"', "total = 80%~100%", "range 51:9"),
    ('total = "80..100"', "total = 大于80", "range 51:9"),
    ('total = "80..100"', "total = '80..100", "no-closing-quote 51:9"),
    ("pay = 200", "pay = 30万", "unit 52:7"),
    ("pay = 200", "pay = 1.5万元", "unit 52:7"),
    ("pay = 200", "pay = 3k", "unit 52:7"),
    ("pay = 200", "pay = ≥80分", "range 52:7"),
    ("pay = 200", "pay = 大于80", "range 52:7"),
    ("pay = 200", "pay = 不低于 80 分", "range 52:7"),
    ("pay = 200", "pay = at least 80", "range 52:7"),
    ("pay = 200", "pay = 80 to 100", "range 52:7"),
    ("pay = 200", "pay = 80——100", "range 52:7"),
    ("pay = 200", "pay = 3O", "letter 52:7"),
    ("pay = 200", "pay = l0", "letter 52:7"),
    ("pay = 200", "pay = 不足60分", "range 52:7"),
    ("pay = 200", "pay = 三百元", "no-quotes 52:7"),
]


@pytest.mark.parametrize(("right", "wrong", "expected"), SIBLINGS, ids=[w for _, w, _ in SIBLINGS])
def test_each_kind_of_mistake_is_recognised(right, wrong, expected):
    """Kind, line and column of each mistake; what follows from a mistake is not reported."""
    found = errors(SCHEME.replace(right, wrong, 1))
    kinds = [f.reason.key.partition(".")[2] for f in found]
    spots = [f"{f.spots[0].line}:{f.spots[0].column}" for f in found]
    assert expected == " ".join(f"{kind} {spot}" for kind, spot in zip(kinds, spots, strict=True))
    for finding in found:
        assert all(finding.message(lang) and finding.help(lang) for lang in LANGUAGES)
        # no text of the reader, and no English text in Chinese
        assert finding.reason.key in texts("zh")
        assert finding.advice.key in texts("zh")


def test_all_mistakes_of_a_file_are_reported_together():
    """At the lines of the file, although each repair changes the text that is read next."""
    text = SCHEME.replace("weight = 20\n\n", "weight = 20%\n\n").replace(
        "pay = 200", "pay = ２００元"
    )
    text = text.replace('{ when = "1..2", points = 10', "{ when = 1～2， points = 10分")
    found = errors(text)
    assert ["15:10-13", "24:12-15", "24:15-16", "24:26-29", "52:7-11"] == [
        place(each).partition(" ")[2] for each in found
    ]
    assert "２００元" == found[-1].spots[0].source[6:10]


def test_no_more_mistakes_are_reported_than_anyone_reads():
    """Each one takes a parse of the whole text."""
    text = 'schema = 1\nid = "x"\n' + "".join(f"a{i} = 1%\n" for i in range(MAX_MISTAKES + 5))
    assert MAX_MISTAKES == len(errors(text))


@pytest.mark.parametrize(
    ("expected", "wrong"),
    [
        ([(4, 1), (2, 1)], 'label = "Help desk"\nid = "y"'),
        ([(3, 20), (3, 10)], 'role = { en = "a", en = "b" }'),
        ([(3, 27), (3, 17)], 'role = { zh = { en = "a", en = "b" } }'),
        ([(5, 1), (4, 1)], "[source]\nlabel = 1\nlabel = 2"),
        ([(5, 1), (3, 1)], "[source]\nlabel = 1\n[source]"),
        ([(4, 1)], "source.label = 1\n[source.label]"),
    ],
)
def test_the_first_of_two_equal_names_is_shown_too(expected, wrong):
    """A key of the same part, a key within braces, and a header."""
    (found,) = errors(SCHEME.replace('label = "Help desk"', wrong))
    assert expected == [(spot.line, spot.column) for spot in found.spots]


def test_line_ends_of_windows_change_no_place():
    """Lines and columns are those of the same text with line feeds alone."""
    text = SCHEME.replace("weight = 30", "weight = 30%").replace('"work"', "work")
    assert list(map(place, errors(text))) == list(map(place, errors(text.replace("\n", "\r\n"))))


def test_a_repair_keeps_the_offsets_around_it():
    """An offset within what was inserted is that of the place of the repair."""
    repair = Repair(2, 4, "abc")
    assert "01abc45" == repair.apply("012345")
    assert [0, 1, 2, 3, 4, 4, 5] == [repair.original(offset) for offset in range(7)]


def test_an_unknown_mistake_is_shown_with_an_example():
    """Where no rule recognises anything, the place is right and the words are plain."""
    found = recognise("a = 1\n", 6, "")
    assert ("syntax.unknown", 6) == (found.reason.key, found.start)
    with pytest.raises(RulesetError, match="cannot be read from here on"):
        loads('schema = 1\nid = "x"\nlabel {= "y"')


EDITS = st.lists(
    st.tuples(
        st.integers(0, len(SCHEME)),
        st.integers(0, 3),
        st.text("[]{}=,.\"'#\\\n \tab1é，＝“”｛３：\u200b%/~至", max_size=2),
    ),
    min_size=1,
    max_size=4,
)


@given(EDITS)
def test_any_text_gives_findings_within_the_text(edits):
    """However a text is damaged: each finding is within the text and has its texts in each language."""
    text = SCHEME
    for at, length, by in edits:
        text = text[:at] + by + text[at + length :]
    _, tree, found = parse_toml(text, "x")
    assert bool(tree) != bool(found)
    assert len(found) <= MAX_MISTAKES
    lines = text.replace("\r\n", "\n").split("\n")
    for finding in found:
        assert all(finding.message(lang) and finding.help(lang) for lang in LANGUAGES)
        for spot in finding.spots:
            assert lines[spot.line - 1] == spot.source
            assert 1 <= spot.column < spot.end_column <= len(spot.source) + 2


@pytest.mark.parametrize(
    ("name", "formula"),
    [
        ("late", "迟到次数 * 2"),
        ("late", "2 * 迟到"),
        ("points.teamwork", "10 + 团队合作"),
        ("total", "总分 / 2"),
        (None, "10 * 奖金"),
        (None, "10 × 迟 到"),
    ],
)
def test_a_label_in_a_formula_gets_the_name_to_write(name, formula):
    """In any language of the ruleset; a word that is not a label gets the general advice."""
    text = SCHEME.replace('"Late arrivals"', '{ zh = "迟到次数", zh-Hant = "迟到", en = "Late" }')
    text = text.replace('"Teamwork"', '{ zh = "团队合作" }').replace("total * 2", formula)
    (finding,) = errors(text)
    assert name == finding.suggestion
    general = (
        "write the id of the input or criterion in place of its label, such as points.attendance"
    )
    assert finding.help("en") == (general if name is None else f"write its name, {name}")


@pytest.mark.parametrize(
    ("en", "zh", "right", "wrong"),
    [
        (
            "must be a list of parts, not a table; write its header in double brackets, such as [[tier]]",
            "这种部分可以有好几个，不能是单个表；标题行要用双层方括号，例如 [[tier]]",
            'formula = "total * 2"\n',
            'formula = "total * 2"\n\n[gate]\ntier = "low"\n',
        ),
        (
            "must be a table by name, not a list; write its header in single brackets, such as [inputs.late]",
            "应为按名称书写的表，不能是列表；标题行要用单层方括号，例如 [inputs.late]",
            "[outcome.bonus]",
            "[[outcome]]",
        ),
        (
            "must be a number, not a text; write it without quotes: 0.5",
            "应为数，不能是文字；去掉引号，写成 0.5",
            'type = "count"',
            'type = "number"\nstep = "０．５"',
        ),
        (
            "must be a number, not a text",
            "应为数，不能是文字",
            'type = "count"',
            'type = "number"\nstep = "half"',
        ),
        (
            "must be a date such as 2025-01-01, not a text",
            "应为日期，例如 2025-01-01，不能是文字",
            "2027-01-01",
            '"1 January"',
        ),
        (
            "must be a number, not a text; write it without quotes: 60",
            "应为数，不能是文字；去掉引号，写成 60",
            "pay = 200",
            'pay = "60"',
        ),
        (
            '\'60-79\': write ".." between the ends, as in "60..79"',
            "'60-79'：两端之间要写 ..，例如 \"60..79\"",
            '"60..79"',
            '"60-79"',
        ),
        (
            'must be three capital letters such as "CNY"; did you mean "EUR"?',
            '应为三个大写字母，例如 "CNY"；是否应为“EUR”？',
            '"EUR"',
            '"eur"',
        ),
    ],
)
def test_a_value_of_another_kind_is_named_with_the_repair(en, zh, right, wrong):
    """In each language."""
    found = errors(SCHEME.replace(right, wrong, 1))
    assert (en, zh) in [(finding.message("en"), finding.message("zh")) for finding in found]


@pytest.mark.parametrize(
    ("en", "zh", "right", "wrong"),
    [
        (
            'write "currency" at the beginning of the file, before the first header; here, the keys are id, label, total, pay, coefficient',
            "把“currency”写在文件开头、第一个标题行之前；这里可用的键：id、label、total、pay、coefficient",
            'id = "good"',
            'id = "good"\ncurrency = "EUR"',
        ),
        (
            "it is a key of [inputs.NAME]; here, the keys are id, label, total, pay, coefficient",
            "它是 [inputs.NAME] 的键；这里可用的键：id、label、total、pay、coefficient",
            'id = "good"',
            'id = "good"\noptions = ["a"]',
        ),
        (
            "the keys are id, label, total, pay, coefficient",
            "可用的键：id、label、total、pay、coefficient",
            'id = "good"',
            'id = "good"\ncolour = "red"',
        ),
        ('did you mean "label"?', "是否应为“label”？", 'id = "good"', 'id = "good"\nlable = "x"'),
    ],
)
def test_a_key_that_does_not_belong_there_is_led_to_its_place(en, zh, right, wrong):
    """To the beginning of the file, to the parts that have it, or to the keys that are there."""
    found = [f for f in errors(SCHEME.replace(right, wrong, 1)) if f.code == "unknown-key"]
    assert [(en, zh)] == [(finding.help("en"), finding.help("zh")) for finding in found]


@pytest.mark.parametrize("text", ["a = " + "1" * 3_000 + "%", "a = '" + "x" * 3_000 + "\nb = 1"])
def test_a_mistake_of_a_very_long_line_is_not_examined(text):
    """Some rules take a time that is the square of the length of a line."""
    (finding,) = errors(text)
    assert "syntax.unknown" == finding.reason.key
