"""The types of the public names: complete for type checkers, and there at run time."""

from __future__ import annotations

import json
import os
import subprocess
import sys

from tests import ROOT


def test_all_types_are_known_to_users_of_the_library(tmp_path):
    """Pyright verifies 100 % of the types that a user of the installed package can see."""
    # pyright does not read the path files by which an editable install is found
    path = os.pathsep.join([str(ROOT / "src"), *filter(None, sys.path)])
    done = subprocess.run(
        [sys.executable, "-m", "pyright", "--pythonpath", sys.executable]
        + ["--verifytypes", "kpirules", "--ignoreexternal", "--outputjson"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": path},
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )
    report = json.loads(done.stdout)["typeCompleteness"]
    assert [] == [
        (symbol["name"], [d["message"] for d in symbol["diagnostics"]])
        for symbol in report["symbols"]
        if symbol["isTypeAmbiguous"] or not symbol["isTypeKnown"]
    ]
    assert 1 == report["completenessScore"]
    assert len(report["symbols"]) > 1000
