"""The playground as people use it who do not program: the form, files, and the month."""

from __future__ import annotations

import json
import os
import re
import tomllib
from io import BytesIO
from pathlib import Path

import pytest

from kpirules import loads, rulesets, table
from kpirules.rulebook.exporting import exported
from kpirules.toml.converter import unstructure
from tests.programs import need_module
from tests.site import settled


pytestmark = pytest.mark.thorough("the playground in a browser: the form, files, the month")


def part(page, path):
    """Return a part of the form."""
    return page.locator(f'[data-path="{path}"]')


def field(page, path, name):
    """Return a field of a part; one that is not shown is added first."""
    found = part(page, path).locator(f':scope > .body > .fields [data-name="{name}"]')
    if not found.count():
        more = part(page, path).locator(":scope > .body > .fields > .more")
        more.select_option(name)
    return found


def fill(page, path, **cells):
    """Fill in fields; ``of_1`` is the field ``of@1``, ``total__clamp`` is ``total.clamp``."""
    for key, text in cells.items():
        name = re.sub(r"_(\d)$", r"@\1", key.replace("__", "."))
        found = field(page, path, name)
        if found.evaluate("e => e.tagName") == "SELECT":
            found.select_option(text)
        else:
            found.fill(text)
            found.press("Tab")


def sheet_of(page, name):
    """Return a sheet of the form, unfolded."""
    found = page.locator(f'.sheet[data-sheet="{name}"]')
    if found.get_attribute("open") is None:
        found.locator(":scope > summary").click()
    return found


def add(page, path, level, **cells):
    """Add a part to the end of a list by its button, and fill it in."""
    names = path.split("/")
    around = sheet_of(page, names[0])
    scope = ":scope > .tools"
    if len(names) > 2:
        around, scope = part(page, "/".join(names[:-1])), ":scope > .body > .tools"
    around.locator(f"{scope} > .add-{level}").click()
    fill(page, path, **cells)


def text_of(page):
    """Return the text of the ruleset, which is downloaded."""
    with page.expect_download() as download:
        page.click("#get-ruleset")
    return Path(download.value.path()).read_text("utf-8")


def downloaded(page, button):
    """Return the name and the content of a file that a button gives."""
    page.wait_for_selector(f"#{button}:not([disabled])")
    with page.expect_download() as download:
        page.click(f"#{button}")
    return download.value.suggested_filename, Path(download.value.path()).read_bytes()


def opened(page, chooser, name, content):
    """Give the page a file."""
    file = {"name": name, "mimeType": "application/octet-stream", "buffer": content}
    page.set_input_files(f"#{chooser}", file)


def marks(page, path):
    """Return the findings at a part."""
    return part(page, path).locator(":scope > .marks > li")


def picture(page, name):
    """Take a picture of the page, where somebody asks for pictures."""
    if os.environ.get("KPIRULES_PICTURES"):
        folder = Path(os.environ["KPIRULES_PICTURES"])
        page.screenshot(path=folder / f"{name}.png", full_page=True)


def begin(page, lang="zh"):
    """Begin a new form in a language."""
    page.select_option("#lang", lang)
    settled(page)
    page.click("#new")
    page.wait_for_selector('[data-path="form/0"]')
    settled(page)


RATED = {
    0: ("业绩", [("客单价", "10"), ("会员增长", "10"), ("库存周转", "10")]),
    1: ("服务", [("接待", "10"), ("陈列", "10"), ("卫生", "5")]),
    2: ("管理", [("培训", "10"), ("报表", "5")]),
}
MONTH = """姓名,工号,销售完成率,迟到次数,表扬次数,重大投诉次数,奖金基数,客单价,会员增长,库存周转,接待,陈列,卫生,培训,报表
王芳,D01,105,1,2,0,2000,9,8,10,9,10,5,9,4
李明,D02,85,0,0,1,2000,9,9,9,9,9,5,9,5
张伟,D03,90,-1,0,0,2000,11,9,9,9,9,5,9,5
"""


