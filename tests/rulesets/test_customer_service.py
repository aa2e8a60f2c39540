"""The shipped ruleset against the independent reference, and against its own examples."""

from __future__ import annotations

import csv
import os
import random
import subprocess
import sys
from fractions import Fraction

import pytest

from kpirules import InputError, Result, RulesetError, evaluate, load, loads
from tests import ROOT
from tests.reference.customer_service import (
    JUDGED,
    MEASURED,
    SECTIONS,
    fast,
    outcome,
    random_record,
    score,
)
from tests.shipped import shipped


EXAMPLES = ROOT / "docs" / "examples"


@pytest.fixture(scope="module")
def rubric():
    """Give the shipped ruleset."""
    return load("customer-service")


def said(result):
    """Give what the reference gives, from a result."""
    points = {
        line.criterion: line.points for line in result.lines if line.criterion != "problem_handling"
    }
    return result.total, result.tier.id, result.pay, points, result.subtotals


def compare(many):
    """Compare so many random records with the reference."""
    rubric = load("customer-service")
    rng = random.Random(20261123)
    for _ in range(many):
        record = random_record(rng)
        assert score(record) == said(evaluate(rubric, record)), record
    print("agreed", many)  # noqa: T201 - to the test that started it


def test_five_thousand_random_records_agree_with_the_reference():
    """Points, subtotals, total, tier and pay are the reference's, for facts, ratings, or both."""
    compare(5_000)


