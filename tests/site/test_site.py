"""The documentation site and its playground, as built, in a browser."""

from __future__ import annotations

import base64
import io
import json
import os
import posixpath
import random
import re
import shutil
import subprocess
import sys
import warnings
import zipfile
import zlib
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest

from kpirules import InputError, evaluate, load, loads, rulesets
from kpirules.api.load import check_text
from kpirules.arithmetic.number import show
from kpirules.evaluation.labels import speaker
from tests import ROOT
from tests.shipped import shipped
from tests.site import settled


pytestmark = pytest.mark.thorough("the documentation site and its playground in a browser")


def link(ruleset, ratings, lang="en"):
    """Make a share link as the page does: packed JSON."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    text = json.dumps({"ruleset": ruleset, "ratings": ratings, "lang": lang}).encode()
    packed = base64.urlsafe_b64encode(packer.compress(text) + packer.flush())
    return "#z=" + packed.decode().rstrip("=")


BROKEN = '# 考\nschema = 1\nid = "x"\ncolour = "red"\ncriterion = [{ label = "𠮷野家", id = "工", weight = 90 }, { id = "b", weight = 5 }]\n'
#: one page of each kind
KINDS = {
    "home": "",
    "chinese-home": "index.zh/",
    "guide": "score-many/",
    "chinese": "author-guide.zh/",
    "finding": "findings/band-gap/",
    "findings": "findings/",
    "api": "api/",
    "ruleset": "rulesets/customer-service/2025-01-01/",
    "rulesets": "rulesets/",
    "changelog": "changelog/",
    "playground": "playground/",
    "broken": f"playground/{link(BROKEN, 'late = 0')}",
}


# ---------------------------------------------------------------- the site


class Page(HTMLParser):
    """What a page has: names that links may lead to, and what it links to or loads."""

    def __init__(self, text):
        super().__init__()
        self.names, self.links = set(), []
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        found = dict(attributes)
        self.names |= {found[key] for key in ("id", "name") if found.get(key)}
        for key in ("href", "src"):
            if found.get(key) is not None and (tag, key) != ("base", "href"):
                self.links.append(found[key])


@pytest.fixture(scope="module")
def all_pages(built):
    """Every page of the site, by path."""
    files = built.rglob("*.html")
    return {f.relative_to(built).as_posix(): Page(f.read_text("utf-8")) for f in files}


def wrong_links(pages, files):
    """Give the links that lead nowhere, each with its page."""
    for path, page in pages.items():
        for link in page.links:
            parts = urlsplit(link)
            if parts.scheme in ("http", "https", "mailto"):
                continue
            target = unquote(parts.path)
            folder = "" if target.startswith("/") else posixpath.dirname(path)
            there = (
                posixpath.normpath(posixpath.join(folder, target.lstrip("/"))) if target else path
            )
            if target and (target.endswith("/") or f"{there}/index.html" in files or there == "."):
                there = posixpath.normpath(f"{there}/index.html")
            is_there = not parts.scheme and there in files
            if not is_there or not leads(unquote(parts.fragment), there, pages):
                yield path, link


def leads(fragment, there, pages):
    """Say whether a page has a place; the playground's are the keys of rulesets."""
    if there == "playground/index.html" and fragment.startswith("ruleset="):
        keys = {f"ruleset={r.id}/{r.effective_from}" for r in rulesets()}
        return fragment in keys
    return not fragment or (there in pages and fragment in pages[there].names)


def test_every_link_and_anchor_leads_somewhere(built, all_pages):
    """Also those of generated pages, of the theme, and of files that are loaded."""
    files = {f.relative_to(built).as_posix() for f in built.rglob("*") if f.is_file()}
    assert [] == list(wrong_links(all_pages, files))
    # and what is wrong would be found
    wrong = Page('<a href="nowhere/"><a href="#x"><a id="y" href="#y"><a href="b/#z">')
    found = list(
        wrong_links({"a.html": wrong, "b/index.html": Page("")}, {"a.html", "b/index.html"})
    )
    assert ["nowhere/", "#x", "b/#z"] == [link for _, link in found]


def test_a_build_ends_at_a_link_that_leads_nowhere(built, tmp_path):
    """And at a page that has no place among the others; each is named."""
    home = tmp_path / "checkout"
    home.mkdir()
    for name in ("docs", "rulesets", "src"):
        shutil.copytree(ROOT / name, home / name)
    for name in ("CHANGELOG.md", "CONTRIBUTING.md", "LICENSE", "README.md", "mkdocs.yml"):
        shutil.copyfile(ROOT / name, home / name)
    shutil.copytree(ROOT / "tests" / "cases", home / "tests" / "cases")
    editors = home / "docs" / "editors.md"
    editors.write_text(editors.read_text("utf-8") + "\n[away](nowhere.md)\n", encoding="utf-8")
    (home / "docs" / "lost.md").write_text("# Lost\n", encoding="utf-8")
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", tmp_path / "site"]
    done = subprocess.run(command, cwd=home, capture_output=True, text=True, check=False)
    assert 1 == done.returncode
    for said in ("contains a link 'nowhere.md'", "- lost.md", "Aborted with 2 warnings"):
        assert said in done.stdout + done.stderr


