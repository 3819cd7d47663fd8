"""What editors do to a pledge, through the forms."""

from datetime import date

import pytest
from django.urls import reverse

from tests import factories
from tracker.pledges.models import Assessment, Evidence

pytestmark = pytest.mark.django_db


@pytest.fixture
def pledge():
    return factories.pledge()


@pytest.fixture
def editor(client):
    person = factories.editor(name="Ida Editor")
    client.force_login(person)
    return person


def judgement(pledge, **fields):
    return {
        "status": "not_started",
        "confidence": "medium",
        "rationale": "Nobody has dug yet.",
        "effective_on": "2026-11-01",
        "version": pledge.version,
        **fields,
    }


def link(**fields):
    return {
        "url": "https://news.example.org/dredgers",
        "title": "Dredgers reach the lake",
        "publisher": "Lake Courier",
        "language": "en",
        "published_edtf": "2026-11",
        "stance": "progress",
        "kind": "action",
        "voice": "independent",
        **fields,
    }


def assess(client, pledge, **fields):
    headers = fields.pop("headers", {})
    return client.post(reverse("assess", args=[pledge.reference]), judgement(pledge, **fields), headers=headers)


def add(client, pledge, **fields):
    return client.post(reverse("add_evidence", args=[pledge.reference]), link(**fields))


HTMX = {"HX-Request": "true"}


def test_judgement_is_recorded_with_its_judge_and_shown(client, pledge, editor):
    answer = assess(client, pledge)
    assert answer.status_code == 302
    assert answer["Location"] == pledge.get_absolute_url()
    made = Assessment.objects.get()
    assert (made.status, made.recorded_by, made.effective_on) == ("not_started", editor, date(2026, 11, 1))
    assert "Nobody has dug yet." in client.get(answer["Location"]).content.decode()


def test_from_the_panel_the_browser_is_sent_to_the_pledge(client, pledge, editor):
    answer = assess(client, pledge, headers=HTMX)
    assert answer.status_code == 204
    assert answer["HX-Redirect"] == pledge.get_absolute_url()


def test_form_comes_as_a_page_or_as_a_panel(client, pledge, editor):
    for name in ("assess", "add_evidence"):
        address = reverse(name, args=[pledge.reference])
        page = client.get(address).content.decode()
        panel = client.get(address, headers=HTMX).content.decode()
        assert "<html" in page
        assert "<h1" in page
        assert "<html" not in panel
        assert '<h2 id="pn-h"' in panel


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"rationale": " "}, "Enter a reason"),
        ({"rationale": "x" * 601}, "at most 600"),
        ({"status": "broken"}, "Select a valid choice"),
        ({"status": "fulfilled"}, "Choose at least one item of evidence"),
        ({"effective_on": "2999-01-01"}, "This day has not come yet"),
        ({"effective_on": "soon"}, "Enter a valid date"),
        ({"evidence": ["99999999999999999999"]}, "Select a valid choice"),
        ({"evidence": ["\x00"]}, "Select a valid choice"),
        ({"version": ""}, "This field is required"),
        ({"version": "-1"}, "greater than or equal to 0"),
        ({"confidence": "certain"}, "Select a valid choice"),
    ],
)
def test_faulty_judgement_is_told_at_its_field_and_kept(client, pledge, editor, fields, said):
    answer = assess(client, pledge, **fields)
    html = answer.content.decode()
    assert answer.status_code == 422
    assert said in html
    assert "Nobody has dug yet." in html or "rationale" in fields
    assert not Assessment.objects.exists()


def test_not_fulfilled_needs_two_publishers(client, pledge, editor):
    first, second = (factories.evidence(pledge, publisher=name) for name in ("Lake Courier", "Hill Times"))
    cited = [factories.evidence(pledge, publisher="Lake Courier").pk, first.pk]
    assert "two sources" in assess(client, pledge, status="not_fulfilled", evidence=cited).content.decode()
    assert assess(client, pledge, status="not_fulfilled", evidence=[first.pk, second.pk]).status_code == 302


def test_whoever_was_slower_sees_what_the_faster_one_did_and_keeps_the_draft(client, pledge, editor):
    factories.assessment(pledge, status="stalled", recorded_by=factories.editor(name="Fast Friend"))
    answer = assess(client, pledge, version=0)
    html = answer.content.decode()
    assert answer.status_code == 409
    assert "Fast Friend changed this pledge" in html
    assert "Nobody has dug yet." in html
    assert '<input type="hidden" name="version" value="1"' in html
    assert assess(client, pledge, version=1).status_code == 302


