"""Groups of rows with the same problems, so that one row of each is evaluated for all.

The problems of a row depend on its missing and invalid values, and on the allowed values by which
it does not meet a condition.
"""

from __future__ import annotations

from decimal import Decimal
from itertools import compress, count
from typing import TYPE_CHECKING, Any, Final

from kpirules.codegen.builder import PREFIX
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


def conditions(compiled: Compiled) -> dict[str, nw.Expr]:
    """Return the expressions that :func:`first_alike` needs, by the names of their columns."""
    allowed = {_ALLOWED + name: expr for name, expr in compiled.allowed.items()}
    return allowed | {_TOLD + name: expr for name, expr in compiled.told.items()}


def first_alike(
    readers: Mapping[str, Reader], flags: Frame, values_of: Callable[[str], Sequence[object]]
) -> list[int]:
    """Return for each row the first row that has the same problems.

    ``flags``: the columns of :func:`conditions`; ``values_of`` gives the values of a name of the
    record. A row is alone if it has a value that no expression reads, but ``evaluate`` does: other
    problems may depend on that value.
    """
    keys: list[list[object]] = []
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
        read = {each for each, cell in found.items() if _is_read(readers[name], cell)}
        if read:
            alone.update(i for i, each in enumerate(key) if left[i] and each in read)
    rows = zip(*keys, strict=True) if keys else [()] * len(flags)
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


def _is_read(reader: Reader, value: object) -> bool:
    """Return whether a value is given and allowed."""
    if is_missing(value):
        return False
    try:
        reader.read(value)
    except RefusedError:
        return False
    return True
