"""What expressions say of a row: what must hold of it, and what a quantity evaluates to."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from kpirules.codegen.truth import Truth, some


if TYPE_CHECKING:
    import narwhals as nw

    from kpirules.codegen.fixed_point import Units
    from kpirules.errors import Problem


@attrs.frozen(kw_only=True)
class Condition:
    """What must hold of a row that is scored."""

    #: the name of the record for which a row is rejected
    about: str
    #: what is wrong where it does not hold
    problem: Problem
    #: where it does not hold; null counts as holding
    wrong: Truth
    #: where these fail, this one is not reported
    after: frozenset[int]
    #: of the value of a name: where it is allowed, null where nothing is given
    taken: Truth | None = None
    #: it holds wherever the name has an allowed value
    implied: bool = False
    #: it does not hold since something is not given, not since something is wrong
    is_lack: bool = False


@attrs.frozen(kw_only=True)
class Lack:
    """Rows in which a quantity has no value since some of these names have none."""

    where: Truth
    names: tuple[str, ...]
    #: names any of which is enough for it
    asked: tuple[str, ...] = ()


@attrs.frozen(kw_only=True)
class Took:
    """What a quantity evaluates to."""

    #: numbers; None where every row of the table gives texts
    number: Units | None
    text: nw.Expr | None
    #: the texts there are
    options: tuple[str, ...]
    #: the place of the row of the table, from 0
    index: Units
    #: for each row of the table, where it holds
    holds: tuple[Truth, ...]
    lacks: tuple[Lack, ...]
    #: the value is out of its range
    beyond: Truth
    after: frozenset[int]
    level: int

    @property
    def lacking(self) -> Truth:
        """Where there is no value."""
        return some(lack.where for lack in self.lacks)
