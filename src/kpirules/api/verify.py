"""Verify that a stored result is the result of its inputs under the rubric that it names."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from typing import Any, Literal, TypeAlias

import attrs

from kpirules._internal.display import brief, printable
from kpirules._internal.typeguards import is_dict, is_list
from kpirules.api.evaluate import evaluate
from kpirules.api.load import load_found
from kpirules.diagnostics.problem import text_of
from kpirules.errors import InputError, KpirulesError, StoredResultError, expect
from kpirules.evaluation.result import Result
from kpirules.evaluation.result_json import tree_of
from kpirules.evaluation.result_parser import read
from kpirules.evaluation.result_parser import tree_of as parsed
from kpirules.model.rubric import Rubric
from kpirules.registry.catalog import catalog
from kpirules.translations.message import Message


#: the error of :func:`verify`, which is defined with the others
__all__ = ["Difference", "StoredResultError", "Verification", "verify", "verify_tree"]


#: so many differences are named; where two results have little in common, more say nothing
MAX_DIFFERENCES = 50


@attrs.frozen(kw_only=True)
class Difference:
    """Something that a stored result says otherwise than its inputs give.

    >>> print(Difference(name="lines[0].points", stored="6", recomputed="4"))
    lines[0].points: stored '6', recomputed '4'
    """

    #: where, by the keys of the result's JSON
    name: str
    #: what is stored; None where nothing is
    stored: object
    #: what its inputs give; None where they give nothing
    recomputed: object

    def __str__(self) -> str:
        return self.text()

    def text(self, lang: str | None = None) -> str:
        """Return the difference in a language."""
        none = Message.of("verify.nothing")
        one, other = (none if v is None else brief(v) for v in (self.stored, self.recomputed))
        text = Message.of("verify.difference", name=self.name, stored=one, recomputed=other)
        return text.text(lang)


@attrs.frozen(kw_only=True)
class Verification:
    """The outcome of verifying a stored result (see :func:`~kpirules.verify`).

    >>> print(Verification(outcome="same", rubric="desk", fingerprint="be6623fb4c3d3b43"))
    desk, fingerprint be6623fb4c3d: same
    """

    #: "same"; "differs"; or "no-rubric": none with its fingerprint is to be had
    outcome: Literal["same", "differs", "no-rubric"]
    #: the rubric's id, and the fingerprint that the result says
    rubric: str
    fingerprint: str
    #: the file of the rubric with that fingerprint; None where there is none, or it has no file
    file: str | None = None
    differences: tuple[Difference, ...] = ()
    #: the files of that id that were looked at, each with why it is not the one
    looked_at: tuple[str, ...] = ()

    def __str__(self) -> str:
        return self.text()

    def text(self, lang: str | None = None) -> str:
        """Return the outcome in a language: each difference in a line, or each file looked at."""
        key = f"verify.{self.outcome}"
        head = Message.of(key, id=self.rubric, fingerprint=self.fingerprint[:12]).text(lang)
        below = [each.text(lang) for each in self.differences]
        below += map(printable, self.looked_at)
        return "\n  ".join([head, *below])


#: where rubrics are looked for
Folders: TypeAlias = Iterable[str | os.PathLike[str]]


def verify(
    stored: str | bytes, *, rubric: Rubric | None = None, folders: Folders = ()
) -> Verification:
    r"""Compute a stored result again from its inputs, and return whether it is the same.

    ``stored`` is the text of :meth:`Result.to_json <kpirules.evaluation.result.Result.to_json>`, or
    what a database made of it. The rubric with its fingerprint is looked for in all versions of its
    id, superseded ones too, wherever :func:`~kpirules.load` looks; a ``rubric`` that is given is
    the only one looked at. All is compared but the package that the rubric came from.

    "same" proves that these inputs give this result under the rubric of this fingerprint. It does
    not prove who stored the result, when, or that the inputs are true: who can write the result can
    write another one that is as consistent. Sign it, or restrict who may write it, against that.

    Raises :class:`~kpirules.errors.StoredResultError` for what is not such a text.

    >>> from kpirules import evaluate, loads, verify
    >>> rubric = loads('schema = 1\nid = "x"\ncriterion = [{ id = "a", weight = 100 }]')
    >>> text = evaluate(rubric, {"a": 70}).to_json()
    >>> verify(text, rubric=rubric).outcome
    'same'
    >>> print(verify(text.replace('"total": "70"', '"total": "90"'), rubric=rubric).differences[0])
    total: stored '90', recomputed '70'
    """
    expect(stored, (str, bytes), "verify: expected the JSON text of a result")
    return verify_tree(parsed(stored), rubric=rubric, folders=folders)


def verify_tree(
    tree: object, *, rubric: Rubric | None = None, folders: Folders = ()
) -> Verification:
    """Verify the tree of a stored result as :mod:`kpirules.evaluation.result_parser` parses it."""
    result = Result(*read(tree))
    looked_at: list[str] = []
    if rubric is None:
        rubric = with_fingerprint(result, folders, looked_at)
    elif _fingerprint(rubric) != result.fingerprint:
        looked_at.append(f"{rubric.id}: another fingerprint, {_fingerprint(rubric)[:12]}")
        rubric = None
    if rubric is None:
        return Verification(
            outcome="no-rubric",
            rubric=result.rubric,
            fingerprint=result.fingerprint,
            looked_at=tuple(looked_at),
        )
    found = tuple(_differences(tree, result, rubric))
    return Verification(
        outcome="differs" if found else "same",
        rubric=result.rubric,
        fingerprint=result.fingerprint,
        file=None if rubric.origin is None else rubric.origin.texts[0].file,
        differences=found[:MAX_DIFFERENCES],
    )


def _fingerprint(rubric: Rubric) -> str:
    """Return a rubric's fingerprint."""
    from kpirules.toml.writer import fingerprint  # noqa: PLC0415 - costs an import of cattrs

    return fingerprint(rubric)


