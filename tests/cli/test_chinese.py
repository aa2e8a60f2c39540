"""With ``--lang zh``, every command and every surface is Chinese: no English word but names.

Names are what people typed or what programs are called by: ids of rulesets, files, columns, options,
commands, codes. They are derived from the rulesets and from the commands; :data:`TERMS` are the
names of products and formats.
"""

from __future__ import annotations

import csv
import json
import re
from html.parser import HTMLParser

import attrs
import openpyxl
import pytest
import typer.main

from kpirules import load, rulesets
from kpirules._internal.display import width
from kpirules.cli.app import app
from kpirules.cli.io.tables import format_value
from kpirules.compiler.plan import Plan
from kpirules.dataframe.api import added_columns
from kpirules.diagnostics.finding import CODES
from kpirules.diagnostics.problem import PROBLEM_CODES
from kpirules.evaluation.headings import PERSONAL
from kpirules.evaluation.record import readers_of
from kpirules.model.text import Text
from kpirules.toml.json_schema import schema_text
from tests import ROOT


EXAMPLES = ROOT / "docs" / "examples"
MONTH, FAULTS = EXAMPLES / "2026-10.csv", EXAMPLES / "2026-10-faults.csv"
SHIPPED = sorted({found.id for found in rulesets()})

#: names of products, formats and standards, and what texts in code are called
TERMS = {
    "kpirules", "Excel", "LibreOffice", "Parquet", "XlsxWriter", "Spark", "GitHub", "Python",
    "JSON", "Schema", "CSV", "HTML", "PDF", "PNG", "XML", "Markdown", "TOML", "UTF", "ASCII", "NUL", "MiB",
    "TMPDIR", "KPIRULES_KEY", "ISO", "KPI", "HR", "gb18030", "big5", "utf", "zh", "en", "z", "dir", "rubric", "toml", "pip", "install",
}  # fmt: skip
#: words of examples within help texts
TYPED = {"late", "absent", "rulesets", "employee_no", "name", "appraiser", "error", "problems"}

WORD = re.compile(r"[A-Za-z][A-Za-z0-9_]*")
FINGERPRINT = re.compile(r"\b[0-9a-f]{12}(?:[0-9a-f]{52})?\b")


def words_of(text):
    """Return the English words of a text."""
    return set(WORD.findall(FINGERPRINT.sub("", text)))


def ids_of(value):
    """Yield the words that the author wrote: ids, notations, and those in Chinese texts."""
    if isinstance(value, Text):
        yield from words_of(value.get("zh"))
    elif attrs.has(type(value)):
        for field in attrs.fields(type(value)):
            yield from ids_of(getattr(value, field.name))
    elif isinstance(value, dict):
        yield from ids_of(tuple(value.items()))
    elif isinstance(value, (tuple, list, frozenset)):
        for each in value:
            yield from ids_of(each)
    elif isinstance(value, str):
        yield from words_of(value)


def names_of_commands():
    """Yield the words of the commands, their options and the values of these."""
    yield from ("lang", "help", "version")
    for command in typer.main.get_command(app).commands.values():
        yield from words_of(command.name)
        for param in command.params:
            for option in param.opts:
                yield from words_of(option)
            if "|" in (param.metavar or ""):
                yield from words_of(param.metavar)


def keys_of_language():
    """Yield the keys of ruleset files."""
    rest = [json.loads(schema_text())]
    while rest:
        node = rest.pop()
        if isinstance(node, dict):
            yield from node.get("properties", {})
            rest += node.values()
        elif isinstance(node, list):
            rest += node


@pytest.fixture(scope="module")
def names():
    """All words that are names."""
    found = {*TERMS, *TYPED, *PERSONAL, *names_of_commands(), *keys_of_language()}
    for code in (*CODES, *PROBLEM_CODES, *PERSONAL):
        found |= words_of(code)
    for id_ in SHIPPED:
        rubric = load(id_)
        found |= {*ids_of(rubric), *words_of(" ".join(added_columns(rubric)))}
        found |= words_of(str(rubric.source))
        units = [fact.unit.get("zh") for fact in rubric.inputs if fact.unit is not None]
        found |= words_of(" ".join(units))
    return found


