"""Tools for tests of rulesets: Hypothesis strategies, and the pytest plugin.

Four lines test an application against any ruleset that the language can express::

    @given(st.data(), rubrics())
    def test_every_record_has_a_result(data, rubric):
        result = evaluate(rubric, data.draw(records(rubric)))
        assert result.unratable or result.total >= 0

Needs the extra ``testing``. Strategies are imported when they are first used, because pytest
imports this package for its plugin at every start.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING


if TYPE_CHECKING:
    from kpirules.testing.mutations import UNSOUND, unsound_rubrics
    from kpirules.testing.record_strategies import bad_records, records
    from kpirules.testing.rubric_strategies import rubrics

__all__ = ["UNSOUND", "bad_records", "records", "rubrics", "unsound_rubrics"]

_MODULE_OF = {
    "UNSOUND": "mutations",
    "bad_records": "record_strategies",
    "records": "record_strategies",
    "rubrics": "rubric_strategies",
    "unsound_rubrics": "mutations",
}


def __getattr__(name: str) -> object:
    """Import a strategy; raise ``MissingExtraError`` without Hypothesis."""
    if name not in _MODULE_OF:
        raise AttributeError(f"module 'kpirules.testing' has no attribute {name!r}")
    try:
        module = import_module(f"kpirules.testing.{_MODULE_OF[name]}")
    except ModuleNotFoundError as error:
        if error.name != "hypothesis":
            raise
        from kpirules.errors import MissingExtraError  # noqa: PLC0415 - only where it is missing

        raise MissingExtraError(extra="testing", module="hypothesis") from None
    value: object = getattr(module, name)
    globals()[name] = value
    return value
