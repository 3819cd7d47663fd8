"""Citations to take away, for reference managers."""

from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from tracker.accounts.requests import Request
from tracker.dashboard import citations
from tracker.pledges.as_of import Asked
from tracker.pledges.citing import Citation
from tracker.pledges.dated_views import dated_file
from tracker.pledges.models import Assessment, Declaration, Pledge, Status


@login_not_required
@require_safe
@dated_file
def declaration(request: Request, asked: Asked, slug: str, format: str) -> HttpResponse:
    found = get_object_or_404(asked.as_of.recorded(Declaration.objects.all()), slug=slug)
    asked.as_of.worded([found])
    return _file(citations.of_declaration(found, asked), format)


@login_not_required
@require_safe
@dated_file
def pledge(request: Request, asked: Asked, reference: str, format: str) -> HttpResponse:
    found = get_object_or_404(asked.as_of.recorded(Pledge.objects.all()), reference=reference)
    asked.as_of.worded([found])
    if asked.as_of.day:
        newest = asked.as_of.assessments(found.assessments.filter(party=None)).first()
        found.status = newest.status if newest else Status.NOT_ASSESSED
    return _file(citations.of_pledge(found, asked), format)


@login_not_required
@require_safe
@dated_file
def judgement(request: Request, asked: Asked, reference: str, number: int, format: str) -> HttpResponse:
    counted = asked.as_of.assessments(Assessment.objects.filter(pledge__reference=reference))
    found = get_object_or_404(counted.select_related("pledge"), pk=number)
    asked.as_of.worded([found])
    return _file(citations.of_judgement(found, asked), format)


def _file(citation: Citation, format: str) -> HttpResponse:
    formats = {
        "bib": ("application/x-bibtex", citation.bibtex),
        "json": ("application/vnd.citationstyles.csl+json", citation.csl_json),
    }
    if format not in formats:
        raise Http404(_("A citation can be had for BibTeX and as CSL JSON."))
    content_type, content = formats[format]
    return HttpResponse(
        content,
        content_type=f"{content_type}; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{citation.key}.{format}"'},
    )
