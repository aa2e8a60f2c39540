"""Laws of cohorts, for random records: the reference, the order, other groups, each record alone."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kpirules import Result, evaluate, evaluate_cohort, loads
from tests.reference.cohort import broken_quotas, mean, number_of, places_of, shares_of


RULES = """
schema = 1
id = "together"
[inputs.shop]
type = "choice"
options = ["x", "y"]
[inputs.counts]
type = "flag"
[inputs.wage]
type = "number"
range = "0..1000"
[inputs.people]
type = "count"
cohort = { formula = "heads", within = "shop", where = { counts = true } }
[inputs.average]
type = "number"
default = 0
cohort = { formula = "mean(total)", within = "shop", where = { counts = true } }
[inputs.spent]
type = "number"
range = ">= 0"
cohort = { formula = "sum(wage * total / 100)", where = { counts = true } }
[inputs.place]
type = "count"
default = 0
cohort = { rank = ["total", "-wage"], ties = "%s", within = "shop", where = { counts = true } }
[[criterion]]
id = "work"
weight = 100
[derive.above]
formula = "average - 50"
[outcome.pay]
formula = "place + people + average + spent + above"
"""


@pytest.fixture(scope="module", params=["best", "worst"])
def ties(request):
    """Give a policy of ties, and the rubric with it."""
    return request.param, loads(RULES % request.param)


RECORDS = st.dictionaries(
    st.text("abcdef", min_size=1, max_size=3),
    st.fixed_dictionaries(
        {
            "shop": st.sampled_from(["x", "y"]),
            "counts": st.booleans(),
            "wage": st.integers(0, 3),
            "work": st.integers(60, 63),
        }
    ),
    min_size=1,
    max_size=8,
)


@given(records=RECORDS)
def test_what_is_gathered_is_that_of_the_reference(ties, records):
    """Numbers of groups and places, of those who take part and of the others."""
    policy, rubric = ties
    found = evaluate_cohort(rubric, records).results
    every = found.items()

    def counts(record):
        return record["counts"]

    heads = number_of(records, ["shop"], counts, len)
    assert heads == {key: result.inputs["people"] for key, result in every}
    means = number_of(records, ["shop"], counts, lambda of: mean([r["work"] for r in of]) or 0)
    assert means == {key: Fraction(result.inputs["average"]) for key, result in every}

    def paid(of):
        return sum(Fraction(r["wage"] * r["work"], 100) for r in of)

    spent = number_of(records, [], counts, paid)
    assert spent == {key: Fraction(result.inputs["spent"]) for key, result in every}
    places = places_of(records, ["shop"], counts, lambda r: (r["work"], -r["wage"]), policy)
    assert {k: p or 0 for k, p in places.items()} == {
        key: result.inputs["place"] for key, result in every
    }


@given(records=RECORDS, data=st.data())
def test_the_order_of_the_records_changes_nothing(ties, records, data):
    """Neither results nor rows."""
    _, rubric = ties
    other = dict(data.draw(st.permutations(list(records.items()))))
    one, two = evaluate_cohort(rubric, records), evaluate_cohort(rubric, other)
    assert one.results == two.results
    assert one.groups == two.groups


@given(records=RECORDS)
def test_each_record_evaluates_alone_to_the_same_result(ties, records):
    """With what was gathered for it; also as JSON."""
    _, rubric = ties
    for result in evaluate_cohort(rubric, records).results.values():
        alone = evaluate(rubric, result.inputs)
        assert result == alone
        assert result.to_json() == alone.of_groups(result.memberships).to_json()
        assert result.gathered == Result.from_json(result.to_json()).gathered


@given(records=RECORDS, pay=st.integers(0, 1000), bad=st.booleans())
def test_other_groups_change_nothing(records, pay, bad):
    """Neither their numbers nor that one of them is rejected."""
    rubric = loads(
        "\n".join(line for line in RULES.split("\n"))
        .replace(
            'cohort = { formula = "sum(wage * total / 100)", where = { counts = true } }',
            "default = 0",
        )
        .replace("%s", "best")
    )
    more = {"shop": "y", "counts": True, "wage": pay, "work": 101 if bad else 60}
    before = evaluate_cohort(rubric, records, on_error="keep").results
    after = evaluate_cohort(rubric, {**records, "zz": more}, on_error="keep").results
    assert {k: r for k, r in before.items() if records[k]["shop"] == "x"} == {
        k: r for k, r in after.items() if k != "zz" and records[k]["shop"] == "x"
    }


@settings(max_examples=20)
@given(records=RECORDS, key=st.sampled_from(["zz", "0"]))
def test_nothing_of_another_person_is_in_a_result(ties, records, key):
    """Neither the key nor a value of another that only that record has."""
    _, rubric = ties
    secret = {"shop": "x", "counts": False, "wage": 777, "work": 100}
    every = {**records, f"secret{key}": secret}
    for name, result in evaluate_cohort(rubric, every).results.items():
        if not name.startswith("secret"):
            said = result.to_json() + result.explain() + result.explain("zh") + str(result)
            assert "secret" not in said
            assert "777" not in said


SHARED = """
schema = 1
id = "pool"
[inputs.shop]
type = "choice"
options = ["x", "y"]
[inputs.counts]
type = "flag"
[inputs.pool]
type = "number"
range = ">= 0"
[inputs.marks]
type = "number"
range = ">= 0"
[inputs.share]
type = "number"
range = ">= 0"
default = 0
cohort = { share = "pool + heads / 10", by = "marks", within = "shop", where = { counts = true }, otherwise = "%s"%s }
[outcome.pay]
formula = "share"
"""
CLAIMS = st.dictionaries(
    st.text("abc", min_size=1, max_size=2),
    st.fixed_dictionaries(
        {
            "shop": st.sampled_from(["x", "x", "y"]),
            "counts": st.sampled_from([True, True, True, False]),
            "marks": st.sampled_from([0, 1, 1, 2, Fraction(1, 2), Fraction(7, 3)]),
        }
    ),
    min_size=1,
    max_size=7,
)
POOLS = st.sampled_from([0, 1, 10, Fraction(1, 4), Fraction(199, 100), Fraction(100, 3)])
LARGEST = ', round = { to = 0.05, mode = "largest_remainder" }'


@pytest.fixture(scope="module")
def shared():
    """Give rulesets of a pool by the policy for no claims, and the rounding."""
    policies = ("refuse", "nothing", "equal")
    return {(p, how): loads(SHARED % (p, how)) for p in policies for how in ("", LARGEST)}


@given(
    records=CLAIMS,
    pool=POOLS,
    otherwise=st.sampled_from(["refuse", "nothing", "equal"]),
    rounding=st.sampled_from(["", LARGEST]),
)
def test_shares_are_those_of_the_reference(shared, records, pool, otherwise, rounding):
    """Each share, the sum of a group to the last unit, and its row."""
    rubric = shared[otherwise, rounding]
    found = evaluate_cohort(rubric, records, common={"pool": pool}, on_error="keep")
    for shop in {record["shop"] for record in records.values()}:
        group = {key: record for key, record in records.items() if record["shop"] == shop}
        claims = {key: r["marks"] for key, r in group.items() if r["counts"]}
        (row,) = (row for row in found.groups if row.group == {"shop": shop})
        assert len(claims) == row.heads
        amount = pool + Fraction(len(claims), 10)
        to = Fraction(1, 20) if rounding else None
        expected = shares_of(amount, claims, to, otherwise) if claims else {}
        if expected is None:
            assert set(group) <= found.refused.keys()
            assert row.blocked is not None
            continue
        own = {key: Fraction(found.results[key].inputs["share"]) for key in group}
        assert {key: expected.get(key, 0) for key in group} == own
        if not claims:
            assert row.amount is None
            continue
        nothing = otherwise == "nothing" and not sum(claims.values())
        on_grid = amount if to is None else amount // to * to
        assert (0 if nothing else on_grid) == sum(own.values()) == Fraction(row.given_out)
        assert (amount, amount - sum(own.values())) == (Fraction(row.amount), Fraction(row.left))


@given(records=CLAIMS, pool=POOLS, data=st.data())
def test_more_claim_never_has_less_share(shared, records, pool, data):
    """Within one group; nor does the order of the records change a share."""
    rubric = shared["equal", LARGEST]
    found = evaluate_cohort(rubric, records, common={"pool": pool}).results
    other = dict(data.draw(st.permutations(list(records.items()))))
    assert found == evaluate_cohort(rubric, other, common={"pool": pool}).results
    for key, result in found.items():
        for further, more in found.items():
            one, two = records[key], records[further]
            same = one["shop"] == two["shop"] and one["counts"] and two["counts"]
            if same and one["marks"] > two["marks"]:
                assert result.inputs["share"] >= more.inputs["share"]


@given(records=CLAIMS, pool=POOLS)
def test_a_record_with_its_share_evaluates_alone(shared, records, pool):
    """To the same result, also as JSON."""
    found = evaluate_cohort(shared["equal", LARGEST], records, common={"pool": pool}).results
    for result in found.values():
        alone = evaluate(shared["equal", LARGEST], result.inputs)
        assert result == alone
        assert result.to_json() == alone.of_groups(result.memberships).to_json()
        assert result == Result.from_json(result.to_json())


QUOTAS = """
schema = 1
id = "grades"
inputs.shop = { type = "choice", options = ["x", "y"] }
inputs.counts = { type = "flag" }
inputs.size = { type = "count", range = "0..2" }
criterion = [{ id = "work", weight = 100, missing = "exclude" }]
tier = [{ id = "A", total = ">= 90" }, { id = "B", total = "80 .. < 90" }, { id = "C", total = "< 80" }]

