"""What a column holds in each row: the value, whether it is given, whether it is allowed.

Every type is read exactly or not at all; a row with a value that is not read is *not taken*. It may
be right all the same: see :mod:`kpirules.dataframe.execute`.
"""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, TypeAlias, cast

import attrs
import narwhals as nw

from kpirules.arithmetic.decision_table import Axis
from kpirules.arithmetic.number import exact
from kpirules.arithmetic.range import Range
from kpirules.codegen import backend
from kpirules.codegen.fixed_point import BeyondError, Units, chain, choose, constant, within
from kpirules.codegen.truth import NO, YES, Truth, every, opposite, some
from kpirules.evaluation.record import FLAGS as WORDS
from kpirules.translations.message import Message


if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from decimal import Decimal

    from kpirules.arithmetic.number import Number


#: what a text must be so that the float nearest to it tells its digits: at most nine before the
#: point and six after it, beside zeros
PLAIN = r"^-?0*[0-9]{1,9}(\.[0-9]{1,6}0*)?$"

#: any character but those that Python strips: libraries differ in what is a blank to them
_SOMETHING = "[^\t-\r\x1c-\x20\x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]"


#: a percent sign, with the blanks before it
_PERCENT = "[ ]*%$"


@attrs.frozen(kw_only=True)
class Fact:
    """The values that a name has for the rows of a frame."""

    #: a number; null or anything where the row has none
    number: Units | None = None
    #: one of some texts
    text: nw.Expr | None = None
    #: the place of that text among the options, where that is known
    code: Units | None = None
    #: whether a flag is true
    flag: Truth | None = None
    #: the texts that it may be
    options: tuple[str, ...] = ()
    #: the row has a value
    given: Truth = YES
    #: whether the value is allowed, where one is given
    taken: Truth = YES
    #: what must hold before this value means anything
    after: frozenset[int] = frozenset()
    level: int = 0
    #: the number was computed from safe numbers
    is_safe: bool = False
    #: left out of every record: no entry of a ``when`` holds but "missing"
    is_out: bool = False
    #: left out of some records
    may_be_excluded: bool = False

    @property
    def safe(self) -> Units:
        """Return the number for arithmetic: null where it is not allowed, 0 where there is none.

        Some backends stop where any row leaves 64 bits.
        """
        number = self.number or constant(0)
        if number.only is not None or self.is_safe:
            return number
        inside = backend.when(number.expr.is_between(number.low, number.high))
        return attrs.evolve(number, expr=inside.then(number.expr), is_kept=False)

    @property
    def lacking(self) -> Truth:
        """Where the row has no value."""
        return opposite(self.given)


#: puts an expression of some level into a column of its own; returns the column and its level
Keep: TypeAlias = "Callable[[nw.Expr, int], tuple[nw.Expr, int]]"

#: nothing is ever given
NOTHING = Fact(given=NO)


def kind_of(dtype: nw.dtypes.DType) -> str:
    """Return the kind of a column's type; empty for a type that no value of a record has."""
    if isinstance(dtype, nw.Int64):
        return "whole"
    if isinstance(dtype, _NARROW):
        return "narrow"
    if isinstance(dtype, nw.Float64):
        return "float"
    if isinstance(dtype, nw.Boolean):
        return "flag"
    if isinstance(dtype, nw.String):
        return "string"
    if isinstance(dtype, (nw.Categorical, nw.Enum)):
        return "category"
    if isinstance(dtype, _DIGITS):
        return "digits"
    # a column of nothing but nulls
    return "none" if isinstance(dtype, nw.Unknown) else ""


#: so many texts are compared one by one
_FEW = 8
#: whole numbers of fewer bits than the units have
_NARROW = (nw.Int8, nw.Int16, nw.Int32, nw.UInt8, nw.UInt16, nw.UInt32)
#: numbers that are read by their digits
_DIGITS = (nw.Float16, nw.Float32, nw.Decimal, nw.UInt64, nw.Int128, nw.UInt128)

TEXTS = frozenset({"string", "category", "none"})
_PLAIN_NUMBERS = frozenset({"whole", "narrow", "float", "digits"})
NUMBERS = TEXTS | _PLAIN_NUMBERS
FLAGS = NUMBERS | {"flag"}
#: texts that are options by any of their spellings
SPELLED = "spelled"
#: what the kind of a column begins with whose numbers are counted in units
_UNITS = "units of 1/"


def units_of(den: int) -> str:
    """Return the kind of a column of kpirules' own, of whole numbers of units of ``1 / den``.

    >>> units_of(100)
    'units of 1/100'
    """
    return f"{_UNITS}{den}"


def number(
    name: str,
    kind: str,
    axis: Axis,
    ranges: Sequence[Range],
    keep: Keep,
    *,
    percent: bool = False,
) -> Fact:
    """Read numbers of an axis that must lie in some ranges; ``percent``: "95%" is 95."""
    column, level = backend.col(name), 0
    step = None if axis.step is None else Fraction(axis.step)
    if kind.startswith(_UNITS):
        return _counted(column, int(kind.removeprefix(_UNITS)), ranges, step)
    if kind not in ("whole", "narrow", "float"):
        # parsed once, since the number is used many times
        column, level = keep(_parsed(name, kind, percent=percent), 0)
    den = backend.reach().finest if step is None else step.denominator
    furthest = _furthest(den)
    if kind in ("whole", "narrow"):
        value = column if kind == "whole" else backend.cast_to(column, nw.Int64)
        given = Truth(expr=~value.is_null())
        read = _read(value, 1)
        taken = [_within(read, ranges)]
        if den != 1:
            near = backend.when(value.is_between(-furthest, furthest)).then(value)
            read = _read(near, 1).in_units(den)
    else:
        given = Truth(expr=~column.is_null(), level=level)
        plain = Truth(expr=column.is_finite(), level=level)
        close = backend.when(plain.column & column.is_between(float(-furthest), float(furthest)))
        near = close.then(column)
        # the number is asked for many times
        counted, level = keep(backend.cast_to((near * den + 0.5).floor(), nw.Int64), level)
        read = attrs.evolve(_read(counted, den), level=level)
        # The float nearest to a number of so few digits is that of no other. A column divides it,
        # made of the values: by one number (also one that every row chooses) polars does not
        # divide but multiplies with its inverse, which is another float.
        divisor = near * 0.0 + float(den)
        exactly = backend.cast_to(counted, nw.Float64) / divisor == column
        taken = [plain, Truth(expr=exactly, level=level), _within(read, ranges)]
    taken += _on_steps(read, step)
    low, high = _ends(ranges, read.den)
    is_kept = kind not in ("whole", "narrow") or (kind == "whole" and den == 1)
    low, high = max(read.low, low), min(read.high, high)
    if low > high and backend.guards() is not None:
        raise BeyondError
    read = attrs.evolve(read, low=low, high=high, is_kept=is_kept)
    return Fact(number=read, given=given, taken=every(taken))


def _counted(column: nw.Expr, den: int, ranges: Sequence[Range], step: Fraction | None) -> Fact:
    """Read a column of whole numbers of units."""
    if step is not None and den % step.denominator:
        raise BeyondError(Message.of("cannot-express.several-grids"))
    read = _read(column, den)
    taken = [_within(read, ranges), *_on_steps(read, step)]
    low, high = _ends(ranges, den)
    number_ = attrs.evolve(read, low=max(read.low, low), high=min(read.high, high), is_kept=True)
    return Fact(number=number_, given=Truth(expr=~column.is_null()), taken=every(taken))


