"""Tables of results for people: headings, options and tiers in a language, number formats.

A file written so is read back: a heading is a label only if it means the same name to a reader, and
:func:`result_headings` has the headings of results in all languages.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, assert_never, cast

import attrs

from kpirules._internal.display import printable
from kpirules.cli.gathered_columns import PREFIX, gathered_names
from kpirules.cli.io.excel_writer import Look
from kpirules.cli.io.tables import Column, is_texts
from kpirules.cli.people import identifying
from kpirules.cli.rows import ERROR, PROBLEMS
from kpirules.codegen.output import EXACT, BandIndex, Unratable, columns_of, names_of
from kpirules.compiler.plan import Plan
from kpirules.evaluation.headings import APPRAISERS, NAMES, NUMBERS, names_for, normal
from kpirules.evaluation.record import RefusedError, readers_of
from kpirules.model.demotions import record_inputs
from kpirules.model.labels import OWN_LABELS, labels_of
from kpirules.model.names import Adjustment, Outcome, Points, Subtotal, Tier, Total
from kpirules.translations.catalog import languages
from kpirules.translations.message import Message, Named


if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from kpirules.cli.io.readers import Table
    from kpirules.codegen.output import Source
    from kpirules.evaluation.record import Reader
    from kpirules.model.rubric import Rubric

    Show = Callable[[object], object]


#: the headings of people, with the words that readers know
_PEOPLE = (
    (Message.of("results.number"), NUMBERS),
    (Message.of("sheet.name"), NAMES),
    (Message.of("sheet.appraiser"), APPRAISERS),
)
#: the headings of the column of problems, in every language
ERRORS = frozenset(Message.of("results.error").text(lang) for lang in languages())
#: the format of money
_MONEY = "#,##0.00"


def result_headings(rubric: Rubric) -> frozenset[str]:
    """Return all headings of results: ids, and labels in every language."""
    plan = Plan(rubric)
    tags = {tag for _, label in labels_of(rubric) for tag, _ in label.by_language}
    every = (labels_in(plan, lang) for lang in {*languages(), *tags})
    ids = {name for name, _ in names_of(plan)} | {ERROR, PROBLEMS}
    ids |= set(gathered_names(record_inputs(rubric)))
    return frozenset(ids.union(*(labels.values() for labels in every)))


def labels_in(plan: Plan, lang: str) -> dict[str, str]:
    """Return the heading of each column of a result in a language.

    It is the id of the column if its label is that of another column, or of a name of the record.
    """
    labels = dict(labels_of(plan.rubric))
    found = {ERROR: Message.of("results.error"), PROBLEMS: Message.of("results.problems")}
    for name in gathered_names(plan.scope.inputs.values()):
        own = name.removeprefix(PREFIX)
        found[name] = Message.of("results.gathered", name=Named(own, labels.get(own)))
    for name, source in names_of(plan):
        if not isinstance(source, (BandIndex, Unratable)):
            label = _label(source, Named(name.removesuffix(EXACT), labels.get(str(source))))
            found[name] = (
                Message.of("results.exact", column=label) if name.endswith(EXACT) else label
            )
    texts = {name: " ".join(printable(each.text(lang)).split()) for name, each in found.items()}
    counts = Counter(map(normal, texts.values()))
    return {
        name: name if counts[normal(text)] > 1 or names_for(plan, text) else text
        for name, text in texts.items()
    }


def _label(source: Source, own: Named) -> Message:
    """Return the heading of a column; ``own``: the label of what it is about."""
    match source:
        case Points(id):
            return Message.of("results.points", part=Named(id, own.label))
        case Subtotal(id):
            return Message.of("sheet.subtotal-of", part=Named(id, own.label))
        case Adjustment(id):
            return Message.of("results.adjustment", part=Named(id, own.label))
        case Outcome(id):
            is_own = own.label is None and str(source) in OWN_LABELS
            return OWN_LABELS[str(source)] if is_own else Message.of("list.one", value=own)
        case Total() | Tier():
            return OWN_LABELS[str(source)]
        case BandIndex() | Unratable():  # pragma: no cover - they have no column in a file
            raise AssertionError
        case _ as never:
            assert_never(never)


@attrs.frozen(kw_only=True)
class View:
    """How the columns of a file of results are shown."""

    #: the headings of the columns of the result, by id
    results: dict[str, str]
    #: the headings of the columns of the given table
    given: tuple[str, ...]
    #: how the values of some columns of the table are shown, by index
    shown: dict[int, Show]
    #: how tiers are shown
    tier: Show
    #: the number formats of columns of the result, by id
    formats: dict[str, str]
    #: the look of a worksheet
    look: Look

    def given_columns(self, columns: Sequence[Column]) -> list[Column]:
        """Return the columns of the given table as they are shown."""
        named = zip(columns, self.given, strict=True)
        return [_renamed(c, name, self.shown.get(i)) for i, (c, name) in enumerate(named)]

    def result_columns(self, columns: Iterable[Column], *, formatted: bool) -> list[Column]:
        """Return columns of the result as they are shown; those of a workbook are formatted."""
        made = list[Column]()
        for column in columns:
            each = _renamed(
                column, self.results[column.name], self.tier if column.name == "tier" else None
            )
            number_format = self.formats.get(column.name) if formatted else None
            if number_format:
                each = attrs.evolve(each, formats=[number_format] * len(each.values))
            made.append(each)
        return made


def ids_view(rubric: Rubric, table: Table) -> View:
    """Return the view with ids, for programs."""
    plan = Plan(rubric)
    names = (*gathered_names(record_inputs(rubric)), *(name for name, _ in names_of(plan)))
    return View(
        results={name: name for name in (*names, ERROR, PROBLEMS)},
        given=table.names,
        shown={},
        tier=_unchanged,
        formats=dict(_formats(plan)),
        look=Look(frozen=_frozen(table.names)),
    )


def labels_view(rubric: Rubric, table: Table, lang: str) -> View:
    """Return the view with labels in a language, for people."""
    plan = Plan(rubric)
    results = labels_in(plan, lang)
    tiers = {tier.id: Named(tier.id, tier.label) for tier in rubric.tiers}
    return View(
        results=results,
        given=tuple(_given_headings(plan, table, lang, results.values())),
        shown=dict(_options(plan, table, lang)),
        tier=lambda value: _in_language(tiers[value], lang) if isinstance(value, str) else value,
        formats=dict(_formats(plan)),
        look=Look(
            frozen=_frozen(table.names),
            totals=tuple(results[name] for name in _money(plan)),
            total_label=Message.of("results.totals").text(lang),
        ),
    )


def _unchanged(value: object) -> object:
    """Return a value."""
    return value


def _in_language(named: Named, lang: str) -> str:
    """Return a label in a language."""
    return named.id if named.label is None else printable(named.label.get(lang))


def _frozen(names: Sequence[str]) -> int:
    """Return how many of the first columns identify the person."""
    people = set(identifying(names))
    return next((i for i in range(len(names)) if i not in people), len(names))


def _given_headings(plan: Plan, table: Table, lang: str, results: Iterable[str]) -> Iterable[str]:
    """Yield the headings of a table in a language, each only if a reader understands it."""
    taken = {*map(normal, table.names), *map(normal, results)}
    forms = list(map(normal, table.names))
    people: dict[int, str] = {}
    for message, words in _PEOPLE:
        first = next((forms.index(form) for form in map(normal, words) if form in forms), None)
        people |= {} if first is None else {first: message.text(lang)}
    for i, (heading, name) in enumerate(zip(table.names, table.headings.names, strict=True)):
        label = None if name is None else table.label_of(name)
        text = people.get(i) if label is None else printable(label.get(lang))
        text = text and " ".join(text.split())
        is_clear = text and names_for(plan, text) == (() if name is None else (name,))
        if text and is_clear and (normal(text) not in taken or normal(text) == normal(heading)):
            taken.add(normal(text))
            yield text
        else:
            yield heading


def _options(plan: Plan, table: Table, lang: str) -> Iterable[tuple[int, Show]]:
    """Yield the columns of choices, each with how a cell is shown."""
    readers = readers_of(plan)
    for fact in plan.rubric.inputs:
        if fact.name in table.read and fact.options:
            labels = {option.code: option.label for option in fact.options}
            named = {code: _in_language(Named(code, label), lang) for code, label in labels.items()}
            reader = readers[fact.name]
            clear = {code: text for code, text in named.items() if _reads(reader, text, code)}
            yield table.read[fact.name], _Options(reader, clear)


def _reads(reader: Reader, text: str, code: str) -> bool:
    """Return whether a label is read as its option."""
    try:
        return reader.read(text) in (code, (code,))
    except RefusedError:
        return False


@attrs.frozen
class _Options:
    """Show codes of a choice as labels; a cell that is rejected remains as it is."""

    reader: Reader
    labels: dict[str, str]

    def __call__(self, value: object) -> object:
        """Return the labels of a cell."""
        if value is None:
            return value
        try:
            found = self.reader.read(value)
        except RefusedError:
            return value
        codes = found if isinstance(found, tuple) else (found,)
        texts = [self.labels.get(str(code), str(code)) for code in codes]
        return texts if isinstance(value, list) else ";".join(texts)


def _renamed(column: Column, name: str, show: Show | None) -> Column:
    """Return a column with another heading and its values as they are shown."""
    if show is None:
        return attrs.evolve(column, name=name)
    if is_texts(column.values):
        texts = column.values.unique().drop_nulls().to_list()
        made = {text: cast("str", show(text)) for text in texts}
        return attrs.evolve(
            column, name=name, values=cast("Sequence[object]", column.values.replace(made))
        )
    return attrs.evolve(column, name=name, values=list(map(show, column.cells)))


def _money(plan: Plan) -> Iterable[str]:
    """Yield the columns that are summed: outcomes in numbers, except fractions, coefficients."""
    for column in columns_of(plan):
        is_outcome = isinstance(column.source, Outcome) and column.source != Outcome("coefficient")
        if is_outcome and column.shape.kind in ("whole", "decimal") and not column.shape.is_rounded:
            yield column.name


def _formats(plan: Plan) -> Iterable[tuple[str, str]]:
    """Yield the number formats of columns: the decimals that they can have; pay as money."""
    for column in columns_of(plan):
        if column.shape.kind not in ("whole", "decimal") or column.shape.is_rounded:
            continue
        scale = column.shape.scale
        if column.source == Outcome("pay"):
            yield column.name, _MONEY + "0" * (scale - 2)
        else:
            yield column.name, "0" + "." * bool(scale) + "0" * scale
