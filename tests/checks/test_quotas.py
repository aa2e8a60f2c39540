"""Findings about quotas, and the search for numbers of records that cannot keep them."""

from __future__ import annotations

from itertools import combinations_with_replacement
from math import floor

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kpirules import check
from kpirules.api.load import check_text
from kpirules.checks.quota_search import Limits, is_idle, is_possible, period_of, slope_of
from kpirules.formula import parse_group
from kpirules.testing import unsound_rubrics
from tests.reference.cohort import keeps


HEAD = """
schema = 1
id = "x"
inputs.shop = { type = "choice", options = ["p", "q"] }
inputs.size = { type = "number", range = "0..9" }
criterion = [{ id = "work", weight = 100 }]
outcome.used = { formula = "size" }
tier = [
  { id = "A", total = ">= 90" },
  { id = "B", total = "80 .. < 90" },
  { id = "C", total = "< 80" },
]
"""


def findings(*quotas):
    """Give code, place and message of the findings of a ruleset with quotas, but for notes."""
    every = ", ".join(f'{{ id = "q{i}", excess = "refuse", {q} }}' for i, q in enumerate(quotas))
    found = check_text(f"{HEAD}quota = [{every}]\n")
    return [
        (f.code, f.place, f.message())
        for f in found
        if f.severity != "note" and f.code != "unused-input"
    ]


@pytest.mark.parametrize(
    "quotas",
    [
        ['tier = "A", at_most = "0.1 * heads"'],
        ['tier = ["B", "A"], at_most = "ceil(0.3 * heads)", within = "shop"'],
        ['tier = "A", at_most = "size * heads / 100", where = { shop = "p" }'],
        ['tier = "A", at_least = "floor(0.3 * heads)", at_most = "ceil(0.4 * heads)"'],
        ['tier = "C", at_most = "mean(total)", within = ["shop"]'],
        [
            'tier = "A", at_most = "0.5 * heads"',
            'tier = "B", at_most = "0.5 * heads", within = "shop"',
        ],
        ['tier = "A", at_most = "min(heads, 3)"'],
    ],
)
def test_quotas_that_are_right(quotas):
    """Nothing is reported."""
    assert [] == findings(*quotas)


@pytest.mark.parametrize(
    ("quota", "expected"),
    [
        ('tier = "A"', ("value", "quota.q0", "a quota without a limit")),
        ('tier = "D", at_most = "1"', ("unknown-name", "quota.q0.tier", 'there is no tier "D"')),
        (
            'tier = ["A", "C"], at_most = "1"',
            (
                "value",
                "quota.q0.tier",
                "a quota counts one tier or neighbouring tiers, each once, not A, C",
            ),
        ),
        (
            'tier = ["A", "A"], at_most = "1"',
            (
                "value",
                "quota.q0.tier",
                "a quota counts one tier or neighbouring tiers, each once, not A, A",
            ),
        ),
        (
            'tier = [], at_most = "1"',
            (
                "value",
                "quota.q0.tier",
                "a quota counts one tier or neighbouring tiers, each once, not ",
            ),
        ),
        (
            'tier = "A", at_most = "sizes"',
            ("unknown-name", "quota.q0.at_most", 'there is no input "sizes"'),
        ),
        (
            'tier = "A", at_least = "1 +"',
            ("value", "quota.q0.at_least", None),
        ),
        (
            'tier = "A", at_most = "1", within = "size"',
            (
                "value",
                "quota.q0.within",
                "size is not a text, a choice or a flag, by which records are grouped",
            ),
        ),
        (
            'tier = "A", at_most = "1", where = { shops = "p" }',
            ("unknown-name", "quota.q0.where.shops", 'there is no input "shops"'),
        ),
        (
            'tier = "A", at_most = "heads / size"',
            ("division-by-zero", "quota.q0.at_most", "a divisor of this formula can be 0"),
        ),
        (
            'tier = "A", at_most = "sum(1 / size)"',
            ("division-by-zero", "quota.q0.at_most", "a divisor of this formula can be 0"),
        ),
    ],
)
def test_a_quota_that_is_wrong(quota, expected):
    """The finding names the key."""
    found = findings(quota)
    assert expected[:2] in [each[:2] for each in found]
    assert expected[2] is None or expected in found


DEMOTE = 'excess = "demote"'


