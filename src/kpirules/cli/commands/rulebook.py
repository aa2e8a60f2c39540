"""``kpirules import`` and ``kpirules export``: rules in a workbook."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from kpirules.cli.commands.check import Report, print_report, write_summary
from kpirules.cli.io.atomic import check_output, write_all, write_atomically
from kpirules.cli.io.excel import Book
from kpirules.cli.io.tables import TableError
from kpirules.cli.reader_language import label_language, language, using, write
from kpirules.registry.catalog import SUFFIX
from kpirules.rulebook.exporting import exported, with_ids
from kpirules.rulebook.importing import imported
from kpirules.translations.message import Message
from kpirules.translations.system import reason_of


if TYPE_CHECKING:
    from kpirules.model.rubric import Rubric


def import_workbook(
    file: Path, folder: Path, *, report: Report = Report.text, force: bool, fill_ids: bool
) -> int:
    """Write the ruleset of a workbook, and print its findings by cell; return the exit code.

    ``report``: the format of findings; the path of the ruleset is on the standard output only for
    people. ``fill_ids``: write the ids that are made from labels into the workbook.
    """
    try:
        book = Book(file)
    except OSError as error:
        message = Message.of("file.cannot-read", reason=reason_of(error))
        raise TableError(file=str(file), message=message) from None
    made = imported(book, str(file))
    for spot, text, new in made.readings:
        write("rulebook.read-as", place=str(spot), text=text, new=new)
    accept = Message.of(
        "rulebook.accept",
        sheet=Message.of("rulebook-sheet.decisions"),
        column=Message.of("rulebook-column.accepts"),
    )
    with using(label_language()):
        # the names of a workbook are labels: ids are made from them
        print_report(made.findings, report, accept)
    write_summary({file: made.findings})
    if made.rubric is None:
        return 1
    if made.rubric.effective_from is None:
        message, help_ = Message.of("rulebook.no-date"), Message.of("rulebook-help.no-date")
        raise TableError(file=str(file), message=message, help=help_)
    path = folder / made.rubric.id / f"{made.rubric.effective_from}{SUFFIX}"
    if path.exists() and not force:
        message, help_ = Message.of("file.exists"), Message.of("rulebook-help.exists")
        raise TableError(file=str(path), message=message, help=help_)
    content = with_ids(file.read_bytes(), made.made_ids) if fill_ids and made.made_ids else None
    write_all({path: made.text.encode()}, force=force, parents=True)
    if report is Report.text:
        sys.stdout.write(f"{path}\n")
    else:
        write("rulebook.written", path=str(path))
    if content is not None:
        write_atomically(file, content, force=True)
        write("rulebook.filled-ids", count=len(made.made_ids), file=str(file))
    elif made.made_ids:
        write("rulebook.made-ids", count=len(made.made_ids))
    if report is Report.text:
        write("rulebook.next", path=str(path))
    return 0


def export_workbook(rubric: Rubric, output: Path, lang: str, *, force: bool) -> int:
    """Write the workbook of a ruleset, or name what it cannot hold; return the exit code."""
    check_output(output, force=force)
    made = exported(rubric, lang, lambda data: Book(output, data))
    for place in made.without:
        write("rulebook.without", place=place)
    if made.without:
        write("rulebook.not-written", id=rubric.id, count=len(made.without))
        return 1
    write_atomically(output, made.content, force=force)
    write("rulebook.exported", path=str(output), language=language() or lang)
    return 0
