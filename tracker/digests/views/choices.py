"""What people choose: the settings page, and following."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from tracker.accounts.forms import ProfileForm
from tracker.accounts.models import User
from tracker.accounts.requests import Request
from tracker.accounts.zones import zone
from tracker.digests import following
from tracker.digests.forms import SubscriptionForm
from tracker.digests.models import Follow, Subscription
from tracker.pledges.models import Declaration, Pledge


@require_http_methods(["GET", "POST"])
def settings_page(request: Request) -> HttpResponse:
    now = timezone.now()
    person = User.objects.get(pk=request.user.pk)  # a copy, so that the page's frame keeps what is saved
    chosen = Subscription.objects.filter(user=person).first() or following.fresh_subscription(person, now=now)
    chosen.user = person
    next_at = chosen.next_at
    data = request.POST if request.method == "POST" else None
    profile, subscription = ProfileForm(data, instance=person, now=now), SubscriptionForm(data, instance=chosen)
    if data is not None and profile.is_valid() and subscription.is_valid():
        following.save_settings(user=person, profile=ProfileForm.Meta.fields, chosen=subscription.instance, now=now)
        messages.success(request, _("Settings saved."))
        return redirect("settings")
    follows = Follow.objects.filter(user=person).select_related("pledge__declaration", "declaration")
    context = {
        "profile": profile,
        "subscription": subscription,
        "next_at": next_at,
        "is_due": next_at is not None and next_at <= now,
        "is_zone_lost": zone(request.user.time_zone).key != request.user.time_zone,
        "declarations": [follow.declaration for follow in follows if follow.declaration],
        "pledges": [follow.pledge for follow in follows if follow.pledge],
    }
    return render(request, "digests/settings.html", context, status=200 if data is None else 422)


@require_POST
def follow_pledge(request: Request, reference: str) -> HttpResponse:
    pledge = get_object_or_404(Pledge, reference=reference)
    return _toggle(request, pledge.get_absolute_url(), pledge=pledge)


@require_POST
def follow_declaration(request: Request, slug: str) -> HttpResponse:
    declaration = get_object_or_404(Declaration, slug=slug)
    return _toggle(request, declaration.get_absolute_url(), declaration=declaration)


def _toggle(request: Request, address: str, **thing: Any) -> HttpResponse:
    """The button says which state it asks for, so that a double click is one wish; without that it is turned over."""
    is_followed = Follow.objects.filter(user=request.user, **thing).exists()
    wanted = {"1": True, "0": False}.get(request.POST.get("on", ""), not is_followed)
    if wanted:
        following.follow(user=request.user, now=timezone.now(), **thing)
    else:
        following.unfollow(user=request.user, **thing)
    if request.htmx:
        return render(request, "digests/follow_button.html", {"address": request.path, "follows": wanted})
    asked = request.POST.get("next", "")
    is_ours = url_has_allowed_host_and_scheme(
        asked, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return redirect(asked if is_ours else address)