@pytest.mark.parametrize(
    ("quota", "expected"),
    [
        (
            'tier = "A", at_most = "1", ties = "worst"',
            [],
        ),
        (
            'tier = ["A", "B"], at_most = "ceil(size)", ties = "best", by = ["total", "-size"], within = "shop"',
            [],
        ),
        (
            'tier = "A", at_most = "1"',
            [("value", "quota.d", 'a quota that demotes needs "ties"')],
        ),
        (
            'tier = "A", at_least = "1", ties = "worst"',
            [
                ("value", "quota.d", 'a quota that demotes needs "at_most"'),
                ("value", "quota.d.at_least", '"at_least" belongs to excess = "refuse"'),
            ],
        ),
        ('tier = "A", ties = "worst"', [("value", "quota.d", "a quota without a limit")]),
        (
            'tier = "C", at_most = "1", ties = "worst"',
            [
                (
                    "quota-floor",
                    "quota.d.tier",
                    "below C there is no tier to which the quota d could move records",
                )
            ],
        ),
        (
            'tier = "A", at_most = "1", ties = "worst", by = ["total", "sizes"]',
            [("unknown-name", "quota.d.by", 'there is no input "sizes"')],
        ),
        (
            'tier = "A", at_most = "1", ties = "worst", by = "1 / size"',
            [("division-by-zero", "quota.d.by", "a divisor of this formula can be 0")],
        ),
        (
            'tier = "A", at_most = "1", ties = "worst", by = "1 +"',
            [("value", "quota.d.by", None)],
        ),
        (
            'tier = "A", at_most = "heads", ties = "worst"',
            [("quota-idle", "quota.d", "every group keeps the quota d")],
        ),
        (
            'tier = "A", at_most = "1", ties = "worst", where = { tier = "A" }',
            [("cycle", "quota.d", "circular dependency: demoted.d -> tier -> demoted.d")],
        ),
        (
            'tier = "A", at_most = "1", ties = "worst", by = "outcome.used"',
            [("value", "quota.d.by", None)],
        ),
    ],
)
def test_a_quota_that_demotes(quota, expected):
    """It has a limit from above, a policy of ties, a tier below; it depends on no tier."""
    found = [
        (f.code, f.place, f.message())
        for f in check_text(f'{HEAD}quota = [{{ id = "d", {DEMOTE}, {quota} }}]\n')
        if f.severity != "note" and f.code != "unused-input"
    ]
    assert [e[:2] for e in expected] == [f[:2] for f in found]
    assert all(e[2] in (None, f[2]) for e, f in zip(expected, found, strict=True))


def test_keys_of_a_quota_that_demotes_belong_to_no_other():
    """by and ties have no meaning if the group is rejected."""
    found = findings('tier = "A", at_most = "0.5 * heads", by = "total", ties = "best"')
    assert [
        ("value", "quota.q0.by", '"by" belongs to excess = "demote"'),
        ("value", "quota.q0.ties", '"ties" belongs to excess = "demote"'),
    ] == found


def test_a_tier_that_only_a_quota_reaches_is_reachable():
    """A total for it there is none."""
    text = """
schema = 1
id = "x"
criterion = [{ id = "work", weight = 100 }]
tier = [{ id = "A", total = ">= 60" }, { id = "limbo", total = "< -5" }, { id = "B", total = "-5 .. < 60" }]
"""
    quota = (
        f'quota = [{{ id = "d", tier = "B", at_most = "0.5 * heads", ties = "worst", {DEMOTE} }}]\n'
    )
    assert ["tier-unreachable"] == [f.code for f in check_text(text) if f.severity != "note"]
    assert [] == [f.code for f in check_text(text + quota) if f.severity != "note"]


def test_what_demotes_answers_is_not_impossible():
    """Nor do quotas contradict each other that are judged before and after it."""
    demoting = f'{{ id = "d", tier = "A", at_most = "0.3 * heads", ties = "worst", {DEMOTE} }}'
    other = '{ id = "o", tier = "%s", at_least = "0.3 * heads", at_most = "ceil(heads / 2)", excess = "refuse" }'
    last = '{ id = "p", tier = "%s", at_least = "ceil(0.9 * heads)", excess = "refuse" }'
    codes = [
        [f.code for f in check_text(f"{HEAD}quota = [{quotas}]\n") if f.severity == "error"]
        for quotas in (
            demoting,
            f"{demoting.replace('A', 'B')}, {last % 'C'}, {(last % 'A').replace('p', 'r')}",
            f"{demoting}, {last % 'C'}, {(last % 'B').replace('p', 'r')}",
        )
    ]
    assert [[], [], ["quota-impossible"]] == codes
    assert other


