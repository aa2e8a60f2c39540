"""Expressions in the making: levels of columns, conditions on rows, values of quantities."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

import attrs

from kpirules.arithmetic.range import Range
from kpirules.codegen import backend
from kpirules.codegen import fixed_point as u
from kpirules.codegen.fixed_point import BeyondError, Units
from kpirules.codegen.formula_expressions import column_of
from kpirules.codegen.input_expressions import NOTHING, Fact, one_of
from kpirules.codegen.row_values import Condition, Lack, Took
from kpirules.codegen.truth import NO, YES, Truth, every, opposite, some
from kpirules.compiler.domains import finished
from kpirules.compiler.quantities import MISSING_ENTRY
from kpirules.compiler.symbols import MISSING_VALUE
from kpirules.model.dependencies import closure, conditions
from kpirules.translations.message import Message


if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    import narwhals as nw

    from kpirules.compiler.plan import Plan
    from kpirules.compiler.quantities import CompiledQuantity
    from kpirules.compiler.rows import Row
    from kpirules.formula import Formula


#: the names of temporary columns begin with this; a frame that has such columns is rejected
PREFIX = "__kpirules_"


class Work:
    """The expressions of a plan, level by level."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        #: the columns that each level adds
        self.levels: list[dict[str, nw.Expr]] = []
        self.conditions: list[Condition] = []
        #: the values of the names
        self.env: dict[str, Fact] = {}
        #: the same without defaults
        self.bare: dict[str, Fact] = {}
        #: the names that quantities and gates ask for
        self.asked: set[str] = {
            name for each in (*plan.quantities.values(), *plan.gates) for name in each.needs
        }
        #: the rank of the tier, the lowest 0
        self.rank: Units | None = None
        self._taken: Truth | None = None
        #: names for which that asks that something is given
        self._settled: set[str] = set()
        #: names of the record without which no row is scored
        self.required: set[str] = set()

    # ------------------------------------------------------------ levels

    def _put(self, expr: nw.Expr, level: int) -> nw.Expr:
        """Add a column to a level."""
        while len(self.levels) <= level:
            self.levels.append({})
        name = f"{PREFIX}{sum(map(len, self.levels))}"
        self.levels[level][name] = expr
        return backend.kept(name, expr)

    def keep(self, value: Units) -> Units:
        """Return a number in a column of its own, so that it is computed once."""
        if value.only is not None or value.is_kept:
            return value
        column = self._put(value.expr, value.level)
        return attrs.evolve(value, expr=column, level=value.level + 1, is_kept=True)

    def keep_column(self, expr: nw.Expr, level: int) -> tuple[nw.Expr, int]:
        """Return an expression in a column of its own, with its level."""
        return self._put(expr, level), level + 1

    def keep_truth(self, truth: Truth) -> Truth:
        """Return a truth in a column of its own, which is never null."""
        if isinstance(truth.expr, bool):
            return truth
        filled = truth.expr.fill_null(value=False)
        return Truth(expr=self._put(filled, truth.level), level=truth.level + 1)

    # ------------------------------------------------------------ what must hold

    def refuse(
        self,
        about: str,
        reason: Message,
        wrong: Truth,
        after: frozenset[int] = frozenset(),
        *,
        allowed: Message | None = None,
    ) -> frozenset[int]:
        """Reject the rows in which something is wrong; return the number of the condition."""
        problem = self.plan.scope.problem(about, reason, allowed=allowed)
        return self._refuse(Condition(about=about, problem=problem, wrong=wrong, after=after))

    def _refuse(self, condition: Condition) -> frozenset[int]:
        """Add a condition that may fail."""
        if condition.wrong.expr is False:
            return frozenset()
        if backend.reach().splits:
            taken = condition.taken and self.keep_truth(condition.taken)
            condition = attrs.evolve(condition, wrong=self.keep_truth(condition.wrong), taken=taken)
        self.conditions.append(condition)
        return frozenset({len(self.conditions) - 1})

    def admit(self, name: str, fact: Fact, allowed: Message) -> Fact:
        """Reject the rows in which the value of a name of the record is not allowed."""
        if backend.reach().splits and fact.number is not None:
            fact = attrs.evolve(fact, number=self.keep(fact.number))
        if not isinstance(fact.given.expr, bool):
            given = attrs.evolve(fact.given, expr=backend.presence(fact.given.expr))
            fact = attrs.evolve(fact, given=given)
        self.bare[name] = fact
        wrong = every([fact.given, opposite(fact.taken)])
        found = self._refuse(
            Condition(
                about=name,
                problem=self.plan.scope.problem(
                    name, Message.of("problem.not-allowed_value"), allowed=allowed
                ),
                wrong=wrong,
                after=frozenset(),
                taken=fact.taken,
            )
        )
        self.bare[name] = self.env[name] = attrs.evolve(fact, after=found)
        return self.env[name]

    def refuse_given(
        self,
        names: Sequence[str],
        reason: Message,
        wrong: Truth,
        after: frozenset[int],
        *,
        allowed: Message | None = None,
    ) -> frozenset[int]:
        """Reject rows for the first of some names that is given, else for the first of all."""
        found: set[int] = set()
        before = YES
        for name in names:
            given = self.bare.get(name, NOTHING).given
            found |= self.refuse(
                name, reason, every([wrong, before, given]), after, allowed=allowed
            )
            before = every([before, opposite(given)])
        first = names[0] if names else "record"
        found |= self.refuse(first, reason, every([wrong, before]), after, allowed=allowed)
        return frozenset(found)

    def refuse_missing(self, name: str, lacking: Truth) -> frozenset[int]:
        """Reject rows in which a rating is missing."""
        allowed = self.plan.scope.allowed(name)
        alone = len(self.plan.rated[name].rating_names) == 1
        if alone:
            self.required.add(name)
        return self._refuse(
            Condition(
                about=name,
                problem=self.plan.scope.problem(name, MISSING_VALUE, allowed=allowed),
                wrong=lacking,
                after=frozenset(),
                implied=alone,
                is_lack=True,
            )
        )

    def refuse_missing_input(self, name: str, unless: Truth) -> None:
        """Reject rows in which an input is missing that no other part has asked for."""
        self._refuse(
            Condition(
                about=name,
                problem=self.plan.scope.problem(name, MISSING_VALUE),
                wrong=every([self.env[name].lacking, opposite(unless)]),
                after=frozenset(),
                is_lack=True,
            )
        )

    def taken(self) -> Truth:
        """Return the rows with allowed values only, and with all that every row needs."""
        if self._taken is None:
            found = [
                c.taken if c.about in self.required else some([self.bare[c.about].lacking, c.taken])
                for c in self.conditions
                if c.taken is not None
            ]
            self._taken = self.keep_truth(every(found))
            self._settled = {c.about for c in self.conditions if c.taken is not None}
            self._settled &= self.required
        return self._taken

    def valid(self) -> Truth:
        """Return the rows that are scored."""
        taken = self.taken()
        wrong = [
            c.wrong
            for c in self.conditions
            if c.taken is None and not (c.implied and c.about in self._settled)
        ]
        found = some(wrong)
        # what is kept is never null
        return (
            taken
            if found.expr is False
            else self.keep_truth(every([taken, opposite(self.keep_truth(found))]))
        )

    def is_assumed(self, name: str) -> bool:
        """Return whether a default, or a band for `missing`, may answer in a computed fact."""
        inputs = self.plan.scope.inputs
        every = closure([name], self.plan.scope.graph)
        quantities = [q for n, q in self.plan.quantities.items() if n in every]
        computed = name not in inputs
        return computed and (
            any(n in inputs and inputs[n].assumed is not None for n in every)
            or any(quantity.answered for quantity in quantities)
        )

    def refuse_lacking(
        self,
        name: str,
        took: Took,
        *,
        where: Truth = YES,
        allowed: Callable[[str], Message | None] | None = None,
    ) -> frozenset[int]:
        """Reject rows in which a quantity has no value, for each name that is missing."""
        scope = self.plan.scope
        missing: dict[str, list[Truth]] = {}
        alone: set[str] = set()
        for lack in took.lacks:
            for needed in lack.names:
                for root in scope.roots([needed]):
                    lacking = self.env[root].lacking
                    here = [where, lack.where, self.env[needed].lacking, lacking]
                    missing.setdefault(root, []).append(every(here))
                # one with a default is never missing
                asked = needed in lack.asked and self.env[needed].lacking.expr is not False
                if asked and where.expr is True and needed in self.bare:
                    alone.add(needed)
        found: set[int] = set()
        for root, wheres in missing.items():
            problem = scope.problem(root, MISSING_VALUE, allowed=(allowed or scope.allowed)(root))
            wrong = self.env[root].lacking if root in alone else some(wheres)
            found |= self._refuse(
                Condition(
                    about=root,
                    problem=problem,
                    wrong=wrong,
                    after=took.after,
                    implied=root in alone,
                    is_lack=True,
                )
            )
        self.required |= alone
        found |= (
            self._refuse(
                Condition(
                    about=name,
                    problem=scope.problem(name, MISSING_VALUE),
                    wrong=every([where, took.lacking]),
                    after=took.after,
                    is_lack=True,
                )
            )
            if not missing and took.lacks
            else frozenset[int]()
        )
        return frozenset(found)

    # ------------------------------------------------------------ quantities

    def holds(
        self, name: str, entries: Iterable[object], env: dict[str, Fact], *, answered: bool
    ) -> Truth:
        """Return the rows in which some entries of a ``when`` take the value of a name.

        ``answered``: some row answers for what is missing, so that the others must not be null.
        """
        fact = env[name]
        entries = tuple(entries)
        if fact.is_out or fact.given.expr is False:
            return Truth(expr=MISSING_ENTRY in entries)
        found: list[Truth] = []
        ranges = [e for e in entries if isinstance(e, Range)]
        if fact.number is not None:
            found.append(u.within(fact.number, ranges))
        elif fact.flag is not None:
            found += [fact.flag for e in entries if e is True]
            found += [opposite(fact.flag) for e in entries if e is False]
        elif fact.code is not None:
            places = (i for i, option in enumerate(fact.options) if option in entries)
            found.append(u.within(fact.code, [Range.exactly(i) for i in places]))
        else:
            named = [e for e in entries if isinstance(e, str) and e in fact.options]
            text = cast("nw.Expr", fact.text)
            found.append(attrs.evolve(one_of(text, named), level=fact.level))
        there = every([fact.given, some(found)]) if answered else some(found)
        return some([there, fact.lacking]) if MISSING_ENTRY in entries else there

    def take(
        self,
        quantity: CompiledQuantity,
        env: dict[str, Fact] | None = None,
        *,
        strict: bool = False,
    ) -> Took:
        """Return the value of a quantity; rows to award within give 0."""
        env = self.env if env is None else env
        if any(env[name].may_be_excluded for name in quantity.needs):
            raise BeyondError(Message.of("cannot-express.some-have"))
        answered = frozenset[str]() if strict else quantity.answered
        asked = [n for n in quantity.facts if n not in answered and not env[n].is_out]
        lacks: list[Lack] = []
        lacking = some(env[n].lacking for n in asked)
        if lacking.expr is not False:
            needed = tuple(n for n in quantity.needs if n not in answered)
            lacks.append(Lack(where=lacking, names=needed, asked=tuple(asked)))
        holds = self._rows_that_hold(quantity, env)
        if backend.reach().splits:
            holds = [self.keep_truth(truth) for truth in holds]
        values: list[Units] = []
        texts: list[str | None] = []
        beyond: list[Truth] = []
        for row, where in zip(quantity.rows, holds, strict=True):
            texts.append(row.text)
            if row.formula is not None:
                gone = some(env[n].lacking for n in row.formula.names)
                if gone.expr is not False:
                    here = every([opposite(lacking), where, gone])
                    lacks.append(Lack(where=here, names=row.formula.names))
            if where.expr is False:
                values.append(u.constant(0))
                continue
            value, good = self._value(quantity, row, env)
            values.append(value)
            beyond.append(every([where, opposite(good)]))
        return self._took(quantity, env, (values, texts, holds), (lacks, some(beyond)))

    def _took(
        self,
        quantity: CompiledQuantity,
        env: dict[str, Fact],
        rows: tuple[list[Units], list[str | None], list[Truth]],
        left: tuple[list[Lack], Truth],
    ) -> Took:
        """Combine the rows of a table: each holds, or one of those that come later."""
        values, texts, holds = rows
        order = [i for i in range(len(values)) if i != quantity.otherwise]
        order += [] if quantity.otherwise is None else [quantity.otherwise]
        *first, last = order
        index = u.chosen([(holds[i], u.code(i)) for i in first], u.code(last))
        number = text = None
        level = max(t.level for t in holds)
        if any(t is not None for t in texts):
            # beside texts, a number is shown as it is written
            shown = [t if t is not None else _shown(v) for t, v in zip(texts, values, strict=True)]
            text = u.chain(
                [(holds[i], backend.lit(shown[i])) for i in first], backend.lit(shown[last])
            )
        else:
            number = u.chosen([(holds[i], values[i]) for i in first], values[last])
            level = max(level, number.level)
        needs = (n for n in quantity.needs if n in env)
        if backend.reach().splits and index.only is None:
            index = self.keep(index)
        return Took(
            number=number,
            text=text,
            options=tuple(t for t in dict.fromkeys(texts) if t is not None),
            index=index,
            holds=tuple(holds),
            lacks=tuple(left[0]),
            beyond=left[1],
            after=frozenset[int]().union(*(env[n].after for n in needs)),
            level=level,
        )

    def _rows_that_hold(self, quantity: CompiledQuantity, env: dict[str, Fact]) -> list[Truth]:
        """Return for each row of a table where it holds."""
        holds: list[Truth] = []
        for band in quantity.bands:
            when = conditions(band.when, quantity.quantity.of)
            holds.append(
                every(
                    self.holds(n, entries, env, answered=n in quantity.answered)
                    for n, entries in when.items()
                )
            )
        if quantity.otherwise is not None:
            others = (t for i, t in enumerate(holds) if i != quantity.otherwise)
            holds[quantity.otherwise] = opposite(some(others))
        return holds or [YES]

    def _value(
        self, quantity: CompiledQuantity, row: Row, env: dict[str, Fact]
    ) -> tuple[Units, Truth]:
        """Return the value of a row, clamped and rounded, and where that is within its range."""
        clamp, rounding = quantity.quantity.clamp, quantity.quantity.round
        if row.text is not None or row.is_award:
            return u.constant(0), YES
        if row.formula is None:
            only = finished(row.points.only or 0, clamp, rounding)
            return u.constant(only), Truth(expr=quantity.limit.contains(only))
        made = self.formula(row.formula, env)
        made = u.rounded(u.limited(made, clamp), rounding)
        return made, u.within(made, [quantity.limit])

    def formula(self, formula: Formula, env: dict[str, Fact]) -> Units:
        """Return a formula's value; names without a value count as 0."""
        return column_of(formula.tree, {name: env[name].safe for name in formula.names})


def _shown(value: Units) -> str:
    """Format a number as text."""
    from kpirules.arithmetic.number import canonical, show  # noqa: PLC0415 - seldom

    if value.only is None:
        raise BeyondError(Message.of("cannot-express.texts-and-numbers"))
    return show(canonical(value.only))


def fact_of(took: Took, *, given: Truth = YES, after: frozenset[int] = frozenset()) -> Fact:
    """Return the value of a quantity as the fact of a name."""
    return Fact(
        number=took.number,
        text=took.text,
        options=took.options,
        given=given,
        after=took.after | after,
        level=took.level,
        is_safe=True,
    )


__all__ = ["NO", "PREFIX", "Condition", "Lack", "Took", "Work", "fact_of"]
