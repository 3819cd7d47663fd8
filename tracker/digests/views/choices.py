"""What people choose: the settings page, and following."""

from typing import Any

from django.contrib import messages
from django.db.models import Model
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from tracker.accounts.forms import ProfileForm
from tracker.accounts.models import User
from tracker.accounts.requests import Request
from tracker.accounts.zones import zone
from tracker.digests import addresses, following
from tracker.digests.forms import ListForm, SubscriptionForm
from tracker.digests.models import Follow, Subscription
from tracker.pledges.models import Declaration, Party, Pledge, Theme


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
        following.save_settings(
            user=person,
            profile=ProfileForm.Meta.fields,
            chosen=subscription.instance,
            choices=subscription.fields,
            now=now,
        )
        messages.success(request, _("Settings saved."))
        return redirect("settings")
    follows = Follow.objects.filter(user=person)
    context = {
        "profile": profile,
        "subscription": subscription,
        "next_at": next_at,
        "is_due": next_at is not None and next_at <= now,
        "suspended": chosen if chosen.suspended_at else None,
        "is_zone_lost": zone(request.user.time_zone).key != request.user.time_zone,
        "follows": follows.select_related("pledge__declaration", "declaration", "theme__declaration", "party"),
        "themes": Theme.objects.exclude(follows__user=person).select_related("declaration").order_by("declaration"),
        "parties": Party.objects.exclude(follows__user=person),
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


@require_POST
def follow_list(request: Request, slug: str) -> HttpResponse:
    """The pledges of a declaration that some filters leave, under a name."""
    declaration = get_object_or_404(Declaration, slug=slug)
    form = ListForm(request.POST)
    if not form.is_valid():
        context = {"form": form, "declaration": declaration, "address": request.path}
        return render(request, "digests/follow_list.html", context, status=422)
    query = form.cleaned_data["query"].lstrip("?")
    following.follow(
        user=request.user, now=timezone.now(), declaration=declaration, query=query, name=form.cleaned_data["name"]
    )
    messages.success(request, _("You follow “%(name)s”.") % {"name": form.cleaned_data["name"]})
    return redirect(f"{declaration.get_absolute_url()}?{query}")


@require_POST
def follow_thing(request: Request) -> HttpResponse:
    """A theme or a party, chosen in the settings as `theme:3` or `party:5`."""
    kind, _colon, number = request.POST.get("thing", "").partition(":")
    model: type[Model] | None = {"theme": Theme, "party": Party}.get(kind)
    if model is None or not (number.isdecimal() and len(number) < 19):
        messages.error(request, _("Nothing was changed. Choose a theme or a party first."))
        return redirect("settings")
    thing = get_object_or_404(model, pk=number)
    chosen: dict[str, Any] = {kind: thing}
    following.follow(user=request.user, now=timezone.now(), **chosen)
    messages.success(request, _("You follow “%(name)s”.") % {"name": thing})
    return redirect("settings")


@require_POST
def unfollow(request: Request, follow_id: int) -> HttpResponse:
    """Only what is one's own; a second click finds nothing and does no harm."""
    Follow.objects.filter(user=request.user, pk=follow_id).delete()
    return redirect(_way_back(request) or "settings")


@require_POST
def restore_address(request: Request) -> HttpResponse:
    if addresses.restore(user_id=request.user.pk):
        messages.success(request, _("Digests are sent to your address again."))
    return redirect("settings")


def _toggle(request: Request, address: str, **thing: Any) -> HttpResponse:
    """The button says which state it asks for, so that a double click is one wish; without that it is turned over."""
    is_followed = Follow.objects.filter(user=request.user, query="", **thing).exists()
    wanted = {"1": True, "0": False}.get(request.POST.get("on", ""), not is_followed)
    if wanted:
        following.follow(user=request.user, now=timezone.now(), **thing)
    else:
        following.unfollow(user=request.user, **thing)
    if request.htmx:
        return render(request, "digests/follow_button.html", {"address": request.path, "follows": wanted})
    return redirect(_way_back(request) or address)


def _way_back(request: HttpRequest) -> str:
    """Where the form asks to go, if that is here."""
    asked = request.POST.get("next", "")
    is_ours = url_has_allowed_host_and_scheme(
        asked, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return asked if is_ours else ""
