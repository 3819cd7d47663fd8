"""Two years, hour by hour, in twelve time zones: each period's events in exactly one digest, each mail at its hour."""

from bisect import bisect_right
from collections import Counter
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest

from tests import factories
from tracker.accounts.zones import zone
from tracker.digests import periods, planning
from tracker.digests.models import Digest, Subscription
from tracker.pledges.models import Evidence

pytestmark = pytest.mark.django_db
ZONES = (
    "UTC", "Europe/Berlin", "Europe/London", "America/New_York", "America/St_Johns", "America/Santiago", "Asia/Almaty",
    "Asia/Shanghai", "Asia/Tehran", "Africa/Cairo", "Australia/Lord_Howe", "Pacific/Chatham",
)  # fmt: skip
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
START = datetime(2025, 1, 1, tzinfo=UTC)
HOURS, A_YEAR = 2 * 365 * 24, 365 * 24


@pytest.mark.parametrize("frequency", ["daily", "weekly", "monthly"])
def test_every_hours_event_is_in_exactly_one_period_and_every_mail_at_its_hour(frequency):
    """All 17,520 hours in every zone, at four hours of the day, by the rule that plans them."""
    moments = [START + n * HOUR for n in range(HOURS)]
    for place in ZONES:
        for hour in (0, 2, 8, 23):
            ends, at = [], START
            while at < START + HOURS * HOUR:
                at = periods.next_at(frequency, 0, hour, place, at)
                ends.append(at)
            told = Counter(bisect_right(ends, moment) for moment in moments)  # the first digest planned after it
            assert sum(told.values()) == HOURS
            assert len(told) == len(ends), "no period is empty, none is told twice"
            local = [end.astimezone(zone(place)) for end in ends]
            odd = [end for end in local if (end.hour, end.minute) != (hour, 0)]
            assert len(odd) <= 2, "only where a clock change left the hour out"
            if frequency != "daily":
                assert {end.weekday() for end in local} == {0}


def test_events_on_record_are_told_once_at_each_persons_hour_across_clock_changes():
    """The real planner, at every hour at which somebody of twelve zones is due, for a year of clock changes."""
    pledge = factories.pledge()
    for place in ZONES:
        person = factories.user(time_zone=place)
        at = periods.next_at("weekly", 0, 8, place, START)
        factories.follow(person, pledge, since=START, frequency="weekly", next_at=at)
    events = Evidence.objects.bulk_create(
        Evidence(
            pledge=pledge, url=f"https://news.example.org/{n}", title=f"{n}", publisher="Courier", language="en",
            published_edtf="2025-01-01", published_on=START.date(), stance="progress", kind="action",
            voice="independent", added_at=START + n * 101 * HOUR,
        )
        for n in range(A_YEAR // 101)
    )  # fmt: skip
    end = START + A_YEAR * HOUR
    while moment := Subscription.objects.filter(next_at__lt=end).order_by("next_at").values_list("next_at").first():
        planning.plan_due(now=moment[0])
        Digest.objects.filter(state="planned").update(state="sent")
    planning.plan_due(now=end + 8 * DAY)
    for person in Subscription.objects.select_related("user"):
        digests = list(Digest.objects.filter(user=person.user).order_by("period_start"))
        told = Counter(item for digest in digests for item in digest.items)
        assert told == Counter(f"e{event.pk}" for event in events), person.user.time_zone
        local = [digest.period_end.astimezone(zone(person.user.time_zone)) for digest in digests[:-1]]
        assert {(at.hour, at.minute) for at in local} == {(8, 0)}, person.user.time_zone
        assert all(later.period_start == earlier.period_end for earlier, later in pairwise(digests))
