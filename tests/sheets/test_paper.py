"""Forms on paper: where the signatures are, what a firm adds, one file for each person."""

from __future__ import annotations

import io
import re
import struct
import subprocess
import zlib

import openpyxl
import pytest

from kpirules import Rubric, dumps, evaluate, fingerprint, load, loads, rulesets, sheet
from kpirules.sheets.form import Extras
from kpirules.sheets.form_builder import blank
from kpirules.sheets.logo import MAX_BYTES, Logo
from kpirules.testing import records
from tests.office import converted
from tests.programs import need
from tests.shipped import RECORD


ROLES = sorted({found.id for found in rulesets()})
SIGNED = {"zh": "(签字)", "en": "(signature)"}


def png(width, height, size=0):
    """Return a picture of one colour."""

    def chunk(name, data):
        body = name + data
        return struct.pack(">I", len(data)) + body + struct.pack(">I", zlib.crc32(body))

    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0))
    lines = zlib.compress((b"\0" + bytes(width)) * height)
    return b"\x89PNG\r\n\x1a\n" + head + chunk(b"IDAT", lines) + chunk(b"IEND", b"") + bytes(size)


def paper(made, tmp_path):
    """Return the text of each page of a PDF."""
    path = tmp_path / "made.pdf"
    path.write_bytes(made)
    command = [need("pdftotext"), "-layout", path, "-"]
    text = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    return text.split("\f")[:-1]


def signed_page(pages, lang):
    """Return the number of the page with the signatures, which are together, under the total."""
    on = [i for i, page in enumerate(pages, 1) if SIGNED[lang] in page]
    assert 1 == len(on)
    assert 2 == pages[on[0] - 1].count(SIGNED[lang])
    total = {"zh": "总分", "en": "Total"}[lang]
    assert pages[on[0] - 1].index(total) < pages[on[0] - 1].index(SIGNED[lang])
    return on[0]


def test_the_paper_form_is_one_page_and_a_filled_one_two(tmp_path):
    """The signatures stand on the first; on the second are sections and reasons."""
    rubric = load("customer-service")
    pages = paper(sheet(rubric, "pdf", "zh", company="某公司"), tmp_path)
    assert (1, 1) == (len(pages), signed_page(pages, "zh"))
    pages = paper(sheet(evaluate(rubric, RECORD), "pdf", "en"), tmp_path)
    assert (2, 1) == (len(pages), signed_page(pages, "en"))
    assert "Reasons, line by line" in pages[1]


def record_of(rubric):
    """Return a record of a ruleset: that of its first example, or the first of any."""
    return dict(rubric.examples[0].ratings) if rubric.examples else records(rubric).example()


@pytest.mark.thorough("every shipped form on paper, by each way of printing")
def test_the_sheets_of_a_workbook_are_signed_below_the_total(tmp_path):
    """A form on one page; one of many rows on two, the total beside the signatures."""
    long = load("customer-service").to_dict()
    items = long["section"][1]["criterion"]
    items += [{**items[0], "id": f"more_{i}", "weight": 0, "points": 0} for i in range(80)]
    for item in items[-80:]:
        item.pop("bands", None)
    books = {f"{role}.xlsx": sheet(load(role), "xlsx", "en") for role in ROLES}
    books["long.xlsx"] = sheet(Rubric.from_dict(long), "xlsx", "en")
    for name, made in zip(books, converted(tmp_path, "pdf", books), strict=True):
        # the first page is the overview
        pages = paper(made, tmp_path)[1:]
        assert (name == "long.xlsx", len(pages)) == (len(pages) > 1, signed_page(pages, "en")), name


@pytest.mark.thorough("every shipped form on paper, by each way of printing")
@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("role", ROLES)
def test_every_shipped_form_has_its_signatures_below_the_total(role, lang, tmp_path, page):
    """Blank on one page, filled on at most two, as PDF and from a browser without backgrounds."""
    rubric = load(role)
    result = evaluate(rubric, record_of(rubric))
    for what, most in ((rubric, 1), (result, 2)):
        pages = paper(sheet(what, "pdf", lang), tmp_path)
        assert most >= len(pages) >= signed_page(pages, lang), what
        page.set_content(sheet(what, "html", lang).decode())
        printed = page.pdf(prefer_css_page_size=True, print_background=False)
        pages = paper(printed, tmp_path)
        assert most >= len(pages) >= signed_page(pages, lang), what
        # the reasons are not folded away
        assert (what is result) == ({"zh": "理由", "en": "Reason"}[lang] in "".join(pages))


# ---------------------------------------------------------------- what a firm adds


