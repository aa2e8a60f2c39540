"""Makes the pictures of score sheets that the documentation shows, from the shipped form itself.

``python docs/website/pictures.py FOLDER``: a browser shows the pages, LibreOffice and poppler the
workbook and the PDF, as people see them. Needs chromium, LibreOffice, poppler and the extras
``excel`` and ``pdf``; a program that is missing is named.
"""

from __future__ import annotations

import csv
import io
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from kpirules import load, sheet
from kpirules.sheets.api import report
from kpirules.sheets.batch import entries


MONTH = Path(__file__).parents[1] / "examples" / "2026-10.csv"
BROWSER = ("chromium", "chromium-browser", "google-chrome")
#: what the documentation shows: (name, width of the window, the dark look)
PAGES = {
    "sheet.png": ("sheet", 1000, False),
    "sheet-dark.png": ("sheet", 1000, True),
    "sheet-phone.png": ("sheet", 390, False),
    "report.png": ("report", 1000, False),
}
NAMES = (*PAGES, "sheet-print.png", "grid.png", "workbook.png", "rules.png")
#: those of the playground, which editor_pictures.py makes from the built site
OF_THE_SITE = ("editor-en.png", "editor-zh.png", "editor-month-en.png", "editor-month-zh.png")


def main(arguments: list[str]) -> None:
    """Make the pictures in a folder."""
    folder = Path(arguments[0])
    folder.mkdir(parents=True, exist_ok=True)
    for name, made in pictures().items():
        (folder / name).write_bytes(made)
        print(f"{folder / name}: {len(made) // 1024} KiB")


def pictures() -> dict[str, bytes]:
    """Make all pictures: PNG by name."""
    rubric = load("customer-service")
    with MONTH.open(encoding="utf-8-sig", newline="") as file:
        month = list(csv.DictReader(file))
    known = list(entries(rubric, month, strict=False))
    one = dict(known[2].given) | {"name": known[2].person.name}
    made = _shown(
        {
            "sheet": sheet(rubric, lang="zh", records=[one], period="2026-10"),
            "report": report(rubric, known, lang="zh", period="2026-10"),
        }
    )
    with tempfile.TemporaryDirectory() as folder:
        paper = Path(folder) / "paper.pdf"
        paper.write_bytes(sheet(rubric, "pdf", "zh", records=[one], period="2026-10"))
        made["sheet-print.png"] = _first_page(paper)
        book = Path(folder) / "forms.xlsx"
        some = [
            dict(each.given) | {"工号": each.person.number, "姓名": each.person.name}
            for each in known[:12]
        ]
        book.write_bytes(sheet(rubric, "xlsx", "zh", records=some, period="2026-10"))
        printed = _printed(book)
        made["grid.png"] = trimmed(_first_page(printed, 1, dots=150))
        made["workbook.png"] = _first_page(printed, 4)
        made["rules.png"] = _rules(Path(folder))
    return made


def _shown(pages: dict[str, bytes]) -> dict[str, bytes]:
    """Show pages in a browser, and picture their upper part."""
    from playwright.sync_api import sync_playwright  # noqa: PLC0415 - the names need no browser

    arguments = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
    made = {}
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=program(*BROWSER), args=arguments)
        for name, (page, width, dark) in PAGES.items():
            seen = browser.new_page(
                viewport={"width": width, "height": int(width * 1.35)},
                color_scheme="dark" if dark else "light",
            )
            seen.set_content(pages[page].decode())
            made[name] = seen.screenshot()
            seen.close()
        browser.close()
    return made


def _rules(folder: Path) -> bytes:
    """Picture the items of the filled rule workbook that ``kpirules new --excel`` writes."""
    told = ("--excel", "--lang", "zh", "--from", "2027-01-01", "--folder", str(folder))
    command = [sys.executable, "-m", "kpirules", "new", "shop-guide", *told]
    subprocess.run(command, check=True, capture_output=True)
    return trimmed(_first_page(_printed(folder / "shop-guide-sample.xlsx"), 2, dots=150))


def _first_page(paper: Path, page: int = 1, dots: int = 80) -> bytes:
    """Picture a page of a PDF."""
    command = [
        program("pdftoppm"),
        "-png",
        "-r",
        str(dots),
        "-f",
        str(page),
        "-l",
        str(page),
        paper,
    ]
    return subprocess.run(command, capture_output=True, check=True).stdout


def trimmed(made: bytes) -> bytes:
    """Cut the margins of a page off its picture: what is below the last row as well."""
    from PIL import Image, ImageOps  # noqa: PLC0415 - the names need no picture

    out = io.BytesIO()
    with Image.open(io.BytesIO(made)) as image:
        # the number of the page is in the margin below
        upper = image.convert("RGB").crop((0, 0, image.width, image.height * 9 // 10))
        upper.crop(ImageOps.invert(upper).getbbox()).save(out, "PNG", optimize=True)
    return out.getvalue()


def _printed(book: Path) -> Path:
    """Print a workbook by LibreOffice: the grid of the month, then the form of each person."""
    profile = f"-env:UserInstallation={(book.parent / 'profile').as_uri()}"
    subprocess.run(
        [program("soffice", "libreoffice"), profile, "--headless", "--convert-to", "pdf",
         "--outdir", book.parent, book],
        capture_output=True, check=True, timeout=300,
    )  # fmt: skip
    return book.with_suffix(".pdf")


def program(*names: str) -> str:
    """Find a program by any of its names."""
    found = next(filter(None, map(shutil.which, names)), None)
    if found is None:
        sys.exit(f"{names[0]} is not installed; the pictures of the documentation need it")
    return found


if __name__ == "__main__":
    main(sys.argv[1:])
