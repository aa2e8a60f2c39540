"""The logo of a firm, from a file that nobody has looked at."""

from __future__ import annotations

from base64 import b64encode
from typing import TYPE_CHECKING
from zlib import crc32

import attrs

from kpirules.translations.message import Message, MessageError


if TYPE_CHECKING:
    from collections.abc import Iterator


#: the greatest size of the file, and the greatest number of pixels
MAX_BYTES, MAX_PIXELS = 1 << 20, 4_000_000
#: a PNG file is this, then chunks: length, name, data, checksum
_PNG = b"\x89PNG\r\n\x1a\n"
_AROUND = 12


def _chunks(content: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Yield the name and the bytes of each chunk, up to the last one or to one that is cut off."""
    at, name = len(_PNG), b""
    while name != b"IEND":
        name = content[at + 4 : at + 8]
        after = at + _AROUND + int.from_bytes(content[at : at + 4], "big")
        if len(content) < after:
            return
        yield name, content[at:after]
        at = after


def _check(_: Logo, __: object, content: bytes) -> None:
    """Reject what is not a PNG, or is too large."""
    if len(content) <= MAX_BYTES:
        chunks = list(_chunks(content)) if content.startswith(_PNG) else []
        if [name for name, _ in (*chunks[:1], *chunks[-1:])] != [b"IHDR", b"IEND"]:
            raise MessageError(Message.of("sheet-logo.png"))
    width, height = (int.from_bytes(content[at : at + 4], "big") for at in (16, 20))
    if len(content) > MAX_BYTES or not 0 < width * height <= MAX_PIXELS:
        raise MessageError(Message.of("sheet-logo.size", bytes=MAX_BYTES, pixels=MAX_PIXELS))


@attrs.frozen
class Logo:
    """The content of a PNG file.

    Raises ``ValueError`` if it is not one, or too large.
    """

    content: bytes = attrs.field(validator=_check, repr=False)

    @property
    def url(self) -> str:
        """The picture as a ``data:`` URL."""
        return f"data:image/png;base64,{b64encode(self.content).decode()}"

    def of_height(self, millimetres: int) -> bytes:
        """Return the content with another number of pixels a metre, which sets the printed size."""
        density = -(-int.from_bytes(self.content[20:24], "big") * 1000 // millimetres)
        size = b"pHYs" + 2 * density.to_bytes(4, "big") + b"\1"
        own = (9).to_bytes(4, "big") + size + crc32(size).to_bytes(4, "big")
        head, *rest = (chunk for name, chunk in _chunks(self.content) if name != b"pHYs")
        return b"".join((_PNG, head, own, *rest))
