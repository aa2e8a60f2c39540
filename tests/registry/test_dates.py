"""One function reads the day or month that a call or the command line names."""

from __future__ import annotations

import datetime as dt
import os
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import pytest

from kpirules import KpirulesError, RulesetError, evaluate, evaluate_frame, load, loads
from kpirules.errors import RulesetNotFoundError, TimeError
from kpirules.registry.dates import days_of


LAST = dt.date(2026, 10, 31)
TEXT = (
    'schema = 1\nid = "work"\neffective_from = {}\ncriterion = [{{ id = "work", weight = 100 }}]\n'
)


class Day(dt.date):
    """A date of a class of its own."""


@pytest.mark.parametrize(
    "on",
    [
        LAST,
        Day(2026, 10, 31),
        dt.datetime(2026, 10, 31, 12),  # noqa: DTZ001 - one without a zone is meant
        # of an aware datetime the local day, whatever it is in UTC
        dt.datetime(2026, 10, 31, 0, 30, tzinfo=ZoneInfo("Asia/Shanghai")),
        dt.datetime(2026, 10, 31, 23, 30, tzinfo=ZoneInfo("America/New_York")),
        pd.Timestamp("2026-10-31 08:00"),
        pd.Timestamp("2026-10-31 23:00", tz="America/New_York"),
        np.datetime64("2026-10-31"),
        np.datetime64("2026-10-31T23:59", "ns"),
        "2026-10-31",
        " 2026-10-31 ",
        np.str_("2026-10-31"),
    ],
    ids=repr,
)
def test_a_day_of_any_type_is_converted(on):
    """Both days are the given one, as plain dates."""
    assert (LAST, LAST) == days_of(on)
    assert {dt.date} == {type(day) for day in days_of(on)}


@pytest.mark.parametrize("on", ["2026-10", np.datetime64("2026-10"), np.str_("2026-10")], ids=repr)
def test_a_month_is_all_of_its_days(on):
    """From its first to its last; February as the calendar has it."""
    assert (dt.date(2026, 10, 1), LAST) == days_of(on)
    assert dt.date(2028, 2, 29) == days_of("2028-02")[1]


@pytest.mark.parametrize(
    "on",
    [
        pd.NaT,
        np.datetime64("NaT"),
        np.datetime64("2026"),
        "",
        "today",
        "2026",
        "2026-13",
        "2026-00",
        "2026-02-30",
        "0000-01",
        "20261031",
        "2026-W44-6",
        "2026-10-31T12:00",
        "31.10.2026",
        "2026-1-1",
        0,
        20261031,
        True,
        1.5,
        float("nan"),
        b"2026-10",
        ["2026-10"],
        dt.time(12),
        pd.Series(["2026-10-31"], dtype="datetime64[ns]"),
        np.array(["2026-10"], dtype="M8[D]"),
    ],
    ids=repr,
)
def test_a_value_that_is_not_a_day_never_means_today(on):
    """A kpirules error that states the correct form, through every interface."""
    rubric = loads(TEXT.format("2025-01-01"))
    for call in (
        lambda: load("customer-service", on=on),
        lambda: evaluate("customer-service", {}, on=on),
        lambda: evaluate(rubric, {"work": 80}, on=on),
        lambda: evaluate_frame(rubric, pd.DataFrame({"work": [80]}), on=on),
    ):
        with pytest.raises(TimeError, match=r"write a date, 2026-10-31, or a month, 2026-10$"):
            call()


def test_the_command_line_names_its_option():
    """The text as it was written, under the option that has it."""
    with pytest.raises(TimeError, match=r"^--on 2026-13: write a date"):
        days_of("2026-13", "--on")


@pytest.fixture
def folder(tmp_path):
    """Two versions: the second is effective from the middle of a month."""
    for since in ("2026-01-01", "2026-06-15"):
        file = tmp_path / "work" / f"{since}.rubric.toml"
        file.parent.mkdir(exist_ok=True)
        file.write_text(TEXT.format(since), encoding="utf-8")
    return tmp_path


def test_a_month_is_loaded_where_one_version_holds_in_all_of_it(folder):
    """Within June the rules change; before 2026 there are none."""
    found = {
        on: str(load("work", on=on, folders=[folder]).effective_from)
        for on in ("2026-05", "2026-07", "2026-06-14", "2026-06-15")
    }
    assert {
        "2026-05": "2026-01-01",
        "2026-07": "2026-06-15",
        "2026-06-14": "2026-01-01",
        "2026-06-15": "2026-06-15",
    } == found
    with pytest.raises(TimeError, match="on 2026-06: the rules change within it, on 2026-06-15"):
        load("work", on="2026-06", folders=[folder])
    with pytest.raises(RulesetNotFoundError, match="is in force on 2025-12-31"):
        load("work", on="2025-12", folders=[folder])


