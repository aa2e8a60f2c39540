"""Headings of a table of records: which column gives which input or rating, and what is wrong.

Files and dataframes ask the same question here. A column is matched to a name of the record by its
id, else by a label in any language; what is not matched is carried through. An input that the
ruleset asks for needs a column: a default answers for an empty cell, not for an absent column.
"""

from __future__ import annotations

import re
import unicodedata
from itertools import product
from typing import TYPE_CHECKING, Final, Literal, TypeAlias

import attrs

from kpirules._internal.display import printable, similar
from kpirules._internal.typeguards import cache_last
from kpirules.errors import Problem
from kpirules.evaluation.heading_texts import LabelsOfName, marked, texts_of
from kpirules.evaluation.record import readers_of
from kpirules.model import dependencies
from kpirules.translations.message import Joined, Message, Named


if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence

    from kpirules.compiler.criteria import CompiledCriterion
    from kpirules.compiler.plan import Plan
    from kpirules.compiler.quantities import CompiledQuantity


#: columns that say who a record is about, in the order in which they are looked for
NAMES: Final = ("name", "employee", "employee_name", "姓名", "员工", "员工姓名")
NUMBERS: Final = ("employee_no", "number", "no", "id", "工号", "编号")
APPRAISERS: Final = ("appraiser", "superior", "考核者", "考核人", "上级")
DEPARTMENTS: Final = ("department", "dept", "部门", "所属部门")
PERSONAL: Final = frozenset((*NAMES, *NUMBERS, *APPRAISERS, *DEPARTMENTS))

#: the columns that a table needs: those of all names that are asked for; none if it names people
#: alone; none
Needs: TypeAlias = Literal["all", "all or people", "none"]

#: what is wrong with a row that gives nothing
EMPTY_ROW: Final = Problem(input="record", reason=Message.of("problem.empty-row"))

#: how much a heading must resemble a name to be a near miss: a letter in five may be wrong
_NEAR = 0.8
#: a unit or remark at the end of a heading, in its normal form
_REMARK = re.compile(r"\([^()]*\)$")
_BRACKETS = str.maketrans("[]{}\u3010\u3011\u3014\u3015", "()()()()")
#: blanks, line breaks, characters without width, "_" and "-"
_IGNORED = frozenset({"Zs", "Zl", "Zp", "Cc", "Cf", "Pc", "Pd"})
_DIGITS = re.compile(r"\d+")
#: how people write a criterion and its rater in one heading, in normal form
_JOINED = ("{}{}", "{}.{}", "{}({})", "{}:{}", "{}/{}")


@attrs.frozen(kw_only=True)
class Headings:
    """The columns of a table, matched to the names of a record."""

    #: for each column, in order: the name of the record that it gives; None: carried through
    names: tuple[str | None, ...]
    #: all problems of the columns, in the order of the form, each with a column or a name of the
    #: record as its input; an empty one if it concerns the whole table
    problems: tuple[Problem, ...]
    #: names without a column for which the declared policy answers, as ``allow_missing`` says
    assumed: tuple[str, ...]


def normal(heading: str) -> str:
    r"""Return a heading without what does not tell headings apart: case, width, blanks, ``_``.

    >>> normal("Late\n Arrivals"), normal("LATE_arrivals \uff08次\uff09")
    ('latearrivals', 'latearrivals(次)')
    """
    folded = unicodedata.normalize("NFKC", heading).casefold()
    text = unicodedata.normalize("NFKC", folded).translate(_BRACKETS)
    return "".join(c for c in text if unicodedata.category(c) not in _IGNORED)


#: the columns about people, in normal form
PERSONAL_FORMS: Final = frozenset(map(normal, PERSONAL))


def says_nothing(values: Iterable[object]) -> bool:
    """Return whether all cells of a row are empty: None or a blank text ("n/a" says something).

    >>> says_nothing([None, " "]), says_nothing([None, "n/a"]), says_nothing([None, 0])
    (True, False, False)
    """
    return all(v is None or (isinstance(v, str) and not v.strip()) for v in values)


def match(
    plan: Plan,
    columns: Sequence[str],
    *,
    allow_missing: Collection[str] = (),
    needs: Needs = "all",
    gathered: Collection[str] = (),
) -> Headings:
    """Return which column gives which name of the record, with all that is wrong with them.

    ``allow_missing``: names of inputs and ratings (or ids of criteria, for all their raters) that
    need no column, since their declared policy (``default``, ``missing``) is to answer. ``needs``:
    the columns that the table needs. ``gathered``: names whose values come from elsewhere.
    """
    if isinstance(allow_missing, str):
        raise TypeError(f"allow_missing is a collection of names, not the text {allow_missing!r}")
    return _Matching(_known(plan), tuple(columns), tuple(allow_missing), needs, gathered).made()


