"""Ruleset files of bounded size that would take unbounded time or memory, by what makes them so."""

from __future__ import annotations

from collections.abc import Callable


HEAD = 'schema = 1\nid = "costly"\n'
ONE = 'criterion = [{ id = "a", weight = 100 }]\n'

#: each makes one file
FILES: dict[str, Callable[[], str]] = {}


def _file(make: Callable[[], str]) -> Callable[[], str]:
    FILES[make.__name__.replace("_", " ").strip()] = make
    return make


def _facts(count: int, kind: str = "count", more: str = "") -> str:
    """Write inputs ``x0``, ``x1``, ..."""
    lines = (f'x{i} = {{ type = "{kind}"{more} }}' for i in range(count))
    return "[inputs]\n" + "\n".join(lines) + "\n"


def _rest(formula: str, more: str = 'clamp = "0..100"') -> str:
    """Write the one criterion."""
    return f'[[criterion]]\nid = "a"\nweight = 100\n{more}\nformula = "{formula}"\n'


@_file
def a_third_beside_the_steps() -> str:
    return HEAD + _facts(1, "number", ', range = "0..33.34"') + _rest("3 * x0", "")


@_file
def thirds_of_a_thousandth() -> str:
    more = ', range = "0..33.3334", step = 0.0001'
    return HEAD + _facts(1, "number", more) + _rest("3 * x0 + x0 / 7", "")


@_file
def many_names_in_a_fault() -> str:
    facts = _facts(120, "number", ', range = "0..999999999999999999"')
    return HEAD + facts + _rest("+".join(f"x{i}" for i in range(120)), "")


@_file
def squares_of_squares() -> str:
    lines = [f'd{i} = {{ formula = "d{i - 1} * d{i - 1} + 0.37" }}' for i in range(1, 23)]
    facts = _facts(1, "number", ', range = "0..2"') + '[derive]\nd0 = { formula = "x0" }\n'
    return HEAD + facts + "\n".join(lines) + "\n" + _rest("d22")


def _chain(formula: str, count: int = 900) -> str:
    """Write derived facts, each of which depends on the one before."""
    lines = [
        f'd{i} = {{ formula = "{formula.replace("D", f"d{i - 1}")}" }}' for i in range(1, count)
    ]
    facts = _facts(2, "number", ', range = "0..2"') + '[derive]\nd0 = { formula = "x0" }\n'
    return HEAD + facts + "\n".join(lines) + "\n" + _rest(f"d{count - 1}")


@_file
def small_squares_of_squares() -> str:
    return _chain("D * D * D").replace('range = "0..2"', 'range = "0..0.001", step = 0.001')


@_file
def a_chain_of_products() -> str:
    return _chain("D * x1 + 0.123456789")


@_file
def a_chain_of_quotients() -> str:
    return _chain("(D + 3) / (D * D + 7) + 1 / (x1 + 3)")


@_file
def a_chain_of_interpolations() -> str:
    return _chain("interpolate(D, 0, 0.1, 1, 0.37, 2, 1.9, 7, 3)")


@_file
def a_chain_of_means_and_ratios() -> str:
    return _chain("mean(D, ratio(x0, D + 1, 0), x1) * 1.0000001")


@_file
def a_chain_of_roundings() -> str:
    return _chain("round(D * 3.7, 0.01) + D * D")


@_file
def a_chain_of_bands() -> str:
    bands = 'bands = [{ when = "<= 1", formula = "D * x1" }, { when = "> 1", formula = "D + x1" }]'
    lines = [
        f'd{i} = {{ of = "d{i - 1}", {bands.replace("D", f"d{i - 1}")} }}' for i in range(1, 900)
    ]
    facts = _facts(2, "number", ', range = "0..2"') + '[derive]\nd0 = { formula = "x0" }\n'
    return HEAD + facts + "\n".join(lines) + "\n" + _rest("d899")


@_file
def long_formulas_of_products() -> str:
    facts = _facts(9, "number", ', range = "0..999999999999999.999"')
    terms = [
        f'd{i} = {{ formula = "{"*".join(f"x{(i + j) % 9}" for j in range(160))}" }}'
        for i in range(400)
    ]
    return HEAD + facts + "[derive]\n" + "\n".join(terms) + "\n" + _rest("d0 - d1")


