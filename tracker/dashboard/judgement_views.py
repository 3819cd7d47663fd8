"""One judgement at the address where it stays."""

from django.contrib.auth.decorators import login_not_required
from django.db.models import Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from tracker.accounts.requests import Request
from tracker.dashboard import citations
from tracker.pledges.as_of import Asked
from tracker.pledges.dated_views import dated
from tracker.pledges.models import Assessment


@login_not_required
@require_safe
@dated
def judgement(request: Request, asked: Asked, reference: str, number: int) -> HttpResponse:
    """As recorded, with what came after it. On a day before it was made there is no such page."""
    as_of = asked.as_of
    counted = as_of.assessments(Assessment.objects.filter(pledge__reference=reference))
    people = ("recorded_by", "confirmed_by", "party", "corrects__pledge")
    rows = counted.select_related("pledge__declaration", "pledge__theme", *people)
    found = get_object_or_404(rows, pk=number)
    after = Q(recorded_at__gt=found.recorded_at) | Q(recorded_at=found.recorded_at, pk__gt=found.pk)
    later = list(counted.filter(after, party=found.party_id).select_related("pledge").order_by("recorded_at", "pk"))
    as_of.worded([found, *later])
    cited = found.evidence.select_related("voice_party", "withdrawn_by", "copy").defer("copy__text")
    context = {
        "judgement": found,
        "pledge": found.pledge,
        "declaration": found.pledge.declaration,
        "corrections": [row for row in later if row.corrects_id == found.pk],
        "replaced_by": later[0] if later else None,
        "cited": as_of.worded(as_of.seen(cited)),
        "asked": asked,
        "as_of": as_of,
        "citation": citations.of_judgement(found, asked),
    }
    return render(request, "dashboard/judgement.html", context)
