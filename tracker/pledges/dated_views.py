"""Views that show the record of a day: `?as_of=2026-03-12`."""

from collections.abc import Callable
from datetime import UTC
from functools import wraps
from typing import Any

from django.core.exceptions import BadRequest
from django.http import HttpResponse
from django.utils import timezone

from tracker.accounts.requests import Request
from tracker.pledges.as_of import Asked, ask

View = Callable[..., HttpResponse]


def dated(view: View) -> View:
    """For pages: hands the view what was asked. A day that is none leaves the page as it is now, and it says so."""

    @wraps(view)
    def dated_view(request: Request, *args: Any, **kwargs: Any) -> HttpResponse:
        return _kept_from_search(request, view(request, _asked(request), *args, **kwargs))

    return dated_view


def dated_file(view: View) -> View:
    """For downloads, alike; but a day that is none is refused, for a file cannot say what is wrong with it."""

    @wraps(view)
    def dated_view(request: Request, *args: Any, **kwargs: Any) -> HttpResponse:
        asked = _asked(request)
        if asked.error:
            raise BadRequest(asked.error)
        return _kept_from_search(request, view(request, asked, *args, **kwargs))

    return dated_view


def _asked(request: Request) -> Asked:
    return ask(request.GET.get("as_of", ""), today=timezone.now().astimezone(UTC).date())


def _kept_from_search(request: Request, response: HttpResponse) -> HttpResponse:
    """Search engines keep the present; every past day would be one more copy of it."""
    if "as_of" in request.GET:
        response["X-Robots-Tag"] = "noindex"
    return response
