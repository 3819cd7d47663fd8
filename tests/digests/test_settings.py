from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from tests import factories
from tracker.digests import following
from tracker.digests.models import Digest, Follow, Subscription

pytestmark = pytest.mark.django_db
NOW = factories.NOW
HOUR, DAY = timedelta(hours=1), timedelta(days=1)

FORM = {
    "frequency": "daily",
    "weekday": "2",
    "hour": "18",
    "wants_status": "on",
    "wants_evidence": "on",
    "reminder_days": "30, 7",
    "name": "R. Reader",
    "time_zone": "Asia/Almaty",
    "language": "en",
}


@pytest.fixture
def person(client):
    person = factories.user()
    client.force_login(person)
    return person


def test_looking_at_the_settings_changes_nothing(client, person):
    assert client.get(reverse("settings")).status_code == 200
    assert not Subscription.objects.exists()


def test_settings_are_saved_together(client, person):
    answer = client.post(reverse("settings"), FORM)
    assert answer["Location"] == reverse("settings")
    person.refresh_from_db()
    chosen = person.subscription
    assert (person.name, person.time_zone, person.has_shortcuts) == ("R. Reader", "Asia/Almaty", False)
    assert (chosen.frequency, chosen.weekday, chosen.hour) == ("daily", 2, 18)
    assert (chosen.wants_status, chosen.wants_due, chosen.wants_evidence) == (True, False, True)
    assert chosen.next_at > timezone.now()
    assert chosen.next_at.hour == 13, "18:00 in Almaty"
    page = client.get(reverse("settings")).content.decode()
    assert "18:00" in page


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("frequency", "hourly"),
        ("frequency", ""),
        ("weekday", "7"),
        ("hour", "24"),
        ("hour", "x"),
        ("time_zone", "Mars/Olympus"),
        ("time_zone", "\x00"),
        ("language", "xx"),
        ("name", "x" * 81),
    ],
)
def test_wrong_values_are_named_at_their_field_and_nothing_is_saved(client, person, field, value):
    answer = client.post(reverse("settings"), {**FORM, field: value})
    assert answer.status_code == 422
    page = answer.content.decode()
    assert f'id="id_{field}_error"' in page
    if field != "name":
        assert 'value="R. Reader"' in page, "what was typed is kept"
    person.refresh_from_db()
    assert person.time_zone == "UTC"
    assert not Subscription.objects.exists()


def test_empty_form_is_an_error_in_words(client, person):
    assert client.post(reverse("settings"), {}).status_code == 422


def test_only_editors_are_asked_about_waiting_articles(client, person):
    assert "wants_suggestions" not in client.get(reverse("settings")).content.decode()
    client.force_login(factories.editor())
    assert "wants_suggestions" in client.get(reverse("settings")).content.decode()


def test_settings_never_touch_the_role(client, person):
    client.post(reverse("settings"), {**FORM, "role": "admin", "is_superuser": "on", "email": "x@example.org"})
    person.refresh_from_db()
    assert (person.role, person.is_superuser) == ("reader", False)


def test_lost_time_zone_is_said(client):
    client.force_login(factories.user(time_zone="Mars/Olympus"))
    assert "not known any more" in client.get(reverse("settings")).content.decode()


def test_list_of_follows_costs_the_same_at_any_length(client, person, django_assert_max_num_queries):
    declaration = factories.declaration()
    for _ in range(12):
        Follow.objects.create(user=person, pledge=factories.pledge(declaration), created_at=NOW)
    with django_assert_max_num_queries(9):
        assert client.get(reverse("settings")).status_code == 200


# -- moving the hour


def chosen(subscription, **fields):
    for name, value in fields.items():
        setattr(subscription, name, value)
    return subscription


def save(subscription, now, *, time_zone=None, **fields):
    user = subscription.user
    user.time_zone = time_zone or user.time_zone
    following.save_settings(
        user=user, profile=["time_zone"], chosen=chosen(subscription, **fields), choices=fields, now=now
    )
    subscription.refresh_from_db()
    return subscription


@pytest.fixture
def subscription():
    """Mailed today at eight."""
    subscription = factories.follow(factories.user(), factories.pledge())
    at = NOW - HOUR
    Digest.objects.create(
        user=subscription.user, period_start=at - DAY, period_end=at, state="sent", message_id="<1>", created_at=at,
        due_at=at, give_up_at=at,
    )  # fmt: skip
    Subscription.objects.update(covered_until=at, next_at=at + DAY)
    subscription.refresh_from_db()
    return subscription


def test_other_choices_leave_the_next_digest_where_it_is(subscription):
    Subscription.objects.update(next_at=NOW + 5 * HOUR)
    subscription.refresh_from_db()
    assert save(subscription, NOW, wants_due=False).next_at == NOW + 5 * HOUR


def test_i07_moving_west_after_the_mail_of_the_day_makes_no_second_one(subscription):
    moved = save(subscription, NOW, time_zone="America/New_York")
    assert moved.next_at == (NOW + DAY).replace(hour=13)
    assert moved.covered_until == NOW - HOUR


def test_i07_moving_past_the_hour_of_the_day_leaves_no_day_without(subscription):
    """The next morning at six: in Almaty it is eleven already, so today's mail comes now."""
    now = NOW + 21 * HOUR
    assert save(subscription, now, time_zone="Asia/Almaty").next_at == (NOW + DAY).replace(hour=3) <= now


def test_never_and_back_makes_a_new_start(subscription):
    assert save(subscription, NOW, frequency="never").next_at is None
    back = save(subscription, NOW + 30 * DAY, frequency="daily")
    assert back.covered_until == NOW + 30 * DAY
    assert back.next_at == NOW + 31 * DAY - HOUR


def test_never_cancels_what_is_planned(subscription):
    Digest.objects.update(state="planned")
    save(subscription, NOW, frequency="never")
    assert Digest.objects.get().state == "cancelled"
