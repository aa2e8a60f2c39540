"""What mkdocs does not do by itself: the order of pages, pages made from data, links out of docs/.

The documents are written to be read in a checkout as well: they link to rulesets, to the changelog,
to cases of the tests. Of each such file the site has a page or a copy, and links are turned to it.
"""

from __future__ import annotations

import base64
import posixpath
import re
import shutil
from html import escape, unescape
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mkdocs.structure.files import File, InclusionLevel

from kpirules.pages.api import pages
from kpirules.registry.catalog import SUFFIX, catalog
from kpirules.registry.sources import own


if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from mkdocs.config.defaults import MkDocsConfig
    from mkdocs.structure.files import Files
    from mkdocs.structure.pages import Page


ROOT = Path(__file__).parents[2]

#: the readers, each with pages in order; a pattern matches the pages that no earlier one matches
READERS = {
    "中文": ["index.zh.md", "author-guide.zh.md", "*.zh.md", "*/*.zh.md"],
    "HR": [
        "author-guide.md",
        "playground/index.md",
        "tutorial.md",
        "language.md",
        "how-to/write-rules-in-excel.md",
        "how-to/rules-in-the-browser.md",
        "how-to/excel-form-to-ruleset.md",
        "score-sheets.md",
        "how-to/read-a-finding.md",
        "two-readings.md",
        "editors.md",
        "rulesets/*",
        "findings/*",
    ],
    "Application developers": [
        "reference.md",
        "examples/hr-app/README.md",
        "how-to/drafts.md",
        "how-to/build-in-python.md",
        "how-to/rescore-a-month.md",
        "how-to/django.md",
        "how-to/fastapi.md",
        "how-to/draw-a-form.md",
        "score-many.md",
        "how-to/rulesets-in-a-database.md",
        "how-to/pandas.md",
        "how-to/spark.md",
        "examples/README.md",
        "api.md",
        "versions.md",
    ],
    "Operators": [
        "how-to/version-a-scheme.md",
        "how-to/test-a-ruleset-package.md",
        "how-to/*.md",
        "examples/*/README.md",
        "security.md",
        "changelog.md",
    ],
    "About kpirules": [
        "explanation.md",
        "exactness.md",
        "proofs.md",
        "comparison.md",
        "architecture.md",
        "contributing.md",
    ],
}
#: where what documents link to outside of docs/ stands in the site, beside the tree of pages
ASIDE = "repository/"
#: files of the checkout that are pages of the site
TAKEN_IN = {"CHANGELOG.md": "changelog.md", "CONTRIBUTING.md": "contributing.md"}

#: one pixel, where no picture was made: `mkdocs serve` needs no browser and no office
_NO_PICTURE = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAQAAAC1HAwCAAAAC0lEQVR42mNkYAAAAAYAAjCB0C8AAAAASUVORK5CYII="
)

#: links as Markdown writes them: what is before the target, the target, what is behind it
_LINK = re.compile(r"(\]\()([^()\s]+)((?:\s+\"[^\"]*\")?\))")
_CODE = re.compile(r"(`+[^`]+`+)")
#: two numbers of sources, one behind the other, which mkdocstrings takes for one of its links
_CITED = re.compile(r"(?<=\d\])(?=\[\d+\])")
_FENCE = re.compile(r"^( *)(`{3,}|~{3,})[^\n]*\n.*?^\1\2[^\n]*$", re.DOTALL | re.MULTILINE)


