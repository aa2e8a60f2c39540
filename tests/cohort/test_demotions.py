"""Quotas that demote: by hand, and their laws for random records against the reference."""

from __future__ import annotations

import pickle
from fractions import Fraction

import attrs
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from kpirules import (
    InputError,
    Result,
    compare_results,
    evaluate,
    evaluate_cohort,
    loads,
    rescore,
    verify_cohort,
)
from kpirules.compiler.endings import endings_of
from kpirules.compiler.plan import Plan
from kpirules.model.tier_order import TierOrder
from kpirules.testing import records as records_of
from kpirules.testing import rubrics
from kpirules.toml.writer import dumps
from tests.drawing import share
from tests.reference.cohort import demoted


HEAD = """
schema = 1
id = "grades"
inputs.shop = { type = "choice", options = { x = "East", y = "West" }, label = "Shop" }
inputs.counts = { type = "flag", default = true }
inputs.size = { type = "count", range = "0..2", default = 1 }
criterion = [{ id = "work", weight = 70, missing = "exclude" }, { id = "care", weight = 30 }]
tier = [{ id = "A", total = ">= 90", label = "Best", coefficient = 3 }, { id = "B", total = "80 .. < 90", coefficient = 2 }, { id = "C", total = "< 80", coefficient = 1 }]
"""
QUOTAS = """
[[quota]]
id = "second"
tier = ["A", "B"]
at_most = "size + 0.4 * heads"
by = "total"
ties = "{ties}"
excess = "demote"
[[quota]]
id = "top"
label = "Few are best"
tier = "A"
at_most = "0.4 * heads"
within = "shop"
where = {{ counts = true }}
by = ["total", "points.care"]
ties = "{ties}"
excess = "demote"
"""
ORDER = ["A", "B", "C"]
PEOPLE = st.dictionaries(
    st.text("abcdef", min_size=1, max_size=2),
    st.fixed_dictionaries(
        {
            "shop": st.sampled_from(["x", "y"]),
            "counts": st.sampled_from([True, True, False]),
            "work": st.sampled_from([None, 50, 55, 60, 65, 66, 70]),
            "care": st.sampled_from([20, 25, 29, 30]),
        }
    ),
    min_size=1,
    max_size=8,
)


@pytest.fixture(scope="module")
def rulesets():
    """Give a ruleset with two demoting quotas by its policy of ties."""
    return {t: loads(HEAD + QUOTAS.format(ties=t)) for t in ("best", "worst", "refuse")}


def total(record):
    """Give the total of a record, of which work may be left out."""
    if record["work"] is None:
        return Fraction(record["care"] * 100, 30)
    return record["work"] + record["care"]


def tier_of(number):
    """Give the tier of a total."""
    return "A" if number >= 90 else "B" if number >= 80 else "C"


def expected(records, ties, size):
    """Give what the reference says."""
    return demoted(
        records,
        {key: tier_of(total(record)) for key, record in records.items()},
        ORDER,
        [
            (
                "second",
                "AB",
                [],
                lambda _: True,
                lambda heads: size + Fraction(2 * heads, 5),
                lambda key: total(records[key]),
                ties,
            ),
            (
                "top",
                "A",
                ["shop"],
                lambda record: record["counts"],
                lambda heads: Fraction(2 * heads, 5),
                lambda key: (total(records[key]), records[key]["care"]),
                ties,
            ),
        ],
    )


def copy_of(result):
    """Give a result from its pickle."""
    return pickle.loads(pickle.dumps(result))  # noqa: S301 - made here


TIES = st.sampled_from(["best", "worst", "worst", "refuse"])


@given(records=PEOPLE, ties=TIES, size=st.integers(0, 2))
def test_who_is_demoted_is_what_the_reference_says(rulesets, records, ties, size):
    """The tier, the flags, what follows from the tier, and the numbers of the rows."""
    found = evaluate_cohort(rulesets[ties], records, common={"size": size}, on_error="keep")
    reference = expected(records, ties, size)
    if reference is None:
        assert found.refused
        codes = {p.code for error in found.refused.values() for p in error.problems}
        assert "tied" in codes
        return
    tiers, gone = reference
    assert not found.refused
    assert tiers == {key: result.tier.id for key, result in found.results.items()}
    for name, keys in gone.items():
        flags = {key: result.inputs[f"demoted.{name}"] for key, result in found.results.items()}
        assert {key: key in keys for key in records} == flags
        rows = [row for row in found.groups if row.input == f"quota.{name}"]
        assert len(keys) == sum(row.moved for row in rows)
    for key, result in found.results.items():
        assert {"A": 3, "B": 2, "C": 1}[tiers[key]] == result.outcomes["coefficient"]
        assert [n for n in ("top", "second") if key in gone[n]] == [
            each.quota for each in result.verdict.demoted
        ]


