"""The components of a wage: the result's pay, and amounts from elsewhere."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

import attrs

from kpirules._internal.display import similar
from kpirules.arithmetic import number
from kpirules.arithmetic.number import MODES, Exact, NotExactError, exact
from kpirules.errors import InputError, Problem, expect
from kpirules.evaluation.result import Result
from kpirules.translations.message import Message


if TYPE_CHECKING:
    from kpirules.arithmetic.number import Number


#: the component that the result itself gives
PERFORMANCE = "performance"

#: the currencies of ISO 4217 by the digits of their minor unit; among them those that were
#: withdrawn since 2022, for results of earlier months
_CURRENCIES = {
    0: "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF",
    2: """
        AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BMD BND BOB BOV BRL BSD BTN BWP BYN
        BZD CAD CDF CHE CHF CHW CNY COP COU CRC CUC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP
        GBP GEL GHS GIP GMD GTQ GYD HKD HNL HRK HTG HUF IDR ILS INR IRR JMD KES KGS KHR KPW KYD KZT
        LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MXV MYR MZN NAD NGN NIO
        NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SLL SOS
        SRD SSP STN SVC SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USD USN UYU UZS VED VES WST XCD
        YER ZAR ZMW ZWG ZWL
    """,
    3: "BHD IQD JOD KWD LYD OMR TND",
    4: "CLF UYW",
}
_DIGITS = {code: digits for digits, codes in _CURRENCIES.items() for code in codes.split()}


@attrs.frozen(kw_only=True)
class Rounded:
    """How the amounts of a payslip were rounded, and from what."""

    #: each amount is a multiple of it
    to: Exact
    #: one of the rounding modes of rulesets, such as "half_up"
    mode: str
    #: the payslip before it was rounded
    exact: Payslip


@attrs.frozen(kw_only=True)
class Payslip:
    """A wage with its parts in the rubric's currency: exact, or rounded and with the exact one.

    :func:`~kpirules.payslip` makes it.

    >>> slip = Payslip(
    ...     parts=(("base", Exact(4000)), ("performance", Exact(300))),
    ...     total=Exact(4300),
    ...     currency="CNY",
    ... )
    >>> slip["performance"], slip.total
    (Exact('300'), Exact('4300'))
    """

    #: (component, amount), in the order of the ruleset
    parts: tuple[tuple[str, Exact], ...]
    #: what the parts add up to
    total: Exact
    #: ISO 4217; None where the ruleset names none
    currency: str | None
    #: None where nothing was rounded
    rounded: Rounded | None = None

    def __getitem__(self, component: str) -> Exact:
        """Return the amount of a component."""
        return dict(self.parts)[component]


def payslip(
    result: Result, *, round_to: object = None, mode: str = "half_up", **components: object
) -> Payslip:
    """Return the parts of a wage, and their sum: the result's pay, and the amounts given.

    The ruleset's ``[pay] components`` name the parts; each but ``performance`` is to be given, as
    a number of the rubric's currency.

    Without ``round_to`` the amounts are exact. ``round_to="currency"`` rounds each part to the
    minor unit of the ruleset's currency (ISO 4217: EUR and CNY 0.01, JPY 1, KWD 0.001); a number,
    such as ``"0.05"``, rounds to its multiples. ``mode`` is one of the rounding modes of
    rulesets, such as "half_up" or "floor". The total is the sum of the rounded parts, and
    :attr:`Payslip.rounded` has the exact payslip.

    Raises :class:`~kpirules.errors.InputError` with all problems: a component that is missing,
    unknown or not an exact number, a result without pay, a currency without a minor unit.

    >>> from kpirules import evaluate, payslip
    >>> result = evaluate("customer-service", {
    ...     "attendance": 6, "leave": 6, "discipline": 5, "duty_roster": 3,
    ...     "skill": 10, "feedback": 10, "manner": 5, "teamwork": 5,
    ...     "volume": 20, "service": 20, "conversion": 10,
    ... })
    >>> payslip(result, base=4000, commission="812.50").total
    Exact('5112.5')
    >>> slip = payslip(result, base=4000, commission="812.345", round_to="currency")
    >>> slip["commission"], slip.rounded.mode, slip.rounded.exact["commission"]
    (Exact('812.35'), 'half_up', Exact('812.345'))
    """
    expect(result, Result, "payslip: expected a Result")
    wanted = result.form.components or (PERFORMANCE, *(n for n in components if n != PERFORMANCE))
    amounts: dict[str, Exact] = {}
    problems: list[Problem] = []
    for name in components.keys() - set(wanted) | ({PERFORMANCE} & components.keys()):
        near = similar(name, tuple(n for n in wanted if n != PERFORMANCE))
        given = "_given" if name == PERFORMANCE else ""
        reason = Message.of(f"problem.not-a-component{given}")
        problems.append(Problem(input=name, reason=reason, suggestion=near))
    for name in wanted:
        value = result.pay if name == PERFORMANCE else components.get(name)
        if value is None:
            gone = Message.of(f"problem.missing{'_pay' if name == PERFORMANCE else ''}")
            problems.append(Problem(input=name, reason=gone, allowed=Message.of("allowed.amount")))
            continue
        try:
            amounts[name] = Exact(exact(value))
        except NotExactError as error:
            problems.append(Problem(input=name, value=value, reason=error.reason))
    step = None if round_to is None else _step_of(round_to, result.form.currency, problems)
    if mode not in tuple(MODES):
        problems.append(
            Problem(
                input="mode",
                value=mode,
                reason=Message.of("problem.not-a-mode"),
                allowed=Message.of("allowed.modes", modes=tuple(MODES)),
            )
        )
    if problems:
        problems.sort(key=lambda problem: problem.input)
        raise InputError(rubric=result.rubric, problems=tuple(problems))
    slip = _slip(amounts, result.form.currency)
    return slip if step is None else _rounded(slip, step, mode)


def _slip(amounts: dict[str, Exact], currency: str | None) -> Payslip:
    """Return the payslip of some amounts."""
    total = sum(amounts.values(), Exact(0))
    return Payslip(parts=tuple(amounts.items()), total=total, currency=currency)


def _rounded(slip: Payslip, step: Number, mode: str) -> Payslip:
    """Round each part."""
    parts = {name: Exact(number.round_to(amount.number, step, mode)) for name, amount in slip.parts}
    rounded = Rounded(to=Exact(step), mode=mode, exact=slip)
    return attrs.evolve(_slip(parts, slip.currency), rounded=rounded)


def _step_of(given: object, currency: str | None, problems: list[Problem]) -> Number | None:
    """Return what amounts are rounded to; what is wrong with it joins the problems."""
    if given == "currency":
        if currency in _DIGITS:
            return Fraction(1, 10 ** _DIGITS[currency])
        reason = Message.of("problem.not-a-currency")
        if currency is not None:
            reason = Message.of("problem.not-a-currency_unknown", currency=currency)
        allowed = Message.of("allowed.step")
    else:
        allowed = Message.of("allowed.round-to")
        try:
            step = exact(given)
        except NotExactError as error:
            reason = error.reason
        else:
            if step > 0:
                return step
            reason = Message.of("problem.out-of-range_above-0")
    problems.append(Problem(input="round_to", value=given, reason=reason, allowed=allowed))
    return None
