# fmt: off
from kpirules import Band, Criterion, Example, Input, Rubric, Tier


rubric = Rubric(
    id="help-desk", label="Help desk, monthly appraisal", effective_from="2027-01-01", currency="EUR",
    inputs=[Input(name="late", type="count", label="Late arrivals", better="lower")],
    criteria=[
        Criterion(id="punctuality", label="Punctuality", weight=20, of="late", bands=[
            Band(when=0, points=20, label="Never late"),
            Band(when="1..2", points=10, label="Late once or twice"),
            Band(when=">= 3", points=0, label="Late three times or more")]),
        Criterion(id="answers", label="Quality of answers", weight=50, bands=[
            Band(points="41..50", label="Solved at the first call"),
            Band(points="21..40", label="Solved after asking again"),
            Band(points="0..20", label="Often handed on")]),
        Criterion(id="teamwork", label="Teamwork", weight=30)],
    tiers=[Tier(id="good", label="Good", total="80..100", pay=200),
           Tier(id="fair", label="Fair", total="60..79", pay=100),
           Tier(id="low", label="Low", total="0..59", pay=0)],
    examples=[Example(name="never late, good answers", ratings={"late": 0, "answers": 45, "teamwork": 25},
                      expect={"total": 90, "tier": "good", "pay": 200}),
              Example(name="late once", ratings={"late": 1, "answers": 40, "teamwork": 25},
                      expect={"total": 75, "tier": "fair", "pay": 100}),
              Example(name="late four times, calls handed on", ratings={"late": 4, "answers": 20, "teamwork": 15},
                      expect={"total": 35, "tier": "low", "pay": 0})])
