"""The sheet ``work`` of a workbook: its formulas for each employee, and their values."""

from __future__ import annotations

import re
from fractions import Fraction
from functools import cached_property
from typing import TYPE_CHECKING, Any

import attrs

from kpirules.arithmetic.number import exact
from kpirules.codegen.compiled_plan import CannotSayError
from kpirules.codegen.fixed_point import BeyondError
from kpirules.codegen.generator import compiled
from kpirules.codegen.truth import Truth, some
from kpirules.errors import fetch
from kpirules.sheets.excel.cell_formulas import REACH, Cell, Formulas, fits, quoted
from kpirules.sheets.excel.layout import MAX_SHEET_ROWS
from kpirules.sheets.excel.progress_cells import ProgressCells
from kpirules.translations.message import Message


if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from kpirules.codegen.compiled_plan import Compiled
    from kpirules.compiler.plan import Plan
    from kpirules.sheets.excel.layout import Entry


#: the name of the sheet
WORK = "work"
#: placeholder for the row of an employee
ROW = "\x00"
#: a cell of the row
_PLACE = re.compile(f"[A-Z]+{ROW}")
#: null, which arithmetic propagates
NONE = "#N/A"
#: the column for whether a cell holds an invalid value
ODD = "=odd"
#: whether the arithmetic of a row is exact
_EXACT = "=exact"
#: the words for the state of a form
STATES = ("complete", "unratable", "faulty", "unfinished")


@attrs.frozen(kw_only=True)
class Column:
    """A column of the sheet ``work``."""

    name: str
    #: the formula, with :data:`ROW` for its row
    formula: str


class Work:
    """The columns of the sheet ``work``: inputs, intermediate values, results."""

    def __init__(
        self,
        plan: Plan,
        entries: Sequence[Entry],
        words: Mapping[str, str],
    ) -> None:
        """Write the formulas over some entries."""
        self.plan = plan
        self.entries: tuple[Entry, ...] = tuple(entries)
        self.words = words
        #: the columns of the sheet, by name: first inputs, then other values of forms
        self.names: dict[str, int] = {}
        for name in (*(entry.name for entry in self.entries), ODD):
            self._place(name)
        self.columns: list[Column] = []
        self._progress: ProgressCells = ProgressCells(plan)
        #: the names of what a form shows before it is complete
        self._drafts: tuple[str, ...] = ()
        #: the reason why nothing is computed
        self.cannot: CannotSayError | BeyondError | None = None
        #: the results that are not computed, each with the part that no formula computes
        self.left_out: dict[str, str] = {}
        #: the names of the plan that no formula computes, before their lengths are known
        self._without: Mapping[str, CannotSayError] = {}
        self.kinds: dict[str, str] = {e.name: _KINDS[e.kind] for e in self.entries}
        cells = {e.name: _cell_of(e, self._place(e.name)) for e in self.entries}
        before = dict(self.names)
        try:
            made, formulas = self._written(cells, {})
            if made.not_computed:
                # anew, without what was written of a part before it could not be expressed
                self.names = before
                made, formulas = self._written(cells, made.not_computed)
            self.columns = self._columns(made, formulas.stored_formulas)
            self._without = made.not_computed
        except (CannotSayError, BeyondError) as error:
            self.cannot, self.left_out = error, {}
            self.names = {entry.name: i for i, entry in enumerate(self.entries)}

    def _written(
        self, cells: Mapping[str, Cell], left_out: Mapping[str, CannotSayError]
    ) -> tuple[Compiled, Formulas]:
        """Write the formulas of all names but some."""
        formulas = Formulas(cells, self._place)
        made = compiled(
            self.plan,
            self.kinds,
            library=formulas,
            reach=REACH,
            piecewise=True,
            left_out=left_out,
        )
        return made, formulas

    def _place(self, name: str) -> str:
        """Return the cell of a name in the row of an employee."""
        return f"{letters(self.names.setdefault(name, len(self.names)))}{ROW}"

    def _columns(self, made: Compiled, stored: Mapping[str, str]) -> list[Column]:
        """Write the formulas of all columns after those of inputs."""
        found = dict(stored)
        found |= {name: _value(expr) for level in made.levels for name, expr in level.items()}
        input_count = len(self.entries)
        row = f"A{ROW}:{letters(input_count - 1)}{ROW}"
        errors = [f"SUMPRODUCT(ISERR({row})*1)>0"] if input_count else []
        # numbers that a cell cannot hold exactly
        errors += [f"NOT({_value(guard)})" for guard in made.guards]
        found[ODD] = f"OR({','.join(errors)})" if len(errors) > 1 else (*errors, "FALSE")[0]
        odd = self._place(ODD)
        ratable = "TRUE"
        for column, expr in made.columns:
            scale = f"/{column.shape.den}" if column.shape.den != 1 else ""
            found[f"={column.name}"] = f'IF({odd},"",IFERROR({_value(expr)}{scale},""))'
            if column.name == "unratable":
                ratable = f"NOT(IFERROR({_value(expr)},FALSE))"
        wrong = _wrong(made)
        faulty = wrong.expr if isinstance(wrong.expr, bool) else wrong.expr.fill_null(value=False)
        whole, unratable, check, part = (quoted(self.words[word]) for word in STATES)
        scored = f"IF({_value(made.valid)},IF({ratable},{whole},{unratable}),{part})"
        found["=state"] = f"IF({odd},{check},IF({_value(faulty)},{check},{scored}))"
        for name in found:
            self._place(name)
        self.left_out = {f"={n}": error.part for n, error in made.left_out.items()}
        if not any(f"={c.points_name}" in self.left_out for c in self.plan.criteria):
            self._drafts = tuple(self._progress.formulas(str))
        for name in self._drafts:
            formula = self._progress.formulas(self._place)[name]
            guarded = f'IF({self._place("=state")}={part},{formula},"")'
            if _fits(guarded):
                self._place(name)
                found[name] = guarded
        for name in self._unfit(found):
            del found[name], self.names[name]
        left = [name for name in ("=state", ODD) if name not in found]
        for name in left:
            raise CannotSayError(name.removeprefix("="), Message.of("cannot-express.excel-depth"))
        return [Column(name=name, formula=found[name]) for name in self.names if name in found]

    def _unfit(self, found: Mapping[str, str]) -> set[str]:
        """Return the columns whose formulas Excel does not accept, and those that need them."""
        names = {self._place(name): name for name in found}
        needs = {n: {names.get(p, "") for p in _PLACE.findall(text)} for n, text in found.items()}
        unfit = {name for name, formula in found.items() if not _fits(formula)}
        causes = {name: name.removeprefix("=") for name in unfit}
        while more := {n for n in found if n not in unfit and needs[n] & unfit}:
            causes |= {n: causes[next(iter(sorted(needs[n] & unfit)))] for n in more}
            unfit |= more
        self.left_out |= {n: cause for n, cause in causes.items() if n.startswith("=")}
        return unfit

    def reference(self, name: str, row: int) -> str:
        """Return a reference to a result of an employee from another sheet."""
        return f"{WORK}!${letters(self.names[name])}${row + 1}"

    @cached_property
    def _made(self) -> Compiled:
        """The compiled rubric for polars."""
        pl = fetch("polars", "frames")
        return compiled(
            self.plan,
            self.kinds,
            library=pl,
            reach=REACH,
            piecewise=True,
            left_out=self._without,
        )

    def values(self, records: Sequence[Mapping[str, object]]) -> list[dict[str, Any]]:
        """Compute the values of the formulas: the same compiled rubric, run by polars.

        Some programs do not calculate a workbook when they open it.
        """
        pl = fetch("polars", "frames")
        made = self._made
        types = {"float": pl.Float64, "string": pl.String, "flag": pl.Boolean}
        rows = [{n: _cell_value(r.get(n), k) for n, k in self.kinds.items()} for r in records]
        # an additional column keeps the rows if there are no inputs
        schema = {"": pl.Int8, **{n: types[k] for n, k in self.kinds.items()}}
        frame = pl.DataFrame(rows, schema=schema)
        for level in made.levels:
            frame = frame.with_columns(**level)
        named = [expr.alias(f"={column.name}") for column, expr in made.columns]
        wrong = _wrong(made)
        expr = pl.lit(wrong.expr) if isinstance(wrong.expr, bool) else wrong.expr
        known = expr.fill_null(value=False)
        exact_ = pl.all_horizontal(*made.guards) if made.guards else pl.lit(value=True)
        checked = (made.valid.alias("=valid"), known.alias("=faulty"), exact_.alias(_EXACT))
        frame = frame.with_columns(*named, *checked)
        return [self._shown(row, made) for row in frame.to_dicts()]

    def _shown(self, row: dict[str, Any], made: Compiled) -> dict[str, Any]:
        """Return the values that the cells of a row show."""
        for column, _ in made.columns:
            value = row[f"={column.name}"]
            if isinstance(value, int) and not isinstance(value, bool) and column.shape.scale:
                value = float(Fraction(value, column.shape.den))
            row[f"={column.name}"] = "" if value is None else value
        whole, unratable, check, part = STATES
        scored = unratable if row.get("=unratable") is True else whole
        word = scored if row["=valid"] else check if row["=faulty"] else part
        row["=state"] = self.words[word]
        drafted = self._progress.values(row) if word == part and self._drafts else {}
        row |= dict.fromkeys(self._drafts, "") | drafted
        row[ODD] = not row[_EXACT]
        if row[ODD]:
            shown = [f"={column.name}" for column, _ in made.columns]
            row |= dict.fromkeys([*shown, *self._drafts], "")
            row["=state"] = self.words[check]
        return {name: NONE if value is None else value for name, value in row.items()}


