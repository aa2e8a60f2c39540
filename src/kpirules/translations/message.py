"""Messages: a key of the translations, and the values that the text shows.

A message has no language; :meth:`Message.text` gives its text in one. What a value looks like in a
language is defined where its type is: ``shown.register``.
"""

from __future__ import annotations

import re
from functools import singledispatch
from typing import TYPE_CHECKING, Protocol, TypeVar, cast, runtime_checkable

import attrs

from kpirules._internal.display import brief, printable, shortened
from kpirules._internal.typeguards import is_tuple
from kpirules.translations.catalog import template


if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


_V = TypeVar("_V")
#: what separates the parts of a place
_PARTS_OF_PLACE = re.compile(r"[/\\]|: ")
#: a name in braces in a text
_PLACE = re.compile(r"\{([a-z_]+)\}")


@runtime_checkable
class ByLanguage(Protocol):
    """A value with a text for each language, such as a label."""

    def get(self, lang: str | None = None, /) -> str:
        """Return the text in a language, or in the nearest one available."""
        ...


@attrs.frozen
class Named:
    """A name of a ruleset: people read its label, programs and authors its id.

    >>> str(shown(Named("late"), None))
    'late'
    """

    id: str
    label: ByLanguage | None = attrs.field(default=None, eq=False)


@attrs.frozen
class Message:
    """A message in no language.

    >>> Message.of("problem.off-step", step=5).text()
    'is not a multiple of 5'
    >>> Message.of("problem.off-step", step=5).text("zh")
    '不是 5 的倍数'
    """

    #: the key of its text in ``translations/en.toml``
    key: str
    #: (name, value) of each value that the text shows
    params: tuple[tuple[str, object], ...] = attrs.field(default=(), hash=False)

    @classmethod
    def of(cls, key: str, /, **params: object) -> Message:
        """Return a message with values by name."""
        return cls(key, tuple(params.items()))

    def text(self, lang: str | None = None) -> str:
        """Return the text in a language, with labels; without one, in English with ids.

        In English also where the language has no translations: labels may have others.
        """
        params = dict(self.params)
        pattern = template(self.key, lang, params.get("count"))
        return _PLACE.sub(lambda place: shown(params[place[1]], lang), pattern)

    def get(self, lang: str | None = None, /) -> str:
        """Return the text in a language: a message may be the label of a name."""
        return self.text(lang)

    def __str__(self) -> str:
        return self.text()


def labelled(value: object, labels: Mapping[str, ByLanguage]) -> object:
    """Return a value of a message with labels for the names in it that have none yet.

    >>> labelled(Named("points.late"), {})
    Named(id='points.late', label=None)
    """

    def label(each: object) -> object:
        if not isinstance(each, Named):
            return each
        known = each.label or labels.get(each.id) or labels.get(each.id.removeprefix("points."))
        return Named(each.id, known)

    return _changed(value, label)


def _changed(value: _V, change: Callable[[object], object]) -> _V:
    """Return a value of a message in which a function has changed every single value."""
    found: object
    if isinstance(value, Message):
        params = ((name, _changed(each, change)) for name, each in value.params)
        found = attrs.evolve(value, params=tuple(params))
    elif isinstance(value, Joined):
        found = attrs.evolve(value, values=_changed(value.values, change))
    elif is_tuple(value):
        found = tuple(_changed(each, change) for each in value)
    else:
        found = change(value)
    return cast("_V", found)


@attrs.frozen
class Place:
    """The place of a ruleset: the path of a file, or its name in a source."""

    text: str


@runtime_checkable
class Public(Protocol):
    """A value that has a text for anyone, such as an error."""

    def public(self, lang: str | None = None) -> str:
        """Return the text in a language."""
        ...


@attrs.frozen
class _PublicText:
    """The text for anyone of a value."""

    value: Public

    def get(self, lang: str | None = None, /) -> str:
        """Return the text in a language."""
        return self.value.public(lang)


def public(value: _V) -> _V:
    """Return a value of a message without the places and sources of rulesets on a server.

    >>> public(Message.of("list.one", value=Place("/srv/sales/2026-01-01.rubric.toml"))).text()
    'sales/2026-01-01.rubric.toml'
    """
    return _changed(value, _public)


