"""Draw the figures of a ruleset: its weights, the points of its levels, its tiers."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from kpirules._internal.display import printable
from kpirules.arithmetic.number import show
from kpirules.sheets import charts


if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from kpirules.arithmetic.number import Number
    from kpirules.arithmetic.range import Range
    from kpirules.compiler.plan import Plan
    from kpirules.model.rubric import Text


#: the default colours of a figure, for pages whose style sheet does not define them
_COLOURS = {"var(--bar)": "#2f6f9f", "var(--ink)": "#1c1f23", "var(--rest)": "#d5dbe2"}


def weights(plan: Plan, lang: str) -> str:
    """Draw the full marks of each criterion; empty if weights are computed for each record."""
    fixed = [c for c in plan.criteria if c.criterion.scored]
    if any(isinstance(c.criterion.weight, str) for c in fixed) or not fixed:
        return ""
    names = _names(((c.id, c.criterion.label) for c in fixed), lang)
    return _with_default_colours(
        charts.rows([(names[c.id], float(c.weight), show(c.weight)) for c in fixed])
    )


def levels(plan: Plan, lang: str) -> str:
    """Draw the points of each criterion's levels; empty if no level has numbers."""
    spans: list[dict[str, Any]] = []
    names = _names(((c.id, c.criterion.label) for c in plan.criteria), lang)
    for c in plan.criteria:
        if not c.is_remark:
            ranges = [row.points for row in c.rows if row.formula is None]
            spans += _spans(names[c.id], ranges, (None, None))
    return _drawn(spans)


def tiers(plan: Plan, lang: str) -> str:
    """Draw the totals of each tier, with the pay of each; empty if there are no tiers."""
    rubric = plan.rubric
    ends = (0, plan.full_marks)
    spans: list[dict[str, Any]] = []
    names = _names(((tier.id, tier.label) for tier in rubric.tiers), lang)
    for tier in rubric.tiers:
        paid = "" if tier.pay is None else f"{show(tier.pay)} {printable(rubric.currency or '')}"
        spans += _spans(names[tier.id], tier.total, ends, paid.strip())
    return _drawn(spans)


def _names(labels: Iterable[tuple[str, Text | None]], lang: str) -> dict[str, str]:
    """Return the escaped label of each id; a label that is used twice is followed by the id."""
    said = {i: printable(i if label is None else label.get(lang)) for i, label in labels}
    often = Counter(said.values())
    return {i: f"{text} ({i})" if often[text] > 1 else text for i, text in said.items()}


def _spans(
    label: str,
    ranges: Iterable[Range],
    ends: tuple[Number | None, Number | None],
    said: str = "",
) -> Iterator[dict[str, Any]]:
    """Yield ranges as data of a chart; an open end is replaced by that of the whole scale."""
    for span in ranges:
        low = ends[0] if span.low is None else span.low[0]
        high = ends[1] if span.high is None else span.high[0]
        if low is not None and high is not None:
            # an endpoint may lie outside the whole scale: a tier of 90 and up, which bonuses extend
            low, high = min(low, high), max(low, high)
            yield {"y": label, "low": float(low), "high": float(high), "said": said}


def _drawn(spans: Sequence[dict[str, Any]]) -> str:
    """Draw ranges as horizontal bars, and single numbers as points."""
    if not spans:
        return ""
    # each layer holds only some of the rows: sort all of them in the order of the data
    order = list(dict.fromkeys(span["y"] for span in spans))
    y = {"field": "y", "type": "nominal", "sort": order, "title": None}
    x = {"field": "low", "type": "quantitative", "title": None, "axis": {"tickMinStep": 1}}
    end = {"field": "high"}
    single = {"filter": "datum.low === datum.high"}
    several = {"filter": "datum.low !== datum.high"}
    text = {"type": "text", "align": "left", "dx": 6}
    return _with_default_colours(
        charts.drawn(
            {
                "width": 520,
                "height": {"step": 30},
                "data": {"values": list(spans)},
                "encoding": {"y": y},
                "layer": [
                    {
                        "transform": [several],
                        "mark": {"type": "bar", "height": 14, "cornerRadius": 3},
                        "encoding": {"x": x, "x2": end},
                    },
                    {
                        "transform": [single],
                        "mark": {"type": "circle", "size": 90, "opacity": 1, "color": "#2f6f9f"},
                        "encoding": {"x": x},
                    },
                    {
                        "mark": text,
                        "encoding": {"x": {**x, "field": "high"}, "text": {"field": "said"}},
                    },
                ],
            }
        )
    )


def _with_default_colours(svg: str) -> str:
    """Add default colours; hide the figure from screen readers, which read the table instead."""
    svg = svg.replace("<svg ", '<svg aria-hidden="true" ', 1)
    for name, colour in _COLOURS.items():
        svg = svg.replace(f'"{name}"', f'"{name[:-1]}, {colour})"')
    return svg