def form_of_ten(page):
    """Fill in a form of ten items: sections, deductions, a bonus, a veto, pay by coefficient."""
    fill(page, "form/0", label="店长月度绩效考核", effective_from="2026-01-01", currency="CNY")
    fill(page, "form/0", period="月", total__clamp="0..100")
    facts = [
        {"label": "销售完成率", "type": "数值", "unit": "%", "range": ">= 0", "better": "越高越好"},
        {"label": "迟到次数", "type": "次数", "unit": "次"},
        {"label": "表扬次数", "type": "次数"},
        {"label": "重大投诉次数", "type": "次数"},
        {"label": "奖金基数", "type": "数值", "range": ">= 0"},
    ]
    for i, cells in enumerate(facts):
        add(page, f"data/{i}", "inputs", **cells)
    for s, (name, items) in RATED.items():
        add(page, f"items/{s}", "section", label=name)
        for i, (label, weight) in enumerate(items):
            add(page, f"items/{s}/{i}", "criterion", label=label, weight=weight)
    add(page, "items/0/3", "criterion", label="销售额", weight="20", of_1="销售完成率")
    for i, (when, points) in enumerate([(">= 100", "20"), ("80..<100", "15"), ("<80", "0")]):
        add(page, f"items/0/3/{i}", "bands", when_1=when, points=points)
    add(page, "items/2/2", "criterion", label="考勤", weight="10", clamp=">= 0")
    add(page, "items/2/2/0", "bands", formula="10 - 2 * 迟到次数")
    tiers = [("优秀", ">= 90", "120%"), ("合格", "60..<90", "100%"), ("不合格", "< 60", "50%")]
    for i, (label, total, share) in enumerate(tiers):
        add(page, f"tiers/{i}", "tier", label=label, total=total, coefficient=share)
    veto = {
        "of_1": "重大投诉次数",
        "when_1": ">= 1",
        "tier_at_most": "不合格",
        "reason": "重大投诉",
    }
    add(page, "vetoes/0", "gate", **veto)
    add(page, "adjustments/0", "adjust", label="表扬加分")
    add(page, "adjustments/0/0", "bands", formula="2 * 表扬次数")
    add(page, "pay/0", "outcome")
    add(page, "pay/0/0", "bands", formula="奖金基数 * 系数")
    settled(page)


def test_a_form_of_ten_items_from_nothing_to_a_month(playground):
    """In Chinese, without typing TOML."""
    need_module("openpyxl")
    import openpyxl

    page = playground()
    begin(page)
    form_of_ten(page)
    assert page.locator("#form .marks .error").all_text_contents() == []
    assert page.locator("#status").text_content().startswith("通过")
    rubric = loads(text_of(page))
    assert 10 == sum(len(section.criteria) for section in rubric.sections)
    name, template = downloaded(page, "get-template")
    assert "dianzhangyuedujixiaokaohe-month.xlsx" == name
    headings = [c.value for c in next(openpyxl.load_workbook(BytesIO(template)).active.rows)]
    assert {"姓名", "工号", "迟到次数 (次)", "客单价"} < set(headings)
    opened(page, "month-file", "month.csv", MONTH.encode("gb18030"))
    page.wait_for_selector("#month-rows tr")
    rows = page.locator("#month-rows tr")
    assert ["王芳 (D01)", "96", "优秀", "2400 CNY"] == rows.nth(0).evaluate(
        "r => [...r.cells].slice(0, 4).map(c => c.textContent)"
    )
    # a serious complaint
    assert ["李明 (D02)", "89", "不合格", "1000 CNY"] == rows.nth(1).evaluate(
        "r => [...r.cells].slice(0, 4).map(c => c.textContent)"
    )
    assert "考勤：8 分" in rows.nth(0).text_content()
    assert "迟到次数 = '-1'" in rows.nth(2).text_content()
    assert "客单价 = '11'" in rows.nth(2).text_content()
    assert page.locator("#month-status").text_content().startswith("共 3 人，其中 1 人")
    picture(page, "form-month-1280")
    _, content = downloaded(page, "month-results")
    cells = [[c.value for c in r] for r in openpyxl.load_workbook(BytesIO(content)).active.rows]
    results = [dict(zip(cells[0], row, strict=True)) for row in cells[1:]]
    assert [96, 89, None] == [row["总分"] for row in results]
    assert [2400, 1000, None] == [row["绩效工资"] for row in results]
    _, content = downloaded(page, "month-report")
    assert openpyxl.load_workbook(BytesIO(content)).sheetnames
    _, content = downloaded(page, "get-blank")
    assert "店长月度绩效考核" in content.decode()
    _, content = downloaded(page, "get-workbook")
    assert "考核项目" in str(openpyxl.load_workbook(BytesIO(content)).sheetnames)
    page.set_viewport_size({"width": 375, "height": 800})
    assert 375 >= page.evaluate("document.scrollingElement.scrollWidth")
    picture(page, "form-month-375")
    assert [] == page.said
    assert [] == page.evaluate("violations")


