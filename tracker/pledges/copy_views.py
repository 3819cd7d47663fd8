"""The stored text behind a piece of evidence, for editors: it is other people's, so the public sees its hash only."""

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from tracker.accounts.permissions import editor_required
from tracker.accounts.requests import Request
from tracker.pledges.models import Evidence


@editor_required
@require_safe
def evidence_copy(request: Request, evidence_id: int) -> HttpResponse:
    rows = Evidence.objects.select_related("pledge__declaration", "copy")
    evidence = get_object_or_404(rows, pk=evidence_id)
    context = {"evidence": evidence, "copy": getattr(evidence, "copy", None), "pledge": evidence.pledge}
    return render(request, "pledges/evidence_copy.html", context)
