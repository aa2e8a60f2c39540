"""The public ``verify_cohort``: stored results of a cohort, verified together."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from kpirules._internal.display import brief
from kpirules._internal.typeguards import is_mapping
from kpirules.api.verify import (
    Verification,
    compared,
    verify_tree,
    with_fingerprint,
    without_rubric,
)
from kpirules.cohort.evaluation import evaluate_cohort
from kpirules.evaluation.result import Result
from kpirules.evaluation.result_parser import read
from kpirules.evaluation.result_parser import tree_of as parsed
from kpirules.model.rubric import Rubric
from kpirules.registry.protocol import Source
from kpirules.registry.sources import Folders


def verify_cohort(
    stored: Mapping[str, str | bytes],
    *,
    rubric: Rubric | None = None,
    folders: Folders = (),
    sources: Iterable[Source] | None = None,
) -> dict[str, Verification]:
    """Evaluate all records of a cohort together again, and compare each with its stored result.

    :func:`~kpirules.verify` takes what was gathered for a result as given: it proves that the
    bonus follows from the place. ``verify_cohort`` gathers the place again.

    Parameters: ``stored``, the texts of all results of the cohort by key; ``rubric``, ``folders``
    and ``sources`` as of :func:`~kpirules.verify`. All results must be of one rubric, by its
    fingerprint: the outcome for any other is "no-rubric".

    Returns a :class:`~kpirules.Verification` for each result, by key. A result that is missing in
    ``stored`` makes those of its groups differ.

    Raises :class:`~kpirules.errors.StoredResultError` for what is not the text of a result.

    >>> from kpirules import evaluate_cohort, loads, verify_cohort
    >>> rubric = loads('''
    ... schema = 1
    ... id = "shop"
    ... inputs.place = { type = "count", cohort = { rank = "total", ties = "best" } }
    ... criterion = [{ id = "work", weight = 100 }]
    ... outcome.bonus = { formula = "max(60 - 10 * place, 0)" }
    ... ''')
    >>> cohort = evaluate_cohort(rubric, {"li": {"work": 70}, "wu": {"work": 85}})
    >>> stored = {key: result.to_json() for key, result in cohort.results.items()}
    >>> {key: each.outcome for key, each in verify_cohort(stored, rubric=rubric).items()}
    {'li': 'same', 'wu': 'same'}
    >>> print(verify_cohort({"li": stored["li"]}, rubric=rubric)["li"].differences[0])
    inputs.place: stored 2, recomputed 1
    """
    given: object = stored
    if not is_mapping(given):
        raise TypeError(f"stored: expected a table of texts by key, not {brief(given)}")
    trees = {key: parsed(text) for key, text in stored.items()}
    results = {key: Result(**read(tree)) for key, tree in trees.items()}
    looked_at: list[str] = []
    if rubric is None and results:
        first = next(iter(results.values()))
        rubric = with_fingerprint(first, looked_at, folders, sources)
    if rubric is None:
        return {key: without_rubric(result, looked_at) for key, result in results.items()}
    # those of another rubric are none of the cohort
    found = {key: verify_tree(trees[key], rubric=rubric) for key in results}
    records = {
        key: {n: v for n, v in result.inputs.items() if n not in result.memberships}
        for key, result in results.items()
        if found[key].outcome != "no-rubric"
    }
    if records:
        cohort = evaluate_cohort(rubric, records, on_error="keep")
        for key in records:
            again = cohort.results.get(key) or cohort.refused[key]
            found[key] = compared(rubric, trees[key], results[key], again)
    return found
