"""The language of a run: that of the option wherever it is, else that of the locale."""

from __future__ import annotations

import pytest

from kpirules.cli.reader_language import (
    label_language,
    language,
    locale_language,
    taken_from,
    text,
    using,
)


@pytest.mark.parametrize(
    ("arguments", "rest", "lang"),
    [
        ([], [], None),
        (["--lang", "zh"], [], "zh"),
        (["--lang=zh", "check"], ["check"], "zh"),
        (["check", "x", "--lang", "zh", "--strict"], ["check", "x", "--strict"], "zh"),
        (["--lang", "zh", "check", "--lang=en"], ["check"], "en"),
        (["check", "--lang"], ["check"], ""),
        (["check", "--lang", "--", "x"], ["check", "--", "x"], ""),
        (["check", "--", "--lang", "zh"], ["check", "--", "--lang", "zh"], None),
        (["check", "--language", "zh"], ["check", "--language", "zh"], None),
    ],
)
def test_the_option_may_be_anywhere_before_two_dashes(arguments, rest, lang):
    """The last one counts; its value is empty if none follows."""
    assert (rest, lang) == taken_from(arguments)


@pytest.mark.parametrize(
    ("variables", "lang"),
    [
        ({}, None),
        ({"LANG": "zh_CN.UTF-8"}, "zh-CN"),
        ({"LANG": "zh_CN.UTF-8", "LC_ALL": "C.UTF-8"}, None),
        ({"LANG": "en_GB.UTF-8", "LC_MESSAGES": "zh_TW"}, "zh-TW"),
        ({"LANG": "de_DE.UTF-8"}, None),
        ({"LANG": "en_US.UTF-8"}, None),
    ],
)
def test_the_locale_names_a_language_with_translations(monkeypatch, variables, lang):
    """LC_ALL goes before LC_MESSAGES before LANG; English and unknown languages are the default."""
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert lang == locale_language()


def test_texts_are_in_the_language_of_the_run():
    """The default is English with ids; what always has labels is then English with labels."""
    assert (None, "en", "is empty") == (language(), label_language(), text("file.empty"))
    with using("zh-CN"):
        assert ("zh-CN", "zh-CN", "是空的") == (language(), label_language(), text("file.empty"))
    assert language() is None
