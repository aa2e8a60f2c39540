"""The tables of the monthly report: people, items, departments, last month; cells are texts."""

from __future__ import annotations

from collections import Counter
from fractions import Fraction
from typing import TYPE_CHECKING

import attrs

from kpirules._internal.display import printable
from kpirules.arithmetic.number import canonical, round_to, show
from kpirules.errors import InputError
from kpirules.translations.message import Message


if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from kpirules.evaluation.result import Result
    from kpirules.model.rubric import Rubric
    from kpirules.sheets.entry import Entry
    from kpirules.sheets.form import Person


#: the number of listed items that lose points
_ITEMS = 10
#: the number of named people without a match
_NAMED = 10
#: the rows of a table from which it is a long one
_LONG = 300


@attrs.frozen(kw_only=True)
class LastResult:
    """A person's result of last month."""

    person: Person
    total: Fraction | None = None


@attrs.frozen(kw_only=True)
class Table:
    """A table of the report."""

    title: str
    heads: tuple[str, ...]
    #: the indices of the columns of numbers
    numeric: frozenset[int]
    rows: tuple[tuple[str, ...], ...]
    #: for each row, how long its bar is, in per cent; none without bars
    bars: tuple[str, ...] = ()
    #: a remark below the title
    note: str = ""

    @classmethod
    def of(
        cls,
        title: str,
        columns: Sequence[tuple[str, Sequence[str], bool]],
        *,
        bars: Sequence[str] = (),
        note: str = "",
    ) -> Table:
        """Return the table of columns (heading, cells, is numeric), without the empty ones."""
        used = [column for column in columns if any(column[1])]
        return cls(
            title=title,
            heads=tuple(head for head, _, _ in used),
            numeric=frozenset(i for i, (_, _, is_number) in enumerate(used) if is_number),
            rows=tuple(zip(*(cells for _, cells, _ in used), strict=True)),
            bars=tuple(bars),
            note=note,
        )

    @property
    def is_long(self) -> bool:
        """Whether its columns are equally wide on paper: measuring each cell takes long."""
        return len(self.rows) > _LONG


@attrs.frozen(kw_only=True)
class Matches:
    """The people of a month, with their results of last month."""

    #: the result of last month, by the index of the entry
    last: Mapping[int, LastResult]
    #: people of this month, and of the last, who are not in the other
    new: tuple[str, ...]
    gone: tuple[str, ...]


def rounded(number: Fraction) -> str:
    """Format a statistic with two decimals, half up; no pay depends on it."""
    return show(round_to(canonical(number), Fraction(1, 100), "half_up"))


def mean(numbers: Sequence[Fraction]) -> Fraction:
    """Return the mean of some numbers."""
    return sum(numbers, Fraction()) / len(numbers)


def summed(numbers: Iterable[Fraction]) -> str:
    """Format the exact sum of some numbers."""
    return show(canonical(sum(numbers, Fraction())))


def result_of(entry: Entry) -> Result | None:
    """Return the result of an entry that has a total."""
    outcome = entry.outcome
    return None if isinstance(outcome, InputError) or outcome.total is None else outcome


def called(person: Person) -> str:
    """Return the number and the name of a person."""
    return " ".join(dict.fromkeys(filter(None, (person.number, person.name))))


def matched(some: Sequence[Entry], last: Sequence[LastResult]) -> Matches:
    """Match people by number; by name if this month or the last one has no numbers.

    What two people have does not match.
    """
    is_numbered = all(any(p.number for p in people) for people in _people(some, last))

    def key(person: Person) -> str:
        return (person.number if is_numbered else person.name).strip()

    counts = Counter(key(each.person) for each in last)
    here = Counter(key(entry.person) for entry in some)
    known = {key(each.person): each for each in last if counts[key(each.person)] == 1}
    found = {
        i: known[key(entry.person)]
        for i, entry in enumerate(some)
        if key(entry.person) in known and key(entry.person) and here[key(entry.person)] == 1
    }
    there = {id(each) for each in found.values()}
    return Matches(
        last=found,
        new=tuple(called(entry.person) for i, entry in enumerate(some) if i not in found),
        gone=tuple(called(each.person) for each in last if id(each) not in there),
    )


def _people(some: Sequence[Entry], last: Sequence[LastResult]) -> Iterator[list[Person]]:
    """Yield the people of this month, and those of the last."""
    yield [entry.person for entry in some]
    yield [each.person for each in last]


def unmatched_note(matches: Matches, lang: str) -> str:
    """Return the sentence about people who have no result in one of the months."""
    parts = [Message.of("sheet.last-matched", count=len(matches.last))]
    for key, names in (("sheet.last-new", matches.new), ("sheet.last-gone", matches.gone)):
        if names:
            shown = tuple(filter(None, names[:_NAMED]))
            listed = shown + ("...",) * (len(names) > _NAMED)
            parts.append(Message.of(key, count=len(names), names=listed))
    return "".join(part.text(lang) for part in parts)


