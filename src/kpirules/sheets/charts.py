"""Bar charts as SVG, drawn by Vega-Lite without a browser, in the colours of the page's style.

A table beside each chart contains the same data, so that no reader depends on the chart.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from kpirules.errors import fetch


if TYPE_CHECKING:
    from collections.abc import Sequence


#: colours by the names of the style sheet, so that a chart turns dark with the page
_BAR, _INK, _LINE = "var(--bar)", "var(--ink)", "var(--rest)"
#: the drawn colours, and the names that replace them
_DRAWN = {"#2f6f9f": _BAR, "#1c1f23": _INK, "#d5dbe2": _LINE}
_CONFIG: dict[str, Any] = {
    "background": None,
    "font": "Noto Sans CJK SC, Noto Sans SC, sans-serif",
    "view": {"stroke": None},
    "axis": {
        "labelColor": "#1c1f23",
        "titleColor": "#1c1f23",
        "gridColor": "#d5dbe2",
        "domainColor": "#d5dbe2",
        "tickColor": "#d5dbe2",
        "labelFontSize": 12,
        "labelLimit": 220,
    },
    "bar": {"color": "#2f6f9f"},
    "text": {"color": "#1c1f23", "fontSize": 12},
}


def columns(bars: Sequence[tuple[str, int]], x: str, y: str, *, themed: bool = True) -> str:
    """Draw a histogram: vertical bars in the given order."""
    values = [{"x": label, "y": count} for label, count in bars]
    return drawn(
        {
            "width": 860,
            "height": 220,
            "data": {"values": values},
            "mark": "bar",
            "encoding": {
                "x": {
                    "field": "x",
                    "type": "ordinal",
                    "sort": None,
                    "title": x,
                    "axis": {"labelAngle": 0, "labelOverlap": True},
                },
                "y": {
                    "field": "y",
                    "type": "quantitative",
                    "title": y,
                    "axis": {"tickMinStep": 1, "format": "d"},
                },
            },
        },
        themed=themed,
    )


def rows(bars: Sequence[tuple[str, float, str]]) -> str:
    """Draw horizontal bars in the given order, each followed by its text."""
    names = _distinct([label for label, _, _ in bars])
    values = [
        {"x": size, "y": name, "said": said}
        for name, (_, size, said) in zip(names, bars, strict=True)
    ]
    y = {"field": "y", "type": "nominal", "sort": None, "title": None}
    x = {"field": "x", "type": "quantitative", "title": None, "axis": {"tickMinStep": 1}}
    return drawn(
        {
            "width": 520,
            "height": {"step": 30},
            "data": {"values": values},
            "encoding": {"y": y, "x": x},
            "layer": [
                {"mark": "bar"},
                {
                    "mark": {"type": "text", "align": "left", "dx": 4},
                    "encoding": {"text": {"field": "said"}},
                },
            ],
        }
    )


def _distinct(labels: Sequence[str]) -> list[str]:
    """Make equal labels differ by a number, because bars of one name are drawn as one."""
    made: list[str] = []
    for label in labels:
        name, number = label, 1
        while name in made:
            number += 1
            name = f"{label} ({number})"
        made.append(name)
    return made


def drawn(spec: dict[str, Any], *, themed: bool = True) -> str:
    """Draw a Vega-Lite chart, and replace its colours by the names of the style sheet.

    Without ``themed`` the colours remain, for a program that does not know such names in pictures.
    """
    vega = fetch("vl_convert", "sheets")
    whole = {
        "$schema": "https://vega.github.io/schema/vega-lite/v5.json",
        "config": _CONFIG,
        **spec,
    }
    svg: str = vega.vegalite_to_svg(json.dumps(whole))
    for colour, name in _DRAWN.items() if themed else ():
        svg = svg.replace(f'"{colour}"', f'"{name}"')
    return svg
