"""Gaps between bands: one finding for a quantity, at the bands beside it, with the edit that closes it."""

from __future__ import annotations

import pytest

from kpirules.api.load import check_text


HEAD = 'schema = 1\nid = "x"\n'


def gaps(rows, kind="number", extra=""):
    """Give the band-gap findings of a criterion over one fact."""
    bands = ", ".join(f"{{ when = {when}, points = {i} }}" for i, when in enumerate(rows))
    text = (
        f"inputs.n = {{ type = '{kind}', range = '0..200' {extra} }}\n"
        f"[[criterion]]\nid = 'a'\nweight = 100\nof = 'n'\nbands = [{bands}]\n"
    )
    return [f for f in check_text(HEAD + text) if f.code == "band-gap"]


@pytest.mark.parametrize(
    ("help_", "rows", "kind"),
    [
        ('write "80 .. < 100" in place of "80..99"', ('"< 80"', '"80..99"', '">= 100"'), "number"),
        ('write "< 10" in place of "<= 9.9"', ('"<= 9.9"', '">= 10"'), "number"),
        # a gap of several units, one without units, one between steps, and one at an end
        ("extend a band, or add one for these facts", ('"0..9"', '"20..200"'), "number"),
        ("extend a band, or add one for these facts", ('"< 50"', '"> 50"'), "number"),
        ("extend a band, or add one for these facts", ('"0..9"', '"11..200"'), "count"),
        ("extend a band, or add one for these facts", ('"0..9"', '"9.1..99"'), "number"),
    ],
)
def test_the_edit_that_closes_a_gap(help_, rows, kind):
    """If a band ends one unit before the next one begins; `otherwise` would give points to the gap."""
    found = gaps(rows, kind)
    assert help_ in found[0].help()
    assert "otherwise" not in found[0].help()


def test_several_gaps_of_a_quantity_are_one_finding():
    """With all witnesses and edits, at the bands beside the first one, in both languages."""
    (finding,) = gaps(('"0..9"', '"10..19"', '"20..29"'))
    assert ("a.bands[0]", ("criterion", 0, "bands", 1)) == (finding.place, finding.other)
    assert {"n": 9.1} == {name: float(value) for name, value in finding.witness}
    assert finding.message().endswith("and none matches any of n = 9.1, 19.1, 30")
    assert (
        'write "0 .. < 10" in place of "0..9"; write "10 .. < 20" in place of "10..19"; '
        "extend a band, or add one for these facts"
    ) == finding.help()
    assert "n = 9.1、19.1、30" in finding.message("zh")
    assert "把“0..9”改为“0 .. < 10”" in finding.help("zh")
    assert [9.1, 19.1, 30] == [float(value) for value in finding.params["values"]]


@pytest.mark.parametrize(
    ("place", "other", "rows"),
    [
        ("a.bands[0]", None, ('"< 10"', '"20..29"')[:1]),
        ("a.bands[0]", None, ('">= 10"',)),
        ("a.bands[1]", 0, ('">= 12"', '"<= 10"')),
        ("a.bands[0]", None, ('["0..3", "9..10"]', '"12..200"')),
        ("a.bands[1]", 0, ('["0..3", "9..10"]', '"4.5..5"')[::-1]),
    ],
)
def test_a_gap_is_at_the_bands_below_and_above(place, other, rows):
    """As far as there are any; of several entries of a band, the nearest counts."""
    finding = gaps(rows)[0]
    assert place == finding.place
    assert other == (None if finding.other is None else finding.other[-1])


def test_a_gap_of_options_or_of_several_facts_is_at_the_bands():
    """No band is below another; a band for all other combinations may be meant."""
    options = (
        "inputs.k = { type = 'choice', options = ['p', 'q', 'r'] }\n[[criterion]]\nid = 'a'\nweight = 100\n"
        "of = 'k'\nbands = [{ when = 'p', points = 1 }, { when = 'q', points = 2 }]\n"
    )
    (finding,) = [f for f in check_text(HEAD + options) if f.code == "band-gap"]
    assert ("a.bands", None) == (finding.place, finding.other)
    assert "extend a band, or add one for these facts" == finding.help()
    several = "inputs.f = { type = 'flag' }\n" + options.replace("of = 'k'\n", "").replace(
        "when = 'p'", "when = { k = 'p', f = true }"
    ).replace("when = 'q'", "when = { k = ['q', 'r'] }")
    (finding,) = [f for f in check_text(HEAD + several) if f.code == "band-gap"]
    assert "a.bands" == finding.place
    assert finding.help() == 'add a band for these facts, or a band with when = "otherwise"'
