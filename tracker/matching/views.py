"""Review: the inbox, and one article beside the form that decides it."""

from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from django.core.paginator import Page
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.views.decorators.http import require_safe
from django_htmx.http import push_url

from tracker.accounts.permissions import editor_required
from tracker.accounts.requests import Request
from tracker.matching import figures, inbox, marking, reading
from tracker.matching.forms import AcceptForm, SnoozeForm
from tracker.matching.models import DismissReason, Suggestion, SuggestionState
from tracker.pledges.models import CLOSED, Assessment, EvidenceKind, Proposal, Stance
from tracker.pledges.timeliness import timeliness


@dataclass
class Told:
    """What a decision led to, for the notice with its Undo.

    `late` are those that someone else had decided first; `left` those whose address stands as evidence already.
    """

    done: list[Suggestion] = field(default_factory=list)
    late: list[Suggestion] = field(default_factory=list)
    left: list[Suggestion] = field(default_factory=list)

    @property
    def query(self) -> str:
        """For the page that follows, which tells it: `done=1,2`."""
        named = {name: ",".join(str(row.pk) for row in rows) for name, rows in vars(self).items() if rows}
        return urlencode(named, safe=",")

    @property
    def only(self) -> Suggestion | None:
        return self.done[0] if len(self.done) == 1 else None

    @property
    def accepted(self) -> int:
        return sum(row.state == SuggestionState.ACCEPTED for row in self.done)

    @property
    def dismissed(self) -> int:
        return sum(row.state == SuggestionState.DISMISSED for row in self.done)

    @property
    def snoozed(self) -> int:
        return len(self.done) - self.accepted - self.dismissed


def suggestions() -> QuerySet[Suggestion]:
    """With all that a page says of a case."""
    with_names = Suggestion.objects.select_related(
        "article__feed",
        "pledge__declaration",
        "decided_by",
        "evidence",
        "assessment",
        "proposal",
        "decided_with__pledge",
    )
    return with_names.prefetch_related("pledge__declaration__parties")


@editor_required
@require_safe
def review(request: Request) -> HttpResponse:
    """The inbox with its first case open."""
    filters = filters_of(request)
    page = filters.page(request.GET.get("page"))
    first = suggestions().filter(pk=page[0].pk).first() if page else None
    if request.htmx.target == "triage":
        answer = show_page(request, filters, first, page=page, template="matching/refreshed.html")
        return push_url(answer, reverse("review") + filters.query)
    return show_page(request, filters, first, page=page)


@editor_required
@require_safe
def suggestion(request: Request, suggestion_id: int) -> HttpResponse:
    """The inbox with this case open; for htmx the case alone."""
    case = get_object_or_404(suggestions(), pk=suggestion_id)
    filters = filters_of(request)
    if request.htmx.target == "item":
        return render(request, "matching/case.html", case_context(request, filters, case))
    return show_page(request, filters, case)


@editor_required
@require_safe
def readers(request: Request, suggestion_id: int) -> HttpResponse:
    """Who else has the case open; asking renews one's own mark."""
    case, now = get_object_or_404(Suggestion.objects.only("pk"), pk=suggestion_id), timezone.now()
    return render(request, "matching/readers.html", _readers(request, case, now) | {"case": case})


def filters_of(request: Request) -> inbox.Filters:
    return inbox.Filters.of(request.GET, timezone.now())


def show_page(
    request: Request,
    filters: inbox.Filters,
    case: Suggestion | None,
    *,
    template: str = "matching/review.html",
    status: int = 200,
    **more: Any,
) -> HttpResponse:
    number = request.GET.get("page") or (filters.page_with(case) if case else 1)
    page = more.pop("page", None) or filters.page(number)
    context = {
        "page": page,
        "shown": inbox.SHOWN,
        "choices": inbox.choices(filters),
        "summary": figures.figures(filters.now),
        "stances": Stance.values,
        "kinds": EvidenceKind.choices,
        "rows": _rows(request, filters, page),
        "told": more.pop("told", None) or _told_in(request),
        **case_context(request, filters, case, **more),
    }
    return render(request, template, context, status=status)