def test_a_firm_adds_its_heading():
    """Company, department and logo, on pages and in workbooks; of rows, the department is theirs."""
    added = {"company": "<b>A & B</b>", "department": "Sales", "logo": png(3, 2)}
    made = sheet(load("customer-service"), **added).decode()
    assert "&lt;b&gt;A &amp; B&lt;/b&gt;" in made
    assert re.search(r"Department</dt><dd>Sales<", made)
    assert 'src="data:image/png;base64,iVBORw0KGgo' in made
    book = openpyxl.load_workbook(io.BytesIO(sheet(load("customer-service"), "xlsx", **added)))
    head = next(s for s in book.worksheets if s.oddHeader.center.text).oddHeader
    assert "<b>A & B</b>" == head.center.text.strip().replace("&&", "&")
    assert "Sales" == book.worksheets[1].cell(5, 2).value


def departments(kind, asked=""):
    """Return the departments on the sheets of two people, one of whom has none."""
    some = [{"name": "Ann", "department": "Shop <1>"}, {"name": "Bo"}]
    given = [{**RECORD, **person} for person in some]
    rubric = loads(dumps(load("customer-service")) + '\n[form]\ndepartment = "Usual"\n')
    made = sheet(rubric, kind, records=given, department=asked)
    if kind == "html":
        return re.findall(r"Department</dt><dd>(.*?)<", made.decode())
    book = openpyxl.load_workbook(io.BytesIO(made), data_only=True)
    return [book[name].cell(5, 2).value for name in ("Ann", "Bo")]


def test_the_department_is_that_of_the_command_of_the_row_or_of_the_ruleset():
    """In this order, on pages and in workbooks."""
    assert ["Shop &lt;1&gt;", "Usual"] == departments("html")
    assert ["Shop <1>", "Usual"] == departments("xlsx")
    assert ["All", "All"] == departments("html", "All") == departments("xlsx", "All")


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"GIF89a", "a PNG file"),
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIDAT", "a PNG file"),
        (png(1, 1)[:-5], "a PNG file"),
        (png(1, 1).replace(b"IHDR", b"IDAT"), "a PNG file"),
        (png(1, 1, MAX_BYTES), "at most 1048576 bytes"),
        (png(1, 1).replace(b"IHDR\0\0\0\1", b"IHDR\0\xff\xff\xff"), "4000000 pixels"),
        (png(0, 1), "4000000 pixels"),
    ],
    ids=["gif", "no header", "cut off", "no size", "large", "wide", "empty"],
)
def test_a_logo_is_a_small_png(content, reason):
    """Before a library opens it: neither another format nor a picture that fills the memory."""
    with pytest.raises(ValueError, match=reason):
        Logo(content)


def test_a_logo_is_printed_nine_millimetres_high():
    """Whatever its number of pixels, and whatever density it states."""
    image = pytest.importorskip("PIL.Image")
    made = Logo(Logo(png(100, 50)).of_height(3)).of_height(9)
    opened = image.open(io.BytesIO(made))
    opened.load()
    assert ((100, 50), 9) == (opened.size, round(50 / opened.info["dpi"][1] * 25.4))


def test_places_to_write_are_above_the_signatures():
    """Boxes for comments, and further signatures, on pages and in the workbook."""
    from kpirules.sheets.api import written

    extras = Extras(signatures=("HR",), boxes=("Goals",))
    rubric = load("customer-service")
    made = written(rubric, None, "html", lang="en", extras=extras).decode()
    assert made.index(">Goals<") < made.index(">HR (signature)<")
    book = openpyxl.load_workbook(
        io.BytesIO(written(rubric, None, "xlsx", lang="en", extras=extras))
    )
    column = [cell.value for sheet_ in book.worksheets for cell in sheet_["A"]]
    assert column.index("Goals") < column.index("HR (signature)")
    assert not any("T8" in str(value) for value in column)
    noted = openpyxl.load_workbook(io.BytesIO(sheet(rubric, "xlsx", notes=True)))
    assert any("T8" in str(cell.value) for sheet_ in noted.worksheets for cell in sheet_["A"])


def test_the_lowest_tier_has_a_colour_of_its_own():
    """Whichever end of the file it is written at."""
    falling, rising = load("customer-service"), load("customer-service").replace("label", "x")
    assert [False, False, False, True] == [grade.is_lowest for grade in blank(falling).grades]
    made = sheet(
        evaluate(rising, {**RECORD, "volume": 0, "service": 0, "conversion": 0}), rubric=rising
    )
    assert b'class="reached-row lowest"' in made


# ---------------------------------------------------------------- last month


