"""Groups of rows with the same problems, so that one row of each is evaluated for all.

The problems of a row depend on its missing and invalid values, and on the allowed values by which
it does not meet a condition. An invalid value has no effect but its own problem, which shows it.
"""

from __future__ import annotations

from decimal import Decimal
from itertools import compress, count
from typing import TYPE_CHECKING, Any, Final, NamedTuple, cast

import attrs

from kpirules.codegen.builder import PREFIX
from kpirules.evaluation.number_classes import classes_of
from kpirules.evaluation.record import RefusedError, is_missing


if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    import narwhals as nw

    from kpirules.codegen.compiled_plan import Compiled
    from kpirules.evaluation.record import Reader

    Frame = nw.DataFrame[Any]


_ALLOWED, _TOLD = f"{PREFIX}allowed_", f"{PREFIX}told_"
#: types of the values of a column, of which those that are equal are the same
_PLAIN = tuple({kind, *null} for kind in (int, str, bool) for null in ((), (type(None),)))
#: the key of an allowed value on which no problem of the row depends
_HIDDEN: Final = object()
#: the kind of a value that is allowed
_READ: Final = object()


def conditions(compiled: Compiled) -> dict[str, nw.Expr]:
    """Return the expressions that :func:`first_alike` needs, by the names of their columns."""
    allowed = {_ALLOWED + name: expr for name, expr in compiled.allowed.items()}
    return allowed | {_TOLD + name: expr for name, expr in compiled.told.items()}


@attrs.frozen
class Groups:
    """Groups of rows with the same problems, and of rows whose problems differ in values only."""

    #: for each row the first row that has the same problems
    first: Sequence[int]
    #: for such rows, the first whose problems are the same except for the values shown in them
    akin: Mapping[int, int] = attrs.field(factory=dict[int, int])
    #: by the names whose values are shown: the values of all rows
    shown: Mapping[str, Sequence[object]] = attrs.field(factory=dict[str, "Sequence[object]"])


def groups(
    readers: Mapping[str, Reader], flags: Frame, values_of: Callable[[str], Sequence[object]]
) -> Groups:
    """Return the groups of rows.

    ``flags``: the columns of :func:`conditions`; ``values_of`` gives the values of a name of the
    record. A row is alone if it has a value that no expression reads, but ``evaluate`` does: other
    problems may depend on that value.
    """
    keys: list[list[object]] = []
    kinds: list[list[object]] = []
    shown: dict[str, Sequence[object]] = {}
    alone: set[int] = set()
    for name in (n.removeprefix(_ALLOWED) for n in flags.columns if n.startswith(_ALLOWED)):
        allowed = flags[_ALLOWED + name]
        is_told = _TOLD + name in flags.columns
        is_hidden = allowed & ~flags[_TOLD + name] if is_told else allowed
        if is_hidden.all():
            continue
        cells, hidden = values_of(name), is_hidden.to_list()
        distinct = cells if {*map(type, cells)} in _PLAIN else map(_key, cells)
        key = [_HIDDEN if hide else cell for cell, hide in zip(distinct, hidden, strict=True)]
        keys.append(key)
        left = (~allowed).to_list()
        found = dict(zip(compress(key, left), compress(cells, left), strict=True))
        made = _kinds(readers[name], found)
        read = {each for each, kind in made.items() if kind is _READ}
        if read:
            alone.update(i for i, each in enumerate(key) if left[i] and each in read)
        kinds.append(
            [
                made[each] or each if is_left else each
                for each, is_left in zip(key, left, strict=True)
            ]
        )
        shown[name] = cells
    length = len(flags)
    first = _first(keys, length, alone)
    akin = _first(kinds, length, alone)
    return Groups(first, {i: akin[i] for i in {*first}}, shown)


def _first(keys: Sequence[Sequence[object]], length: int, alone: set[int]) -> list[int]:
    """Return for each row the first that has the same keys; some rows are alone."""
    rows = zip(*keys, strict=True) if keys else [()] * length
    first: dict[object, int] = {}
    if not alone:
        return list(map(first.setdefault, rows, count()))
    return [i if i in alone else first.setdefault(row, i) for i, row in enumerate(rows)]


def _key(value: object) -> object:
    """Return what is equal for the same values only."""
    kind = value.__class__
    if kind is str or kind is int or kind is bool or value is None:
        return value, kind
    # NaN differs from itself, and 0.0 does not differ from -0.0
    return (repr(value), kind) if kind is float or kind is Decimal else object()


def _kinds(reader: Reader, values: Mapping[object, object]) -> dict[object, object]:
    """Return the kind of each value (see :func:`_kind`), by its key."""
    class_of = classes_of(reader)
    if class_of is None or {*map(type, values.values())} != {int}:
        return {key: _kind(reader, value) for key, value in values.items()}
    whole = cast("Mapping[object, int]", values)
    classes = {key: class_of(value) for key, value in whole.items()}
    some = {each: whole[key] for key, each in classes.items()}
    kinds = {each: _kind(reader, value) for each, value in some.items()}
    return {key: kinds[each] for key, each in classes.items()}


def _kind(reader: Reader, value: object) -> object:
    """Return what the problem of a value is except for the value; None if that is not known.

    :data:`_READ` if the value is given and allowed.
    """
    if is_missing(value):
        return None
    try:
        reader.read(value)
    except RefusedError as error:
        if not isinstance(value, (int, float, Decimal, str)) or isinstance(value, bool):
            return None
        near = reader.near(value)
        return _Kind(error.reason.key, error.reason.params, None if near is None else near.id)
    return _READ


class _Kind(NamedTuple):
    """What the problem of an invalid value is except for the value."""

    key: str
    params: tuple[tuple[str, object], ...]
    suggestion: str | None
