"""Libraries that only some parts need: fetched where they are used, or named with their extra."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from kpirules.errors import MissingExtraError


def fetch(module: str, extra: str) -> Any:  # noqa: ANN401 - a module; many of these have no types
    """Import a module, or say which extra brings it.

    >>> try:
    ...     fetch("no_such_library", "frames")
    ... except MissingExtraError as error:
    ...     print(error)
    this needs the extra 'frames' (no_such_library is not installed): pip install 'kpirules[frames]'
    """
    try:
        return import_module(module)
    except ModuleNotFoundError as error:
        missing = error.name or module
        if module.partition(".")[0] != missing.partition(".")[0]:
            raise
        raise MissingExtraError(extra=extra, module=missing) from None
