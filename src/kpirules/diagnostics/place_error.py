"""The error about a place that a rubric does not have."""

from __future__ import annotations

from kpirules._internal.base_error import TranslatedError, frozen_error
from kpirules._internal.display import similar
from kpirules.translations.message import Given, Message


@frozen_error
class PlaceError(TranslatedError, LookupError):
    """A place that a rubric does not have, or that several of its parts have.

    >>> from kpirules import PlaceError, load
    >>> try:
    ...     load("customer-service").replace("tier.god.pay", 250)
    ... except PlaceError as error:
    ...     print(error)
    tier.god.pay: "tier" has no "god"; did you mean "good"?
    """

    #: the place as it was given
    place: str
    #: the part of the place that the rubric has
    within: str = ""
    #: the first name after it, which the rubric does not have there
    name: str = ""
    #: the names that it has there
    known: tuple[str, ...] = ()
    #: whether several parts of the rubric have the place
    several: bool = False

    def text(self, lang: str | None = None) -> str:
        """Return the text in a language."""
        index = self.name.startswith("[")
        key, near = "error.place", None if index else similar(self.name, self.known)
        if self.several:
            key = "error.place_several"
        elif near is not None:
            key = "error.place_near"
        elif not self.known:
            key = "error.place_single"
        within = Given(self.within) if self.within else Message.of("word.ruleset")
        params = {"place": self.place, "within": within, "name": Given(self.name)}
        return Message.of(key, **params, near=Given(near), known=self.known).text(lang)
