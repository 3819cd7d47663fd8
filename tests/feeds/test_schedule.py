from datetime import UTC, datetime, timedelta

import pytest

from tracker.feeds import schedule

NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
HTTP_NOW = "Tue, 24 Nov 2026 09:00:00 GMT"
IN_TWO_HOURS = "Tue, 24 Nov 2026 11:00:00 GMT"


def hours(count):
    return timedelta(hours=count)


def every(gap, count=30, end=NOW):
    return [end - gap * number for number in range(count)]


@pytest.mark.parametrize(
    ("dates", "minutes"),
    [
        ([], 60),
        ([NOW], 60),
        (every(timedelta(minutes=4)), 15),
        (every(hours(1)), 30),
        (every(hours(10)), 300),
        (every(timedelta(days=9)), 1440),
        ([NOW] * 30, 15),
        (every(hours(1), 20) + every(timedelta(days=30), 400, NOW - timedelta(days=90)), 30),
        ([*every(hours(2), 10), NOW - timedelta(days=500)], 60),
    ],
)
def test_the_interval_is_half_the_median_gap_of_the_newest_entries(dates, minutes):
    assert schedule.usual_interval(dates) == minutes
    assert schedule.usual_interval(reversed(dates)) == minutes


@pytest.mark.parametrize(
    ("headers", "ttl", "minutes"),
    [
        ({}, None, 0),
        ({}, 45, 45),
        ({"cache-control": "public, max-age=7200"}, 45, 120),
        ({"cache-control": "max-age=60"}, 45, 45),
        ({"cache-control": "no-cache"}, None, 0),
        ({"cache-control": "max-age=99999999"}, None, 1440),
        ({"expires": IN_TWO_HOURS}, None, 120),
        ({"expires": "0"}, None, 0),
        ({"expires": "Thu, 01 Jan 1970 00:00:00 GMT"}, 30, 30),
        ({"cache-control": "max-age=0", "expires": IN_TWO_HOURS}, None, 0),
    ],
)
def test_publishers_may_ask_for_a_slower_pace(headers, ttl, minutes):
    assert schedule.publisher_floor(headers, ttl, NOW) == minutes


@pytest.mark.parametrize(
    ("value", "wait"),
    [
        ("7200", hours(2)),
        (IN_TWO_HOURS, hours(2)),
        ("0", timedelta(minutes=1)),
        (HTTP_NOW, timedelta(minutes=1)),
        ("Tue, 24 Nov 2020 09:00:00 GMT", timedelta(minutes=1)),
        ("315360000", timedelta(hours=24)),
        ("9" * 400, timedelta(hours=24)),
        ("Tue, 24 Nov 2036 09:00:00 GMT", timedelta(hours=24)),
        ("-5", None),
        ("soon", None),
        ("", None),
        ("٣", None),
    ],
)
def test_retry_after_is_honoured_within_a_minute_and_a_day(value, wait):
    assert schedule.retry_after({"retry-after": value}, NOW) == wait


def next_poll(*, silent_days=0, **more):
    given = {"feed_id": 1, "interval": 60, "floor": 0, "has_validators": True, **more}
    moment = schedule.after_success(now=NOW, newest_entry_at=NOW - timedelta(days=silent_days), **given)
    return (moment - NOW).total_seconds() / 60


@pytest.mark.parametrize(
    ("met", "minutes"),
    [
        ({}, 60),
        ({"interval": 15}, 15),
        ({"interval": 15, "has_validators": False}, 60),
        ({"silent_days": 6.9}, 60),
        ({"silent_days": 7}, 6 * 60),
        ({"silent_days": 14}, 12 * 60),
        ({"silent_days": 30}, 24 * 60),
        ({"silent_days": 400, "interval": 1440}, 24 * 60),
    ],
)
def test_the_next_poll_follows_the_interval_within_a_tenth(met, minutes):
    waits = [next_poll(feed_id=number, **met) for number in range(200)]
    assert 0.9 * minutes <= min(waits) < 0.93 * minutes
    assert 1.07 * minutes < max(waits) <= 1.1 * minutes
    assert waits == [next_poll(feed_id=number, **met) for number in range(200)]


def test_nobody_is_polled_before_the_pace_they_asked_for():
    waits = [next_poll(feed_id=number, interval=15, floor=120) for number in range(200)]
    assert 120 <= min(waits) <= max(waits) <= 132


def bits(*places):
    return sum(1 << place for place in places)


