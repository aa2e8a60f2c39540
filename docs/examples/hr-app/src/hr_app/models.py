"""The tables: people, appraisals, their results, and who did what."""

from __future__ import annotations

from django.conf import settings
from django.db import models, transaction
from django.db.models import PROTECT, CheckConstraint, F, Q, UniqueConstraint
from django.utils.crypto import salted_hmac
from django.utils.functional import cached_property

from kpirules import Result, Rubric, StoredResultError, load, verify


APPRAISER, EMPLOYEE, HR = "appraiser", "employee", "HR"
USER = settings.AUTH_USER_MODEL


class Status(models.TextChoices):
    """How far an appraisal is."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    SIGNED = "signed"
    ACKNOWLEDGED = "acknowledged"
    OBJECTED = "objected"
    CLOSED = "closed"


SCORED = tuple(status for status in Status if status != Status.DRAFT)
#: what employees see of their own
PUBLISHED = (Status.SIGNED, Status.ACKNOWLEDGED, Status.OBJECTED, Status.CLOSED)
#: what may be done with an appraisal: by which group, in which status, and the status after it
STEPS = {
    "save": (APPRAISER, (Status.DRAFT,), Status.DRAFT),
    "submit": (APPRAISER, (Status.DRAFT,), Status.SUBMITTED),
    "sign": (APPRAISER, (Status.SUBMITTED,), Status.SIGNED),
    "reopen": (APPRAISER, (Status.SUBMITTED,), Status.DRAFT),
    "acknowledge": (EMPLOYEE, (Status.SIGNED,), Status.ACKNOWLEDGED),
    "object": (EMPLOYEE, (Status.SIGNED,), Status.OBJECTED),
    "close": (HR, (Status.ACKNOWLEDGED, Status.OBJECTED), Status.CLOSED),
    "return": (HR, (Status.OBJECTED,), Status.DRAFT),
    "rescore": (HR, SCORED, Status.SUBMITTED),
}
#: steps that need a remark
EXPLAINED = ("object", "return")


class StaleError(Exception):
    """The appraisal has changed since its page was shown."""


def groups_of(user: models.Model) -> set[str]:
    """Return the names of a user's groups."""
    return set(user.groups.values_list("name", flat=True))


class Person(models.Model):
    """An employee: the account, the number, the scheme, the appraiser."""

    user = models.OneToOneField(USER, PROTECT)
    number = models.CharField(max_length=40, unique=True)
    #: the id of a ruleset
    scheme = models.CharField(max_length=100)
    appraiser = models.ForeignKey(USER, PROTECT, related_name="appraised", null=True, blank=True)

    class Meta:
        verbose_name_plural = "people"
        constraints = [CheckConstraint(condition=~Q(user=F("appraiser")), name="not_by_oneself")]

    def __str__(self) -> str:
        return self.user.get_full_name() or self.user.get_username()


class Appraisals(models.QuerySet):
    """Appraisals, as far as somebody may see them."""

    def visible(self, user: models.Model) -> Appraisals:
        """Return those of others that the user's groups may see, and the user's own if signed."""
        groups = groups_of(user)
        others = Q(pk__in=[])
        if HR in groups:
            others = Q()
        elif APPRAISER in groups:
            others = Q(person__appraiser=user)
        own = Q(person__user=user)
        mine = own & Q(status__in=PUBLISHED) if EMPLOYEE in groups else Q(pk__in=[])
        found = self.filter(mine | (others & ~own))
        return found.select_related("person__user", "person__appraiser", "score")


