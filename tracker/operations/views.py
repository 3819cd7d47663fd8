"""Three questions that machines ask. Anyone may: the answers hold states and times, nothing else."""

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from tracker.operations import health


@login_not_required
@require_safe
@never_cache
def healthz(request: HttpRequest) -> HttpResponse:
    """Does this process answer?"""
    return HttpResponse("ok\n", content_type="text/plain")


@login_not_required
@require_safe
@never_cache
def readyz(request: HttpRequest) -> HttpResponse:
    """Can this process do its work?"""
    parts = health.readiness()
    is_ready = all(part.is_ok for part in parts.values())
    return JsonResponse({"ok": is_ready, "parts": health.parts_as_json(parts)}, status=200 if is_ready else 503)


@login_not_required
@require_safe
@never_cache
def statusz(request: HttpRequest) -> HttpResponse:
    """How is everything?"""
    now = timezone.now()
    found = health.report(now)
    return JsonResponse(health.as_json(found, now), status=200 if found.is_ok else 503)
