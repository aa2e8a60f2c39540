"""Make the pictures of the README and the home pages from today's output, into ``docs/images``.

``python docs/website/home_pictures.py`` makes them anew: run it when a test reports that a picture
is out of date, and commit the result. Needs chromium and the extra ``dev``. Each PNG carries its
source in its text chunk ``Source``: the text of the finding, or the digest of the sheet's page.
"""

from __future__ import annotations

import csv
import hashlib
import io
import re
import sys
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING

from kpirules import load, sheet
from kpirules.api.load import check_text
from kpirules.registry.sources import shipped
from kpirules.sheets.batch import entries


if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Browser


DOCS = Path(__file__).parents[1]
IMAGES = DOCS / "images"
#: the size of a sheet's upper part, and the width of the finding
SHEET = (1000, 860)
FINDING = 720
#: the tier of the shipped ruleset as the printed form has it, where totals of 60 to 69 have none
_TIER = ('total = "60..79" # T1', 'total = "70..79"')
_PAGE = """\
<!doctype html><meta charset="utf-8"><style>
body {{ margin: 0; background: #171b20; }}
pre {{ margin: 0; padding: 20px; color: #e7e9ec; white-space: pre-wrap; }}
pre {{ font: 15px/1.5 "DejaVu Sans Mono", "Noto Sans Mono CJK SC", monospace; }}
b {{ color: #ff8f84; }}
i {{ color: #ffd479; font-style: normal; }}
s {{ color: #8cc4ee; text-decoration: none; }}
</style><pre>{}</pre>
"""


def finding(lang: str | None) -> str:
    """Return the finding of the shipped ruleset with the printed form's award column."""
    (file,) = shipped().glob("customer-service/*.rubric.toml")
    text = file.read_text(encoding="utf-8").replace(*_TIER)
    found = check_text(text, file="customer-service.rubric.toml")
    error = next(each for each in found if each.severity == "error")
    return "\n".join(error.lines(lang=lang))


def finding_page(lang: str | None) -> str:
    """Return the finding as a page in the colours of a terminal."""
    text = escape(finding(lang), quote=False)
    text = re.sub(r"\w+\[[a-z-]+\]", r"<b>\g<0></b>", text, count=1)
    text = re.sub(r"\^+", r"<i>\g<0></i>", text)
    text = re.sub(r"^  (\w+[:\uff1a])", r"  <s>\1</s>", text, flags=re.MULTILINE)
    return _PAGE.format(text)


def sheet_page(lang: str) -> str:
    """Return the filled score sheet of the third person of the example month."""
    rubric = load("customer-service")
    month = DOCS / "examples" / "2026-10.csv"
    with month.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))[:3]
    *_, third = entries(rubric, rows, strict=False)
    record = dict(third.given) | {"name": third.person.name}
    return sheet(rubric, lang=lang, records=[record], period="2026-10").decode()


def _digest(page: str) -> str:
    """Return the digest of a page."""
    return hashlib.sha256(page.encode()).hexdigest()


#: by name: the page, its source as the picture carries it, the size; all of it if without a height
PICTURES: dict[str, tuple[Callable[[], str], Callable[[str], str], tuple[int, int | None]]] = {
    "sheet-en.png": (lambda: sheet_page("en"), _digest, SHEET),
    "sheet-zh.png": (lambda: sheet_page("zh"), _digest, SHEET),
    "finding.png": (lambda: finding_page(None), lambda _: finding(None), (FINDING, None)),
    "finding-zh.png": (lambda: finding_page("zh"), lambda _: finding("zh"), (FINDING, None)),
}


def source(name: str) -> str:
    """Return what a picture would carry as its source today."""
    page, of, _ = PICTURES[name]
    return of(page())


def picture(browser: Browser, page: str, width: int, height: int | None) -> bytes:
    """Return a picture of a page's upper part, or of all of it."""
    size = {"width": width, "height": height or 10}
    window = browser.new_page(viewport=size, device_scale_factor=1.5)
    window.set_content(page)
    made = window.screenshot(full_page=height is None)
    window.close()
    return made


def small(made: bytes, told: str) -> bytes:
    """Return a picture with few colours that carries its source."""
    from PIL import Image, PngImagePlugin  # noqa: PLC0415 - the sources need no picture

    chunks = PngImagePlugin.PngInfo()
    chunks.add_itxt("Source", told)
    out = io.BytesIO()
    with Image.open(io.BytesIO(made)) as image:
        few = image.convert("RGB").quantize(32)
        few.save(out, "PNG", optimize=True, pnginfo=chunks)
    return out.getvalue()


def main(folder: Path = IMAGES) -> None:
    """Make all pictures in a folder."""
    from pictures import BROWSER, program  # noqa: PLC0415 - the script beside this one
    from playwright.sync_api import sync_playwright  # noqa: PLC0415 - the sources need no browser

    folder.mkdir(parents=True, exist_ok=True)
    arguments = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=program(*BROWSER), args=arguments)
        for name, (page, _, size) in PICTURES.items():
            made = small(picture(browser, page(), *size), source(name))
            (folder / name).write_bytes(made)
            print(f"{folder / name}: {len(made) // 1024} KiB")
        browser.close()


if __name__ == "__main__":
    sys.exit(main())
