"""Fields of the forms that edit the record: texts in several languages, fuzzy dates as people write them."""

import re
from collections.abc import Mapping
from typing import Any

from babel.dates import format_date
from django import forms
from django.conf import settings
from django.template.loader import render_to_string
from django.urls import reverse_lazy
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from tracker.multilingual import Texts
from tracker.pledges.date_words import LONGEST, read
from tracker.pledges.dates import FuzzyDateError, bounds, describe

LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*", re.ASCII)
TITLE_LENGTH, TEXT_LENGTH = 300, 4000
NEW = "new"  # the row for a language that the text does not speak yet
# What a database or a page cannot hold; line ends and tabs are fine.
_UNFIT = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufffe\uffff]")
Pairs = list[tuple[str, str]]


def fit(text: str) -> str:
    """Line ends as one sign, no white space at the ends. Raises ValidationError for what cannot be kept."""
    if found := _UNFIT.search(text.replace("\r\n", "\n")):
        said = {"sign": f"U+{ord(found[0]):04X}"}
        raise forms.ValidationError(_("Take out the character %(sign)s, which cannot be kept"), params=said)
    return text.replace("\r\n", "\n").strip()


class TextsWidget(forms.Widget):
    """A line for each language: those of the site, those the text speaks, and one for another."""

    def __init__(self, rows: int = 0) -> None:
        super().__init__()
        self.rows = rows

    def value_from_datadict(self, data: Mapping[str, Any], files: Any, name: str) -> Pairs:
        start = f"{name}-"
        own = [key.removeprefix(start) for key in data if key.startswith(start)]
        pairs = [(code, str(data[start + code])) for code in own if not code.startswith(NEW)]
        if added := str(data.get(start + NEW, "")):
            pairs.append((str(data.get(f"{start}{NEW}-language", "")).strip(), added))
        return pairs

    def value_omitted_from_data(self, data: Mapping[str, Any], files: Any, name: str) -> bool:
        return not any(key.startswith(f"{name}-") for key in data)

    def id_for_label(self, id_: str, index: Any = None) -> str:
        return id_

    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> Any:
        pairs: Pairs = list(value.items()) if isinstance(value, dict) else list(value or ())
        texts = {code: text for code, text in pairs if LANGUAGE.fullmatch(code)}
        odd = next(((code, text) for code, text in pairs if not LANGUAGE.fullmatch(code)), ("", ""))
        shown = {code: texts.pop(code, "") for code, _name in settings.LANGUAGES} | texts
        context = {"name": name, "texts": shown.items(), "odd": odd, "rows": self.rows, "attrs": attrs or {}}
        return render_to_string("pledges/edit/texts.html", context)


class TextsFormField(forms.Field):
    """One text in several languages; required means in one of them."""

    widget = TextsWidget

    def __init__(self, *, rows: int = 0, max_length: int = TITLE_LENGTH, **kwargs: Any) -> None:
        super().__init__(widget=TextsWidget(rows), **kwargs)
        self.max_length = max_length

    def clean(self, value: Any) -> Texts:
        texts = Texts()
        for code, raw in value or ():
            if not (text := fit(raw)):
                continue
            if not LANGUAGE.fullmatch(code) or len(code) > 12:
                raise forms.ValidationError(_("Enter the other language’s code, such as kk, ru or zh"))
            if code in texts:
                raise forms.ValidationError(_("The language “%(code)s” stands here twice"), params={"code": code})
            if len(text) > self.max_length:
                said = {"code": code, "count": len(text), "most": self.max_length}
                message = _("In “%(code)s”, this has %(count)d characters; at most %(most)d fit")
                raise forms.ValidationError(message, params=said)
            texts[code] = text
        if self.required and not texts:
            raise forms.ValidationError(_("Enter it in one language at least"))
        return texts


class FuzzyDateField(forms.CharField):
    """A date as exactly as it is known. `was` is the value on record: left as shown, it stays what it was."""

    def __init__(self, **kwargs: Any) -> None:
        help_text = gettext_lazy("As exactly as it is known: 2025, Q3 2025, 16 June 2025, by June 2026, 2024–2030")
        super().__init__(**{"max_length": LONGEST, "required": False, "help_text": help_text, **kwargs})
        self.widget.attrs |= {"hx-get": reverse_lazy("read_date"), "hx-trigger": "input changed delay:400ms"}
        self.widget.attrs |= {"hx-target": "next .understood", "hx-sync": "this:replace", "autocomplete": "off"}
        self.was = ""

    def clean(self, value: Any) -> str:
        text = fit(super().clean(value))
        if self.was and text == describe(self.was, get_language() or "en"):
            return self.was
        try:
            edtf = read(text)
        except FuzzyDateError as error:
            message = _("“%(text)s” is not understood. Write 2025, Q3 2025, June 2026, by the end of 2026 or 2024–2030")
            raise forms.ValidationError(message, params={"text": text}) from error
        return edtf


def understood(edtf: str) -> str:
    """The days that a value spans, in a sentence."""
    if not edtf:
        return ""
    language = (get_language() or "en").replace("-", "_")
    first, last = (day and format_date(day, "d MMM y", locale=language) for day in bounds(edtf))
    about = "~" in edtf or "?" in edtf or "%" in edtf
    if first and last:
        both = {"first": first, "last": last}
        if first == last:
            said = _("Understood as: on %(first)s.")
        else:
            said = _("Understood as: any day from %(first)s to %(last)s.")
        return (said % both) + (" " + _("Roughly.") if about else "")
    if last:
        return _("Understood as: any day until %(last)s.") % {"last": last}
    return _("Understood as: any day from %(first)s on.") % {"first": first}
