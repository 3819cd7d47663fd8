"""The forms that edit the record, one for each sort of record."""

from decimal import Decimal
from typing import Any, ClassVar

from babel import Locale
from django import forms
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tracker.pledges import file_items
from tracker.pledges.declaration_rules import HIGHEST_NUMBER
from tracker.pledges.edit_fields import TEXT_LENGTH, FuzzyDateField, TextsFormField
from tracker.pledges.forms import KnownRowsField
from tracker.pledges.models import (
    Declaration,
    DeclarationKind,
    Document,
    Lineage,
    Metric,
    Milestone,
    Party,
    Pledge,
    PledgeKind,
    Relation,
    Theme,
)
from tracker.pledges.record_forms import CODE, LANGUAGE_CODE, SLUG, WEB_ADDRESS, EditForm, Lines, OneLine, day_field


class DeclarationForm(EditForm):
    model, entry, fixed, unique = Declaration, "declaration", ("reference",), ("reference", "slug")

    reference = OneLine(
        max_length=30,
        validators=[CODE],
        help_text=gettext_lazy("Such as CN-KZ-2024; it names the declaration for good"),
    )
    title = TextsFormField()
    slug = forms.CharField(max_length=60, validators=[SLUG])
    kind = forms.ChoiceField(choices=DeclarationKind.choices)
    parties = KnownRowsField(queryset=Party.objects.all(), widget=forms.CheckboxSelectMultiple)
    signed_on = day_field()
    place = TextsFormField(required=False)
    signatories = Lines(required=False, help_text=gettext_lazy("One name on each line"))
    summary = TextsFormField(required=False, rows=3, max_length=TEXT_LENGTH)
    due_soon_days = forms.IntegerField(min_value=1, max_value=3650, initial=45)
    stale_days = forms.IntegerField(min_value=1, max_value=3650, initial=180)
    needs_second_person = forms.BooleanField(required=False)

    def item(self, cleaned: dict[str, Any]) -> dict[str, Any]:
        return file_items.declaration(self.row(cleaned), ())

    def clean_parties(self) -> list[Party]:
        parties = list(self.cleaned_data["parties"])
        owing = Party.objects.filter(pledges__declaration=self.record).exclude(pk__in=[row.pk for row in parties])
        if self.record and (party := owing.first()):
            raise forms.ValidationError(_("%(party)s owes a pledge of this declaration"), params={"party": party})
        return parties


class PartyForm(EditForm):
    model, entry, fixed, unique = Party, "party", ("code",), ("code",)

    code = OneLine(max_length=12, validators=[CODE], help_text=gettext_lazy("Such as CHN"))
    territory = forms.CharField(
        max_length=2,
        required=False,
        help_text=gettext_lazy("A country’s two capital letters, such as KZ; it is then named in every language"),
    )
    name = TextsFormField(required=False, help_text=gettext_lazy("Where it is no country or goes by another name"))

    def clean_territory(self) -> str:
        territory = self.cleaned_data["territory"].upper()
        if territory and (len(territory) != 2 or territory not in Locale("en").territories):
            raise forms.ValidationError(_("This is no country; write KZ for Kazakhstan"))
        return territory

    def clean(self) -> dict[str, Any]:
        cleaned = self.cleaned_data
        if not self.errors and not cleaned.get("territory") and not cleaned.get("name"):
            self.add_error("name", _("Give a country or a name"))
        return super().clean()


class ThemeForm(EditForm):
    model, entry, fixed, owned_by, unique = Theme, "theme", ("slug",), "declaration", ("slug",)

    title = TextsFormField()
    slug = forms.CharField(max_length=60, validators=[SLUG])
    position = forms.IntegerField(min_value=0, max_value=30000, initial=0)