def test_findings_stand_at_their_rows_in_the_language(playground):
    """A cell that cannot be read, and what the check reports of a part; gone once it is mended."""
    page = playground()
    fill(page, "form/0", effective_from="soon")
    settled(page)
    assert 1 == marks(page, "form/0").count()
    assert "true" == field(page, "form/0", "effective_from").get_attribute("aria-invalid")
    english = marks(page, "form/0").text_content()
    fill(page, "form/0", effective_from="2025-01-01")
    settled(page)
    assert 0 == marks(page, "form/0").count()
    assert page.locator("#result").is_visible()
    assert "soon" in english
    page.select_option("#lang", "zh")
    settled(page)
    sheet_of(page, "tiers")
    fill(page, "tiers/0", total="200")
    settled(page)
    found = page.locator('.sheet[data-sheet="tiers"] .marks .error').all_text_contents()
    assert found
    assert all(re.search("[\u4e00-\u9fff]", text) for text in found)
    assert not page.locator("#result").is_visible()
    assert page.locator("#get-workbook").is_disabled()


def test_each_step_is_undone_and_done_again(playground):
    """By buttons and keys; the text follows, and what the form does not show stays."""
    page = playground()
    first = loads(text_of(page))
    fill(page, "form/0", **{"label@en": "Changed"})
    settled(page)
    part(page, "items/0").locator(":scope > .bar > .remove").click()
    settled(page)
    changed = tomllib.loads(text_of(page))
    assert "Changed" == changed["label"]["en"]
    assert len(first.sections) - 1 == len(changed["section"])
    page.click("#undo")
    settled(page)
    assert len(first.sections) == len(loads(text_of(page)).sections)
    page.locator('[data-path="form/0"] input').first.focus()
    page.keyboard.press("Control+z")
    settled(page)
    assert first == loads(text_of(page))
    assert page.locator("#undo").is_disabled()
    page.click("#redo")
    page.click("#redo")
    settled(page)
    assert changed == tomllib.loads(text_of(page))
    assert page.locator("#redo").is_disabled()
    # what the form does not show is there all the time
    assert len(first.examples) == len(changed["example"])


def ids(page):
    """Return the ids of the first section's items."""
    return [c["id"] for c in tomllib.loads(text_of(page))["section"][0]["criterion"]]


