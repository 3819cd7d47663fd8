"""What changed for each of many people in their period.

An item is news when it was recorded since the last digest and since the person began to follow its pledge, and when no
digest that went out has told it. We look back a day further than the period and leave out by name what was told: so an
item whose transaction ended after the planning of its own period, whatever its stamp, is told in the next one. What a
failed or doubtful digest told is told again.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from itertools import groupby
from typing import Any, NamedTuple

from tracker.accounts.models import User
from tracker.accounts.zones import zone
from tracker.digests import periods
from tracker.digests.contents import Change, Contents, Due, Failing, Figures, News, Standing, Waiting, feed_item
from tracker.digests.models import UNDELIVERED, Digest, DigestState, Follow, Subscription
from tracker.digests.record import BEST_COUNT, Record, Window, read
from tracker.pledges.models import Assessment, Pledge

LATECOMERS = timedelta(days=1)  # no transaction lasts so long
NOT_TOLD = (*UNDELIVERED, DigestState.EMPTY, DigestState.CANCELLED)


@dataclass(frozen=True)
class _Scope:
    """One person's part of the record: what they follow and since when, and the edges of their period."""

    record: Record
    subscription: Subscription
    since: dict[int, datetime]
    window: Window
    told: frozenset[str]

    def is_news(self, item: str, pledge_id: int, stamp: datetime) -> bool:
        if item in self.told:
            return False
        return item in self.window.again or max(self.since[pledge_id], self.window.floor) <= stamp < self.window.end

    def fresh(self, rows: dict[int, list[Any]], letter: str, stamp: str) -> list[tuple[Pledge, list[Any]]]:
        """Pledges with what is new of them, in the order of their newest row."""
        found = []
        for pk in rows.keys() & self.since.keys():
            news = [row for row in rows[pk] if self.is_news(f"{letter}{row.pk}", pk, getattr(row, stamp))]
            if news:
                found.append((self.record.pledges[pk], news))
        return sorted(found, key=lambda group: (getattr(group[1][0], stamp), group[1][0].pk), reverse=True)


def gather(subscription: Subscription, *, end: datetime, undelivered: Iterable[Digest] = ()) -> Contents:
    """What a digest at `end` would tell one person. `undelivered` are the digests whose items must be told again."""
    return gather_all([subscription], end=end, undelivered={subscription.user_id: list(undelivered)}).contents[0]


class Gathered(NamedTuple):
    """Contents in the order of their subscriptions, and the saved lists with the pledges that they hold now."""

    contents: list[Contents]
    lists: list[Follow]


def gather_all(
    subscriptions: list[Subscription],
    *,
    end: datetime,
    undelivered: dict[int, list[Digest]],
    starts: dict[int, datetime] | None = None,
) -> Gathered:
    """In a constant number of queries. `starts`: since when nothing was mailed to those whose last period was empty."""
    people = [subscription.user_id for subscription in subscriptions]
    follows: dict[int, list[Follow]] = defaultdict(list)
    for follow in Follow.objects.filter(user__in=people).select_related("declaration"):
        follows[follow.user_id].append(follow)
    floor = min(map(_floor, subscriptions))
    again = {user_id: frozenset(name for row in rows for name in row.items) for user_id, rows in undelivered.items()}
    everyones = [follow for of in follows.values() for follow in of]
    has_editors = any(subscription.user.is_editor for subscription in subscriptions)
    record = read(everyones, Window(floor, end, frozenset().union(*again.values())), has_editors=has_editors)
    told, contents = _told(people, floor), []
    for subscription in subscriptions:
        user_id = subscription.user_id
        start = (starts or {}).get(user_id, subscription.covered_until)
        frame = Contents(subscription, periods.days(start, end, subscription.user.time_zone))
        window = Window(_floor(subscription), end, again.get(user_id, frozenset()))
        contents.append(_fill(frame, record, follows[user_id], window, frozenset(told[user_id])))
    return Gathered(contents, [follow for follow in everyones if follow.query])


def _floor(subscription: Subscription) -> datetime:
    return max(subscription.covered_until - LATECOMERS, subscription.begins_at)


def _told(people: list[int], floor: datetime) -> dict[int, set[str]]:
    """The names of what went out, by person; days of due dates lie up to a day beside the period in some time zone."""
    went_out = Digest.objects.filter(user__in=people, period_end__gte=floor - timedelta(days=3))
    told: dict[int, set[str]] = defaultdict(set)
    for user_id, items in went_out.exclude(state__in=NOT_TOLD).values_list("user_id", "items"):
        told[user_id].update(items)
    return told


def _fill(frame: Contents, record: Record, follows: list[Follow], window: Window, told: frozenset[str]) -> Contents:
    if not follows:
        return frame
    subscription = frame.subscription
    user = subscription.user
    today = window.end.astimezone(zone(user.time_zone)).date()
    since = _since(record, follows, user, today)
    scope = _Scope(record, subscription, since, window, told)
    return replace(
        frame,
        follows=Counter(follow.kind for follow in follows),
        standings=record.once(("standings", frozenset(since), today), lambda: _standings(scope, today)),
        changes=_changes(scope) if subscription.wants_status else [],
        due=_due(scope, today) if subscription.wants_due else [],
        news=_news(scope) if subscription.wants_evidence else [],
        figures=_figures(scope) if subscription.wants_figures else [],
        waiting=_waiting(scope) if subscription.wants_suggestions and user.is_editor else None,
        failing=_failing(scope) if subscription.wants_feeds and user.is_editor else None,
    )


