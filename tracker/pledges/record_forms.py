"""What the forms that edit the record have in common.

Each field is checked as people type it, and the whole once more as the entry of a declaration file that it is, so that
nothing gets on record that could not be exported and loaded again.
"""

import json
from collections.abc import Iterator
from copy import copy
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, ClassVar

from django import forms
from django.conf import settings
from django.core.validators import RegexValidator
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from tracker.pledges import edit_values, file_items
from tracker.pledges.date_words import read
from tracker.pledges.dates import FuzzyDateError, describe
from tracker.pledges.declaration_file import check_entry
from tracker.pledges.edit_fields import FuzzyDateField, fit, understood
from tracker.pledges.models import FIELD_NAMES, Edit

SLUG = RegexValidator(
    r"^[a-z0-9]+(-[a-z0-9]+)*\Z", gettext_lazy("Use lower-case letters a–z, digits and single hyphens")
)
CODE = RegexValidator(r"^[A-Z0-9]+(-[A-Z0-9]+)*\Z", gettext_lazy("Use capital letters A–Z, digits and single hyphens"))
LANGUAGE_CODE = RegexValidator(
    r"^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*\Z", gettext_lazy("Enter a language code, such as en, fr, kk, ru or zh")
)
WEB_ADDRESS = RegexValidator(
    r"^https?://[^\s/?#@\\<>\"]+([/?#][^\s\\<>\"]*)?\Z",
    gettext_lazy("Enter an address that begins with http:// or https://"),
)


class OneLine(forms.CharField):
    """One line of text without signs that cannot be kept."""

    def clean(self, value: Any) -> str:
        return fit(super().clean(value))


class Lines(forms.CharField):
    """A list, one entry on each line."""

    widget = forms.Textarea(attrs={"rows": 3})

    def clean(self, value: Any) -> list[str]:
        entries = [line.strip() for line in fit(super().clean(value)).splitlines() if line.strip()]
        if any(len(entry) > 120 for entry in entries):
            raise forms.ValidationError(_("At most 120 characters fit on a line"))
        return entries


