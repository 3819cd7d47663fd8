"""What changed since one's last visit, on the page of a declaration."""

import re
from datetime import date, timedelta

import pytest
import time_machine

from tests import factories
from tracker.dashboard import since
from tracker.dashboard.models import Visit

pytestmark = pytest.mark.django_db
NOW = factories.NOW
WEEK = timedelta(days=7)


@pytest.fixture
def declaration():
    return factories.declaration()


@pytest.fixture
def pledge(declaration):
    return factories.pledge(declaration, number=1)


def told(client, declaration, at):
    """The words of the strip when the page is opened at that moment; None where there is none."""
    with time_machine.travel(at, tick=False):
        page = client.get(declaration.get_absolute_url()).content.decode()
    found = re.search(r'<p class="sm since">(.*?)</p>', page, re.DOTALL)
    return " ".join(re.sub(r"<[^>]+>", " ", found[1]).split()) if found else None


def test_strangers_and_first_visits_are_told_nothing(client, declaration, pledge):
    assert told(client, declaration, NOW) is None
    client.force_login(factories.user())
    assert told(client, declaration, NOW) is None
    assert Visit.objects.count() == 1


def test_the_next_visit_is_told_what_changed(client, declaration, pledge):
    reader = factories.user()
    client.force_login(reader)
    told(client, declaration, NOW - WEEK)
    judged = factories.assessment(pledge, status="stalled", evidence=[factories.evidence(pledge)], recorded_at=NOW)
    late = factories.pledge(declaration, number=2, due_edtf="2026-11-20", due_latest=date(2026, 11, 20))
    factories.suggestion(about=late)
    words = told(client, declaration, NOW + timedelta(minutes=1))
    assert words == (
        f"Since your visit on 17 Nov 2026: {judged.pledge.title} Stalled , 1 pledge newly overdue, 1 item of evidence"
    )


def test_editors_are_told_what_waits_for_them(client, declaration, pledge):
    client.force_login(factories.editor())
    told(client, declaration, NOW - WEEK)
    factories.suggestion(about=pledge)
    assert told(client, declaration, NOW).endswith("1 waits for review")


def test_nothing_new_is_said_too(client, declaration, pledge):
    factories.assessment(pledge, recorded_at=NOW - 2 * WEEK)
    client.force_login(factories.user())
    told(client, declaration, NOW - WEEK)
    assert told(client, declaration, NOW) == "Since your visit on 17 Nov 2026: nothing changed."


def test_many_judgements_are_counted(client, declaration):
    client.force_login(factories.user())
    told(client, declaration, NOW - WEEK)
    for number in range(1, 6):
        pledge = factories.pledge(declaration, number=number)
        factories.assessment(pledge, status="stalled", recorded_at=NOW - timedelta(days=1))
        factories.assessment(pledge, status="not_started", recorded_at=NOW)
    words = told(client, declaration, NOW)
    assert (words.count("Not started"), words.count("Stalled")) == (3, 0)
    assert "2 more judged" in words


def test_pages_of_one_hour_are_one_visit_written_once(declaration, django_assert_num_queries):
    reader = factories.user()
    assert since.visit(person=reader, declaration=declaration, now=NOW - WEEK) is None
    assert since.visit(person=reader, declaration=declaration, now=NOW) == NOW - WEEK
    for minutes in (1, 30, 59):
        with django_assert_num_queries(1):
            later = since.visit(person=reader, declaration=declaration, now=NOW + timedelta(minutes=minutes))
        assert later == NOW - WEEK
    assert since.visit(person=reader, declaration=declaration, now=NOW + timedelta(hours=1)) == NOW


def test_each_declaration_and_each_person_has_visits_of_their_own(declaration):
    readers, other = [factories.user(), factories.user()], factories.declaration()
    for reader in readers:
        for of in (declaration, other):
            assert since.visit(person=reader, declaration=of, now=NOW) is None


def test_the_past_and_fragments_are_no_visits(client, declaration, pledge):
    client.force_login(factories.user())
    client.get(declaration.get_absolute_url(), {"as_of": "2026-11-24"})
    client.get(declaration.get_absolute_url(), headers={"HX-Request": "true", "HX-Target": "rows"})
    assert not Visit.objects.exists()