@_file
def long_formulas_that_stay_undecided() -> str:
    facts = _facts(9, "number", ', range = "0..999999999999999.999"')
    body = "(x0*x1-x1*x0)+" * 33 + "x2-x2"
    criteria = "".join(
        f'[[criterion]]\nid = "c{i}"\nweight = 0.25\nformula = "{body}"\n' for i in range(400)
    )
    return HEAD + facts + criteria


@_file
def divisors_that_stay_undecided() -> str:
    facts = _facts(9, "number", ', range = "0.1..2"')
    body = "+".join(
        f"1/(x{i % 9}*x{(i + 1) % 9}-x{(i + 1) % 9}*x{i % 9}+0.00001)" for i in range(14)
    )
    criteria = "".join(
        f'[[criterion]]\nid = "c{i}"\nweight = 0.2\nclamp = "0..0.2"\nformula = "{body}"\n'
        for i in range(450)
    )
    return HEAD + facts + criteria


@_file
def formulas_nested_to_the_limit() -> str:
    facts = _facts(2, "number", ', range = "0..9"')
    body = "x0"
    for i in range(30):
        body = f"{('min', 'max')[i % 2]}({body},x{i % 2}+{i})"
    criteria = "".join(
        f'[[criterion]]\nid = "c{i}"\nweight = 0.2\nclamp = "0..0.2"\nformula = "{body}"\n'
        for i in range(500)
    )
    return HEAD + facts + criteria


@_file
def a_table_of_a_thousand_bands_over_a_number() -> str:
    bands = "".join(f'  {{ when = "{i} .. < {i + 1}", points = {i % 101} }},\n' for i in range(999))
    bands += '  { when = "otherwise", points = 0 },\n'
    return (
        HEAD
        + _facts(1, "number")
        + f'[[criterion]]\nid = "a"\nweight = 100\nof = "x0"\nbands = [\n{bands}]\n'
    )


@_file
def a_choice_of_a_thousand_options() -> str:
    options = ", ".join(f'"o{i}"' for i in range(1000))
    bands = "".join(f'  {{ when = "o{i}", points = {i % 101} }},\n' for i in range(1000))
    facts = f'[inputs]\nk = {{ type = "choice", options = [{options}] }}\n'
    return HEAD + facts + f'[[criterion]]\nid = "a"\nweight = 100\nof = "k"\nbands = [\n{bands}]\n'


@_file
def many_tables_over_a_choice_of_a_thousand() -> str:
    options = ", ".join(f'"o{i}"' for i in range(1000))
    facts = f'[inputs]\nk = {{ type = "choice", options = [{options}] }}\n'
    table = (
        "[bands.t]\nrows = [\n"
        + "".join(f'  {{ when = "o{i}", points = 0 }},\n' for i in range(1000))
        + "]\n"
    )
    criteria = "".join(
        f'[[criterion]]\nid = "c{i}"\nweight = 0.1\nof = "k"\nbands = "t"\n' for i in range(1000)
    )
    return HEAD + facts + table + criteria


@_file
def many_tables_over_a_number() -> str:
    table = "[bands.t]\nrows = [\n" + "".join(
        f"  {{ when = {i}, points = 0 }},\n" for i in range(999)
    )
    table += '  { when = "otherwise", points = 0 },\n]\n'
    criteria = "".join(
        f'[[criterion]]\nid = "c{i}"\nweight = 0.1\nof = "x0"\nbands = "t"\n' for i in range(1000)
    )
    return HEAD + _facts(1) + table + criteria


@_file
def bands_that_all_overlap() -> str:
    bands = "".join(f'  {{ when = ">= {i}", points = {i % 101} }},\n' for i in range(1000))
    return (
        HEAD
        + _facts(1, "number")
        + f'[[criterion]]\nid = "a"\nweight = 100\nof = "x0"\nbands = [\n{bands}]\n'
    )


@_file
def many_tables_that_all_overlap() -> str:
    table = (
        "[bands.t]\nrows = [\n"
        + "".join(f'  {{ when = ">= {i}", points = 0 }},\n' for i in range(1000))
        + "]\n"
    )
    criteria = "".join(
        f'[[criterion]]\nid = "c{i}"\nweight = 0.1\nof = "x0"\nbands = "t"\n' for i in range(1000)
    )
    return HEAD + _facts(1, "number") + table + criteria


