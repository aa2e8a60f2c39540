"""Rubrics as plain data: the tree of a file that a program holds, in both directions.

A tree is read by writing it as TOML: whatever a file may hold, its limits, checks and messages are
then those of a file.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from functools import cache
from itertools import pairwise
from numbers import Number
from typing import TYPE_CHECKING, Any

import attrs

from kpirules._internal.display import brief
from kpirules._internal.typeguards import is_dict, is_list, is_list_or_tuple, is_mapping
from kpirules.arithmetic.number import as_bool, exact
from kpirules.arithmetic.range import Range
from kpirules.diagnostics.finding import Finding
from kpirules.errors import ModelError, RulesetError, expect
from kpirules.model.language import ON, bare_of, class_at, keys_of, kinds, part_of, types_of
from kpirules.model.rubric import Rubric
from kpirules.model.values import Value, decimal, wrong
from kpirules.toml.converter import converter
from kpirules.toml.limits import MAX_BYTES, MAX_DEPTH, MAX_VALUES
from kpirules.toml.parser import parse
from kpirules.toml.syntax import parse_toml
from kpirules.toml.tree_places import absent, path_of, place_in
from kpirules.toml.writer import dumps, text_of
from kpirules.translations.message import Message, MessageError, reason_of


if TYPE_CHECKING:
    from kpirules.diagnostics.finding import KeyPath


#: the name of the text of a tree, in findings
FILE = "<dict>"


def tree_of(rubric: Rubric, *, json: bool = False) -> dict[str, Any]:
    """Return the tree of a rubric's file (see :meth:`kpirules.Rubric.to_dict`)."""
    _, tree, _ = parse_toml(dumps(rubric), FILE)
    return {key: _data(value, (key,), json=json) for key, value in tree.items()}


def _data(value: object, path: KeyPath, *, json: bool) -> object:
    """Return a value of a parsed file as plain data; ready for JSON if asked."""
    if is_dict(value):
        return {key: _data(each, (*path, key), json=json) for key, each in value.items()}
    if is_list(value):
        return [_data(each, (*path, i), json=json) for i, each in enumerate(value)]
    if json and isinstance(value, Decimal):
        return _float(value, path)
    return value.isoformat() if json and isinstance(value, date) else value


def _float(number: Decimal, path: KeyPath) -> float:
    """Return the float whose shortest notation is a number."""
    if exact(float(number)) != exact(number):
        problem = (path, number, Message.of("value.not-json"))
        raise ModelError(part="Rubric", problems=(problem,))
    return float(number)


def text_of_tree(tree: object) -> str:
    """Write a tree that a program holds as the text of a ruleset file.

    Raises :class:`~kpirules.errors.RulesetError` with all values that a file cannot hold.
    """
    reading = _Tree(tree)
    clean = reading.value(tree, ())
    if reading.findings or not is_dict(clean):
        raise RulesetError(findings=tuple(reading.findings))
    return text_of(clean)


def replaced(rubric: Rubric, place: str, value: object) -> Rubric:
    """Return a copy with another value at a place (see :meth:`kpirules.Rubric.replace`)."""
    expect(place, str, "replace: expected a place, such as tier.good.pay")
    tree = tree_of(rubric)
    path = path_of(tree, place)
    at: Any = tree
    for step, after in pairwise(path):
        if _lacks(at, step):
            # what the rubric does not have is an empty table or list
            at[step] = [] if isinstance(after, int) else {}
        at = at[step]
    last = path[-1]
    if value is None:
        if _lacks(at, last):
            if isinstance(last, str) and class_at(Rubric, path[:-1]) is not None:
                # a key of the language, which is absent already
                return rubric
            raise absent(tree, path, place)
        del at[last]
    elif isinstance(last, int) and _lacks(at, last):
        at.append(value)
    else:
        at[last] = value
    try:
        return parse(text_of_tree(tree), FILE)
    except RulesetError as error:
        findings = (attrs.evolve(f, place=place_in(tree, f.path)) for f in error.findings)
        raise RulesetError(findings=tuple(findings)) from None


