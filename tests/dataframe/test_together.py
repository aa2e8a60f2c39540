"""Dataframes whose rows are evaluated together: equal to ``evaluate_cohort``, on each library."""

from __future__ import annotations

import json
from fractions import Fraction

import narwhals as nw
import pandas as pd
import polars as pl
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

import kpirules
from kpirules import (
    FrameError,
    InputError,
    RowsError,
    evaluate_cohort,
    evaluate_frame,
    loads,
)
from kpirules.dataframe import together
from kpirules.evaluation.record import is_missing
from kpirules.testing import records, rubrics
from tests.drawing import share


HEAD = """
schema = 1
id = "shop"
[inputs.shop]
type = "choice"
options = ["x", "y"]
[inputs.team]
type = "text"
[inputs.counts]
type = "flag"
[inputs.wage]
type = "number"
range = "0..1000"
step = 0.5
[inputs.pool]
type = "number"
range = ">= 0"
"""
TAIL = """
[[criterion]]
id = "work"
weight = 100
[[tier]]
id = "A"
total = "62..100"
[[tier]]
id = "B"
total = "< 62"
[[gate]]
when = { work = 60 }
unratable = true
[outcome.gain]
formula = "gift + 1"
"""
KINDS = {
    "polars": lambda table: table,
    "pandas": lambda table: table.to_pandas(),
    "pyarrow": lambda table: table.to_arrow(),
}


@st.composite
def cohorts(draw):
    """Draw the keys of a cohort of any form."""
    groups = draw(
        st.sampled_from(["", 'within = "shop"', 'within = ["shop", "counts"]', 'within = "team"'])
    )
    where = draw(
        st.sampled_from(
            ["", "where = { counts = true }", 'where = { work = "60..61", wage = "> 0" }']
        )
    )
    missing = draw(st.sampled_from(["", 'missing = "skip"', 'missing = "error"']))
    form = draw(st.sampled_from(["formula", "rank", "share", "share"]))
    if form == "formula":
        formulas = ["heads", "sum(total)", "min(wage)", "max(wage * total)", "mean(total)"]
        formulas += [
            "sum(wage) + pool",
            "count(wage)",
            "sum(highest(wage, 2))",
            "sum(wage) / heads",
        ]
        text = draw(st.sampled_from(formulas))
        own = [f'formula = "{text}"']
    elif form == "rank":
        by = draw(
            st.sampled_from(['"total"', '["total", "-wage"]', '"wage"', '"-points.work / 4"'])
        )
        ties = draw(st.sampled_from(["best", "worst", "refuse"]))
        own = [f"rank = {by}", f'ties = "{ties}"']
    else:
        amount = draw(st.sampled_from(["pool", "10 * heads", "sum(wage)", "pool - 5"]))
        by = draw(st.sampled_from(["total", "wage", "wage - 1"]))
        modes = ["largest_remainder", "largest_remainder", "half_up"]
        to = draw(st.sampled_from(["0.01", "1", "0.5", "7"]))
        rounding = draw(st.sampled_from([None, *modes]))
        own = [f'share = "{amount}"', f'by = "{by}"']
        own += [f'round = {{ to = {to}, mode = "{rounding}" }}'] if rounding else []
        otherwise = draw(st.sampled_from(["refuse", "nothing", "equal"]))
        own += [f'otherwise = "{otherwise}"']
    return ", ".join(each for each in (*own, groups, where, missing) if each)


@st.composite
def rulesets(draw):
    """Draw a ruleset with one gathered input, perhaps another that needs it, and a quota."""
    text = [HEAD, '[inputs.gift]\ntype = "number"', f"cohort = {{ {draw(cohorts())} }}"]
    text += draw(st.sampled_from([["default = 3"], ['range = "0..90"', "default = 0"], []]))
    if draw(st.booleans()):
        text += ['[inputs.place]\ntype = "count"\ndefault = 9']
        text += ['cohort = { rank = "outcome.gain", ties = "worst", missing = "skip" }']
    text.append(TAIL)
    if draw(st.booleans()):
        limit = draw(st.sampled_from(["heads", "ceil(0.5 * heads)"]))
        within = draw(st.sampled_from(["", 'within = "shop"']))
        text += [
            f'[[quota]]\nid = "top"\ntier = "A"\nat_most = "{limit}"\nexcess = "refuse"\n{within}'
        ]
    return "\n".join(text)


