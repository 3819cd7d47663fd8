"""H03: addresses that are refused for good again and again, and how they come back."""

from datetime import timedelta

import pytest
from django.urls import reverse

from tests import factories
from tests.digests.test_sending import planned, send
from tests.smtpserver import SmtpServer, mailers
from tracker.digests import actions, planning
from tracker.digests.models import Digest, Subscription

pytestmark = pytest.mark.django_db
NOW = factories.NOW
DAY = timedelta(days=1)


@pytest.fixture
def server(settings):
    with SmtpServer() as started:
        settings.MAILERS = mailers(started.port)
        yield started


def refused(person, times):
    """So many digests on so many days, each refused."""
    for n in range(person.digests.count(), person.digests.count() + times):
        start = NOW + n * DAY
        send(factories.digest(person, period_start=start, due_at=start, give_up_at=start + DAY), start)
    return Subscription.objects.get(user=person)


@pytest.fixture
def person():
    return factories.follow(factories.user(), factories.pledge()).user


def test_h03_address_is_suspended_after_three_refusals_in_a_row(server, person):
    server.mode = "never"
    assert refused(person, 2).suspended_at is None
    subscription = refused(person, 1)
    assert subscription.bounce_count == 3
    assert subscription.suspended_at == NOW + 2 * DAY
    assert subscription.suspended_reason == "550 no such user"


def test_h03_one_mail_that_is_taken_clears_the_count(server, person):
    server.mode = "never"
    refused(person, 2)
    server.mode = "ok"
    assert refused(person, 1).bounce_count == 0


@pytest.mark.parametrize("mode", ["never_from", "later", "drop", "busy"])
def test_h03_what_is_not_the_addresss_fault_is_not_counted(server, person, mode):
    server.mode = mode
    assert refused(person, 3).bounce_count == 0


def test_nothing_is_planned_or_sent_to_a_suspended_address_and_nothing_is_lost(server, person):
    pledge = person.follows.get().pledge
    Subscription.objects.update(suspended_at=NOW, suspended_reason="550 no such user")
    link = factories.evidence(pledge, added_at=NOW + timedelta(hours=1))
    assert planning.plan_due(now=NOW + 3 * DAY) == 0
    assert send(factories.digest(person)) == "failed"
    assert server.conversations == 0
    Subscription.objects.update(suspended_at=None)
    assert planning.plan_due(now=NOW + 4 * DAY) == 1
    assert f"e{link.pk}" in Digest.objects.get(state="planned").items


def test_owner_says_that_it_works_again(client, person):
    Subscription.objects.update(suspended_at=NOW, suspended_reason="550 no such user", bounce_count=3)
    client.force_login(person)
    assert "550 no such user" in client.get(reverse("settings")).content.decode()
    client.post(reverse("restore_address"))
    subscription = Subscription.objects.get(user=person)
    assert (subscription.suspended_at, subscription.bounce_count, subscription.suspended_reason) == (None, 0, "")


def test_administrator_sees_it_and_says_that_it_works_again(client, person):
    Subscription.objects.update(suspended_at=NOW, suspended_reason="550 no such user", bounce_count=3)
    client.force_login(factories.admin())
    page = client.get(reverse("outbox")).content.decode()
    assert person.email in page
    assert "550 no such user" in page
    client.post(reverse("restore_address_of", args=[person.pk]))
    assert Subscription.objects.get(user=person).suspended_at is None


# -- many mails over one connection


def test_many_mails_go_over_one_connection_and_a_refusal_leaves_the_others_alone(server):
    digests = [planned() for _ in range(5)]
    server.mode, server.unknown = "never", {digests[2].user.email}
    actions.send_all(digest_ids=[digest.pk for digest in digests], now=NOW)
    assert server.conversations == 1
    states = [Digest.objects.get(pk=digest.pk).state for digest in digests]
    assert states == ["sent", "sent", "failed", "sent", "sent"]


def test_connection_that_breaks_leaves_one_doubt_and_the_others_go_on(server):
    digests = [planned() for _ in range(3)]
    server.mode = "drop"
    actions.send_all(digest_ids=[digests[0].pk], now=NOW)
    server.mode = "ok"
    actions.send_all(digest_ids=[digest.pk for digest in digests], now=NOW)
    states = [Digest.objects.get(pk=digest.pk).state for digest in digests]
    assert states == ["in_doubt", "sent", "sent"]


def test_server_that_is_away_is_asked_once_and_all_mails_wait(settings):
    settings.MAILERS = mailers(9)
    digests = [planned() for _ in range(3)]
    actions.send_all(digest_ids=[digest.pk for digest in digests], now=NOW)
    for digest in digests:
        digest.refresh_from_db()
        assert (digest.state, digest.attempts) == ("planned", 1)
        assert digest.due_at > NOW
        assert "refused" in digest.error
