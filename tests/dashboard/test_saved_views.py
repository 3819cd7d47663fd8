"""Named views of the list of pledges: one's own, made and removed without a script."""

import pytest
from django.urls import reverse

from tests import factories
from tracker.dashboard import saved_views
from tracker.dashboard.models import SavedView

pytestmark = pytest.mark.django_db


@pytest.fixture
def declaration():
    return factories.pledge(status="stalled").declaration


@pytest.fixture
def reader(client):
    person = factories.user()
    client.force_login(person)
    return person


def keep(client, declaration, **chosen):
    return client.post(reverse("keep_view", args=[declaration.slug]), chosen)


def test_filters_are_kept_under_a_name_and_opened_again(client, declaration, reader):
    html = client.get(f"{declaration.get_absolute_url()}?status=stalled&sort=due").content.decode()
    assert '<input type="hidden" name="status" value="stalled">' in html
    answer = keep(client, declaration, status="stalled", sort="due", name="  Slow   ones ")
    assert answer["Location"] == f"{declaration.get_absolute_url()}?status=stalled&sort=due#pledges"
    html = client.get(answer["Location"]).content.decode()
    assert '?status=stalled&amp;sort=due#pledges" aria-current="true">Slow ones</a>' in html


def test_without_a_name_a_view_is_called_by_its_filters(client, declaration, reader):
    keep(client, declaration, status="stalled", party="KAZ", q="lake")
    assert SavedView.objects.get().name == "“lake”, Stalled, Kazakhstan"


def test_the_same_name_gets_the_new_filters(client, declaration, reader):
    for status in ("stalled", "fulfilled"):
        keep(client, declaration, status=status, name="Mine")
    assert [view.query for view in SavedView.objects.all()] == ["?status=fulfilled"]


def test_nothing_to_keep_is_said(client, declaration, reader):
    answer = client.post(reverse("keep_view", args=[declaration.slug]), {"status": "x", "name": "y"}, follow=True)
    assert "Not kept: choose a filter first." in answer.content.decode()


def test_views_are_ones_own(client, declaration, reader):
    view = saved_views.keep(
        user=factories.user(), declaration=declaration, name="Theirs", query="?q=x", now=factories.NOW
    )
    assert "Theirs" not in client.get(declaration.get_absolute_url()).content.decode()
    assert client.post(reverse("let_go_view", args=[view.pk])).status_code == 404
    keep(client, declaration, status="stalled", name="Mine")
    client.post(reverse("let_go_view", args=[SavedView.objects.get(name="Mine").pk]))
    assert [view.name for view in SavedView.objects.all()] == ["Theirs"]


def test_the_oldest_makes_room(declaration):
    person = factories.user()
    for number in range(saved_views.AT_MOST + 3):
        saved_views.keep(user=person, declaration=declaration, name=str(number), query="?q=x", now=factories.NOW)
    assert SavedView.objects.count() == saved_views.AT_MOST
    assert not SavedView.objects.filter(name="0").exists()


def test_where_nothing_matches_each_filter_can_be_removed(client, declaration):
    html = client.get(f"{declaration.get_absolute_url()}?status=fulfilled&q=lake").content.decode()
    assert f'href="{declaration.get_absolute_url()}?status=fulfilled#pledges" aria-label="Without “lake”"' in html
    assert f'href="{declaration.get_absolute_url()}?q=lake#pledges" aria-label="Without Fulfilled"' in html
