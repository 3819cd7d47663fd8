import threading
from datetime import timedelta

import pytest
from django.db import connections

from tests import factories
from tracker.digests import following, planning, tasks
from tracker.digests.models import Digest, Follow
from tracker.pledges.models import Evidence

pytestmark = pytest.mark.django_db
NOW = factories.NOW
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
EIGHT = NOW + 23 * HOUR  # the hour of the first digest


@pytest.fixture
def pledge():
    return factories.pledge()


@pytest.fixture
def subscription(pledge):
    return factories.follow(factories.user(), pledge)


def states():
    return list(Digest.objects.order_by("pk").values_list("state", flat=True))


def test_digest_is_planned_at_its_hour_and_the_period_moves_on(subscription, pledge):
    link = factories.evidence(pledge, added_at=NOW + HOUR)
    assert planning.plan_due(now=EIGHT - timedelta(seconds=1)) == 0
    assert planning.plan_due(now=EIGHT) == 1
    digest = Digest.objects.get()
    assert (digest.period_start, digest.period_end, digest.state) == (NOW, EIGHT, "planned")
    assert digest.items == [f"e{link.pk}"]
    assert digest.body.text
    assert digest.body.html
    subscription.refresh_from_db()
    assert (subscription.covered_until, subscription.next_at) == (EIGHT, EIGHT + DAY)


def test_content_stays_as_it_was_planned(subscription, pledge):
    link = factories.evidence(pledge, added_at=NOW + HOUR, title="As planned")
    planning.plan_due(now=EIGHT)
    Evidence.objects.filter(pk=link.pk).update(title="As it is now")
    assert "As planned" in Digest.objects.get().body.text


def test_h09_planning_again_makes_no_second_digest(subscription, pledge):
    factories.evidence(pledge, added_at=NOW + HOUR)
    assert [planning.plan_due(now=EIGHT + n * timedelta(minutes=1)) for n in range(3)] == [1, 0, 0]
    tasks.plan_due_digests()
    assert Digest.objects.filter(period_start=NOW).count() == 1


