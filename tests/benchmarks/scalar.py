"""What one record costs: ratios from one run on one machine.

Run it with ``python tests/benchmarks/scalar.py``. Each ratio is the median over rounds that
alternate between the two sides, so that whatever else the machine does falls on both.

Every record is new: no two runs of a side see the same one.

- ``new record``: total, tier, pay and the complete trace with strict checks, by the shipped ruleset,
  against a hand-written if/elif function that gives only (total, tier, pay). Bar: 10, and 4 in the
  long run. The same as another mapping, with two shapes in turn (bar: 1.3 times that), with missing
  values, remarks, and ratings in place of facts (2 times).
- ``rejected``: a record with three faults, with all its problems, against the same without them.
  Bar: 4. The same where all problems are read: no bar.
- ``formulas``: twelve criteria that are formulas of a decimal each, and ``lists``: the shipped
  ruleset with lists, each against an exact function by hand that keeps a trace. Bar: 4.
- ``to_json``: ``evaluate`` and ``to_json`` against a function by hand that builds as large a dict
  and dumps it. Bar: 0.5.
- ``zen-engine``: ``evaluate`` and ``to_json`` against zen-engine with its trace and ``json.dumps``, the
  same form; only if it is installed (``pip install zen-engine``). Bar: 0.5.
- ``lines``, ``subtotals``: in microseconds. Bar: 3.
- ``pickled``: the bytes of a result in a pickle of its own, and in one of 100 results. Bar: 1 536. The
  labels and reasons of a result alone are 2.2 KB of text, 1.3 KB compressed.
- ``moved``: pickling and unpickling a record and its result, 1 000 together, against evaluating it, for
  records of values that recur and for formulas of values that do not. A pool of two processes is 1.6
  times as fast as one only below 0.25: all three processes together have the time of two. Bar: 0.25. Missed, with 3 and 4: an evaluation
  takes some microseconds, and a lookup of each part in a pickle takes as long. A pool pays off where
  its processes read their records themselves, or return no more than a number of each.
- ``by id``: what ``evaluate`` costs more by an id than by the rubric, in microseconds. Bar: 5.
- ``import``: ``import kpirules`` against ``import attrs, decimal, tomllib``, each in a fresh
  process, less the cost of starting one. Bar: 1.4. All modules are compiled to bytecode before.
- ``load``: reading, structuring, checking and making ready the shipped ruleset's text, warm,
  against ``tomllib.loads`` of it. Bar: 3.0.
- ``check``: everything that the check asks of the shipped ruleset, its examples run, in
  milliseconds. Bar: 10 ms.
"""

from __future__ import annotations

import compileall
import json
import pickle
import random
import resource
import statistics
import subprocess
import sys
import time
import tomllib
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from types import MappingProxyType


sys.path.insert(0, str(Path(__file__).parents[2]))

import kpirules
from kpirules import InputError, check, evaluate, load, loads
from tests.benchmarks import zen_rules
from tests.benchmarks.bars import Row
from tests.reference.customer_service import fast, random_record, score
from tests.shipped import shipped


#: what else the machine does is not counted
CLOCK = time.thread_time_ns
ROUNDS = 40
RECORDS = 500


def clock(act, *arguments):
    """Time one call in nanoseconds."""
    begun = CLOCK()
    act(*arguments)
    return CLOCK() - begun


def wall(act):
    """Time one call that waits for another process."""
    begun = time.perf_counter_ns()
    act()
    return time.perf_counter_ns() - begun


def alternate(one, other, rounds, before=lambda: None, clock=clock):
    """Time two sides in turn: their medians and the median ratio; ``before`` each round."""
    before()
    one(), other()
    pairs = []
    for i in range(rounds):
        before()
        # who goes first alternates as well
        if i % 2:
            a, b = clock(one), clock(other)
        else:
            b, a = clock(other), clock(one)
        pairs.append((a, b))
    ratio = statistics.median(a / b for a, b in pairs)
    return statistics.median(a for a, _ in pairs), statistics.median(b for _, b in pairs), ratio


class Records:
    """Ever new records of the shipped ruleset, each drawn before it is asked for."""

    def __init__(self, change=lambda record, _: record, *, fails=False, reads=False):
        self._rng = random.Random(20261101)
        self._change = change
        self._fails = fails
        self._reads = reads
        self.rubric = load("customer-service")
        self.left = []

    def draw(self):
        """Draw the records of one round."""
        pairs = []
        for i in range(RECORDS):
            record = random_record(self._rng, direct=False)
            pairs.append((record, self._change(dict(record), i)))
        self.left = pairs

    def ours(self):
        """Evaluate them."""
        rubric = self.rubric
        if self._fails:
            for _, record in self.left:
                try:
                    evaluate(rubric, record)
                except InputError as error:
                    if self._reads:
                        error.problems  # noqa: B018 - they are found when they are read
            return
        for _, record in self.left:
            evaluate(rubric, record)

    def by_hand(self):
        """Give the numbers alone."""
        for record, _ in self.left:
            fast(record)


