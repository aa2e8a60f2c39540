"""``kpirules new`` and ``kpirules fmt``: write a starter file, format ruleset files."""

from __future__ import annotations

import difflib
import re
import sys
import tomllib
from datetime import date
from importlib.resources import files
from typing import TYPE_CHECKING

from kpirules._internal.display import printable
from kpirules.cli.commands.check import files_of
from kpirules.cli.io.atomic import write_all, write_atomically
from kpirules.cli.io.tables import TableError
from kpirules.cli.reader_language import language, write
from kpirules.errors import KpirulesError
from kpirules.registry.catalog import SUFFIX
from kpirules.toml.formatter import layout
from kpirules.toml.limits import decode, read_bytes
from kpirules.translations.catalog import ENGLISH
from kpirules.translations.message import Message


if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path


#: the id and the first day of the starter files
_ID, _SINCE = "sales-clerk", "2025-01-01"
_AN_ID = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*", re.ASCII)


def new_file(name: str, since: date | None, folder: Path, lang: str) -> int:
    """Write a starter file and print what to edit next; return the exit code."""
    day = _first_day(name, since)
    text = _starter("", name, day, lang)
    path = folder / name / f"{day}{SUFFIX}"
    if path.exists():
        message, help_ = Message.of("file.exists"), Message.of("file-help.exists-version")
        raise TableError(file=str(path), message=message, help=help_)
    write_all({path: text.encode()}, force=False, parents=True)
    sys.stdout.write(Message.of("new.next", path=str(path)).text(lang))
    return 0


def new_workbook(name: str, since: date | None, folder: Path, lang: str) -> int:
    """Write a rule workbook to fill in, and one that is filled in; return the exit code."""
    from kpirules.api.load import loads  # noqa: PLC0415 - only for a workbook
    from kpirules.rulebook.workbook import rule_workbook  # noqa: PLC0415 - as above
    from kpirules.toml.converter import unstructure  # noqa: PLC0415 - as above

    day = _first_day(name, since)
    text = _starter("sample.", name, day, lang)
    notes = tomllib.loads(_of_language("notes/", ".toml", lang))
    language = lang.partition("-")[0]
    blank, sample = folder / f"{name}.xlsx", folder / f"{name}-sample.xlsx"
    contents = {
        blank: rule_workbook({"id": name, "effective_from": day}, language),
        sample: rule_workbook(unstructure(loads(text)), language, notes),
    }
    write_all(contents, force=False, parents=True)
    message = Message.of("new.next-workbook", path=str(blank), sample=str(sample))
    sys.stdout.write(message.text(lang))
    return 0


def _first_day(name: str, since: date | None) -> date:
    """Return the first day of a new ruleset; reject a name that is not an id."""
    if not _AN_ID.fullmatch(name):
        raise TableError(file=name, message=Message.of("file.not-an-id"))
    # most rulesets begin with a month
    return since or date.today().replace(day=1)  # noqa: DTZ011 - the local date


def _starter(kind: str, name: str, day: date, lang: str) -> str:
    """Return the text of a starter file of a kind with an id and a first day."""
    text = _of_language(kind, SUFFIX, lang)
    return text.replace(f'id = "{_ID}"', f'id = "{name}"').replace(_SINCE, str(day))


def _of_language(before: str, after: str, lang: str) -> str:
    """Return the text of a starter file in a language; in English if there is none."""
    starters = files("kpirules").joinpath("starters")
    file = starters.joinpath(f"{before}{lang.partition('-')[0]}{after}")
    if not file.is_file():
        file = starters.joinpath(f"{before}{ENGLISH}{after}")
    return file.read_text(encoding="utf-8")


def format_files(paths: Sequence[Path], *, check: bool, diff: bool) -> int:
    """Format files, or only name those that are not formatted; return the exit code."""
    found, wrong = files_of(paths)
    for each in wrong:
        write("cli.error", message=each)
    changed = failed = 0
    for file in found:
        try:
            data = read_bytes(file)
            text = decode(data)
            made = layout(text, file=str(file))
        except KpirulesError as error:
            failed += 1
            shown = error.text(language())
            sys.stderr.write(f"{shown}\n" if "\n" in shown else f"{file}: {shown}\n")
            continue
        if made.encode() == data:
            continue
        changed += 1
        if diff:
            lines = difflib.unified_diff(
                text.splitlines(), made.splitlines(), str(file), str(file), lineterm=""
            )
            sys.stdout.writelines(f"{printable(line)}\n" for line in lines)
        if check or diff:
            write("file.text", file=str(file), message=Message.of("file.not-laid-out"))
        else:
            write_atomically(file, made.encode(), force=True)
    key = "summary.to-lay-out" if check or diff else "summary.laid-out"
    write(key, count=changed, same=len(found) - changed - failed, failed=failed)
    if failed or (changed and (check or diff)):
        return 1
    return 2 if wrong else 0
