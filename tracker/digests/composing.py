"""Sets digests as mails: subject, text part, HTML part, in each person's language and time zone."""

from collections.abc import Callable
from typing import Any, NamedTuple

import css_inline
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone, translation

from tracker.accounts.zones import zone
from tracker.digests.contents import Contents
from tracker.digests.letter import Block, absolute, write
from tracker.digests.models import Digest
from tracker.digests.plain import passage, text_part
from tracker.digests.tokens import unsubscribe_path

HTML_LIMIT = 100_000  # bytes; Gmail cuts longer mails off
# These stand for what is one person's own until a mail that many get is made theirs.
UNSUBSCRIBE, VIEW = "https://unsubscribe.invalid/", "https://view.invalid/"
KEPT_MAILS = 500  # about fifteen megabytes
_inliner = css_inline.CSSInliner(keep_at_rules=True, load_remote_stylesheets=False)


class Mail(NamedTuple):
    subject: str
    text: str
    html: str


class Composer:
    """Composes what many people are told in the same words once: whole mails, and passages of mails.

    What it made is of the record as it was then: whoever uses it for more than one transaction opens it at the start of
    each, with a word for the record's state.
    """

    def __init__(self) -> None:
        self._state = ""
        self._composed: dict[tuple[Any, ...], Mail] = {}
        self._blocks: dict[tuple[Any, ...], Block] = {}

    def open(self, state: str) -> None:
        """Forgets everything when the record is no longer as it was."""
        if state != self._state:
            self._state = state
            self._composed.clear()
            self._blocks.clear()

    def compose(self, contents: Contents, digest: Digest | None = None) -> Mail:
        """Without a digest it is a preview, which has no address of its own."""
        key = (_key(contents), digest is None)
        if key not in self._composed:
            if len(self._composed) >= KEPT_MAILS:
                self._composed.pop(next(iter(self._composed)))
            self._composed[key] = self._compose(contents, VIEW if digest else "")
        mail = self._composed[key] = self._composed.pop(key)  # the latest stands last
        unsubscribe = absolute(unsubscribe_path(contents.subscription.key))
        view = absolute(reverse("digest", args=[digest.word])) if digest else ""

        def own(part: str) -> str:
            return part.replace(UNSUBSCRIBE, unsubscribe).replace(VIEW, view)

        return Mail(mail.subject, own(mail.text), own(mail.html))

    def _compose(self, contents: Contents, view_url: str) -> Mail:
        """Tells less and less of each list until mail programs show the whole."""
        person = contents.subscription.user
        reader = (person.language, person.time_zone)

        def block(kind: str, key: tuple[Any, ...], line: Callable[[], Any]) -> Block:
            key = (reader, kind, *key)
            if key not in self._blocks:
                self._blocks[key] = _set(kind, line())
            return self._blocks[key]

        with translation.override(person.language), timezone.override(zone(person.time_zone)):
            for share in (1, 2, 4, 8, 16):
                letter = write(contents, block, unsubscribe_url=UNSUBSCRIBE, view_url=view_url, share=share)
                html = _inliner.inline(render_to_string("digests/mail.html", {"letter": letter}))
                if len(html.encode()) < HTML_LIMIT:
                    break
            return Mail(letter.subject, text_part(letter), html)


def _set(kind: str, line: Any) -> Block:
    return Block(render_to_string(f"digests/mail_{kind}.html", {kind: line}), passage(kind, line))


def compose(contents: Contents, digest: Digest | None = None) -> Mail:
    return Composer().compose(contents, digest)


def _key(contents: Contents) -> tuple[Any, ...]:
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
        failing and (failing.count, failing.alarm),
    )