def scalar(change=lambda record, _: record):
    """Evaluate new records."""
    every = Records(change)
    every.draw()
    for record, changed in every.left:
        result = evaluate(every.rubric, changed)
        assert (result.total, result.tier.id, result.pay) == fast(record)
    a, b, ratio = alternate(every.ours, every.by_hand, ROUNDS, before=every.draw)
    return a / RECORDS / 1e3, b / RECORDS / 1e3, ratio, "µs"


def rejected(*, reads=False):
    """Evaluate new records that are rejected, and the same without their faults."""
    every = Records(faulty, fails=True, reads=reads)

    def accepted():
        for record, _ in every.left:
            evaluate(every.rubric, record)

    a, b, ratio = alternate(every.ours, accepted, ROUNDS, before=every.draw)
    return a / RECORDS / 1e3, b / RECORDS / 1e3, ratio, "µs"


def turned(record, i):
    """Give every other record in another order, and with a name more."""
    return record if i % 2 else {"problem_handling": None, **dict(reversed(record.items()))}


def lacking(record, i):
    """Give missing values in several spellings."""
    return {**record, "problem_handling": (None, "", "n/a")[i % 3], "leave": None}


def remarked(record, i):
    """Write a remark that nobody has written before."""
    return {**record, "problem_handling": f"settled case {i} {random.random()}"}


def rated(record, _):
    """Rate two criteria in place of their facts."""
    _, _, _, points, _ = score(record)
    del record["leave_days"]
    return {
        **record,
        "leave": points["leave"],
        "incidents": None,
        "discipline": points["discipline"],
    }


def faulty(record, i):
    """Make three things wrong."""
    del record["late"]
    return {**record, "skill": 2, "conversion": f"{i}?"}


NAMES = [f"f{i}" for i in range(12)]


def of_formulas():
    """Return twelve formulas of a decimal each, and what draws a record."""
    inputs = "".join(f'inputs.{n} = {{ type = "number", range = "0..9" }}\n' for n in NAMES)
    rows = "".join(
        f'[[criterion]]\nid = "c{i}"\nweight = 10\nformula = "10 - 2 * {n}"\nclamp = "0..10"\n'
        for i, n in enumerate(NAMES)
    )
    rng = random.Random(20261102)

    def record():
        return {n: Decimal(rng.randrange(901)).scaleb(-2) for n in NAMES}

    return loads(f'schema = 1\nid = "x"\nfull_marks = 120\n{inputs}{rows}'), record


def formulas():
    """Evaluate twelve formulas of decimals, and the same twelve by hand, exactly and with a trace."""
    rubric, record = of_formulas()
    criteria = [(name, f"c{i}") for i, name in enumerate(NAMES)]

    def hand(record):
        # in hundredths
        total, trace = 0, []
        for name, criterion in criteria:
            value = record[name]
            units = int(value * 100)
            if units != value * 100 or not 0 <= units <= 900:
                raise ValueError(name)
            raw = 1000 - 2 * units
            points = min(max(raw, 0), 1000)
            trace.append(
                {"criterion": criterion, "points": points, "raw": raw, "used": ((name, value),)}
            )
            total += points
        return Fraction(total, 100), trace

    return compared(rubric, record, hand)


