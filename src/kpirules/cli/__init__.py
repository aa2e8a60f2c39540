"""The command line: parse options, call the library, print. Requires the extra ``cli``."""

from __future__ import annotations

import sys

from kpirules.cli.process import reported_write_errors, safe_streams
from kpirules.cli.reader_language import locale_language, using, write


def main() -> None:
    """Run the command line; print one line if its extra is not installed."""
    with safe_streams():
        try:
            from kpirules.cli.app import app  # noqa: PLC0415 - typer may be missing
        except ModuleNotFoundError as error:
            from kpirules.errors import MissingExtraError  # noqa: PLC0415 - only if it is missing

            if error.name not in ("typer", "rich"):
                raise
            missing = MissingExtraError(extra="cli", module=error.name)
            with using(locale_language()):
                write("cli.error", message=missing)
            sys.exit(2)
        with reported_write_errors():
            app()
