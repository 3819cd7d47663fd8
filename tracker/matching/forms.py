"""What an editor says when accepting or rejecting an article."""

from typing import Any

from django import forms
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from tracker.matching.models import DismissReason, Suggestion
from tracker.multilingual import Texts
from tracker.pledges.models import Evidence, EvidenceKind, Party, Stance, Voice

NOTE_LENGTH = 500


class AcceptForm(forms.Form):
    """What the article shows, and in whose voice. `voice` is `independent`, `multilateral` or `party:CHN`."""

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

    def __init__(self, *args: Any, suggestion: Suggestion, **kwargs: Any) -> None:
        kwargs["initial"] = {"voice": _usual_voice(suggestion), **(kwargs.get("initial") or {})}
        super().__init__(*args, **kwargs)
        self._parties = {f"{Voice.PARTY}:{party.code}": party for party in suggestion.pledge.declaration.parties.all()}
        official = [(key, _("%(party)s, official") % {"party": p}) for key, p in self._parties.items()]
        others = [(voice.value, voice.label) for voice in (Voice.INDEPENDENT, Voice.MULTILATERAL)]
        self.fields["voice"].choices = [*others, *official]  # type: ignore[attr-defined]

    def said(self) -> dict[str, Any]:
        """The arguments of `actions.accept` that the editor gave."""
        data = self.cleaned_data
        party: Party | None = self._parties.get(data["voice"])
        note = data["note"].strip()
        return {
            "stance": data["stance"],
            "kind": data["kind"],
            "voice": Voice.PARTY if party else data["voice"],
            "voice_party": party,
            "note": Texts({(get_language() or "en"): note}) if note else Texts(),
        }


def _usual_voice(suggestion: Suggestion) -> str:
    """What editors said of this publisher last time."""
    publisher = suggestion.article.feed.title
    last = Evidence.objects.filter(publisher=publisher).select_related("voice_party").order_by("-pk").first()
    if last is None:
        return Voice.INDEPENDENT
    return f"{Voice.PARTY}:{last.voice_party.code}" if last.voice_party else last.voice


class DismissForm(forms.Form):
    reason = forms.ChoiceField(choices=DismissReason.choices)
