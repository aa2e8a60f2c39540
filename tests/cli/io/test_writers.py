"""Tables are written as they are, in every format, or not at all."""

from __future__ import annotations

import csv
import errno
import gc
import io
import json
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from fractions import Fraction

import openpyxl
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from python_calamine import CalamineWorkbook

from kpirules.cli.io import excel_writer
from kpirules.cli.io.tables import Column, OutputError, format_value
from kpirules.cli.io.writers import writing


def written(ending, *batches):
    """Write batches of columns into bytes."""
    stream = io.BytesIO()
    with writing(stream, ending) as write:
        for batch in batches:
            write(batch)
    return stream.getvalue()


def one(ending, *values, formats=None):
    """Write one column."""
    return written(ending, [Column("v", list(values), formats)])


def cells(data):
    """Give the cells below the heading of the first column."""
    sheet = openpyxl.load_workbook(io.BytesIO(data)).active
    return [row[0] for row in sheet.iter_rows(min_row=2)]


def by_calamine(data):
    """Give the values below the heading of the first column, by another library."""
    rows = CalamineWorkbook.from_filelike(io.BytesIO(data)).get_sheet_by_index(0).to_python()
    return [row[0] for row in rows[1:]]


def test_a_percentage_is_written_as_it_is_read_wherever_there_are_no_formats():
    """0.855 in a cell that shows percents is 85.5% in CSV, JSON and Parquet; in a workbook a number."""
    percents = {"formats": ["0%", "0.0%", "General"]}
    values = (Decimal("0.855"), Decimal("-0.05"), Decimal("0.5"))
    assert "v\r\n85.5%\r\n-5%\r\n0.5\r\n" == one(".csv", *values, **percents).decode("utf-8-sig")
    lines = one(".jsonl", *values, **percents).splitlines()
    assert ["85.5%", "-5%", "0.5"] == [json.loads(line)["v"] for line in lines]
    parquet = pl.read_parquet(io.BytesIO(one(".parquet", *values, **percents)))
    assert ["85.5%", "-5%", "0.5"] == parquet["v"].to_list()
    assert [0.855, -0.05, 0.5] == [cell.value for cell in cells(one(".xlsx", *values, **percents))]


# ---------------------------------------------------------------- laws

