"""The pages anyone may read."""

from datetime import date, datetime
from itertools import chain
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.db.models import Count, Prefetch, Q, QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe
from django.views.decorators.vary import vary_on_headers

from tracker.accounts.requests import Request
from tracker.dashboard import activity, citations, dossier, filters, ledger, measures, overview, reading, since
from tracker.dashboard.by_party import party_matrix
from tracker.dashboard.census import FLAGS
from tracker.dashboard.finding import finding
from tracker.dashboard.timeline import timeline
from tracker.dashboard.voices import voice_matrix
from tracker.digests.models import Follow
from tracker.matching.models import Suggestion
from tracker.pledges.as_of import Asked, AsOf, begins_at
from tracker.pledges.dated_views import dated
from tracker.pledges.models import (
    STATUS_MEANING,
    Assessment,
    Confidence,
    Declaration,
    Document,
    EvidenceKind,
    Pledge,
    Proposal,
    ProposalState,
    Stance,
    Status,
    Theme,
    Voice,
)


def _may_edit(request: Request, as_of: AsOf) -> bool:
    """The past is for reading."""
    return getattr(request.user, "is_editor", False) and not as_of.day


@login_not_required
@require_safe
@vary_on_headers("HX-Target")
@dated
def home(request: Request, asked: Asked) -> HttpResponse:
    """Every declaration with its finding; where there is only one, its dashboard is the front page."""
    as_of, now = asked.as_of, timezone.now()
    declarations = as_of.worded(_declarations(as_of))
    if len(declarations) == 1:
        return _dashboard(request, asked, declarations[0])
    if words := request.GET.get("q", "").strip():
        return redirect(f"{reverse('search')}?{urlencode({'q': words})}")
    today = as_of.today(timezone.localdate(now))
    context = {
        "cards": [overview.card(*card, today) for card in reading.cards(declarations, today=today, as_of=as_of)],
        "asked": asked,
        "as_of": as_of,
    }
    return render(request, "dashboard/home.html", context)


@login_not_required
@require_safe
@vary_on_headers("HX-Target")
@dated
def declaration(request: Request, asked: Asked, slug: str) -> HttpResponse:
    found = get_object_or_404(_declarations(asked.as_of), slug=slug)
    asked.as_of.worded([found])
    return _dashboard(request, asked, found)


def _declarations(as_of: AsOf) -> QuerySet[Declaration]:
    """With what their pages name."""
    themes, documents = as_of.recorded(Theme.objects.all()), as_of.recorded(Document.objects.all())
    named = ("parties", Prefetch("themes", themes), Prefetch("documents", documents))
    return as_of.recorded(Declaration.objects.prefetch_related(*named))


def _dashboard(request: Request, asked: Asked, found: Declaration) -> HttpResponse:
    """The declaration at a glance; asked by htmx, only the rows of the list."""
    as_of, is_editor, now = asked.as_of, _may_edit(request, asked.as_of), timezone.now()
    today = as_of.today(timezone.localdate(now))
    read: reading.Reading = (
        reading.Past(found, as_of=as_of, today=today)
        if as_of.day
        else reading.Today(found, today=today, waiting_at=now if is_editor else None)
    )
    followed, follows_all = _followed(request, found)
    wanted, offered = filters.Filters.of(request.GET, as_of), filters.choices(found)
    page = filters.page(read.found(wanted, followed), request.GET.get("page"))
    listed = list(page.object_list)
    context: dict[str, Any] = {
        "declaration": found,
        "filters": wanted,
        "page": page,
        "sorts": filters.sorts(wanted),
        "choices": offered,
        "chips": filters.chips(wanted, offered),
        "asked": asked,
        "as_of": as_of,
    }
    if request.htmx.target == "rows":
        lines = read.lines(listed)
        context["rows"] = [lines[pk] for pk in listed]
        response = render(request, "dashboard/rows.html", {**context, "is_fragment": True})
        response["HX-Push-Url"] = found.get_absolute_url() + wanted.query
        return response
    context |= _overview(read, found, listed, today, as_of, is_editor=is_editor)
    waiting, events = context["waiting"], activity.recent(found, is_editor=is_editor, as_of=as_of)
    context |= {
        "since": _since(request, found, read, waiting.articles, now) if isinstance(read, reading.Today) else None,
        "proposals": _waiting(Proposal.objects.filter(pledge__declaration=found)) if is_editor else [],
        "events": events,
        "begins_at": begins_at(found.pledges.all()) if as_of.day and not events else None,
        "views": filters.views(
            read.census, waiting.otherwise_quiet, followed if request.user.is_authenticated else None
        ),
        "saved_views": found.saved_views.filter(user=request.user.pk),
        "follows": follows_all,
        "dropped": as_of.worded(as_of.signed(found.lineage.filter(later=None).select_related("earlier__declaration"))),
        "native_titles": [(code, text) for code, text in found.title.items() if code not in dict(settings.LANGUAGES)],
        "citation": citations.of_declaration(found, asked),
    }
    return render(request, "dashboard/declaration.html", context)


