"""Following themes, parties and saved lists: what they bring, and where one chooses them."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse

from tests import factories
from tracker.digests import following, planning
from tracker.digests.gathering import gather
from tracker.digests.models import Digest, Follow, Subscription

pytestmark = pytest.mark.django_db
NOW = factories.NOW
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
EIGHT = NOW + 23 * HOUR


@pytest.fixture
def declaration():
    return factories.declaration()


@pytest.fixture
def person(client):
    person = factories.user()
    client.force_login(person)
    return person


def told(subscription, end=NOW + DAY):
    return gather(subscription, end=end).items


def test_theme_brings_its_pledges_and_no_others(declaration):
    water, trade = factories.theme(declaration), factories.theme(declaration)
    wet, dry = factories.pledge(declaration, theme=water), factories.pledge(declaration, theme=trade)
    subscription = factories.follow(factories.user(), water)
    link = factories.evidence(wet, added_at=NOW + HOUR)
    factories.evidence(dry, added_at=NOW + HOUR)
    assert told(subscription) == [f"e{link.pk}"]


def test_party_brings_what_it_owes_in_every_declaration(declaration):
    china, mongolia = factories.party(), factories.party("MNG", "MN")
    owed = [factories.pledge(declaration, parties=[china]), factories.pledge(parties=[china, mongolia])]
    other = factories.pledge(declaration, parties=[mongolia])
    subscription = factories.follow(factories.user(), china)
    links = [factories.evidence(pledge, added_at=NOW + HOUR) for pledge in owed]
    factories.evidence(other, added_at=NOW + HOUR)
    assert sorted(told(subscription)) == sorted(f"e{link.pk}" for link in links)


def test_what_is_followed_in_two_ways_is_told_once_and_since_the_first(declaration):
    pledge = factories.pledge(declaration)
    subscription = factories.follow(factories.user(), pledge)
    Follow.objects.create(user=subscription.user, declaration=declaration, created_at=NOW + 5 * HOUR)
    link = factories.evidence(pledge, added_at=NOW + HOUR)
    assert told(subscription) == [f"e{link.pk}"]


# -- saved lists


def keep(person, declaration, query, **more):
    following.follow(user=person, declaration=declaration, query=query, name="Mine", now=NOW, **more)
    subscription = Subscription.objects.select_related("user").get(user=person)
    subscription.frequency, subscription.next_at = "daily", EIGHT
    subscription.save()
    return subscription


def test_list_brings_what_its_filters_find(declaration):
    stalled, other = factories.pledge(declaration, status="stalled"), factories.pledge(declaration)
    subscription = keep(factories.user(), declaration, "status=stalled")
    link = factories.evidence(stalled, added_at=NOW + HOUR)
    factories.evidence(other, added_at=NOW + HOUR)
    assert told(subscription) == [f"e{link.pk}"]


def test_change_that_takes_a_pledge_off_the_list_is_told_and_nothing_after_it(declaration):
    pledge = factories.pledge(declaration, status="stalled")
    keep(factories.user(), declaration, "status=stalled")
    planning.plan_due(now=EIGHT)
    assert Follow.objects.get().matched == [pledge.pk]
    made = factories.assessment(pledge, status="in_progress", recorded_at=EIGHT + HOUR)
    planning.plan_due(now=EIGHT + DAY)
    assert Digest.objects.get(state="planned").items == [f"a{made.pk}"]
    factories.evidence(pledge, added_at=EIGHT + DAY + HOUR)
    planning.plan_due(now=EIGHT + 2 * DAY)
    assert Digest.objects.filter(state="planned").count() == 1
    assert Follow.objects.get().matched == []


def test_list_of_followed_pledges_brings_them(declaration):
    person, pledge = factories.user(), factories.pledge(declaration)
    subscription = factories.follow(person, pledge)
    keep(person, declaration, "view=followed")
    link = factories.evidence(pledge, added_at=NOW + HOUR)
    assert told(subscription) == [f"e{link.pk}"]


def test_list_whose_filters_mean_nothing_any_more_brings_the_whole_declaration(declaration):
    pledge = factories.pledge(declaration)
    subscription = keep(factories.user(), declaration, "status=no-such-status")
    link = factories.evidence(pledge, added_at=NOW + HOUR)
    assert told(subscription) == [f"e{link.pk}"]


def test_digest_says_by_what_it_came(declaration):
    person = factories.user()
    keep(person, declaration, "due=overdue")
    factories.pledge(declaration, due_latest=NOW.date(), due_edtf="2026-11-24")
    Follow.objects.create(user=person, theme=declaration.themes.get(), created_at=NOW)
    planning.plan_due(now=EIGHT + DAY)
    said = " ".join(Digest.objects.get().body.text.split())
    assert "because you follow 1 theme and 1 list of pledges." in said


# -- choosing


def test_list_is_followed_under_a_name_and_named_anew(client, person, declaration):
    address = reverse("follow_list", args=[declaration.slug])
    answer = client.post(address, {"query": "?status=stalled&q=lake", "name": "Stuck"})
    assert answer["Location"] == f"{declaration.get_absolute_url()}?status=stalled&q=lake"
    client.post(address, {"query": "status=stalled&q=lake", "name": "Stuck lakes"})
    follow = Follow.objects.get()
    assert (follow.query, follow.name, follow.kind) == ("status=stalled&q=lake", "Stuck lakes", "list")
    page = client.get(reverse("settings")).content.decode()
    assert "Stuck lakes" in page
    assert "?status=stalled&amp;q=lake" in page


@pytest.mark.parametrize("data", [{}, {"query": "q=x"}, {"query": "q=" + "x" * 600, "name": "x"}, {"name": "x" * 81}])
def test_list_without_a_name_or_too_long_is_asked_for_again(client, person, declaration, data):
    answer = client.post(reverse("follow_list", args=[declaration.slug]), data)
    assert answer.status_code == 422
    assert "Follow this list" in answer.content.decode()
    assert not Follow.objects.exists()


def test_declaration_and_a_list_of_it_are_two_follows(client, person, declaration):
    client.post(reverse("follow_list", args=[declaration.slug]), {"query": "status=stalled", "name": "Stuck"})
    address = reverse("follow_declaration", args=[declaration.slug])
    client.post(address)
    assert Follow.objects.count() == 2
    client.post(address)
    assert Follow.objects.get().name == "Stuck"


def test_theme_and_party_are_chosen_in_the_settings(client, person, declaration):
    theme, party = factories.theme(declaration), factories.party()
    for thing in (f"theme:{theme.pk}", f"party:{party.pk}", f"party:{party.pk}"):
        client.post(reverse("follow_thing"), {"thing": thing})
    assert [follow.kind for follow in Follow.objects.all()] == ["theme", "party"]
    page = client.get(reverse("settings")).content.decode()
    assert f'value="theme:{theme.pk}"' not in page, "what is followed is not offered again"


@pytest.mark.parametrize("thing", ["", "x", "theme:", "theme:x", "theme:²", "pledge:1", "theme:" + "9" * 40])
def test_invented_things_are_not_followed(client, person, thing):
    assert client.post(reverse("follow_thing"), {"thing": thing}, follow=True).status_code == 200
    assert not Follow.objects.exists()


def test_one_ends_only_ones_own_follows(client, person, declaration):
    mine = Follow.objects.create(user=person, declaration=declaration, created_at=NOW)
    theirs = Follow.objects.create(user=factories.user(), declaration=declaration, created_at=NOW)
    for follow in (theirs, mine, mine):
        assert client.post(reverse("unfollow", args=[follow.pk])).status_code == 302
    assert list(Follow.objects.all()) == [theirs]


def test_follow_is_of_exactly_one_thing(person, declaration):
    for things in (
        {},
        {"declaration": declaration, "party": factories.party()},
        {"party": factories.party(), "query": "q=x"},
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            Follow.objects.create(user=person, created_at=NOW, **things)
