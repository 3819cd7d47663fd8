"""The pages that edit the record: one way for every sort of record."""

from typing import Any

from django.contrib import messages
from django.db.models import Max
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.html import escape
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from tracker.accounts.permissions import editor_required
from tracker.accounts.requests import Request
from tracker.pledges import edit_forms, editing
from tracker.pledges.models import Declaration, Document, Edit, Lineage, Metric, Milestone, Party, Pledge, Theme
from tracker.pledges.record_forms import EditForm, said

CHANGES_SHOWN = 50
Way = list[tuple[str, str]]  # address and label of each page above


@editor_required
@require_safe
def record(request: Request) -> HttpResponse:
    """What editors can edit, from the top."""
    context = {"declarations": Declaration.objects.all(), "parties": Party.objects.all()}
    return render(request, "pledges/edit/index.html", context)


@editor_required
@require_safe
def read_date(request: Request) -> HttpResponse:
    """What a date means while it is being typed; the field's own name is the parameter's."""
    return HttpResponse(escape(said(next(iter(request.GET.values()), "")[:500])))


@editor_required
@require_http_methods(["GET", "POST"])
def add_declaration(request: Request) -> HttpResponse:
    return _handle(request, edit_forms.DeclarationForm(_posted(request)), _("New declaration"), [])


@editor_required
@require_http_methods(["GET", "POST"])
def edit_declaration(request: Request, slug: str) -> HttpResponse:
    found = get_object_or_404(Declaration, slug=slug)
    edits = found.edits.filter(pledge=None)
    dropped = found.lineage.filter(later=None).select_related("earlier__declaration")
    pledges = found.pledges.only("reference", "number", "title")
    parts = {"declaration": found, "pledges": pledges, "dropped": dropped}
    form = edit_forms.DeclarationForm(_posted(request), record=found)
    return _handle(request, form, str(found), [(found.get_absolute_url(), str(found))], edits, parts)


@editor_required
@require_http_methods(["GET", "POST"])
def add_party(request: Request) -> HttpResponse:
    return _handle(request, edit_forms.PartyForm(_posted(request)), _("New party"), [])


@editor_required
@require_http_methods(["GET", "POST"])
def edit_party(request: Request, code: str) -> HttpResponse:
    found = get_object_or_404(Party, code=code)
    return _handle(request, edit_forms.PartyForm(_posted(request), record=found), str(found), [], _edits(found))


@editor_required
@require_http_methods(["GET", "POST"])
def add_theme(request: Request, slug: str) -> HttpResponse:
    owner = get_object_or_404(Declaration, slug=slug)
    form = edit_forms.ThemeForm(_posted(request), owner=owner, initial={"position": owner.themes.count()})
    return _handle(request, form, _("New theme"), _way(owner))


@editor_required
@require_http_methods(["GET", "POST"])
def edit_theme(request: Request, theme_id: int) -> HttpResponse:
    found = get_object_or_404(Theme.objects.select_related("declaration"), pk=theme_id)
    form = edit_forms.ThemeForm(_posted(request), record=found)
    return _handle(request, form, str(found), _way(found.declaration), _edits(found))


@editor_required
@require_http_methods(["GET", "POST"])
def add_document(request: Request, slug: str) -> HttpResponse:
    owner = get_object_or_404(Declaration, slug=slug)
    form = edit_forms.DocumentForm(_posted(request), owner=owner)
    return _handle(request, form, _("New source"), _way(owner))


@editor_required
@require_http_methods(["GET", "POST"])
def edit_document(request: Request, document_id: int) -> HttpResponse:
    found = get_object_or_404(Document.objects.select_related("declaration"), pk=document_id)
    form = edit_forms.DocumentForm(_posted(request), record=found)
    return _handle(request, form, str(found), _way(found.declaration), _edits(found))


@editor_required
@require_http_methods(["GET", "POST"])
def add_pledge(request: Request, slug: str) -> HttpResponse:
    owner = get_object_or_404(Declaration, slug=slug)
    last = owner.pledges.aggregate(last=Max("number"))["last"] or 0
    form = edit_forms.PledgeForm(_posted(request), owner=owner, initial={"number": last + 1})
    return _handle(request, form, _("New pledge"), _way(owner))


@editor_required
@require_http_methods(["GET", "POST"])
def edit_pledge(request: Request, reference: str) -> HttpResponse:
    found = _pledge(reference)
    parts = {
        "pledge": found,
        "milestones": found.milestones.all(),
        "metrics": found.metrics.all(),
        "continues": found.continues.select_related("earlier__declaration"),
    }
    form = edit_forms.PledgeForm(_posted(request), record=found)
    return _handle(request, form, f"{found.code} {found}", _way(found.declaration, found), found.edits.all(), parts)


@editor_required
@require_http_methods(["GET", "POST"])
def add_milestone(request: Request, reference: str) -> HttpResponse:
    owner = _pledge(reference)
    form = edit_forms.MilestoneForm(_posted(request), owner=owner)
    return _handle(request, form, _("New milestone"), _way(owner.declaration, owner))


