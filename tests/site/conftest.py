"""The documentation site as built, served to this machine, and its playground in a browser."""

from __future__ import annotations

import contextlib
import functools
import os
import subprocess
import sys
import threading
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from tests import ROOT
from tests.programs import need, need_module
from tests.site import settled


@pytest.fixture(scope="session")
def built(tmp_path_factory):
    """Build the site once, as people do; give its folder. One that is built already is taken as it is."""
    if os.environ.get("KPIRULES_SITE"):
        return Path(os.environ["KPIRULES_SITE"])
    need("npm")
    need("chromium")
    for module in ("mkdocs", "material", "mkdocstrings", "jieba", "playwright", "build"):
        need_module(module)
    home = tmp_path_factory.mktemp("site")
    command = [
        sys.executable,
        ROOT / "docs" / "website" / "build.py",
        home / "site",
        "--npm",
        home / "npm",
    ]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    said = done.stdout + done.stderr
    assert 0 == done.returncode, said
    # a strict build fails on warnings; none is hidden either
    assert "Documentation built" in said
    assert "WARNING" not in said
    return home / "site"


class Quiet(SimpleHTTPRequestHandler):
    """Serves files and says nothing."""

    def log_message(self, *_):
        pass

    def copyfile(self, *files):
        # a browser that goes on to the next page does not wait for the rest of this one
        with contextlib.suppress(ConnectionError):
            super().copyfile(*files)


@pytest.fixture(scope="session")
def address(built):
    """Serve the site to this machine alone."""
    handler = functools.partial(Quiet, directory=str(built))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()
        thread.join(10)


@pytest.fixture
def context(browser):
    """A window of its own, with nothing kept from others."""
    made = browser.new_context(viewport={"width": 1280, "height": 900})
    yield made
    made.close()


@pytest.fixture
def page(context):
    return context.new_page()


WATCH = """
window.violations = [];
addEventListener("securitypolicyviolation", (e) => violations.push(e.violatedDirective));
"""


@pytest.fixture
def playground(context, address):
    """Open the playground, at what a link holds; what is against its policy is noted."""

    def opened(hash_=""):
        page = context.new_page()
        page.said = []
        page.on("console", lambda m: page.said.append(m.text))
        page.on("pageerror", lambda e: page.said.append(str(e)))
        page.add_init_script(WATCH)
        page.goto(f"{address}playground/{hash_}")
        settled(page)
        return page

    return opened
