"""The customer-service form as straight code, written from the form's facts alone.

No table, no data file, nothing of kpirules: what the tests compare the ruleset and the evaluator
with. ``fast`` is what a programmer would write by hand who only wants the numbers; the benchmark
runs against it.
"""

from __future__ import annotations


JUDGED = ("skill", "feedback", "manner", "teamwork", "volume", "service", "conversion")
MEASURED = {
    "attendance": ("late", "absent"),
    "leave": ("leave_days",),
    "discipline": ("incidents",),
    "duty_roster": ("duty",),
}
SECTIONS = {
    "personnel": ("attendance", "leave", "discipline", "duty_roster"),
    "ability": ("skill", "feedback"),
    "attitude": ("manner", "teamwork"),
    "results": ("volume", "service", "conversion"),
}


def score(record):
    """Give (total, tier, pay, points, subtotals), or raise ValueError with the faulty names."""
    faults = []
    points = {}

    def count(name):
        value = record[name]
        if type(value) is not int or value < 0:
            faults.append(name)
            return None
        return value

    given = {name: record[name] for name in record if record[name] is not None}

    # attendance: lateness and absence
    facts = None
    if "late" in given and "absent" in given:
        late, absent = count("late"), count("absent")
        if late is not None and absent is not None:
            if absent > 0:
                facts = 0
            elif late == 0:
                facts = 6
            elif late == 1:
                facts = 4
            elif late == 2:
                facts = 3
            else:
                facts = 0
    measured(given, "attendance", facts, (0, 3, 4, 6), points, faults)

    facts = None
    if "leave_days" in given:
        days = count("leave_days")
        if days is not None:
            if days == 0:
                facts = 6
            elif days == 1:
                facts = 4
            elif days == 2:
                facts = 3
            else:
                facts = 0
    measured(given, "leave", facts, (0, 3, 4, 6), points, faults)

    facts = None
    if "incidents" in given:
        incidents = count("incidents")
        if incidents is not None:
            if incidents == 0:
                facts = 5
            elif incidents == 1:
                facts = 3
            else:
                facts = 0
    measured(given, "discipline", facts, (0, 3, 5), points, faults)

    facts = None
    if "duty" in given:
        if given["duty"] == "met":
            facts = 3
        elif given["duty"] == "substandard":
            facts = 2
        elif given["duty"] == "forgotten":
            facts = 0
        else:
            faults.append("duty")
    measured(given, "duty_roster", facts, (0, 2, 3), points, faults)

    for name in JUDGED:
        if name not in given or not awarded(name, given[name]):
            faults.append(name)
        else:
            points[name] = given[name]

    if faults:
        raise ValueError(sorted(set(faults)))
    total = sum(points.values())
    subtotals = {s: sum(points[c] for c in names) for s, names in SECTIONS.items()}
    tier, pay = outcome(total)
    return total, tier, pay, points, subtotals


def measured(given, name, facts, awards, points, faults):
    """Take the points of a measured criterion from its facts, its rating, or both that agree."""
    wanted = MEASURED[name]
    if name in given:
        rating = given[name]
        if type(rating) is not int or rating not in awards or (facts not in (None, rating)):
            faults.append(name)
        else:
            points[name] = rating
    elif facts is not None:
        points[name] = facts
    else:
        faults.extend(fact for fact in wanted if fact not in given)


def awarded(name, rating):
    """Say whether an appraiser may award a rating."""
    if type(rating) is not int:
        return False
    if name in ("skill", "feedback", "conversion"):
        return 8 <= rating <= 10 or 3 <= rating <= 7 or 0 <= rating <= 1
    if name in ("manner", "teamwork"):
        return rating == 5 or 3 <= rating <= 4 or 0 <= rating <= 1
    return 15 <= rating <= 20 or 11 <= rating <= 14 or 0 <= rating <= 10


