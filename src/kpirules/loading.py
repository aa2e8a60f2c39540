"""Rulesets in: from a text, from a file. Each is read, checked and made ready, or refused whole."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from kpirules.errors import KpirulesError, RulesetError, frozen_error
from kpirules.findings import Finding, Spot
from kpirules.texts import printable


if TYPE_CHECKING:
    import os

    from kpirules.document.reading import Reading
    from kpirules.model import Rubric


@frozen_error
class FileError(KpirulesError):
    """A file that cannot be read."""

    file: str
    #: what the operating system says
    reason: str

    def __str__(self) -> str:
        return f"{printable(self.file)}: cannot be read: {self.reason}"


def loads(text: str, *, file: str = "<string>") -> Rubric:
    """Read a rubric from the text of a ruleset file.

    ``file`` is the name that errors give. Raises :class:`~kpirules.errors.RulesetError` with all
    that is wrong with the text or the scheme, each at its line and column.

    >>> from kpirules import loads
    >>> rubric = loads('''
    ... schema = 1
    ... id = "tiny"
    ... criterion = [{ id = "work", weight = 100 }]
    ... ''')
    >>> rubric.criteria[0].weight
    Decimal('100')
    """
    return _load(text, file)


def load_file(path: str | os.PathLike[str]) -> Rubric:
    """Read a rubric from a ruleset file.

    Raises :class:`~kpirules.errors.RulesetError` with all that is wrong with the file or the
    scheme, each at its line and column; :class:`FileError` where the file cannot be read.
    """
    return _load(read_bytes(Path(path)), str(path))


def read_bytes(path: Path) -> bytes:
    """Read a ruleset file, at most one byte more than a ruleset may have."""
    from kpirules.document.guard import MAX_BYTES  # noqa: PLC0415 - only with a file

    try:
        with path.open("rb") as stream:
            return stream.read(MAX_BYTES + 1)
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise FileError(file=str(path), reason=reason) from None


def _load(content: bytes | str, file: str) -> Rubric:
    """Read, check and make ready."""
    from kpirules.document.reading import read  # noqa: PLC0415 - costs 20 ms
    from kpirules.evaluation import evaluator  # noqa: PLC0415 - the evaluation need not load files

    reading = read(content, file)
    if reading.rubric is None or reading.findings:
        raise RulesetError(findings=_findings(reading, all_of_it=False))
    evaluator(reading.rubric)
    return reading.rubric


def check_text(content: bytes | str, *, file: str = "<string>") -> tuple[Finding, ...]:
    r"""Say everything that is wrong with the content of a ruleset file, or may be.

    What :func:`kpirules.check` says of its rubric, and what is wrong with the text itself; a fault
    of the text hides no other, as far as the rest can be read. In the order of the file.

    >>> from kpirules.loading import check_text
    >>> text = 'schema = 1\nid = "x"\ncolour = "red"\ncriterion = [{ id = "a", weight = 90 }]'
    >>> [(f.code, f.spots[0].line) for f in check_text(text) if f.severity == "error"]
    [('unknown-key', 3), ('weights-sum', 4)]
    """
    return examine(content, file)[1]


def examine(content: bytes | str, file: str) -> tuple[Reading, tuple[Finding, ...]]:
    """Give what could be read of a ruleset file's content, and everything found in it."""
    from kpirules.document.reading import read  # noqa: PLC0415 - costs 20 ms

    reading = read(content, file)
    return reading, _findings(reading)


def check_file(path: str | os.PathLike[str]) -> tuple[Finding, ...]:
    """Say everything that is wrong with a ruleset file (see :func:`check_text`).

    A file that cannot be opened is a finding as well.
    """
    try:
        content = read_bytes(Path(path))
    except FileError as error:
        spot = Spot(file=str(path), line=1, column=1, end_column=2, source="")
        message = f"cannot be read: {error.reason}"
        return (Finding(code="unreadable", message=message, spots=(spot,)),)
    return check_text(content, file=str(path))


def _findings(reading: Reading, *, all_of_it: bool = True) -> tuple[Finding, ...]:
    """Check what could be read."""
    from kpirules.checks import findings_of  # noqa: PLC0415 - once a file
    from kpirules.document.reading import place  # noqa: PLC0415 - only with a finding

    if reading.rubric is None:
        return place(reading.findings, reading.text, reading.file)
    return findings_of(reading.rubric, reading.findings, reading.lost, all_of_it=all_of_it)
