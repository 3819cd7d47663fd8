"""A declaration can be taken away by anyone, and a second one stands beside the first."""

import json

import pytest

from tests import factories
from tests.factories import NOW
from tests.pledges.declarations import SCHEMA, SMALL
from tracker.pledges import exporting
from tracker.pledges.declaration_file import parse
from tracker.pledges.loading import load
from tracker.pledges.models import Declaration

pytestmark = pytest.mark.django_db


@pytest.fixture
def lakes():
    load(parse(SMALL.encode(), SCHEMA), now=NOW)
    return Declaration.objects.get()


def test_anyone_can_take_the_declaration_away(client, lakes):
    page = client.get("/declarations/lake-2024/").content.decode()
    for name, content_type in (("yaml", "application/yaml"), ("json", "application/json"), ("csv", "text/csv")):
        address = f"/declarations/lake-2024/download.{name}"
        assert f'href="{address}" download' in page
        answer = client.get(address)
        assert (answer.status_code, answer["Content-Type"]) == (200, f"{content_type}; charset=utf-8")
        assert answer["Content-Disposition"] == f'attachment; filename="lake-2024.{name}"'
    assert json.loads(client.get("/declarations/lake-2024/download.json").content) == exporting.data(lakes)


@pytest.mark.parametrize("address", ["/declarations/x/download.json", "/declarations/lake-2024/download.exe"])
def test_what_is_not_on_record_cannot_be_taken_away(client, lakes, address):
    assert client.get(address).status_code == 404


def test_a_second_declaration_loads_beside_the_first_and_the_front_page_lists_both(client, lakes):
    before = exporting.data(lakes)
    other = (
        SMALL.replace("LAKE-2024", "POND-2025").replace("lake-2024", "pond-2025").replace("Lakes decl", "Ponds decl")
    )
    assert {change.kind for change in load(parse(other.encode(), SCHEMA), now=NOW)} == {"added"}
    assert exporting.data(Declaration.objects.get(slug="lake-2024")) == before
    page = client.get("/").content.decode()
    for title, slug in (("Lakes declaration", "lake-2024"), ("Ponds declaration", "pond-2025")):
        assert f'<a href="/declarations/{slug}/">{title}</a>' in page
    assert "<b>2 declarations</b> are on record." in page
    assert "<mark>Clean</mark> the lake" in client.get("/?q=clean", follow=True).content.decode()
    client.force_login(factories.editor())
    assert client.get("/").status_code == 200
