"""Verify that a stored result is the result of its inputs under the rubric that it names."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, Literal

import attrs

from kpirules._internal.display import brief, printable
from kpirules._internal.typeguards import is_dict, is_list
from kpirules.api.evaluate import evaluate
from kpirules.api.load import load_found
from kpirules.diagnostics.problem import text_of
from kpirules.errors import InputError, KpirulesError, StoredResultError, expect
from kpirules.evaluation.comparison import Comparison, compare_results
from kpirules.evaluation.result import Result
from kpirules.evaluation.result_json import tree_of
from kpirules.evaluation.result_parser import read
from kpirules.evaluation.result_parser import tree_of as parsed
from kpirules.evaluation.signature import is_signature
from kpirules.model.rubric import Rubric
from kpirules.registry.catalog import places_of
from kpirules.registry.protocol import Source
from kpirules.registry.sources import Folders
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

    #: "same"; "differs"; "no-rubric": none with its fingerprint is to be had; with a key also
    #: "unsigned", or "wrong-signature": then nothing was computed
    outcome: Literal["same", "differs", "no-rubric", "unsigned", "wrong-signature"]
    #: the rubric's id, and the fingerprint that the result says
    rubric: str
    fingerprint: str
    #: the file of the rubric with that fingerprint; None where there is none, or it has no file
    file: str | None = None
    differences: tuple[Difference, ...] = ()
    #: the stored result compared with the recomputed one, for people; None if nothing was computed
    comparison: Comparison | None = attrs.field(default=None, repr=False)
    #: the files of that id that were looked at, each with why it is not the one
    looked_at: tuple[str, ...] = ()
    #: whether a key was given, and the signature is right
    signed: bool = False

    def __str__(self) -> str:
        return self.text()

    def text(self, lang: str | None = None) -> str:
        """Return the outcome in a language: each difference in a line, or each file looked at."""
        key = f"verify.{self.outcome}"
        head = Message.of(key, id=self.rubric, fingerprint=self.fingerprint[:12]).text(lang)
        below = [each.text(lang) for each in self.differences]
        below += map(printable, self.looked_at)
        return "\n  ".join([head, *below])


def verify(
    stored: str | bytes,
    *,
    rubric: Rubric | None = None,
    folders: Folders = (),
    sources: Iterable[Source] | None = None,
    key: str | bytes | None = None,
    signature: str | None = None,
) -> Verification:
    r"""Compute a stored result again from its inputs, and return whether it is the same.

    ``stored`` is the text of :meth:`Result.to_json <kpirules.evaluation.result.Result.to_json>`, or
    what a database made of it. The rubric with its fingerprint is looked for in all versions of its
    id, superseded ones too, wherever :func:`~kpirules.load` looks (in ``sources``, if given); a
    ``rubric`` that is given is the only one looked at. All is compared but the package that the
    rubric came from.

    "same" proves that these inputs give this result under the rubric of this fingerprint. It does
    not prove who stored the result, when, or that the inputs are true: who can write the result can
    write another one that is as consistent. Sign it, or restrict who may write it, against that.

    With a ``key``, the ``signature`` of :meth:`Result.sign
    <kpirules.evaluation.result.Result.sign>` is checked first; without the right one, the outcome
    is "unsigned" or "wrong-signature".

    Raises :class:`~kpirules.errors.StoredResultError` for what is not such a text,
    :class:`TypeError` or :class:`ValueError` for a key that is not one or is shorter than 16 bytes,
    and for a signature without a key.

    >>> from kpirules import evaluate, loads, verify
    >>> rubric = loads('schema = 1\nid = "x"\ncriterion = [{ id = "a", weight = 100 }]')
    >>> text = evaluate(rubric, {"a": 70}).to_json()
    >>> verify(text, rubric=rubric).outcome
    'same'
    >>> print(verify(text.replace('"total": "70"', '"total": "90"'), rubric=rubric).differences[0])
    total: stored '90', recomputed '70'
    """
    expect(stored, (str, bytes), "verify: expected the JSON text of a result")
    if signature is not None:
        expect(signature, str, "verify: expected the text of a signature")
        if key is None:
            raise TypeError("verify: a signature can only be checked with its key")
    return verify_tree(
        parsed(stored),
        rubric=rubric,
        folders=folders,
        sources=sources,
        key=key,
        signature=signature,
    )


def verify_tree(
    tree: object,
    *,
    rubric: Rubric | None = None,
    folders: Folders = (),
    sources: Iterable[Source] | None = None,
    key: str | bytes | None = None,
    signature: str | None = None,
) -> Verification:
    """Verify the tree of a stored result as :mod:`kpirules.evaluation.result_parser` parses it."""
    result = Result(**read(tree))
    if key is not None and not (signature and is_signature(signature, tree, key)):
        return Verification(
            outcome="wrong-signature" if signature else "unsigned",
            rubric=result.rubric,
            fingerprint=result.fingerprint,
        )
    looked_at: list[str] = []
    if rubric is None:
        rubric = with_fingerprint(result, looked_at, folders, sources)
    elif _fingerprint(rubric) != result.fingerprint:
        looked_at.append(f"{rubric.id}: another fingerprint, {_fingerprint(rubric)[:12]}")
        rubric = None
    if rubric is None:
        return without_rubric(result, looked_at, signed=key is not None)
    try:
        # of which groups the values are, no record alone shows
        again: Result | InputError = evaluate(rubric, result.inputs).of_groups(result.memberships)
    except InputError as error:
        again = error
    return compared(rubric, tree, result, again, signed=key is not None)


def without_rubric(
    result: Result, looked_at: Iterable[str], *, signed: bool = False
) -> Verification:
    """Return the outcome for a result whose rubric is not there."""
    return Verification(
        outcome="no-rubric",
        rubric=result.rubric,
        fingerprint=result.fingerprint,
        looked_at=tuple(looked_at),
        signed=signed,
    )


def compared(
    rubric: Rubric,
    tree: object,
    result: Result,
    again: Result | InputError,
    *,
    signed: bool = False,
) -> Verification:
    """Compare a stored result, and its tree, with what was computed again under its rubric."""
    found = tuple(_differences(tree, again))
    return Verification(
        outcome="differs" if found else "same",
        rubric=result.rubric,
        fingerprint=result.fingerprint,
        file=None if rubric.origin is None else rubric.origin.texts[0].file,
        differences=found[:MAX_DIFFERENCES],
        comparison=None if isinstance(again, InputError) else compare_results(result, again),
        signed=signed,
    )


def _fingerprint(rubric: Rubric) -> str:
    """Return a rubric's fingerprint."""
    from kpirules.toml.writer import fingerprint  # noqa: PLC0415 - costs an import of cattrs

    return fingerprint(rubric)


