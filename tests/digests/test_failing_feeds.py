"""Editors hear of feeds that keep failing, once for each failure; and when nearly all fail, that it is us."""

from datetime import timedelta

import pytest

from tests import factories
from tracker.digests.composing import compose
from tracker.digests.gathering import gather
from tracker.digests.models import Digest, DigestState

pytestmark = pytest.mark.django_db
NOW = factories.NOW
DAY = timedelta(days=1)


def failing(title, days, **fields):
    since = NOW + DAY - timedelta(days=days)
    given = {"failing_since": since, "last_polled_at": NOW, "failure_count": 9, "error_code": "timeout"}
    return factories.feed(title=title, **{**given, **fields})


@pytest.fixture
def subscription(settings):
    settings.FEED_ALERT_DAYS = 3
    for _ in range(3):
        factories.feed(last_polled_at=NOW)
    return factories.follow(factories.editor(), factories.pledge())


def contents(subscription, end=NOW + DAY):
    return gather(subscription, end=end)


def test_a_feed_that_has_failed_for_so_many_days_is_told_with_its_cause(subscription):
    failing("Long dead", 3)
    failing("Just stumbled", 2)
    failing("Paused", 3, paused_at=NOW)
    told = contents(subscription)
    assert ([feed.title for feed in told.failing.feeds], told.failing.alarm) == (["Long dead"], "")
    mail = compose(told)
    assert "Long dead" in mail.text
    assert "The server did not finish its answer in time." in mail.text
    assert "Just stumbled" not in mail.text


def test_each_failure_is_told_once(subscription):
    failing("Long dead", 3)
    told = contents(subscription)
    moments = {"period_start": NOW, "period_end": NOW + DAY, "created_at": NOW, "due_at": NOW, "give_up_at": NOW}
    Digest.objects.create(
        user=subscription.user, state=DigestState.SENT, items=told.items, message_id="<a@example.org>", **moments
    )
    assert contents(subscription).failing is None


def test_readers_and_those_who_do_not_want_to_are_not_told(subscription):
    failing("Long dead", 3)
    subscription.wants_feeds = False
    assert contents(subscription).failing is None
    reader = factories.follow(factories.user(), subscription.user.follows.get().pledge)
    assert contents(reader).failing is None


def test_when_nearly_all_fail_at_once_the_mail_says_that_it_is_us_once_a_day(subscription):
    for _ in range(9):
        factories.feed(error_code="offline", last_polled_at=NOW)
    told = contents(subscription)
    assert (told.failing.count, told.failing.alarm, told.is_empty) == (0, "us:2026-11-25", False)
    mail = compose(told)
    assert "Nearly all feeds fail at once" in mail.text
    assert "nearly all feeds fail" in mail.subject.lower()
    moments = {"period_start": NOW, "period_end": NOW + DAY, "created_at": NOW, "due_at": NOW, "give_up_at": NOW}
    Digest.objects.create(
        user=subscription.user, state=DigestState.SENT, items=told.items, message_id="<a@example.org>", **moments
    )
    assert contents(subscription).failing is None
    assert contents(subscription, NOW + 2 * DAY).failing.alarm == "us:2026-11-26"
