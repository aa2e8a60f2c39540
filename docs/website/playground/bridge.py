"""What the playground's page asks of kpirules, inside the browser: texts in, JSON out."""

from __future__ import annotations

import base64
import json
import re
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import form_bridge
from sheet_style import BARS

from kpirules import InputError, KpirulesError, evaluate, loads, rulesets
from kpirules._internal.display import printable
from kpirules.api.load import check_text, load_found
from kpirules.arithmetic.number import show
from kpirules.evaluation.labels import speaker
from kpirules.sheets.form_builder import filled
from kpirules.sheets.html import page
from kpirules.toml.syntax import parse_toml
from kpirules.translations.message import Message


if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TypeAlias

    from kpirules.diagnostics.finding import Finding
    from kpirules.evaluation.result import Result
    from kpirules.model import Rubric, Text

    _Task: TypeAlias = Callable[[dict[str, str], bytes], Any]


_WIDTH = re.compile(r'<span style="width:(\d+)%">')
#: a bare key of TOML
_BARE = re.compile(r"[A-Za-z0-9_-]+", re.ASCII)


def shipped() -> str:
    """List the shipped rulesets: id, and first day."""
    return json.dumps([[found.id, str(found.effective_from)] for found in rulesets()])


def opened(key: str) -> str:
    """Give a shipped ruleset by its key: text, and ratings to begin with."""
    found = next(each for each in rulesets() if f"{each.id}/{each.effective_from}" == key)
    text = found.path.read_text(encoding="utf-8")
    answer = {"ruleset": text, "ratings": _ratings_of(load_found(found))}
    return json.dumps(answer, ensure_ascii=False)


def _ratings_of(rubric: Rubric) -> str:
    """Write the record of the first example that is scored, a name a line."""
    for example in rubric.examples:
        names = {name for name, _ in example.expect}
        if "refused" not in names and "unratable" not in names:
            lines = [f"{_name(name)} = {_value(value)}" for name, value in example.ratings]
            return "\n".join(lines) + "\n"
    return ""


def _name(name: str) -> str:
    """Spell a name as a key of TOML; points part the names of raters."""
    return ".".join(p if _BARE.fullmatch(p) else json.dumps(p) for p in name.split("."))


def _value(value: object) -> str:
    """Spell a value as TOML."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, tuple):
        return f"[{', '.join(map(_value, value))}]"
    return json.dumps(value, ensure_ascii=False) if isinstance(value, str) else f"{value:f}"


def look(text: str, ratings: str, lang: str, form: str = "") -> str:
    """Check a ruleset and score ratings by it: all that the page shows.

    ``form`` is the form after edits, ``text`` then the ruleset before them.
    """
    answer: dict[str, Any] = {"problems": [], "result": None, "sheet": None, "shape": None}
    if form:
        shape = form_bridge.shape_of_form(json.loads(form), text, lang)
        text = answer["ruleset"] = form_bridge.text_of_shape(shape)
    else:
        shape = form_bridge.shape_of_text(text, lang)
    findings, rubric = _checked(text)
    answer["findings"] = [_finding(finding, lang) for finding in findings]
    if shape is not None:
        answer["shape"] = shape.described(findings)
    if rubric is None:
        return json.dumps(answer, ensure_ascii=False)
    _, record, mistakes = parse_toml(ratings, "ratings")
    if mistakes:
        answer["problems"] = [
            _problem(each.spots[0].line, each.message(lang), lang) for each in mistakes
        ]
        return json.dumps(answer, ensure_ascii=False)
    outcome: Result | InputError
    try:
        outcome = evaluate(rubric, record)
        answer["result"] = _result(outcome, rubric, lang)
    except InputError as error:
        outcome = error
        answer["problems"] = [
            {"text": printable(problem.text(lang)), "line": _line_of(problem.input, ratings)}
            for problem in error.problems
        ]
    paper = filled(rubric, outcome, lang=lang, given=record)
    answer["sheet"] = _WIDTH.sub(r'<span class="w\1">', page([paper], css=BARS))
    return json.dumps(answer, ensure_ascii=False)


def call(name: str, given: str, content: Any = None) -> str:  # noqa: ANN401 - bytes of JavaScript
    """Do one of the page's other tasks; a file that is made is base64."""
    data = b"" if content is None else bytes(content.to_py())
    try:
        answer = _TASKS[name](json.loads(given), data)
    except (KpirulesError, ValueError) as error:
        lang = json.loads(given)["lang"]
        said = error.text(lang) if hasattr(error, "text") else str(error)
        return json.dumps({"error": printable(said)}, ensure_ascii=False)
    if isinstance(answer, bytes):
        answer = {"content": answer}
    if "content" in answer:
        answer["content"] = base64.b64encode(answer["content"]).decode()
    return json.dumps(answer, ensure_ascii=False)


