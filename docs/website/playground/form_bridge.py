"""The ruleset as a form, and the files of rules that the playground reads and writes."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import attrs

from kpirules import loads
from kpirules._internal.display import printable
from kpirules.cli.io.excel import Book
from kpirules.errors import RulesetError
from kpirules.rulebook.exporting import exported
from kpirules.rulebook.form_parts import (
    Form,
    FormPlaces,
    Hidden,
    form_from,
    form_layout,
    form_of_grid,
    form_of_tree,
    places_of,
    read_form,
    with_hidden,
)
from kpirules.rulebook.grid import read_grid
from kpirules.rulebook.tree import Draft, draft_of
from kpirules.sheets.api import sheet
from kpirules.toml.converter import unstructure
from kpirules.toml.data import text_of_tree
from kpirules.toml.parser import read
from kpirules.toml.syntax import parse_toml
from kpirules.toml.writer import dumps


if TYPE_CHECKING:
    from collections.abc import Sequence

    from kpirules.diagnostics.finding import Finding


@attrs.frozen(kw_only=True)
class Shape:
    """A form, its draft, and the values that it does not show."""

    form: Form
    hidden: list[Hidden]
    draft: Draft
    lang: str

    def described(self, findings: Sequence[Finding]) -> dict[str, Any]:
        """Describe the form, with the findings at their places."""
        places = FormPlaces(self.form, self.lang)
        places.keep_ids(self.draft)
        shown = [each.place for each in self.hidden if each.place != "example"]
        return {
            "form": self.form,
            "hidden": [printable(place) for place in shown],
            "hasExamples": len(shown) < len(self.hidden),
            "rows": [
                {
                    "place": None if place is None else attrs.asdict(place),
                    "code": each.code,
                    "severity": each.severity,
                    "word": each.word(self.lang),
                    "message": printable(each.message(self.lang)),
                    "details": [printable(line.strip()) for line in each.details(self.lang)],
                }
                for place, each in places_of(self.draft, findings, places)
                if each.counts
            ],
        }


def layout(lang: str) -> list[dict[str, Any]]:
    """Return the sheets and columns of a form."""
    return form_layout(lang)


def shape_of_text(text: str, lang: str) -> Shape | None:
    """Return the form of a ruleset; None if the text has no readable ruleset of its own."""
    found = _tree_of(text)
    if found is None:
        return None
    return _shape(*form_of_tree(found, lang), lang)


def shape_of_form(value: object, base: str, lang: str) -> Shape:
    """Return the draft of a form that was edited; ``base`` is the ruleset before the edits."""
    form, tree = form_from(value), _tree_of(base)
    return _shape(form, [] if tree is None else form_of_tree(tree, lang)[1], lang)


def _shape(form: Form, hidden: list[Hidden], lang: str) -> Shape:
    """Return a form with its draft, into which what it does not show is put back."""
    draft = draft_of(read_form(form, lang))
    with_hidden(draft, hidden)
    return Shape(form=form, hidden=hidden, draft=draft, lang=lang)


def text_of_shape(shape: Shape) -> str:
    """Return the ruleset file of a form."""
    return _text_of(shape.draft)


def _text_of(draft: Draft) -> str:
    """Return the ruleset file of a draft: formatted, if all of it can be read."""
    try:
        text = text_of_tree(draft.tree)
    except RulesetError as error:
        return "".join(f"# {printable(f.message('en'))}\n" for f in error.findings)
    reading = read(text, "ruleset")
    is_whole = reading.rubric is not None and not reading.lost
    whole = is_whole and all(f.severity != "error" for f in reading.findings)
    return dumps(reading.rubric) if whole and reading.rubric is not None else text


@lru_cache(maxsize=4)
def _tree_of(text: str) -> Any:  # noqa: ANN401 - a tree
    """Return the tree of a ruleset; None if a form would lose a part of the text."""
    _, tree, faults = parse_toml(text, "ruleset")
    if faults or "extends" in tree:
        return None
    reading = read(text, "ruleset")
    if reading.rubric is None or reading.lost:
        return None
    if any(finding.severity == "error" for finding in reading.findings):
        return None
    return unstructure(reading.rubric)


# ---------------------------------------------------------------- files of rules


def opened_file(name: str, content: bytes, lang: str) -> dict[str, Any]:
    """Read a ruleset file or a rule workbook; raise ``KpirulesError`` if it is neither."""
    if Path(name).suffix.lower() != ".xlsx":
        text, _, _ = parse_toml(content, name)
        return {"ruleset": text}
    draft = draft_of(read_grid(Book(Path(name), content), name))
    form = form_of_grid(draft.grid)
    findings = [
        f"{printable(each.spots[0].cell)}: {printable(each.message(lang))}"
        for each in draft.grid.findings
    ]
    return {"ruleset": _text_of(draft), "form": form, "findings": findings}


def workbook_file(text: str, lang: str) -> dict[str, Any]:
    """Return the rule workbook of a ruleset, or what a workbook cannot hold."""
    made = exported(loads(text), lang, lambda data: Book(Path("rules.xlsx"), data))
    if made.without:
        return {"without": [printable(place) for place in made.without]}
    return {"content": made.content}


def blank_form(text: str, lang: str) -> bytes:
    """Return the form on paper, as a page to print."""
    return sheet(loads(text), "html", lang)