class Appraisal(models.Model):
    """A person's appraisal in one period."""

    person = models.ForeignKey(Person, PROTECT, related_name="appraisals")
    scheme = models.CharField(max_length=100)
    #: a month, 2026-10; a day of it, 2026-10-16, if the rules change within the month
    period = models.CharField(max_length=10)
    #: the first day of the month on which the rules are effective: one appraisal for each
    start = models.DateField()
    #: a day of the version that HR has chosen instead of that of the period
    version = models.DateField(null=True, editable=False)
    status = models.CharField(max_length=20, choices=Status, default=Status.DRAFT)
    #: the number of changes: a step is taken only from the state that was shown
    edition = models.PositiveIntegerField(default=0)
    #: what was filled in, as JSON: text as typed
    record = models.TextField(default="{}")
    score = models.OneToOneField("Score", PROTECT, null=True, related_name="+")

    objects = Appraisals.as_manager()

    class Meta:
        constraints = [UniqueConstraint(fields=["person", "start"], name="one_in_a_period")]
        ordering = ["-period", "person__number"]

    def __str__(self) -> str:
        return f"{self.person} {self.period}"

    def rubric(self) -> Rubric:
        """Return the rules."""
        return load(self.scheme, on=self.version or self.period)

    def steps(self, user: models.Model) -> list[str]:
        """Return what a user may do with it now: nothing if its result was changed."""
        if self.score and not self.score.read():
            return []
        groups, person = groups_of(user), self.person
        may = {
            APPRAISER: person.appraiser_id == user.pk,
            EMPLOYEE: person.user_id == user.pk,
            HR: person.user_id != user.pk,  # nobody closes their own
        }
        return [
            name
            for name, (group, before, _) in STEPS.items()
            if self.status in before and group in groups and may[group]
        ]

    @transaction.atomic
    def take(
        self,
        name: str,
        user: models.Model,
        edition: int,
        remark: str = "",
        result: Result | None = None,
        **changes: object,
    ) -> None:
        """Take a step, with a new result if there is one.

        Raises StaleError, and changes nothing, if the appraisal has changed since this edition.
        """
        if result is not None:
            changes["score"] = Score.of(self, result)
        _, before, after = STEPS[name]
        score = changes.get("score", self.score)
        if after == Status.DRAFT:
            changes["score"] = None
        state = Appraisal.objects.filter(pk=self.pk, edition=edition, status__in=before)
        # one statement, so that of two requests at once one changes nothing
        if not state.update(status=after, edition=F("edition") + 1, **changes):
            raise StaleError
        if name != "save":
            self.events.create(step=name, user=user, remark=remark, score=score)


class Score(models.Model):
    """A result: never changed, because somebody may have been paid by it."""

    appraisal = models.ForeignKey(Appraisal, PROTECT, related_name="scores")
    made = models.DateTimeField(auto_now_add=True)
    #: the whole result with all numbers: text, because number types round, and ``jsonb`` changes it
    result = models.TextField()
    signature = models.CharField(max_length=100)

    def __str__(self) -> str:
        return f"{self.appraisal}: {self.made:%Y-%m-%d %H:%M}"

    @classmethod
    def of(cls, appraisal: Appraisal, result: Result) -> Score:
        """Store a result of an appraisal, signed."""
        made = cls(appraisal=appraisal, result=result.to_json())
        made.signature = result.sign(made.key)
        made.save()
        return made

    @property
    def key(self) -> str:
        """The key of this appraisal: a signature does not fit the result of another one."""
        return salted_hmac("hr_app.score", str(self.appraisal_id), algorithm="sha256").hexdigest()

    @cached_property
    def outcome(self) -> str:
        """Return what ``verify`` finds: first whether this application signed it."""
        try:
            return verify(self.result, key=self.key, signature=self.signature).outcome
        except StoredResultError:
            return "wrong-signature"

    def read(self) -> Result | None:
        """Return the stored result; None if this application did not sign it."""
        signed = self.outcome not in {"unsigned", "wrong-signature"}
        return Result.from_json(self.result) if signed else None


class Event(models.Model):
    """A step that somebody took."""

    appraisal = models.ForeignKey(Appraisal, PROTECT, related_name="events")
    step = models.CharField(max_length=20)
    user = models.ForeignKey(USER, PROTECT)
    at = models.DateTimeField(auto_now_add=True)
    remark = models.TextField(blank=True)
    #: the result that it was about
    score = models.ForeignKey(Score, PROTECT, null=True)

    class Meta:
        ordering = ["at", "pk"]

    def __str__(self) -> str:
        return f"{self.appraisal}: {self.step}"
