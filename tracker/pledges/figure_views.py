"""Figures of a metric: added by editors one by one or from a file, taken away by anyone as CSV."""

import csv

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from tracker.accounts.permissions import editor_required
from tracker.accounts.requests import Request
from tracker.pledges import figure_file
from tracker.pledges.as_of import Asked
from tracker.pledges.csv_cells import guarded
from tracker.pledges.dated_views import dated_file
from tracker.pledges.figure_forms import FigureFileForm, FigureForm
from tracker.pledges.figures import DuplicateFiguresError, Figure, add_figures
from tracker.pledges.figures import withdraw_figure as withdraw
from tracker.pledges.forms import WithdrawalForm
from tracker.pledges.models import Metric, Observation


def _metric(metric_id: int) -> Metric:
    return get_object_or_404(Metric.objects.select_related("pledge__declaration"), pk=metric_id)


@editor_required
@require_http_methods(["GET", "POST"])
def add_figure(request: Request, metric_id: int) -> HttpResponse:
    metric = _metric(metric_id)
    form = FigureForm(request.POST or None)
    if request.method == "GET" or not form.is_valid():
        return _page(request, metric, form, "figure", status=200 if request.method == "GET" else 422)
    try:
        _add(request, metric, [form.figure()])
    except DuplicateFiguresError:
        form.add_error("period", _("This period of this series has a figure already"))
        return _page(request, metric, form, "figure", status=422)
    return _back(request, metric, 1)


@editor_required
@require_http_methods(["GET", "POST"])
def add_figure_file(request: Request, metric_id: int) -> HttpResponse:
    """All lines of the file, or none."""
    metric = _metric(metric_id)
    if request.method == "GET":
        return _page(request, metric, FigureFileForm(), "figure_file")
    form = FigureFileForm(request.POST, request.FILES)
    if not form.is_valid():
        return _page(request, metric, form, "figure_file", status=422)
    try:
        _add(request, metric, form.figures)
    except DuplicateFiguresError as error:
        form.add_duplicates(error.places)
        return _page(request, metric, form, "figure_file", status=422)
    return _back(request, metric, len(form.figures))


def _add(request: Request, metric: Metric, figures: list[Figure]) -> None:
    add_figures(metric=metric, figures=figures, language=get_language() or "en", by=request.user, now=timezone.now())


def _page(
    request: Request, metric: Metric, form: FigureForm | FigureFileForm, name: str, *, status: int = 200
) -> HttpResponse:
    """As a page or (htmx) inside the panel."""
    context = {
        "metric": metric,
        "pledge": metric.pledge,
        "form": form,
        "series": list(dict.fromkeys(str(row.series) for row in metric.observations.all() if row.series)),
        "part": f"pledges/{name}_form.html",
    }
    template = f"pledges/{name}_form.html" if request.htmx else "pledges/figures.html"
    return render(request, template, context, status=status)


def _back(request: Request, metric: Metric, count: int) -> HttpResponse:
    said = ngettext("%(count)d figure added to %(code)s.", "%(count)d figures added to %(code)s.", count)
    messages.success(request, said % {"count": count, "code": metric.pledge.code})
    address = f"{metric.pledge.get_absolute_url()}#m{metric.pk}"
    if request.htmx:
        return HttpResponse(status=204, headers={"HX-Redirect": address})
    return redirect(address)


@editor_required
@require_POST
def withdraw_figure(request: Request, figure_id: int) -> HttpResponse:
    figure = get_object_or_404(Observation.objects.select_related("metric__pledge"), pk=figure_id)
    form = WithdrawalForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("Not withdrawn. %(error)s") % {"error": form.errors["reason"][0]})
    elif withdraw(figure=figure, reason=form.cleaned_data["reason"], by=request.user, now=timezone.now()):
        messages.success(request, _("Figure withdrawn; it stays on record."))
    return redirect(f"{figure.metric.pledge.get_absolute_url()}#m{figure.metric_id}")


@login_not_required
@require_safe
@dated_file
def figures_csv(request: Request, asked: Asked, metric_id: int) -> HttpResponse:
    """The columns that `add_figure_file` takes."""
    metric, as_of = _metric(metric_id), asked.as_of
    name = "-".join([metric.pledge.reference, metric.key, *([str(as_of.day)] if as_of.day else [])]) + ".csv"
    response = HttpResponse(content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    response.write("\ufeff")  # spreadsheets take it for UTF-8
    writer = csv.writer(response)
    writer.writerow(figure_file.COLUMNS)
    for row in as_of.worded(as_of.standing(metric.observations.all())):
        texts = (str(row.series), row.period_edtf, row.publisher, row.url, str(row.note))
        series, period, publisher, url, note = map(guarded, texts)
        writer.writerow([series, period, f"{row.value.normalize():f}", publisher, url, note])
    return response