def _lacks(at: Any, step: str | int) -> bool:  # noqa: ANN401 - a table or a list
    """Check whether a table has no such key, or a list no such item."""
    return step == len(at) if isinstance(step, int) else step not in at


class _Tree:
    """The conversion of a tree that a program holds to one that a file could have.

    It is bounded: a cycle is nested too deep, and what is referred to several times counts each
    time.
    """

    def __init__(self, tree: object) -> None:
        self._tree = tree
        self.findings: list[Finding] = []
        self._values = 0
        self._length = 0

    def value(self, value: object, path: KeyPath) -> object:
        """Convert a value; what no file can hold becomes a finding."""
        self._count(value, path)
        if isinstance(value, (Value, Range)):
            value = converter().unstructure(value)
        if is_mapping(value):
            return dict(self._items(value, path))
        if is_list_or_tuple(value):
            return [self.value(each, (*path, i)) for i, each in enumerate(value)]
        if isinstance(value, str) and path in _dates():
            return _date(value)
        if isinstance(value, str) or type(value) is date:
            return value
        flag = as_bool(value)
        if flag is not None:
            return flag
        try:
            return _number(value)
        except ValueError as error:
            self._wrong(path, reason_of(error))
        return None

    def _items(self, table: Any, path: KeyPath) -> Iterator[tuple[str, object]]:  # noqa: ANN401 - any mapping
        """Yield the converted items of a table."""
        cls = part_of(Rubric, str(path[0])) if len(path) == 1 else None
        bare = None if cls is None else bare_of(cls)
        # in a file, tables follow the other values: the order of parts is that of tables alone
        mixed = bare is not None and any(is_mapping(each) for each in table.values())
        for key, each in table.items():
            if not isinstance(key, str):
                self._wrong(path, Message.of("value.key", name=brief(key)))
                continue
            self._count(key, path)
            made = self.value(each, (*path, key))
            yield key, {bare.name: made} if mixed and bare and not is_dict(made) else made

    def _count(self, value: object, path: KeyPath) -> None:
        """Raise for a tree that is too large or nested too deep for a file."""
        self._values += 1
        self._length += len(value) if isinstance(value, str) else 1
        reason: Message | None = None
        if len(path) > MAX_DEPTH:
            reason = Message.of("syntax.too-deep", most=MAX_DEPTH)
        elif self._values > MAX_VALUES * 2:
            reason = Message.of("syntax.too-large_values", most=MAX_VALUES)
        elif self._length > MAX_BYTES:
            reason = Message.of("syntax.too-large_characters", length=self._length)
        if reason is not None:
            finding = Finding(code="too-large", reason=reason, path=path[:MAX_DEPTH])
            raise RulesetError(findings=(self._placed(finding),))

    def _wrong(self, path: KeyPath, reason: Message | str) -> None:
        """Report a value."""
        self.findings.append(self._placed(Finding(code="value", reason=reason, path=path)))

    def _placed(self, finding: Finding) -> Finding:
        """Add the place by ids."""
        return attrs.evolve(finding, place=place_in(self._tree, finding.path))


@cache
def _dates() -> frozenset[KeyPath]:
    """Return the paths of dates."""
    types = types_of(Rubric)
    known = (name for name, field in keys_of(Rubric).items() if date in kinds(types[field.name]))
    return frozenset({("extends", ON.name), *((name,) for name in known)})


def _date(text: str) -> date | str:
    """Return the date of an ISO text; another text stays what it is."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        return text


def _number(value: object) -> int | Decimal:
    """Return an exact number."""
    if value is None:
        raise wrong("not-data_none")
    try:
        number = decimal(value)  # type: ignore[arg-type]  # any object
    except MessageError:
        if isinstance(value, Number):
            raise
        raise wrong("not-data", value=brief(value)) from None
    return int(number) if number == int(number) else number
