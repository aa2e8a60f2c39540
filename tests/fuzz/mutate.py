"""Other bytes out of some: characters, tokens and lines that are dropped, doubled, swapped or new."""

from __future__ import annotations

import io
import re
import zipfile
from pathlib import Path
from random import Random

from tests import ROOT, TESTS


HERE = Path(__file__).parent
#: real rulesets, with all parts of the language
RULESETS = sorted(
    path for folder in (ROOT / "rulesets", TESTS / "cases") for path in folder.rglob("*.toml")
)
#: what breaks readers
WORDS = (
    *("0", "-1", "1e999", "0.1", "999999999999999999", "9" * 30, "nan", "inf", "1/0", "-0", "''"),
    *(
        "[]",
        "{}",
        "null",
        "true",
        "''",
        '"',
        "\\u0000",
        "\x00",
        "\ufeff",
        "\u202e",
        "模糊",
        "\r",
        "é",
    ),
    *("..", "<", ">=", "any", "missing", "otherwise", "half_up", "zero", "exclude", "sum", "total"),
    *(
        "bands",
        "formula",
        "weight",
        "points",
        "step",
        "range",
        "clamp",
        "round",
        "full_marks",
        "scale",
    ),
)
#: so many of the changes to a workbook are inside one of its files
_INSIDE = 0.8
_TOKEN = re.compile(r"[A-Za-z_]+|-?[0-9.]+|\s+|.", re.DOTALL)


def seeds(target: str) -> list[bytes]:
    """Return the corpus of a target."""

    def read(name: str) -> bytes:
        return (HERE / "corpus" / name).read_bytes()

    if target == "stored":
        from kpirules import evaluate
        from tests.fuzz.targets import RUBRIC

        made = {"late": 3, "sales": 12.5, "kind": "b", "ok": True, "view": 7, "early": 5}
        return [evaluate(RUBRIC, made).to_json().encode()]
    if target == "xlsx":
        return [_workbook()]
    if target in ("formula", "range_"):
        return read("formulas.txt" if target == "formula" else "ranges.txt").splitlines()
    if target == "jsonl":
        return [read("record.jsonl"), read("far.jsonl")]
    if target in ("ruleset", "layout"):
        return [read("ruleset.toml"), read("extends.toml"), *map(Path.read_bytes, RULESETS)]
    names = {"record": ["record.txt"], "csv": ["records.csv"], "extends": ["extends.toml"]}
    return [read(name) for name in names.get(target, ["ruleset.toml", "extends.toml"])]


def _workbook() -> bytes:
    """Make a workbook of two records."""
    import openpyxl

    book = openpyxl.Workbook()
    for line in (HERE / "corpus" / "records.csv").read_text(encoding="utf-8").splitlines():
        book.active.append(line.split(","))
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def mutated(data: bytes, random: Random) -> bytes:
    """Return bytes a few changes away from some."""
    if data.startswith(b"PK") and random.random() < _INSIDE:
        return _packed(data, random)
    try:
        tokens = _TOKEN.findall(data.decode("utf-8"))
    except UnicodeDecodeError:
        return _bytes(bytearray(data), random)
    for _ in range(random.choice((1, 1, 1, 2, 3, 8))):
        at = random.randrange(len(tokens) + 1)
        to = min(len(tokens), at + random.choice((0, 1, 1, 1, 5, 40)))
        other = random.randrange(len(tokens) + 1)
        tokens[at:to] = random.choice(
            (
                [random.choice(WORDS)],
                tokens[at:to] * 2,
                [],
                tokens[other : other + to - at],
                [
                    chr(
                        random.choice(
                            (0x22, 0x5B, 0x7B, 0x27, 0x3D, 0x0A, random.randrange(0x3000))
                        )
                    )
                ],
            )
        )
    return "".join(tokens).encode("utf-8", "replace")


def _packed(data: bytes, random: Random) -> bytes:
    """Change a file inside a workbook, so that more than the reader of archives sees it."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w") as new:
        chosen = random.choice(old.namelist())
        for name in old.namelist():
            text = old.read(name)
            new.writestr(name, mutated(text, random) if name == chosen else text)
    return out.getvalue()


def _bytes(data: bytearray, random: Random) -> bytes:
    """Change some bytes."""
    for _ in range(random.choice((1, 2, 8, 40))):
        data[random.randrange(len(data))] = random.randrange(256)
    return bytes(data)
