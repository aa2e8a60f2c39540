"""Appraisals entered on a web page, scored by the rules of their month, kept with their reasons.

What an application has to do is here, and no more: draw the form from ``ratings_schema``, hand what
was filled in to ``evaluate``, show all problems at once, store the result as JSON with its
fingerprint, and verify it whenever it is shown. Who may see what is left to the firm.
"""

from __future__ import annotations

import os
from calendar import monthrange
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

from kpirules import (
    InputError,
    KpirulesError,
    Result,
    Rubric,
    evaluate,
    load,
    ratings_schema,
    rulesets,
    verify,
)


if TYPE_CHECKING:
    from collections.abc import Iterator


class Base(DeclarativeBase):
    """The tables."""


class Appraisal(Base):
    """One person's month: what the result said, and the result itself."""

    __tablename__ = "appraisals"
    __table_args__ = (UniqueConstraint("employee", "month"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    employee: Mapped[str] = mapped_column(String(100))
    role: Mapped[str] = mapped_column(String(100))
    month: Mapped[str] = mapped_column(String(7))
    #: numbers as texts, exactly: a database's own number types round
    total: Mapped[str | None] = mapped_column(String(60))
    tier: Mapped[str | None] = mapped_column(String(100))
    pay: Mapped[str | None] = mapped_column(String(60))
    fingerprint: Mapped[str] = mapped_column(String(64), index=True)
    #: all of it, as ``Result.to_json`` gives it: years later it is still known why
    result: Mapped[str] = mapped_column(Text)


engine = create_engine(os.environ.get("HR_APP_DATABASE", "sqlite:///hr-app.sqlite3"))
Base.metadata.create_all(engine)
app = FastAPI(title="Appraisals")
pages = Jinja2Templates(directory=Path(__file__).parent)


def rules_of(role: str, month: str) -> Rubric:
    """Load the rules that hold for the whole of a month."""
    try:
        first = date.fromisoformat(f"{month}-01")
        last = first.replace(day=monthrange(first.year, first.month)[1])
        rubric = load(role, on=last)
        if load(role, on=first) != rubric:
            raise HTTPException(409, f"the rules of {role} change within {month}")
    except ValueError:
        raise HTTPException(422, "write the month as 2026-10") from None
    except KpirulesError as error:
        raise HTTPException(404, str(error)) from None
    return rubric


def session() -> Iterator[Session]:
    """Give a session of the database for one request."""
    with Session(engine) as opened:
        yield opened


Database = Annotated[Session, Depends(session)]


@app.get("/")
def overview(request: Request, db: Database) -> HTMLResponse:
    """List what is stored, and offer a new form."""
    stored = db.scalars(select(Appraisal).order_by(Appraisal.month, Appraisal.employee)).all()
    roles = sorted({found.id for found in rulesets()})
    return pages.TemplateResponse(request, "overview.html", {"stored": stored, "roles": roles})


@app.get("/appraise")
def form(request: Request, role: str, month: str, lang: str = "en") -> HTMLResponse:
    """Draw the form of a role's rules in a month."""
    return drawn(request, rules_of(role, month), month, lang)


def drawn(
    request: Request,
    rubric: Rubric,
    month: str,
    lang: str,
    filled: dict[str, str] | None = None,
    problems: dict[str, list[str]] | None = None,
) -> HTMLResponse:
    """Draw a form, with what was filled in and what is wrong with it."""
    schema = ratings_schema(rubric, lang=lang)
    # where raters rate, each has a field of its own: the nested spelling is for programs
    fields = {n: f for n, f in schema["properties"].items() if f.get("type") != "object"}
    shown = {"title": schema["title"], "fields": fields, "role": rubric.id, "month": month}
    more = {"lang": lang, "filled": filled or {}, "problems": problems or {}, "rubric": rubric}
    status = 422 if problems else 200
    return pages.TemplateResponse(request, "form.html", {**shown, **more}, status_code=status)


@app.post("/appraise")
async def appraise(
    request: Request,
    db: Database,
    role: Annotated[str, Form()],
    month: Annotated[str, Form()],
    employee: Annotated[str, Form(max_length=100)] = "",
    lang: Annotated[str, Form()] = "en",
) -> Response:
    """Score what was filled in, and store it."""
    rubric = rules_of(role, month)
    filled = {name: str(value) for name, value in (await request.form()).items()}
    names = ratings_schema(rubric)["properties"]
    # an empty field is missing, and a number is taken as it was typed: exactly
    record = {name: filled[f"r.{name}"] for name in names if f"r.{name}" in filled}
    problems: dict[str, list[str]] = {}
    if not employee.strip():
        problems["employee"] = ["is missing"]
    try:
        result = evaluate(rubric, record)
    except InputError as error:
        for problem in error.problems:
            problems.setdefault(problem.input, []).append(str(problem))
    if problems:
        return drawn(request, rubric, month, lang, filled, problems)
    row = Appraisal(
        employee=employee.strip(),
        role=role,
        month=month,
        total=None if result.total is None else str(result.total),
        tier=None if result.tier is None else result.tier.id,
        pay=None if result.pay is None else str(result.pay),
        fingerprint=result.fingerprint,
        result=result.to_json(),
    )
    db.add(row)
    try:
        db.commit()
    except IntegrityError:
        db.rollback()
        taken = {"employee": [f"has been appraised for {month} already"]}
        return drawn(request, rubric, month, lang, filled, taken)
    return RedirectResponse(f"/appraisals/{row.id}?lang={lang}", status_code=303)


@app.get("/appraisals/{number}")
def appraisal(request: Request, db: Database, number: int, lang: str = "en") -> HTMLResponse:
    """Show a stored result with every reason, and whether it verifies."""
    row = db.get(Appraisal, number)
    if row is None:
        raise HTTPException(404, "there is no such appraisal")
    result = Result.from_json(row.result)
    shown = {"row": row, "result": result, "why": result.explain(lang), "lang": lang}
    shown["verified"] = verify(row.result)
    return pages.TemplateResponse(request, "appraisal.html", shown)


def main() -> None:
    """Serve on this machine alone; ``HR_APP_PORT`` says where."""
    uvicorn.run(app, host="127.0.0.1", port=int(os.environ.get("HR_APP_PORT", "8000")))


if __name__ == "__main__":
    main()
