"""The console of rich, for standard output."""

from __future__ import annotations

from rich.console import Console


class OutputConsole(Console):
    """A console that reports a closed pipe as an error."""

    def on_broken_pipe(self) -> None:
        """Raise the BrokenPipeError again; rich would end the process."""
        raise  # noqa: PLE0704 - rich calls it within an except block
