"""Makes the pictures of the playground that the documentation shows, from the built site itself.

``python docs/website/editor_pictures.py SITE``: a browser opens the playground of a built site, on
this machine alone. It changes a tier, so that a finding is at its row, and opens the example month.
The pictures replace the empty ones of the same names in ``SITE/pictures``. Needs chromium.
"""

from __future__ import annotations

import functools
import io
import sys
import threading
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING

from pictures import BROWSER, MONTH, program


if TYPE_CHECKING:
    from playwright.sync_api import Page


#: the languages of the pictures
LANGUAGES = ("en", "zh")
#: the size of the window, and the height of the part that is shown
_WIDE, _HIGH = 1280, 900
#: the space between two parts of a picture
_GAP = 30
#: the page has shown the result of the last change
_DONE = 'html[data-state="done"]'


class _Quiet(SimpleHTTPRequestHandler):
    """Serves files without a log."""

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name of the base
        """Write nothing."""


def main(arguments: list[str]) -> None:
    """Make the pictures in the folder of a built site."""
    site = Path(arguments[0])
    handler = functools.partial(_Quiet, directory=str(site))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        address = f"http://127.0.0.1:{server.server_port}/playground/"
        for name, made in pictures(address).items():
            path = site / "pictures" / name
            path.write_bytes(made)
            print(f"{path}: {len(made) // 1024} KiB")
        server.shutdown()


def pictures(address: str) -> dict[str, bytes]:
    """Make the pictures of a playground: PNG by name."""
    from playwright.sync_api import sync_playwright  # noqa: PLC0415 - the names need no browser

    arguments = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
    made: dict[str, bytes] = {}
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=program(*BROWSER), args=arguments)
        for lang in LANGUAGES:
            page = browser.new_page(viewport={"width": _WIDE, "height": _HIGH})
            page.goto(address)
            _settle(page)
            page.select_option("#lang", lang)
            _settle(page)
            made[f"editor-{lang}.png"] = _form(page)
            made[f"editor-month-{lang}.png"] = _month(page)
            page.close()
        browser.close()
    return made


def _settle(page: Page) -> None:
    """Wait until the page has shown what is written."""
    page.wait_for_selector(_DONE, state="attached", timeout=120_000)


def _form(page: Page) -> bytes:
    """Picture an item and the tiers of the form, one of which has a finding."""
    before = page.locator('[data-path="tiers/2"] [data-name="total"]').input_value()
    page.locator('[data-path="items/0/0"] > .bar > .fold').click()
    _change(page, "70..79")
    made = _picture(page, '[data-path="items/0"]', '.sheet[data-sheet="tiers"]')
    _change(page, before)
    page.locator('[data-path="items/0/0"] > .bar > .fold').click()
    return made


def _change(page: Page, total: str) -> None:
    """Change the total of the third tier."""
    field = page.locator('[data-path="tiers/2"] [data-name="total"]')
    field.fill(total)
    field.press("Tab")
    _settle(page)


def _month(page: Page) -> bytes:
    """Picture the example month, scored by the rules."""
    page.set_input_files("#month-file", str(MONTH))
    page.wait_for_selector("#month-rows tr")
    page.locator("#month-rows tr").nth(1).locator("summary").click()
    return _picture(page, 'section[aria-labelledby="h-month"]')


def _picture(page: Page, *parts: str) -> bytes:
    """Picture the upper part of each of some parts of a page, side by side."""
    from PIL import Image  # noqa: PLC0415 - the names need no picture

    shown = []
    for part in parts:
        made = page.locator(part).screenshot()
        with Image.open(io.BytesIO(made)) as image:
            shown.append(image.convert("RGB").crop((0, 0, image.width, min(image.height, _HIGH))))
    size = (sum(each.width + _GAP for each in shown) - _GAP, max(each.height for each in shown))
    whole, at = Image.new("RGB", size, "white"), 0
    for each in shown:
        whole.paste(each, (at, 0))
        at += each.width + _GAP
    out = io.BytesIO()
    whole.quantize(64).save(out, "PNG", optimize=True)
    return out.getvalue()


if __name__ == "__main__":
    main(sys.argv[1:])
