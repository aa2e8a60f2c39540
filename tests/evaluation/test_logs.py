"""The log: rulesets that are loaded and records that are rejected, and nothing of any person."""

from __future__ import annotations

import logging
import subprocess
import sys

import pytest

from kpirules import (
    InputError,
    MappingSource,
    RulesetError,
    check_text,
    compile,  # noqa: A004 - the word of the field
    evaluate,
    evaluate_frame,
    load,
    loads,
)
from kpirules._internal.caching import LruCache
from kpirules.api import load as api_load


RULES = """schema = 1
id = "depot"
effective_from = 2026-01-01
note = "{}"
criterion = [{{ id = "secret_name", weight = 100 }}, {{ id = "why", scored = false }}]
"""


@pytest.fixture
def texts(monkeypatch, caplog):
    """Return the rulesets of a source; log everything."""
    monkeypatch.setattr(api_load, "_CACHES", LruCache(4))
    caplog.set_level(logging.DEBUG, logger="kpirules")
    return {"depot/2026-01-01": RULES.format("one")}


def lines(caplog):
    return [(each.levelname, each.getMessage()) for each in caplog.records]


def test_loading_and_reloading_is_logged(texts, caplog):
    """Once each; a ruleset that is still cached is not loaded."""
    source = MappingSource(texts, name="db")
    for _ in range(3):
        load("depot", sources=[source])
    expected = ("INFO", "loaded ruleset depot, effective from 2026-01-01: db: depot/2026-01-01")
    assert [expected] == lines(caplog)
    texts["depot/2026-01-01"] = RULES.format("two")
    load("depot", sources=[source])
    assert ("INFO", expected[1].replace("loaded", "reloaded")) == lines(caplog)[-1]
    assert 2 == len(caplog.records)


def test_a_ruleset_that_cannot_be_used_is_a_warning(texts, caplog):
    """With its place; the error has the findings."""
    texts["depot/2026-01-01"] += "colour = 1\n"
    with pytest.raises(RulesetError):
        load("depot", sources=[MappingSource(texts, name="db")])
    assert [("WARNING", "db: depot/2026-01-01 cannot be used: findings 1")] == lines(caplog)


def test_rejected_records_are_counted_without_what_they_contain(texts, caplog):
    """Neither names nor values: the id of the ruleset and a number."""
    program = compile("depot", sources=[MappingSource(texts)])
    caplog.clear()
    secrets = [{"secret_name": "Li Wei"}, {"Li Wei": 3}, {"secret_name": -7}, {"why": 5}, "Li Wei"]
    for record in secrets:
        with pytest.raises(InputError):
            program.evaluate(record)
    program.evaluate({"secret_name": 70, "why": "Li Wei was ill"})
    expected = [
        ("INFO", f"rejected a record of ruleset depot; rejected so far: {i + 1}")
        for i in range(len(secrets))
    ]
    assert expected == lines(caplog)
    for each in caplog.records:
        assert isinstance(each.args, tuple)
        assert "%" in each.msg


def test_rejected_rows_are_counted_together(texts, caplog):
    """Of a frame with all problems in a column, one line; records of kpirules' own are not counted."""
    import polars as pl

    rubric = load("depot", sources=[MappingSource(texts)])
    caplog.clear()
    frame = pl.DataFrame({"secret_name": [70, 170, -1], "why": ["Li Wei"] * 3})
    evaluate_frame(rubric, frame, on_error="column")
    assert [("INFO", "rejected rows of ruleset depot: 2")] == lines(caplog)
    caplog.clear()
    example = "[[example]]\nname = 'x'\nratings = { secret_name = 170 }\nexpect = { total = 5 }\n"
    assert ["example-fails"] == [f.code for f in check_text(RULES.format("x") + example)]
    assert [] == lines(caplog)


def test_nothing_is_printed_unless_logging_is_configured(tmp_path):
    """The logger has a handler that does nothing, so that Python prints no warning either."""
    code = (
        "from kpirules import MappingSource, load\n"
        "try:\n    load('x', sources=[MappingSource({'x/2026-01-01': 'colour = 1'})])\n"
        "except Exception as error:\n    print(type(error).__name__)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False, cwd=tmp_path
    )
    assert ("RulesetError\n", "") == (done.stdout, done.stderr)


# ---------------------------------------------------------------- on_result


@pytest.fixture
def rubric():
    return loads(RULES.format("x"))


def test_a_hook_gets_every_result_before_the_caller(rubric):
    """Of a program and of one evaluation; a rejected record has no result."""
    trail = []
    program = compile(rubric, on_result=trail.append)
    results = [program.evaluate({"secret_name": points}) for points in (70, 80)]
    with pytest.raises(InputError):
        program.evaluate({"secret_name": "x"})
    results.append(evaluate(rubric, {"secret_name": 90}, on_result=trail.append))
    assert results == trail
    assert all(one is other for one, other in zip(results, trail, strict=True))
    assert rubric is program.rubric
    compile(rubric).evaluate({"secret_name": 70})
    assert 3 == len(trail)


def test_an_exception_of_a_hook_is_raised(rubric):
    """A result that was not recorded is not used."""

    def full(result):
        raise OSError("the disk is full")

    for call in (
        lambda: evaluate(rubric, {"secret_name": 90}, on_result=full),
        lambda: compile(rubric, on_result=full).evaluate({"secret_name": 90}),
    ):
        with pytest.raises(OSError, match="the disk is full"):
            call()
    with pytest.raises(TypeError):
        evaluate(rubric, {"secret_name": 90}, on_result=5)
