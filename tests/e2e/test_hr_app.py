"""The sample application in a browser: a month from the log-in to the download, on both databases."""

from __future__ import annotations

import csv
import io
import subprocess
import time
import urllib.error
import urllib.request
from contextlib import contextmanager

import openpyxl
import pytest

from tests.e2e.test_end_to_end import outside
from tests.programs import free_port, postgresql


pytestmark = pytest.mark.thorough("the sample application in a browser")

PASSWORD = "of-this-test-2026"  # noqa: S105 - of a database that the test makes
PHONE = {"width": 390, "height": 844}


@contextmanager
def sqlite(home):
    """A database in a file."""
    yield f"sqlite:///{home / 'hr.sqlite3'}"


@contextmanager
def served(fresh, home, address):
    """Serve the demonstration, as its page tells to start it; yield its address."""
    port = free_port()
    command = [fresh.parent / "hr-app", "demo", "--port", str(port), "--password", PASSWORD]
    log = home / "log"
    with log.open("w") as stream:
        server = subprocess.Popen(
            [*command, "--period", "2026-10"],
            cwd=home,
            env=outside(HR_APP_DATABASE=address.replace("+psycopg", "")),
            stdout=stream,
            stderr=stream,
        )
    url = f"http://127.0.0.1:{port}"
    try:
        for _ in range(300):
            if server.poll() is not None:
                pytest.fail(log.read_text())
            try:
                with urllib.request.urlopen(url, timeout=5):
                    break
            except (urllib.error.URLError, ConnectionError):
                time.sleep(0.1)
        yield url
        assert "Traceback" not in log.read_text()
    finally:
        server.terminate()
        server.wait(20)


@pytest.fixture(params=[sqlite, postgresql], ids=["sqlite", "postgresql"])
def site(request, fresh, tmp_path):
    """Serve the application over each database."""
    with request.param(tmp_path) as address, served(fresh, tmp_path, address) as url:
        yield url


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    """A folder with a database for all tests in which it does not matter."""
    return tmp_path_factory.mktemp("hr-app")


@pytest.fixture(scope="module")
def look(fresh, home):
    """Serve the application over that database."""
    with sqlite(home) as address, served(fresh, home, address) as url:
        yield url


@pytest.fixture
def as_(browser):
    """Return a function that logs in, each account in a browser window of its own."""
    contexts = []

    def log_in(site, account, **options):
        contexts.append(browser.new_context(accept_downloads=True, **options))
        page = contexts[-1].new_page()
        page.goto(f"{site}/")
        page.fill("[name=username]", account)
        page.fill("[name=password]", PASSWORD)
        page.keyboard.press("Enter")
        page.wait_for_url(f"{site}/")
        return page

    yield log_in
    for context in contexts:
        context.close()


def opened(page, site, person):
    """Open the newest appraisal of a person."""
    page.goto(site)
    with page.expect_navigation():
        page.locator("tbody th a", has_text=person).first.click()
    return page


def press(page, name):
    """Press a button, and wait for the next page."""
    with page.expect_navigation():
        page.get_by_role("button", name=name, exact=True).click()


def fill(page, **fields):
    for name, value in fields.items():
        field = page.locator(f'[name="r-{name}"]')
        if field.evaluate("e => e.tagName") == "SELECT":
            field.select_option(value)
        else:
            field.fill(value)


def figures(page):
    """Return what the page of a result shows: total, tier, pay, whether it verifies."""
    texts = [page.inner_text(f"#{name}") for name in ("total", "tier", "pay")]
    return [*texts, page.get_attribute("#verified", "data-outcome")]


def status(page):
    return page.inner_text("h1 .status")


def saved(page, link):
    """Return the content of the file behind a link."""
    with page.expect_download() as download:
        page.get_by_role("link", name=link, exact=True).click()
    return download.value.path().read_bytes()


