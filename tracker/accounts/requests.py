"""The request as views get it once the middleware has seen it; for type checkers."""

from django.http import HttpRequest
from django_htmx.middleware import HtmxDetails

from tracker.accounts.models import User


class Request(HttpRequest):
    """Of someone who is signed in, or of anyone where the view says `login_not_required`."""

    user: User
    htmx: HtmxDetails
