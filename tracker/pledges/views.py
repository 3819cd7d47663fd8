"""What editors do to the record. Reading pages live in the dashboard."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from tracker.accounts.permissions import editor_required
from tracker.accounts.requests import Request
from tracker.pledges import actions
from tracker.pledges.forms import EvidenceForm, WithdrawalForm
from tracker.pledges.models import Evidence, Pledge


def _pledge(reference: str) -> Pledge:
    return get_object_or_404(Pledge.objects.select_related("declaration", "theme"), reference=reference)


@editor_required
@require_http_methods(["GET", "POST"])
def add_evidence(request: Request, reference: str) -> HttpResponse:
    pledge = _pledge(reference)
    form = EvidenceForm(request.POST or None, pledge=pledge)
    if request.method == "GET" or not form.is_valid():
        return _evidence_page(request, pledge, form, status=200 if request.method == "GET" else 422)
    data = form.cleaned_data
    fields = ("url", "title", "publisher", "language", "published_edtf", "stance", "kind", "voice", "voice_party")
    try:
        actions.add_evidence(
            pledge=pledge,
            note=form.texts(),
            by=request.user,
            now=timezone.now(),
            **{name: data[name] for name in fields},
        )
    except actions.DuplicateEvidenceError:
        form.add_error("url", _("This link already stands as evidence of this pledge"))
        return _evidence_page(request, pledge, form, status=422)
    messages.success(request, _("Evidence added to %(code)s.") % {"code": pledge.code})
    return _back_to(request, pledge)


def _evidence_page(request: Request, pledge: Pledge, form: EvidenceForm, *, status: int) -> HttpResponse:
    template = "pledges/evidence_form.html" if request.htmx else "pledges/evidence.html"
    return render(request, template, {"pledge": pledge, "form": form}, status=status)


@editor_required
@require_POST
def withdraw_evidence(request: Request, evidence_id: int) -> HttpResponse:
    evidence = get_object_or_404(Evidence.objects.select_related("pledge"), pk=evidence_id)
    form = WithdrawalForm(request.POST)
    if not form.is_valid():
        said = {"error": form.errors["reason"][0]}
        messages.error(request, _("Not withdrawn. %(error)s") % said)
    elif actions.withdraw_evidence(
        evidence=evidence, reason=form.cleaned_data["reason"], by=request.user, now=timezone.now()
    ):
        messages.success(request, _("Evidence withdrawn; it stays on record."))
    return redirect(evidence.pledge.get_absolute_url())


def _back_to(request: Request, pledge: Pledge) -> HttpResponse:
    """To the pledge; htmx is told to go there, so that every part of the page shows the change."""
    address = pledge.get_absolute_url()
    if request.htmx:
        return HttpResponse(status=204, headers={"HX-Redirect": address})
    return redirect(address)