class _Site:
    """What this build has made: which file of the checkout is which of the site."""

    def __init__(self) -> None:
        #: by path in the checkout, the path in the site
        self.made: dict[str, str] = {}
        #: by path in the site, the path in the checkout
        self.origin: dict[str, str] = {}

    def add(self, path: str, uri: str) -> None:
        """Note that a file of the checkout is one of the site."""
        self.made[path] = uri
        self.origin[uri] = path


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the pages that are made from data, and what documents link to outside of docs/."""
    site = _Site()
    for file in files:
        if file.inclusion is not InclusionLevel.EXCLUDED:
            site.add(f"docs/{file.src_uri}", file.src_uri)
    site.made["README.md"] = "index.md"
    for path, uri in TAKEN_IN.items():
        if (ROOT / path).exists():
            _append(files, config, site, path, uri)
    _add_rulesets(files, config, site)
    _add_pictures(files, config)
    # a page that is taken in may link to further files
    looked_at: set[str] = set()
    while waiting := [f for f in files.documentation_pages() if f.src_uri not in looked_at]:
        for file in waiting:
            looked_at.add(file.src_uri)
            for path in _links_out(file, site):
                uri = f"{ASIDE}{path}"
                _append(files, config, site, path, uri)
    config.extra["kpirules_site"] = site
    config.nav = _navigation(files)
    return files


def _add_pictures(files: Files, config: MkDocsConfig) -> None:
    """Add the pictures that build.py makes; an empty one where it has not run.

    Those of the playground are made from the built site, and replace the empty ones there.
    """
    pictures = _module("pictures")
    for name in (*pictures.NAMES, *pictures.OF_THE_SITE):
        made = ROOT / "build" / "pictures" / name
        content = made.read_bytes() if made.exists() else _NO_PICTURE
        files.append(_generated(config, f"pictures/{name}", content=content))


def _append(files: Files, config: MkDocsConfig, site: _Site, path: str, uri: str) -> None:
    """Add a file of the checkout to the site."""
    files.append(_generated(config, uri, abs_src_path=str(ROOT / path)))
    site.add(path, uri)


def _generated(config: MkDocsConfig, uri: str, **content: Any) -> File:  # noqa: ANN401 - text or a path
    """Make a file of the site, which no pattern of ``exclude_docs`` takes away again."""
    aside = uri.startswith(ASIDE)
    level = InclusionLevel.NOT_IN_NAV if aside else InclusionLevel.INCLUDED
    return File.generated(config, uri, inclusion=level, **content)


def _add_rulesets(files: Files, config: MkDocsConfig, site: _Site) -> None:
    """Add a page for each shipped version of a ruleset, the list, the notes, and the files."""
    found = catalog(sources=[own()]).rulesets
    for name, text in pages(found).items():
        uri = f"rulesets/{name}"
        path = f"rulesets/{name[:-3]}{SUFFIX}"
        if (ROOT / path).exists():
            text += _about_the_file(path)  # noqa: PLW2901 - it is the text with its foot
            files.append(_generated(config, path, abs_src_path=str(ROOT / path)))
            # links of the page are relative to the page, not to the file that it is about
            site.made[path] = uri
        files.append(_generated(config, uri, content=text))
    site.made["rulesets"] = "rulesets/index.md"
    for notes in sorted(ROOT.glob("rulesets/*/CHANGES.md")):
        relative = notes.relative_to(ROOT).as_posix()
        _append(files, config, site, relative, relative.replace("CHANGES.md", "changes.md"))


def _about_the_file(path: str) -> str:
    """Write the foot of a ruleset's page: the file, where to try it, the notes."""
    folder, name = posixpath.split(path)
    key = f"{posixpath.basename(folder)}/{name.removesuffix(SUFFIX)}"
    lines = [
        "",
        "## The file",
        "",
        f"- [{name}]({name}), as it is shipped",
        f'- <a href="../../../playground/#ruleset={key}">try it in the playground</a>',
    ]
    if (ROOT / folder / "CHANGES.md").exists():
        lines.append("- [notes on the versions](changes.md), for HR readers")
    return "\n".join([*lines, ""])


# ---------------------------------------------------------------- the order of pages


