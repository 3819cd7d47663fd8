"""The admin shows the record and changes nothing of it."""

import pytest
from django.urls import reverse

from tests import factories
from tests.pledges.declarations import SCHEMA, SHIPPED
from tracker.accounts.models import User
from tracker.pledges.declaration_file import parse
from tracker.pledges.loading import load
from tracker.pledges.models import Assessment, Declaration, Evidence, Metric, Milestone, Party, Pledge

pytestmark = pytest.mark.django_db
MODELS = (Declaration, Party, Pledge, Evidence, Assessment, Milestone, Metric)


@pytest.fixture
def superuser(client):
    client.force_login(User.objects.create_superuser("root@example.org", factories.PASSWORD))
    return client


@pytest.mark.parametrize("model", MODELS)
def test_even_a_superuser_only_looks(superuser, now, model):
    load(parse(SHIPPED.read_bytes(), SCHEMA), now=now)
    name, row = model._meta.model_name, model.objects.first()
    page = superuser.get(reverse(f"admin:pledges_{name}_changelist"), {"q": "2024"})
    assert page.status_code == 200
    assert superuser.get(reverse(f"admin:pledges_{name}_change", args=[row.pk])).status_code == 200
    assert superuser.post(reverse(f"admin:pledges_{name}_change", args=[row.pk]), {}).status_code == 403
    assert superuser.get(reverse(f"admin:pledges_{name}_add")).status_code == 403
    assert superuser.post(reverse(f"admin:pledges_{name}_delete", args=[row.pk]), {"post": "yes"}).status_code == 403
    assert model.objects.filter(pk=row.pk).exists()


@pytest.mark.parametrize("model", [Pledge, Evidence, Assessment])
def test_a_list_costs_the_same_number_of_queries_at_any_length(superuser, now, model, django_assert_max_num_queries):
    load(parse(SHIPPED.read_bytes(), SCHEMA), now=now)
    with django_assert_max_num_queries(10):
        superuser.get(reverse(f"admin:pledges_{model._meta.model_name}_changelist"))


def test_readers_and_editors_do_not_get_in(client):
    for person in (factories.user(), factories.editor()):
        client.force_login(person)
        assert client.get(reverse("admin:pledges_pledge_changelist")).status_code in (302, 403)
