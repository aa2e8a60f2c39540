"""What tests of rulesets use: Hypothesis strategies, and the pytest plugin.

Four lines test an application against any scheme that the language can say::

    @given(st.data(), rubrics())
    def test_every_record_has_a_result(data, rubric):
        result = evaluate(rubric, data.draw(records(rubric)))
        assert result.unratable or result.total >= 0

Needs the extra ``testing``. The strategies are fetched when they are first used: pytest imports
this package for its plugin at every start.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING


if TYPE_CHECKING:
    from kpirules.testing.mutations import UNSOUND, unsound_rubrics
    from kpirules.testing.record_strategies import bad_records, records
    from kpirules.testing.rubric_strategies import rubrics

__all__ = ["UNSOUND", "bad_records", "records", "rubrics", "unsound_rubrics"]

_ROOM_OF = {
    "UNSOUND": "mutations",
    "bad_records": "record_strategies",
    "records": "record_strategies",
    "rubrics": "rubric_strategies",
    "unsound_rubrics": "mutations",
}


def __getattr__(name: str) -> object:
    """Fetch a strategy from its room."""
    if name not in _ROOM_OF:
        raise AttributeError(f"module 'kpirules.testing' has no attribute {name!r}")
    try:
        room = import_module(f"kpirules.testing.{_ROOM_OF[name]}")
    except ModuleNotFoundError as error:
        if error.name != "hypothesis":
            raise
        from kpirules.errors import MissingExtraError  # noqa: PLC0415 - only where it is missing

        raise MissingExtraError(extra="testing", module="hypothesis") from None
    value: object = getattr(room, name)
    globals()[name] = value
    return value
