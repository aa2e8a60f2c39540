"""Score sheets as pages: their content, in a real browser, printed, from the command line."""

from __future__ import annotations

import html
import io
import re
import subprocess
import sys
from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kpirules import KpirulesError, dumps, evaluate, load, loads, sheet
from kpirules.cli.render import show_result
from kpirules.errors import MissingExtraError
from kpirules.evaluation.labels import speaker
from kpirules.sheets import charts
from kpirules.sheets.api import report
from kpirules.sheets.batch import entries, monthly_report, person_of, spread
from kpirules.sheets.form import Person
from kpirules.testing import records, rubrics
from tests.hostile import IN_PAGES, hostile
from tests.programs import need
from tests.shipped import RECORD as GOOD


@pytest.fixture(scope="module")
def rubric():
    return load("customer-service")


def text_of(page):
    """Return the text of a page, without its style and markup."""
    body = re.sub(r"<style>.*?</style>", "", page, flags=re.DOTALL)
    return html.unescape(re.sub(r"<[^>]+>", " ", body))


# ---------------------------------------------------------------- content


def test_the_blank_form_is_the_paper_one(rubric):
    """Headings, items, weights, standards, allowed points and signatures of the department's own form."""
    text = text_of(sheet(rubric, lang="zh").decode())
    for printed in (
        "客服部绩效考核办法", "岗位名称", "考核月份", "姓名", "上级打分", "总分", "绩效金额", "考核者",
    ):  # fmt: skip
        assert printed in text, printed
    for section in rubric.sections:
        assert section.label.get("zh") in text
    for criterion in rubric.sections[0].criteria:
        assert criterion.label.get("zh") in text
        for band in criterion.bands:
            assert band.label.get("zh") in text
    for tier in rubric.tiers:
        assert tier.label.get("zh") in text
    noted = text_of(sheet(rubric, lang="zh", notes=True).decode())
    for ruling in rubric.rulings:
        assert (ruling.clause in noted, ruling.decision.get("zh") in text) == (True, False)


def test_a_filled_sheet_says_what_the_result_says(rubric):
    """Points of each item, subtotals, total, tier, pay, each reason, and the fingerprint."""
    result = evaluate(rubric, GOOD)
    page = sheet(result, lang="zh", name="王小明", period="2026-10", notes=True)
    text = text_of(page.decode())
    assert "84 / 100" in text
    for said in ("王小明", "2026-10", result.tier.label.get("zh"), "+200", result.fingerprint):
        assert said in text
    plain = " ".join(text.split())
    by = speaker(result, "zh")
    for line in result.lines:
        assert by.reason(line) in plain
    assert "值日情况 = 按要求完成" in plain
    assert "值日情况 = met" not in plain
    for section in rubric.sections:
        assert f"小计：{section.label.get('zh')} {result.subtotals[section.id]}" in plain


@given(data=st.data())
def test_any_result_of_any_rubric_has_its_sheet(data):
    """Random rubrics of the whole language: the total and every item's points are on the page."""
    rubric = data.draw(rubrics())
    result = evaluate(rubric, data.draw(records(rubric)))
    text = " ".join(text_of(sheet(result, rubric=rubric).decode()).split())
    assert result.fingerprint[:12] in text
    if result.total is not None:
        assert f" {result.total} / " in text
    assert "<script" not in text
    assert text_of(sheet(rubric).decode())


def test_sheets_of_some_records_come_in_their_order(rubric):
    """One for each record, after a list of all; the sheet of a rejected record lists its problems."""
    some = [
        {**GOOD, "姓名": "张三", "工号": "007", "考核者": "主管"},
        {**GOOD, "late": -1, "name": "Bo"},
        {**GOOD, "lat": 1, "employee_no": 9},
        {"problem_handling": "calm"},
    ]
    page = sheet(rubric, lang="en", records=some).decode()
    assert 4 == page.count('<article class="sheet"')
    text = " ".join(text_of(page).split())
    assert text.index("张三") < text.index("Bo")
    assert "007" in text
    assert "主管" in text
    assert "Late arrivals and missed clock-ins = -1: is out of range" in text
    near = "Late arrivals and missed clock-ins"
    assert f'lat = 1: is not a name of this ruleset; did you mean "{near}"?' in text
    assert "calm" in text
    nested = sheet(rubric, records=[{"late": {"x": 1}}]).decode()
    assert "late.x = 1: is not a name of this ruleset" in text_of(nested)