def with_fingerprint(result: Result, folders: Folders, looked_at: list[str]) -> Rubric | None:
    """Find the rubric that a result was given by, among all versions of its id."""
    where = tuple(folders)
    versions = [r for r in catalog(where).rulesets if r.id == result.rubric]
    # most likely the one that is effective from the same day
    versions.sort(key=lambda r: (r.effective_from != result.effective_from, r.effective_from))
    for version in versions:
        try:
            rubric = load_found(version, where)
        except KpirulesError as error:
            said = str(error).partition("\n")[0]
            at = "" if said.startswith(str(version.path)) else f"{version.path}: "
            looked_at.append(f"{at}{said}")
            continue
        fingerprint = _fingerprint(rubric)
        if fingerprint == result.fingerprint:
            return rubric
        looked_at.append(f"{version.path}: another fingerprint, {fingerprint[:12]}")
    return None


def _differences(tree: Any, result: Result, rubric: Rubric) -> Iterator[Difference]:  # noqa: ANN401 - any JSON
    """Compute a result again, and compare."""
    try:
        again = tree_of(evaluate(rubric, result.inputs), tree["kpirules"])
    except InputError as error:
        problems = text_of(error.problems)
        yield Difference(name="inputs", stored="a result", recomputed=f"refused: {problems}")
        return
    for each in (tree["rubric"], again["rubric"]):
        each.pop("package", None)
    if not tree["rubric"].get("options"):
        # results stored by older versions have no labels of options; the fingerprint covers them
        again["rubric"].pop("options")
        tree["rubric"].pop("options", None)
    yield from _compare(tree, again, "")


def _compare(stored: Any, again: Any, name: str) -> Iterator[Difference]:  # noqa: ANN401 - any JSON
    """Compare two JSON trees, leaf by leaf; the order of keys says nothing."""
    if is_dict(stored) and is_dict(again):
        for key in dict.fromkeys((*stored, *again)):
            inner = f"{name}.{key}" if name else key
            yield from _compare(stored.get(key), again.get(key), inner)
    elif is_list(stored) and is_list(again):
        for i in range(max(len(stored), len(again))):
            one, other = (items[i] if i < len(items) else None for items in (stored, again))
            yield from _compare(one, other, f"{name}[{i}]")
    elif stored != again or type(stored) is not type(again):
        yield Difference(name=name, stored=stored, recomputed=again)
