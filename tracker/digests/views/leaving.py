"""Unsubscribing from a mail: by its link, or by the button of a mail program; without signing in."""

from django.contrib.auth.decorators import login_not_required
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from tracker.accounts.requests import Request
from tracker.digests import following
from tracker.digests.models import Follow
from tracker.digests.tokens import key_of


@csrf_exempt
@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
def unsubscribe(request: Request, token: str) -> HttpResponse:
    """GET only shows buttons, because scanners of mail follow every link; POST acts at once (RFC 8058).

    A POST ends all digests, as mail programs ask; one that names a follow of the same person ends only that.
    """
    key = key_of(token)
    if key is None:
        return render(request, "digests/unsubscribe_unknown.html", status=404)
    follows = Follow.objects.filter(user__subscription__key=key)
    number, left = request.POST.get("follow", ""), None
    if request.method == "POST" and number:
        left = next((follow for follow in follows.select_related(*Follow.THINGS) if str(follow.pk) == number), None)
        follows.filter(pk__in=[left.pk] if left else []).delete()
    elif request.method == "POST":
        following.unsubscribe(key=key)
    context = {
        "is_done": request.method == "POST" and not number,
        "left": str(left) if left else "",
        "follows": list(follows.select_related(*Follow.THINGS)),
    }
    return render(request, "digests/unsubscribe.html", context)
