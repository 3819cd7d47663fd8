"""The feeds page: how each feed is doing, and the few things one can do about it."""

from collections import defaultdict
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.core.paginator import Page, Paginator
from django.db.models import Case, Count, Min, Q, QuerySet, Value, When
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from tracker.accounts.permissions import editor_required
from tracker.feeds import actions
from tracker.feeds.forms import FeedForm
from tracker.feeds.health import cause_of, health_of, strip_of
from tracker.feeds.models import Article, Feed, Poll
from tracker.fetching import AddressRefusedError, Policy

PAGE_LENGTH = 100


@require_safe
def feeds(request: HttpRequest) -> HttpResponse:
    """Everyone signed in may look."""
    return render(request, "feeds/feeds.html", _context(request, FeedForm()))


@editor_required
@require_http_methods(["GET", "POST"])
def add_feed(request: HttpRequest) -> HttpResponse:
    """One feed by its address; the next tick reads it."""
    if request.method == "GET":
        return redirect("feeds")
    form = FeedForm(request.POST)
    if form.is_valid():
        try:
            feed = actions.add_feed(url=form.cleaned_data["url"], policy=Policy.of(settings), now=timezone.now())
        except (AddressRefusedError, actions.DuplicateFeedError) as error:
            form.refuse(error)
        else:
            messages.success(request, _("%(feed)s was added and will be read within a minute.") % {"feed": feed.title})
            return redirect("feeds")
    return render(request, "feeds/feeds.html", _context(request, form), status=422)


@editor_required
@require_POST
def poll_feed(request: HttpRequest, feed_id: int) -> HttpResponse:
    feed = get_object_or_404(Feed, pk=feed_id)
    actions.poll_now(feed=feed, now=timezone.now())
    return _done(request, feed, _("%(feed)s will be polled within a minute."))


@editor_required
@require_POST
def pause_feed(request: HttpRequest, feed_id: int) -> HttpResponse:
    feed = get_object_or_404(Feed, pk=feed_id)
    actions.pause_feed(feed=feed, now=timezone.now())
    return _done(request, feed, _("%(feed)s is paused. Its articles stay."))


@editor_required
@require_POST
def resume_feed(request: HttpRequest, feed_id: int) -> HttpResponse:
    feed = get_object_or_404(Feed, pk=feed_id)
    actions.resume_feed(feed=feed, now=timezone.now())
    return _done(request, feed, _("%(feed)s is polled again."))


def _done(request: HttpRequest, feed: Feed, words: str) -> HttpResponse:
    messages.success(request, words % {"feed": feed.title})
    return redirect("feeds")


def _context(request: HttpRequest, form: FeedForm) -> dict[str, Any]:
    now = timezone.now()
    page = Paginator(_troubled_first(), PAGE_LENGTH).get_page(request.GET.get("page"))
    return {"form": form, "page": page, "rows": _rows(page, now), **_summary(now)}


def _troubled_first() -> QuerySet[Feed]:
    off = Q(paused_at__isnull=False) | Q(retired_at__isnull=False)
    rank = Case(When(off, then=Value(2)), When(error_code="", then=Value(1)), default=Value(0))
    return Feed.objects.order_by(rank, "title", "pk")


def _rows(page: Page, now: datetime) -> list[dict[str, Any]]:
    feed_ids = [feed.pk for feed in page]
    polls = defaultdict(list)
    for poll in Poll.objects.filter(feed_id__in=feed_ids):
        polls[poll.feed_id].append(poll)
    counted = Article.objects.filter(feed_id__in=feed_ids).order_by().values_list("feed_id").annotate(Count("pk"))
    items = dict(counted)
    rows = []
    for feed in page:
        happened, remedy = cause_of(feed)
        rows.append(
            {
                "feed": feed,
                "health": health_of(feed),
                "happened": happened,
                "remedy": remedy,
                "strip": strip_of(polls[feed.pk]),
                "items": items.get(feed.pk, 0),
                "is_due": feed.next_poll_at <= now,
            }
        )
    return rows


def _summary(now: datetime) -> dict[str, Any]:
    active = Q(paused_at__isnull=True, retired_at__isnull=True)
    counts = Feed.objects.aggregate(
        total=Count("pk"),
        healthy=Count("pk", filter=active & Q(error_code="", last_polled_at__isnull=False)),
        unread=Count("pk", filter=active & Q(error_code="", last_polled_at__isnull=True)),
        failing=Count("pk", filter=active & ~Q(error_code="")),
        off=Count("pk", filter=~active),
        next_poll_at=Min("next_poll_at", filter=active),
    )
    return {
        **counts,
        "is_next_due": counts["next_poll_at"] is not None and counts["next_poll_at"] <= now,
        "items_lately": Article.objects.filter(fetched_at__gte=now - timedelta(days=30)).count(),
        "languages": list(
            Feed.objects.exclude(language="").order_by("language").values_list("language", flat=True).distinct()
        ),
    }
