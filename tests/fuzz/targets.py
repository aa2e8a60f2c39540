"""What is fuzzed: each target takes bytes, and may raise nothing but an error of kpirules."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from kpirules import KpirulesError, Result, check, dumps, evaluate, loads, ratings_schema
from kpirules.api.load import check_file, check_text
from kpirules.arithmetic.range import Range, RangeSyntaxError
from kpirules.formula import FormulaSyntaxError, UndefinedError, parse
from kpirules.toml.formatter import layout as laid_out
from tests.costly import record as record_of


HERE = Path(__file__).parent
#: by name
TARGETS: dict[str, Callable[[bytes], None]] = {}

#: a ruleset with a bit of everything, for records and stored results
RUBRIC = loads((HERE / "corpus" / "ruleset.toml").read_text(encoding="utf-8"))


def _target(function: Callable[[bytes], None]) -> Callable[[bytes], None]:
    TARGETS[function.__name__] = function
    return function


def _text(data: bytes) -> str:
    return data.decode("utf-8", "replace")


@_target
def ruleset(data: bytes) -> None:
    """Check a text; where it is sound, write it, evaluate it, and explain the result."""
    findings = check_text(data)
    assert "check-failed" not in {f.code for f in findings}, findings
    with suppress(KpirulesError):
        rubric = loads(_text(data))
        check(rubric)
        assert dumps(loads(dumps(rubric))) == dumps(rubric)
        ratings_schema(rubric)
        ratings_schema(rubric, profile="form")
        result = evaluate(rubric, record_of(rubric))
        result.explain()
        assert Result.from_json(result.to_json()) == result


@_target
def formula(data: bytes) -> None:
    """Read a formula; evaluate it at some numbers, and over bounds that hold them."""
    try:
        made = parse(_text(data), frozenset({"l"}))
        value = made.value({n: (3, 2) if n == "l" else 7 for n in made.names})
    except (FormulaSyntaxError, UndefinedError):
        return
    low, high = made.bounds(dict.fromkeys(made.names, (1, 7)))
    assert (low is None or low <= value) and (high is None or value <= high)  # noqa: PT018 - a law


@_target
def range_(data: bytes) -> None:
    """Read a range; it reads back what it writes."""
    try:
        made = Range.parse(_text(data))
    except RangeSyntaxError:
        return
    # a single number is written as a number, not as a text
    assert made.only is not None or Range.parse(str(made)) == made


@_target
def record(data: bytes) -> None:
    """Evaluate a record: a name and a value a line, a text where it is not JSON."""
    lines = [line.partition("=") for line in _text(data).splitlines()]
    with suppress(KpirulesError):
        evaluate(RUBRIC, {name.strip(): _value(value.strip()) for name, _, value in lines})


def _value(text: str) -> object:
    """Return what a text spells in JSON, else the text."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return text


@_target
def stored(data: bytes) -> None:
    """Read a stored result, and explain it."""
    # a text that is no JSON is a ValueError of the standard library
    with suppress(KpirulesError, ValueError):
        Result.from_json(_text(data)).explain()


@_target
def layout(data: bytes) -> None:
    """Lay a text out; what was laid out stays as it is."""
    try:
        once = laid_out(_text(data))
    except KpirulesError:
        return
    assert laid_out(once) == once


@_target
def extends(data: bytes) -> None:
    """Check a file in a folder in which files extend one another."""
    with tempfile.TemporaryDirectory() as folder:
        for name in ("a", "b"):
            path = Path(folder) / name
            path.mkdir()
            text = f'schema = 1\nid = "{name}"\nextends = "{"b" if name == "a" else "a"}"\n'
            content = data if name == "a" else text.encode()
            (path / "2026-01-01.rubric.toml").write_bytes(content)
        for name in ("a", "b"):
            check_file(Path(folder) / name / "2026-01-01.rubric.toml", folders=[folder])


def _command(name: str, data: bytes) -> None:
    """Evaluate a file of records by the command line; an exit code is all that comes out."""
    from typer.testing import CliRunner

    from kpirules.cli.app import app

    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "x.rubric.toml").write_bytes(
            (HERE / "corpus" / "ruleset.toml").read_bytes()
        )
        (Path(folder) / name).write_bytes(data)
        paths = [f"{folder}/x.rubric.toml", f"{folder}/{name}", "-o", f"{folder}/out.csv"]
        done = CliRunner().invoke(app, ["evaluate", *paths])
    if done.exception is not None and not isinstance(done.exception, SystemExit):
        raise done.exception


@_target
def csv(data: bytes) -> None:
    """Evaluate a CSV file."""
    _command("records.csv", data)


@_target
def jsonl(data: bytes) -> None:
    """Evaluate a file of JSON lines."""
    _command("records.jsonl", data)


@_target
def xlsx(data: bytes) -> None:
    """Evaluate a workbook."""
    _command("records.xlsx", data)
