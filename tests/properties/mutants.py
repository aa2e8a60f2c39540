"""Mutants of rulesets: what `check` reports of each against what its records show.

Each mutant differs from a shipped ruleset, a case or a small ruleset in one number, range, band,
tier, formula or policy. Records are drawn without the engine and evaluated by the slow reference.
A mutant is

- ``missed`` if `check` has neither an error nor `not-proved` and a record shows a fault,
- ``false`` if `check` has an error about values, and no record shows one,
- ``undecided`` if `check` has `not-proved` and no error,
- ``found`` if `check` has an error about values and a record shows it, ``static`` if it has other
  errors, ``sound`` else.

``python tests/properties/mutants.py 3000 [SEED]`` counts them and prints those missed and false.
"""

from __future__ import annotations

import re
import sys
from collections import Counter
from collections.abc import Iterator
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from random import Random

import attrs

sys.path.insert(0, str(Path(__file__).parents[1]))

from kpirules import InputError, KpirulesError, check, evaluate, load, rulesets
from kpirules.checks.witnesses import SHOWN
from kpirules.document.reading import parse
from kpirules.model import Rubric
from kpirules.numbers import canonical, exact
from kpirules.plan import Plan
from kpirules.ranges import Range
from kpirules.records import read_record, readers_of
from reference.whole import FaultError, Reference, RefusedError

CASES = Path(__file__).parents[1] / "cases"
HEAD = 'schema = 1\nid = "x"\n'
COUNT = 'inputs.n = { type = "count", range = "0..6" }\n'
RATED = 'criterion = [{ id = "a", weight = 100, range = "0..100" }]\n'

#: small rulesets, sound, one for each shape that the shipped ones lack
SMALL = {
    "total by bands": RATED
    + 'tier = [{ id = "lo", total = 10 }, { id = "hi", total = 90 }]\n[total]\nof = "raw_total"\n'
    'bands = [{ when = "< 50", value = 10 }, { when = ">= 50", value = 90 }]\n',
    "total by formula": RATED
    + '[total]\nformula = "100 / (raw_total + 1)"\n[[tier]]\nid = "t"\ntotal = "0..100"\n',
    "formula without clamp": COUNT
    + 'criterion = [{ id = "a", weight = 60, formula = "60 - 10 * n" }, { id = "b", weight = 40 }]\n'
    'tier = [{ id = "lo", total = "0 .. < 60" }, { id = "hi", total = "60..100" }]\n',
    "rounding off its clamp": 'inputs.n = { type = "number", range = "0..20", step = 0.5 }\n'
    'criterion = [{ id = "a", weight = 2.5, formula = "n", clamp = "0..2.5", '
    'round = { to = 0.5, mode = "half_up" } }, { id = "b", weight = 97.5, scale = 100 }]\n',
    "over what may be left out": 'criterion = [{ id = "a", weight = 50, missing = "exclude" }, '
    '{ id = "b", weight = 50 }]\nadjust = [{ id = "x", formula = "points.a / 50 - 1", '
    'missing = "skip" }]\n[total]\nclamp = "0..100"\n[outcome.pay]\nof = "points.a"\nbands = '
    '[{ when = "< 20", value = 1 }, { when = ">= 20", value = 2 }, { when = "missing", value = 0 }]\n',
    "direct ratings": 'inputs.n = { type = "number", range = "50..100", step = 5 }\n'
    'criterion = [{ id = "a", weight = 100, formula = "n" }]\n'
    'tier = [{ id = "lo", total = "50 .. < 80" }, { id = "hi", total = "80..100" }]\n'
    '[outcome.pay]\nof = "points.a"\nbands = [{ when = "50 .. < 80", value = 1 }, '
    '{ when = ">= 80", value = 2 }]\n',
    "raters of facts": "raters = { self = 20, boss = 80 }\n"
    + COUNT
    + 'criterion = [{ id = "a", weight = 100, of = "n", bands = [{ when = "<= 2", points = 5 }, '
    '{ when = "otherwise", points = 1 }] }]\n'
    'tier = [{ id = "lo", total = "0 .. < 3" }, { id = "hi", total = "3..5" }]\nfull_marks = 100\n',
    "weights for each person": 'inputs.n = { type = "count", range = "0..10" }\n'
    'weights_total = "sum"\ncriterion = [{ id = "a", weight = "100 / (n + 1)", scale = 10 }, '
    '{ id = "b", weight = 5, scale = 10 }]\n',
    "derived facts": COUNT
    + 'inputs.m = { type = "count", range = "1..4" }\n[derive.d]\nformula = "n / m"\n'
    '[derive.k]\nof = "d"\nbands = [{ when = "< 2", value = "few" }, { when = ">= 2", value = "many" }]\n'
    '[[criterion]]\nid = "a"\nweight = 100\nof = "k"\nbands = [{ when = "few", points = 100 }, '
    '{ when = "many", points = 0 }]\n[outcome.pay]\nformula = "d * total"\nrange = "0..600"\n',
    "gates and outcomes": COUNT
    + 'criterion = [{ id = "a", weight = 100 }]\ntier = [{ id = "lo", total = "0..59", pay = 0 }, '
    '{ id = "hi", total = "60..100", pay = 5 }]\ngate = [{ when = { n = ">= 3" }, total_at_most = 59 }, '
    '{ when = { n = 6 }, refuse = true }]\n[outcome.bonus]\nof = "total"\nbands = '
    '[{ when = "<= 59", value = 0 }, { when = "> 59", formula = "100 / (total - 59)" }]\n',
    "sections that round": 'section = [{ id = "s", weight = 60, clamp = "0..55", '
    'round = { to = 1, mode = "half_up" }, criterion = [{ id = "a", weight = 30, scale = 7 }, '
    '{ id = "b", weight = 30, scale = 9, missing = "exclude" }] }, { id = "t", weight = 40, '
    'criterion = [{ id = "c", weight = 40, missing = "zero" }] }]\n'
    'tier = [{ id = "lo", total = "0 .. < 60" }, { id = "hi", total = "60..100" }]\n',
}