@pytest.mark.django_db(transaction=True)
def test_h09_two_planners_at_once_make_one_digest_a_person():
    pledge = factories.pledge()
    for _ in range(8):
        factories.follow(factories.user(), pledge)
    factories.evidence(pledge, added_at=NOW + HOUR)
    start, planned = threading.Barrier(4), []

    def plan():
        try:
            start.wait(10)
            planned.append(planning.plan_due(now=EIGHT))
        finally:
            connections.close_all()

    threads = [threading.Thread(target=plan) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert sum(planned) == 8
    assert Digest.objects.count() == 8
    assert Digest.objects.values("user").distinct().count() == 8


def test_h10_nothing_to_say_is_recorded_and_not_mailed(subscription):
    assert planning.plan_due(now=EIGHT) == 0
    assert states() == ["empty"]
    tasks.send_planned_digests()
    assert states() == ["empty"]


def test_nothing_falls_between_two_periods_and_nothing_is_told_twice(subscription, pledge):
    at, links, told = NOW, [], []
    for hour in range(24 * 9):
        at = NOW + hour * HOUR
        if hour % 7 == 0:
            links.append(f"e{factories.evidence(pledge, added_at=at).pk}")
        planning.plan_due(now=at)
    planning.plan_due(now=at + DAY)
    for digest in Digest.objects.order_by("pk"):
        told += digest.items
    assert sorted(told) == sorted(links)
    assert len(states()) == 10


def test_h13_after_three_missed_periods_there_is_one_digest(subscription, pledge):
    links = [factories.evidence(pledge, added_at=NOW + n * DAY).pk for n in range(3)]
    assert planning.plan_due(now=EIGHT + 3 * DAY + HOUR) == 1
    assert planning.plan_due(now=EIGHT + 3 * DAY + HOUR) == 0
    assert sorted(Digest.objects.get().items) == sorted(f"e{pk}" for pk in links)
    subscription.refresh_from_db()
    assert subscription.next_at == EIGHT + 4 * DAY


def test_clock_that_was_set_back_plans_nothing_twice(subscription, pledge):
    """I04"""
    factories.evidence(pledge, added_at=NOW + HOUR)
    planning.plan_due(now=EIGHT)
    assert planning.plan_due(now=EIGHT - 2 * HOUR) == 0
    assert planning.plan_due(now=EIGHT) == 0


def test_person_whose_record_cannot_be_told_keeps_nobody_else_from_their_mail(subscription, pledge, caplog):
    factories.evidence(pledge, added_at=NOW + HOUR)
    unreadable = factories.pledge(due_latest=NOW.date(), due_edtf="no date")
    stuck = factories.follow(factories.user(), unreadable, next_at=EIGHT - HOUR)
    assert planning.plan_due(now=EIGHT) == 1
    assert Digest.objects.get().user == subscription.user
    assert f"subscription {stuck.pk} could not be planned" in caplog.text
    stuck.refresh_from_db()
    assert stuck.covered_until == NOW, "its period waits until the record is mended"


def test_closed_accounts_get_no_digest(subscription, pledge):
    factories.evidence(pledge, added_at=NOW + HOUR)
    subscription.user.is_active = False
    subscription.user.save()
    assert planning.plan_due(now=EIGHT) == 0
    assert states() == []


def test_deleting_a_pledge_takes_its_follows_along(subscription, pledge):
    """D06"""
    pledge.delete()
    assert planning.plan_due(now=EIGHT) == 0
    assert states() == ["empty"]


# -- what failed or is in doubt is told again


@pytest.mark.parametrize("state", ["in_doubt", "failed"])
def test_items_of_an_undelivered_digest_are_told_again_in_the_next_one(subscription, pledge, state):
    first = factories.evidence(pledge, added_at=NOW + HOUR)
    planning.plan_due(now=EIGHT)
    Digest.objects.update(state=state)
    second = factories.evidence(pledge, added_at=EIGHT + HOUR)
    planning.plan_due(now=EIGHT + DAY)
    lost, latest = Digest.objects.order_by("pk")
    assert latest.items == [f"e{second.pk}", f"e{first.pk}"]
    assert lost.repeated_in == latest
    planning.plan_due(now=EIGHT + 2 * DAY)
    assert states() == [state, "planned", "empty"]


def test_items_are_told_again_until_they_arrive(subscription, pledge):
    first = factories.evidence(pledge, added_at=NOW + HOUR)
    for n in range(5):
        planning.plan_due(now=EIGHT + n * DAY)
        Digest.objects.filter(state="planned").update(state="failed")
    planning.plan_due(now=EIGHT + 5 * DAY)
    assert Digest.objects.latest("pk").items == [f"e{first.pk}"]


def test_judgements_and_due_days_are_told_again_too(subscription, pledge):
    made = factories.assessment(pledge, recorded_at=NOW + HOUR)
    pledge.due_latest = NOW.date()
    pledge.save()
    planning.plan_due(now=EIGHT)
    Digest.objects.update(state="in_doubt")
    planning.plan_due(now=EIGHT + 6 * DAY)
    assert Digest.objects.latest("pk").items == [f"a{made.pk}", f"overdue:{pledge.pk}:2026-11-24"]


def test_digest_that_arrived_meanwhile_is_not_told_again(subscription, pledge):
    """The first one is still being tried while the second is planned, and fails after it."""
    first = factories.evidence(pledge, added_at=NOW + HOUR)
    planning.plan_due(now=EIGHT)
    second = factories.evidence(pledge, added_at=EIGHT + HOUR)
    planning.plan_due(now=EIGHT + DAY)
    lost, sent = Digest.objects.order_by("pk")
    assert (lost.items, sent.items) == ([f"e{first.pk}"], [f"e{second.pk}"])
    Digest.objects.filter(pk=lost.pk).update(state="failed")
    Digest.objects.filter(pk=sent.pk).update(state="sent")
    planning.plan_due(now=EIGHT + 2 * DAY)
    assert Digest.objects.latest("pk").items == [f"e{first.pk}"]


def test_what_is_no_longer_followed_is_not_told_again(subscription, pledge):
    factories.evidence(pledge, added_at=NOW + HOUR)
    planning.plan_due(now=EIGHT)
    Digest.objects.update(state="in_doubt")
    following.unfollow(user=subscription.user, pledge=pledge)
    assert not Follow.objects.exists()
    planning.plan_due(now=EIGHT + DAY)
    assert states() == ["in_doubt", "empty"]