def _public(value: object) -> object:
    """Return the public form of a value."""
    if isinstance(value, Place):
        # a folder's path and a source's name go; the id and the date stay
        return "/".join(_PARTS_OF_PLACE.split(value.text)[-2:])
    return _PublicText(value) if isinstance(value, Public) else value


def restated(message: Message, params: Mapping[str, object]) -> Message:
    """Return a message with other values for some names, also in the messages within it.

    >>> part = Message.of("problem.off-step", step=5)
    >>> restated(Message.of("problem-part.in", reason=part, place="x"), {"step": 2}).text()
    'is not a multiple of 2 in x'
    """
    changed: list[tuple[str, object]] = []
    for name, old in message.params:
        within = restated(old, params) if isinstance(old, Message) else old
        changed.append((name, params.get(name, within)))
    return attrs.evolve(message, params=tuple(changed))


def params_of(message: Message) -> dict[str, object]:
    """Return the values of a message and of those within it by name.

    >>> params_of(Message.of("problem-part.item", item=2, reason=Message.of("x", step=5)))
    {'item': 2, 'step': 5}
    """
    found: dict[str, object] = {}
    for name, value in message.params:
        found |= params_of(value) if isinstance(value, Message) else {name: value}
    return found


@attrs.frozen
class Given:
    """A value as its author wrote it: texts in quotes, long ones shortened.

    >>> [shown(Given(value), "zh") for value in ("late", True, 10**400)]
    ['“late”', 'true', '1.000000000...E+400']
    """

    value: object


@attrs.frozen
class Keyword:
    """A key of the rule language, or a word of one of its vocabularies.

    >>> [shown(Keyword("points", is_quoted=quoted), "en") for quoted in (True, False)]
    ['"points"', 'points']
    """

    name: str
    #: the name of the vocabulary of a word
    of: str = ""
    is_quoted: bool = True
    #: what people read for it where they do not write the rule language
    text: Message | None = None


class MessageError(ValueError):
    """An error that states its reason as a message."""

    def __init__(self, reason: Message) -> None:
        super().__init__(reason)
        self.reason = reason

    def __str__(self) -> str:
        return self.reason.text()


def reason_of(error: Exception) -> Message | str:
    """Return the reason of an error: a message if it has one, else its text."""
    return error.reason if isinstance(error, MessageError) else str(error)


@attrs.frozen
class Joined:
    """Values that a text lists: joined by commas, or by "or"."""

    values: tuple[object, ...]
    #: the key of what stands between two values
    by: str = "list.comma"


#: the maximum number of values of a list that a text shows
MAX_LISTED = 100


@singledispatch
def shown(value: object, lang: str | None) -> str:
    """Return the text of a value in a language."""
    if isinstance(value, ByLanguage):
        return printable(value.get(lang))
    return brief(value)


@shown.register
def _(value: str, _: str | None) -> str:
    return printable(value)


@shown.register
def _(value: Named, lang: str | None) -> str:
    if lang is None or value.label is None:
        return printable(value.id)
    return printable(value.label.get(lang))


@shown.register
def _(value: Given, lang: str | None) -> str:
    if isinstance(value.value, str):
        return template("word.quoted", lang).replace("{text}", shortened(value.value))
    # the words of the language itself, such as true, are not translated
    return shown(value.value, None if isinstance(value.value, bool) else lang)


@shown.register
def _(value: Keyword, lang: str | None) -> str:
    text = value.name if value.text is None else value.text.text(lang)
    return shown(Given(text) if value.is_quoted else text, lang)


@shown.register
def _(value: Place, _: str | None) -> str:
    return printable(value.text)


@shown.register
def _(value: Message, lang: str | None) -> str:
    return value.text(lang)


@shown.register
def _(value: Joined, lang: str | None) -> str:
    return _joined(value.values, lang, value.by)


@shown.register(tuple)
def _(value: tuple[object, ...], lang: str | None) -> str:
    return _joined(value, lang, "list.comma")


def _joined(values: tuple[object, ...], lang: str | None, by: str) -> str:
    """Return values joined; of a long list, the first ones and a count."""
    text = template(by, lang).join(shown(each, lang) for each in values[:MAX_LISTED])
    more = len(values) - MAX_LISTED
    return text if more <= 0 else text + Message.of("list.more", count=more).text(lang)