def sources() -> dict[str, Rubric]:
    """Give all rulesets to change, by name."""
    found = {f"shipped {each.id}": load(each.id) for each in rulesets()}
    for path in sorted(CASES.glob("*.rubric.toml")):
        found[f"case {path.name.partition('.')[0]}"] = parse(path.read_text("utf-8"), path.name)
    for name, text in SMALL.items():
        found[f"small {name}"] = parse(HEAD + text, "x.rubric.toml")
    return {name: attrs.evolve(rubric, examples=(), rulings=()) for name, rubric in found.items()}


# ---------------------------------------------------------------- mutation

#: fields that say nothing about what comes of a record
IDLE = {
    *("label", "note", "cite", "source", "examples", "rulings", "origin", "package", "better"),
    *("effective_from", "effective_until", "unit", "period", "role", "currency", "pay_components"),
    *("id", "name", "schema", "reason", "options", "raters", "many", "type", "ready"),
}


def sites(part, path=()):
    """Yield the places of a rubric that can be changed, with what stands there."""
    if isinstance(part, (Range, Decimal, Fraction)) or (
        isinstance(part, int) and not isinstance(part, bool)
    ):
        yield path, part
    elif isinstance(part, str):
        if path[-1] in ("formula", "missing", "weight") or path[-2:][0] == "round":
            yield path, part
    elif isinstance(part, tuple):
        if path and path[-1] in (
            "bands",
            "rows",
            "tiers",
            "criteria",
            "gates",
            "adjustments",
            "entries",
        ):
            yield path, part
        for i, item in enumerate(part):
            yield from sites(item, (*path, i))
    elif attrs.has(type(part)):
        if path and path[-1] in ("clamp", "round", "range", "default"):
            yield path, part
        for field in attrs.fields(type(part)):
            if field.init and field.name.lstrip("_") not in IDLE:
                yield from sites(getattr(part, field.name), (*path, field.name))


def put(part, path, new):
    """Give a part with something else at a place."""
    if not path:
        return new
    head, *rest = path
    if isinstance(part, tuple):
        return (*part[:head], put(part[head], rest, new), *part[head + 1 :])
    return attrs.evolve(part, **{head.lstrip("_"): put(getattr(part, head), rest, new)})


def changed(value, path, random: Random):
    """Give something else for what stands at a place."""
    if isinstance(value, Range):
        may_go = path[-1] in ("range", "clamp")
        return None if may_go and random.random() < 0.2 else changed_range(value, random)
    if isinstance(value, tuple):
        if not value:
            return value
        at = random.randrange(len(value))
        if random.random() < 0.5:
            return (*value[:at], *value[at + 1 :])
        twin = value[at]
        if attrs.has(type(twin)) and hasattr(twin, "id"):
            twin = attrs.evolve(twin, id=f"{twin.id}_2")
        return (*value, twin)
    if isinstance(value, str):
        return changed_text(value, path, random)
    if not isinstance(value, (int, Decimal, Fraction)):
        return None
    step = random.choice([1, -1, 5, -5, Decimal("0.5"), Decimal("-0.5")])
    if random.random() < 0.1:
        return type(value)(0)
    return (
        type(value)(exact(value) + exact(step)) if not isinstance(value, Decimal) else value + step
    )


