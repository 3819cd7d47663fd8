"""Where a declaration asks for two people, a judgement waits until another editor confirms it."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from tests import factories
from tests.pledges.test_judging import draft_of
from tracker.multilingual import Texts
from tracker.pledges import actions, judging
from tracker.pledges.models import Assessment, Evidence, Proposal

pytestmark = pytest.mark.django_db


@pytest.fixture
def pledge():
    made = factories.pledge(factories.declaration(needs_second_person=True))
    factories.evidence(made)
    return made


def propose(pledge, now, by=None, **changes):
    draft = draft_of(pledge, **changes)
    return judging.propose(draft, expected_version=pledge.version, by=by or factories.editor(), now=now)


def confirm(proposal, now, by=None):
    return judging.confirm(proposal=proposal, by=by or factories.editor(), now=now)


def test_nobody_judges_alone(pledge, now):
    with pytest.raises(judging.SecondPersonError):
        judging.assess(draft_of(pledge), expected_version=0, by=factories.editor(), now=now)
    waiting = propose(pledge, now)
    with pytest.raises(judging.SecondPersonError):
        confirm(waiting, now, by=waiting.proposed_by)
    assert not Assessment.objects.exists()
    pledge.refresh_from_db()
    assert (pledge.status, pledge.version) == ("not_assessed", 0)


def test_confirmed_it_is_a_judgement_under_both_names(pledge, now):
    waiting, second = propose(pledge, now), factories.editor()
    made = confirm(waiting, now + timedelta(hours=2), by=second)
    waiting.refresh_from_db()
    pledge.refresh_from_db()
    assert (made.recorded_by, made.confirmed_by) == (waiting.proposed_by, second)
    assert made.recorded_at == now + timedelta(hours=2), "known to the public since then"
    assert (made.rationale, made.effective_on) == (waiting.rationale, waiting.effective_on)
    assert list(made.evidence.all()) == list(waiting.evidence.all())
    assert (waiting.state, waiting.decided_by, waiting.assessment) == ("confirmed", second, made)
    assert (pledge.status, pledge.version) == ("in_progress", 1)


def test_a_proposal_keeps_the_rules_of_a_judgement(pledge, now):
    with pytest.raises(judging.AssessmentError, match="evidence_missing"):
        propose(pledge, now, evidence=[])
    with pytest.raises(judging.StaleVersionError):
        judging.propose(draft_of(pledge), expected_version=3, by=factories.editor(), now=now)
    assert not Proposal.objects.exists()


def test_what_another_judgement_overtook_cannot_be_confirmed(pledge, now):
    waiting = propose(pledge, now)
    theirs = factories.assessment(pledge, status="stalled")
    with pytest.raises(judging.StaleVersionError) as caught:
        confirm(waiting, now)
    assert caught.value.latest == theirs
    waiting.refresh_from_db()
    assert waiting.is_waiting
    assert judging.reject(proposal=waiting, reason="Overtaken.", by=factories.editor(), now=now)


def test_one_partys_judgement_does_not_overtake_anothers(now):
    pledge = factories.pledge(factories.declaration(needs_second_person=True), is_judged_per_party=True)
    factories.evidence(pledge)
    first, second = pledge.parties.all()
    waiting = [propose(pledge, now, party=party) for party in (first, second, None)]
    made = [confirm(one, now) for one in waiting]
    assert [row.party for row in made] == [first, second, None]


def test_evidence_withdrawn_meanwhile_stops_the_confirmation(pledge, now):
    waiting = propose(pledge, now)
    actions.withdraw_evidence(evidence=Evidence.objects.get(), reason="gone", by=factories.editor(), now=now)
    with pytest.raises(judging.AssessmentError, match="evidence_of_another_pledge"):
        confirm(waiting, now)
    assert not Assessment.objects.exists()


def test_one_waits_at_a_time_and_the_next_after_its_decision(pledge, now):
    waiting = propose(pledge, now)
    with pytest.raises(judging.ProposalWaitingError) as caught:
        propose(pledge, now)
    assert caught.value.waiting == waiting
    assert judging.take_back(proposal=waiting, by=waiting.proposed_by, now=now)
    assert propose(pledge, now).is_waiting


def test_a_decision_is_made_once_and_by_the_right_person(pledge, now):
    waiting, second = propose(pledge, now), factories.editor()
    assert not judging.reject(proposal=waiting, reason="no", by=waiting.proposed_by, now=now)
    assert not judging.take_back(proposal=waiting, by=second, now=now)
    assert judging.reject(proposal=waiting, reason="The source says otherwise.", by=second, now=now)
    assert not judging.reject(proposal=waiting, reason="again", by=second, now=now)
    with pytest.raises(judging.ProposalDecidedError):
        confirm(waiting, now)
    waiting.refresh_from_db()
    assert (waiting.state, waiting.decision_reason) == ("rejected", "The source says otherwise.")


def test_the_table_itself_knows_that_two_people_are_two(pledge, now):
    waiting = propose(pledge, now)
    own = {"decided_by": waiting.proposed_by, "decided_at": now}
    for values in (
        {**own, "state": "rejected", "decision_reason": "x"},
        {"state": "rejected", "decision_reason": "x"},
        {**own, "decided_by": factories.editor(), "state": "confirmed"},
        {**own, "decided_by": factories.editor(), "state": "rejected"},
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            Proposal.objects.filter(pk=waiting.pk).update(**values)
    with pytest.raises(IntegrityError), transaction.atomic():
        factories.assessment(pledge, recorded_by=waiting.proposed_by, confirmed_by=waiting.proposed_by)


def test_a_data_set_is_loaded_without_a_second_person(pledge, now):
    """It was reviewed before it was shipped."""
    made = judging.assess(draft_of(pledge), expected_version=0, by=None, now=now, is_shipped=True)
    assert made.confirmed_by is None


@pytest.fixture
def editor(client):
    person = factories.editor(name="Ida Editor")
    client.force_login(person)
    return person


FORM = {
    "status": "not_started",
    "confidence": "medium",
    "rationale": "Nobody has dug yet.",
    "effective_on": "2026-11-01",
    "version": 0,
}


def test_the_form_says_that_it_proposes(client, pledge, editor):
    address = reverse("assess", args=[pledge.reference])
    assert "Propose</button>" in client.get(address).content.decode()
    page = client.post(address, FORM, follow=True).content.decode()
    assert "Another editor has to confirm it" in page
    assert "1 judgement waits for a second person" in page
    assert "Nobody has dug yet." not in page
    assert Proposal.objects.get().proposed_by == editor
    again = client.post(address, {**FORM, "rationale": "Still nobody."})
    assert again.status_code == 409
    for said in ("waits already", "Still nobody.", Proposal.objects.get().get_absolute_url()):
        assert said in again.content.decode()


def test_only_editors_see_what_waits(client, pledge):
    waiting = factories.proposal(pledge, rationale=Texts(en="Nobody has dug yet."))
    for person in (None, factories.user()):
        if person:
            client.force_login(person)
        for address in (pledge.get_absolute_url(), pledge.declaration.get_absolute_url(), "/"):
            assert "second person" not in client.get(address).content.decode()
        assert client.get(waiting.get_absolute_url()).status_code in (302, 403)
    client.force_login(factories.editor())
    for address in (pledge.get_absolute_url(), pledge.declaration.get_absolute_url()):
        assert waiting.get_absolute_url() in client.get(address).content.decode()


def test_another_editor_confirms_it_and_everybody_reads_both_names(client, pledge, editor):
    by = factories.editor(name="Pia Proposer")
    waiting = factories.proposal(pledge, proposed_by=by, evidence=pledge.evidence.all())
    page = client.get(waiting.get_absolute_url()).content.decode()
    assert "Pia Proposer" in page
    assert pledge.evidence.get().title in page
    answer = client.post(reverse("confirm_proposal", args=[waiting.pk]))
    assert answer["Location"] == pledge.get_absolute_url()
    client.logout()
    page = client.get(pledge.get_absolute_url()).content.decode()
    assert "Pia Proposer" in page
    assert "Confirmed by Ida Editor." in page
    client.force_login(editor)
    assert "See it in the history" in client.get(waiting.get_absolute_url()).content.decode()


def test_ones_own_can_be_taken_back_but_not_confirmed(client, pledge, editor):
    waiting = factories.proposal(pledge, proposed_by=editor)
    page = client.get(waiting.get_absolute_url()).content.decode()
    assert "Take it back" in page
    assert reverse("confirm_proposal", args=[waiting.pk]) not in page
    assert client.post(reverse("confirm_proposal", args=[waiting.pk])).status_code == 422
    assert client.post(reverse("take_back_proposal", args=[waiting.pk])).status_code == 302
    assert client.post(reverse("take_back_proposal", args=[waiting.pk])).status_code == 409


def test_a_rejection_needs_a_reason_which_stays_with_the_proposal(client, pledge, editor):
    waiting = factories.proposal(pledge)
    address = reverse("reject_proposal", args=[waiting.pk])
    answer = client.post(address, {"reason": " "})
    assert answer.status_code == 422
    assert "Enter a reason" in answer.content.decode()
    page = client.post(address, {"reason": "The source says otherwise."}, follow=True).content.decode()
    assert "The source says otherwise." in page
    assert "Rejected" in page
    late = client.post(address, {"reason": "Me too."})
    assert late.status_code == 409


def test_a_proposal_that_was_overtaken_says_by_what(client, pledge, editor):
    waiting = factories.proposal(pledge, evidence=pledge.evidence.all())
    factories.assessment(
        pledge,
        status="stalled",
        rationale=Texts(en="The boats left."),
        recorded_by=factories.editor(name="Fast Friend"),
    )
    answer = client.post(reverse("confirm_proposal", args=[waiting.pk]))
    page = answer.content.decode()
    assert answer.status_code == 409
    for said in ("Fast Friend judged this meanwhile", "The boats left.", "Dredging began in May."):
        assert said in page
    assert reverse("confirm_proposal", args=[waiting.pk]) not in page


def test_withdrawn_evidence_is_told_at_the_confirmation(client, pledge, editor, now):
    waiting = factories.proposal(pledge, evidence=pledge.evidence.all())
    actions.withdraw_evidence(evidence=pledge.evidence.get(), reason="gone", by=editor, now=now)
    answer = client.post(reverse("confirm_proposal", args=[waiting.pk]))
    assert answer.status_code == 422
    assert "not withdrawn" in answer.content.decode()


def test_unknown_proposals_are_not_found(client, editor):
    for pk in ("0", "99999999999999999999"):
        assert client.get(f"/proposals/{pk}/").status_code == 404
        assert client.post(f"/proposals/{pk}/confirm/").status_code == 404


def test_the_dashboard_costs_the_same_queries_for_1_and_20_that_wait(client, pledge, editor):
    def ask():
        with CaptureQueriesContext(connection) as captured:
            page = client.get(pledge.declaration.get_absolute_url()).content.decode()
        return len(captured), page

    pledges = [pledge, *(factories.pledge(pledge.declaration) for _ in range(19))]
    factories.proposal(pledge)
    few, _page = ask()
    waiting = [factories.proposal(one) for one in pledges[1:]]
    many, page = ask()
    assert many <= few
    assert all(one.get_absolute_url() in page for one in waiting)
