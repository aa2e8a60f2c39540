"""Docstrings as Markdown: the roles of reStructuredText become code, examples become blocks."""

from __future__ import annotations

import re
from typing import Any

import griffe


_ROLE = re.compile(r":(?:func|class|meth|mod|attr|data|exc):`~?([^`]+)`")
_EXAMPLE = re.compile(r"(?:^|\n)(>>> .*?)(?=\n\n|\Z)", re.DOTALL)


class Roles(griffe.Extension):
    """Rewrites each docstring when it has been read."""

    def on_object(self, *, obj: griffe.Object, **_: Any) -> None:  # noqa: ANN401 - griffe's own
        """Rewrite the docstring of an object."""
        if obj.docstring is not None:
            obj.docstring.value = rewritten(obj.docstring.value)


def rewritten(text: str) -> str:
    """Give a docstring as Markdown."""
    text = _ROLE.sub(lambda m: f"`{m[1].rpartition('.')[2]}`", text)
    return _EXAMPLE.sub(r"\n```pycon\n\1\n```", text)
