"""``extends``: inheritance, overrides, removals, and the locations of errors."""

from __future__ import annotations

from datetime import date
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from kpirules import check, dumps, evaluate, load, load_file, loads
from kpirules.api.load import check_file
from kpirules.cli.app import app
from kpirules.errors import RulesetError
from kpirules.testing import rubrics
from kpirules.toml.merging import Merged, merge
from kpirules.toml.parser import parse
from kpirules.toml.writer import fingerprint


BASE = """schema = 1
id = "base"
label = { en = "Base", zh = "基础" }
effective_from = 2025-01-01
effective_until = 2025-12-31
currency = "EUR"

[inputs.late]
type = "count"
label = "Late"

[inputs.calls]
type = "count"

[derive.both]
formula = "late + calls"

[bands.steps]
rows = [{ when = 0, points = 20 }, { when = ">= 1", points = 0 }]

[[section]]
id = "s"
weight = 60

[[section.criterion]]
id = "a"
weight = 20
of = "late"
bands = "steps"

[[section.criterion]]
id = "b"
label = "B"
weight = 40

[[section]]
id = "t"

[[section.criterion]]
id = "c"
weight = 40
formula = "min(both, 40)"

[[adjust]]
id = "bonus"
points = 0

[[tier]]
id = "good"
total = ">= 50"
pay = 100

[[tier]]
id = "poor"
total = "< 50"
pay = 0

[[ruling]]
clause = "1"
conflict = "c"
decision = "d"

[[example]]
name = "base's own"
ratings = { late = 0, calls = 0, b = 40 }
expect = { total = 60 }
"""
HEAD = 'schema = 1\nid = "child"\neffective_from = 2025-06-01\nextends = "base"\n'


@pytest.fixture
def folder(tmp_path):
    """A folder of rulesets that holds the base."""
    write(tmp_path, "base", BASE, "2025-01-01")
    return tmp_path


