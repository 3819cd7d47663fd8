"""Polled feeds, the articles they delivered, and what each poll met."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import ClassVar, Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from tracker.feeds.push_models import PushSubscription as PushSubscription


class FeedQuerySet(models.QuerySet["Feed"]):
    def active(self) -> Self:
        return self.filter(paused_at__isnull=True, retired_at__isnull=True)

    def due(self, now: datetime) -> Self:
        """Time has come, and no worker holds the feed."""
        free = Q(claimed_until__isnull=True) | Q(claimed_until__lt=now)
        return self.active().filter(free, next_poll_at__lte=now).order_by("next_poll_at", "pk")

    def on_free_hosts(self, now: datetime) -> Self:
        """No server that asked us to wait, and none that a worker is talking to already."""
        waiting = Host.objects.filter(not_before__gt=now).values("name")
        busy = Feed.objects.filter(claimed_until__gte=now).values("host")
        return self.exclude(host__in=waiting).exclude(host__in=busy)

    def at(self, urls: Iterable[str]) -> Self:
        """Whatever is polled at one of these addresses, or was when it was added."""
        urls = list(urls)
        return self.filter(Q(url__in=urls) | Q(first_url__in=urls))


class Feed(models.Model):
    """A polled address with its own schedule; the database is that schedule."""

    url = models.URLField(_("address"), max_length=2048, unique=True)
    first_url = models.CharField(max_length=2048, blank=True, help_text=_("The address it moved away from"))
    host = models.CharField(max_length=255, db_index=True)
    title = models.CharField(_("title"), max_length=200)
    site_url = models.URLField(_("site"), max_length=2048, blank=True)
    language = models.CharField(_("language"), max_length=12, blank=True)
    tags = models.JSONField(default=list, blank=True)
    created_at = models.DateTimeField()
    # -- schedule
    next_poll_at = models.DateTimeField(db_index=True)
    claimed_until = models.DateTimeField(null=True, blank=True)
    claim = models.CharField(max_length=36, blank=True)
    interval_minutes = models.PositiveIntegerField(default=60)
    ttl_minutes = models.PositiveIntegerField(null=True, blank=True, help_text=_("The pace the document asks for"))
    skip_hours = models.PositiveIntegerField(
        default=0, help_text=_("One bit for each hour (UTC) it asks to be left alone")
    )
    skip_days = models.PositiveSmallIntegerField(default=0, help_text=_("One bit for each such day, Monday first"))
    newest_entry_at = models.DateTimeField(null=True, blank=True)
    paused_at = models.DateTimeField(null=True, blank=True)
    retired_at = models.DateTimeField(null=True, blank=True, help_text=_("The server said it is gone"))
    # -- validators, stored verbatim
    etag = models.CharField(max_length=1000, blank=True)
    last_modified = models.CharField(max_length=200, blank=True)
    body_hash = models.CharField(max_length=64, blank=True)
    is_conditional = models.BooleanField(default=True, help_text=_("Off once the validators proved wrong"))
    last_full_at = models.DateTimeField(null=True, blank=True)
    # -- a permanent redirect, believed after days of repetition
    moved_to = models.CharField(max_length=2048, blank=True)
    moved_since = models.DateTimeField(null=True, blank=True)
    moved_count = models.PositiveSmallIntegerField(default=0)
    # -- what happened
    last_polled_at = models.DateTimeField(null=True, blank=True)
    last_success_at = models.DateTimeField(null=True, blank=True)
    failing_since = models.DateTimeField(null=True, blank=True)
    failure_count = models.PositiveIntegerField(default=0)
    failure_score = models.FloatField(default=0)
    gone_since = models.DateTimeField(null=True, blank=True)
    gone_count = models.PositiveSmallIntegerField(default=0)
    error_code = models.CharField(max_length=40, blank=True)
    error_detail = models.CharField(max_length=500, blank=True)

    objects: ClassVar = FeedQuerySet.as_manager()

    class Meta:
        ordering = ("title", "id")

    def __str__(self) -> str:
        return self.title


class Host(models.Model):
    """A server that asked us to wait; all its feeds do."""

    name = models.CharField(max_length=255, primary_key=True)
    not_before = models.DateTimeField()

    def __str__(self) -> str:
        return self.name


class ArticleQuerySet(models.QuerySet["Article"]):
    def unprocessed(self) -> Self:
        return self.filter(processed_at__isnull=True).order_by("pk")

    def unrefined(self) -> Self:
        return self.filter(is_raw=True).order_by("pk")

    def refined(self) -> Self:
        return self.filter(is_raw=False)

    def same_story(self, article: "Article") -> Self:
        """The other articles that tell it, the first of them included."""
        return self.filter(Q(pk=article.story_key) | Q(story=article.story_key)).exclude(pk=article.pk)

    def of_stories(self, keys: Iterable[int]) -> Self:
        """All articles of these stories, by `story_key`."""
        keys = list(keys)
        return self.filter(Q(pk__in=keys) | Q(story__in=keys))


class Article(models.Model):
    """What stands at one address, however many feeds carried it."""

    feed = models.ForeignKey(Feed, on_delete=models.PROTECT, related_name="articles", help_text=_("First seen in"))
    url = models.URLField(max_length=2048)
    canonical_url = models.CharField(max_length=2048)
    canonical_hash = models.CharField(max_length=64)
    title = models.CharField(max_length=500)
    text = models.TextField(blank=True)
    language = models.CharField(max_length=12, blank=True)
    published_at = models.DateTimeField(null=True, blank=True)
    published_raw = models.CharField(max_length=100, blank=True)
    published_coarse = models.CharField(
        max_length=7, blank=True, db_default="", help_text=_("2024-07 or 2024 where the feed names no day")
    )
    fetched_at = models.DateTimeField()
    is_raw = models.BooleanField(default=False, help_text=_("As the feed brought it: not yet in the search index"))
    processed_at = models.DateTimeField(null=True, blank=True)
    text_dropped_at = models.DateTimeField(
        null=True, blank=True, help_text=_("Nothing was found in it, and it was kept for long enough")
    )
    story = models.ForeignKey(
        "self",
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="copies",
        help_text=_("The first article of the story that this one repeats; empty for that first one"),
    )

    objects: ClassVar = ArticleQuerySet.as_manager()

    class Meta:
        ordering = ("-fetched_at", "-id")
        constraints = (models.UniqueConstraint(fields=("canonical_hash",), name="article_once"),)
        indexes = (
            models.Index(fields=("id",), condition=Q(processed_at__isnull=True), name="article_unprocessed"),
            models.Index(fields=("id",), condition=Q(is_raw=True), name="article_raw"),
            models.Index(fields=("published_at",)),
        )

    def __str__(self) -> str:
        return self.title

    @property
    def dated_at(self) -> datetime:
        """Of a month or a year without a day its end: the latest that is meant, so that nothing seems to precede it."""
        if self.published_at or not self.published_coarse:
            return self.published_at or self.fetched_at
        year, month = int(self.published_coarse[:4]), int(self.published_coarse[5:] or 12)
        end = datetime(year + month // 12, month % 12 + 1, 1, tzinfo=UTC) - timedelta(seconds=1)
        return min(end, self.fetched_at)

    @property
    def published_edtf(self) -> str:
        """As exactly as it is known (ISO 8601-2): `2024-07-03`, `2024-07` or `2024`."""
        is_exact = self.published_at or not self.published_coarse
        return f"{self.dated_at.astimezone(UTC):%Y-%m-%d}" if is_exact else self.published_coarse

    @property
    def story_key(self) -> int:
        """The same for all articles of a story: the id of its first."""
        return self.story_id or self.pk


class Revision(models.Model):
    """What an article said before its feed changed title or text."""

    article = models.ForeignKey(Article, on_delete=models.CASCADE, related_name="revisions")
    title = models.CharField(max_length=500)
    text = models.TextField(blank=True)
    replaced_at = models.DateTimeField()

    class Meta:
        ordering = ("-replaced_at", "-id")

    def __str__(self) -> str:
        return self.title


class Sighting(models.Model):
    """An entry of a feed, by the identity the feed gave it."""

    feed = models.ForeignKey(Feed, on_delete=models.CASCADE, related_name="sightings", db_index=False)  # see below
    article = models.ForeignKey(Article, on_delete=models.CASCADE, related_name="sightings")
    guid_hash = models.CharField(max_length=64)
    content_hash = models.CharField(max_length=16, blank=True, db_default="", help_text=_("Of title and text"))
    seen_at = models.DateTimeField()

    class Meta:
        constraints = (models.UniqueConstraint(fields=("feed", "guid_hash"), name="sighting_once"),)

    def __str__(self) -> str:
        return f"{self.feed_id}:{self.guid_hash[:12]}"


class PollOutcome(models.TextChoices):
    NEW = "new", _("New items")
    NOTHING = "nothing", _("Nothing new")
    FAILED = "failed", _("Failed")


class Poll(models.Model):
    """What one poll met; the newest thirty of a feed are kept."""

    feed = models.ForeignKey(Feed, on_delete=models.CASCADE, related_name="polls")
    polled_at = models.DateTimeField()
    outcome = models.CharField(max_length=10, choices=PollOutcome)
    http_status = models.PositiveSmallIntegerField(null=True, blank=True)
    final_url = models.CharField(max_length=2048, blank=True, help_text=_("Where redirects led; empty without one"))
    new_count = models.PositiveIntegerField(default=0)
    duration_ms = models.PositiveIntegerField(default=0)
    error_code = models.CharField(max_length=40, blank=True)
    error_detail = models.CharField(max_length=500, blank=True)
    is_push = models.BooleanField(default=False, help_text=_("The feed's hub brought it unasked"))

    class Meta:
        ordering = ("-polled_at", "-id")
        indexes = (models.Index(fields=("feed", "-polled_at")),)

    def __str__(self) -> str:
        return f"{self.feed_id} {self.outcome}"


class Move(models.Model):
    """A feed's address was changed because its server had said so for days."""

    feed = models.ForeignKey(Feed, on_delete=models.CASCADE, related_name="moves")
    from_url = models.CharField(max_length=2048)
    to_url = models.CharField(max_length=2048)
    moved_at = models.DateTimeField()

    class Meta:
        ordering = ("-moved_at", "-id")

    def __str__(self) -> str:
        return f"{self.from_url} → {self.to_url}"
