"""A result as a pickle holds it: small, and cheap to make where results are pickled together.

Results of one ruleset share most of their parts: what is in all of them, and the line of each
criterion for the same values. A pickle of several results holds each shared part once. What all of
them share is stored as compressed JSON, which is parsed when it is first asked for.
"""

from __future__ import annotations

import json
import zlib
from typing import TYPE_CHECKING, Any

from kpirules._internal.caching import Deferred, IdentityCache, LruCache, Made
from kpirules.evaluation.json_nodes import parse
from kpirules.evaluation.result_json import Writer
from kpirules.evaluation.result_parser import form_of
from kpirules.evaluation.result_parts import Form


if TYPE_CHECKING:
    from collections.abc import Mapping

    from kpirules.evaluation.result_content import ResultContent
    from kpirules.evaluation.result_parts import Given, Line, Membership, Verdict


class PackedForm(Deferred[Form]):
    """What all results of a ruleset share, as compressed JSON."""

    __slots__ = ("_packed",)

    def __init__(self, packed: bytes) -> None:
        super().__init__()
        self._packed = packed

    def make(self) -> Form:
        """Parse it."""
        return form_of(parse(zlib.decompress(self._packed)))


_PACKED: IdentityCache[Form, bytes] = IdentityCache()
_FORMS: LruCache[bytes, PackedForm] = LruCache(128)


def packed(form: Form) -> bytes:
    """Return what all results of a ruleset share, as compressed JSON."""
    found = _PACKED.get(form)
    if found is None:
        writer = Writer()
        origins: list[dict[str, Any]] = [
            {"name": name, "values": [], **writer.origin(origin)} for name, origin in form.gathered
        ]
        tree: dict[str, Any] = {**writer.form(form), "gathered": origins}
        text = json.dumps(tree, ensure_ascii=False, separators=(",", ":"))
        found = _PACKED[form] = zlib.compress(text.encode(), 9)
    return found


def restored(
    kind: type[ResultContent],
    form: bytes,
    given: Mapping[str, Given],
    verdict: Deferred[Verdict],
    *lines: Deferred[Line],
) -> ResultContent:
    """Return the result of a pickle."""
    return kind.deferred(_form(form), Made(given), lines, verdict)


def restored_of_groups(
    memberships: Mapping[str, Membership],
    kind: type[ResultContent],
    form: bytes,
    given: Mapping[str, Given],
    verdict: Deferred[Verdict],
    *lines: Deferred[Line],
) -> ResultContent:
    """Return the result of a pickle, with the groups of what was gathered for it."""
    return restored(kind, form, given, verdict, *lines).of_groups(memberships)


def _form(packed: bytes) -> PackedForm:
    """Return what all results of a ruleset share; the same object for the same bytes."""
    found = _FORMS.get(packed)
    if found is None:
        found = PackedForm(packed)
        _FORMS.keep(packed, found)
    return found
