"""Parses the day or month of a call or a command."""

from __future__ import annotations

import re
from calendar import monthrange
from datetime import date

from kpirules._internal.display import brief
from kpirules.errors import TimeError
from kpirules.translations.message import Message


#: a day, or a month
_WRITTEN = re.compile(r"([0-9]{4})-([0-9]{2})(?:-([0-9]{2}))?")


def days_of(on: object, option: str = "on") -> tuple[date, date]:
    """Return the first and last day of a date or of a month.

    Accepts a ``date``; a ``datetime`` (also pandas' ``Timestamp``), of which the local day is used;
    NumPy's ``datetime64`` of days or months; and text, a date ``"2026-10-31"`` or a month
    ``"2026-10"``. Raises :class:`~kpirules.errors.TimeError`, which names the value by ``option``,
    for everything else, ``NaT`` included.
    >>> days_of("2026-02")
    (datetime.date(2026, 2, 1), datetime.date(2026, 2, 28))
    """
    # pandas' NaT is an instance of datetime, and differs from itself
    if isinstance(on, date) and on == on:  # noqa: PLR0124 - as above
        day = date(on.year, on.month, on.day)
        return day, day
    text = on if isinstance(on, str) else ""
    if getattr(getattr(on, "dtype", None), "kind", "") == "M":
        text = str(on).partition("T")[0]
    written = _WRITTEN.fullmatch(text.strip())
    try:
        if written is not None:
            year, month = int(written[1]), int(written[2])
            if written[3] is not None:
                day = date(year, month, int(written[3]))
                return day, day
            return date(year, month, 1), date(year, month, monthrange(year, month)[1])
    except ValueError:
        # a month or day that the calendar does not have: IllegalMonthError is a ValueError
        pass
    message = Message.of("time.unknown")
    said = str.__str__(on) if isinstance(on, str) else brief(on)
    raise TimeError(said=said, message=message, option=option)
