"""kpirules: appraisal schemes as data, proved sound, evaluated exactly, with every reason.

This module re-exports the public API. Each name is imported on first use, so that
``import kpirules`` costs an application next to nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING


if TYPE_CHECKING:
    from kpirules._internal.version import VERSION as __version__  # noqa: N811 - its public name
    from kpirules.api.evaluate import compile, evaluate, validate  # noqa: A004 - the word of the field
    from kpirules.api.load import check_file, check_text, load, load_file, loads
    from kpirules.api.many import evaluate_many
    from kpirules.api.progress import progress
    from kpirules.api.rescore import Rescored, rescore
    from kpirules.api.verify import Verification, verify
    from kpirules.arithmetic.number import Exact
    from kpirules.arithmetic.range import Range
    from kpirules.checks.runner import check
    from kpirules.cli.io.table import table
    from kpirules.cohort.evaluation import CohortResult, evaluate_cohort
    from kpirules.cohort.gathering import gather
    from kpirules.cohort.verification import verify_cohort
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
        PlaceError,
        Problem,
        RowsError,
        RulesetError,
        RulesetNotFoundError,
        SourceError,
        StoredResultError,
        TimeError,
    )
    from kpirules.evaluation.cohort import GroupRow
    from kpirules.evaluation.comparison import Comparison, compare_results
    from kpirules.evaluation.payslip import Payslip, payslip
    from kpirules.evaluation.program import Program
    from kpirules.evaluation.progress import Need, Progress, ReachableRange
    from kpirules.evaluation.result import (
        GateHeld,
        Line,
        ListStep,
        Result,
        Step,
        TierReached,
    )
    from kpirules.evaluation.result_schema import result_schema
    from kpirules.model.rubric import Band, Criterion, Example, Input, Rubric, Section, Text, Tier
    from kpirules.record_schema.form_layout import FormLayout, form_layout
    from kpirules.record_schema.schema import ratings_schema
    from kpirules.registry.catalog import Ruleset, rulesets
    from kpirules.registry.protocol import Source
    from kpirules.registry.sources import FolderSource, MappingSource, PackageSource
    from kpirules.sheets.api import sheet
    from kpirules.toml.writer import dumps, fingerprint

__all__ = [
    "AmbiguousRulesetError",
    "Band",
    "CohortResult",
    "Comparison",
    "Criterion",
    "Exact",
    "Example",
    "FileError",
    "Finding",
    "FolderSource",
    "FormLayout",
    "FrameError",
    "GateHeld",
    "GroupRow",
    "Input",
    "InputError",
    "InternalSoundnessError",
    "KpirulesError",
    "LanguageError",
    "Line",
    "ListStep",
    "MappingSource",
    "MissingExtraError",
    "ModelError",
    "Need",
    "NotOneRulesetError",
    "PackageSource",
    "Payslip",
    "PlaceError",
    "Problem",
    "Program",
    "Progress",
    "Range",
    "ReachableRange",
    "Rescored",
    "Result",
    "RowsError",
    "Rubric",
    "Ruleset",
    "RulesetError",
    "RulesetNotFoundError",
    "Section",
    "Source",
    "SourceError",
    "Step",
    "StoredResultError",
    "Text",
    "Tier",
    "TierReached",
    "TimeError",
    "Verification",
    "__version__",
    "check",
    "check_file",
    "check_text",
    "compare_results",
    "compile",
    "dumps",
    "evaluate",
    "evaluate_cohort",
    "evaluate_frame",
    "evaluate_many",
    "fingerprint",
    "form_layout",
    "gather",
    "load",
    "load_file",
    "loads",
    "payslip",
    "progress",
    "ratings_schema",
    "rescore",
    "result_schema",
    "rulesets",
    "sheet",
    "table",
    "validate",
    "verify",
    "verify_cohort",
]

_MODULES = {
    "_internal.version": "__version__",
    "api.evaluate": "compile evaluate validate",
    "api.load": "check_file check_text load load_file loads",
    "api.many": "evaluate_many",
    "api.progress": "progress",
    "api.rescore": "Rescored rescore",
    "api.verify": "Verification verify",
    "arithmetic.number": "Exact",
    "arithmetic.range": "Range",
    "checks.runner": "check",
    "cli.io.table": "table",
    "cohort.evaluation": "CohortResult evaluate_cohort",
    "cohort.gathering": "gather",
    "cohort.verification": "verify_cohort",
    "dataframe.api": "evaluate_frame",
    "diagnostics.finding": "Finding",
    "errors": """
        AmbiguousRulesetError FileError FrameError InputError InternalSoundnessError
        KpirulesError LanguageError MissingExtraError ModelError NotOneRulesetError
        PlaceError Problem RowsError RulesetError RulesetNotFoundError SourceError
        StoredResultError TimeError
    """,
    "evaluation.cohort": "GroupRow",
    "evaluation.comparison": "Comparison compare_results",
    "evaluation.payslip": "Payslip payslip",
    "evaluation.program": "Program",
    "evaluation.progress": "Need Progress ReachableRange",
    "evaluation.result": "GateHeld Line ListStep Result Step TierReached",
    "evaluation.result_schema": "result_schema",
    "model.rubric": "Band Criterion Example Input Rubric Section Text Tier",
    "record_schema.form_layout": "FormLayout form_layout",
    "record_schema.schema": "ratings_schema",
    "registry.catalog": "Ruleset rulesets",
    "registry.protocol": "Source",
    "registry.sources": "FolderSource MappingSource PackageSource",
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
