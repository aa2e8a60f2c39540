"""The messages of the operating system, in every language."""

from __future__ import annotations

import errno
import os

from kpirules.translations.catalog import ENGLISH, texts
from kpirules.translations.message import Message


class NotRegularError(OSError):
    """A path that leads to a pipe, a device, a folder or a socket in place of a file."""

    def __init__(self, kind: str) -> None:
        self.reason: Message = Message.of("os.not-regular", kind=Message(f"file-kind.{kind}"))
        super().__init__(errno.EINVAL, self.reason.text())


def reason_of(error: OSError) -> Message | str:
    """Return the message of an error; of an untranslated or a library's one, its English text.

    >>> reason_of(FileNotFoundError(2, "")).text("zh")
    '没有这个文件或文件夹'
    """
    if isinstance(error, NotRegularError):
        return error.reason
    key = f"os.{errno.errorcode.get(error.errno or 0, '')}"
    if key in texts(ENGLISH):
        return Message(key)
    return os.strerror(error.errno) if error.errno else str(error) or type(error).__name__