class DocumentForm(EditForm):
    model, entry, fixed, owned_by, unique = Document, "source", ("key",), "declaration", ("key",)
    places: ClassVar = {("published",): "published_edtf"}

    title = TextsFormField()
    key = forms.CharField(max_length=40, validators=[SLUG])
    publisher = OneLine(max_length=120)
    language = forms.CharField(max_length=12, required=False, validators=[LANGUAGE_CODE])
    published_edtf = FuzzyDateField()
    url = OneLine(max_length=2048, required=False, validators=[WEB_ADDRESS])

    def item(self, cleaned: dict[str, Any]) -> dict[str, Any]:
        return file_items.document(self.row(cleaned))


class PledgeForm(EditForm):
    model, entry, fixed, owned_by, unique = Pledge, "pledge", ("number",), "declaration", ("number", "slug")
    places: ClassVar = {
        ("source", "key"): "document",
        ("source", "locator"): "locator",
        ("due", "words"): "due_words",
        ("due", "edtf"): "due_edtf",
        ("due", "review_by"): "review_by",
        ("judged",): "is_judged_per_party",
    }

    number = forms.IntegerField(min_value=1, max_value=HIGHEST_NUMBER)
    title = TextsFormField()
    slug = forms.CharField(max_length=60, validators=[SLUG])
    statement = TextsFormField(rows=3, max_length=TEXT_LENGTH)
    criterion = TextsFormField(rows=3, max_length=TEXT_LENGTH, required=False)
    kind = forms.ChoiceField(choices=PledgeKind.choices, initial=PledgeKind.CONTINUING)
    theme = forms.ModelChoiceField(queryset=Theme.objects.none())
    parties = KnownRowsField(queryset=Party.objects.none(), widget=forms.CheckboxSelectMultiple)
    is_judged_per_party = forms.BooleanField(required=False)
    document = forms.ModelChoiceField(queryset=Document.objects.none(), required=False)
    locator = TextsFormField(required=False, help_text=gettext_lazy("Such as “Paragraph 6”"))
    due_words = TextsFormField(required=False)
    due_edtf = FuzzyDateField()
    is_due_stated = forms.BooleanField(required=False, initial=True)
    review_by = day_field(required=False, help_text=gettext_lazy("Where the text names no date"))

    def set_choices(self) -> None:
        for name, rows in (
            ("theme", self.owner.themes.all()),
            ("document", self.owner.documents.all()),
            ("parties", self.owner.parties.all()),
        ):
            self.fields[name].queryset = rows  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        cleaned = self.cleaned_data
        if cleaned.get("locator") and not cleaned.get("document") and "document" not in self.errors:
            self.add_error("document", _("Choose the source in which this place is"))
        return super().clean()

    def row(self, cleaned: dict[str, Any]) -> Any:
        row = super().row(cleaned)
        if not self.record:
            row.reference = f"{self.owner.reference}-{row.number:02d}"
        return row

    def item(self, cleaned: dict[str, Any]) -> dict[str, Any]:
        return file_items.pledge(self.row(cleaned), cleaned["parties"])

    def values(self) -> dict[str, Any]:
        new = {} if self.record else {"reference": f"{self.owner.reference}-{self.cleaned_data['number']:02d}"}
        return super().values() | new


class KeyedForm(EditForm):
    """For what hangs below a pledge and is named after its title; the file and the loader know it by that key."""

    owned_by = "pledge"
    named_by: ClassVar[str]

    def row(self, cleaned: dict[str, Any]) -> Any:
        row = super().row(cleaned)
        row.key = row.key or self.new_key(cleaned)
        return row

    def values(self) -> dict[str, Any]:
        new = {} if self.record and self.record.key else {"key": self.new_key(self.cleaned_data)}
        return super().values() | new

    def new_key(self, cleaned: dict[str, Any]) -> str:
        wanted = slugify(str(cleaned[self.named_by]))[:50].strip("-") or "step"
        taken = set(self.model._default_manager.filter(pledge=self.owner).values_list("key", flat=True))
        keys = (f"{wanted}-{n}" if n else wanted for n in range(len(taken) + 1))
        return next(key for key in keys if key not in taken)


