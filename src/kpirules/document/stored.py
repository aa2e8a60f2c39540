"""A stored result read back from its JSON, each field by a function that knows its path.

A stored text is not trusted: whatever is in it, reading gives a result or one
:class:`~kpirules.errors.StoredResultError` that names the place. Sizes are bounded, so that all
that is done with a result afterwards (its sums, its explanation) takes little time.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import date
from fractions import Fraction
from typing import TYPE_CHECKING, Any, Final, Literal, NoReturn, TypeVar

import attrs

from kpirules.document.results import VERSION
from kpirules.errors import StoredResultError
from kpirules.model import Text
from kpirules.numbers import PLAIN, Exact, NotExactError, exact
from kpirules.origin import Package
from kpirules.ranges import Range, RangeSyntaxError
from kpirules.result import (
    EFFECTS,
    Condition,
    Form,
    GateHeld,
    Heading,
    Line,
    Part,
    Result,
    Step,
    TierReached,
    Verdict,
)
from kpirules.texts import brief, printable
from kpirules.trees import is_list, is_table


if TYPE_CHECKING:
    from kpirules.model import Entry
    from kpirules.numbers import Number
    from kpirules.result import Given

_T = TypeVar("_T")

#: the longest text of a result, in characters
MAX_LENGTH = 8_000_000
#: the most digits of a number, above and below its fraction bar; what is given has at most 18
MAX_DIGITS = 500
#: the last position of a band or gate, and the largest number of tiers
MAX_INDEX = 1_000_000

#: why a line was left out
_LEFT_OUT: Final[dict[str, Literal["", "missing", "weight"]]] = {
    "": "",
    "missing": "missing",
    "weight": "weight",
}
#: so many characters of a text are shown
_MOST_SHOWN = 60


@attrs.frozen
class Repeated:
    """An object that has a key twice: JSON readers keep one of the values, and not all the same."""

    key: str


def load(text: str | bytes) -> Result:
    """Read a result's JSON text (see :meth:`kpirules.result.Result.from_json`)."""
    return read(tree_of(text))


def tree_of(text: object) -> object:
    """Parse the JSON text of one result."""
    if not isinstance(text, (str, bytes)):
        kind = type(text).__name__
        raise StoredResultError(reason=f"the JSON of a result is a text, not {kind}")
    if len(text) > MAX_LENGTH:
        length = f"{len(text)} characters; at most {MAX_LENGTH} are read"
        raise StoredResultError(reason=f"this is not the JSON of a result: it has {length}")
    try:
        return parse(text)
    except ValueError as error:
        raise StoredResultError(reason=f"this is not JSON: {str(error)[:200]}") from None


def parse(text: str | bytes) -> object:
    """Parse JSON; ``ValueError`` where it is none. An object with a key twice is `Repeated`."""
    try:
        return json.loads(text, object_pairs_hook=_table, parse_constant=_no_constant)
    except RecursionError:
        raise ValueError("it is nested too deep") from None


def _table(pairs: list[tuple[str, object]]) -> object:
    """Make the table of an object."""
    table = dict(pairs)
    if len(table) == len(pairs):
        return table
    return Repeated(Counter(key for key, _ in pairs).most_common(1)[0][0])


def _no_constant(name: str) -> NoReturn:
    """Reject what JSON does not have: NaN, Infinity."""
    raise ValueError(f"{name} is not a value of JSON")


def read(tree: object) -> Result:
    """Read a result from the tree of its JSON."""
    node = _Node(tree, "$")
    if not isinstance(tree, Repeated) and not (is_table(tree) and "kpirules" in tree):
        raise StoredResultError(reason='this is not the JSON of a result: it has no "kpirules"')
    version = node["kpirules"].index()
    if version > VERSION:
        node["kpirules"].wrong(f"is version {version}; this kpirules reads versions 1 to {VERSION}")
    if version < 1:
        node["kpirules"].wrong(f"is not a version; allowed: 1 to {VERSION}")
    return (_Reader() if version == VERSION else _ReaderOfVersion1()).result(node)


