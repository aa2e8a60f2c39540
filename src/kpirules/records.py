"""Reading a record: what each input and rating may be, and what is wrong where it is not."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from kpirules.errors import Problem
from kpirules.numbers import NotExactError, Number, exact, multiple, show
from kpirules.terms import axis_of, describe_input
from kpirules.texts import listed, similar
from kpirules.trees import is_list, is_table, is_tuple


if TYPE_CHECKING:
    from kpirules.criteria import CriterionPlan
    from kpirules.model import Input
    from kpirules.plan import Plan
    from kpirules.result import Given


#: the longest remark that is kept
MAX_REMARK = 2_000
#: the longest list of numbers that is read
MAX_ITEMS = 1_000
#: a record with more names than this is refused unread
MAX_NAMES = 10_000


class RefusedError(ValueError):
    """A value that its input does not admit; the text says why."""


def is_missing(value: object) -> bool:
    """Say whether a value stands for nothing: None, an empty or blank text, "n/a".

    >>> [is_missing(v) for v in (None, "", " ", "n/a", "N/A", 0, "0")]
    [True, True, True, True, True, False, False]
    """
    if value is None:
        return True
    return isinstance(value, str) and value.strip().casefold() in ("", "n/a")


class Reader(ABC):
    """Reads the values of one input or rating."""

    def __init__(self, name: str, admissible: str) -> None:
        self.name = name
        #: what may be given, in words
        self.admissible = admissible

    @abstractmethod
    def read(self, value: object) -> Given:
        """Take a value; :class:`RefusedError` where it is not admissible."""

    def problem(self, value: object, message: str, suggestion: str | None = None) -> Problem:
        """Say what is wrong with a value."""
        return Problem(
            input=self.name,
            value=value,
            message=message,
            admissible=self.admissible,
            suggestion=suggestion,
        )


class NumberReader(Reader):
    """Reads counts and numbers."""

    def __init__(self, fact: Input) -> None:
        super().__init__(fact.name, describe_input(fact))
        self._axis = axis_of(fact)
        self._whole = fact.type == "count"

    def read(self, value: object) -> Number:
        """Take a number on the grid and within the range."""
        number = _number(value)
        if self._whole and isinstance(number, Fraction):
            raise RefusedError("is not a whole number")
        if not self._axis.domain.contains(number):
            raise RefusedError("is out of range")
        step = self._axis.step
        if step is not None and not multiple(number, step):
            raise RefusedError(f"is not a multiple of {show(step)}")
        return number


class Numbers(tuple[Number, ...]):
    """A list of numbers as it was read; a type of its own, so that no other is taken for one."""

    __slots__ = ()


class ListReader(Reader):
    """Reads lists of numbers."""

    def __init__(self, fact: Input) -> None:
        super().__init__(fact.name, describe_input(fact))
        self._item = NumberReader(fact)

    def read(self, value: object) -> Numbers:
        """Take numbers, each on the grid and within the range; a text parts them by ``;``."""
        items = value.split(";") if isinstance(value, str) else value
        if not (is_list(items) or is_tuple(items)):
            raise RefusedError("is not a list of numbers")
        if len(items) > MAX_ITEMS:
            raise RefusedError(f"has {len(items)} numbers; at most {MAX_ITEMS} are read")
        read: list[Number] = []
        for i, item in enumerate(items, 1):
            try:
                read.append(self._item.read(item))
            except RefusedError as error:
                raise RefusedError(f"{error} (number {i} of {len(items)})") from None
        return Numbers(read)


class OptionReader(Reader):
    """Reads the options of a choice."""

    def __init__(self, fact: Input) -> None:
        super().__init__(fact.name, describe_input(fact))
        self.options = tuple(option.code for option in fact.options)

    def read(self, value: object) -> str:
        """Take one of the codes; blanks around it do not matter."""
        if not isinstance(value, str):
            raise RefusedError("is not one of the options")
        code = value.strip()
        if code not in self.options:
            raise RefusedError("is not one of the options")
        return code


class FlagReader(Reader):
    """Reads true and false."""

    def __init__(self, fact: Input) -> None:
        super().__init__(fact.name, describe_input(fact))

    def read(self, value: object) -> bool:
        """Take a flag, or the word for it; 0 and 1 are numbers."""
        if isinstance(value, bool):
            return value
        word = value.strip().casefold() if isinstance(value, str) else None
        if word not in ("true", "false"):
            raise RefusedError("is not true or false")
        return word == "true"


class RatingReader(Reader):
    """Reads the rating of a criterion."""

    def __init__(self, criterion: CriterionPlan, name: str) -> None:
        super().__init__(name, criterion.admissible_text)
        self._criterion = criterion

    def read(self, value: object) -> Number:
        """Take a rating on the grid that some band admits."""
        number = _number(value)
        step = self._criterion.step
        if self._criterion.is_judged and not multiple(number, step):
            raise RefusedError(f"is not a multiple of {show(step)}, the step of ratings")
        if not self._criterion.rows_of_rating(number):
            raise RefusedError("is not awarded")
        return number


class RemarkReader(Reader):
    """Reads the text on a criterion that takes no points."""

    def __init__(self, criterion: CriterionPlan) -> None:
        super().__init__(criterion.criterion.id, f"a text of at most {MAX_REMARK} characters")

    def read(self, value: object) -> str:
        """Take a text as it is."""
        if not isinstance(value, str):
            raise RefusedError("is not a text; this criterion takes a remark and no points")
        if len(value) > MAX_REMARK:
            raise RefusedError(f"has {len(value)} characters")
        return value


def _number(value: object) -> Number:
    """Take an exact number, or refuse in its words."""
    try:
        return exact(value)
    except NotExactError as error:
        raise RefusedError(str(error)) from None


_KINDS: dict[str, type[NumberReader | OptionReader | FlagReader]] = {
    "count": NumberReader,
    "number": NumberReader,
    "choice": OptionReader,
    "flag": FlagReader,
}


def reader_of(fact: Input) -> Reader:
    """Make the reader of an input."""
    if fact.many:
        return ListReader(fact)
    return _KINDS[fact.type](fact)


def readers_of(plan: Plan) -> dict[str, Reader]:
    """Make the readers of all names that a record may have: inputs, then ratings and remarks."""
    readers: dict[str, Reader] = {f.name: reader_of(f) for f in plan.rubric.inputs}
    for c in plan.criteria:
        if c.is_remark:
            readers[c.id] = RemarkReader(c)
        else:
            readers |= {name: RatingReader(c, name) for name in c.rating_names}
    return readers


def read_record(
    readers: Mapping[str, Reader], record: Mapping[Any, object]
) -> tuple[dict[str, Given], list[Problem]]:
    """Read a record: what is given and admissible, and all problems with the rest."""
    given: dict[str, Given] = {}
    problems: list[Problem] = []
    if len(record) > MAX_NAMES:
        return given, [_too_long(record)]
    for name, value in flat(record):
        reader = readers.get(name) if isinstance(name, str) else None
        if reader is None:
            problems.append(_unknown(name, value, tuple(readers)))
        elif not is_missing(value):
            try:
                given[name] = reader.read(value)
            except RefusedError as error:
                near = _near_option(reader, value)
                problems.append(reader.problem(value, str(error), near))
    return given, problems


def flat(record: Mapping[Any, object]) -> Iterator[tuple[Any, object]]:
    """Give names and values; a table under a name is written with dots."""
    for name, value in record.items():
        # an empty table holds no names; it is refused as the value that it is
        if isinstance(name, str) and is_table(value) and value:
            yield from ((f"{name}.{inner}", each) for inner, each in value.items())
        else:
            yield name, value


def _too_long(record: Mapping[str, object]) -> Problem:
    """Refuse a record of too many names."""
    return Problem(input="record", message=f"has {len(record)} names; at most {MAX_NAMES}")


def _near_option(reader: Reader, value: object) -> str | None:
    """Guess the option that was meant."""
    if isinstance(reader, OptionReader) and isinstance(value, str):
        return similar(value.strip(), reader.options)
    return None


def _unknown(name: object, value: object, known: tuple[str, ...]) -> Problem:
    """Refuse a name that the rubric does not know."""
    if not isinstance(name, str):
        return Problem(input=str(name)[:100], value=value, message="names are texts")
    near = similar(name, known)
    names = "" if near else f"the names {listed(known)}"
    return Problem(
        input=name,
        value=value,
        message="is no name of this rubric",
        admissible=names,
        suggestion=near,
    )
