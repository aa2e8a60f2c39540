"""Mutants of rulesets: what `check` reports of each against what its records show.

Each mutant differs from a shipped ruleset, a case or a small ruleset in one number, range, band,
tier, formula, word or policy, or in two or three of them. Records are drawn without the engine and
evaluated by the slow reference. A mutant is

- ``missed`` if `check` has neither an error nor `not-proved` and a record shows a fault,
- ``false`` if `check` has an error about values, and no record shows one,
- ``unshown`` if another record shows a fault, but not that of the finding,
- ``undecided`` if `check` has `not-proved` and no error,
- ``found`` if `check` has an error about values and a record shows it, ``static`` if it has other
  errors, ``sound`` else.

``python tests/properties/mutants.py 3000 --seed 1 --jobs 2 --log counts.log`` counts them and
prints those missed and false. The mutants of a seed are numbered, and each has random numbers of
its own: a run continues its log where it was interrupted or asked for fewer, ``--only NUMBER``
looks at one again, and the counts of runs with different seeds add up.
"""

from __future__ import annotations

import argparse
import re
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import nullcontext
from decimal import Decimal
from fractions import Fraction
from multiprocessing import Pool
from pathlib import Path
from random import Random

import attrs


sys.path.insert(0, str(Path(__file__).parents[2]))

from kpirules import InputError, KpirulesError, check, evaluate, load, rulesets
from kpirules.arithmetic.decision_table import MISSING
from kpirules.arithmetic.number import canonical, exact
from kpirules.arithmetic.range import Range
from kpirules.arithmetic.rounding import MODES
from kpirules.checks.witnesses import SHOWN
from kpirules.compiler.plan import Plan
from kpirules.evaluation.record import read_record, readers_of
from kpirules.model import Condition, Rounding, Rubric
from kpirules.toml.parser import parse
from tests import TESTS
from tests.reference.whole import FaultError, Reference, RefusedError


