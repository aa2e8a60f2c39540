"""Fill the inputs of rows that have a history from a folder of results of earlier periods."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from kpirules._internal.display import brief
from kpirules._internal.typeguards import is_dict
from kpirules.cli.io.tables import TableError, format_value, is_blank
from kpirules.cli.reader_language import write
from kpirules.cli.stored_results import TABLES, stored_objects
from kpirules.cohort.gathering import gathered_from, read_result
from kpirules.errors import Problem
from kpirules.evaluation.headings import normal
from kpirules.model.inputs import histories
from kpirules.model.periods import PERIOD, Period, window_of
from kpirules.translations.message import Message
from kpirules.translations.system import reason_of


if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from kpirules.cli.io.readers import Table
    from kpirules.cli.io.sources import EarlierOptions
    from kpirules.cohort.gathering import Taken
    from kpirules.errors import StoredResultError
    from kpirules.evaluation.history import Item
    from kpirules.model.rubric import Rubric


#: a period within the name of a file, which no digit or other letter continues
_IN_NAME = re.compile(rf"(?<![0-9A-Za-z])({PERIOD.pattern})(?![\w-])", re.ASCII)
#: endings of files of results
_ENDINGS = frozenset((".json", ".jsonl", ".ndjson"))


class EarlierResults:
    """The results of earlier periods in a folder, by person and period.

    The name of each file has its period; each of its objects has a ``record``, of which a column is
    the key of the person, and a ``result``.
    """

    def __init__(self, rubric: Rubric, table: Table, options: EarlierOptions) -> None:
        """Read the folder; raise :class:`TableError` for a file that cannot be read."""
        self._rubric = rubric
        self._period = Period.parse(options.period)
        self._year_from = options.year_from
        self._column = column_of(table, options.key)
        self._names: tuple[str, ...] = tuple(fact.name for fact, _ in histories(rubric.inputs))
        self._takes = frozenset(history.take for _, history in histories(rubric.inputs))
        #: the results of each person, or why one cannot be read
        self._of: dict[str, list[tuple[Period, Taken | StoredResultError]]] = {}
        wanted = self._wanted()
        people = dict.fromkeys(wanted, 0)
        for path, period in _files(options.folder):
            if period in people:
                people[period] += self._read(path, period, options.key)
        counts = tuple(
            Message.of("note.earlier-period", period=str(period), count=count)
            for period, count in people.items()
        )
        note = Message.of("note.earlier-results", periods=counts)
        write("cli.file-note", file=str(options.folder), note=note)

    def _wanted(self) -> tuple[Period, ...]:
        """Return the periods of all windows, the earliest first."""
        found = {
            each
            for _, history in histories(self._rubric.inputs)
            for each in window_of(
                self._period,
                history.each or self._period.kind,
                history.window,
                self._year_from,
            )
        }
        return tuple(sorted(found, key=lambda p: (p.first_month(self._year_from), str(p))))

    def _read(self, path: Path, period: Period, key: str) -> int:
        """Keep what is taken of the results of a file; return the number of people in it."""
        people, column = set[str](), normal(key)
        for number, each in enumerate(stored_objects(path), 1):
            tree: Any = each if is_dict(each) else {}
            record: Any = tree.get("record")
            cells = record.items() if is_dict(record) else ()
            person = key_text(next((v for n, v in cells if normal(str(n)) == column), None))
            if not person or "result" not in tree:
                message = Message.of("file.no-key", number=number, key=key)
                help_ = Message.of("file-help.no-key")
                raise TableError(file=str(path), message=message, help=help_)
            people.add(person)
            if tree["result"] is None:
                # a row that was rejected
                continue
            kept = read_result(tree["result"], self._takes)
            self._of.setdefault(person, []).append((period, kept))
        return len(people)

    def gathered(
        self, cells: Mapping[str, object], record: Mapping[str, object]
    ) -> tuple[dict[str, list[Item]], list[Problem]]:
        """Return what a row lacks of the inputs with a history, and the problems of those.

        ``cells``: those of the row by heading; ``record``: what it gives.
        """
        missing = tuple(name for name in self._names if name not in record)
        person = key_text(cells.get(self._column))
        if not missing:
            return {}, []
        if not person:
            reason = Message.of("problem.no-key", key=self._column)
            return {}, [Problem(input=missing[0], inputs=missing, reason=reason)]
        of = self._of.get(person, ())
        return gathered_from(self._rubric, self._period, of, self._year_from, given=record)


def column_of(table: Table, key: str) -> str:
    """Return the heading of the column with the keys of people."""
    found = next((name for name in table.names if normal(name) == normal(key)), None)
    if found is None:
        message = Message.of("file.no-key-column", key=key)
        help_ = Message.of("file-help.no-key-column", columns=tuple(map(brief, table.names)))
        raise TableError(file=table.file, line=table.line, message=message, help=help_)
    return found


def key_text(cell: object) -> str:
    """Return the text of a key."""
    return "" if is_blank(cell) else format_value(cell).strip()


def _files(folder: Path) -> Sequence[tuple[Path, Period]]:
    """Return the files of results in a folder with their periods, in the order of their names."""
    try:
        paths = sorted(path for path in folder.iterdir() if path.is_file())
    except OSError as error:
        message = Message.of("file.cannot-read", reason=reason_of(error))
        raise TableError(file=str(folder), message=message) from None
    found: list[tuple[Path, Period]] = []
    for path in paths:
        ending = path.suffix.lower()
        periods = tuple(match[1] for match in _IN_NAME.finditer(path.stem))
        if ending in TABLES and periods:
            # somebody expects that it is read
            help_ = Message.of("file-help.earlier-table", period=periods[0])
            raise TableError(file=str(path), message=Message.of("file.earlier-table"), help=help_)
        if ending not in _ENDINGS:
            continue
        if len(periods) != 1:
            message, help_ = Message.of("file.no-period"), Message.of("file-help.no-period")
            raise TableError(file=str(path), message=message, help=help_)
        found.append((path, Period.parse(periods[0])))
    if not found:
        message, help_ = Message.of("file.no-results"), Message.of("file-help.no-period")
        raise TableError(file=str(folder), message=message, help=help_)
    return found
