"""The words of the pages in English and Chinese, from ``words.toml``."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.utils.translation import get_language

from hr_app.models import HR, groups_of


if TYPE_CHECKING:
    from django.http import HttpRequest


WORDS: dict[str, Any] = tomllib.loads(Path(__file__).with_name("words.toml").read_text("utf-8"))


def language() -> str:
    """Return the language of the page, as kpirules names it."""
    return (get_language() or "en")[:2]


def words() -> dict[str, Any]:
    """Return the words in the language of the page."""
    return WORDS[language()]


def context(request: HttpRequest) -> dict[str, Any]:
    """Return what every template knows."""
    is_hr = HR in groups_of(request.user)
    return {"words": words(), "lang": language(), "is_hr": is_hr}
