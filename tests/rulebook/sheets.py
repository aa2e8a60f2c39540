"""Sheets of a rule workbook in memory, as a person fills them in."""

from __future__ import annotations

from pathlib import Path

import attrs

from kpirules.cli.io.excel import Book
from kpirules.rulebook.importing import imported


@attrs.frozen
class Merged:
    """Some merged cells."""

    top: int
    bottom: int
    left: int


class Sheets:
    """The sheets of a workbook: rows by title, from the heading down."""

    def __init__(self, sheets, merged=None):
        self._sheets = sheets
        self._merged = merged or {}

    @property
    def names(self):
        """Return the titles."""
        return list(self._sheets)

    def rows(self, name):
        """Yield the rows."""
        return iter([tuple(row) for row in self._sheets[name]])

    def merged(self, name):
        """Yield the merged cells."""
        return iter(self._merged.get(name, ()))


FORM = [("Title", "Test"), ("Ruleset id", "test"), ("Effective from", "2027-01-01")]
ITEMS = [("Item", "Weight"), ("Work", 100)]


def read(merged=None, **sheets):
    """Import a workbook of sheets by title; a form and an item are added if they are missing."""
    every = {"Form": FORM, "Items": ITEMS, **{k.replace("_", " "): v for k, v in sheets.items()}}
    return imported(Sheets(every, merged), "x.xlsx")


def errors(made):
    """Return the cells and messages of the errors of an imported workbook."""
    return [(f.spots[0].cell, f.message()) for f in made.findings if f.severity == "error"]


def opened(content):
    """Import the content of a workbook."""
    return imported(Book(Path("x.xlsx"), content), "x.xlsx")
