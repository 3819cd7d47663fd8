"""Adding feeds: looked for and shown before they are saved, or many at once from a list; and the list taken away."""

from collections import Counter
from datetime import datetime
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from tracker.accounts.permissions import editor_required
from tracker.accounts.requests import Request
from tracker.feeds import actions, opml
from tracker.feeds.canonical import feed_key
from tracker.feeds.discovery import FoundFeed, NothingFoundError, find_feeds
from tracker.feeds.forms import REASONS, CheckedListForm, FeedForm, ListForm
from tracker.feeds.models import Feed
from tracker.fetching import AddressRefusedError, Fetcher, FetchError, Policy


@editor_required
@require_http_methods(["GET", "POST"])
def add_feed(request: HttpRequest) -> HttpResponse:
    """One feed by its address; the next tick reads it."""
    if request.method == "GET":
        return render(request, "feeds/add.html", {"form": FeedForm(), "list_form": ListForm()})
    form = FeedForm(request.POST)
    if form.is_valid():
        try:
            feed = actions.add_feed(url=form.cleaned_data["url"], policy=Policy.of(settings), now=timezone.now())
        except (AddressRefusedError, actions.DuplicateFeedError) as error:
            form.refuse(error)
        else:
            messages.success(request, _("%(feed)s was added and will be read within a minute.") % {"feed": feed.title})
            return redirect("feeds")
    return render(request, "feeds/add.html", {"form": form, "list_form": ListForm()}, status=422)


@editor_required
@require_POST
def look_for_feeds(request: Request) -> HttpResponse:
    """The feeds at an address, with their newest items; nothing is saved."""
    form = FeedForm(request.POST)
    found = _found(form, timezone.now()) if form.is_valid() else []
    new = [one for one in found if not one["known"]]
    if new:
        new[0]["is_chosen"] = True
    context = {"form": form, "list_form": ListForm(), "found": found, "is_any_new": bool(new)}
    template = "feeds/look.html" if request.htmx else "feeds/add.html"
    return render(request, template, context, status=422 if form.errors else 200)


def _found(form: FeedForm, now: datetime) -> list[dict[str, Any]]:
    fetcher = Fetcher(Policy.of(settings))
    try:
        feeds = find_feeds(form.cleaned_data["url"], fetcher=fetcher, now=now)
    except (FetchError, NothingFoundError) as error:
        form.refuse(error)
        return []
    known = actions.known_feeds()
    return [{"feed": feed, "title": _title(feed), "known": known.get(feed_key(feed.url))} for feed in feeds]


def _title(feed: FoundFeed) -> str:
    return feed.title or actions.host_of(feed.url)


@editor_required
@require_http_methods(["GET", "POST"])
def import_feeds(request: HttpRequest) -> HttpResponse:
    """A list is shown line by line first; what was shown as new is added when the list comes back confirmed."""
    if request.method == "GET":
        return redirect("add_feed")
    form = CheckedListForm(request.POST) if "opml" in request.POST else ListForm(request.POST, request.FILES)
    if not form.is_valid():
        form = form if isinstance(form, ListForm) else ListForm(request.POST)  # what we wrote ourselves was changed
        return render(request, "feeds/add.html", {"form": FeedForm(), "list_form": form}, status=422)
    now, policy = timezone.now(), Policy.of(settings)
    if isinstance(form, CheckedListForm):
        loaded = actions.load_outlines(outlines=form.outlines, policy=policy, now=now)
        return _added(request, loaded)
    loaded = actions.judge_outlines(outlines=form.outlines, policy=policy)
    new = [one.outline for one in loaded if one.result == "added"]
    checked = opml.write(new, title="Followthrough", now=now).decode() if new else ""
    name = form.cleaned_data["file"].name
    return render(request, "feeds/import.html", {**_told(loaded), "checked": checked, "file": name})


def _added(request: HttpRequest, loaded: list[actions.Loaded]) -> HttpResponse:
    count = sum(one.result == "added" for one in loaded)
    words = ngettext(
        "%(count)d feed was added and will be read within a minute.",
        "%(count)d feeds were added and will be read within minutes.",
        count,
    )
    messages.success(request, words % {"count": count})
    return redirect("feeds")


def _told(loaded: list[actions.Loaded]) -> dict[str, Any]:
    lines = [{"outline": one.outline, "result": one.result, "reason": REASONS.get(one.code, "")} for one in loaded]
    counts = Counter(one.result for one in loaded)
    return {"lines": lines, **{f"{result}_count": counts[result] for result in ("added", "known", "refused")}}


@require_safe
def export_feeds(request: HttpRequest) -> HttpResponse:
    """Every feed as OPML, to take along to another program; everyone signed in may."""
    now = timezone.now()
    outlines = [_outline(feed) for feed in Feed.objects.order_by("title", "pk")]
    body = opml.write(outlines, title=_("Feeds of Followthrough"), now=now)
    disposition = f'attachment; filename="followthrough-feeds-{timezone.localdate(now):%Y-%m-%d}.opml"'
    return HttpResponse(body, content_type="text/x-opml; charset=utf-8", headers={"Content-Disposition": disposition})


def _outline(feed: Feed) -> opml.Outline:
    return opml.Outline(0, feed.url, feed.title, feed.site_url, feed.language, tuple(feed.tags))
