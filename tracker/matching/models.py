"""Which articles were proposed for which pledge, what became of them, and who is reading which."""

from datetime import datetime
from typing import ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from tracker.feeds.models import Article, Host
from tracker.matching.learning import Learned
from tracker.pledges.models import Assessment, Evidence, Pledge, Proposal


class SuggestionState(models.TextChoices):
    PENDING = "pending", _("Waiting")
    ACCEPTED = "accepted", _("Accepted")
    DISMISSED = "dismissed", _("Dismissed")


class DismissReason(models.TextChoices):
    OFF_TOPIC = "off_topic", _("Not about this pledge")
    DUPLICATE = "duplicate", _("Already have it")
    OPINION = "opinion", _("Opinion or preview")
    WRONG_PLACE_OR_TIME = "wrong_place_or_time", _("Wrong country or year")
    OTHER = "other", _("Other reason")


class SuggestionQuerySet(models.QuerySet["Suggestion"]):
    def pending(self) -> Self:
        return self.filter(state=SuggestionState.PENDING)

    def leads(self) -> Self:
        """Of a story told several times one article for each pledge: the first that is pending stands for all."""
        same_pledge = Suggestion.objects.pending().filter(pledge=OuterRef("pledge")).order_by()
        first = same_pledge.filter(article=OuterRef("article__story"))
        earlier = same_pledge.filter(article__story=OuterRef("article__story"), article__lt=OuterRef("article"))
        return self.filter(Q(article__story__isnull=True) | ~(Exists(first) | Exists(earlier)))

    def waiting(self, now: datetime) -> Self:
        """The cases to decide: pending, not put off until later, a story once for each pledge."""
        return self.pending().filter(Q(snoozed_until__isnull=True) | Q(snoozed_until__lte=now)).leads()

    def snoozed(self, now: datetime) -> Self:
        return self.pending().filter(snoozed_until__gt=now).leads()

    def decided(self) -> Self:
        return self.filter(decided_at__isnull=False)


class Suggestion(models.Model):
    """Article × pledge with a score that adds up from its reasons. A dismissed pair never returns."""

    article = models.ForeignKey(Article, on_delete=models.CASCADE, related_name="suggestions")
    pledge = models.ForeignKey(Pledge, on_delete=models.CASCADE, related_name="suggestions")
    score = models.DecimalField(max_digits=3, decimal_places=2)
    reasons = models.JSONField(help_text=_("Lines {concept, role, terms, points}; the points sum to the score"))
    state = models.CharField(max_length=10, choices=SuggestionState, default=SuggestionState.PENDING)
    created_at = models.DateTimeField()
    decided_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    dismiss_reason = models.CharField(max_length=20, choices=DismissReason, blank=True)
    dismiss_note = models.CharField(max_length=300, blank=True)
    evidence = models.ForeignKey(Evidence, on_delete=models.PROTECT, null=True, blank=True, related_name="suggestions")
    decided_with = models.ForeignKey(
        "self",
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        db_index=False,  # most rows have none; see the index below
        related_name="along",
        help_text=_("The case whose decision carried this one along: a near-copy's, or the pledge it belongs to"),
    )
    assessment = models.ForeignKey(
        Assessment, on_delete=models.PROTECT, null=True, blank=True, related_name="+", help_text=_("Recorded with it")
    )
    proposal = models.ForeignKey(
        Proposal, on_delete=models.PROTECT, null=True, blank=True, related_name="+", help_text=_("Proposed with it")
    )
    snoozed_until = models.DateTimeField(null=True, blank=True, help_text=_("Put off for everybody"))
    snoozed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )

    objects: ClassVar = SuggestionQuerySet.as_manager()

    class Meta:
        ordering = ("-score", "-id")
        indexes = (
            models.Index(fields=("-score", "-id"), condition=Q(state="pending"), name="suggestion_waiting"),
            models.Index(fields=("-created_at", "-id"), condition=Q(state="pending"), name="suggestion_newest"),
            models.Index(
                fields=("-decided_at", "-id"), condition=Q(decided_at__isnull=False), name="suggestion_decided"
            ),
            models.Index(fields=("decided_with",), condition=Q(decided_with__isnull=False), name="suggestion_along"),
            models.Index(fields=("pledge", "state")),
        )
        constraints = (
            models.UniqueConstraint(fields=("article", "pledge"), name="suggestion_once"),
            models.CheckConstraint(
                condition=Q(state="pending", decided_at__isnull=True, decided_by__isnull=True)
                | (~Q(state="pending") & Q(decided_at__isnull=False, decided_by__isnull=False)),
                name="suggestion_decided_by_someone",
            ),
            models.CheckConstraint(
                condition=Q(state="accepted", evidence__isnull=False)
                | (~Q(state="accepted") & Q(evidence__isnull=True)),
                name="suggestion_accepted_with_evidence",
            ),
            models.CheckConstraint(
                condition=Q(snoozed_until__isnull=True, snoozed_by__isnull=True)
                | Q(state="pending", snoozed_until__isnull=False, snoozed_by__isnull=False),
                name="suggestion_snoozed_by_someone",
            ),
        )

    def __str__(self) -> str:
        return f"{self.article_id} for {self.pledge_id}: {self.score}"

    @property
    def is_by_hand(self) -> bool:
        """A person named this pledge; no rule did."""
        return not self.score