def test_the_same_sheets_are_the_same_bytes(rubric):
    """In every format."""
    for kind in ("html", "pdf"):
        assert sheet(rubric, kind, records=[GOOD, {}]) == sheet(rubric, kind, records=[GOOD, {}])


def test_wrong_use_is_told(rubric, monkeypatch):
    """An unknown format, a result of an unknown rubric, a missing extra."""
    with pytest.raises(ValueError, match='format is "html", "pdf" or "xlsx", not \'docx\''):
        sheet(rubric, "docx")
    for kind in ("html", "pdf", "xlsx"):
        with pytest.raises(KpirulesError, match="there are no records"):
            sheet(rubric, kind, records=[])
    other = hostile("plain")
    result = evaluate(other, {"kind": "a"})
    with pytest.raises(KpirulesError, match="give it as rubric="):
        sheet(result)
    assert b"10 / 10" in sheet(result, rubric=other)
    for module, kind, extra in (
        ("jinja2", "html", "sheets"), ("weasyprint", "pdf", "pdf"), ("xlsxwriter", "xlsx", "excel"),
        ("narwhals", "xlsx", "excel"),
    ):  # fmt: skip
        with monkeypatch.context() as patch:
            patch.setitem(sys.modules, module, None)
            with pytest.raises(MissingExtraError, match=extra):
                sheet(rubric, kind)


# ---------------------------------------------------------------- in a browser


@pytest.fixture
def seen(page):
    """Show a page, and record its requests, messages and blocked content."""
    noted = []
    page.on("request", lambda r: noted.append(f"asks for {r.url[:60]}"))
    page.on("console", lambda m: noted.append(f"says {m.text[:200]}"))
    page.on("dialog", lambda d: (noted.append("a dialog"), d.dismiss()))

    def show(made, **media):
        page.emulate_media(**media)
        page.set_content(made.decode())
        return page

    show.noted = noted
    return show


def faults(page, axe):
    """List the accessibility problems of a page."""
    return [(rule["id"], node["html"][:120]) for rule in axe(page) for node in rule["nodes"]]


def pages(rubric):
    """Return a page of each kind."""
    some = list(
        entries(
            rubric,
            [
                {**GOOD, "name": "An", "appraiser": "Bo"},
                {**GOOD, "late": 3, "name": "Cy"},
                {"late": -1, "name": "Di", "appraiser": "Bo"},
            ],
        )
    )
    return {
        "blank": sheet(rubric, lang="zh"),
        "filled": sheet(evaluate(rubric, GOOD), lang="zh", name="王小明", period="2026-10"),
        "month": sheet(
            rubric, lang="en", records=[{**e.given, "name": e.person.name} for e in some]
        ),
        "report": report(rubric, some, lang="zh", period="2026-10"),
    }


@pytest.mark.thorough("axe on sheets in a browser")
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nothing_keeps_people_from_reading_a_sheet(rubric, seen, axe, scheme):
    """WCAG 2.2 AA, by axe-core, with details open; axe is shown to find problems."""
    for kind, made in pages(rubric).items():
        page = seen(made, color_scheme=scheme)
        page.evaluate("() => document.querySelectorAll('details').forEach(d => d.open = true)")
        assert (kind, []) == (kind, faults(page, axe))
    page.evaluate("() => { document.body.style.color = document.body.style.background = '#888' }")
    assert faults(page, axe)


def test_a_sheet_asks_for_nothing_and_is_read_on_a_phone(rubric, seen):
    """No request, no script, nothing wider than a phone; reasons can be folded away."""
    for kind, made in pages(rubric).items():
        page = seen(made)
        for wide in (360, 768, 1280):
            page.set_viewport_size({"width": wide, "height": 800})
            assert (kind, wide) >= (kind, page.evaluate("document.documentElement.scrollWidth"))
        assert 0 == page.locator("script").count()
    assert [] == seen.noted
    page = seen(sheet(evaluate(rubric, GOOD), lang="zh"))
    row = page.locator("table.why tr", has_text="考勤")
    assert "4" in row.inner_text()
    assert row.is_visible()
    page.locator("summary").click()
    assert not row.is_visible()


