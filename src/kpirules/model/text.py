"""Human text by language, and the options of a choice."""

# without "from __future__ import annotations": attrs copies the types of converters to signatures
# of other modules, where the text of a type has no meaning

import re
from collections.abc import Mapping, Sequence
from functools import partial
from typing import TypeAlias, final

import attrs

from kpirules._internal.display import brief
from kpirules._internal.positional import Positional
from kpirules._internal.typeguards import is_list_or_tuple, is_mapping
from kpirules.model.values import (
    Value,
    every,
    name_value_pairs,
    optional,
    string,
    wrong,
    wrong_kind,
)
from kpirules.translations.catalog import ENGLISH, canonical_tag


_TAG = re.compile(r"[A-Za-z]{2,8}(?:-[A-Za-z0-9]{1,8})*", re.ASCII)


def _by_language(
    value: str | Mapping[str, str] | Sequence[tuple[str, str]],
) -> tuple[tuple[str, str], ...]:
    """Convert a text, a table of texts by language tag, or its pairs."""
    if isinstance(value, str):
        return (("", string(value)),)
    texts = name_value_pairs(value)
    # the tag is empty for a text without language, which is alone
    tags = [tag for tag, _ in texts]
    if not tags:
        raise wrong("no-language")
    alone = isinstance(value, Sequence) and tags == [""]
    unknown = [tag for tag in tags if not _TAG.fullmatch(tag) and not alone]
    if unknown:
        raise wrong("language-tag", tag=brief(unknown[0]))
    if len({*tags}) < len(tags):
        raise wrong("language-twice")
    taken = every(((tag,), text, partial(string, text)) for tag, text in texts)
    return tuple(zip(tags, taken, strict=True))


@final
@attrs.frozen
class Text(Positional, Value):
    """Human text by language.

    >>> label = Text.of({"zh": "考勤", "en": "Attendance"})
    >>> label.get("zh"), label.get("zh-Hant"), label.get("de")
    ('考勤', '考勤', 'Attendance')
    """

    #: (language tag, text), in the order of the file, which is not significant; the tag is empty
    #: for a text without language
    by_language: tuple[tuple[str, str], ...] = attrs.field(converter=_by_language, eq=frozenset)

    @classmethod
    def of(cls, text: str | Mapping[str, str]) -> "Text":
        """Return the text of a string, or of a table by language tag."""
        return cls(text)

    def __str__(self) -> str:
        return self.get()

    def get(self, lang: str | None = None) -> str:
        """Return the text in a language, or in the nearest one available.

        The order: the tag itself; the tag without its last part (``zh-Hant-TW``, ``zh-Hant``,
        ``zh``); another tag of the same language; the text without language; English; the first tag
        by alphabet.
        """
        texts = dict(self.by_language)
        tag = wanted = canonical_tag(lang or ENGLISH)
        while tag:
            if tag in texts:
                return texts[tag]
            tag = tag.rpartition("-")[0]
        language = wanted.partition("-")[0]
        near = sorted(t for t in texts if t.partition("-")[0] == language)
        return next(texts[tag] for tag in (*near, "", "en", *sorted(texts)) if tag in texts)


def label_text(value: Text | str | Mapping[str, str]) -> Text:
    """Convert a text, or a table of texts by language tag."""
    if isinstance(value, Text):
        return value
    if not isinstance(value, str) and not is_mapping(value):
        raise wrong_kind("label", value)
    return Text(_by_language(value))


@final
@attrs.frozen(kw_only=True)
class Option(Value):
    """One option of a choice."""

    code: str = attrs.field(converter=string)
    label: Text | None = attrs.field(default=None, converter=optional(label_text))


#: the accepted types for a label: a text, or a table of texts by language tag
Label: TypeAlias = Text | str | Mapping[str, str]


def options(value: Mapping[str, Label] | Sequence[Option | str]) -> tuple[Option, ...]:
    """Convert options: a list of codes or options, or a table from code to label."""
    if isinstance(value, Mapping):
        labels = every(((c,), label, partial(label_text, label)) for c, label in value.items())
        return tuple(Option(code=c, label=t) for c, t in zip(value, labels, strict=True))
    if not is_list_or_tuple(value):
        raise wrong_kind("options", value)
    listed = every(((i,), item, partial(_option, item)) for i, item in enumerate(value))
    if all(option.label is None for option in listed):
        return listed
    # only a list can repeat a code: the keys of a table in a file are unique
    if len({option.code for option in listed}) < len(listed):
        raise wrong("option-twice")
    return tuple(o if o.label else Option(code=o.code, label=Text(o.code)) for o in listed)


def _option(value: Option | str) -> Option:
    """Convert an option, or its code."""
    return value if isinstance(value, Option) else Option(code=string(value))
