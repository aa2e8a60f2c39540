"""The public ``rescore``: results evaluated again under other rules, and compared."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date

import attrs

from kpirules.api.evaluate import compiled
from kpirules.errors import InputError, expect
from kpirules.evaluation.comparison import Comparison, compare_results
from kpirules.evaluation.result import Result
from kpirules.model.demotions import gathered_from_all, record_inputs
from kpirules.model.rubric import Rubric


@attrs.frozen(kw_only=True)
class Rescored:
    """A result, and what its record gets under other rules (see :func:`~kpirules.rescore`)."""

    #: the result as it was
    old: Result
    #: the result under the other rules, or why they reject the record
    new: Result | InputError

    @property
    def comparison(self) -> Comparison | None:
        """What differs between both results; None for a record that is rejected."""
        new = self.new
        return None if isinstance(new, InputError) else compare_results(self.old, new)

    def text(self, lang: str | None = None) -> str:
        """Return the comparison in a language, or the problems of a record that is rejected."""
        new = self.new
        found = new if isinstance(new, InputError) else compare_results(self.old, new)
        return found.text(lang)


def rescore(
    results: Iterable[Result], rubric: Rubric | str, *, on: date | str | None = None
) -> Iterator[Rescored]:
    r"""Evaluate the records of results again under another rubric, lazily and in their order.

    Parameters: ``results``, such as those of a month, read by :meth:`Result.from_json
    <kpirules.Result.from_json>`; ``rubric`` and ``on`` as :func:`~kpirules.evaluate` takes them.

    What an input with a ``cohort`` had under the old rules may be another number under the new
    ones, so it is left out of the record: evaluate such records by
    :func:`~kpirules.evaluate_cohort`.

    Returns an iterator of :class:`Rescored`: each old result, the new one or the
    :class:`~kpirules.errors.InputError` of a record that the other rules reject (an input that they
    do not have, or that they need), and the comparison of both. An unsound rubric or an unknown id
    is an error at once, as for :func:`~kpirules.compile`.

    >>> from kpirules import evaluate, loads, rescore
    >>> old = loads('schema = 1\nid = "desk"\ncriterion = [{ id = "work", weight = 100 }]')
    >>> new = old.replace("work.range", "0..80")
    >>> for each in rescore([evaluate(old, {"work": points}) for points in (70, 90)], new):
    ...     print(each.text())
    desk: 1 difference
      Fingerprint of the rules: dfeaf20d1502 → dd8d187590cc
    desk: 1 problem in the record
      work = 90: is not an allowed rating; allowed: 0 to 80
    """
    program = compiled(rubric, on)
    gathered = {fact.name for fact in gathered_from_all(record_inputs(program.rubric))}

    def each(result: Result) -> Rescored:
        expect(result, Result, "rescore: expected results")
        record = {name: value for name, value in result.inputs.items() if name not in gathered}
        try:
            return Rescored(old=result, new=program.evaluate(record))
        except InputError as error:
            return Rescored(old=result, new=error)

    return map(each, results)