def test_parts_are_moved_by_keyboard_and_by_drag(playground):
    """The focus stays with the part; an item can be dragged into another section."""
    page = playground()
    before = ids(page)
    part(page, "items/0/0").locator(":scope > .bar > .down").focus()
    page.keyboard.press("Enter")
    settled(page)
    focused = "document.activeElement.closest('[data-path]').dataset.path"
    assert "items/0/1" == page.evaluate(focused)
    assert [before[1], before[0], *before[2:]] == ids(page)
    part(page, "items/0/1").locator(".handle").first.drag_to(
        part(page, "items/0/0").locator(".bar").first
    )
    settled(page)
    assert before == ids(page)
    last = part(page, "items/1/0").locator(".handle").first
    last.drag_to(part(page, "items/0/0").locator(".bar").first)
    settled(page)
    assert before == ids(page)[1:]
    # all that a pointer does is done by keys
    page.locator('.sheet[data-sheet="data"] > summary').focus()
    page.keyboard.press("Enter")
    page.locator('.sheet[data-sheet="data"] .add-inputs').focus()
    page.keyboard.press("Enter")
    page.keyboard.type("Praise")
    page.keyboard.press("Tab")
    settled(page)
    field_of = page.evaluate("document.activeElement.dataset.name")
    assert "type" == field_of
    assert [] == page.said


def test_a_reload_remembers_the_work(playground):
    """The form after edits, also one that is not sound; the ratings; the language. No month."""
    page = playground()
    begin(page, "en")
    fill(page, "form/0", label="Mine")
    add(page, "items/0", "criterion", label="Work", weight="90")
    page.fill("#ratings", "work = 50\n")
    settled(page)
    page.reload()
    settled(page)
    assert "Mine" == field(page, "form/0", "label").input_value()
    assert "Work" == part(page, "items/0").locator(".name span").first.text_content()
    assert "work = 50\n" == page.input_value("#ratings")
    assert "your own rules" == page.locator("#chosen option:checked").text_content()
    part(page, "items/0").locator(":scope > .bar > .fold").click()
    fill(page, "items/0", weight="100")
    settled(page)
    assert page.locator("#result").is_visible()
    kept = json.loads(page.evaluate("localStorage.getItem('kpirules-playground-work')"))
    assert {"ruleset", "base", "form", "ratings", "lang"} == set(kept)
    # what was opened and not changed is not remembered
    page.select_option("#chosen", "developer/2025-01-01")
    page.get_by_role("button", name="Drop them").click()
    settled(page)
    page.wait_for_function("() => localStorage.length === 0")


def test_rule_workbooks_and_ruleset_files_are_opened(playground):
    """A workbook gives its form, with the findings of its cells; a file gives its text."""
    page = playground()
    found = next(each for each in rulesets() if each.id == "developer")
    text = found.path.read_text("utf-8")
    opened(page, "rules-file", "mine.toml", text.encode())
    page.wait_for_function("() => document.querySelector('#chosen').value === 'own'")
    settled(page)
    assert text == text_of(page)
    with_workbook(page, loads(text))


def with_workbook(page, rubric):
    """Open the workbook of a ruleset, and one that is none."""
    from kpirules.cli.io.excel import Book

    made = exported(rubric, "zh", lambda data: Book(Path("x.xlsx"), data)).content
    opened(page, "rules-file", "rules.xlsx", made)
    # the file before is replaced when they say so
    page.get_by_role("button", name="Drop them").click()
    page.wait_for_selector("#replace:not([open])", state="attached")
    page.wait_for_function(
        "() => document.querySelector('#ruleset').shadowRoot.textContent.includes('effective_from')"
    )
    settled(page)
    # a workbook has the names of examples in the order of its columns
    assert unstructure(rubric) == unstructure(loads(text_of(page)))
    opened(page, "rules-file", "none.xlsx", b"PK nothing")
    page.wait_for_function(
        "() => document.querySelector('#remembered').textContent.includes('none.xlsx')"
    )


