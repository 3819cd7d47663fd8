"""Unsubscribing from a mail: by its link, or by the button of a mail program."""

from django.contrib.auth.decorators import login_not_required
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from tracker.accounts.requests import Request
from tracker.digests import following
from tracker.digests.tokens import user_id_of


@csrf_exempt
@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
def unsubscribe(request: Request, token: str) -> HttpResponse:
    """GET only shows a button, because scanners of mail follow every link; POST acts at once (RFC 8058)."""
    user_id = user_id_of(token)
    if user_id is None:
        return render(request, "digests/unsubscribe_unknown.html", status=404)
    if request.method == "POST":
        following.unsubscribe(user_id=user_id)
    return render(request, "digests/unsubscribe.html", {"is_done": request.method == "POST"})