def people(*, is_plain):
    """Draw records by key; plain ones have all values, and only allowed ones."""
    nothing = [] if is_plain else [None]
    odd = [] if is_plain else [" (q) ", "N/a", "", None]
    work = [*range(60, 64), *nothing, *([] if is_plain else [101])]
    return st.dictionaries(
        st.text("abcdeé-", min_size=1, max_size=3),
        st.fixed_dictionaries(
            {
                "shop": st.sampled_from(["x", "y", *nothing]),
                "counts": st.sampled_from([True, False, *nothing]),
                "wage": st.sampled_from([0, 0.5, 1, 2.5, 3, *nothing]),
                "team": st.sampled_from(["(q)", "r s", "é/t", *odd]),
                "work": st.sampled_from(work),
            }
        ).filter(lambda record: {*record.values()} != {None}),
        min_size=1,
        max_size=7,
    )


def frame_of(records):
    """Give records as a frame of polars."""
    names = dict.fromkeys(name for record in records.values() for name in record)
    rows = {name: [record.get(name) for record in records.values()] for name in names}
    return pl.DataFrame({"key": list(records), **rows}, strict=False)


def compare(rubric, records, common=None, kind="polars"):
    """Compare the rows of a frame with the results of a cohort; return what the frame adds."""
    frame = KINDS[kind](frame_of(records))
    made = evaluate_frame(rubric, frame, key="key", common=common, on_error="column")
    names = nw.from_native(made).columns
    added = ["key", *names[len(nw.from_native(frame).columns) :]]
    rows = pl.DataFrame(nw.from_native(made).select(added).to_arrow())
    check(rubric, records, rows, common)
    return rows


def check(rubric, records, rows, common=None):
    """Compare rows with the results of a cohort."""
    cohort = evaluate_cohort(rubric, records, common=common, on_error="keep")
    assert list(records) == rows["key"].to_list()
    for row in rows.iter_rows(named=True):
        key = row["key"]
        if key in cohort.refused:
            codes = [problem["code"] for problem in json.loads(row["problems"])]
            assert [problem.code for problem in cohort.refused[key].problems] == codes
            # pandas has no whole numbers beside missing ones
            error = row["error"].replace(".0:", ":")
            assert error == "; ".join(map(str, cohort.refused[key].problems))
            continue
        assert row["error"] is None
        result = cohort.results[key]
        said = {f"outcome.{name}": value for name, value in result.outcomes.items()}
        said |= {f"gathered.{name}": result.inputs[name] for name in result.memberships}
        said |= {"total": result.total}
        for name, value in said.items():
            column = name if name in row else name.removeprefix("outcome.")
            assert number_of(value) == number_of(row.get(f"{column}.exact", row.get(column))), name
        absent = [n for n in rubric_gathered(rubric) if n not in result.memberships]
        assert [None for _ in absent] == [row[f"gathered.{name}"] for name in absent]


def number_of(value):
    """Give a number as a fraction, and any other value as it is."""
    try:
        return Fraction(value.replace("÷", "/") if isinstance(value, str) else value)
    except (TypeError, ValueError):
        return value


def rubric_gathered(rubric):
    """Give the names of the gathered inputs."""
    return [fact.name for fact in rubric.inputs if fact.cohort is not None]


@share(1 / 2)
@given(text=rulesets(), records=people(is_plain=True), pool=st.sampled_from([0, 1, 100, 99.99]))
def test_a_frame_has_the_numbers_of_a_cohort(text, records, pool):
    """Of every form of cohort, where every record has its values."""
    compare(loads(text), records, {"pool": pool})


@share(1 / 2)
@given(text=rulesets(), records=people(is_plain=False), pool=st.sampled_from([0, 1, 100, 99.99]))
def test_a_frame_has_the_problems_of_a_cohort(text, records, pool):
    """Where values are missing or not allowed: the same rows are rejected, for the same reasons."""
    compare(loads(text), records, {"pool": pool})


