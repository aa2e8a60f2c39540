"""A plan over a frame's columns: each of its stages as an expression.

What expressions cannot express exactly is not approximated: :class:`CannotSayError` names the part,
and :mod:`kpirules.dataframe.execute` decides what follows.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, assert_never, cast

import attrs
import narwhals as nw

from kpirules.arithmetic.decision_table import Axis
from kpirules.codegen import (
    backend,
    criterion_expressions,
    input_expressions,
    row_problems,
    stage_expressions,
)
from kpirules.codegen.builder import Work
from kpirules.codegen.compiled_plan import CannotSayError, Compiled
from kpirules.codegen.expression_size import MAX_INLINE, Count, Counting, nodes_of
from kpirules.codegen.fixed_point import BeyondError
from kpirules.codegen.input_expressions import NOTHING, Fact
from kpirules.codegen.output import BandIndex, Column, Shape, Unratable, numbers_of
from kpirules.codegen.result_columns import result_column
from kpirules.codegen.truth import NO, YES, Truth, every, opposite, some
from kpirules.compiler.domains import MAX_TEXT, allowed_values, axis_of
from kpirules.compiler.stages import (
    AdjustmentStage,
    ContributionStage,
    CriterionStage,
    DemotionStage,
    DerivedStage,
    GatesStage,
    OutcomeStage,
    RawTotalStage,
    RefusalStage,
    SettledStage,
    SubtotalStage,
    TotalStage,
    WeightStage,
    stages_of,
)
from kpirules.errors import Problem
from kpirules.evaluation.headings import EMPTY_ROW, required_by
from kpirules.evaluation.record import MAX_REMARK, OptionReader, is_percent
from kpirules.model.dependencies import closure
from kpirules.model.names import Adjustment, Gates, Outcome, Points, Subtotal, Tier, Total
from kpirules.translations.message import Message


if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator, Mapping, Sequence

    from kpirules.codegen.criterion_expressions import Scored
    from kpirules.codegen.output import Source
    from kpirules.compiler.criteria import CompiledCriterion
    from kpirules.compiler.plan import Plan
    from kpirules.compiler.stages import Stage
    from kpirules.model.rubric import Input


#: the problem of a row that is not scored and has no other problem
UNKNOWN = Problem(input="record", reason=Message.of("problem.unsupported-record"))


def compiled(
    plan: Plan,
    kinds: Mapping[str, str],
    spelled: Callable[[str], str] = str,
    library: backend.Library | None = None,
    reach: backend.Reach | None = None,
    *,
    columns: Mapping[str, str] | None = None,
    piecewise: bool = False,
    rejects_empty: bool = True,
    left_out: Mapping[str, CannotSayError] | None = None,
    lang: str | None = None,
    dependencies: Sequence[frozenset[str]] | None = None,
) -> Compiled:
    """Compile a plan to expressions, those of Narwhals or of another library.

    ``kinds`` gives what the columns hold that are read, by the names of the record; ``columns`` the
    columns of those names, if they have other headings; ``spelled`` the name that a column has on
    its backend. ``piecewise``: points and subtotals are there as soon as their inputs are
    valid, though the row is not scored yet. ``left_out``: names that are left out, as
    :attr:`Compiled.not_computed` has them; so is what expressions cannot express, with all that
    depends on it, and rows whose numbers are too large for exact arithmetic are told apart. None:
    both are an error for the plan. ``lang``: the language of the problems (see
    :meth:`kpirules.errors.Problem.text`). ``dependencies``: those that :func:`counted` returns,
    for ``allowed`` and ``told``.
    """
    made_by = library or backend.NARWHALS
    guards: list[nw.Expr] | None = None if left_out is None else []
    with backend.using(made_by, reach, guards):
        made = Compiler(
            plan,
            kinds,
            columns or {},
            spelled,
            piecewise=piecewise,
            rejects_empty=rejects_empty,
            left_out=left_out,
            lang=lang,
        )
        found = made.made(made_by, dependencies)
        return attrs.evolve(found, guards=tuple(guards or ()))


def counted(plan: Plan, kinds: Mapping[str, str], *, rejects_empty: bool = True) -> Counted:
    """Compile a plan to counts of expressions.

    Raises :class:`CannotSayError` for a plan whose expressions would be too large.
    """
    library = cast("backend.Library", Counting())
    try:
        made = compiled(plan, kinds, library=library, rejects_empty=rejects_empty)
    except BeyondError as error:
        # what holds of a row is made of all parts
        raise CannotSayError(plan.rubric.id, error.reason) from None
    wrong = [cast("object", condition.wrong.expr) for condition in made.conditions]
    levels = (expr for level in made.levels for expr in level.values())
    columns = (expr for _, expr in made.columns)
    return Counted(
        tuple(expr.columns if isinstance(expr, Count) else frozenset[str]() for expr in wrong),
        splits=nodes_of([*levels, *columns, made.valid, made.marks]) > MAX_INLINE,
    )


@attrs.frozen
class Counted:
    """What is known of a plan's expressions before any library makes them."""

    #: for each condition the names of the record on whose values it depends
    dependencies: tuple[frozenset[str], ...]
    #: whether shared parts should have columns of their own (see :class:`backend.Reach`)
    splits: bool


