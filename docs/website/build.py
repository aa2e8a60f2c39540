"""Build the documentation site, playground and all: ``python docs/website/build.py [FOLDER]``.

Needs an install of ``.[dev]``, npm, and what the pictures of score sheets are taken with (see
pictures.py beside this). What comes from npm (an editor, Python for the browser) is
installed into ``build/playground`` at exact versions, bundled, and copied into the site; the Python
packages that kpirules needs are taken from the environment that runs this.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
import zipfile
from importlib.metadata import distribution
from pathlib import Path


HERE = Path(__file__).parent
ROOT = HERE.parents[1]
SOURCES = HERE / "playground"

#: what Pyodide is: its loader, Python itself, the standard library, what packages there are
PYODIDE = (
    "pyodide.mjs",
    "pyodide.asm.mjs",
    "pyodide.asm.wasm",
    "python_stdlib.zip",
    "pyodide-lock.json",
)
#: what kpirules needs in the browser; of these only Python is taken, no compiled part
PACKAGES = ("attrs", "cattrs", "typing_extensions", "Jinja2", "MarkupSafe")
#: what it needs for workbooks, for encodings, and for ids from Chinese labels
OFFICE = (
    "openpyxl",
    "et_xmlfile",
    "XlsxWriter",
    "charset-normalizer",
    "pypinyin",
    "narwhals",
)
#: other files of a package that are read
NAMES = ("METADATA", "py.typed")
#: archives are the same bytes whenever they are made
_WHEN = (2025, 1, 1, 0, 0, 0)


def main() -> int:
    """Build all."""
    parser = argparse.ArgumentParser(description="Build the documentation site.")
    parser.add_argument("folder", nargs="?", type=Path, default=ROOT / "site")
    parser.add_argument(
        "--npm", type=Path, default=ROOT / "build" / "playground", help="where npm installs"
    )
    given = parser.parse_args()
    modules = installed(given.npm)
    run(sys.executable, HERE / "pictures.py", ROOT / "build" / "pictures")
    run(sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", given.folder.absolute())
    playground(given.folder / "playground", modules)
    run(sys.executable, HERE / "editor_pictures.py", given.folder)
    print(f"the site is in {given.folder}", flush=True)
    return 0


def run(*command: object, cwd: Path = ROOT) -> None:
    """Run a program; what it cannot do ends the build."""
    print("+", *command, flush=True)
    # no advertisement on standard error, which a strict build is read for
    environment = {**os.environ, "NO_MKDOCS_2_WARNING": "1"}
    subprocess.run([*map(str, command)], cwd=cwd, check=True, env=environment)


def installed(home: Path) -> Path:
    """Install what package.json names, at exactly its versions; give the folder of modules."""
    npm = shutil.which("npm")
    if npm is None:
        raise SystemExit("npm is not installed: the playground is bundled by it")
    wanted = SOURCES / "package.json"
    there = home / "package.json"
    home.mkdir(parents=True, exist_ok=True)
    # once is enough while the versions are the same
    if not there.exists() or there.read_bytes() != wanted.read_bytes():
        fresh = wanted.read_bytes()
        there.write_bytes(fresh)
        try:
            run(npm, "install", "--no-audit", "--no-fund", "--no-package-lock", cwd=home)
        except subprocess.CalledProcessError:
            there.unlink()
            raise
    return home / "node_modules"


def playground(folder: Path, modules: Path) -> None:
    """Put the playground's files beside its page."""
    folder.mkdir(parents=True, exist_ok=True)
    bundle(folder, modules)
    for name in ("style.css", "worker.js"):
        shutil.copyfile(SOURCES / name, folder / name)
    shutil.copyfile(HERE / "theme" / "assets" / "kpirules.svg", folder / "icon.svg")
    (folder / "pyodide").mkdir(exist_ok=True)
    for name in PYODIDE:
        shutil.copyfile(modules / "pyodide" / name, folder / "pyodide" / name)
    archive(folder / "python.zip", dict(packages(PACKAGES)))
    archive(folder / "office.zip", dict(packages(OFFICE)))
    archive(folder / "kpirules.zip", dict(own()))
    service(folder)


def bundle(folder: Path, modules: Path) -> None:
    """Bundle the page's own script with the editor."""
    home = modules.parent / "sources"
    shutil.rmtree(home, ignore_errors=True)
    # modules are looked for from where the sources are
    shutil.copytree(SOURCES, home)
    options = ("--bundle", "--minify", "--format=esm", "--target=es2022", "--log-level=warning")
    esbuild = modules / ".bin" / "esbuild"
    run(esbuild, home / "app.js", *options, f"--outfile={folder.absolute() / 'app.js'}", cwd=home)


def packages(names: tuple[str, ...]) -> list[tuple[str, bytes]]:
    """Give the Python files of packages, and the data that they read, from this environment."""
    found: list[tuple[str, bytes]] = []
    for name in names:
        files = distribution(name).files or []
        wanted = [
            f for f in files if f.suffix in (".py", ".json") or f.name in ("METADATA", "py.typed")
        ]
        found += [(f.as_posix(), Path(str(f.locate())).read_bytes()) for f in wanted]
    return found


def own() -> list[tuple[str, bytes]]:
    """Give the content of kpirules' wheel, and what the page asks it by."""
    with tempfile.TemporaryDirectory() as home:
        build = ("-m", "build", "--wheel", "--no-isolation", "--outdir", home)
        run(sys.executable, *build, ROOT)
        (wheel,) = Path(home).glob("*.whl")
        with zipfile.ZipFile(wheel) as content:
            found = [(name, content.read(name)) for name in content.namelist()]
    return [*found, *((path.name, path.read_bytes()) for path in SOURCES.glob("*.py"))]


def archive(path: Path, files: dict[str, bytes]) -> None:
    """Write a zip archive that is the same whenever its content is."""
    with zipfile.ZipFile(path, "w") as made:
        for name in sorted(files):
            entry = zipfile.ZipInfo(name, _WHEN)
            made.writestr(entry, files[name], zipfile.ZIP_DEFLATED, 9)


def service(folder: Path) -> None:
    """Write the service worker: it keeps these files, of this very content."""
    paths = sorted(p for p in folder.rglob("*") if p.is_file() and p.name != "sw.js")
    digest = hashlib.sha256(b"".join(hashlib.sha256(p.read_bytes()).digest() for p in paths))
    names = [p.relative_to(folder).as_posix() for p in paths]
    # the page goes by the name of its folder
    names = ["./" if name == "index.html" else name for name in names]
    text = (SOURCES / "sw.js").read_text(encoding="utf-8")
    text = text.replace("__FILES__", json.dumps(names)).replace(
        "__VERSION__", digest.hexdigest()[:16]
    )
    (folder / "sw.js").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