def lists():
    """Evaluate the shipped ruleset of lists, and the same by hand."""
    rubric = load("developer")

    def hundredths(values, most):
        units = [int(value * 100) for value in values]
        if units != [value * 100 for value in values] or not 0 <= min(units) <= max(units) <= most:
            raise ValueError("range")
        return units

    def mean(values, weights):
        """Return the numerator and the denominator."""
        return sum([v * w for v, w in zip(values, weights, strict=True)]), sum(weights)

    def hand(record):
        goal_weights = hundredths(record["goal_weights"], 10000)
        weights = hundredths(record["rating_weights"], 10000)
        means = {
            "goals": (1, mean(hundredths(record["goal_scores"], 500), goal_weights)),
            "own": (5, mean(hundredths(record["self_ratings"], 100), weights)),
            "feedback": (5, mean(hundredths(record["feedback_ratings"], 100), weights)),
        }
        total, trace = 0, []
        for name, (factor, (numerator, denominator)) in means.items():
            raw = factor * numerator
            # in thousandths; a tie goes up
            points = (20 * raw + denominator) // (2 * denominator)
            trace.append(
                {
                    "criterion": name,
                    "points": points,
                    "raw": (raw, denominator),
                    "used": (numerator, denominator),
                }
            )
            total += points
        return Fraction((2 * total + 3) // 6, 1000), trace

    rng = random.Random(20261103)

    def some(most, places, count=4):
        return [Decimal(rng.randrange(1, most + 1)).scaleb(-places) for _ in range(count)]

    def record():
        return {
            "goal_scores": some(500, 2),
            "goal_weights": some(100, 0),
            "self_ratings": some(100, 2),
            "feedback_ratings": some(100, 2),
            "rating_weights": some(100, 0),
        }

    return compared(rubric, record, hand)


def compared(rubric, draw, hand):
    """Compare ever new records with a function by hand."""
    records = []

    def fresh():
        records[:] = [draw() for _ in range(RECORDS // 5)]

    fresh()
    for record in records:
        assert evaluate(rubric, record).total == hand(record)[0]

    def ours():
        for record in records:
            evaluate(rubric, record)

    def by_hand():
        for record in records:
            hand(record)

    a, b, ratio = alternate(ours, by_hand, ROUNDS // 2, before=fresh)
    return a / len(records) / 1e3, b / len(records) / 1e3, ratio, "µs"


def to_json():
    """Evaluate and give JSON, and dump as large a dict by hand."""
    every = Records()
    every.draw()
    tree = json.loads(evaluate(every.rubric, every.left[0][0]).to_json())

    def ours():
        for _, record in every.left:
            evaluate(every.rubric, record).to_json()

    def by_hand():
        for record, _ in every.left:
            total, tier, pay = fast(record)
            lines = [
                {**line, "points": str(record.get(line["criterion"]))} for line in tree["lines"]
            ]
            made = {**tree, "inputs": record, "lines": lines, "total": str(total)}
            made["tier"] = {**tree["tier"], "id": tier}
            made["outcomes"] = [{**tree["outcomes"][0], "value": str(pay)}]
            json.dumps(made, ensure_ascii=False)

    a, b, ratio = alternate(ours, by_hand, ROUNDS // 4, before=every.draw)
    return a / RECORDS / 1e3, b / RECORDS / 1e3, ratio, "µs"


def zen():
    """Evaluate and give JSON, and the same by zen-engine with its trace; None without it."""
    try:
        decision = zen_rules.decision()
    except ImportError:
        return None
    every = Records()
    every.draw()
    for record, _ in every.left:
        found = decision.evaluate(record)["result"]
        assert (found["total"], found["tier"], found["pay"]) == fast(record)

    def ours():
        for _, record in every.left:
            evaluate(every.rubric, record).to_json()

    def theirs():
        for record, _ in every.left:
            json.dumps(decision.evaluate(record, {"trace": True}), ensure_ascii=False)

    # zen-engine evaluates in threads of its own
    a, b, ratio = alternate(ours, theirs, ROUNDS // 4, before=every.draw, clock=wall)
    return a / RECORDS / 1e3, b / RECORDS / 1e3, ratio, "µs"


def read(name):
    """Read a part of the results of new records."""
    every = Records()
    results = []

    def fresh():
        every.draw()
        results[:] = [evaluate(every.rubric, record) for _, record in every.left]

    def ours():
        for result in results:
            getattr(result, name)

    def nothing():
        for result in results:
            result.form  # noqa: B018 - as much as reading costs anyhow

    a, _, _ = alternate(ours, nothing, ROUNDS // 4, before=fresh)
    return a / RECORDS / 1e3, 1.0, a / RECORDS / 1e3, "µs"


def pickled(count):
    """Return the bytes of a result in a pickle of so many."""
    every = Records()
    every.draw()
    results = [evaluate(every.rubric, record) for _, record in every.left[:count]]
    size = len(pickle.dumps(results if count > 1 else results[0])) / count
    return size, 1.0, size, "bytes"


def moved(rubric, record):
    """Pickle and unpickle records and results as a pool does, and evaluate the records."""
    records, results = [], []

    def fresh():
        records[:] = [record() for _ in range(1_000)]

    def ours():
        for moving in (records, results):
            pickle.loads(pickle.dumps(moving))  # noqa: S301 - our own bytes

    def evaluated():
        results[:] = [evaluate(rubric, one) for one in records]

    times = []
    for _ in range(ROUNDS // 4):
        fresh()
        times.append((clock(evaluated), clock(ours)))
    theirs, mine = (
        statistics.median(each) / len(records) / 1e3 for each in zip(*times, strict=True)
    )
    return mine, theirs, mine / theirs, "µs"


def moved_points():
    """Move records of values that recur."""
    rng = random.Random(20261104)
    return moved(load("customer-service"), lambda: random_record(rng, direct=False))


def by_id():
    """Evaluate by the id of a ruleset, and by the ruleset."""
    every = Records()

    def ours():
        for _, record in every.left:
            evaluate("customer-service", record)

    a, b, _ = alternate(ours, every.ours, ROUNDS // 4, before=every.draw)
    return a / RECORDS / 1e3, b / RECORDS / 1e3, (a - b) / RECORDS / 1e3, "µs"


def start(code):
    """Run code in a fresh process."""
    subprocess.run([sys.executable, "-c", code], check=True)


def cpu(code):
    """Measure the processor time of a fresh process, in nanoseconds."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    start(code)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return (after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime) * 1e9


def imports(code="import kpirules", other="import attrs, decimal, tomllib"):
    """Import in fresh processes, less an empty one: the least of many."""
    # as an installer leaves a package
    compileall.compile_dir(Path(kpirules.__file__).parent, quiet=1)
    codes = (code, other, "pass")
    times = [[], [], []]
    for i in range(40):
        for j in (0, 1, 2) if i % 2 else (2, 1, 0):
            times[j].append(cpu(codes[j]))
    ours, theirs, empty = map(min, times)
    ours, theirs = ours - empty, theirs - empty
    return ours / 1e6, theirs / 1e6, ours / theirs, "ms"


def first():
    """Import, load and evaluate one record in a fresh process."""
    code = (
        "from kpirules import evaluate, load; evaluate(load('customer-service'), "
        f"{random_record(random.Random(1), direct=False)!r})"
    )
    return imports(code, "import attrs, cattrs")


def loading():
    """Read the shipped ruleset's text again and again."""
    text = shipped().read_text(encoding="utf-8")
    a, b, ratio = alternate(lambda: loads(text), lambda: tomllib.loads(text), 60)
    return a / 1e6, b / 1e6, ratio, "ms"


def checking():
    """Check the shipped ruleset, every cached thing of its plan worked out anew."""
    rubric = load("customer-service")
    times = [clock(check, rubric) for _ in range(60)]
    return statistics.median(times) / 1e6, 1.0, statistics.median(times) / 1e6, "ms"


def rows(*, quick=False):
    """Measure each ratio beside its bar."""
    global ROUNDS  # noqa: PLW0603 - a run of fewer rounds
    ROUNDS = 10 if quick else ROUNDS
    # what is relative to a new record is so to what that may cost
    own = 10.0
    measures = [
        ("new record / by hand", 10.0, scalar),
        ("as another mapping", 1.3 * own, lambda: scalar(lambda r, _: MappingProxyType(r))),
        ("two shapes in turn", 1.3 * own, lambda: scalar(turned)),
        ("with missing values", 2 * own, lambda: scalar(lacking)),
        ("with a remark", 2 * own, lambda: scalar(remarked)),
        ("ratings in place of facts", 2 * own, lambda: scalar(rated)),
        ("rejected / new record", 4.0, rejected),
        ("rejected, all problems read / new record", None, lambda: rejected(reads=True)),
        ("12 formulas / by hand", 4.0, formulas),
        ("lists / by hand", 4.0, lists),
        ("evaluate, to_json / by hand", 0.5, to_json),
        ("evaluate, to_json / zen-engine, trace", 0.5, zen),
        ("lines / 1 µs", 3.0, lambda: read("lines")),
        ("subtotals / 1 µs", 3.0, lambda: read("subtotals")),
        ("pickled, a result alone / 1 byte", 1_536.0, lambda: pickled(1)),
        ("pickled, 100 results / 1 byte", 1_536.0, lambda: pickled(100)),
        ("moved to and from a process / evaluated", 0.25, moved_points),
        ("the same, 12 formulas", 0.25, lambda: moved(*of_formulas())),
        ("by id, more than by the rubric", 5.0, by_id),
        ("first record of a process / attrs, cattrs", 2.5, first),
        ("import kpirules / attrs, decimal, tomllib", 1.4, imports),
        ("load / tomllib.loads", 3.0, loading),
        ("check / 1 ms", 10.0, checking),
        (
            "from kpirules import evaluate / as above",
            None,
            lambda: imports("from kpirules import evaluate"),
        ),
    ]
    for name, bar, measure in measures:
        measured = measure()
        if measured is None:
            yield Row(name=name, ours=0, note="not installed")
            continue
        found, theirs, ratio, unit = measured
        yield Row(name=name, ours=found, theirs=theirs, unit=unit, bar=bar, median=ratio)


def main():
    """Print all; exit with 1 where a bar is missed."""
    missed = False
    for row in rows():
        print(row, flush=True)
        missed |= row.is_missed
    return int(missed)


if __name__ == "__main__":
    sys.exit(main())