def write(folder, id_, text, since="2025-06-01"):
    path = folder / id_ / f"{since}.rubric.toml"
    path.parent.mkdir(exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def child(folder, text, head=HEAD):
    """Load a ruleset that extends the base."""
    return load_file(write(folder, "child", head + text))


def faults(folder, text, head=HEAD):
    """Return code, line and message of the errors in a ruleset that extends the base, by file."""
    path = write(folder, "child", head + text)
    return [
        (f.code, f.spots[0].file.split("/")[-2], f.spots[0].line, f.message())
        for f in check_file(path)
        if f.severity != "note"
    ]


# ---------------------------------------------------------------- inheritance


def test_all_is_inherited_but_id_dates_and_examples(folder):
    """No other key is required."""
    base, rubric = load_file(folder / "base" / "2025-01-01.rubric.toml"), child(folder, "")
    assert ("child", date(2025, 6, 1), None) == (
        rubric.id,
        rubric.effective_from,
        rubric.effective_until,
    )
    assert () == rubric.examples
    for name in (
        "label",
        "currency",
        "inputs",
        "derived",
        "tables",
        "sections",
        "tiers",
        "rulings",
    ):
        assert getattr(base, name) == getattr(rubric, name)
    record = {"late": 0, "calls": 10, "b": 30}
    assert 60 == evaluate(rubric, record).total == evaluate(base, record).total


def test_parts_are_merged_by_their_ids(folder):
    """A key replaces a value, a language a text; new parts come after the inherited ones."""
    rubric = child(
        folder,
        """
label = { en = "Child" }
inputs.late.label = "Late this month"
bands.steps.rows = [{ when = 0, points = 20 }, { when = 1, points = 10 }, { when = "> 1", points = 0 }]
inputs.new = { type = "flag" }

[[section]]
id = "t"
[[section.criterion]]
id = "c"
weight = 30
formula = "min(both, 30)"
[[section.criterion]]
id = "d"
weight = 10
of = "new"
bands = [{ when = true, points = 10 }, { when = false, points = 0 }]

[[tier]]
id = "good"
pay = 200

[[ruling]]
clause = "1"
decision = "another"
[[ruling]]
clause = "2"
conflict = "c"
decision = "d"
""",
    )
    assert ("Child", "基础") == (rubric.label.get("en"), rubric.label.get("zh"))
    assert ["late", "calls", "new"] == [f.name for f in rubric.inputs]
    assert ["a", "b", "c", "d"] == [c.id for c in rubric.all_criteria]
    assert [200, 0] == [tier.pay for tier in rubric.tiers]
    assert ["c", "c"] == [r.conflict.get() for r in rubric.rulings]
    assert ["another", "d"] == [r.decision.get() for r in rubric.rulings]
    record = {"late": 1, "calls": 40, "b": 40, "new": True}
    assert 90 == evaluate(rubric, record).total


def test_one_way_to_a_value_takes_the_place_of_another(folder):
    """A formula replaces bands with all their keys."""
    rubric = child(
        folder, '[[section]]\nid = "s"\ncriterion = [{ id = "a", formula = "max(0, 20 - late)" }]\n'
    )
    first = rubric.sections[0].criteria[0]
    assert (None, None, "max(0, 20 - late)") == (first.bands, first.of, first.formula)
    assert 20 == first.weight


def test_parts_are_removed_by_saying_so(folder):
    """Of every kind that has an id or a name."""
    rubric = child(
        folder,
        """
derive.both.remove = true
inputs.calls.remove = true
adjust = [{ id = "bonus", remove = true }]
ruling = [{ clause = "1", remove = true }]
tier = [{ id = "poor", remove = true }, { id = "good", total = "any" }]

[[section]]
id = "t"
remove = true
[[section]]
id = "s"
weight = 100
[[section.criterion]]
id = "b"
weight = 80
""",
    )
    assert ["late"] == [f.name for f in rubric.inputs]
    assert ((), (), (), ["good"], ["s"]) == (
        rubric.derived,
        rubric.adjustments,
        rubric.rulings,
        [t.id for t in rubric.tiers],
        [s.id for s in rubric.sections],
    )
    assert 100 == evaluate(rubric, {"late": 0, "b": 80}).total


def test_a_list_without_ids_replaces_the_inherited_one(folder):
    """Gates have no id: those of a file are all there are."""
    with_gate = BASE.replace(
        "[[tier]]", '[[gate]]\nwhen = { late = ">= 3" }\ntier_at_most = "poor"\n[[tier]]', 1
    )
    write(folder, "base", with_gate, "2025-01-01")
    assert 1 == len(child(folder, "").gates)
    gates = child(folder, '[[gate]]\nwhen = { late = ">= 5" }\ntier_at_most = "poor"\n').gates
    assert [">= 5"] == [str(g.when.conditions[0].entries[0]) for g in gates]


def test_defaults_are_inherited_and_apply_to_inherited_parts(folder):
    """They are merged like other tables, and used when all is together."""
    write(folder, "base", BASE + "[defaults]\nmissing = 'zero'\n", "2025-01-01")
    assert {"zero"} == {c.missing for c in child(folder, "").all_criteria}
    assert {"exclude"} == {
        c.missing for c in child(folder, "defaults.missing = 'exclude'\n").all_criteria
    }


# ---------------------------------------------------------------- choice of the base


def test_the_version_effective_when_the_file_begins_is_extended(folder):
    """Or the version of a given date; a later version changes nothing."""
    write(
        folder,
        "base",
        BASE.replace("2025-12-31", "2026-12-31")
        .replace("2025-01-01", "2026-01-01")
        .replace('"EUR"', '"CNY"'),
        "2026-01-01",
    )
    assert "EUR" == child(folder, "").currency
    dated = HEAD.replace('"base"', '{ id = "base", on = 2026-02-01 }')
    assert "CNY" == child(folder, "", dated).currency
    undated = HEAD.replace("effective_from = 2025-06-01\n", "")
    path = folder / "any.rubric.toml"
    path.write_text(undated)
    with pytest.raises(RulesetError, match='more than one "base", and no date to choose one'):
        load_file(path, folders=[folder])
    gone = HEAD.replace('"base"', '{ id = "base", on = 2024-02-01 }')
    assert [
        (
            "unknown-ruleset",
            "child",
            4,
            'no ruleset "base" is in force on 2024-02-01; there are: 2025-01-01 to 2025-12-31, 2026-01-01 to 2026-12-31',
        )
    ] == faults(folder, "", gone)


def test_a_text_may_extend_a_rubric_of_another_source():
    """Bundled rulesets are available to all sources."""
    text = 'schema = 1\nid = "x"\neffective_from = 2026-01-01\nextends = "customer-service"\n[[tier]]\nid = "good"\npay = 250\n'
    rubric = loads(text)
    assert 250 == rubric.tiers[1].pay
    with pytest.raises(RulesetError, match='did you mean "customer-service"'):
        loads(text.replace("customer-", "costumer-"))
    with pytest.raises(RulesetError, match='no ruleset "customer-service"; there are: none'):
        parse(text, "x")


def test_a_file_beside_it_comes_before_those_elsewhere(folder):
    """So that a folder of rulesets is the same rules wherever it lies."""
    write(folder, "customer-service", BASE.replace('"base"', '"customer-service"'), "2025-01-01")
    assert ["s", "t"] == [
        s.id for s in child(folder, "", HEAD.replace('"base"', '"customer-service"')).sections
    ]


def test_rubrics_extend_one_another_but_not_in_a_circle(folder):
    """Each file overrides the previous ones; a circle is an error where it is entered again."""
    child(folder, "currency = 'CNY'\n")
    third = HEAD.replace('"child"', '"third"').replace('"base"', '"child"')
    path = write(folder, "third", third + "period = 'year'\n")
    rubric = load_file(path)
    assert ("CNY", "year", "EUR") == (
        rubric.currency,
        rubric.period,
        load_file(folder / "base" / "2025-01-01.rubric.toml").currency,
    )
    assert 3 == len(rubric.origin.texts)
    write(
        folder,
        "base",
        BASE.replace("currency", 'extends = "third"\nperiod = "day"\ncurrency').replace(
            "2025-01-01", "2025-06-01"
        ),
        "2025-06-01",
    )
    (folder / "base" / "2025-01-01.rubric.toml").unlink()
    ((code, where, line, message),) = faults(folder, "")
    assert ("cycle", "third", 4) == (code, where, line)
    assert message.startswith("the ruleset extends itself: ")
    assert 4 == message.count(" extends ")


def test_no_more_than_a_few_rubrics_extend_one_another(folder):
    """A chain without end would be work without end."""
    for i in range(9):
        head = HEAD.replace('"child"', f'"r{i}"').replace(
            '"base"', '"base"' if not i else f'"r{i - 1}"'
        )
        write(folder, f"r{i}", head)
    assert "r7" == load("r7", folders=[folder]).id
    (found,) = (
        f for f in check_file(folder / "r8" / "2025-06-01.rubric.toml") if f.severity == "error"
    )
    assert ("too-large", "more than 8 rulesets extend one another") == (found.code, found.message())


# ---------------------------------------------------------------- errors at their lines


@pytest.mark.parametrize(
    ("expected", "text"),
    [
        (
            ("override-idle", 5, 'this override is not needed: "base" has the same value'),
            'currency = "EUR"',
        ),
        (
            ("override-idle", 7, 'this override is not needed: "base" has the same value'),
            '[[tier]]\nid = "good"\npay = 100',
        ),
        (
            ("override-idle", 5, "this override is not needed: it changes nothing"),
            '[[tier]]\nid = "good"',
        ),
        (
            ("override-idle", 5, "this override is not needed: it changes nothing"),
            "inputs.late = {}",
        ),
        (
            ("override-idle", 5, "removes 'god', which \"base\" does not have"),
            '[[tier]]\nid = "god"\nremove = true',
        ),
        (
            ("override-idle", 5, "removes 'lat', which \"base\" does not have"),
            "inputs.lat.remove = true",
        ),
        (
            ("override-idle", 5, "removes 'x', which \"base\" does not have"),
            'section = [{ id = "s", criterion = [{ id = "x", remove = true }] }]',
        ),
        (
            ("override-idle", 8, "this override is not needed: the part is removed"),
            '[[adjust]]\nid = "bonus"\nremove = true\npoints = 3',
        ),
        (
            ("value", 7, "must be true: a part that is not removed has no such key"),
            '[[adjust]]\nid = "bonus"\nremove = 1',
        ),
    ],
)
def test_an_override_that_overrides_nothing_is_an_error_at_its_line(folder, expected, text):
    """A missing part cannot be removed, and an unchanged value is redundant."""
    code, line, message = expected
    assert (code, "child", line, message) in faults(folder, text)


@pytest.mark.parametrize(
    ("expected", "text"),
    [
        ("overrides 'god', which \"base\" does not have", '[[tier]]\nid = "god"\npay = 3'),
        ("overrides 'u', which \"base\" does not have", '[[section]]\nid = "u"\nweight = 3'),
        ("overrides 'lat', which \"base\" does not have", "inputs.lat.label = 'L'"),
        (
            "overrides 'bouns', which \"base\" does not have",
            "[[adjust]]\nid = 'bouns'\nlabel = 'L'",
        ),
    ],
)
def test_a_part_that_is_not_whole_is_meant_for_another(folder, expected, text):
    """It has an id that the other has not: most often it is mistyped."""
    assert ("override-idle", "child", 5, expected) in faults(folder, text)


def test_a_new_part_may_be_like_another(folder):
    """If it has all required keys; a tier that gates lead to needs no total."""
    text = '[[tier]]\nid = "veto"\npay = 0\n[[gate]]\nwhen = { late = ">= 9" }\ntier_at_most = "veto"\n[inputs.lates]\ntype = "count"\n'
    assert [("unused-input", "child", 11)] == [f[:3] for f in faults(folder, text)]


def test_a_sum_that_is_off_is_shown_where_the_file_changed_it(folder):
    """Not in the other file, whose own sums are right."""
    text = '[[section]]\nid = "s"\n[[section.criterion]]\nid = "b"\nweight = 50\n'
    both = [("weights-sum", "child", 7), ("section-sum", "child", 9)]
    assert both == [f[:3] for f in faults(folder, text)]
    text = '[[section]]\nid = "t"\n[[section.criterion]]\nid = "c"\nweight = 41\nformula = "min(both, 41)"\n'
    assert [("weights-sum", "child", 5)] == [
        f[:3] for f in faults(folder, text) if f[0] != "section-sum"
    ]
    write(
        folder,
        "base",
        BASE.replace('[[section]]\nid = "s"\nweight = 60\n', "")
        .replace('[[section]]\nid = "t"\n', "")
        .replace("section.criterion", "criterion"),
        "2025-01-01",
    )
    text = '[[criterion]]\nid = "b"\nweight = 41\n'
    assert [("weights-sum", "child", 5)] == [f[:3] for f in faults(folder, text)]


def test_a_part_in_a_new_section_cannot_be_removed(folder):
    """There is nothing to remove it from."""
    text = '[[section]]\nid = "new"\n[[section.criterion]]\nid = "n"\nremove = true\n'
    assert ("override-idle", "child", 7, "removes 'n', which \"base\" does not have") in faults(
        folder, text
    )
    assert "unknown-key" in [f[0] for f in faults(folder, "[[gate]]\nremove = true\n")]


@pytest.mark.parametrize(
    ("expected", "said"),
    [
        (("unknown-ruleset", 'no ruleset "depot"; there are: '), '"depot"'),
        (("value", "must be the id of a ruleset"), "3"),
        (("value", "must be the id of a ruleset"), "{ on = 2025-01-01 }"),
        (("value", "must be a date such as 2025-01-01"), '{ id = "base", on = "2025" }'),
        (("unknown-key", 'unknown key "date"'), '{ id = "base", date = 2025-01-01 }'),
    ],
)
def test_the_extended_rubric_must_exist(folder, expected, said):
    """Reported at the key."""
    (found,) = faults(folder, "", HEAD.replace('"base"', said))
    assert (expected[0], "child", 4) == found[:3]
    assert found[3].startswith(expected[1])


def test_an_error_is_reported_in_the_file_that_contains_it(folder):
    """Whether it shows in that one or only where both come together."""
    wrong = BASE.replace('type = "count"\n\n[derive', 'type = "cuont"\n\n[derive').replace(
        "pay = 0", "pay = 0\ncolour = 3"
    )
    write(folder, "base", wrong, "2025-01-01")
    found = faults(folder, 'periode = "month"\n[[section]]\nid = "s"\nweight = 61\n')
    assert [
        ("unknown-key", "child", 5),
        ("section-sum", "child", 8),
        ("weights-sum", "child", 6),
    ] == sorted([f[:3] for f in found if f[1] == "child"], key=lambda f: (f[2] != 5, f[0]))
    assert [("value", "base", 13), ("unknown-key", "base", 57)] == [
        f[:3] for f in found if f[1] == "base"
    ]
    write(folder, "base", "schema = = 1", "2025-01-01")
    assert [("syntax", "base", 1)] == [f[:3] for f in faults(folder, "")]
    write(folder, "base", BASE + "[[tier]]\nid='a'\n", "2025-01-01")
    third = HEAD.replace('"child"', '"third"').replace('"base"', '"child"')
    write(folder, "child", HEAD + "currency = 'EUR'\n")
    path = write(folder, "third", third + "period = 'year'\n")
    (idle, *_) = (f for f in check_file(path) if f.code == "override-idle")
    assert ("child", 5) == (idle.spots[0].file.split("/")[-2], idle.spots[0].line)


def test_a_finding_shows_both_files():
    """The new levels are in one file, the inherited ones in the other."""
    found = check(load("customer-service-scored"))
    places = {f.place: f.spots[0].file.split("/")[-2] for f in found}
    assert "customer-service-scored" == places["section.ability.skill"]
    assert "customer-service" == places["section.attitude.manner"]
    assert {"T4"} == {f.accepted_by for f in found}


# ---------------------------------------------------------------- the resolved rubric


def test_the_resolved_rubric_is_a_file_like_any_other(folder):
    """It is complete without its base, with the same fingerprint."""
    rubric = child(folder, "currency = 'CNY'\n")
    text = dumps(rubric)
    assert "extends" not in text
    assert rubric == loads(text)
    assert fingerprint(rubric) == fingerprint(loads(text))
    path = str(folder / "child" / "2025-06-01.rubric.toml")
    done = CliRunner().invoke(app, ["show", path, "--resolved"])
    assert text == done.stdout


def test_a_change_of_the_extended_file_is_noticed(folder):
    """A rubric is loaded again when a file that it extends has changed."""
    child(folder, "")
    assert "EUR" == load("child", folders=[folder]).currency
    write(folder, "base", BASE.replace("EUR", "USD!"[:3]) + "# longer\n", "2025-01-01")
    assert "USD" == load("child", folders=[folder]).currency
    (folder / "base" / "2025-01-01.rubric.toml").unlink()
    with pytest.raises(RulesetError, match="unknown-ruleset"):
        load("child", folders=[folder])


def test_the_unscored_line_of_the_form_is_scored():
    """6 of the section's 20 points; all else as on the form."""
    rubric = load("customer-service-scored")
    record = {
        "late": 0,
        "absent": 0,
        "leave_days": 0,
        "incidents": 0,
        "duty": "met",
        "skill": 7,
        "feedback": 6,
        "problem_handling": 5,
        "manner": 5,
        "teamwork": 5,
        "volume": 20,
        "service": 20,
        "conversion": 10,
    }
    result = evaluate(rubric, record)
    assert (98, 18, "excellent", 300) == (
        result.total,
        result.subtotals["ability"],
        result.tier.id,
        result.pay,
    )
    assert Fraction(100) == sum(Fraction(c.weight) for c in rubric.all_criteria if c.scored)


@given(rubrics(), st.data())
def test_an_empty_file_equals_the_one_that_it_extends(rubric, data):
    """For any rubric: overridden by an empty file it has the same tree, each part at its location."""
    import tomllib

    tree = tomllib.loads(dumps(rubric))
    base = Merged(tree=tree).renumbered()
    merged = merge(base, "base", {"id": "child"})
    own = {"schema", "id", "effective_from", "effective_until", "example"}
    rest = {k: v for k, v in tree.items() if k not in own}
    assert {"id": "child", **rest} == merged.tree
    assert (1, ("tier", 99, "pay")) == merged.locate(("tier", 99, "pay")) or "tier" not in rest
    key = data.draw(st.sampled_from(sorted(rest) or ["id"]))
    assert ((1, (key,)) if rest else (0, ("id",))) == merged.locate((key,))
    # and overridden by itself it needs nothing else
    again = merge(base, "base", tree)
    assert {f.code for f in again.findings} <= {"override-idle"}
    assert {k: v for k, v in again.tree.items() if k != "example"} == {
        k: v for k, v in tree.items() if k != "example"
    }