CASES = TESTS / "cases"
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
    "results of earlier periods": 'inputs.n = { type = "number", range = "0..9", many = true, '
    'history = { rubric = "y", take = "total", each = "quarter", window = 2, missing = 0 } }\n'
    'inputs.m = { type = "flag", many = true, history = { rubric = "y", take = "late", '
    'each = "year", window = 1 } }\ncriterion = [{ id = "a", weight = 100 }]\n'
    '[outcome.pay]\nformula = "total ^ 2 + sum(n) + count(m)"\n',
    "shares of each mode": "".join(
        f'inputs.s{i} = {{ type = "number", range = ">= 0", cohort = {{ share = "90", by = "total", '
        f'otherwise = "equal", round = {{ to = 0.5, mode = "{mode}" }} }} }}\n'
        for i, mode in enumerate(MODES)
    )
    + 'criterion = [{ id = "a", weight = 100 }]\n[outcome.pay]\nformula = "total ^ 2 + '
    + " + ".join(f"s{i}" for i in range(len(MODES)))
    + '"\n',
    "quotas": COUNT
    + 'inputs.r = { type = "count", cohort = { rank = "total", ties = "refuse" } }\n'
    'inputs.team = { type = "text", default = "all" }\n'
    'inputs.w = { type = "count", cohort = { rank = "-total", ties = "worst", within = "team" } }\n'
    'outcome.pay = { formula = "100 * r + w" }\ncriterion = [{ id = "a", weight = 100 }]\ntier = [{ id = "lo", total = "0..59" }, '
    '{ id = "hi", total = "60..100" }]\nquota = [{ id = "q", label = "Q", tier = ["lo", "hi"], '
    'at_most = "heads * 2", where = { n = 1 }, excess = "refuse" }]\n',
    "quotas that demote": COUNT
    + 'criterion = [{ id = "a", weight = 100 }]\ntier = [{ id = "lo", total = "0..59", pay = 1 }, '
    '{ id = "mid", total = "60..79", pay = 2 }, { id = "hi", total = "80..100", pay = 3 }]\n'
    'quota = [{ id = "q", tier = "hi", at_most = "heads / 2", excess = "demote", ties = "worst", '
    'by = ["total", "-n"] }, { id = "r", tier = ["hi", "mid"], at_most = "0.9 * heads", '
    'excess = "demote", ties = "refuse", where = { n = "< 5" } }]\n'
    '[outcome.step]\nbands = [{ when = { "demoted.q" = true }, formula = "1 / (n + 1)" }, '
    '{ when = "otherwise", value = 0 }]\nmissing = "skip"\n',
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
    "a section with a cap": 'section = [{ id = "s", weight = 60, cap = true, criterion = '
    '[{ id = "a", weight = 40, missing = "exclude" }, { id = "b", weight = 40, scale = 9 }] }, '
    '{ id = "t", weight = 40, criterion = [{ id = "c", weight = 40, missing = "exclude" }] }]\n'
    'tier = [{ id = "lo", total = "0 .. < 60" }, { id = "hi", total = "60..100" }]\n',
    "lists": 'inputs.l = { type = "number", many = true, range = "0..10", step = 1 }\n'
    'inputs.m = { type = "number", many = true, range = "1..3", step = 1 }\n'
    '[derive.s]\nformula = "ratio(sum(l), count(l), 5)"\nclamp = "0..10"\nround = { to = 0.5, mode = "half_even" }\n'
    '[[criterion]]\nid = "a"\nweight = 60\nscale = 10\nformula = "max(s, min(count(l), 10))"\n'
    '[[criterion]]\nid = "b"\nweight = 40\nformula = "interpolate(s, 0, 0, 5, 30, 10, 40)"\n'
    '[outcome.o]\nformula = "wmean(l, m)"\nmissing = "skip"\n',
    "a named table": 'inputs.c = { type = "choice", options = ["p", "q", "r"] }\n'
    'inputs.f = { type = "flag", default = false }\n[bands.t]\nrows = [{ when = { c = ["p", "q"], f = true }, '
    'points = 10 }, { when = { c = "p", f = false }, points = "5..9" }, { when = { c = "missing" }, '
    'points = 3 }, { when = "otherwise", points = 0 }]\n[defaults]\nscale = 10\n'
    '[[criterion]]\nid = "a"\nweight = 50\nbands = "t"\n[[criterion]]\nid = "b"\nweight = 50\n'
    'bands = "t"\nmissing = "zero"\n[[criterion]]\nid = "e"\nscored = false\nscale = 10\nformula = "points.a"\n',
    "gates of each effect": COUNT
    + RATED
    + 'tier = [{ id = "d", total = "0..59", coefficient = 0 }, { id = "c", total = "60 .. < 80", '
    'coefficient = 1 }, { id = "b", total = "80..100", coefficient = 2 }, { id = "a1", coefficient = 3 }]\n'
    'gate = [{ when = { n = 1 }, demote = 1 }, { when = { n = 2 }, tier_at_most = "c" }, '
    '{ when = { n = [3, 4] }, tier_at_least = "a1" }, { when = { n = 5, total = ">= 50" }, '
    'total_at_least = 80 }, { when = { n = 6 }, unratable = true }, { when = { tier = "b", n = 3 }, '
    'total_at_most = 79 }]\n[outcome.word]\nof = "tier"\nbands = [{ when = ["a1", "b"], value = "up" }, '
    '{ when = ["c", "d"], value = "stays" }]\n[outcome.more]\nof = "outcome.word"\nbands = '
    '[{ when = "up", formula = "outcome.coefficient * 2" }, { when = "stays", value = 0 }]\n',
    "raters who may be left out": "raters = { self = 20, boss = 50, peer = 30 }\nfull_marks = 5\n"
    'criterion = [{ id = "a", weight = 3, scale = 5, range = "1..5", missing = "exclude" }, '
    '{ id = "b", weight = 2, scale = 5, missing = 1, round = { to = 1, mode = "down" } }]\n'
    'tier = [{ id = "lo", total = "0 .. < 3" }, { id = "hi", total = "3..5" }]\n'
    '[total]\nminimum_scored = 1\n[outcome.o]\nformula = "points.b * 2"\nrange = "0..10"\n',
    "shares": 'weights_total = "sum"\ncriterion = [{ id = "a", weight = 3, scale = 5, missing = '
    '"exclude" }, { id = "b", weight = 2, scale = 5, missing = "exclude" }, { id = "c", weight = 2, '
    'scale = 5, points = "1..5" }]\ntier = [{ id = "lo", total = "0..60" }, { id = "hi", total = "61..100" }]\n'
    '[total]\nminimum_scored = 2\nround = { to = 1, mode = "half_down" }\n',
    "weights of sections": 'inputs.w = { type = "count", range = "0..100" }\n'
    'section = [{ id = "s", weight = "w", scale = 10, criterion = [{ id = "a", weight = 4 }, '
    '{ id = "b", weight = 6 }] }, { id = "t", weight = "100 - w", scale = 5, clamp = "0..80", '
    'criterion = [{ id = "c", weight = 5 }] }]\n[[adjust]]\nid = "x"\nof = "w"\nbands = '
    '[{ when = "<= 50", points = 0 }, { when = "> 50", formula = "(w - 50) / 10" }]\nclamp = "0..5"\n'
    'round = { to = 1, mode = "up" }\n[total]\nclamp = "0..100"\n',
    "tiers of several ranges": 'step = 0.5\ncriterion = [{ id = "a", weight = 100, bands = '
    '[{ points = "0..10" }, { points = 20 }, { points = "30 .. < 40" }, { points = 100 }] }]\n'
    'tier = [{ id = "odd", total = ["0..10", "30..40"] }, { id = "even", total = [20, 100] }]\n'
    '[outcome.o]\nof = "points.a"\nbands = [{ when = ["0..10", 20], formula = "points.a / 7" }, '
    '{ when = ["30..40", 100], value = 3 }]\nround = { to = 0.01, mode = "half_up" }\n',
    "a quotient within bands": 'inputs.done = { type = "count", range = "0..8" }\n'
    'inputs.due = { type = "count", range = "0..8" }\n'
    'criterion = [{ id = "a", weight = 100, of = "rate", bands = [{ when = "< 0.5", points = 0 }, '
    '{ when = "0.5 .. < 1", formula = "100 * rate" }, { when = 1, points = 100 }] }]\n'
    'gate = [{ when = { rate = 0, due = "> 3" }, refuse = true }]\n'
    '[derive.rate]\nbands = [{ when = { due = 0 }, value = 1 }, { when = { due = "> 0" }, '
    'formula = "done / due" }]\nclamp = "0..1"\n',
    "nested functions": 'inputs.x = { type = "number", range = "-5..5", step = 0.5 }\n'
    'inputs.y = { type = "number", range = "> 0 .. 4" }\n[derive.z]\nformula = "floor(x) + ceil(y) - abs(x)"\n'
    'range = "-20..20"\n[[criterion]]\nid = "a"\nweight = 100\nscale = 50\nformula = '
    '"clamp(round(x * x / y, 0.1), 0, 40) + mean(1, 2 * abs(z) / 40, 3)"\n[outcome.o]\nformula = "1 / y"\n',
    "values alone": "effective_until = 2030-12-31\n"
    'inputs.f = { type = "flag", default = true }\ninputs.g = { type = "count", range = "0..3" }\n'
    'criterion = [{ id = "a", weight = 100, cite = "1", missing = "exclude" }]\n'
    'adjust = [{ id = "x", points = 2, range = "0..5" }, { id = "y", bands = "b", range = "-2..2" }]\n'
    '[derive.n]\nvalue = 3\nbetter = "lower"\nlabel = "three"\n[derive.t]\nvalue = "plain"\n'
    '[derive.d]\nbands = "v"\n[bands.b]\nrows = [{ when = { f = true }, points = 1 }, '
    '{ when = { f = false }, points = -1 }]\n[bands.v]\nrows = [{ when = { g = "<= 1" }, value = 4 }, '
    '{ when = { g = "> 1" }, value = 6 }]\n[total]\nclamp = "0..100"\n[outcome.w]\nvalue = "ends"\n'
    '[outcome.o]\nvalue = 7\n[outcome.p]\nbands = "v"\n[outcome.q]\nformula = "total * n / d"\n'
    'clamp = "0..60"\n[outcome.r]\nof = "t"\nbands = [{ when = "plain", value = 1 }]\n',
    "a total that is a value": RATED
    + '[total]\nvalue = 70\n[[tier]]\nid = "t"\ntotal = 70\npay = 9\n',
    "tables by two facts, curves and runs": 'source = { title = "Form" }\n'
    + COUNT
    + 'inputs.f = { type = "flag" }\ninputs.l = { type = "number", many = true, range = "0..10", step = 1 }\n'
    'inputs.m = { type = "count", range = "0..4" }\n[curves.c]\npoints = [[0, 0], ["n + 6", "10 * (n + 6)"]]\nbeyond = "straight"\n'
    '[derive.r]\nof = "l"\nrun = ">= 5"\n[derive.g]\nformula = "given(m, n) + item(l, 2, 0) + root(n, 1)"\n'
    'round = { to = 1, mode = "ceiling" }\n[derive.low]\nformula = "sum(lowest(l, 2))"\n'
    'round = { to = 1, mode = "floor" }\n[[criterion]]\nid = "a"\nweight = 60\nformula = "curve(n, c)"\n'
    'clamp = "0..60"\ntarget = "6"\ndata_source = "Desk"\n[[criterion]]\nid = "b"\nweight = 40\nof = "n"\n'
    'across = "f"\nbands = [{ when = "<= 3", formula = { true = "10 * n", false = "n" } }, '
    '{ when = ">= 4", points = 40 }]\n[[adjust]]\nid = "x"\nof = "m"\nacross = "f"\n'
    'bands = [{ when = "<= 2", points = { true = 1, false = 2 } }, { when = ">= 3", points = 0 }]\n'
    '[total]\nof = "raw_total"\nacross = "f"\nbands = [{ when = "< 50", value = { true = 10, false = 20 } }, '
    '{ when = ">= 50", formula = "raw_total" }]\nclamp = "0..100"\n[outcome.o]\nformula = "r + g + low"\n'
    'missing = "skip"\n[outcome.p]\nof = "l"\nrun = "< 5"\n',
    "a total by a named table": COUNT
    + RATED
    + '[bands.t]\nrows = [{ when = { raw_total = "< 40", n = "< 3" }, value = 10 }, '
    '{ when = { raw_total = ">= 40" }, formula = "raw_total" }, { when = "otherwise", value = 0 }]\n'
    '[total]\nbands = "t"\nminimum_scored = 1\n[[tier]]\nid = "lo"\ntotal = [0, 10]\n'
    '[[tier]]\nid = "hi"\ntotal = "40..100"\n',
}

