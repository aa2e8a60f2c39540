"""The whole rule language, the slow and straight way, on fractions.

Written from the rule language alone. Each name is worked out when it is asked for, and whatever it
needs is asked for then: no order, no plan, no table. A name is ``None`` where it is missing, and
``OUT`` where what it is about was left out of the record.
"""

from __future__ import annotations

from fractions import Fraction
from types import SimpleNamespace

from kpirules.arithmetic.range import Range
from kpirules.model import Criterion, Derived, Total
from kpirules.model.quantity import Cells
from tests.reference.arithmetic import (
    UndefinedError,
    bands_of,
    finished,
    formula,
    inside,
    names_of,
    number,
    scale_of,
    tiers_of,
)


class Out:
    """What was left out."""


OUT = Out()


class RefusedError(Exception):
    """A record without a result."""


class FaultError(RefusedError):
    """A record without a result by a fault of the ruleset: a sound one has none."""


def is_nothing(value):
    """Say whether a value is missing."""
    return value is None or (isinstance(value, str) and value.strip().lower() in ("", "n/a"))


class Reference:
    """One record by one rubric."""

    def __init__(self, rubric, record):
        self.rubric = rubric
        self.types = {fact.name: fact for fact in rubric.inputs}
        self.flags = {f"demoted.{q.id}" for q in rubric.quotas if q.excess == "demote"}
        self.given = {}
        for name, value in record.items():
            pairs = value.items() if isinstance(value, dict) else [(None, value)]
            for inner, each in pairs:
                if not is_nothing(each):
                    full = name if inner is None else f"{name}.{inner}"
                    self.given[full] = self.read(full, each)
        self.criteria = {c.id: c for c in rubric.all_criteria}
        self.sections = {c.id: s for s in rubric.sections for c in s.criteria}
        self.known = {}
        #: the items of lists, while a quantity is worked out for one of each
        self.items = {}
        self.lists = {f.name for f in (*rubric.inputs, *rubric.derived) if f.many}
        self.judging = False

    def read(self, name, value):
        """Take a value of the record."""
        fact = self.types.get(name)
        if name in self.flags:
            return value == 1
        if fact is None:
            return value if isinstance(value, str) and not value[:1].isdigit() else number(value)
        if fact.many:
            return [self.item(fact, v) for v in value]
        return self.item(fact, value)

    def item(self, fact, value):
        """Take a single value, or an item of a list."""
        if fact.type == "flag" and not isinstance(value, (bool, str)):
            return value == 1
        return value if fact.type in ("choice", "flag", "text") else number(value)

    # ------------------------------------------------------------ names

    def value(self, name, *, bare=False):
        """Give a name's value; ``bare``: without any default."""
        if name in self.items:
            return self.items[name]
        key = (name, bare, self.judging and name in ("total", "tier"))
        if key not in self.known:
            self.known[key] = self.work_out(name, bare=bare)
        return self.known[key]

    def work_out(self, name, *, bare):
        """Work a name out."""
        head, _, rest = name.partition(".")
        derived = {d.name: d for d in self.rubric.derived}
        if name in self.types:
            default = self.types[name].default
            # a default would hide that nobody looked for what is gathered
            is_gathered = self.types[name].origin is not None
            if name in self.given or default is None or bare or is_gathered:
                return self.given.get(name)
            return self.read(name, default)
        if name in self.flags:
            return self.given.get(name)
        if name in derived:
            try:
                if derived[name].many:
                    return self.each(derived[name], bare=bare)
                return self.ask(derived[name], bare=bare, strict=bare)[0]
            except (RefusedError, FaultError):
                if not bare:
                    raise
                # with its defaults it may have a value: without them it is missing
                self.value(name)
                return None
        if head in self.criteria:
            return self.rating(name, self.criteria[head])
        if head == "points":
            return self.points(self.criteria[rest])
        if head == "contribution":
            return self.contribution(self.criteria[rest])
        if head == "subtotal":
            return self.subtotal(next(s for s in self.rubric.sections if s.id == rest))
        if head == "adjust":
            return self.adjustment(next(a for a in self.rubric.adjustments if a.id == rest))
        if head == "outcome":
            return self.outcome(rest)
        if name == "raw_total":
            return self.raw_total()
        total, tier = self.before() if self.judging else self.after()
        if name == "total":
            return total
        return tier if self.judging else self.demoted(tier)

    def each(self, quantity, *, bare=False):
        """Give what a quantity comes to for each item of the lists that it names."""
        known = {n: self.value(n, bare=bare) for n in self.asked(quantity)}
        lists = {n: v for n, v in known.items() if n in self.lists}
        if any(items is None for items in lists.values()):
            return None
        if len({len(items) for items in lists.values()}) > 1:
            raise RefusedError("lists of different lengths")
        found = []
        for row in zip(*lists.values(), strict=True):
            self.items = dict(zip(lists, row, strict=True))
            try:
                value, _ = self.ask(quantity, bare=bare, strict=bare)
            finally:
                self.items = {}
            if value is None:
                return None
            found.append(value)
        return found

    def tally(self, quantity, *, bare=False):
        """Give how many items match, or the most in a row."""
        items = self.value(quantity.of, bare=bare)
        if items is None:
            return None
        entries = quantity.count or quantity.run
        found = "".join("x" if any(holds(e, v) for e in entries) else " " for v in items)
        if quantity.count is not None:
            return Fraction(found.count("x"))
        return Fraction(max(map(len, found.split(" "))))

    def ask(self, quantity, *, bare=False, strict=False):
        """Give what a quantity comes to, and which band it was; None where something is missing."""
        if getattr(quantity, "count", None) is not None or getattr(quantity, "run", None):
            found = self.tally(quantity, bare=bare)
            return (None if found is None else self.finish(quantity, found)), None
        bands = bands_of(quantity, self.rubric)
        index, says, own = None, quantity, None
        if bands and all(b.when is not None for b in bands):
            asked = {
                condition.name or quantity.of: any(
                    "missing" in c.entries
                    for b in bands
                    for c in b.when.conditions
                    if (c.name or quantity.of) == (condition.name or quantity.of)
                )
                for band in bands
                for condition in band.when.conditions
            }
            # a second fact that no band has cells for is a condition of none
            if quantity.across is not None and any(map(keys_of, bands)):
                asked[quantity.across] = any("missing" in keys_of(b) for b in bands)
            values = {name: self.value(name, bare=bare) for name in asked}
            for name, answered in asked.items():
                if values[name] is None and (strict or not answered):
                    return None, None
            taken = [
                i
                for i, band in enumerate(bands)
                if not band.when.otherwise
                and all(
                    any(holds(e, values[c.name or quantity.of]) for e in c.entries)
                    for c in band.when.conditions
                )
            ]
            others = [i for i, band in enumerate(bands) if band.when.otherwise]
            if any(keys_of(bands[i]) for i in others):
                # in a table by two facts, it stands for the other values of the first fact
                taken = taken or others
            # of each band the cells that hold; a plain value holds whatever the second fact is
            second = values.get(quantity.across)
            cells = [
                (i, key)
                for i in taken
                for key in (cells_that_hold(bands[i], second) if keys_of(bands[i]) else [None])
            ]
            cells = cells or [(i, None) for i in others if not keys_of(bands[i])]
            if len(cells) != 1:
                raise FaultError("band-overlap" if cells else "band-gap")
            index, own = cells[0]
            says = bands[index] if own is None else cell_of(bands[index], own)
        if says.formula is not None:
            names = self.names(says.formula)
            values = {name: self.value(name, bare=bare) for name in names}
            found = self.formula(says.formula, values)
            return (None, None) if found is None else (self.finish(quantity, found), index)
        plain = says.value if says.value is not None else says.points
        if plain is None or isinstance(plain, Range):
            return says, index
        if isinstance(plain, str):
            return plain, index
        return self.finish(quantity, number(plain)), index

    def finish(self, quantity, value):
        """Clamp, round, and hold to the range."""
        value = finished(quantity, value)
        span = quantity.range
        if span is None and quantity.clamp is None:
            span = self.usual(quantity)
        if span is not None and not inside(value, span):
            own = isinstance(quantity, Derived) or not getattr(quantity, "scored", True)
            raise RefusedError("out of range") if own else FaultError("points-out-of-range")
        return value

    def usual(self, quantity):
        """Give the range that points and totals are expected in where none is written."""
        if isinstance(quantity, Criterion) and quantity.scored:
            scale = scale_of(quantity)
            return Range.closed(min(Fraction(0), scale), max(Fraction(0), scale))
        if isinstance(quantity, Total):
            return Range.closed(Fraction(0), number(self.rubric.full_marks))
        return None

    def formula(self, text, values):
        """Give a formula's value; a division by zero is the ruleset's fault, an empty list is not."""
        try:
            return evaluate_formula(text, values | self.curves(text, values))
        except UndefinedError as error:
            raise (
                FaultError("division-by-zero") if error.divides else RefusedError("undefined")
            ) from error

    def texts(self, curve):
        """Give the formulas of a curve's points."""
        return [text for p in curve.points for text in (p.x, p.y) if isinstance(text, str)]

    def names(self, text):
        """Give the names in a formula, and in those of the curves that it uses."""
        curves = {curve.name: curve for curve in self.rubric.curves}
        found = []
        for name in names_of(text):
            inner = self.texts(curves[name]) if name in curves else []
            found += [n for each in inner for n in self.names(each)] if name in curves else [name]
        return found

    def curves(self, text, values):
        """Give the points of the curves that a formula uses, by their names."""
        found = {}
        for curve in self.rubric.curves:
            if curve.name in names_of(text):
                points = [
                    evaluate_formula(each, values | self.curves(each, values))
                    if isinstance(each, str)
                    else number(each)
                    for p in curve.points
                    for each in (p.x, p.y)
                ]
                is_known = all(point is not None for point in points)
                found[curve.name] = (points, curve.beyond == "straight") if is_known else None
        return found

    def lacks(self, names):
        """Say whether the record lacks what some names need; what was left out it need not have."""
        derived = {d.name: d for d in self.rubric.derived}
        for name in names:
            if self.value(name) is None:
                if name not in derived:
                    return True
                if self.lacks(self.asked(derived[name])):
                    return True
        return False

    def missing(self, quantity, what):
        """Give the error for a quantity that has no value: the record's, or the ruleset's."""
        lacks = self.lacks(self.asked(quantity))
        return RefusedError(what) if lacks else FaultError("may-be-missing")

    def asked(self, quantity):
        """Give the names that a quantity asks for."""
        bands = bands_of(quantity, self.rubric)
        asked = [c.name or quantity.of for b in bands if b.when for c in b.when.conditions]
        if getattr(quantity, "count", None) is not None or getattr(quantity, "run", None):
            asked.append(quantity.of)
        asked += [quantity.across] if quantity.across and any(map(keys_of, bands)) else []
        texts = formulas_of(quantity, self.rubric)
        return asked + [n for text in texts for n in self.names(text)]

    # ------------------------------------------------------------ criteria

    def weight(self, criterion):
        """Give a criterion's weight."""
        return self.number_of(criterion.weight)

    def number_of(self, weight):
        """Give a weight, a number or a formula."""
        if isinstance(weight, str):
            values = {name: self.value(name) for name in self.names(weight)}
            found = self.formula(weight, values)
            if found is None:
                raise RefusedError("a weight is missing")
            if found < 0:
                raise FaultError("points-out-of-range")
            return found
        return number(weight or 0)

    def section_weight(self, section):
        """Give a section's weight."""
        if section.weight is None:
            return sum((self.weight(c) for c in section.criteria if c.scored), Fraction())
        return self.number_of(section.weight)

    def rating(self, name, criterion):
        """Give a rating as a name; what is left out as a whole has none."""
        if name in self.given:
            return self.given[name]
        section = self.sections.get(criterion.id)
        nothing = not isinstance(criterion.weight, str) and number(criterion.weight or 0) == 0
        if section is not None and section.weight is not None:
            nothing |= not isinstance(section.weight, str) and number(section.weight) == 0
        if criterion.scored and nothing:
            return OUT
        if criterion.missing == "exclude" and not self.measured(criterion):
            return OUT
        return None

    def measured(self, criterion):
        """Say whether facts or formulas give its points."""
        bands = bands_of(criterion, self.rubric)
        constant = criterion.points is not None and not isinstance(criterion.points, Range)
        return (
            criterion.formula is not None
            or constant
            or any(
                b.formula is not None or (b.when is not None and b.when.conditions) for b in bands
            )
        )

    def is_remark(self, criterion):
        """Say whether it takes a text and no points."""
        given = criterion.is_given or criterion.range is not None
        return not criterion.scored and not given

    def points(self, criterion):
        """Give a criterion's points."""
        if self.is_remark(criterion):
            return None
        if criterion.scored:
            section = self.sections.get(criterion.id)
            if not self.weight(criterion) or (
                section is not None and not self.section_weight(section)
            ):
                return OUT
        raters = self.rubric.raters
        names = [f"{criterion.id}.{r.name}" for r in raters] or [criterion.id]
        ratings = {name: self.given[name] for name in names if name in self.given}
        if ratings:
            found = self.bare_facts(criterion)
            rating = self.mean(criterion, ratings)
            if isinstance(found, Fraction) and found != finished(criterion, rating):
                raise RefusedError("facts and rating differ")
            bands = () if self.measured(criterion) else bands_of(criterion, self.rubric)
            for value in ratings.values():
                if len([b for b in bands if awarded(b.points, value)]) > 1:
                    raise FaultError("band-overlap")
            # the facts may pick a band to award within
            spans = [] if found is None or isinstance(found, Fraction) else [found.points]
            if not all(inside(value, span) for value in ratings.values() for span in spans):
                raise RefusedError("a rating outside of the band that the facts pick")
            return self.finish(criterion, rating)
        found, _ = self.facts(criterion)
        if isinstance(found, Fraction):
            return found
        if not criterion.scored:
            return None
        policy = criterion.missing
        if policy == "error":
            if self.measured(criterion) and found is None:
                raise self.missing(criterion, f"{criterion.id} is missing")
            raise RefusedError(f"{criterion.id} is missing")
        if policy == "exclude":
            return OUT
        stands = Fraction(0) if policy == "zero" else number(policy)
        span = criterion.range or criterion.clamp or self.usual(criterion)
        if policy != "zero" and not inside(stands, span):
            raise FaultError("points-out-of-range")
        return stands

    def bare_facts(self, criterion):
        """Ask the facts without defaults; None where only a default gives a value."""
        try:
            return self.facts(criterion, bare=True, strict=True)[0]
        except (RefusedError, FaultError):
            self.facts(criterion)
            return None

    def facts(self, criterion, *, bare=False, strict=False):
        """Ask the facts; where points are awarded, they do not say which."""
        if not self.measured(criterion):
            bands = bands_of(criterion, self.rubric)
            plain = criterion.points
            if bands or plain is None or isinstance(plain, Range):
                return None, None
            return None, None
        return self.ask(criterion, bare=bare, strict=strict)

    def mean(self, criterion, ratings):
        """Give the rating, or the mean of the raters'."""
        raters = self.rubric.raters
        if not raters:
            return ratings[criterion.id]
        above = below = Fraction()
        for rater in raters:
            value = ratings.get(f"{criterion.id}.{rater.name}")
            if value is None:
                if criterion.missing == "error":
                    raise RefusedError("a rater is missing")
                if criterion.missing == "exclude":
                    continue
                value = Fraction(0) if criterion.missing == "zero" else number(criterion.missing)
            above += number(rater.weight) * value
            below += number(rater.weight)
        if not below:
            raise RefusedError("no rater that counts")
        return above / below

    # ------------------------------------------------------------ sums

    def members(self):
        """Give the scored criteria, section by section; one group where there are no sections."""
        if not self.rubric.sections:
            return [(None, [c for c in self.rubric.criteria if c.scored])]
        return [(s, [c for c in s.criteria if c.scored]) for s in self.rubric.sections]

    def left(self, criteria):
        """Give those that are not left out."""
        return [c for c in criteria if self.value(f"points.{c.id}") is not OUT]

    def whole(self):
        """Give what all weights add up to."""
        rubric = self.rubric
        if rubric.weights_total == "sum":
            parts = [self.section_weight(s) for s in rubric.sections]
            parts = parts if rubric.sections else [self.weight(c) for c in self.members()[0][1]]
            return sum(parts, Fraction())
        return number(rubric.full_marks if rubric.weights_total is None else rubric.weights_total)

    def hold_weights(self):
        """Refuse weights that do not add up."""
        top = Fraction()
        for section, criteria in self.members():
            total = sum((self.weight(c) for c in criteria), Fraction())
            if section is None:
                top += total
                continue
            own = self.section_weight(section)
            want = number(section.scale) if section.scale is not None else own
            top += own
            if own and (total < want if section.cap else total != want):
                raise RefusedError("weights of a section")
        if top != self.whole() or not self.whole():
            raise RefusedError("weights")

    def contribution(self, criterion):
        """Give what a criterion gives to the total."""
        points = self.value(f"points.{criterion.id}")
        if points is OUT:
            return OUT
        section = self.sections.get(criterion.id)
        group = next((members for s, members in self.members() if s is section), [])
        weight = self.weight(criterion)
        weights = sum((self.weight(c) for c in group), Fraction())
        remaining = sum((self.weight(c) for c in self.left(group)), Fraction())
        goal = weights
        if section is not None and section.cap:
            # the others are scaled up to the section's weight, not to a sum above it
            own = self.section_weight(section)
            base = number(section.scale) if section.scale is not None else own
            goal = max(remaining, min(weights, base))
        weight *= goal / remaining
        share = number(self.rubric.full_marks) * weight / self.whole()
        if section is not None:
            if section.scale is not None:
                share *= self.section_weight(section) / number(section.scale)
            share *= self.taken_over()
        return share * points / scale_of(criterion)

    def taken_over(self):
        """Give by how much the sections grow that take over the weights of those left out."""
        tops = [(s, members) for s, members in self.members() if members]
        every = sum((self.section_weight(s) for s, _ in tops), Fraction())
        there = sum((self.section_weight(s) for s, m in tops if self.left(m)), Fraction())
        return every / there if there else Fraction(1)

    def subtotal(self, section):
        """Give what a section gives; its cap comes before its clamp."""
        criteria = [c for c in section.criteria if c.scored]
        if criteria and not self.left(criteria):
            return OUT
        total = sum((self.value(f"contribution.{c.id}") for c in self.left(criteria)), Fraction())
        if section.cap:
            most = number(self.rubric.full_marks) * self.section_weight(section) / self.whole()
            total = min(total, most * self.taken_over())
        return finished(section, total)

    def raw_total(self):
        """Give what all give together."""
        if any(isinstance(part.weight, str) for part in self.weighed()):
            self.hold_weights()
        if self.rubric.sections:
            parts = [self.value(f"subtotal.{s.id}") for s in self.rubric.sections]
        else:
            parts = [self.value(f"contribution.{c.id}") for c in self.members()[0][1]]
        return sum((part for part in parts if part is not OUT), Fraction())

    def weighed(self):
        """Give all that weighs."""
        return [*self.rubric.sections, *(c for c in self.rubric.all_criteria if c.scored)]

    def is_unratable(self):
        """Say whether too little was scored."""
        scored = [c for c in self.rubric.all_criteria if c.scored]
        least = 1
        if self.rubric.total is not None and self.rubric.total.minimum_scored is not None:
            least = self.rubric.total.minimum_scored
        return bool(scored) and len(self.left(scored)) < least

    # ------------------------------------------------------------ after the sums

    def adjustment(self, adjustment):
        """Give an adjustment."""
        found, _ = self.ask(adjustment)
        if found is None:
            if adjustment.missing == "error":
                raise self.missing(adjustment, "an adjustment is missing something")
            return Fraction(0)
        return found

    def before(self):
        """Give total and tier as they stand before gates."""
        rubric = self.rubric
        is_given = rubric.total is not None and rubric.total.is_given
        is_scored = any(c.scored for c in rubric.all_criteria)
        if self.is_unratable() or not (is_scored or is_given or rubric.adjustments):
            return None, None
        if rubric.total is not None and rubric.total.is_given:
            total, _ = self.ask(rubric.total)
            if total is None:
                raise self.missing(rubric.total, "the total is missing something")
        else:
            parts = [self.value(f"adjust.{a.id}") for a in rubric.adjustments]
            total = self.value("raw_total") + sum(parts, Fraction())
            total = self.finish(rubric.total or Total(), total)
        return total, self.tier_of(total)

    def tier_of(self, total):
        """Give the tier of a total."""
        found = tiers_of(self.rubric, total)
        if self.rubric.tiers and len(found) != 1:
            raise FaultError("tier-overlap" if found else "tier-gap")
        return self.rubric.tiers[found[0]].id if found else None

    def held(self, *, refusing=False):
        """Give the gates that hold: those that refuse the record, or all others."""
        self.judging = True
        holding = []
        for gate in self.rubric.gates:
            if gate.refuse != refusing:
                continue
            state = True
            for condition in gate.when.conditions:
                value = self.value(condition.name)
                if value is None and "missing" not in condition.entries:
                    state = None
                    break
                state &= any(holds(entry, value) for entry in condition.entries)
            if state is None and gate.missing == "error":
                raise RefusedError("a gate is missing something")
            if state:
                if gate.refuse:
                    raise RefusedError("a gate refuses")
                holding.append(gate)
        self.judging = False
        return holding

    def after(self):
        """Give total and tier after gates."""
        total, tier = self.before()
        if total is None:
            return None, None
        holding = self.held()
        if any(gate.unratable for gate in holding):
            return None, None
        lows = [number(g.total_at_least) for g in holding if g.total_at_least is not None]
        highs = [number(g.total_at_most) for g in holding if g.total_at_most is not None]
        limited = max([total, *lows])
        limited = min([limited, *highs])
        if limited != total:
            total, tier = limited, self.tier_of(limited)
        if tier is None:
            return total, tier
        ranks = self.ranks()
        at = ranks.index(tier)
        at = max(0, at - sum(g.demote or 0 for g in holding))
        at = max([at, *(ranks.index(g.tier_at_least) for g in holding if g.tier_at_least)])
        at = min([at, *(ranks.index(g.tier_at_most) for g in holding if g.tier_at_most)])
        return total, ranks[at]

    def demoted(self, tier):
        """Give the tier after the quotas that demote, from the best tier down, by the flags."""

        def place(item):
            own = [self.ranks().index(each) for each in item[1].tiers]
            return -min(own), -max(own), item[0]

        for _, quota in sorted(enumerate(self.rubric.quotas), key=place):
            if quota.excess != "demote":
                continue
            goes = self.given.get(f"demoted.{quota.id}")
            if tier in quota.tiers and goes is None:
                raise RefusedError("nobody looked whether the record stays")
            if tier not in quota.tiers and goes:
                raise RefusedError("a quota takes nobody from this tier")
            if goes:
                tier = self.ranks()[min(map(self.ranks().index, quota.tiers)) - 1]
        return tier

    def ranks(self):
        """Give the tiers by rank, the lowest first; one without a total ranks by its place."""

        def highest(tier):
            ends = [Fraction(10**30) if s.high is None else Fraction(s.high[0]) for s in tier.total]
            return max(ends)

        file = self.rubric.tiers
        ranked = sorted((tier for tier in file if tier.total), key=highest)
        rises = len(ranked) > 1 and file.index(ranked[0]) < file.index(ranked[-1])
        for i, tier in enumerate(file):
            if not tier.total:
                before = [other for other in file[:i] if other in ranked]
                after = [other for other in file[i:] if other in ranked]
                beside = ranked.index((before[-1:] or after[:1])[0]) if ranked else 0
                ranked.insert(beside + (rises == bool(before)) if ranked else 0, tier)
        return [tier.id for tier in ranked]

    def outcome(self, name):
        """Give an outcome; None where it is skipped."""
        _, tier = self.value("total"), self.value("tier")
        if self.is_unratable() or any(gate.unratable for gate in self.held()):
            return None
        for outcome in self.rubric.outcomes:
            if outcome.name == name:
                found, _ = self.ask(outcome)
                if found is None:
                    if outcome.missing == "error":
                        raise self.missing(outcome, "an outcome is missing something")
                    return OUT
                return found
        found = next((getattr(t, name) for t in self.rubric.tiers if t.id == tier), None)
        return None if found is None else number(found)

    # ------------------------------------------------------------ the whole

    def stages(self):
        """Give all stages by name, those that are not there left out; RefusedError for no result."""
        found = {}
        for derived in self.rubric.derived:
            self.value(derived.name)
        self.held(refusing=True)
        for c in self.rubric.all_criteria:
            found[f"points.{c.id}"] = self.value(f"points.{c.id}")
        self.value("raw_total")
        for c in self.rubric.all_criteria:
            if c.scored:
                found[f"contribution.{c.id}"] = self.value(f"contribution.{c.id}")
        for s in self.rubric.sections:
            found[f"subtotal.{s.id}"] = self.value(f"subtotal.{s.id}")
        found["raw_total"] = self.value("raw_total")
        for a in self.rubric.adjustments:
            found[f"adjust.{a.id}"] = self.value(f"adjust.{a.id}")
        found["total"], found["tier"] = self.value("total"), self.value("tier")
        names = [o.name for o in self.rubric.outcomes]
        names += [
            n
            for n in ("pay", "coefficient")
            if any(getattr(t, n) is not None for t in self.rubric.tiers)
        ]
        for name in names:
            found[f"outcome.{name}"] = self.value(f"outcome.{name}")
        return {name: v for name, v in found.items() if v is not None and v is not OUT}