def _on_steps(read: Units, step: Fraction | None) -> list[Truth]:
    """Return whether numbers are multiples of a step; nothing if they are without asking."""
    if step is None or step == Fraction(1, read.den):
        return []
    units = step.numerator * (read.den // step.denominator)
    return [Truth(expr=read.expr % units == 0, level=read.level)]


def _furthest(den: int) -> int:
    """Return up to which number a column is read; one of finer numbers less far, if rows may."""
    reach = backend.reach()
    if backend.guards() is None:
        return reach.furthest
    # a few times this is computed as well
    return min(reach.furthest, reach.most // (8 * den))


def _read(expr: nw.Expr, den: int) -> Units:
    """Read a column as units."""
    furthest = _furthest(den)
    return Units(expr=expr, den=den, low=-furthest * den, high=furthest * den)


def _parsed(name: str, kind: str, *, percent: bool) -> nw.Expr:
    """Read a column of texts or digits as floats: null if nothing is given, NaN if not a number."""
    column = backend.col(name)
    text_ = backend.cast_to(column, nw.String).str.strip_chars()
    given = ~column.is_null() if kind == "digits" else _said(text_).column
    if percent and kind != "digits":
        text_ = text_.str.replace_all(_PERCENT, "")
    plain = text_.str.contains(PLAIN)
    digits = backend.when(plain).then(text_).otherwise(backend.lit("0"))
    value = backend.when(plain).then(backend.cast_to(digits, nw.Float64))
    read: nw.Expr = backend.when(given).then(value.otherwise(backend.lit(float("nan"))))
    return read


def _within(read: Units, ranges: Sequence[Range]) -> Truth:
    """Restrict what is read to ranges, and to the rows that can be read."""
    furthest = _furthest(read.den)
    ends = Range.closed(-furthest, furthest)
    spans = [met for r in ranges if (met := r.meet(ends)) is not None]
    wide = attrs.evolve(read, low=4 * read.low, high=4 * read.high)
    return within(wide, spans)


def _ends(ranges: Sequence[Range], den: int) -> tuple[int, int]:
    """Return the least and the greatest units in some ranges."""
    furthest = _furthest(den)
    lows = [-furthest if r.low is None else r.low[0] for r in ranges]
    highs = [furthest if r.high is None else r.high[0] for r in ranges]
    low, high = Fraction(min(lows, default=0)) * den, Fraction(max(highs, default=0)) * den
    return int(low // 1), int(-(-high // 1))


def _said(text: nw.Expr) -> Truth:
    """Return whether a text gives a value: blanks and "n/a" do not."""
    # a look-up is faster than lower case
    return Truth(expr=~text.is_in(["", "n/a", "N/A", "n/A", "N/a"]).fill_null(value=True))


def says(name: str, kind: str) -> Truth:
    """Return whether a column gives anything: a blank text does not, "n/a" does."""
    if kind == "none":
        return NO
    column = backend.col(name)
    if kind not in (*TEXTS, SPELLED):
        return Truth(expr=~column.is_null())
    text_ = backend.cast_to(column, nw.String)
    return Truth(expr=text_.str.contains(_SOMETHING).fill_null(value=False))


def text(name: str, kind: str, options: tuple[str, ...]) -> Fact:
    """Read one of some codes as it is: to strip blanks would cost more than all else."""
    if kind == "none":
        return Fact(text=backend.lit(""), options=options, given=NO)
    value = backend.col(name)
    if kind != "string":
        value = backend.cast_to(value, nw.String)
    given = Truth(expr=~value.is_in(["", "n/a", "N/A"]).fill_null(value=True))
    return Fact(text=value, options=options, given=given, taken=one_of(value, options))


def spelled(name: str, options: Sequence[str], spellings: Mapping[str, Sequence[str]]) -> Fact:
    """Read options by their codes, else by any spelling that fits one option alone.

    Case and outer blanks do not matter; the backend decides what is lower case beyond ASCII.
    """
    value = backend.cast_to(backend.col(name), nw.String)
    as_it_is = one_of(value, options)
    # most rows are codes as they are: of these there is nothing to make
    key = backend.when(~as_it_is.column).then(value).str.strip_chars().str.to_lowercase()
    keys: dict[str, list[str]] = {}
    for spelling, fits in spellings.items():
        if len(fits) == 1:
            keys.setdefault(fits[0], []).append(spelling.strip().lower())
    cases = [(one_of(key, tuple({*texts})), backend.lit(code)) for code, texts in keys.items()]
    nothing = key.is_in(["", "n/a"]).fill_null(value=False)
    given = Truth(expr=~(value.is_null() | nothing))
    text_ = chain([(as_it_is, value), *cases], value)
    return Fact(text=text_, options=tuple(options), given=given)


def numbered(name: str, kind: str, codes: Mapping[Number, str], keep: Keep) -> Fact:
    """Read options by the numbers that they are written as."""
    read = number(name, kind, Axis(), [Range.exactly(each) for each in codes], keep)
    found = read.number or constant(0)
    cases = [
        (within(found, [Range.exactly(each)]), backend.lit(code)) for each, code in codes.items()
    ]
    text_ = chain(cases, backend.lit(""))
    options = tuple(dict.fromkeys(codes.values()))
    return attrs.evolve(read, number=None, text=text_, options=options, level=found.level)


def one_of(value: nw.Expr, options: Sequence[str]) -> Truth:
    """Return whether a text is one of some; a few comparisons are quicker than a look-up."""
    if len(options) > _FEW:
        return Truth(expr=value.is_in(list(options)))
    return some(Truth(expr=value == backend.lit(option)) for option in options)


def flag(name: str, kind: str, keep: Keep) -> Fact:
    """Read a flag, a word for it, or 1 and 0."""
    column = backend.col(name)
    if kind in _PLAIN_NUMBERS:
        read = number(name, kind, Axis(step=1), [Range.closed(0, 1)], keep)
        truth = within(read.number or constant(0), [Range.exactly(1)])
        return attrs.evolve(read, number=None, flag=truth)
    if kind == "flag":
        return Fact(flag=Truth(expr=column), given=Truth(expr=~column.is_null()))
    word = backend.cast_to(column, nw.String).str.strip_chars().str.to_lowercase()
    yes = [each for each, truth in WORDS.items() if truth]
    taken = Truth(expr=word.is_in(list(WORDS)))
    return Fact(flag=Truth(expr=word.is_in(yes)), given=_said(word), taken=taken)


def fixed(value: Decimal | str | bool) -> Fact:  # noqa: FBT001 - a default may be a flag
    """Return one value for every row."""
    if isinstance(value, bool):
        return Fact(flag=Truth(expr=value))
    if isinstance(value, str):
        return Fact(text=backend.lit(value), options=(value,))
    return Fact(number=constant(exact(value)))


def with_default(fact: Fact, default: Fact) -> Fact:
    """Return a fact with a default where nothing is given."""
    if fact.given.expr is False:
        return default
    made = attrs.evolve(fact, given=default.given)
    if fact.number is not None and default.number is not None:
        return attrs.evolve(made, number=choose(fact.given, fact.number, default.number))
    if fact.text is not None and default.text is not None:
        return attrs.evolve(made, text=chain([(fact.given, fact.text)], default.text))
    flag, other = cast("Truth", fact.flag), cast("Truth", default.flag)
    expr = chain([(fact.given, flag.column)], other.column)
    return attrs.evolve(made, flag=Truth(expr=expr, level=max(fact.given.level, flag.level)))
