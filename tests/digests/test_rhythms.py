"""Mails at once, empty periods carried over, latecomers, reminders, and digests on the web."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.urls import reverse

from tests import factories
from tracker.digests import periods, planning
from tracker.digests.models import Digest, Subscription
from tracker.pledges.models import Evidence

pytestmark = pytest.mark.django_db
NOW = factories.NOW
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
EIGHT = NOW + 23 * HOUR


@pytest.fixture
def pledge():
    return factories.pledge()


def follow(pledge, **chosen):
    return factories.follow(factories.user(), pledge, **chosen)


def planned():
    return [digest.items for digest in Digest.objects.filter(state="planned").order_by("period_end")]


# -- at once


def test_news_is_told_within_minutes(pledge):
    follow(pledge, frequency="instant", next_at=NOW)
    planning.plan_due(now=NOW + MINUTE)
    link = factories.evidence(pledge, added_at=NOW + 6 * MINUTE)
    planning.plan_due(now=NOW + 7 * MINUTE)
    assert planned() == [[f"e{link.pk}"]]


def test_an_hours_work_is_not_a_mail_for_each_step(pledge):
    follow(pledge, frequency="instant", next_at=NOW)
    for n in range(60):
        factories.evidence(pledge, added_at=NOW + n * MINUTE)
        planning.plan_due(now=NOW + n * MINUTE + timedelta(seconds=1))
    assert len(planned()) <= 60 / 5


def test_while_nothing_happens_nobody_who_is_told_at_once_costs_a_write(pledge, django_assert_max_num_queries):
    for _ in range(5):
        follow(pledge, frequency="instant", next_at=NOW)
    planning.plan_due(now=NOW + MINUTE)
    before = list(Subscription.objects.values())
    with django_assert_max_num_queries(6):
        planning.plan_due(now=NOW + HOUR)
    assert list(Subscription.objects.values()) == before


def test_due_day_is_told_at_once_on_its_day():
    pledge = factories.pledge(due_latest=date(2026, 11, 25))
    follow(pledge, frequency="instant", next_at=NOW)
    for hour in range(72):
        planning.plan_due(now=NOW + hour * HOUR + MINUTE)
    assert planned() == [[f"overdue:{pledge.pk}:2026-11-25"]]


def test_monthly_is_the_first_chosen_weekday_of_the_month():
    at, found = datetime(2026, 1, 1, tzinfo=UTC), []
    for _ in range(4):
        at = periods.next_at("monthly", 0, 8, "Europe/Paris", at)
        found.append(f"{at:%m-%dT%H}")
    assert found == ["01-05T07", "02-02T07", "03-02T07", "04-06T06"]


# -- nothing lost, nothing twice


def test_empty_periods_are_carried_over_into_the_one_that_has_news(pledge):
    follow(pledge)
    for n in range(3):
        planning.plan_due(now=EIGHT + n * DAY)
    link = factories.evidence(pledge, added_at=EIGHT + 2 * DAY + HOUR)
    planning.plan_due(now=EIGHT + 3 * DAY)
    digest = Digest.objects.get()
    assert (digest.period_start, digest.period_end, digest.items) == (NOW, EIGHT + 3 * DAY, [f"e{link.pk}"])
    assert "24–27 Nov 2026" in digest.subject


@pytest.mark.parametrize("late_by", [timedelta(seconds=1), HOUR, 20 * HOUR])
def test_row_that_was_stamped_before_the_planning_and_committed_after_it_is_told_once(pledge, late_by):
    """The stamp is of the begin of a transaction, and others may plan before its end."""
    follow(pledge)
    first = factories.evidence(pledge, added_at=NOW + 2 * HOUR)
    planning.plan_due(now=EIGHT)
    latecomer = factories.evidence(pledge, added_at=max(EIGHT - late_by, NOW))
    for n in range(1, 5):
        planning.plan_due(now=EIGHT + n * DAY)
    assert planned() == [[f"e{first.pk}"], [f"e{latecomer.pk}"]]


def test_latecomer_is_told_at_once_too(pledge):
    follow(pledge, frequency="instant", next_at=NOW)
    planning.plan_due(now=NOW + 30 * MINUTE)
    latecomer = factories.evidence(pledge, added_at=NOW + 10 * MINUTE)
    planning.plan_due(now=NOW + 40 * MINUTE)
    assert planned() == [[f"e{latecomer.pk}"]]


def test_whoever_comes_back_from_never_is_not_told_of_the_silence(pledge):
    subscription = follow(pledge)
    factories.evidence(pledge, added_at=NOW + HOUR)
    Subscription.objects.filter(pk=subscription.pk).update(begins_at=NOW + 2 * HOUR, covered_until=NOW + 2 * HOUR)
    planning.plan_due(now=EIGHT)
    assert planned() == []


def test_many_people_are_planned_for_as_many_queries_as_few(pledge, django_assert_max_num_queries):
    for _ in range(60):
        follow(pledge)
    factories.evidence(pledge, added_at=NOW + HOUR)
    with django_assert_max_num_queries(32):
        assert planning.plan_due(now=EIGHT) == 60
    assert Evidence.objects.count() == 1


# -- reminders


def test_each_reminder_comes_once_in_the_digest():
    pledge = factories.pledge(due_latest=date(2027, 1, 31))
    follow(pledge, reminder_days="30, 7, 1")
    for n in range(80):
        planning.plan_due(now=EIGHT + n * DAY)
    names = [item.partition(":")[0] for items in planned() for item in items]
    assert names == ["due_soon", "reminder30", "reminder7", "reminder1", "overdue"]


@pytest.mark.parametrize("text", ["0", "366", "x", "1,2,3,4,5,6", "-1", "7;3"])
def test_reminders_that_make_no_sense_are_refused(text):
    with pytest.raises(ValueError):
        periods.reminder_days(text)


def test_no_reminders_is_a_choice():
    assert periods.reminder_days("") == []


# -- on the web


def test_every_digest_has_an_address_that_only_its_reader_opens(client, pledge):
    subscription = follow(pledge)
    factories.evidence(pledge, added_at=NOW + HOUR)
    planning.plan_due(now=EIGHT)
    digest = Digest.objects.get()
    address = reverse("digest", args=[digest.word])
    assert f"http://127.0.0.1:8000{address}" in digest.body.html
    assert f"http://127.0.0.1:8000{address}" in digest.body.text
    assert client.get(address).status_code == 302
    for other in (factories.user(), factories.admin()):
        client.force_login(other)
        assert client.get(address).status_code == 404
        assert client.get(reverse("digest_html", args=[digest.word])).status_code == 404
    client.force_login(subscription.user)
    assert digest.subject in client.get(address).content.decode()
    frame = client.get(reverse("digest_html", args=[digest.word]))
    assert "Dredgers reach the lake" in frame.content.decode()
    assert "default-src 'none'" in frame["Content-Security-Policy"]
    assert address in client.get(reverse("digests")).content.decode()


@pytest.mark.parametrize("word", ["x", "0", "digest", "-", "a" * 500])
def test_invented_addresses_are_not_found(client, word):
    client.force_login(factories.user())
    assert client.get(f"/digests/{word}/").status_code == 404