@attrs.frozen
class _Node:
    """A value of the tree, and its path."""

    value: object
    path: str

    def wrong(self, reason: str) -> NoReturn:
        """Raise what is wrong here."""
        raise StoredResultError(where=printable(self.path[:200]), reason=reason)

    def expected(self, what: str) -> NoReturn:
        """Raise that something else belongs here."""
        self.wrong(f"{_shown(self.value)} is not {what}")

    # ------------------------------------------------------------ tables and lists

    def table(self) -> dict[str, Any]:
        """Return the table."""
        if isinstance(self.value, Repeated):
            self.wrong(f"has the key {_shown(self.value.key)} twice")
        return self.value if is_table(self.value) else self.expected("an object")

    def __getitem__(self, key: str) -> _Node:
        """Return the value of a key that must be there."""
        if key not in self.table():
            self.wrong(f'has no "{key}"')
        return self.member(key)

    def member(self, key: str) -> _Node:
        """Return the value of a key; None where it is not there."""
        return _Node(self.table().get(key), f"{self.path}.{key}")

    def items(self) -> list[_Node]:
        """Return the items of a list."""
        if not is_list(self.value):
            self.expected("a list")
        return [_Node(item, f"{self.path}[{i}]") for i, item in enumerate(self.value)]

    def each(self, read: Callable[[_Node], _T]) -> tuple[_T, ...]:
        """Read all items of a list."""
        return tuple(map(read, self.items()))

    def maybe(self, read: Callable[[_Node], _T]) -> _T | None:
        """Read what may be null."""
        return None if self.value is None else read(self)

    # ------------------------------------------------------------ single values

    def text(self) -> str:
        """Return a text."""
        if not isinstance(self.value, str):
            self.expected("a text")
        if not self.value.isascii() and any("\ud800" <= c <= "\udfff" for c in self.value):
            self.wrong("has half of a character, which no text has")
        return self.value

    def flag(self) -> bool:
        """Return true or false."""
        return self.value if isinstance(self.value, bool) else self.expected("true or false")

    def index(self) -> int:
        """Return a position, or another small whole number."""
        value = self.value
        if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= MAX_INDEX:
            self.expected(f"a whole number from 0 to {MAX_INDEX}")
        return value

    def number(self) -> Exact:
        """Return a computed number."""
        text = self.value
        if not isinstance(text, str):
            self.expected("a number")
        try:
            # the decimals of a fraction are at most as many as its denominator has bits
            number = Exact(text) if len(text) <= 5 * MAX_DIGITS else None
        except NotExactError:
            self.expected("a number")
        if number is None or _size(number.exact) > MAX_DIGITS:
            self.wrong(f"{_shown(text)} has more than {MAX_DIGITS} digits")
        return number

    def value_of(self) -> Exact | str:
        """Return a computed value: a number, or a text in a table of its own."""
        return self["text"].text() if is_table(self.value) else self.number()

    def date(self) -> date:
        """Return a date."""
        try:
            return date.fromisoformat(self.text())
        except ValueError:
            self.expected("a date")

    def range(self) -> Range:
        """Return a range, or the range of one number."""
        text = self.text()
        try:
            return Range.exactly(exact(text)) if PLAIN.fullmatch(text) else Range.parse(text)
        except (RangeSyntaxError, NotExactError) as error:
            self.wrong(f"{_shown(text)} is not a range: {error}")

    def given(self) -> Given:
        """Return a value of a record, or what was computed from one."""
        value = self.value
        if is_list(value):
            return self.each(_Node.plain_number)
        if isinstance(value, (bool, str)):
            return value if isinstance(value, bool) else self.text()
        return self.plain_number()

    def plain_number(self) -> Number:
        """Return a number of a record: a whole one, or a text in a table of its own."""
        value = self.value
        if is_table(value):
            return self["number"].number().number
        if isinstance(value, bool) or not isinstance(value, int):
            self.expected("a value of a record")
        if _size(value) > MAX_DIGITS:
            self.wrong(f"{brief(value)} has more than {MAX_DIGITS} digits")
        return value


def _size(number: Number) -> int:
    """Return about how many digits a number has, above or below its fraction bar."""
    # the logarithm of 2 is a little more than 0.301
    return max(abs(number.numerator), number.denominator).bit_length() * 301 // 1000