def _wide(axes: int, rows: int, tables: int) -> str:
    """Write tables over several facts that are hard to decide."""
    text = HEAD + _facts(axes, "number", ', range = "0..1000"')
    for t in range(tables):
        bands = ""
        for r in range(rows):
            when = ", ".join(
                f'x{a} = "{(r * (a + 3) * 7 + t) % 500} .. {500 + (r * (a + 5) * 11) % 500}"'
                for a in range(axes)
            )
            bands += f"  {{ when = {{ {when} }}, points = {r % 3} }},\n"
        bands += '  { when = "otherwise", points = 0 },\n'
        text += f'[[criterion]]\nid = "c{t}"\nweight = {100 / tables:g}\nscale = 100\nbands = [\n{bands}]\n'
    return text


@_file
def a_table_over_five_facts() -> str:
    return _wide(5, 200, 1)


@_file
def many_tables_over_three_facts() -> str:
    return _wide(3, 40, 50)


@_file
def many_tables_over_eight_facts() -> str:
    return _wide(8, 16, 50)


@_file
def one_table_over_many_facts() -> str:
    return _wide(40, 90, 1)


@_file
def better_facts_over_wide_tables() -> str:
    return _wide(3, 100, 10).replace('range = "0..1000"', 'range = "0..1000", better = "higher"')


@_file
def a_thousand_tiers() -> str:
    tiers = "".join(
        f'[[tier]]\nid = "t{i}"\ntotal = ">= {i / 10:g}"\npay = {i * 7 % 1000}\n'
        for i in range(1000)
    )
    return HEAD + ONE + tiers


@_file
def a_thousand_gates_and_outcomes() -> str:
    gates = "".join(
        f'[[gate]]\nwhen = {{ total = ">= {i / 10:g}" }}\ntotal_at_most = {i / 10:g}\n'
        for i in range(1000)
    )
    out = "[outcome]\n" + "".join(
        f'o{i} = {{ formula = "total * {i} / 7" }}\n' for i in range(1000)
    )
    return HEAD + ONE + gates + out


@_file
def a_thousand_adjustments() -> str:
    each = "".join(
        f'[[adjust]]\nid = "j{i}"\nformula = "x{i % 9} / {i * 2 + 3}"\n' for i in range(1000)
    )
    return HEAD + ONE + _facts(9, "number", ', range = "0..1"') + each


@_file
def a_thousand_criteria_of_primes() -> str:
    criteria = "".join(
        f'[[criterion]]\nid = "c{i}"\nweight = 0.1\nscale = {i * 2 + 3}.{i * 7919 % 999983:06d}1\nmissing = "exclude"\n'
        for i in range(1000)
    )
    return HEAD + criteria


@_file
def weights_of_a_thousand_formulas() -> str:
    facts = _facts(9, "number", ', range = "1..2"')
    criteria = "".join(
        f'[[criterion]]\nid = "c{i}"\nweight = "x{i % 9} / (x{(i + 1) % 9} + {i})"\nscale = 10\n'
        for i in range(900)
    )
    return HEAD + 'weights_total = "sum"\n' + facts + criteria


@_file
def ten_thousand_unknown_keys() -> str:
    return HEAD + "".join(f"k{i} = {i}\n" for i in range(15_000)) + ONE


@_file
def ten_thousand_unknown_names() -> str:
    criteria = "".join(
        f'[[criterion]]\nid = "c{i}"\nweight = 0.1\nformula = "{"+".join(f"y{i}z{j}" for j in range(20))}"\n'
        for i in range(900)
    )
    return HEAD + criteria


@_file
def duplicates_of_one_id() -> str:
    return HEAD + '[[criterion]]\nid = "c"\nweight = 1\n' * 1000


@_file
def a_cycle_of_a_thousand() -> str:
    each = "".join(
        f'd{i} = {{ formula = "d{(i + 1) % 1000} + d{(i + 7) % 1000}" }}\n' for i in range(1000)
    )
    return HEAD + "[derive]\n" + each + _rest("d0")


@_file
def a_lattice_of_derived_facts() -> str:
    each = "".join(
        f'd{i} = {{ formula = "{"+".join(f"d{j}" for j in range(max(0, i - 30), i)) or "x0"}" }}\n'
        for i in range(900)
    )
    return HEAD + _facts(1, "number", ', range = "0..2"') + "[derive]\n" + each + _rest("d899")