def _since(record: Record, follows: list[Follow], user: User, today: date) -> dict[int, datetime]:
    """The pledges that a person follows in any way, and since when.

    A pledge that left a saved list since the last digest is told a last time: what took it off the list is news.
    """
    since: dict[int, datetime] = {}
    lists = [follow for follow in follows if follow.query]
    for follow in follows:
        if not follow.query:
            for pk in record.members[follow.kind, follow.thing_id]:
                since[pk] = min(since.get(pk, follow.created_at), follow.created_at)
    followed = frozenset(since)
    for follow in lists:
        found = record.listed(follow, user, today, followed) & record.pledges.keys()
        for pk in found | (set(follow.matched) & record.pledges.keys()):
            since[pk] = min(since.get(pk, follow.created_at), follow.created_at)
        follow.matched = sorted(found)
    return since


def _standings(scope: _Scope, today: date) -> list[Standing]:
    pledges = scope.record.pledges
    rows = sorted((pledges[pk] for pk in scope.since), key=lambda pledge: (pledge.declaration_id, pledge.number))
    standings = []
    for _pk, group in groupby(rows, key=lambda pledge: pledge.declaration_id):
        of = list(group)
        overdue = sum(scope.record.timeliness(pledge, today).code == "overdue" for pledge in of)
        standings.append(Standing(of[0].declaration, of, overdue))
    return standings


def _changes(scope: _Scope) -> list[Change]:
    found = []
    for pledge, rows in scope.fresh(scope.record.assessments, "a", "recorded_at"):
        by_party: dict[int | None, list[Assessment]] = {}
        for row in rows:
            by_party.setdefault(row.party_id, []).append(row)
        found += [Change(pledge, of) for of in by_party.values()]
    return found


def _news(scope: _Scope) -> list[News]:
    found = scope.fresh(scope.record.evidence, "e", "added_at")
    for pledge, rows in found:
        for row in rows:
            row.pledge = pledge
    return [News(pledge, rows) for pledge, rows in found]


def _figures(scope: _Scope) -> list[Figures]:
    return [Figures(pledge, rows) for pledge, rows in scope.fresh(scope.record.observations, "m", "added_at")]


def _due(scope: _Scope, today: date) -> list[Due]:
    """Pledges that came to a day worth telling in the period, each such day once. Most pressing first."""
    place = zone(scope.subscription.user.time_zone)
    first = scope.window.floor.astimezone(place).date()
    found = []
    for pledge, code, days, crossings in _pressing(scope.record, today, tuple(scope.subscription.reminders)):
        if pledge.pk not in scope.since:
            continue
        followed_on = scope.since[pledge.pk].astimezone(place).date()
        fresh = {
            item: day
            for item, day in crossings
            if item not in scope.told and (item in scope.window.again or (day >= first and day > followed_on))
        }
        if fresh:
            found.append(Due(pledge, code, days, max(fresh.values()), list(fresh)))
    return sorted(found, key=lambda due: (due.code != "overdue", due.crossed_on, due.pledge.pk))


def _pressing(
    record: Record, today: date, reminders: tuple[int, ...]
) -> list[tuple[Pledge, str, int, list[tuple[str, date]]]]:
    """Every open pledge that has passed such a day: its code, the days to or since its date, and those days."""

    def find() -> list[tuple[Pledge, str, int, list[tuple[str, date]]]]:
        found = []
        for pledge in record.pledges.values():
            state = record.timeliness(pledge, today)
            if pledge.due_latest is None or state.code not in ("overdue", "due_soon", "not_yet_due"):
                continue
            name = f"{pledge.pk}:{pledge.due_latest}"
            if state.code == "overdue":
                days = [(f"overdue:{name}", pledge.due_latest + timedelta(days=1))]
            else:
                before = {"due_soon": pledge.declaration.due_soon_days, **{f"reminder{n}": n for n in reminders}}
                days = [(f"{code}:{name}", pledge.due_latest - timedelta(days=n)) for code, n in before.items()]
            if passed := [(item, day) for item, day in days if day <= today]:
                found.append((pledge, "overdue" if state.code == "overdue" else "due_soon", state.days or 0, passed))
        return found

    return record.once(("pressing", today, reminders), find)


def _waiting(scope: _Scope) -> Waiting | None:
    def find() -> list[tuple[int, int, datetime]]:
        return [row for row in scope.record.waiting if row[1] in scope.since]

    rows = scope.record.once(("waiting", frozenset(scope.since)), find)
    if not rows:
        return None
    best = scope.record.suggestions(pk for pk, _pledge, _at in rows[:BEST_COUNT])
    return Waiting(len(rows), best, max(at for _pk, _pledge, at in rows) >= scope.subscription.covered_until)


def _failing(scope: _Scope) -> Failing | None:
    """Each failure once, some days after it began; and once a day that nearly all fail at once."""
    alarms = scope.record.alarms
    if alarms is None:
        return None
    days = timedelta(days=alarms.days)
    fresh = [
        feed
        for feed in alarms.failing
        if feed.failing_since
        and (item := feed_item(feed)) not in scope.told
        and (item in scope.window.again or feed.failing_since + days >= scope.window.floor)
    ]
    alarm = f"us:{scope.window.end:%Y-%m-%d}" if alarms.is_us else ""
    if alarm in scope.told:
        alarm = ""
    return Failing(len(alarms.failing), fresh, alarm) if fresh or alarm else None
