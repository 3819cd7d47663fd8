"""Where parties owe different things: the matrix, the verdict, the history, the form."""

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from tests import factories
from tracker.multilingual import Texts
from tracker.pledges.models import Assessment

pytestmark = pytest.mark.django_db


@pytest.fixture
def apart():
    """Judged as a whole, and China's part; Kazakhstan's is not judged yet."""
    pledge = factories.pledge(is_judged_per_party=True)
    china, _kazakhstan = pledge.parties.all()
    factories.assessment(pledge, status="in_progress", rationale=Texts(en="Half of it is done."))
    factories.assessment(pledge, party=china, status="fulfilled", rationale=Texts(en="China opened its centre."))
    return pledge


def words(html):
    return " ".join(re.sub(r"<[^>]+>", " ", html).split())


def part(html, start, end="</section>"):
    return html[html.index(start) :].partition(end)[0]


def read(client, address):
    answer = client.get(address)
    assert answer.status_code == 200
    return answer.content.decode()


def test_the_dashboard_shows_each_partys_part_beside_the_whole(client, apart):
    factories.pledge(apart.declaration, parties=[factories.party()], is_judged_per_party=True)
    factories.pledge(apart.declaration, title=Texts(en="Owed together"))
    table = part(read(client, apart.declaration.get_absolute_url()), '<table class="by-party"', "</table>")
    rows = [words(row) for row in re.findall(r"<tr>.*?</tr>", table, re.S)]
    assert rows == [
        "Pledge China CHN Kazakhstan KAZ As a whole",
        "01 Clean lake 1 Fulfilled Not assessed In progress",
        "02 Clean lake 2 Not assessed – owes nothing here Not assessed",
    ]


def test_without_such_pledges_there_is_no_matrix(client):
    pledge = factories.pledge()
    assert "by-party" not in read(client, pledge.declaration.get_absolute_url())


def test_a_later_judgement_of_a_part_takes_its_place(client, apart):
    factories.assessment(apart, party=apart.parties.first(), status="stalled")
    assert "Stalled" in part(read(client, apart.declaration.get_absolute_url()), '<table class="by-party"', "</table>")


def test_the_matrix_costs_the_same_queries_for_1_and_30_pledges(client, apart):
    def queries():
        with CaptureQueriesContext(connection) as captured:
            read(client, apart.declaration.get_absolute_url())
        return len(captured)

    few = queries()
    for _ in range(29):
        pledge = factories.pledge(apart.declaration, is_judged_per_party=True)
        for party in pledge.parties.all():
            factories.assessment(pledge, party=party)
    assert queries() <= few


def test_the_verdict_shows_the_whole_first_and_each_part_below(client, apart):
    html = words(part(read(client, apart.get_absolute_url()), '<section class="verdict'))
    assert html.index("In progress") < html.index("Half of it is done.") < html.index("Each party’s own part")
    assert "China Fulfilled China opened its centre." in html
    assert "Kazakhstan Not assessed" in html


def test_a_part_never_stands_as_the_verdict_of_the_whole(client):
    pledge = factories.pledge(is_judged_per_party=True)
    factories.assessment(pledge, party=pledge.parties.first(), status="fulfilled")
    html = words(part(read(client, pledge.get_absolute_url()), '<section class="verdict'))
    assert "No editor has judged this pledge yet." in html
    assert "China Fulfilled" in html


def test_the_history_names_the_party_and_compares_with_its_own_past(client, apart):
    factories.assessment(
        apart, party=apart.parties.first(), status="fulfilled", rationale=Texts(en="China opened its second centre.")
    )
    html = part(read(client, apart.get_absolute_url()), 'id="history"', "</ol>")
    assert "kept China : Fulfilled and revised the reason" in words(html)
    assert re.search(r"its<ins> second</ins> centre", html)


def test_the_history_links_a_correction_and_what_it_corrects(client):
    pledge = factories.pledge()
    wrong = factories.assessment(pledge)
    right = factories.assessment(pledge, status="stalled", corrects=wrong)
    html = part(read(client, pledge.get_absolute_url()), 'id="history"', "</ol>")
    assert f'<a href="#a{wrong.pk}">Corrects the judgement of 24 Nov 2026.</a>' in html
    assert f'<a href="#a{right.pk}">Corrected on 24 Nov 2026.</a>' in html


def test_activity_names_the_party(client, apart):
    assert "Clean lake 1 (China)" in words(
        part(read(client, apart.declaration.get_absolute_url()), '<div class="recent"')
    )


FORM = {"status": "stalled", "confidence": "low", "rationale": "It stopped.", "effective_on": "2026-11-01"}


def test_the_form_judges_one_part_or_the_whole(client, apart):
    client.force_login(factories.editor())
    item = factories.evidence(apart)
    address = reverse("assess", args=[apart.reference])
    html = read(client, address)
    for party in apart.parties.all():
        assert f'{address}?party={party.code}"' in html
    html = read(client, address + "?party=CHN")
    assert '<input type="hidden" name="party" value="CHN"' in html
    assert re.search(r'value="fulfilled"[^>]* checked', html), "its own standing is where the form begins"
    given = {**FORM, "version": apart.version, "evidence": item.pk}
    assert client.post(address, {**given, "party": "CHN"}).status_code == 302
    made = Assessment.objects.first()
    assert (made.party.code, made.status, made.previous_status) == ("CHN", "stalled", "fulfilled")
    apart.refresh_from_db()
    assert apart.status == "in_progress"
    for wrong in ("XXX", "\x00"):
        assert client.post(address, {**given, "version": apart.version, "party": wrong}).status_code == 422


def test_whoever_was_slower_sees_whose_part_was_judged(client, apart):
    client.force_login(factories.editor())
    answer = client.post(
        reverse("assess", args=[apart.reference]), {**FORM, "version": 1, "evidence": factories.evidence(apart).pk}
    )
    assert answer.status_code == 409
    assert "China Fulfilled" in words(part(answer.content.decode(), 'aria-labelledby="cf"'))


def test_the_form_asks_whether_it_corrects_a_judgement_of_the_same_matter(client, apart):
    client.force_login(factories.editor())
    whole, china = Assessment.objects.get(party=None), Assessment.objects.get(party__code="CHN")
    address = reverse("assess", args=[apart.reference])
    html = part(read(client, address + "?party=CHN"), 'name="corrects"', "</select>")
    assert "Yes, the one of 24 Nov 2026: Fulfilled" in html
    assert f'value="{whole.pk}"' not in html
    given = {**FORM, "version": apart.version, "evidence": factories.evidence(apart).pk, "party": "CHN"}
    for wrong in (whole.pk, "99999999999999999999", "\x00"):
        assert client.post(address, {**given, "corrects": wrong}).status_code == 422
    assert client.post(address, {**given, "corrects": china.pk}).status_code == 302
    assert Assessment.objects.first().corrects == china


def test_a_pledge_that_nobody_judged_has_nothing_to_correct(client):
    client.force_login(factories.editor())
    assert 'name="corrects"' not in read(client, reverse("assess", args=[factories.pledge().reference]))
