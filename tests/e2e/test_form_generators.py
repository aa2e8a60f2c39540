"""Forms of rulesets as two generators draw them: react-jsonschema-form and JSON Forms, in a browser.

The programs are those of docs/how-to/draw-a-form.md; npm installs the generators as the page says.
"""

from __future__ import annotations

import json
import subprocess
from importlib.util import module_from_spec, spec_from_file_location

import pytest

from kpirules import InputError, evaluate, form_layout, load, load_file, loads, rulesets
from tests import ROOT
from tests.docs import test_documents_run as documents
from tests.programs import need
from tests.record_schema.test_form_profile import as_filled_in


pytestmark = pytest.mark.thorough("forms of two generators in a browser")

PAGE = "docs/how-to/draw-a-form.md"
GENERATORS = ("rjsf", "json-forms")
LANGUAGES = ("en", "zh")
#: fields of each kind
KINDS = """
schema = 1
id = "kinds"
step = 0.5
label = { en = "Fields of each kind", zh = "各种字段" }
inputs.hours = { type = "number", range = "0..80", step = 0.1, label = { en = "Overtime", zh = "加班" }, unit = { en = "hours", zh = "小时" } }
inputs.deals = { type = "number", many = true, range = ">= 0", label = { en = "Deals", zh = "成交额" } }
inputs.veto = { type = "flag", label = { en = "Serious incident", zh = "重大事故" } }
inputs.shift = { type = "choice", options = { day = { en = "Day", zh = "白班" }, night = { en = "Night", zh = "夜班" } }, label = { en = "Shift", zh = "班次" } }
derive.sold = { formula = "sum(deals)", range = "0..100000" }
raters = { self = { weight = 20, label = { en = "Self", zh = "自评" } }, lead = { weight = 80, label = { en = "Lead", zh = "主管" } } }
[[section]]
id = "work"
label = { en = "Work", zh = "工作" }
[[section.criterion]]
id = "overtime"
label = { en = "Overtime", zh = "加班" }
weight = 20
bands = [{ when = { hours = "<= 40" }, points = 20 }, { when = { hours = "> 40" }, points = 5 }]
[[section.criterion]]
id = "sales"
label = { en = "Sales", zh = "销售" }
weight = 30
bands = [{ when = { sold = ">= 100" }, points = 30 }, { when = "otherwise", points = 0 }]
[[section]]
id = "conduct"
label = { en = "Conduct", zh = "品行" }
[[section.criterion]]
id = "manner"
label = { en = "Manner", zh = "态度" }
weight = 10
bands = [{ points = "8..10", label = { en = "Good", zh = "好" } }, { points = "3..5", label = { en = "Poor", zh = "差" } }]
[[section.criterion]]
id = "whole"
label = { en = "Whole", zh = "整体" }
weight = 40
[[section.criterion]]
id = "note"
label = { en = "Note", zh = "备注" }
scored = false
[[gate]]
when = { veto = true, shift = ["day", "night"] }
total_at_most = 60
"""
FILLED = {
    "veto": False,
    "shift": "night",
    "hours": 40.3,
    "deals": [12.5, 90],
    "manner": {"self": 8.5, "lead": 4},
    "whole": {"self": 30, "lead": 35.5},
    "note": "kept calm",
}
#: rulesets of the tests with lists, with flags, with raters
CASES = (
    "19-frappe-hrms",
    "32-university-five-raters-half-year",
    "53-taiwan-civil-service-current",
)


def cases():
    """Yield the name, the ruleset and a record of each form."""
    for each in rulesets(folders=[ROOT / "rulesets"]):
        yield each.id, load(each.id), None
    for name in CASES:
        yield name, load_file(ROOT / "tests" / "cases" / f"{name}.rubric.toml"), None
    yield "kinds", loads(KINDS), FILLED


