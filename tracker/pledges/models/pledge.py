"""What was promised, and when it is due."""

from datetime import date, timedelta
from typing import ClassVar, Self

from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from tracker.multilingual import TextsField
from tracker.pledges import dates
from tracker.pledges.models.declaration import Declaration, Document, Party, Theme
from tracker.pledges.models.revised import Revised
from tracker.pledges.models.status import CLOSED, Status


class PledgeKind(models.TextChoices):
    MEASURABLE_TARGET = "measurable_target", _("Measurable target")
    TIME_BOUND = "time_bound", _("Time-bound")
    CONTINUING = "continuing", _("Continuing")


class PledgeQuerySet(models.QuerySet["Pledge"]):
    def open(self) -> Self:
        return self.exclude(status__in=CLOSED)

    def overdue(self, today: date) -> Self:
        return self.open().filter(due_latest__lt=today)

    def in_force(self) -> Self:
        """Not superseded: no later declaration restates, changes or drops them."""
        return self.filter(continued_in__isnull=True)

    def due_soon(self, today: date) -> Self:
        """Within the declaration's own number of days."""
        soon = Q()
        for pk, days in Declaration.objects.values_list("pk", "due_soon_days"):
            soon |= Q(declaration=pk, due_latest__range=(today, today + timedelta(days=days)))
        return self.open().filter(soon) if soon else self.none()


class Pledge(Revised):
    """One testable obligation of a declaration."""

    declaration = models.ForeignKey(Declaration, on_delete=models.CASCADE, related_name="pledges")
    reference = models.CharField(max_length=40, unique=True)
    number = models.PositiveIntegerField()
    slug = models.SlugField(max_length=60)
    title = TextsField()
    statement = TextsField()
    criterion = TextsField(blank=True)
    kind = models.CharField(max_length=20, choices=PledgeKind, default=PledgeKind.CONTINUING)
    theme = models.ForeignKey(Theme, on_delete=models.RESTRICT, related_name="pledges")
    parties = models.ManyToManyField(Party, related_name="pledges")
    is_judged_per_party = models.BooleanField(default=False, help_text=_("Each party owes something of its own"))
    document = models.ForeignKey(Document, on_delete=models.RESTRICT, null=True, blank=True, related_name="pledges")
    locator = TextsField(blank=True)
    due_words = TextsField(blank=True)
    due_edtf = models.CharField(max_length=40, blank=True)
    due_earliest = models.DateField(null=True, blank=True)
    due_latest = models.DateField(null=True, blank=True)
    is_due_stated = models.BooleanField(default=True)
    review_by = models.DateField(null=True, blank=True)
    watch = models.JSONField(default=dict, blank=True)
    status = models.CharField(max_length=20, choices=Status, default=Status.NOT_ASSESSED)
    latest_evidence_on = models.DateField(
        null=True,
        blank=True,
        editable=False,
        help_text=_("Of standing evidence; kept by what adds and withdraws it"),
    )
    version = models.PositiveIntegerField(default=0, help_text=_("Grows with each assessment"))

    objects: ClassVar = PledgeQuerySet.as_manager()

    class Meta:
        ordering = ("declaration", "number")
        indexes = (
            models.Index(fields=("declaration", "status")),
            models.Index(fields=("due_latest",)),
            models.Index(fields=("declaration", "due_latest", "number")),
            # All that a dashboard counts, so that it reads no pledge for it.
            models.Index(
                fields=("declaration", "theme", "status", "due_latest", "is_due_stated", "latest_evidence_on", "id"),
                name="pledge_census",
            ),
        )
        constraints = (
            models.UniqueConstraint(fields=("declaration", "number"), name="pledge_number_once"),
            models.CheckConstraint(condition=Q(status__in=Status.values), name="pledge_status_known"),
            models.CheckConstraint(
                condition=Q(due_earliest__isnull=True)
                | Q(due_latest__isnull=True)
                | Q(due_earliest__lte=F("due_latest")),
                name="pledge_due_in_order",
            ),
        )

    def __str__(self) -> str:
        return str(self.title)

    def get_absolute_url(self) -> str:
        return reverse("pledge", args=[self.reference])

    @property
    def code(self) -> str:
        """The number as pages show it: `03`."""
        return f"{self.number:02d}"


class Milestone(Revised):
    """A dated step towards a pledge."""

    pledge = models.ForeignKey(Pledge, on_delete=models.CASCADE, related_name="milestones")
    key = models.SlugField(max_length=60, blank=True, help_text=_("Its name in the shipped data set"))
    title = TextsField()
    date_edtf = models.CharField(max_length=40, blank=True)
    date_earliest = models.DateField(null=True, blank=True)
    is_reached = models.BooleanField(default=False)
    url = models.URLField(max_length=2048, blank=True)

    class Meta:
        ordering = (F("date_earliest").asc(nulls_last=True), "id")
        constraints = (
            models.UniqueConstraint(fields=("pledge", "key"), condition=~Q(key=""), name="milestone_key_once"),
        )

    def __str__(self) -> str:
        return str(self.title)

    @property
    def date(self) -> str:
        return dates.describe(self.date_edtf, get_language() or "en")
