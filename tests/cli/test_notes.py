"""Notes about a table: rows of totals, and keys that occur twice."""

from __future__ import annotations

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from kpirules.cli import notes
from kpirules.cli.io.tables import Column


_CELLS = st.lists(
    st.none()
    | st.text(st.sampled_from("1a \n\u200b\uff11合王小\x1c\xa0"), max_size=4)
    | st.sampled_from(["Total:", "合计", " 小计 ", "小明", "x" * 50, "\u3400", "\u9fff1"])
)


@given(cells=_CELLS)
def test_a_series_has_the_totals_and_the_keys_of_its_texts(cells):
    """The same marks of totals and the same keys, whether a column is a list or a Series."""
    series, plain = Column("name", pl.Series(cells, dtype=pl.String)), Column("name", cells)
    assert notes.totals_in(plain) == notes.totals_in(series)
    keys = notes.keys_in(plain)
    assert keys == [*notes.keys_in(series)]
    batches = [keys[:3], keys[3:]]
    repeated = notes.repeated_keys([pl.Series(each, dtype=pl.String) for each in batches])
    assert {key for key in keys if key and keys.count(key) > 1} == repeated
    assert repeated == notes.repeated_keys(batches)


def test_no_batches_have_no_keys():
    """A table without rows."""
    assert set() == notes.repeated_keys([])
