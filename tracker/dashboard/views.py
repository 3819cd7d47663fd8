"""The pages anyone may read."""

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from tracker.pledges.models import Declaration, Pledge


@login_not_required
@require_safe
def home(request: HttpRequest) -> HttpResponse:
    return render(request, "dashboard/home.html")


@login_not_required
@require_safe
def declaration(request: HttpRequest, slug: str) -> HttpResponse:
    found = get_object_or_404(Declaration, slug=slug)
    return render(request, "dashboard/declaration.html", {"declaration": found})


@login_not_required
@require_safe
def pledge(request: HttpRequest, reference: str) -> HttpResponse:
    found = get_object_or_404(Pledge.objects.select_related("declaration", "theme"), reference=reference)
    return render(request, "dashboard/pledge.html", {"pledge": found, "declaration": found.declaration})


@login_not_required
@require_safe
def methodology(request: HttpRequest) -> HttpResponse:
    return render(request, "dashboard/methodology.html")
