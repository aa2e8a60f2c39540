"""The pages. Each shows only what the user may see: anything else does not exist for them."""

from __future__ import annotations

import io
import json
from collections.abc import Iterable, Iterator
from datetime import date
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db import transaction
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from hr_app.forms import FilterForm, RecordForm, RescoreForm, titles
from hr_app.models import EXPLAINED, HR, SCORED, Appraisal, Person, StaleError, Status, groups_of
from hr_app.words import language, words
from kpirules import (
    Rescored,
    Result,
    RulesetNotFoundError,
    TimeError,
    evaluate,
    fingerprint,
    load,
    progress,
    rescore,
    sheet,
    table,
)


@require_safe
def overview(request: HttpRequest) -> HttpResponse:
    """List the appraisals that the user may see, as they are chosen."""
    found = Appraisal.objects.visible(request.user)
    chosen = FilterForm(request.GET, found)
    page = Paginator(chosen.chosen(found), 50).get_page(request.GET.get("page"))
    query = request.GET.copy()
    query.pop("page", None)
    values = {"form": chosen, "page": page, "rows": [*rows_of(page)], "query": query.urlencode()}
    return render(request, "overview.html", values)


def rows_of(found: Iterable[Appraisal]) -> Iterator[dict[str, Any]]:
    """Yield the row of each appraisal in a list."""
    known, schemes, lang = words(), titles(), language()
    for each in found:
        result = each.score and each.score.read()
        status = known["statuses"][each.status]
        if each.score and not result:
            status = known["outcomes"][each.score.outcome]
        yield {
            "appraisal": each,
            "period": each.period,
            "number": each.person.number,
            "person": str(each.person),
            "scheme": schemes.get(each.scheme, each.scheme),
            "status": status,
            "total": result and result.total,
            "tier": result and label_of(result.tier, lang),
            "pay": result and result.pay,
        }


@require_safe
def download(request: HttpRequest, kind: str) -> HttpResponse:
    """Send the table of the overview as a file."""
    found = Appraisal.objects.visible(request.user)
    names = ("period", "number", "person", "scheme", "status", "total", "tier", "pay")
    rows = rows_of(FilterForm(request.GET, found).chosen(found))
    labelled = [{words()[name]: row[name] for name in names} for row in rows]
    return sent(table(labelled, kind), f"appraisals.{kind}")


def sent(content: bytes, name: str) -> FileResponse:
    """Return a file to be stored, never shown on a page of this site."""
    return FileResponse(io.BytesIO(content), as_attachment=True, filename=name)


@require_POST
def begin(request: HttpRequest) -> HttpResponse:
    """Begin a month: a draft for each person whose scheme has rules in it."""
    if HR not in groups_of(request.user):
        raise Http404
    period, begun = request.POST.get("period", "").strip()[:10], 0
    people, schemes = Person.objects.exclude(appraiser=None), titles()
    for scheme in people.order_by("scheme").values_list("scheme", flat=True).distinct():
        try:
            rubric = load(scheme, on=period)
        except (TimeError, RulesetNotFoundError) as error:  # others are for the operator
            reason = error.public(language())
            messages.error(request, f"{schemes.get(scheme, scheme)}: {reason}")
            continue
        month = date.fromisoformat(f"{period[:7]}-01")
        start = max(month, rubric.effective_from or month)
        filled = {"period": period, "scheme": scheme}
        for person in people.filter(scheme=scheme):
            made = Appraisal.objects.get_or_create(person=person, start=start, defaults=filled)
            begun += made[1]
    messages.success(request, words()["begun"].format(count=begun))
    return redirect("overview")


@require_http_methods(["GET", "HEAD", "POST"])
def appraisal(request: HttpRequest, pk: int) -> HttpResponse:
    """Show an appraisal: a draft to fill in, or its result; take a step."""
    found = get_object_or_404(Appraisal.objects.visible(request.user), pk=pk)
    if request.method != "POST":
        return shown(request, found)
    name, remark = request.POST.get("step", ""), request.POST.get("remark", "").strip()[:2000]
    if request.POST.get("edition") != str(found.edition):
        return stale(request, pk)
    if name not in found.steps(request.user) or name == "rescore":
        raise PermissionDenied
    if name in EXPLAINED and not remark:
        messages.error(request, words()["remark_needed"])
        return shown(request, found, status=422)
    changes: dict[str, Any] = {}
    if found.status == Status.DRAFT:
        given = {key[2:]: text for key, text in request.POST.items() if key.startswith("r-")}
        form = RecordForm(found.rubric(), given, whole=name == "submit")
        changes["record"] = json.dumps(form.record)
    if name == "submit":
        if not form.is_valid():
            messages.error(request, words()["not_submitted"])
            return shown(request, found, form, status=422)
        changes["result"] = evaluate(form.rubric, form.record)
    try:
        found.take(name, request.user, found.edition, remark, **changes)
    except StaleError:
        return stale(request, pk)
    messages.success(request, words()["done"][name])
    return redirect("appraisal", pk)