def _navigation(files: Files) -> list[Any]:
    """Return the tree of pages: a section for each reader."""
    uris = [f.src_uri for f in files.documentation_pages()]
    made = {
        "rulesets/*": {"Rulesets": list(_rulesets(uris))},
        "findings/*": {"Findings": list(_findings(uris))},
    }
    nav: list[Any] = [{"Home": "index.md"}]
    placed: set[str] = set()
    for reader, patterns in READERS.items():
        members: list[Any] = []
        for pattern in patterns:
            if pattern in made:
                members.append(made[pattern])
                continue
            found = sorted(u for u in uris if _fits(u, pattern) and u not in placed)
            placed.update(found)
            members += found
        nav.append({reader: members})
    return nav


def _fits(uri: str, pattern: str) -> bool:
    """Return whether a path fits a pattern, in which ``*`` is a name without dots."""
    return re.fullmatch(re.escape(pattern).replace(r"\*", "[^/.]+"), uri) is not None


def _under(uris: list[str], folder: str) -> list[str]:
    """Give the pages of a folder."""
    return [uri for uri in uris if uri.startswith(folder)]


def _findings(uris: list[str]) -> Iterator[Any]:
    """Give the pages of findings by name, the one that lists the others first."""
    yield {"All findings": "findings/README.md"}
    others = (u for u in _under(uris, "findings/") if not u.endswith(("README.md", ".zh.md")))
    yield from sorted(others)


def _rulesets(uris: list[str]) -> Iterator[Any]:
    """Give the pages of the rulesets, a folder each, the newest version first."""
    yield {"All rulesets": "rulesets/index.md"}
    folders = sorted({u.split("/")[1] for u in _under(uris, "rulesets/") if u.count("/") > 1})
    for name in folders:
        inside = _under(uris, f"rulesets/{name}/")
        versions = sorted((u for u in inside if not u.endswith("changes.md")), reverse=True)
        notes = [{"Notes": u} for u in inside if u.endswith("changes.md")]
        yield {name: [*({f"From {Path(u).stem}": u} for u in versions), *notes]}


# ---------------------------------------------------------------- links


def on_page_markdown(markdown: str, page: Page, config: MkDocsConfig, **_: Any) -> str:  # noqa: ANN401 - mkdocs gives more
    """Turn links that lead out of docs/ to what the site has in that place."""
    site: _Site = config.extra["kpirules_site"]
    origin = site.origin.get(page.file.src_uri)
    if origin is None:
        return markdown

    def turned(match: re.Match[str]) -> str:
        target, hash_, anchor = match[2].partition("#")
        path = _path_of(target, origin)
        uri = None if path is None else _known(path, site)
        if uri is None:
            return match[0]
        here = posixpath.dirname(page.file.src_uri) or "."
        return f"{match[1]}{posixpath.relpath(uri, here)}{hash_}{anchor}{match[3]}"

    def changed(text: str) -> str:
        parts = _CODE.split(text)
        parts[::2] = [_CITED.sub("<!-- -->", part) for part in parts[::2]]
        return _LINK.sub(turned, "".join(parts))

    return _outside_of_fences(markdown, changed)


def _outside_of_fences(markdown: str, change: Callable[[str], str]) -> str:
    """Change what is not inside a block of code."""
    parts: list[str] = []
    end = 0
    for fence in _FENCE.finditer(markdown):
        parts += [change(markdown[end : fence.start()]), fence[0]]
        end = fence.end()
    return "".join([*parts, change(markdown[end:])])


def _path_of(target: str, origin: str) -> str | None:
    """Give what a link leads to, as a path in the checkout; None where it leads elsewhere."""
    if not target or "://" in target or target.startswith(("/", "mailto:")):
        return None
    path = posixpath.normpath(posixpath.join(posixpath.dirname(origin), target))
    return None if path.startswith("..") else path


def _known(path: str, site: _Site) -> str | None:
    """Give what the site has for a path of the checkout: of a folder, the page that opens it."""
    names = (path, f"{path}/README.md", f"{path}/index.md")
    return next((site.made[name] for name in names if name in site.made), None)


