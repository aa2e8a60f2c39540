"""Django's administration: accounts and people are edited, appraisals and results only read."""

from __future__ import annotations

from django.contrib import admin

from hr_app.models import Appraisal, Event, Person, Score


@admin.register(Person)
class PersonAdmin(admin.ModelAdmin):
    """People: the account, the scheme, the appraiser."""

    list_display = ("number", "__str__", "scheme", "appraiser")
    search_fields = ("number", "user__username", "user__first_name", "user__last_name")


@admin.register(Appraisal, Score, Event)
class ReadAdmin(admin.ModelAdmin):
    """What is signed by people is changed by nobody else."""

    def has_add_permission(self, request: object) -> bool:  # noqa: ARG002 - Django's interface
        """Return False."""
        return False

    def has_change_permission(self, request: object, obj: object = None) -> bool:  # noqa: ARG002 - Django's interface
        """Return False."""
        return False

    has_delete_permission = has_change_permission
