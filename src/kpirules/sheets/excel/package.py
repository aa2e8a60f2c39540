"""A workbook that is written in pieces: what is finished is held as compressed XML.

XlsxWriter holds all cells of all worksheets until the workbook is closed, or writes them to
temporary files. A worksheet of this module is converted to XML as soon as it is complete, one with
a row for each employee some rows at a time.
"""

from __future__ import annotations

import io
import zlib
from functools import cache
from typing import TYPE_CHECKING, Any
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from kpirules.errors import fetch


if TYPE_CHECKING:
    from collections.abc import Iterator


#: the time that all files of a workbook have
_STAMP = (1980, 1, 1, 0, 0, 0)


class Part(io.StringIO):
    """A file of a workbook; what has been packed is held as compressed bytes."""

    def __init__(self) -> None:
        super().__init__()
        self._packed: list[bytes] = []

    def pack(self) -> None:
        """Compress what has been written since the last time."""
        self._packed.append(zlib.compress(self.getvalue().encode()))
        self.seek(0)
        self.truncate()

    def take(self, other: Part) -> None:
        """Continue with the content of another part, all of which is packed, and empty that."""
        self.pack()
        self._packed += other._packed
        other._packed.clear()

    def pieces(self) -> Iterator[bytes]:
        """Yield the content, and forget it."""
        self.pack()
        for piece in self._packed:
            yield zlib.decompress(piece)
        self._packed.clear()


@cache
def sheet_class() -> Any:  # noqa: ANN401 - XlsxWriter has no types
    """Return the class of worksheets."""
    base: Any = fetch("xlsxwriter.worksheet", "excel").Worksheet

    class Sheet(base):  # type: ignore[misc]  # its type is not known
        """A worksheet that forgets its cells when they are finished.

        It writes formulas unchanged: XlsxWriter would search each formula, including its texts, for
        some thirty newer functions to mark.
        """

        def __init__(self) -> None:
            base.__init__(self)
            self.rows = Part()
            self.whole: Part | None = None

        def _prepare_formula(self, formula: str, *_: object) -> str:
            return formula.removeprefix("=")

        def finish_rows(self) -> None:
            """Convert the rows so far to XML: none of them can be changed any more."""
            self.fh = self.rows
            base._write_rows(self)  # noqa: SLF001 - there is no public way
            self.rows.pack()
            self.table.clear()
            self.row_info.clear()

        def finish(self) -> None:
            """Convert the worksheet to XML: nothing can be changed any more.

            The active worksheet is chosen later, and cannot be finished.
            """
            whole = Part()
            self._set_xml_writer(whole)
            self._assemble_xml_file()
            whole.pack()
            self.whole = whole
            for cells in (self.table, self.row_info, self.merge, self.merged_cells):
                cells.clear()
            self.validations.clear()

        def _write_rows(self) -> None:
            self.fh.take(self.rows)
            base._write_rows(self)  # noqa: SLF001 - there is no public way

        def _assemble_xml_file(self) -> None:
            if self.whole is None:
                base._assemble_xml_file(self)  # noqa: SLF001 - as above
            else:
                self.fh.take(self.whole)

    return Sheet


@cache
def _workbook_class() -> Any:  # noqa: ANN401 - as above
    """Return the class of workbooks."""
    packager: Any = fetch("xlsxwriter.packager", "excel").Packager
    workbook: Any = fetch("xlsxwriter", "excel").Workbook

    class Packager(packager):  # type: ignore[misc]  # its type is not known
        def __init__(self, target: io.BytesIO) -> None:
            packager.__init__(self)
            self.target = target

        def _filename(self, xml_filename: str) -> Part:
            part = Part()
            self.filenames.append((part, xml_filename, False))
            return part

        def _create_package(self) -> list[object]:
            """Write all files; return none that XlsxWriter should write."""
            with ZipFile(self.target, "w") as archive:
                for part, name, _ in packager._create_package(self):  # noqa: SLF001 - as above
                    about = ZipInfo(name, _STAMP)
                    about.compress_type = ZIP_DEFLATED
                    with archive.open(about, "w") as stream:
                        # a picture is a stream of its own
                        is_picture = isinstance(part, io.BytesIO)
                        for piece in [part.getvalue()] if is_picture else part.pieces():
                            stream.write(piece)
            return []

    class Workbook(workbook):  # type: ignore[misc]  # as above
        def __init__(self, target: io.BytesIO, options: dict[str, object]) -> None:
            # XlsxWriter writes an archive without files, to nowhere
            workbook.__init__(self, io.BytesIO(), options)
            self.target = target

        def _get_packager(self) -> Any:  # noqa: ANN401 - as above
            return Packager(self.target)

        def _check_sheetname(self, sheetname: str, *_: object) -> str:
            # the titles are valid and differ; XlsxWriter compares each with all others
            return sheetname

    return Workbook


def workbook_of(target: io.BytesIO) -> Any:  # noqa: ANN401 - as above
    """Return a workbook that is written to a stream when it is closed."""
    options = {
        "in_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
    }
    return _workbook_class()(target, options)