def names_in(plan: Plan, cells: Sequence[str]) -> int:
    """Return how many cells of a row are a name or a label: a heading has some, a title none."""
    known = _known(plan)
    return sum(bool(known.fitting(cell)) for cell in cells)


def names_for(plan: Plan, heading: str) -> tuple[str, ...]:
    """Return the names of the record that a heading fits: one, if it is clear."""
    return _known(plan).fitting(heading)


class _Known:
    """The names of a plan, by the normal forms of their ids and labels."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        #: names of the record, in the order of the form, with their labels
        self.labels: dict[str, tuple[str, ...]] = dict.fromkeys(readers_of(plan), ())
        self.by_id: dict[str, tuple[str, ...]] = {}
        self.by_label: dict[str, tuple[str, ...]] = {}
        #: labels without the unit or remark at their end
        self.by_short: dict[str, tuple[str, ...]] = {}
        for name in self.labels:
            _add(self.by_id, normal(name), name)
        for fact in plan.scope.inputs.values():
            self._call(fact.name, texts_of(fact.label))
            for heading in marked(fact):
                _add(self.by_label, normal(heading), fact.name)
        raters = {rater.name: rater for rater in plan.rubric.raters}
        for c in plan.criteria:
            labels = texts_of(c.criterion.label)
            if not c.raters:
                self._call(c.id, labels)
                continue
            for name in c.rating_names:
                rater = raters[name.removeprefix(f"{c.id}.")]
                self._call_rating(name, (c.id, *labels), (rater.name, *texts_of(rater.label)))

    def _call(self, name: str, labels: Sequence[str]) -> None:
        """Enter the labels of a name."""
        self.labels[name] = tuple(labels)
        for label in labels:
            form = normal(label)
            _add(self.by_label, form, name)
            for short in forms_of(form)[1:]:
                _add(self.by_short, short, name)

    def _call_rating(self, name: str, criterion: Sequence[str], rater: Sequence[str]) -> None:
        """Enter the labels of a criterion together with those of a rater."""
        if len(criterion) > 1 or len(rater) > 1:
            self.labels[name] = (f"{criterion[-1]} {rater[-1]}",)
        for one, other in product(map(normal, criterion), map(normal, rater)):
            for joined in _JOINED:
                _add(self.by_label, joined.format(one, other), name)

    def fitting(self, heading: str) -> tuple[str, ...]:
        """Return the names that a heading fits: one, if it is clear."""
        if heading in self.labels:
            return (heading,)
        form, *shorter = forms_of(heading)
        found = self.by_id.get(form) or self.by_label.get(form) or self.by_short.get(form)
        for short in shorter:
            found = found or self.by_id.get(short) or self.by_label.get(short)
        return found or ()

    def called(self, name: str) -> LabelsOfName:
        """Return the labels of a name, which follow it in a text."""
        return LabelsOfName(tuple(label for label in self.labels[name] if label != name))

    def problem(self, name: str, key: str, **params: object) -> Problem:
        """Return a problem of a name without a column, or with several."""
        return self.plan.scope.problem(name, Message.of(key, **params))


_known = cache_last(_Known)


def forms_of(heading: str) -> tuple[str, ...]:
    """Return the normal form of a heading, and those without the units and remarks at its end."""
    forms = [normal(heading)]
    while (short := _REMARK.sub("", forms[-1])) not in ("", forms[-1]):
        forms.append(short)
    return tuple(forms)


def _quoted(column: str) -> str:
    """Return a heading in quotes, the first characters of a long one."""
    return f'"{printable(column[:60])}"'


def _add(table: dict[str, tuple[str, ...]], form: str, name: str) -> None:
    """Enter a name under a form of it."""
    if form and name not in table.get(form, ()):
        table[form] = (*table.get(form, ()), name)


class _Matching:
    """The columns of one table against the names of a plan."""

    def __init__(
        self,
        known: _Known,
        columns: tuple[str, ...],
        allow_missing: tuple[str, ...],
        needs: Needs,
        gathered: Collection[str],
    ) -> None:
        self.known = known
        self.plan = known.plan
        self.columns = columns
        self.fits = tuple(known.fitting(column) for column in columns)
        #: all names that some column gives, or may give, and those that need none
        self.present = frozenset((*gathered, *(name for names in self.fits for name in names)))
        self.allowed = frozenset(self._allowed(allow_missing))
        self.unknown = tuple(n for n in dict.fromkeys(allow_missing) if not self._covered(n))
        self.assumed: list[str] = []
        names_people = not self.present and not PERSONAL_FORMS.isdisjoint(map(normal, columns))
        self.is_complete: bool = needs == "all" or (needs != "none" and not names_people)

    def _covered(self, name: str) -> tuple[str, ...]:
        """Return the names that a name in ``allow_missing`` means."""
        criteria = (c for c in self.plan.criteria if c.id == name)
        ratings = next((c.rating_names for c in criteria), ())
        return (name,) if name in self.known.labels else ratings

    def _allowed(self, names: Iterable[str]) -> Iterator[str]:
        """Yield the names of the record that need no column."""
        for name in names:
            yield from self._covered(name)

    def made(self) -> Headings:
        """Return what was found."""
        asked = asked_for(self.plan, self.present) if self.is_complete else set[str]()
        if asked and not self.present:
            problems = [self._nothing_known(asked)]
        else:
            places = {name: i for i, name in enumerate(self.known.labels)}
            found = [*self._unclear(), *self._unmatched(asked)]
            found.sort(key=lambda each: places[each[0]])
            problems = [problem for _, problem in found]
        problems += map(self._not_a_name, self.unknown)
        return Headings(
            names=tuple(fit[0] if len(fit) == 1 else None for fit in self.fits),
            problems=tuple(problems),
            assumed=tuple(self.assumed),
        )

    def _nothing_known(self, asked: Collection[str]) -> Problem:
        """Return the problem of a table without any name of the ruleset."""
        names = tuple(
            Message.of("heading.name", name=self._named(name), labels=self.known.called(name))
            for name in self.known.labels
            if name in asked
        )
        return Problem(input="", reason=Message.of("problem.no-known-column", names=names))

    def _named(self, name: str) -> Named:
        """Return a name of the record with its label."""
        return Named(name, self.plan.scope.labels.get(name))

    def _not_a_name(self, name: str) -> Problem:
        """Return the problem of an unknown name in ``allow_missing``."""
        reason = Message.of("problem.unknown-name_allow-missing")
        return self._near_problem(name, reason, similar(name, tuple(self.known.labels)))

    def _near_problem(self, column: str, reason: Message, near: str | None) -> Problem:
        """Return a problem of a column or name that may be mistyped."""
        label = None if near is None else self.plan.scope.labels.get(near)
        return Problem(input=column, reason=reason, suggestion=near, suggestion_label=label)

    def _unclear(self) -> Iterator[tuple[str, Problem]]:
        """Yield (name, problem) where a column fits two names, or a name two columns."""
        given: dict[str, list[str]] = {}
        for column, names in zip(self.columns, self.fits, strict=True):
            if len(names) == 1:
                given.setdefault(names[0], []).append(_quoted(column))
            elif names:
                named = Joined(tuple(map(Named, names)), "list.and")
                reason = Message.of("problem.ambiguous-column", names=named)
                yield names[0], Problem(input=column, reason=reason)
        for name, columns in given.items():
            if len(columns) > 1:
                count, listed = len(columns), tuple(columns)
                key = "problem.repeated-column"
                yield name, self.known.problem(name, key, count=count, columns=listed)

    def _unmatched(self, asked: Collection[str]) -> Iterator[tuple[str, Problem]]:
        """Yield (name, problem) for names without a column, and for near misses."""
        known, near = self.known, self._near()
        required = required_by(self.plan, self.present)
        for name in known.labels:
            columns = near.get(name, [])
            if name in self.present or (name in self.allowed and name not in required):
                self.assumed += [name] if name in asked and name not in self.present else []
            elif name in asked:
                labels = known.called(name)
                if name in self.allowed:
                    problem = known.problem(name, "problem.no-column_default", labels=labels)
                elif len(columns) > 1:
                    meant = Joined(tuple(map(_quoted, columns)), "list.or")
                    key = "problem.no-column_near"
                    problem = known.problem(name, key, labels=labels, columns=meant)
                elif columns:
                    problem = known.problem(name, "problem.no-column", labels=labels)
                    problem = attrs.evolve(problem, suggestion=columns[0])
                elif origin := self.plan.scope.origin(name):
                    reason = origin("problem.no-column", labels=labels)
                    problem = self.plan.scope.problem(name, reason)
                elif name not in required:
                    problem = known.problem(name, "problem.no-column_optional", labels=labels)
                else:
                    problem = known.problem(name, "problem.no-column", labels=labels)
                yield name, problem
            else:
                reason = Message.of("problem.unknown-name")
                yield from ((name, self._near_problem(column, reason, name)) for column in columns)

    def _near(self) -> dict[str, list[str]]:
        """Return the columns that are nearly names, by these names; only those without a column."""
        known = self.known
        tables = (known.by_id, known.by_label, known.by_short)
        # numbers tell names apart: "task 2" is not a misspelled "task 1"
        free: dict[tuple[str, ...], dict[str, str]] = {}
        for form, names in (each for table in tables for each in table.items()):
            for name in names:
                if name not in self.present:
                    free.setdefault(tuple(_DIGITS.findall(form)), {}).setdefault(form, name)
        found: dict[str, list[str]] = {}
        for column, names in zip(self.columns, self.fits, strict=True):
            if names or not free or normal(column) in PERSONAL_FORMS:
                continue
            for form in forms_of(column):
                alike = free.get(tuple(_DIGITS.findall(form)), {})
                near = similar(form, tuple(alike), _NEAR)
                if near is not None:
                    found.setdefault(alike[near], []).append(column)
                    break
        return found


# ---------------------------------------------------------------- what a plan asks of a record


def asked_for(plan: Plan, present: Collection[str]) -> set[str]:
    """Return the inputs and ratings that what is scored asks for.

    ``present``: names that have a column; a rating may be given in place of facts, and facts in
    place of a rating. What only unscored criteria use is not asked for, nor are remarks and
    criteria that weigh nothing.
    """
    graph, scope = plan.scope.graph, plan.scope
    points = {f"points.{c.id}": c for c in plan.criteria}
    rest = [name for name, c in points.items() if c.is_scored]
    rest += [n for n in graph if n.startswith(("adjust.", "outcome.", "gate["))]
    rest += [dependencies.BEFORE, dependencies.GATES, dependencies.TIER]
    # it comes after all criteria, also those that are not scored
    seen, found = {"raw_total"}, set[str]()
    while rest:
        name = rest.pop()
        if name in seen:
            continue
        seen.add(name)
        if name in scope.inputs or (name in plan.rated and not plan.rated[name].is_weightless):
            found.add(name)
        elif name in points:
            c = points[name]
            if not (c.is_weightless or c.is_remark):
                rest += [n for n in graph[name] if n.startswith("weight.")]
                rest += c.rating_names if _is_rated(c, present) else c.needs
        else:
            rest += graph.get(name, ())
    return found


def _is_rated(c: CompiledCriterion, present: Collection[str]) -> bool:
    """Return whether the table is to give the rating of a criterion, and not its facts."""
    awards = [row.is_award for row in c.rows]
    if not c.is_measured or all(awards) or any(name in present for name in c.rating_names):
        return True
    # where a policy answers for points that nobody awarded, facts alone would be scored in silence
    return any(awards) and c.criterion.missing != "error"


def required_by(plan: Plan, present: Collection[str]) -> set[str]:
    """Return the inputs and ratings without which no record is scored: no policy answers."""
    found: set[str] = set()
    quantities: list[CompiledQuantity] = []
    for c in plan.criteria:
        optional = c.is_weightless or not c.is_scored or c.missing_default is not None
        if not optional and c.criterion.missing != "exclude":
            if _is_rated(c, present):
                found |= set(c.rating_names)
            else:
                quantities.append(c)
    needed = [f"adjust.{a.id}" for a in plan.rubric.adjustments if a.missing != "skip"]
    needed += [f"outcome.{o.name}" for o in plan.rubric.outcomes if o.missing != "skip"]
    needed += [name for name in plan.quantities if name.startswith("weight.")]
    quantities += [plan.quantities[name] for name in (*needed, dependencies.BEFORE)]
    gates = zip(plan.rubric.gates, plan.gates, strict=True)
    quantities += [quantity for gate, quantity in gates if gate.missing != "skip"]
    return found | _facts_of(plan, quantities)


def _facts_of(plan: Plan, quantities: Iterable[CompiledQuantity]) -> set[str]:
    """Return the names of the record that some quantities cannot do without."""
    derived = {fact.name for fact in plan.rubric.derived}
    found: set[str] = set()
    seen: set[str] = set()
    rest = [name for quantity in quantities for name in _needs_of(quantity)]
    while rest:
        name = rest.pop()
        if name in seen:
            continue
        seen.add(name)
        if name in plan.scope.inputs:
            found |= {name} if plan.scope.inputs[name].assumed is None else set[str]()
        elif name in plan.rated:
            found |= set[str]() if name in plan.scope.may_be_excluded else {name}
        elif name in derived:
            rest += _needs_of(plan.quantities[name])
    return found


def _needs_of(quantity: CompiledQuantity) -> list[str]:
    """Return the names without which a quantity has no value."""
    names = [name for name in quantity.facts if name not in quantity.answered]
    if len(quantity.rows) == 1 and quantity.rows[0].formula is not None:
        names += quantity.rows[0].formula.names
    return names
