"""The translations: texts by key and language, one file for each language.

The language of a tag is that of its first part that has a file: ``zh-Hans-CN`` is read from
``zh.toml``. A text with a plural is a table with the texts ``one`` and ``other``.
"""

from __future__ import annotations

from contextlib import suppress
from functools import cache
from typing import Any, TypeAlias

from kpirules._internal.base_error import KpirulesError, frozen_error
from kpirules._internal.display import brief


#: the language of what is not translated, and of texts for developers
ENGLISH = "en"

#: a text, or its texts by plural form
Template: TypeAlias = "str | dict[str, str]"


@frozen_error
class LanguageError(KpirulesError, ValueError):
    """A language that kpirules has no translations for.

    >>> try:
    ...     tag_of("tlh")
    ... except LanguageError as error:
    ...     print(error.tag, "zh" in error.known)
    tlh True
    """

    #: the language tag as it was given
    tag: str
    #: the languages that there are
    known: tuple[str, ...]

    def __str__(self) -> str:
        return f"{brief(self.tag)} is not a language of kpirules: {', '.join(self.known)}"


@cache
def languages() -> tuple[str, ...]:
    """Return the tags of the languages that have translations, sorted."""
    from importlib.resources import files  # noqa: PLC0415 - only with a text

    names = (each.name for each in files("kpirules.translations").iterdir())
    return tuple(sorted(n.removesuffix(".toml") for n in names if n.endswith(".toml")))


@cache
def tag_of(lang: str) -> str:
    """Return a language tag in its canonical form; raise :class:`LanguageError` if it is unknown.

    >>> [tag_of(each) for each in ("ZH", "zh_CN.UTF-8", "zh-hant", "C.UTF-8")]
    ['zh', 'zh-CN', 'zh-Hant', 'en']
    """
    tag = canonical_tag(lang)
    if tag.partition("-")[0] not in languages():
        raise LanguageError(tag=lang, known=languages())
    return tag


@cache
def canonical_tag(lang: str) -> str:
    """Return a language tag in its canonical form, of any language.

    Case does not matter, ``_`` is read as ``-``, what follows a dot or ``@`` in a locale is left
    out, and ``C`` and ``POSIX`` are English.
    """
    first, *rest = lang.strip().partition(".")[0].partition("@")[0].replace("_", "-").split("-")
    tag = "-".join([first.lower(), *(_CASE.get(len(part), str.lower)(part) for part in rest)])
    return ENGLISH if tag in ("c", "posix") else tag


#: the case of a script (4 letters) and of a region (2)
_CASE = {4: str.capitalize, 2: str.upper}


@cache
def texts(language: str) -> dict[str, Template]:
    """Return the texts of a language by their dotted keys."""
    import tomllib  # noqa: PLC0415 - only with a text
    from importlib.resources import files  # noqa: PLC0415 - as above

    content = (
        files("kpirules.translations").joinpath(f"{language}.toml").read_text(encoding="utf-8")
    )
    return dict(_flat(tomllib.loads(content), ""))


def _flat(table: dict[str, Any], before: str) -> list[tuple[str, Template]]:
    """Return the texts of a table with their dotted keys."""
    found: list[tuple[str, Template]] = []
    for key, value in table.items():
        if isinstance(value, str):
            found.append((f"{before}{key}", value))
        else:
            is_plural = {*value} <= {"one", "other"}
            found += [(f"{before}{key}", value)] if is_plural else _flat(value, f"{before}{key}.")
    return found


@cache
def _language_of(lang: str | None) -> str:
    """Return the language of a tag; English if it has no translations: labels may have others."""
    with suppress(LanguageError):
        return ENGLISH if lang is None else tag_of(lang).partition("-")[0]
    return ENGLISH


def template(key: str, lang: str | None, count: object = None) -> str:
    """Return the text of a key, its values in braces; ``count`` selects the plural form."""
    found = texts(_language_of(lang))[key]
    if isinstance(found, str):
        return found
    return found["one" if count == 1 and "one" in found else "other"]


@cache
def words(group: str, lang: str) -> dict[str, str]:
    """Return the texts of a group of keys in a language, by the rest of their keys.

    >>> words("result", "zh-CN")["total"]
    '总分'
    """
    every = texts(_language_of(lang))
    before = f"{group}."
    return {
        key.removeprefix(before): text
        for key, text in every.items()
        if key.startswith(before) and isinstance(text, str)
    }