@pytest.mark.parametrize(
    ("hours_skipped", "days_skipped", "earliest"),
    [
        ((), (), 10),
        ((10,), (), 11),
        ((9, 10, 11, 12), (), 13),
        ((10, *range(12, 24)), (), 11),
        ((), (1,), 24),  # it is a Tuesday
        ((), (2,), 10),
        (range(24), (), 34),
        ((), range(7), 34),
    ],
)
def test_hours_and_days_a_document_asks_to_skip_are_skipped_for_a_day_at_most(hours_skipped, days_skipped, earliest):
    for feed_id in range(50):
        moment = schedule.after_success(
            feed_id=feed_id,
            now=NOW + timedelta(minutes=15),
            interval=60,
            floor=0,
            newest_entry_at=NOW,
            has_validators=True,
            skipped=(bits(*hours_skipped), bits(*days_skipped)),
        )
        assert NOW.replace(hour=0) + hours(earliest) <= moment < NOW.replace(hour=0) + hours(earliest + 1)


def after_failures(score, code="server_error", wait=None, interval=60, feed_id=1):
    moment = schedule.after_failure(feed_id=feed_id, now=NOW, interval=interval, score=score, code=code, wait=wait)
    return moment - NOW


@pytest.mark.parametrize(
    ("score", "expected"),
    [(0.25, 1.19), (0.5, 1.41), (1, 2), (2, 4), (4, 16), (6, 24), (10, 24), (10.5, 7 * 24), (99, 7 * 24)],
)
def test_failures_double_the_wait_up_to_a_day_and_in_the_end_a_week(score, expected):
    for feed_id in range(50):
        assert hours(0.89 * expected) <= after_failures(score, feed_id=feed_id) <= hours(1.11 * expected)


def test_what_failed_together_is_not_retried_together():
    assert len({after_failures(1, feed_id=feed_id) for feed_id in range(50)}) == 50


def test_a_server_that_blocks_us_is_asked_every_four_hours():
    assert hours(4) <= after_failures(0, "blocked") <= hours(4.4)


def test_a_server_that_names_a_time_is_left_alone_until_then():
    assert after_failures(0.5, "rate_limited", wait=hours(30)) == hours(30)
    assert after_failures(0.5, "server_error", wait=hours(2)) == hours(2)
    assert after_failures(0.5, "rate_limited", interval=15) == hours(1)


@pytest.mark.parametrize(
    ("code", "status", "wait", "expected"),
    [
        ("rate_limited", 429, hours(2), hours(2)),
        ("rate_limited", 429, None, hours(1)),
        ("server_error", 503, hours(2), hours(2)),
        ("server_error", 503, None, None),
        ("server_error", 500, hours(2), None),
        ("timeout", None, None, None),
    ],
)
def test_a_busy_server_rests_from_all_its_feeds(code, status, wait, expected):
    assert schedule.host_wait(code, status, wait) == expected


@pytest.mark.parametrize(
    ("status", "headers", "code"),
    [
        (401, {}, "blocked"),
        (403, {}, "blocked"),
        (503, {"cf-mitigated": "challenge"}, "blocked"),
        (404, {}, "not_found"),
        (410, {}, "gone"),
        (429, {}, "rate_limited"),
        (500, {}, "server_error"),
        (503, {}, "server_error"),
        (418, {}, "http_error"),
        (204, {}, "http_error"),
    ],
)
def test_every_status_has_a_cause(status, headers, code):
    assert schedule.code_of_status(status, headers) == code


@pytest.mark.parametrize(
    ("count", "age", "gone"), [(3, 48, True), (9, 47, False), (2, 500, False), (3, 47.9, False), (4, 72, True)]
)
def test_gone_is_believed_the_third_time_after_two_days(count, age, gone):
    assert schedule.is_gone(count=count, since=NOW - hours(age), now=NOW) is gone


@pytest.mark.parametrize(("count", "days", "moved"), [(5, 4, True), (4, 40, False), (50, 3.9, False)])
def test_a_move_is_believed_the_fifth_time_after_four_days(count, days, moved):
    assert schedule.has_moved(count=count, since=NOW - timedelta(days=days), now=NOW) is moved


def test_a_full_answer_is_wanted_every_second_day():
    assert schedule.wants_full_answer(None, NOW)
    assert schedule.wants_full_answer(NOW - hours(48), NOW)
    assert not schedule.wants_full_answer(NOW - hours(47), NOW)


@pytest.mark.parametrize(
    ("failed", "fine", "is_down"), [(10, 0, True), (7, 3, True), (6, 4, False), (4, 0, False), (0, 10, False)]
)
def test_when_most_hosts_cannot_be_reached_it_is_us(failed, fine, is_down):
    results = [(f"host{n}", "dns_busy") for n in range(failed)] + [(f"fine{n}", "") for n in range(fine)]
    assert schedule.is_own_network_down(results) is is_down
    assert not schedule.is_own_network_down([("one.host", "connection")] * 50)
    assert not schedule.is_own_network_down((f"host{n}", "server_error") for n in range(50))
