"""The words of a digest, ready to be set as text or as HTML: short enough, on one line each, with whole addresses."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple

from babel import Locale, UnknownLocaleError
from django.conf import settings
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import number_format
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from tracker.digests import wording
from tracker.digests.contents import Change, Contents, Due, News, Standing
from tracker.digests.tokens import unsubscribe_path
from tracker.digests.wording import one_line
from tracker.pledges.dates import describe
from tracker.pledges.models import Assessment, Evidence, Party, Pledge, Stance

CELLS_LIMIT = 60


class Cut(NamedTuple):
    """What is shown of a list, and how much more there is."""

    shown: list[Any]
    more: int


class PledgeLine(NamedTuple):
    code: str
    title: str
    language: str
    address: str


class ReasonLine(NamedTuple):
    text: str
    language: str
    judged: str


class ChangeLine(NamedTuple):
    pledge: PledgeLine
    before: str
    after: str
    is_confirmation: bool
    reasons: Cut


class DueLine(NamedTuple):
    pledge: PledgeLine
    status: str
    is_overdue: bool
    timing: str


class SourceLine(NamedTuple):
    day: str
    stance: str
    stance_label: str
    title: str
    language: str
    note: str
    origin: str
    address: str


class NewsLine(NamedTuple):
    pledge: PledgeLine
    sources: Cut


class StandingLine(NamedTuple):
    sentence: str
    groups: list[tuple[str, list[Pledge]]]
    has_strip: bool


class WaitingLine(NamedTuple):
    sentence: str
    total: int
    best: list[tuple[str, str, str, str]]


@dataclass(frozen=True)
class Letter:
    subject: str
    headline: str
    period: str
    because: str
    standings: list[StandingLine]
    changes: Cut
    due: Cut
    news: Cut
    waiting: WaitingLine | None
    home_url: str
    review_url: str
    settings_url: str
    unsubscribe_url: str


def absolute(path: str) -> str:
    """Links in mails carry the site's own address, whatever host a request came to."""
    return settings.SITE_URL + path


def write(contents: Contents, share: int = 1) -> Letter:
    """In the active language and time zone. `share` divides how much of each list is shown."""
    standings = contents.standings
    home = standings[0].declaration.get_absolute_url() if len(standings) == 1 else reverse("home")
    return Letter(
        subject=wording.subject(contents),
        headline=wording.headline(contents),
        period=wording.period(contents),
        because=wording.because(contents),
        standings=[_standing(standing, contents, share) for standing in standings],
        changes=_cut(contents.changes, 12 // share, lambda change: _change(change, 3 // share)),
        due=_cut(contents.due, 20 // share, _due),
        news=_cut(contents.news, 12 // share, lambda news: _news(news, 5 // share)),
        waiting=_waiting(contents),
        home_url=absolute(home),
        review_url=absolute(reverse("review")),
        settings_url=absolute(reverse("settings")),
        unsubscribe_url=absolute(unsubscribe_path(contents.subscription.user_id)),
    )


def _cut(rows: list[Any], limit: int, line: Callable[[Any], Any]) -> Cut:
    limit = max(limit, 1)
    return Cut([line(row) for row in rows[:limit]], max(len(rows) - limit, 0))


def _language() -> str:
    return get_language() or "en"


def _day(day: date) -> str:
    return describe(f"{day:%Y-%m-%d}", _language())


def _pledge(pledge: Pledge, party: Party | None = None) -> PledgeLine:
    title = one_line(pledge.title, 160) + (f" ({party})" if party else "")
    return PledgeLine(pledge.code, title, pledge.title.language, absolute(pledge.get_absolute_url()))


def _change(change: Change, limit: int) -> ChangeLine:
    reasons = _cut(change.assessments, limit, _reason)
    return ChangeLine(
        _pledge(change.pledge, change.party), change.before, change.after, change.is_confirmation, reasons
    )


def _reason(row: Assessment) -> ReasonLine:
    """`A. Serikova, 21 Nov 2025. Cites 2 sources.`"""
    by = one_line(row.recorded_by.display_name) if row.recorded_by else _("From the data set")
    count = row.evidence_count
    cites = ngettext("Cites %(count)d source.", "Cites %(count)d sources.", count) % {"count": count}
    judged = f"{by}, {_day(timezone.localdate(row.recorded_at))}. {cites if count else ''}"
    return ReasonLine(one_line(row.rationale, 500), row.rationale.language, judged.strip())


def _due(due: Due) -> DueLine:
    """`Q3 2025, 55 days ago`"""
    if due.code == "overdue":
        distance = ngettext("%(count)d day ago", "%(count)d days ago", due.days) % {"count": due.days}
    elif due.days:
        distance = ngettext("in %(count)d day", "in %(count)d days", due.days) % {"count": due.days}
    else:
        distance = _("today")
    words = describe(due.pledge.due_edtf, _language())
    timing = ", ".join(part for part in (words, distance) if part)
    return DueLine(_pledge(due.pledge), due.pledge.status, due.code == "overdue", timing)


def _news(news: News, limit: int) -> NewsLine:
    return NewsLine(_pledge(news.pledge), _cut(news.evidence, limit, _source))


def _source(row: Evidence) -> SourceLine:
    """Its title in its own language; where it comes from, `Kazinform, in Kazakh`; our note."""
    origin = one_line(row.publisher)
    if row.language and row.language != _language():
        origin = _("%(publisher)s, in %(language)s") % {"publisher": origin, "language": _language_name(row.language)}
    return SourceLine(
        day=describe(row.published_edtf, _language()),
        stance=row.stance,
        stance_label=str(Stance(row.stance).label),
        title=one_line(row.title, 160),
        language=row.language,
        note=one_line(row.note, 240),
        origin=origin,
        address=absolute(row.get_absolute_url()),
    )


def _language_name(code: str) -> str:
    try:
        return Locale.parse(code.replace("-", "_")).get_display_name(_language().replace("-", "_")) or code
    except (ValueError, UnknownLocaleError):
        return code


def _standing(standing: Standing, contents: Contents, share: int) -> StandingLine:
    groups = [(str(code), [row for row in standing.pledges if row.status == code]) for code in wording.MARKS]
    return StandingLine(
        sentence=wording.standing(standing, contents.days[1]),
        groups=[(code, rows) for code, rows in groups if rows],
        has_strip=len(standing.pledges) <= CELLS_LIMIT // share,
    )


def _waiting(contents: Contents) -> WaitingLine | None:
    waiting = contents.waiting
    if waiting is None:
        return None
    sentence = ngettext(
        "%(count)d article may be about a pledge you follow.",
        "%(count)d articles may be about pledges you follow. The best matches:",
        waiting.count,
    )
    best = [
        (number_format(row.score, 2), row.pledge.code, one_line(row.article.title, 160), row.article.language)
        for row in waiting.best
    ]
    return WaitingLine(sentence % {"count": waiting.count}, waiting.count, best)
