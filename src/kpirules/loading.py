"""Rulesets in: from a text, from a file. Each is read, checked and made ready, or refused whole."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from kpirules.errors import KpirulesError, RulesetError, frozen_error
from kpirules.texts import printable


if TYPE_CHECKING:
    import os

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
    from kpirules.document.reading import parse, place  # noqa: PLC0415 - costs 20 ms
    from kpirules.evaluation import evaluator  # noqa: PLC0415 - the evaluation need not load files

    text, rubric = parse(content, file)
    try:
        evaluator(rubric)
    except RulesetError as error:
        findings = place(error.findings, text, file, rubric)
    else:
        return rubric
    raise RulesetError(findings=findings)