def row_of_bo(hr):
    """Return a row of the overview as it is saved: the same in a table and in a workbook."""
    rows = [*csv.reader(io.StringIO(saved(hr, "CSV").decode("utf-8-sig")))]
    sheet = openpyxl.load_workbook(io.BytesIO(saved(hr, "Excel"))).active
    cells = [[str(cell or "") for cell in row] for row in sheet.iter_rows(values_only=True)]
    assert (7, cells) == (len(rows), rows)
    (row,) = (row for row in rows if row[2] == "Bo Lindqvist")
    return tuple(row[4:])


def test_a_month_from_the_log_in_to_the_download(site, as_):
    """Begun, drafted, submitted, signed, objected to, returned, signed again, closed, downloaded."""
    hr = as_(site, "hr")
    hr.fill("#begin", "2026-11")
    press(hr, "Begin a month")
    assert "New drafts: 6" in hr.inner_text("[role=status]")

    wang = opened(as_(site, "wang"), site, "Bo Lindqvist")
    fill(wang, late="1", language="31")
    press(wang, "Save the draft")
    assert "The draft is saved." in wang.inner_text("[role=status]")
    assert "true" == wang.get_attribute('[name="r-language"]', "aria-invalid")
    assert "Complaints of visitors" in wang.inner_text("aside")
    press(wang, "Submit")
    assert "Nothing was submitted" in wang.inner_text("[role=alert] >> nth=0")
    fill(wang, complaints="0", language="20")
    press(wang, "Submit")
    assert ("Submitted", ["80", "Fair", "150", "same"]) == (status(wang), figures(wang))

    bo = as_(site, "bo")
    assert "There are no appraisals here." in bo.inner_text("main")
    press(wang, "Sign")
    bo = opened(bo, site, "Bo Lindqvist")
    press(bo, "Object")
    assert "Write a remark" in bo.inner_text("[role=alert]")
    bo.fill("#remark", "<b>I was on time.</b>")
    press(bo, "Object")
    assert "Objected" == status(bo)

    hr = opened(hr, site, "Bo Lindqvist")
    assert "<b>I was on time.</b>" in hr.inner_text("main")
    hr.fill("#remark", "See the door's record.")
    press(hr, "Return to the appraiser")
    assert "Draft" == status(hr)
    assert 404 == bo.reload().status

    wang = opened(wang, site, "Bo Lindqvist")
    assert "20" == wang.input_value('[name="r-language"]')
    fill(wang, late="0")
    press(wang, "Submit")
    press(wang, "Sign")
    bo = opened(bo, site, "Bo Lindqvist")
    assert ["90", "Good", "300", "same"] == figures(bo)
    assert "Punctuality: 40 of 40" in bo.inner_text("pre")
    press(bo, "Acknowledge")
    hr = opened(hr, site, "Bo Lindqvist")
    press(hr, "Close")
    assert "Closed" == status(hr)
    assert ["80", "80", "80", "80", "90", "90", "90", "90"] == hr.locator(
        "[aria-labelledby=history] td:nth-child(4)"
    ).all_inner_texts()

    hr.goto(f"{site}/?period=2026-11")
    assert ("Closed", "90", "Good", "300") == row_of_bo(hr)


def test_a_month_is_scored_by_another_version_and_sheets_are_saved(site, as_):
    """What differs is shown first; what is taken over is signed again."""
    hr = as_(site, "hr")
    with hr.expect_navigation():
        hr.get_by_role("link", name="Score by another version").click()
    hr.select_option("[name=version]", "front-desk 2027-01-01")
    press(hr, "Compare")
    assert ["李安", "陈晨"] == hr.locator("tbody th").all_inner_texts()
    assert "86 · Good · 300" in hr.inner_text("tbody tr >> nth=0")
    assert "96 · Good · 350" in hr.inner_text("tbody tr >> nth=0")
    hr.locator("[name=take]").nth(1).uncheck()
    press(hr, "Take over")
    assert "Results taken over: 1" in hr.inner_text("[role=status]")
    assert "closed" in hr.locator("tr", has_text="陈晨").locator(".status").get_attribute("class")
    hr = opened(hr, site, "李安")
    assert ("Submitted", ["96", "Good", "350", "same"]) == (status(hr), figures(hr))
    wang = opened(as_(site, "wang"), site, "李安")
    press(wang, "Sign")
    an = opened(as_(site, "an"), site, "李安")
    assert b"<html" in saved(an, "HTML")
    assert b"%PDF" == saved(an, "PDF")[:4]
    assert b"PK" == saved(an, "Excel")[:2]


