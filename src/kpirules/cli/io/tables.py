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
from typing import TYPE_CHECKING, Any, TypeGuard, cast

import attrs

from kpirules._internal.display import brief
from kpirules._internal.typeguards import is_list
from kpirules.arithmetic.number import PLAIN, show
from kpirules.errors import KpirulesError, OperatorError, Problem, frozen_error
from kpirules.translations.message import Message
from kpirules.translations.system import reason_of


if TYPE_CHECKING:
    from collections.abc import Generator, Iterator

    import polars as pl


@frozen_error
class TableError(OperatorError):
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


def column_error(name: str, error: OutputError) -> OutputError:
    """Return an error that names the column of a value."""
    message = Message.of("output.column", column=name, message=error.message)
    return OutputError(message=message, help=error.help or Message.of("output-help.column"))


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

#: a number format with leading zeros
_ZEROS = re.compile("00+")


def is_percent(number_format: str) -> bool:
    """Return whether a number format shows numbers as percents.

    >>> is_percent("0.00%"), is_percent('0" % of all"'), is_percent("General")
    (True, False, False)
    """
    return "%" in number_format and "%" in _QUOTED.sub("", number_format)


def shown(value: object, number_format: str) -> object:
    """Return a percentage, or a number with leading zeros, as the displayed text.

    Any other value is returned unchanged.

    >>> shown(Decimal("0.855"), "0%"), shown(1, "0.00%"), shown(Decimal("0.5"), "General")
    ('85.5%', '100%', Decimal('0.5'))
    >>> shown(123, "00000"), shown(123, "00"), shown(Decimal("1.5"), "000")
    ('00123', 123, Decimal('1.5'))
    """
    if isinstance(value, bool) or not isinstance(value, (int, Decimal)):
        return value
    if isinstance(value, int) and _ZEROS.fullmatch(number_format):
        padded = f"{'-' * (value < 0)}{abs(value):0{len(number_format)}}"
        return value if padded == str(value) else padded
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
        """The values as Python objects. Raise :class:`OutputError` if one has no exact form."""
        if not hasattr(self.values, "to_list"):
            return self.values
        series = cast("pl.Series", self.values)
        for leaf in _leaves(series):
            _check_moments(self.name, leaf)
        return _with_short_floats(series).to_list()

    @property
    def texts(self) -> Sequence[object]:
        """The values if texts may be among them; else nothing."""
        dtype: Any = getattr(self.values, "dtype", None)
        is_other = dtype is not None and (
            dtype.is_numeric() or dtype.is_temporal() or dtype.is_nested()
        )
        return () if is_other else self.cells

    @property
    def plain(self) -> Sequence[object]:
        """The values for a file without number formats: those of some formats as displayed."""
        if self.formats is None:
            return self.cells
        return [shown(*each) for each in zip(self.cells, self.formats, strict=True)]

    def with_numbers(self) -> Column:
        """Return the column with numbers in place of the texts that are plain decimals.

        >>> Column("late", ["2", " 0.50", "1e3", ""]).with_numbers().values
        [Decimal('2'), Decimal('0.50'), '1e3', '']
        """
        return Column(self.name, list(map(_number, self.cells)), self.formats)

    def at(self, places: Sequence[int]) -> Column:
        """Return the column with the rows of these indices only."""
        formats = None if self.formats is None else [self.formats[place] for place in places]
        return Column(self.name, [self.cells[place] for place in places], formats)

    def between(self, first: int, end: int) -> Column:
        """Return the column with the rows from an index to before another one only."""
        formats = None if self.formats is None else self.formats[first:end]
        return Column(self.name, self.values[first:end], formats)


def is_texts(values: Sequence[object]) -> TypeGuard[pl.Series]:
    """Return whether the values of a column are a Series of texts."""
    return str(getattr(values, "dtype", "")) == "String"


#: what has no exact Python object, by the name of the type
_BEYOND = Message.of("output.beyond-years")
_TOO_FINE = Message.of("output.nanoseconds")
#: the days of Python's dates since 1970; without the first and the last, for time zones
_DAYS = (-719_161, 2_932_895)
#: days of the longest duration of Python
_LONGEST = 999_999_999
_NANOSECONDS = 86_400_000_000_000
_IN_A_DAY = {"ms": 86_400_000, "us": 86_400_000_000, "ns": _NANOSECONDS}


