"""The process around a command: its standard streams, and the signal that interrupts it."""

from __future__ import annotations

import io
import os
import signal
import sys
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, NoReturn


if TYPE_CHECKING:
    from collections.abc import Generator
    from types import FrameType


#: the exit code of a program that SIGINT ended, as shells give it
INTERRUPTED = 128 + signal.SIGINT


@contextmanager
def prepared() -> Generator[None]:
    """Make the standard streams safe to write to, and end with a code when interrupted.

    Characters that the encoding of a terminal lacks are shown as escapes. A stream that is closed
    becomes one that fails, so that no result is lost unnoticed.
    """
    if sys.stdout is None:
        sys.stdout = open(os.devnull, encoding="utf-8")  # noqa: PTH123, SIM115 - to be written to
    if sys.stderr is None:
        sys.stderr = open(os.devnull, "w", encoding="utf-8")  # noqa: PTH123, SIM115 - never closed
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper) and stream.errors == "strict":
            stream.reconfigure(errors="backslashreplace")
    before = signal.getsignal(signal.SIGINT)
    if before is signal.default_int_handler:
        signal.signal(signal.SIGINT, _interrupted)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def _interrupted(number: int, frame: FrameType | None) -> NoReturn:  # noqa: ARG001 - as signals ask
    """End the process."""
    sys.exit(INTERRUPTED)


def lost(error: OSError) -> int:
    """Report that the machine could not write; return the exit code."""
    what = error.filename or "standard output"
    reason = error.strerror or "it is closed"
    with suppress(OSError):
        sys.stderr.write(f"kpirules: {what}: cannot be written: {reason}\n")
        sys.stderr.flush()
    # what is still in the buffer goes nowhere, so that the end of the process cannot fail
    with suppress(OSError):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())
        os.close(nowhere)
    return 2
