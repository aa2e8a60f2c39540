"""Read the results of last month: of a table or of JSON that ``kpirules evaluate`` wrote."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Any, cast

from kpirules._internal.typeguards import is_dict
from kpirules.arithmetic.number import PLAIN
from kpirules.cli.io.readers import open_source
from kpirules.cli.io.tables import Column, TableError, format_value, is_blank
from kpirules.cli.people import identifying
from kpirules.cli.stored_results import stored_objects
from kpirules.codegen.output import EXACT
from kpirules.cohort.gathering import read_result
from kpirules.errors import StoredResultError
from kpirules.evaluation.headings import normal
from kpirules.model.labels import OWN_LABELS
from kpirules.sheets.batch import person_of
from kpirules.sheets.month_tables import LastResult
from kpirules.translations.catalog import languages
from kpirules.translations.message import Message


if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from kpirules.cli.io.sources import Options, Source
    from kpirules.compiler.plan import Plan


#: the name of the column of totals, and its headings in all languages
_TOTAL = "total"
_TOTALS = (_TOTAL, *(OWN_LABELS[_TOTAL].text(lang) for lang in languages()))
_EXACTS = (
    _TOTAL + EXACT,
    *(Message.of("results.exact", column=OWN_LABELS[_TOTAL]).text(lang) for lang in languages()),
)


def last_results(path: Path, plan: Plan, options: Options) -> list[LastResult]:
    """Return the results of a file; those of rejected rows have no total.

    Raise :class:`TableError` if the file has no column of totals or of people, a total that is not
    a number, or a stored result that cannot be read.
    """
    if path.suffix.lower() == ".json":
        return [
            _stored_result(path, number, each)
            for number, each in enumerate(stored_objects(path), 1)
        ]
    return _of_table(path, plan, options)


def _stored_result(path: Path, number: int, tree: object) -> LastResult:
    """Return the result of an object: a row with its record."""
    row: Any = tree if is_dict(tree) else {}
    record: Any = row.get("record")
    if "result" not in row or not is_dict(record) or not identifying(tuple(map(str, record))):
        message = Message.of("file.no-person-object", number=number)
        help_ = Message.of("file-help.no-person-object")
        raise TableError(file=str(path), message=message, help=help_)
    if row["result"] is None:
        return LastResult(person=person_of(record))
    found = read_result(row["result"], (_TOTAL,))
    if isinstance(found, StoredResultError):
        message = Message.of("file.damaged-result", number=number, error=found)
        raise TableError(file=str(path), message=message)
    total: Any = found.values.get(_TOTAL)
    return LastResult(person=person_of(record), total=None if total is None else Fraction(total))


def _of_table(path: Path, plan: Plan, options: Options) -> list[LastResult]:
    """Return the results of a table."""
    rows = _rows(open_source(path, plan, options))
    names = next(rows, (0, ()))[1]
    headings = ["" if is_blank(name) else format_value(name).strip() for name in names]
    place = _place(headings, _EXACTS)
    place = _place(headings, _TOTALS) if place is None else place
    if place is None:
        raise TableError(
            file=str(path),
            message=Message.of("file.no-totals"),
            help=Message.of("file-help.no-totals", names=_TOTALS),
        )
    if not identifying(headings):
        raise TableError(
            file=str(path),
            message=Message.of("file.no-person-column"),
            help=Message.of("file-help.last-people"),
        )
    found: list[LastResult] = []
    for line, cells in rows:
        # a row may be shorter than the heading
        row = [*cells, *[None] * (len(headings) - len(cells))]
        if all(map(is_blank, row)):
            continue
        try:
            total = _number(row[place])
        except (ValueError, ZeroDivisionError):
            message = Message.of("file.not-a-total", value=format_value(row[place]))
            raise TableError(file=str(path), line=line, message=message) from None
        person = person_of(dict(zip(headings, row, strict=False)))
        found.append(LastResult(person=person, total=total))
    return found


def _rows(source: Source) -> Iterator[tuple[int, Sequence[object]]]:
    """Yield the rows of a file with their lines, first the names of its columns."""
    if source.names is not None:
        yield 0, source.names
    if source.frames is None:
        begun = source.names is not None
        for line, cells, formats in source.rows():
            begun = begun or not all(map(is_blank, cells))
            if begun:
                yield line, Column("", cells, formats or None).plain
        return
    line = 0
    for frame in source.frames():
        series = (cast("Sequence[object]", each) for each in frame)
        columns = [Column("", values).cells for values in series]
        for cells in zip(*columns, strict=True):
            line += 1
            yield line, cells


def _place(headings: Sequence[str], known: Sequence[str]) -> int | None:
    """Return the index of the first column with one of some headings."""
    forms = list(map(normal, headings))
    return next((forms.index(each) for each in map(normal, known) if each in forms), None)


def _number(cell: object) -> Fraction | None:
    """Return the number of a cell; None for an empty one. Raise ``ValueError`` for other texts."""
    if is_blank(cell):
        return None
    text = format_value(cell).strip().replace("\u00f7", "/")
    above, _, below = text.partition("/")
    if not PLAIN.fullmatch(above) or not ((below.isascii() and below.isdecimal()) or not below):
        raise ValueError(text)
    return Fraction(text)