def test_each_version_of_a_ruleset_and_each_document_has_a_page(all_pages):
    """And the code of the examples has none."""
    for each in rulesets():
        assert f"rulesets/{each.id}/{each.effective_from}/index.html" in all_pages
    for document in (ROOT / "docs").rglob("*.md"):
        path = document.relative_to(ROOT / "docs").with_suffix("")
        name = path.parent if path.name in ("README", "index") else path
        assert posixpath.normpath(f"{name.as_posix()}/index.html") in all_pages
    assert "changelog/index.html" in all_pages
    assert [] == [p for p in all_pages if p.startswith("examples/") and "src" in p]


def test_what_is_listed_opens_what_its_name_says(page, address):
    """A section's title opens no page among its own; those go by their own names."""
    page.goto(address)
    links = page.locator(".md-nav--primary a.md-nav__link").evaluate_all(
        "all => all.map(a => [a.textContent.trim(), a.getAttribute('href')])"
    )
    listed = dict(links)
    readers = {"HR", "Application developers", "Operators", "About kpirules"}
    assert (readers | {"Rulesets", "Findings"}).isdisjoint(listed)
    assert readers < set(page.locator(".md-tabs__link").all_inner_texts())
    for name, path in (
        ("Playground", "playground/"),
        ("A month of sixty employees", "examples/"),
        ("A sample HR application", "examples/hr-app/"),
        ("All rulesets", "rulesets/"),
        ("All findings", "findings/"),
    ):
        assert path == listed[name]


def test_a_page_says_its_language(page, address):
    """Whoever reads it out, and whoever picks the glyphs, is told; what is around it is Chinese too."""
    page.goto(f"{address}author-guide.zh/")
    assert "zh-CN" == page.get_attribute("html", "lang")
    assert page.get_by_role("textbox", name="搜索").is_visible()
    page.goto(f"{address}author-guide/")
    assert "en" == page.get_attribute("html", "lang")
    assert page.get_by_role("textbox", name="Search").is_visible()


def test_pages_ask_nobody_else_and_load_nothing_of_the_playground(all_pages, address, page):
    """All pages, one after the other: no request leaves, none fails, none is for the playground."""
    asked, failed = [], []
    page.on("request", lambda r: asked.append((where, r.url)))
    page.on("response", lambda r: failed.append(r.url) if r.status >= 400 else None)
    # the playground last: what it loads comes after the page does
    for where in sorted(all_pages, key=lambda path: (path.startswith("playground/"), path)):
        page.goto(address + where)
    assert len(all_pages) <= len(asked)
    assert [] == [url for _, url in asked if not url.startswith(address)]
    assert [] == failed
    inside = [(w, u) for w, u in asked if "/playground/" in u and not w.startswith("playground/")]
    assert [] == inside


def found_for(page, address, words):
    """Type into the search box; give the addresses of what is found."""
    page.goto(address)
    page.get_by_role("textbox", name="Search").click()
    says = "said => document.querySelector('.md-search-result__meta').textContent.includes(said)"
    page.wait_for_function(says, arg="Type to start searching")
    page.keyboard.insert_text(words)
    # the theme looks when a key is let go
    page.keyboard.press("End")
    page.wait_for_function(says, arg="matching document")
    links = page.locator(".md-search-result__link")
    return [urlsplit(a.get_attribute("href")).path for a in links.all()]


@pytest.mark.parametrize(
    ("words", "path"),
    [
        ("考勤", "/rulesets/customer-service/2025-01-01/"),
        # inside a clause without any blank: 能熟练使用网络工具
        ("网络", "/rulesets/customer-service/2025-01-01/"),
        ("witness", "/findings/"),
    ],
)
def test_the_search_box_finds_words(page, address, words, path):
    """English ones, and Chinese ones from the middle of a sentence without blanks."""
    assert path in found_for(page, address, words)


def test_the_search_box_does_not_find_what_is_not_there(page, address):
    """A Chinese word that no page has."""
    assert [] == found_for(page, address, "犀牛")


def test_the_search_box_does_not_find_what_is_drawn(built):
    """The words of a chart are those of the tables beside it."""
    index = json.loads((built / "search" / "search_index.json").read_text("utf-8"))
    found = {each["location"]: each["text"] for each in index["docs"]}
    page = "rulesets/customer-service/2025-01-01/"
    assert "Customer service" in found[f"{page}#the-form"]
    assert "" == found[f"{page}#weights"]


