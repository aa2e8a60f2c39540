"""kpirules: appraisal schemes as data, proved sound, evaluated exactly, with every reason.

This is the door; nothing is defined here. Each name is fetched when it is first used, so that
``import kpirules`` costs an application next to nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING


if TYPE_CHECKING:
    from kpirules.catalog import rulesets
    from kpirules.checks import check
    from kpirules.document.writing import dumps
    from kpirules.errors import InputError, KpirulesError, RulesetError
    from kpirules.evaluation import evaluate
    from kpirules.forms import ratings_schema
    from kpirules.frames.door import evaluate_frame
    from kpirules.loading import load, load_file, loads
    from kpirules.model import Band, Criterion, Rubric, Tier
    from kpirules.payslips import payslip
    from kpirules.result import Result
    from kpirules.sheets.door import sheet
    from kpirules.verifying import verify

__all__ = [
    "Band",
    "Criterion",
    "InputError",
    "KpirulesError",
    "Result",
    "Rubric",
    "RulesetError",
    "Tier",
    "check",
    "dumps",
    "evaluate",
    "evaluate_frame",
    "load",
    "load_file",
    "loads",
    "payslip",
    "ratings_schema",
    "rulesets",
    "sheet",
    "verify",
]

_ROOMS = {
    "catalog": "rulesets",
    "checks": "check",
    "document.writing": "dumps",
    "errors": "InputError KpirulesError RulesetError",
    "evaluation": "evaluate",
    "frames.door": "evaluate_frame",
    "forms": "ratings_schema",
    "loading": "load load_file loads",
    "model": "Band Criterion Rubric Tier",
    "payslips": "payslip",
    "result": "Result",
    "sheets.door": "sheet",
    "verifying": "verify",
}
_ROOM_OF = {name: room for room, names in _ROOMS.items() for name in names.split()}


def __getattr__(name: str) -> object:
    """Fetch a name from its room."""
    if name not in _ROOM_OF:
        raise AttributeError(f"module 'kpirules' has no attribute {name!r}")
    value: object = getattr(import_module(f"kpirules.{_ROOM_OF[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    """List the door's names."""
    return sorted({*globals(), *__all__})
