"""The texts of findings: each is used, names a published code, and is free of foreign words."""

from __future__ import annotations

import re

import pytest

from kpirules.checks.registry import codes
from kpirules.translations.catalog import languages, texts
from tests import ROOT


#: the groups of texts whose keys the code writes whole, or with a part in braces
GROUPS = ("finding", "finding-part", "advice", "too-large", "name")
#: what authors type into a ruleset, and names
TYPED = {
    *("a", "b", "better", "clamp", "kpirules", "missing", "otherwise", "range", "ratio", "scale"),
    *("skip", "step", "total", "when"),
}


def keys_of(language):
    """Return the keys of these groups."""
    return {key for key in texts(language) if key.partition(".")[0] in GROUPS}


def patterns():
    """Return a pattern for each key in the code: what is in braces may be any word."""
    code = "".join(p.read_text("utf-8") for p in (ROOT / "src").rglob("*.py"))
    written = re.findall(rf'"((?:{"|".join(GROUPS)})\.(?:[\w-]|{{[^{{}}"]*}})+)"', code)
    return {re.sub(r"\{.*?\}", r"[\\w-]+", each) for each in written}


def test_every_text_is_used_and_every_key_has_a_text():
    """A key in the code without a text, and a text that no code shows, are found."""
    keys, every = keys_of("en"), patterns()
    assert [] == sorted(k for k in keys if not any(re.fullmatch(p, k) for p in every))
    assert [] == sorted(p for p in every if not any(re.fullmatch(p, k) for k in keys))


def test_every_text_of_a_finding_names_a_published_code():
    """The code comes first, then the variant."""
    published = {code.code for code in codes()}
    named = {
        key.partition(".")[2].partition("_")[0]
        for key in keys_of("en")
        if key.startswith(("finding.", "advice."))
    }
    assert set() == named - published


@pytest.mark.parametrize("language", languages())
def test_a_text_speaks_plainly(language):
    """None of the words that the style guide replaces; values are put in, never copied."""
    forbidden = r"\b(takes?|leads? to|refused?|stands?|hangs?|says?|worked out|admits?|whoever)\b"
    every = {key: texts(language)[key] for key in keys_of(language)}
    assert {} == {key: text for key, text in every.items() if re.search(forbidden, str(text))}


def test_chinese_texts_have_no_english():
    """Only words that authors type into a file, and the name of the program."""
    found = {
        key: words - TYPED
        for key in keys_of("zh")
        if (words := set(re.findall(r"[A-Za-z]+", re.sub(r"\{[a-z_]+\}", "", texts("zh")[key]))))
    }
    assert {} == {key: words for key, words in found.items() if words}
