"""``hr-app demo``: make people, accounts and a month, and serve the application."""

from __future__ import annotations

import json
import secrets
import tomllib
from argparse import ArgumentParser
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from django.contrib.auth.models import Group, User
from django.core.management import BaseCommand, CommandError, call_command

from hr_app.models import Appraisal, Person
from kpirules import evaluate


PEOPLE = tomllib.loads(Path(__file__).with_suffix(".toml").read_text("utf-8"))["person"]


class Command(BaseCommand):
    """The demonstration."""

    help = "Make invented people, their accounts and a month, and serve the application."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Add the options."""
        parser.add_argument("--port", default="8000")
        parser.add_argument("--password", help="of all accounts; default: a random one")
        parser.add_argument("--period", help="the month, such as 2026-10; default: the last one")

    def handle(self, **options: Any) -> None:  # noqa: ANN401 - Django's interface
        """Make what is missing, print the accounts, serve."""
        call_command("migrate", verbosity=0)
        names = [each["account"] for each in PEOPLE]
        if User.objects.exclude(username__in=[*names, "admin"]).exists():
            raise CommandError("this database has other accounts: use an empty one")
        password = options["password"] or secrets.token_urlsafe(9)
        if not User.objects.exists():
            last = date.today().replace(day=1) - timedelta(days=1)  # noqa: DTZ011 - a local day
            self.make(options["period"] or f"{last:%Y-%m}")
        for user in User.objects.all():
            user.set_password(password)
            user.save()
        self.stdout.write(f"accounts: admin {' '.join(names)}\npassword: {password}")
        call_command("runserver", f"127.0.0.1:{options['port']}", use_reloader=False)

    def make(self, period: str) -> None:
        """Make the accounts, the people and the month."""
        User.objects.create_superuser("admin")
        accounts: dict[str, User] = {}
        for each in PEOPLE:
            user = User.objects.create_user(each["account"], first_name=each["name"])
            user.groups.set(Group.objects.filter(name__in=each["groups"]))
            accounts[each["account"]] = user
        for number, each in enumerate(PEOPLE):
            if "scheme" in each:
                person = Person.objects.create(
                    user=accounts[each["account"]],
                    number=f"E{number:03}",
                    scheme=each["scheme"],
                    appraiser=accounts[each["appraiser"]],
                )
                self.appraise(person, period, each, accounts)

    def appraise(
        self, person: Person, period: str, filled: dict[str, Any], accounts: dict[str, User]
    ) -> None:
        """Make an appraisal, and take its steps."""
        record = filled.get("record", {})
        found = Appraisal.objects.create(
            person=person,
            scheme=person.scheme,
            period=period,
            start=f"{period}-01",
            record=json.dumps(record),
        )
        for account, name, *remark in filled.get("steps", ()):
            result = evaluate(found.rubric(), record) if name == "submit" else None
            found.take(name, accounts[account], found.edition, *remark, result=result)
            found.refresh_from_db()