def test_hostile_texts_take_no_effect(rubric, seen):
    """As names, remarks, and as every text of a ruleset: only displayed."""
    told = [{**GOOD, "name": t, "appraiser": t, "problem_handling": t} for t in IN_PAGES]
    some = [*told, {**GOOD, IN_PAGES[0]: 1, "duty": IN_PAGES[1]}]
    made = [
        sheet(rubric, records=some, period=IN_PAGES[0]),
        report(rubric, list(entries(rubric, some)), period=IN_PAGES[0]),
    ]
    for text in IN_PAGES:
        own = hostile(text)
        made += [
            sheet(own), sheet(evaluate(own, {"kind": "a"}), rubric=own, name=text),
            report(own, list(entries(own, [{"kind": "a"}, {"kind": text}]))),
        ]  # fmt: skip
    for each in made:
        page = seen(each)
        assert "hit" != page.title()
        assert 0 == page.locator("script, iframe, img, base, object, embed, link, form").count()
        assert [] == page.evaluate(
            """() => [...document.querySelectorAll("*")].flatMap(e => [...e.attributes])
            .filter(a => a.name.startsWith("on")
              || (["href", "src"].includes(a.name) && !a.value.startsWith("#")))
            .map(a => a.value)"""
        )
        raw = page.content()
        assert "\x1b" not in raw
        assert "\u202e" not in raw
    assert [] == seen.noted
    page = seen(made[0])
    shown = page.locator("nav li").all_inner_texts()
    assert IN_PAGES[0] in shown[0]
    assert "{{ 7 * 7 }}" in shown[5]


# ---------------------------------------------------------------- printed


def pdf_says(program, *arguments, made, tmp_path):
    """Run a program of poppler on a PDF and return its output."""
    path = tmp_path / "made.pdf"
    path.write_bytes(made)
    command = [need(program), *arguments, path, *(["-"] if program == "pdftotext" else [])]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def test_a_pdf_holds_its_fonts_and_numbers_its_pages(rubric, tmp_path):
    """Chinese and Latin fonts are embedded; each employee starts a new page; every page is numbered."""
    some = [{**GOOD, "name": name} for name in ("张三", "李四", "王五")]
    made = sheet(rubric, "pdf", "zh", records=some, period="2026-10")
    fonts = pdf_says("pdffonts", made=made, tmp_path=tmp_path).splitlines()[2:]
    assert fonts
    assert any("CJK" in line for line in fonts)
    # columns from the right: object id (two), unicode map, subset, embedded
    assert all(line.split()[-5] == "yes" for line in fonts), fonts
    said = pdf_says("pdfinfo", made=made, tmp_path=tmp_path)
    count = int(re.search(r"Pages: +(\d+)", said)[1])
    assert "A4" in said
    assert "JavaScript:      no" in said
    text = pdf_says("pdftotext", "-layout", made=made, tmp_path=tmp_path).split("\f")[:-1]
    assert count == len(text)
    assert count % 3 == 0
    each = count // 3
    for i, name in enumerate(("张三", "李四", "王五")):
        assert name in text[i * each]
        assert "84 / 100" in "".join(text[i * each : (i + 1) * each])
        for j in range(each):
            assert re.search(rf"第 ?{j + 1} ?页，共 ?{each} ?页", text[i * each + j]), text[j][
                -200:
            ]


def test_hostile_texts_stay_texts_on_paper(tmp_path):
    """Nothing is fetched, linked or run."""
    for text in IN_PAGES[:6]:
        own = hostile(text)
        made = sheet(evaluate(own, {"kind": "a"}), "pdf", rubric=own, name=text)
        assert "URI" not in pdf_says("pdfinfo", "-url", made=made, tmp_path=tmp_path)
        assert "JavaScript:      no" in pdf_says("pdfinfo", made=made, tmp_path=tmp_path)
        plain = "".join(pdf_says("pdftotext", made=made, tmp_path=tmp_path).split())
        assert "".join(text.split())[:12] in plain


# ---------------------------------------------------------------- from the command line


ROWS = "姓名,部门,late,absent,leave_days,incidents,duty,skill,feedback,manner,teamwork,volume,service,conversion\n"


def month(path, count=3):
    """Write a month in which every third row is rejected."""
    lines = [
        f"{'王李赵'[i % 3]}{i},客服,{-1 if i % 3 == 2 else i % 3},0,0,0,met,8,8,4,4,17,16,9\n"
        for i in range(count)
    ]
    path.write_text(ROWS + "".join(lines), encoding="utf-8-sig")
    return path


