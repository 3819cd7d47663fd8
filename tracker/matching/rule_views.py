"""The page on which editors change what finds articles for a pledge."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from tracker.accounts.permissions import editor_required
from tracker.accounts.requests import Request
from tracker.matching import learning, lessons
from tracker.matching.accept_rates import accept_rates
from tracker.matching.dry_run import DryRun, dry_run
from tracker.matching.models import Lesson, Rematch
from tracker.matching.rule_forms import RuleForm, rule_text
from tracker.pledges import editing
from tracker.pledges.models import Edit, Pledge


@editor_required
@require_http_methods(["GET", "POST"])
def edit_rule(request: Request, reference: str) -> HttpResponse:
    """Saves the rule, or tries it. On a conflict, what the others changed stands above one's draft, unsaved."""
    pledge = get_object_or_404(Pledge.objects.select_related("declaration"), reference=reference)
    form = RuleForm(request.POST if request.method == "POST" else None, pledge=pledge)
    if request.method == "GET":
        return _page(request, pledge, form)
    if not form.is_valid():
        return _page(request, pledge, form, status=422)
    rule, expected = form.cleaned_data["rule"], form.cleaned_data["revision"]
    if "try" in request.POST:
        return _page(request, pledge, form, trial=dry_run(pledge=pledge, watch=rule, now=timezone.now()))
    try:
        editing.edit(
            record=pledge, expected_revision=expected, values={"watch": rule}, by=request.user, now=timezone.now()
        )
    except editing.EditConflictError as conflict:
        pledge.refresh_from_db()
        form.data = {**request.POST.dict(), "revision": pledge.revision}
        return _page(request, pledge, form, theirs=conflict.edits, status=409)
    messages.success(request, _("Saved. New articles are looked at by this rule, and the stored ones again."))
    return redirect(pledge)


def _page(
    request: Request,
    pledge: Pledge,
    form: RuleForm,
    *,
    theirs: list[Edit] | None = None,
    trial: DryRun | None = None,
    status: int = 200,
) -> HttpResponse:
    edits = pledge.edits.filter(field="watch").select_related("by")[:50]
    context: dict[str, Any] = {"pledge": pledge, "form": form, "theirs": theirs, "edits": edits}
    context |= {"on_record": rule_text(pledge.watch), **_progress()}
    context |= {"lesson": Lesson.objects.filter(pledge=pledge).first(), "least": learning.LEAST}
    context |= {"trial": trial, "rates": accept_rates(pledge)}
    return render(request, "matching/rule.html", context, status=status)


@editor_required
@require_POST
def switch_learning(request: Request, reference: str) -> HttpResponse:
    pledge = get_object_or_404(Pledge, reference=reference)
    lessons.switch(pledge=pledge, is_on=request.POST.get("learn") == "on")
    return redirect("edit_rule", reference)


@require_safe
def rematch_progress(request: Request) -> HttpResponse:
    """How far the look at stored articles is; a page of another app asks for it too."""
    return render(request, "matching/progress.html", _progress())


def _progress() -> dict[str, Rematch | None]:
    latest = Rematch.objects.first()
    return {"latest": latest, "rematch": latest if latest and not latest.finished_at else None}