def outcome(total):
    """Give the tier and the pay of a total."""
    if 90 <= total <= 100:
        return "excellent", 300
    if 80 <= total <= 89:
        return "good", 200
    if 60 <= total <= 79:
        return "pass", 100
    return "fail", -50


def fast(record):
    """Give (total, tier, pay) of a record of facts and judged ratings, with the form's own limits."""
    late = record["late"]
    absent = record["absent"]
    if late == 0 and absent == 0:
        total = 6
    elif late == 1 and absent == 0:
        total = 4
    elif late == 2 and absent == 0:
        total = 3
    elif late >= 0 and absent >= 0:
        total = 0
    else:
        raise ValueError("late, absent")

    leave_days = record["leave_days"]
    if leave_days == 0:
        total += 6
    elif leave_days == 1:
        total += 4
    elif leave_days == 2:
        total += 3
    elif leave_days < 0:
        raise ValueError("leave_days")

    incidents = record["incidents"]
    if incidents == 0:
        total += 5
    elif incidents == 1:
        total += 3
    elif incidents < 0:
        raise ValueError("incidents")

    duty = record["duty"]
    if duty == "met":
        total += 3
    elif duty == "substandard":
        total += 2
    elif duty != "forgotten":
        raise ValueError("duty")

    skill = record["skill"]
    if 8 <= skill <= 10 or 3 <= skill <= 7 or 0 <= skill <= 1:
        total += skill
    else:
        raise ValueError("skill")
    feedback = record["feedback"]
    if 8 <= feedback <= 10 or 3 <= feedback <= 7 or 0 <= feedback <= 1:
        total += feedback
    else:
        raise ValueError("feedback")
    manner = record["manner"]
    if manner == 5 or 3 <= manner <= 4 or 0 <= manner <= 1:
        total += manner
    else:
        raise ValueError("manner")
    teamwork = record["teamwork"]
    if teamwork == 5 or 3 <= teamwork <= 4 or 0 <= teamwork <= 1:
        total += teamwork
    else:
        raise ValueError("teamwork")
    volume = record["volume"]
    if 15 <= volume <= 20 or 11 <= volume <= 14 or 0 <= volume <= 10:
        total += volume
    else:
        raise ValueError("volume")
    service = record["service"]
    if 15 <= service <= 20 or 11 <= service <= 14 or 0 <= service <= 10:
        total += service
    else:
        raise ValueError("service")
    conversion = record["conversion"]
    if 8 <= conversion <= 10 or 3 <= conversion <= 7 or 0 <= conversion <= 1:
        total += conversion
    else:
        raise ValueError("conversion")

    if total >= 90:
        return total, "excellent", 300
    if total >= 80:
        return total, "good", 200
    if total >= 60:
        return total, "pass", 100
    return total, "fail", -50


def random_record(rng, *, direct=True):
    """Give a random valid record: facts, now and then points instead, now and then both."""
    record = {
        "late": rng.choice([0, 0, 0, 1, 2, 3, rng.randrange(40)]),
        "absent": rng.choice([0, 0, 0, 0, 1, rng.randrange(5)]),
        "leave_days": rng.choice([0, 0, 1, 2, 3, rng.randrange(31)]),
        "incidents": rng.choice([0, 0, 1, 2, rng.randrange(12)]),
        "duty": rng.choice(["met", "met", "substandard", "forgotten"]),
    }
    for name in JUDGED:
        top = {"manner": 5, "teamwork": 5, "volume": 20, "service": 20}.get(name, 10)
        record[name] = rng.choice([v for v in range(top + 1) if awarded(name, v)])
    if direct:
        points = score(record)[3]
        for name, facts in MEASURED.items():
            way = rng.random()
            if way < 0.15:
                record[name] = points[name]
            elif way < 0.3:
                record[name] = points[name]
                for fact in facts:
                    del record[fact]
        if rng.random() < 0.1:
            record["problem_handling"] = rng.choice(["", "calm", "settled alone", "需要跟进"])
    return record
