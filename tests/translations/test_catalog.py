"""The translations: every language has the same keys and names, and tags are read in one way."""

from __future__ import annotations

import errno
import re

import pytest

from kpirules.diagnostics.problem import PROBLEM_CODES
from kpirules.errors import LanguageError
from kpirules.translations.catalog import languages, tag_of, template, texts, words
from kpirules.translations.message import (
    Given,
    Joined,
    Message,
    MessageError,
    Named,
    reason_of,
    shown,
)
from tests import ROOT


OTHERS = [language for language in languages() if language != "en"]


def names_in(text):
    """Return the names in braces of a text or of its plural forms."""
    forms = [text] if isinstance(text, str) else text.values()
    return {name for form in forms for name in re.findall(r"\{(\w+)\}", form)}


@pytest.mark.parametrize("language", OTHERS)
def test_languages_have_the_same_keys_and_names(language):
    """A text that is missing, left over, or without one of its values is found."""
    english, other = texts("en"), texts(language)
    assert english.keys() == other.keys()
    differ = {key for key in english if names_in(english[key]) != names_in(other[key])}
    # the number is part of a Chinese sentence, where English has forms for it
    assert set() == {key for key in differ if names_in(other[key]) - names_in(english[key])}
    assert set() == {key for key in differ if key.startswith("problem")} - {"problem.band-overlap"}


def test_every_key_of_the_code_has_a_text_and_every_text_a_use():
    """Keys are written in the code, whole or with their first part."""
    code = "".join(p.read_text("utf-8") for p in (ROOT / "src").rglob("*.py"))
    groups = "|".join({re.split("[-.]", key)[0] for key in texts("en")} - {"new", "sheet"})
    written = set(re.findall(rf"\"((?:{groups})(?:-[a-z]+)?\.[a-z_0-9-]+)\"", code))
    assert set() == written - texts("en").keys()
    templates = "".join(p.read_text("utf-8") for p in (ROOT / "src").rglob("*.jinja"))
    parts = {*re.findall(r"[\w-]+", code + templates), *errno.errorcode.values()}
    assert [] == [key for key in texts("en") if key.partition(".")[2].split("_")[0] not in parts]


def test_every_problem_has_a_code_that_is_published():
    """With a description; and no code is published that no problem has."""
    keys = {
        k.removeprefix("problem.").partition("_")[0]
        for k in texts("en")
        if k.startswith("problem.")
    }
    assert keys == PROBLEM_CODES.keys()


@pytest.mark.parametrize(
    ("tag", "lang"),
    [
        ("zh", "ZH"),
        ("zh-CN", "zh_CN.UTF-8"),
        ("zh-Hans", "zh-hans"),
        ("zh-Hant-TW", "ZH_hant_tw"),
        ("en-GB", "en_gb@euro"),
        ("en", "C.UTF-8"),
        ("en", "POSIX"),
    ],
)
def test_a_tag_has_one_form(tag, lang):
    """Case, separators and what a locale has beside the language do not matter."""
    assert tag == tag_of(lang)


@pytest.mark.parametrize("lang", ["de", "", "zhx", "../en"])
def test_a_language_without_translations_is_an_error(lang):
    """It lists those there are; texts fall back to English, since labels may have others."""
    with pytest.raises(LanguageError, match=", ".join(languages())):
        tag_of(lang)
    assert "is missing" == template("problem.missing", lang)
    assert words("result", lang) == words("result", "en")


def test_values_are_shown_as_their_language_has_them():
    """Lists, plural forms, labels, flags, long lists, and what is not printable."""
    label = {"zh": "迟到", "en": "Late"}

    class Label:
        def get(self, lang=None):
            return label[lang or "en"]

    name = Named("late", Label())
    assert ("late", "Late", "迟到") == tuple(shown(name, lang) for lang in (None, "en", "zh"))
    assert ("Late", "迟到") == tuple(shown(Label(), lang) for lang in ("en", "zh"))
    assert ("1, true, a\\x1b", "1、是、a\\x1b") == tuple(
        shown((1, True, "a\x1b"), lang) for lang in ("en", "zh")
    )
    assert "a or b" == shown(Joined(("a", "b"), "list.or"), None)
    assert shown(("n",) * 150, None).endswith("n, n, ... (50 more)")
    heads = [Message.of("problem-text.head", rubric="x", count=n).text() for n in (1, 2)]
    assert ["x: 1 problem in the record", "x: 2 problems in the record"] == heads
    assert "None" == shown(None, None)


def test_a_value_is_shown_as_its_author_wrote_it():
    """Texts in quotes of the language and shortened; the words of the rule language as they are."""
    assert ('"late"', "“late”") == tuple(shown(Given("late"), lang) for lang in ("en", "zh"))
    assert ("true", "3") == (shown(Given(True), "zh"), shown(Given(3), "zh"))
    assert '"' + "x" * 60 + '..."' == shown(Given("x" * 1000), None)
    assert '"a\\x1b"' == shown(Given("a\x1b"), None)


def test_the_reason_of_an_error_is_its_message_or_its_text():
    """Errors of other libraries have a text alone."""
    reason = Message.of("problem.missing")
    assert reason == reason_of(MessageError(reason))
    assert "x" == reason_of(ValueError("x"))
