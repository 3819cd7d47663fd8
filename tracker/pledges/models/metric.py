"""Figures by which a pledge can be measured."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from tracker.multilingual import TextsField
from tracker.pledges.models.pledge import Pledge
from tracker.pledges.models.revised import Revised


class Metric(Revised):
    """A figure by which a pledge can be measured."""

    pledge = models.ForeignKey(Pledge, on_delete=models.CASCADE, related_name="metrics")
    key = models.SlugField(max_length=60)
    name = TextsField()
    unit = TextsField()
    baseline_value = models.DecimalField(max_digits=20, decimal_places=4, null=True, blank=True)
    baseline_period = models.CharField(max_length=40, blank=True)
    target_value = models.DecimalField(max_digits=20, decimal_places=4, null=True, blank=True)
    note = TextsField(blank=True)

    class Meta:
        ordering = ("id",)
        constraints = (models.UniqueConstraint(fields=("pledge", "key"), name="metric_key_once"),)

    def __str__(self) -> str:
        return str(self.name)


class Observation(models.Model):
    """One figure of a metric, in one series, from one source. Withdrawn, never overwritten."""

    metric = models.ForeignKey(Metric, on_delete=models.CASCADE, related_name="observations")
    series = TextsField(blank=True)
    period_edtf = models.CharField(max_length=40)
    period_latest = models.DateField(help_text=_("The last day of the period, where charts draw it"))
    value = models.DecimalField(max_digits=20, decimal_places=4)
    publisher = models.CharField(max_length=120, blank=True)
    url = models.URLField(max_length=2048, blank=True)
    note = TextsField(blank=True)
    added_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    added_at = models.DateTimeField()
    withdrawn_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    withdrawn_reason = models.CharField(max_length=500, blank=True)

    class Meta:
        ordering = ("period_latest", "id")
        indexes = (models.Index(fields=("-added_at", "-id")), models.Index(fields=("-withdrawn_at", "-id")))

    def __str__(self) -> str:
        return f"{self.period_edtf}: {self.value}"
