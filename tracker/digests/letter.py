"""The words of a digest, ready to be set as text or as HTML: short enough, on one line each, with whole addresses."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache
from typing import Any, NamedTuple

from babel import Locale, UnknownLocaleError
from babel.numbers import format_decimal
from django.conf import settings
from django.db.models import Model
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import number_format
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from tracker.digests import wording
from tracker.digests.contents import Change, Contents, Due, Figures, News, Standing
from tracker.digests.wording import one_line
from tracker.feeds.health import cause_of
from tracker.pledges.dates import describe
from tracker.pledges.models import Assessment, Evidence, Observation, Party, Pledge, Stance

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


class FigureLine(NamedTuple):
    """`Double trade, China: 47.4 bn US$ in 2025; the target is 60`, and whose figure it is."""

    text: str
    origin: str


class FiguresLine(NamedTuple):
    pledge: PledgeLine
    rows: Cut


class FailingLine(NamedTuple):
    sentence: str
    feeds: Cut


class StandingLine(NamedTuple):
    sentence: str
    groups: list[tuple[str, list[Pledge]]]
    has_strip: bool


class WaitingLine(NamedTuple):
    sentence: str
    total: int
    best: list[tuple[str, str, str, str]]


class Block(NamedTuple):
    """A passage as it stands in both parts."""

    html: str
    text: list[str]


# Sets a line as a block of its kind, or gives the one that it made of the same key before.
Setter = Callable[[str, tuple[Any, ...], Callable[[], Any]], Block]


@dataclass(frozen=True)
class Letter:
    """The lists are of blocks."""

    subject: str
    headline: str
    period: str
    because: str
    preview: str
    standings: list[Block]
    changes: Cut
    due: Cut
    news: Cut
    figures: Cut
    waiting: WaitingLine | None
    failing: FailingLine | None
    home_url: str
    review_url: str
    feeds_url: str
    settings_url: str
    unsubscribe_url: str
    view_url: str


def absolute(path: str) -> str:
    """Links in mails carry the site's own address, whatever host a request came to."""
    return settings.SITE_URL + path


def write(contents: Contents, block: Setter, *, unsubscribe_url: str, view_url: str, share: int = 1) -> Letter:
    """In the active language and time zone. `share` divides how much of each list is shown."""
    standings = contents.standings
    home = standings[0].declaration.get_absolute_url() if len(standings) == 1 else _path("home")
    many, few = 5 // share, 3 // share
    return Letter(
        subject=wording.subject(contents),
        headline=wording.headline(contents),
        period=wording.period(contents),
        because=wording.because(contents),
        preview=" ".join(wording.standing(standing, contents.days[1]) for standing in standings),
        standings=[_standing(standing, contents.days[1], share, block) for standing in standings],
        changes=_cut(
            contents.changes,
            12 // share,
            lambda change: block("change", (_pks(change.assessments), few), lambda: _change(change, few)),
        ),
        due=_cut(
            contents.due,
            20 // share,
            lambda due: block("due", (due.pledge.pk, due.code, due.days), lambda: _due(due)),
        ),
        news=_cut(
            contents.news,
            12 // share,
            lambda news: block("news", (_pks(news.evidence), many), lambda: _news(news, many)),
        ),
        figures=_cut(
            contents.figures,
            12 // share,
            lambda figures: block("figures", (_pks(figures.observations), many), lambda: _figures(figures, many)),
        ),
        waiting=_waiting(contents),
        failing=_failing(contents, many),
        home_url=absolute(home),
        review_url=absolute(_path("review")),
        feeds_url=absolute(_path("feeds")),
        settings_url=absolute(_path("settings")),
        unsubscribe_url=unsubscribe_url,
        view_url=view_url,
    )


@cache
def _path(page: str) -> str:
    return reverse(page)


def _pks(rows: Sequence[Model]) -> tuple[int, ...]:
    return tuple(row.pk for row in rows)


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


def _figures(figures: Figures, limit: int) -> FiguresLine:
    return FiguresLine(_pledge(figures.pledge), _cut(figures.observations, limit, _figure))


def _figure(row: Observation) -> FigureLine:
    metric = row.metric
    name = ", ".join(one_line(text, 120) for text in (metric.name, row.series) if str(text))
    said = {
        "name": name,
        "value": f"{_number(row.value)} {one_line(metric.unit, 40)}".strip(),
        "period": describe(row.period_edtf, _language()),
    }
    text = _("%(name)s: %(value)s in %(period)s") % said
    if metric.target_value is not None:
        text += "; " + _("the target is %(value)s") % {"value": _number(metric.target_value)}
    return FigureLine(text, one_line(row.publisher))


def _number(value: Decimal) -> str:
    return format_decimal(value, format="#,##0.####", locale=_language().replace("-", "_"))


def _failing(contents: Contents, limit: int) -> FailingLine | None:
    failing = contents.failing
    if failing is None:
        return None
    feeds = _cut(failing.feeds, limit, lambda feed: (one_line(feed.title, 120), cause_of(feed)[0]))
    return FailingLine(wording.failing(failing), feeds)


def _language_name(code: str) -> str:
    try:
        return Locale.parse(code.replace("-", "_")).get_display_name(_language().replace("-", "_")) or code
    except (ValueError, UnknownLocaleError):
        return code


def _standing(standing: Standing, day: date, share: int, block: Setter) -> Block:
    def line() -> StandingLine:
        groups = [(str(code), [row for row in standing.pledges if row.status == code]) for code in wording.MARKS]
        return StandingLine(
            sentence=wording.standing(standing, day),
            groups=[(code, rows) for code, rows in groups if rows],
            has_strip=len(standing.pledges) <= CELLS_LIMIT // share,
        )

    return block("standing", (_pks(standing.pledges), day, share), line)


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