def _shown(value: object) -> str:
    """Show a value; of what holds others, its kind."""
    if isinstance(value, str):
        more = "..." if len(value) > _MOST_SHOWN else ""
        return printable(json.dumps(value[:_MOST_SHOWN], ensure_ascii=False)) + more
    if value is None or isinstance(value, bool):
        return json.dumps(value)
    if isinstance(value, (int, float)):
        return brief(value)
    return "a list" if is_list(value) else "an object"


class _Reader:
    """Reads results of the current version."""

    def pairs(self, node: _Node) -> Iterator[tuple[str, _Node]]:
        """Yield names with their values, in their order."""
        for pair in node.items():
            parts = pair.items()
            if len(parts) != 2:  # noqa: PLR2004 - a pair
                pair.wrong("is not a name with its value")
            yield parts[0].text(), parts[1]

    def condition(self, node: _Node) -> Condition:
        """Read when something holds."""
        if node.value is None:
            return Condition()
        table = node.table()
        if "asked" in table:
            pairs = self.pairs(node["asked"])
            return Condition(asked=tuple((name, each.each(_entry)) for name, each in pairs))
        if "rating" in table:
            return Condition(rating=node["rating"].range())
        if "text" in table:
            return Condition(text=node["text"].text())
        return Condition(otherwise=node["otherwise"].flag())

    def result(self, node: _Node) -> Result:
        """Read a result."""
        form = self.form(node["rubric"])
        verdict = Verdict(
            raw_total=node["raw_total"].number(),
            subtotals=node["settled"].each(self.sum),
            adjustments=node["adjustments"].each(self.sum),
            before=node["before"].maybe(self.sum),
            tier_before=node["tier_before"].maybe(self.tier),
            gates=node["gates"].each(self.gate),
            total=node["total"].maybe(_Node.number),
            tier=node["tier"].maybe(self.tier),
            outcomes=node["outcomes"].each(self.step),
            derived=node["derived"].each(self.step),
        )
        lines = node["lines"].each(self.line)
        sections = {heading.id for heading in form.sections}
        for i, line in enumerate(lines):
            if line.section is not None and line.section not in sections:
                place = node["lines"].items()[i]["section"]
                place.wrong(f"{_shown(line.section)} is not a section of the result")
        inputs = node["inputs"]
        given = tuple((name, inputs.member(name).given()) for name in inputs.table())
        # what is computed from other fields says nothing of its own: it is held to its type alone
        for name in node["subtotals"].table():
            node["subtotals"].member(name).number()
        node["unratable"].flag()
        _hold_sums(node, lines, verdict)
        return Result(form, (Part(lines=lines, given=given),), verdict)

    def form(self, node: _Node) -> Form:
        """Read what all results of a rubric share."""
        options = node.member("options").maybe(self.pairs) or ()
        return Form(
            rubric=node["id"].text(),
            label=node["label"].maybe(self.text),
            effective_from=node["effective_from"].maybe(_Node.date),
            fingerprint=node["fingerprint"].text(),
            currency=node["currency"].maybe(_Node.text),
            full_marks=node["full_marks"].number(),
            sections=node["sections"].each(self.heading),
            labels=self.texts(node["labels"]),
            components=node["components"].each(_Node.text),
            # a result that was stored before they were kept has none
            options=tuple((name, self.texts(codes)) for name, codes in options),
            package=node.member("package").maybe(_package),
        )

    def heading(self, node: _Node) -> Heading:
        """Read a section."""
        label = node["label"].maybe(self.text)
        return Heading(id=node["id"].text(), label=label, weight=node["weight"].number())

    def text(self, node: _Node) -> Text:
        """Read a label."""
        return Text(tuple((lang, text.text()) for lang, text in self.pairs(node)))

    def texts(self, node: _Node) -> tuple[tuple[str, Text], ...]:
        """Read labels by name."""
        return tuple((name, self.text(label)) for name, label in self.pairs(node))

    def used(self, node: _Node) -> tuple[tuple[str, Given], ...]:
        """Read what something was computed from."""
        return tuple((name, value.given()) for name, value in self.pairs(node))

    def tier(self, node: _Node) -> TierReached:
        """Read a tier."""
        return TierReached(id=node["id"].text(), label=node["label"].maybe(self.text))

    def step(self, node: _Node) -> Step:
        """Read a step."""
        return Step(
            name=node["name"].text(),
            label=node["label"].maybe(self.text),
            value=node["value"].value_of(),
            raw=node["raw"].maybe(_Node.number),
            band=node["band"].maybe(_Node.index),
            band_label=node["band_label"].maybe(self.text),
            condition=self.condition(node["condition"]),
            used=self.used(node["used"]),
            skipped=node["skipped"].flag(),
        )

    def sum(self, node: _Node) -> Step:
        """Read a step that is a part of the total: its value is a number."""
        node["value"].number()
        return self.step(node)

    def gate(self, node: _Node) -> GateHeld:
        """Read a gate that held."""
        return GateHeld(
            gate=node["gate"].index(),
            condition=self.condition(node["condition"]),
            effect=tuple((key, _effect(key, value)) for key, value in self.pairs(node["effect"])),
            reason=node["reason"].maybe(self.text),
            used=self.used(node["used"]),
        )

    def line(self, node: _Node) -> Line:
        """Read a line."""
        return Line(
            criterion=node["criterion"].text(),
            label=node["label"].maybe(self.text),
            section=node["section"].maybe(_Node.text),
            cite=node["cite"].maybe(self.text),
            band=node["band"].maybe(_Node.index),
            band_label=node["band_label"].maybe(self.text),
            condition=self.condition(node["condition"]),
            points=node["points"].maybe(_Node.number),
            raw=node["raw"].maybe(_Node.number),
            scale=node["scale"].maybe(_Node.number),
            weight=node["weight"].maybe(_Node.number),
            contribution=node["contribution"].number(),
            used=self.used(node["inputs"]),
            remark=node["remark"].maybe(_Node.text),
            left_out=_left_out(node["left_out"]),
            assumed=node["assumed"].flag(),
        )


