"""All that happened to the public record, paged by where the reader stopped."""

import re
import xml.etree.ElementTree as ElementTree
from datetime import timedelta

import pytest
from django.urls import reverse

from tests import factories
from tracker.dashboard.happenings import cursor_of, happenings
from tracker.multilingual import Texts
from tracker.pledges import editing
from tracker.pledges.actions import withdraw_evidence

pytestmark = pytest.mark.django_db
ATOM = "{http://www.w3.org/2005/Atom}"


@pytest.fixture
def pledge():
    """Something of every sort, all at one moment but the edit and the withdrawal."""
    pledge, ida = factories.pledge(), factories.editor(name="Ida Editor")
    link = factories.evidence(pledge, added_by=ida)
    factories.evidence(pledge, title="From the file")
    factories.assessment(pledge, recorded_by=ida, evidence=[link])
    factories.observation(factories.metric(pledge))
    later = factories.NOW + timedelta(hours=1)
    withdraw_evidence(evidence=link, reason="Taken down", by=ida, now=later)
    editing.edit(record=pledge, expected_revision=0, values={"title": Texts(en="Dig")}, by=ida, now=later)
    return pledge


def read(client, **query):
    answer = client.get(reverse("activity"), query)
    assert answer.status_code == 200
    return " ".join(re.sub(r"<[^>]+>", "", answer.content.decode()).split())


def test_everything_public_is_told(client, pledge):
    said = read(client)
    assert "Ida Editor changed the text of Dig: Title" in said
    assert "withdrew evidence from Dig" in said
    assert "Taken down" in said
    assert "The data set added evidence to Dig: Progress From the file" in said
    assert "Ida Editor moved Dig: Not assessed to In progress" in said
    assert "The data set added a figure to Dig: Depth" in said


def test_kinds_and_declarations_can_be_chosen(client, pledge):
    other = factories.evidence(factories.pledge(), title="Elsewhere")
    assert "Ida Editor moved" not in read(client, kind="evidence")
    said = read(client, kind="evidence", declaration=other.pledge.declaration.slug)
    assert "Elsewhere" in said
    assert "From the file" not in said
    assert "Nothing of this kind happened" in read(client, declaration="none")


def test_pages_hold_everything_once_though_many_things_share_a_moment(pledge):
    for _ in range(5):
        factories.evidence(pledge)
        factories.assessment(pledge)
    whole, more = happenings(length=1000)
    assert not more
    paged, before, more = [], None, True
    while more:
        page, more = happenings(before=before, length=3)
        paged += page
        before = cursor_of(page[-1].cursor)
    assert [item.cursor for item in paged] == [item.cursor for item in whole]
    assert len({item.cursor for item in whole}) == len(whole) == 16


@pytest.mark.parametrize(
    "text", ["", "x", "~~", "2026-01-01~judged~1", "2026-01-01T00:00:00+00:00~judged~²", "a~b~c~d"]
)
def test_a_cursor_that_is_none_gives_the_newest(client, pledge, text):
    assert cursor_of(text) is None
    assert "Ida Editor changed" in read(client, before=text, kind="\x00")


def test_feed_readers_get_the_same(client, pledge):
    answer = client.get(reverse("activity_feed"), {"kind": "judgements"})
    assert answer["Content-Type"] == "application/atom+xml; charset=utf-8"
    feed = ElementTree.fromstring(answer.content)
    titles = [entry.findtext(f"{ATOM}title") for entry in feed.iter(f"{ATOM}entry")]
    assert titles == ["Ida Editor moved Dig: Not assessed to In progress"]
    ids = [entry.findtext(f"{ATOM}id") for entry in feed.iter(f"{ATOM}entry")]
    assert len(set(ids)) == len(ids)


def test_nothing_yet_is_said(client):
    assert "Nothing has happened yet" in read(client)
