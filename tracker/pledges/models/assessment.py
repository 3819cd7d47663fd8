"""What editors judged, with their reasons: append-only. And what one editor proposed and another decides."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from tracker.multilingual import TextsField
from tracker.pledges.models.declaration import Party
from tracker.pledges.models.evidence import Evidence
from tracker.pledges.models.pledge import Pledge
from tracker.pledges.models.status import Status


class Confidence(models.TextChoices):
    LOW = "low", _("Low")
    MEDIUM = "medium", _("Medium")
    HIGH = "high", _("High")


def _person() -> models.ForeignKey:
    return models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )


class Judgement(models.Model):
    """What an assessment and a proposal of one have in common."""

    pledge = models.ForeignKey(Pledge, on_delete=models.PROTECT, related_name="%(class)ss")
    party = models.ForeignKey(
        Party,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="%(class)ss",
        help_text=_("Whose part is judged; empty for the pledge as a whole"),
    )
    status = models.CharField(max_length=20, choices=Status)
    confidence = models.CharField(max_length=8, choices=Confidence, default=Confidence.MEDIUM)
    rationale = TextsField()
    evidence = models.ManyToManyField(Evidence, related_name="%(class)ss")
    effective_on = models.DateField(help_text=_("When it became true"))
    corrects = models.ForeignKey(
        "pledges.Assessment", on_delete=models.PROTECT, null=True, blank=True, related_name="%(class)s_corrections"
    )

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return f"{self.pledge.reference}: {self.status}"


class Assessment(Judgement):
    """One judgement of one pledge. The database refuses to change or delete it, and to cite more than was cited when
    it was made; a correction is a new row that names the one it corrects.
    """

    previous_status = models.CharField(max_length=20, choices=Status)
    evidence_count = models.PositiveSmallIntegerField(default=0, help_text=_("How many items it cites, for good"))
    recorded_at = models.DateTimeField()
    recorded_by = _person()
    confirmed_by = _person()
    is_shipped = models.BooleanField(default=False, help_text=_("Recorded as part of the data set"))

    class Meta:
        ordering = ("-recorded_at", "-id")
        indexes = (models.Index(fields=("recorded_at",)),)
        constraints = (
            models.CheckConstraint(
                condition=Q(is_shipped=True) | Q(recorded_by__isnull=False), name="assessment_has_a_judge"
            ),
            models.CheckConstraint(
                condition=Q(confirmed_by__isnull=True) | ~Q(confirmed_by=F("recorded_by")),
                name="assessment_confirmed_by_another",
            ),
        )

    def get_absolute_url(self) -> str:
        return reverse("judgement", args=[self.pledge.reference, self.pk])


class ProposalState(models.TextChoices):
    WAITING = "waiting", _("Waiting")
    CONFIRMED = "confirmed", _("Confirmed")
    REJECTED = "rejected", pgettext_lazy("proposal", "Rejected")
    TAKEN_BACK = "taken_back", _("Taken back")


class Proposal(Judgement):
    """A judgement that waits until another editor confirms or rejects it; its editor may take it back.

    `based_on` is the judgement that stood when it was written: confirmed is only what still stands on it.
    """

    based_on = models.ForeignKey(Assessment, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    proposed_at = models.DateTimeField()
    proposed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    state = models.CharField(max_length=10, choices=ProposalState, default=ProposalState.WAITING)
    decided_at = models.DateTimeField(null=True, blank=True)
    decided_by = _person()
    decision_reason = models.CharField(max_length=500, blank=True)
    assessment = models.OneToOneField(
        Assessment, on_delete=models.PROTECT, null=True, blank=True, related_name="proposal"
    )

    class Meta:
        ordering = ("-proposed_at", "-id")
        constraints = (
            models.UniqueConstraint(
                fields=("pledge",), condition=Q(state="waiting", party__isnull=True), name="proposal_waits_once"
            ),
            models.UniqueConstraint(
                fields=("pledge", "party"),
                condition=Q(state="waiting", party__isnull=False),
                name="proposal_of_a_party_waits_once",
            ),
            models.CheckConstraint(
                condition=Q(state="waiting", decided_by__isnull=True, decided_at__isnull=True)
                | (~Q(state="waiting") & Q(decided_by__isnull=False, decided_at__isnull=False)),
                name="proposal_decided_by_someone",
            ),
            models.CheckConstraint(
                condition=Q(state="waiting")
                | Q(state="taken_back", decided_by=F("proposed_by"))
                | (Q(state__in=("confirmed", "rejected")) & ~Q(decided_by=F("proposed_by"))),
                name="proposal_decided_by_another",
            ),
            models.CheckConstraint(
                condition=Q(state="confirmed", assessment__isnull=False)
                | (~Q(state="confirmed") & Q(assessment__isnull=True)),
                name="proposal_confirmed_is_recorded",
            ),
            models.CheckConstraint(
                condition=~Q(state="rejected") | ~Q(decision_reason=""), name="proposal_rejected_with_reason"
            ),
        )

    def get_absolute_url(self) -> str:
        return reverse("proposal", args=[self.pk])

    @property
    def is_waiting(self) -> bool:
        return self.state == ProposalState.WAITING
