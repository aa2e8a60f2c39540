"""LibreOffice, as a person's program that opens a workbook: it recalculates or prints it."""

from __future__ import annotations

import io
import re
import subprocess
import zipfile
from pathlib import Path

import python_calamine as calamine

from tests.programs import need


#: recalculate workbooks when they are opened, whatever cached results they contain; in one thread, since
#: several leave a cell in a hundred rows as an error where it depends on cells that are computed later
_SETTINGS = """<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry">
<item oor:path="/org.openoffice.Office.Calc/Formula/Load">
<prop oor:name="OOXMLRecalcMode" oor:op="fuse"><value>0</value></prop></item>
<item oor:path="/org.openoffice.Office.Calc/Formula/Calculation"><prop oor:name="UseThreadedCalculationForFormulaGroups" oor:op="fuse"><value>false</value></prop></item>
</oor:items>
"""
#: the number of files for each start
_AT_ONCE = 100
_RESULT = re.compile(rb"(<f>[^<]*</f>)<v>[^<]*</v>")


def without_results(workbook):
    """Remove the cached results of formulas from a workbook, so that they must be computed."""
    made = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(workbook)) as old,
        zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for name in old.namelist():
            data = old.read(name)
            if name.startswith("xl/worksheets/"):
                data = _RESULT.sub(rb"\1", data)
            new.writestr(name, data)
    return made.getvalue()


def converted(folder, kind, files):
    """Convert files (name: content) by LibreOffice; return the converted files, in their order."""
    program = need("soffice", "libreoffice")
    folder = Path(folder)
    settings = folder / "profile" / "user"
    settings.mkdir(parents=True, exist_ok=True)
    (settings / "registrymodifications.xcu").write_text(_SETTINGS, encoding="utf-8")
    paths = []
    for name, content in files.items():
        paths.append(folder / name)
        paths[-1].write_bytes(content)
    out = folder / f"made-{kind}"
    made = [out / path.with_suffix(f".{kind}").name for path in paths]
    for some in range(0, len(paths), _AT_ONCE):
        done = subprocess.run(
            [program, f"-env:UserInstallation={(folder / 'profile').as_uri()}", "--headless",
             "--convert-to", kind, "--outdir", out, *paths[some : some + _AT_ONCE]],
            capture_output=True, text=True, check=False, timeout=400,
        )  # fmt: skip
        left = [path.name for path in made[some : some + _AT_ONCE] if not path.exists()]
        assert [] == left, done.stdout[-500:] + done.stderr[-500:]
    return [path.read_bytes() for path in made]


def recalculated(folder, workbooks):
    """Recalculate workbooks; return each as its sheets, by name, as rows of values."""
    files = {f"{i}.xlsx": without_results(book) for i, book in enumerate(workbooks)}
    return [sheets(made) for made in converted(folder, "xlsx", files)]


def sheets(workbook):
    """Read the sheets of a workbook: rows of values, by name."""
    book = calamine.CalamineWorkbook.from_filelike(io.BytesIO(workbook))
    return {
        name: book.get_sheet_by_name(name).to_python(skip_empty_area=False)
        for name in book.sheet_names
    }
