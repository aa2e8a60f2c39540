"""Evaluate the rows of a table together: what their ruleset gathers from all records."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from kpirules.api.programs import program_of
from kpirules.cli.earlier_results import column_of, key_text
from kpirules.cli.io.tables import TableError
from kpirules.cli.reader_language import text, write
from kpirules.cohort.evaluation import with_common
from kpirules.cohort.keys import key_problems, unique_names
from kpirules.errors import InputError, Problem
from kpirules.evaluation.cohort import evaluate_together
from kpirules.evaluation.headings import EMPTY_ROW
from kpirules.model.labels import labels_of, options_of
from kpirules.translations.message import Joined, Message, Named


if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from kpirules.cli.io.readers import Table
    from kpirules.cli.io.sources import TogetherOptions
    from kpirules.cli.row import Row
    from kpirules.evaluation.result import Result
    from kpirules.model.rubric import Rubric


#: maximum of rows, which are held in memory
MAX_ROWS = 1_000_000
#: maximum of groups of one input that are named
MAX_GROUPS = 10


class TogetherRows:
    """All rows of a table with what was gathered for each.

    The table is read twice: here, and when its rows are scored. Values are held in between, and no
    results.
    """

    def __init__(
        self, rubric: Rubric, table: Table, options: TogetherOptions, rows: Iterable[Row]
    ) -> None:
        """Gather from all rows of a table."""
        program = program_of(rubric)
        self._rubric = rubric
        self._score = program.score
        self._common = dict(options.common)
        column = column_of(table, options.key)
        given = [(key_text(row.cells.get(column)), _without_cells(row)) for row in rows]
        if len(given) > MAX_ROWS:
            message = Message.of("file.too-many-rows", rows=MAX_ROWS)
            help_ = Message.of("file-help.split-groups")
            raise TableError(file=table.file, message=message, help=help_)
        keys = [key for key, _ in given]
        places = [text("cli.place", row=row.number) for _, row in given]
        names = unique_names(keys, lambda i: places[i])
        without = key_problems(keys, column)
        #: the rows that have nothing but a key
        self._empty: set[int] = set()
        self._keys: dict[int, str] = {}
        records: dict[str, Mapping[str, object]] = {}
        wrong: dict[str, list[Problem]] = {}
        for i, (name, (_, row)) in enumerate(zip(names, given, strict=True)):
            problems = [*row.problems]
            if i in without:
                problems.append(without[i])
            elif not row.record and table.read:
                self._empty.add(row.number)
                problems.append(EMPTY_ROW)
            self._keys[row.number] = name
            records[name] = row.record
            wrong |= {name: problems} if problems else {}
        named, others = with_common(records, self._common)
        for key, problems in others.items():
            wrong[key] = [*wrong.get(key, ()), *problems]
        self._found = evaluate_together(
            program.evaluator, program.score, named, wrong, keeps_results=False
        )
        for note in self.notes():
            write("cli.note", note=note)

    def completed(self, row: Row) -> Row:
        """Return a row with what is common to all, and what was gathered for it."""
        added = self._found.additions.get(self._keys[row.number])
        record = {**self._common, **row.record}
        if added is not None:
            record |= added.values
        return attrs.evolve(row, record=record)

    def outcome(self, row: Row) -> Result | InputError:
        """Return the result of a completed row, or the error with all its problems."""
        if row.number in self._empty:
            return InputError(rubric=self._rubric.id, problems=(EMPTY_ROW,))
        key = self._keys[row.number]
        error = self._found.refused.get(key)
        if error is not None:
            return error
        return self._score(row.record).of_groups(self._found.additions[key].memberships)

    def notes(self) -> Iterator[Message]:
        """Yield what each input is in its groups; once why a group has no value."""
        labels = {**dict(labels_of(self._rubric)), **{q.name: q.label for q in self._rubric.quotas}}
        options = {name: dict(codes) for name, codes in options_of(self._rubric)}
        rows: dict[str, list[Message]] = {}
        blocked: list[Message] = []
        for group in self._found.groups:
            name = Named(group.input, labels.get(group.input))
            if group.blocked is not None:
                blocked.append(Message.of("note.blocked", name=name, reason=group.blocked))
                continue
            values = tuple(
                Named(str(code), options.get(key, {}).get(str(code)))
                if isinstance(code, str)
                else Message.of("together.flag", name=Named(key, labels.get(key)), value=code)
                for key, code in group.group.items()
            )
            shown: dict[str, object] = {"count": group.heads}
            shown["group"] = values or Message.of("together.all")
            key = "note.group" if group.value is None else "note.group-value"
            shown |= {} if group.value is None else {"value": group.value.number}
            if group.amount is not None and group.given_out is not None:
                key = "note.group-share"
                shown |= {"amount": group.amount.number, "given": group.given_out.number}
            if group.count is not None:
                key = "note.group-quota" if group.moved is None else "note.group-demoted"
                shown |= {"held": group.count, "moved": group.moved}
            rows.setdefault(group.input, []).append(Message.of(key, **shown))
        yield from blocked[:MAX_GROUPS]
        if len(blocked) > MAX_GROUPS:
            yield Message.of("note.blocked-more", count=len(blocked) - MAX_GROUPS)
        for own, groups in rows.items():
            about, left = Named(own, labels.get(own)), len(groups) - MAX_GROUPS
            shown = {"name": about, "groups": Joined(tuple(groups[:MAX_GROUPS]), "list.semicolon")}
            if left <= 0:
                yield Message.of("note.groups", **shown)
            else:
                yield Message.of("note.groups-more", **shown, count=left)


def _without_cells(row: Row) -> Row:
    """Return a row without the values of which the reader of the file says what is wrong."""
    wrong = {name for problem in row.problems for name in problem.inputs}
    return attrs.evolve(row, record={n: v for n, v in row.record.items() if n not in wrong})


def blocked(outcomes: Iterable[object]) -> frozenset[int]:
    """Return the places of the outcomes that are rejected for their groups alone."""
    return frozenset(
        place
        for place, outcome in enumerate(outcomes)
        if isinstance(outcome, InputError)
        and all(problem.code == "group-blocked" for problem in outcome.problems)
    )
