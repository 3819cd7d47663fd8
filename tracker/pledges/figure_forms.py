"""What editors fill in to add figures: one by hand, or a CSV file of them with the same checks for each line."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from tracker.pledges import date_words, figure_file
from tracker.pledges.dates import FuzzyDateError, bounds
from tracker.pledges.figures import Figure

ERRORS_SHOWN = 20


class FigureForm(forms.Form):
    period = forms.CharField(
        label=_("Period"), max_length=40, help_text=_("Such as 2025, Q3 2025, June 2025 or 2025-01/2025-10")
    )
    value = forms.DecimalField(
        label=_("Figure"),
        max_digits=20,
        decimal_places=4,
        widget=forms.TextInput(attrs={"inputmode": "decimal"}),
        help_text=_("Digits with a point before decimals, as in 43.8"),
    )
    series = forms.CharField(
        label=_("Whose count"),
        max_length=120,
        required=False,
        widget=forms.TextInput(attrs={"list": "series-on-record"}),
        help_text=_("Who counted, as on record; empty where there is only one count"),
    )
    publisher = forms.CharField(label=_("Publisher"), max_length=120)
    url = forms.URLField(label=_("Address"), max_length=2048, required=False, assume_scheme="https")
    note = forms.CharField(label=_("Note"), max_length=300, required=False, widget=forms.Textarea(attrs={"rows": 2}))

    def clean_period(self) -> str:
        try:
            value = date_words.read(self.cleaned_data["period"])
            if bounds(value)[1] is None:
                raise FuzzyDateError
        except FuzzyDateError as error:
            raise forms.ValidationError(_("Enter a period that ends, such as 2025 or Q3 2025")) from error
        return value

    def clean_url(self) -> str:
        url = self.cleaned_data["url"]
        if url and not url.lower().startswith(("http://", "https://")):
            raise forms.ValidationError(_("Enter an address that begins with http:// or https://"))
        return url

    def figure(self) -> Figure:
        data = self.cleaned_data
        return Figure(
            series=data["series"].strip(),
            period_edtf=data["period"],
            value=data["value"],
            publisher=data["publisher"],
            url=data["url"],
            note=data["note"].strip(),
        )


FILE_ERRORS = {
    "too_large": _("The file is larger than 200 kB"),
    "not_utf8": _("The file is no text in UTF-8; save it as “CSV UTF-8”"),
    "not_a_table": _("Line %(detail)s: its cells do not fit the columns"),
    "columns": _("Unknown or repeated columns: %(detail)s"),
    "columns_missing": _("Missing columns: %(detail)s"),
    "empty": _("The file has no figures"),
    "too_many": _("The file has more than 1,000 figures"),
}


class FigureFileForm(forms.Form):
    """Every problem is told with its line; `figures` and `numbers` (of lines) are there when there is none."""

    file = forms.FileField(
        label=_("CSV file"),
        widget=forms.ClearableFileInput(attrs={"accept": ".csv,text/csv"}),
        help_text=_("The first line names the columns: series, period, value, publisher, url, note. At most 200 kB."),
        error_messages={"required": _("Choose a file"), "empty": _("The file is empty")},
    )

    def clean_file(self) -> Any:
        upload = self.cleaned_data["file"]
        try:
            if upload.size > figure_file.LARGEST:
                raise figure_file.FigureFileError("too_large")
            found = figure_file.lines(upload.read())
        except figure_file.FigureFileError as error:
            raise forms.ValidationError(FILE_ERRORS[error.code] % {"detail": error.detail}) from error
        checked = [(line.number, FigureForm(line.cells)) for line in found]
        if problems := [told for number, form in checked for told in _problems(number, form)]:
            raise forms.ValidationError(_first(problems))
        self.figures = [form.figure() for _number, form in checked]
        self.numbers = [number for number, _form in checked]
        return upload

    def add_duplicates(self, places: list[int]) -> None:
        told = [
            _("Line %(number)d: this period of this series has a figure already") % {"number": self.numbers[place]}
            for place in places
        ]
        self.add_error("file", _first(told))


def _problems(number: int, form: FigureForm) -> list[str]:
    named: Mapping[str, Any] = {"number": number}
    return [
        _("Line %(number)d, %(column)s: %(error)s") % {**named, "column": column, "error": error}
        for column, errors in form.errors.items()
        for error in errors
    ]


def _first(problems: list[str]) -> list[str]:
    """As many as a person reads, and how many there are besides."""
    rest = len(problems) - ERRORS_SHOWN
    more = [ngettext("%(count)d more problem", "%(count)d more problems", rest) % {"count": rest}] if rest > 0 else []
    return problems[:ERRORS_SHOWN] + more
