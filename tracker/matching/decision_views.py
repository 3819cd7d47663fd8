"""Decisions of the review, one at a time or many; each leads on to the next case."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST
from django_htmx.http import replace_url

from tracker.accounts.permissions import editor_required
from tracker.accounts.requests import Request
from tracker.matching import deciding, figures, inbox
from tracker.matching.forms import AcceptForm, DismissForm, SnoozeForm, usual_answer
from tracker.matching.models import Suggestion, SuggestionState
from tracker.matching.views import Told, case_context, filters_of, show_page, suggestions
from tracker.pledges import judging
from tracker.pledges.actions import DuplicateEvidenceError
from tracker.pledges.judging_views import ERRORS
from tracker.pledges.models import EvidenceKind, Stance

# The field of this form that shows what `judging` found wrong; other names are the same in both.
FIELDS = {"evidence": "also", "party": None, "corrects": None}


@editor_required
@require_POST
def accept(request: Request, suggestion_id: int) -> HttpResponse:
    case = get_object_or_404(suggestions(), pk=suggestion_id)
    filters = filters_of(request)
    if case.state != SuggestionState.PENDING:
        return _onward(request, filters, case, Told(late=[case]))
    form = AcceptForm(request.POST, candidates=inbox.candidates(case))
    if not form.is_valid():
        return _again(request, filters, case, form)
    try:
        evidence = deciding.accept(
            suggestion=case, **form.said(), copies=_ticked(request), by=request.user, now=filters.now
        )
    except deciding.AlreadyDecidedError as error:
        if error.decided.pk == case.pk:
            return _onward(request, filters, case, Told(late=[_whole(case)]))
        form.add_error("pledge", _already_filed(_whole(error.decided)))
    except DuplicateEvidenceError:
        text = _("This address already stands as evidence of the pledge. Reject it with “Already have it”.")
        form.add_error(None, text)
    except judging.AssessmentError as error:
        form.add_error(FIELDS.get(error.field, error.field), ERRORS[error.code])
    except judging.ProposalWaitingError as error:
        return _again(request, filters, case, form, status=409, proposed_meanwhile=error.waiting)
    except judging.StaleVersionError as error:
        return _again(request, filters, case, form, status=409, is_stale=True, judged_meanwhile=error.latest)
    else:
        return _onward(request, filters, case, Told(done=[_whole(evidence.suggestions.get(decided_with=None))]))
    return _again(request, filters, case, form)


def _ticked(request: Request) -> list[int]:
    """The articles that the page showed as near-copies, but for those the editor took out."""
    return inbox.identities(request.POST.getlist("copy"))


def _whole(row: Suggestion) -> Suggestion:
    """As the database has it now."""
    return suggestions().get(pk=row.pk)


def _already_filed(row: Suggestion) -> str:
    named = {"name": row.decided_by, "code": row.pledge.code}
    return _("%(name)s accepted the article for %(code)s already. Choose another pledge, or reject it here.") % named


@editor_required
@require_POST
def dismiss(request: Request, suggestion_id: int) -> HttpResponse:
    def act(case: Suggestion, form: DismissForm, now: datetime) -> None:
        deciding.dismiss(suggestion=case, **form.said(), copies=_ticked(request), by=request.user, now=now)

    return _decide(request, suggestion_id, DismissForm(request.POST), act)


@editor_required
@require_POST
def snooze(request: Request, suggestion_id: int) -> HttpResponse:
    def act(case: Suggestion, form: SnoozeForm, now: datetime) -> None:
        deciding.snooze(suggestion=case, until=form.until(now), by=request.user)

    return _decide(request, suggestion_id, SnoozeForm(request.POST), act)


def _decide(request: Request, suggestion_id: int, form: Any, act: Callable) -> HttpResponse:
    case = get_object_or_404(suggestions(), pk=suggestion_id)
    filters = filters_of(request)
    if not form.is_valid():
        return _again(request, filters, case, problems=form.errors)
    try:
        act(case, form, filters.now)
    except deciding.AlreadyDecidedError:
        return _onward(request, filters, case, Told(late=[_whole(case)]))
    return _onward(request, filters, case, Told(done=[_whole(case)]))


@editor_required
@require_POST
def undo(request: Request, suggestion_id: int) -> HttpResponse:
    """Back among the waiting, and its case opens again."""
    case = get_object_or_404(suggestions(), pk=suggestion_id)
    filters = filters_of(request)
    again: Suggestion | None = case
    if case.state != SuggestionState.PENDING or case.snoozed_until:
        judged = (case.decided_with or case).assessment
        again = deciding.undo(suggestion=case, by=request.user, now=filters.now)
        messages.success(request, _("Undone: the article waits again."))
        if judged and not judged.assessment_corrections.exists():
            text = _("The status given with it still stands; judge it on the page of the pledge.")
            messages.warning(request, text)
    address = (reverse("suggestion", args=[again.pk]) if again else reverse("review")) + filters.query
    if request.htmx:
        return _refresh(request, filters, again and _whole(again), address)
    return redirect(address)


@editor_required
@require_POST
def bulk(request: Request) -> HttpResponse:
    """The same for all that were chosen in the list, each by itself: what fails for one leaves the others."""
    filters, act = filters_of(request), _bulk_act(request)
    chosen = suggestions().in_bulk(inbox.identities(request.POST.getlist("case")))
    if act is None or not chosen:
        messages.error(request, _("Choose articles of the list first, then what to do with them."))
        return redirect(reverse("review") + filters.query)
    told = Told()
    for case in chosen.values():
        try:
            act(case, filters.now)
        except deciding.AlreadyDecidedError:
            told.late.append(case)
        except DuplicateEvidenceError:
            told.left.append(case)
        else:
            told.done.append(case)
    if "undo" in request.POST:
        messages.success(request, _("Undone: the articles wait again."))
        told.done.clear()
    tail = told.query
    address = reverse("review") + filters.query + (("&" if filters.query else "?") + tail if tail else "")
    if request.htmx:
        told = Told(*([_whole(row) for row in rows] for rows in (told.done, told.late, told.left)))
        return _refresh(request, filters, _first(filters), reverse("review") + filters.query, told=told)
    return redirect(address)


def _first(filters: inbox.Filters) -> Suggestion | None:
    first = filters.found().only("pk").first()
    return suggestions().get(pk=first.pk) if first else None


def _bulk_act(request: Request) -> Callable[[Suggestion, datetime], object] | None:
    """What the pressed button asks for; None where it makes no sense."""
    said, by = request.POST, request.user
    rejection, delay = DismissForm(said), SnoozeForm(said)
    if "undo" in said:
        return lambda case, now: deciding.undo(suggestion=case, by=by, now=now)
    if said.get("stance") in Stance.values and said.get("kind") in EvidenceKind.values:
        return lambda case, now: deciding.accept(
            suggestion=case, **usual_answer(case), stance=said["stance"], kind=said["kind"], by=by, now=now
        )
    if "reason" in said and rejection.is_valid():
        return lambda case, now: deciding.dismiss(suggestion=case, **rejection.said(), by=by, now=now)
    if "days" in said and delay.is_valid():
        return lambda case, now: deciding.snooze(suggestion=case, until=delay.until(now), by=by)
    return None


def _again(
    request: Request,
    filters: inbox.Filters,
    case: Suggestion,
    form: AcceptForm | None = None,
    *,
    status: int = 422,
    **more: Any,
) -> HttpResponse:
    """The same case with what is wrong, and all that was typed; nothing was decided."""
    if form is not None:
        more = {"form": form, "problems": form.errors, **more}
    if request.htmx:
        context = case_context(request, filters, _whole(case), **more)
        return render(request, "matching/case.html", context, status=status)
    return show_page(request, filters, _whole(case), status=status, **more)


def _onward(request: Request, filters: inbox.Filters, case: Suggestion, told: Told) -> HttpResponse:
    """The next case, with word of the last one; 409 where someone else had decided it."""
    following, status = filters.after(case, request.user), 409 if told.late else 200
    following = _whole(following) if following else None
    address = (reverse("suggestion", args=[following.pk]) if following else reverse("review")) + filters.query
    if request.htmx:
        context = {**case_context(request, filters, following), "told": told, "gone": case}
        answer = render(
            request, "matching/decided.html", {**context, "summary": figures.figures(filters.now)}, status=status
        )
        return replace_url(answer, address)
    if told.late:
        return show_page(request, filters, following, told=told, status=status)
    return redirect(address + ("&" if filters.query else "?") + told.query)


def _refresh(
    request: Request, filters: inbox.Filters, case: Suggestion | None, address: str, **more: Any
) -> HttpResponse:
    """For htmx: the list and the case anew, with whatever there is to tell."""
    answer = show_page(request, filters, case, template="matching/refreshed.html", **more)
    answer["HX-Retarget"], answer["HX-Reswap"] = ".triage", "outerHTML settle:0ms"
    return replace_url(answer, address)