#: rulesets that were once called sound and were not, or that the check could not end
BUGS = {
    "total without a band": RATED
    + '[total]\nof = "raw_total"\nbands = [{ when = "< 50", value = 10 }, '
    '{ when = ">= 60", value = 90 }]\n',
    "total of two bands": RATED
    + '[total]\nof = "raw_total"\nbands = [{ when = "<= 50", value = 10 }, '
    '{ when = ">= 50", value = 90 }]\n',
    "total that divides": RATED + '[total]\nformula = "100 / raw_total"\nclamp = "0..100"\n',
    "weight that divides": 'inputs.n = { type = "count" }\nweights_total = "sum"\ncriterion = '
    '[{ id = "a", weight = "100 / n", scale = 10 }, { id = "b", weight = 5 }]\n',
    "ratings of a formula": 'inputs.n = { type = "number", range = "50..100" }\ncriterion = '
    '[{ id = "a", weight = 100, formula = "n" }]\ntier = [{ id = "hi", total = ">= 80" }, '
    '{ id = "lo", total = "50 .. < 80" }]\n[outcome.pay]\nof = "points.a"\nbands = '
    '[{ when = ">= 80", value = 200 }, { when = "50 .. < 80", value = 100 }]\n',
    "means of raters": 'raters = { self = 20, boss = 80 }\ninputs.n = { type = "count" }\ncriterion = '
    '[{ id = "a", weight = 100, of = "n", bands = [{ when = "<= 2", points = 5 }, '
    '{ when = "otherwise", points = 1 }] }]\ntier = [{ id = "t", total = [1, 5] }]\n',
    "rounding beyond the clamp": 'inputs.n = { type = "number", range = "0..20" }\ncriterion = '
    '[{ id = "a", weight = 2.5, formula = "n", clamp = "0..2.5", round = { to = 1, mode = "half_up" } }, '
    '{ id = "b", weight = 97.5, scale = 100 }]\n',
    "weight 0": 'criterion = [{ id = "a", weight = 0, scale = 10 }, { id = "b", weight = 100 }]\n'
    '[outcome.pay]\nformula = "points.a"\n',
    "excluded": 'criterion = [{ id = "a", weight = 50, missing = "exclude" }, { id = "b", weight = 50 }]\n'
    '[outcome.pay]\nformula = "points.a * 10"\n',
    "an answer for what is missing": 'inputs.n = { type = "count" }\nderive = { d = { of = "n", bands = '
    '[{ when = "missing", value = "w" }, { when = "otherwise", value = "v" }] } }\ncriterion = '
    '[{ id = "k", weight = 100, of = "d", bands = [{ when = "w", points = 100 }, { when = "v", points = 0 }] }]\n',
    "a third": 'inputs = { n = { type = "number", range = "0..33.34" } }\ncriterion = '
    '[{ id = "a", weight = 100, formula = "3 * n" }]\n',
    "beyond the scale": 'inputs = { late = { type = "count" } }\ncriterion = [{ id = "a", weight = 10, '
    'formula = "60 + 5 * late" }, { id = "b", weight = 90 }]\ngate = [{ when = { "points.a" = "< 6" }, '
    "total_at_most = 59 }]\n",
    "a default": 'inputs = { c = { type = "choice", options = ["p", "q"], default = "p" } }\ncriterion = '
    '[{ id = "a", weight = 100, bands = [{ when = { c = "p" }, points = 100 }, { when = { c = "q" }, points = 0 }] }]\n',
}


