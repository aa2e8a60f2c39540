"""Store the outputs of the library, and compare them after a change that must not alter them.

``python tests/golden.py write DIR`` stores rulesets and records in ``DIR/inputs`` and the outputs of the
library in ``DIR/outputs``: results, rejections and explanations, findings, schemas, frames, score
sheets as HTML and as workbooks cell by cell, reports, pages. The rulesets are the shipped ones, those
of ``tests/cases``, those in the pages of findings, and random ones, sound and unsound.

``python tests/golden.py compare DIR`` reads the inputs back, computes the outputs again, and prints each
difference. The exit code is 1 if there is one. ``--ignore KEY`` leaves out a key of the JSON of results,
``--quick`` takes one random ruleset in ten.

The script uses only public names and the command line, so it also runs after an internal change of the
library.
"""

from __future__ import annotations

import argparse
import contextlib
import difflib
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
import zipfile
from decimal import Decimal
from fractions import Fraction
from functools import partial
from hashlib import sha256
from io import BytesIO
from itertools import chain
from pathlib import Path

import attrs

from kpirules import (
    InputError,
    check,
    dumps,
    evaluate,
    evaluate_frame,
    load_file,
    payslip,
    ratings_schema,
    sheet,
)


ROOT = Path(__file__).parents[1]
#: printed lines of one difference
SHOWN = 12
#: the width of the output of the command line
WIDTH = "100"


# ---------------------------------------------------------------- values of records, in JSON


def encoded(value):
    """Convert a value of a record to JSON, with its type."""
    if isinstance(value, list | tuple):
        return {type(value).__name__: [encoded(item) for item in value]}
    if isinstance(value, Decimal | Fraction | float):
        return {type(value).__name__: repr(value) if isinstance(value, float) else str(value)}
    return value


def decoded(value):
    """Return the value that :func:`encoded` stored."""
    if not isinstance(value, dict):
        return value
    ((kind, stored),) = value.items()
    if kind in {"list", "tuple"}:
        return {"list": list, "tuple": tuple}[kind](decoded(item) for item in stored)
    return {"Decimal": Decimal, "Fraction": Fraction, "float": float}[kind](stored)


# ---------------------------------------------------------------- inputs