[[quota]]
id = "top"
tier = "A"
at_most = "0.4 * heads"
within = "shop"
where = { counts = true }
excess = "refuse"

[[quota]]
id = "middle"
tier = ["A", "B"]
at_least = "floor(heads / 3)"
at_most = "size + heads / 2"
excess = "refuse"
"""
GRADED = st.dictionaries(
    st.text("abcdef", min_size=1, max_size=2),
    st.fixed_dictionaries(
        {
            "shop": st.sampled_from(["x", "y"]),
            "counts": st.booleans(),
            "work": st.sampled_from([None, 50, 60, 85, 95]),
        }
    ),
    min_size=1,
    max_size=7,
)


@pytest.fixture(scope="module")
def graded():
    """Give a ruleset with two quotas."""
    return loads(QUOTAS)


def tier_of(work):
    """Give the tier of a mark."""
    return None if work is None else "A" if work >= 90 else "B" if work >= 80 else "C"


@given(records=GRADED, size=st.integers(0, 2), data=st.data())
def test_groups_that_break_a_quota_are_rejected(graded, records, size, data):
    """As the reference says, each with all its quotas; others keep the result that they have alone."""
    tiers = {key: tier_of(record["work"]) for key, record in records.items()}
    expected = broken_quotas(
        records,
        tiers,
        [
            ("quota.top", "A", ["shop"], lambda r: r["counts"], None, lambda n: Fraction(2 * n, 5)),
            (
                "quota.middle",
                "AB",
                [],
                lambda _: True,
                lambda n: n // 3,
                lambda n: size + Fraction(n, 2),
            ),
        ],
    )
    found = evaluate_cohort(graded, records, common={"size": size}, on_error="keep")
    names = {
        key: [problem.input for problem in found.refused[key].problems]
        if key in found.refused
        else []
        for key in records
    }
    if not any(expected.values()):
        assert expected == names
    for key, each in expected.items():
        # who keeps all quotas may be blocked by who does not
        if each:
            assert each == names[key]
    for key, result in found.results.items():
        assert result == evaluate(graded, {**records[key], "size": size})
    other = dict(data.draw(st.permutations(list(records.items()))))
    again = evaluate_cohort(graded, other, common={"size": size}, on_error="keep")
    assert (found.results, found.groups) == (again.results, again.groups)
