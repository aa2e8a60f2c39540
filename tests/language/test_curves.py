"""Lines between points that are formulas, and curves with a name."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import polars as pl
import pytest

from kpirules import InputError, dumps, evaluate, evaluate_frame, load, loads
from kpirules.api.load import check_text
from kpirules.codegen.compiled_plan import CannotSayError
from kpirules.codegen.generator import compiled
from kpirules.compiler.plan import Plan
from kpirules.errors import ModelError
from kpirules.evaluation.program import Program
from kpirules.model.curves import Curve, Point
from kpirules.pages.version_diff import changes
from kpirules.sheets.form_builder import blank
from kpirules.toml.parser import parse
from tests.language.test_stages import found, score


LINE = """
[inputs.sales]
type = "number"
range = "0..1000"
[inputs.target]
type = "number"
range = "%s"
[[criterion]]
id = "a"
weight = 100
formula = "interpolate(sales, target / 2, 0, target, 80, target + 50, 100)"
"""
RISING = LINE % "1..500"
FALLING = LINE % "0..500"


@pytest.mark.parametrize(
    ("sales", "target", "points"),
    [(0, 100, 0), (50, 100, 0), (75, 100, 40), (100, 100, 80), (125, 100, 90), (999, 100, 100)],
)
def test_points_may_be_formulas(sales, target, points):
    """The target of each person is a point."""
    assert points == score(RISING, sales=sales, target=target).total


def test_points_that_rise_for_all_records_are_proved():
    """Half of a number from 1 is below it."""
    assert [] == found(RISING)


def test_points_that_do_not_rise_are_an_error_with_a_record():
    """A target of 0: half of it is not below it."""
    (finding,) = [
        f for f in check_text(f'schema = 1\nid = "x"\n{FALLING}') if f.severity == "error"
    ]
    assert ("not-rising", {"target": 0}) == (
        finding.code,
        {name: value for name, value in finding.witness if name == "target"},
    )
    assert "the points of a line may not rise" == finding.message()
    assert "折线各点的横坐标可能不递增" == finding.message("zh")


def test_a_record_whose_points_do_not_rise_is_rejected():
    """Where check can neither prove nor refute that they rise, a record is the judge."""
    text = (LINE % "1..500").replace("target + 50", "target + 50 - extra + other").replace(
        "[[criterion]]",
        '[inputs.extra]\ntype = "number"\nrange = "0..100"\n[derive.other]\nformula = "extra * 1"\n[[criterion]]',
    )  # fmt: skip
    assert score(text, sales=1, target=10, extra=60).total is not None
    both = LINE.replace("target / 2", "min(target, floor_) - 1") % "0..500"
    undecided = both.replace(
        "[[criterion]]",
        '[derive.floor_]\nformula = "target * target / (target + 1)"\n[[criterion]]',
    )
    assert [] == [f for f in found(undecided) if f.startswith("not-rising")]
    assert Fraction(0) <= score(undecided, sales=3, target=3).total


def test_a_record_is_rejected_by_its_points():
    """A ruleset whose question is open has no proof for all records, and rejects those that fall."""
    rubric = parse(f'schema = 1\nid = "x"\n{FALLING}', "x")
    with pytest.raises(InputError) as caught:
        Program(Plan(rubric)).evaluate({"sales": 1, "target": 0})
    (problem,) = caught.value.problems
    assert ("not-rising", ("target", "sales")) == (
        problem.code,
        tuple(sorted(problem.inputs, reverse=True)),
    )
    assert "the points of a line do not rise: x is 0 after 0" in str(problem)
    assert "折线各点的横坐标没有递增：0 之后是 0" in problem.text("zh")


# ---------------------------------------------------------------- curves

CURVES = """
currency = "EUR"
[inputs.sales]
type = "number"
range = "0..1000"
label = { en = "Sales", zh = "销售额" }
[inputs.target]
type = "number"
range = "10..500"
[curves.payout]
points = [["target / 2", 0], ["target", 80], ["target + 50", "curve(sales, flat)"]]
[curves.flat]
points = [[0, 90], [1000, 100]]
beyond = "straight"
[curves.bonus]
points = [[50, 0], [100, 1000]]
beyond = "%s"
[[criterion]]
id = "a"
weight = 100
formula = "curve(sales, payout)"
[outcome.bonus]
formula = "curve(total, bonus)"
"""
STRAIGHT = CURVES % "straight"


@pytest.mark.parametrize(
    ("sales", "points", "straight", "end"),
    [(100, 80, 600, 600), (50, 0, -1000, 0), (1000, 100, 1000, 1000), (150, "91.5", 830, 830)],
)
def test_a_curve_is_used_by_its_name(sales, points, straight, end):
    """Between its points, and beyond them by its end or straight on; its points may use another curve."""
    for text, bonus in ((STRAIGHT, straight), (CURVES % "end", end)):
        result = score(text, sales=sales, target=100)
        assert Fraction(points) == result.total
        assert bonus == result.verdict.outcomes[0].value


def test_a_sound_ruleset_has_no_finding():
    """Points that are formulas are proved to rise."""
    assert [] == found(STRAIGHT)


def of_curve(points, *, formula="curve(n, line)", more=""):
    """Return a form with one curve."""
    return (
        f'[inputs.n]\ntype = "number"\nrange = "0..10"\n[curves.line]\npoints = {points}\n{more}'
        f'[[criterion]]\nid = "a"\nweight = 100\nformula = "{formula}"\n'
    )


def errors(text):
    """Return (code, place, message and help) of the errors in a text."""
    every = check_text(f'schema = 1\nid = "x"\n{text}')
    return [(f.code, f.place, f"{f.message()}; {f.help()}") for f in every if f.severity == "error"]


OTHER = '[curves.other]\npoints = [[0, 0], [1, "curve(n, line)"]]\n'


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            of_curve("[[0, 0], [5, 1], [5, 2]]"),
            [("not-rising", "curves.line.points[2]", "the points of a curve do not rise: x is 5 after 5; write the points in the order of x, each x once")],
        ),
        (
            of_curve("[[0, 0], [10, 9]]", formula="curve(n, lime)"),
            [("value", "a.formula", 'there is no curve "lime"; did you mean "line"?')],
        ),
        (
            of_curve("[[0, 0], [10, 9]]", formula="curve(n, qqqq)"),
            [("value", "a.formula", 'there is no curve "qqqq"; the curves are line')],
        ),
        (
            of_curve("[[0, 0], [10, 9]]").replace("[curves.line]\npoints = [[0, 0], [10, 9]]\n", ""),
            [("value", "a.formula", 'there is no curve "line"; ')],
        ),
        (
            of_curve('[[0, 0], [10, "curve(n, other)"]]', more=OTHER),
            [("cycle", "curves.line", "circular dependency: line -> other -> line; ")],
        ),
        (
            of_curve('[[0, 0], [10, "curve(n, line)"]]'),
            [("cycle", "curves.line", "circular dependency: line -> line; ")],
        ),
        (
            of_curve('[[0, 0], ["m", 9]]'),
            [("unknown-name", "curves.line.points[1][0]", 'there is no input "m"; ')],
        ),
        (
            of_curve('[[0, 0], [10, "n +"]]'),
            [("value", "curves.line.points[1][1]", "the formula ends too early; "), ("value", "a.formula", "the curve line cannot be used here: the formula ends too early; ")],
        ),
        (of_curve("[[0, 0]]"), [("value", "curves.line.points", "a curve has 2 to 49 points, not 1; ")]),
        (of_curve("[[0, 0], [1, 2, 3]]"), [("value", "curves.line.points[1]", "a point has two numbers, [x, y], not 3; ")]),
        (of_curve("[[0, 0], 5]"), [("value", "curves.line.points[1]", "must be a point, [x, y], not a number; ")]),
        (of_curve('[[0, 0], ["5", true]]'), [("value", "curves.line.points[1][0]", None), ("value", "curves.line.points[1][1]", None)]),
        (of_curve("[[0, 0], [9, 9]]", more='beyond = "strait"\n'), [("value", "curves.line.beyond", None)]),
        (of_curve("[[0, 0], [9, 9]]", formula="curve(line, n)"), [("value", "a.formula", None)]),
        (of_curve("[[0, 0], [9, 9]]", formula="curve(n)"), [("value", "a.formula", "curve has a number and the name of a curve: curve(x, NAME); ")]),
        (of_curve("[[0, 0], [9, 9]]", formula="curve(n, 5)"), [("value", "a.formula", "curve has a number and the name of a curve: curve(x, NAME); ")]),
        (of_curve("[[0, 0], [9, 9]]", formula="curve(n, line, 3)"), [("value", "a.formula", None)]),
        (of_curve("[[0, 0], [9, 9]]").replace("curves.line", "curves.n"), [("duplicate-id", "curves.n", None)]),
        (of_curve("[[0, 0], [9, 9]]").replace("curves.line", "curves.total"), [("reserved-id", "curves.total", None)]),
    ],
)  # fmt: skip
def test_a_mistake_of_a_curve_is_named_at_its_place(text, expected):
    """With the known name that was probably meant; in both languages."""
    found_ = errors(text)
    for code, place, message in expected:
        texts = [m for c, p, m in found_ if (c, p) == (code, place)]
        assert texts, found_
        assert message is None or texts[0].startswith(message)
    for finding in check_text(f'schema = 1\nid = "x"\n{text}'):
        assert finding.message("zh")


def test_a_curve_that_no_formula_uses_is_a_warning():
    """Also one that only itself is not used by; a formula that cannot be read may use any."""
    text = of_curve(
        "[[0, 0], [10, 9]]", formula="n", more="[curves.second]\npoints = [[0, 0], [1, 1]]\n"
    )
    assert [
        'unused-name: no formula uses the curve "line"',
        'unused-name: no formula uses the curve "second"',
    ] == [each for each in found(text) if each.startswith("unused")]
    assert not [
        t for t in found(text.replace('formula = "n"', 'formula = "n +"')) if "no formula uses" in t
    ]


@pytest.mark.parametrize("kind", ["count", "number"])
def test_points_whose_distance_is_known_rise_for_numbers_without_end(kind):
    """A count has no greatest value; the distance of two points of it is 3 all the same."""
    text = f"""schema = 1