@pytest.mark.parametrize(
    ("path", "command"),
    [
        # without what is printed, and without the remark behind a command
        ("tutorial/", "kpirules check rulesets"),
        ("tutorial/", "python3 -m venv .venv\nsource .venv/bin/activate"),
        ("author-guide.zh/", "kpirules check rulesets"),
    ],
)
def test_what_is_copied_of_a_terminal_is_what_is_typed(context, page, address, path, command):
    """By the button, into the clipboard; of a file all is copied, of a change nothing."""
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.goto(address + path)
    first = command.partition("\n")[0]
    block = page.locator(".language-console", has_text=f"$ {first}").first
    assert f"$ {first}\n" in block.inner_text()
    block.scroll_into_view_if_needed()
    block.locator("button").click()
    page.get_by_text("Copied to clipboard" if "zh" not in path else "已复制").wait_for()
    assert command == page.evaluate("navigator.clipboard.readText()")
    page.locator(".language-toml button").first.click()
    said = "() => navigator.clipboard.readText().then(text => text.startsWith('schema = 1'))"
    page.wait_for_function(said)
    changes = page.locator(".language-diff")
    assert changes.count()
    assert 0 == changes.locator("button").count()


def test_what_is_copied_of_a_python_session_is_what_is_typed(page, address):
    """Statements without prompts, and nothing of what is printed: it runs when it is pasted."""
    page.goto(f"{address}api/")
    copied = [each.get_attribute("data-copy") for each in page.locator(".language-pycon").all()]
    assert len(copied) > 5
    for text in copied:
        compile(text, "copied", "exec")
        assert ">>>" not in text


# ---------------------------------------------------------------- for everybody


def picture(page, name):
    """Take a picture of a page, where somebody asks for pictures."""
    if os.environ.get("KPIRULES_PICTURES"):
        page.screenshot(path=Path(os.environ["KPIRULES_PICTURES"]) / f"{name}.png")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("kind", KINDS)
def test_axe_finds_nothing_grave(address, browser, axe, kind, scheme):
    """On a page of each kind, in both looks."""
    context = browser.new_context(color_scheme=scheme, viewport={"width": 1280, "height": 900})
    page = context.new_page()
    page.goto(address + KINDS[kind])
    if KINDS[kind].startswith("playground/"):
        settled(page)
    found = axe(page)
    picture(page, f"{kind}-1280-{scheme}")
    context.close()
    grave = [
        (v["id"], [n["html"][:200] for n in v["nodes"]][:4])
        for v in found
        if v["impact"] in ("serious", "critical")
    ]
    assert [] == grave


def test_axe_would_find_something(address, page, axe):
    """A picture without words, on a page that has none."""
    page.goto(address)
    page.evaluate("document.querySelector('article').append(document.createElement('img'))")
    assert "image-alt" in {v["id"] for v in axe(page)}


@pytest.mark.parametrize("kind", KINDS)
def test_a_phone_needs_not_scroll_sideways(address, browser, kind):
    """At a width of 360."""
    context = browser.new_context(viewport={"width": 360, "height": 740})
    page = context.new_page()
    page.goto(address + KINDS[kind])
    if KINDS[kind].startswith("playground/"):
        settled(page)
    width = page.evaluate("document.scrollingElement.scrollWidth")
    picture(page, f"{kind}-360")
    context.close()
    assert 360 >= width


@pytest.mark.parametrize("path", ["", "author-guide/", "author-guide.zh/", "findings/"])
def test_no_table_is_cut_on_a_phone(address, browser, path):
    """Nor the home page's example: what is read first is seen whole."""
    context = browser.new_context(viewport={"width": 390, "height": 844})
    page = context.new_page()
    page.goto(address + path)
    seen = ".md-typeset__scrollwrap" + ("" if path else ", pre > code")
    cut = page.locator(seen).evaluate_all(
        "all => all.filter(e => e.scrollWidth > e.clientWidth + 1).map(e => e.textContent)"
    )
    some = page.locator(seen).count()
    context.close()
    assert some
    assert [] == cut


# ---------------------------------------------------------------- the playground


def unpacked(url):
    """Read a share link."""
    packed = url.partition("#z=")[2]
    data = base64.urlsafe_b64decode(packed + "=" * (-len(packed) % 4))
    return json.loads(zlib.decompress(data, -15))


def text_of(page, name):
    return page.locator(f"#{name}").text_content()


def shown(page):
    """Read what the page shows of a result, or the problems."""
    if page.locator("#problems-part").is_visible():
        return page.locator("#problems .place").all_text_contents()
    lines = page.locator("#lines tr").evaluate_all(
        "rows => rows.map(r => [r.dataset.id, ...[...r.cells].map(c => c.textContent)])"
    )
    tier = page.get_attribute("#tier", "data-id")
    verdict = [text_of(page, name) for name in ("total", "tier", "pay", "currency", "words")]
    return [verdict, tier, lines]


