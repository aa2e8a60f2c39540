"""The base class of the exceptions: frozen values whose text is built from their fields."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar, dataclass_transform

import attrs


_T = TypeVar("_T")


@dataclass_transform(frozen_default=True, kw_only_default=True, field_specifiers=(attrs.field,))
def frozen_error(cls: type[_T]) -> type[_T]:
    """Make an error class frozen, with keyword-only fields by which it compares and pickles."""
    return attrs.frozen(cls, kw_only=True, eq=False, str=False)


class KpirulesError(Exception):
    """The base class of all exceptions that kpirules raises on purpose.

    >>> from kpirules import KpirulesError, load
    >>> try:
    ...     load("costumer-service")
    ... except KpirulesError as error:
    ...     print(error)
    no ruleset "costumer-service"; did you mean "customer-service"?
    """

    def text(self, lang: str | None = None) -> str:
        """Return the text in a language; without one, in English with ids in place of labels."""
        del lang
        return str(self)

    def public(self, lang: str | None = None) -> str:
        """Return a text that an application may show to anyone, in a language.

        It names no file, folder or source, and shows no line of a ruleset file. An error that is
        about these only states that the operator must look: log ``str(error)`` for them.

        >>> from kpirules import KpirulesError, load
        >>> try:
        ...     load("courier", folders=["/srv/rulesets"])
        ... except KpirulesError as error:
        ...     print(error.public())
        the rules cannot be used at present: please tell the operator of this application
        """
        return self.text(lang)

    def __eq__(self, other: object) -> bool:
        if self.__class__ is not other.__class__:
            return NotImplemented
        return _fields(self) == _fields(other)

    def __hash__(self) -> int:
        return hash((self.__class__, str(self)))

    def __reduce__(self) -> tuple[Callable[..., Any], tuple[Any, ...]]:
        return _rebuild, (self.__class__, _fields(self))


class TranslatedError(KpirulesError):
    """An exception whose class defines :meth:`text` in every language."""

    def __str__(self) -> str:
        return self.text()


def _fields(error: object) -> dict[str, Any]:
    """Return the fields by name; errors without fields compare by their arguments."""
    if attrs.has(error.__class__):
        # the public name of a private field is that of its argument
        return {a.alias: getattr(error, a.alias) for a in attrs.fields(error.__class__)}
    return {"args": getattr(error, "args", ())}


def _rebuild(cls: type[KpirulesError], fields: dict[str, Any]) -> KpirulesError:
    """Unpickle an error from its fields."""
    return cls(*fields["args"]) if fields.keys() == {"args"} else cls(**fields)