@share(1 / 10)
@pytest.mark.parametrize("kind", ["pandas", "pyarrow"])
@given(text=rulesets(), records=people(is_plain=True), data=st.data())
def test_other_libraries_give_the_same(kind, text, records, data):
    """Rows with all their values, and with a value that is missing in one of them."""
    if data.draw(st.booleans()):
        key = data.draw(st.sampled_from(sorted(records)))
        records[key] = {
            **records[key],
            data.draw(st.sampled_from(["shop", "counts", "wage"])): None,
        }
    compare(loads(text), records, {"pool": 10}, kind)


@share(1 / 4)
@given(data=st.data())
def test_random_rulesets_give_what_their_cohorts_give(data):
    """Of the whole language: also those that expressions cannot evaluate."""
    rubric = data.draw(rubrics())
    drawn = data.draw(st.lists(records(rubric), min_size=1, max_size=4))
    every = {f"k{i}": record for i, record in enumerate(drawn)}
    assume(all(any(not is_missing(v) for v in record.values()) for record in drawn))
    columns = {
        name: [record.get(name) for record in drawn] for name in kpirules.compile(rubric).names
    }
    frame = pd.DataFrame({"key of row": list(every), **columns}, dtype=object)
    made = evaluate_frame(rubric, frame, key="key of row", on_error="column")
    added = made[["key of row", *made.columns[len(frame.columns) :]]]
    check(rubric, every, pl.from_pandas(added).rename({"key of row": "key"}))


RULES = (
    HEAD
    + """
[inputs.place]
type = "count"
cohort = { rank = "total", ties = "TIES", within = "shop", where = { counts = true }, missing = "skip" }
default = 0
[inputs.gift]
type = "number"
range = ">= 0"
cohort = { share = "pool", by = "total", round = { to = 0.01, mode = "largest_remainder" }, otherwise = "refuse", within = "shop" }
[[criterion]]
id = "work"
weight = 100
[[tier]]
id = "A"
total = "90..100"
[[tier]]
id = "B"
total = "< 90"
[[quota]]
id = "top"
tier = "A"
at_most = "0.5 * heads"
at_least = "0"
within = "shop"
excess = "refuse"
[outcome.gain]
formula = "gift - place"
"""
)


def rules(ties="best"):
    """Load the ruleset of the examples."""
    return loads(RULES.replace("TIES", ties))


def row(work, shop="x", *, counts=True, **more):
    """Give a record."""
    return {"shop": shop, "counts": counts, "wage": 1, "work": work, "team": "t", **more}


@pytest.fixture(params=sorted(KINDS))
def kind(request):
    """Give each library."""
    return request.param


@pytest.fixture
def only_columns(monkeypatch):
    """Forbid the evaluation record by record."""
    monkeypatch.delattr(together, "_by_record")


@pytest.mark.parametrize(
    ("ties", "works", "places"),
    [
        ("best", [70, 80, 80, 60], [3, 1, 1, 4]),
        ("worst", [70, 80, 80, 60], [3, 2, 2, 4]),
        ("refuse", [70, 80, 81, 60], [3, 2, 1, 4]),
        ("best", [70, 70, 70], [1, 1, 1]),
        ("worst", [70, 70, 70], [3, 3, 3]),
        ("worst", [70], [1]),
    ],
)
def test_places_by_columns(kind, only_columns, ties, works, places):
    """Ties, everybody equal, one person alone: without an evaluation of records."""
    records = {f"k{i}": row(work) for i, work in enumerate(works)}
    made = compare(rules(ties), records, {"pool": 100}, kind)
    assert places == made["gathered.place"].to_list()


def test_shares_by_columns_are_whole_to_the_last_cent(kind, only_columns):
    """What is left of the first group goes to the larger claim, then to the first key."""
    records = {"b": row(50), "a": row(50), "c": row(50), "d": row(7, "y")}
    made = compare(rules(), records, {"pool": 100}, kind)
    shares = [str(each) for each in made["gathered.gift"]]
    assert ["33.33", "33.34", "33.33", "100.00"] == shares


def test_who_takes_no_part_has_no_place(kind, only_columns):
    """But the default, and a share; nobody takes part in a group of its own."""
    records = {"a": row(50), "b": row(60, counts=False), "c": row(70, "y", counts=False)}
    made = compare(rules(), records, {"pool": 9}, kind)
    assert [1, 0, 0] == made["gathered.place"].to_list()


