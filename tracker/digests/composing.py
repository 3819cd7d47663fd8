"""Sets a digest as a mail: subject, text part, HTML part, in the person's language and time zone."""

from typing import NamedTuple

import css_inline
from django.template.loader import render_to_string
from django.utils import timezone, translation

from tracker.accounts.zones import zone
from tracker.digests import letter
from tracker.digests.contents import Contents
from tracker.digests.plain import text_part

HTML_LIMIT = 100_000  # bytes; Gmail cuts longer mails off
_inliner = css_inline.CSSInliner(keep_at_rules=True, load_remote_stylesheets=False)


class Mail(NamedTuple):
    subject: str
    text: str
    html: str


def compose(contents: Contents) -> Mail:
    """Tells less and less of each list until mail programs show the whole."""
    person = contents.subscription.user
    with translation.override(person.language), timezone.override(zone(person.time_zone)):
        for share in (1, 2, 4, 8, 16):
            written = letter.write(contents, share)
            html = _inliner.inline(render_to_string("digests/mail.html", {"letter": written}))
            if len(html.encode()) < HTML_LIMIT:
                break
        return Mail(written.subject, text_part(written), html)