def accepted(rubric):
    """Return the record of an example that the ruleset accepts, as a form submits it."""
    for example in rubric.examples:
        record = {n: list(v) if isinstance(v, tuple) else v for n, v in example.ratings}
        try:
            evaluate(rubric, record)
        except InputError:
            continue
        return json.loads(json.dumps(as_filled_in(rubric, record), default=float))
    raise AssertionError(f"{rubric.id}: no example")


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """Write the files of the page, install what it installs, and build both forms."""
    home = tmp_path_factory.mktemp("forms")
    npm, commands = need("npm"), []
    for language, title, body, _ in documents.blocks(PAGE):
        if title:
            (home / title).write_text(body, encoding="utf-8")
        elif language == "console":
            commands += [command for command, _ in documents.commands(body)]
    wanted = [w for c in commands if c.startswith("npm install") for w in c.split()[2:]]
    install = [npm, "install", "--no-save", "--no-package-lock", "--no-audit", "--no-fund"]
    call(*install, "--prefix", home, *wanted, cwd=home)
    esbuild = home / "node_modules" / ".bin" / "esbuild"
    for name in GENERATORS:
        # warnings of React are only in its development build
        bundle = ["--bundle", f"--outfile={name}.js", "--global-name=form", "--log-level=warning"]
        call(
            esbuild, f"{name}.jsx", *bundle, '--define:process.env.NODE_ENV="development"', cwd=home
        )
    return home


def call(*command, cwd):
    """Run a program in a folder."""
    done = subprocess.run(
        [*map(str, command)], cwd=cwd, capture_output=True, text=True, check=False
    )
    assert 0 == done.returncode, done.stdout + done.stderr


@pytest.fixture(scope="module")
def data_of(built):
    """Return the function of the page that gives the data of a form."""
    spec = spec_from_file_location("form_data", built / "form_data.py")
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.data_of


class Form:
    """A form on a page of a browser."""

    def __init__(self, page, generator, built, data, layout, *, wait="fieldset"):
        self.page, self.generator = page, generator
        self.fields = {f["name"]: f for s in layout["sections"] for f in s["fields"]}
        self.logged = []
        page.on("console", lambda message: self.logged.append(message.text))
        page.on("pageerror", lambda error: self.logged.append(str(error)))
        page.set_content(f"<!doctype html><html lang={data['lang']}><div id=app></div></html>")
        page.add_script_tag(path=built / f"{generator}.js")
        page.evaluate(
            """(data) => form.draw(document.getElementById("app"), data, (record, valid = true) => {
                window.record = valid ? record : undefined; window.filled = record; })""",
            data,
        )
        page.wait_for_selector(wait)

    def of(self, field, more=""):
        """Return the element of a field."""
        if self.generator == "rjsf":
            selector = f'[id="{"_".join(["root", *field["path"]])}{more}"]'
        else:
            scope = "#" + "".join(f"/properties/{key}" for key in field["path"])
            selector = f'[id="{scope}-input"]'
        return self.page.locator(selector)

    def fill(self, record):
        """Fill in a record."""
        for name, field in self.fields.items():
            value = record
            for key in field["path"]:
                value = value.get(key) if isinstance(value, dict) else None
            if value is not None:
                self.fill_in(name, value)

    def fill_in(self, name, value):
        """Fill in one field, as people do."""
        field = self.fields[name]
        match field["kind"], self.generator:
            case "choice", _:
                titles = {o["const"]: o["title"] for o in field["schema"]["oneOf"]}
                self.of(field).select_option(label=titles[value])
            case "flag", "rjsf":
                self.of(field, f"-{0 if value else 1}").check()
            case "flag", _:
                self.of(field).check()
                self.of(field).set_checked(value)
            case "list", _:
                self.fill_list(field, value)
            case _:
                self.of(field).fill(str(value))

    def fill_list(self, field, values):
        """Add items to a list."""
        name, title = field["name"], field["schema"]["title"]
        for i, value in enumerate(values):
            if self.generator == "rjsf":
                self.page.locator(f'[id="root_{name}"] .btn-add').click()
                self.of(field, f"_{i}").fill(str(value))
            else:
                self.page.get_by_role("button", name=f"Add to {title}").click()
                self.page.locator(f".root_properties_{name} input").nth(i).fill(str(value))

    def held(self):
        """Return the names of the fields that are filled in."""
        return {name for name, field in self.fields.items() if self._is_filled(field)}

    def _is_filled(self, field):
        if field["kind"] == "list":
            return bool(self.page.locator(f".root_properties_{field['name']} input").count())
        if field["kind"] == "flag":
            each = ["-0", "-1"] if self.generator == "rjsf" else [""]
            return any(self.of(field, more).is_checked() for more in each)
        return bool(self.of(field).input_value())

    def submitted(self):
        """Return the record that the application gets; None if the form rejects it."""
        if self.generator == "rjsf":
            self.page.evaluate("window.record = undefined")
            self.page.locator("[type=submit]").click()
        self.page.wait_for_timeout(100)
        return self.page.evaluate("window.record")


