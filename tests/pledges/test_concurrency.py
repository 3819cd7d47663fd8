"""Many editors, one pledge, the same moment: through the real views, from processes with connections of their own."""

from collections import Counter
from itertools import pairwise

import pytest
from django.conf import settings
from django.db import connections
from django.test import Client
from django.urls import reverse

from tests import factories
from tests.pledges.contenders import Contenders
from tracker.accounts.models import User
from tracker.pledges.models import Assessment, Pledge, Proposal

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.processes]
EDITORS, ROUNDS = 8, 25


@pytest.fixture
def contenders():
    sessions = []
    for number in range(EDITORS):
        client = Client()
        client.force_login(factories.editor(name=f"Editor {number}"))
        sessions.append(client.cookies[settings.SESSION_COOKIE_NAME].value)
    with Contenders(sessions) as made:
        connections.close_all()
        yield made


def test_of_200_judgements_from_8_processes_one_wins_each_version_and_every_other_is_told(contenders):
    pledge = factories.pledge()
    item = factories.evidence(pledge)
    fields = {
        "status": "in_progress",
        "confidence": "medium",
        "rationale": "Editor {number} says so in round {turn}.",
        "effective_on": "2026-11-01",
        "evidence": item.pk,
    }
    address = reverse("assess", args=[pledge.reference])
    answers = [answer for editor in contenders.post(address, address, fields, ROUNDS) for answer in editor]
    assert len(answers) == EDITORS * ROUNDS
    assert Counter(status for _posted, status, _page in answers) == {302: ROUNDS, 409: (EDITORS - 1) * ROUNDS}

    won = {int(posted["version"]): posted["rationale"] for posted, status, _page in answers if status == 302}
    assert sorted(won) == list(range(ROUNDS)), "exactly one winner for each version"
    history = list(Assessment.objects.order_by("id").prefetch_related("evidence"))
    assert [str(row.rationale) for row in history] == [won[version] for version in range(ROUNDS)]
    assert all(later.previous_status == earlier.status for earlier, later in pairwise(history))
    assert all(list(row.evidence.all()) == [item] for row in history)
    assert Pledge.objects.get().version == ROUNDS

    names = dict(User.objects.values_list("pk", "name"))
    judges = [names[row.recorded_by_id] for row in history]
    for posted, status, page in answers:
        if status == 409:
            seen = int(posted["version"])
            assert f"{judges[seen]} changed this pledge while you were writing" in page
            assert won[seen] in page, "the judgement that was faster"
            assert posted["rationale"] in page, "the draft is kept"
            assert f'name="version" value="{seen + 1}"' in page, "saving again puts it on top"


def test_of_8_editors_who_confirm_at_once_one_does(contenders):
    pledge = factories.pledge(factories.declaration(needs_second_person=True))
    waiting = factories.proposal(pledge, evidence=[factories.evidence(pledge)])
    answers = contenders.post(waiting.get_absolute_url(), reverse("confirm_proposal", args=[waiting.pk]), {})
    assert Counter(status for ((_posted, status, _page),) in answers) == {302: 1, 409: EDITORS - 1}
    (made,) = Assessment.objects.all()
    decided = Proposal.objects.get()
    assert (decided.state, decided.assessment, decided.decided_by) == ("confirmed", made, made.confirmed_by)
    assert made.recorded_by == waiting.proposed_by
    for ((_posted, status, page),) in answers:
        assert status == 302 or f"by {made.confirmed_by.name}" in page


def test_of_8_proposals_at_once_one_waits(contenders):
    pledge = factories.pledge(factories.declaration(needs_second_person=True))
    fields = {
        "status": "not_started",
        "confidence": "low",
        "rationale": "Editor {number} looked.",
        "effective_on": "2026-11-01",
    }
    address = reverse("assess", args=[pledge.reference])
    answers = contenders.post(address, address, fields)
    assert Counter(status for ((_posted, status, _page),) in answers) == {302: 1, 409: EDITORS - 1}
    assert Proposal.objects.get().is_waiting
    assert not Assessment.objects.exists()
    for ((posted, status, page),) in answers:
        assert status == 302 or ("waits already" in page and posted["rationale"] in page)
