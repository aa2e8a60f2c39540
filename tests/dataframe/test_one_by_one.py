"""Frames are scored row by row, and refuse a ruleset with quotas."""

from __future__ import annotations

import polars as pl
import pytest

from kpirules import InputError, evaluate_frame, loads


@pytest.mark.parametrize("excess", ['"refuse"', '"demote", ties = "best"'])
def test_a_frame_refuses_a_quota_by_its_name(excess):
    """Also a lazy one: nobody would see that a quota is not kept, or whom it demotes."""
    rubric = loads(
        'schema = 1\nid = "x"\ncriterion = [{ id = "work", weight = 100 }]\n'
        'tier = [{ id = "A", total = ">= 90" }, { id = "B", total = "< 90" }]\n'
        f'quota = [{{ id = "top", tier = "A", at_most = "0.1 * heads", excess = {excess} }}]\n'
    )
    frame = pl.DataFrame({"work": [95, 92]})
    for each in (frame, frame.lazy()):
        with pytest.raises(InputError, match=r"quota\.top: is a quota"):
            evaluate_frame(rubric, each)