@given(records=PEOPLE, size=st.integers(0, 2))
def test_no_more_than_allowed_stay_and_no_better_standing_falls_deeper(rulesets, records, size):
    """With ties = "worst": within each group, by total."""
    found = evaluate_cohort(rulesets["worst"], records, common={"size": size}).results
    for tiers, shop, limit in (("A", "x", 0), ("A", "y", 0), ("AB", None, size)):
        there = [
            key for key, r in records.items() if shop is None or (r["shop"] == shop and r["counts"])
        ]
        held = [key for key in there if found[key].tier.id in tiers]
        assert len(held) <= limit + Fraction(2 * len(there), 5)
    for one, mine in found.items():
        for other, theirs in found.items():
            same = records[one]["shop"] == records[other]["shop"]
            both = records[one]["counts"] and records[other]["counts"]
            if same and both and mine.total > theirs.total:
                assert ORDER.index(mine.tier.id) <= ORDER.index(theirs.tier.id)


@given(marks=st.sets(st.integers(50, 70), min_size=1, max_size=9), most=st.integers(0, 9))
def test_with_distinct_standings_exactly_as_many_fall_as_must(marks, most):
    """For each policy of ties."""
    for ties in ("best", "worst", "refuse"):
        rubric = loads(
            f"{HEAD}quota = [{{ id = 'q', tier = 'A', at_most = '{most}', excess = 'demote', ties = '{ties}' }}]"
        )
        records = {str(m): {"shop": "x", "work": m, "care": 30} for m in marks}
        found = evaluate_cohort(rubric, records).results
        best = sum(m >= 60 for m in marks)
        assert max(0, best - most) == sum(r.inputs["demoted.q"] for r in found.values())


@given(records=PEOPLE, ties=TIES, data=st.data())
def test_the_order_of_the_records_changes_nothing(rulesets, records, ties, data):
    """Neither results nor errors nor rows."""
    other = dict(data.draw(st.permutations(list(records.items()))))
    one = evaluate_cohort(rulesets[ties], records, on_error="keep")
    two = evaluate_cohort(rulesets[ties], other, on_error="keep")
    assert one.results == two.results
    assert one.groups == two.groups
    assert {k: str(e) for k, e in one.refused.items()} == {
        k: str(e) for k, e in two.refused.items()
    }


@given(records=PEOPLE, ties=TIES)
def test_each_record_evaluates_alone_to_the_same_result(rulesets, records, ties):
    """With what was gathered for it; also as JSON and as a pickle, and all verify."""
    rubric = rulesets[ties]
    found = evaluate_cohort(rubric, records, on_error="keep").results
    for result in found.values():
        alone = evaluate(rubric, result.inputs)
        assert result == alone
        assert result.to_json() == alone.of_groups(result.memberships).to_json()
        again = Result.from_json(result.to_json())
        assert (result, result.gathered) == (again, again.gathered)
        assert (result.explain(), result.to_json()) == (again.explain(), again.to_json())
        copy = copy_of(result)
        assert (result, result.gathered) == (copy, copy.gathered)
        assert not compare_results(result, again)
    stored = {key: result.to_json() for key, result in found.items()}
    verified = verify_cohort(stored, rubric=rubric)
    assert {each.outcome for each in verified.values()} <= {"same"}


