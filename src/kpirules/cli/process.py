"""The process of a command: its standard streams, and the signal that interrupts it."""

from __future__ import annotations

import io
import os
import signal
import sys
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, NoReturn

from kpirules.cli.reader_language import write
from kpirules.translations.message import Message
from kpirules.translations.system import reason_of


if TYPE_CHECKING:
    from collections.abc import Generator
    from types import FrameType


#: the exit code that shells report for a program ended by SIGINT
INTERRUPTED = 128 + signal.SIGINT

#: how a stream treats characters outside of its encoding by default: in the C locale it
#: escapes only those that stand for undecodable bytes
_STRICT = frozenset({"strict", "surrogateescape"})


@contextmanager
def safe_streams() -> Generator[None]:
    """Make the standard streams safe to write to, and exit with a code when interrupted.

    Characters that the encoding of a stream lacks are written as escapes. A closed stream is
    replaced: writing results to it raises an error, so no result is lost unnoticed.
    """
    if sys.stdout is None:
        sys.stdout = open(os.devnull, encoding="utf-8")  # noqa: PTH123, SIM115 - read-only: writing fails
    if sys.stderr is None:
        sys.stderr = open(os.devnull, "w", encoding="utf-8")  # noqa: PTH123, SIM115 - never closed
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper) and stream.errors in _STRICT:
            stream.reconfigure(errors="backslashreplace")
    before = signal.getsignal(signal.SIGINT)
    if before is signal.default_int_handler:
        signal.signal(signal.SIGINT, _interrupted)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def _interrupted(number: int, frame: FrameType | None) -> NoReturn:  # noqa: ARG001 - a handler
    """Exit with the code of an interrupted program."""
    sys.exit(INTERRUPTED)


def write_data(text: str) -> None:
    """Write a text for programs to standard output: UTF-8 in every locale.

    A lone surrogate, of a file name that is not text, is written as an escape.
    """
    sys.stdout.flush()
    sys.stdout.buffer.write(text.encode(errors="backslashreplace"))
    sys.stdout.buffer.flush()


@contextmanager
def reported_write_errors() -> Generator[None]:
    """Flush standard output afterwards; report a failed output and exit with its code."""
    try:
        try:
            yield
        finally:
            sys.stdout.flush()
    except OSError as error:
        sys.exit(report_write_error(error))


def report_write_error(error: OSError) -> int:
    """Report an output that cannot be written; return the exit code."""
    closed = Message.of("os.closed")
    reason = Message.of("file.cannot-write", reason=reason_of(error) if error.errno else closed)
    what = error.filename or Message.of("cli.standard-output")
    with suppress(OSError):
        write("cli.error", message=Message.of("file.text", file=what, message=reason))
        sys.stderr.flush()
    # the rest of the buffer is discarded, so that closing the stream at exit cannot fail
    with suppress(OSError):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())
        os.close(nowhere)
    return 2
