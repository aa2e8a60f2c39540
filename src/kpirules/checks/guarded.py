"""Run a check so that its failure hides no other finding: the failure is a finding itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from kpirules.arithmetic.budget import TooLargeError
from kpirules.checks.registry import reports
from kpirules.diagnostics.finding import Finding
from kpirules.translations.message import Message


if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from kpirules.diagnostics.finding import KeyPath


_P = TypeVar("_P")


def asked(check: Callable[[_P], Iterable[Finding]], part: _P, path: KeyPath = ()) -> list[Finding]:
    """Return the findings of a check about a part; a check that fails is a finding at the path.

    Raises :class:`~kpirules.arithmetic.budget.TooLargeError` for the caller to report.
    """
    found: list[Finding] = []
    try:
        # one by one: findings before the failure are reported as well
        for finding in check(part):
            found.append(finding)  # noqa: PERF402 - as above
    except TooLargeError:
        raise
    except Exception as error:  # noqa: BLE001 - after any failure, the other checks continue
        found.append(failed(error, path, check.__name__))
    return found


@reports(
    "check-failed", severity="error", title="a check that failed because of a fault of kpirules"
)
def failed(error: Exception, path: KeyPath = (), name: str = "") -> Finding:
    """Return the finding that a check failed."""
    kind = type(error).__name__
    return Finding(
        code="check-failed",
        reason=Message.of("finding.check-failed_named", check=name, error=kind)
        if name
        else Message.of("finding.check-failed", error=kind),
        advice=Message.of("advice.check-failed"),
        path=path,
    )