@_file
def a_thousand_examples() -> str:
    each = "".join(
        f'[[example]]\nname = "e{i}"\nratings = {{ a = {i % 101} }}\nexpect = {{ total = {i % 101} }}\n'
        for i in range(1000)
    )
    return HEAD + ONE + each


@_file
def examples_over_a_chain() -> str:
    each = "".join(
        f'[[example]]\nname = "e{i}"\nratings = {{ x0 = {i % 3}, x1 = 2 }}\nexpect = {{ total = 1 }}\n'
        for i in range(990)
    )
    return _chain("min(D * 1.01, x1)", 900) + each


@_file
def a_thousand_texts_of_rulings() -> str:
    return (
        HEAD
        + ONE
        + "".join(
            f'[[ruling]]\nclause = "c{i}"\nconflict = "x"\ndecision = "y"\naccepts = ["rating-gap a{i}"]\n'
            for i in range(1000)
        )
    )


@_file
def nested_brackets() -> str:
    return HEAD + "criterion = " + "[" * 100_000


@_file
def nested_inline_tables() -> str:
    return HEAD + "a = " + "{ a = " * 30 + "1" + " }" * 30 + "\n" + ONE


@_file
def one_long_text() -> str:
    return HEAD + f'label = "{"x" * 250_000}"\n' + ONE


@_file
def a_range_of_very_small_steps() -> str:
    facts = _facts(3, "number", ', range = "0..999999999999", step = 0.000000000001')
    return (
        HEAD
        + "step = 0.000001\n"
        + ONE
        + facts
        + '[[adjust]]\nid = "j"\nformula = "x0 * x1 / 3 - x2"\n'
    )


@_file
def totals_on_a_fine_grid() -> str:
    criteria = "".join(
        f'[[criterion]]\nid = "c{i}"\nweight = 0.5\nscale = {1000 + i}\n' for i in range(200)
    )
    return HEAD + criteria + '[[tier]]\nid = "t"\ntotal = "0..100"\n'


@_file
def totals_of_many_criteria_one_by_one() -> str:
    criteria = "".join(
        f'[[criterion]]\nid = "c{i}"\nweight = 0.1\nrange = "0..1000"\nscale = 1000\n'
        for i in range(1000)
    )
    return HEAD + "step = 0.5\n" + criteria + '[[tier]]\nid = "t"\ntotal = "0..100"\n'


def _list(count: int, make: Callable[[int], str], sep: str = "\n") -> str:
    """Write parts that count up."""
    return sep.join(make(i) for i in range(count)) + "\n"


@_file
def a_row_of_ten_thousand_ranges() -> str:
    when = ",".join(f'">= {i}"' for i in range(14_000))
    return (
        HEAD
        + _facts(1, "number")
        + f'[[criterion]]\nid="a"\nweight=100\nof="x0"\nbands=[{{when=[{when}],points=1}},{{when="otherwise",points=0}}]\n'
    )


@_file
def rows_of_a_thousand_ranges() -> str:
    rows = _list(
        10,
        lambda r: (
            "{when=["
            + ",".join(f'"{i}.{r}"'.replace('"', "") for i in range(1900))
            + f"],points={r}}},"
        ),
    )
    return (
        HEAD
        + _facts(1, "number")
        + f'[[criterion]]\nid="a"\nweight=100\nof="x0"\nbands=[\n{rows}{{when="otherwise",points=0}}]\n'
    )


@_file
def gates_over_many_values() -> str:
    rows = _list(900, lambda i: f'{{when={i},formula="x0*{i}.1"}},')
    d = f'[derive.d]\nof="x1"\nbands=[\n{rows}{{when="otherwise",value=0}}]\n'
    gates = _list(
        950,
        lambda i: (
            f'[[gate]]\nwhen={{d=["{i}..{i + 1}",{i + 5}.1,{i + 7}.2,{i + 8}.2,{i + 9}.2,{i + 11}.2,{i + 13}.2]}}\ntotal_at_most={i / 10:g}'
        ),
    )
    return HEAD + ONE + _facts(2, "number", ', range = "0..1000"') + d + gates


