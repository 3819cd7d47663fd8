"""Who wants to know what and when, and every mail that came of it."""

from datetime import datetime
from typing import ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from tracker.pledges.models import Declaration, Pledge


class Follow(models.Model):
    """A person's interest in a pledge, or in all of a declaration."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="follows")
    declaration = models.ForeignKey(
        Declaration, on_delete=models.CASCADE, null=True, blank=True, related_name="follows"
    )
    pledge = models.ForeignKey(Pledge, on_delete=models.CASCADE, null=True, blank=True, related_name="follows")
    created_at = models.DateTimeField()

    class Meta:
        ordering = ("id",)
        constraints = (
            models.CheckConstraint(
                condition=Q(declaration__isnull=True) ^ Q(pledge__isnull=True), name="follow_exactly_one_thing"
            ),
            models.UniqueConstraint(
                fields=("user", "pledge"), condition=Q(pledge__isnull=False), name="follow_pledge_once"
            ),
            models.UniqueConstraint(
                fields=("user", "declaration"), condition=Q(declaration__isnull=False), name="follow_declaration_once"
            ),
        )

    def __str__(self) -> str:
        return f"{self.user_id} follows {self.pledge_id or self.declaration_id}"


class Frequency(models.TextChoices):
    NEVER = "never", _("Never")
    DAILY = "daily", _("Daily")
    WEEKLY = "weekly", _("Weekly")


class SubscriptionQuerySet(models.QuerySet["Subscription"]):
    def due(self, now: datetime) -> Self:
        return self.filter(next_at__lte=now, covered_until__lt=now, user__is_active=True).order_by("next_at", "pk")


class Subscription(models.Model):
    """How often, when and about what a person is mailed. The hour is local to their time zone."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="subscription")
    frequency = models.CharField(_("how often"), max_length=10, choices=Frequency, default=Frequency.WEEKLY)
    weekday = models.PositiveSmallIntegerField(_("day"), default=0, help_text=_("0 is Monday"))
    hour = models.PositiveSmallIntegerField(_("hour"), default=8)
    wants_status = models.BooleanField(_("status changes"), default=True)
    wants_due = models.BooleanField(_("due soon and overdue"), default=True)
    wants_evidence = models.BooleanField(_("new evidence"), default=True)
    wants_suggestions = models.BooleanField(_("articles waiting for review"), default=True)
    covered_until = models.DateTimeField(help_text=_("Everything before this moment was told or had its turn"))
    next_at = models.DateTimeField(null=True, blank=True, db_index=True, help_text=_("Empty: never"))

    objects: ClassVar = SubscriptionQuerySet.as_manager()

    class Meta:
        constraints = (
            models.CheckConstraint(condition=Q(weekday__lte=6), name="subscription_weekday_known"),
            models.CheckConstraint(condition=Q(hour__lte=23), name="subscription_hour_known"),
        )

    def __str__(self) -> str:
        return f"{self.user_id}: {self.frequency}"


class DigestState(models.TextChoices):
    EMPTY = "empty", _("Nothing to say")
    PLANNED = "planned", _("Planned")
    CLAIMED = "claimed", _("Being sent")
    HANDED = "handed", _("Handed to the mail server")
    SENT = "sent", _("Sent")
    FAILED = "failed", _("Failed")
    IN_DOUBT = "in_doubt", _("In doubt")
    CANCELLED = "cancelled", _("Not wanted any more")


UNDELIVERED = (DigestState.FAILED, DigestState.IN_DOUBT)


class DigestQuerySet(models.QuerySet["Digest"]):
    def sendable(self, now: datetime) -> Self:
        expired = Q(state=DigestState.CLAIMED, lease_until__lt=now)
        return self.filter(Q(state=DigestState.PLANNED, due_at__lte=now) | expired).order_by("due_at", "pk")

    def abandoned(self, now: datetime) -> Self:
        """Handed over by a worker that never came back to say how it ended."""
        return self.filter(state=DigestState.HANDED, lease_until__lt=now)

    def undelivered(self) -> Self:
        """Perhaps never read, and not told again by a later digest either."""
        return self.filter(state__in=UNDELIVERED, repeated_in__isnull=True)


class Digest(models.Model):
    """One mail for one person and one period; its content is fixed when it is planned."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="digests")
    period_start = models.DateTimeField()
    period_end = models.DateTimeField()
    state = models.CharField(max_length=10, choices=DigestState, default=DigestState.PLANNED)
    items = models.JSONField(default=list, blank=True, help_text=_("What it tells, so that nothing is told twice"))
    subject = models.CharField(max_length=250, blank=True)
    text = models.TextField(blank=True)
    html = models.TextField(blank=True)
    message_id = models.CharField(max_length=120, unique=True)
    created_at = models.DateTimeField()
    due_at = models.DateTimeField()
    give_up_at = models.DateTimeField()
    lease_until = models.DateTimeField(null=True, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    handed_at = models.DateTimeField(null=True, blank=True)
    sent_at = models.DateTimeField(null=True, blank=True)
    error = models.CharField(max_length=500, blank=True)
    repeated_in = models.ForeignKey(
        "self",
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="repeats",
        help_text=_("Told again here"),
    )

    objects: ClassVar = DigestQuerySet.as_manager()

    class Meta:
        ordering = ("-created_at", "-id")
        indexes = (models.Index(fields=("state", "due_at")), models.Index(fields=("user", "period_end")))
        constraints = (
            models.UniqueConstraint(fields=("user", "period_start"), name="digest_once_a_period"),
            models.CheckConstraint(condition=Q(state__in=DigestState.values), name="digest_state_known"),
        )

    def __str__(self) -> str:
        return self.subject or f"{self.user_id} {self.period_end:%F}"

    @property
    def can_be_resent(self) -> bool:
        return self.state in UNDELIVERED and self.repeated_in_id is None


class OutboxMessage(models.Model):
    """A mail that stayed here because no mail server is set."""

    message_id = models.CharField(max_length=200, blank=True)
    recipient = models.CharField(max_length=320)
    subject = models.CharField(max_length=250)
    raw = models.TextField(help_text=_("The message as a server would have got it"))
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ("-created_at", "-id")

    def __str__(self) -> str:
        return self.subject