@pytest.mark.thorough("a hundred thousand records against the reference")
def test_a_hundred_thousand_random_records_agree_with_the_reference():
    """The same at length."""
    # in a program of its own: measuring which lines run would take most of the time
    environment = {k: v for k, v in os.environ.items() if not k.startswith("COV")}
    command = [
        sys.executable,
        "-c",
        "from tests.rulesets import test_customer_service as t; t.compare(100_000)",
    ]
    done = subprocess.run(
        command,
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert "agreed 100000\n" == done.stdout, done.stderr


def test_every_value_at_an_edge_agrees_with_the_reference(rubric):
    """Each name takes each value around its thresholds, and is refused exactly where it must be."""
    base = random_record(random.Random(1), direct=False)
    for name in ("late", "absent", "leave_days", "incidents", *JUDGED, *MEASURED):
        for value in range(-2, 23):
            record = {**base, name: value}
            try:
                expected = score(record)
            except ValueError as error:
                with pytest.raises(InputError) as caught:
                    evaluate(rubric, record)
                assert error.args[0] == sorted(p.input for p in caught.value.problems)
            else:
                assert expected == said(evaluate(rubric, record))


def test_any_names_left_out_are_missing_exactly_where_the_reference_says(rubric):
    """Every subset of names taken away gives the same result or the same names at fault."""
    rng = random.Random(7)
    for _ in range(2_000):
        record = random_record(rng)
        kept = {name: value for name, value in record.items() if rng.random() < 0.9}
        try:
            expected = score(kept)
        except ValueError as error:
            with pytest.raises(InputError) as caught:
                evaluate(rubric, kept)
            assert error.args[0] == sorted({p.input for p in caught.value.problems})
        else:
            assert expected == said(evaluate(rubric, kept))


def test_the_fast_function_gives_what_the_reference_gives():
    """The benchmark's opponent is right."""
    rng = random.Random(3)
    for _ in range(2_000):
        record = random_record(rng, direct=False)
        assert score(record)[:3] == fast(record)


@pytest.mark.parametrize("name", ["late", "absent", "leave_days", "incidents", "duty", *JUDGED])
def test_the_fast_function_refuses_what_is_out_of_range(name):
    """It is no strawman: it checks as a careful programmer would."""
    record = random_record(random.Random(5), direct=False)
    with pytest.raises(ValueError, match=name):
        fast({**record, name: -1})


@pytest.mark.parametrize(
    ("expected", "total"),
    [
        (("fail", -50), 0),
        (("fail", -50), 59),
        (("pass", 100), 60),
        (("pass", 100), 79),
        (("good", 200), 80),
        (("good", 200), 89),
        (("excellent", 300), 90),
        (("excellent", 300), 100),
    ],
)
def test_the_printed_tiers(expected, total):
    """The four tiers of the printed form, at their ends."""
    assert expected == outcome(total)


def rows(name):
    """Read an example file as dictionaries."""
    with (EXAMPLES / name).open(encoding="utf-8-sig", newline="") as stream:
        return list(csv.DictReader(stream))


@pytest.mark.parametrize("name", ["2026-10", "2026-10-faults"])
def test_the_example_month_gives_the_expected_results(rubric, name):
    """Each row of the month has the total, tier, pay or faulty names worked out beside it."""
    known = {f.name for f in rubric.inputs} | {c.id for c in rubric.all_criteria}
    expected = rows(f"{name}.expected.csv")
    assert 60 == len(expected)
    for row, want in zip(rows(f"{name}.csv"), expected, strict=True):
        record = {k: v for k, v in row.items() if k in known}
        try:
            result = evaluate(rubric, record)
        except InputError as error:
            faults = ";".join(sorted(p.input for p in error.problems))
            got = {"total": "", "tier": "", "pay": "", "faults": faults}
        else:
            got = {
                "total": str(result.total),
                "tier": result.tier.id,
                "pay": str(result.pay),
                "faults": "",
            }
        assert want == {"employee_no": row["employee_no"], **got}


def test_the_faulty_month_has_eight_faulty_rows_each_of_its_own_kind():
    """Eight rows are refused, and no two for the same names."""
    faults = [row["faults"] for row in rows("2026-10-faults.expected.csv") if row["faults"]]
    assert 8 == len(faults) == len(set(faults))
    assert not any(row["faults"] for row in rows("2026-10.expected.csv"))


def test_the_expected_files_are_what_the_reference_gives():
    """They were worked out without kpirules, and still are."""
    for name in ("2026-10", "2026-10-faults"):
        for row, want in zip(rows(f"{name}.csv"), rows(f"{name}.expected.csv"), strict=True):
            record = {}
            for key, cell in row.items():
                if (
                    key in {*JUDGED, *MEASURED, *(f for fs in MEASURED.values() for f in fs)}
                    and cell
                ):
                    record[key] = int(cell) if cell.lstrip("-").isdigit() else cell
            try:
                total, tier, pay, _, _ = score(record)
            except ValueError as error:
                assert want["faults"] == ";".join(error.args[0])
            else:
                assert (want["total"], want["tier"], want["pay"]) == (str(total), tier, str(pay))


def test_every_example_of_the_ruleset_holds(rubric):
    """Each worked example gives the total, tier, pay, points, subtotals or refusal it names."""
    for example in rubric.examples:
        expect = dict(example.expect)
        if "refused" in expect:
            with pytest.raises(InputError) as caught:
                evaluate(rubric, dict(example.ratings))
            assert expect == {"refused": tuple(p.input for p in caught.value.problems)}
            continue
        result = evaluate(rubric, dict(example.ratings))
        found = {"total": result.total, "tier": result.tier.id, "pay": result.pay}
        found |= {f"points.{line.criterion}": line.points for line in result.lines}
        found |= {f"subtotal.{name}": value for name, value in result.subtotals.items()}
        assert expect == {name: found[name] for name in expect}, example.name


def test_the_examples_reach_every_band_and_tier(rubric):
    """At least twelve examples, and no band or tier that none of them reaches."""
    assert 12 <= len(rubric.examples)
    bands, tiers = set(), set()
    for example in rubric.examples:
        if "refused" not in dict(example.expect):
            result = evaluate(rubric, dict(example.ratings))
            tiers.add(result.tier.id)
            bands |= {(line.criterion, line.band) for line in result.lines}
    every = {(c.id, i) for c in rubric.all_criteria for i in range(len(c.bands or ()))}
    assert every <= bands
    assert {tier.id for tier in rubric.tiers} == tiers


def test_the_ruleset_states_what_the_form_states(rubric):
    """Ids, order, weights, pay composition, rulings, texts in two languages."""
    assert list(SECTIONS) == [section.id for section in rubric.sections]
    assert [20, 20, 10, 50] == [section.weight for section in rubric.sections]
    assert [
        *["attendance", "leave", "discipline", "duty_roster", "skill", "feedback"],
        *["problem_handling", "manner", "teamwork", "volume", "service", "conversion"],
    ] == [c.id for c in rubric.all_criteria]
    assert ["late", "absent", "leave_days", "incidents", "duty"] == [f.name for f in rubric.inputs]
    assert ("base", "performance", "commission") == rubric.pay.components
    assert [f"T{i}" for i in range(1, 9)] == [ruling.clause for ruling in rubric.rulings]
    labels = [rubric.label, rubric.role, *(r.decision for r in rubric.rulings)]
    labels += [part.label for part in (*rubric.sections, *rubric.tiers, *rubric.inputs)]
    labels += [c.label for c in rubric.all_criteria]
    labels += [band.label for c in rubric.all_criteria for band in c.bands or ()]
    assert all({"zh", "en"} == {tag for tag, _ in label.by_language} for label in labels)


def test_a_result_says_everything_and_comes_back_from_json(rubric):
    """Lines, inputs and heading survive JSON for records of all kinds."""
    rng = random.Random(11)
    for _ in range(200):
        result = evaluate(rubric, random_record(rng))
        back = Result.from_json(result.to_json())
        assert result == back
        assert result.to_json() == back.to_json()
        assert result.explain("zh") == back.explain("zh")


def reading(tiers):
    """Give the shipped ruleset with other tiers."""
    text = shipped().read_text(encoding="utf-8")
    for old, new in tiers:
        assert text.count(old) == 1
        text = text.replace(old, new)
    return loads(text)


#: the other reading of T1: 70 to 79 pays 100, and 60 to 69 nothing
OTHER = [
    ('total = "60..79"', 'total = "70..79"'),
    (
        '[[tier]]\nid = "fail"',
        '[[tier]]\nid = "low"\ntotal = "60..69"\npay = 0\n\n[[tier]]\nid = "fail"',
    ),
]


def test_the_printed_award_column_leaves_sixty_without_a_tier():
    """70 to 79 as it stands is refused; its witness is the least total without a tier."""
    with pytest.raises(RulesetError) as caught:
        reading(OTHER[:1])
    assert [("tier-gap", (("total", 60),))] == [(f.code, f.witness) for f in caught.value.findings]


def test_the_other_reading_changes_the_pay_of_sixty_to_sixty_nine_and_nothing_else(rubric):
    """What the ruling decides is 100 CNY for each of these ten totals."""
    other = reading(OTHER)
    rng = random.Random(13)
    for _ in range(2_000):
        record = random_record(rng)
        ours, theirs = evaluate(rubric, record), evaluate(other, record)
        assert (ours.total, ours.lines) == (theirs.total, theirs.lines)
        lost = 100 if 60 <= ours.total <= 69 else 0
        assert lost == ours.pay - theirs.pay


def test_halves_would_fall_between_the_printed_tiers():
    """The same form with a step of one half has totals that no tier takes (T7)."""
    with pytest.raises(RulesetError) as caught:
        reading([("step = 1 #", "step = 0.5 #")])
    assert ("tier-gap", (("total", Fraction(119, 2)),)) in [
        (f.code, f.witness) for f in caught.value.findings
    ]