@pytest.mark.parametrize(
    ("expected", "dates", "on"),
    [
        ("", "effective_from = 2026-06-15\neffective_until = 2026-12-31", "2026-07"),
        ("", "effective_from = 2026-06-15\neffective_until = 2026-12-31", "2026-12-31"),
        ("2026-06-15 to 2026-12-31", "effective_from = 2026-06-15\neffective_until = 2026-12-31", "2026-06"),
        ("2026-06-15 to 2026-12-31", "effective_from = 2026-06-15\neffective_until = 2026-12-31", "2027-01-01"),
        ("from 2026-06-15", "effective_from = 2026-06-15", dt.datetime(2026, 6, 14, 23)),  # noqa: DTZ001 - as above
        ("until 2026-12-31", "effective_until = 2026-12-31", "2027-01"),
        ("", "effective_until = 2026-12-31", "2026-12"),
        ("", "", "1999-01"),
    ],
)  # fmt: skip
def test_a_rubric_is_only_used_on_its_own_dates(expected, dates, on):
    """It is effective on every day of the period, or rejected; a record and a dataframe alike."""
    rubric = loads(
        f'schema = 1\nid = "w"\n{dates}\ncriterion = [{{ id = "work", weight = 100 }}]\n'
    )
    for call in (
        lambda: evaluate(rubric, {"work": 80}, on=on).total,
        lambda: evaluate_frame(rubric, pd.DataFrame({"work": [80]}), on=on)["total"][0],
    ):
        if not expected:
            assert 80 == call()
            continue
        with pytest.raises(RulesetNotFoundError, match=f"there are: {expected}$"):
            call()


# ---------------------------------------------------------------- reloading


def _same_times(file, state):
    os.utime(file, ns=(state.st_atime_ns, state.st_mtime_ns))


def _in_place(file, text):
    with file.open("r+", encoding="utf-8") as stream:
        stream.write(text)
        stream.truncate()


def _replaced(file, text):
    other = file.with_suffix(".new")
    other.write_text(text, encoding="utf-8")
    other.replace(file)


@pytest.mark.parametrize("write", [_in_place, _replaced])
@pytest.mark.parametrize("part", ["own", "base"])
def test_a_file_of_the_same_size_and_time_is_read_again(folder, write, part):
    """Rewritten or replaced, also what another extends: the rules are those of the file."""
    base = folder / "work" / "2026-06-15.rubric.toml"
    own = folder / "shop" / "2026-06-15.rubric.toml"
    own.parent.mkdir()
    own.write_text(
        'schema = 1\nid = "shop"\neffective_from = 2026-06-15\nextends = "work"\nnote = "1"\n',
        encoding="utf-8",
    )
    base.write_text(base.read_text(encoding="utf-8") + 'source.note = "1"\n', encoding="utf-8")
    before = load("shop", on="2026-07", folders=[folder])
    assert before is load("shop", on="2026-07", folders=[folder])
    file = {"own": own, "base": base}[part]
    state, parent = file.stat(), file.parent.stat()
    write(file, file.read_text(encoding="utf-8").replace('"1"', '"2"'))
    _same_times(file, state)
    _same_times(file.parent, parent)
    after = load("shop", on="2026-07", folders=[folder])
    notes = (after.note.get(), after.source.note.get())
    assert {"own": ("2", "1"), "base": ("1", "2")}[part] == notes


@pytest.mark.parametrize("write", [_in_place, _replaced])
def test_a_last_date_of_the_same_size_and_time_is_read_again(folder, write):
    """The file's content, not its size or time, determines its last date."""
    file = folder / "work" / "2026-06-15.rubric.toml"
    text = file.read_text(encoding="utf-8")
    file.write_text("effective_until = 2026-12-31\n" + text, encoding="utf-8")
    assert load("work", on="2026-12-31", folders=[folder])
    state = file.stat()
    write(file, "effective_until = 2026-11-30\n" + text)
    _same_times(file, state)
    with pytest.raises(RulesetNotFoundError, match="2026-06-15 to 2026-11-30"):
        load("work", on="2026-12-31", folders=[folder])


def test_an_unreadable_version_does_not_affect_others(folder):
    """A folder with the name of a ruleset file has no last date."""
    (folder / "work" / "2026-09-01.rubric.toml").mkdir()
    assert "2026-06-15" == str(load("work", on="2026-07", folders=[folder]).effective_from)


def test_a_missing_or_invalid_file_is_not_cached(folder):
    """A cached content does not replace the current one."""
    file = folder / "work" / "2026-06-15.rubric.toml"
    text = file.read_text(encoding="utf-8")
    assert load("work", on="2026-07", folders=[folder])
    file.write_text(text.replace("100", "-00"), encoding="utf-8")
    with pytest.raises(RulesetError):
        load("work", on="2026-07", folders=[folder])
    file.write_text(text, encoding="utf-8")
    assert 100 == load("work", on="2026-07", folders=[folder]).criteria[0].weight
    file.unlink()
    assert "2026-01-01" == str(load("work", on="2026-07", folders=[folder]).effective_from)
    own = folder / "shop" / "2026-01-01.rubric.toml"
    own.parent.mkdir()
    text = 'schema = 1\nid = "shop"\neffective_from = 2026-01-01\nextends = "work"\n'
    own.write_text(text, encoding="utf-8")
    assert load("shop", on="2026-07", folders=[folder])
    (folder / "work" / "2026-01-01.rubric.toml").unlink()
    (folder / "work").rmdir()
    with pytest.raises(RulesetError):
        load("shop", on="2026-07", folders=[folder])
    assert isinstance(TimeError(said="x", message="y"), KpirulesError)
