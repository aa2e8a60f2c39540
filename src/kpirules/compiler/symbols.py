"""Meaning of the names of a rubric: their domains, and the inputs of a record that they need."""

from __future__ import annotations

from copy import copy
from fractions import Fraction
from typing import TYPE_CHECKING, NamedTuple

from kpirules.arithmetic.budget import Budget
from kpirules.arithmetic.decision_table import Axis, Value
from kpirules.arithmetic.range import Range
from kpirules.compiler.domains import allowed_values, axis_of
from kpirules.errors import Problem
from kpirules.model.crossing import bands_of, known_options, rows_of
from kpirules.model.demotions import record_inputs
from kpirules.model.dependencies import closure, conditions, dependency_graph
from kpirules.model.formulas import parser_of
from kpirules.model.inputs import History
from kpirules.model.labels import labels_of, rating_labels, source_of
from kpirules.translations.message import Message, Named


if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from kpirules.arithmetic.decision_table import Entries
    from kpirules.arithmetic.number import Number
    from kpirules.model.crossing import BandRow
    from kpirules.model.formulas import FormulaParser
    from kpirules.model.rubric import Input, Quantity, Rubric
    from kpirules.translations.message import ByLanguage


class Axes(dict[str, Axis]):
    """The domains of names; those of computed names are computed on first use."""

    #: computes the domain of a name; set by the plan
    source: Callable[[str], Axis]

    def __missing__(self, name: str) -> Axis:
        axis = self[name] = self.source(name)
        return axis


MISSING_VALUE = Message.of("problem.missing")


class Scope:
    """Meaning of the names of a rubric: their domains, and the inputs of a record that they need.

    A plan completes it while it compiles the quantities in dependency order.
    """

    #: the domains of the names about which more is known than the rubric tells, as for a draft
    known: Mapping[str, Axis]

    def __init__(self, rubric: Rubric, known: Mapping[str, Axis] | None = None) -> None:
        self.known = known or {}
        self.inputs: dict[str, Input] = {fact.name: fact for fact in record_inputs(rubric)}
        self._rubric = rubric
        #: the parser of its formulas
        self.formulas: FormulaParser = parser_of(rubric)
        self.lists: frozenset[str] = self.formulas.lists
        #: the remaining budget for proofs about the formulas of the rubric
        self.budget: Budget = Budget()
        #: the domains of names; of a list, of its items
        self.axes: Axes = Axes(
            {**{n: axis_of(fact) for n, fact in self.inputs.items()}, **self.known}
        )
        #: names that may have no value because their subject was excluded from the record
        self.may_be_excluded: set[str] = set()
        #: those of them without which a record is unratable
        self.unratable: set[str] = set()
        #: the conditions of the gates that reject a record
        self.refusals: tuple[dict[str, Entries], ...] = tuple(
            conditions(gate.when, None) for gate in rubric.gates if gate.refuse
        )
        #: derived facts that may have no value because they need such names
        self.may_have_no_value: set[str] = set()
        #: inputs with a default, and derived facts of such inputs alone: never missing
        self.never_missing: set[str] = {
            fact.name for fact in rubric.inputs if fact.assumed is not None
        } | self.known.keys()
        #: the dependencies of each computed name
        self.graph: dict[str, tuple[str, ...]] = dependency_graph(rubric)

        #: which values of a fact are better, if the rubric declares it
        self.better: dict[str, str | None] = {f.name: f.better for f in rubric.inputs}
        self.better |= {d.name: d.better for d in rubric.derived}
        #: the labels of names, without those that have none
        self.labels: dict[str, ByLanguage] = {**dict(labels_of(rubric)), **rating_labels(rubric)}
        #: describe the allowed ratings, by the input names of the ratings
        self.describe_rating: Mapping[str, Callable[[], Message]] = {}

    def rows_of(self, quantity: Quantity) -> tuple[BandRow, ...]:
        """Return the rows of a quantity's bands, its own or those of the table that it names."""
        return rows_of(quantity, bands_of(quantity, self._rubric), known_options(self._rubric))

    def under(self, axes: Mapping[str, Axis]) -> Scope:
        """Return the scope in which some names have other domains."""
        made = copy(self)
        made.budget = Budget()
        made.known = {**self.known, **axes}
        made.axes = Axes({**self.axes, **axes})
        made.axes.source = self.axes.source
        return made

    def is_refused(self, point: Mapping[str, Value]) -> bool:
        """Check whether a gate rejects every record with these values."""
        return any(
            all(
                name in point and any(_matches(entry, point[name]) for entry in entries)
                for name, entries in gate.items()
            )
            for gate in self.refusals
        )

    def allowed(self, name: str) -> Message | None:
        """Describe the allowed values of an input name; None for all other names."""
        if name in self.inputs:
            return allowed_values(self.inputs[name])
        return self.describe_rating[name]() if name in self.describe_rating else None

    def missing(self, name: str) -> Message:
        """Return the problem of a record without a name, and where a gathered one comes from."""
        origin = self.origin(name)
        return MISSING_VALUE if origin is None else origin("problem.missing")

    def origin(self, name: str) -> Callable[..., Message] | None:
        """Return what makes a message of where a gathered input comes from; None for others.

        The message has the key that is given, with ``_history`` or ``_cohort``, and ``source``.
        """
        fact = self.inputs.get(name)
        if fact is None or fact.origin is None:
            return None
        kind = "history" if isinstance(fact.origin, History) else "cohort"
        source = source_of(fact.origin, self.labels)

        def of(key: str, **params: object) -> Message:
            return Message.of(f"{key}_{kind}", source=source, **params)

        return of

    def name(self, name: str) -> Named:
        """Return a name of the rubric with its label, for a message."""
        return Named(name, self.labels.get(name.removeprefix("points.")))

    def problem(
        self, name: str, reason: Message, *, value: object = None, allowed: Message | None = None
    ) -> Problem:
        """Return a problem of a record with a name."""
        label = self.labels.get(name)
        return Problem(input=name, value=value, reason=reason, allowed=allowed, label=label)

    def roots(self, names: Iterable[str]) -> tuple[str, ...]:
        """Return the input names on which some names depend."""
        every = closure(names, self.graph)
        names = dict.fromkeys((*self.inputs, *self.describe_rating, *sorted(every)))
        return tuple(n for n in names if n in every and n not in self.graph)


class Draft(NamedTuple):
    """What is certain of a record of which values are missing."""

    #: the domains of the names that are certain
    known: Mapping[str, Axis]
    #: the meaning of names for criteria whose points are not: any of their facts may be replaced by
    #: a rating, which may be that of any band
    scope: Scope
    #: the ratings that are given, by input name
    ratings: Mapping[str, Number]
    #: the certain points, by the criterion's id
    points: Mapping[str, Number]


def _matches(entry: object, value: Value) -> bool:
    """Check whether an entry of a ``when`` matches a value."""
    is_in = (
        isinstance(entry, Range) and isinstance(value, (int, Fraction)) and entry.contains(value)
    )
    return is_in or entry == value