def last_month(run, tmp_path, output, rows):
    """Write the sheets of two people with a file of last month; return the standard error."""
    before, file = tmp_path / "before.csv", tmp_path / "now.csv"
    before.write_text("employee_no,total\n" + rows)
    values = ",".join(map(str, RECORD.values()))
    lines = [f"{','.join(RECORD)},employee_no,name", f"{values},KF1,Ann", f"{values},KF2,Bo"]
    file.write_text("\n".join(lines) + "\n")
    code, _, err = run("sheet", "customer-service", file, "-o", output, "--last", before)
    assert 0 == code, err
    return err


def test_the_total_of_last_month_is_in_the_heading(run, tmp_path):
    """A dash for those without one, and a note on the terminal about them."""
    page = tmp_path / "now.html"
    err = last_month(run, tmp_path, page, "KF1,82.50\nKF3,70\n")
    assert "1 people matched; 1 are not in the results of last month" in err
    found = re.findall(r"Last month</dt><dd>(.*?)<", page.read_text(encoding="utf-8"))
    assert ["82.5", "—"] == found
    book = tmp_path / "now.xlsx"
    last_month(run, tmp_path, book, "KF1,82.50\nKF2,\n")
    forms = [openpyxl.load_workbook(book)[name] for name in ("Ann", "Bo")]
    assert [("Last month", "82.5"), ("Last month", "—")] == [
        (form.cell(5, 4).value, form.cell(5, 5).value) for form in forms
    ]


def test_without_last_month_the_heading_says_nothing_of_it():
    """Neither on a page nor in a workbook."""
    rubric = load("customer-service")
    assert "Last month" not in sheet(rubric).decode()
    form = openpyxl.load_workbook(io.BytesIO(sheet(rubric, "xlsx"))).worksheets[1]
    assert form.cell(5, 4).value is None


# ---------------------------------------------------------------- one file for each person


def test_each_person_has_a_file(run, tmp_path):
    """Named by number and name, which may be those of others, or not fit a file's name."""
    file = tmp_path / "m.csv"
    rows = ["KF1,Li/../Wei", "KF1,Li Wei", ","]
    values = ",".join(map(str, RECORD.values()))
    lines = [f"{','.join(RECORD)},employee_no,name", *(f"{values},{row}" for row in rows)]
    file.write_text("\n".join(lines) + "\n")
    folder = tmp_path / "made"
    code, _, err = run("sheet", "customer-service", file, "--each", folder, "--format", "html")
    assert (0, "") == (code, err.partition("error")[1])
    assert ["KF1-Li-Wei-2.html", "KF1-Li-Wei.html", "row-3.html"] == sorted(
        p.name for p in folder.iterdir()
    )
    code, _, err = run("sheet", "customer-service", file, "--each", folder, "--format", "html")
    assert (2, True) == (code, "exists already" in err)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--each", "x"], "give RATINGS, and no -o"),
        (["m.csv", "--each", "x", "-o", "y.pdf"], "give RATINGS, and no -o"),
        (["m.csv", "--each", "x", "--format", "docx"], "html, pdf, xlsx"),
        (["-o", "x.html", "--last", "x.csv"], "give RATINGS"),
        (["-o", "x.html", "--logo", "none.png"], "none.png"),
        (["-o", "x.html", "--logo", __file__], "is a PNG file"),
    ],
    ids=["blank", "both", "format", "last", "no logo", "not a logo"],
)
def test_wrong_arguments_are_said(run, tmp_path, monkeypatch, arguments, said):
    """What is missing, or not allowed."""
    monkeypatch.chdir(tmp_path)
    code, _, err = run("sheet", "customer-service", *arguments)
    assert (2, True) == (code, said in err), err


FORM = """schema = 1
id = "x"
criterion = [{ id = "a", weight = 100 }]
[form]
company = { en = "Example Ltd", zh = "示例公司" }
department = "Sales"
signature = { en = "HR", zh = "人事" }
comments = true
goals = true
"""


def test_a_ruleset_may_have_a_form_of_its_own():
    """Company, department, a third signature, and places to write; the command line is preferred."""
    rubric = loads(FORM)
    extras = blank(rubric, lang="zh").extras
    assert Extras(
        company="示例公司", usual_department="Sales", signatures=("人事",),
        boxes=("考核者评语", "员工意见", "下期目标"),
    ) == extras  # fmt: skip
    assert "Other" == blank(rubric, lang="zh", extras=Extras(company="Other")).extras.company
    assert dumps(rubric) == dumps(loads(dumps(rubric)))
    assert fingerprint(rubric) != fingerprint(rubric.replace("form.goals", False))
    assert (
        ()
        == blank(rubric.replace("form.comments", False).replace("form.goals", False)).extras.boxes
    )
