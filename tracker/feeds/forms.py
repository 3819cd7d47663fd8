"""The address of a feed, as people type it."""

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tracker.feeds.actions import DuplicateFeedError
from tracker.fetching import AddressRefusedError

REASONS = {
    "invalid": gettext_lazy("This is not a valid web address. It starts like https://example.org/."),
    "scheme": gettext_lazy("Only addresses that start with http:// or https:// are polled."),
    "userinfo": gettext_lazy("The address may not contain a user name or password."),
    "port": gettext_lazy("This port is not polled. An administrator can allow it by FETCH_ALLOWED_PORTS."),
    "private": gettext_lazy(
        "This address is not on the public Internet. An administrator can allow a network by FETCH_ALLOWED_NETWORKS."
    ),
}


class FeedForm(forms.Form):
    url = forms.CharField(
        label=gettext_lazy("Feed address"),
        max_length=2048,
        widget=forms.TextInput(attrs={"inputmode": "url", "autocomplete": "off", "spellcheck": "false"}),
    )

    def clean_url(self) -> str:
        """People leave out what browsers leave out."""
        url: str = self.cleaned_data["url"]
        return url if "://" in url or url.startswith(("//", "javascript:", "data:")) else f"https://{url}"

    def refuse(self, error: AddressRefusedError | DuplicateFeedError) -> None:
        """Says at the field why the address was not taken."""
        if isinstance(error, DuplicateFeedError):
            self.add_error("url", _("This feed is here already: %(title)s.") % {"title": error.feed.title})
        else:
            self.add_error("url", str(REASONS[error.reason]))