def test_demoted_is_no_name_of_a_ruleset_whose_quotas_demote():
    """It begins the names of their flags."""
    text = f'{HEAD}inputs.demoted = {{ type = "count" }}\n'
    quota = 'quota = [{ id = "a", tier = "A", at_most = "1", excess = "%s"%s }]\n'
    assert "reserved-id" not in [f.code for f in check_text(text + quota % ("refuse", ""))]
    assert "reserved-id" in [
        f.code for f in check_text(text + quota % ("demote", ', ties = "best"'))
    ]


def test_examples_show_what_a_quota_does():
    """A record that it demotes, and a group with a tie that it rejects."""
    quota = f'quota = [{{ id = "d", tier = "A", at_most = "1", ties = "refuse", {DEMOTE} }}]\n'
    one = '[[example]]\nname = "one"\nratings = { work = 70, size = 1, shop = "p" }\nexpect = { total = 70 }\n'
    codes = [
        (f.place, f.message()) for f in check_text(HEAD + quota + one) if "quota" in (f.place or "")
    ]
    assert [
        ("quota.d", "in no example does this quota demote a record"),
        ("quota.d.ties", "no example shows a group that this rejects"),
    ] == codes
    two = (
        '[[example]]\nname = "two"\ncommon = { size = 1, shop = "p" }\n'
        "records = { a = { work = 95 }, b = { work = 90 } }\n"
        "expect = { a = { tier = 'A' }, b = { demoted.d = true } }\n"
        '[[example]]\nname = "tied"\ncommon = { size = 1, shop = "p" }\n'
        "records = { a = { work = 95 }, b = { work = 95 } }\n"
        "expect = { a = { refused = ['quota.d'] }, b = { refused = ['quota.d'] } }\n"
    )
    assert not [f for f in check_text(HEAD + quota + one + two) if "quota" in (f.place or "")]


def test_a_quota_has_a_word_for_what_happens():
    """No word is supposed."""
    found = check_text(f'{HEAD}quota = [{{ id = "a", tier = "A", at_most = "1" }}]\n')
    assert ("missing-key", "quota.a") in [(f.code, f.place) for f in found]
    twice = HEAD + 'quota = [{ id = "a", tier = "A", at_most = "1", excess = "refuse" }, '
    twice += '{ id = "a", tier = "B", at_most = "1", excess = "refuse" }]\n'
    assert ("duplicate-id", "quota.a.id") in [(f.code, f.place) for f in check_text(twice)]


def test_heads_is_no_name_of_a_ruleset_with_quotas():
    """It is the number of records."""
    text = f'{HEAD}inputs.heads = {{ type = "count" }}\n'
    quota = 'quota = [{ id = "a", tier = "A", at_most = "1", excess = "refuse" }]\n'
    assert "reserved-id" not in [f.code for f in check_text(text)]
    assert "reserved-id" in [f.code for f in check_text(text + quota)]


@pytest.mark.parametrize(
    ("limits", "heads", "names"),
    [
        (["0.2 * heads", "0.7 * heads", "0.1 * heads"], 1, "q0, q1, q2"),
        ([f"round({p} * heads, 1)" for p in (0.2, 0.7, 0.1)], 2, "q0, q1, q2"),
        (["0.1 * heads", "0.1 * heads", "min(heads, 150)"], 187, "q0, q1, q2"),
    ],
)
def test_quotas_that_cannot_be_kept(limits, heads, names):
    """With the least number of records, and the quotas that contradict each other."""
    quotas = [f'tier = "{t}", at_most = "{m}"' for t, m in zip("ABC", limits, strict=True)]
    (found,) = findings(*quotas)
    assert ("quota-impossible", "quota.q2") == found[:2]
    said = f"{heads} records, no distribution" if heads > 1 else "one record, no tier"
    assert said in found[2]
    assert found[2].endswith(names)


def test_a_quota_that_contradicts_itself():
    """30 to 40 % cannot be kept by one record; nor if they count only some."""
    wrong = 'tier = "A", at_least = "0.3 * heads", at_most = "0.4 * heads"'
    (found,) = findings(wrong, 'tier = "B", at_most = "0.5 * heads"')
    assert ("quota-impossible", "quota.q0") == found[:2]
    (other,) = findings(f'{wrong}, where = {{ shop = "p" }}')
    assert "quota-impossible" == other[0]