def sources(*, whole: bool = False) -> dict[str, Rubric]:
    """Give all rulesets to change, by name; ``whole``: with their examples and rulings."""
    found = {f"shipped {each.id}": load(each.id) for each in rulesets()}
    for path in sorted(CASES.glob("*.rubric.toml")):
        found[f"case {path.name.partition('.')[0]}"] = parse(path.read_text("utf-8"), path.name)
    for kind, texts in (("small", SMALL), ("bug", BUGS)):
        for name, text in texts.items():
            found[f"{kind} {name}"] = parse(HEAD + text, "x.rubric.toml")
    for path in sorted(CASES.parent.glob("tables/*.rubric.toml")):
        found[f"table {path.name.partition('.')[0]}"] = parse(path.read_text("utf-8"), path.name)
    if whole:
        return found
    return {name: attrs.evolve(rubric, examples=(), rulings=()) for name, rubric in found.items()}


# ---------------------------------------------------------------- mutation

#: fields that say nothing about what comes of a record
IDLE = {
    *(
        "label",
        "note",
        "cite",
        "source",
        "examples",
        "rulings",
        "form",
        "origin",
        "package",
        "better",
    ),
    *("effective_from", "effective_until", "unit", "period", "role", "currency", "pay_components"),
    *("id", "name", "schema", "reason", "options", "many", "type", "ready", "undecided", "url"),
    "history",
}
#: fields whose text is changed
TEXTS = {"formula", "missing", "weight", "mode", "value", "tier_at_most", "tier_at_least"}
TEXTS |= {"beyond", "x", "y"}
#: fields whose text is a formula
FORMULAS = ("formula", "weight", "x", "y")
#: lists of which a part is dropped or doubled
LISTS = {"bands", "rows", "tiers", "criteria", "sections", "gates", "adjustments", "entries"}
LISTS |= {"conditions", "raters", "outcomes", "derived", "curves"}
#: fields that are dropped, and added where they are not there
OPTIONAL = {"clamp", "round", "range", "default", "scale", "minimum_scored", "weights_total"}
#: fields that are turned
FLAGS = {"scored", "otherwise", "refuse", "unratable", "cap"}


