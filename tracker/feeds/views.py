"""One feed: what its polls met, what it brought, and the few things one can do about it."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from tracker.accounts.permissions import editor_required
from tracker.feeds import actions, listing
from tracker.feeds.forms import FeedDetailsForm
from tracker.feeds.health import CAUSES
from tracker.feeds.models import Feed, PushSubscription

NEWEST = 10


@require_safe
def feed(request: HttpRequest, feed_id: int) -> HttpResponse:
    """Everyone signed in may look."""
    return render(request, "feeds/feed.html", _context(get_object_or_404(Feed, pk=feed_id)))


@editor_required
@require_http_methods(["GET", "POST"])
def edit_feed(request: HttpRequest, feed_id: int) -> HttpResponse:
    """Title, language and tags; the address stays, for it is what the feed is."""
    feed = get_object_or_404(Feed, pk=feed_id)
    form = FeedDetailsForm(request.POST or None, instance=feed)
    if request.method == "POST" and form.is_valid():
        actions.describe_feed(feed=feed, **form.cleaned_data)
        messages.success(request, _("%(feed)s was saved.") % {"feed": form.cleaned_data["title"]})
        return redirect("feed", feed_id=feed.pk)
    return render(request, "feeds/edit.html", {"form": form, "feed": feed}, status=422 if form.errors else 200)


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


def _context(feed: Feed) -> dict[str, object]:
    now = timezone.now()
    polls = list(feed.polls.all())
    log = [{"poll": poll, "words": CAUSES[poll.error_code][0] if poll.error_code in CAUSES else ""} for poll in polls]
    return {
        "row": listing.row(feed, polls, feed.articles.count(), now),
        "feed": feed,
        "log": log,
        "newest": feed.articles.all()[:NEWEST],
        "moves": feed.moves.all(),
        "now": now,
        "push": PushSubscription.objects.filter(feed=feed).first(),
    }
