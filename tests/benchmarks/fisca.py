"""The customer-service form as OpenFisca-core would have it: totals of every person in one month.

For ``batch.py``, where ``pip install openfisca-core`` was done; nothing else needs it. Written from
OpenFisca's own guide: an entity, a variable for each input, a formula for each criterion.
"""

from __future__ import annotations

import numpy as np
from openfisca_core import periods
from openfisca_core.entities import Entity
from openfisca_core.simulations import SimulationBuilder
from openfisca_core.taxbenefitsystems import TaxBenefitSystem
from openfisca_core.variables import Variable


MONTH = "2026-10"


def totals_of(columns, levels):
    """Give a function that makes all totals anew; -1 000 and less where there is none."""
    person = Entity("person", "persons", "A person", "")
    system = TaxBenefitSystem([person])

    def add(name, formula=None):
        body = {"value_type": int, "entity": person, "definition_period": periods.MONTH}
        system.add_variable(
            type(name, (Variable,), body | ({"formula": formula} if formula else {}))
        )

    for name in columns:
        add(name)

    def attendance(person, period):
        late, never = person("late", period), person("absent", period) == 0
        return np.select([never & (late == i) for i in range(3)], [6, 4, 3], 0)

    def of_one(name, points, last):
        def formula(person, period):
            value = person(name, period)
            return np.select([value == i for i in range(len(points))], points, last)

        return formula

    def judged(name, spans):
        def formula(person, period):
            value = person(name, period)
            inside = np.zeros(len(value), bool)
            for low, high in spans:
                inside |= (value >= low) & (value <= high)
            return np.where(inside, value, -10_000)

        return formula

    formulas = {
        "attendance": attendance,
        "leave": of_one("leave_days", [6, 4, 3], 0),
        "discipline": of_one("incidents", [5, 3], 0),
        "duty_roster": of_one("duty", [3, 2, 0], -10_000),
        **{name: judged(name, spans) for name, spans in levels.items()},
    }
    for name, formula in formulas.items():
        add(f"points_{name}", formula)

    def total(person, period):
        return sum(person(f"points_{name}", period) for name in formulas)

    add("total", total)
    size = len(next(iter(columns.values())))

    def run():
        simulation = SimulationBuilder().build_default_simulation(system, count=size)
        for name, values in columns.items():
            simulation.set_input(name, MONTH, values)
        return simulation.calculate("total", MONTH)

    return run
