"""Tables of the documents that are made from the code, between comments that name them.

``python docs/website/tables.py`` writes them anew. A test compares.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from kpirules.arithmetic.rounding import MODES
from kpirules.checks.registry import codes
from kpirules.formula import FUNCTIONS


if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


DOCS = Path(__file__).parents[1]


def findings() -> Iterator[str]:
    """Yield the table of findings."""
    yield "| code | severity | what it is |"
    yield "| --- | --- | --- |"
    for code in codes():
        yield f"| [`{code.code}`]({code.code}.md) | {code.severity} | {code.title} |"


def functions() -> Iterator[str]:
    """Yield the table of the functions of formulas."""
    yield "| function | what it gives |"
    yield "| --- | --- |"
    for function in FUNCTIONS.values():
        usage = ", ".join(f"`{each})`" for each in function.usage.removesuffix(")").split("), "))
        yield f"| {usage} | {function.description} |"


def modes() -> Iterator[str]:
    """Yield the table of the rounding modes."""
    yield "| mode | where a number between two multiples goes |"
    yield "| --- | --- |"
    for mode in MODES.values():
        nearest = "to the nearer one; " if mode.moves == "tie" else ""
        yield f"| `{mode.name}` | {nearest}{mode.description} |"


#: the tables by page and name
TABLES: dict[tuple[str, str], Callable[[], Iterator[str]]] = {
    ("findings/README.md", "findings"): findings,
    ("author-guide.md", "functions"): functions,
    ("exactness.md", "modes"): modes,
}


def filled(text: str, name: str, lines: Iterator[str]) -> str:
    """Return a page with the lines of a table between its two comments."""
    begin, end = f"<!-- {name}: made by docs/website/tables.py -->\n", f"<!-- end of {name} -->"
    pattern = re.compile(f"(?<={re.escape(begin)}).*?(?={re.escape(end)})", re.DOTALL)
    table = "".join(f"{line}\n" for line in ("", *lines, ""))
    made, count = pattern.subn(lambda _: table, text)
    if count != 1:
        raise ValueError(f"a page needs the comments of {name} once, and has them {count} times")
    return made


def main() -> None:
    """Write all tables into their pages."""
    for (page, name), lines in TABLES.items():
        path = DOCS / page
        path.write_text(filled(path.read_text("utf-8"), name, lines()), encoding="utf-8")


if __name__ == "__main__":
    main()