def test_a_rejected_row_blocks_its_group_alone(kind):
    """The others of its group name it."""
    records = {"a": row(50), "b": row(101), "c": row(70, "y")}
    made = compare(rules(), records, {"pool": 9}, kind)
    assert [True, True, False] == (made["error"].is_not_null()).to_list()
    assert "the record b is rejected" in made["error"][0]


@pytest.mark.parametrize(
    ("ties", "records", "pool"),
    [
        ("refuse", {"a": row(50), "b": row(50), "c": row(5, "y")}, 9),
        ("best", {"a": row(0), "b": row(0), "c": row(5, "y")}, 9),
        ("best", {"a": row(95), "b": row(96), "c": row(94), "d": row(5, "y")}, 9),
        ("best", {"a": row(50, None), "b": row(50)}, 9),
        ("best", {"a": row(50, None, counts=False), "b": row(50)}, 9),
        ("best", {"a": row(50, pool=8), "b": row(50, pool=9)}, None),
        ("best", {"a": row(50, pool=8), "b": row(50, pool=None)}, 9),
        ("best", {"a": row(50, pool=9), "b": row(50, pool=None)}, 9),
        ("best", {"a": row(50, place=4), "b": row(50, place=None)}, 9),
        ("best", {"a": row(50, place=None), "b": row(50, place=None)}, 9),
    ],
    ids=[
        "ties",
        "no-claims",
        "quota",
        "no-group",
        "no-group-and-no-part",
        "not-common",
        "common-given-otherwise",
        "common-given-alike",
        "place-given",
        "place-column-empty",
    ],
)
def test_what_is_not_plain_is_that_of_the_cohort(kind, ties, records, pool):
    """Rejected groups, groups that are not known, values that rows give themselves."""
    compare(rules(ties), records, None if pool is None else {"pool": pool}, kind)


def test_rows_without_a_key_of_their_own_are_rejected():
    """And block what they may belong to; the texts are in the language of the call."""
    frame = pl.DataFrame(
        {"who": ["a", "b", "a", None, "n/a"], "shop": list("xyxyy"), "counts": [True] * 5}
    ).with_columns(wage=1, work=50, team=pl.lit("t"))
    made = evaluate_frame(
        rules(), frame, key="who", common={"pool": 9}, on_error="column", lang="zh"
    )
    codes = [[each["code"] for each in json.loads(text)] for text in made["problems"]]
    assert [["key-twice"], ["group-blocked"], ["key-twice"], ["no-key"], ["no-key"]] == codes
    assert "有 2 份记录被退回（第 3 行、第 4 行）" in made["error"][1]


def test_frames_without_rows_or_with_wrong_arguments_are_refused():
    """Each with what is wrong."""
    frame = frame_of({"a": row(50)})
    with pytest.raises(FrameError, match="record: is not there: a cohort has at least one record"):
        evaluate_frame(rules(), frame.head(0), key="key", common={"pool": 9})
    with pytest.raises(FrameError, match=r"who: has no column, .* 'key', 'shop'"):
        evaluate_frame(rules(), frame, key="who", common={"pool": 9})
    with pytest.raises(FrameError, match=r"(?s)pool = -1: is out of range.*pol = 3: is not a name"):
        evaluate_frame(rules(), frame, key="key", common={"pool": -1, "pol": 3})
    with pytest.raises(ValueError, match="give key as well"):
        evaluate_frame(rules(), frame, common={"pool": 9})
    with pytest.raises(TypeError, match="key: expected the name of a column, not 3"):
        evaluate_frame(rules(), frame, key=3)
    with pytest.raises(TypeError, match="common: expected a table of names, not 9"):
        evaluate_frame(rules(), frame, key="key", common=9)
    with pytest.raises(InputError, match="key of evaluate_frame"):
        evaluate_frame(rules(), frame)
    frame = frame_of({"a": row(101), "b": row(1)})
    with pytest.raises(RowsError, match=r"(?s)row 0: work = 101.*row 1: place: cannot be gathered"):
        evaluate_frame(rules(), frame, key="key", common={"pool": 9})


