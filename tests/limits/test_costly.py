"""Whatever a ruleset file of bounded size holds, all that reads it ends within bounds.

The files run one after the other in a process of limited memory. The clock is only a fuse, set far
above what each takes: what ends them is counted (see :mod:`kpirules.arithmetic.budget`), never timed.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

from tests import ROOT
from tests.costly import FILES


#: the stated bound is 5 s on a machine with nothing else to do; slow and busy ones get more
SECONDS = 5
SLOW = 8
#: of the address space; what Python and the libraries need alone is a small part of it
MEMORY = 512 << 20

PROGRAM = f"""
import json, resource, signal, sys, time
resource.setrlimit(resource.RLIMIT_AS, ({MEMORY}, {MEMORY}))
sys.path.insert(0, {str(ROOT)!r})
from tests.costly import FILES, record
from kpirules import KpirulesError, RulesetError, evaluate, loads

for name, make in FILES.items():
    text = make()
    begun = time.process_time()
    signal.alarm({SECONDS * SLOW * 2})
    codes = []
    try:
        rubric = loads(text)
        evaluate(rubric, record(rubric))
    except RulesetError as error:
        codes = sorted({{f.code for f in error.findings}})
    except KpirulesError:
        pass
    signal.alarm(0)
    seconds = time.process_time() - begun
    print(json.dumps([name, len(text), seconds, codes]), flush=True)
"""


@pytest.fixture(scope="module")
def outcomes() -> dict[str, tuple[int, float, list[str]]]:
    """Check, load and evaluate all files in a process of limited memory."""
    # which lines run is not measured there: that takes time and memory of its own
    environment = {k: v for k, v in os.environ.items() if not k.startswith("COV")}
    command = [sys.executable, "-c", PROGRAM]
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    assert done.returncode == 0, f"after {len(lines)} files: {done.stderr[-2000:]}"
    return {name: (size, seconds, codes) for name, size, seconds, codes in lines}


@pytest.mark.thorough("files that take long to check")
@pytest.mark.parametrize("name", FILES)
def test_a_costly_file_ends_within_the_bounds(outcomes, name):
    """Each file is at most 256 KiB, and is checked, loaded and evaluated in 5 s and 512 MiB."""
    size, seconds, codes = outcomes[name]
    assert size <= 256 << 10
    assert seconds < SECONDS * SLOW
    assert "check-failed" not in codes


#: what sound files are made into; workbooks need more memory, of the library that computes values
MADE = f"""
import io, json, signal, sys, time
from contextlib import redirect_stdout
from pathlib import Path
sys.path.insert(0, {str(ROOT)!r})
from tests.costly import FILES
from kpirules import RulesetError, dumps, loads, ratings_schema
from kpirules.cli.render import show_rubric
from kpirules.sheets.api import written

def form(kind):
    return lambda rubric: written(rubric, None, kind, lang="en", period="", advance=lambda: None)

def shown(rubric):
    with redirect_stdout(io.StringIO()):
        show_rubric(rubric, "en")

def fields(rubric):
    return ratings_schema(rubric, profile="form")

MAKE = {{"schema": ratings_schema, "fields": fields, "show": shown, "resolved": dumps, "html": form("html"), "xlsx": form("xlsx")}}
for name in FILES:
    try:
        rubric = loads(FILES[name]())
    except RulesetError:
        continue
    for made, make in MAKE.items():
        begun = time.process_time()
        signal.alarm({SECONDS * SLOW * 2})
        make(rubric)
        signal.alarm(0)
        seconds = time.process_time() - begun
        # not ru_maxrss: a new process takes over that of the process which started it
        status = Path("/proc/self/status").read_text()
        megabytes = int(status.split("VmHWM:")[1].split()[0]) >> 10
        print(json.dumps([name, made, seconds, megabytes]), flush=True)
"""


@pytest.mark.thorough("schemas, pages and workbooks of files of many parts")
def test_whatever_is_made_of_a_costly_file_ends_within_the_bounds():
    """Each schema, page and workbook takes at most 5 s, and all of them 512 MiB."""
    command = [sys.executable, "-c", MADE]
    environment = {k: v for k, v in os.environ.items() if not k.startswith("COV")}
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    assert done.returncode == 0, f"after {lines[-1:]}: {done.stderr[-2000:]}"
    assert {"schema", "fields", "show", "resolved", "html", "xlsx"} == {line[1] for line in lines}
    assert [] == [line for line in lines if line[2] >= SECONDS * SLOW or line[3] > MEMORY >> 20]