class MilestoneForm(KeyedForm):
    model, entry, named_by = Milestone, "milestone", "title"
    places: ClassVar = {("date",): "date_edtf", ("reached",): "is_reached"}

    title = TextsFormField()
    date_edtf = FuzzyDateField()
    is_reached = forms.BooleanField(required=False)
    url = OneLine(max_length=2048, required=False, validators=[WEB_ADDRESS])


class FigureField(forms.DecimalField):
    """Shown as it was written: 41, not 41.0000."""

    def prepare_value(self, value: Any) -> Any:
        return file_items.number(value) if isinstance(value, Decimal) else value


def _figure() -> FigureField:
    most = 10**12
    return FigureField(min_value=-most, max_value=most, max_digits=20, decimal_places=4, required=False)


class MetricForm(KeyedForm):
    model, entry, named_by = Metric, "metric", "name"
    places: ClassVar = {
        ("baseline", "value"): "baseline_value",
        ("baseline", "period"): "baseline_period",
        ("target", "value"): "target_value",
    }

    name = TextsFormField()
    unit = TextsFormField(help_text=gettext_lazy("Such as “t” or “km”"))
    baseline_value = _figure()
    baseline_period = FuzzyDateField()
    target_value = _figure()
    note = TextsFormField(required=False, rows=3, max_length=TEXT_LENGTH)

    def clean(self) -> dict[str, Any]:
        cleaned = self.cleaned_data
        if cleaned.get("baseline_period") and cleaned.get("baseline_value") is None and not self.errors:
            self.add_error("baseline_value", _("Enter the value of this period, or leave out the period"))
        return super().clean()

    def item(self, cleaned: dict[str, Any]) -> dict[str, Any]:
        return file_items.metric(self.row(cleaned), ())


class EarlierPledgeForm(EditForm):
    """What a later declaration makes of an earlier pledge."""

    fixed: ClassVar = ("earlier",)
    places: ClassVar = {("reference",): "earlier"}

    earlier = forms.ModelChoiceField(
        queryset=Pledge.objects.select_related("declaration"),
        to_field_name="reference",
        widget=forms.TextInput,
        help_text=gettext_lazy("Its reference, such as CN-KZ-2024-03"),
        error_messages={"invalid_choice": gettext_lazy("No pledge has this reference")},
    )
    note = TextsFormField(required=False, rows=3, max_length=TEXT_LENGTH)

    def clean_earlier(self) -> Pledge:
        earlier: Pledge = self.cleaned_data["earlier"]
        later = self.owner if isinstance(self.owner, Pledge) else None
        row = Lineage(earlier=earlier, later=later, declaration=later.declaration if later else self.owner)
        row.clean()
        rows = Lineage.objects.filter(earlier=earlier, declaration=row.declaration)
        if rows.filter(later=row.later).exists():
            raise forms.ValidationError(_("This is on record already"))
        if row.later and rows.filter(later=None).exists():
            raise forms.ValidationError(_("This declaration drops that pledge"))
        if not row.later and rows.exists():
            raise forms.ValidationError(_("A pledge of this declaration takes it up"))
        return earlier


class LineageForm(EarlierPledgeForm):
    model, entry, owned_by = Lineage, "continuation", "later"
    relation = forms.ChoiceField(choices=[choice for choice in Relation.choices if choice[0] != Relation.DROPPED])
    field_order = ("earlier", "relation", "note")

    def values(self) -> dict[str, Any]:
        new = {} if self.record else {"declaration": self.owner.declaration}
        return super().values() | new


class DropForm(EarlierPledgeForm):
    model, entry, owned_by = Lineage, "drop", "declaration"

    def values(self) -> dict[str, Any]:
        new = {} if self.record else {"relation": Relation.DROPPED}
        return super().values() | new