@_file
def gates_over_left_out_totals() -> str:
    gates = _list(
        900,
        lambda i: (
            f"[[gate]]\nwhen={{total=[{','.join(f'{(i * 11 + j * 17) % 1000 / 10:g}' for j in range(20))}]}}\ntotal_at_most={i / 10:g}"
        ),
    )
    crit = _list(
        10,
        lambda i: (
            f'[[criterion]]\nid="c{i}"\nweight={i + 1}' + ('\nmissing="exclude"' if i < 4 else "")
        ),
    )
    return HEAD + crit + '[[criterion]]\nid="z"\nweight=45\n' + gates


@_file
def a_thousand_sections() -> str:
    return HEAD + _list(
        1000,
        lambda i: (
            f'[[section]]\nid="s{i}"\nclamp="0..0.1"\nround={{to=0.01,mode="half_up"}}\ncriterion=[{{id="c{i}",weight=0.1,missing="exclude",scale={i + 3}}}]'
        ),
    )


@_file
def many_rulings_and_findings() -> str:
    c = _list(
        900,
        lambda i: (
            f'[[criterion]]\nid="c{i}"\nweight=0.1\nrange="0..5"\nbands=[{{points=1}},{{points=3}}]'
        ),
    )
    r = _list(
        900,
        lambda i: (
            f'[[ruling]]\nclause="c{i}"\nconflict="x"\ndecision="y"\naccepts=["rating-gap c{i}"]'
        ),
    )
    return HEAD + c + r


@_file
def bands_with_wrong_ranges() -> str:
    b = _list(990, lambda i: f'{{when="{i}-{i + 1}",points="a"}},')
    return (
        HEAD
        + _facts(1)
        + _list(6, lambda k: f'[[criterion]]\nid="a{k}"\nweight=100\nof="x0"\nbands=[\n{b}]')
    )


@_file
def outcomes_over_outcomes_by_bands() -> str:
    return (
        HEAD
        + ONE
        + '[outcome]\no0={formula="total"}\n'
        + _list(
            800,
            lambda i: (
                f'o{i + 1}={{of="outcome.o{i}",bands=[{{when="<50",formula="outcome.o{i}*2"}},{{when=">=50",formula="outcome.o{i}/3"}}]}}'
            ),
        )
    )


@_file
def adjustments_by_bands() -> str:
    return (
        HEAD
        + ONE
        + _facts(5)
        + _list(
            999,
            lambda i: (
                f'[[adjust]]\nid="j{i}"\nof="x{i % 5}"\nbands=[{{when="<= {i}",points=-0.{i % 7 + 1}}},{{when="> {i}",points=0.{i % 3 + 1}}}]'
            ),
        )
        + '[total]\nclamp="0..100"\n[[tier]]\nid="a"\ntotal=">= 50"\n[[tier]]\nid="b"\ntotal="< 50"\n'
    )


@_file
def exclusions_of_many_sections() -> str:
    return (
        HEAD
        + _list(
            100,
            lambda s: (
                f'[[section]]\nid="s{s}"\nclamp="0..1"\ncriterion=['
                + ",".join(
                    f'{{id="c{s}x{k}",weight=0.1,missing="exclude",scale={k + 3}}}'
                    for k in range(10)
                )
                + "]"
            ),
        )
        + '[[tier]]\nid="a"\ntotal=">= 50"\n[[tier]]\nid="b"\ntotal="< 50"\n'
        + _list(300, lambda i: f'[[gate]]\nwhen={{total=">= {i / 9:.2f}"}}\ndemote=1')
    )


@_file
def unknown_names_of_long_words() -> str:
    return (
        HEAD
        + _facts(990).replace(
            "x", "abcdefghijklmnopqrstuvwxyz_abcdefghijklmnopqrstuvwxyz_abcdefghijklmnopqrstuvwxyz_"
        )
        + _list(
            400,
            lambda i: (
                f'[[criterion]]\nid="c{i}"\nweight=0.1\nformula="'
                + "+".join(
                    f"zbcdefghijklmnopqrstuvwxyz_abcdefghijklmnopqrstuvwxyz_abcdefghijklmnopqrstuvwxyz_{i}{j}"
                    for j in range(4)
                )
                + '"'
            ),
        )
    )


def record(rubric) -> dict[str, object]:
    """Make a record for a costly file: each fact in its range, each plain criterion rated."""
    facts = {fact.name: fact.options[-1].code if fact.options else 1 for fact in rubric.inputs}
    plain = (c for c in rubric.all_criteria if c.formula is None and c.bands is None)
    return facts | {c.id: 1 for c in plain}
