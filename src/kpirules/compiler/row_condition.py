"""When a row holds, as results show it: the condition of a band or a gate."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from kpirules._internal.positional import Positional
from kpirules.arithmetic.range import Range
from kpirules.model.rubric import Entry


if TYPE_CHECKING:
    from collections.abc import Callable

    from kpirules.model.rubric import When


@attrs.frozen(kw_only=True)
class Condition(Positional):
    """When a band or a gate holds; false where there is no condition.

    ``str`` spells it in the words of the ruleset file; :class:`kpirules.evaluation.labels.Speaker`
    renders it by labels, in a language.

    >>> when = Condition(asked=(("kind", ("late or absent", "missing")), ("urgent", (True,))))
    >>> str(when), str(Condition(otherwise=True)), bool(Condition())
    ('kind = late or absent or missing, urgent = true', 'otherwise', False)
    """

    #: (name, entries), all of which hold: of one name any of its ranges, options, flags or
    #: "missing" may hold
    asked: tuple[tuple[str, tuple[Entry, ...]], ...] = ()
    #: it holds where no other band does
    otherwise: bool = False
    #: it holds for a rating in a range
    rating: Range | None = None
    #: all of it as text: what a result that was stored in version 1 has
    text: str = ""

    def __bool__(self) -> bool:
        return bool(self.asked or self.otherwise or self.rating is not None or self.text)

    def __str__(self) -> str:
        if self.otherwise:
            return "otherwise"
        if self.rating is not None:
            return str(self.rating)
        asked = (f"{name} {listed(entries, spelled)}" for name, entries in self.asked)
        return self.text or ", ".join(asked)


def spelled(entry: Entry) -> str:
    """Spell an entry of a condition as the ruleset file does."""
    return str(entry).lower() if isinstance(entry, bool) else str(entry)


def listed(entries: tuple[Entry, ...], show: Callable[[Entry], str], either: str = " or ") -> str:
    """Return what is asked of a name: ``>= 3``, ``= a or b``."""
    shown = either.join(map(show, entries))
    is_limit = len(entries) == 1 and not isinstance(entries[0], (str, bool)) and shown[0] in "<>"
    return shown if is_limit else f"= {shown}"


def condition_of(when: When | None, of: str | None) -> Condition:
    """Convert a ``when`` to the condition shown in results, with every name written out."""
    if when is None or when.otherwise:
        return Condition(otherwise=when is not None)
    asked = {c.name or of or "": c.entries for c in when.conditions}
    return Condition(asked=tuple(asked.items()))