def with_fingerprint(
    result: Result,
    looked_at: list[str],
    folders: Folders = (),
    sources: Iterable[Source] | None = None,
) -> Rubric | None:
    """Find the rubric that a result was given by, among all versions of its id."""
    where = tuple(folders)
    others = None if sources is None else tuple(sources)
    found = places_of(where, others).catalog(result.rubric).rulesets
    versions = [r for r in found if r.id == result.rubric]
    # most likely the one that is effective from the same day
    versions.sort(key=lambda r: (r.effective_from != result.effective_from, r.effective_from))
    for version in versions:
        try:
            rubric = load_found(version, where, sources=others)
        except KpirulesError as error:
            said = str(error).partition("\n")[0]
            at = "" if said.startswith(version.place) else f"{version.place}: "
            looked_at.append(f"{at}{said}")
            continue
        fingerprint = _fingerprint(rubric)
        if fingerprint == result.fingerprint:
            return rubric
        looked_at.append(f"{version.place}: another fingerprint, {fingerprint[:12]}")
    return None


def _differences(tree: Any, recomputed: Result | InputError) -> Iterator[Difference]:  # noqa: ANN401 - any JSON
    """Compare the tree of a stored result with the result that was computed again."""
    if isinstance(recomputed, InputError):
        problems = text_of(recomputed.problems)
        yield Difference(name="inputs", stored="a result", recomputed=f"refused: {problems}")
        return
    again = tree_of(recomputed, tree["kpirules"])
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
