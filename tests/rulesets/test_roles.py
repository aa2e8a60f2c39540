"""The shipped job roles: sound, in two languages, sourced, and right by numbers worked out by hand."""

from __future__ import annotations

from decimal import Decimal

import pytest

from kpirules import check, evaluate, load, rulesets


ROLES = sorted({found.id for found in rulesets()})


def test_ten_rulesets_are_shipped():
    """Customer service, with and without its twelfth line, and eight from published forms."""
    assert [
        "accountant",
        "administration",
        "customer-service",
        "customer-service-scored",
        "developer",
        "e-commerce-customer-service",
        "equipment-officer",
        "sales-representative",
        "store-manager",
        "warehouse-keeper",
    ] == ROLES


@pytest.mark.parametrize("role", ROLES)
def test_a_role_is_sound_and_says_where_it_comes_from(role):
    """Nothing open is found in it, not even a note; its source, rulings and examples are there."""
    rubric = load(role)
    assert not [str(f) for f in check(rubric) if f.accepted_by is None]
    assert rubric.source is not None
    assert len(rubric.rulings) >= 2
    assert len(rubric.examples) >= 3
    assert {"zh", "en"} == {tag for tag, _ in rubric.label.by_language}


@pytest.mark.parametrize(
    ("role", "record", "total"),
    [
        # 30 % of 85, 20 % of 100, 60 and 80, 5 % of 60 and 60
        (
            "e-commerce-customer-service",
            {
                "plan_completion_pct": 95,
                "conversion_pct": 50,
                "order_value": 220,
                "reply_rate_pct": 97,
                "avg_response_s": 50,
                "late_or_early_count": 5,
            },
            Decimal("79.5"),
        ),
        # nothing happened, all judged lines full but for 3 of 10
        (
            "warehouse-keeper",
            {
                "issuing": 7,
                "protection": 10,
                "space": 10,
                "access": 10,
                "f1": 1,
                "f2": 2,
                "f3": 2,
                "teamwork": 5,
                "safety": 5,
            },
            97,
        ),
        # a fifth each of 80, 100, 135, 100 and 60
        (
            "accountant",
            {
                "on_time_pct": 80,
                "correctness_events": 0,
                "cost_deviation_pct": "1.5",
                "vouchers_lost": 0,
                "general_errors": 2,
            },
            95,
        ),
        # 30 % of 70 and 71, 20 % of 81 and 51, and 3 more
        (
            "equipment-officer",
            {
                "coordination": 70,
                "spares": 71,
                "availability_pct": 97,
                "availability": 81,
                "attitude": 51,
                "reviewer": 3,
            },
            Decimal("71.7"),
        ),
        # a third each of 4, 2.5 and nothing: 6.5 / 3 to three decimals
        (
            "developer",
            {
                "goal_scores": [4],
                "goal_weights": [100],
                "self_ratings": [0.5],
                "rating_weights": [1],
            },
            Decimal("2.167"),
        ),
        # 3 off for 15 to below 20 per cent less, 12 grown, 5 steps above, 4 customers; rated 9, 5, 2; 1, 2, 3, 1
        (
            "sales-representative",
            {
                "sales_pct": 82,
                "growth_pct": "12.99",
                "collected_pct": 100,
                "collection_standard_pct": 75,
                "new_customers": 4,
                "knowledge": 9,
                "judgement": 5,
                "communication": 2,
                "late": 1,
                "violations": 0,
                "responsibility": 3,
                "service": 1,
            },
            75,
        ),
        # 77 % of 33; half of 25; 34 % of 25; 80 % of 25
        (
            "store-manager",
            {
                "sales_pct": 77,
                "hygiene_failures": 2,
                "order_errors": 2,
                "complaints": 0,
                "attitude_failures": 2,
            },
            Decimal("66.41"),
        ),
        # 1 and 2 and 3 three times and 5 and 0; 15 and 3, 15 less 1, 15
        (
            "administration",
            {
                "environment": 1,
                "seals": 2,
                "journals": 3,
                "computers": 3,
                "telephones": 3,
                "supplies": 5,
                "dress": 0,
                "supplies_saved_pct": "3.5",
                "telephone_saved_pct": "-1.5",
                "computers_saved_pct": "0.99",
            },
            64,
        ),
    ],
)
def test_a_role_by_numbers_worked_out_by_hand(role, record, total):
    """None of these records is an example of its file."""
    assert total == evaluate(role, record).total