def changed_range(span: Range, random: Random) -> Range | None:
    """Shift, open, close or drop an end of a range."""
    low, high = span.low, span.high
    cut = low if high is None or (low is not None and random.random() < 0.5) else high
    if cut is None:
        return Range.closed(0, 50)
    kind = random.choice(["shift", "shift", "touch", "drop"])
    moved = {
        "shift": (
            canonical(Fraction(cut[0]) + random.choice([1, -1, Fraction(1, 2), 5, -5])),
            cut[1],
        ),
        "touch": (cut[0], 1 - cut[1]),
        "drop": None,
    }[kind]
    ends = (moved, high) if cut is low else (low, moved)
    if None not in ends and ends[0] >= ends[1]:
        return span
    return Range(*ends)


def changed_text(text: str, path, random: Random) -> str:
    """Change a coefficient or an operator of a formula, a policy, or a mode."""
    if path[-1] == "missing":
        policies = ["error", "zero", "exclude"] if "criteria" in path else ["error", "skip"]
        return random.choice(policies)
    if path[-1] == "mode":
        return random.choice(["half_up", "floor", "ceiling", "up", "half_even"])
    numbers = list(re.finditer(r"(?<![A-Za-z0-9_.])[0-9]+(?:\.[0-9]+)?", text))
    operators = list(re.finditer(r" [-+*/] ", text))
    if numbers and (not operators or random.random() < 0.7):
        match = random.choice(numbers)
        new = str(
            max(
                Decimal(0),
                Decimal(match[0]) + random.choice([1, -1, 3, Decimal("0.5"), -Decimal(match[0])]),
            )
        )
    elif operators:
        match = random.choice(operators)
        new = random.choice([" + ", " - ", " * ", " / "])
    else:
        return text + random.choice([" - 1", " + 1", " * 2"])
    return text[: match.start()] + new + text[match.end() :]


def mutants(count: int, seed: int = 0) -> Iterator[tuple[str, Rubric]]:
    """Yield so many mutants, each with what was changed."""
    random = Random(seed)
    every = {name: (rubric, list(sites(rubric))) for name, rubric in sources().items()}
    names = sorted(every)
    made = 0
    while made < count:
        name = random.choice(names)
        rubric, places = every[name]
        path, value = random.choice(places)
        try:
            new = changed(value, path, random)
            if new == value:
                continue
            mutant = put(rubric, path, new)
        except (KpirulesError, ValueError, TypeError, ArithmeticError):
            continue
        made += 1
        yield f"{name}: {'.'.join(map(str, path))}: {value} -> {new}", mutant


# ---------------------------------------------------------------- records


def records(plan: Plan, random: Random, count: int) -> Iterator[dict[str, object]]:
    """Yield records of a rubric, values at thresholds among them."""
    near: dict[str, list[Fraction]] = {}
    for quantity in (*plan.quantities.values(), *plan.gates):
        for band in quantity.bands:
            for condition in band.when.conditions if band.when is not None else ():
                for entry in condition.entries:
                    if isinstance(entry, Range):
                        name = condition.name or quantity.quantity.of
                        cuts = [c[0] for c in (entry.low, entry.high) if c is not None]
                        near.setdefault(name, []).extend(map(Fraction, cuts))
    pools = {
        fact.name: list(values_of(fact, near.get(fact.name, []))) for fact in plan.rubric.inputs
    }
    lists = plan.scope.lists
    for _ in range(count):
        record: dict[str, object] = {}
        for name, pool in pools.items():
            if pool and random.random() < 0.93:
                items = [random.choice(pool) for _ in range(random.randrange(4))]
                record[name] = tuple(items) if name in lists else random.choice(pool)
        for c in plan.criteria:
            if c.is_remark or (c.is_measured and random.random() < 0.7):
                continue
            for name in c.rating_names:
                if random.random() < 0.93:
                    value = rating_of(c, random)
                    if value is not None:
                        record[name] = value
        yield record


