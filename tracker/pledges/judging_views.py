"""Judging a pledge, and deciding what another editor proposed."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from tracker.accounts.permissions import editor_required
from tracker.accounts.requests import Request
from tracker.pledges import judging
from tracker.pledges.forms import AssessmentForm, RejectionForm
from tracker.pledges.models import NEEDS_NO_EVIDENCE, STATUS_MEANING, Assessment, Pledge, Proposal, Status

ERRORS = {
    "evidence_missing": gettext_lazy("Choose at least one item of evidence for this status"),
    "evidence_of_another_pledge": gettext_lazy("Choose only evidence of this pledge that is not withdrawn"),
    "two_publishers_needed": gettext_lazy("“Not fulfilled” needs two sources from different publishers"),
    "in_the_future": gettext_lazy("This day has not come yet"),
    "reason_missing": gettext_lazy("Enter a reason"),
    "not_judged_apart": gettext_lazy("This pledge is judged as a whole"),
}


@editor_required
@require_http_methods(["GET", "POST"])
def assess(request: Request, reference: str) -> HttpResponse:
    """The status form, as a page or (htmx) inside the panel."""
    pledges = Pledge.objects.select_related("declaration", "theme")
    pledge, now = get_object_or_404(pledges, reference=reference), timezone.now()
    form = AssessmentForm(
        request.POST if request.method == "POST" else None,
        pledge=pledge,
        today=timezone.localdate(now),
        party=request.GET.get("party", ""),
    )
    if request.method == "GET":
        return _assessment_page(request, form)
    if not form.is_valid():
        return _assessment_page(request, form, status=422)
    act: Any = judging.propose if pledge.declaration.needs_second_person else judging.assess
    try:
        act(form.draft(), expected_version=form.cleaned_data["version"], by=request.user, now=now)
    except judging.AssessmentError as error:
        form.add_error(error.field, ERRORS[error.code])
        return _assessment_page(request, form, status=422)
    except judging.ProposalWaitingError as error:
        return _assessment_page(request, form, waiting=error.waiting, status=409)
    except judging.StaleVersionError as error:
        pledge.refresh_from_db()
        form.data = {**request.POST.dict(), "evidence": request.POST.getlist("evidence"), "version": pledge.version}
        return _assessment_page(request, form, latest=error.latest, status=409)
    _say_done(request, pledge)
    address = pledge.get_absolute_url()
    if request.htmx:  # to the pledge, so that every part of the page shows the change
        return HttpResponse(status=204, headers={"HX-Redirect": address})
    return redirect(address)


def _say_done(request: Request, pledge: Pledge) -> None:
    if pledge.declaration.needs_second_person:
        messages.success(request, _("Proposed. Another editor has to confirm it before it counts."))
        return
    named = {"code": pledge.code, "status": str(Status(pledge.status).label)}
    messages.success(request, _("Status of %(code)s is now “%(status)s”.") % named)


def _assessment_page(
    request: Request,
    form: AssessmentForm,
    *,
    latest: Assessment | None = None,
    waiting: Proposal | None = None,
    status: int = 200,
) -> HttpResponse:
    chosen = form["status"].value()
    context = {
        "pledge": form.pledge,
        "form": form,
        "latest": latest,
        "waiting": waiting,
        "choices": [(value, label, STATUS_MEANING[Status(value)], value == chosen) for value, label in Status.choices],
        "needs_no_evidence": NEEDS_NO_EVIDENCE,
        "cited": {str(pk) for pk in form["evidence"].value() or ()},
    }
    template = "pledges/assess_form.html" if request.htmx else "pledges/assess.html"
    return render(request, template, context, status=status)


def _proposal(proposal_id: int) -> Proposal:
    rows = Proposal.objects.select_related("pledge__declaration", "party", "proposed_by", "decided_by", "based_on")
    return get_object_or_404(rows.prefetch_related("evidence"), pk=proposal_id)


@editor_required
@require_safe
def proposal(request: Request, proposal_id: int) -> HttpResponse:
    """A judgement that waits, or what became of it."""
    return _proposal_page(request, _proposal(proposal_id))


@editor_required
@require_POST
def confirm_proposal(request: Request, proposal_id: int) -> HttpResponse:
    found = _proposal(proposal_id)
    try:
        judging.confirm(proposal=found, by=request.user, now=timezone.now())
    except (judging.StaleVersionError, judging.ProposalDecidedError):
        return _proposal_page(request, _proposal(proposal_id), status=409)
    except judging.SecondPersonError:
        return _proposal_page(request, found, error=_("Another editor has to confirm what you proposed."), status=422)
    except judging.AssessmentError as error:
        return _proposal_page(request, found, error=str(ERRORS[error.code]), status=422)
    messages.success(request, _("Confirmed and on record."))
    return redirect(found.pledge.get_absolute_url())


@editor_required
@require_POST
def reject_proposal(request: Request, proposal_id: int) -> HttpResponse:
    found, form = _proposal(proposal_id), RejectionForm(request.POST)
    if not form.is_valid():
        return _proposal_page(request, found, form=form, status=422)
    reason = form.cleaned_data["reason"]
    if not judging.reject(proposal=found, reason=reason, by=request.user, now=timezone.now()):
        return _proposal_page(request, _proposal(proposal_id), form=form, status=409)
    messages.success(request, _("Rejected. Your reason is with the proposal."))
    return redirect("proposal", found.pk)


@editor_required
@require_POST
def take_back_proposal(request: Request, proposal_id: int) -> HttpResponse:
    found = _proposal(proposal_id)
    if not judging.take_back(proposal=found, by=request.user, now=timezone.now()):
        return _proposal_page(request, _proposal(proposal_id), status=409)
    messages.success(request, _("Taken back."))
    return redirect(found.pledge.get_absolute_url())


def _proposal_page(
    request: Request, found: Proposal, *, form: RejectionForm | None = None, error: str = "", status: int = 200
) -> HttpResponse:
    """`standing` is the judgement that came between, where one did."""
    standing = found.pledge.assessments.filter(party=found.party).select_related("recorded_by").first()
    context = {
        "proposal": found,
        "pledge": found.pledge,
        "standing": standing if found.is_waiting and standing != found.based_on else None,
        "is_own": found.proposed_by_id == request.user.pk,
        "form": form or RejectionForm(),
        "error": error,
    }
    return render(request, "pledges/proposal.html", context, status=status)
