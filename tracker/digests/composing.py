"""Sets digests as mails: subject, text part, HTML part, in each person's language and time zone."""

from typing import NamedTuple

import css_inline
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone, translation

from tracker.accounts.zones import zone
from tracker.digests import letter
from tracker.digests.contents import Contents
from tracker.digests.letter import absolute
from tracker.digests.models import Digest
from tracker.digests.plain import text_part
from tracker.digests.tokens import unsubscribe_path

HTML_LIMIT = 100_000  # bytes; Gmail cuts longer mails off
# These stand for what is one person's own until a mail that many get is made theirs.
UNSUBSCRIBE, VIEW = "https://unsubscribe.invalid/", "https://view.invalid/"
_inliner = css_inline.CSSInliner(keep_at_rules=True, load_remote_stylesheets=False)


class Mail(NamedTuple):
    subject: str
    text: str
    html: str


class Composer:
    """Composes what many people are told in the same words once."""

    def __init__(self) -> None:
        self._composed: dict[tuple[object, ...], Mail] = {}

    def compose(self, contents: Contents, digest: Digest | None = None) -> Mail:
        """Without a digest it is a preview, which has no address of its own."""
        key = (_key(contents), digest is None)
        if key not in self._composed:
            self._composed[key] = _compose(contents, VIEW if digest else "")
        mail = self._composed[key]
        unsubscribe = absolute(unsubscribe_path(contents.subscription.key))
        view = absolute(reverse("digest", args=[digest.word])) if digest else ""

        def own(part: str) -> str:
            return part.replace(UNSUBSCRIBE, unsubscribe).replace(VIEW, view)

        return Mail(mail.subject, own(mail.text), own(mail.html))


def compose(contents: Contents, digest: Digest | None = None) -> Mail:
    return Composer().compose(contents, digest)


def _key(contents: Contents) -> tuple[object, ...]:
    """All that the words of a digest depend on; the record itself is the same for everyone of a batch."""
    subscription, waiting, failing = contents.subscription, contents.waiting, contents.failing
    person = subscription.user
    return (
        (person.language, person.time_zone, subscription.frequency, subscription.weekday, subscription.hour),
        contents.days,
        tuple(contents.items),
        tuple(sorted(contents.follows.items())),
        tuple(pledge.pk for standing in contents.standings for pledge in standing.pledges),
        waiting and (waiting.count, tuple(row.pk for row in waiting.best)),
        failing and failing.count,
    )


def _compose(contents: Contents, view_url: str) -> Mail:
    """Tells less and less of each list until mail programs show the whole."""
    person = contents.subscription.user
    with translation.override(person.language), timezone.override(zone(person.time_zone)):
        for share in (1, 2, 4, 8, 16):
            written = letter.write(contents, unsubscribe_url=UNSUBSCRIBE, view_url=view_url, share=share)
            html = _inliner.inline(render_to_string("digests/mail.html", {"letter": written}))
            if len(html.encode()) < HTML_LIMIT:
                break
        return Mail(written.subject, text_part(written), html)
