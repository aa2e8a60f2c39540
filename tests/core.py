"""Which tests need nothing but the library, attrs, cattrs, Hypothesis and pytest."""

from __future__ import annotations


#: these run on other Pythons, where not every extra can be had
CORE = [
    f"tests/test_{name}.py"
    for name in (
        "checks",
        "customer_service",
        "documents",
        "errors",
        "evaluation",
        "examples",
        "finding_pages",
        "formula",
        "guard",
        "numbers",
        "partition",
        "positions",
        "ranges",
        "real_forms",
        "recovery",
        "roles",
        "tables",
        "toml_text",
        "uses",
        "whole_language",
    )
]
#: less than that would mean that something is not collected
LEAST = 800