class Reading(models.Model):
    """The case that a person has open; it means something for a few minutes only."""

    person = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    suggestion = models.ForeignKey(Suggestion, on_delete=models.CASCADE, related_name="readings")
    seen_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.person_id} reads {self.suggestion_id}"


class StoryKey(models.Model):
    """One of the numbers by which a repetition of a recent article is found (see `likeness.keys`)."""

    article = models.ForeignKey(Article, on_delete=models.CASCADE, related_name="story_keys")
    key = models.BigIntegerField(help_text=_("From 0 to 2³² − 1"))

    class Meta:
        constraints = (models.UniqueConstraint(fields=("article", "key"), name="story_key_once"),)
        indexes = (models.Index(fields=("key", "id")),)

    def __str__(self) -> str:
        return f"{self.article_id}:{self.key}"


class Rematch(models.Model):
    """One look at all stored articles with changed rules, newest first; `cursor` is the last article looked at.

    The last row says which rules the suggestions stand by; whoever finds other rules in use makes the next row.
    """

    rules = models.CharField(max_length=64, help_text=_("Fingerprint of the rules"))
    created_at = models.DateTimeField()
    cursor = models.BigIntegerField(help_text=_("Articles below this number are still to be looked at"))
    total = models.PositiveIntegerField(help_text=_("Articles to look at"))
    done = models.PositiveIntegerField(default=0)
    added = models.PositiveIntegerField(default=0)
    renewed = models.PositiveIntegerField(default=0)
    removed = models.PositiveIntegerField(default=0)
    claim = models.CharField(max_length=36, blank=True)
    claimed_until = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("-id",)
        constraints = (
            models.UniqueConstraint(fields=("rules",), condition=Q(finished_at__isnull=True), name="rematch_once"),
        )

    def __str__(self) -> str:
        return f"{self.done} of {self.total}"

    @property
    def percent(self) -> int:
        return min(100 * self.done // self.total, 100) if self.total else 100


class Lesson(models.Model):
    """What decisions taught about the rule of one pledge: log-odds that its scores are moved by (see `learning`)."""

    pledge = models.OneToOneField(Pledge, on_delete=models.CASCADE, related_name="lesson")
    is_on = models.BooleanField(default=True)
    bias = models.FloatField(default=0, help_text=_("For the rule as a whole"))
    weights = models.JSONField(default=dict, help_text=_("By the name of a concept"))
    decisions = models.PositiveIntegerField(default=0)
    accepted = models.PositiveIntegerField(default=0)
    newest_at = models.DateTimeField(null=True, blank=True, help_text=_("The newest decision that counts"))
    learned_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"{self.pledge_id}: {self.decisions}"

    @property
    def by_force(self) -> list[tuple[str, float]]:
        """The concepts that move scores, the strongest first."""
        return sorted(self.weights.items(), key=lambda item: (-abs(item[1]), item[0]))

    @property
    def seen(self) -> tuple[int, int, datetime | None]:
        """By which new decisions are told from those it was learned from."""
        return self.decisions, self.accepted, self.newest_at

    @property
    def learned(self) -> Learned | None:
        """None while it is switched off, or there is nothing to apply."""
        if not self.is_on or not (self.bias or self.weights):
            return None
        return Learned(self.bias, tuple(sorted(self.weights.items())))


class ArticlePageQuerySet(models.QuerySet["ArticlePage"]):
    def free(self, now: datetime) -> Self:
        """No worker holds the row."""
        return self.filter(Q(claimed_until__isnull=True) | Q(claimed_until__lt=now))

    def due(self, now: datetime) -> Self:
        return self.free(now).filter(next_try_at__lte=now).order_by("next_try_at", "pk")

    def on_free_hosts(self, now: datetime) -> Self:
        """None whose server a worker is talking to already, or that asked us to wait."""
        busy = ArticlePage.objects.filter(claimed_until__gte=now).values("host")
        return self.exclude(host__in=busy).exclude(host__in=Host.objects.filter(not_before__gt=now).values("name"))


class ArticlePage(models.Model):
    """The main text of the page behind an article that was suggested; feeds often give its first sentence only."""

    article = models.OneToOneField(Article, on_delete=models.CASCADE, related_name="page")
    host = models.CharField(max_length=255, db_index=True)
    text = models.TextField(blank=True)
    fetched_at = models.DateTimeField(null=True, blank=True)
    failure_count = models.PositiveSmallIntegerField(default=0)
    error_code = models.CharField(max_length=40, blank=True)
    # -- schedule
    next_try_at = models.DateTimeField(null=True, blank=True, db_index=True, help_text=_("Empty: not asked again"))
    claimed_until = models.DateTimeField(null=True, blank=True)
    claim = models.CharField(max_length=36, blank=True)

    objects: ClassVar = ArticlePageQuerySet.as_manager()

    class Meta:
        constraints = (
            models.CheckConstraint(condition=Q(text="") | Q(fetched_at__isnull=False), name="article_page_says_when"),
        )

    def __str__(self) -> str:
        return f"{self.article_id}: {self.error_code or self.fetched_at or 'waiting'}"
