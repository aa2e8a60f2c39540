"""``kpirules verify``: compute the stored results of a file again, and compare."""

from __future__ import annotations

import os
import sys
from collections import Counter
from typing import TYPE_CHECKING, Any

from kpirules._internal.typeguards import is_dict
from kpirules.api.verify import StoredResultError, Verification, verify_tree
from kpirules.cli.io.tables import TableError
from kpirules.cli.reader_language import text, write
from kpirules.cli.stored_results import stored_objects
from kpirules.evaluation.signature import key_of
from kpirules.toml.limits import regular
from kpirules.translations.message import Message, MessageError, shown
from kpirules.translations.system import reason_of


if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path


#: maximum size of a key
MAX_KEY_BYTES = 1 << 16
#: the environment variable with the key of signatures
KEY_VARIABLE = "KPIRULES_KEY"
#: what an object has beside a result
_ROW = frozenset(("problems", "signature"))


@shown.register
def _(value: Verification, lang: str | None) -> str:
    """Return the outcome, in several lines."""
    return value.text(lang)


def verify_file(file: Path, folders: Sequence[Path], key_file: Path | None = None) -> int:
    """Verify each result of a file; print the differences; return the exit code."""
    key = _key(key_file)
    counts: Counter[str] = Counter()
    for number, (stored, signature) in enumerate(_results(file), 1):
        if signature is not None and key is None:
            counts["not-checked"] += 1
        if stored is None:
            counts["no-row-result"] += 1
            continue
        try:
            done: Verification | StoredResultError = verify_tree(
                stored, folders=folders, key=key, signature=signature
            )
        except StoredResultError as error:
            done = error
        kind = done.outcome if isinstance(done, Verification) else "no-result"
        counts[kind] += 1
        if kind != "same":
            sys.stdout.write(text("summary.result", number=number, verification=done) + "\n")
    not_checked = counts.pop("not-checked", 0)
    if not_checked:
        message = Message.of("summary.not-checked", count=not_checked)
        write("cli.error", message=message)
    bad = ("differs", "no-rubric", "unsigned", "wrong-signature", "no-result")
    kinds = ("same", *bad, "no-row-result")
    listed = tuple(
        Message.of(f"summary.{kind}", count=counts[kind]) for kind in kinds if counts[kind]
    )
    write("summary.results", count=counts.total(), parts=listed or Message.of("summary.none"))
    return int(any(counts[kind] for kind in bad))


def _key(file: Path | None) -> bytes | None:
    """Return the key of a file, or that of the environment; None if there is none.

    An editor ends a file with a line break, which does not belong to the key.
    """
    variable = os.environ.get(KEY_VARIABLE)
    if file is None and variable is None:
        return None
    place = KEY_VARIABLE if file is None else str(file)
    try:
        if file is None:
            return key_of(variable)
        with regular(file).open("rb") as stream:
            return key_of(stream.read(MAX_KEY_BYTES).rstrip(b"\r\n"))
    except OSError as error:
        message = Message.of("file.cannot-read", reason=reason_of(error))
        raise TableError(file=place, message=message) from None
    except MessageError as error:
        raise TableError(file=place, message=error.reason) from None


def _results(file: Path) -> Iterator[tuple[Any, str | None]]:
    """Yield the results of a file, each with its signature.

    A signed one is an object of ``result`` and ``signature``. The result of a rejected row is None.
    """
    for each in stored_objects(file):
        # a row written by `kpirules evaluate` has the result, None if the row was rejected
        if is_dict(each) and "result" in each and not _ROW.isdisjoint(each):
            signature = each.get("signature")
            yield each["result"], None if signature is None else str(signature)
        else:
            yield each, None
