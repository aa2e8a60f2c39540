"""The messages of the operating system in every language."""

from __future__ import annotations

import errno
import os

from kpirules.translations.catalog import texts
from kpirules.translations.system import reason_of


def test_errors_of_the_system_have_a_text_in_each_language():
    """The English texts are those of the system."""
    keys = [key for key in texts("en") if key.startswith("os.E")]
    for key in keys:
        number = getattr(errno, key.removeprefix("os."))
        reason = reason_of(OSError(number, "x"))
        assert os.strerror(number) == reason.text()
        assert not reason.text("zh").isascii()


def test_other_errors_keep_their_text():
    """Of another number, of a library, of a class without words."""
    assert os.strerror(errno.ENOTTY) == reason_of(OSError(errno.ENOTTY, "x"))
    assert "words" == reason_of(OSError("words"))
    assert "UnsupportedOperation" == reason_of(type("UnsupportedOperation", (OSError,), {})())
