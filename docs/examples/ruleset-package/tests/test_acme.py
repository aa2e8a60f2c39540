"""What the examples in the files do not say: the change of the rules at the turn of the year."""

from __future__ import annotations

from datetime import date

from kpirules import evaluate, load


def test_each_month_has_the_rules_of_its_time() -> None:
    """From 2026 a late delivery costs six points instead of five, and the bonus is higher."""
    record = {"late": 4, "damaged": 0}
    old = evaluate(load("courier", on=date(2025, 12, 31)), record)
    new = evaluate(load("courier", on=date(2026, 1, 1)), record)
    assert (80, 150) == (old.total, old.pay)
    assert (76, 0) == (new.total, new.pay)


def test_a_result_names_the_package() -> None:
    """So that it is known years later where its rules came from."""
    package = evaluate("courier-night", {"late": 0, "damaged": 0}).package
    assert package is not None
    assert "acme-rulesets" == package.name