def _links_out(file: File, site: _Site) -> Iterator[str]:
    """Give the files of the checkout that a page links to and that the site does not have yet."""
    origin = site.origin.get(file.src_uri)
    if origin is None:
        return
    for link in _LINK.finditer(_FENCE.sub("", file.content_string)):
        path = _path_of(link[2].partition("#")[0], origin)
        if path is None or _known(path, site) is not None:
            continue
        there = (path, f"{path}/README.md")
        yield from [p for p in there if (ROOT / p).is_file()][:1]


# ---------------------------------------------------------------- what a page is made of


def on_page_content(html: str, **_: Any) -> str:  # noqa: ANN401 - mkdocs gives more
    """Set what a button copies, and what the search leaves out."""
    text = _SESSION.sub(_copied, html)
    # a change is read; nobody pastes its marks
    text = text.replace('<div class="language-diff highlight"', _NOT_COPIED)
    # the tables beside a picture say the same, and they are found
    return text.replace('<figure class="kpi-picture"', _NOT_FOUND)


def _copied(block: re.Match[str]) -> str:
    """Give a block of a session the text that the theme's button copies: what is typed, alone."""
    lines = unescape(_TAG.sub("", block[2])).splitlines()
    if block[1] == "pycon":
        typed = [line[4:] for line in lines if line.startswith((">>> ", "... "))]
    else:
        typed = [_REMARK.sub("", line[2:]) for line in lines if line.startswith("$ ")]
    text = escape("\n".join(typed)).replace("\n", "&#10;")
    return block[0].replace("<div ", f'<div data-copy="{text}" ', 1)


_SESSION = re.compile(r'<div class="language-(console|pycon) highlight">(.*?)</div>', re.DOTALL)
_TAG = re.compile(r"<[^>]*>")
#: a remark behind a command, which not every shell takes
_REMARK = re.compile(r"\s+# .*")
_NOT_COPIED = '<div class="language-diff highlight no-copy"'
_NOT_FOUND = '<figure data-search-exclude class="kpi-picture"'


def on_post_page(output: str, **_: Any) -> str:  # noqa: ANN401 - mkdocs gives more
    """Say what the theme leaves unsaid: what a dialog is for, and which Chinese a page is in."""
    output = output.replace('data-md-component="search" role="dialog"', f'{_SEARCH} role="dialog"')
    # a browser takes its glyphs from the language: the mainland's, not those of Taiwan or Japan
    return output.replace('<html lang="zh"', '<html lang="zh-CN"', 1)


#: the theme's search, named
_SEARCH = 'data-md-component="search" aria-label="Search"'

# ---------------------------------------------------------------- each page's own


def on_page_context(context: Any, page: Page, config: MkDocsConfig, **_: Any) -> Any:  # noqa: ANN401 - mkdocs's own
    """Tell the theme the page's language, and the playground's page which style its sheets have.

    The content policy of that page names that one style.
    """
    # set for every page: the theme is one for all of them
    config.theme["language"] = "zh" if page.file.src_uri.endswith(".zh.md") else "en"
    if page.file.src_uri == "playground/index.md":
        context["sheet_style"] = _module("playground/sheet_style").style_source()
    return context


def _module(name: str) -> Any:  # noqa: ANN401 - a module
    """Import a script that is beside this one, and no part of a package."""
    path = Path(__file__).parent / f"{name}.py"
    spec = spec_from_file_location(path.stem, path)
    if spec is None or spec.loader is None:
        raise FileNotFoundError(path)
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def on_post_build(config: MkDocsConfig, **_: Any) -> None:  # noqa: ANN401 - mkdocs gives more
    """Copy the site map beside each home page, where the theme asks for it to switch languages."""
    site = Path(config.site_dir)
    for each in config.extra["alternate"]:
        beside = site / each["link"]
        if beside != site:
            shutil.copy(site / "sitemap.xml", beside / "sitemap.xml")
