"""Mutants that mean the same as the code: by module, the change, or how it begins, and the reason."""

from __future__ import annotations


BOUND = "a bound of what is tried: one more or less is as good"
QUICK = "only quicker: what is asked next gives the same answer"

EQUIVALENT: dict[str, dict[str, str]] = {
    "range": {
        """0xFF05: "%", -> 0xFF05: 'XX%',""": "that a percent sign is in the text is all that is asked",
    },
    "number": {
        "SHORT_BITS = _TOO_LONG.bit_length() - 1 -> SHORT_BITS = _TOO_LONG.bit_length() - 2": QUICK,
        "if part.bit_length() > SHORT_BITS and abs(part) >= _TOO_LONG: -> if (part.bit_length() >= ": QUICK,
        "if places >= MAX_DIGITS: -> if (places > MAX_DIGITS):": QUICK,
        "raise NotExactError(f'has more than {MAX_DIGITS} decimals') -> pass": QUICK,
        'if getattr(getattr(value, "dtype", None), "kind", "") in ("m", "M"): -> '
        """if getattr(getattr(value, "dtype", None), "kind", 'XX') in ("m", "M"):""": (
            "any text but these two will do"
        ),
        "raise NotExactError(f'is too large: at most {MAX_DIGITS} digits before the dec": QUICK,
        "if isinstance(value, (int, Fraction)) and not isinstance(value, bool) and abs(value) < LIMIT: "
        "-> if isinstance(value, (int, Fraction)) and not isinstance(value, bool) and (abs(value) <= "
        "LIMIT)": "the limit itself is a whole number, which is shown in the same way",
    },
    "domain": {
        "return [canonical(first + i * Fraction(self.step or 0)) for i in range(self.size or 0)] -> "
        "return [canonical(first + i * Fraction(self.step or ": "without a step there is one number",
        "return [canonical(first + i * Fraction(self.step or 0)) for i in range(self.size or 0)] -> "
        "return [canonical(first + i * Fraction(self.step or 0)) for i in range(self.size or -1)]": (
            "neither range has a number"
        ),
    },
    "decision_table": {
        "_MAX_STEPS = 5_000_000 -> ": BOUND,
        "_MAX_CELLS = 100_000 -> ": BOUND,
        "self._steps = 0 -> self._steps = 1": "in the table that is made: each search begins with none",
        "taken = 1 -> taken = 2": "that it is not 0 is all that is asked",
        "beside = 0 -> beside = 1": "no row comes before the first",
    },
    "prover": {
        "MAX_BOXES = 3_000 -> ": BOUND,
        "MAX_NODES = 20_000 -> ": BOUND,
        "FEW_BOXES = 8 -> ": BOUND,
        "NODE_STEPS = 40 -> ": BOUND,
        "_ROUNDS = 4 -> ": BOUND,
        "steps = (shows + hides) // 2 if hides >= 0 else 0 -> steps = (shows + hides) // 2 if hides >= -1 "
        "else 0": "the same point by another order of halves",
    },
    "interval": {
        "MAX_BITS = 320 -> ": BOUND,
        "if low is not None and low >= 0: -> if low is not None and (low > 0):": "0 is the nearest either way",
        "if high is not None and high <= 0: -> if high is not None and (high < 0):": (
            "0 is the nearest either way"
        ),
        "*(x for x in xs if (low is None or low < x) and (high is None or x < high)), -> *(x for x in xs if "
        "(low is None or ": "an end is among the values by itself",
        "if x <= points[0][0]: -> if (x < points[0][0]):": "at a point, both pieces have its value",
        "if x <= x2: -> if (x < x2):": "at a point, both pieces have its value",
    },
    "quantities": {
        "RATED = ": "a name that no other has, whatever it is",
        "if entry.on_grid(self.axes[name].step or 1) is None -> if entry.on_grid(self.axes[name].step or ": (
            "there is a step: types alone need the other number"
        ),
    },
    "rater_means": {
        "MAX_MEANS = 4_000 -> ": BOUND,
        "sizes = range(1, len(raters) + 1 if len(raters) <= MAX_RATERS else 1) -> sizes = range(1, len(raters) + 2": (
            "so many there are not"
        ),
    },
    "criteria": {
        "full = Range.closed(min(0, self.scale), max(0, self.scale)) -> full = Range.closed(min(0, self.scale"
        "), max(-1, self.scale))": "no scale is below 0 that has no finding",
        "rows = [i for i in range(len(self.rows)) if bits >> i & 1] -> rows = [i for i in range(len(self.rows"
        ")) if bits >> i | 1]": QUICK,
        "step = self.step if self.is_judged else 1 -> step = self.step if self.is_judged else 2": (
            "what is not judged has single numbers"
        ),
    },
    "nodes": {
        "MAX_ARGUMENTS = 100 -> ": BOUND,
        '"neg": Kind(lambda v: -v[0], lambda b: ends.minus(b[0]), common, 1, 1), -> ': (
            "the minus has one factor by the grammar: its count is not asked"
        ),
        """OPERATIONS = frozenset(OF_NUMBERS).union(OF_LISTS) - frozenset("+-*/") - {"neg"} -> """
        """OPERATIONS = frozenset(OF_NUMBERS).union(OF_LISTS) - frozenset('XX+-*/') - {"neg"}""": (
            "no operation is called X"
        ),
    },
    "parser": {
        "@lru_cache(maxsize=4096) -> ": BOUND,
    },
    "totals": {
        "MAX_TOTALS = 2_000_000 -> ": BOUND,
        "MAX_SUBTOTALS = 5_000 -> ": BOUND,
        "MAX_CHOICES = 16 -> MAX_CHOICES = 17": "no form has 17 choices: a sum of binomials is not 17",
        "more = 0 -> more = 1": "the least total always occurs",
        "gone = (some for size in range(len(may_go) + 1) for some in combinations(may_go, size)) -> gone = "
        "(some for size in range(len(may_go) + 2) ": "no combination has more items than there are",
        'criterion: str = "" -> ': "the summand of a section: its criteria are read from its section",
        "steps=tuple((value, 0, 1) for value in values), -> steps=tuple((value, 1, 1) for value in values),": (
            "one number has no second one a step later"
        ),
        "steps=tuple((value, 0, 1) for value in values), -> steps=tuple((value, -1, 1) for value in values),": (
            "one number has no second one a step later"
        ),
        "steps=tuple((value, 0, 1) for value in values), -> steps=tuple((value, 0, 2) for value in values),": (
            "the same number twice"
        ),
        "step = None if dense else canonical(Fraction(1, units or 1)) -> step = None if dense else "
        "canonical(Fraction(1, units or ": "without units there is no grid",
        "steps.append((first, part.step or 0, size)) -> steps.append((first, part.step or ": (
            "without a step there is one number"
        ),
    },
}