def test_nobody_sees_what_is_not_theirs(site, as_):
    """In the list, and by the address: any other is like one that does not exist."""
    hr = as_(site, "hr")
    links = hr.locator("tbody th a")
    addresses = dict(
        zip(
            links.evaluate_all("all => all.map(a => a.firstChild.textContent)"),
            links.evaluate_all("all => all.map(a => a.href)"),
            strict=True,
        )
    )
    assert 6 == len(addresses)
    for account, seen in (
        ("moreau", {"王敏", "Dana Fischer", "Emil Rossi"}),
        ("wang", {"李安", "Bo Lindqvist", "陈晨"}),
        ("an", {"李安"}),
        ("bo", set()),
        ("dana", {"Dana Fischer"}),
        ("admin", set()),
    ):
        page = as_(site, account)
        listed = page.locator("tbody th a").evaluate_all(
            "all => all.map(a => a.firstChild.textContent)"
        )
        assert seen == set(listed)
        for person, address in addresses.items():
            assert (200 if person in seen else 404) == page.goto(address).status
            sheet = page.request.get(f"{address}sheet.html").status
            assert (200 if sheet == 200 else 404) == sheet
            assert (sheet == 200) <= (person in seen)
        assert 404 == page.goto(f"{site}/rescore/").status


def test_no_request_without_its_token_changes_anything(site, as_):
    """A form without its token, and a request from elsewhere with the session of the browser."""
    dana = opened(as_(site, "dana"), site, "Dana Fischer")
    hr = opened(as_(site, "hr"), site, "Dana Fischer")
    before = status(hr)
    hr.evaluate("document.querySelectorAll('[name=csrfmiddlewaretoken]').forEach(e => e.remove())")
    press(hr, "Close")
    assert "403" in hr.title()
    answer = hr.request.post(dana.url, form={"step": "close", "edition": "3"})
    assert 403 == answer.status
    hr = opened(hr, site, "Dana Fischer")
    assert before == status(hr)
    wang = opened(as_(site, "wang"), site, "李安")
    posted = "([token, path]) => fetch(path, {method: 'POST', body: new URLSearchParams({csrfmiddlewaretoken: token, period: '2026-11'})}).then(r => r.status)"
    token = wang.locator("[name=csrfmiddlewaretoken]").first.get_attribute("value")
    assert [404, 403, 404] == [
        wang.evaluate(posted, [given, path])
        for given, path in ((token, "/begin/"), ("x" * 64, "/begin/"), (token, dana.url))
    ]
    hr.goto(site)
    assert 6 == hr.locator("tbody tr").count()


