"""Judgements: what they need, whom they are about, what they correct."""

from datetime import date, timedelta

import pytest

from tests import factories
from tracker.multilingual import Texts
from tracker.pledges import actions, judging
from tracker.pledges.models import Assessment, Evidence, Pledge, Status

pytestmark = pytest.mark.django_db
WHY = Texts(en="Dredging began in May, the ministry says.")


def draft_of(pledge, **changes):
    given = {
        "pledge": pledge,
        "status": "in_progress",
        "confidence": "medium",
        "rationale": WHY,
        "evidence": list(pledge.evidence.all()),
        "effective_on": date(2026, 5, 1),
    }
    return judging.Draft(**{**given, **changes})


def judge(pledge, now, *, by=None, expected_version=None, **changes):
    draft = draft_of(pledge, **changes)
    version = pledge.version if expected_version is None else expected_version
    return judging.assess(draft, expected_version=version, by=by or factories.editor(), now=now)


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
    with pytest.raises(judging.AssessmentError) as caught:
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
    with pytest.raises(judging.AssessmentError, match="evidence_of_another_pledge"):
        judge(pledge, now, evidence=[Evidence.objects.get(pk=item.pk)])


def test_who_was_slower_is_told_and_nothing_is_overwritten(now):
    pledge = factories.pledge()
    factories.evidence(pledge)
    theirs = judge(pledge, now, status="stalled")
    with pytest.raises(judging.StaleVersionError) as caught:
        judge(pledge, now, expected_version=0)
    assert caught.value.latest == theirs
    assert Pledge.objects.get(pk=pledge.pk).status == "stalled"


def test_two_spellings_of_one_publisher_are_one_source(now):
    pledge = factories.pledge()
    for name in ("Lake Courier", " lake  courier"):
        factories.evidence(pledge, publisher=name)
    with pytest.raises(judging.AssessmentError, match="two_publishers_needed"):
        judge(pledge, now, status="not_fulfilled")
    factories.evidence(pledge, publisher="Hill Times")
    assert judge(pledge, now, status="not_fulfilled").evidence_count == 3


def test_evidence_named_twice_counts_once(now):
    pledge = factories.pledge()
    item = factories.evidence(pledge)
    made = judge(pledge, now, evidence=[item, item])
    assert (made.evidence_count, list(made.evidence.all())) == (1, [item])


def test_a_clock_that_lags_behind_does_not_reorder_history(now):
    """Two servers never agree on the time; what was recorded last stands."""
    pledge = factories.pledge()
    factories.evidence(pledge)
    judge(pledge, now)
    late = judge(pledge, now - timedelta(seconds=3), status="stalled")
    assert pledge.assessments.first() == late
    assert late.recorded_at == now


def test_a_correction_names_what_it_corrects(now):
    pledge = factories.pledge()
    factories.evidence(pledge)
    wrong = judge(pledge, now)
    judge(pledge, now, status="stalled")
    right = judge(pledge, now, corrects=wrong)
    assert right.corrects == wrong
    assert list(wrong.assessment_corrections.all()) == [right]


def test_a_correction_is_of_the_same_pledge_and_party(now):
    pledge, other = factories.pledge(is_judged_per_party=True), factories.pledge()
    party = pledge.parties.first()
    for one in (pledge, other):
        factories.evidence(one)
    whole, foreign = judge(pledge, now), judge(other, now)
    for changes in ({"corrects": foreign}, {"corrects": whole, "party": party}):
        with pytest.raises(judging.AssessmentError, match="corrects_another_matter"):
            judge(pledge, now, **changes)


def test_each_party_is_judged_apart_and_the_pledge_as_a_whole_is_judged_by_people_too(now):
    pledge = factories.pledge(is_judged_per_party=True)
    factories.evidence(pledge)
    first, second = pledge.parties.all()
    judge(pledge, now, status="in_progress")
    one = judge(pledge, now, party=first, status="fulfilled")
    two = judge(pledge, now, party=second, status="stalled")
    again = judge(pledge, now, party=first, status="in_progress")
    pledge.refresh_from_db()
    assert (pledge.status, pledge.version) == ("in_progress", 4)
    assert (one.previous_status, two.previous_status) == ("not_assessed", "not_assessed")
    assert again.previous_status == "fulfilled"
    assert judge(pledge, now, status="stalled").previous_status == "in_progress"


def test_only_parties_that_owe_it_are_judged_and_only_where_they_owe_different_things(now):
    together, apart = factories.pledge(), factories.pledge(is_judged_per_party=True)
    stranger = factories.party("UZB", "UZ")
    for pledge, party in ((together, together.parties.first()), (apart, stranger)):
        factories.evidence(pledge)
        with pytest.raises(judging.AssessmentError, match="not_judged_apart"):
            judge(pledge, now, party=party)
