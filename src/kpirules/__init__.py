"""kpirules: appraisal schemes as data, proved sound, evaluated exactly, with every reason.

This module re-exports the public API. Each name is imported on first use, so that
``import kpirules`` costs an application next to nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING


if TYPE_CHECKING:
    from kpirules._internal.version import VERSION as __version__  # noqa: N811 - its public name
    from kpirules.api.evaluate import compile, evaluate  # noqa: A004 - the word of the field
    from kpirules.api.load import check_file, check_text, load, load_file, loads
    from kpirules.api.verify import Verification, verify
    from kpirules.arithmetic.number import Exact
    from kpirules.arithmetic.range import Range
    from kpirules.checks.runner import check
    from kpirules.dataframe.api import evaluate_frame
    from kpirules.diagnostics.finding import Finding
    from kpirules.errors import (
        AmbiguousRulesetError,
        FileError,
        FrameError,
        InputError,
        InternalSoundnessError,
        KpirulesError,
        LanguageError,
        MissingExtraError,
        ModelError,
        NotOneRulesetError,
        Problem,
        RowsError,
        RulesetError,
        RulesetNotFoundError,
        StoredResultError,
        TimeError,
    )
    from kpirules.evaluation.payslip import Payslip, payslip
    from kpirules.evaluation.program import Program
    from kpirules.evaluation.result import Line, Result
    from kpirules.model.rubric import Band, Criterion, Input, Rubric, Section, Text, Tier
    from kpirules.record_schema.schema import ratings_schema
    from kpirules.registry.catalog import Ruleset, rulesets
    from kpirules.sheets.api import sheet
    from kpirules.toml.writer import dumps, fingerprint

__all__ = [
    "AmbiguousRulesetError",
    "Band",
    "Criterion",
    "Exact",
    "FileError",
    "Finding",
    "FrameError",
    "Input",
    "InputError",
    "InternalSoundnessError",
    "KpirulesError",
    "LanguageError",
    "Line",
    "MissingExtraError",
    "ModelError",
    "NotOneRulesetError",
    "Payslip",
    "Problem",
    "Program",
    "Range",
    "Result",
    "RowsError",
    "Rubric",
    "Ruleset",
    "RulesetError",
    "RulesetNotFoundError",
    "Section",
    "StoredResultError",
    "Text",
    "Tier",
    "TimeError",
    "Verification",
    "__version__",
    "check",
    "check_file",
    "check_text",
    "compile",
    "dumps",
    "evaluate",
    "evaluate_frame",
    "fingerprint",
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
    "_internal.version": "__version__",
    "api.evaluate": "compile evaluate",
    "api.load": "check_file check_text load load_file loads",
    "api.verify": "Verification verify",
    "arithmetic.number": "Exact",
    "arithmetic.range": "Range",
    "checks.runner": "check",
    "dataframe.api": "evaluate_frame",
    "diagnostics.finding": "Finding",
    "errors": """
        AmbiguousRulesetError FileError FrameError InputError InternalSoundnessError
        KpirulesError LanguageError MissingExtraError ModelError NotOneRulesetError
        Problem RowsError RulesetError RulesetNotFoundError StoredResultError
        TimeError
    """,
    "evaluation.payslip": "Payslip payslip",
    "evaluation.program": "Program",
    "evaluation.result": "Line Result",
    "model.rubric": "Band Criterion Input Rubric Section Text Tier",
    "record_schema.schema": "ratings_schema",
    "registry.catalog": "Ruleset rulesets",
    "sheets.api": "sheet",
    "toml.writer": "dumps fingerprint",
}
_MODULE_OF = {name: module for module, names in _MODULES.items() for name in names.split()}


def __getattr__(name: str) -> object:
    """Import a public name on first use."""
    if name not in _MODULE_OF:
        raise AttributeError(f"module 'kpirules' has no attribute {name!r}")
    own = "VERSION" if name == "__version__" else name
    value: object = getattr(import_module(f"kpirules.{_MODULE_OF[name]}"), own)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    """List the public names."""
    return sorted({*globals(), *__all__})
