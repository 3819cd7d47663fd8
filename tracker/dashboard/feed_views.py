"""The feeds page: how each feed is doing, and how much of what it brought was of use."""

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from tracker.accounts.requests import Request
from tracker.dashboard.feed_yield import whole_yield, yields
from tracker.feeds import listing
from tracker.feeds.alarms import alarms
from tracker.feeds.forms import FeedForm, ListForm

PAGE_LENGTH = 100


@require_safe
def feeds(request: Request) -> HttpResponse:
    """Everyone signed in may look."""
    now = timezone.now()
    page = Paginator(listing.troubled_first(), PAGE_LENGTH).get_page(request.GET.get("page"))
    found = yields([feed.pk for feed in page])
    rows = [{**row, "yield": found[row["feed"].pk]} for row in listing.rows(list(page), now)]
    context = {
        "form": FeedForm(),
        "list_form": ListForm(),
        "page": page,
        "rows": rows,
        "alarms": alarms(now),
        "whole": whole_yield(),
        **listing.summary(now),
    }
    return render(request, "feeds/feeds.html", context)