id = "x"
inputs.m = {{ type = "{kind}" }}
criterion = [{{ id = "a", weight = 100, formula = "curve(m, bent)", clamp = "0..100" }}]
[curves.bent]
points = [[0, 0], ["abs(m) + 1", "m"], ["abs(m) + 4", 9]]
"""
    assert [] == [f.code for f in check_text(text) if f.code in ("not-rising", "not-proved")]


def test_curves_within_curves_end():
    """A chain of curves, each with many uses of the next, is too large: named, in bounded time."""
    parts = []
    for i in range(6):
        inner = "1" if i == 5 else " + ".join([f"curve(n, c{i + 1})"] * 20)
        points = ", ".join(f'[{j}, "{inner}"]' for j in range(10))
        parts.append(f"[curves.c{i}]\npoints = [{points}]\n")
    text = of_curve(
        "[[0, 0], [10, 9]]", formula="curve(n, c0) + curve(n, line)", more="".join(parts)
    )
    assert {"value"} == {code for code, _, _ in errors(text)}
    wide = of_curve("[[0, 0], [10, 3]]", formula=" + ".join(["curve(n, line)"] * 29))
    assert [] == errors(wide)
    points = ", ".join(f'[{j}, "{" + ".join(["n"] * 100)}"]' for j in range(40))
    large = of_curve(f"[{points}]", formula="curve(n, line) + 0 * curve(n, line)")
    assert any("more than 5000 parts" in message for _, _, message in errors(large))


def test_a_curve_that_was_lost_makes_its_formulas_uncertain():
    """A ruleset with an invalid curve has no further findings about what uses it."""
    text = (
        of_curve("[[0, 0]]")
        + '[[example]]\nname = "e"\nratings = { n = 5 }\nexpect = { total = 50 }\n'
    )
    assert ["value"] == [code for code, _, _ in errors(text)]


# ---------------------------------------------------------------- files, forms, frames


def test_a_file_with_curves_is_written_and_read_back():
    """Points are lists of numbers and formulas; the usual end is not written."""
    for text in (STRAIGHT, CURVES % "end"):
        rubric = loads(f'schema = 1\nid = "x"\n{text}')
        assert rubric == loads(dumps(rubric))
    assert (
        'points = [["target / 2", 0], ["target", 80], ["target + 50", "curve(sales, flat)"]]'
        in dumps(rubric)
    )
    assert 'beyond = "end"' not in dumps(rubric)


def test_python_takes_points_as_pairs():
    """Numbers of any kind, formulas, or points."""
    curve = Curve(name="c", points=[(0, 0.5), Point("a", 1)])
    assert (Point(0, Decimal("0.5")), Point("a", 1)) == curve.points
    with pytest.raises(ModelError, match=r"points\[0\]"):
        Curve(name="c", points=[0, (1, 2)])


def test_a_form_shows_the_points_with_labels():
    """Also those of a curve in a curve; dots stand for lines that go on."""
    rubric = loads(f'schema = 1\nid = "x"\n{STRAIGHT}')
    form = blank(rubric, lang="zh")
    (level,) = form.parts[0].items[0].levels
    assert (
        "curve(销售额, [target / 2: 0; target: 80; target + 50: curve(销售额, [… 0: 90; 1000: 100 …])])"
        == level.text
    )
    other = loads(f'schema = 1\nid = "x"\n{STRAIGHT}'.replace("[50, 0]", "[60, 0]"))
    change = next(c for c in changes(rubric, other, "en") if c.part == "curves.bonus")
    assert ("points: 50, 0, 100, 1000", "points: 60, 0, 100, 1000") == (change.before, change.after)


def test_a_frame_has_curves_between_numbers_and_rejects_others_by_name():
    """In columns, as far as the points are the same for all rows; else row by row."""
    text = (
        of_curve("[[2, 0], [4, 50], [8, 90]]")
        + '[outcome.far]\nformula = "curve(n, far)"\n[curves.far]\npoints = [[2, 0], [4, 50], [8, 90]]\nbeyond = "straight"\n'
    )
    rubric = loads(f'schema = 1\nid = "x"\n{text}')
    rows = [0, 1, 2, 3, 5, 8, 10]
    made = evaluate_frame(rubric, pl.DataFrame({"n": rows}))
    expected = [evaluate(rubric, {"n": n}) for n in rows]
    assert [result.total for result in expected] == made["total"].to_list()
    far = [result.verdict.outcomes[0].value for result in expected]
    assert far == [Fraction(value) for value in made["outcome.far"]]
    formulas = loads(f'schema = 1\nid = "x"\n{RISING}')
    rows = {"sales": [75, 100], "target": [100, 100]}
    assert [40, 80] == evaluate_frame(formulas, pl.DataFrame(rows))["total"].to_list()
    with pytest.raises(CannotSayError, match="points that differ from row to row"):
        compiled(Plan(formulas), {"sales": "number", "target": "number"})


def test_sizes_of_numbers_between_formulas_are_known():
    """No warning of numbers that are too long."""
    assert [] == [t for t in found(RISING) if t.startswith("number-too-long")]


def test_extends_changes_a_curve_and_removes_another(tmp_path):
    """By its name, key by key, as other parts; its points are replaced as a whole."""
    base = of_curve("[[0, 0], [10, 100]]", more="[curves.gone]\npoints = [[0, 0], [1, 1]]\n")
    child = (
        'extends = "base"\n[curves.line]\nbeyond = "straight"\npoints = [[0, 0], [5, 50]]\n'
        "[curves.gone]\nremove = true\n"
    )
    for name, text in (("base", base), ("child", child)):
        folder = tmp_path / name
        folder.mkdir()
        head = f'schema = 1\nid = "{name}"\neffective_from = 2027-01-01\n'
        (folder / "2027-01-01.rubric.toml").write_text(head + text, encoding="utf-8")
    rubric = load("child", on="2027-02-01", folders=[tmp_path])
    points = (Point(0, 0), Point(5, 50))
    assert (Curve(name="line", points=points, beyond="straight"),) == rubric.curves
    assert 90 == evaluate(rubric, {"n": 9}).total