class _ReaderOfVersion1(_Reader):
    """Reads results of version 1, in which objects had an order and conditions were texts."""

    def pairs(self, node: _Node) -> Iterator[tuple[str, _Node]]:
        """Yield the members of an object."""
        for key in node.table():
            yield key, node.member(key)

    def condition(self, node: _Node) -> Condition:
        """Read a condition in the words of the ruleset file."""
        text = node.text()
        return Condition(otherwise=True) if text == "otherwise" else Condition(text=text)


def _entry(node: _Node) -> Entry:
    """Read an entry of a condition."""
    if isinstance(node.value, bool):
        return node.value
    return node["range"].range() if is_table(node.value) else node.text()


def _effect(key: str, node: _Node) -> Exact | str | bool | int:
    """Read something that a gate does."""
    if key not in EFFECTS:
        node.wrong(
            f"{_shown(key)} is not something that a gate does; allowed: {', '.join(EFFECTS)}"
        )
    kind = EFFECTS[key]
    if kind is str:
        return node["text"].text()
    return node.flag() if kind is bool else node.index() if kind is int else node.number()


def _left_out(node: _Node) -> Literal["", "missing", "weight"]:
    """Read why a line was left out."""
    why = _LEFT_OUT.get(node.text())
    return node.expected('"", "missing" or "weight"') if why is None else why


def _package(node: _Node) -> Package:
    """Read the package that a rubric came from."""
    return Package(name=node["name"].text(), version=node["version"].text())


def _hold_sums(node: _Node, lines: tuple[Line, ...], verdict: Verdict) -> None:
    """Check that sums of the numbers, which explanations show, have not too many digits either."""
    added = [step.value for step in verdict.adjustments]
    numbers = (
        ("lines", [line.contribution for line in lines]),
        ("lines", [line.weight for line in lines]),
        ("adjustments", [verdict.raw_total, *added]),
    )
    for key, each in numbers:
        total = Fraction()
        for number in each:
            total += number.exact if isinstance(number, Exact) else 0
            if _size(total) > 2 * MAX_DIGITS:
                node[key].wrong(f"have a sum of more than {2 * MAX_DIGITS} digits")