@pytest.mark.parametrize("kind", ["html", "pdf", "xlsx"])
def test_sheets_are_written_for_each_row(run, tmp_path, kind):
    """The blank form, then a month; rejected rows are reported and have a sheet."""
    blank, made = tmp_path / f"blank.{kind}", tmp_path / f"made.{kind}"
    assert (0, "", "") == run("sheet", "customer-service", "-o", blank)
    assert blank.stat().st_size > 1000
    code, out, err = run("sheet", "customer-service", month(tmp_path / "m.csv"), "-o", made)
    assert (1, "") == (code, out)
    assert "row 3" in err
    assert "late = '-1': is out of range" in err
    assert "3 rows: 2 scored" in " ".join(err.split())
    code, out, err = run("sheet", "customer-service", tmp_path / "m.csv", "-o", made)
    assert 2 == code
    assert "--force" in err
    assert 1 == run("sheet", "customer-service", tmp_path / "m.csv", "-o", made, "--force")[0]


def test_a_report_is_written_of_a_month(run, tmp_path):
    """Distribution, tiers, sections, rejected rows; an existing file is not replaced."""
    made = tmp_path / "made.html"
    arguments = ("report", "customer-service", month(tmp_path / "m.csv", 31), "-o", made)
    code, _, err = run(*arguments, "--lang", "zh", "--month", "2026-10")
    assert 1 == code
    assert err.splitlines()[-1].startswith("31 行：已评分 21（")
    text = text_of(made.read_text(encoding="utf-8"))
    for said in ("2026-10", "良好", "人事考核", "迟到、未打卡次数 = '-1'", "31"):
        assert said in text
    # one chart; the shares of tiers, sections and items are bars in their tables
    assert 1 == made.read_text(encoding="utf-8").count("<svg")
    assert 3 == made.read_text(encoding="utf-8").count('<td class="chart"></td>')
    assert 2 == run(*arguments)[0]
    assert 1 == run(*arguments, "--force")[0]


def test_sheets_of_files_of_every_kind(run, tmp_path):
    """Each format that can be scored gives sheets."""
    source = month(tmp_path / "m.csv", 2)
    for kind in ("jsonl", "parquet", "xlsx"):
        table = tmp_path / f"m.{kind}"
        assert 0 == run("evaluate", "customer-service", source, "-o", table)[0]
        made = tmp_path / f"{kind}.html"
        code, _, err = run("sheet", "customer-service", table, "-o", made)
        assert 0 == code, err
        assert "王0" in made.read_text(encoding="utf-8")


def test_wrong_endings_are_told(run, tmp_path):
    """An unknown output format is reported before any input is read."""
    for command in ("sheet", "report"):
        source = month(tmp_path / "m.csv")
        code, _, err = run(command, "customer-service", source, "-o", tmp_path / "x.docx")
        assert 2 == code
        assert ".html" in err


def test_progress_is_shown_on_a_terminal(tmp_path, monkeypatch):
    """A progress bar for many sheets, if standard error is a terminal."""
    from kpirules.cli.commands import sheet as commands_sheet
    from kpirules.cli.io.sources import Options

    class Terminal(io.StringIO):
        def isatty(self):
            return True

    monkeypatch.setattr(sys, "stderr", Terminal())
    monkeypatch.setenv("TERM", "xterm")
    rubric = load("customer-service")
    made = tmp_path / "made.html"
    file = month(tmp_path / "m.csv", 9)
    commands_sheet.write_sheets(rubric, file, made, Options(), lang="en", period="", force=False)
    assert made.exists()
    assert "Sheets" in sys.stderr.getvalue()


def test_a_terminal_is_not_steered_by_texts(run, tmp_path):
    """Control characters of labels and of records are shown as escapes."""
    rules = tmp_path / "x.rubric.toml"
    text = "\x1b[31mred\x07\u202e[bold]x[/bold] https://h.example/"
    rules.write_text(dumps(hostile(text)), encoding="utf-8")
    table = tmp_path / "m.csv"
    table.write_text(f"name,kind\n{text},a\n\x1b[2Jcls,b\n", encoding="utf-8")
    shown = [
        run("show", rules),
        run("explain", rules, table, "--row", "1"),
        run("evaluate", rules, table),
        run("sheet", rules, table, "-o", tmp_path / "x.html"),
        run("report", rules, table, "-o", tmp_path / "y.html"),
    ]
    for code, out, err in shown:
        assert 0 == code, err
        for character in ("\x1b", "\x07", "\u202e"):
            assert character not in out + err
    assert "\\x1b[31mred\\x07\\u202e[bold]x[/bold]" in shown[0][1].replace("\n", "")


# ---------------------------------------------------------------- months