def pages_of(site, as_, **options):
    """Yield each page of the application, with what may be wrong on it."""
    visitor = as_(site, "an", **options)
    yield "an overview of one", visitor
    visitor.goto(f"{site}/?person=nobody")
    yield "an empty overview", visitor
    yield "a result to acknowledge", opened(visitor, site, "李安")
    visitor.goto(f"{site}/password/")
    with visitor.expect_navigation():
        visitor.locator("main form button").evaluate(
            "e => { e.form.noValidate = true; e.click(); }"
        )
    yield "a password", visitor
    visitor.goto(f"{site}/rescore/")
    yield "no page", visitor
    with visitor.expect_navigation():
        visitor.locator(".account form button").first.click()
    visitor.fill("[name=username]", "an")
    visitor.fill("[name=password]", "wrong")
    with visitor.expect_navigation():
        visitor.keyboard.press("Enter")
    yield "a failed log-in", visitor
    appraiser = opened(as_(site, "moreau", **options), site, "Emil Rossi")
    yield "a draft", appraiser
    appraiser.locator("summary").first.click()
    fill(appraiser, late="-1", attendance="6")
    with appraiser.expect_navigation():
        appraiser.locator("button[value=submit]").click()
    yield "a draft with problems", appraiser
    hr = as_(site, "hr", **options)
    yield "an overview", hr
    yield "a draft to read", opened(hr, site, "Emil Rossi")
    yield "an objection", opened(hr, site, "Dana Fischer")
    hr.goto(f"{site}/rescore/?period=2026-10&version=front-desk+2027-01-01")
    yield "a comparison", hr


@pytest.mark.parametrize("lang", ["en", "zh-CN"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_page_is_accessible(look, as_, axe, lang, scheme):
    """axe-core finds nothing to complain about."""
    for name, page in pages_of(look, as_, locale=lang, color_scheme=scheme):
        found = [(each["id"], each["nodes"][0]["html"]) for each in axe(page)]
        assert [] == found, name
        assert lang == page.get_attribute("html", "lang")


def test_a_phone_shows_every_page_without_scrolling_sideways(look, as_):
    """Tables scroll within their card."""
    for name, page in pages_of(look, as_, locale="zh-CN", viewport=PHONE):
        width = page.evaluate("document.documentElement.scrollWidth")
        assert PHONE["width"] >= width, name


def test_a_keyboard_is_enough(look, browser):
    """From the log-in to a signed appraisal; the focus is always visible."""
    context = browser.new_context()
    page = context.new_page()
    page.goto(look)
    keys = page.keyboard

    def tab_to(name):
        """Press the key of the next element until one is reached."""
        for _ in range(80):
            keys.press("Tab")
            shown = page.evaluate(
                """() => { const e = document.activeElement, s = getComputedStyle(e);
                return [e.name || "", e.textContent, e === document.body || s.outlineStyle !== "none"]; }"""
            )
            assert shown[2], shown
            if name in shown[:2]:
                return
        pytest.fail(name)

    page.wait_for_function("document.activeElement.name === 'username'")
    keys.type("wang")
    tab_to("password")
    keys.type(PASSWORD)
    keys.press("Enter")
    page.wait_for_url(f"{look}/")
    keys.press("Tab")
    assert "Skip to the content" == page.evaluate("document.activeElement.innerText")
    keys.press("Enter")
    tab_to("Bo Lindqvist, 2026-10")
    keys.press("Enter")
    page.wait_for_url("**/appraisals/*/")
    tab_to("r-complaints")
    keys.press("Control+A")
    keys.type("0")
    tab_to("r-language")
    keys.type("30")
    tab_to("Submit")
    keys.press("Enter")
    page.wait_for_selector("#total")
    assert "75" == page.inner_text("#total")
    tab_to("Sign")
    keys.press("Space")
    page.wait_for_selector(".status.signed")
    context.close()


def test_the_demonstration_leaves_a_database_of_others_alone(fresh, tmp_path):
    """It rejects one that has other accounts than its own."""
    environment = outside(HR_APP_DATABASE=f"sqlite:///{tmp_path / 'hr.sqlite3'}")
    code = "from django.contrib.auth.models import User; User.objects.create_user('eve')"
    app = fresh.parent / "hr-app"
    for command in (["migrate", "--verbosity", "0"], ["shell", "-c", code]):
        subprocess.run([app, *command], cwd=tmp_path, env=environment, check=True)
    done = subprocess.run(
        [app, "demo"], cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
    )
    assert 1 == done.returncode
    assert "this database has other accounts" in done.stderr
