"""What the frame of every page shows: where one can go, and what waits there."""

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext as _

from tracker.matching.models import Suggestion


@dataclass(frozen=True)
class Link:
    label: str
    address: str
    is_current: bool
    waiting: int = 0


def navigation(request: HttpRequest) -> dict[str, Any]:
    """Lazy, so that a fragment or an error page asks the database nothing."""
    return {"navigation": SimpleLazyObject(lambda: _links(request))}


def _links(request: HttpRequest) -> list[Link]:
    user = getattr(request, "user", None)
    links = [_link(request, "home", _("Declaration"), "/declarations/", "/pledges/")]
    if user is None or not user.is_authenticated:
        return [*links, _link(request, "methodology", _("Method"))]
    if user.is_editor:
        links.append(_link(request, "review", _("Review"), waiting=Suggestion.objects.waiting(timezone.now()).count()))
    links += [_link(request, "feeds", _("Feeds")), _link(request, "settings", _("Settings"))]
    if user.is_admin:
        links += [_link(request, "outbox", _("Outbox")), _link(request, "people", _("People"))]
    return links


def _link(request: HttpRequest, name: str, label: str, *sections: str, waiting: int = 0) -> Link:
    """Current on its own page and on those below it; the front page, above all, names its `sections`."""
    address = reverse(name)
    is_current = request.path == address or request.path.startswith(sections or (address,))
    return Link(label, address, is_current, waiting)
