"""What editors do to the record. Reading pages live in the dashboard."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from tracker.accounts.permissions import editor_required
from tracker.accounts.requests import Request
from tracker.pledges import actions
from tracker.pledges.forms import AssessmentForm, EvidenceForm, WithdrawalForm
from tracker.pledges.models import NEEDS_NO_EVIDENCE, STATUS_MEANING, Assessment, Evidence, Pledge, Status

ASSESSMENT_ERRORS = {
    "evidence_missing": gettext_lazy("Choose at least one item of evidence for this status"),
    "evidence_of_another_pledge": gettext_lazy("Choose only evidence of this pledge that is not withdrawn"),
    "two_publishers_needed": gettext_lazy("“Not fulfilled” needs two sources from different publishers"),
    "in_the_future": gettext_lazy("This day has not come yet"),
    "reason_missing": gettext_lazy("Enter a reason"),
}


def _pledge(reference: str) -> Pledge:
    return get_object_or_404(Pledge.objects.select_related("declaration", "theme"), reference=reference)


@editor_required
@require_http_methods(["GET", "POST"])
def assess(request: Request, reference: str) -> HttpResponse:
    """The status form, as a page or (htmx) inside the panel."""
    pledge, now = _pledge(reference), timezone.now()
    today = timezone.localdate(now)
    if request.method == "GET":
        return _assessment_page(request, pledge, AssessmentForm(pledge=pledge, today=today))
    form = AssessmentForm(request.POST, pledge=pledge, today=today)
    if not form.is_valid():
        return _assessment_page(request, pledge, form, status=422)
    data = form.cleaned_data
    try:
        actions.assess(
            pledge=pledge,
            expected_version=data["version"],
            status=data["status"],
            confidence=data["confidence"],
            rationale=form.texts(),
            evidence=data["evidence"],
            effective_on=data["effective_on"],
            by=request.user,
            now=now,
        )
    except actions.AssessmentError as error:
        form.add_error(error.field, ASSESSMENT_ERRORS[error.code])
        return _assessment_page(request, pledge, form, status=422)
    except actions.StaleVersionError as error:
        pledge.refresh_from_db()
        form.data = {**request.POST.dict(), "evidence": request.POST.getlist("evidence"), "version": pledge.version}
        return _assessment_page(request, pledge, form, latest=error.latest, status=409)
    messages.success(request, _("Status of %(code)s is now “%(status)s”.") % _named(pledge))
    return _back_to(request, pledge)


def _named(pledge: Pledge) -> dict[str, str]:
    return {"code": pledge.code, "status": str(Status(pledge.status).label)}


def _assessment_page(
    request: Request,
    pledge: Pledge,
    form: AssessmentForm,
    *,
    latest: Assessment | None = None,
    status: int = 200,
) -> HttpResponse:
    chosen = form["status"].value()
    context = {
        "pledge": pledge,
        "form": form,
        "latest": latest,
        "choices": [(value, label, STATUS_MEANING[Status(value)], value == chosen) for value, label in Status.choices],
        "needs_no_evidence": NEEDS_NO_EVIDENCE,
        "cited": {str(pk) for pk in form["evidence"].value() or ()},
    }
    template = "pledges/assess_form.html" if request.htmx else "pledges/assess.html"
    return render(request, template, context, status=status)


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
