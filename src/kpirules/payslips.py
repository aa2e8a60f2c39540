"""What a wage is made of: the result's pay, and the parts that come from elsewhere."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

import attrs

from kpirules.errors import InputError, Problem, expect
from kpirules.numbers import NotExactError, canonical, decimal_of, exact
from kpirules.result import Result
from kpirules.texts import similar


if TYPE_CHECKING:
    from kpirules.result import Exact


#: the component that the result itself gives
PERFORMANCE = "performance"


@attrs.frozen(kw_only=True)
class Payslip:
    """A wage with its parts, exact, in the rubric's currency."""

    #: (component, amount), in the order of the ruleset
    parts: tuple[tuple[str, Exact], ...]
    total: Exact
    #: ISO 4217; None where the ruleset names none
    currency: str | None

    def __getitem__(self, component: str) -> Exact:
        """Give the amount of a component."""
        return dict(self.parts)[component]


def payslip(result: Result, **components: object) -> Payslip:
    """Add the parts of a wage: the result's pay, and the amounts given for the other components.

    The ruleset's ``[pay] components`` name the parts; each but ``performance`` is to be given, as
    a number of the rubric's currency. Raises :class:`~kpirules.errors.InputError` where one is
    missing, unknown or no exact number, or where the result has no pay.

    >>> from kpirules import evaluate, payslip
    >>> result = evaluate("customer-service", {
    ...     "attendance": 6, "leave": 6, "discipline": 5, "duty_roster": 3,
    ...     "skill": 10, "feedback": 10, "manner": 5, "teamwork": 5,
    ...     "volume": 20, "service": 20, "conversion": 10,
    ... })
    >>> payslip(result, base=4000, commission="812.50").total
    Decimal('5112.5')
    """
    expect(result, Result, "payslip: expected a Result")
    wanted = result.form.components or (PERFORMANCE, *(n for n in components if n != PERFORMANCE))
    amounts: dict[str, Fraction] = {}
    problems: list[Problem] = []
    for name in components.keys() - set(wanted) | ({PERFORMANCE} & components.keys()):
        near = similar(name, tuple(n for n in wanted if n != PERFORMANCE))
        message = "is given by the result" if name == PERFORMANCE else "is no part of this wage"
        problems.append(Problem(input=name, message=message, suggestion=near))
    for name in wanted:
        value = result.pay if name == PERFORMANCE else components.get(name)
        if value is None:
            gone = "the result has no pay" if name == PERFORMANCE else "is missing"
            problems.append(Problem(input=name, message=gone, admissible="an amount of money"))
            continue
        try:
            amounts[name] = Fraction(exact(value))
        except NotExactError as error:
            problems.append(Problem(input=name, value=value, message=str(error)))
    if problems:
        problems.sort(key=lambda problem: problem.input)
        raise InputError(rubric=result.rubric, problems=tuple(problems))
    return Payslip(
        parts=tuple((name, decimal_of(canonical(amount))) for name, amount in amounts.items()),
        total=decimal_of(canonical(sum(amounts.values(), Fraction()))),
        currency=result.form.currency,
    )