class Compiler:
    """Makes the expressions of one plan."""

    def __init__(
        self,
        plan: Plan,
        kinds: Mapping[str, str],
        columns: Mapping[str, str],
        spelled: Callable[[str], str],
        *,
        piecewise: bool,
        rejects_empty: bool,
        left_out: Mapping[str, CannotSayError] | None,
        lang: str | None,
    ) -> None:
        self.lang = lang
        self.partial: bool = left_out is not None
        #: the names that are left out, each with the part that cannot be expressed
        self.left_out: dict[str, CannotSayError] = dict(left_out or {})
        self.rejects_empty = rejects_empty
        self.piecewise = piecewise
        self.plan = plan
        self.kinds = kinds
        self.columns = columns
        self.spelled = spelled
        self.work: Work = Work(plan)
        self.scored: dict[str, Scored] = {}
        self.unratable: Truth = NO
        self._part = ""

    @contextmanager
    def _about(self, part: str, *names: str) -> Generator[None]:
        """Leave the names of a part out, by default its own, if expressions cannot express it.

        Raises :class:`CannotSayError` unless parts may be left out.
        """
        try:
            yield
        except BeyondError as error:
            found = CannotSayError(part, error.reason)
            if not self.partial:
                raise found from None
            self.left_out |= dict.fromkeys(names or (part,), found)

    def _left_out_before(self, name: str) -> CannotSayError | None:
        """Return the part without which a name cannot be computed, if it is left out."""
        needs = list(self.plan.scope.graph.get(name, ()))
        needs += [r for c in self.plan.criteria if c.points_name == name for r in c.rating_names]
        return next((self.left_out[n] for n in needs if n in self.left_out), None)

    def made(
        self, library: backend.Library, dependencies: Sequence[frozenset[str]] | None
    ) -> Compiled:
        """Compile all expressions."""
        for name in sorted(self.plan.undecided):
            raise CannotSayError(name, Message.of("cannot-express.undecided"))
        self._inputs_and_ratings()
        for fall in self.plan.falls:
            with self._about(fall.name):
                raise BeyondError(Message.of("cannot-express.quota"))
        for stage in stages_of(self.plan):
            name = str(stage.name)
            before = self.left_out.get(name) or self._left_out_before(name)
            if before is not None:
                self.left_out[name] = before
            else:
                with self._about(name):
                    self._stage(stage)
            if isinstance(stage, RefusalStage) and name in self.left_out:
                # nothing may be shown of a row that it may reject
                raise self.left_out[name]
        self._lacking()
        empty = self._empty()
        if not self.work.required & self.kinds.keys():
            # else every row that is scored gives something
            self.work.refuse("record", EMPTY_ROW.reason, empty)
        valid = self.work.valid()
        not_computed = dict(self.left_out)
        columns = tuple(self._columns(valid))
        marks, marked = row_problems.marks(self.work, empty, self.lang)
        allowed: Mapping[str, nw.Expr] = {}
        told: Mapping[str, nw.Expr] = {}
        if dependencies is not None:
            allowed = row_problems.allowed(self.work, self.kinds, self._read_from)
            told = row_problems.told(self.work, self.kinds, dependencies)
        levels = tuple(self.work.levels)
        return Compiled(
            levels=levels,
            columns=columns,
            valid=valid.column,
            marks=marks,
            marked=marked,
            edges=()
            if self.piecewise
            else tuple(column.edge(self.spelled(column.name)) for column, _ in columns),
            conditions=tuple(self.work.conditions),
            allowed=allowed,
            told=told,
            library=library,
            left_out=self.left_out,
            not_computed=not_computed,
        )

    def _lacking(self) -> None:
        """Require what the parts that are left out need, as the row is not complete without it."""
        if not self.left_out:
            return
        graph, present = self.plan.scope.graph, self.kinds.keys() - self.left_out.keys()
        needed = required_by(self.plan, present)
        # in place of facts, a rating may be given, although it is not computed with
        without = required_by(self.plan, self.kinds)
        rated = [name for name in self.left_out if name in self.kinds and name in self.plan.rated]
        for name in closure(self.left_out, graph):
            if name in needed and name in present and name in self.plan.scope.inputs:
                own = [n for n in rated if name in closure([self.plan.rated[n].points_name], graph)]
                given = [input_expressions.says(self._read_from(n), self.kinds[n]) for n in own]
                unless = every(given) if own and name not in without else NO
                self.work.refuse_missing_input(name, unless)

    # ------------------------------------------------------------ what is fed in

    def _inputs_and_ratings(self) -> None:
        """Read all that is not left out."""
        for fact in self.plan.rubric.inputs:
            if fact.name not in self.left_out:
                with self._about(fact.name):
                    self._input(fact)
        for c in self.plan.criteria:
            if c.id not in self.left_out:
                with self._about(c.id, *c.rating_names):
                    self._ratings(c)

    def _input(self, fact: Input) -> None:
        """Read a fact, with its default where nothing is given."""
        work, kind = self.work, self.kinds.get(fact.name)
        if fact.many:
            raise BeyondError(Message.of("cannot-express.list"))
        if fact.type == "text":
            self._limit_length(fact.name, MAX_TEXT, "problem.too-long_group")
            return
        read = NOTHING if kind is None else self._read(fact, kind)
        made = work.admit(fact.name, read, allowed_values(fact))
        if fact.assumed is not None:
            default = input_expressions.fixed(fact.assumed)
            work.env[fact.name] = input_expressions.with_default(made, default)

    def _read(self, fact: Input, kind: str) -> Fact:
        """Read the column of a fact."""
        axis, column = axis_of(fact), self._read_from(fact.name)
        if fact.type == "choice":
            return self._options(OptionReader(fact), column, kind)
        if fact.type == "flag":
            return input_expressions.flag(column, kind, self.work.keep_column)
        return input_expressions.number(
            column, kind, axis, [axis.domain], self.work.keep_column, percent=is_percent(fact)
        )

    def _read_from(self, name: str) -> str:
        """Return the column that gives a name of the record, as its backend calls it."""
        return self.spelled(self.columns.get(name, name))

    def _options(self, reader: OptionReader, name: str, kind: str) -> Fact:
        """Read the column of a choice."""
        if kind in input_expressions.TEXTS:
            return input_expressions.text(name, kind, reader.options)
        if kind == input_expressions.SPELLED:
            read = input_expressions.spelled(name, reader.options, reader.spellings)
        else:
            read = input_expressions.numbered(name, kind, reader.numbers, self.work.keep_column)
        # asked for by each band
        text, level = self.work.keep_column(cast("nw.Expr", read.text), read.level)
        taken = read.taken
        if kind == input_expressions.SPELLED:
            taken = attrs.evolve(input_expressions.one_of(text, reader.options), level=level)
        return attrs.evolve(read, text=text, level=level, taken=taken)

    def _ratings(self, c: CompiledCriterion) -> None:
        """Read the ratings of a criterion; those of one that weighs nothing are ignored."""
        work = self.work
        if c.is_remark:
            self._remark(c)
            return
        axis = Axis(step=criterion_expressions.rating_step(c))
        for name in c.rating_names:
            kind = self.kinds.get(name)
            if c.is_weightless:
                work.bare[name] = work.env[name] = attrs.evolve(NOTHING, is_out=True)
            elif kind is None:
                work.bare[name] = work.env[name] = NOTHING
            else:
                column = self._read_from(name)
                read = input_expressions.number(column, kind, axis, c.admissible, work.keep_column)
                work.admit(name, read, c.allowed_ratings)

    def _remark(self, c: CompiledCriterion) -> None:
        """Reject remarks that are too long."""
        self._limit_length(c.id, MAX_REMARK, "problem.too-long_remark")

    def _limit_length(self, name: str, most: int, key: str) -> None:
        """Reject texts that are too long; nothing is computed with them."""
        if name in self.kinds:
            length = backend.cast_to(backend.col(self._read_from(name)), nw.String).str.len_chars()
            reason = Message.of(key, max_length=most)
            self.work.refuse(name, reason, Truth(expr=length > most))

    def _empty(self) -> Truth:
        """Return where a row gives nothing; a form on paper is there before it is filled in."""
        if self.piecewise or not (self.kinds and self.rejects_empty):
            return NO
        return opposite(
            some(input_expressions.says(self._read_from(n), k) for n, k in self.kinds.items())
        )

    # ------------------------------------------------------------ the stages

    def _stage(self, stage: Stage) -> None:  # noqa: C901, PLR0912 - a case a kind of stage
        """Compute one name for all rows, as its stage does for one record."""
        work = self.work
        match stage:
            case DerivedStage():
                stage_expressions.derived(work, stage)
            case WeightStage():
                raise BeyondError(Message.of("cannot-express.weight"))
            case CriterionStage():
                self._score(stage)
            case ContributionStage():
                stage_expressions.contribution(work, self.scored, stage)
            case SubtotalStage():
                stage_expressions.subtotal(work, stage)
            case RawTotalStage():
                stage_expressions.raw_total(work, stage)
            case AdjustmentStage():
                stage_expressions.adjust(work, stage)
            case RefusalStage():
                stage_expressions.refuse(work, stage)
            case TotalStage():
                stage_expressions.before_gates(work, stage)
            case GatesStage():
                self.unratable = stage_expressions.gates(work, stage)
            case SettledStage() | DemotionStage():
                # settled by the gates; a tier that depends on quotas is left out
                pass
            case OutcomeStage():
                stage_expressions.outcome(work, stage, unratable=self.unratable)
            case _ as never:
                assert_never(never)

    def _score(self, stage: CriterionStage) -> None:
        """Score a criterion."""
        work = self.work
        made = criterion_expressions.score(work, stage.criterion)
        if made.points.number is not None:
            # asked for by its own column, by its section, by other quantities
            number = work.keep(made.points.number)
            points = attrs.evolve(made.points, number=number, level=number.level)
            made = attrs.evolve(made, points=points)
        self.scored[stage.name.id] = made
        work.env[str(stage.name)] = made.points

    # ------------------------------------------------------------ what comes of it

    def _columns(self, valid: Truth) -> Iterator[tuple[Column, nw.Expr]]:
        """Yield the columns of the result, which are null in rows that are not scored."""
        ratable = every([valid, opposite(self.unratable)])
        # a number that would have an exact column is not one that expressions have
        for name, source in numbers_of(self.plan):
            if self._of(source) in self.left_out:
                continue
            with self._about(str(source)):
                match source:
                    case Unratable():
                        flag = backend.when(valid.column).then(self.unratable.column)
                        yield Column(name=name, source=source, shape=Shape.flag()), flag
                    case BandIndex(id):
                        made = self.scored[id]
                        fact = Fact(number=made.band, given=made.banded)
                        yield self._column(name, source, fact, valid)
                    case Points() | Subtotal():
                        fact = self.work.env[str(source)]
                        there = self._meant(fact) if self.piecewise else valid
                        yield self._column(name, source, fact, there)
                    case Adjustment():
                        yield self._column(name, source, self.work.env[str(source)], valid)
                    case Total() | Tier() | Outcome():
                        # only ratable rows have one
                        yield self._column(name, source, self.work.env[str(source)], ratable)
                    case _ as never:
                        assert_never(never)

    def _of(self, source: Source) -> str:
        """Return the name that a column of the result comes from."""
        match source:
            case Unratable():
                return str(Gates())
            case BandIndex(id):
                return str(Points(id))
            case _:
                return str(source)

    def _column(
        self, name: str, source: Source, fact: Fact, there: Truth
    ) -> tuple[Column, nw.Expr]:
        """Return a column of the result; ``there``: the rows that have it."""
        number = fact.number
        if number is not None and number.is_guarded and there is self.work.taken():
            # null already where the row is not scored
            there = YES
        return result_column(name, source, fact, there)

    def _meant(self, fact: Fact) -> Truth:
        """Return the rows in which all inputs of the value are valid."""
        conditions = self.work.conditions
        wrong = (row_problems.filled(conditions[i].wrong) for i in sorted(fact.after))
        return opposite(some(wrong))