def expected(rubric, record):
    """Say what the page must show."""
    try:
        result = evaluate(rubric, record)
    except InputError as error:
        return [problem.text("en") for problem in error.problems]
    by = speaker(result, "en")
    lines = [
        [
            line.criterion,
            line.label.get("en"),
            "" if line.points is None else show(line.points),
            by.reason(line),
        ]
        for line in result.lines
    ]
    tier = result.tier.label.get("en")
    verdict = [show(result.total), tier, show(result.pay), "CNY", result.explain("en")]
    return [verdict, result.tier.id, lines]


def records(count):
    """Make records: most are scored, some are refused."""
    dice = random.Random(7)
    most = {"skill": 10, "feedback": 10, "manner": 5, "teamwork": 5}
    most |= {"volume": 20, "service": 20, "conversion": 10}
    for number in range(count):
        facts = {n: dice.choice((0, 0, 1, 2, 3, 9)) for n in ("late", "absent", "leave_days")}
        facts |= {"incidents": dice.choice((0, 1, 2)), "duty": dice.choice(("met", "forgotten"))}
        least = dice.choice((0, 0, 2))
        pools = {
            n: [v for v in range(top * least // 3, top + 1) if v != 2] for n, top in most.items()
        }
        ratings = {n: dice.choice(pool) for n, pool in pools.items()}
        if number % 10 == 9:
            ratings["skill"] = 2
            facts["late"] = -1
        if number % 5 == 4:
            ratings["problem_handling"] = "处理了一起投诉 <b>"
        yield facts | ratings


def as_toml(record):
    return "".join(f"{n} = {json.dumps(v, ensure_ascii=False)}\n" for n, v in record.items())


def test_the_page_shows_what_python_says(playground):
    """Fifty records, typed in one after the other: total, tier, pay, each line with its reason."""
    page = playground()
    rubric = load("customer-service")
    kinds = set()
    for record in records(50):
        page.fill("#ratings", as_toml(record))
        settled(page)
        wanted = expected(rubric, record)
        assert wanted == shown(page)
        kinds.add(wanted[1] if isinstance(wanted[0], list) else "refused")
    assert {"refused", "good", "pass", "fail"} <= kinds
    assert [] == page.said
    assert [] == page.evaluate("violations")


def test_labels_in_chinese(playground):
    """In the result and on the sheet."""
    page = playground()
    page.select_option("#lang", "zh")
    settled(page)
    assert "考勤" == page.locator("#lines th").first.text_content()
    sheet = page.frame_locator("#sheet")
    assert "客服部绩效考核办法" == sheet.locator("h1").inner_text()


#: what the page says by itself, seen or read out: without what is written in it, and what is
#: marked as being in another language
OWN_WORDS = """() => {
    const language = document.documentElement.lang;
    const said = [document.title];
    const walk = (element) => {
        if (element.matches("[hidden], #ruleset, #ratings, #words, script, noscript")) return;
        if (element.lang && element.lang !== language) return;
        for (const name of ["aria-label", "title"])
            if (element.hasAttribute(name)) said.push(element.getAttribute(name));
        for (const child of element.childNodes) {
            if (child.nodeType === Node.TEXT_NODE) said.push(child.textContent.trim());
            else if (child.nodeType === Node.ELEMENT_NODE) walk(child);
        }
    };
    walk(document.body);
    const editor = document.querySelector("#ruleset").shadowRoot.querySelector(".cm-content");
    return [...said, editor.getAttribute("aria-label")].filter((text) => text);
}"""


def test_the_page_speaks_the_language_that_is_chosen(playground):
    """Its title, headings, buttons, status, and what is only read out: with a result, and without."""
    page = playground()
    page.click("#share")
    page.wait_for_selector("#link:not([hidden])")
    page.wait_for_selector("html[data-offline]", state="attached", timeout=60_000)
    good = page.input_value("#ratings")
    # names of things are the same in every language
    names = re.compile(
        r"kpirules|Python|MB|TOML|CSV|HTML|xlsx|CNY|= met|[a-z-]+，自 2025-01-01 起|^rating-gap$|认可条款：T4|^lat = 1"
        # headings of a rule workbook name the key of the language
        r"|（[a-z_]+）"
    )
    for ratings in (good, f"{good}lat = 1\n"):
        page.fill("#ratings", ratings)
        settled(page)
        english = page.evaluate(OWN_WORDS)
        assert "en" == page.get_attribute("html", "lang")
        assert [] == [said for said in english if re.search("[\u4e00-\u9fff]", said)]
        page.select_option("#lang", "zh")
        settled(page)
        assert "zh-CN" == page.get_attribute("html", "lang")
        chinese = page.evaluate(OWN_WORDS)
        assert [] == [said for said in chinese if re.search("[A-Za-z]", names.sub("", said))]
        assert "通过。5 条已由裁定认可" == text_of(page, "status")
        assert ["English", "中文"] == page.locator("#lang option").all_text_contents()
        assert page.get_by_role("button", name="生成链接").is_visible()
        picture(page, "playground-chinese")
        page.select_option("#lang", "en")
        settled(page)
        assert english == page.evaluate(OWN_WORDS)
    assert [] == page.evaluate("violations")


def test_a_link_says_in_which_language_its_findings_are_counted(playground):
    """A page that is opened by a Chinese link is Chinese from the start."""
    page = playground(link(BROKEN, "late = 0\n", "zh"))
    assert "zh-CN" == page.get_attribute("html", "lang")
    assert text_of(page, "status").startswith("未通过：")
    assert "第 4 行第 1 列" in page.locator("#findings .at").all_text_contents()
    assert page.title().startswith("在线试用")
    assert "链接中的内容" == page.locator("#chosen option:checked").text_content()


def test_the_page_leads_back(playground):
    """To the home page, the tutorial, the guide in both languages, the rulesets and the findings."""
    page = playground()
    links = page.get_by_role("navigation").get_by_role("link")
    wanted = ["", "tutorial/", "author-guide/", "author-guide.zh/", "rulesets/", "findings/"]
    assert [f"../{path}" for path in wanted] == [a.get_attribute("href") for a in links.all()]


def test_a_phone_shows_all_findings(address, browser):
    """The list goes on as far as they do: a part that is scrolled by itself looks as if it ended."""
    context = browser.new_context(viewport={"width": 390, "height": 844})
    page = context.new_page()
    page.goto(f"{address}playground/")
    settled(page)
    picture(page, "playground-390")
    count = page.locator("#findings > li").count()
    box = "e => [e.scrollHeight, e.clientHeight]"
    whole, seen = page.locator("#findings").evaluate(box)
    context.close()
    assert 5 == count
    assert whole == seen


def editor_of(page):
    """Give the text that is in the editor; a link to it has all of it, the screen a part."""
    # the link that was made before is none of now
    page.evaluate("document.querySelector('#link').hidden = true")
    page.click("#share")
    page.wait_for_selector("#link:not([hidden])")
    return unpacked(page.input_value("#link"))["ruleset"]


def test_what_was_opened_is_no_change_to_undo(playground):
    """Undoing ends at the text as it was opened, and leads to no other ruleset."""
    page = playground()
    files = {f"{r.id}/{r.effective_from}": r.path.read_text("utf-8") for r in rulesets()}
    for key in ("customer-service/2025-01-01", "developer/2025-01-01"):
        page.select_option("#chosen", key)
        settled(page)
        page.locator("#ruleset .cm-content").focus()
        page.keyboard.press("Control+z")
        assert files[key] == editor_of(page)
        page.locator("#ruleset .cm-content").focus()
        page.keyboard.press("Control+Home")
        page.keyboard.type("# mine")
        for _ in range(9):
            page.keyboard.press("Control+z")
        assert files[key] == editor_of(page)


def test_what_somebody_wrote_is_not_dropped_unasked(playground):
    """Another ruleset is opened when they say so, by keyboard as well; else all stays."""
    page = playground()
    first, other = "customer-service/2025-01-01", "developer/2025-01-01"
    mine = page.input_value("#ratings").replace("late = 0", "late = 1")
    page.fill("#ratings", mine)
    settled(page)
    before = shown(page)
    for key in ("Escape", "Enter"):
        page.select_option("#chosen", other)
        page.wait_for_selector("#replace[open]")
        # the button that loses nothing is the one that Enter takes
        assert "keep" == page.evaluate("document.activeElement.id")
        page.keyboard.press(key)
        page.wait_for_selector("#replace:not([open])", state="attached")
        assert [first, mine, before] == [
            page.input_value("#chosen"),
            page.input_value("#ratings"),
            shown(page),
        ]
    page.select_option("#chosen", other)
    page.wait_for_selector("#replace[open]")
    picture(page, "playground-asks")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_selector("#replace:not([open])", state="attached")
    # the dialog is closed before the other ruleset is there
    page.wait_for_function("mine => document.getElementById('ratings').value !== mine", arg=mine)
    settled(page)
    assert other == page.input_value("#chosen")
    # what was only opened is replaced without a question; a text that was changed is asked about
    page.select_option("#chosen", first)
    settled(page)
    assert not page.locator("#replace").is_visible()
    page.locator("#ruleset .cm-content").focus()
    page.keyboard.type("# mine ")
    page.evaluate("key => { location.hash = `#ruleset=${key}` }", other)
    page.wait_for_selector("#replace[open]")
    page.get_by_role("button", name="Keep my changes").click()
    assert first == page.input_value("#chosen")
    assert editor_of(page).startswith("# mine ")
    assert [] == page.evaluate("violations")


def test_the_texts_of_a_link_can_be_opened_again(playground):
    """They stay in the list of what to begin with."""
    page = playground(link(BROKEN, "late = 0\n"))
    page.select_option("#chosen", "developer/2025-01-01")
    settled(page)
    page.select_option("#chosen", label="from the link")
    settled(page)
    assert "late = 0\n" == page.input_value("#ratings")
    assert text_of(page, "status").startswith("Not sound: ")


def test_leaving_with_changes_keeps_them(playground, address):
    """Nobody is asked; where the browser keeps nothing, leaving is asked about."""
    page = playground()
    asked = []

    def stay(dialog):
        asked.append(dialog.type)
        dialog.dismiss()

    page.on("dialog", stay)
    page.locator("#ratings").press("End")
    page.keyboard.type(" # mine")
    page.goto(address)
    page.goto(f"{address}playground/")
    settled(page)
    assert [] == asked
    assert "# mine" in page.input_value("#ratings")
    page.evaluate("() => { Storage.prototype.setItem = () => { throw new Error('full') } }")
    page.locator("#ratings").press("End")
    page.keyboard.type(" again")
    page.evaluate("to => { location.href = to }", address)
    page.wait_for_timeout(500)
    assert ["beforeunload"] == asked
    assert "again" in page.input_value("#ratings")


def test_each_shipped_ruleset_opens_sound_and_scored(playground):
    """By the list of rulesets, and by the link that its page has."""
    page = playground()
    keys = [f"{r.id}/{r.effective_from}" for r in rulesets()]
    options = page.locator("#chosen option").evaluate_all("all => all.map(o => o.value)")
    assert keys == options
    for key in keys:
        page.select_option("#chosen", key)
        settled(page)
        assert text_of(page, "status").startswith("Sound")
        assert page.locator("#result").is_visible()
    page = playground("#ruleset=developer/2025-01-01")
    assert "developer/2025-01-01" == page.input_value("#chosen")
    assert 'id = "developer"' in page.locator("#ruleset .cm-content").inner_text()


def test_a_broken_ruleset_shows_its_findings_at_their_lines(playground):
    """Those of the check, each with its place; underlined, and reached by keyboard."""
    text = shipped().read_text("utf-8").replace('total = "60..79" # T1', 'total = "70..79"')
    for broken in (text, BROKEN):
        page = playground(link(broken, "late = 0\n"))
        findings = check_text(broken)
        wanted = [
            (f"line {f.spots[0].line}:{f.spots[0].column}", f.code, f.message("en").strip())
            for f in findings
        ]
        items = page.locator("#findings > li")
        got = [
            (
                item.locator(".at").text_content(),
                item.locator("strong").text_content().partition("[")[2][:-1],
                item.locator(".message").text_content().partition(" (ruling ")[0],
            )
            for item in items.all()
        ]
        assert wanted == got
        assert text_of(page, "status").startswith("Not sound: ")
        assert page.locator("#mend").is_visible()
        assert not page.locator("#result").is_visible()
    codes = [f.code for f in findings]
    first = findings[codes.index("unknown-key")].spots[0]
    assert (4, 1) == (first.line, first.column)
    page.locator("#findings > li").nth(codes.index("unknown-key")).locator("button").first.focus()
    page.keyboard.press("Enter")
    assert 'colour = "red"' == page.locator(".cm-activeLine").text_content()
    assert "colour" in page.locator(".cm-lintRange-error").first.text_content()
    # behind a character that JavaScript counts as two, what is underlined is what is wrong
    assert '"工"' in page.locator(".cm-lintRange-error").all_text_contents()


def test_typing_is_looked_at_and_mended_by_keyboard_alone(playground):
    """A key that breaks the file, taken back; Tab leads out of the editor."""
    page = playground()
    before = shown(page)
    page.locator("#ruleset .cm-content").focus()
    page.keyboard.press("Control+Home")
    page.keyboard.type("=")
    settled(page)
    assert "line 1:1" == page.locator("#findings .at").first.text_content()
    assert page.locator("#mend").is_visible()
    page.keyboard.press("Control+z")
    settled(page)
    assert before == shown(page)
    page.keyboard.press("Tab")
    assert "ratings" == page.evaluate("document.activeElement.id")
    page.keyboard.press("Control+a")
    page.keyboard.type("late = 1\nlate = 2\n")
    settled(page)
    (problem,) = shown(page)
    assert problem.startswith("line 2:")
    page.locator("#problems button").focus()
    page.keyboard.press("Enter")
    assert "late = 2" == page.evaluate("getSelection().toString()")


HOSTILE = "</pre></title></style><script>parent.hit=1;hit=1</script><img src=x onerror=hit=1>'\"`"


def test_hostile_texts_take_no_effect(playground, address, context):
    """In labels, names, ratings, the address: they are shown, here and on the sheet."""
    said = json.dumps(HOSTILE)
    text = f"""
schema = 1
id = "x"
label = {said}
note = {said}
criterion = [{{ id = "a", label = {said}, weight = 100, bands = [{{ points = "0..100", label = {said} }}] }}]
tier = [{{ id = "t", label = {said}, total = "0..100" }}]
ruling = [{{ clause = {said}, conflict = {said}, decision = {said} }}]
"""
    loads(text)
    asked = []
    context.on("request", lambda r: asked.append(r.url))
    page = playground(link(text, "a = 50\n"))
    assert [HOSTILE, HOSTILE] == [
        text_of(page, "tier"),
        page.locator("#lines th").first.text_content(),
    ]
    sheet = page.frame_locator("#sheet")
    assert HOSTILE == sheet.locator("h1").text_content()
    assert 0 == sheet.locator("script, img").count()
    # the editor has empty pictures of its own beside what it underlines
    assert 0 == page.locator("main :is(img, script):not(.cm-widgetBuffer)").count()
    page.fill("#ratings", f"a = {said}\n{said} = 1\n")
    settled(page)
    assert 2 == len(shown(page))
    assert page.evaluate("window.hit") is None
    assert [] == [url for url in asked if not url.startswith(address) or url.endswith("/x")]
    # addresses that hold nothing that can be read open what is opened without one
    bomb = link("x" * 2**21, "")
    for hash_ in ("#z=%%%", "#z=AAAA", "#%E0%A4%A", f"#ruleset={HOSTILE}", bomb, "#z=" + "eJw"):
        page = playground(hash_)
        assert "customer-service/2025-01-01" == page.input_value("#chosen")
        assert [] == page.said


def test_a_link_that_is_cut_says_so(playground):
    """In both languages, since nobody knows who reads it, until something else is opened."""
    whole = link(BROKEN, "late = 0\n")
    for cut in (whole[:-1], whole[:-20], "#z=", "#z=%%%", "#ruleset=developer/2025-01"):
        page = playground(cut)
        said = page.get_by_role("alert")
        assert said.is_visible()
        assert "This link is incomplete or damaged" in said.inner_text()
        assert "这个链接不完整或已损坏" in said.inner_text()
        assert [] == page.said
    picture(page, "playground-damaged")
    page.select_option("#chosen", "developer/2025-01-01")
    settled(page)
    assert not said.is_visible()
    # a whole link opens as it is, and the page without any says nothing
    for good in (whole, "", "#ruleset=developer/2025-01-01"):
        assert not playground(good).get_by_role("alert").is_visible()


def test_how_ratings_are_written_is_said_beside_them(playground):
    """To those who hear the page, too; in both languages."""
    page = playground()
    box = page.get_by_role("textbox", name="Ratings", exact=True)
    assert "how-ratings" == box.get_attribute("aria-describedby")
    assert "name = value" in text_of(page, "how-ratings")
    page.select_option("#lang", "zh")
    settled(page)
    assert "名称 = 数值" in text_of(page, "how-ratings")


def test_the_code_of_a_finding_leads_to_its_page(playground, all_pages):
    """Beside the page, where the text that is written stays; marked as English for Chinese readers."""
    page = playground(link(BROKEN, "late = 0\n"))
    codes = page.locator("#findings strong a")
    assert {f.code for f in check_text(BROKEN)} == set(codes.all_text_contents())
    for each in codes.all():
        assert f"../findings/{each.text_content()}/" == each.get_attribute("href")
        assert f"findings/{each.text_content()}/index.html" in all_pages
    with page.context.expect_page() as opened:
        codes.first.click()
    # the page is there before its document is
    opened.value.wait_for_load_state()
    assert codes.first.text_content() in opened.value.title()
    page.select_option("#lang", "zh")
    settled(page)
    first = page.locator("#findings > li").first.text_content()
    assert "[" in first
    assert any(word in first for word in ("错误[", "警告[", "提示[", "已认可["))


def test_chinese_readers_are_told_which_pages_are_english(playground):
    """Each link of the page's head to such a page says it."""
    page = playground()
    page.select_option("#lang", "zh")
    links = page.get_by_role("navigation").get_by_role("link").all()
    marked = [("英文" in a.text_content(), a.get_attribute("hreflang")) for a in links]
    assert {(True, "en"), (False, "zh-CN")} == set(marked)


@pytest.mark.parametrize(
    "ratings",
    [
        "a = " + "[" * 100_000,
        "a = " * 9,
        "x" + ".x" * 9_000 + " = 1",
        f"a = {'9' * 5000}",
        "late = 1e999999",
    ],
)
def test_ratings_that_cannot_be_read_break_nothing(playground, ratings):
    """Too deep, no TOML, too long a number: said as a problem, and the next ones are scored."""
    page = playground()
    before = shown(page)
    good = page.input_value("#ratings")
    page.fill("#ratings", ratings)
    settled(page)
    assert shown(page)[0].startswith(("line 1: ", "Late arrivals and missed clock-ins = "))
    page.fill("#ratings", good)
    settled(page)
    assert before == shown(page)


def test_a_broken_python_is_replaced(playground, context):
    """Something that its bridge cannot answer is said; the next text is looked at again."""
    context.route("**/kpirules.zip", broken_bridge)
    page = playground()
    before = shown(page)
    good = page.input_value("#ratings")
    page.fill("#ratings", "break")
    page.wait_for_selector('html[data-state="failed"]', state="attached")
    assert "Something went wrong" in text_of(page, "status")
    page.fill("#ratings", good)
    settled(page)
    assert before == shown(page)


def broken_bridge(route):
    """Give the page a bridge that fails when it is told to."""
    archive = io.BytesIO(route.fetch().body())
    with zipfile.ZipFile(archive, "a") as content:
        text = content.read("bridge.py").decode()
        text = text.replace(
            "answer: dict", 'if ratings == "break":\n        raise SystemError\n    answer: dict', 1
        )
        with warnings.catch_warnings(action="ignore"):
            content.writestr("bridge.py", text)
    route.fulfill(body=archive.getvalue())


def test_files_that_are_missing_are_said(context, address):
    """A playground whose Python does not come says so, and does not wait for ever."""
    context.route("**/python.zip", lambda route: route.fulfill(status=404))
    page = context.new_page()
    page.goto(f"{address}playground/")
    page.wait_for_selector('html[data-state="failed"]', state="attached")
    assert "python.zip: 404" in text_of(page, "status")


def test_the_policy_holds(playground):
    """No violation in use; a script or style that is put in does nothing, and is reported."""
    page = playground()
    assert [] == page.evaluate("violations")
    page.evaluate("""() => {
        const script = document.createElement("script");
        script.textContent = "window.hit = 1";
        document.body.append(script);
        const button = document.createElement("button");
        button.setAttribute("onclick", "window.hit = 2");
        document.body.append(button);
        button.click();
        const style = document.createElement("style");
        style.textContent = "body { display: none }";
        document.body.append(style);
    }""")
    with pytest.raises(Exception, match=r"unsafe-eval|Evaluating a string"):
        page.evaluate(
            "() => new Promise((_, no) => setTimeout(() => { try { eval('1') } catch (e) { no(e) } }))"
        )
    assert page.evaluate("fetch('https://example.org/').then(() => 'sent', () => 'held')") == "held"
    assert page.evaluate("window.hit") is None
    assert page.get_by_role("heading", name="Playground").is_visible()
    noted = page.evaluate("violations")
    assert {"script-src-elem", "script-src-attr", "style-src-elem", "connect-src"} <= set(noted)


def test_a_link_holds_ruleset_and_ratings(playground):
    """Made on one page, opened on another: the same texts, the same result, the same link."""
    text = shipped().read_text("utf-8").replace("月度", "每月") + "# 末尾\n"
    ratings = "attendance = 4\nleave = 6\ndiscipline = 5\nduty_roster = 2\nskill = 8\nfeedback = 8\nmanner = 5\nteamwork = 4\nvolume = 15\nservice = 15\nconversion = 8\n"
    first = playground(link(text, ratings, "zh"))
    first.click("#share")
    first.wait_for_selector("#link:not([hidden])")
    address = first.input_value("#link")
    assert {"ruleset": text, "ratings": ratings, "lang": "zh"} == unpacked(address)
    second = playground("#" + address.partition("#")[2])
    assert shown(first) == shown(second)
    assert "80" == text_of(second, "total")
    second.click("#share")
    second.wait_for_selector("#link:not([hidden])")
    assert unpacked(address) == unpacked(second.input_value("#link"))


def test_the_page_works_without_a_network_after_its_first_load(built, playground, context, address):
    """From what was kept, which is the playground's files and nothing else."""
    page = playground()
    page.wait_for_selector("html[data-offline]", state="attached", timeout=60_000)
    kept = page.evaluate("""async () => {
        const names = [];
        for (const key of await caches.keys())
            for (const request of await (await caches.open(key)).keys()) names.push(request.url);
        return names;
    }""")
    folder = built / "playground"
    files = {f.relative_to(folder).as_posix() for f in folder.rglob("*") if f.is_file()}
    wanted = {f"{address}playground/{n}" for n in files - {"index.html", "sw.js"}}
    assert wanted | {f"{address}playground/"} == set(kept)
    before = shown(page)
    context.set_offline(True)
    page.reload()
    settled(page)
    assert before == shown(page)
    page.fill("#ratings", "late = -1\n")
    settled(page)
    assert "Late arrivals and missed clock-ins = -1" in shown(page)[0]
    context.set_offline(False)
    page.goto(address)
    assert page.evaluate("navigator.serviceWorker.controller") is None
