"""The pages, through Django's test client: who sees and does what, and what is stored."""

import ast
import csv
import io
import json
import logging
import unittest
from pathlib import Path

import hr_app
from django.contrib.auth.models import User
from django.core.management import call_command
from django.template.loader import render_to_string
from django.test import Client, SimpleTestCase, TestCase
from django.urls import reverse
from hr_app.forms import RecordForm
from hr_app.management.commands.demo import Command
from hr_app.models import STEPS, Appraisal, Event, Score, StaleError, Status
from hr_app.words import WORDS

import kpirules


SOURCE = Path(hr_app.__file__).parent
EVERYBODY = ("hr", "moreau", "wang", "an", "bo", "chen", "dana", "emil", "admin")
#: the appraisals that somebody sees
SEEN = {
    "hr": {"wang", "an", "bo", "chen", "dana", "emil"},
    "moreau": {"wang", "dana", "emil"},
    "wang": {"an", "bo", "chen"},  # not her own, which is a draft
    "an": {"an"},
    "chen": {"chen"},
    "dana": {"dana"},
}
#: what somebody may do with an appraisal
MAY = {
    ("moreau", "wang"): {"save", "submit"},
    ("moreau", "emil"): {"save", "submit"},
    ("wang", "bo"): {"save", "submit"},
    ("an", "an"): {"acknowledge", "object"},
    ("hr", "an"): {"rescore"},
    ("hr", "chen"): {"rescore"},
    ("hr", "dana"): {"close", "return", "rescore"},
}
GOOD = {"r-late": "4", "r-complaints": "1", "r-language": "20"}


def setUpModule():
    """Show nothing of what is logged of rejected requests and records."""
    logging.disable(logging.CRITICAL)
    unittest.addModuleCleanup(logging.disable, logging.NOTSET)


