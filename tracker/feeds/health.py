"""How a feed is doing, in words: what happened, and what one can do about it."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from tracker.feeds.models import Feed, Poll, PollOutcome

STRIP_LENGTH = 30
STEP = 5  # pixels from one mark to the next

# Error code → what happened, what to do.
CAUSES = {
    "offline": (
        gettext_lazy("Most feeds could not be reached at once, so this server may be offline."),
        gettext_lazy("Check the server's network. Nothing is held against the feed."),
    ),
    "dns": (
        gettext_lazy("There is no such host name."),
        gettext_lazy("Check the address; the site may have moved."),
    ),
    "dns_busy": (
        gettext_lazy("The name server did not answer."),
        gettext_lazy("Nothing to do unless it goes on for days."),
    ),
    "unreachable": (
        gettext_lazy("The network has no way to the server."),
        gettext_lazy("Nothing to do unless it goes on for days."),
    ),
    "connection": (
        gettext_lazy("The server accepts no connection."),
        gettext_lazy("Open the site in a browser; if it works there, the server may refuse programs."),
    ),
    "timeout": (
        gettext_lazy("The server did not finish its answer in time."),
        gettext_lazy("Nothing to do unless it goes on for days."),
    ),
    "tls": (
        gettext_lazy("The server's certificate is not valid."),
        gettext_lazy("Tell the publisher. Followthrough does not read what it cannot verify."),
    ),
    "address_refused": (
        gettext_lazy("The address leads to a place that is not polled, such as a private network."),
        gettext_lazy("Check the address. An administrator can allow a network by FETCH_ALLOWED_NETWORKS."),
    ),
    "bad_redirect": (
        gettext_lazy("The server sends us in circles."),
        gettext_lazy("Open the address in a browser and add the feed at the address you end up at."),
    ),
    "bad_response": (
        gettext_lazy("The server's answer is damaged or incomplete."),
        gettext_lazy("Nothing to do unless it goes on for days."),
    ),
    "too_large": (
        gettext_lazy("The document is larger than 5 MB, or 10 MB unpacked."),
        gettext_lazy("Look for a feed of one section of the site."),
    ),
    "not_a_feed": (
        gettext_lazy("What came is not a feed."),
        gettext_lazy("Open the address in a browser; the publisher may have put a web page in its place."),
    ),
    "blocked": (
        gettext_lazy("The server refuses programs like this one."),
        gettext_lazy("Ask the publisher to let Followthrough read the feed. We ask again every four hours."),
    ),
    "not_found": (
        gettext_lazy("There is nothing at the address."),
        gettext_lazy("Look for the feed's new address on the site."),
    ),
    "gone": (
        gettext_lazy("The server says the feed was taken away."),
        gettext_lazy("Look for another feed of the site."),
    ),
    "rate_limited": (
        gettext_lazy("The server asked us to come less often."),
        gettext_lazy("Nothing to do: all feeds of this server wait as long as it asked."),
    ),
    "server_error": (
        gettext_lazy("The server has an error of its own."),
        gettext_lazy("Nothing to do unless it goes on for days."),
    ),
    "http_error": (
        gettext_lazy("The server gave an unexpected answer."),
        gettext_lazy("Open the address in a browser to see what it says."),
    ),
    "robots_refused": (
        gettext_lazy("The site's robots.txt asks programs to stay away."),
        gettext_lazy("Ask the publisher to let Followthrough read the page."),
    ),
    "internal": (
        gettext_lazy("Followthrough could not work with what came."),
        gettext_lazy("Please report it; the log of the worker says more."),
    ),
}


@dataclass(frozen=True)
class Health:
    """One word for the list, with its mark."""

    code: str  # ok, new, back, off
    label: str
    icon: str


def health_of(feed: Feed) -> Health:
    if feed.retired_at:
        return Health("off", _("Gone"), "x")
    if feed.paused_at:
        return Health("off", _("Paused"), "pause")
    if feed.error_code == "blocked":
        return Health("back", _("Blocked"), "lock")
    if feed.error_code:
        return Health("back", _("Backing off"), "retry")
    if not feed.last_polled_at:
        return Health("new", _("Not polled yet"), "clock")
    return Health("ok", _("Healthy"), "check")


def cause_of(feed: Feed) -> tuple[str, str]:
    """What happened, and what to do; empty for a feed without an error."""
    if not feed.error_code:
        return "", ""
    happened, remedy = CAUSES.get(feed.error_code, CAUSES["internal"])
    return str(happened), str(remedy)


def strip_of(polls: Iterable[Poll]) -> dict[str, Any]:
    """Marks of the newest polls, oldest first, set against the right edge; and the same in words."""
    newest = sorted(polls, key=lambda poll: (poll.polled_at, poll.pk), reverse=True)[:STRIP_LENGTH]
    marks = [
        {
            "x": STEP * (STRIP_LENGTH - 1 - place),
            "outcome": poll.outcome,
            "end": STEP * (STRIP_LENGTH - 1 - place) + 3.5,
        }
        for place, poll in enumerate(newest)
    ]
    failed = sum(poll.outcome == PollOutcome.FAILED for poll in newest)
    words = ngettext("Last poll", "Last %(count)d polls", len(newest)) % {"count": len(newest)}
    label = _("%(polls)s: %(fine)d succeeded, %(failed)d failed") % {
        "polls": words,
        "fine": len(newest) - failed,
        "failed": failed,
    }
    empty = [STEP * place + 1.5 for place in range(STRIP_LENGTH - len(newest))]
    return {"marks": marks[::-1], "empty": empty, "label": label if newest else _("Not polled yet")}
