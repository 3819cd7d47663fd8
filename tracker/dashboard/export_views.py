"""The record to take away: a declaration in the formats of `export_declaration`."""

from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from tracker.accounts.requests import Request
from tracker.pledges.as_of import Asked
from tracker.pledges.dated_views import dated_file
from tracker.pledges.exporting import FORMATS
from tracker.pledges.models import Declaration


@login_not_required
@require_safe
@dated_file
def export_declaration(request: Request, asked: Asked, slug: str, format: str) -> HttpResponse:
    declaration = get_object_or_404(asked.as_of.recorded(Declaration.objects.all()), slug=slug)
    if format not in FORMATS:
        raise Http404(_("A declaration can be had as YAML, JSON or CSV."))
    content_type, write = FORMATS[format]
    day = asked.as_of.day
    name = f"{declaration.slug}-{day}.{format}" if day else f"{declaration.slug}.{format}"
    return HttpResponse(
        write(declaration, asked.as_of),
        content_type=f"{content_type}; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )
