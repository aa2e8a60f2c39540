"""Reading a record: what each input and rating may be, and what is wrong where it is not."""

from __future__ import annotations

import re
import sys
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from typing import TYPE_CHECKING, Any, TypeGuard, cast

from kpirules._internal.display import folded, similar
from kpirules.arithmetic.number import (
    MAX_DIGITS,
    NotExactError,
    Number,
    as_bool,
    decimal_of,
    describe,
    exact,
    multiple,
    show,
)
from kpirules.arithmetic.ratio import Numbers
from kpirules.compiler.domains import MAX_TEXT, allowed_values, axis_of
from kpirules.errors import Problem
from kpirules.evaluation.list_items import MAX_ITEMS, items_of
from kpirules.evaluation.number_lists import numbers_of
from kpirules.translations.message import Message, MessageError, Named


if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from kpirules.arithmetic.decision_table import Axis
    from kpirules.compiler.criteria import CompiledCriterion
    from kpirules.compiler.plan import Plan
    from kpirules.evaluation.result_parts import Given, Item
    from kpirules.model.rubric import Input, Option, Text
    from kpirules.translations.message import ByLanguage


#: the longest remark that is kept
MAX_REMARK = 2_000
#: the words for true and false, as :func:`~kpirules._internal.display.folded` leaves them
FLAGS = {
    **dict.fromkeys(("true", "yes", "y", "1", "是", "有", "√", "✓"), True),
    **dict.fromkeys(("false", "no", "n", "0", "否", "无", "\N{MULTIPLICATION SIGN}", "✗"), False),
}
#: the problems of a text that is several items, or none
_NOT_AN_ITEM = ("problem.not-a-number", "problem.not-an-option", "problem.not-a-flag")
#: a number as :func:`~kpirules.arithmetic.number.show` spells it
_NUMERAL = re.compile(r"0|-?[1-9][0-9]{0,17}|-?(?:0|[1-9][0-9]{0,17})\.[0-9]{0,17}[1-9]", re.ASCII)
#: a record with more names than this is rejected unread
MAX_NAMES = 10_000


class RefusedError(MessageError):
    """A value that its input does not allow."""


def is_missing(value: object) -> bool:
    """Return whether a value means "missing": None, an empty or blank text, "n/a", pandas' NA.

    NaN does not: it is the result of a computation.

    >>> [is_missing(v) for v in (None, "", " ", "n/a", "N/A", 0, "0")]
    [True, True, True, True, True, False, False]
    """
    if value is None:
        return True
    if isinstance(value, str):
        return value.strip().casefold() in ("", "n/a")
    # where nothing has imported pandas, no value is one of its
    pandas = sys.modules.get("pandas")
    return value is getattr(pandas, "NA", None) or value is getattr(pandas, "NaT", None)


class Reader(ABC):
    """Reads the values of one input or rating."""

    def __init__(self, name: str, allowed: Message, label: ByLanguage | None) -> None:
        self.name = name
        #: what may be given
        self.allowed = allowed
        self.label = label

    @abstractmethod
    def read(self, value: object) -> Given:
        """Return the value that is meant; raise :class:`RefusedError` if it is not allowed."""

    def near(self, value: object) -> Named | None:  # noqa: ARG002 - of a choice
        """Return the value that was probably meant, as it is spelled."""
        return None

    def problem(self, value: object, reason: Message, near: Named | None = None) -> Problem:
        """Return the problem of a value."""
        return Problem(
            input=self.name,
            value=value,
            reason=reason,
            allowed=self.allowed,
            suggestion=None if near is None else near.id,
            suggestion_label=None if near is None else near.label,
            label=self.label,
        )


class NumberReader(Reader):
    """Reads counts and numbers."""

    def __init__(self, fact: Input) -> None:
        super().__init__(fact.name, allowed_values(fact), fact.label)
        self.axis: Axis = axis_of(fact)
        self._whole = fact.type == "count"
        self._percent = is_percent(fact)

    def read(self, value: object) -> Number:
        """Return a number on the grid and within the range."""
        number = _number(value, percent=self._percent)
        if self._whole and isinstance(number, Fraction):
            raise RefusedError(Message.of("problem.not-whole"))
        if not self.axis.domain.contains(number):
            raise RefusedError(Message.of("problem.out-of-range"))
        step = self.axis.step
        if step is not None and not multiple(number, step):
            raise RefusedError(Message.of("problem.off-step", step=step))
        return number

    def read_all(self, values: Sequence[object]) -> Numbers | None:
        """Read several numbers together; None if each must be read by itself."""
        return numbers_of(values, self.axis, is_whole=self._whole)


class ListReader(Reader):
    """Reads lists, each item as the input's type says."""

    def __init__(self, fact: Input) -> None:
        super().__init__(fact.name, allowed_values(fact), fact.label)
        self._item = _KINDS[fact.type](fact)

    def read(self, value: object) -> tuple[Item, ...]:
        """Return the items, each of which is allowed; ``;`` separates them in a text."""
        items = items_of(value)
        of_numbers = isinstance(self._item, NumberReader)
        if items is None:
            raise RefusedError(
                Message.of("problem.not-a-list" if of_numbers else "problem.not-a-list_items")
            )
        if len(items) > MAX_ITEMS:
            key = "problem.too-long_list" if of_numbers else "problem.too-long_items"
            raise RefusedError(Message.of(key, length=len(items), max_length=MAX_ITEMS))
        if isinstance(self._item, NumberReader):
            quickly = self._item.read_all(items)
            if quickly is not None:
                return quickly
        read: list[Item] = []
        for i, item in enumerate(items, 1):
            try:
                read.append(self._item.read(item))
            except RefusedError as error:
                key = "problem-part.item" if of_numbers else "problem-part.item_any"
                if isinstance(value, str) and len(items) == 1 and error.reason.key in _NOT_AN_ITEM:
                    # perhaps several items that another character separates
                    key = "problem-part.item_one"
                raise RefusedError(
                    Message.of(key, reason=error.reason, item=i, items=len(items))
                ) from None
        return Numbers(read) if of_numbers else tuple(read)  # type: ignore[arg-type]  # all numbers


class OptionReader(Reader):
    """Reads the options of a choice."""

    def __init__(self, fact: Input) -> None:
        super().__init__(fact.name, allowed_values(fact), fact.label)
        self.options: tuple[str, ...] = tuple(option.code for option in fact.options)
        self.labels: dict[str, Text | None] = {option.code: option.label for option in fact.options}
        texts = [(text, option.code) for option in fact.options for text in _texts_of(option)]
        self._fits: dict[str, tuple[str, ...]] = {}
        for text, code in texts:
            fits = self._fits.get(folded(text), ())
            self._fits[folded(text)] = fits if code in fits else (*fits, code)
        #: codes and labels as they are written, and the options that each fits
        self.spellings: dict[str, tuple[str, ...]] = {
            text: self._fits[folded(text)] for text, _ in texts
        }
        #: the options that are written as numbers
        self.numbers: dict[Number, str] = {
            exact(text): text if text in self.options else fits[0]
            for text, fits in self._fits.items()
            if _NUMERAL.fullmatch(text) and (text in self.options or len(fits) == 1)
        }

    def read(self, value: object) -> str:
        """Return the option of a code or label, compared without case, width and outer blanks.

        A number is read as its digits. An exact code means itself, whatever else it fits.
        """
        text = _digits(value)
        if text in self.options:
            return text
        if text.strip() in self.options:
            return text.strip()
        fits = self._fits.get(folded(text), ())
        if len(fits) > 1:
            raise RefusedError(Message.of("problem.ambiguous-option", options=fits))
        if not fits:
            raise RefusedError(Message.of("problem.not-an-option"))
        return fits[0]

    def near(self, value: object) -> Named | None:
        """Return the option that was probably meant."""
        near = similar(value.strip(), tuple(self.spellings)) if isinstance(value, str) else None
        return None if near is None else Named(near, self.labels.get(near))


class FlagReader(Reader):
    """Reads true and false."""

    def __init__(self, fact: Input) -> None:
        super().__init__(fact.name, allowed_values(fact), fact.label)

    def read(self, value: object) -> bool:
        """Return the flag of a flag, of a word for it (:data:`FLAGS`), or of the number 1 or 0."""
        truth = as_bool(value)
        if truth is None:
            truth = FLAGS.get(folded(_digits(value)))
        if truth is None:
            raise RefusedError(Message.of("problem.not-a-flag"))
        return truth


class TextReader(Reader):
    """Reads texts by which records are grouped."""

    def __init__(self, fact: Input) -> None:
        super().__init__(fact.name, allowed_values(fact), fact.label)

    def read(self, value: object) -> str:
        """Return a text without outer blanks; a number is read as its digits."""
        text = _digits(value).strip()
        if not text:
            raise RefusedError(Message.of("problem.not-a-text_group"))
        if len(text) > MAX_TEXT:
            raise RefusedError(Message.of("problem.too-long_text", length=len(text)))
        return text


class RatingReader(Reader):
    """Reads the rating of a criterion."""

    def __init__(self, criterion: CompiledCriterion, name: str, label: ByLanguage | None) -> None:
        super().__init__(name, criterion.allowed_ratings, label)
        self.criterion = criterion

    def read(self, value: object) -> Number:
        """Return a rating on the grid that some band allows."""
        number = _number(value)
        step = self.criterion.step
        if self.criterion.is_judged and not multiple(number, step):
            raise RefusedError(Message.of("problem.off-step_rating", step=step))
        if not self.criterion.rows_of_rating(number):
            raise RefusedError(Message.of("problem.not-allowed"))
        return number


class RemarkReader(Reader):
    """Reads the text on a criterion that takes no points."""

    def __init__(self, criterion: CompiledCriterion) -> None:
        allowed = Message.of("allowed.remark", max_length=MAX_REMARK)
        super().__init__(criterion.criterion.id, allowed, criterion.criterion.label)

    def read(self, value: object) -> str:
        """Return a text unchanged."""
        if not isinstance(value, str):
            raise RefusedError(Message.of("problem.not-a-text"))
        if len(value) > MAX_REMARK:
            raise RefusedError(Message.of("problem.too-long_text", length=len(value)))
        return str.__str__(value)


def is_percent(fact: Input) -> bool:
    """Return whether an input counts percents: its unit is ``%`` in some language."""
    texts = () if fact.unit is None else fact.unit.by_language
    return any(folded(text) == "%" for _, text in texts)


def _number(value: object, *, percent: bool = False) -> Number:
    """Return an exact number, or raise :class:`RefusedError`; ``percent``: "95%" is 95."""
    try:
        if isinstance(value, str) and len(value) <= 4 * MAX_DIGITS:
            bare, sign, after = folded(value).rpartition("%")
            if sign and not after:
                number = exact(bare)
                if not percent:
                    raise RefusedError(Message.of("problem.percentage"))
                return number
        return exact(value)
    except NotExactError as error:
        raise RefusedError(error.reason) from None


def _digits(value: object) -> str:
    """Return a text, or a number as people write it; of all else a text that nothing is."""
    if isinstance(value, str):
        return str.__str__(value)
    try:
        return show(exact(value))
    except NotExactError:
        return ""


def _texts_of(option: Option) -> Iterator[str]:
    """Yield the code of an option, and its label in every language."""
    yield option.code
    if option.label is not None:
        yield from (text for _, text in option.label.by_language)


_KINDS: dict[str, type[NumberReader | OptionReader | FlagReader | TextReader]] = {
    "count": NumberReader,
    "number": NumberReader,
    "choice": OptionReader,
    "flag": FlagReader,
    "text": TextReader,
}


def reader_of(fact: Input) -> Reader:
    """Return the reader of an input."""
    if fact.many:
        return ListReader(fact)
    return _KINDS[fact.type](fact)


def reads_numbers(reader: Reader) -> bool:
    """Return whether each value that is read is a number."""
    return isinstance(reader, (NumberReader, RatingReader))


def readers_of(plan: Plan) -> dict[str, Reader]:
    """Return the readers of all names of a record: inputs, then ratings and remarks."""
    readers: dict[str, Reader] = {name: reader_of(fact) for name, fact in plan.scope.inputs.items()}
    for c in plan.criteria:
        if c.is_remark:
            readers[c.id] = RemarkReader(c)
        else:
            readers |= {
                name: RatingReader(c, name, plan.scope.labels.get(name)) for name in c.rating_names
            }
    return readers


def read_record(
    readers: Mapping[str, Reader],
    record: Mapping[Any, object],
    read: Callable[[Reader, object], Given] = lambda reader, value: reader.read(value),
) -> tuple[dict[str, Given], list[Problem]]:
    """Return the valid values of a record, and all problems of the others."""
    given: dict[str, Given] = {}
    spelled: dict[str, tuple[object, Given | None]] = {}
    problems: list[Problem] = []
    if len(record) > MAX_NAMES:
        return given, [_too_long(record)]
    for name, value in flat(record):
        reader = readers.get(name) if isinstance(name, str) else None
        if reader is None:
            problems.append(unknown(name, value, readers))
        elif not is_missing(value):
            value_read: Given | None = None
            try:
                value_read = given[reader.name] = read(reader, value)
            except RefusedError as error:
                problems.append(rejection(reader, value, error.reason))
            first, first_read = spelled.setdefault(reader.name, (value, value_read))
            if first_read != value_read:
                # with dots, and in a table
                twice = Message.of("problem.given-twice", other=describe(value))
                problems.append(reader.problem(first, twice))
    return given, problems


def rejection(reader: Reader, value: object, reason: Message) -> Problem:
    """Return the problem of a value that a reader rejects."""
    return reader.problem(value, reason, reader.near(value))


def flat(record: Mapping[Any, object]) -> Iterator[tuple[Any, object]]:
    """Yield names and values; the keys of a table under a name are joined by dots."""
    for name, value in record.items():
        if _is_nested(value, name):
            yield from ((f"{name}.{inner}", each) for inner, each in value.items())
        else:
            yield name, value


def picked(record: Mapping[Any, object], names: Collection[object]) -> dict[Any, object]:
    """Return what a record gives for some names, with dots or nested as it is."""
    found: dict[Any, object] = {}
    for name, value in record.items():
        if _is_nested(value, name):
            inner = {n: v for n, v in value.items() if f"{name}.{n}" in names}
            found |= {name: inner} if inner else {}
        elif name in names:
            found[name] = value
    return found


def _is_nested(value: object, name: object) -> TypeGuard[Mapping[Any, object]]:
    """Return whether names with dots are written as a table under their first part.

    An empty table holds no names; it is rejected as the value that it is.
    """
    return (
        isinstance(name, str)
        and isinstance(value, Mapping)
        and bool(cast("Mapping[Any, object]", value))
    )


def read_value(reader: Reader, value: object) -> object:
    """Return a value as a result has it; one that is not allowed as it is."""
    try:
        read = reader.read(value)
    except RefusedError:
        return value
    if isinstance(read, (bool, str)):
        return read
    return value if isinstance(read, tuple) else decimal_of(read)


def _too_long(record: Mapping[str, object]) -> Problem:
    """Return the problem of a record with too many names."""
    reason = Message.of("problem.too-many-names", length=len(record), max_length=MAX_NAMES)
    return Problem(input="record", reason=reason)


def unknown(name: object, value: object, known: Mapping[str, Reader]) -> Problem:
    """Return the problem of a name that the rubric does not know."""
    if not isinstance(name, str):
        reason = Message.of("problem.unknown-name_type")
        return Problem(input=str(name)[:100], value=value, reason=reason)
    near = similar(name, tuple(known))
    names = tuple(Named(reader.name, reader.label) for reader in known.values())
    return Problem(
        input=name,
        value=value,
        reason=Message.of("problem.unknown-name"),
        allowed=None if near else Message.of("allowed.names", names=names),
        suggestion=near,
        suggestion_label=None if near is None else known[near].label,
    )
