"""The address of a feed, as people type it, and lists of feeds, as other programs write them."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tracker.feeds import opml
from tracker.feeds.actions import DuplicateFeedError
from tracker.feeds.discovery import NothingFoundError
from tracker.feeds.health import CAUSES
from tracker.feeds.language import code
from tracker.feeds.models import Feed
from tracker.feeds.plain_text import clean
from tracker.fetching import AddressRefusedError, FetchError

REASONS = {
    "no_address": gettext_lazy("It has no address."),
    "invalid": gettext_lazy("This is not a valid web address. It starts like https://example.org/."),
    "scheme": gettext_lazy("Only addresses that start with http:// or https:// are polled."),
    "userinfo": gettext_lazy("The address may not contain a user name or password."),
    "port": gettext_lazy("This port is not polled. An administrator can allow it by FETCH_ALLOWED_PORTS."),
    "private": gettext_lazy(
        "This address is not on the public Internet. An administrator can allow a network by FETCH_ALLOWED_NETWORKS."
    ),
}
NO_FEED = gettext_lazy(
    "There is no feed at this address: the page names none, and none is at the usual places. "
    "Look for “RSS” on the site and copy that link."
)
LIST_PROBLEMS = {
    "too_large": gettext_lazy("The file is larger than 5 MB."),
    "entities": gettext_lazy("The file declares entities of its own, as no list of feeds does."),
    "damaged": gettext_lazy("The file is damaged, or no XML."),
    "not_opml": gettext_lazy("The file is XML, but no OPML."),
    "no_feeds": gettext_lazy("The file lists no feeds."),
    "too_many": gettext_lazy("The file lists more than 5,000 feeds. Split it into several."),
}


class FeedForm(forms.Form):
    url = forms.CharField(
        label=gettext_lazy("Feed or site address"),
        max_length=2048,
        widget=forms.TextInput(attrs={"inputmode": "url", "autocomplete": "off", "spellcheck": "false"}),
    )

    def clean_url(self) -> str:
        """People leave out what browsers leave out."""
        url: str = self.cleaned_data["url"]
        return url if "://" in url or url.startswith(("//", "javascript:", "data:")) else f"https://{url}"

    def refuse(self, error: FetchError | DuplicateFeedError | NothingFoundError) -> None:
        """Says at the field why the address was not taken, and what one can do."""
        if isinstance(error, DuplicateFeedError):
            self.add_error("url", _("This feed is here already: %(title)s.") % {"title": error.feed.title})
        elif isinstance(error, AddressRefusedError):
            self.add_error("url", str(REASONS[error.reason]))
        elif error.code == "no_feed":
            self.add_error("url", NO_FEED)
        else:
            happened, remedy = CAUSES.get(error.code, CAUSES["internal"])
            self.add_error("url", f"{happened} {remedy}")


class ListForm(forms.Form):
    """An OPML file as a feed reader exports it; `outlines` are its feeds."""

    file = forms.FileField(
        label=gettext_lazy("OPML file"),
        widget=forms.ClearableFileInput(attrs={"accept": ".opml,.xml,text/x-opml,application/xml"}),
        help_text=gettext_lazy("The list that a feed reader exports, at most 5 MB. Folders become tags."),
        error_messages={"required": gettext_lazy("Choose a file"), "empty": gettext_lazy("The file is empty")},
    )

    def clean_file(self) -> Any:
        upload = self.cleaned_data["file"]
        if upload.size > opml.SIZE_LIMIT:
            raise forms.ValidationError(_("The file is larger than 5 MB. Nothing was added."))
        self.outlines = _outlines(upload.read())
        return upload


class CheckedListForm(forms.Form):
    """The feeds of a list that were shown as new, as OPML again."""

    opml = forms.CharField(widget=forms.HiddenInput)

    def clean_opml(self) -> str:
        text: str = self.cleaned_data["opml"]
        self.outlines = _outlines(text.encode())
        return text


def _outlines(body: bytes) -> list[opml.Outline]:
    try:
        return opml.read(body)
    except opml.OPMLError as error:
        raise forms.ValidationError(
            _("%(problem)s Nothing was added.") % {"problem": LIST_PROBLEMS[error.code]}
        ) from error


class FeedDetailsForm(forms.ModelForm):
    """What people say about a feed; its address stays, for that is what the feed is."""

    tags = forms.CharField(
        label=gettext_lazy("Tags"),
        max_length=600,
        required=False,
        help_text=gettext_lazy("Separated by commas. A list taken along has them as folders, one inside the other."),
    )

    class Meta:
        model = Feed
        fields = ("title", "language")
        help_texts = {  # noqa: RUF012 - Django's own form of it
            "language": gettext_lazy("As code: kk, ru, zh, en, fr … Empty: found out for every article.")
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial["tags"] = ", ".join(self.instance.tags)

    def clean_title(self) -> str:
        if not (title := clean(self.cleaned_data["title"], 200)):
            raise forms.ValidationError(_("This field is required."))
        return title

    def clean_language(self) -> str:
        typed: str = self.cleaned_data["language"]
        if typed and not (found := code(typed)):
            raise forms.ValidationError(_("This is not the code of a language, such as kk."))
        return found if typed else ""

    def clean_tags(self) -> list[str]:
        names = [clean(name, 60) for name in self.cleaned_data["tags"].split(",")]
        return list(dict.fromkeys(name for name in names if name))[: opml.TAG_LIMIT]