class Reader(HTMLParser):
    """Collects what a reader of a page sees: texts, and attributes that are shown."""

    def __init__(self):
        super().__init__()
        self.texts = []
        self.hidden = self.pictures = 0

    def handle_starttag(self, tag, attributes):
        self.hidden += tag in ("style", "script")
        # a picture is described by the text around it; its parts are not read
        self.pictures += tag == "svg"
        shown = ("title", "alt", "aria-label", "placeholder") if not self.pictures else ()
        self.texts += [value for name, value in attributes if name in shown]

    def handle_endtag(self, tag):
        self.hidden -= tag in ("style", "script")
        self.pictures -= tag == "svg"

    def handle_data(self, data):
        if not self.hidden:
            self.texts.append(data)


def page_text(path):
    """Return the text of a page: of HTML, or of Markdown, without its head and its links."""
    text = re.sub(r"\A---\ntitle: .*\n---\n|\]\([^)]*\)", "", path.read_text(encoding="utf-8"))
    reader = Reader()
    reader.feed(text)
    return " ".join(reader.texts)


def workbook_text(path):
    """Return the texts of the visible sheets of a workbook: cells, hints, errors of entries."""
    texts = []
    for sheet in openpyxl.load_workbook(path, data_only=True):
        if sheet.sheet_state != "visible":
            continue
        texts.append(sheet.title)
        hidden = {n for n, column in sheet.column_dimensions.items() if column.hidden}
        for row in sheet.iter_rows():
            texts += [
                str(cell.value)
                for cell in row
                if isinstance(cell.value, str) and cell.column_letter not in hidden
            ]
            texts += [cell.comment.text for cell in row if cell.comment]
        for rule in sheet.data_validations.dataValidation:
            texts += [t for t in (rule.prompt, rule.promptTitle, rule.error, rule.errorTitle) if t]
    return " ".join(texts)


@pytest.fixture
def chinese(run, names, tmp_path):
    """Return a function that runs a command in Chinese, and checks its words."""

    def call(*arguments, code=0, also=""):
        found, out, err = run(*arguments, "--lang", "zh")
        assert code == found, err
        given = words_of(" ".join(map(str, arguments))) | words_of(str(tmp_path)) | words_of(also)
        assert set() == words_of(out + err) - names - given
        return out, err

    return call


@pytest.fixture
def seen(names, tmp_path):
    """Return a function that checks the words of a text in a file."""
    return lambda text, also="": check(text, names | words_of(f"{also} {tmp_path}"))


def check(text, names):
    """Check that a text has no English words but names."""
    assert set() == words_of(text) - names


# ---------------------------------------------------------------- help and usage errors


@pytest.mark.parametrize("command", sorted(typer.main.get_command(app).commands))
def test_the_help_of_a_command_is_chinese(chinese, command):
    """With the option at either place; no line is wider than the terminal."""
    out, _ = chinese(command, "--help", also="html pdf xlsx H1 Q1")
    assert out.startswith("用法：")
    assert 80 >= max(map(width, out.splitlines()))


def test_the_help_of_all_commands_is_chinese(chinese):
    """Each has its first sentence."""
    out, _ = chinese("--help")
    assert "检查" in out


