"""What was behind a link when it became evidence, and whether it still is."""

from datetime import datetime
from typing import ClassVar, Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from tracker.pledges.models.evidence import Evidence


class LinkState(models.TextChoices):
    WAITING = "waiting", _("Not looked at yet")
    OK = "ok", _("Unchanged")
    CHANGED = "changed", pgettext_lazy("link", "Changed")
    DEAD = "dead", _("Dead")


class EvidenceCopyQuerySet(models.QuerySet["EvidenceCopy"]):
    def standing(self) -> Self:
        return self.filter(evidence__withdrawn_at__isnull=True)

    def free(self, now: datetime) -> Self:
        """No worker holds the row."""
        return self.filter(Q(claimed_until__isnull=True) | Q(claimed_until__lt=now))

    def due(self, now: datetime) -> Self:
        return self.standing().free(now).filter(next_check_at__lte=now).order_by("next_check_at", "pk")

    def on_free_hosts(self, now: datetime) -> Self:
        """None whose server a worker is talking to already."""
        return self.exclude(host__in=EvidenceCopy.objects.filter(claimed_until__gte=now).values("host"))


class EvidenceCopy(models.Model):
    """The main text of one piece of evidence as it was first read, its hash, and the fate of the link since.

    The text of others is shown to editors only; the public sees hash, dates and the copy in a public archive.
    """

    evidence = models.OneToOneField(Evidence, on_delete=models.CASCADE, related_name="copy")
    host = models.CharField(max_length=255, db_index=True)
    # -- the copy
    text = models.TextField(blank=True)
    sha256 = models.CharField(max_length=64, blank=True, help_text=_("Of the text; of the file where it is no page"))
    media_type = models.CharField(max_length=100, blank=True)
    http_status = models.PositiveSmallIntegerField(null=True, blank=True)
    fetched_at = models.DateTimeField(null=True, blank=True)
    archive_url = models.URLField(max_length=2048, blank=True)
    # -- the link
    state = models.CharField(max_length=8, choices=LinkState, default=LinkState.WAITING)
    state_since = models.DateTimeField()
    checked_at = models.DateTimeField(null=True, blank=True)
    failing_since = models.DateTimeField(null=True, blank=True)
    failure_count = models.PositiveSmallIntegerField(default=0)
    error_code = models.CharField(max_length=40, blank=True)
    # -- schedule
    next_check_at = models.DateTimeField(db_index=True)
    claimed_until = models.DateTimeField(null=True, blank=True)
    claim = models.CharField(max_length=36, blank=True)

    objects: ClassVar = EvidenceCopyQuerySet.as_manager()

    class Meta:
        ordering = ("id",)
        verbose_name_plural = "evidence copies"
        constraints = (
            models.CheckConstraint(condition=Q(state__in=LinkState.values), name="evidence_copy_state_known"),
            models.CheckConstraint(
                condition=Q(sha256="") | Q(fetched_at__isnull=False, http_status__isnull=False),
                name="evidence_copy_says_when",
            ),
        )

    def __str__(self) -> str:
        return f"{self.evidence_id}: {self.state}"

    @property
    def is_readable(self) -> bool:
        """Whether the link leads to what the editors saw."""
        return self.state not in (LinkState.CHANGED, LinkState.DEAD)
