"""Writes a rubric as the text of its file, in one format; and computes its fingerprint."""

from __future__ import annotations

import hashlib
import json
import re
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from kpirules._internal.typeguards import is_dict, is_list
from kpirules.arithmetic.number import show
from kpirules.errors import expect
from kpirules.model.language import Key, class_at, key_of, part_of
from kpirules.model.rubric import Rubric
from kpirules.toml.converter import unstructure


if TYPE_CHECKING:
    from collections.abc import Iterator


_BARE = re.compile(r"[A-Za-z0-9_-]+", re.ASCII)


def dumps(rubric: Rubric) -> str:
    """Write a rubric as the text of a ruleset file; loading it returns an equal rubric.

    >>> from kpirules import dumps, load, loads
    >>> rubric = load("customer-service")
    >>> loads(dumps(rubric)) == rubric
    True
    """
    expect(rubric, Rubric, "dumps: expected a Rubric")
    return text_of(unstructure(rubric))


def text_of(tree: dict[str, Any]) -> str:
    """Write the tree of a ruleset file."""
    return "\n".join(_table(tree, (), Rubric)).strip("\n") + "\n"


def _table(table: dict[str, Any], path: tuple[str, ...], cls: type | None) -> Iterator[str]:
    """Yield the lines of a table, or of tables by name (``cls`` is None): first its own keys."""
    blocks = [key for key, value in table.items() if _is_block(cls, key, value)]
    for key, value in table.items():
        if key not in blocks:
            yield f"{key_text(key)} = {_value(value, key_of(cls, key), part_of(cls, key))}"
    for key in blocks:
        name, value = (*path, key), table[key]
        header, inner = ".".join(map(key_text, name)), class_at(Rubric, name)
        for block in value if is_list(value) else [value]:
            if is_list(value):
                yield from ("", f"[[{header}]]")
            elif not block or any(not _is_block(inner, k, v) for k, v in block.items()):
                yield from ("", f"[{header}]")
            yield from _table(block, name, inner)


def _is_block(cls: type | None, key: str, value: object) -> bool:
    """Check whether a value is written under its own header."""
    if key_of(cls, key).inline or (cls is not None and part_of(cls, key) is None):
        return False
    if is_list(value):
        return bool(value) and all(is_dict(v) for v in value)
    return is_dict(value)


def _value(value: object, key: Key, cls: type | None) -> str:
    """Format a value on one line; a list of tables of a class, one line each."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return _string(value)
    if isinstance(value, (int, Decimal)):
        return show(value)
    if isinstance(value, date):
        return value.isoformat()
    if is_dict(value):
        dotted = _dotted_keys(value) if key.dotted else ()
        names = {k: _dotted(k) if k in dotted else key_text(k) for k in value}
        pairs = (f"{names[k]} = {_value(v, key_of(cls, k), None)}" for k, v in value.items())
        return f"{{ {', '.join(pairs)} }}" if value else "{}"
    items = [_value(v, Key(), cls) for v in (value if is_list(value) else [])]
    if key.inline:
        return "\n".join(["[", *(f"  {item}," for item in items), "]"])
    return f"[{', '.join(items)}]"


def key_text(key: str) -> str:
    """Format a key, quoted if necessary."""
    return key if _BARE.fullmatch(key) else _string(key)


def _dotted_keys(table: dict[str, Any]) -> set[str]:
    """Return the names that may be written as dotted keys: none is a prefix of another."""
    above = {k: {k[:i] for i, character in enumerate(k) if character == "."} for k in table}
    below = {name for names in above.values() for name in names}
    return {k for k in table if above[k] and not above[k] & table.keys() and k not in below}


def _dotted(key: str) -> str:
    """Format a dotted name as a dotted key."""
    return ".".join(map(key_text, key.split(".")))


def _string(text: str) -> str:
    """Format a text as a TOML basic string; JSON's escapes are TOML's, except for DEL."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def fingerprint(rubric: Rubric) -> str:
    """Return the SHA-256 of a rubric's canonical form, as 64 hexadecimal digits.

    The canonical form is the rubric's tree as JSON in UTF-8: keys sorted, no spaces, default values
    omitted, numbers and dates in one format. Comments, spacing, the order of keys and the notation
    of a number or range therefore make no difference.

    >>> from kpirules import load
    >>> len(fingerprint(load("customer-service")))
    64
    """
    form = json.dumps(
        unstructure(rubric),
        ensure_ascii=False,
        sort_keys=True,
        separators=(",", ":"),
        default=_canonical,
    )
    return hashlib.sha256(form.encode()).hexdigest()


def _canonical(value: Decimal | date) -> dict[str, str]:
    """Return a value that JSON has no type for, tagged to distinguish it from a text."""
    if isinstance(value, Decimal):
        return {"number": show(value)}
    return {"date": value.isoformat()}