def _overview(
    read: reading.Reading, found: Declaration, listed: list[int], today: date, as_of: AsOf, *, is_editor: bool
) -> dict[str, Any]:
    """What the page draws and counts; the rows of all its parts are read at once."""
    marks, on_timeline, apart = read.marks(), read.on_timeline(), read.judged_apart()
    urgent, waiting = {flag: read.urgent(flag) for flag in FLAGS}, read.waiting()
    lines = read.lines(chain(marks, on_timeline, apart, listed, waiting.first, *urgent.values()))

    def of(pks: list[int]) -> list[ledger.Line]:
        return [lines[pk] for pk in pks]

    census = read.census
    columns = overview.attention(census, {flag: of(pks) for flag, pks in urgent.items()})
    if is_editor:
        columns.append(overview.Attention("waiting", of(waiting.first), waiting.articles))
    strip = overview.strip(census, of(marks))
    return {
        "rows": of(listed),
        "finding": finding(found, census, today),
        "strip": strip,
        "attention": columns,
        "timeline": timeline(found, of(on_timeline), census, today),
        "matrix": overview.matrix(census, strip.groups, found.themes.all()),
        "by_party": party_matrix(of(apart), as_of.assessments(Assessment.objects.all())),
        "waiting": waiting,
    }


def _since(
    request: Request, declaration: Declaration, read: reading.Today, waiting: int, now: datetime
) -> since.Since | None:
    """What changed since the reader's visit before this one; nothing for strangers and on a first visit."""
    if not request.user.is_authenticated:
        return None
    before = since.visit(person=request.user, declaration=declaration, now=now)
    return since.changes(declaration, read, waiting, before=before) if before else None


def _followed(request: Request, declaration: Declaration) -> tuple[set[int], bool]:
    """The pledges that the reader follows, and whether they follow the declaration as a whole."""
    if not request.user.is_authenticated:
        return set(), False
    mine = Follow.objects.filter(Q(declaration=declaration) | Q(pledge__declaration=declaration), user=request.user)
    ids = set(mine.values_list("pledge_id", flat=True))
    return ids - {None}, None in ids


@login_not_required
@require_safe
@dated
def pledge(request: Request, asked: Asked, reference: str) -> HttpResponse:
    """Everything on record about one pledge."""
    as_of, pledges = asked.as_of, asked.as_of.recorded(Pledge.objects.filter(reference=reference))
    related = pledges.select_related("declaration", "theme", "document")
    found = get_object_or_404(related.prefetch_related("parties", "declaration__parties"))
    before, after, count = dossier.neighbours(found, as_of)
    steps = as_of.recorded(found.milestones.all())
    continued_in = as_of.signed(found.continued_in.select_related("declaration", "later"))
    continues = as_of.signed(found.continues.select_related("earlier__declaration"))
    as_of.worded([found, *filter(None, (before, after)), *steps, *continued_in, *continues])
    is_editor, now = _may_edit(request, as_of), timezone.now()
    today = as_of.today(timezone.localdate(now))
    line = ledger.lines(pledges, today=today, waiting_at=now if is_editor else None, as_of=as_of)[0]
    found.status = line.pledge.status
    follows = Follow.objects.filter(pledge=found).aggregate(
        all=Count("pk"), mine=Count("pk", filter=Q(user=request.user.pk))
    )
    evidence = dossier.evidence_of(found, request.GET.get("stance", ""), as_of)
    milestones = as_of.reached(steps)
    history = dossier.history(found.assessments.all(), as_of)
    context = {
        "pledge": found,
        "declaration": found.declaration,
        "line": line,
        "before": before,
        "after": after,
        "count": count,
        "follows": follows,
        "measures": measures.measures(found, as_of),
        "milestones": milestones,
        "reached_count": sum(milestone.is_reached for milestone in milestones),
        "evidence": evidence,
        "voices": voice_matrix(evidence.standing, found.declaration.parties.all()) if evidence.count else None,
        "history": history,
        "edits": dossier.edits(found, as_of),
        "verdict": dossier.verdict(found, history),
        "continued_in": continued_in,
        "continues": continues,
        "proposals": _waiting(found.proposals.all()) if is_editor else [],
        "suggestion": _best_suggestion(found, now) if line.waiting else None,
        "asked": asked,
        "as_of": as_of,
        "begins_at": begins_at(pledges) if as_of.day and not (history or evidence.count) else None,
        "citation": citations.of_pledge(found, asked),
    }
    return render(request, "dashboard/pledge.html", context)


def _waiting(proposals: QuerySet[Proposal]) -> list[Proposal]:
    """What waits for a second person, oldest first; for editors only, since nobody has confirmed it."""
    waiting = proposals.filter(state=ProposalState.WAITING).select_related("pledge", "party", "proposed_by")
    return list(waiting.order_by("proposed_at", "pk"))


def _best_suggestion(pledge: Pledge, now: datetime) -> Suggestion | None:
    waiting = Suggestion.objects.waiting(now).filter(pledge=pledge)
    return waiting.select_related("article__feed").defer("article__text", "reasons").first()


@login_not_required
@require_safe
def methodology(request: Request) -> HttpResponse:
    """How to read the record."""
    context = {
        "statuses": [(code, STATUS_MEANING[Status(code)]) for code in Status.values],
        "stances": Stance.values,
        "kinds": EvidenceKind.choices,
        "voices": Voice.choices,
        "confidences": Confidence.choices,
    }
    return render(request, "dashboard/methodology.html", context)
