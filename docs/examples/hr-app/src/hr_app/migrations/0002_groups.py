"""The groups: what a group may do is in ``hr_app.models.STEPS``."""

from __future__ import annotations

from typing import Any

from django.db import migrations


GROUPS = ("appraiser", "employee", "HR")


def make(apps: Any, _: object) -> None:  # noqa: ANN401 - models as they were
    """Make the groups that do not exist."""
    for name in GROUPS:
        apps.get_model("auth", "Group").objects.get_or_create(name=name)


class Migration(migrations.Migration):
    """Django's interface."""

    dependencies = [("hr_app", "0001_initial"), ("auth", "0012_alter_user_first_name_max_length")]
    operations = [migrations.RunPython(make, migrations.RunPython.noop)]
