"""The expressions that a plan over columns is written in, whatever library makes them.

Narwhals' words are those of polars, and a workbook's cells
(:mod:`kpirules.sheets.excel.cell_formulas`) take the same ones: :func:`using` says whose they are
while a plan is compiled. Narwhals drives databases; polars' own expressions are made ten times
as fast and serve every call after the first.
"""

from __future__ import annotations

from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any, Protocol, cast

import attrs
import narwhals as nw


if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Sequence

    # what is written for Narwhals' type is meant for any with its methods
    from narwhals import Expr


class Library(Protocol):
    """A module or an object that makes expressions, with its types under Narwhals' names."""

    @property
    def col(self) -> Callable[..., Any]:
        """Return the expression of a column."""
        ...

    @property
    def lit(self) -> Callable[..., Any]:
        """Return an expression of one value."""
        ...

    @property
    def when(self) -> Callable[..., Any]:
        """Return the beginning of a chain of cases."""
        ...

    @property
    def concat_str(self) -> Callable[..., Any]:
        """Concatenate texts."""
        ...


@attrs.frozen
class Reach:
    """The numbers with which a library's arithmetic is exact."""

    #: units are kept below this, so that no sum of two leaves it
    most: int = 2**61
    #: numbers of a column are read up to this
    furthest: int = 10**9
    #: and, where no step says how fine they are, to so many parts of one
    finest: int = 10**6
    #: expressions are kept short: what is asked more than once gets a column of its own
    splits: bool = False


NARWHALS = cast("Library", nw)
#: whole numbers of 64 bits
_BITS = Reach()
_library: ContextVar[Library] = ContextVar("library", default=NARWHALS)
_reach: ContextVar[Reach] = ContextVar("reach", default=_BITS)
_guards: ContextVar[list[Expr] | None] = ContextVar("guards", default=None)


@contextmanager
def using(
    library: Library, reach: Reach | None = None, guards: list[Expr] | None = None
) -> Generator[None]:
    """Yield while a library makes the expressions; ``guards`` as :func:`guards` returns them."""
    before, limit, list_ = _library.set(library), _reach.set(reach or _BITS), _guards.set(guards)
    try:
        yield
    finally:
        _library.reset(before)
        _reach.reset(limit)
        _guards.reset(list_)


def guards() -> list[Expr] | None:
    """Return the conditions so far under which the arithmetic of a row is exact.

    None: it must be exact in every row.
    """
    return _guards.get()


def stored(expr: Expr) -> Expr:
    """Return an expression that is used several times, in a cell of its own where it is written."""
    hook = getattr(type(_library.get()), "stored", None)
    return expr if hook is None else cast("Expr", hook(_library.get(), expr))


def quotient(dividend: Expr, divisor: Expr) -> Expr:
    """Return the quotient of two whole numbers, which is a whole number."""
    hook = getattr(type(_library.get()), "quotient", None)
    if hook is None:
        return dividend // divisor
    return cast("Expr", hook(_library.get(), dividend, divisor))


def reach() -> Reach:
    """Return the numbers with which the arithmetic is exact."""
    return _reach.get()


def col(name: str) -> Expr:
    """Return a column."""
    return cast("Expr", _library.get().col(name))


def kept(name: str, expr: Expr) -> Expr:
    """Return the column into which an expression was put."""
    library = _library.get()
    keep = getattr(library, "kept", None)
    return col(name) if keep is None else cast("Expr", keep(name, expr))


def presence(expr: Expr) -> Expr:
    """Return an expression for whether a value is given, whatever the value."""
    library = _library.get()
    # a library may have any name as a type
    mark = getattr(type(library), "presence", None)
    return expr if mark is None else cast("Expr", mark(library, expr))


def lit(value: object, dtype: object = None) -> Expr:
    """Return one value for every row; the type as Narwhals names it."""
    return cast("Expr", _library.get().lit(value, dtype=None if dtype is None else _type(dtype)))


def when(condition: Expr) -> Any:  # noqa: ANN401 - what waits for its ``then``
    """Return the beginning of a chain of cases."""
    return _library.get().when(condition)


def concat(parts: Sequence[Expr]) -> Expr:
    """Concatenate texts."""
    return cast("Expr", _library.get().concat_str(list(parts)))


def cast_to(expr: Expr, dtype: object) -> Expr:
    """Convert an expression to another type, as Narwhals names it."""
    return expr.cast(_type(dtype))


def _type(dtype: object) -> Any:  # noqa: ANN401 - types are classes and instances
    """Return the type of the library for one of Narwhals."""
    library = _library.get()
    if library is NARWHALS:
        return dtype
    if isinstance(dtype, nw.Decimal):
        return library.Decimal(dtype.precision, dtype.scale)  # type: ignore[attr-defined]
    return getattr(library, cast("type", dtype).__name__)
