"""The signature of a stored result: HMAC-SHA-256 over the canonical form of its JSON."""

from __future__ import annotations

import hmac
import json
from typing import Final

from kpirules.translations.message import Message, MessageError


#: the version of the form that is signed, with which a signature begins
VERSION: Final = "v1"
#: the least length of a key, in bytes
MIN_KEY_BYTES = 16


def sign(tree: object, key: str | bytes) -> str:
    """Return the signature of the tree of a result's JSON.

    The canonical form has sorted keys and no spaces, so that a database may reorder the keys. A
    line with a name and the version precedes it: the key signs nothing else by the same bytes.
    """
    canonical = json.dumps(tree, sort_keys=True, separators=(",", ":"), allow_nan=False)
    text = f"kpirules result {VERSION}\n{canonical}".encode("ascii")
    return f"{VERSION}:{hmac.new(key_of(key), text, 'sha256').hexdigest()}"


def is_signature(signature: str, tree: object, key: str | bytes) -> bool:
    """Check a signature in constant time."""
    wanted = key_of(key)
    try:
        expected = sign(tree, wanted)
    except (TypeError, ValueError, RecursionError):
        # a tree that no result has
        return False
    return hmac.compare_digest(expected.encode(), signature.encode("utf-8", "surrogatepass"))


def key_of(key: object) -> bytes:
    """Return the bytes of a key; raise an error for a key that is not one, or is too short."""
    if not isinstance(key, (str, bytes)):
        # the value is not shown
        raise TypeError(f"key: expected str or bytes, not a value of type {type(key).__name__}")
    made = key.encode() if isinstance(key, str) else key
    if len(made) < MIN_KEY_BYTES:
        reason = Message.of("verify.short-key", length=len(made), least=MIN_KEY_BYTES)
        raise MessageError(reason)
    return made
