"""Run a check so that its failure hides no other finding: the failure is a finding itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from kpirules.arithmetic.decision_table import TooLargeError
from kpirules.checks.registry import reports
from kpirules.diagnostics.finding import Finding


if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from kpirules.diagnostics.finding import KeyPath


_P = TypeVar("_P")


def asked(check: Callable[[_P], Iterable[Finding]], part: _P, path: KeyPath = ()) -> list[Finding]:
    """Return the findings of a check about a part; a check that fails is a finding at the path.

    Raises :class:`~kpirules.arithmetic.decision_table.TooLargeError` for the caller to report.
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


@reports("check-failed", severity="error", title="a check that failed itself")
def failed(error: Exception, path: KeyPath = (), name: str = "") -> Finding:
    """Return the finding that a check failed."""
    which = f' "{name.replace("_", " ")}"' if name else ""
    return Finding(
        code="check-failed",
        reason=f"the check{which} failed with {type(error).__name__}: nothing is known of this",
        advice="this is a fault of kpirules: please report it with the file that shows it",
        path=path,
    )
