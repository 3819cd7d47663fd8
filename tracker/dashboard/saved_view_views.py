"""Two buttons beside the list of pledges: keep these filters under a name, and remove such a view."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from tracker.accounts.requests import Request
from tracker.dashboard import filters, saved_views
from tracker.dashboard.models import QUERY_LENGTH
from tracker.pledges.models import Declaration


@require_POST
def keep(request: Request, slug: str) -> HttpResponse:
    """The filters stand in the form; without a name they are called by their own words."""
    declaration = get_object_or_404(Declaration.objects.prefetch_related("parties", "themes"), slug=slug)
    wanted = filters.Filters.of(request.POST)
    if not wanted.is_narrow or len(wanted.query) > QUERY_LENGTH:
        messages.error(request, _("Not kept: choose a filter first."))
        return redirect(f"{declaration.get_absolute_url()}#pledges")
    words = ", ".join(str(chip.label) for chip in filters.chips(wanted, filters.choices(declaration)))
    name = " ".join(request.POST.get("name", "").replace("\x00", "").split()) or words
    view = saved_views.keep(
        user=request.user, declaration=declaration, name=name, query=wanted.query, now=timezone.now()
    )
    messages.success(request, _("View “%(name)s” kept.") % {"name": view.name})
    return redirect(view)


@require_POST
def let_go(request: Request, view_id: int) -> HttpResponse:
    declaration = saved_views.let_go(user=request.user, pk=view_id)
    if declaration is None:
        raise Http404
    messages.success(request, _("View removed."))
    return redirect(f"{declaration.get_absolute_url()}#pledges")
