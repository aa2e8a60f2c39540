"""Mutants that mean the same as the code: by module, the change and the reason."""

from __future__ import annotations


EQUIVALENT: dict[str, dict[str, str]] = {}