class Pages(TestCase):
    """A month as ``hr-app demo`` makes it."""

    @classmethod
    def setUpTestData(cls):
        """Make the month."""
        Command().make("2026-10")

    def of(self, name):
        """Return the appraisal of an account's person."""
        return Appraisal.objects.get(person__user__username=name)

    def as_(self, name, **options):
        """Return a browser in which an account is logged in."""
        client = Client(**options)
        client.force_login(User.objects.get(username=name))
        return client

    def page(self, name):
        """Return the address of the appraisal of an account's person."""
        return reverse("appraisal", args=[self.of(name).pk])

    def do(self, account, name, step, **more):
        """Take a step."""
        given = {"step": step, "edition": self.of(name).edition, **more}
        return self.as_(account).post(self.page(name), given)

    def state(self):
        """Return all that a step may change."""
        return [
            *Appraisal.objects.order_by("pk").values(),
            *Score.objects.order_by("pk").values(),
            *Event.objects.order_by("pk").values(),
        ]

    def test_everybody_sees_their_own_and_for_the_others_it_does_not_exist(self):
        """Page, sheet, overview and download agree; a missing appraisal looks the same."""
        for account in EVERYBODY:
            client, seen = self.as_(account), SEEN.get(account, set())
            listed = client.get("/").context["rows"]
            self.assertEqual(seen, {row["appraisal"].person.user.username for row in listed})
            table = client.get("/appraisals.csv").getvalue().decode("utf-8-sig")
            numbers = {row["No."] for row in csv.DictReader(io.StringIO(table))}
            self.assertEqual({self.of(name).person.number for name in seen}, numbers)
            for name in SEEN["hr"]:
                status = 200 if name in seen else 404
                self.assertEqual(status, client.get(self.page(name)).status_code, (account, name))
                if name not in seen:
                    sheet = client.get(f"{self.page(name)}sheet.html")
                    self.assertEqual(404, sheet.status_code)
        self.assertEqual(404, client.get("/appraisals/999999/").status_code)
        self.assertEqual(404, client.get(f"/appraisals/{10**30}/").status_code)

    def test_a_step_is_for_its_group_and_status_alone(self):
        """Any other changes nothing: 403 if the appraisal is visible, otherwise 404."""
        before = self.state()
        for account in EVERYBODY:
            client = self.as_(account)
            for name in SEEN["hr"]:
                may, appraisal = MAY.get((account, name), set()), self.of(name)
                self.assertEqual(may, {*appraisal.steps(User.objects.get(username=account))})
                seen = name in SEEN.get(account, ())
                # "rescore" has a page of its own
                steps = {*STEPS, "delete"} - (may - {"rescore"}) if seen else {"submit"}
                for step in steps:
                    given = {"step": step, "edition": appraisal.edition, "remark": "x", **GOOD}
                    answer = client.post(self.page(name), given)
                    status = 403 if seen else 404
                    self.assertEqual(status, answer.status_code, (account, name, step))
            if account != "hr":
                self.assertEqual(404, client.get("/rescore/").status_code)
                self.assertEqual(404, client.post("/rescore/").status_code)
                self.assertEqual(404, client.post("/begin/", {"period": "2026-11"}).status_code)
        self.assertEqual(before, self.state())

    def test_without_an_account_there_is_only_the_log_in(self):
        """Also for addresses that do not exist, and for what is posted."""
        before = self.state()
        for address in ("/", self.page("an"), "/rescore/", "/appraisals.csv", "/password/"):
            for method in (self.client.get, self.client.post):
                self.assertRedirects(method(address), f"/login/?next={address}")
        self.assertEqual(before, self.state())

    def test_a_person_without_a_group_sees_nothing(self):
        """The groups decide, also about one's own appraisal."""
        User.objects.get(username="an").groups.clear()
        self.assertEqual(404, self.as_("an").get(self.page("an")).status_code)

    def test_no_request_without_its_token_changes_anything(self):
        """Every address that changes something answers 403 to everybody."""
        before = self.state()
        for account, address in (
            ("wang", self.page("bo")),
            ("an", self.page("an")),
            ("hr", self.page("dana")),
            ("hr", "/begin/"),
            ("hr", "/rescore/"),
            ("hr", "/logout/"),
            ("hr", "/language/"),
            ("hr", "/password/"),
            ("admin", "/admin/hr_app/person/add/"),
        ):
            client = self.as_(account, enforce_csrf_checks=True)
            for step in ("submit", "acknowledge", "close", ""):
                given = {
                    "step": step,
                    "edition": 0,
                    "period": "2026-11",
                    "language": "zh-hans",
                    **GOOD,
                }
                self.assertEqual(403, client.post(address, given).status_code, address)
            self.assertEqual(200, client.get("/").status_code)
        self.assertEqual(before, self.state())

    def test_nothing_changes_by_reading(self):
        """What changes something is posted."""
        before = self.state()
        client = self.as_("hr")
        self.assertEqual(405, client.get("/begin/").status_code)
        client.get(self.page("dana"), {"step": "close", "edition": self.of("dana").edition})
        client.get(
            "/rescore/", {"period": "2026-10", "version": "front-desk 2027-01-01", "take": "1"}
        )
        self.assertEqual(405, client.put(self.page("dana")).status_code)
        self.assertEqual(before, self.state())

    def test_a_draft_is_stored_half_filled_with_its_problems_beside_the_fields(self):
        """What is missing is not a problem; what is wrong is stored as typed, and shown."""
        answer = self.do("wang", "bo", "save", **{"r-late": " 1 ", "r-language": "31", "r-x": "1"})
        self.assertRedirects(answer, self.page("bo"))
        stored = self.of("bo")
        self.assertEqual({"late": "1", "language": "31"}, json.loads(stored.record))
        self.assertEqual(Status.DRAFT, stored.status)
        page = self.as_("wang").get(self.page("bo"))
        self.assertEqual({"language"}, set(page.context["form"].errors))
        self.assertContains(page, 'aria-invalid="true"', 1)
        self.assertContains(page, "30 – 90")
        self.assertEqual(2, len(page.context["draft"]["needed"]))

    def test_a_record_with_problems_is_not_submitted(self):
        """422: all problems at once, what is missing too; what was typed is shown, not stored."""
        before = self.state()
        answer = self.do("wang", "bo", "submit", **{"r-late": "-1", "r-language": "8"})
        self.assertEqual(422, answer.status_code)
        problems = {name: len(each) for name, each in answer.context["form"].errors.items()}
        self.assertEqual({"late": 1, "complaints": 1}, problems)
        self.assertContains(answer, 'value="8"', status_code=422)
        self.assertEqual(before, self.state())

    def test_a_month_is_signed_off(self):
        """Submitted, signed, objected to, returned, submitted again, acknowledged, closed."""
        self.do("wang", "bo", "submit", **GOOD)
        score = self.of("bo").score
        self.assertEqual(("55", "0"), (str(score.read().total), str(score.read().pay)))
        self.assertEqual("same", score.outcome)
        self.assertEqual(404, self.as_("bo").get(self.page("bo")).status_code)
        self.do("wang", "bo", "sign")
        answer = self.do("bo", "bo", "object", remark="  ")
        self.assertEqual((422, Status.SIGNED), (answer.status_code, self.of("bo").status))
        self.do("bo", "bo", "object", remark="<script>alert(1)</script>")
        page = self.as_("wang").get(self.page("bo"))
        self.assertContains(page, "&lt;script&gt;alert(1)")
        self.do("hr", "bo", "return", remark="look again")
        self.assertEqual(404, self.as_("bo").get(self.page("bo")).status_code)
        row = self.as_("hr").get("/?person=bo").context["rows"][0]
        self.assertEqual((None, None), (row["total"], row["pay"]))
        self.assertEqual(404, self.as_("hr").get(f"{self.page('bo')}sheet.html").status_code)
        self.do("wang", "bo", "submit", **{**GOOD, "r-late": "3"})
        for account, step in (("wang", "sign"), ("bo", "acknowledge"), ("hr", "close")):
            self.do(account, "bo", step)
        closed = self.of("bo")
        self.assertEqual(Status.CLOSED, closed.status)
        self.assertEqual(score, closed.scores.first())
        steps = ["submit", "sign", "object", "return", "submit", "sign", "acknowledge", "close"]
        self.assertEqual(steps, [event.step for event in closed.events.all()])
        self.assertEqual("same", closed.score.outcome)

    def test_a_step_is_taken_only_from_the_state_that_was_shown(self):
        """409 for a page that is out of date; nothing is stored, and the present state is shown."""
        self.do("wang", "bo", "save", **{"r-late": "2"})
        before = self.state()
        for step in ("save", "submit"):
            old = self.as_("wang").post(self.page("bo"), {"step": step, "edition": 0, **GOOD})
            self.assertEqual(409, old.status_code)
        self.assertContains(old, 'value="2"', status_code=409)
        for edition in ("", "x", "-1", "1.0"):
            given = {"step": "save", "edition": edition, **GOOD}
            self.assertEqual(409, self.as_("wang").post(self.page("bo"), given).status_code)
        old, wang = self.of("bo"), User.objects.get(username="wang")
        self.do("wang", "bo", "save", **{"r-late": "3"})
        before = self.state()
        with self.assertRaises(StaleError):  # of two requests at once, the second
            result = kpirules.evaluate(old.rubric(), {"late": 0, "complaints": 0, "language": 30})
            old.take("submit", wang, old.edition, result=result)
        self.assertEqual(before, self.state())

    def test_a_month_is_scored_by_another_version(self):
        """Compared first, then taken over as a whole; the old results stay, and signing begins again."""
        client, asked = self.as_("hr"), {"period": "2026-10", "version": "front-desk 2027-01-01"}
        before = self.state()
        page = client.get("/rescore/", asked)
        self.assertEqual(before, self.state())
        rows = {str(row["appraisal"]): (row["old"], row["new"]) for row in page.context["rows"]}
        self.assertEqual(
            {
                "李安 2026-10": ("86 · Good · 300", "96 · Good · 350"),
                "陈晨 2026-10": ("98 · Good · 300", "98 · Good · 350"),
            },
            rows,
        )
        chosen = [f"{self.of(name).pk}.{self.of(name).edition}" for name in ("an", "chen")]
        given = {**asked, "fingerprint": page.context["fingerprint"], "take": chosen}
        for wrong in (
            {"fingerprint": "0"},
            {"take": [*chosen[:1], f"{self.of('chen').pk}.0"]},
            {"take": [f"{self.of('dana').pk}.{self.of('dana').edition}"]},
            {"take": []},
        ):
            self.assertEqual(409, client.post("/rescore/", {**given, **wrong}).status_code)
        self.assertEqual(before, self.state())
        self.assertRedirects(client.post("/rescore/", given), "/")
        an = self.of("an")
        self.assertEqual((Status.SUBMITTED, "96"), (an.status, str(an.score.read().total)))
        self.assertEqual(
            ["86", "96"], [str(score.read().total) for score in an.scores.order_by("pk")]
        )
        self.assertEqual("same", an.score.outcome)
        self.assertEqual(409, client.post("/rescore/", given).status_code)
        self.do("wang", "an", "reopen")
        self.assertEqual(2027, self.of("an").rubric().effective_from.year)

    def test_hr_begins_a_month(self):
        """A draft for everybody who has an appraiser; a second time, none; a wrong period, none."""
        client = self.as_("hr")
        for period, count in (
            ("2026-11", 12),
            ("2026-11", 12),
            ("2026-11-05", 12),
            ("soon", 12),
            ("1999-01", 12),
        ):
            self.assertEqual(
                200, client.post("/begin/", {"period": period}, follow=True).status_code
            )
            self.assertEqual(count, Appraisal.objects.count(), period)

    def test_the_overview_is_filtered(self):
        """By period, form, status and person; what cannot be chosen fits none."""
        client = self.as_("hr")
        for query, names in (
            ({"scheme": "customer-service"}, {"dana", "emil"}),
            ({"status": "draft"}, {"wang", "bo", "emil"}),
            ({"person": "王"}, {"wang"}),
            ({"person": "dana FISCHER"}, {"dana"}),
            ({"period": "2026-10", "person": "E00"}, SEEN["hr"]),
            ({"period": "1999-01"}, set()),
        ):
            rows = client.get("/", query).context["rows"]
            self.assertEqual(names, {row["appraisal"].person.user.username for row in rows})

    def test_sheets_and_tables_are_files(self):
        """They are stored, not shown; a table has the exact numbers as text in any language."""
        page = self.as_("an").get(f"{self.page('an')}sheet.html")
        self.assertIn("attachment;", page.headers["Content-Disposition"])
        self.assertContains(page, "李安")
        self.assertEqual(404, self.as_("wang").get(f"{self.page('bo')}sheet.html").status_code)
        table = self.as_("hr").get("/appraisals.csv", headers={"accept-language": "zh"})
        row = next(csv.DictReader(io.StringIO(table.getvalue().decode("utf-8-sig"))))
        self.assertEqual("王敏", row["姓名"])
        book = self.as_("hr").get("/appraisals.xlsx")
        self.assertTrue(book.getvalue().startswith(b"PK"))

    def test_the_language_is_that_of_the_browser_or_the_one_that_is_chosen(self):
        """Pages, labels, problems and accounts."""
        page = self.as_("an").get(self.page("an"), headers={"accept-language": "zh-CN,en;q=0.5"})
        self.assertContains(page, '<html lang="zh-CN">')
        self.assertContains(page, "迟到次数")
        client = self.as_("an")
        client.post("/language/", {"language": "zh-hans", "next": "/"})
        self.assertContains(client.get("/"), "绩效考核")
        self.assertContains(client.get("/password/"), "旧密码")

    def test_the_administration_changes_no_appraisal(self):
        """It is for staff; results are only read there."""
        self.assertEqual(302, self.as_("hr").get("/admin/hr_app/score/").status_code)
        admin, pk = self.as_("admin"), self.of("an").score.pk
        self.assertEqual(200, admin.get(f"/admin/hr_app/score/{pk}/change/").status_code)
        for place in (f"score/{pk}/change", f"score/{pk}/delete", "score/add", "appraisal/add"):
            self.assertEqual(
                403, admin.post(f"/admin/hr_app/{place}/", {"result": "{}"}).status_code
            )

    def test_a_changed_result_is_found(self):
        """Also one that is consistent, or that is the result of somebody else; it is used for nothing."""
        score, other = self.of("an").score, self.of("chen").score
        record = {"late": 0, "complaints": 0, "language": 30}
        better = kpirules.evaluate(self.of("an").rubric(), record).to_json()
        for changed in (
            {"result": score.result.replace('"total": "86"', '"total": "96"')},
            {"result": better},
            {"result": "{}"},
            {"result": score.result.replace("{", '{"more": 1, ', 1)},
            {"result": better, "signature": "v1:" + "0" * 64},
            {"result": other.result, "signature": other.signature},
        ):
            self.assertNotEqual(score.result, changed["result"])
            Score.objects.filter(pk=score.pk).update(**changed)
            client, before = self.as_("hr"), self.state()
            page = client.get(self.page("an"))
            self.assertContains(page, 'data-outcome="wrong-signature"')
            self.assertNotContains(page, 'id="pay"')
            self.assertEqual(404, client.get(f"{self.page('an')}sheet.html").status_code)
            table = client.get("/appraisals.csv?person=李安").getvalue().decode()
            self.assertIn("李安,Front desk, monthly appraisal", table.replace('"', ""))
            self.assertTrue(table.endswith(",,,\r\n"), table)
            asked = {"period": "2026-10", "version": "front-desk 2027-01-01"}
            rows = client.get("/rescore/", asked).context["rows"]
            self.assertEqual(["陈晨 2026-10"], [str(row["appraisal"]) for row in rows])
            self.assertEqual(403, self.do("an", "an", "acknowledge").status_code)
            self.assertEqual(before, self.state())
        Score.objects.filter(pk=score.pk).update(signature="")
        self.assertContains(self.as_("hr").get(self.page("an")), 'data-outcome="unsigned"')


