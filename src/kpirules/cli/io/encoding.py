"""stub."""

from __future__ import annotations

from typing import TYPE_CHECKING


if TYPE_CHECKING:
    from pathlib import Path

    from kpirules.plan import Plan


def encoding_of(path: Path, plan: Plan, given: str | None) -> tuple[str, list[str]]:
    """Stub."""
    del plan
    return given or "utf-8-sig", []
