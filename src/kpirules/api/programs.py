"""The program of each rubric: proved sound and compiled once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kpirules._internal.caching import HoldingIdentityCache
from kpirules.errors import expect


if TYPE_CHECKING:
    from kpirules.evaluation.program import Program
    from kpirules.model.rubric import Rubric


#: the programs by rubric; nothing is written into a rubric, and a program refers to its own
PROGRAMS: HoldingIdentityCache[object, Program] = HoldingIdentityCache()


def program_of(rubric: Rubric) -> Program:
    """Compile a rubric, once.

    Raises :class:`~kpirules.errors.RulesetError` with all findings where the rubric is unsound.
    """
    program = PROGRAMS.get(rubric)
    if program is None:
        from kpirules.checks.runner import proved  # noqa: PLC0415 - once a rubric
        from kpirules.evaluation.program import Program  # noqa: PLC0415 - once a rubric
        from kpirules.model.rubric import Rubric  # noqa: PLC0415 - once a rubric

        expect(rubric, Rubric, "rubric: expected a Rubric")
        program = Program(proved(rubric))
        PROGRAMS.keep(rubric, program)
    return program