def people_table(
    rubric: Rubric,
    some: Sequence[Entry],
    own: Mapping[str, str],
    lang: str,
    matches: Matches | None,
) -> Table:
    """Return the list of people with a total: place, total, tier, pay, last month beside it."""
    ranked = [(i, result) for i, entry in enumerate(some) if (result := result_of(entry))]
    totals = {i: Fraction(result.total or 0) for i, result in ranked}
    better = Counter(totals.values())
    places: dict[Fraction, int] = {}
    place = 1
    for total in sorted(better, reverse=True):
        places[total], place = place, place + better[total]
    ranked.sort(key=lambda each: (-totals[each[0]], each[0]))
    people = [some[i].person for i, _ in ranked]
    labels = {
        tier.id: tier.id if tier.label is None else tier.label.get(lang) for tier in rubric.tiers
    }
    last = dict[int, LastResult]() if matches is None else matches.last
    before = [last[i].total if i in last else None for i, _ in ranked]
    changes = [
        None if old is None else totals[i] - old for (i, _), old in zip(ranked, before, strict=True)
    ]
    return Table.of(
        own["people"],
        [
            (own["place"], [str(places[totals[i]]) for i, _ in ranked], True),
            (own["number"], [person.number for person in people], False),
            (own["name"], [person.name for person in people], False),
            (own["department"], [person.department for person in people], False),
            (own["total"], [show(canonical(totals[i])) for i, _ in ranked], True),
            (
                own["tier"],
                [printable(labels[r.tier.id]) if r.tier else "" for _, r in ranked],
                False,
            ),
            (_money(rubric, own), ["" if r.pay is None else show(r.pay) for _, r in ranked], True),
            (
                own["last-total"],
                ["" if old is None else show(canonical(old)) for old in before],
                True,
            ),
            (own["change"], ["" if each is None else _signed(each) for each in changes], True),
        ],
    )


def _money(rubric: Rubric, own: Mapping[str, str]) -> str:
    """Return the heading of pay, with the currency."""
    return f"{own['amount']} ({printable(rubric.currency)})" if rubric.currency else own["amount"]


def _signed(number: Fraction) -> str:
    """Format a change of a total."""
    return f"{'+' if number > 0 else ''}{show(canonical(number))}"


def tiers_table(
    rubric: Rubric,
    some: Sequence[Entry],
    tiers: Sequence[tuple[str, int, str]],
    own: Mapping[str, str],
) -> Table:
    """Return the people of each tier, and their pay; ``tiers``: (label, count, per cent)."""
    pays: dict[str, list[Fraction]] = {tier.id: [] for tier in rubric.tiers}
    for result in filter(None, map(result_of, some)):
        if result.tier is not None and result.pay is not None:
            pays[result.tier.id].append(Fraction(result.pay))
    is_paid = any(pays.values())
    sums = [summed(each) if is_paid else "" for each in pays.values()]
    means = [rounded(mean(each)) if each else "" for each in pays.values()]
    return Table.of(
        own["tiers"] if is_paid else own["tier"],
        [
            (own["tier"], [label for label, _, _ in tiers], False),
            (own["count"], [str(count) for _, count, _ in tiers], True),
            (f"{own['share']} (%)", [share for _, _, share in tiers], True),
            (own["paid"], sums, True),
            (own["mean-pay"], means, True),
        ],
        bars=[share for _, _, share in tiers],
    )


def losses_table(
    rubric: Rubric, some: Sequence[Entry], own: Mapping[str, str], lang: str
) -> Table | None:
    """Return the items that lose most points of the total, on the average of those scored."""
    lost: dict[str, list[Fraction]] = {}
    for result in filter(None, map(result_of, some)):
        for line in result.lines:
            if line.points is not None and line.scale and line.weight is not None:
                part = Fraction(line.points) / Fraction(line.scale)
                loss = Fraction(line.weight) * (1 - part)
                lost.setdefault(line.criterion, []).append(loss)
    means = {name: mean(each) for name, each in lost.items()}
    whole = sum((each for each in means.values() if each > 0), Fraction())
    most = sorted((each for each in means.items() if each[1] > 0), key=lambda each: -each[1])
    if not most:
        return None
    labels = {c.id: c.id if c.label is None else c.label.get(lang) for c in rubric.all_criteria}
    shares = [rounded(100 * loss / whole) for _, loss in most[:_ITEMS]]
    return Table.of(
        own["losses"],
        [
            (own["item"], [printable(labels[name]) for name, _ in most[:_ITEMS]], False),
            (own["lost"], [rounded(loss) for _, loss in most[:_ITEMS]], True),
            (f"{own['share']} (%)", shares, True),
        ],
        bars=[rounded(100 * loss / most[0][1]) for _, loss in most[:_ITEMS]],
    )


def groups(
    some: Sequence[Entry], name_of: Callable[[Person], str]
) -> Iterator[tuple[str, int, int, str, str, str]]:
    """Yield the statistics of the groups of a name: (name, count, rejected, mean, low, high)."""
    found: dict[str, list[Entry]] = {}
    for entry in some:
        if name_of(entry.person):
            found.setdefault(name_of(entry.person), []).append(entry)
    for name, members in sorted(found.items()):
        results = [e.outcome for e in members if not isinstance(e.outcome, InputError)]
        totals = [Fraction(r.total) for r in results if r.total is not None]
        three = (mean(totals), min(totals), max(totals)) if totals else ()
        average, low, high = [rounded(value) for value in three] or ["", "", ""]
        scored = sum(not result.unratable for result in results)
        yield printable(name), len(members), len(members) - scored, average, low, high


def groups_table(
    title: str,
    head: str,
    some: Sequence[tuple[str, int, int, str, str, str]],
    own: Mapping[str, str],
) -> Table:
    """Return the table of groups."""
    heads = ("count", "not-scored", "mean", "lowest", "highest")
    columns = [(head, [each[0] for each in some], False)]
    columns += [(own[key], [str(each[i]) for each in some], True) for i, key in enumerate(heads, 1)]
    return Table.of(title, columns)
