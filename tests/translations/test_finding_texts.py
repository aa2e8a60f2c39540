"""The texts of findings: each is used, names a published code, and is free of foreign words."""

from __future__ import annotations

import re

from kpirules.checks.registry import codes
from kpirules.formula import FUNCTIONS
from kpirules.toml.json_schema import ruleset_schema
from kpirules.translations.catalog import texts
from tests import ROOT


#: the groups of texts whose keys the code writes whole, or with a part in braces
GROUPS = ("finding", "finding-part", "advice", "too-large", "name", "part")
#: what authors type into a ruleset, and names
TYPED = {*FUNCTIONS, "a", "b", "false", "kpirules"}


def words_of_the_language(schema):
    """Yield the keys of ruleset files, and the words that are values of them."""
    match schema:
        case dict():
            yield from schema.get("properties", ())
            yield from (str(each) for each in (*schema.get("enum", ()), schema.get("const", "")))
            for each in schema.values():
                yield from words_of_the_language(each)
        case list():
            for each in schema:
                yield from words_of_the_language(each)


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


def test_english_texts_speak_plainly():
    """None of the words that do not say what happens."""
    vague = r"\b(takes?|leads? to|refused?|stands?|hangs?|says?|worked out|admits?|whoever)\b"
    every = {key: str(texts("en")[key]) for key in keys_of("en")}
    assert {} == {key: text for key, text in every.items() if re.search(vague, text)}


def test_chinese_texts_have_no_english():
    """Only words of the rule language, and what authors type, in straight quotes."""
    known = TYPED | {*words_of_the_language(ruleset_schema())}
    found = {}
    for key in keys_of("zh"):
        text = re.sub(r'\{[a-z_]+\}|"[ -~]*?"', "", str(texts("zh")[key]))
        found[key] = {*re.findall(r"[A-Za-z_]+", text)} - known
    assert {} == {key: words for key, words in found.items() if words}


#: the groups of texts about the text of a ruleset file, its values and where it is looked for
FILES = (
    "syntax",
    "syntax-help",
    "value",
    "kind",
    "range-text",
    "formula",
    "formula-help",
    "override",
    "error",
    "time",
    "source",
)
#: names of encodings, units, systems, options, and of Python
NAMES = {"UTF", "BOM", "GBK", "KiB", "Unicode", "Windows", "prefer", "When", "True"}
#: what texts give as examples
SHOWN = {
    "true",
    "otherwise",
    "a",
    "b",
    "x",
    "y",
    "z",
    "_",
    "O",
    "l",
    "I",
    "zh",
    "late",
    "attendance",
}


def test_texts_about_files_speak_plainly_and_in_their_language():
    """As those of findings; what authors type and examples are in both languages."""
    known = TYPED | NAMES | SHOWN | {*words_of_the_language(ruleset_schema())}
    vague = r"\b(takes?|refused?|stands?|hangs?|says?|worked out|admits?|whoever)\b"
    for key in (key for key in texts("en") if key.partition(".")[0] in FILES):
        assert not re.search(vague, str(texts("en")[key])), key
        text = re.sub(r'\{[a-z_]+\}|"[ -~]*?"', "", str(texts("zh")[key]))
        assert {*re.findall(r"[A-Za-z_]+", text)} <= known, key