def test_a_month_is_put_together(rubric):
    """Figures computed by hand; a bar for each step of the totals, none missing."""
    totals = [84, 86, 60]
    some = list(
        entries(
            rubric,
            [
                {**GOOD, "appraiser": "A"},
                {**GOOD, "late": 0, "appraiser": "A"},
                {**GOOD, "volume": 3, "service": 6, "appraiser": "B"},
                {"late": "x", "appraiser": "B", "name": "Di"},
            ],
        )
    )
    made = monthly_report(rubric, some, lang="en", period="2026-10")
    assert totals == [e.outcome.total for e in some[:3]]
    figures = dict(made.figures)
    assert ("4", "3", "1") == tuple(figures[n] for n in ("Employees", "Scored", "Not scored"))
    assert ("76.67", "84", "60", "86") == tuple(
        figures[n] for n in ("Mean", "Median", "Lowest", "Highest")
    )
    assert "500 CNY" == figures["Performance pay in all"]
    assert 3 == sum(count for *_, count in made.totals)
    assert ("0", "100") == (made.totals[0][0], made.totals[-1][1])
    assert [
        ("Excellent", 0, "0"),
        ("Good", 2, "66.67"),
        ("Pass", 1, "33.33"),
        ("Fail", 0, "0"),
    ] == [*made.tiers]
    assert [("A", 2, 0, "85", "84", "86"), ("B", 2, 1, "60", "60", "60")] == [*made.appraisers]
    assert 4 == made.refused[0][0]
    assert "Di" == made.refused[0][1]


@given(
    totals=st.lists(st.fractions(min_value=-50, max_value=200, max_denominator=8), max_size=20),
    full=st.sampled_from([1, 5, 100, 120]),
)
def test_every_total_is_in_a_bar(totals, full):
    """Bars follow one another without a gap, and each total is in one bar."""
    bars = [(Fraction(low), Fraction(high), count) for low, high, count in spread(totals, full)]
    assert len(totals) == sum(count for *_, count in bars)
    assert all(a[1] == b[0] for a, b in pairwise(bars))
    assert len(bars) <= 45
    for i, (low, high, count) in enumerate(bars):
        last = i == len(bars) - 1
        assert count == sum(low <= t < high or (last and t == high) for t in totals)


EXTRA = """
schema = 1
id = "extra"
label = "Extra"
full_marks = 10
[inputs.hours]
type = "count"
[[criterion]]
id = "one"
weight = 5
missing = "exclude"
[[criterion]]
id = "two"
weight = 5
missing = "exclude"
[[example]]
name = "one alone"
ratings = { hours = 1, one = 5 }
expect = { total = 10 }
"""


def test_what_was_left_out_is_said_and_nobody_is_lost():
    """A rubric without tiers or pay, with weights that vary, and a record that cannot be rated."""
    rubric = loads(EXTRA)
    some = list(entries(rubric, [{"hours": 1, "one": 4, "name": "An"}, {"hours": 1, "name": "Bo"}]))
    assert some[1].outcome.unratable
    text = " ".join(text_of(sheet(rubric, records=[{**e.given} for e in some]).decode()).split())
    assert "left out" in text
    assert "Cannot be rated" in text
    made = report(rubric, some).decode()
    assert "Cannot be rated" in text_of(made)
    month = monthly_report(rubric, some, lang="en")
    assert (("Scored", "1"), ("Not scored", "1")) == month.figures[1:3]
    assert () == month.tiers


def test_a_machine_without_pango_is_told(rubric, run, tmp_path, monkeypatch):
    """WeasyPrint loads Pango when it is imported, and fails with a message of its own."""

    def missing(name, *_):
        raise OSError(f"cannot load library 'libpango-1.0-0' for {name}\nmore")

    monkeypatch.setattr("kpirules.sheets.pdf.fetch", missing)
    code, _, err = run("sheet", "customer-service", "-o", tmp_path / "x.pdf")
    assert 2 == code
    assert "Pango, which is not there: cannot load library 'libpango-1.0-0'" in " ".join(
        err.split()
    )
    assert "more" not in err


def test_a_result_without_sections_or_tiers_is_a_table(capsys):
    """If the record cannot be rated, the table shows that in place of a total."""
    rubric = loads(EXTRA)
    for record, total in (({"hours": 1, "one": 4}, "8 / 10"), ({"hours": 1}, "Cannot be rated")):
        show_result(rubric, evaluate(rubric, record), Person(name="An"), "en")
        said = capsys.readouterr().out
        assert "An" in said
        assert total in said
        assert "Tier" not in said