def _rows(request: Request, filters: inbox.Filters, page: Page) -> list[dict[str, Any]]:
    """Each with the number of its near-copies and who else is reading it."""
    alike = inbox.alike(page) if filters.show != "decided" else {}
    read_by = reading.readers([row.pk for row in page], request.user, filters.now)
    return [{"suggestion": row, "alike": alike.get(row.pk, 0), "read_by": read_by.get(row.pk)} for row in page]


def case_context(
    request: Request,
    filters: inbox.Filters,
    case: Suggestion | None,
    *,
    form: AcceptForm | None = None,
    problems: dict[str, Any] | None = None,
    is_stale: bool = False,
    judged_meanwhile: Assessment | None = None,
    proposed_meanwhile: Proposal | None = None,
) -> dict[str, Any]:
    """One article with what it says marked, its bill, and the form that decides; nothing when nothing is left."""
    shared: dict[str, Any] = {"filters": filters, "dismiss_reasons": DismissReason.choices, "snoozes": _snoozes()}
    if case is None:
        reading.closed(by=request.user)
        return {**shared, "case": None}
    lines, is_pending = marking.bill(case.reasons, get_language() or "en"), case.state == SuggestionState.PENDING
    candidates = inbox.candidates(case) if is_pending else [case]
    return {
        **shared,
        "case": case,
        "title": list(marking.pieces(case.article.title, lines)),
        "paragraphs": [list(marking.pieces(text, lines)) for text in marking.paragraphs(case.article.text)],
        "candidates": [_candidate(row, filters, None if is_stale else form) for row in candidates],
        "copies": inbox.copies(case, inbox.identities(request.POST.getlist("copy")) if form else None),
        "form": (form or AcceptForm(candidates=candidates)) if is_pending else None,
        "problems": problems,
        "is_stale": is_stale,
        "judged_meanwhile": judged_meanwhile,
        "proposed_meanwhile": proposed_meanwhile,
        "following": filters.after(case, request.user),
        **_readers(request, case, filters.now),
    }


def _snoozes() -> list[tuple[Any, Any]]:
    return list(SnoozeForm.base_fields["days"].choices)  # type: ignore[attr-defined]


def _readers(request: Request, case: Suggestion, now: Any) -> dict[str, Any]:
    reading.opened(suggestion_id=case.pk, by=request.user, now=now)
    return {"readers": reading.readers([case.pk], request.user, now).get(case.pk, [])}


def _candidate(row: Suggestion, filters: inbox.Filters, form: AcceptForm | None) -> dict[str, Any]:
    """`version`: of the pledge's record as the editor saw it, however often the form comes back."""
    pledge = row.pledge
    seen = form.data.get(f"version_{pledge.pk}") if form else None
    return {
        "suggestion": row,
        "pledge": pledge,
        "version": pledge.version if seen is None else seen,
        "lines": marking.bill(row.reasons, get_language() or "en"),
        "timeliness": timeliness(
            due_latest=pledge.due_latest,
            fulfilled_on=None,
            is_closed=pledge.status in CLOSED,
            today=timezone.localdate(filters.now),
            due_soon_days=pledge.declaration.due_soon_days,
        ),
    }


def _told_in(request: Request) -> Told | None:
    """What the page before this one did, as far as it still holds."""
    ids = {name: inbox.identities(request.GET.get(name, "").split(",")) for name in ("done", "late", "left")}
    if not any(ids.values()):
        return None
    rows = suggestions().in_bulk({pk for named in ids.values() for pk in named})
    told = Told(**{name: [rows[pk] for pk in named if pk in rows] for name, named in ids.items()})
    told.done, told.late = [list(filter(_is_told_of, rows)) for rows in (told.done, told.late)]
    return told if told.query else None


def _is_told_of(row: Suggestion) -> bool:
    return row.state != SuggestionState.PENDING or row.snoozed_until is not None
