"""The columns of a month to fill in: who it is about, and the record under its headings."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from kpirules._internal.display import printable
from kpirules.evaluation.headings import (
    APPRAISERS,
    DEPARTMENTS,
    NAMES,
    NUMBERS,
    names_for,
    names_in,
)
from kpirules.evaluation.record import is_missing, read_value, readers_of
from kpirules.sheets.excel.layout import layout_of
from kpirules.translations.catalog import template, words


if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from kpirules.compiler.plan import Plan
    from kpirules.evaluation.record import Reader
    from kpirules.sheets.excel.layout import Entry, Layout
    from kpirules.sheets.form import Person, ScoreForm


@attrs.frozen(kw_only=True)
class Roster:
    """The people of a month."""

    #: the columns about people: the heading, and a value for each person
    columns: tuple[tuple[str, tuple[object, ...]], ...]
    #: what is known of the record of each person, as it was given
    records: tuple[Mapping[str, object], ...] = ()


def no_people(plan: Plan, lang: str) -> Roster:
    """Return a roster without people: a column for numbers, and one for names."""
    return people_of(plan, (), (), lang)


def people_of(
    plan: Plan, people: Sequence[Person], records: Sequence[Mapping[str, object]], lang: str
) -> Roster:
    """Return the roster of some people; departments and appraisers if somebody has one."""
    own = words("sheet", lang)
    known = (
        ((own["employee-no"], *NUMBERS), [person.number for person in people], True),
        ((own["name"], *NAMES), [person.name for person in people], True),
        ((own["department"], *DEPARTMENTS), [person.department for person in people], False),
        ((own["appraiser"], *APPRAISERS), [person.appraiser for person in people], False),
    )
    # an input may have one of these names
    columns = (
        (next((n for n in names if not names_in(plan, [n])), ""), tuple(values))
        for names, values, is_asked in known
        if is_asked or any(values)
    )
    return Roster(columns=tuple(each for each in columns if each[0]), records=tuple(records))


def month_layout(plan: Plan, paper: ScoreForm, roster: Roster) -> Layout:
    """Return the layout of the forms of a month, whose entries are the cells of a person's record.

    A criterion that facts measure is rated only if the roster has ratings of it. An option has a
    label that is read as this option, else its code.
    """
    readers = readers_of(plan)
    rated = {n for record in roster.records for n, value in record.items() if not is_missing(value)}
    layout = layout_of(plan, paper, rated)
    entries = (
        attrs.evolve(entry, options=tuple(read_back(entry, readers[entry.name])))
        for entry in layout.entries
    )
    return attrs.evolve(layout, entries=tuple(entries))


def read_back(entry: Entry, reader: Reader) -> Iterator[tuple[str, str]]:
    """Yield the options of an entry with labels that are read as their codes."""
    for label, code in entry.options:
        found = read_value(reader, label)
        found = str(found).lower() if isinstance(found, bool) else found
        yield (label if found == code else code), code


def headings_of(plan: Plan, entries: Sequence[Entry], lang: str) -> dict[str, str]:
    """Return the heading of each entry: its label, with its unit, if it is read as this entry."""
    units = {fact.name: fact.unit for fact in plan.rubric.inputs}
    criteria = {name: c for c in plan.criteria for name in c.rating_names}
    raters = {rater.name: rater for rater in plan.rubric.raters}
    labels = dict(plan.scope.labels)
    found: dict[str, str] = {}
    for entry in entries:
        name, unit = entry.name, units.get(entry.name)
        c = criteria.get(name)
        label = labels.get(name) if c is None else c.criterion.label
        text = (name if c is None else c.id) if label is None else label.get(lang)
        if c is not None and c.raters:
            rater = raters[name.removeprefix(f"{c.id}.")]
            text += f" ({rater.name if rater.label is None else rater.label.get(lang)})"
        texts = [text] if unit is None else [f"{text} ({unit.get(lang)})", text]
        if c is None:
            texts.append(f"{text} ({template('heading.data', lang)})")
        read = (each for each in texts if names_for(plan, printable(each).strip()) == (name,))
        found[name] = printable(next(read, name)).strip()
    return found
