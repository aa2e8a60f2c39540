"""The language of one run of the command line: that of ``--lang``, else that of the locale.

All texts of a command are in this language. None is English with ids in place of labels, which is
the default of the library too.
"""

from __future__ import annotations

import os
import sys
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from typing import TYPE_CHECKING

from kpirules.translations.catalog import ENGLISH, LanguageError, tag_of
from kpirules.translations.message import Message


if TYPE_CHECKING:
    from collections.abc import Generator, Sequence


#: the option, which every command has
OPTION = "--lang"

_language: ContextVar[str | None] = ContextVar("language", default=None)


def language() -> str | None:
    """Return the tag of the language; None: English, with ids in place of labels."""
    return _language.get()


def label_language() -> str:
    """Return the tag of the language of texts that always have labels, such as score sheets."""
    return language() or ENGLISH


@contextmanager
def using(lang: str | None) -> Generator[None]:
    """Yield while texts are in a language."""
    before = _language.set(lang)
    try:
        yield
    finally:
        _language.reset(before)


def text(key: str, /, **params: object) -> str:
    """Return a text of the translations in the language."""
    return Message.of(key, **params).text(language())


def write(key: str, /, **params: object) -> None:
    """Write a text of the translations to standard error, as one or more lines."""
    sys.stderr.write(f"{text(key, **params)}\n")


def locale_language() -> str | None:
    """Return the language of the locale; None for English and for one without translations."""
    values = (os.environ.get(name) for name in ("LC_ALL", "LC_MESSAGES", "LANG"))
    locale = next(filter(None, values), ENGLISH)
    with suppress(LanguageError):
        return None if tag_of(locale).startswith(ENGLISH) else tag_of(locale)
    return None


def taken_from(arguments: Sequence[str]) -> tuple[list[str], str | None]:
    """Return the arguments without the option of the language, and its value; None if not given.

    The option may be anywhere before ``--``, since the help and the errors of all other arguments
    are written in its language. The value is empty if none follows.

    >>> taken_from(["check", "--lang", "zh", "x.rubric.toml"])
    (['check', 'x.rubric.toml'], 'zh')
    """
    rest, given, value = list(arguments), list[str](), None
    while rest and rest[0] != "--":
        each = rest.pop(0)
        if each == OPTION:
            value = rest.pop(0) if rest and rest[0] != "--" else ""
        elif each.startswith(f"{OPTION}="):
            value = each.partition("=")[2]
        else:
            given.append(each)
    return given + rest, value