@pytest.fixture
def drawn(browser, built, data_of):
    """Return a function that draws a form."""
    context = browser.new_context(viewport={"width": 900, "height": 1000})

    def draw(rubric, generator, lang):
        data, layout = data_of(rubric, lang), form_layout(rubric, lang=lang)
        return Form(context.new_page(), generator, built, data, layout)

    yield draw
    context.close()


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("generator", GENERATORS)
@pytest.mark.parametrize("name", [name for name, *_ in cases()])
def test_a_generator_draws_each_form_and_submits_what_evaluate_accepts(
    drawn, name, generator, lang
):
    """No warning, each label, nothing filled in before; the submitted record is the one filled in."""
    rubric, record = next((r, found) for n, r, found in cases() if n == name)
    record = record or accepted(rubric)
    form = drawn(rubric, generator, lang)
    text = form.page.inner_text("#app")
    for field in form.fields.values():
        assert field["schema"]["title"] in text
    schemas = {n: f["schema"] for n, f in form.fields.items()}
    # JSON Forms fills in no default
    defaults = {n: s["default"] for n, s in schemas.items() if "default" in s}
    defaults = defaults if generator == "rjsf" else {}
    assert set(defaults) == form.held()
    form.fill(record)
    submitted = form.submitted()
    assert defaults | record == submitted, form.page.inner_text("#app")
    assert evaluate(rubric, record).total == evaluate(rubric, submitted).total
    assert [] == form.logged


WRONG = {
    "en": ("must be <= 80", "must be a multiple of 0.1", "is not allowed", "is missing"),
    "zh": ("应当为 <= 80", "应当是 0.1 的整数倍", "不可填写", "请填写"),
}


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("generator", GENERATORS)
def test_wrong_data_shows_an_error_at_its_field(drawn, generator, lang):
    """Out of range, off the step, in a gap, one rater of two: each in the reader's language."""
    form = drawn(loads(KINDS), generator, lang)
    assert form.submitted() is None
    form.fill(FILLED)
    assert FILLED == form.submitted()
    right = set(form.page.inner_text("#app").splitlines())
    wrong = (("hours", 80.1), ("hours", 40.25), ("manner.lead", 6), ("whole.self", ""))
    for (name, value), expected in zip(wrong, WRONG[lang], strict=True):
        before = form.of(form.fields[name]).input_value()
        form.fill_in(name, value)
        assert form.submitted() is None
        shown = set(form.page.inner_text("#app").splitlines()) - right
        assert {expected} == shown
        form.fill_in(name, before)
        assert FILLED == form.submitted()
        assert right == set(form.page.inner_text("#app").splitlines())
    assert [] == form.logged


@pytest.mark.parametrize("generator", GENERATORS)
def test_a_rating_instead_of_facts(drawn, generator):
    """The facts are needed until there is a rating; both together must agree; JSON Forms hides the rating beside facts."""
    rubric = load("customer-service")
    record = accepted(rubric)
    form = drawn(rubric, generator, "en")
    rest = {n: v for n, v in record.items() if n not in ("late", "absent")}
    form.fill(rest)
    assert form.submitted() is None
    assert 2 == form.page.inner_text("#app").count("is missing")
    form.fill_in("attendance", 4)
    assert {**rest, "attendance": 4} == form.submitted()
    assert evaluate(rubric, form.submitted()).total == evaluate(rubric, record).total - 2
    form.fill_in("attendance", 5)
    assert form.submitted() is None
    form.fill_in("attendance", 4)
    form.fill_in("late", 0)
    form.fill_in("absent", 0)
    assert form.submitted() is None, "no late arrival gives 6 points, not 4"
    if generator == "json-forms":
        assert not form.of(form.fields["attendance"]).is_visible()
    form.fill_in("late", 1)
    assert {**rest, "late": 1, "absent": 0, "attendance": 4} == form.submitted()


@pytest.mark.parametrize("generator", GENERATORS)
@pytest.mark.parametrize("found", rulesets(folders=[ROOT / "rulesets"]), ids=lambda r: r.id)
def test_a_schema_alone_is_drawn_too(browser, built, data_of, generator, found):
    """Without a UI schema: every field of each shipped form, and no warning."""
    rubric = load(found.id)
    data = {name: data_of(rubric, "en")[name] for name in ("lang", "schema")}
    page = browser.new_context().new_page()
    form = Form(page, generator, built, data, form_layout(rubric), wait="input")
    form.submitted()
    text = page.inner_text("#app")
    assert [] == [
        f["schema"]["title"] for f in form.fields.values() if f["schema"]["title"] not in text
    ]
    assert [] == form.logged
    page.context.close()
