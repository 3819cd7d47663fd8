import os
import subprocess
import sys
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracker.accounts.zones import zone
from tracker.digests.periods import days, describe_days, next_after_change, next_at, retry_at


def utc(text):
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def run(frequency, weekday, hour, place, start, end):
    """All moments between two instants."""
    found, at = [], utc(start)
    while (at := next_at(frequency, weekday, hour, place, at)) < utc(end):
        found.append(at)
    return found


@pytest.mark.parametrize(
    ("case", "place", "hour", "start", "end", "instants"),
    [
        # I01: the hour is left out in spring; the digest comes when it would have been, at 3:00 summer time.
        ("I01", "Europe/Berlin", 2, "2026-03-27T12:00", "2026-03-30T12:00", ["28T01:00", "29T01:00", "30T00:00"]),
        # I02: the hour comes twice in autumn; the first one counts.
        ("I02", "Europe/Berlin", 2, "2026-10-23T12:00", "2026-10-26T12:00", ["24T00:00", "25T00:00", "26T01:00"]),
        # I03: a day without midnight.
        ("I03", "Africa/Cairo", 0, "2026-04-22T12:00", "2026-04-25T12:00", ["22T22:00", "23T22:00", "24T21:00"]),
        # I03: clocks that move by half an hour (the hour 2 is half left out).
        ("I03", "Australia/Lord_Howe", 2, "2026-10-02T12:00", "2026-10-05T12:00", ["02T15:30", "03T15:30", "04T15:00"]),
        # I03: Friday 30 December 2011 never was in Samoa; its digest and Saturday's are one.
        (
            "I03",
            "Pacific/Apia",
            8,
            "2011-12-28T19:00",
            "2012-01-01T19:00",
            ["29T18:00", "30T18:00", "31T18:00", "01T18:00"],
        ),
        ("I03", "Pacific/Kiritimati", 8, "2026-05-01T00:00", "2026-05-03T00:00", ["01T18:00", "02T18:00"]),
        ("I03", "Etc/GMT+12", 8, "2026-05-01T00:00", "2026-05-03T00:00", ["01T20:00", "02T20:00"]),
        # Five and a half, five and three quarters.
        ("I03", "Asia/Kolkata", 8, "2026-05-01T00:00", "2026-05-03T00:00", ["01T02:30", "02T02:30"]),
        ("I03", "Asia/Kathmandu", 8, "2026-05-01T00:00", "2026-05-03T00:00", ["01T02:15", "02T02:15"]),
        # I08: a zone that nobody knows counts as UTC.
        ("I08", "Mars/Olympus", 8, "2026-05-01T00:00", "2026-05-03T00:00", ["01T08:00", "02T08:00"]),
        ("I08", "../../etc/passwd", 8, "2026-05-01T00:00", "2026-05-02T00:00", ["01T08:00"]),
    ],
)
def test_daily_digest_comes_once_a_local_day(case, place, hour, start, end, instants):
    assert [f"{at:%dT%H:%M}" for at in run("daily", 0, hour, place, start, end)] == instants


def test_weekly_digest_comes_on_its_weekday_at_the_local_hour_across_clock_changes():
    found = run("weekly", 0, 8, "Europe/Paris", "2026-10-12T12:00", "2026-11-03T00:00")
    assert [f"{at:%m-%dT%H:%M}" for at in found] == ["10-19T06:00", "10-26T07:00", "11-02T07:00"]


def test_weekday_that_a_zone_jumped_over_comes_when_it_would_have_been():
    """I03: 30 December 2011 was to be a Friday."""
    assert next_at("weekly", 4, 8, "Pacific/Apia", utc("2011-12-30T17:00")) == utc("2011-12-30T18:00")
    assert next_at("weekly", 4, 8, "Pacific/Apia", utc("2011-12-30T18:00")) == utc("2012-01-05T18:00")


def test_never_has_no_next_moment():
    assert next_at("never", 0, 8, "UTC", utc("2026-01-01T00:00")) is None
    assert next_after_change("never", 0, 8, "UTC", covered_until=utc("2026-01-01T00:00"), last_mail=None) is None


def test_moment_itself_is_not_its_own_next():
    assert next_at("daily", 0, 8, "UTC", utc("2026-01-01T08:00")) == utc("2026-01-02T08:00")


ZONES = (
    "UTC", "Europe/Berlin", "Europe/London", "America/New_York", "America/St_Johns", "America/Santiago", "Asia/Almaty",
    "Asia/Shanghai", "Asia/Tehran", "Africa/Cairo", "Australia/Lord_Howe", "Pacific/Chatham",
)  # fmt: skip