def is_cell(path) -> bool:
    """Say whether at a place stands the formula of a cell of a table by two facts."""
    return path[-4:-2] == ("formula", "by_entry") and path[-1] == 1


def sites(part, path=()):  # noqa: C901, PLR0912 - a walk over all kinds of parts
    """Yield the places of a rubric that can be changed, with what stands there."""
    last = path[-1] if path else ""
    if isinstance(part, bool):
        if last in FLAGS or "entries" in path:
            yield path, part
    elif isinstance(part, (Range, Decimal, Fraction, int)):
        yield path, part
    elif part is None:
        if last in OPTIONAL:
            yield path, part
    elif isinstance(part, str):
        if last in TEXTS or "entries" in path or is_cell(path):
            yield path, part
    elif isinstance(part, tuple):
        if last in LISTS:
            yield path, part
        for i, item in enumerate(part):
            yield from sites(item, (*path, i))
    elif attrs.has(type(part)):
        if last in OPTIONAL:
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


def changed(value, path, words, random: Random):
    """Give something else for what stands at a place; ``words`` may stand in the place of one."""
    if value is None:
        return added(path[-1], random)
    if isinstance(value, bool):
        return not value
    if path[-1] in OPTIONAL and random.random() < 0.2:
        return None
    if isinstance(value, Range):
        return changed_range(value, random)
    if isinstance(value, tuple):
        return changed_list(value, random)
    if isinstance(value, str):
        return changed_text(value, path, words, random)
    if not isinstance(value, (int, Decimal, Fraction)):
        return None
    step = random.choice([1, -1, 5, -5, Decimal("0.5"), Decimal("-0.5")])
    if random.random() < 0.1:
        return type(value)(0)
    return (
        type(value)(exact(value) + exact(step)) if not isinstance(value, Decimal) else value + step
    )


