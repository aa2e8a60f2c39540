"""``kpirules check``: find ruleset files, check them, print their findings."""

from __future__ import annotations

import json
import sys
from collections import Counter
from enum import StrEnum
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any

import attrs
from rich.text import Text

from kpirules._internal.display import printable
from kpirules._internal.typeguards import is_tuple
from kpirules.api.load import check_file
from kpirules.arithmetic.number import describe, exact
from kpirules.cli.console import OutputConsole
from kpirules.cli.process import write_data
from kpirules.cli.reader_language import language, write
from kpirules.registry.catalog import SUFFIX
from kpirules.translations.message import Joined, Message


if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from kpirules.diagnostics.finding import Finding


#: how to accept a warning in a ruleset file
ACCEPT = Message.of("summary.accept")


class Report(StrEnum):
    """The formats of findings."""

    text = "text"
    json = "json"
    github = "github"


def files_of(paths: Sequence[Path]) -> tuple[list[Path], list[Message]]:
    """Return the ruleset files of paths, each once, and a message for each path without any."""
    files: dict[Path, None] = {}
    wrong: list[Message] = []
    for path in paths:
        if path.is_dir():
            inside = sorted(path.rglob(f"*{SUFFIX}"))
            files.update(dict.fromkeys(inside))
            if not inside:
                wrong.append(Message.of("file.no-rulesets", path=str(path), ending=SUFFIX))
        elif path.exists():
            files[path] = None
        else:
            wrong.append(Message.of("file.missing", path=str(path)))
    return list(files), wrong


def check_paths(
    paths: Sequence[Path], report: Report, *, strict: bool, folders: Sequence[Path] = ()
) -> int:
    """Check all files, print their findings, and return the exit code."""
    files, wrong = files_of(paths)
    for each in wrong:
        write("cli.error", message=each)
    found: dict[Path, tuple[Finding, ...]] = {}
    for file in files:
        found[file] = check_file(file, folders=folders)
        if report is not Report.json:
            print_report(found[file], report)
    every = [finding for findings in found.values() for finding in findings]
    if report is Report.json:
        print_report(every, report)
    write_summary(found)
    grave = ("error", "warning") if strict else ("error",)
    if any(f.counts and f.severity in grave for f in every):
        return 1
    return 2 if wrong else 0


def print_report(findings: Iterable[Finding], report: Report, accept: Message = ACCEPT) -> None:
    """Print findings in a format; ``accept``: as for :func:`print_findings`."""
    match report:
        case Report.text:
            print_findings(findings, accept)
        case Report.github:
            sys.stdout.writelines(f"{_workflow_command(f)}\n" for f in findings if f.counts)
        case _:
            objects = [_as_object(finding) for finding in findings]
            write_data(json.dumps(objects, ensure_ascii=False, indent=2) + "\n")


def write_summary(found: dict[Path, tuple[Finding, ...]]) -> None:
    """Write the line that counts sound files and findings."""
    files = len(found)
    bad = sum(any(f.severity == "error" for f in findings) for findings in found.values())
    every = [f for findings in found.values() for f in findings]
    counts = Counter(f.severity if f.counts else "accepted" for f in every)
    words = ("error", "warning", "note", "accepted")
    head = Message.of("summary.files", count=files, sound=files - bad)
    listed = tuple(Message.of(f"summary.{w}", count=counts[w]) for w in words if counts[w])
    write("summary.listed", parts=Joined((head, listed), "list.semicolon") if listed else head)


# ---------------------------------------------------------------- for people

_STYLES = {"error": "bold red", "warning": "bold yellow", "note": "bold cyan"}