def holds(entry, value):
    """Say whether one entry holds for a value; for nothing only the word for it does."""
    if value is None or value is OUT:
        return entry == "missing"
    if isinstance(entry, Range):
        return not isinstance(value, (bool, str)) and inside(number(value), entry)
    return type(entry) is type(value) and entry == value


def formulas_of(quantity, rubric):
    """Give all formulas of a quantity, of its bands, and of their cells."""
    found = [quantity.formula]
    for band in bands_of(quantity, rubric):
        cells = band.formula.by_entry if isinstance(band.formula, Cells) else [("", band.formula)]
        found += [text for _, text in cells]
    return [text for text in found if text is not None]


def keys_of(band):
    """Give the options or ranges by which a band has a value for each; none of a plain value."""
    for value in (band.points, band.value, band.formula):
        if isinstance(value, Cells):
            return [key for key, _ in value.by_entry]
    return []


def cells_that_hold(band, value):
    """Give the keys of a band's cells that hold for the value of the second fact."""
    keys = keys_of(band)
    found = [key for key in keys if key != "otherwise" and holds(spelled(key, value), value)]
    is_there = value is not None and value is not OUT
    return found or [key for key in keys if key == "otherwise" and is_there]


def spelled(key, value):
    """Give the entry that a key is, for a value: true and false, an option, a number, a range."""
    if key == "missing":
        return key
    if isinstance(value, bool):
        return key == "true"
    if isinstance(value, str) or value is None or value is OUT:
        return key
    is_number = key.replace(".", "", 1).isdigit()
    return Range.exactly(number(key)) if is_number else Range.parse(key)


def cell_of(band, key):
    """Give a band with the value of one cell."""
    made = {}
    for name in ("points", "value", "formula"):
        value = getattr(band, name)
        made[name] = dict(value.by_entry)[key] if isinstance(value, Cells) else value
    return SimpleNamespace(**made)


def awarded(points, value):
    """Say whether a band of ratings takes one."""
    return inside(value, points) if isinstance(points, Range) else value == number(points or 0)


def evaluate_formula(text, values):
    """Give a formula's value; dots in names are no attributes."""
    plain = {
        name.replace(".", "__"): None if value is OUT else value for name, value in values.items()
    }
    for name in sorted(values, key=len, reverse=True):
        if "." in name:
            text = text.replace(name, name.replace(".", "__"))
    return formula(text, plain)


def reference(rubric, record):
    """Give the stages of a record, or None where it is refused."""
    try:
        return Reference(rubric, record).stages()
    except RefusedError:
        return None
