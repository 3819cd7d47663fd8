"""What hubs have been asked for; the database is the schedule of asking again."""

from datetime import datetime
from typing import ClassVar, Self

from django.db import models
from django.utils.translation import gettext_lazy as _


class PushSubscriptionQuerySet(models.QuerySet["PushSubscription"]):
    def active(self, now: datetime) -> Self:
        """Granted by the hub, and for a feed that is polled at all."""
        return self.filter(lease_until__gt=now, feed__paused_at__isnull=True, feed__retired_at__isnull=True)

    def due(self, now: datetime) -> Self:
        off = {"feed__paused_at__isnull": True, "feed__retired_at__isnull": True}
        return self.filter(next_at__lte=now, **off).order_by("next_at", "pk")


class PushSubscription(models.Model):
    """A hub that was asked to push a feed's news; granted while `lease_until` lies ahead."""

    feed = models.OneToOneField("feeds.Feed", on_delete=models.CASCADE, related_name="push")
    hub = models.CharField(max_length=2048)
    topic = models.CharField(max_length=2048)
    token = models.CharField(max_length=64, unique=True, help_text=_("Part of the callback address, known to the hub"))
    secret = models.CharField(max_length=128, help_text=_("Signs what the hub sends"))
    next_at = models.DateTimeField(db_index=True, help_text=_("When the hub is asked next"))
    asked_at = models.DateTimeField(null=True, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0, help_text=_("Since the last grant"))
    lease_until = models.DateTimeField(null=True, blank=True)
    pushed_at = models.DateTimeField(null=True, blank=True)
    error = models.CharField(max_length=300, blank=True)

    objects: ClassVar = PushSubscriptionQuerySet.as_manager()

    def __str__(self) -> str:
        return f"{self.feed_id} by {self.hub}"
