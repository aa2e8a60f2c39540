"""``kpirules verify``: compute the stored results of a file again, and compare."""

from __future__ import annotations

import sys
from collections import Counter
from typing import TYPE_CHECKING, Any

from kpirules._internal.typeguards import is_dict, is_list
from kpirules.api.verify import StoredResultError, Verification, verify_tree
from kpirules.cli.io.tables import TableError
from kpirules.evaluation.json_nodes import parse
from kpirules.toml.limits import regular


if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path


#: maximum size of a file of results
MAX_BYTES = 1 << 30
#: endings of tables, which have no results that can be verified
_TABLES = frozenset((".csv", ".xlsx", ".parquet", ".html", ".pdf"))
_TAKES = (
    "verify takes results as JSON: a result, a list of them, or one a line; "
    "kpirules evaluate --format json writes them"
)


def verify_file(file: Path, folders: Sequence[Path]) -> int:
    """Verify each result of a file; print the differences; return the exit code."""
    counts: Counter[str] = Counter()
    for number, stored in enumerate(_results(file), 1):
        if stored is None:
            counts["refused"] += 1
            continue
        try:
            done: Verification | StoredResultError = verify_tree(stored, folders=folders)
        except StoredResultError as error:
            done = error
        kind = done.outcome if isinstance(done, Verification) else "no-result"
        counts[kind] += 1
        if kind != "same":
            sys.stdout.write(f"result {number}: {done}\n")
    words = {
        "same": "the same",
        "differs": "different",
        "no-rubric": "without a rubric",
        "no-result": "no result",
        "refused": "refused rows without a result",
    }
    listed = ", ".join(f"{counts[kind]} {word}" for kind, word in words.items() if counts[kind])
    sys.stderr.write(f"{counts.total()} results: {listed or 'none'}\n")
    return int(any(counts[kind] for kind in ("differs", "no-rubric", "no-result")))


def _results(file: Path) -> Iterator[Any]:
    """Yield the results of a file: one, a list, rows of ``kpirules evaluate``, or one per line.

    The result of a rejected row is None.
    """
    if file.suffix.lower() in _TABLES:
        raise TableError(file=str(file), message=_TAKES)
    try:
        if regular(file).stat().st_size > MAX_BYTES:
            raise TableError(file=str(file), message="is too large", help="split it")
        text = file.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it is not UTF-8"
        raise TableError(file=str(file), message=f"cannot be read: {reason}") from None
    try:
        tree = parse(text)
    except ValueError as error:
        lines = [line for line in map(str.strip, text.splitlines()) if line]
        if not any(line.startswith("{") for line in lines):
            raise TableError(file=str(file), message=_TAKES) from None
        tree = [_line(line) for line in lines]
        if len(lines) > 1 and not any(
            line.startswith("{") and line.endswith("}") for line in lines
        ):
            # one value over several lines
            raise TableError(file=str(file), message=f"is not JSON: {error}") from None
    for each in tree if is_list(tree) else [tree]:
        # a row written by `kpirules evaluate` has the result, None if the row was rejected
        if is_dict(each) and {"row", "result", "problems"} <= each.keys():
            yield each["result"]
        else:
            yield each


def _line(line: str) -> object:
    """Parse a line of JSON; return other text as it is, which is not a result."""
    try:
        return parse(line)
    except ValueError:
        return line