def test_a_month_of_other_columns_is_explained(playground):
    """A file that is no table of this month says why; one with more columns names them."""
    page = playground()
    opened(page, "month-file", "other.csv", b"a,b\n1,2\n")
    page.wait_for_function("() => document.querySelector('#month-status').textContent.length > 40")
    assert not page.locator("#month-found").is_visible()
    assert page.locator("#month-status").text_content().startswith("other.csv:1: ")
    lines = page.input_value("#ratings").splitlines()
    record = {k: v.strip('"') for k, v in (line.split(" = ") for line in lines)}
    rows = table([{"name": "<b>An", **record, "mood": "=1+1"}], "xlsx")
    opened(page, "month-file", "month.xlsx", rows)
    page.wait_for_selector("#month-rows tr")
    assert "<b>An" == page.locator("#month-rows th").text_content()
    assert "mood" in page.locator("#month-notes").text_content()
    assert [] == page.said


def test_what_the_form_cannot_show_is_named_and_stays(playground):
    """A part without a column is as before, after edits of the form."""
    text = """
schema = 1
id = "x"
label = "X"
criterion = [{ id = "a", weight = 100, bands = [{ points = "0..100" }] }]
"""
    page = playground()
    opened(page, "rules-file", "x.toml", text.encode())
    page.wait_for_function("() => document.querySelector('#chosen').value === 'own'")
    settled(page)
    assert "a.bands" in page.locator("#hidden-parts").text_content()
    fill(page, "form/0", label="Y")
    settled(page)
    assert loads(text.replace('"X"', '"Y"')) == loads(text_of(page))


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_the_form_on_a_phone(browser, address, axe, lang):
    """No scrolling sideways at 375, unfolded, with fields that can be read out."""
    context = browser.new_context(viewport={"width": 375, "height": 800})
    page = context.new_page()
    page.goto(f"{address}playground/")
    settled(page)
    page.select_option("#lang", lang)
    settled(page)
    for name in page.locator(".sheet").evaluate_all("all => all.map(e => e.dataset.sheet)"):
        sheet_of(page, name)
    for each in page.locator(".fold").all()[:4]:
        each.click()
    assert 375 >= page.evaluate("document.scrollingElement.scrollWidth")
    picture(page, f"form-375-{lang}")
    grave = [v["id"] for v in axe(page) if v["impact"] in ("serious", "critical")]
    unnamed = page.locator("#form :is(input, select, textarea)").evaluate_all(
        "all => all.filter(e => !e.labels?.length && !e.ariaLabel).length"
    )
    context.close()
    assert [] == grave
    assert 0 == unnamed


def cashier(page):
    """Fill in the form of the author guide as it is printed, with its three unclear places."""
    fill(page, "form/0", label="Cashier, monthly appraisal", effective_from="2026-01-01")
    fill(page, "form/0", period="month", currency="EUR")
    facts = [
        {"label": "Late arrivals", "type": "count", "better": "lower"},
        {"label": "Absences", "type": "count", "better": "lower"},
        {"label": "Till differences", "type": "count", "better": "lower"},
        {"label": "Memberships sold", "type": "number", "unit": "%", "better": "higher"},
        {"label": "Took cash", "type": "yes or no"},
    ]
    for i, cells in enumerate(facts):
        add(page, f"data/{i}", "inputs", **cells)
    add(page, "items/0", "section", label="Conduct", weight="25")
    add(page, "items/1", "section", label="Work", weight="75")
    of = {"of_1": "Late arrivals", "of_2": "Absences"}
    add(page, "items/0/0", "criterion", label="Attendance", weight="15", **of)
    attendance = [
        {"when_1": "0", "when_2": "0", "points": "15", "label": "never late, never absent"},
        {"when_1": "1-2", "when_2": "0", "points": "10", "label": "late once or twice"},
        {"when_1": ">=3", "points": "0", "label": "late three times"},
        {"when_2": ">= 1", "points": "0", "label": "absent"},
    ]
    add(page, "items/0/1", "criterion", label="Teamwork", weight="10")
    add(page, "items/1/0", "criterion", label="Service", weight="30")
    service = [("26-30", "praised"), ("16-25", "courteous"), ("0-14", "complaints")]
    add(page, "items/1/1", "criterion", label="Till differences", weight="25")
    sold = {"label": "Memberships sold", "weight": "20", "of_1": "Memberships sold"}
    add(page, "items/1/2", "criterion", **sold)
    for i, cells in enumerate(attendance):
        add(page, f"items/0/0/{i}", "bands", **cells)
    for i, (points, label) in enumerate(service):
        add(page, f"items/1/0/{i}", "bands", points=points, label=label)
    add(page, "items/1/1/0", "bands", formula="25 - 5 * Till differences")
    for i, (when, points) in enumerate([("100% and more", "20"), ("80-99 %", "12"), ("less", "0")]):
        add(page, f"items/1/2/{i}", "bands", when_1=when, points=points)
    tiers = [
        ("Excellent", "90-100", "500"),
        ("Good", "75-89", "200"),
        ("Pass", "60-74", "0"),
        ("Fail", "below 60", "-100"),
    ]
    for i, (label, total, pay) in enumerate(tiers):
        add(page, f"tiers/{i}", "tier", label=label, total=total, pay=pay)
    veto = {"of_1": "Took cash", "when_1": "yes", "tier_at_most": "Fail", "reason": "takes cash"}
    add(page, "vetoes/0", "gate", **veto)
    settled(page)