@pytest.mark.parametrize(
    "arguments",
    [
        ["nosuch"],
        ["chec"],
        ["check"],
        ["check", "x", "--nosuch"],
        ["check", "x", "--stric"],
        ["check", "x", "--folder"],
        ["check", "x", "--strict=3"],
        ["check", "x", "--format", "xml"],
        ["explain", "x", "y"],
        ["explain", "x", "y", "--row", "0"],
        ["explain", "x", "y", "z", "--row", "1"],
        ["evaluate", "x", "y", "-o", "out.doc"],
        ["evaluate", "x", "y.json"],
        ["evaluate", "x", "y", "--format", "xlsx"],
        ["sheet", "x"],
        ["report", "x", "y"],
        ["docs"],
        ["-x"],
    ],
)
def test_a_usage_error_is_chinese(chinese, arguments):
    """It names the option or argument, and the command that shows the help."""
    chinese(*arguments, code=2, also="xml html pdf xlsx FILE DIR")


# ---------------------------------------------------------------- commands


def test_the_list_of_rulesets_is_chinese(chinese):
    """Its headings are; ids and sources are names."""
    chinese("list")


def cell_of(value):
    """Return a value of a record as a cell."""
    return format_value(list(value) if isinstance(value, tuple) else value)


@pytest.fixture(params=SHIPPED)
def example(request, tmp_path):
    """A shipped ruleset, with a table of the records of its examples that are not rejected."""
    rubric = load(request.param)
    records = [
        {name: cell_of(value) for name, value in each.ratings}
        for each in rubric.examples
        if "refused" not in dict(each.expect)
    ]
    columns = dict.fromkeys(name for record in records for name in record)
    path = tmp_path / "in.csv"
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, ["姓名", *columns])
        writer.writeheader()
        writer.writerows({"姓名": "李", **record} for record in records[:3])
    return request.param, path


def test_a_ruleset_is_shown_in_chinese(chinese, seen, run, example):
    """As a table, as the fields of a form, as pages."""
    id_, _ = example
    chinese("show", id_)
    schema = json.loads(run("schema", id_, "--lang", "zh")[1])
    for field in schema["properties"].values():
        seen(f"{field.get('title', '')} {field.get('description', '')}")


def test_the_results_of_a_ruleset_are_chinese(chinese, example, tmp_path):
    """The reasons of a row, the columns of a table."""
    id_, path = example
    missing = ("--allow-missing", ",".join(readers_of(Plan(load(id_)))))
    chinese("explain", id_, path, "--row", "1", *missing)
    out = tmp_path / "out.csv"
    chinese("evaluate", id_, path, "-o", out, *missing)


def test_the_sheets_of_a_ruleset_are_chinese(chinese, seen, example, tmp_path):
    """Blank and filled, as pages and as workbooks, and the report of a month."""
    id_, path = example
    missing = ("--allow-missing", ",".join(readers_of(Plan(load(id_)))))
    for ending, text_of in ((".html", page_text), (".xlsx", workbook_text)):
        for given in ([], [path, *missing]):
            out = tmp_path / f"sheet{len(given)}{ending}"
            chinese("sheet", id_, *given, "-o", out)
            seen(text_of(out))
    out = tmp_path / "report.html"
    chinese("report", id_, path, "-o", out, *missing)
    seen(page_text(out))


def test_the_pages_of_a_ruleset_are_chinese(chinese, seen, example, tmp_path):
    """Its form, its examples, and the list of all pages."""
    id_, _ = example
    chinese("docs", id_, "-o", tmp_path / "pages")
    for page in (tmp_path / "pages").rglob("*.md"):
        # the form is there once more in English
        seen(re.sub(r"\(?English.*?\n## ", "", page_text(page), flags=re.DOTALL))


def test_the_findings_of_the_shipped_rulesets_are_chinese(chinese, seen, run):
    """For people and in JSON."""
    chinese("check", ROOT / "rulesets")
    for finding in json.loads(
        run("check", ROOT / "rulesets", "--format", "json", "--lang", "zh")[1]
    ):
        seen(f"{finding['message']} {finding['help']}")


