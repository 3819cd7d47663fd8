"""What readers and editors see of copies and of the fate of links."""

from datetime import UTC, datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from tests import factories
from tracker.pledges.models import EvidenceCopy

pytestmark = pytest.mark.django_db
SHA = "0123456789abcdef" * 4
DAY = datetime(2026, 11, 3, 12, 0, tzinfo=UTC)


@pytest.fixture
def item():
    return factories.evidence(factories.pledge(), title="Dredgers arrive")


def copy(of, **fields):
    return EvidenceCopy.objects.create(
        evidence=of,
        **{
            "host": "news.example.org",
            "text": "Two dredgers began work.\nThe <b>rest</b> follows.",
            "sha256": SHA,
            "media_type": "text/html",
            "http_status": 200,
            "fetched_at": DAY,
            "checked_at": DAY,
            "state": "ok",
            "state_since": DAY,
            "next_check_at": DAY,
            **fields,
        },
    )


def read(client, item):
    return client.get(item.pledge.get_absolute_url()).content.decode()


def test_public_sees_hash_day_and_archive_but_never_the_text(client, item):
    copy(item, archive_url="https://archive.example.org/1")
    html = read(client, item)
    assert "Copy of 3 Nov 2026" in html
    assert SHA in html
    assert 'href="https://archive.example.org/1"' in html
    assert "Two dredgers" not in html
    assert reverse("evidence_copy", args=[item.pk]) not in html


@pytest.mark.parametrize(
    ("state", "said"),
    [("dead", "This link has been dead since 3 Nov 2026."), ("changed", "the change was seen on 3 Nov 2026.")],
)
def test_readers_are_told_what_became_of_a_link_and_editors_led_to_the_text(client, item, state, said):
    copy(item, state=state)
    assert said in read(client, item)
    client.force_login(factories.editor())
    html = read(client, item)
    assert said in html
    assert reverse("evidence_copy", args=[item.pk]) in html


def test_nothing_is_said_of_links_that_nobody_looked_at_yet(client, item):
    assert "Copy of" not in read(client, item)
    copy(item, state="waiting", sha256="", text="", fetched_at=None, checked_at=None, http_status=None)
    html = read(client, item)
    assert "Copy of" not in html
    assert "dead since" not in html


def test_editors_read_the_stored_text_as_text(client, item):
    copy(item)
    client.force_login(factories.editor())
    html = client.get(reverse("evidence_copy", args=[item.pk])).content.decode()
    assert "Two dredgers began work." in html
    assert "The &lt;b&gt;rest&lt;/b&gt; follows." in html
    assert SHA in html


@pytest.mark.parametrize("fields", [None, {"text": ""}, {"text": "", "sha256": "", "error_code": "robots_refused"}])
def test_editors_are_told_why_there_is_no_text(client, item, fields):
    if fields is not None:
        copy(item, **fields)
    client.force_login(factories.editor())
    answer = client.get(reverse("evidence_copy", args=[item.pk]))
    assert answer.status_code == 200
    assert "No text is stored" in answer.content.decode()


def test_editors_see_why_a_link_was_not_read_and_the_public_does_not(client, item):
    copy(item, state="waiting", sha256="", text="", error_code="robots_refused")
    assert "robots_refused" not in read(client, item)
    client.force_login(factories.editor())
    assert "robots_refused" in read(client, item)


def test_pages_do_not_load_the_texts(client, item):
    copy(item)
    with CaptureQueriesContext(connection) as captured:
        read(client, item)
    assert not [query for query in captured if '"pledges_evidencecopy"."text"' in query["sql"]]
