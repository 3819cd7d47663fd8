"""What editors judged, with their reasons: append-only."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from tracker.multilingual import TextsField
from tracker.pledges.models.evidence import Evidence
from tracker.pledges.models.pledge import Pledge
from tracker.pledges.models.status import Status


class Confidence(models.TextChoices):
    LOW = "low", _("Low")
    MEDIUM = "medium", _("Medium")
    HIGH = "high", _("High")


class Assessment(models.Model):
    """One judgement of one pledge. Append-only: a correction is a new row that names the one it corrects."""

    pledge = models.ForeignKey(Pledge, on_delete=models.CASCADE, related_name="assessments")
    status = models.CharField(max_length=20, choices=Status)
    previous_status = models.CharField(max_length=20, choices=Status)
    confidence = models.CharField(max_length=8, choices=Confidence, default=Confidence.MEDIUM)
    rationale = TextsField()
    evidence = models.ManyToManyField(Evidence, related_name="assessments")
    effective_on = models.DateField(help_text=_("When it became true"))
    recorded_at = models.DateTimeField()
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    is_shipped = models.BooleanField(default=False, help_text=_("Recorded as part of the data set"))
    corrects = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, related_name="corrected_by")

    class Meta:
        ordering = ("-recorded_at", "-id")
        indexes = (models.Index(fields=("recorded_at",)),)
        constraints = (
            models.CheckConstraint(
                condition=Q(is_shipped=True) | Q(recorded_by__isnull=False), name="assessment_has_a_judge"
            ),
        )

    def __str__(self) -> str:
        return f"{self.pledge.reference}: {self.status}"