def test_a_month_with_faults_is_reported_in_chinese(chinese, seen, tmp_path):
    """On standard error, in the columns of the table, on the sheets and in the report."""
    out = tmp_path / "out.csv"
    typed = FAULTS.read_text("utf-8")
    chinese("evaluate", "customer-service", FAULTS, "-o", out, code=1, also=typed)
    rows = list(csv.DictReader(out.read_text("utf-8-sig").splitlines()))
    for row in rows:
        seen(row["error"], typed)
        for problem in json.loads(row["problems"] or "[]"):
            seen(f"{problem['message']} {problem['text']}", typed)
    assert 8 == sum(bool(row["problems"]) for row in rows)
    for command in ("sheet", "report"):
        page = tmp_path / f"{command}.html"
        chinese(command, "customer-service", FAULTS, "-o", page, code=1, also=typed)
        seen(page_text(page), typed)


# ---------------------------------------------------------------- files


@pytest.mark.parametrize(
    ("name", "content", "also"),
    [
        ("none.csv", None, ""),
        ("empty.csv", b"", ""),
        ("nothing.csv", b"name,note\nLi,x\n", ""),
        ("lat.csv", b"lat,absent\n1,2\n", ""),
        ("twice.csv", b"late,late\n1,2\n", ""),
        ("both.csv", "late,\u8fdf\u5230\u3001\u672a\u6253\u5361\u6b21\u6570\n1,2\n".encode(), ""),
        ("wide.csv", b"late,absent\n1,2,3\n", ""),
        ("title.csv", b"a title\nlate,absent\n1,2\n", ""),
        ("nul.csv", b"late\n\0\n", ""),
        ("byte.csv", b"late\n\xff\xff\n", ""),
        ("line.jsonl", b"[1]\n", ""),
        ("twice.jsonl", b'{"late": 1, "late": 2}\n', ""),
        ("old.xls", b"x", ""),
        ("result.csv", b"late,total\n1,2\n", ""),
    ],
)
def test_a_file_that_cannot_be_read_is_reported_in_chinese(chinese, tmp_path, name, content, also):
    """What is wrong with the file, and what to do."""
    path = tmp_path / name
    if content is not None:
        path.write_bytes(content)
    chinese(
        "evaluate", "customer-service", path, code=2, also=f"x cp1252 cp1250 cp1251 cp850 {also}"
    )


def test_notes_about_a_table_are_chinese(chinese, tmp_path):
    """Defaults, totals, repeated keys, blank rows."""
    rows = MONTH.read_text("utf-8-sig").splitlines()
    path = tmp_path / "in.csv"
    path.write_text(
        "\n".join([rows[0], rows[1], "", rows[1], "Total" + rows[2][rows[2].index(",") :]])
    )
    _, err = chinese(
        "evaluate", "customer-service", path, "-o", tmp_path / "o.csv", also=path.read_text()
    )
    assert 2 == err.count("提示")


def test_the_other_commands_are_chinese(chinese, tmp_path):
    """Starting, formatting, verifying, and outputs that exist."""
    chinese("new", "cook", "--folder", tmp_path)
    chinese("new", "cook", "--folder", tmp_path, code=2)
    chinese("new", "1", "--folder", tmp_path, code=2)
    (file,) = tmp_path.rglob("*.toml")
    chinese("check", file)
    chinese("fmt", file)
    chinese("check", tmp_path / "nosuch", code=2)
    result = tmp_path / "out.json"
    chinese("evaluate", "customer-service", MONTH, "-o", result)
    chinese("evaluate", "customer-service", MONTH, "-o", result, code=2)
    chinese("verify", result)
    changed = re.sub(
        r'"total": {[^}]*}|"total": "?87"?', '"total": "88"', result.read_text(), count=1
    )
    result.write_text(changed)
    chinese("verify", result, code=1)
    chinese("verify", MONTH, code=2)
    chinese("show", "customer-servic", code=2)
    chinese("show", "customer-service", "--on", "2001-01", code=2)
    chinese("show", "customer-service", "--on", "2001-13", code=2)
