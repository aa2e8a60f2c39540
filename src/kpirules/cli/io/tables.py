"""Tables between readers, the evaluation and writers: batches of columns."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from contextlib import contextmanager
from datetime import date, time, timedelta
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise
from typing import TYPE_CHECKING, Any, cast

import attrs

from kpirules._internal.display import brief
from kpirules._internal.typeguards import is_list
from kpirules.arithmetic.number import show
from kpirules.errors import KpirulesError, Problem, frozen_error
from kpirules.translations.message import Message
from kpirules.translations.system import reason_of


if TYPE_CHECKING:
    from collections.abc import Generator, Iterator


@frozen_error
class TableError(KpirulesError):
    """A file that is not a table of records, or an output that cannot be written."""

    file: str
    line: int | None = None
    message: Message
    #: how to correct it
    help: Message | None = None

    def __str__(self) -> str:
        return self.text()

    def text(self, lang: str | None = None) -> str:
        """Return the text in a language: file, line, problem, correction."""
        place: dict[str, object] = {} if self.line is None else {"line": self.line}
        key = "file.text-line" if place else "file.text"
        said = Message.of(key, file=self.file, message=self.message, **place)
        return _with_help(said, self.help, lang)


@frozen_error
class OutputError(KpirulesError):
    """A value that a format cannot hold, or an output that cannot be written."""

    message: Message
    #: how to correct it
    help: Message | None = None

    def __str__(self) -> str:
        return self.text()

    def text(self, lang: str | None = None) -> str:
        """Return the text in a language: problem, correction."""
        return _with_help(self.message, self.help, lang)


def _with_help(message: Message, help_: Message | None, lang: str | None) -> str:
    """Return a problem, and below it the correction."""
    below = "" if help_ is None else "\n" + Message.of("cli.help", help=help_).text(lang)
    return message.text(lang) + below


@contextmanager
def temporary_files(form: Message, also: type[Exception] = OSError) -> Generator[None]:
    """Convert errors with temporary files to an :class:`OutputError` that names their folder.

    ``also`` is an exception of a library that holds the original error.
    """
    try:
        yield
    except (OSError, also) as error:
        cause = next((each for each in error.args if isinstance(each, OSError)), error)
        reason = reason_of(cause) if isinstance(cause, OSError) else str(cause)
        raise OutputError(
            message=Message.of("output.cannot-write", form=form, reason=reason),
            help=Message.of("output-help.temporary", form=form),
        ) from None


#: the literal parts of a number format
_QUOTED = re.compile(r'"[^"]*"|\\.|\[[^\]]*\]|_.|\*.')


def is_percent(number_format: str) -> bool:
    """Return whether a number format shows numbers as percents.

    >>> is_percent("0.00%"), is_percent('0" % of all"'), is_percent("General")
    (True, False, False)
    """
    return "%" in number_format and "%" in _QUOTED.sub("", number_format)


def shown(value: object, number_format: str) -> object:
    """Return a number in a percent format as the displayed text; any other value unchanged.

    >>> shown(Decimal("0.855"), "0%"), shown(1, "0.00%"), shown(Decimal("0.5"), "General")
    ('85.5%', '100%', Decimal('0.5'))
    """
    if isinstance(value, bool) or not isinstance(value, (int, Decimal)):
        return value
    if not is_percent(number_format):
        return value
    return f"{(Decimal(value) * 100).normalize():f}%"


@attrs.frozen
class Column:
    """A column of some consecutive rows."""

    #: the heading in the file
    name: str
    #: texts, numbers (``Fraction`` for the exact form of a result), booleans, dates, times,
    #: durations, lists, None; or a polars Series
    values: Sequence[object]
    #: the number formats of the cells, in a workbook
    formats: Sequence[str] | None = None

    @property
    def cells(self) -> Sequence[object]:
        """The values as Python objects."""
        to_list: Any = getattr(self.values, "to_list", None)
        return self.values if to_list is None else cast("Sequence[object]", to_list())

    @property
    def plain(self) -> Sequence[object]:
        """The values for a file without number formats: percentages as displayed."""
        if self.formats is None:
            return self.cells
        return [shown(*each) for each in zip(self.cells, self.formats, strict=True)]

    def at(self, places: Sequence[int]) -> Column:
        """Return the column with the rows of these indices only."""
        formats = None if self.formats is None else [self.formats[place] for place in places]
        return Column(self.name, [self.cells[place] for place in places], formats)


@attrs.frozen
class Batch:
    """Some consecutive rows of a table."""

    columns: tuple[Column, ...]
    #: the number of each row, from 1; blank rows are not counted
    numbers: Sequence[int]
    #: the line or worksheet row where each row begins
    lines: Sequence[int]
    #: the problems of cells that the reader found, by the index of the row in the batch
    problems: Mapping[int, tuple[Problem, ...]] = attrs.field(
        factory=dict[int, "tuple[Problem, ...]"]
    )


#: the suffix of the names of columns of exact numbers
_EXACT = ".exact"
_FRACTION = re.compile(r"-?[0-9]+/[1-9][0-9]*")


def with_fractions(columns: Sequence[Column]) -> list[Column]:
    """Return columns with exact numbers as fractions in place of texts such as ``10/3``.

    A column of exact numbers directly follows the column of its decimals, and has its name with the
    suffix ``.exact``.
    """
    found = list(columns)
    for i, (before, column) in enumerate(pairwise(columns), 1):
        if column.name == before.name + _EXACT:
            found[i] = Column(column.name, list(map(_exact, column.cells)), column.formats)
    return found


def _exact(value: object) -> object:
    """Convert a text such as ``10/3`` to a fraction; return other values unchanged."""
    if isinstance(value, str) and _FRACTION.fullmatch(value):
        return Fraction(value)
    return value


def rows_of(columns: Sequence[Column]) -> Iterator[tuple[object, ...]]:
    """Return the rows of columns, for a file without number formats."""
    return zip(*(column.plain for column in columns), strict=True)


#: numbers with more digits are formatted with an exponent
_MAX_DIGITS = 10_000


def format_value(value: object) -> str:
    """Format a value exactly, so that the readers of this package read it back.

    Raise :class:`OutputError` for a value that has no such text, such as bytes.

    >>> [format_value(each) for each in (4500.5, True, date(2026, 1, 2), [1, 2.5])]
    ['4500.5', 'true', '2026-01-02', '1;2.5']
    """
    if value is None or isinstance(value, str):
        return value or ""
    if isinstance(value, int):
        return str(value).lower()
    if isinstance(value, float):
        return _NOT_FINITE.get(repr(value)) or _float(Decimal(repr(value)))
    if isinstance(value, Decimal):
        is_short = value.is_finite() and abs(value.adjusted()) < _MAX_DIGITS
        return format(value, "f") if is_short else str(value)
    if isinstance(value, Fraction):
        return show(value)
    if isinstance(value, (date, time)):
        return value.isoformat()
    if isinstance(value, timedelta):
        return duration(value)
    return _structure(value)


def _structure(value: object) -> str:
    """Format a list of numbers or words with semicolons, other structures as JSON."""
    if is_list(value) and value and all(map(_is_simple, value)):
        return ";".join(map(format_value, value))
    if isinstance(value, (list, dict)):
        return json.dumps(value, ensure_ascii=False, default=format_value)
    kind = type(value).__name__
    raise OutputError(message=Message.of("output.no-text", value=brief(value), type=kind))


def _is_simple(value: object) -> bool:
    """Return whether a value can be read back from a list with semicolons."""
    if isinstance(value, str):
        return ";" not in value and value.strip() == value != ""
    return isinstance(value, (int, float, Decimal))


_NOT_FINITE = {"nan": "NaN", "inf": "Infinity", "-inf": "-Infinity"}


def _float(value: Decimal) -> str:
    """Format a float without trailing zeros."""
    text = format(value, "f")
    return text.rstrip("0").removesuffix(".") if "." in text else text


def duration(value: timedelta) -> str:
    """Format a duration in hours, minutes and seconds.

    >>> duration(timedelta(days=1, hours=2, minutes=3, seconds=4.5))
    '26:03:04.5'
    """
    micros = abs(value) // timedelta(microseconds=1)
    seconds, rest = divmod(micros, 1_000_000)
    part = f".{rest:06}".rstrip("0") if rest else ""
    sign = "-" if value < timedelta() else ""
    return f"{sign}{seconds // 3600}:{seconds // 60 % 60:02}:{seconds % 60:02}{part}"


#: characters without width, which are not white space
_INVISIBLE = "\u200b\u200c\u200d\u2060\ufeff"


def is_blank(value: object) -> bool:
    r"""Return whether a cell is empty: None, white space, an empty list or table.

    >>> [is_blank(v) for v in (None, "", "\u3000\xa0", [], {}, 0, "n/a")]
    [True, True, True, True, True, False, False]
    """
    if isinstance(value, str):
        return not value.strip().strip(_INVISIBLE).strip()
    return value is None or (isinstance(value, (list, dict)) and not value)