_KINDS = {"number": "float", "choice": "string", "flag": "flag", "remark": "string"}


def _cell_of(entry: Entry, place: str) -> Cell:
    """Return the cell of an input."""
    kind = {"flag": "truth", "number": "number"}.get(entry.kind, "text")
    if kind == "truth":
        # null if nothing is provided: neither true nor false
        yes, no = f"IFERROR({place},FALSE)", f"IFERROR(NOT({place}),FALSE)"
        return Cell("truth", yes, no, may_be_null=True, source=place)
    return Cell(kind, place, may_be_null=True)  # type: ignore[arg-type]


def _cell_value(value: object, kind: str) -> object:
    """Convert a value of a record to the value of a cell."""
    if value is None:
        return None
    if kind == "float":
        return float(exact(value))
    return value if kind == "flag" else str(value)


def _fits(formula: str) -> bool:
    """Return whether Excel accepts a formula in the last row, where references are longest."""
    return fits(formula.replace(ROW, str(MAX_SHEET_ROWS)))


def _value(expr: Any) -> str:  # noqa: ANN401 - a cell, or an unfinished chain of cases
    """Return the formula of an expression."""
    if isinstance(expr, bool):
        return str(expr).upper()
    return str(expr.text)


def _wrong(made: Compiled) -> Truth:
    """Return the condition that a provided value is invalid; missing values are not invalid."""
    return some(c.wrong for c in made.conditions if not c.is_lack)


def letters(column: int) -> str:
    """Return the name of a column in a worksheet: A, ..., Z, AA, ..."""
    name, column = "", column + 1
    while column:
        column, rest = divmod(column - 1, 26)
        name = chr(65 + rest) + name
    return name