@pytest.mark.parametrize("backend", ["lazy", "duckdb"])
def test_lazy_frames_are_refused(backend):
    """Rows are evaluated together in memory."""
    table = frame_of({"a": row(50)})
    frame = (
        table.lazy()
        if backend == "lazy"
        else pytest.importorskip("duckdb").from_arrow(table.to_arrow())
    )
    with pytest.raises(FrameError, match="only in a frame in memory; collect the frame first"):
        evaluate_frame(rules(), frame, key="key", common={"pool": 9})


def test_an_empty_row_is_rejected(kind):
    """It may be a footnote; who wants it left out drops it."""
    empty = dict.fromkeys(row(50))
    frame = KINDS[kind](frame_of({"a": row(50), "note": empty}))
    made = evaluate_frame(rules(), frame, key="key", common={"pool": 9}, on_error="column")
    errors = list(made["error"])
    assert "record: gives none of the values that the ruleset asks for" == str(errors[1])
    assert "the record note is rejected" in str(errors[0])


def test_columns_are_chosen_by_name(only_columns):
    """Also those of what is gathered; a frame of Narwhals gives one of Narwhals."""
    frame = frame_of({"a": row(50), "b": row(40)})
    asked = {"key": "key", "common": {"pool": 9}, "columns": ["gathered.gift", "total"]}
    made = evaluate_frame(rules(), frame, **asked)
    assert ["gathered.gift", "total"] == made.columns[6:]
    wide = evaluate_frame(rules(), nw.from_native(frame), **asked)
    assert made.equals(wide.to_native())
    asked["columns"] = ["gathered.gist"]
    with pytest.raises(ValueError, match=r"gathered\.gist: the result has gathered\.place"):
        evaluate_frame(rules(), frame, **asked)


def test_a_ruleset_without_groups_may_have_keys(only_columns):
    """Then a key says nothing but who a row is about."""
    rubric = loads('schema = 1\nid = "a"\ncriterion = [{ id = "work", weight = 100 }]')
    made = compare(rubric, {"a": {"work": 3}, "b": {"work": 4}})
    assert [3, 4] == made["total"].to_list()


@pytest.mark.parametrize("keys", [[7, 8], ["/", " b"], ["n/ab", "x"]])
def test_keys_of_any_kind(keys):
    """Are texts, as of a cohort."""
    frame = frame_of({"a": row(50), "b": row(40)}).with_columns(key=pl.Series(keys))
    made = evaluate_frame(rules(), frame, key="key", common={"pool": 9})
    assert [1, 2] == made["gathered.place"].to_list()


WIDE = """
schema = 1
id = "wide"
[inputs.later]
type = "number"
cohort = { formula = "sum(place)" }
[inputs.place]
type = "count"
cohort = { rank = "max_given", ties = "best", within = "team" }
[inputs.part]
type = "number"
cohort = { share = "fund", by = "size", round = { to = TO, mode = "MODE" }, otherwise = "equal" }
[inputs.team]
type = "text"
[inputs.open]
type = "flag"
[inputs.fund]
type = "number"
range = "0..1000000000000"
[inputs.size]
type = "number"
range = "0..1000000000"
[inputs.kind]
type = "choice"
options = ["k", "l"]
[inputs.half]
type = "number"
step = 0.5
range = "0..9"
[derive.max_given]
formula = "size + half"
[[criterion]]
id = "work"
weight = 100
[outcome.all]
formula = "later + part + half"
[outcome.said]
of = "open"
bands = [{ when = true, value = "open" }, { when = false, value = "shut" }]
[outcome.sort]
of = "kind"
bands = [{ when = "k", value = 1 }, { when = "l", value = 2 }]
"""
COMMON = {"open": True, "kind": "k", "half": 2.5, "team": "t"}


def wide(to="0.01", mode="largest_remainder", **changes):
    """Load a ruleset with inputs of every type, some of its texts changed."""
    text = WIDE.replace("TO", to).replace("MODE", mode)
    for old, new in changes.values():
        assert old in text
        text = text.replace(old, new)
    return loads(text)


def sizes(*numbers, **more):
    """Give records of some sizes."""
    return {f"k{i}": {"size": size, "work": 5, **more} for i, size in enumerate(numbers)}


def test_values_of_every_type_are_common(kind, only_columns):
    """And an input may be gathered after one that stands behind it in the file."""
    made = compare(wide(), sizes(3, 2, 1), {**COMMON, "fund": 10}, kind)
    assert [6, 6, 6] == made["gathered.later"].to_list()
    assert ["5.00", "3.33", "1.67"] == made["gathered.part"].cast(pl.String).to_list()


