"""The problems of a record as its own person may read them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from kpirules.translations.message import Message


if TYPE_CHECKING:
    from kpirules.errors import Problem


def of_one(problem: Problem) -> Problem:
    """Return a problem without the keys of other records."""
    if problem.code != "group-blocked":
        return problem
    is_judged = problem.reason.key == "problem.group-blocked_quota"
    key = "problem.group-blocked_quota-alone" if is_judged else "problem.group-blocked_alone"
    group = dict(problem.reason.params)["group"]
    return attrs.evolve(problem, reason=Message.of(key, group=group))
