"""The pages anyone may read."""

from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.db.models import Count, Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_safe
from django.views.decorators.vary import vary_on_headers

from tracker.accounts.requests import Request
from tracker.dashboard import activity, dossier, filters, ledger, measures, overview
from tracker.dashboard.finding import finding
from tracker.dashboard.timeline import timeline
from tracker.digests.models import Follow
from tracker.matching.models import Suggestion
from tracker.pledges.models import STATUS_MEANING, Confidence, Declaration, EvidenceKind, Pledge, Stance, Status, Voice


def _is_editor(request: Request) -> bool:
    return getattr(request.user, "is_editor", False)


@login_not_required
@require_safe
@vary_on_headers("HX-Target")
def home(request: Request) -> HttpResponse:
    """Every declaration with its finding; where there is only one, its dashboard is the front page."""
    declarations = list(Declaration.objects.prefetch_related("parties", "documents", "themes"))
    if len(declarations) == 1:
        return _dashboard(request, declarations[0])
    today = timezone.localdate()
    lines = ledger.lines(Pledge.objects.all(), today=today, knows_waiting=_is_editor(request))
    wanted = filters.Filters.of(request.GET)
    cards = [overview.card(declaration, lines, today) for declaration in declarations]
    found = wanted.narrow(lines, set())[: filters.PAGE_LENGTH] if wanted.q else []
    return render(request, "dashboard/home.html", {"cards": cards, "filters": wanted, "found": found})


@login_not_required
@require_safe
@vary_on_headers("HX-Target")
def declaration(request: Request, slug: str) -> HttpResponse:
    with_names = Declaration.objects.prefetch_related("parties", "documents", "themes")
    return _dashboard(request, get_object_or_404(with_names, slug=slug))


def _dashboard(request: Request, found: Declaration) -> HttpResponse:
    """The declaration at a glance; asked by htmx, only the rows of the list."""
    today, is_editor = timezone.localdate(), _is_editor(request)
    lines = ledger.lines(found.pledges.all(), today=today, knows_waiting=is_editor)
    followed, follows_all = _followed(request, found)
    wanted = filters.Filters.of(request.GET)
    rows = wanted.narrow(lines, followed)
    context: dict[str, Any] = {
        "declaration": found,
        "filters": wanted,
        "page": filters.page(rows, request.GET.get("page")),
        "sorts": filters.sorts(wanted),
        "choices": filters.choices(found),
    }
    if request.htmx.target == "rows":
        response = render(request, "dashboard/rows.html", {**context, "is_fragment": True})
        response["HX-Push-Url"] = found.get_absolute_url() + wanted.query
        return response
    strip = overview.strip(lines)
    context |= {
        "finding": finding(found, lines, today),
        "strip": strip,
        "attention": overview.attention(lines, is_editor=is_editor),
        "timeline": timeline(found, lines, today),
        "matrix": overview.matrix(strip.groups),
        "events": activity.recent(found, is_editor=is_editor),
        "views": filters.views(lines, followed if request.user.is_authenticated else None),
        "follows": follows_all,
        "native_titles": [(code, text) for code, text in found.title.items() if code not in dict(settings.LANGUAGES)],
    }
    return render(request, "dashboard/declaration.html", context)


def _followed(request: Request, declaration: Declaration) -> tuple[set[int], bool]:
    """The pledges that the reader follows, and whether they follow the declaration as a whole."""
    if not request.user.is_authenticated:
        return set(), False
    mine = Follow.objects.filter(Q(declaration=declaration) | Q(pledge__declaration=declaration), user=request.user)
    ids = set(mine.values_list("pledge_id", flat=True))
    return ids - {None}, None in ids


@login_not_required
@require_safe
def pledge(request: Request, reference: str) -> HttpResponse:
    """Everything on record about one pledge."""
    pledges = Pledge.objects.filter(reference=reference)
    found = get_object_or_404(pledges.select_related("declaration", "theme", "document", "superseded_by"))
    line = ledger.lines(pledges, today=timezone.localdate(), knows_waiting=_is_editor(request))[0]
    before, after, count = dossier.neighbours(found)
    follows = Follow.objects.filter(pledge=found).aggregate(
        all=Count("pk"), mine=Count("pk", filter=Q(user=request.user.pk))
    )
    milestones, history = list(found.milestones.all()), dossier.history(found.assessments.all())
    context = {
        "pledge": found,
        "declaration": found.declaration,
        "line": line,
        "before": before,
        "after": after,
        "count": count,
        "follows": follows,
        "measures": measures.measures(found),
        "milestones": milestones,
        "reached_count": sum(milestone.is_reached for milestone in milestones),
        "evidence": dossier.evidence_of(found, request.GET.get("stance", "")),
        "history": history,
        "permanent_address": settings.SITE_URL + found.get_absolute_url() + _anchor(history),
        "suggestion": _best_suggestion(found) if line.waiting else None,
    }
    return render(request, "dashboard/pledge.html", context)


def _anchor(history: list[dossier.Entry]) -> str:
    """Points at the newest judgement: history only grows, so what is cited can be found for ever."""
    return f"#a{history[0].assessment.pk}" if history else ""


def _best_suggestion(pledge: Pledge) -> Suggestion | None:
    waiting = Suggestion.objects.pending().filter(pledge=pledge)
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