@pytest.mark.parametrize(
    ("mode", "fund", "numbers"),
    [
        ("largest_remainder", 900_000_000, [999_999_999.5, 1, 1]),
        ("largest_remainder", 10, [0, 0, 0]),
        ("half_even", 10, [2, 1]),
        ("half_even", 10, [0, 0, 0]),
    ],
)
def test_shares_by_columns_of_large_numbers_and_other_roundings(only_columns, mode, fund, numbers):
    """Group by group where a product has more than 64 bits."""
    compare(wide("0.01", mode), sizes(*numbers), {**COMMON, "fund": fund})


@pytest.mark.parametrize(
    ("to", "common", "more"),
    [
        ("0.01", {"fund": 10**12}, {}),
        ("0.01", {"fund": 10, "team": None}, {}),
        ("0.01", {"fund": 0.0000001}, {}),
        ("0.01", {"fund": 10}, {"size": 0.0000001}),
    ],
    ids=["far", "missing", "fine-pool", "fine-claim"],
)
def test_numbers_that_columns_do_not_hold_are_evaluated_by_record(to, common, more):
    """The results are the same."""
    compare(wide(to), {k: {**r, **more} for k, r in sizes(3, 2, 1).items()}, {**COMMON, **common})


def test_groups_that_are_numbers_are_their_digits():
    """As of a record."""
    frame = frame_of(sizes(3, 2, 1)).with_columns(team=pl.Series([7, 7, 8]))
    common = {name: value for name, value in COMMON.items() if name != "team"}
    made = evaluate_frame(wide(), frame, key="key", common={**common, "fund": 10})
    assert [1, 2, 1] == made["gathered.place"].to_list()


@pytest.mark.parametrize(
    ("changes", "size"),
    [({"a": ("sum(place)", "sum(size)")}, 10**9), ({"to": "0.0000001"}, 1)],
    ids=["large", "fine"],
)
def test_a_number_that_its_column_cannot_hold_is_a_problem_of_the_row(changes, size):
    """As of a frame whose rows are evaluated one by one."""
    frame = frame_of(sizes(*[size] * 21))
    common = {**COMMON, "fund": 10}
    made = evaluate_frame(wide(**changes), frame, key="key", common=common, on_error="column")
    assert made["error"].str.contains("^result: is .*, which the column cannot hold$").all()


@pytest.mark.parametrize(
    ("changes", "common"),
    [
        ({"a": ('rank = "max_given"', 'rank = "given(size, 1)"')}, {}),
        ({"a": ('share = "fund"', 'share = "fund - 20"'), "mode": "half_even"}, {}),
        ({"a": ("step = 0.5", "step = 0.0000001")}, {"half": 0.0000003}),
        ({"a": ("step = 0.5", "step = 1.5")}, {"half": 4.5}),
    ],
    ids=["given", "negative", "fine-step", "step"],
)
def test_rules_that_columns_do_not_hold_give_the_same(changes, common):
    """Functions of what is given, negative amounts, steps of any size."""
    compare(wide(**changes), sizes(3, 2, 1), {**COMMON, "fund": 10, **common})


def test_the_key_may_be_an_input(only_columns):
    """Then it counts as one."""
    records = [{"team": "t", "size": 3, "work": 5}, {"team": "u", "size": 2, "work": 5}]
    common = {**{n: v for n, v in COMMON.items() if n != "team"}, "fund": 10}
    made = evaluate_frame(wide(), pl.DataFrame(records), key="team", common=common)
    cohort = evaluate_cohort(wide(), records, key="team", common=common)
    assert made["total"].to_list() == [result.total for result in cohort.results.values()]
    assert [1, 1] == made["gathered.place"].to_list()


def test_expressions_are_cached_up_to_a_limit(monkeypatch):
    """Then all are compiled again."""
    rubric = rules()
    compare(rubric, {"a": row(50)}, {"pool": 9})
    compare(rubric, {"a": row(50)}, {"pool": 9})
    monkeypatch.setattr("kpirules.dataframe.gathered_groups._MAX_KINDS", 1)
    compare(rubric, {"a": row(50.0)}, {"pool": 9})