def test_withdrawn_and_foreign_evidence_cannot_be_cited(client, pledge, editor):
    withdrawn = factories.evidence(pledge, withdrawn_at=factories.NOW, withdrawn_by=editor)
    foreign = factories.evidence(factories.pledge())
    for item in (withdrawn, foreign):
        assert assess(client, pledge, status="stalled", evidence=[item.pk]).status_code == 422


def test_evidence_is_added_and_shown(client, pledge, editor):
    answer = add(client, pledge, note="Two of four.")
    assert answer["Location"] == pledge.get_absolute_url()
    made = Evidence.objects.get()
    assert (made.added_by, made.published_on) == (editor, date(2026, 11, 1))
    html = client.get(answer["Location"]).content.decode()
    assert "Dredgers reach the lake" in html
    assert "Two of four." in html


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"url": "javascript:alert(1)"}, "Enter a valid URL"),
        ({"url": "ftp://example.org/x"}, "http:// or https://"),
        ({"url": ""}, "This field is required"),
        ({"published_edtf": "last week"}, "Enter a date such as"),
        ({"published_edtf": "2026-02-31"}, "Enter a date such as"),
        ({"published_edtf": "9999999"}, "Enter a date such as"),
        ({"language": "<b>"}, "Enter a language code"),
        ({"voice": "party"}, "Say whose official source it is"),
        ({"voice_party": "99999999999999999999", "voice": "party"}, "Select a valid choice"),
        ({"stance": "great"}, "Select a valid choice"),
        ({"title": "nul\x00byte"}, "Null characters are not allowed"),
    ],
)
def test_faulty_link_is_told_at_its_field_and_kept(client, pledge, editor, fields, said):
    answer = add(client, pledge, **fields)
    html = answer.content.decode()
    assert answer.status_code == 422
    assert said in html
    assert "Lake Courier" in html
    assert not Evidence.objects.exists()


def test_same_link_stands_once(client, pledge, editor):
    add(client, pledge)
    answer = add(client, pledge)
    assert answer.status_code == 422
    assert "already stands as evidence" in answer.content.decode()


def test_evidence_is_withdrawn_with_a_reason_only(client, pledge, editor):
    item = factories.evidence(pledge)
    address = reverse("withdraw_evidence", args=[item.pk])
    client.post(address, {"reason": " "})
    assert Evidence.objects.get().withdrawn_at is None
    client.post(address, {"reason": "Page taken down"})
    item.refresh_from_db()
    assert (item.withdrawn_by, item.withdrawn_reason) == (editor, "Page taken down")


def test_reason_of_a_withdrawal_with_a_nul_byte_is_no_crash(client, pledge, editor):
    item = factories.evidence(pledge)
    client.post(reverse("withdraw_evidence", args=[item.pk]), {"reason": "Page\x00 taken down"})
    assert "\x00" not in Evidence.objects.get().withdrawn_reason


@pytest.mark.parametrize("reference", ["XX-1-99", "99999999999999999999", "__class__"])
def test_unknown_pledges_are_not_found(client, editor, reference):
    for tail in ("", "status/", "evidence/"):
        assert client.get(f"/pledges/{reference}/{tail}").status_code == 404


def test_unknown_evidence_is_not_found(client, editor):
    assert client.post("/evidence/99999999999999999999/withdraw/", {"reason": "x"}).status_code == 404


def test_readers_change_nothing(client, pledge):
    client.force_login(factories.user())
    assert assess(client, pledge).status_code == 403
    assert add(client, pledge).status_code == 403
    assert not Assessment.objects.exists()
    assert not Evidence.objects.exists()


def test_version_that_never_was_is_a_conflict(client, pledge, editor):
    assert assess(client, pledge, version="9" * 25).status_code == 409


def test_a_date_of_evidence_may_be_written_as_people_write_it(client):
    client.force_login(factories.editor())
    pledge = factories.pledge()
    assert client.post(f"/pledges/{pledge.reference}/evidence/", link(published_edtf="Nov 2026")).status_code == 302
    assert pledge.evidence.get().published_edtf == "2026-11"
