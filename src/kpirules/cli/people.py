"""The people of a table: the columns that identify them, and the row of one person."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kpirules._internal.display import printable, similar
from kpirules.cli.io.tables import TableError, format_value, is_blank
from kpirules.evaluation.headings import NAMES, NUMBERS, normal
from kpirules.translations.message import Message


if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from kpirules.cli.io.readers import Table
    from kpirules.cli.io.tables import Batch


#: maximum of rows and of people named in a message
_NAMED = 10
#: maximum of people among whom a mistyped one is looked for
_MANY = 10_000
#: a mistyped name has at least so much in common with the right one
_NEAR = 0.5


def identifying(names: Sequence[str]) -> tuple[int, ...]:
    """Return the indices of the columns that identify people: a number first, then a name.

    >>> identifying(("姓名", "late", "employee_no", "Name"))
    (2, 3, 0)
    """
    forms = list(map(normal, names))
    known = dict.fromkeys(map(normal, (*NUMBERS, *NAMES)))
    return tuple(i for form in known for i, each in enumerate(forms) if each == form)


def person_in(batch: Batch, place: int, columns: Sequence[int]) -> str:
    """Return the number and the name of the person of a row; empty if the row has neither."""
    cells = (batch.columns[i].between(place, place + 1).plain[0] for i in columns)
    found = (printable(format_value(cell).strip()) for cell in cells if not is_blank(cell))
    return " ".join(dict.fromkeys(found))


def row_of(table: Table, who: str) -> int:
    """Return the number of the one row in which an identifying column has a text.

    Letter case, width and blanks matter only if several texts differ in nothing else. Raise
    :class:`TableError` if there is no such row, or several.
    """
    columns = identifying(table.names)
    if not columns:
        known = tuple(dict.fromkeys((*NUMBERS, *NAMES)))
        help_ = Message.of("file-help.no-person-column", names=known)
        raise _error(table, "no-person-column", help_)
    wanted, same, alike = normal(who), dict[int, str](), dict[int, str]()
    others: dict[str, str] = {}
    for batch in table.batches():
        for i in columns:
            for place, text in enumerate(_texts(batch, i)):
                if text == who.strip():
                    same[batch.numbers[place]] = person_in(batch, place, columns)
                elif text and normal(text) == wanted:
                    alike[batch.numbers[place]] = person_in(batch, place, columns)
                elif text and len(others) < _MANY:
                    others[text] = person_in(batch, place, columns)
    found = same or alike
    if not found:
        raise _error(table, "no-person", _near(wanted, others), who=who)
    if len(found) > 1:
        rows = [
            Message.of("cli.row-of-person", row=Message.of("cli.place", row=row), person=person)
            for row, person in found.items()
        ]
        help_ = Message.of("file-help.several-people", rows=_some(rows))
        raise _error(table, "several-people", help_, who=who, count=len(found))
    return next(iter(found))


def _texts(batch: Batch, column: int) -> Iterator[str]:
    """Yield the text of each cell of a column; an empty one for a blank cell."""
    for cell in batch.columns[column].plain:
        yield "" if is_blank(cell) else format_value(cell).strip()


def _near(wanted: str, others: Mapping[str, str]) -> Message:
    """Return the help if nobody was found: the people who may be meant, or the first ones.

    ``others``: the person of each text in the identifying columns.
    """
    forms = {normal(text): person for text, person in others.items()}
    near = [person for form, person in forms.items() if wanted in form]
    alike = None if near else similar(wanted, tuple(forms), _NEAR)
    near += [] if alike is None else [forms[alike]]
    key = "file-help.near-person" if near else "file-help.no-person"
    return Message.of(key, names=_some(list(dict.fromkeys(near or others.values()))))


def _some(names: Sequence[object]) -> Message:
    """Return the first of some names, and the number of the others."""
    more = len(names) - _NAMED
    listed = tuple(names[:_NAMED])
    if more <= 0:
        return Message.of("cli.names", names=listed)
    return Message.of("cli.names-more", names=listed, count=more)


def _error(table: Table, key: str, help_: Message, **params: object) -> TableError:
    """Return an error about the people of a file."""
    return TableError(file=table.file, message=Message.of(f"file.{key}", **params), help=help_)
