"""The page of everything that happened, and the same for feed readers."""

from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.feedgenerator import Atom1Feed
from django.utils.html import strip_tags
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from tracker.accounts.requests import Request
from tracker.dashboard.happenings import KINDS, cursor_of, happenings
from tracker.pledges.models import Declaration


def _chosen(request: Request) -> dict[str, Any]:
    kind, slug = request.GET.get("kind", ""), request.GET.get("declaration", "").replace("\x00", "")[:60]
    chosen = {"kind": kind if kind in KINDS else "", "declaration": slug}
    return {name: value for name, value in chosen.items() if value}


@login_not_required
@require_safe
def activity(request: Request) -> HttpResponse:
    chosen, before = _chosen(request), cursor_of(request.GET.get("before", ""))
    page, has_more = happenings(before=before, **chosen)
    context = {
        "happenings": page,
        "next": page[-1].cursor if has_more else "",
        "chosen": chosen,
        "is_first": before is None,
        "kinds": KINDS.items(),
        "declarations": Declaration.objects.only("slug", "title"),
    }
    return render(request, "dashboard/activity_page.html", context)


@login_not_required
@require_safe
def atom(request: Request) -> HttpResponse:
    chosen = _chosen(request)
    page, _has_more = happenings(**chosen)
    site = settings.SITE_URL
    feed = Atom1Feed(
        title=_("What happened to the record") + " · Followthrough",
        link=site + reverse("activity"),
        description="",
        feed_url=site + request.get_full_path(),
        language=get_language(),
    )
    for item in page:
        words = strip_tags(render_to_string("dashboard/happening.html", {"item": item}))
        address = item.pledge.get_absolute_url() if item.pledge else reverse("activity")
        feed.add_item(
            title=" ".join(words.split()),
            link=site + address,
            description="",
            unique_id=f"{site}{reverse('activity')}#{item.name}-{item.row.pk}",
            updateddate=item.at,
            pubdate=item.at,
            author_name=str(item.by or _("The data set")),
        )
    response = HttpResponse(feed.writeString("utf-8"), content_type="application/atom+xml; charset=utf-8")
    response["X-Robots-Tag"] = "noindex"
    return response
