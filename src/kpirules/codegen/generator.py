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
from kpirules.codegen import backend, criterion_expressions, input_expressions, stage_expressions
from kpirules.codegen import fixed_point as u
from kpirules.codegen.builder import Work
from kpirules.codegen.expression_size import Counting
from kpirules.codegen.fixed_point import NO, YES, BeyondError, Truth, every, opposite, some
from kpirules.codegen.input_expressions import NOTHING, Fact
from kpirules.codegen.output import EXACT, BandIndex, Column, Shape, Unratable, names_of
from kpirules.codegen.row_values import Condition
from kpirules.compiler.domains import allowed_values, axis_of
from kpirules.compiler.stages import (
    AdjustmentStage,
    ContributionStage,
    CriterionStage,
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
from kpirules.evaluation.headings import EMPTY_ROW
from kpirules.evaluation.record import MAX_REMARK, OptionReader, is_percent
from kpirules.model.names import Adjustment, Outcome, Points, Subtotal, Tier, Total
from kpirules.translations.message import Message


if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator, Mapping

    from kpirules.codegen.criterion_expressions import Scored
    from kpirules.codegen.output import Source
    from kpirules.compiler.criteria import CompiledCriterion
    from kpirules.compiler.plan import Plan
    from kpirules.compiler.stages import Stage
    from kpirules.model.rubric import Input


#: the problem of a row that is not scored and has no other problem
UNKNOWN = Problem(input="record", reason=Message.of("problem.unsupported-record"))

#: the first of the characters by which the problems of a row are noted
_FIRST_MARK = 0x100


@attrs.frozen
class CannotSayError(ValueError):
    """A part of a rubric that expressions over columns cannot express exactly."""

    part: str
    reason: str

    def __str__(self) -> str:
        return f"{self.part} {self.reason}"


@attrs.frozen(kw_only=True)
class Compiled:
    """A plan over the columns of a frame."""

    #: the columns that each level adds
    levels: tuple[dict[str, nw.Expr], ...]
    #: what the result adds, in order; numbers in units, texts as they are
    columns: tuple[tuple[Column, nw.Expr], ...]
    #: where a row is scored
    valid: nw.Expr
    #: the problems of a row, as a text with a character for each
    marks: nw.Expr
    #: the problem of each character, in the order in which people read them
    marked: Mapping[str, Problem]
    #: what the columns hold for people, made of these columns; none where it is piecewise
    edges: tuple[nw.Expr, ...]
    #: what must hold of a row that is scored
    conditions: tuple[Condition, ...]
    #: the library that the expressions are of
    library: backend.Library


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
    lang: str | None = None,
) -> Compiled:
    """Compile a plan to expressions, those of Narwhals or of another library.

    ``kinds`` gives what the columns hold that are read, by the names of the record; ``columns`` the
    columns of those names, if they have other headings; ``spelled`` the name that a column has on
    its backend. ``piecewise``: points and subtotals are there as soon as their inputs are
    valid, though the row is not scored yet. ``lang``: the language of the problems (see
    :meth:`kpirules.errors.Problem.text`).
    """
    made_by = library or backend.NARWHALS
    with backend.using(made_by, reach):
        made = _Compiler(
            plan,
            kinds,
            columns or {},
            spelled,
            piecewise=piecewise,
            rejects_empty=rejects_empty,
            lang=lang,
        )
        return made.made(made_by)


def counted(plan: Plan, kinds: Mapping[str, str]) -> None:
    """Raise :class:`CannotSayError` for a plan whose expressions would be too large."""
    try:
        compiled(plan, kinds, library=cast("backend.Library", Counting()))
    except BeyondError as error:
        # what holds of a row is made of all parts
        raise CannotSayError(plan.rubric.id, str(error)) from None


