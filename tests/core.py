"""Which tests need nothing but the library, attrs, cattrs, Hypothesis and pytest."""

from __future__ import annotations


#: these run on other Pythons, where not every extra can be had
CORE = [
    f"tests/{name}.py"
    for name in (
        "checks/test_checks",
        "rulesets/test_customer_service",
        "toml/test_parser",
        "test_errors",
        "evaluation/test_evaluation",
        "evaluation/test_examples",
        "docs/test_finding_pages",
        "formula/test_formula",
        "toml/test_limits",
        "arithmetic/test_number",
        "arithmetic/test_decision_table",
        "toml/test_positions",
        "arithmetic/test_range",
        "rulesets/test_real_forms",
        "toml/test_recovery",
        "rulesets/test_roles",
        "cli/io/test_tables",
        "toml/test_text",
        "checks/test_unused",
        "properties/test_whole_language",
    )
]
#: less than that would mean that something is not collected
LEAST = 800
