"""kpirules: appraisal schemes as data, proved sound, evaluated exactly, with every reason.

This module re-exports the public API. Each name is imported on first use, so that
``import kpirules`` costs an application next to nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING


if TYPE_CHECKING:
    from kpirules.api.evaluate import evaluate
    from kpirules.api.load import load, load_file, loads
    from kpirules.api.verify import verify
    from kpirules.checks.runner import check
    from kpirules.dataframe.api import evaluate_frame
    from kpirules.errors import InputError, KpirulesError, RulesetError
    from kpirules.evaluation.payslip import payslip
    from kpirules.evaluation.result import Result
    from kpirules.model.rubric import Band, Criterion, Rubric, Tier
    from kpirules.record_schema.schema import ratings_schema
    from kpirules.registry.catalog import rulesets
    from kpirules.sheets.api import sheet
    from kpirules.toml.writer import dumps

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

_MODULES = {
    "registry.catalog": "rulesets",
    "checks.runner": "check",
    "toml.writer": "dumps",
    "errors": "InputError KpirulesError RulesetError",
    "api.evaluate": "evaluate",
    "dataframe.api": "evaluate_frame",
    "record_schema.schema": "ratings_schema",
    "api.load": "load load_file loads",
    "model.rubric": "Band Criterion Rubric Tier",
    "evaluation.payslip": "payslip",
    "evaluation.result": "Result",
    "sheets.api": "sheet",
    "api.verify": "verify",
}
_MODULE_OF = {name: module for module, names in _MODULES.items() for name in names.split()}


def __getattr__(name: str) -> object:
    """Import a public name on first use."""
    if name not in _MODULE_OF:
        raise AttributeError(f"module 'kpirules' has no attribute {name!r}")
    value: object = getattr(import_module(f"kpirules.{_MODULE_OF[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    """List the public names."""
    return sorted({*globals(), *__all__})