def test_quotas_that_demote_are_evaluated_by_record(kind):
    """The flag is in a column; two quotas, one after the other."""
    rubric = loads(
        HEAD
        + """
[[criterion]]
id = "work"
weight = 100
[[tier]]
id = "A"
total = "90..100"
[[tier]]
id = "B"
total = "80..<90"
[[tier]]
id = "C"
total = "< 80"
[[quota]]
id = "top"
tier = "A"
at_most = "1"
excess = "demote"
ties = "worst"
within = "shop"
[[quota]]
id = "second"
tier = "B"
at_most = "1"
excess = "demote"
ties = "worst"
within = "shop"
[outcome.gain]
of = "tier"
bands = [{ when = "A", value = 3 }, { when = "B", value = 2 }, { when = "C", value = 1 }]
"""
    )
    records = {"a": row(91), "b": row(95), "c": row(92), "d": row(85), "e": row(99, "y")}
    made = compare(rubric, records, {"pool": 9}, kind)
    assert list("CABCA") == made["tier"].to_list()
    assert [True, False, True, False, False] == made["gathered.demoted.top"].to_list()


def test_quotas_demote_the_rows_of_a_frame(kind):
    """As the records of a cohort: the flags have columns, a row may give them itself."""
    rubric = loads(
        'schema = 1\nid = "x"\ncriterion = [{ id = "work", weight = 100 }]\n'
        'tier = [{ id = "A", total = ">= 90" }, { id = "B", total = "< 90" }]\n'
        'quota = [{ id = "top", tier = "A", at_most = "1", excess = "demote", ties = "worst" }]\n'
    )
    table = {"key": ["a", "b", "c"], "work": [95, 92, 91]}
    made = evaluate_frame(rubric, KINDS[kind](pl.DataFrame(table)), key="key")
    assert ["A", "B", "B"] == list(map(str, made["tier"]))
    assert ["false", "true", "true"] == [str(each).lower() for each in made["gathered.demoted.top"]]
    given = pl.DataFrame({**table, "demoted.top": [None, False, None]})
    made = evaluate_frame(rubric, KINDS[kind](given), key="key")
    assert ["A", "A", "B"] == list(map(str, made["tier"]))


FORMS = """
schema = 1
id = "x"
inputs.team = { type = "text", default = "N" }
inputs.s = { type = "choice", options = ["x", "y"], default = "x" }
inputs.pool = { type = "number", default = 90 }
inputs.place = { type = "count", cohort = { rank = ["total", "-pool"], ties = "worst", within = %(within)s } }
[inputs.part]
type = "number"
range = ">= 0"
cohort = { share = "pool", by = "%(by)s", round = { to = 1, mode = "half_up" }, otherwise = "%(otherwise)s", within = %(within)s }
[[criterion]]
id = "work"
weight = 100
[[tier]]
id = "A"
total = ">= 4"
[[tier]]
id = "B"
total = "< 4"
[[quota]]
id = "top"
tier = "A"
at_most = "mean(total) / 3"
where = { pool = "> 50" }
excess = "refuse"
within = %(within)s
[outcome.used]
formula = "place + part"
"""


@pytest.mark.parametrize("otherwise", ["equal", "nothing", "refuse"])
@pytest.mark.parametrize("by", ["total", "total - total"])
@pytest.mark.parametrize("within", ['["team"]', '["s"]', '["team", "s"]', "[]"])
@pytest.mark.parametrize(
    "records",
    [
        {"a": {"work": 3}, "b": {"work": 4}},
        {"a": {"work": 3, "team": "N"}, "b": {"work": 4, "team": "M"}, "c": {"work": 4}},
        {"a": {"work": 3, "team": None}, "b": {"work": 4, "team": None}},
        {"a": {"work": 5, "team": "M", "pool": 40, "s": "y"}, "b": {"work": 4, "pool": 90}},
        {"a": {"work": 5, "pool": 40}, "b": {"work": 4, "pool": 40}},
    ],
)
def test_columns_that_are_not_there_have_their_defaults(within, by, otherwise, records):
    """Also what records are grouped by; of nobody there is no limit, and of no claims no share."""
    rubric = loads(FORMS % {"within": within, "by": by, "otherwise": otherwise})
    made = compare(rubric, records)
    assert list(records) == made["key"].to_list()