plain = st.text(
    st.characters(blacklist_categories=("Cs", "Cc"), blacklist_characters="\ufffe\uffff\u2028"),
    min_size=1,
    max_size=12,
)
moments = st.datetimes(datetime(1900, 3, 1), datetime(9999, 12, 31)).map(
    lambda m: m.replace(microsecond=m.microsecond // 1000 * 1000)
)
COLUMNS = {
    # openpyxl shows the escapes of a workbook as they are
    str: st.one_of(
        plain.filter(lambda text: "_x" not in text),
        st.sampled_from(["=1+1", "10/3", "http://x", "<r>x</r>", "1-2"]),
    ),
    int: st.integers(-(10**15) + 1, 10**15 - 1),
    float: st.floats(-9e307, 9e307, allow_subnormal=False),
    bool: st.booleans(),
    date: st.dates(date(1900, 3, 1)),
    datetime: moments,
    time: st.times().map(lambda t: t.replace(microsecond=t.microsecond // 1000 * 1000)),
    timedelta: st.integers(0, 10**9).map(lambda ms: timedelta(milliseconds=ms)),
    Decimal: st.decimals(-(10**9), 10**9, places=4),
}


def columns(kinds=tuple(COLUMNS)):
    """Draw a type and values of it."""
    return st.sampled_from(kinds).flatmap(
        lambda kind: st.lists(st.none() | COLUMNS[kind], min_size=1, max_size=5)
    )


def as_excel(value):
    """Give what a workbook has for a value: one kind of numbers, one kind of days."""
    if isinstance(value, Decimal):
        return float(value)
    if isinstance(value, date) and not isinstance(value, datetime):
        return datetime.combine(value, time())
    return value


@given(columns())
def test_a_workbook_keeps_types_and_values(values):
    """As openpyxl reads it, and as calamine does."""
    data = one(".xlsx", *values, True)
    assert [*map(as_excel, values), True] == [cell.value for cell in cells(data)]
    read = [None if v == "" else as_excel(v) for v in by_calamine(data)]
    assert [*map(as_excel, values), True] == read


@given(columns())
def test_csv_holds_the_exact_text(values):
    """Numbers without exponents, ISO dates, true and false."""
    rows = list(csv.reader(io.StringIO(one(".csv", *values, 1).decode("utf-8-sig"), newline="")))
    for value, (text,) in zip(values, rows[1:], strict=False):
        if isinstance(value, str):
            assert value in (text, text.removeprefix("'"))
        elif isinstance(value, bool) or value is None:
            assert {True: "true", False: "false", None: ""}[value] == text
        elif isinstance(value, (int, float, Decimal)):
            assert value == type(value)(text)
        elif isinstance(value, timedelta):
            hours, minutes, seconds = text.split(":")
            took = timedelta(hours=int(hours), minutes=int(minutes), seconds=float(seconds))
            assert value == took
        else:
            assert value == type(value).fromisoformat(text)


@given(columns(), columns())
def test_parquet_keeps_types_and_else_texts(first, second):
    """Whatever the types of one batch and the next: no value is cut, none is another number."""
    data = written(".parquet", [Column("v", first)], [Column("v", second)])
    found = pl.read_parquet(io.BytesIO(data))["v"].to_list()
    values = [*first, *second]
    for value, read in zip(values, found, strict=True):
        assert read == value or read == format_value(value)
    kinds = {type(v) for v in values if v is not None}
    if len(kinds) == 1 or kinds == {int, Decimal}:
        assert values == found


@given(columns())
def test_json_lines_hold_json(values):
    """Texts, whole numbers, floats and flags are those of JSON; all else is its exact text."""
    read = [json.loads(line)["v"] for line in one(".jsonl", *values).splitlines()]
    for value, got in zip(values, read, strict=True):
        if isinstance(value, Decimal):
            assert value == Decimal(got)
        elif value is None or isinstance(value, (str, int, float, bool)):
            assert (value, type(value)) == (got, type(got))
        else:
            assert format_value(value) == got


# ---------------------------------------------------------------- workbooks


def test_long_numbers_are_texts_in_a_workbook():
    """Digit by digit; fifteen digits are a number."""
    ids = [123456789012345, 1100108628127863, 370911202104140038, 9223372036854775807]
    assert [ids[0], *map(str, ids[1:])] == [c.value for c in cells(one(".xlsx", *ids))]
    exact = [Decimal("0.1"), Decimal("1234567890.123456"), Decimal("1E+20"), Decimal("NaN")]
    expected = [0.1, "1234567890.123456", "100000000000000000000", "NaN"]
    assert expected == [c.value for c in cells(one(".xlsx", *exact))]
    assert expected == by_calamine(one(".xlsx", *exact))


def test_what_excel_has_no_number_for_is_a_text():
    """Not a number, early days, parts of milliseconds, times with a zone, negative durations."""
    values = {
        float("nan"): "NaN",
        float("-inf"): "-Infinity",
        date(1900, 2, 28): "1900-02-28",
        datetime(2026, 1, 2, 3, 4, 5, 678901): "2026-01-02T03:04:05.678901",
        datetime(2026, 1, 2, tzinfo=UTC): "2026-01-02T00:00:00+00:00",
        time(1, 2, tzinfo=UTC): "01:02:00+00:00",
        timedelta(minutes=-90): "-1:30:00",
        timedelta(days=3_000_000): "72000000:00:00",
        Fraction(10, 3): "10÷3",
        Fraction(4): "4",
        1e308: "1" + "0" * 308,
    }
    data = one(".xlsx", *values)
    assert list(values.values()) == [c.value for c in cells(data)] == by_calamine(data)


def test_number_formats_are_kept():
    """Those of the source; dates and times without one get theirs."""
    formats = ["00000", "#,##0.00", "dd/mm/yyyy", "0", "0.0%", "@", "[Red]0.0", '0 "kg"', "h:mm"]
    values = [123, 4500.5, date(2020, 2, 29), 7, Decimal("0.955"), "x", True, 3, time(1, 2)]
    data = cells(one(".xlsx", *values, formats=formats))
    assert formats == [cell.number_format for cell in data]
    assert [*map(as_excel, values)] == [cell.value for cell in data]
    own = cells(one(".xlsx", 1, date(2020, 2, 29), timedelta(hours=30), formats=["General"] * 3))
    assert ["General", "yyyy-mm-dd", "[h]:mm:ss"] == [cell.number_format for cell in own]


def test_no_text_becomes_anything_else_in_a_workbook():
    """No formula, no link, no number, no date, no markup, no control character."""
    texts = ["=1+1", "{=1+1}", "http://x.y", "mailto:a@b", "1e5", "TRUE", "2026-01-02", "10/3"]
    texts += ["<r>x</r>", "<r><t>x</t></r>", "_x0041_", "a\x01b", "\r", " a ", "\t", "'x", "#N/A"]
    data = one(".xlsx", *texts)
    assert texts == by_calamine(data)
    assert {"s", "inlineStr"} >= {cell.data_type for cell in cells(data)}
    assert not any(cell.hyperlink for cell in cells(data))


def test_the_same_table_is_the_same_workbook():
    """Byte for byte."""
    assert one(".xlsx", 1, "a", date(2020, 2, 29)) == one(".xlsx", 1, "a", date(2020, 2, 29))
    made = openpyxl.load_workbook(io.BytesIO(one(".xlsx", 1))).properties.created
    assert datetime(2000, 1, 1) == made


@pytest.mark.parametrize(
    ("message", "values"),
    [
        ("cell A3: the text has 32768 characters, and a cell holds 32 767", ["a", "x" * 32768]),
        ("cell A2: the text has 16384 characters", ["\U0001f600" * 16384]),
        ("cell A2: the text holds U\\+D800, which a workbook cannot hold", ["\ud800"]),
        ("b'x' of type bytes has no text form", [b"x"]),
    ],
    ids=["long", "pairs", "half", "bytes"],
)
def test_what_a_cell_cannot_hold_is_an_error(message, values):
    """It names the cell, and the formats that can."""
    with pytest.raises(OutputError, match=message):
        one(".xlsx", *values)
    assert ["x" * 32767] == by_calamine(one(".xlsx", "x" * 32767))


def test_a_worksheet_has_an_end(monkeypatch):
    """More rows or columns are an error that says how many there may be."""
    monkeypatch.setattr(excel_writer, "MAX_ROWS", 3)
    batch = [Column("v", [1, 2])]
    assert 3 == len(cells(written(".xlsx", batch, [Column("v", [3])])))
    with pytest.raises(
        OutputError, match="holds 3 rows below its heading; there are more"
    ) as caught:
        written(".xlsx", batch, batch)
    assert "help: write .csv or .parquet" in str(caught.value)
    many = [Column(f"c{i}", [1]) for i in range(16_385)]
    with pytest.raises(OutputError, match="a worksheet holds 16 384 columns; there are 16385"):
        written(".xlsx", many)
    assert 1_048_575 == 2**20 - 1


def test_the_library_is_asked_whether_it_wrote(monkeypatch):
    """Any code that it returns is an error with its cell."""
    from xlsxwriter.worksheet import Worksheet

    for name, value in (
        ("number", 1),
        ("boolean", True),
        ("string", "a"),
        ("rich_string", "<r></r>"),
    ):
        with monkeypatch.context() as patched:
            patched.setattr(Worksheet, f"write_{name}", lambda *_: -5)
            with pytest.raises(OutputError, match="did not write it"):
                written(".xlsx", [Column("v" if name != "string" else "", [value])])


def test_a_full_folder_for_temporary_files_is_told(monkeypatch, tmp_path):
    """With where it is, also when the workbook is put together; nothing stays there."""
    import tempfile

    from xlsxwriter.workbook import Workbook
    from xlsxwriter.worksheet import Worksheet

    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))

    def full(*_):
        raise OSError(errno.ENOSPC, "No space left on device")

    for owner, name in (
        (Worksheet, "write_number"),
        (Workbook, "_store_workbook"),
        (tempfile, "mkdtemp"),
    ):
        with monkeypatch.context() as patched:
            patched.setattr(owner, name, full)
            with pytest.raises(
                OutputError, match="cannot be written: No space left on device"
            ) as caught:
                one(".xlsx", 1)
            assert "TMPDIR" in str(caught.value)
    assert [] == list(tmp_path.iterdir())


def test_a_full_disk_leaves_no_archive_open():
    """An archive that could not be written ends quietly: one error, and nothing beside it."""

    class Full(io.BytesIO):
        def write(self, data):
            if self.tell() + len(data) > 200:
                raise OSError(errno.ENOSPC, "No space left on device")
            return super().write(data)

    with (
        Full() as stream,
        pytest.raises(OutputError, match="No space left"),
        excel_writer.writing(stream) as write,
    ):
        write([Column("a", [1, 2, 3])])
    # a failure to close it later would be a warning, and so an error here
    gc.collect()


# ---------------------------------------------------------------- other formats


#: texts with all that CSV, a spreadsheet or a terminal reads as more than text
_HOSTILE = st.text(
    st.sampled_from('a1 ,;"\r\n\t=+-@%\u3000\u200e\x1c\x85\uff1d'), max_size=6
) | st.text(max_size=4)


@given(
    st.lists(
        st.tuples(
            _HOSTILE | st.none(),
            _HOSTILE,
            st.integers(-(2**60), 2**60) | st.none(),
            st.decimals(-(10**9), 10**9, places=3) | st.none(),
            st.booleans() | st.none(),
            st.floats(allow_nan=False),
        ),
        min_size=1,
        max_size=8,
    )
)
def test_columns_of_polars_are_written_as_lists_are(rows):
    """The same bytes, whether cells are written together by polars or one by one."""
    types = [pl.String, None, pl.Int64, pl.Decimal(18, 3), pl.Boolean, pl.Float64]
    lists = list(zip(*rows, strict=True))
    series = [
        values if dtype is None else pl.Series(values, dtype=dtype)
        for values, dtype in zip(lists, types, strict=True)
    ]
    assert written(".csv", columns_of(lists)) == written(".csv", columns_of(series))


def columns_of(values):
    """Name some columns."""
    return [Column(f"c{i}", each) for i, each in enumerate(values)]


def test_csv_shows_days_as_their_workbook_does():
    """A date of a workbook is a moment with a format that shows none; an exact number is no date."""
    values = [datetime(2020, 2, 29), datetime(2020, 2, 29, 1), Fraction(10, 3), timedelta(hours=26)]
    formats = ["yyyy-mm-dd", "d/m/yy h:mm", "", "[h]:mm"]
    text = one(".csv", *values, formats=formats).decode("utf-8-sig")
    assert ["v", "2020-02-29", "2020-02-29T01:00:00", "10÷3", "26:00:00", ""] == text.split("\r\n")


def test_batches_of_csv_have_one_heading():
    """And an exact fraction is itself where no spreadsheet reads it."""
    batch = [Column("v", [Fraction(10, 3)])]
    assert "\ufeffv\r\n10÷3\r\n10÷3\r\n" == written(".csv", batch, batch).decode()
    assert b'{"v": "10/3"}\n' == written(".jsonl", batch)


def test_exact_numbers_are_spelled_without_a_stroke():
    """In the column after the one that is named so, and nowhere else."""
    texts = ["10/3", "4", "", "1/0", "-1/3", None]
    names = ["x", "x.exact", "y.exact", "x"]
    batch = [Column(name, texts) for name in names]
    rows = list(csv.reader(io.StringIO(written(".csv", batch).decode("utf-8-sig"), newline="")))
    assert [("10/3", "10÷3", "10/3", "10/3"), ("'-1/3", "'-1÷3")] == [
        tuple(rows[1]),
        tuple(rows[5][:2]),
    ]
    assert ["4", "", "1/0"] == [row[1] for row in rows[2:5]]
    sheet = openpyxl.load_workbook(io.BytesIO(written(".xlsx", batch))).active
    assert ["x.exact", "10÷3", "4", None, "1/0", "-1÷3", None][:6] == [
        sheet.cell(i, 2).value for i in range(1, 7)
    ]


def test_values_without_a_text_are_an_error():
    """Bytes, in any format that has no place for them."""
    for ending in (".csv", ".xlsx", ".jsonl"):
        with pytest.raises(OutputError, match="of type bytes has no text form"):
            one(ending, b"x")
    for value in (b"x", "\ud800"):
        with pytest.raises(OutputError, match=r'column "v": .*which Parquet cannot hold'):
            one(".parquet", value)
    with pytest.raises(OutputError, match='column "v": nan is not a value of JSON'):
        one(".jsonl", 1.5, float("nan"))
    two = [Column("n", [1]), Column("v", [b"x"])]
    with pytest.raises(OutputError, match='column "v": '):
        written(".jsonl", two)
    assert {"v": "\ud800"} == json.loads(one(".jsonl", "\ud800"))


def test_lists_and_tables_have_a_text_that_is_read_back():
    """Numbers with semicolons; what is nested as JSON."""
    values = [
        [1, Decimal("2.5"), 3.0],
        [],
        ["a;b"],
        [[1]],
        {"a": [1, Decimal("0.1")]},
        [date(2026, 1, 2)],
    ]
    said = ["1;2.5;3", "[]", '["a;b"]', "[[1]]", '{"a": [1, "0.1"]}', '["2026-01-02"]']
    assert said == [format_value(value) for value in values]
    assert said == pl.read_parquet(io.BytesIO(one(".parquet", *values)))["v"].to_list()
    assert values[0:1] == [[1, Decimal("2.5"), 3]]
    assert {"v": [1, "2.5", 3.0]} == json.loads(one(".jsonl", values[0]))


def test_parquet_keeps_the_types_of_a_frame():
    """Batches of polars go through as they are; nulls at first decide nothing."""
    frame = pl.DataFrame({"v": [[1, 2]], "d": [timedelta(seconds=1)], "b": [b"x"]})
    batch = [Column(s.name, s) for s in frame]
    assert frame.equals(pl.read_parquet(io.BytesIO(written(".parquet", batch, batch)))[:1])
    late = written(".parquet", [Column("v", [None])], [Column("v", [7])], [Column("v", [None])])
    assert [None, 7, None] == pl.read_parquet(io.BytesIO(late))["v"].to_list()
    none = written(".parquet", [Column("v", [None])], [Column("v", pl.Series("v", [None]))])
    assert [None, None] == pl.read_parquet(io.BytesIO(none))["v"].to_list()


def test_parquet_unites_numbers_as_far_as_there_is_a_type():
    """Whole numbers and decimals are decimals; beyond 38 digits, texts."""
    mixed = written(".parquet", [Column("v", [1])], [Column("v", [Decimal("0.5")])])
    assert [Decimal(1), Decimal("0.5")] == pl.read_parquet(io.BytesIO(mixed))["v"].to_list()
    thirds = one(".parquet", Fraction(10, 3), 1, Decimal("0.5"))
    assert ["10/3", "1", "0.5"] == pl.read_parquet(io.BytesIO(thirds))["v"].to_list()
    both = one(".parquet", 1, Decimal("0.5"))
    assert [Decimal(1), Decimal("0.5")] == pl.read_parquet(io.BytesIO(both))["v"].to_list()
    fine = Decimal("0." + "1" * 30)
    wide = written(".parquet", [Column("v", [1])], [Column("v", [fine])])
    assert ["1", str(fine)] == pl.read_parquet(io.BytesIO(wide))["v"].to_list()
    assert [str(10**30), "1"] == pl.read_parquet(io.BytesIO(one(".parquet", 10**30, 1)))[
        "v"
    ].to_list()


def test_a_table_without_batches_is_an_empty_file():
    """Nobody calls it so; it fails in no format."""
    assert b"" == written(".csv") == written(".parquet") == written(".jsonl")
    assert [] == cells(written(".xlsx"))


def test_a_column_of_polars_gives_exact_python_objects():
    """Dates, also within structures and lists, and short floats as their shortest decimals."""
    day = date(2026, 1, 31)
    assert [day, None] == Column("day", pl.Series([day, None])).cells
    inner = pl.Series([{"day": day, "days": [day]}])
    assert [{"day": day, "days": [day]}] == Column("days", inner).cells
    assert [0.1, None] == Column("short", pl.Series([0.1, None], dtype=pl.Float32)).cells
