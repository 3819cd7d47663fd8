from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from itertools import pairwise

import pytest
from django.db import connection

from tests import factories
from tracker.multilingual import Texts
from tracker.pledges import actions
from tracker.pledges.models import Assessment, Evidence, Pledge, Status

pytestmark = pytest.mark.django_db
WHY = Texts(en="Dredging began in May, the ministry says.")


def judge(pledge, now, **changes):
    given = {
        "pledge": pledge,
        "expected_version": pledge.version,
        "status": "in_progress",
        "confidence": "medium",
        "rationale": WHY,
        "evidence": list(pledge.evidence.all()),
        "effective_on": date(2026, 5, 1),
        "by": factories.editor(),
        "now": now,
    }
    return actions.assess(**{**given, **changes})


def test_an_assessment_moves_the_status_and_keeps_the_one_before(now):
    pledge = factories.pledge()
    factories.evidence(pledge)
    first = judge(pledge, now)
    second = judge(pledge, now + timedelta(days=1), status="stalled")
    pledge.refresh_from_db()
    assert (pledge.status, pledge.version) == ("stalled", 2)
    assert (first.previous_status, second.previous_status) == ("not_assessed", "in_progress")
    assert list(second.evidence.all()) == list(pledge.evidence.all())


@pytest.mark.parametrize(
    ("changes", "field", "code"),
    [
        ({"rationale": Texts(en="  ")}, "rationale", "reason_missing"),
        ({"evidence": []}, "evidence", "evidence_missing"),
        ({"status": "kept"}, "status", "unknown_status"),
        ({"status": "not_fulfilled"}, "evidence", "two_publishers_needed"),
        ({"effective_on": date(2027, 1, 1)}, "effective_on", "in_the_future"),
    ],
)
def test_an_incomplete_judgement_changes_nothing(now, changes, field, code):
    pledge = factories.pledge()
    factories.evidence(pledge)
    with pytest.raises(actions.AssessmentError) as caught:
        judge(pledge, now, **changes)
    assert (caught.value.field, caught.value.code) == (field, code)
    assert Assessment.objects.count() == 0
    assert Pledge.objects.get(pk=pledge.pk).status == Status.NOT_ASSESSED


@pytest.mark.parametrize("status", ["not_started", "no_evidence", "not_assessed"])
def test_absence_needs_a_reason_but_no_evidence(now, status):
    assert judge(factories.pledge(), now, status=status, evidence=[]).status == status


def test_withdrawn_evidence_cannot_be_cited(now):
    pledge = factories.pledge()
    item = factories.evidence(pledge)
    assert actions.withdraw_evidence(evidence=item, reason="retracted", by=factories.editor(), now=now)
    with pytest.raises(actions.AssessmentError, match="evidence_of_another_pledge"):
        judge(pledge, now, evidence=[Evidence.objects.get(pk=item.pk)])


def test_who_was_slower_is_told_and_nothing_is_overwritten(now):
    pledge = factories.pledge()
    factories.evidence(pledge)
    theirs = judge(pledge, now, status="stalled")
    with pytest.raises(actions.StaleVersionError) as caught:
        judge(pledge, now, expected_version=0)
    assert caught.value.latest == theirs
    assert Pledge.objects.get(pk=pledge.pk).status == "stalled"


@pytest.mark.django_db(transaction=True)
def test_eight_writers_lose_no_update(now):
    """D01: every saved judgement has its successor point at it; the others are refused, never merged away."""
    pledge = factories.pledge()
    factories.evidence(pledge)
    editors = [factories.editor() for _ in range(8)]

    def write(person):
        saved = 0
        try:
            for turn in range(25):
                fresh = Pledge.objects.get(pk=pledge.pk)
                status = ("in_progress", "stalled")[turn % 2]
                try:
                    judge(fresh, now, by=person, status=status, evidence=list(fresh.evidence.all()))
                    saved += 1
                except actions.StaleVersionError:
                    pass
        finally:
            connection.close()
        return saved

    with ThreadPoolExecutor(8) as pool:
        saved = sum(pool.map(write, editors))
    pledge.refresh_from_db()
    chain = list(Assessment.objects.order_by("id").values_list("previous_status", "status"))
    assert pledge.version == saved == len(chain)
    assert all(later[0] == earlier[1] for earlier, later in pairwise(chain))


def test_one_link_is_one_piece_of_evidence(now):
    pledge = factories.pledge()
    first = factories.evidence(pledge, url="https://news.example.org/opening")
    given = {
        "title": "Again",
        "publisher": "Lake Courier",
        "language": "en",
        "published_edtf": "2026-11",
        "stance": "progress",
        "kind": "action",
        "voice": "independent",
        "voice_party": None,
        "note": Texts(),
        "by": factories.editor(),
        "now": now,
    }
    with pytest.raises(actions.DuplicateEvidenceError) as caught:
        actions.add_evidence(pledge=pledge, url=first.url, **given)
    assert caught.value.existing == first
    actions.withdraw_evidence(evidence=first, reason="wrong page", by=factories.editor(), now=now)
    again = actions.add_evidence(pledge=pledge, url=first.url, **given)
    assert again.published_on == date(2026, 11, 1)
    assert pledge.evidence.count() == 2