def values_of(fact, near):
    """Yield values of an input: all options, or numbers where something may change."""
    if fact.type == "choice":
        yield from (option.code for option in fact.options)
        return
    if fact.type == "flag":
        yield from (True, False)
        return
    step = Fraction(fact.step or (1 if fact.type == "count" else Fraction(1, 2)))
    span = fact.range or Range(None if fact.type == "number" else (0, 0), None)
    ends = [Fraction(cut[0]) for cut in (span.low, span.high) if cut is not None]
    some = {v // step * step + i * step for v in (*near, *ends, Fraction(0)) for i in (-1, 0, 1)}
    low = Fraction(span.low[0]) if span.low else Fraction(0)
    high = Fraction(span.high[0]) if span.high else low + 40 * step
    some |= {(low + (high - low) * i / 8) // step * step for i in range(9)}
    yield from (canonical(v) for v in sorted(some) if span.contains(v))


def rating_of(c, random: Random):
    """Draw a rating that a criterion allows."""
    part = random.choice(c.allowed.parts) if c.allowed.parts else None
    if part is None:
        return None
    if part.span.only is not None:
        return part.span.only
    low = part.first_in(Range())
    size = part.size
    if size is None:
        span = Fraction(part.span.high[0]) - low if part.span.high else Fraction(40)
        return canonical(low + span * random.randint(0, 20) / 20)
    return canonical(
        low + random.choice([0, size - 1, random.randrange(size)]) * Fraction(part.step)
    )


def fault_of(rubric: Rubric, record: dict[str, object]) -> str | None:
    """Give the fault of a rubric that a record shows by the slow reference; None where none."""
    try:
        Reference(rubric, record).stages()
    except FaultError as error:
        return str(error)
    except RefusedError:
        return None
    return None


# ---------------------------------------------------------------- verdicts


def verdict(rubric: Rubric, random: Random, count: int = 30) -> tuple[str, str]:
    """Give what `check` is worth for a mutant, and why."""
    findings = check(rubric)
    errors = [f for f in findings if f.severity == "error"]
    if any(f.code not in SHOWN for f in errors):
        return "static", ""
    plan = Plan(rubric)
    readers = readers_of(plan)
    names = set(readers)
    shown = [{n: v for n, v in f.record or f.witness if n in names} for f in errors]
    for record in (*shown, *records(plan, random, count)):
        _, problems = read_record(readers, record)
        if problems:
            continue
        full = record if not errors or record not in shown else None
        tried = [full] if full is not None else filled(plan, record, random)
        for each in tried:
            fault = fault_of(rubric, each)
            if fault is None:
                continue
            if errors:
                return "found", ""
            if any(f.code == "not-proved" for f in findings):
                return "undecided", f"shown by {each} {fault}"
            try:
                got = str(evaluate(rubric, each).total)
            except InputError as error:
                got = str(error)
            return "missed", f"{fault}: {each}: {got}"
    if errors:
        return (
            "false",
            f"{errors[0].code} at {errors[0].place}: {errors[0].witness} {errors[0].record}",
        )
    if any(f.code == "not-proved" for f in findings):
        return "undecided", str([f.message for f in findings if f.code == "not-proved"])
    for record in records(plan, random, 3):
        agree(rubric, record, readers)
    return "sound", ""


def filled(plan: Plan, record: dict[str, object], random: Random) -> Iterator[dict[str, object]]:
    """Yield records that hold another."""
    yield record
    for other in records(plan, random, 40):
        yield {**other, **record}


def agree(rubric: Rubric, record: dict[str, object], readers) -> None:
    """Compare a result with that of the slow reference."""
    from comparing import worked_out
    from reference.whole import reference

    if not read_record(readers, record)[1]:
        expected = reference(rubric, record)
        got = worked_out(rubric, record)
        assert (expected is None) == (got is None), (record, expected, got)


def count(number: int, seed: int = 0) -> tuple[Counter[str], list[str]]:
    """Count the verdicts of so many mutants; list those that must not be."""
    random = Random(seed)
    counts: Counter[str] = Counter()
    wrong: list[str] = []
    for told, mutant in mutants(number, seed):
        try:
            kind, why = verdict(mutant, random)
        except Exception as error:  # a crash is a fault of its own
            kind, why = "crash", repr(error)
        counts[kind] += 1
        if kind == "undecided" and "-v" in sys.argv:
            print(kind, told[:300], why, flush=True)
        if kind in ("missed", "false", "crash"):
            wrong.append(f"{kind}: {told}: {why}")
            if __name__ == "__main__":
                print(wrong[-1], flush=True)
    return counts, wrong


if __name__ == "__main__":
    made, _ = count(int(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 0)
    print(dict(made))
