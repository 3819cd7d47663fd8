"""Where a pledge stands in time: a table of cases, and what holds for every day, threshold and time zone."""

from calendar import isleap
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone
from hypothesis import example, given
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from tests import factories
from tracker.pledges.dates import bounds
from tracker.pledges.models import Pledge
from tracker.pledges.timeliness import Timeliness, is_stale, timeliness

TODAY = date(2026, 11, 24)
DAY = timedelta(days=1)
days = st.dates(date(1990, 1, 1), date(2090, 12, 31))
leap_days = st.sampled_from([date(year, 2, 29) for year in range(1992, 2092) if isleap(year)])
thresholds = st.integers(1, 3650)
instants = st.builds(datetime.combine, st.dates(date(1996, 1, 1), date(2085, 12, 31)), st.times(), st.just(UTC))
zones = st.sampled_from(["Pacific/Kiritimati", "Asia/Almaty", "Asia/Shanghai", "Europe/Paris", "America/New_York"])


def at(today, *, due, fulfilled_on=None, is_closed=False, soon=45):
    return timeliness(due_latest=due, fulfilled_on=fulfilled_on, is_closed=is_closed, today=today, due_soon_days=soon)


@pytest.mark.parametrize(
    ("due_latest", "fulfilled_on", "closed", "expected"),
    [
        (None, None, False, Timeliness("no_deadline")),
        (date(2027, 11, 24), None, False, Timeliness("not_yet_due", 365)),
        (date(2026, 12, 31), None, False, Timeliness("due_soon", 37)),
        (TODAY, None, False, Timeliness("due_soon", 0)),
        (date(2026, 11, 23), None, False, Timeliness("overdue", 1)),
        (date(2025, 12, 31), date(2025, 6, 16), True, Timeliness("on_time", 198)),
        (date(2025, 12, 31), date(2026, 1, 2), True, Timeliness("late", 2)),
        (date(2025, 12, 31), date(2025, 12, 31), True, Timeliness("on_time", 0)),
        (date(2025, 12, 31), None, True, Timeliness("closed")),
        (None, date(2025, 6, 16), True, Timeliness("no_deadline")),
        (date(2027, 1, 8), None, False, Timeliness("due_soon", 45)),
        (date(2027, 1, 9), None, False, Timeliness("not_yet_due", 46)),
    ],
)
def test_timeliness_follows_from_dates_alone(due_latest, fulfilled_on, closed, expected):
    assert at(TODAY, due=due_latest, fulfilled_on=fulfilled_on, is_closed=closed) == expected


@given(days | leap_days, thresholds)
@example(date(2028, 2, 29), 365)
@example(date(2027, 2, 28), 1)
def test_each_edge_of_the_window_lies_between_two_days(due, soon):
    opens = due - timedelta(days=soon)
    assert at(opens - DAY, due=due, soon=soon) == Timeliness("not_yet_due", soon + 1)
    assert at(opens, due=due, soon=soon) == Timeliness("due_soon", soon)
    assert at(due, due=due, soon=soon) == Timeliness("due_soon", 0)
    assert at(due + DAY, due=due, soon=soon) == Timeliness("overdue", 1)


@given(days | leap_days, days | leap_days, thresholds)
def test_the_days_it_counts_lead_from_today_to_the_due_day(today, due, soon):
    found = at(today, due=due, soon=soon)
    way = -found.days if found.code == "overdue" else found.days
    assert today + timedelta(days=way) == due
    assert (found.code == "overdue") == (today > due)
    assert (found.code == "due_soon") == (due - timedelta(days=soon) <= today <= due)


@given(days | leap_days, days | leap_days, days, thresholds)
def test_once_fulfilled_the_day_of_reading_changes_nothing(due, fulfilled_on, today, soon):
    found = at(today, due=due, fulfilled_on=fulfilled_on, is_closed=True, soon=soon)
    assert found == at(today + DAY, due=due, fulfilled_on=fulfilled_on, is_closed=True, soon=soon)
    assert (found.code == "late") == (fulfilled_on > due)
    assert abs((fulfilled_on - due).days) == found.days


@given(days, days, thresholds)
def test_a_closed_pledge_and_one_without_a_date_are_never_pressing(due, today, soon):
    assert at(today, due=due, is_closed=True, soon=soon).code == "closed"
    assert at(today, due=None, soon=soon).code == "no_deadline"


@given(instants, zones, thresholds)
@example(datetime(2028, 2, 29, 23, 30, tzinfo=UTC), "Asia/Almaty", 45)
@example(datetime(2026, 12, 31, 10, 0, tzinfo=UTC), "Pacific/Kiritimati", 45)
def test_a_due_day_lasts_until_midnight_where_the_reader_is(instant, zone, soon):
    """The day that is due is the reader's own: not a second of it is overdue, and the next second is."""
    place = ZoneInfo(zone)
    due = timezone.localdate(instant, place)
    assert at(timezone.localdate(instant, place), due=due, soon=soon) == Timeliness("due_soon", 0)
    midnight = datetime.combine(due + DAY, datetime.min.time(), place)
    last_second = (midnight.astimezone(UTC) - timedelta(seconds=1)).astimezone(place)
    assert at(last_second.date(), due=due, soon=soon).code == "due_soon"
    assert at(timezone.localdate(midnight, place), due=due, soon=soon) == Timeliness("overdue", 1)


@given(st.integers(1995, 2085), st.integers(1, 12), thresholds)
def test_a_fuzzy_date_is_overdue_only_after_the_last_day_it_can_mean(year, month, soon):
    for edtf in (f"{year}", f"{year}-{month:02d}", f"{year}-{32 + (month + 2) // 3}", f"{year - 1}/{year}", f"{year}~"):
        _first, last = bounds(edtf)
        assert at(last, due=last, soon=soon).code == "due_soon"
        assert at(last + DAY, due=last, soon=soon).code == "overdue"
        assert (last + DAY).day == 1, "each of them ends with a month, also a leap February"


class OneRule(TestCase):
    """The list that is filtered by the database and the page that counts days never disagree."""

    @given(days | leap_days, days | leap_days, thresholds, st.sampled_from(["in_progress", "fulfilled"]))
    def test_querysets_and_timeliness_agree(self, due, today, soon, status):
        of = factories.declaration(due_soon_days=soon)
        pledge = factories.pledge(of, due_latest=due, status=status)
        found = at(today, due=due, is_closed=status == "fulfilled", soon=soon)
        assert Pledge.objects.overdue(today).filter(pk=pledge.pk).exists() == (found.code == "overdue")
        assert Pledge.objects.due_soon(today).filter(pk=pledge.pk).exists() == (found.code == "due_soon")


@given(days | leap_days, days | leap_days, thresholds, st.sampled_from(["in_progress", "stalled", "not_assessed"]))
def test_only_pledges_in_progress_go_stale_and_only_after_the_whole_silence(evidence_on, today, stale_days, status):
    found = is_stale(status=status, latest_evidence_on=evidence_on, today=today, stale_days=stale_days)
    assert found == (status == "in_progress" and today > evidence_on + timedelta(days=stale_days))
    assert is_stale(status=status, latest_evidence_on=None, today=today, stale_days=stale_days) == (
        status == "in_progress"
    )