def added(field, random: Random):
    """Give something for an optional field that is not there."""
    if field in ("clamp", "range"):
        return Range.closed(random.choice([0, 0, 1, -5]), random.choice([5, 10, 50, 100]))
    if field == "round":
        return Rounding(to=random.choice([1, Decimal("0.5"), 5]), mode=random.choice(tuple(MODES)))
    if field == "weights_total":
        return "sum"
    return random.choice([1, 2, 10])


def changed_list(value, random: Random):
    """Drop a part of a list or double one."""
    if not value:
        return value
    at = random.randrange(len(value))
    if random.random() < 0.5:
        return (*value[:at], *value[at + 1 :])
    twin = value[at]
    for name in ("id", "name"):
        if attrs.has(type(twin)) and hasattr(twin, name) and not isinstance(twin, Condition):
            twin = attrs.evolve(twin, **{name: f"{getattr(twin, name)}_2"})
    return (*value, twin)


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


def changed_text(text: str, path, words, random: Random) -> str:
    """Change a word, a coefficient or an operator of a formula, a policy, or a mode."""
    if path[-1] == "missing":
        policies = ["error", "zero", "exclude"] if "criteria" in path else ["error", "skip"]
        return random.choice(policies)
    if path[-1] == "mode":
        return random.choice(tuple(MODES))
    if path[-1] == "beyond":
        return random.choice(["end", "straight"])
    if path[-1] not in FORMULAS and not is_cell(path):
        return random.choice(words)
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
    """Yield so many mutants, each with what was changed, no change twice.

    Most have one change; some have two or three. The first of a seed are always the same.
    """
    random = Random(seed)
    every = {}
    for name, rubric in sources().items():
        places = list(sites(rubric))
        words = [value for path, value in places if "entries" in path and isinstance(value, str)]
        words += [tier.id for tier in rubric.tiers]
        every[name] = (rubric, places, sorted({*words, "missing"}))
    names = sorted(every)
    seen = set()
    while len(seen) < count:
        name = random.choice(names)
        mutant, places, words = every[name]
        changes = []
        for _ in range(random.choice([1, 1, 1, 1, 2, 2, 3])):
            path, value = random.choice(places)
            try:
                new = changed(value, path, words, random)
                mutant = put(mutant, path, new) if new != value else mutant
            except (
                KpirulesError,
                ValueError,
                TypeError,
                AttributeError,
                ArithmeticError,
                LookupError,
            ):
                # what the model does not accept, or a place that an earlier change has dropped
                continue
            if new != value:
                changes.append(f"{'.'.join(map(str, path))}: {value} -> {new}")
        told = f"{name}: {'; '.join(changes)}"
        if changes and told not in seen:
            seen.add(told)
            yield told, mutant