def _leaves(series: pl.Series) -> Iterator[pl.Series]:
    """Yield a Series, or the Series of the values within its lists and structures."""
    fields: Any = getattr(series.dtype, "fields", None)
    if fields is not None:
        for field in fields:
            yield from _leaves(series.struct.field(field.name))
    elif series.dtype.is_nested():
        yield from _leaves(series.explode())
    else:
        yield series


def _check_moments(name: str, series: pl.Series) -> None:
    """Raise an error for a date, time or duration that has no exact Python object."""
    if not series.dtype.is_temporal():
        return
    kind, numbers = str(series.dtype.base_type()), series.to_physical()
    unit = "ns" if kind == "Time" else getattr(series.dtype, "time_unit", "")
    days = numbers // _IN_A_DAY.get(unit, 1)
    first, last = (-_LONGEST, _LONGEST - 1) if kind == "Duration" else _DAYS
    held = None if days.is_between(first, last).all() else _BEYOND
    if unit == "ns" and (numbers % 1000 != 0).any():
        held = _TOO_FINE
    if held is not None:
        message = Message.of("output.column", column=name, message=held)
        raise OutputError(message=message, help=Message.of("output-help.parquet"))


def _with_short_floats(series: pl.Series) -> pl.Series:
    """Return floats of fewer bits as those of 64 bits with the same shortest decimal."""
    import polars  # noqa: ICN001, PLC0415 - it is a polars Series

    dtype: Any = series.dtype
    item = dtype.inner if isinstance(dtype, polars.List) else dtype
    if not item.is_float() or item == polars.Float64:
        return series
    spelled, long = polars.String(), polars.Float64()
    if item is dtype:
        return series.cast(spelled).cast(long)
    return series.cast(polars.List(spelled)).cast(polars.List(long))


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

    def parts(self, most: int) -> Iterator[Batch]:
        """Yield the rows in batches of at most so many."""
        if len(self.numbers) <= most:
            yield self
            return
        for first in range(0, len(self.numbers), most):
            end = first + most
            yield Batch(
                columns=tuple(column.between(first, end) for column in self.columns),
                numbers=self.numbers[first:end],
                lines=self.lines[first:end],
                problems={
                    place - first: found
                    for place, found in self.problems.items()
                    if first <= place < end
                },
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


def _number(value: object) -> object:
    """Convert a text that is a plain decimal; return other values unchanged."""
    if isinstance(value, str) and PLAIN.fullmatch(value.strip()):
        return Decimal(value.strip())
    return value


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
INVISIBLE = "\u200b\u200c\u200d\u2060\ufeff"


def is_blank(value: object) -> bool:
    r"""Return whether a cell is empty: None, white space, an empty list or table.

    >>> [is_blank(v) for v in (None, "", "\u3000\xa0", [], {}, 0, "n/a")]
    [True, True, True, True, True, False, False]
    """
    if isinstance(value, str):
        return not value.strip().strip(INVISIBLE).strip()
    return value is None or (isinstance(value, (list, dict)) and not value)


def filled_rows(frame: pl.DataFrame) -> Sequence[int]:
    """Return the indices of the rows of a frame that are not blank."""
    import polars  # noqa: ICN001, PLC0415 - it is a polars frame

    kept = polars.repeat(value=False, n=len(frame), eager=True)
    for column in frame:
        if kept.all():
            break
        dtype = column.dtype
        if not (dtype.is_numeric() or dtype.is_temporal() or dtype == polars.Boolean):
            if dtype == polars.String:
                # most texts have a letter or a digit
                kept |= column.str.contains(r"\w").fill_null(value=False)
            rest = cast("Sequence[object]", column.filter(~kept))
            cells = [not is_blank(cell) for cell in Column(column.name, rest).cells]
            kept = kept.scatter((~kept).arg_true(), polars.Series(cells, dtype=polars.Boolean))
        else:
            kept |= column.is_not_null()
    return kept.arg_true().to_list()
