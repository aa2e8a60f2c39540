"""The texts of problems that rows share except for the values that are shown in them.

The text of such problems is made once, with a character in place of each value, and each row puts
its own values in.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, cast

import attrs

from kpirules._internal.display import printable
from kpirules.arithmetic.number import describe
from kpirules.diagnostics.problem import SAFE, json_of, json_value, text_of


if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from kpirules.diagnostics.problem import Problem


#: the first of the characters that stand in a text for what is put in later
_FIRST_MARK = 0x100


def free_characters(problems: Iterable[Problem], lang: str | None) -> Iterator[str]:
    """Yield characters that no text of some problems has, so that the texts can replace them."""
    used = frozenset[str]().union(
        *(text for p in problems for text in (p.text(lang), p.to_json(lang)))
    )
    return (c for c in map(chr, range(_FIRST_MARK, 0x110000)) if c not in used and c.isprintable())


def filled(
    problems: Sequence[Problem],
    own: Mapping[str, object],
    values: Mapping[str, Sequence[object]],
    lang: str | None,
) -> tuple[list[str], list[str]]:
    """Return the problems of some rows as texts and as JSON lists.

    ``problems``: those of a row with the values ``own``; ``values``: by input, the values of the
    rows, whose problems differ from it in showing their own value where it shows its own.
    """
    free = free_characters(problems, lang)
    marked: list[Problem] = []
    shown: list[tuple[str, Sequence[object]]] = []
    for problem in problems:
        if problem.input in values and _is_same(problem.value, own[problem.input]):
            mark = next(free)
            shown.append((mark, values[problem.input]))
            marked.append(attrs.evolve(problem, value=mark))
        else:
            marked.append(problem)
    length = len(next(iter(values.values())))
    texts: list[tuple[str, list[str]]] = []
    trees: list[tuple[str, list[str]]] = []
    for mark, cells in shown:
        made = _plain_numbers(cells)
        text, tree, escaped = (made, made, made) if made is not None else _shown(cells)
        texts.append((_text(mark), text))
        trees += [(_json(mark), tree), (_escaped(_text(mark)), escaped)]
    return _put(text_of(marked, lang), texts, length), _put(json_of(marked, lang), trees, length)


def _plain_numbers(cells: Sequence[object]) -> list[str] | None:
    """Return whole numbers as they are written in texts and in JSON alike; None for others."""
    if {*map(type, cells)} != {int}:
        return None
    numbers = cast("Sequence[int]", cells)
    is_plain = min(numbers) > -SAFE and max(numbers) < SAFE
    return list(map(str, numbers)) if is_plain else None


def _shown(cells: Sequence[object]) -> tuple[list[str], list[str], list[str]]:
    """Return values as in a text, as in JSON, and as in a text within JSON."""
    texts = list(map(_text, cells))
    return texts, list(map(_json, cells)), list(map(_escaped, texts))


def _is_same(shown: object, given: object) -> bool:
    """Return whether a problem shows a value as it is given."""
    return shown.__class__ is given.__class__ and repr(shown) == repr(given)


def _put(text: str, parts: Iterable[tuple[str, list[str]]], length: int) -> list[str]:
    """Return a text for each row: each mark, in their order, replaced by what the row has."""
    made = [""] * length
    for mark, cells in parts:
        before, _, text = text.partition(mark)
        made = [done + before + cell for done, cell in zip(made, cells, strict=True)]
    return [done + text for done in made]


def _text(value: object) -> str:
    """Return a value as the text of its problem shows it."""
    return printable(describe(value))


def _json(value: object) -> str:
    """Return a value as the JSON of its problem has it."""
    return json.dumps(json_value(value), ensure_ascii=False)


def _escaped(text: str) -> str:
    """Return a text as it is within a text of JSON."""
    return json.dumps(text, ensure_ascii=False)[1:-1]
