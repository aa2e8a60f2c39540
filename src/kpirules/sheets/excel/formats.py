"""The formats of a workbook's cells."""

from __future__ import annotations

from typing import Any


class CellFormats:
    """The formats of one workbook."""

    def __init__(self, book: Any, lang: str) -> None:  # noqa: ANN401 - XlsxWriter has no types
        """Create the formats; the Chinese font has a substitute on both Windows and macOS."""
        font = "Microsoft YaHei" if lang.startswith("zh") else "Calibri"
        self.font: str = font
        base = {"font_name": font, "font_size": 10, "valign": "vcenter", "text_wrap": True}
        boxed = {**base, "border": 1, "border_color": "#8B929B"}

        def face(**more: object) -> Any:  # noqa: ANN401 - as above
            return book.add_format({**boxed, **more})

        self.title: Any = book.add_format(
            {**base, "font_size": 15, "bold": True, "align": "center"}
        )
        self.label: Any = book.add_format({**base, "font_color": "#50565E"})
        self.line: Any = book.add_format({**base, "bottom": 1})
        self.note: Any = book.add_format({**base, "font_size": 8, "font_color": "#50565E"})
        self.head: Any = face(bold=True, bg_color="#E6EAF0")
        self.part: Any = face(bold=True, bg_color="#E6EAF0")
        self.text: Any = face(indent=1)
        self.item: Any = face(bold=True)
        self.number: Any = face(align="center")
        self.sum: Any = face(bold=True, align="right", bg_color="#F1F3F6")
        self.entry: Any = face(bg_color="#FFF7CC", locked=False, align="center")
        # text format, so that a label of digits remains a text
        self.choice: Any = face(bg_color="#FFF7CC", locked=False, align="center", num_format="@")
        #: a cell about a person: an identifier of digits remains a text
        self.person: Any = face(locked=False, num_format="@", indent=1)
        #: an empty box to write in
        self.box: Any = book.add_format({**base, "bottom": 1, "locked": False, "num_format": "@"})
        self.remark: Any = face(bg_color="#FFF7CC", locked=False, num_format="@")