@editor_required
@require_http_methods(["GET", "POST"])
def edit_milestone(request: Request, milestone_id: int) -> HttpResponse:
    found = get_object_or_404(Milestone.objects.select_related("pledge__declaration"), pk=milestone_id)
    form = edit_forms.MilestoneForm(_posted(request), record=found)
    return _handle(request, form, str(found), _way(found.pledge.declaration, found.pledge), _edits(found))


@editor_required
@require_http_methods(["GET", "POST"])
def add_metric(request: Request, reference: str) -> HttpResponse:
    owner = _pledge(reference)
    form = edit_forms.MetricForm(_posted(request), owner=owner)
    return _handle(request, form, _("New metric"), _way(owner.declaration, owner))


@editor_required
@require_http_methods(["GET", "POST"])
def edit_metric(request: Request, metric_id: int) -> HttpResponse:
    found = get_object_or_404(Metric.objects.select_related("pledge__declaration"), pk=metric_id)
    form = edit_forms.MetricForm(_posted(request), record=found)
    return _handle(request, form, str(found), _way(found.pledge.declaration, found.pledge), _edits(found))


@editor_required
@require_http_methods(["GET", "POST"])
def add_lineage(request: Request, reference: str) -> HttpResponse:
    owner = _pledge(reference)
    form = edit_forms.LineageForm(_posted(request), owner=owner)
    return _handle(request, form, _("An earlier pledge taken up again"), _way(owner.declaration, owner))


@editor_required
@require_http_methods(["GET", "POST"])
def edit_lineage(request: Request, lineage_id: int) -> HttpResponse:
    rows = Lineage.objects.exclude(later=None).select_related(
        "earlier__declaration", "later__declaration", "declaration"
    )
    found = get_object_or_404(rows, pk=lineage_id)
    form = edit_forms.LineageForm(_posted(request), record=found)
    return _handle(request, form, str(found), _way(found.declaration, found.later), _edits(found))


@editor_required
@require_http_methods(["GET", "POST"])
def add_drop(request: Request, slug: str) -> HttpResponse:
    owner = get_object_or_404(Declaration, slug=slug)
    return _handle(request, edit_forms.DropForm(_posted(request), owner=owner), _("Dropped pledge"), _way(owner))


@editor_required
@require_http_methods(["GET", "POST"])
def edit_drop(request: Request, lineage_id: int) -> HttpResponse:
    rows = Lineage.objects.filter(later=None).select_related("earlier__declaration", "declaration")
    found = get_object_or_404(rows, pk=lineage_id)
    form = edit_forms.DropForm(_posted(request), record=found)
    return _handle(request, form, str(found), _way(found.declaration), _edits(found))


def _pledge(reference: str) -> Pledge:
    return get_object_or_404(Pledge.objects.select_related("declaration", "theme", "document"), reference=reference)


def _posted(request: Request) -> Any:
    return request.POST if request.method == "POST" else None


def _edits(found: Any) -> Any:
    return Edit.objects.of(found)


def _way(declaration: Declaration, pledge: Pledge | None = None) -> Way:
    way = [(declaration.get_absolute_url(), str(declaration))]
    return way + ([(pledge.get_absolute_url(), f"{pledge.code} {pledge}")] if pledge else [])


def _handle(
    request: Request, form: EditForm, heading: str, way: Way, edits: Any = None, parts: dict[str, Any] | None = None
) -> HttpResponse:
    """Shows the form; saves it as one act; on a conflict shows both versions and saves neither."""
    context: dict[str, Any] = {"form": form, "heading": heading, "way": way, **(parts or {})}
    context["edits"] = edits.select_related("by")[:CHANGES_SHOWN] if edits is not None else []
    context["back"] = way[-1][0] if way else reverse("record")
    if request.method == "GET":
        return _page(request, context)
    if not form.is_valid():
        return _page(request, context, status=422)
    try:
        saved = _saved(request, form)
    except editing.NameTakenError:
        form.add_error(None, _("Someone else has just taken one of these names; choose another"))
        return _page(request, context, status=422)
    except editing.EditConflictError as error:
        clashes = form.clashes(error.edits)
        return _page(request, {**context, "form": form.rebased(error.edits), "clashes": clashes}, status=409)
    messages.success(request, " ".join(filter(None, (_("Saved."), form.understood()))))
    return redirect(_page_of(saved))


def _saved(request: Request, form: EditForm) -> Any:
    now = timezone.now()
    if form.record is None:
        return editing.add(form.model, values=form.values(), by=request.user, now=now)
    expected = form.cleaned_data["revision"]
    editing.edit(record=form.record, expected_revision=expected, values=form.values(), by=request.user, now=now)
    return form.model._default_manager.get(pk=form.record.pk)


def _page(request: Request, context: dict[str, Any], *, status: int = 200) -> HttpResponse:
    return render(request, "pledges/edit/record.html", context, status=status)


def _page_of(saved: Any) -> str:
    """Where the saved record is seen."""
    if isinstance(saved, Pledge | Declaration):
        return saved.get_absolute_url()
    if isinstance(saved, Lineage):
        return _page_of(saved.later or saved.declaration)
    if isinstance(saved, Milestone | Metric):
        return _page_of(saved.pledge)
    return reverse("record") if isinstance(saved, Party) else reverse("edit_declaration", args=[saved.declaration.slug])