class _Compiler:
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
        lang: str | None,
    ) -> None:
        self.lang = lang
        self.rejects_empty = rejects_empty
        self.piecewise = piecewise
        self.plan = plan
        self.kinds = kinds
        self.columns = columns
        self.spelled = spelled
        self.work = Work(plan)
        self.scored: dict[str, Scored] = {}
        self.unratable: Truth = NO
        self._part = ""

    @contextmanager
    def _about(self, part: str) -> Generator[None]:
        """Raise :class:`CannotSayError` for a part if expressions cannot express it."""
        try:
            yield
        except BeyondError as error:
            raise CannotSayError(part, str(error)) from None

    def made(self, library: backend.Library) -> Compiled:
        """Compile all expressions."""
        for name in sorted(self.plan.undecided):
            raise CannotSayError(name, "has a question that check could not decide")
        for fact in self.plan.rubric.inputs:
            with self._about(fact.name):
                self._input(fact)
        for c in self.plan.criteria:
            with self._about(c.id):
                self._ratings(c)
        for stage in stages_of(self.plan):
            with self._about(str(stage.name)):
                self._stage(stage)
        empty = self._empty()
        if not self.work.required & self.kinds.keys():
            # else every row that is scored gives something
            self.work.refuse("record", EMPTY_ROW.reason, empty)
        valid = self.work.valid()
        columns = tuple(self._columns(valid))
        marks, marked = self._problems(empty)
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
            library=library,
        )

    # ------------------------------------------------------------ what is fed in

    def _input(self, fact: Input) -> None:
        """Read a fact, with its default where nothing is given."""
        work, kind = self.work, self.kinds.get(fact.name)
        if fact.many:
            raise BeyondError("is a list")
        read = NOTHING if kind is None else self._read(fact, kind)
        made = work.admit(fact.name, read, allowed_values(fact))
        if fact.default is not None:
            work.env[fact.name] = _with_default(made, input_expressions.fixed(fact.default))

    def _read(self, fact: Input, kind: str) -> Fact:
        """Read the column of a fact."""
        axis, column = axis_of(fact), self._read_from(fact.name)
        if fact.type == "choice":
            return self._options(OptionReader(fact), column, kind)
        if fact.type == "flag":
            return input_expressions.flag(column, kind)
        return input_expressions.number(column, kind, axis, [axis.domain], percent=is_percent(fact))

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
            read = input_expressions.numbered(name, kind, reader.numbers)
        # asked for by each band
        text, level = self.work.keep_text(cast("nw.Expr", read.text), read.level)
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
                read = input_expressions.number(column, kind, axis, c.admissible)
                work.admit(name, read, c.allowed_ratings)

    def _remark(self, c: CompiledCriterion) -> None:
        """Reject remarks that are too long."""
        if c.id in self.kinds:
            length = backend.cast_to(backend.col(self._read_from(c.id)), nw.String).str.len_chars()
            reason = Message.of("problem.too-long_remark", max_length=MAX_REMARK)
            self.work.refuse(c.id, reason, Truth(expr=length > MAX_REMARK))

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
                raise BeyondError("is worked out for each record")
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
            case SettledStage():
                # settled by the gates
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
        for name, source in names_of(self.plan):
            with self._about(str(source)):
                if name.endswith(EXACT):
                    raise BeyondError("can come to fractions that no decimal is equal to")
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

    def _column(
        self, name: str, source: Source, fact: Fact, there: Truth
    ) -> tuple[Column, nw.Expr]:
        """Return a column of the result; ``there``: the rows that have it."""
        number = fact.number
        if number is not None and number.is_guarded and there is self.work.taken():
            # null already where the row is not scored
            there = YES
        return _column(name, source, fact, there)

    def _meant(self, fact: Fact) -> Truth:
        """Return the rows in which all inputs of the value are valid."""
        conditions = self.work.conditions
        wrong = (Truth(expr=_filled(conditions[i].wrong)) for i in sorted(fact.after))
        return opposite(some(wrong))

    def _problems(self, empty: Truth) -> tuple[nw.Expr, dict[str, Problem]]:
        """Return the problems of a row as a text with a character for each, and what these mean.

        The texts of the problems are put in later, so that each condition is computed once.
        """
        marked: dict[str, Problem] = {}

        def mark(problem: Problem) -> nw.Expr:
            character = chr(_FIRST_MARK + len(marked))
            marked[character] = problem
            return backend.lit(character)

        nothing = mark(EMPTY_ROW)
        conditions = self.work.conditions
        names = [*self.plan.scope.inputs, *(n for c in self.plan.criteria for n in c.rating_names)]
        places = {name: i for i, name in enumerate(names)}
        rising = sorted(conditions, key=lambda c: places.get(c.about, len(places)))
        parts: list[nw.Expr] = []
        absent = {c.about: c for c in conditions if c.implied}
        admitted = {c.about for c in conditions if c.taken is not None}
        for condition in rising:
            if condition.taken is not None and condition.about in absent:
                # allowed, or nothing is given, or neither
                lacking = absent[condition.about]
                then = backend.when(condition.taken.column).then(backend.lit(""))
                then = then.when(lacking.wrong.column).then(mark(lacking.problem))
                parts.append(then.otherwise(mark(condition.problem)))
                continue
            if condition.implied and condition.about in admitted:
                # told with what is given for the name
                continue
            before = [
                opposite(Truth(expr=_filled(conditions[i].wrong)))
                for i in sorted(condition.after)
                if conditions[i] is not condition
            ]
            here = every([Truth(expr=_filled(condition.wrong)), *before])
            then = backend.when(here.column).then(mark(condition.problem))
            parts.append(then.otherwise(backend.lit("")))
        found = backend.concat(parts) if parts else backend.lit("")
        return backend.when(empty.column).then(nothing).otherwise(found), marked


def _filled(truth: Truth) -> nw.Expr | bool:
    """Return a truth with false in place of null."""
    return truth.expr if isinstance(truth.expr, bool) else truth.expr.fill_null(value=False)


def _with_default(fact: Fact, default: Fact) -> Fact:
    """Return a fact with a default where nothing is given."""
    if fact.given.expr is False:
        return default
    made = attrs.evolve(fact, given=default.given)
    if fact.number is not None and default.number is not None:
        return attrs.evolve(made, number=u.choose(fact.given, fact.number, default.number))
    if fact.text is not None and default.text is not None:
        return attrs.evolve(made, text=u.chain([(fact.given, fact.text)], default.text))
    flag, other = cast("Truth", fact.flag), cast("Truth", default.flag)
    expr = u.chain([(fact.given, flag.column)], other.column)
    return attrs.evolve(made, flag=Truth(expr=expr))


def _column(name: str, source: Source, fact: Fact, valid: Truth) -> tuple[Column, nw.Expr]:
    """Return a column of the result, which is null in rows that are not scored."""
    there = every([valid, fact.given])
    if fact.text is not None:
        shape, expr = Shape.text(), fact.text
    else:
        number = fact.number or u.constant(0)
        is_band = isinstance(source, BandIndex)
        shape = Shape.code() if is_band else Shape.of(*number.bounds, number.den)
        expr = number.expr if is_band else number.in_units(shape.den).expr
    if fact.given.expr is False:
        expr = backend.lit(None, dtype=shape.dtype)
        return Column(name=name, source=source, shape=shape), expr
    if there.expr is not True:
        expr = backend.when(there.column).then(expr)
    return Column(name=name, source=source, shape=shape), expr
