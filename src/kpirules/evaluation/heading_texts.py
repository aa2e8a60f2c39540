"""Texts of headings: what follows the label of an input, and the labels that follow a name."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import attrs

from kpirules.translations.catalog import languages, template
from kpirules.translations.message import Message


if TYPE_CHECKING:
    from collections.abc import Iterator

    from kpirules.model.inputs import Input
    from kpirules.model.rubric import Text


def texts_of(label: Text | None) -> tuple[str, ...]:
    """Return a label in all its languages."""
    return () if label is None else tuple(dict.fromkeys(t for _, t in label.by_language if t))


def marked(fact: Input) -> Iterator[str]:
    """Yield the headings that mean an input although an item has its label.

    They are its labels, each with its unit or the word for data in brackets.
    """
    for label in texts_of(fact.label):
        for mark in (*texts_of(fact.unit), *_data_words()):
            yield f"{label} ({mark})"


@cache
def _data_words() -> tuple[str, ...]:
    """Return the word for data in all languages."""
    return tuple(template("heading.data", lang) for lang in languages())


@attrs.frozen
class LabelsOfName:
    """The labels of a name in brackets; none in a language, which has one in place of the name."""

    labels: tuple[str, ...]

    def get(self, lang: str | None = None, /) -> str:
        """Return the text in a language."""
        if lang is not None or not self.labels:
            return ""
        return Message.of("heading.labels", labels=self.labels).text()
