"""Where hubs call: to ask whether we asked (GET), and to bring news (POST). Strangers learn nothing here."""

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from tracker.feeds import pushing

LARGEST = 5_000_000  # bytes, as for a feed that is polled
CHALLENGE_LENGTH = 1_000


@csrf_exempt
@login_not_required
@require_http_methods(["GET", "POST"])
def push(request: HttpRequest, token: str) -> HttpResponse:
    return _verified(request, token) if request.method == "GET" else _received(request, token)


def _verified(request: HttpRequest, token: str) -> HttpResponse:
    """The challenge, as plain text, when it is about what we asked for; 404 otherwise."""
    asked = {
        name: request.GET.get(f"hub.{name}", "").replace("\x00", "")
        for name in ("mode", "topic", "challenge", "reason")
    }
    topic, now = asked["topic"], timezone.now()
    try:
        if asked["mode"] == "denied":
            pushing.deny(token=token, topic=topic, reason=asked["reason"], now=now)
            return HttpResponse(status=204)
        if asked["mode"] == "subscribe" and 0 < len(asked["challenge"]) <= CHALLENGE_LENGTH:
            seconds = request.GET.get("hub.lease_seconds", "")
            pushing.confirm(token=token, topic=topic, lease_seconds=seconds, now=now)
            return HttpResponse(asked["challenge"], content_type="text/plain; charset=utf-8")
    except pushing.UnknownPushError:
        pass
    return HttpResponse(status=404)


def _received(request: HttpRequest, token: str) -> HttpResponse:
    """202 whatever was in it, so that nobody can try out signatures; 410 where nothing is wanted."""
    body = request.read(LARGEST + 1)
    if len(body) > LARGEST:
        return HttpResponse(status=413)
    try:
        pushing.receive(
            token=token,
            body=body,
            content_type=request.headers.get("Content-Type", ""),
            signature=request.headers.get("X-Hub-Signature", ""),
            now=timezone.now(),
        )
    except pushing.UnknownPushError:
        return HttpResponse(status=410)
    return HttpResponse(status=202)
