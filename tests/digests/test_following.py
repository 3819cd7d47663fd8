import pytest
from django.urls import reverse

from tests import factories
from tracker.digests.models import Follow, Subscription

pytestmark = pytest.mark.django_db
HTMX = {"hx-request": "true"}


@pytest.fixture
def person(client):
    person = factories.user()
    client.force_login(person)
    return person


@pytest.fixture(params=["pledge", "declaration"])
def thing(request):
    return factories.pledge() if request.param == "pledge" else factories.declaration()


def address_of(thing):
    if hasattr(thing, "number"):
        return reverse("follow_pledge", args=[thing.reference])
    return reverse("follow_declaration", args=[thing.slug])


def test_following_and_unfollowing_come_back_to_the_page(client, person, thing):
    for count in (1, 0, 1):
        answer = client.post(address_of(thing))
        assert answer["Location"] == thing.get_absolute_url()
        assert Follow.objects.filter(user=person).count() == count


def test_htmx_gets_the_button_alone(client, person, thing):
    page = client.post(address_of(thing), headers=HTMX).content.decode()
    assert 'aria-pressed="true"' in page
    assert "<html" not in page
    assert 'aria-pressed="false"' in client.post(address_of(thing), headers=HTMX).content.decode()


def test_double_click_is_one_wish(client, person, thing):
    for _ in range(2):
        client.post(address_of(thing), {"on": "1"})
    assert Follow.objects.count() == 1
    for _ in range(2):
        client.post(address_of(thing), {"on": "0"})
    assert Follow.objects.count() == 0


def test_first_follow_brings_a_weekly_digest_on_monday_at_eight_local_time(client):
    person = factories.user(time_zone="Asia/Almaty")
    client.force_login(person)
    client.post(address_of(factories.pledge()))
    subscription = Subscription.objects.get(user=person)
    assert (subscription.frequency, subscription.weekday, subscription.hour) == ("weekly", 0, 8)
    assert (subscription.next_at.weekday(), subscription.next_at.hour) == (0, 3)
    client.post(address_of(factories.pledge()))
    assert Subscription.objects.count() == 1


@pytest.mark.parametrize(
    ("asked", "goes"),
    [
        ("/settings/#follows", True),
        ("https://evil.example/", False),
        ("//evil.example", False),
        ("javascript:x", False),
    ],
)
def test_way_back_never_leaves_the_site(client, person, asked, goes):
    pledge = factories.pledge()
    answer = client.post(address_of(pledge), {"next": asked})
    assert answer["Location"] == (asked if goes else pledge.get_absolute_url())


def test_strangers_are_asked_to_sign_in(client):
    answer = client.post(address_of(factories.pledge()))
    assert answer.status_code == 302
    assert answer["Location"].startswith(reverse("account_login"))
    assert Follow.objects.count() == 0


def test_looking_follows_nothing(client, person, thing):
    assert client.get(address_of(thing)).status_code == 405


def test_unknown_pledge_is_not_found(client, person):
    assert client.post(reverse("follow_pledge", args=["XX-999"])).status_code == 404