@pytest.mark.parametrize("place", ZONES)
def test_over_two_years_every_local_day_has_one_digest_at_the_chosen_hour(place):
    start = utc("2025-01-01T00:00")
    for hour in (0, 2, 8, 23):
        moments, at = [], start
        while at < start + timedelta(days=730):
            at = next_at("daily", 0, hour, place, at)
            moments.append(at)
        local = [at.astimezone(zone(place)) for at in moments]
        assert [at.date() for at in local] == [local[0].date() + timedelta(days=n) for n in range(len(local))]
        odd = [at for at in local if (at.hour, at.minute) != (hour, 0)]
        assert len(odd) <= 2, "only the days whose hour was left out"


@given(
    st.sampled_from(ZONES), st.sampled_from(ZONES), st.integers(0, 23), st.integers(0, 23), st.integers(0, 6),
    st.integers(0, 6), st.sampled_from(["daily", "weekly"]), st.integers(0, 365 * 24 * 60),
)  # fmt: skip
def test_change_of_hour_day_or_zone_makes_neither_none_nor_two(
    before, after, hour, new_hour, day, new_day, how, minute
):
    """I07: whatever is changed, the next mail comes between half a period and a period and a half after the last."""
    last = next_at(how, day, hour, before, utc("2026-01-01T00:00") + timedelta(minutes=minute))
    following = next_after_change(how, new_day, new_hour, after, covered_until=last, last_mail=last)
    period = timedelta(days=7 if how == "weekly" else 1)
    assert period / 2 <= following - last <= period * 1.5 + timedelta(hours=1)


def test_first_digest_after_a_change_need_not_wait_when_none_was_mailed_yet():
    followed = utc("2026-05-04T10:00")
    assert next_after_change("daily", 0, 18, "UTC", covered_until=followed, last_mail=None) == utc("2026-05-04T18:00")


@pytest.mark.parametrize("place", ["Asia/Tokyo", "America/St_Johns"])
def test_i09_the_zone_of_a_machine_changes_no_hour(place):
    """Web server, worker and beat may run under any TZ."""
    program = (
        "import django; django.setup()\n"
        "from datetime import datetime, UTC\n"
        "from django.utils import timezone\n"
        "from tracker.digests.periods import next_at\n"
        "print(next_at('daily', 0, 8, 'Asia/Almaty', datetime(2026, 5, 1, tzinfo=UTC)), timezone.now().tzinfo)"
    )
    environment = {**os.environ, "TZ": place, "DJANGO_SETTINGS_MODULE": "tests.settings"}
    said = subprocess.run([sys.executable, "-c", program], env=environment, capture_output=True, text=True, check=True)
    assert said.stdout.strip() == "2026-05-01 03:00:00+00:00 UTC"


def test_hour_that_has_just_passed_is_due_at_once():
    """Weekly on Monday at 8; on Monday at 7:59 it is moved to 7: this week's mail comes now, not in a week."""
    last = utc("2026-05-04T08:00")
    assert next_after_change("weekly", 0, 7, "UTC", covered_until=last, last_mail=last) == utc("2026-05-11T07:00")


@pytest.mark.parametrize(
    ("start", "end", "place", "expected", "words"),
    [
        ("2025-11-17T03:00", "2025-11-24T03:00", "Asia/Almaty", (17, 23), "17–23 Nov 2025"),
        ("2025-11-23T08:00", "2025-11-24T08:00", "UTC", (23, 23), "23 Nov 2025"),
        ("2025-11-23T20:00", "2025-11-24T20:00", "UTC", (24, 24), "24 Nov 2025"),
        ("2025-11-24T07:00", "2025-11-24T08:00", "UTC", (24, 24), "24 Nov 2025"),
        ("2025-11-28T08:00", "2025-12-05T08:00", "UTC", (28, 4), "28 Nov – 4 Dec 2025"),
        ("2025-12-29T08:00", "2026-01-05T08:00", "UTC", (29, 4), "29 Dec 2025 – 4 Jan 2026"),
    ],
)
def test_period_is_named_by_the_days_it_mostly_covers(start, end, place, expected, words):
    first, last = days(utc(start), utc(end), place)
    assert (first.day, last.day) == expected
    assert describe_days(first, last, "en") == words


def test_period_is_named_in_the_readers_language():
    assert describe_days(date(2025, 11, 17), date(2025, 11, 23), "fr") == "17–23 nov. 2025"


def test_pauses_grow_from_a_minute_to_six_hours():
    """H01"""
    now = utc("2026-01-01T00:00")
    pauses = [(retry_at(n, now, 0) - now) / timedelta(minutes=1) for n in range(1, 9)]
    assert pauses == [1, 3, 9, 27, 81, 243, 360, 360]
    assert retry_at(1, now, 1) - now == timedelta(seconds=75)
    assert retry_at(30_000, now, 0) - now == timedelta(hours=6)
