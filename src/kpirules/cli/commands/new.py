"""``kpirules new`` and ``kpirules fmt``: write a starter file, format ruleset files."""

from __future__ import annotations

import difflib
import re
import sys
from datetime import date
from importlib.resources import files
from typing import TYPE_CHECKING

from kpirules._internal.display import printable
from kpirules.cli.commands.check import files_of
from kpirules.cli.io.atomic import write_all, write_atomically
from kpirules.cli.io.tables import TableError
from kpirules.errors import KpirulesError
from kpirules.registry.catalog import SUFFIX
from kpirules.toml.formatter import layout
from kpirules.toml.limits import decode, read_bytes
from kpirules.translations.catalog import ENGLISH


if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path


#: the id and the first day of the starter files
_ID, _SINCE = "sales-clerk", "2025-01-01"
_AN_ID = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*", re.ASCII)

#: the instructions for a starter file, by language
_NEXT = {
    "en": (
        "{path}\n\n"
        "It is sound as it stands. Now edit it, from the top:\n"
        "  1. label and role: what the form is called, and whom it is for\n"
        "  2. [inputs]: the facts that somebody counts\n"
        "  3. [[section]] and its criteria: weights and bands\n"
        "  4. [[tier]]: which totals pay what\n"
        "  5. [[example]]: a few people you know, and what they should get\n"
        "and after each change: kpirules check {path}\n"
        "The form as a table: kpirules show {path}\n"
    ),
    "zh": (
        "{path}\n\n"
        "文件现在就能通过检查。请从上到下修改：\n"  # noqa: RUF001 - Chinese punctuation
        "  1. label 和 role：考核表的名称，适用的岗位\n"  # noqa: RUF001 - Chinese punctuation
        "  2. [inputs]：由人统计的事实\n"  # noqa: RUF001 - Chinese punctuation
        "  3. [[section]] 及其考核项目：分值和档次\n"  # noqa: RUF001 - Chinese punctuation
        "  4. [[tier]]：多少总分对应多少绩效工资\n"  # noqa: RUF001 - Chinese punctuation
        "  5. [[example]]：举几个熟悉的人为例，写明应得的结果\n"  # noqa: RUF001 - Chinese
        "每次修改之后运行：kpirules check {path}\n"  # noqa: RUF001 - Chinese punctuation
        "以表格查看：kpirules show {path} --lang zh\n"  # noqa: RUF001 - Chinese punctuation
    ),
}


def new_file(name: str, since: date | None, folder: Path, lang: str) -> int:
    """Write a starter file and print what to edit next; return the exit code."""
    if not _AN_ID.fullmatch(name):
        message = 'is no id: letters a-z, digits, "_" and "-", not starting with a digit'
        raise TableError(file=name, message=message)
    # most rulesets begin with a month
    day = since or date.today().replace(day=1)  # noqa: DTZ011 - the local date
    wanted = lang.partition("-")[0]
    language = wanted if wanted in _NEXT else ENGLISH
    starter = files("kpirules").joinpath("starters", f"{language}{SUFFIX}")
    text = starter.read_text(encoding="utf-8")
    text = text.replace(f'id = "{_ID}"', f'id = "{name}"').replace(_SINCE, str(day))
    path = folder / name / f"{day}{SUFFIX}"
    if path.exists():
        help_ = "edit it, or begin another version: --from DATE"
        raise TableError(file=str(path), message="exists already", help=help_)
    write_all({path: text.encode()}, force=False, parents=True)
    sys.stdout.write(_NEXT[language].format(path=path))
    return 0


def format_files(paths: Sequence[Path], *, check: bool, diff: bool) -> int:
    """Format files, or only name those that are not formatted; return the exit code."""
    found, wrong = files_of(paths)
    for each in wrong:
        sys.stderr.write(f"kpirules: {printable(each)}\n")
    changed = failed = 0
    for file in found:
        try:
            data = read_bytes(file)
            text = decode(data)
            made = layout(text, file=str(file))
        except KpirulesError as error:
            failed += 1
            sys.stderr.write(f"{error}\n" if "\n" in str(error) else f"{file}: {error}\n")
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
            sys.stderr.write(f"{printable(str(file))}: is not in the one layout\n")
        else:
            write_atomically(file, made.encode(), force=True)
    done = "to be laid out" if check or diff else "laid out"
    same = len(found) - changed - failed
    sys.stderr.write(f"{changed} {done}, {same} as they are, {failed} not to be read\n")
    if failed or (changed and (check or diff)):
        return 1
    return 2 if wrong else 0