@pytest.mark.parametrize(
    ("limits", "is_so"),
    [
        ('at_most = "heads"', True),
        ('at_most = "ceil(1.5 * heads - 0.2)"', True),
        ('at_least = "0"', True),
        ('at_least = "0", at_most = "heads + 1"', True),
        ('at_least = "1 - heads / 2 - heads / 2"', True),
        ('at_least = "0", at_most = "0.9 * heads"', False),
        ('at_most = "2 * heads - 3"', False),
        ('at_most = "max(heads, 3)"', False),
        ('at_most = "heads + heads / 1009"', False),
    ],
)
def test_a_quota_that_every_group_keeps(limits, is_so):
    """It is reported if that is certain."""
    assert is_so is ("quota-idle" in [code for code, _, _ in findings(f'tier = "A", {limits}')])


def test_a_limit_that_has_no_value_for_some_number_of_records():
    """Its division is reported, and the others are judged."""
    found = findings('tier = "A", at_most = "1 / (heads - 1)"')
    assert ["division-by-zero"] == [code for code, _, _ in found]


TEXTS = st.sampled_from(
    [
        "0.3 * heads",
        "floor(heads / 3)",
        "ceil(0.4 * heads)",
        "round(0.5 * heads, 1)",
        "2",
        "heads - 1",
    ]
)


@st.composite
def limits(draw):
    """Draw quotas of three tiers."""
    made = []
    for index in range(draw(st.integers(1, 3))):
        low = draw(st.integers(0, 2))
        high = draw(st.integers(low + 1, 3))
        keys = draw(st.sampled_from([["at_most"], ["at_least"], ["at_most", "at_least"]]))
        formulas = {key: parse_group(draw(TEXTS)).formula for key in keys}
        made.append(Limits(index=index, low=low, high=high, formulas=formulas))
    return made


@given(quotas=limits(), heads=st.integers(1, 7))
def test_what_is_possible_is_what_some_distribution_shows(quotas, heads):
    """All distributions over three tiers are tried."""
    found = False
    for marks in combinations_with_replacement(range(3), heads):
        counts = [marks.count(t) for t in range(3)]
        found = found or all(
            keeps(
                sum(counts[q.low : q.high]),
                q.formulas["at_least"].value({"heads": heads})
                if "at_least" in q.formulas
                else None,
                q.formulas["at_most"].value({"heads": heads}) if "at_most" in q.formulas else None,
            )
            for q in quotas
        )
    assert found is is_possible(heads, quotas, 3)


@given(text=TEXTS, heads=st.integers(1, 40))
def test_a_formula_repeats_after_its_period(text, heads):
    """With its slope for each of the heads."""
    tree = parse_group(text).formula.tree
    period, slope = period_of(tree), slope_of(tree)
    later = tree.value({"heads": heads + period})
    assert later == tree.value({"heads": heads}) + slope * period


def test_a_slope_is_known_or_not():
    """Of sums, products and quotients with numbers, and of what is rounded."""
    found = {
        text: slope_of(parse_group(text).formula.tree)
        for text in (
            "heads * 0.2",
            "2 * heads - 1",
            "min(heads, 3)",
            "1 + heads * heads",
            "1 / heads",
        )
    }
    assert [0.2, 2, None, None, None] == [None if s is None else float(s) for s in found.values()]


def test_an_idle_quota_has_limits_that_are_whole():
    """The least heads at which one binds is within the period."""
    formula = parse_group("heads - floor(heads / 7)").formula
    quota = Limits(index=0, low=0, high=1, formulas={"at_most": formula})
    assert not is_idle(quota)
    assert floor(7 / 7) == 7 - quota.of(7)[1]


@settings(max_examples=15)
@given(code=st.sampled_from(["quota-floor", "quota-idle", "quota-impossible"]), data=st.data())
def test_a_planted_quota_is_found(code, data):
    """One that never binds, one that cannot be kept, one with nowhere to go."""
    rubric = data.draw(unsound_rubrics(code))
    assert code in {finding.code for finding in check(rubric)}


def test_the_record_of_a_demoted_fault_is_in_the_tiers_of_the_quota():
    """The flag alone would be rejected: a record that is not in the quota is not demoted."""
    text = """
schema = 1
id = "x"
inputs.n = { type = "count", range = "0..6" }
criterion = [{ id = "a", weight = 100 }]
tier = [{ id = "B", total = "0..59" }, { id = "A", total = "60..100" }]
quota = [{ id = "q", tier = "A", at_most = "heads / 2", excess = "demote", ties = "worst" }]
outcome.step = { bands = [{ when = { demoted.q = true }, formula = "1 / n" }, { when = "otherwise", value = 0 }] }
"""
    (fault,) = [f for f in check_text(text) if f.severity == "error"]
    record = dict(fault.record)
    assert ("division-by-zero", 0, True) == (fault.code, record["n"], record["demoted.q"])
    assert record["a"] >= 60