def day_field(**kwargs: Any) -> forms.DateField:
    return forms.DateField(widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"), **kwargs)


@lru_cache(maxsize=1)
def schema() -> dict[str, Any]:
    return json.loads((settings.BASE_DIR / "fixtures/declaration.schema.json").read_text(encoding="utf-8"))


@dataclass(frozen=True)
class Line:
    """A field on the page; a date says what was understood."""

    field: forms.BoundField
    is_optional: bool
    understood: str | None


@dataclass(frozen=True)
class Clash:
    """A field that someone changed meanwhile; `own` is None where the editor had left it alone."""

    edit: Edit
    theirs: list[tuple[str, str]]
    own: list[tuple[str, str]] | None


def shown(edit: Edit, value: Any) -> list[tuple[str, str]]:
    """A value of the edit's field in words, by language where it speaks several."""
    worded = edit.worded(value)
    if isinstance(worded, dict):
        return [(language, str(text)) for language, text in worded.items()]
    return [("", str(worded or ""))]


def said(text: Any) -> str:
    """What a date means that is being typed."""
    try:
        return understood(read(str(text or "")))
    except FuzzyDateError:
        return _("Not understood as a date yet.")


class EditForm(forms.Form):
    """Fields named as the record's; `revision` is what the editor saw. A new record hangs below `owner`."""

    model: ClassVar[type[Any]]
    entry: ClassVar[str]  # in the schema
    fixed: ClassVar[tuple[str, ...]] = ()  # chosen once, since files and addresses name the record by it
    owned_by: ClassVar[str] = ""
    unique: ClassVar[tuple[str, ...]] = ()
    # Where the entry of the file calls a field by another name.
    places: ClassVar[dict[tuple[str, ...], str]] = {}

    revision = forms.IntegerField(min_value=0, max_value=2**31 - 1, widget=forms.HiddenInput)

    def __init__(self, data: Any = None, *, record: Any = None, owner: Any = None, initial: Any = None) -> None:
        self.record = record
        self.owner: Any = owner or getattr(record, self.owned_by, None)
        super().__init__(data, initial=initial)
        for name in self.fixed if record else ():
            del self.fields[name]
        for name, field in self.fields.items():
            field.label = field.label or FIELD_NAMES.get(name, name)
        self.set_choices()
        self.initial = {"revision": 0, **(self.values_on_record() if record else {}), **(initial or {})}

    def set_choices(self) -> None:
        """For forms whose fields choose among rows."""

    def values_on_record(self) -> dict[str, Any]:
        values: dict[str, Any] = {}
        for name, field in self.fields.items():
            value = getattr(self.record, name)
            if isinstance(field, FuzzyDateField):
                field.was, value = value, describe(value, get_language() or "en")
            elif isinstance(field, Lines):
                value = "\n".join(value)
            elif hasattr(value, "all"):
                value = [row.pk for row in value.all()]
            elif hasattr(value, "pk"):
                value = value.pk
            values[name] = value
        return values

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if not self.errors:
            self.check_unique(cleaned)
            for path, message in check_entry(self.item(cleaned), self.entry, schema()):
                self.add_error(self.field_at(path), message)
        return cleaned

    def check_unique(self, cleaned: dict[str, Any]) -> None:
        for name in self.unique:
            others = self.model._default_manager.exclude(pk=self.record.pk if self.record else None)
            if self.owner:
                others = others.filter(**{self.owned_by: self.owner})
            if name in cleaned and others.filter(**{name: cleaned[name]}).exists():
                self.add_error(name, _("“%(name)s” is taken already") % {"name": cleaned[name]})

    def field_at(self, path: tuple[Any, ...]) -> str | None:
        """The field that shows a place in the entry; None for the form as a whole."""
        for length in (2, 1):
            name = self.places.get(path[:length], path[0] if path else "")
            if name in self.fields:
                return str(name)
        return None

    def values(self) -> dict[str, Any]:
        """What the record is brought to, or made of."""
        owner = {self.owned_by: self.owner} if self.owned_by and not self.record else {}
        return owner | {name: value for name, value in self.cleaned_data.items() if name != "revision"}

    def lines(self) -> Iterator[Line]:
        """The fields as the page shows them."""
        for field in self.visible_fields():
            is_optional = not field.field.required and field.widget_type != "checkbox"
            yield Line(field, is_optional, said(field.value()) if isinstance(field.field, FuzzyDateField) else None)

    def understood(self) -> str:
        """The days of the dates that were saved."""
        dates = (name for name, field in self.fields.items() if isinstance(field, FuzzyDateField))
        return " ".join(filter(None, (understood(self.cleaned_data[name]) for name in dates)))

    def clashes(self, edits: list[Edit]) -> list[Clash]:
        """Each field that someone changed meanwhile, with both versions."""
        own = self.own_values(edits)
        latest = {edit.field: edit for edit in edits}
        return [
            Clash(edit, shown(edit, edit.after), shown(edit, edit_values.plain(own[name])) if name in own else None)
            for name, edit in latest.items()
            if name in self.fields
        ]

    def own_values(self, edits: list[Edit]) -> dict[str, Any]:
        """What the editor changed, and not only the others."""
        bases: dict[str, Any] = {}
        for edit in edits:
            bases.setdefault(edit.field, edit.before)
        values = self.values().items()
        return {name: value for name, value in values if name not in bases or edit_values.plain(value) != bases[name]}

    def row(self, cleaned: dict[str, Any]) -> Any:
        """The record as it would be, unsaved."""
        owner = {self.owned_by: self.owner} if self.owned_by else {}
        row = copy(self.record) if self.record else self.model(**owner)
        for name, value in cleaned.items():
            if name != "parties":
                setattr(row, name, value)
        return row

    def item(self, cleaned: dict[str, Any]) -> dict[str, Any]:
        """The entry of a declaration file that the record would be."""
        return getattr(file_items, self.entry)(self.row(cleaned))

    def rebased(self, edits: list[Edit]) -> "EditForm":
        """For the record as it is now: fields that only the others changed are theirs, all else is the editor's own."""
        record = self.model._default_manager.get(pk=self.record.pk)
        typed = {name: self._typed(name, value) for name, value in self.own_values(edits).items()}
        return type(self)(record=record, initial=typed)

    def _typed(self, name: str, value: Any) -> Any:
        """A clean value as its field shows it."""
        if isinstance(self.fields[name], FuzzyDateField):
            return describe(value, get_language() or "en")
        if isinstance(self.fields[name], Lines):
            return "\n".join(value)
        return [row.pk for row in value] if name == "parties" else value