# ---------------------------------------------------------------- records


class Drawn:
    """Records of a rubric, values at thresholds among them."""

    def __init__(self, plan: Plan, random: Random) -> None:
        self.plan, self.random = plan, random
        near: dict[str, list[Fraction]] = {}
        for quantity in (*plan.quantities.values(), *plan.gates):
            for band in quantity.bands:
                for condition in band.when.conditions if band.when is not None else ():
                    for entry in condition.entries:
                        if isinstance(entry, Range):
                            name = condition.name or quantity.quantity.of
                            cuts = [c[0] for c in (entry.low, entry.high) if c is not None]
                            near.setdefault(name, []).extend(map(Fraction, cuts))
        self.pools = {
            fact.name: list(values_of(fact, near.get(fact.name, [])))
            for fact in plan.scope.inputs.values()
        }

    def record(self) -> dict[str, object]:
        """Draw a record: facts, then ratings."""
        random, lists = self.random, self.plan.scope.lists
        record: dict[str, object] = {}
        for name, pool in self.pools.items():
            if pool and random.random() < 0.93:
                items = [random.choice(pool) for _ in range(random.randrange(4))]
                record[name] = tuple(items) if name in lists else random.choice(pool)
        for c in self.plan.criteria:
            if c.is_remark or (c.is_measured and random.random() < 0.7):
                continue
            for name in c.rating_names:
                value = rating_of(c, random) if random.random() < 0.93 else None
                if value is not None:
                    record[name] = value
        return record

    def records(self, count: int) -> Iterator[dict[str, object]]:
        """Draw so many records."""
        return (self.record() for _ in range(count))

    def filled(self, record: dict[str, object]) -> Iterator[dict[str, object]]:
        """Yield a record, and others that hold it: with other raters of its criteria, and without."""
        yield record
        rated = {name.partition(".")[0] for name in record}
        for i, other in enumerate(self.records(400)):
            rest = {n: v for n, v in other.items() if i % 2 or n.partition(".")[0] not in rated}
            yield {**rest, **record}


def values_of(fact, near):
    """Yield values of an input: all options, or numbers where something may change."""
    if fact.type == "choice":
        yield from (option.code for option in fact.options)
        return
    if fact.type == "flag":
        yield from (True, False)
        return
    if fact.type == "text":
        yield from ("one", "two")
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
    if any(f.code == "check-failed" for f in errors):
        return "crash", str([f.message() for f in errors if f.code == "check-failed"])
    if any(f.code not in SHOWN for f in errors):
        return "static", ""
    plan = Plan(rubric)
    readers = readers_of(plan)
    drawn = Drawn(plan, random)
    if errors:
        return told(rubric, errors, drawn, readers, count)
    open_ones = [f.message() for f in findings if f.code == "not-proved"]
    for record in drawn.records(count):
        fault = None if read_record(readers, record)[1] else fault_of(rubric, record)
        if fault is not None and open_ones:
            return "undecided", f"shown by {record} {fault}: {open_ones}"
        if fault is not None:
            return "missed", f"{fault}: {record}: {got_of(rubric, record)}"
    if open_ones:
        return "undecided", str(open_ones)
    for record in drawn.records(3):
        agree(rubric, record, readers)
    return "sound", ""


def got_of(rubric: Rubric, record: dict[str, object]) -> str:
    """Give the total of a record, or why it is rejected."""
    try:
        return str(evaluate(rubric, record).total)
    except InputError as error:
        return str(error)


#: what a finding adds that has no record of its own
HIDDEN = "(no record shows this while there are other errors)"


