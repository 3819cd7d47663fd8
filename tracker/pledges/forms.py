"""What editors fill in: a judgement, a piece of evidence."""

from collections.abc import Iterator
from datetime import date
from typing import Any

from django import forms
from django.utils.text import format_lazy
from django.utils.timezone import get_current_timezone
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from tracker.multilingual import Texts
from tracker.pledges.date_words import read
from tracker.pledges.dates import FuzzyDateError, bounds, describe
from tracker.pledges.judging import Draft
from tracker.pledges.models import Confidence, Evidence, EvidenceKind, Party, Pledge, Stance, Status, Voice

REASON_LENGTH = 600


class KnownRowsField(forms.ModelMultipleChoiceField):
    """Refuses what is no id of its rows before the database sees it, where one too long is an error."""

    def clean(self, value: Any) -> Any:
        known = {str(pk) for pk in self.queryset.values_list("pk", flat=True)}  # type: ignore[union-attr]
        for item in value or ():
            if str(item) not in known:
                raise forms.ValidationError(
                    self.error_messages["invalid_choice"], code="invalid_choice", params={"value": item}
                )
        return super().clean(value)


class AssessmentForm(forms.Form):
    """A judgement with its reason, evidence and date. `version` is what the editor saw when the form opened."""

    status = forms.ChoiceField(label=_("New status"), choices=Status.choices, widget=forms.RadioSelect)
    confidence = forms.ChoiceField(label=_("Confidence"), choices=Confidence.choices, initial=Confidence.MEDIUM)
    rationale = forms.CharField(
        label=_("Reason"),
        max_length=REASON_LENGTH,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=format_lazy(
            _("Say what happened, when, and who says so. At most {count} characters."), count=REASON_LENGTH
        ),
        error_messages={"required": _("Enter a reason")},
    )
    evidence = KnownRowsField(
        label=_("Evidence"), queryset=Evidence.objects.none(), required=False, widget=forms.CheckboxSelectMultiple
    )
    effective_on = forms.DateField(
        label=_("Holds since"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    corrects = forms.ChoiceField(label=_("Does this correct an earlier judgement?"), required=False)
    party = forms.ChoiceField(required=False, widget=forms.HiddenInput)
    version = forms.IntegerField(min_value=0, widget=forms.HiddenInput)

    def __init__(self, data: Any = None, *, pledge: Pledge, today: date, party: str = "") -> None:
        self.pledge = pledge
        self.parties = {row.code: row for row in pledge.parties.all()} if pledge.is_judged_per_party else {}
        self.whose = self.parties.get(data.get("party", "") if data is not None else party)
        self.past = {str(row.pk): row for row in pledge.assessments.filter(party=self.whose)}
        newest = next(iter(self.past.values()), None)
        self.standing = pledge.status if self.whose is None else newest.status if newest else Status.NOT_ASSESSED
        given = {"status": self.standing, "effective_on": today, "version": pledge.version}
        super().__init__(data, initial={**given, "party": self.whose.code if self.whose else ""})
        fields: dict[str, Any] = self.fields
        fields["evidence"].queryset = pledge.evidence.filter(withdrawn_at__isnull=True)
        fields["corrects"].choices = [("", _("No, something has changed")), *self._corrections()]
        fields["party"].choices = [("", ""), *((code, code) for code in self.parties)]

    def _corrections(self) -> Iterator[tuple[str, str]]:
        for pk, row in self.past.items():
            day = row.recorded_at.astimezone(get_current_timezone()).date()
            named = {"day": describe(str(day), get_language() or "en"), "status": row.get_status_display()}
            yield pk, _("Yes, the one of %(day)s: %(status)s") % named

    def draft(self) -> Draft:
        names = ("status", "confidence", "evidence", "effective_on")
        return Draft(
            self.pledge,
            rationale=Texts({(get_language() or "en"): self.cleaned_data["rationale"].strip()}),
            party=self.whose,
            corrects=self.past.get(self.cleaned_data["corrects"]),
            **{name: self.cleaned_data[name] for name in names},
        )


class EvidenceForm(forms.Form):
    """A link added by hand."""

    url = forms.URLField(label=_("Address"), max_length=2048, assume_scheme="https")
    title = forms.CharField(label=_("Headline"), max_length=500)
    publisher = forms.CharField(label=_("Publisher"), max_length=120)
    language = forms.RegexField(
        label=_("Language"),
        regex=r"^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})?$",
        initial="en",
        help_text=_("Its code, such as en, fr, kk, ru or zh"),
        error_messages={"invalid": _("Enter a language code, such as en, fr, kk, ru or zh")},
    )
    published_edtf = forms.CharField(
        label=_("Published"), max_length=40, help_text=_("2025-06-16, 2025-06 or 2025, as exactly as it is known")
    )
    stance = forms.ChoiceField(label=_("What does it show?"), choices=Stance.choices, widget=forms.RadioSelect)
    kind = forms.ChoiceField(label=_("Kind"), choices=EvidenceKind.choices)
    voice = forms.ChoiceField(label=_("Voice"), choices=Voice.choices, initial=Voice.INDEPENDENT)
    voice_party = forms.ModelChoiceField(
        label=_("Whose official source?"), queryset=Party.objects.none(), required=False
    )
    note = forms.CharField(label=_("Note"), max_length=500, required=False, widget=forms.Textarea(attrs={"rows": 2}))

    def __init__(self, *args: Any, pledge: Pledge, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["voice_party"]
        field.queryset = Party.objects.filter(declarations=pledge.declaration_id)  # type: ignore[attr-defined]

    def clean_url(self) -> str:
        url = self.cleaned_data["url"]
        if not url.lower().startswith(("http://", "https://")):
            raise forms.ValidationError(_("Enter an address that begins with http:// or https://"))
        return url

    def clean_published_edtf(self) -> str:
        try:
            value = read(self.cleaned_data["published_edtf"])
            if bounds(value)[0] is None:
                raise FuzzyDateError
        except FuzzyDateError as error:
            raise forms.ValidationError(_("Enter a date such as 2025-06-16, 2025-06 or 2025")) from error
        return value

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if cleaned.get("voice") == Voice.PARTY and not cleaned.get("voice_party"):
            self.add_error("voice_party", _("Say whose official source it is"))
        if cleaned.get("voice") != Voice.PARTY:
            cleaned["voice_party"] = None
        return cleaned

    def texts(self) -> Texts:
        note = self.cleaned_data["note"].strip()
        return Texts({(get_language() or "en"): note}) if note else Texts()


class WithdrawalForm(forms.Form):
    reason = forms.CharField(label=_("Reason"), max_length=500, error_messages={"required": _("Enter a reason")})


class RejectionForm(forms.Form):
    reason = forms.CharField(
        label=_("Why it should not stand"),
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("What the proposal lacks; its editor reads it."),
        error_messages={"required": _("Enter a reason")},
    )