def test_the_paper_form_of_the_author_guide_to_a_month_to_sign(playground):
    """As printed; its unclear places are found in their rows, in words of the form, and mended."""
    need_module("openpyxl")
    import openpyxl

    page = playground()
    begin(page, "en")
    cashier(page)
    told = page.locator("#form .marks > li").all_text_contents()
    assert any("two rows of" in text for text in told)
    assert any('"less" is neither a number nor a range' in text for text in told)
    assert any('fill in "Limit to (clamp)"' in text for text in told)
    assert not re.search(r"\bclamp\b(?!\))|criteri|\bgates?\b|\bbands?\b|\[\[", " ".join(told))
    fill(page, "items/0/0/2", when_1="otherwise", label="late three times, or absent")
    part(page, "items/0/0/3").locator(":scope > .bar > .remove").click()
    fill(page, "items/1/0/1", points="15-25")
    fill(page, "items/1/1", clamp="0-25")
    fill(page, "items/1/2/1", when_1="80 .. < 100")
    fill(page, "items/1/2/2", when_1="below 80")
    settled(page)
    assert page.locator("#form .marks :is(.error, .warning)").all_text_contents() == []
    assert page.locator("#status").text_content().startswith("Sound")
    _, template = downloaded(page, "get-template")
    book = openpyxl.load_workbook(BytesIO(template))
    sheet = book.active
    headings = {c.value: c.column for row in sheet.iter_rows(max_row=6) for c in row if c.value}
    assert {"Memberships sold (%)", "Took cash"} < headings.keys()
    # its id is made of the label that the item has too, or has a number behind it
    till = next(each for each in headings if each.startswith("Till differences"))
    rated = ("Late arrivals", "Absences", till, "Memberships sold (%)")
    rated = (*rated, "Took cash", "Teamwork", "Service")
    people = [("Anna", 0, 0, 0, 104, "no", 9, 28), ("Ben", 2, 0, 1, 85, "yes", 8, 20)]
    month = "\n".join(",".join(map(str, row)) for row in [("name", *rated), *people])
    opened(page, "month-file", "month.csv", month.encode())
    page.wait_for_selector("#month-rows tr")
    rows = page.locator("#month-rows tr").evaluate_all(
        "all => all.map(r => [...r.cells].slice(0, 4).map(c => c.textContent))"
    )
    assert [["Anna", "97", "Excellent", "500 EUR"], ["Ben", "70", "Fail", "-100 EUR"]] == rows
    picture(page, "cashier-1280")
    for button in ("month-results", "month-report"):
        assert openpyxl.load_workbook(BytesIO(downloaded(page, button)[1])).sheetnames
    assert "Cashier, monthly appraisal" in downloaded(page, "get-blank")[1].decode()
    assert [] == page.said
