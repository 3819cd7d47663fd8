"""Who wants to know what and when, and every mail that came of it."""

import secrets
from datetime import datetime
from typing import ClassVar, Self

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from tracker.digests import periods
from tracker.pledges.models import Declaration, Party, Pledge, Theme


def _followed(model: type[models.Model]) -> models.ForeignKey:
    return models.ForeignKey(model, on_delete=models.CASCADE, null=True, blank=True, related_name="follows")


class Follow(models.Model):
    """A person's interest in a pledge, a theme, a party or a declaration; with a `query`, in a list of its pledges."""

    THINGS = ("pledge", "theme", "party", "declaration")

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="follows")
    declaration = _followed(Declaration)
    pledge = _followed(Pledge)
    theme = _followed(Theme)
    party = _followed(Party)
    query = models.CharField(max_length=600, blank=True, help_text=_("The filters of a saved list, as in its address"))
    name = models.CharField(max_length=80, blank=True, help_text=_("What its follower calls a saved list"))
    matched = models.JSONField(
        default=list, blank=True, help_text=_("The pledges of a saved list when it was last looked at")
    )
    created_at = models.DateTimeField()

    class Meta:
        ordering = ("id",)
        constraints = (
            models.CheckConstraint(
                condition=Q(declaration__isnull=False, pledge=None, theme=None, party=None)
                | Q(declaration=None, pledge__isnull=False, theme=None, party=None, query="")
                | Q(declaration=None, pledge=None, theme__isnull=False, party=None, query="")
                | Q(declaration=None, pledge=None, theme=None, party__isnull=False, query=""),
                name="follow_exactly_one_thing",
            ),
            models.UniqueConstraint(
                fields=("user", "pledge"), condition=Q(pledge__isnull=False), name="follow_pledge_once"
            ),
            models.UniqueConstraint(
                fields=("user", "theme"), condition=Q(theme__isnull=False), name="follow_theme_once"
            ),
            models.UniqueConstraint(
                fields=("user", "party"), condition=Q(party__isnull=False), name="follow_party_once"
            ),
            models.UniqueConstraint(
                fields=("user", "declaration", "query"),
                condition=Q(declaration__isnull=False),
                name="follow_declaration_or_list_once",
            ),
        )

    def __str__(self) -> str:
        return self.name or str(self.thing)

    @property
    def thing(self) -> models.Model:
        return self.pledge or self.theme or self.party or self.declaration

    @property
    def thing_id(self) -> int:
        return next(pk for thing in self.THINGS if (pk := getattr(self, f"{thing}_id")))

    @property
    def kind(self) -> str:
        """`pledge`, `theme`, `party`, `declaration`, or `list` for some of a declaration's pledges."""
        if self.query:
            return "list"
        return next(thing for thing in self.THINGS if getattr(self, f"{thing}_id"))

    @property
    def label(self) -> str:
        labels = {
            "pledge": _("Pledge"),
            "theme": _("Theme"),
            "party": _("Party"),
            "declaration": _("All pledges"),
            "list": _("List"),
        }
        return str(labels[self.kind])

    @property
    def address(self) -> str:
        """The page that shows it; a party has none."""
        if self.theme:
            return f"{self.theme.declaration.get_absolute_url()}?theme={self.theme.slug}"
        page = self.pledge or self.declaration
        return page.get_absolute_url() + (f"?{self.query}" if self.query else "") if page else ""


class Frequency(models.TextChoices):
    NEVER = "never", _("Never")
    INSTANT = "instant", _("At once")
    DAILY = "daily", _("Daily")
    WEEKLY = "weekly", _("Weekly")
    MONTHLY = "monthly", _("Monthly")


def new_key() -> str:
    """192 random bits, by which a link in a mail names a subscription without naming a person."""
    return secrets.token_urlsafe(24)


def validate_reminder_days(text: str) -> None:
    try:
        periods.reminder_days(text)
    except ValueError as error:
        message = _("Write up to five numbers of days from 1 to 365, with commas between them: “30, 7”.")
        raise ValidationError(message) from error


class SubscriptionQuerySet(models.QuerySet["Subscription"]):
    def due(self, now: datetime) -> Self:
        reachable = self.filter(user__is_active=True, suspended_at__isnull=True)
        return reachable.filter(next_at__lte=now, covered_until__lt=now).order_by("next_at", "pk")


class Subscription(models.Model):
    """How often, when and about what a person is mailed. The hour is local to their time zone."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="subscription")
    frequency = models.CharField(_("how often"), max_length=10, choices=Frequency, default=Frequency.WEEKLY)
    weekday = models.PositiveSmallIntegerField(_("day"), default=0, help_text=_("0 is Monday"))
    hour = models.PositiveSmallIntegerField(_("hour"), default=8)
    wants_status = models.BooleanField(_("status changes"), default=True)
    wants_due = models.BooleanField(_("due soon and overdue"), default=True)
    wants_evidence = models.BooleanField(_("new evidence"), default=True)
    wants_figures = models.BooleanField(_("new figures"), default=True)
    wants_suggestions = models.BooleanField(_("articles waiting for review"), default=True)
    wants_feeds = models.BooleanField(_("failing feeds"), default=True)
    reminder_days = models.CharField(
        _("remind me before a due date"),
        max_length=40,
        default="7",
        blank=True,
        validators=[validate_reminder_days],
        help_text=_("Days before, such as “30, 7”. Each reminder comes once, in the digest."),
    )
    begins_at = models.DateTimeField(help_text=_("Nothing from before this moment is told"))
    covered_until = models.DateTimeField(help_text=_("Everything before this moment was told or had its turn"))
    next_at = models.DateTimeField(null=True, blank=True, db_index=True, help_text=_("Empty: never"))
    seen = models.CharField(max_length=120, blank=True, help_text=_("The state of the record when it was last read"))
    key = models.CharField(max_length=40, unique=True, default=new_key, editable=False)
    bounce_count = models.PositiveSmallIntegerField(default=0, help_text=_("Mails refused in a row"))
    suspended_at = models.DateTimeField(null=True, blank=True, help_text=_("No mail since; the address does not work"))
    suspended_reason = models.CharField(max_length=500, blank=True)

    objects: ClassVar = SubscriptionQuerySet.as_manager()

    class Meta:
        constraints = (
            models.CheckConstraint(condition=Q(weekday__lte=6), name="subscription_weekday_known"),
            models.CheckConstraint(condition=Q(hour__lte=23), name="subscription_hour_known"),
        )

    def __str__(self) -> str:
        return f"{self.user_id}: {self.frequency}"

    @property
    def reminders(self) -> list[int]:
        return periods.reminder_days(self.reminder_days)


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
    message_id = models.CharField(max_length=120, unique=True)
    created_at = models.DateTimeField()
    due_at = models.DateTimeField()
    give_up_at = models.DateTimeField()
    lease_until = models.DateTimeField(null=True, blank=True)
    claim = models.CharField(max_length=32, blank=True, help_text=_("Names the worker's turn that holds it"))
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
    def word(self) -> str:
        """Names it in its address, as it does in its Message-ID."""
        return self.message_id.removeprefix("<digest.").partition("@")[0]

    @property
    def can_be_resent(self) -> bool:
        return self.state in UNDELIVERED and self.repeated_in_id is None


class DigestBody(models.Model):
    """What it says, apart from what becomes of it: a change of state does not write thirty kilobytes anew."""

    digest = models.OneToOneField(Digest, on_delete=models.CASCADE, primary_key=True, related_name="body")
    text = models.TextField()
    html = models.TextField()

    def __str__(self) -> str:
        return self.text[:80]


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
