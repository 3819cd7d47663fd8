"""The sentences of a digest, in the active language: subject, headline, standing, footer."""

from datetime import date
from functools import lru_cache
from typing import Any

from django.utils.dates import WEEKDAYS
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from tracker.accounts.zones import cities
from tracker.digests import periods
from tracker.digests.contents import Change, Contents, Failing, Standing
from tracker.digests.models import Frequency, Subscription
from tracker.pledges.models import Declaration, Status

MARKS: dict[str, str] = {
    Status.FULFILLED: "●",
    Status.PARTLY_FULFILLED: "◐",
    Status.IN_PROGRESS: "◎",
    Status.NOT_STARTED: "○",
    Status.STALLED: "■",
    Status.NOT_FULFILLED: "◆",
    Status.UNVERIFIABLE: "◌",
    Status.NO_EVIDENCE: "□",
    Status.NOT_ASSESSED: "·",
}
STANCE_MARKS = {"progress": "▲", "fulfilled": "●", "setback": "▼", "context": "□"}
KINDS = ("declaration", "theme", "party", "list", "pledge")
SUBJECT_LENGTH, TITLE_LENGTH = 250, 70


def one_line(text: Any, length: int = 2000) -> str:
    """Without line breaks and control characters, which a header must never carry; cut at a word."""
    plain = " ".join("".join(mark if mark.isprintable() else " " for mark in str(text)).split())
    if len(plain) <= length:
        return plain
    head, space, _rest = plain[: length - 1].rpartition(" ")
    return (head if space and len(head) > length // 2 else plain[: length - 1]) + "…"


def label(status: str) -> str:
    return str(Status(status).label)


def place(declaration: Declaration) -> str:
    """`China–Kazakhstan` for two or three parties; else the declaration's own title."""
    parties = [str(party) for party in declaration.parties.all()]
    return "–".join(parties) if 2 <= len(parties) <= 3 else one_line(declaration.title, TITLE_LENGTH)


def period(contents: Contents) -> str:
    return periods.describe_days(*contents.days, get_language() or "en")


def subject(contents: Contents) -> str:
    """The news itself, then where and when."""
    news = ", ".join(_fragments(contents)[:3]) or _("Nothing new")
    places = [place(standing.declaration) for standing in contents.standings]
    where = places[0] if len(places) == 1 else _("%(count)d declarations") % {"count": len(places)}
    said = {"news": news, "where": where, "period": period(contents)}
    return one_line(_("%(news)s: %(where)s, %(period)s") % said, SUBJECT_LENGTH)


def _fragments(contents: Contents) -> list[str]:
    found = []
    if contents.changes:
        found.append(_first_change(contents.changes[0]))
    if (more := len(contents.changes) - 1) > 0:
        found.append(ngettext("%(count)d more change", "%(count)d more changes", more) % {"count": more})
    late = sum(1 for due in contents.due if due.code == "overdue")
    soon = len(contents.due) - late
    if late:
        found.append(ngettext("%(count)d overdue", "%(count)d overdue", late) % {"count": late})
    if soon:
        found.append(ngettext("%(count)d due soon", "%(count)d due soon", soon) % {"count": soon})
    if count := sum(len(news.evidence) for news in contents.news):
        found.append(ngettext("%(count)d new source", "%(count)d new sources", count) % {"count": count})
    if count := sum(len(figures.observations) for figures in contents.figures):
        found.append(ngettext("%(count)d new figure", "%(count)d new figures", count) % {"count": count})
    if contents.waiting:
        count = contents.waiting.count
        found.append(ngettext("%(count)d article to review", "%(count)d articles to review", count) % {"count": count})
    if contents.failing and contents.failing.alarm:
        found.append(_("nearly all feeds fail"))
    elif contents.failing:
        count = contents.failing.count
        found.append(ngettext("%(count)d feed fails", "%(count)d feeds fail", count) % {"count": count})
    return found


def _first_change(change: Change) -> str:
    said = {"title": one_line(change.pledge.title, TITLE_LENGTH), "status": label(change.after).lower()}
    return (_("“%(title)s” still %(status)s") if change.is_confirmation else _("“%(title)s” %(status)s")) % said


def headline(contents: Contents) -> str:
    """One to three short sentences that say the finding."""
    said = []
    changed = [change for change in contents.changes if not change.is_confirmation]
    if len(changed) == 1:
        only = {"title": one_line(changed[0].pledge.title, TITLE_LENGTH), "status": label(changed[0].after).lower()}
        said.append(_("“%(title)s” is now %(status)s.") % only)
    elif changed:
        said.append(_("%(count)d pledges changed their status.") % {"count": len(changed)})
    late = sum(1 for due in contents.due if due.code == "overdue")
    soon = len(contents.due) - late
    if late:
        text = ngettext("%(count)d passed its date.", "%(count)d passed their date.", late)
        said.append(text % {"count": late})
    if soon:
        said.append(ngettext("%(count)d falls due soon.", "%(count)d fall due soon.", soon) % {"count": soon})
    if count := sum(len(news.evidence) for news in contents.news):
        said.append(ngettext("%(count)d new source.", "%(count)d new sources.", count) % {"count": count})
    if count := sum(len(figures.observations) for figures in contents.figures):
        said.append(ngettext("%(count)d new figure.", "%(count)d new figures.", count) % {"count": count})
    if not said and contents.waiting:
        count = contents.waiting.count
        text = ngettext("%(count)d article waits for review.", "%(count)d articles wait for review.", count)
        said.append(text % {"count": count})
    if not said and contents.failing:
        said.append(failing(contents.failing))
    return " ".join(said[:3]) or _("The judgement was confirmed.")


def standing(of: Standing, day: date) -> str:
    """`China–Kazakhstan, day 509: 3 of 22 pledges fulfilled, 4 partly, 2 overdue.`"""
    counts = [pledge.status for pledge in of.pledges]
    text = ngettext(
        "%(place)s, day %(day)d: %(done)d of %(total)d pledge fulfilled, %(partly)d partly, %(late)d overdue.",
        "%(place)s, day %(day)d: %(done)d of %(total)d pledges fulfilled, %(partly)d partly, %(late)d overdue.",
        len(counts),
    )
    return text % {
        "place": place(of.declaration),
        "day": (day - of.declaration.signed_on).days,
        "done": counts.count(Status.FULFILLED),
        "partly": counts.count(Status.PARTLY_FULFILLED),
        "total": len(counts),
        "late": of.overdue_count,
    }


def failing(of: Failing) -> str:
    if of.alarm:
        return _("Nearly all feeds fail at once: more likely this server's network than the feeds.")
    text = ngettext(
        "%(count)d feed has failed for more than a day.", "%(count)d feeds have failed for more than a day.", of.count
    )
    return text % {"count": of.count}


@lru_cache(maxsize=1024)
def _city(zone: str, language: str) -> str:
    return dict(cities(language)).get(zone, zone)


def rhythm(subscription: Subscription) -> str:
    """`every Monday at 08:00 (Almaty)`"""
    zone = subscription.user.time_zone
    said = {
        "day": str(WEEKDAYS[subscription.weekday]),
        "hour": f"{subscription.hour:02d}:00",
        "city": _city(zone, get_language() or "en"),
    }
    text = {
        Frequency.INSTANT: _("within minutes"),
        Frequency.DAILY: _("every day at %(hour)s (%(city)s)"),
        Frequency.MONTHLY: _("on the first %(day)s of every month at %(hour)s (%(city)s)"),
    }.get(Frequency(subscription.frequency), _("every %(day)s at %(hour)s (%(city)s)"))
    return text % said


def _counted(kind: str, count: int) -> str:
    text = {
        "declaration": ngettext("%(count)d declaration", "%(count)d declarations", count),
        "theme": ngettext("%(count)d theme", "%(count)d themes", count),
        "party": ngettext("%(count)d party", "%(count)d parties", count),
        "list": ngettext("%(count)d list of pledges", "%(count)d lists of pledges", count),
        "pledge": ngettext("%(count)d pledge", "%(count)d pledges", count),
    }[kind]
    return text % {"count": count}


def because(contents: Contents) -> str:
    """Why the person gets this mail: `… because you follow 1 declaration and 2 pledges.`"""
    parts = [_counted(kind, contents.follows[kind]) for kind in KINDS if contents.follows[kind]]
    listed = _(" and ").join([", ".join(parts[:-1]), parts[-1]] if len(parts) > 1 else parts)
    said = {"rhythm": rhythm(contents.subscription), "follows": listed}
    return _("You get this %(rhythm)s, when there is news, because you follow %(follows)s.") % said
