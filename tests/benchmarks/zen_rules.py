"""The customer-service form as a graph of zen-engine: a decision table a criterion, total, tier.

zen-engine is not a dependency: the benchmark compares with it if it is installed.
"""

from __future__ import annotations

import json


#: the tables of measured criteria: their inputs, and the points of each row, of which the first that
#: matches holds
_MEASURED = {
    "attendance": (
        ("late", "absent"),
        ((("", "> 0"), 0), (("0", "0"), 6), (("1", "0"), 4), (("2", "0"), 3), ((">= 3", "0"), 0)),
    ),
    "leave": (
        ("leave_days",),
        ((("0",), 6), (("1",), 4), (("2",), 3), ((">= 3",), 0)),
    ),
    "discipline": (("incidents",), ((("0",), 5), (("1",), 3), ((">= 2",), 0))),
    "duty_roster": (
        ("duty",),
        ((('"met"',), 3), (('"substandard"',), 2), (('"forgotten"',), 0)),
    ),
}
#: the allowed ratings of judged criteria
_JUDGED = {
    **dict.fromkeys(("skill", "feedback", "conversion"), ("[8..10]", "[3..7]", "[0..1]")),
    **dict.fromkeys(("manner", "teamwork"), ("5", "[3..4]", "[0..1]")),
    **dict.fromkeys(("volume", "service"), ("[15..20]", "[11..14]", "[0..10]")),
}
_TIERS = (
    ((">= 90",), ('"excellent"', 300)),
    (("[80..90)",), ('"good"', 200)),
    (("[60..80)",), ('"pass"', 100)),
    (("< 60",), ('"fail"', -50)),
)


def _table(name, inputs, outputs, rows):
    """Return a decision table, which takes the first row that matches."""
    content = {
        "hitPolicy": "first",
        "inputs": [{"id": f"i{i}", "name": n, "field": n} for i, n in enumerate(inputs)],
        "outputs": [{"id": f"o{i}", "name": n, "field": n} for i, n in enumerate(outputs)],
        "rules": [
            {
                "_id": f"{name}-{row}",
                **{f"i{i}": condition for i, condition in enumerate(when)},
                **{f"o{i}": str(value) for i, value in enumerate(then)},
            }
            for row, (when, then) in enumerate(rows)
        ],
    }
    return {"id": name, "type": "decisionTableNode", "name": name, "content": content}


def graph():
    """Return the graph: the tables of the criteria side by side, the total, the tier."""
    tables = [
        _table(name, inputs, (f"points.{name}",), [(when, (points,)) for when, points in rows])
        for name, (inputs, rows) in _MEASURED.items()
    ]
    tables += [
        _table(name, (name,), (f"points.{name}",), [((span,), (name,)) for span in spans])
        for name, spans in _JUDGED.items()
    ]
    value = " + ".join(f"points.{name}" for name in (*_MEASURED, *_JUDGED))
    content = {"expressions": [{"id": "total", "key": "total", "value": value}]}
    tier = _table("tier", ("total",), ("tier", "pay"), _TIERS)
    tier["content"]["passThrough"] = True
    nodes = [
        {"id": "input", "type": "inputNode", "name": "input"},
        *tables,
        {"id": "total", "type": "expressionNode", "name": "total", "content": content},
        tier,
        {"id": "output", "type": "outputNode", "name": "output"},
    ]
    pairs = [pair for each in tables for pair in (("input", each["id"]), (each["id"], "total"))]
    pairs += [("total", "tier"), ("tier", "output")]
    edges = [
        {"id": f"{source}-{target}", "sourceId": source, "targetId": target, "type": "edge"}
        for source, target in pairs
    ]
    return {"nodes": nodes, "edges": edges}


def decision():
    """Return the compiled graph; raise ImportError if zen-engine is not installed."""
    import zen

    return zen.ZenEngine().create_decision(json.dumps(graph()))
