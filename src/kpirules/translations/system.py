"""The messages of the operating system, in every language."""

from __future__ import annotations

import errno
import os

from kpirules.translations.catalog import ENGLISH, texts
from kpirules.translations.message import Message


def reason_of(error: OSError) -> Message | str:
    """Return the message of an error; of an untranslated or a library's one, its English text.

    >>> reason_of(FileNotFoundError(2, "")).text("zh")
    '没有这个文件或文件夹'
    """
    key = f"os.{errno.errorcode.get(error.errno or 0, '')}"
    if key in texts(ENGLISH):
        return Message(key)
    return os.strerror(error.errno) if error.errno else str(error) or type(error).__name__