@share(1 / 3)
@given(data=st.data())
def test_random_rulesets_demote_as_the_reference_says(data):
    """By the tiers that the same ruleset without quotas gives; with no outcome in between."""
    rubric = data.draw(rubrics(quotas=True))
    assume(rubric.quotas)
    quotas = tuple(attrs.evolve(quota, within=()) for quota in rubric.quotas)
    rubric = attrs.evolve(rubric, quotas=quotas)
    bare = attrs.evolve(rubric, quotas=())
    records = {str(i): data.draw(records_of(bare)) for i in range(data.draw(st.integers(1, 4)))}
    before = {key: evaluate(bare, record) for key, record in records.items()}
    order = TierOrder(rubric.tiers)
    best_first = [order.at(rank) for rank in reversed(range(len(rubric.tiers)))]
    heads = sum(result.tier is not None for result in before.values())

    def standing(quota):
        made = {
            "total": lambda result: Fraction(result.total),
            "raw_total": lambda result: Fraction(result.raw_total),
            "-total": lambda result: -Fraction(result.total),
            "round(total / 10, 1)": lambda result: (
                (Fraction(result.total) / 10 + Fraction(1, 2)) // 1
            ),
        }
        return lambda key: [made[text](before[key]) for text in quota.ranks]

    limits = {
        "0.4 * heads": Fraction(2 * heads, 5),
        "1": 1,
        "heads / 2 - 1": Fraction(heads, 2) - 1,
        "ceil(0.3 * heads)": -(-3 * heads // 10),
        "0": 0,
    }
    reference = demoted(
        {key: {} for key in records},
        {key: None if r.tier is None else r.tier.id for key, r in before.items()},
        best_first,
        [
            (
                q.id,
                q.tiers,
                [],
                lambda _: True,
                lambda _, q=q: limits[q.at_most],
                standing(q),
                q.ties,
            )
            for q in quotas
        ],
    )
    found = evaluate_cohort(rubric, records, on_error="keep")
    if reference is None:
        assert len(records) == len(found.refused)
        return
    results = {k: None if r.tier is None else r.tier.id for k, r in found.results.items()}
    # an outcome may reject a record with its new tier, and then blocks the others
    if not found.refused:
        assert reference[0] == results
    endings = endings_of(Plan(rubric))
    for result in found.results.values():
        assert result == evaluate(rubric, result.inputs)
        assert result.tier is None or result.tier.id in endings.tiers


@share(1 / 5)
@given(rubric=rubrics(quotas=True))
def test_a_ruleset_with_quotas_is_read_back_as_it_was_written(rubric):
    """Each key of a quota in the file."""
    assert rubric == loads(dumps(rubric))


FIVE = {
    "li": {"shop": "x", "work": 68, "care": 30},
    "wu": {"shop": "x", "work": 65, "care": 30},
    "an": {"shop": "x", "work": 64, "care": 30},
    "he": {"shop": "x", "work": 20, "care": 20},
    "yu": {"shop": "x", "work": 20, "care": 21},
}


def test_a_result_tells_what_a_quota_did_and_nothing_of_others(rulesets):
    """Both tiers, the place, the standing of the last that stayed: in both languages."""
    cohort = evaluate_cohort(rulesets["worst"], FIVE)
    an = cohort.results["an"]
    assert "Quota: Few are best — Best to B" in an.explain()
    said = (
        "Few are best: yes — Best to B: East (5 records) may have 2 in Best; this record has place 3, "
        "by Total 94, points.care 30; the last that stayed has 95, 30"
    )
    assert said in an.explain()
    assert "名额：Few are best — Best 降为 B" in an.explain("zh")
    assert "最后一份保留的是 95、30" in an.explain("zh")
    li = cohort.results["li"].explain()
    assert "Few are best: no — the tier stays: East (5 records) may have 2 in Best" in li
    assert "last that stayed" not in li
    assert (
        "Few are best: no — the tier stays; the record is not in Best"
        in cohort.results["he"].explain()
    )
    assert "Few are best: yes — Best to B" in evaluate(rulesets["worst"], an.inputs).explain()
    tree = an.to_dict("en")["demoted"][0]
    assert {"label": "Few are best", "effect": "Best to B"} == tree["text"]
    for key, result in cohort.results.items():
        others = FIVE.keys() - {key}
        assert not any(f'"{other}"' in result.to_json() for other in others)
    assert [("quota.top", 2, 3, 1), ("quota.second", 3, 3, 0)] == [
        (r.input, r.at_most, r.count, r.moved) for r in cohort.groups
    ]


def test_nobody_may_stay():
    """A limit below 1, and equal standings."""
    rubric = loads(
        HEAD
        + "quota = [{ id = 'q', tier = 'A', at_most = '0.1 * heads', by = '1', excess = 'demote', ties = 'worst' }]"
    )
    cohort = evaluate_cohort(rubric, {"li": FIVE["li"], "wu": FIVE["wu"]})
    assert (
        cohort.results["li"]
        .explain()
        .endswith(
            "all records (2 records) may have 0.2 in Best; this record has place 2; "
            "1 other has the same; nobody stayed"
        )
    )


def test_ties_at_the_edge_may_reject_the_group(rulesets):
    """With the number of those that are tied, their place and the limit."""
    tied = {**FIVE, "an": FIVE["wu"]}
    cohort = evaluate_cohort(rulesets["refuse"], tied, on_error="keep")
    assert (
        "quota.top: 2 records have the place 2 together in A, where 2 may stay, "
        "and ties are rejected (gathered for x)"
    ) == str(cohort.refused["li"].problems[0])
    # elsewhere than at the edge they do no harm
    both = {**tied, "li": FIVE["he"], "an": FIVE["wu"]}
    assert not evaluate_cohort(rulesets["refuse"], both, on_error="keep").refused


def test_a_record_alone_needs_the_flag_if_the_quota_counts_its_tier(rulesets):
    """The refusal says where it comes from; a flag that cannot be is rejected as well."""
    rubric = rulesets["worst"]
    assert "C" == evaluate(rubric, FIVE["he"]).tier.id
    with pytest.raises(InputError) as caught:
        evaluate(rubric, FIVE["li"])
    (problem,) = caught.value.problems
    assert ("demoted.top", "missing") == (problem.input, problem.code)
    assert "gathered from all records (who keeps the tier, by total, points.care" in str(problem)
    with pytest.raises(InputError) as caught:
        evaluate(rubric, {**FIVE["he"], "demoted": {"top": True}})
    assert "not-in-quota" == caught.value.problems[0].code
    flags = {"demoted.top": "no", "demoted.second": True}
    assert "C" == evaluate(rubric, {**FIVE["li"], **flags}).tier.id


def test_a_record_that_gives_the_flag_is_taken_at_its_word(rulesets):
    """An approved exception stays, and does not change the places of the others."""
    given = {**FIVE, "an": {**FIVE["an"], "demoted.top": False}}
    cohort = evaluate_cohort(rulesets["worst"], given)
    assert "A" == cohort.results["an"].tier.id
    assert "demoted.top" not in cohort.results["an"].memberships
    assert (3, 0) == (cohort.groups[0].count, cohort.groups[0].moved)
    wrong = {**FIVE, "he": {**FIVE["he"], "demoted.top": True}}
    cohort = evaluate_cohort(rulesets["worst"], wrong, on_error="keep")
    assert "not-in-quota" == cohort.refused["he"].problems[0].code
    assert "group-blocked" == cohort.refused["li"].problems[0].code


def test_gathered_inputs_may_depend_on_the_tier_after_quotas():
    """And quotas on gathered inputs that do not depend on the tier."""
    rubric = loads(
        HEAD
        + """
inputs.place = { type = "count", default = 0, cohort = { rank = "total", ties = "best" } }
inputs.best = { type = "number", default = 0, cohort = { formula = "count(given(outcome.coefficient, 0))", where = { tier = "A" } } }
[[quota]]
id = "q"
tier = "A"
at_most = "2"
by = "-place"
ties = "best"
excess = "demote"
[outcome.mates]
bands = [{ when = { "demoted.q" = true }, value = 0 }, { when = "otherwise", formula = "best" }]
"""
    )
    cohort = evaluate_cohort(rubric, FIVE)
    assert [2, 2, 0, 2, 2] == [r.outcomes["mates"] for r in cohort.results.values()]


def test_scoring_again_leaves_the_flags_out(rulesets):
    """Other rules may demote others: the records are evaluated together again."""
    results = evaluate_cohort(rulesets["worst"], FIVE).results
    (again,) = rescore([results["li"]], rulesets["best"])
    assert ["missing"] == [p.code for p in again.new.problems]


def test_results_of_other_tiers_are_compared(rulesets):
    """The quota is named, and it is the reason of the tier."""
    results = evaluate_cohort(rulesets["worst"], FIVE).results
    an = results["an"]
    stays = evaluate(rulesets["worst"], {**an.inputs, "demoted.top": False})
    found = compare_results(stays, an)
    assert [("input", ()), ("quota", ()), ("tier", ("quotas",)), ("outcome", ("value",))] == [
        (c.part, tuple(r.code for r in c.reasons)) for c in found.changes
    ]
    assert "top: nothing → A to B" == found.changes[1].text()
    assert "Few are best：无 → Best 降为 B" == found.changes[1].text("zh")


def test_a_limit_of_nobody_demotes_nobody():
    """The mean of those who take part, of whom there are none, is not there."""
    rubric = loads(
        'schema = 1\nid = "x"\ninputs.active = { type = "flag" }\n'
        'criterion = [{ id = "work", weight = 100 }]\n'
        'tier = [{ id = "A", total = ">= 90" }, { id = "B", total = "< 90" }]\n'
        'quota = [{ id = "top", tier = "A", at_most = "mean(total) / 95", excess = "demote", '
        'ties = "worst", where = { active = true } }]\n'
    )
    people = {"a": {"active": False, "work": 95}, "b": {"active": False, "work": 91}}
    found = evaluate_cohort(rubric, people)
    assert ["A", "A"] == [str(found.results[key].tier.id) for key in people]
    assert [None] == [row.at_most for row in found.groups]
    people["b"]["active"] = people["a"]["active"] = True
    found = evaluate_cohort(rubric, people)
    assert ["B", "B"] == [found.results[key].tier.id for key in people]