def told(rubric, errors, drawn: Drawn, readers, count: int) -> tuple[str, str]:
    """Give what errors about values are worth: each has a record that shows a fault."""
    for finding in errors:
        if HIDDEN in finding.message() or finding.path[2:3] == ("cohort",):
            # a group shows the second, and no record alone
            continue
        about = f"{finding.code} at {finding.place}: {finding.witness} {finding.record}"
        given = {
            n: v for n, v in finding.record or finding.witness if n in readers and v is not MISSING
        }
        some = (each for each in drawn.filled(given) if not read_record(readers, each)[1])
        if not any(fault_of(rubric, each) for each in some):
            others = drawn.records(count)
            faults = {fault_of(rubric, r) for r in others if not read_record(readers, r)[1]}
            return "unshown" if faults != {None} else "false", about
    return "found", ""


def agree(rubric: Rubric, record: dict[str, object], readers) -> None:
    """Compare a result with that of the slow reference."""
    from tests.comparing import worked_out
    from tests.reference.whole import reference

    if not read_record(readers, record)[1]:
        expected = reference(rubric, record)
        assert expected == worked_out(rubric, record), record


def judged(job: tuple[int, int, str, Rubric]) -> tuple[int, str, str, str]:
    """Give the verdict about a mutant by its number: (number, verdict, what was changed, why)."""
    seed, number, told, mutant = job
    try:
        kind, why = verdict(mutant, Random(f"{seed}:{number}"))
    except Exception as error:  # noqa: BLE001 - whatever it is, it is a fault of its own
        kind, why = "crash", repr(error)
    return number, kind, told, why


def verdicts(
    count: int, seed: int = 0, *, jobs: int = 1, without: frozenset[int] = frozenset()
) -> Iterator[tuple[int, str, str, str]]:
    """Yield the verdicts about the first mutants of a seed, but for some."""
    numbered = enumerate(mutants(count, seed))
    every = ((seed, n, told, mutant) for n, (told, mutant) in numbered if n not in without)
    if jobs == 1:
        yield from map(judged, every)
        return
    with Pool(jobs) as pool:
        yield from pool.imap_unordered(judged, every, chunksize=20)


#: verdicts that must not be
WRONG = ("missed", "false", "unshown", "crash")


def count(number: int, seed: int = 0) -> tuple[Counter[str], list[str]]:
    """Count the verdicts of so many mutants; list those that must not be."""
    every = list(verdicts(number, seed))
    wrong = [f"{kind}: {told}: {why}" for _, kind, told, why in every if kind in WRONG]
    return Counter(kind for _, kind, _, _ in every), wrong


def main() -> int:
    """Count the mutants of a seed, a line of the log for each; continue the log where it ends."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("count", type=int)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--log", type=Path, default=None)
    parser.add_argument("--only", type=int, default=None)
    given = parser.parse_args()
    if given.only is not None:
        every = enumerate(mutants(given.only + 1, given.seed))
        told, mutant = next(mutant for n, mutant in every if n == given.only)
        sys.stdout.write(f"{judged((given.seed, given.only, told, mutant))}\n")
        return 0
    lines = given.log.read_text("utf-8").splitlines() if given.log and given.log.exists() else []
    before = [line.split(" ", 3) for line in lines if line.startswith(f"{given.seed} ")]
    done = {int(n): kind for _, n, kind, _ in before}
    counts = Counter(kind for n, kind in done.items() if n < given.count)
    with given.log.open("a", encoding="utf-8") if given.log else nullcontext(sys.stdout) as log:
        found = verdicts(given.count, given.seed, jobs=given.jobs, without=frozenset(done))
        for number, kind, told, why in found:
            counts[kind] += 1
            told_of = f"{told}: {why}".replace("\n", " ") if kind in (*WRONG, "undecided") else ""
            if told_of or given.log:
                log.write(f"{given.seed} {number} {kind} {told_of}\n")
                log.flush()
    sys.stdout.write(f"{dict(counts)}\n")
    return int(any(counts[kind] for kind in WRONG))


if __name__ == "__main__":
    sys.exit(main())
