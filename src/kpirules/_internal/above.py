"""Functions of layers above, for methods of public classes that these layers implement."""

from __future__ import annotations

from importlib import import_module
from typing import Any


def above(module: str, name: str) -> Any:  # noqa: ANN401 - a function of any type
    """Return a function of a module of kpirules by its name, imported when it is called.

    A public class offers what its users expect, such as ``Rubric.from_dict``, although reading and
    checking belong to layers above it. `docs/architecture.md` lists these methods.

    >>> above("toml.writer", "fingerprint").__name__
    'fingerprint'
    """
    return getattr(import_module(f"kpirules.{module}"), name)