def test_nothing_is_fetched_for_a_pdf(rubric, monkeypatch, caplog):
    """A picture from elsewhere on a page would not be fetched."""
    monkeypatch.setattr(
        "kpirules.sheets.html.page", lambda *_, **__: "<img src='http://127.0.0.1:9/x.png'>"
    )
    assert sheet(rubric, "pdf").startswith(b"%PDF")
    assert "http://127.0.0.1:9/x.png" in caplog.text
    assert "protocol" in caplog.text


def test_bars_of_one_name_are_bars_of_their_own():
    """Two tiers of the same label, and one with the label that the second would get."""
    svg = charts.rows([("Good", 1, "one"), ("Good", 2, "two"), ("Good (2)", 3, "three")])
    assert ["Good", "Good (2)", "Good (2) (2)"] == re.findall(r">(Good[^<]*)</text>", svg)
    assert 3 == svg.count('aria-roledescription="bar"')
    places = re.findall(r'aria-roledescription="bar" d="M(\d+),', svg)
    assert ["0"] * 3 == places


def test_tiers_of_one_name_have_bars_of_their_own():
    """Two tiers of the same label have a row and a bar each."""
    rubric = loads(
        'schema = 1\nid = "r"\nstep = 1\n[[criterion]]\nid = "a"\nweight = 100\n'
        '[[tier]]\nid = "x"\ntotal = ">= 50"\nlabel = "Good"\n'
        '[[tier]]\nid = "y"\ntotal = "< 50"\nlabel = "Good"\n'
    )
    some = list(entries(rubric, [{"a": 60}, {"a": 40}, {"a": 30}, {"a": 20}]))
    tiers = next(t for t in monthly_report(rubric, some, lang="en").tables if t.bars)
    assert [("Good", "1", "25"), ("Good", "3", "75")] == [*tiers.rows]
    assert ("25", "75") == tiers.bars
    assert 2 == report(rubric, some).decode().count('style="width:') - 1


@pytest.mark.parametrize(
    ("name", "said"),
    [
        (10**6000, "\N{ALMOST EQUAL TO} 1E+6000"),
        (1001, "1001"),
        (7.5, "7.5"),
        ("x" * 100, "x" * 100),
        (["a", "\x1b"], "['a', '\\x1b']"),
    ],
    ids=["long", "number", "decimal", "text", "list"],
)
def test_a_name_may_be_anything(rubric, name, said):
    """The person of a record is shown in any type; the columns may have any names."""
    row = {"name": name, 10**6000: 1}
    assert said == person_of(row).name
    (entry,) = entries(rubric, [{**GOOD, **row}], strict=False)
    assert (said, 84) == (entry.person.name, entry.outcome.total)
    assert said in text_of(sheet(rubric, records=[{**GOOD, "name": name}]).decode())


def test_a_record_that_cannot_be_rated_says_so_on_its_sheet(tmp_path, capsys):
    """In place of the total; no cell looks unfilled; the reasons are shown as elsewhere."""
    rubric = loads(UNRATABLE)
    records = [{"name": "An", "late": 1, "a": 50}, {"name": "Bo", "late": 0, "a": 50, "b": 40}]
    page = sheet(rubric, records=records, lang="zh").decode()
    first, second = page.split("<article")[1:]
    assert "<dt>总分</dt><dd>无法评定</dd>" in first
    assert "<dt>等级</dt><dd>—</dd>" in first
    assert "<dt>绩效金额</dt><dd>—</dd>" in first
    assert "无法评定: <strong>计分的项目太少</strong>" in first
    assert "<td>未填写，不计入</td>" in first
    assert "无法评定" not in second.replace("红线条款", "").partition("等级与绩效")[0]
    assert "An</a> 无法评定" in page
    show_result(rubric, evaluate(rubric, {"a": 50}), Person(), "zh")
    out = capsys.readouterr().out
    assert "(u)" in out
    assert "计分的项目太少" in out


UNRATABLE = """
schema = 1
id = "u"
inputs.late = { type = "count", label = "Late", default = 0 }
criterion = [
  { id = "a", weight = 60, missing = "exclude" },
  { id = "b", weight = 40, missing = "exclude" },
  { id = "c", scored = false },
]
total = { minimum_scored = 2 }
gate = [{ when = { late = ">= 10" }, unratable = true }]
tier = [{ id = "good", total = "any", pay = 10 }]
"""


def test_a_month_of_nobody(rubric):
    """There is no division by zero."""
    made = report(rubric, [])
    assert b"<svg" not in made or b"Employees" in made
    only = list(entries(rubric, [{}]))
    assert b"Late arrivals" in report(rubric, only)
