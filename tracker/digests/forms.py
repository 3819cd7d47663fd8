"""What a person chooses about their digests."""

from typing import Any

from django import forms
from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext_lazy as _

from tracker.digests.models import Subscription

HOURS = [(hour, f"{hour:02d}:00") for hour in range(24)]


class ListForm(forms.Form):
    """A list of pledges to follow: the filters of its address, and what to call it."""

    name = forms.CharField(label=_("Name of this list"), max_length=80)
    query = forms.CharField(max_length=600, widget=forms.HiddenInput)


class SubscriptionForm(forms.ModelForm):
    class Meta:
        model = Subscription
        fields = (
            "frequency",
            "weekday",
            "hour",
            "wants_status",
            "wants_due",
            "wants_evidence",
            "wants_figures",
            "wants_suggestions",
            "wants_feeds",
            "reminder_days",
        )
        widgets = {"frequency": forms.RadioSelect}  # noqa: RUF012

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["weekday"] = forms.TypedChoiceField(
            label=_("Day, if weekly or monthly"), choices=list(WEEKDAYS.items()), coerce=int
        )
        self.fields["hour"] = forms.TypedChoiceField(label=_("At"), choices=HOURS, coerce=int)
        if not self.instance.user.is_editor:
            del self.fields["wants_suggestions"], self.fields["wants_feeds"]
