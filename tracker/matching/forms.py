"""What an editor says when accepting, rejecting or putting off an article."""

from datetime import datetime, time, timedelta
from typing import Any

from django import forms
from django.utils.timezone import get_current_timezone, localtime
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from tracker.matching.deciding import Judgement
from tracker.matching.models import DismissReason, Suggestion
from tracker.multilingual import Texts
from tracker.pledges.forms import REASON_LENGTH, KnownRowsField
from tracker.pledges.models import Confidence, Evidence, EvidenceKind, Party, Pledge, Stance, Status, Voice

NOTE_LENGTH = 500
OTHER = "other"
SHOWN_EVIDENCE = 6


class AcceptForm(forms.Form):
    """What the article shows, of which pledge, and in whose voice; and a new status where it changes one.

    `pledge` is the id of a candidate or `other`; `voice` is `independent`, `multilateral` or `party:CHN`. The version
    of each candidate's record, as the editor saw it, comes along as `version_<id>`.
    """

    pledge = forms.ChoiceField(label=gettext_lazy("Pledge"), required=False)
    other_pledge = forms.ChoiceField(label=gettext_lazy("Which pledge?"), required=False)
    stance = forms.ChoiceField(
        label=gettext_lazy("What does it show?"), choices=Stance.choices, initial=Stance.PROGRESS
    )
    kind = forms.ChoiceField(
        label=gettext_lazy("Kind"), choices=EvidenceKind.choices, initial=EvidenceKind.ANNOUNCEMENT
    )
    voice = forms.ChoiceField(label=gettext_lazy("Voice"), initial=Voice.INDEPENDENT)
    note = forms.CharField(
        label=gettext_lazy("Note for the evidence list"),
        max_length=NOTE_LENGTH,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    status = forms.ChoiceField(label=gettext_lazy("New status"), required=False)
    rationale = forms.CharField(
        label=gettext_lazy("Reason"),
        max_length=REASON_LENGTH,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy("Say what happened, when, and who says so. Shown to the public."),
    )
    effective_on = forms.DateField(
        label=gettext_lazy("Holds since"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )
    confidence = forms.ChoiceField(
        label=gettext_lazy("Confidence"), choices=Confidence.choices, initial=Confidence.MEDIUM, required=False
    )
    also = KnownRowsField(
        label=gettext_lazy("Cite as well"),
        queryset=Evidence.objects.none(),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )

    def __init__(self, data: Any = None, *, candidates: list[Suggestion]) -> None:
        opened = candidates[0]
        self.candidates = {str(row.pledge_id): row for row in candidates}
        super().__init__(
            data,
            initial={
                "pledge": str(opened.pledge_id),
                "voice": usual_voice(opened.article.feed.title),
                "effective_on": localtime(opened.article.dated_at).date(),
            },
        )
        parties = {p.code: p for row in candidates for p in row.pledge.declaration.parties.all()}
        self._parties = {f"{Voice.PARTY}:{code}": party for code, party in parties.items()}
        official = [(key, _("%(party)s, official") % {"party": p}) for key, p in self._parties.items()]
        others = [(voice.value, voice.label) for voice in (Voice.INDEPENDENT, Voice.MULTILATERAL)]
        fields: dict[str, Any] = self.fields
        fields["pledge"].choices = [*((pk, row.pledge) for pk, row in self.candidates.items()), (OTHER, "")]
        fields["other_pledge"].choices = [("", _("Choose…")), *self._others()]
        fields["voice"].choices = [*others, *official]
        fields["status"].choices = [("", _("Keep it as it is")), *Status.choices]
        standing = opened.pledge.evidence.filter(withdrawn_at__isnull=True)
        shown = list(standing.values_list("pk", flat=True)[:SHOWN_EVIDENCE])
        fields["also"].queryset = Evidence.objects.filter(pk__in=shown)

    def _others(self) -> list[tuple[str, list[tuple[str, str]]]]:
        """Every pledge in force that is no candidate, by declaration."""
        self._elsewhere = Pledge.objects.in_force().exclude(pk__in=self.candidates).select_related("declaration")
        groups: dict[str, list[tuple[str, str]]] = {}
        for pledge in self._elsewhere.defer("watch", "statement", "criterion"):
            named = (pledge.reference, f"{pledge.code} {pledge.title}")
            groups.setdefault(str(pledge.declaration), []).append(named)
        return list(groups.items())

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("pledge") == OTHER and not data.get("other_pledge") and "other_pledge" not in self.errors:
            self.add_error("other_pledge", _("Choose the pledge it belongs to"))
        if data.get("status"):
            self._clean_status(data)
        return data

    def _clean_status(self, data: dict[str, Any]) -> None:
        if data.get("pledge") == OTHER:
            text = _("Accept it first; then look at that pledge before you change its status")
            self.add_error("status", text)
        if not data.get("rationale", "").strip() and "rationale" not in self.errors:
            self.add_error("rationale", _("Enter a reason"))
        if not data.get("effective_on") and "effective_on" not in self.errors:
            self.add_error("effective_on", _("Enter a date"))

    def pledge_chosen(self) -> Pledge:
        data = self.cleaned_data
        if data["pledge"] == OTHER:
            return self._elsewhere.get(reference=data["other_pledge"])
        return (self.candidates.get(data["pledge"]) or next(iter(self.candidates.values()))).pledge

    def said(self) -> dict[str, Any]:
        """The arguments of `deciding.accept` that the editor gave."""
        data = self.cleaned_data
        party: Party | None = self._parties.get(data["voice"])
        return {
            "pledge": self.pledge_chosen(),
            "stance": data["stance"],
            "kind": data["kind"],
            "voice": Voice.PARTY if party else data["voice"],
            "voice_party": party,
            "note": _texts(data["note"]),
            "judgement": self._judgement() if data["status"] else None,
        }

    def _judgement(self) -> Judgement:
        data, version = self.cleaned_data, self.data.get(f"version_{self.pledge_chosen().pk}", "")
        return Judgement(
            status=data["status"],
            confidence=data["confidence"] or Confidence.MEDIUM,
            rationale=_texts(data["rationale"]),
            effective_on=data["effective_on"],
            # A version that was not sent fits none: the record has to be looked at.
            expected_version=int(version) if version.isascii() and version.isdigit() and len(version) < 10 else -1,
            also=list(data["also"]),
        )


def _texts(words: str) -> Texts:
    words = words.strip()
    return Texts({(get_language() or "en"): words}) if words else Texts()


def usual_voice(publisher: str) -> str:
    """What editors said of this publisher last time."""
    last = Evidence.objects.filter(publisher=publisher).select_related("voice_party").order_by("-pk").first()
    if last is None:
        return Voice.INDEPENDENT
    return f"{Voice.PARTY}:{last.voice_party.code}" if last.voice_party else last.voice


def usual_answer(suggestion: Suggestion) -> dict[str, Any]:
    """What nobody is asked when many are accepted at once."""
    voice = usual_voice(suggestion.article.feed.title)
    parties = {f"{Voice.PARTY}:{party.code}": party for party in suggestion.pledge.declaration.parties.all()}
    party = parties.get(voice)
    if party is None and voice not in (Voice.INDEPENDENT, Voice.MULTILATERAL):
        voice = Voice.INDEPENDENT  # the official source of a party to another declaration
    return {"voice": Voice.PARTY if party else voice, "voice_party": party, "note": Texts()}


class DismissForm(forms.Form):
    """`reason_note` is typed where the reason does not say enough; it is for editors."""

    reason = forms.ChoiceField(choices=DismissReason.choices)
    reason_note = forms.CharField(max_length=300, required=False)

    def said(self) -> dict[str, Any]:
        return {"reason": self.cleaned_data["reason"], "note": self.cleaned_data["reason_note"].strip()}


class SnoozeForm(forms.Form):
    """Put off by whole days, to the beginning of a day where the editor lives."""

    days = forms.TypedChoiceField(
        coerce=int, choices=[("1", gettext_lazy("Until tomorrow")), ("7", gettext_lazy("For a week"))]
    )

    def until(self, now: datetime) -> datetime:
        zone = get_current_timezone()
        day = now.astimezone(zone).date() + timedelta(days=self.cleaned_data["days"])
        return datetime.combine(day, time(), zone)
