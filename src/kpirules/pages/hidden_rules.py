"""Rules that a printed form does not show: conditions behind labels, gates, defaults, rounding.

A form shows the label of a level without its condition, so two versions may look the same and score
differently.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from kpirules._internal.typeguards import is_dict, is_list
from kpirules.arithmetic.number import show
from kpirules.compiler.row_condition import condition_of
from kpirules.model.dependencies import BEFORE
from kpirules.toml.converter import unstructure


if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from kpirules.compiler.plan import Plan
    from kpirules.compiler.quantities import CompiledQuantity
    from kpirules.model.rubric import Rubric

#: the keys of a quantity besides its rows
_AROUND = ("missing", "clamp", "round", "range")
#: the keys of an input beside its type and its numbers, and those of a quota
_OF_INPUT = ("default", "better", "history", "cohort")
_OF_QUOTA = ("label", "tier", "at_most", "at_least", "within", "where", "excess", "by", "ties")
#: the keys of a derived fact beside its bands
_OF_DERIVED = ("many", "formula", "value", "count", "run")
#: the keys of the whole rubric
_WHOLE = ("step", "weights_total", "raters", "pay", "period", "currency")


def core(rubric: Rubric) -> dict[str, Any]:
    """Return the content of a rubric without its effective dates, as nested dicts."""
    tree = unstructure(rubric)
    return {k: v for k, v in tree.items() if k not in ("effective_from", "effective_until")}


def hidden_texts(
    rubric: Rubric, plan: Plan, rules: Sequence[str], lang: str
) -> Iterator[tuple[str, dict[str, str]]]:
    """Yield (part, {key: text}) for everything that a form does not show.

    ``rules`` are the names of the parts beside the items: adjustments, gates, outcomes.
    """
    tree, quantities = core(rubric), plan.quantities
    yield from _whole(rubric, tree, lang)
    for fact in rubric.inputs:
        texts = _formatted(tree["inputs"][fact.name], _OF_INPUT)
        if fact.options:
            texts["options"] = ", ".join(option.code for option in fact.options)
        yield f"inputs.{fact.name}", texts
    for derived in rubric.derived:
        quantity = quantities[derived.name]
        keys = (*_OF_DERIVED, *(() if derived.tally is None else ("of",)), *_AROUND)
        texts = _formatted(tree["derive"][derived.name], keys)
        yield f"derive.{derived.name}", {**texts, **_rows(quantity, lang, of_all=True)}
    for quota in tree.get("quota", ()):
        yield f"quota.{quota['id']}", _formatted(quota, _OF_QUOTA)
    for section in tree.get("section", ()):
        yield f"section.{section['id']}", _formatted(section, ("scale", "clamp", "round"))
    criteria = [*tree.get("criterion", ())]
    criteria += [c for section in tree.get("section", ()) for c in section.get("criterion", ())]
    for each in criteria:
        is_described = "standard" in each
        texts = _formatted(
            each, ("scale", "cite", *(["formula"] if is_described else []), *_AROUND)
        )
        if isinstance(each.get("weight"), str):
            texts["weight"] = each["weight"]
        rows = _rows(quantities[f"points.{each['id']}"], lang, of_all=is_described)
        yield f"criterion.{each['id']}", {**texts, **rows}
    texts = _formatted(tree.get("total", {}), ("minimum_scored", "formula", "value", *_AROUND))
    yield "total", {**texts, **_rows(quantities[BEFORE], lang, of_all=True)}
    others: list[tuple[dict[str, Any], dict[str, str]]] = [
        *_beside(tree, plan, "adjust", [f"adjust.{a.id}" for a in rubric.adjustments], lang),
        *(
            (each, _of_gate(each, gate))
            for each, gate in zip(tree.get("gate", ()), plan.gates, strict=True)
        ),
        *_beside(tree, plan, "outcome", [f"outcome.{o.name}" for o in rubric.outcomes], lang),
    ]
    for name, (each, rows) in zip(rules, others, strict=True):
        yield name, {**_formatted(each, _AROUND), **rows}


def _whole(
    rubric: Rubric, tree: Mapping[str, Any], lang: str
) -> Iterator[tuple[str, dict[str, str]]]:
    """Yield (part, {key: text}) for the whole rubric: its keys, its label, its curves."""
    for key in _WHOLE:
        yield key, _formatted(tree, (key,))
    if rubric.label is not None and rubric.source is not None and rubric.source.title is not None:
        yield "label", {"label": rubric.label.get(lang)}
    for name, curve in tree.get("curves", {}).items():
        yield f"curves.{name}", _formatted(curve, ("points", "beyond"))


def _beside(
    tree: Mapping[str, Any], plan: Plan, key: str, names: Iterable[str], lang: str
) -> Iterator[tuple[dict[str, Any], dict[str, str]]]:
    """Yield (tree, rows) for each adjustment, or for each outcome."""
    found = tree.get(key, ())
    trees = found.values() if is_dict(found) else found
    for each, name in zip(trees, names, strict=True):
        yield each, _rows(plan.quantities[name], lang)


def _of_gate(tree: Mapping[str, Any], gate: CompiledQuantity) -> dict[str, str]:
    """Return the condition of a gate with a reason; without one, the form shows the condition."""
    return {"when": str(gate.rows[0].condition)} if "reason" in tree else {}


def _rows(quantity: CompiledQuantity, lang: str, *, of_all: bool = False) -> dict[str, str]:
    """Return the conditions behind the labels of bands; ``of_all``: also of unlabelled bands."""
    often: Counter[str] = Counter()
    made: dict[str, str] = {}
    for row in quantity.rows:
        band = row.band
        if band is None or (band.label is None and not of_all):
            continue
        formula = "" if row.formula is None else row.formula.text
        value = row.text or (str(row.points) if row.formula is None and of_all else "")
        name = value if band.label is None else band.label.get(lang)
        often[name] += 1
        when = str(condition_of(band.when, quantity.quantity.of))
        text = ": ".join(filter(None, (when, formula)))
        if text:
            made[name if often[name] == 1 else f"{name} ({often[name]})"] = text
    return made


def _formatted(tree: Mapping[str, Any], keys: Iterable[str]) -> dict[str, str]:
    """Format the entries of a tree that are present."""
    return {key: _format(tree[key]) for key in keys if key in tree}


def _format(value: object) -> str:
    """Format a value of a tree."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        return value
    if is_dict(value):
        return ", ".join(f"{key} {_format(each)}" for key, each in value.items())
    if is_list(value):
        return ", ".join(map(_format, value))
    return show(value)  # type: ignore[arg-type]  # the other values of a tree are numbers
