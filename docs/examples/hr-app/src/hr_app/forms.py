"""The forms: a record by its ruleset, and what HR chooses."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from django import forms
from django.db.models import Q

from hr_app.models import Status
from hr_app.words import language, words
from kpirules import KpirulesError, form_layout, load, rulesets, validate


if TYPE_CHECKING:
    from hr_app.models import Appraisals
    from kpirules import Rubric


class RecordForm(forms.Form):
    """A record, which may be half filled: fields and problems come from the rules."""

    def __init__(self, rubric: Rubric, record: Mapping[str, str], *, whole: bool = False) -> None:
        """Draw the fields of a rubric, with the values of a record: a draft, or a whole one."""
        super().__init__({f"r-{name}": text for name, text in record.items()}, prefix="r")
        self.rubric, self.whole = rubric, whole
        self.layout = form_layout(rubric, lang=language())
        for section in self.layout["sections"]:
            self.fields |= {field["name"]: field_of(field) for field in section["fields"]}

    @property
    def record(self) -> dict[str, str]:
        """What is given: text as typed, which is exact."""
        given = {name: self.data.get(f"r-{name}", "").strip() for name in self.fields}
        return {name: text for name, text in given.items() if text}

    def clean(self) -> dict[str, Any]:
        """Put each problem beside its field; what is missing is not a problem of a draft."""
        for problem in validate(self.rubric, self.record):
            if self.whole or problem.code != "missing":
                name = problem.input if problem.input in self.fields else None
                self.add_error(name, problem.message(language()))
        return self.cleaned_data

    def sections(self) -> Iterator[dict[str, Any]]:
        """Yield each section: its fields, and those that may be filled in instead of facts."""
        for section in self.layout["sections"]:
            lines = [line for line in section["lines"] if line["alternative"]]
            ratings = {name for line in lines for name in line["ratings"]}
            fields = [self[field["name"]] for field in section["fields"]]
            instead = [field for field in fields if field.name in ratings]
            yield {
                "label": section["label"],
                "fields": [field for field in fields if field not in instead],
                "instead": instead,
                "open": any(field.value() or field.errors for field in instead),
            }


def field_of(about: dict[str, Any]) -> forms.Field:
    """Return the field of an input or rating; the rules validate it, not Django."""
    kind, schema, known = about["kind"], about["schema"], words()
    options = [(str(each["const"]), each["title"]) for each in schema.get("oneOf", ())]
    if kind == "flag":
        options = [("true", known["yes"]), ("false", known["no"])]
    if options:
        widget: forms.Widget = forms.Select(choices=[("", known["choose"]), *options])
    elif kind in {"remark", "list"}:
        widget = forms.Textarea({"rows": 2, "maxlength": 2000})
    else:
        widget = forms.TextInput({"inputmode": "decimal", "autocomplete": "off"})
    hint = "" if kind in {"choice", "flag"} else about["description"]
    return forms.CharField(label=schema["title"], help_text=hint, required=False, widget=widget)


def titles() -> dict[str, str]:
    """Return the title of each scheme, by its id."""
    found: dict[str, str] = {}
    for each in rulesets():
        try:
            label = load(each.id, on=each.effective_from).label
        except KpirulesError:  # one broken ruleset must not take the list from all others
            label = None
        found[each.id] = each.id if label is None else label.get(language())
    return found


class FilterForm(forms.Form):
    """Which appraisals the overview shows."""

    def __init__(self, given: Mapping[str, str], found: Appraisals) -> None:
        """Offer the values that there are."""
        super().__init__(given)
        known, schemes = words(), titles()
        choices = {
            "period": [
                (p, p)
                for p in found.order_by("-period").values_list("period", flat=True).distinct()
            ],
            "scheme": [
                (s, schemes.get(s, s))
                for s in found.order_by("scheme").values_list("scheme", flat=True).distinct()
            ],
            "status": [(each.value, known["statuses"][each]) for each in Status],
        }
        for name, options in choices.items():
            every = [("", known["all"]), *options]
            self.fields[name] = forms.ChoiceField(label=known[name], choices=every, required=False)
        self.fields["person"] = forms.CharField(
            label=known["person"], required=False, max_length=100
        )

    def chosen(self, found: Appraisals) -> Appraisals:
        """Return the appraisals that fit; what cannot be chosen fits none."""
        if not self.is_valid():
            return found.none()
        for name in ("period", "scheme", "status"):
            if self.cleaned_data[name]:
                found = found.filter(**{name: self.cleaned_data[name]})
        for word in self.cleaned_data["person"].split():
            number, first, last = (
                f"person__{field}__icontains"
                for field in ("number", "user__first_name", "user__last_name")
            )
            found = found.filter(Q(**{number: word}) | Q(**{first: word}) | Q(**{last: word}))
        return found


class RescoreForm(forms.Form):
    """A month, and the version of a scheme by which it is to be scored."""

    def __init__(self, given: Mapping[str, str] | None, found: Appraisals) -> None:
        """Offer the months and the versions that there are."""
        super().__init__(given)
        known, schemes = words(), titles()
        periods = found.order_by("-period").values_list("period", flat=True).distinct()
        versions = [
            (
                f"{each.id} {each.effective_from}",
                known["from"].format(title=schemes[each.id], date=each.effective_from),
            )
            for each in rulesets()
        ]
        self.fields["period"] = forms.ChoiceField(
            label=known["period"], choices=[(p, p) for p in periods]
        )
        self.fields["version"] = forms.ChoiceField(label=known["version"], choices=versions)
