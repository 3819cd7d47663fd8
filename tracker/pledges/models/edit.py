"""Who changed what and when, field by field."""

from typing import Any, ClassVar, Self

from django.conf import settings
from django.db import models
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _

from tracker.pledges.changes import difference
from tracker.pledges.dates import describe
from tracker.pledges.models.declaration import Declaration
from tracker.pledges.models.pledge import Pledge
from tracker.pledges.models.revised import Revised

FIELD_NAMES = {
    "reference": _("Reference"),
    "slug": _("Name in addresses"),
    "kind": _("Kind"),
    "title": _("Title"),
    "summary": _("Summary"),
    "place": _("Place of signing"),
    "signatories": _("Signed by"),
    "signed_on": _("Day of signing"),
    "parties": _("Parties"),
    "due_soon_days": _("“Due soon” begins so many days before"),
    "stale_days": _("“Stale” after so many days without evidence"),
    "needs_second_person": _("A judgement waits until another editor confirms it"),
    "watch": _("Watch rule"),
    "code": _("Code"),
    "territory": _("Country"),
    "name": _("Name"),
    "position": _("Place in the list"),
    "key": _("Name in the declaration file"),
    "publisher": _("Publisher"),
    "language": _("Language"),
    "published_edtf": _("Published"),
    "url": _("Address"),
    "number": _("Number"),
    "statement": _("What is owed"),
    "criterion": _("What counts as fulfilled"),
    "theme": _("Theme"),
    "is_judged_per_party": _("Each party owes something of its own and is judged for it"),
    "document": _("Source"),
    "locator": _("Place in the source"),
    "due_words": _("Due, in the words of the text"),
    "due_edtf": _("Due"),
    "is_due_stated": _("The text itself names this date"),
    "review_by": _("Editors look again by"),
    "date_edtf": _("Date"),
    "is_reached": _("Reached"),
    "unit": _("Unit"),
    "baseline_value": _("Baseline"),
    "baseline_period": _("Period of the baseline"),
    "target_value": _("Target"),
    "note": _("Note"),
    "earlier": _("Earlier pledge"),
    "relation": _("What became of it"),
    "stance": _("What it shows"),
    "voice": _("Who says so"),
    "voice_party": _("The party that says so"),
    "series": _("Series"),
    "period_edtf": _("Period"),
    "value": _("Value"),
}


class EditQuerySet(models.QuerySet["Edit"]):
    def of(self, record: Revised) -> Self:
        return self.filter(record=record._meta.model_name, record_id=record.pk)

    def by_people(self) -> Self:
        return self.filter(by__isnull=False)


class Edit(models.Model):
    """One field of one record, from what to what; an empty field says that the record was added.

    Values stand as in the declaration file: texts by language, days as ISO dates, rows by slug, key or code.
    """

    record = models.CharField(max_length=20, help_text=_("What sort of record: pledge, milestone, party …"))
    record_id = models.PositiveBigIntegerField()
    name = models.CharField(max_length=200, help_text=_("What it is called in the declaration file"))
    declaration = models.ForeignKey(Declaration, on_delete=models.CASCADE, null=True, blank=True, related_name="edits")
    pledge = models.ForeignKey(Pledge, on_delete=models.CASCADE, null=True, blank=True, related_name="edits")
    revision = models.PositiveIntegerField(help_text=_("The record's after the change"))
    field = models.CharField(max_length=40, blank=True)
    before = models.JSONField(null=True, blank=True)
    after = models.JSONField(null=True, blank=True)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        help_text=_("Empty where a declaration file was loaded"),
    )
    at = models.DateTimeField()

    objects: ClassVar = EditQuerySet.as_manager()

    class Meta:
        ordering = ("-at", "-id")
        indexes = (
            models.Index(fields=("record", "record_id", "revision")),
            models.Index(fields=("pledge", "at")),
            models.Index(fields=("-at", "-id")),
        )

    def __str__(self) -> str:
        return f"{self.name}: {self.field or 'added'}"

    @property
    def label(self) -> str:
        return str(FIELD_NAMES.get(self.field, self.field))

    @property
    def told(self) -> str:
        """From what to what, cut to where they part."""
        return difference(self.worded(self.before), self.worded(self.after), gettext("nothing"))

    def worded(self, value: Any) -> Any:
        """A value of this field as people read it."""
        if isinstance(value, list):
            return ", ".join(value)
        if isinstance(value, bool):
            return str(_("yes") if value else _("no"))
        return describe(value, get_language() or "en") if self.field.endswith(("_edtf", "_period")) else value
