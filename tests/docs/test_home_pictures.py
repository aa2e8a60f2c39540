"""The pictures of the README and the home pages show today's output."""

from __future__ import annotations

from importlib.util import module_from_spec, spec_from_file_location

import pytest

from tests import ROOT
from tests.programs import need_module


SCRIPT = ROOT / "docs" / "website" / "home_pictures.py"
spec = spec_from_file_location("home_pictures", SCRIPT)
home_pictures = module_from_spec(spec)
spec.loader.exec_module(home_pictures)


@pytest.mark.parametrize("name", home_pictures.PICTURES)
def test_a_picture_is_up_to_date_and_small(name):
    """It carries today's source; `python docs/website/home_pictures.py` makes it anew."""
    need_module("PIL")
    from PIL import Image

    path = home_pictures.IMAGES / name
    with Image.open(path) as image:
        assert home_pictures.source(name) == image.info["Source"], f"run {SCRIPT.name}"
    assert 100_000 > path.stat().st_size


def test_the_finding_is_a_gap_in_the_printed_award_column():
    """Totals of 60 to 69 have no tier; the picture colours the text and changes none of it."""
    for lang, severity in ((None, "error"), ("zh", "\u9519\u8bef")):
        assert f"{severity}[tier-gap]" in home_pictures.finding(lang)
        assert "= 60" in home_pictures.finding(lang)
        assert f"<b>{severity}[tier-gap]</b>" in home_pictures.finding_page(lang)
    assert "witness: total = 60" in home_pictures.finding(None)