def stale(request: HttpRequest, pk: int) -> HttpResponse:
    """Show the present state of an appraisal that has changed since its page was shown."""
    messages.error(request, words()["stale"])
    now = get_object_or_404(Appraisal.objects.visible(request.user), pk=pk)
    return shown(request, now, status=409)


def shown(
    request: HttpRequest, found: Appraisal, form: RecordForm | None = None, status: int = 200
) -> HttpResponse:
    """Show the page of an appraisal."""
    known, lang, row = words(), language(), next(rows_of([found]))
    steps = [(n, known["steps"][n]) for n in found.steps(request.user) if n != "rescore"]
    events = found.events.select_related("user", "score")
    labelled = [(e, known["events"][e.step], e.score and e.score.read()) for e in events]
    values = {"appraisal": found, "row": row, "steps": steps, "events": labelled}
    if found.status == Status.DRAFT:
        form = form or RecordForm(found.rubric(), json.loads(found.record))
        values |= {"form": form, "draft": progress_of(form)}
    else:
        result = found.score.read()
        values |= {"result": result, "reasons": result and result.explain(lang)}
        values["outcome"] = known["outcomes"][found.score.outcome]
    return render(request, "appraisal.html", values, status=status)


def progress_of(form: RecordForm) -> dict[str, Any]:
    """Return what the page shows of a draft: points so far, what is needed, what is possible."""
    draft = progress(form.rubric, form.record).to_dict(language())
    sections = {section["id"] or "": section for section in form.layout["sections"]}
    return {**draft, "subtotals": [each | sections[each["section"]] for each in draft["subtotals"]]}


def label_of(tier: Any, lang: str) -> str | None:  # noqa: ANN401 - its class is not public
    """Return the label of a tier."""
    return tier and (tier.label.get(lang) if tier.label else tier.id)


@require_safe
def sheet_of(request: HttpRequest, pk: int, kind: str) -> HttpResponse:
    """Send the score sheet of an appraisal."""
    found = get_object_or_404(Appraisal.objects.visible(request.user), pk=pk, score__isnull=False)
    result = found.score.read()
    if result is None:
        raise Http404
    content = sheet(result, kind, language(), name=str(found.person), period=found.period)
    return sent(content, f"{found.scheme}-{found.period}-{found.pk}.{kind}")


@require_http_methods(["GET", "HEAD", "POST"])
def rescoring(request: HttpRequest) -> HttpResponse:
    """Compare the results of a month with those by another version; take over what is chosen."""
    if HR not in groups_of(request.user):
        raise Http404
    scored = Appraisal.objects.visible(request.user).filter(status__in=SCORED)
    scored = scored.exclude(person__user=request.user)  # nobody scores their own
    given = request.POST if request.method == "POST" else request.GET
    form, rows, mark, status = RescoreForm(given or None, scored), [], "", 200
    if form.is_valid():
        scheme, day = form.cleaned_data["version"].split()
        rubric = load(scheme, on=day)
        mark = fingerprint(rubric)
        old: dict[Appraisal, Result] = {}
        for each in scored.filter(scheme=scheme, period=form.cleaned_data["period"]):
            result = each.score.read()
            if result is None:
                messages.error(request, f"{each}: {words()['outcomes'][each.score.outcome]}")
            elif result.fingerprint != mark:
                old[each] = result
        rows = [*zip(old, rescore(old.values(), rubric), strict=True)]
        if request.method == "POST":
            if mark == given.get("fingerprint") and take_over(request, rows, day):
                return redirect("overview")
            messages.error(request, words()["stale"])
            status = 409
    values = {"form": form, "rows": [*map(compared, rows)], "fingerprint": mark}
    return render(request, "rescore.html", values, status=status)


def compared(row: tuple[Appraisal, Rescored]) -> dict[str, Any]:
    """Return a row of the page that compares results."""
    each, again = row
    lang, new = language(), again.new if isinstance(again.new, Result) else None
    return {
        "appraisal": each,
        "old": brief(again.old, lang),
        "new": new and brief(new, lang),
        "differences": again.text(lang).splitlines()[1:],  # without the heading
    }


def brief(result: Result, lang: str) -> str:
    """Return total, tier and pay in a line."""
    parts = (result.total, label_of(result.tier, lang), result.pay)
    return " · ".join(str(part) for part in parts if part is not None)


def take_over(request: HttpRequest, rows: list[tuple[Appraisal, Rescored]], version: str) -> bool:
    """Store the new results that are chosen, all or none; return whether they were."""
    chosen = set(request.POST.getlist("take"))
    taken = {
        f"{each.pk}.{each.edition}": (each, again.new)
        for each, again in rows
        if isinstance(again.new, Result)
    }
    if not chosen or not chosen <= taken.keys():
        return False
    try:
        with transaction.atomic():
            for each, result in map(taken.get, sorted(chosen)):
                each.take("rescore", request.user, each.edition, result=result, version=version)
    except StaleError:
        return False
    messages.success(request, words()["rescored"].format(count=len(chosen)))
    return True