def drawn(strategy, count, seed):
    """Return values drawn by a Hypothesis strategy, the same ones for the same seed."""
    from hypothesis import HealthCheck, Phase, given, settings
    from hypothesis import seed as seeded

    found = []
    limits = settings(
        max_examples=count,
        database=None,
        deadline=None,
        derandomize=False,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    run = given(strategy)(lambda value: found.append(value))  # noqa: PLW0108 - Hypothesis needs its name
    # a strategy that finds too few values returns those
    with contextlib.suppress(Exception):
        seeded(seed)(limits(run))()
    return found[:count]


def records_of(rubric, count, seed):
    """Return records that a rubric scores, and half as many rejected ones."""
    from kpirules.testing import bad_records, records

    return [*drawn(records(rubric), count, seed), *drawn(bad_records(rubric), count // 2, seed)]


def published():
    """Yield the path in ``inputs`` and the text of each ruleset of the project."""
    for path in sorted((ROOT / "rulesets").glob("*/*.rubric.toml")):
        yield f"shipped/{path.parent.name}/{path.name}", path.read_text(encoding="utf-8")
    for path in sorted((ROOT / "tests" / "cases").glob("*.rubric.toml")):
        yield f"cases/{path.name}", path.read_text(encoding="utf-8")
    for page in sorted((ROOT / "docs" / "findings").glob("*.md")):
        sections = page.read_text(encoding="utf-8").split("\n## ")
        for number, section in enumerate(sections):
            for text in re.findall(
                r"^```toml[^\n]*\n(.*?)^```$", section, re.MULTILINE | re.DOTALL
            ):
                named = re.match(r"# ([\w./-]+\.rubric\.toml)\n", text)
                name = named[1] if named else "file.rubric.toml"
                yield f"findings/{page.stem}/{number}/{name}", text


def write_inputs(inputs, count, each):
    """Write the rulesets and their records."""
    from hypothesis import strategies as st

    from kpirules.testing import records, rubrics, unsound_rubrics

    stored = {}
    for name, text in published():
        path = inputs / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        if not name.startswith("findings/"):
            stored[name] = records_of(load_file(path), each, seed=1)
    pairs = rubrics().flatmap(lambda r: st.tuples(st.just(r), records(r), records(r)))
    for number, (rubric, *some) in enumerate(drawn(pairs, count, seed=2)):
        name = f"random/{number:04}/random.rubric.toml"
        (inputs / name).parent.mkdir(parents=True)
        (inputs / name).write_text(dumps(rubric), encoding="utf-8")
        stored[name] = some + (records_of(rubric, 2, seed=3)[2:] if number % 10 == 0 else [])
    for number, rubric in enumerate(drawn(unsound_rubrics(), max(1, count // 4), seed=4)):
        name = f"unsound/{number:04}/random.rubric.toml"
        (inputs / name).parent.mkdir(parents=True)
        (inputs / name).write_text(dumps(rubric), encoding="utf-8")
    lines = [
        json.dumps(
            [name, {key: encoded(value) for key, value in record.items()}], ensure_ascii=False
        )
        for name, some in stored.items()
        for record in some
    ]
    (inputs / "records.jsonl").write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    shutil.copy(ROOT / "docs" / "examples" / "2026-10.csv", inputs / "month.csv")


@attrs.frozen
class Inputs:
    """Stored rulesets, each with its records."""

    folder: Path
    names: tuple[str, ...]
    records: dict[str, list[dict]]

    @classmethod
    def read(cls, folder, *, quick=False):
        """Read the stored inputs, or with ``quick`` a part of them."""
        names = sorted(p.relative_to(folder).as_posix() for p in folder.rglob("*.rubric.toml"))
        if quick:
            names = [n for n in names if not re.match(r"(random|unsound)/\d{3}[1-9]/", n)]
        records = {name: [] for name in names}
        for line in (folder / "records.jsonl").read_text(encoding="utf-8").splitlines():
            name, record = json.loads(line)
            if name in records:
                records[name].append({key: decoded(value) for key, value in record.items()})
        return cls(folder, tuple(names), records)

    def of(self, *kinds, every=1):
        """Yield the rulesets of some kinds; of the random ones one in ``every``."""
        for name in self.names:
            kind, _, rest = name.partition("/")
            if kind in kinds and (kind != "random" or int(rest[:4]) % every == 0):
                yield name


# ---------------------------------------------------------------- outputs: (key, text) in pairs


def tried(make):
    """Return the value or the error of a function, as text."""
    try:
        return make()
    except Exception as error:  # noqa: BLE001 - any error is an output to compare
        return f"{type(error).__name__}: {error}"


def results(inputs):
    """Evaluate each record: the JSON, the explanation in two languages, and the payslip."""
    for name in inputs.of("shipped", "cases", "random"):
        rubric = load_file(inputs.folder / name)
        yield f"{name} text", dumps(rubric)
        yield f"{name} schema", tried(lambda r=rubric: json.dumps(ratings_schema(r), indent=1))
        yield f"{name} form", tried(lambda r=rubric: json.dumps(ratings_schema(r, profile="form")))
        for number, record in enumerate(inputs.records[name]):
            key = f"{name} record {number}"
            try:
                result = evaluate(rubric, record)
            except InputError as error:
                yield key, f"{error!r}\n{error}"
                continue
            yield key, result.to_json()
            yield f"{key} en", result.explain("en")
            yield f"{key} zh", result.explain("zh")
            yield f"{key} payslip", tried(lambda r=result: repr(payslip(r, round_to="currency")))


def findings(inputs):
    """Check each file by the command line: as text and as JSON."""
    for name in inputs.of("random"):
        found = tried(lambda n=name: check(load_file(inputs.folder / n)))
        yield (
            f"{name} check",
            "\n".join(map(str, found)) if isinstance(found, tuple | list) else found,
        )
    files = list(inputs.of("shipped", "cases", "findings", "unsound"))
    for some in (files[i : i + 50] for i in range(0, len(files), 50)):
        for form in ("json", "text"):
            printed = command(inputs, "check", "--format", form, *some)
            if form == "text":
                yield f"{some[0]} and {len(some) - 1} more, text", printed
                continue
            by_file = {name: [] for name in some}
            for finding in json.loads(printed.partition("\n[exit")[0]):
                by_file.setdefault(finding["file"], []).append(finding)
            for name, own in by_file.items():
                yield f"{name} json", json.dumps(own, ensure_ascii=False, indent=1)


def commands(inputs):
    """Run commands of the command line."""
    for name in inputs.of("shipped", "cases"):
        for lang in ("en", "zh") if name.startswith("shipped/") else ("zh",):
            yield f"{name} show {lang}", command(inputs, "show", name, "--lang", lang)
    for name in inputs.of("shipped"):
        yield f"{name} fmt", command(inputs, "fmt", "--check", name)
    month = ["customer-service", "month.csv"]
    for form in ("csv", "json", "jsonl"):
        yield f"evaluate {form}", command(inputs, "evaluate", *month, "--format", form)
    yield "list", command(inputs, "list")
    yield "schema", command(inputs, "schema")
    with tempfile.TemporaryDirectory() as folder:
        for lang in ("en", "zh"):
            out = Path(folder) / f"report-{lang}.html"
            printed = command(inputs, "report", *month, "--lang", lang, "-o", out)
            yield f"report {lang} printed", printed.replace(folder, "")
            yield f"report {lang}", out.read_text(encoding="utf-8")


def pages(inputs):
    """Write the pages about the shipped rulesets."""
    with tempfile.TemporaryDirectory() as folder:
        for lang in ("en", "zh"):
            out = Path(folder) / lang
            command(inputs, "docs", "--lang", lang, "-o", out)
            for path in sorted(p for p in out.rglob("*") if p.is_file()):
                name = path.relative_to(folder).as_posix()
                yield name, path.read_bytes().decode("utf-8", errors="backslashreplace")


def frames(inputs):
    """Evaluate the records of a ruleset as one frame, in polars and in pandas."""
    import pandas as pd
    import polars as pl

    def polars(rubric, columns):
        made = evaluate_frame(rubric, pl.DataFrame(columns), on_error="column")
        return f"{made.schema}\n" + "\n".join(map(repr, made.rows()))

    def pandas(rubric, columns):
        made = evaluate_frame(rubric, pd.DataFrame(columns, dtype=object), on_error="column")
        rows = made.astype(object).itertuples(index=False, name=None)
        return f"{made.dtypes.to_dict()}\n" + "\n".join(map(repr, rows))

    for name in inputs.of("shipped", "cases", "random", every=5):
        rubric = load_file(inputs.folder / name)
        some = inputs.records[name]
        keys = [k for k in dict.fromkeys(chain.from_iterable(some)) if k != "no_such_name"]
        columns = {key: [record.get(key) for record in some] for key in keys}
        texts = {
            key: [None if value is None else str(value) for value in values]
            for key, values in columns.items()
        }
        yield f"{name} polars", tried(lambda r=rubric, c=texts: polars(r, c))
        yield f"{name} pandas", tried(lambda r=rubric, c=columns: pandas(r, c))


def sheets(inputs):
    """Draw score sheets, blank and filled, as HTML."""
    for name, rubric, some, lang in forms(inputs, every=20):
        yield f"{name} html {lang}", sheet(rubric, lang=lang).decode()
        filled = partial(sheet, rubric, lang=lang, records=some)
        # quotas are judged over all records, which is an error here
        yield f"{name} filled {lang}", tried(lambda make=filled: make().decode())


def workbooks(inputs):
    """Write workbooks to fill in, and list their cells."""
    for name, rubric, some, lang in forms(inputs, every=50):
        made = tried(lambda r=rubric, s=some, la=lang: sheet(r, "xlsx", lang=la, records=s))
        if isinstance(made, str):
            yield f"{name} xlsx {lang}", made
            continue
        yield f"{name} xlsx {lang}", "\n".join(cells(made))
        # layout, formats, validation: everything except the cells
        parts = {
            n: zipfile.ZipFile(BytesIO(made)).read(n)
            for n in zipfile.ZipFile(BytesIO(made)).namelist()
        }
        digests = "\n".join(f"{n} {sha256(part).hexdigest()}" for n, part in sorted(parts.items()))
        yield f"{name} xlsx {lang} parts", digests


def cells(workbook):
    """Yield each cell of a workbook: location, value or formula, format, stored value."""
    import openpyxl

    computed = openpyxl.load_workbook(BytesIO(workbook), data_only=True)
    for page in openpyxl.load_workbook(BytesIO(workbook)):
        for cell in chain.from_iterable(page.iter_rows()):
            if cell.value is not None:
                stored = computed[page.title][cell.coordinate].value
                more = f" = {stored!r}" if stored != cell.value else ""
                yield f"{page.title}!{cell.coordinate}: {cell.value!r} [{cell.number_format}]{more}"


def forms(inputs, *, every):
    """Yield the name, the rubric, four records and the language of each sheet to write."""
    for name in inputs.of("shipped", "cases", "random", every=every):
        rubric = load_file(inputs.folder / name)
        some = inputs.records[name][:4]
        for lang in ("en", "zh") if name.startswith("shipped/") else ("zh",):
            if some:
                yield name, rubric, some, lang


def command(inputs, *arguments):
    """Run the command line in the folder of the inputs; return its output and its exit code."""
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("KPIRULES", "COV"))}
    done = subprocess.run(
        [sys.executable, "-m", "kpirules", *map(str, arguments)],
        cwd=inputs.folder,
        env=environment | {"COLUMNS": WIDTH, "NO_COLOR": "1", "PYTHONUTF8": "1"},
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )
    printed = f"{done.stdout}\n[exit {done.returncode}]\n{done.stderr}"
    # shipped rulesets may be read from any checkout
    return printed.replace(f"{ROOT}{os.sep}", "")


KINDS = {
    made.__name__: made for made in (results, findings, commands, pages, frames, sheets, workbooks)
}


# ---------------------------------------------------------------- writing and comparing


def write(folder, *, count=2000, each=30, kinds=KINDS):
    """Write inputs and outputs into a folder, which must not exist yet.

    ``count``: the number of random rulesets; ``each``: the number of records of each other one.
    """
    folder.mkdir(parents=True)
    (folder / "inputs").mkdir()
    write_inputs(folder / "inputs", count, each)
    (folder / "outputs").mkdir()
    inputs = Inputs.read(folder / "inputs")
    for kind in kinds:
        made = (json.dumps(pair, ensure_ascii=False) + "\n" for pair in KINDS[kind](inputs))
        with (folder / "outputs" / f"{kind}.jsonl").open("w", encoding="utf-8") as file:
            file.writelines(made)


def compare(folder, *, quick=False, ignored=(), kinds=KINDS):
    """Yield (kind, key, different lines) for each output that has changed."""
    inputs = Inputs.read(folder / "inputs", quick=quick)
    for kind in kinds:
        with (folder / "outputs" / f"{kind}.jsonl").open(encoding="utf-8") as file:
            stored = dict(map(json.loads, file))
        seen = set()
        for key, text in KINDS[kind](inputs):
            seen.add(key)
            before = without(stored[key], ignored) if key in stored else None
            after = without(text, ignored)
            if quick and before is None and " and " in key:
                continue  # another call has other files
            if before != after:
                yield kind, key, differing(before, after)
        lost = [] if quick else [key for key in stored if key not in seen]
        yield from ((kind, key, ["- it is not there any more"]) for key in lost)


def without(text, ignored):
    """Return JSON without some keys; other text unchanged."""
    if not ignored or not text.startswith("{"):
        return text

    def kept(value):
        if isinstance(value, dict):
            return {key: kept(item) for key, item in value.items() if key not in ignored}
        return [kept(item) for item in value] if isinstance(value, list) else value

    return json.dumps(kept(json.loads(text)), ensure_ascii=False)


def differing(before, after):
    """Return the lines in which two texts differ; JSON gets a line for each value."""
    if before is None:
        return ["+ it was not there"]
    old, new = map(spread, (before, after))
    lines = list(difflib.unified_diff(old, new, n=0, lineterm=""))[2:]
    return lines or ["only the layout of the JSON differs"]


def spread(text):
    """Return the lines of a text; JSON is indented first."""
    with contextlib.suppress(ValueError):
        text = json.dumps(json.loads(text), ensure_ascii=False, indent=1)
    return text.splitlines()


def main():
    """Run ``write`` or ``compare``; return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n\n")[0])
    parser.add_argument("action", choices=["write", "compare"])
    parser.add_argument("folder", type=Path, metavar="DIR")
    parser.add_argument("--count", type=int, default=2000, help="how many random rulesets to write")
    parser.add_argument("--quick", action="store_true", help="compare one random ruleset in ten")
    parser.add_argument("--ignore", action="append", default=[], metavar="KEY", help="in results")
    parser.add_argument("--only", action="append", default=[], choices=[*KINDS])
    asked = parser.parse_args()
    kinds = asked.only or [*KINDS]
    begun, differences = time.monotonic(), 0
    for kind in kinds:
        if asked.action == "compare":
            for _, key, lines in compare(
                asked.folder, quick=asked.quick, ignored=asked.ignore, kinds=[kind]
            ):
                differences += 1
                more = [f"... {len(lines) - SHOWN} more lines"] if len(lines) > SHOWN else []
                print(f"{kind}: {key}", *lines[:SHOWN], *more, sep="\n    ")
    if asked.action == "write":
        write(asked.folder, count=asked.count, kinds=kinds)
    print(f"{differences} differences, {time.monotonic() - begun:.0f} s")
    return int(differences > 0)


if __name__ == "__main__":
    sys.exit(main())
