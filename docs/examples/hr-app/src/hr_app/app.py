"""Appraisals entered on a web page, scored by the rules of their period, stored with their reasons.

An application on kpirules does six things: draw the form from ``ratings_schema``, pass what was
filled in to ``evaluate``, show all problems at once, store the result as text with its fingerprint,
verify it when it is shown, and report a broken ruleset to the operator instead of the reader.
Access control is left to the firm.
"""

from __future__ import annotations

import os
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import uvicorn
from fastapi import Depends, FastAPI, Form, HTTPException, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from fastapi.templating import Jinja2Templates
from sqlalchemy import String, Text, UniqueConstraint, create_engine, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column

from hr_app.fields import groups_of
from hr_app.words import WORDS, language_of
from kpirules import InputError, Result, Rubric, evaluate, load, rulesets, verify
from kpirules.errors import RulesetNotFoundError, TimeError


if TYPE_CHECKING:
    from collections.abc import Iterator


class Base(DeclarativeBase):
    """The tables."""


class Appraisal(Base):
    """The result of one person in one period, as text, with the columns that lists need."""

    __tablename__ = "appraisals"
    __table_args__ = (UniqueConstraint("employee", "start"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    employee: Mapped[str] = mapped_column(String(100))
    role: Mapped[str] = mapped_column(String(100))
    #: a month, 2026-10; a day of it, 2026-10-16, if the rules change within the month
    period: Mapped[str] = mapped_column(String(10))
    #: the first day of the month on which the rules are effective: one result for each
    start: Mapped[date]
    #: text, because the number types of databases round
    total: Mapped[str | None] = mapped_column(String(60))
    pay: Mapped[str | None] = mapped_column(String(60))
    fingerprint: Mapped[str] = mapped_column(String(64), index=True)
    #: the whole result as ``Result.to_json`` returns it: text, because ``jsonb`` changes it
    result: Mapped[str] = mapped_column(Text)


engine = create_engine(os.environ.get("HR_APP_DATABASE", "sqlite:///hr-app.sqlite3"))
Base.metadata.create_all(engine)
app = FastAPI(title="Appraisals")
pages = Jinja2Templates(directory=Path(__file__).parent)


def rules_of(role: str, period: str) -> Rubric:
    """Return the rules of a role that hold during all of a period: a month or a day.

    A ruleset that is broken or found twice raises its own error: the server logs it and answers
    with 500, without its text, which names files of the server.
    """
    try:
        return load(role, on=period)
    except TimeError as error:  # not a month or day, or a month within which the rules change
        raise HTTPException(422, "name a period") from error
    except RulesetNotFoundError as error:
        if error.faults:  # an unreadable file may be the ruleset
            raise
        raise HTTPException(404, "no rules") from error


def start_of(rubric: Rubric, period: str) -> date:
    """Return the first day of the month on which these rules are effective."""
    month = date.fromisoformat(f"{period[:7]}-01")
    return max(month, rubric.effective_from or month)


def session() -> Iterator[Session]:
    """Yield a session of the database for one request."""
    with Session(engine) as opened:
        yield opened


Database = Annotated[Session, Depends(session)]
Language = Annotated[str, Depends(language_of)]


@app.get("/")
def overview(request: Request, db: Database, lang: Language) -> HTMLResponse:
    """List the newest appraisals, and offer a new form."""
    newest = select(Appraisal).order_by(Appraisal.id.desc()).limit(200)
    stored = [(row, Result.from_json(row.result)) for row in db.scalars(newest)]
    roles = {found.id: titled(found.id, lang) for found in rulesets()}
    return shown(request, "overview.html", lang, stored=stored, roles=roles)


def titled(role: str, lang: str) -> str:
    """Return the title of a role's form; its id if today's rules cannot be loaded."""
    try:
        label = load(role).label
    except Exception:  # noqa: BLE001 - one broken ruleset must not take the list from all roles
        return role
    return role if label is None else label.get(lang)


def shown(
    request: Request, page: str, lang: str, status: int = 200, **values: object
) -> HTMLResponse:
    """Return a page in a language."""
    known = {"lang": lang, "words": WORDS[lang], **values}
    return pages.TemplateResponse(request, page, known, status_code=status)


@app.get("/appraise")
def form(request: Request, role: str, period: str, lang: Language) -> HTMLResponse:
    """Show the form of a role's rules in a period."""
    return drawn(request, rules_of(role, period), period, lang)


def drawn(
    request: Request,
    rubric: Rubric,
    period: str,
    lang: str,
    filled: dict[str, str] | None = None,
    problems: dict[str, list[str]] | None = None,
    status: int = 200,
) -> HTMLResponse:
    """Show a form, with what was filled in and its problems."""
    title = rubric.id if rubric.label is None else rubric.label.get(lang)
    groups = groups_of(rubric, lang)
    values = {"title": title, "groups": groups, "rubric": rubric, "period": period}
    names = {field.name for group in groups for field in group.fields} | {"employee"}
    more = {"filled": filled or {}, "problems": problems or {}, "names": names}
    return shown(request, "form.html", lang, status, **values, **more)


@app.post("/appraise")
async def appraise(
    request: Request,
    db: Database,
    lang: Language,
    role: Annotated[str, Form()],
    period: Annotated[str, Form(max_length=10)],
    employee: Annotated[str, Form(max_length=100)] = "",
) -> Response:
    """Score what was filled in, and store it."""
    rubric = rules_of(role, period)
    filled = {name: str(value) for name, value in (await request.form()).items()}
    # numbers stay text as typed, which is exact; an empty field is missing
    record = {name[2:]: text for name, text in filled.items() if name.startswith("r.")}
    problems: dict[str, list[str]] = {}
    if not employee.strip():
        problems["employee"] = [WORDS[lang]["name it"]]
    try:
        result = evaluate(rubric, record)
    except InputError as error:
        for problem in error.problems:
            problems.setdefault(problem.input, []).append(problem.message(lang))
    if problems:
        return drawn(request, rubric, period, lang, filled, problems, 422)
    row = Appraisal(
        employee=employee.strip(),
        role=role,
        period=period,
        start=start_of(rubric, period),
        total=None if result.total is None else str(result.total),
        pay=None if result.pay is None else str(result.pay),
        fingerprint=result.fingerprint,
        result=result.to_json(),
    )
    db.add(row)
    try:
        db.commit()
    except IntegrityError:  # the database decides, so two requests at once store one row
        db.rollback()
        taken = {"employee": [WORDS[lang]["taken"].format(period=period)]}
        return drawn(request, rubric, period, lang, filled, taken, 409)
    return RedirectResponse(f"/appraisals/{row.id}?lang={lang}", status_code=303)


@app.get("/appraisals/{number}")
def appraisal(request: Request, db: Database, number: int, lang: Language) -> HTMLResponse:
    """Show a stored result with every reason, and whether it verifies."""
    row = db.get(Appraisal, number)
    if row is None:
        raise HTTPException(404, "no appraisal")
    values = {"row": row, "result": Result.from_json(row.result), "verified": verify(row.result)}
    return shown(request, "appraisal.html", lang, **values)


@app.exception_handler(HTTPException)
def failed(request: Request, error: HTTPException) -> HTMLResponse:
    """Show why there is no such page; the detail of an error is a key of the words."""
    wanted = request.query_params.get("lang"), request.headers.get("accept-language", "")
    return shown(request, "error.html", language_of(*wanted), error.status_code, why=error.detail)


def main() -> None:
    """Serve on this machine alone, at the port that ``HR_APP_PORT`` names."""
    uvicorn.run(app, host="127.0.0.1", port=int(os.environ.get("HR_APP_PORT", "8000")))


if __name__ == "__main__":
    main()