def print_findings(findings: Iterable[Finding], accept: Message = ACCEPT) -> None:
    """Print findings in the form of compiler messages; in colour only on a terminal.

    ``accept`` is the text about how to accept a warning: ``accepted``, or in quotes ``quoted``.
    """
    console = OutputConsole(markup=False, highlight=False, emoji=False, soft_wrap=True)
    # source lines are cut to the width of the terminal; other lines may wrap
    most = max(40, console.width - 8) if console.is_terminal else 160
    for finding in findings:
        for line in _styled(finding, most):
            console.print(line)
        if finding.severity == "warning" and finding.counts:
            # only the finding knows the text that a ruling needs to accept it
            accepted = f"{finding.code} {finding.place}"
            quoted = json.dumps(accepted, ensure_ascii=False)
            params = (*accept.params, ("accepted", printable(accepted)), ("quoted", quoted))
            console.print(Text(attrs.evolve(accept, params=params).text(language())))
        console.print()


def _styled(finding: Finding, most: int) -> Iterable[Text]:
    """Yield the lines of a finding, styled."""
    word = finding.word(language())
    style = _STYLES[finding.severity] if finding.counts else "dim"
    details = finding.details(language())
    for i, line in enumerate(finding.lines(most, language())):
        shown = Text(line)
        if i == 0:
            start = line.index(f"{word}[")
            shown.stylize("bold", 0, start)
            shown.stylize(style, start, start + len(word))
        elif line.strip(" |^") == "":
            shown.stylize(style)
        elif line in details:
            shown.highlight_regex("^[^:\uff1a]*[:\uff1a]", "bold")
        yield shown


# ---------------------------------------------------------------- for programs


def _as_object(finding: Finding) -> dict[str, object]:
    """Convert a finding to a JSON object; lines and columns count from 1."""
    spot = finding.spots[0] if finding.spots else None
    other = finding.spots[1] if len(finding.spots) > 1 else None
    made: dict[str, Any] = {
        "code": finding.code,
        "severity": finding.severity,
        "file": None if spot is None else spot.file,
        "line": None if spot is None else spot.line,
        "column": None if spot is None else spot.column,
        "place": finding.place,
        "message": finding.message(language()),
        "help": finding.help(language()),
        "witness": _pairs(finding.witness),
        "accepted_by": finding.accepted_by,
    }
    if spot is not None and spot.cell:
        made["cell"] = spot.cell
    if other is not None:
        made["other"] = {"file": other.file, "line": other.line, "column": other.column}
        if other.cell:
            made["other"] |= {"cell": other.cell}
    for name, pairs in (("against", finding.against), ("record", finding.record)):
        if pairs:
            made[name] = _pairs(pairs)
    return made


def _pairs(pairs: tuple[tuple[str, object], ...]) -> dict[str, object] | None:
    """Convert a witness to a JSON object; None if it is empty."""
    if not pairs:
        return None
    return {name: _value(value) for name, value in pairs}


def _value(value: object) -> object:
    """Convert a value to one that JSON holds exactly; a fraction without decimals is a text."""
    if is_tuple(value):
        return [_value(item) for item in value]
    if isinstance(value, Fraction):
        near = float(value)
        # a float means its shortest decimal spelling
        return near if exact(near) == value else describe(value)
    return value if isinstance(value, (bool, int, str)) else describe(value)


def _workflow_command(finding: Finding) -> str:
    """Format a finding as an annotation of a GitHub workflow."""
    kind = {"error": "error", "warning": "warning", "note": "notice"}[finding.severity]
    spot = finding.spots[0] if finding.spots else None
    where = {} if spot is None else {"file": spot.file, "line": spot.line, "col": spot.column}
    properties = ",".join(
        f"{key}={_escaped(str(value), property_=True)}"
        for key, value in {**where, "title": finding.code}.items()
    )
    details = (line.strip() for line in finding.details(language()))
    message = "\n".join([finding.message(language()), *details])
    return f"::{kind} {properties}::{_escaped(message)}"


def _escaped(text: str, *, property_: bool = False) -> str:
    """Escape characters that would end a workflow command or a property of it."""
    text = text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")
    return text.replace(":", "%3A").replace(",", "%2C") if property_ else text
