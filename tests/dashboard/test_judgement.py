"""The address of one judgement, and citations of everything that has one."""

import json
import re
from datetime import UTC, datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests import factories
from tracker.multilingual import Texts

pytestmark = pytest.mark.django_db
SITE = "http://127.0.0.1:8000"


def at(day):
    return datetime.fromisoformat(f"{day}T12:00:00+00:00")


@pytest.fixture
def pledge():
    return factories.pledge(factories.declaration(slug="lakes"), title=Texts(en="Cut 5% of_it", fr="Réduire de 5 %"))


@pytest.fixture
def judged(pledge):
    """Three judgements: the second corrects the first, the third follows."""
    link = factories.evidence(pledge, added_at=at("2026-01-01"), title="Dredgers reach the lake")
    first = factories.assessment(
        pledge,
        evidence=[link],
        recorded_at=at("2026-01-02"),
        effective_on="2026-01-01",
        rationale=Texts(en="Two boats came.", fr="Deux bateaux sont venus."),
    )
    second = factories.assessment(
        pledge, recorded_at=at("2026-02-02"), effective_on="2026-01-01", status="stalled", corrects=first
    )
    third = factories.assessment(pledge, recorded_at=at("2026-03-02"), effective_on="2026-03-01", status="fulfilled")
    return first, second, third


def read(client, address, **headers):
    answer = client.get(address, headers=headers)
    assert answer.status_code == 200
    return answer.content.decode()


def test_a_judgement_shows_what_was_recorded_in_every_language_with_its_evidence(client, judged):
    html = read(client, judged[0].get_absolute_url())
    for words in (
        "Two boats came.",
        "Deux bateaux sont venus.",
        "Test Editor",
        "Dredgers reach the lake",
        "In progress",
    ):
        assert words in html


def test_a_judgement_says_what_became_of_it(client, judged):
    first, second, third = (read(client, row.get_absolute_url()) for row in judged)
    assert f'It was corrected by <a href="{judged[1].get_absolute_url()}">the judgement of 2 Feb 2026</a>' in first
    assert f'It corrects <a href="{judged[0].get_absolute_url()}">the judgement of 2 Jan 2026</a>' in second
    assert f'It stood until <a href="{judged[2].get_absolute_url()}">the judgement of 2 Mar 2026</a>' in second
    assert "It stands; none came after it." in third


def test_on_an_earlier_day_nothing_had_become_of_it_and_before_its_own_there_is_no_such_page(client, judged):
    address = judged[0].get_absolute_url()
    assert "It stands; none came after it." in read(client, f"{address}?as_of=2026-02-01")
    assert client.get(f"{address}?as_of=2026-01-01").status_code == 404
    assert client.get(f"{address}cite.bib?as_of=2026-01-01").status_code == 404


def test_the_part_of_a_party_is_not_replaced_by_a_judgement_of_the_whole(client, judged, pledge):
    part = factories.assessment(
        pledge, party=factories.party(), recorded_at=at("2026-01-05"), effective_on="2026-01-05"
    )
    html = read(client, part.get_absolute_url())
    assert "It stands; none came after it." in html
    assert "China" in html


def test_the_history_links_every_judgement(client, judged, pledge):
    html = read(client, pledge.get_absolute_url())
    assert all(f'href="{row.get_absolute_url()}"' in html for row in judged)


def test_a_judgement_is_found_under_its_own_pledge_only(client, judged):
    other = factories.pledge()
    assert client.get(f"/pledges/{other.reference}/judgements/{judged[0].pk}/").status_code == 404


def test_editors_change_nothing_on_a_judgement(client, judged):
    client.force_login(factories.editor())
    html = read(client, judged[0].get_absolute_url()).split("<main", 1)[1].split("</main>", 1)[0]
    assert 'method="post"' not in html
    assert "/withdraw/" not in html


def test_a_judgement_costs_the_same_queries_with_1_and_20_items_and_successors(client, judged, pledge):
    counts = []
    for _ in range(2):
        judgement = factories.assessment(
            pledge, evidence=[factories.evidence(pledge) for _ in range(1 + len(counts) * 19)]
        )
        for _ in range(len(counts) * 9 + 1):
            factories.assessment(pledge, corrects=judgement)
        with CaptureQueriesContext(connection) as queries:
            read(client, judgement.get_absolute_url())
        counts.append(len(queries))
    assert counts[0] == counts[1]
    assert counts[0] <= 6


def test_a_pledge_is_cited_with_its_status_and_an_address_that_holds_the_day(client, judged, pledge, time_machine):
    time_machine.move_to("2026-11-24T09:00:00+00:00", tick=False)
    address = pledge.get_absolute_url()
    now = f"Followthrough, “Cut 5% of_it” ({pledge.reference}), fulfilled as of 24 Nov 2026, "
    assert f"{now}{SITE}{address}?as_of=2026-11-24" in read(client, address)
    then = f"stalled as of 14 Feb 2026, {SITE}{address}?as_of=2026-02-14"
    assert then in read(client, f"{address}?as_of=2026-02-14")


def test_citations_can_be_taken_away_as_they_stand_on_the_page(client, judged, pledge):
    for page, tail in (
        (pledge.declaration.get_absolute_url(), ""),
        (pledge.get_absolute_url(), ""),
        (pledge.get_absolute_url(), "?as_of=2026-02-14"),
        (judged[0].get_absolute_url(), ""),
    ):
        html = read(client, page + tail)
        for name, content_type in (
            ("bib", "application/x-bibtex"),
            ("json", "application/vnd.citationstyles.csl+json"),
        ):
            assert f'href="{page}cite.{name}{tail}" download' in html
            answer = client.get(f"{page}cite.{name}{tail}")
            assert answer["Content-Type"] == f"{content_type}; charset=utf-8"
            assert re.fullmatch(
                rf'attachment; filename="followthrough-[A-Za-z0-9-]+\.{name}"', answer["Content-Disposition"]
            )
            shown = html.split(f'id="citation-{name}">', 1)[1].split("</pre>", 1)[0]
            shown = shown.replace("&quot;", '"').replace("&#x27;", "'").replace("&amp;", "&")
            assert shown == answer.content.decode()


def test_a_judgement_is_cited_by_the_day_it_was_recorded_at_an_address_without_a_day(client, judged):
    address = judged[1].get_absolute_url()
    (item,) = json.loads(client.get(f"{address}cite.json").content)
    assert item["URL"] == SITE + address
    assert item["issued"] == {"date-parts": [[2026, 2, 2]]}
    assert item["note"] == "judged stalled on 2 Feb 2026"
    assert item["accessed"]["date-parts"][0] == [*datetime.now(UTC).timetuple()[:3]]


def test_citations_speak_the_readers_language(client, judged, pledge):
    answer = client.get(f"{pledge.get_absolute_url()}cite.bib", headers={"accept-language": "fr"})
    assert r"title = {{Réduire de 5 \%}}" in answer.content.decode()
    assert "langid = {fr}" in answer.content.decode()


@pytest.mark.parametrize("tail", ["cite.exe", "cite.bib?as_of=soon", "cite.json?as_of=9999-01-01"])
def test_no_citation_of_what_cannot_be(client, pledge, tail):
    for page in (pledge.get_absolute_url(), pledge.declaration.get_absolute_url()):
        assert client.get(page + tail).status_code in (400, 404)
