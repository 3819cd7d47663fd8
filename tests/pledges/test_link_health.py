"""When a link counts as changed or dead, from plain values."""

from datetime import UTC, datetime, timedelta

import pytest

from tracker.pledges.link_health import Finding, Health, after, finding, is_own_network_down, wait

NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
FRESH = Health("ok", NOW - timedelta(days=30))


def days(number):
    return NOW + timedelta(days=number)


def fail(health, *when):
    for day in when:
        health = after(health, Finding.FAILED, has_changed=False, now=days(day))
    return health


@pytest.mark.parametrize(
    ("status", "code", "expected"),
    [
        (200, "", Finding.THERE),
        (404, "http_404", Finding.FAILED),
        (410, "http_410", Finding.FAILED),
        (500, "http_500", Finding.FAILED),
        (None, "dns", Finding.FAILED),
        (None, "timeout", Finding.FAILED),
        (None, "tls", Finding.FAILED),
        (401, "http_401", Finding.UNTOLD),
        (403, "http_403", Finding.UNTOLD),
        (429, "http_429", Finding.UNTOLD),
        (304, "http_304", Finding.UNTOLD),
        (None, "robots_refused", Finding.UNTOLD),
        (None, "address_refused", Finding.UNTOLD),
        (None, "dns_busy", Finding.UNTOLD),
        (None, "unreachable", Finding.UNTOLD),
        (None, "too_large", Finding.UNTOLD),
        (None, "internal", Finding.UNTOLD),
    ],
)
def test_only_what_the_links_own_server_does_counts_against_it(status, code, expected):
    assert finding(status=status, code=code) is expected


def test_a_link_dies_after_three_failures_days_apart_and_its_death_is_dated_from_the_first():
    assert fail(FRESH, 0).state == fail(FRESH, 0, 2).state == "ok"
    dead = fail(FRESH, 0, 2, 4)
    assert (dead.state, dead.state_since) == ("dead", days(0))
    assert fail(dead, 11).state_since == days(0)


def test_many_failures_within_few_days_do_not_kill():
    assert fail(FRESH, 0, 0.1, 0.2, 0.3, 3.9).state == "ok"


def test_an_answer_between_failures_starts_the_count_again():
    recovered = after(fail(FRESH, 0, 2), Finding.THERE, has_changed=False, now=days(4))
    assert (recovered.failure_count, recovered.failing_since) == (0, None)
    assert fail(recovered, 6, 8).state == "ok"


def test_what_tells_nothing_moves_nothing():
    failing = fail(FRESH, 0)
    assert after(failing, Finding.UNTOLD, has_changed=False, now=days(2)) == failing


def test_a_dead_link_that_answers_lives_again_from_that_day():
    back = after(fail(FRESH, 0, 2, 4), Finding.THERE, has_changed=True, now=days(11))
    assert (back.state, back.state_since) == ("changed", days(11))


def test_since_is_the_day_the_state_began():
    changed = after(FRESH, Finding.THERE, has_changed=True, now=days(0))
    assert after(changed, Finding.THERE, has_changed=True, now=days(7)).state_since == days(0)
    same = after(FRESH, Finding.THERE, has_changed=False, now=days(0))
    assert same.state_since == FRESH.state_since


def test_links_are_asked_every_week_and_sooner_while_in_doubt():
    assert wait(FRESH, Finding.THERE) == wait(FRESH, Finding.UNTOLD) == timedelta(days=7)
    assert wait(fail(FRESH, 0), Finding.FAILED) == timedelta(days=2)
    assert wait(fail(FRESH, 0, 2, 4), Finding.FAILED) == timedelta(days=7)


def test_silence_of_every_server_is_our_own_network():
    assert is_own_network_down([("a", None), ("b", None)])
    assert not is_own_network_down([("a", None), ("b", 500)])
    assert not is_own_network_down([("a", None)])
    assert not is_own_network_down([])