class Markup(SimpleTestCase):
    """Texts of rulesets."""

    def test_no_text_of_a_ruleset_is_markup(self):
        """Labels, units, options and what is allowed."""
        rubric = kpirules.loads("""
schema = 1
id = "desk"
inputs.late = { type = "count", unit = "<i>", label = "<i>" }
inputs.duty = { type = "choice", options = { met = "<i>", late = "<i>2" } }
criterion = [
  { id = "a", label = "<i>", weight = 50, formula = "50 - late", clamp = "0..50" },
  { id = "b", weight = 50, of = "duty", bands = [{ when = "met", points = 50, label = "<i>" }, { when = "late", points = "0..9", label = "<i>" }] },
]
""")
        for field in RecordForm(rubric, {"late": "<i>", "a": "<i>"}):
            self.assertNotIn("<i>", render_to_string("field.html", {"field": field}))


class Project(TestCase):
    """The code itself."""

    def test_the_words_are_in_both_languages(self):
        """Under the same keys, and no page asks for another."""

        def keys(tree):
            return {
                k: keys(v) if isinstance(v, dict) else {*v.split("{")[1:]} and k
                for k, v in tree.items()
            }

        self.assertEqual(keys(WORDS["en"]), keys(WORDS["zh"]))
        for name in ("steps", "events"):
            self.assertLessEqual({*STEPS} - {"save", "rescore"}, WORDS["en"][name].keys())
        self.assertEqual({*Status.values}, WORDS["en"]["statuses"].keys())

    def test_only_public_names_of_kpirules_are_used(self):
        """What the application lacks, the library lacks."""
        for file in SOURCE.rglob("*.py"):
            for node in ast.walk(ast.parse(file.read_text("utf-8"))):
                if isinstance(node, ast.ImportFrom) and node.module.startswith("kpirules"):
                    self.assertEqual("kpirules", node.module)
                    self.assertLessEqual({a.name for a in node.names}, {*kpirules.__all__}, file)

    def test_the_migrations_make_the_tables(self):
        """Nothing is left to migrate."""
        call_command("makemigrations", check=True, dry_run=True, verbosity=0)
