"""Review: one article after the other, decided by a person."""

from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.db.models import QuerySet
from django.forms import Form
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe
from django_htmx.http import HttpResponseClientRedirect, replace_url

from tracker.accounts.permissions import editor_required
from tracker.accounts.requests import Request
from tracker.matching import actions, inbox, marking
from tracker.matching.forms import AcceptForm, DismissForm
from tracker.matching.models import DismissReason, Suggestion, SuggestionState
from tracker.pledges.actions import DuplicateEvidenceError
from tracker.pledges.models import CLOSED
from tracker.pledges.timeliness import timeliness


def _suggestions() -> QuerySet[Suggestion]:
    return Suggestion.objects.select_related(
        "article__feed", "pledge__declaration", "decided_by", "evidence"
    ).prefetch_related("pledge__declaration__parties")


@editor_required
@require_safe
def review(request: Request) -> HttpResponse:
    """The inbox with its first case open."""
    filters = inbox.Filters.of(request.GET)
    page = filters.page(request.GET.get("page"))
    first = _suggestions().filter(pk=page[0].pk).first() if page else None
    return _page(request, filters, first, page=page)


@editor_required
@require_safe
def suggestion(request: Request, suggestion_id: int) -> HttpResponse:
    """The inbox with this case open; for htmx the case alone."""
    case = get_object_or_404(_suggestions(), pk=suggestion_id)
    filters = inbox.Filters.of(request.GET)
    if request.htmx.target == "item":
        return render(request, "matching/case.html", _case(filters, case))
    return _page(request, filters, case)


@editor_required
@require_POST
def accept(request: Request, suggestion_id: int) -> HttpResponse:
    case = get_object_or_404(_suggestions(), pk=suggestion_id)
    filters = inbox.Filters.of(request.GET)
    form = AcceptForm(request.POST, suggestion=case)
    if not form.is_valid():
        return _again(request, filters, case, form)
    try:
        actions.accept(suggestion=case, **form.said(), by=request.user, now=timezone.now())
    except actions.AlreadyDecidedError:
        return _onward(request, filters, case, is_late=True)
    except DuplicateEvidenceError:
        text = _("This address already stands as evidence of the pledge. Reject it with “Already have it”.")
        form.add_error(None, text)
        return _again(request, filters, case, form)
    return _onward(request, filters, case)


@editor_required
@require_POST
def dismiss(request: Request, suggestion_id: int) -> HttpResponse:
    case = get_object_or_404(_suggestions(), pk=suggestion_id)
    filters = inbox.Filters.of(request.GET)
    form = DismissForm(request.POST)
    if not form.is_valid():
        return _again(request, filters, case, form)
    try:
        actions.dismiss(suggestion=case, reason=form.cleaned_data["reason"], by=request.user, now=timezone.now())
    except actions.AlreadyDecidedError:
        return _onward(request, filters, case, is_late=True)
    return _onward(request, filters, case)


@editor_required
@require_POST
def undo(request: Request, suggestion_id: int) -> HttpResponse:
    """Back among the waiting, and its case opens again."""
    case = get_object_or_404(_suggestions(), pk=suggestion_id)
    if case.state != SuggestionState.PENDING:
        actions.undo(suggestion=case, by=request.user, now=timezone.now())
        messages.success(request, _("Undone: the article waits again."))
    address = reverse("suggestion", args=[case.pk]) + inbox.Filters.of(request.GET).query
    return HttpResponseClientRedirect(address) if request.htmx else redirect(address)


def _page(
    request: Request, filters: inbox.Filters, case: Suggestion | None, *, status: int = 200, **more: Any
) -> HttpResponse:
    number = request.GET.get("page") or (filters.page_with(case) if case else 1)
    context = {
        "page": more.pop("page", None) or filters.page(number),
        "filters": filters,
        "choices": inbox.choices(),
        "summary": inbox.summary(timezone.now()),
        "decided": more.pop("decided", None) or _just_decided(request),
        **_case(filters, case, more.pop("form", None)),
        **more,
    }
    return render(request, "matching/review.html", context, status=status)


def _case(filters: inbox.Filters, case: Suggestion | None, form: Form | None = None) -> dict[str, Any]:
    """One article with what it says marked, its bill, and the form that decides; nothing when nothing waits."""
    if case is None:
        return {"case": None, "filters": filters}
    lines = marking.bill(case.reasons)
    pledge, following = case.pledge, filters.after(case)
    return {
        "case": case,
        "filters": filters,
        "title": list(marking.pieces(case.article.title, lines)),
        "paragraphs": [list(marking.pieces(text, lines)) for text in marking.paragraphs(case.article.text)],
        "lines": lines,
        "others": inbox.others(case),
        "form": form if isinstance(form, AcceptForm) else AcceptForm(suggestion=case),
        "errors": form.errors if form else None,
        "dismiss_reasons": DismissReason.choices,
        "following": following,
        "timeliness": timeliness(
            due_latest=pledge.due_latest,
            fulfilled_on=None,
            is_closed=pledge.status in CLOSED,
            today=timezone.localdate(),
            due_soon_days=pledge.declaration.due_soon_days,
        ),
    }


def _again(request: Request, filters: inbox.Filters, case: Suggestion, form: Form) -> HttpResponse:
    """The same case with what is wrong; nothing was decided."""
    if request.htmx:
        return render(request, "matching/case.html", _case(filters, case, form), status=422)
    return _page(request, filters, case, form=form, status=422)


def _onward(request: Request, filters: inbox.Filters, case: Suggestion, *, is_late: bool = False) -> HttpResponse:
    """The next case, with word of the last one. `is_late`: someone else decided it first (409)."""
    decided, following, status = _suggestions().get(pk=case.pk), filters.after(case), 409 if is_late else 200
    following = _suggestions().get(pk=following.pk) if following else None
    address = (reverse("suggestion", args=[following.pk]) if following else reverse("review")) + filters.query
    if request.htmx:
        context = {**_case(filters, following), "decided": decided, "is_late": is_late}
        answer = render(
            request, "matching/decided.html", {**context, "summary": inbox.summary(timezone.now())}, status=status
        )
        return replace_url(answer, address)
    if is_late:
        return _page(request, filters, following, decided=decided, is_late=True, status=status)
    return redirect(address + ("&" if filters.query else "?") + urlencode({"done": decided.pk}))


def _just_decided(request: Request) -> Suggestion | None:
    """What the page before this one decided, for its Undo."""
    done = request.GET.get("done", "")
    if not (done.isascii() and done.isdigit() and len(done) < 19):
        return None
    return _suggestions().exclude(state=SuggestionState.PENDING).filter(pk=int(done)).first()