def _of_month(task: str) -> _Task:
    """Return a task of the month, which is imported when it is first asked for."""

    def done(given: dict[str, str], data: bytes) -> Any:  # noqa: ANN401 - bytes, or what JSON holds
        import month_bridge  # noqa: PLC0415 - the page is ready a second sooner

        return month_bridge.TASKS[task](given, data)

    return done


_TASKS: dict[str, _Task] = {
    "layout": lambda given, _: {"sheets": form_bridge.layout(given["lang"])},
    "open": lambda given, data: form_bridge.opened_file(given["name"], data, given["lang"]),
    "workbook": lambda given, _: form_bridge.workbook_file(given["ruleset"], given["lang"]),
    "blank": lambda given, _: form_bridge.blank_form(given["ruleset"], given["lang"]),
    **{task: _of_month(task) for task in ("template", "month", "results", "report")},
}


def _problem(line: int, reason: object, lang: str) -> dict[str, Any]:
    """Describe what keeps the ratings from being read."""
    text = Message.of("page.line", line=line, reason=reason).text(lang)
    return {"text": text, "line": line}


def _line_of(name: str, ratings: str) -> int:
    """Find the line of a name in the ratings; 0 where it is not given."""
    for number, line in enumerate(ratings.splitlines(), 1):
        key = line.partition("=")[0].replace('"', "").replace("'", "").strip()
        if key and (key == name or name.startswith(f"{key}.") or key.startswith(f"{name}.")):
            return number
    return 0


@lru_cache(maxsize=4)
def _checked(text: str) -> tuple[tuple[Finding, ...], Rubric | None]:
    """Check a ruleset once, however often the ratings change."""
    findings = check_text(text, file="ruleset")
    try:
        return findings, loads(text)
    except KpirulesError:
        return findings, None


def _finding(finding: Finding, lang: str) -> dict[str, Any]:
    """Describe a finding: what, how grave, where."""
    spot = finding.spots[0] if finding.spots else None
    others = [{"line": s.line, "column": s.column} for s in finding.spots[1:]]
    return {
        "code": finding.code,
        "severity": finding.severity if finding.counts else "accepted",
        "word": finding.word(lang),
        "message": printable(finding.message(lang)) + _accepted(finding, lang),
        "details": [printable(line.strip()) for line in finding.details(lang) if finding.counts],
        "place": finding.place,
        "line": 1 if spot is None else spot.line,
        "column": 1 if spot is None else spot.column,
        "end": 1 if spot is None else spot.end_column,
        "others": others,
    }


def _accepted(finding: Finding, lang: str) -> str:
    """Say which ruling answers a finding."""
    if finding.counts:
        return ""
    return Message.of("finding-text.ruling", ruling=finding.accepted_by or "").text(lang)


def _result(result: Result, rubric: Rubric, lang: str) -> dict[str, Any]:
    """Describe a result."""
    by, tier = speaker(result, lang), result.tier
    return {
        "total": "" if result.total is None else show(result.total),
        "of": show(result.form.full_marks),
        "tier": "" if tier is None else _said(tier.label, tier.id, lang),
        "tierId": "" if tier is None else tier.id,
        "outcomes": [
            {
                "name": name,
                "value": printable(value) if isinstance(value, str) else show(value),
                "unit": (rubric.currency or "") if name == "pay" else "",
            }
            for name, value in result.outcomes.items()
        ],
        "lines": [
            {
                "id": line.criterion,
                "label": _said(line.label, line.criterion, lang),
                "points": "" if line.points is None else show(line.points),
                "reason": by.reason(line),
            }
            for line in result.lines
        ],
        "words": result.explain(lang),
        "unratable": result.unratable,
    }


def _said(label: Text | None, fallback: str, lang: str) -> str:
    """Give a label, harmless."""
    return printable(fallback if label is None else label.get(lang))


__all__ = ["call", "look", "opened", "shipped"]
