from datetime import UTC, date, datetime, timedelta

import pytest
from django.utils import timezone

from tests import factories
from tests.matching.test_suggesting import side_by_side
from tracker.matching import deciding
from tracker.matching.figures import figures
from tracker.matching.models import Suggestion, SuggestionState
from tracker.multilingual import Texts
from tracker.pledges import judging
from tracker.pledges.actions import DuplicateEvidenceError
from tracker.pledges.models import Evidence, Pledge

pytestmark = pytest.mark.django_db


def accept(suggestion, now, **fields):
    return deciding.accept(
        suggestion=suggestion,
        **{
            "stance": "progress",
            "kind": "action",
            "voice": "independent",
            "voice_party": None,
            "note": Texts(),
            "by": factories.editor(),
            "now": now,
            **fields,
        },
    )


def test_an_accepted_article_becomes_evidence_with_what_the_editor_said(now):
    suggestion, editor = factories.suggestion(), factories.editor()
    china = suggestion.pledge.parties.get(code="CHN")
    evidence = accept(suggestion, now, by=editor, voice="party", voice_party=china, note=Texts(en="Two dredgers."))
    article = suggestion.article
    assert (evidence.url, evidence.title, evidence.publisher) == (article.url, article.title, article.feed.title)
    assert (evidence.stance, evidence.kind, evidence.voice_party) == ("progress", "action", china)
    assert (evidence.added_by, evidence.added_at, evidence.note) == (editor, now, {"en": "Two dredgers."})
    suggestion.refresh_from_db()
    assert (suggestion.state, suggestion.evidence, suggestion.decided_by) == (
        SuggestionState.ACCEPTED,
        evidence,
        editor,
    )


def test_the_day_of_publication_does_not_depend_on_who_accepts(now):
    late = factories.article(published_at=datetime(2026, 11, 20, 22, 0, tzinfo=UTC))
    with timezone.override("Asia/Almaty"):
        assert accept(factories.suggestion(late), now).published_edtf == "2026-11-20"


def test_what_was_decided_cannot_be_decided_again(now):
    suggestion, editor = factories.suggestion(), factories.editor()
    deciding.dismiss(suggestion=suggestion, reason="duplicate", by=editor, now=now)
    with pytest.raises(deciding.AlreadyDecidedError):
        accept(suggestion, now)
    with pytest.raises(deciding.AlreadyDecidedError):
        deciding.dismiss(suggestion=suggestion, reason="other", by=factories.editor(), now=now)
    suggestion.refresh_from_db()
    assert (suggestion.state, suggestion.dismiss_reason, suggestion.decided_by) == ("dismissed", "duplicate", editor)


def test_accepting_an_address_that_stands_already_decides_nothing(now):
    suggestion = factories.suggestion()
    factories.evidence(suggestion.pledge, url=suggestion.article.url)
    with pytest.raises(DuplicateEvidenceError):
        accept(suggestion, now)
    suggestion.refresh_from_db()
    assert suggestion.state == SuggestionState.PENDING


def test_undo_withdraws_the_evidence_and_keeps_it_on_record(now):
    suggestion, editor = factories.suggestion(), factories.editor()
    evidence = accept(suggestion, now)
    deciding.undo(suggestion=suggestion, by=editor, now=now)
    evidence.refresh_from_db()
    suggestion.refresh_from_db()
    assert (evidence.withdrawn_at, evidence.withdrawn_by) == (now, editor)
    assert (suggestion.state, suggestion.decided_by, suggestion.evidence) == (SuggestionState.PENDING, None, None)


def test_after_an_undo_the_article_can_be_accepted_again(now):
    suggestion = factories.suggestion()
    first = accept(suggestion, now)
    deciding.undo(suggestion=suggestion, by=factories.editor(), now=now)
    second = accept(suggestion, now)
    assert first != second
    assert suggestion.pledge.evidence.filter(withdrawn_at__isnull=True).get() == second


def test_undoing_a_dismissal_makes_it_wait_again(now):
    suggestion = factories.suggestion()
    deciding.dismiss(suggestion=suggestion, reason="opinion", by=factories.editor(), now=now)
    deciding.undo(suggestion=suggestion, by=factories.editor(), now=now)
    suggestion.refresh_from_db()
    assert (suggestion.state, suggestion.dismiss_reason, suggestion.decided_at) == ("pending", "", None)


def test_undoing_what_waits_does_nothing(now):
    suggestion = factories.suggestion()
    deciding.undo(suggestion=suggestion, by=factories.editor(), now=now)
    suggestion.refresh_from_db()
    assert suggestion.state == SuggestionState.PENDING


# -- Another pledge than the suggested one


def test_an_article_can_be_filed_under_another_candidate(now):
    article = factories.article()
    opened, other = factories.suggestion(article), factories.suggestion(article)
    evidence = accept(opened, now, pledge=other.pledge)
    opened.refresh_from_db()
    other.refresh_from_db()
    assert (evidence.pledge, other.evidence) == (other.pledge, evidence)
    assert (opened.state, opened.dismiss_reason, opened.decided_with) == ("dismissed", "off_topic", other)


def test_a_pledge_that_no_rule_proposed_is_remembered_as_chosen_by_hand(now):
    opened, pledge = factories.suggestion(), factories.pledge()
    evidence = accept(opened, now, pledge=pledge)
    made = Suggestion.objects.get(article=opened.article, pledge=pledge)
    assert (made.is_by_hand, made.state, made.evidence) == (True, "accepted", evidence)


@pytest.mark.parametrize("of", ["opened", "made"])
def test_undo_of_either_takes_the_whole_decision_back(now, of):
    opened, pledge = factories.suggestion(), factories.pledge()
    evidence = accept(opened, now, pledge=pledge)
    rows = {"opened": opened, "made": Suggestion.objects.get(pledge=pledge)}
    rows[of].refresh_from_db()
    assert deciding.undo(suggestion=rows[of], by=factories.editor(), now=now) == opened
    opened.refresh_from_db()
    evidence.refresh_from_db()
    assert (opened.state, opened.decided_with, opened.dismiss_reason) == ("pending", None, "")
    assert evidence.withdrawn_at == now
    assert not Suggestion.objects.filter(pledge=pledge).exists()


def test_a_dismissed_candidate_may_be_thought_over_and_an_accepted_one_may_not(now):
    article, pledge = factories.article(), factories.pledge()
    first, second, decided = (factories.suggestion(article, about) for about in (None, None, pledge))
    deciding.dismiss(suggestion=decided, reason="opinion", by=factories.editor(), now=now)
    accept(first, now, pledge=pledge)
    decided.refresh_from_db()
    assert (decided.state, decided.dismiss_reason) == ("accepted", "")
    with pytest.raises(deciding.AlreadyDecidedError) as error:
        accept(second, now, pledge=pledge)
    assert error.value.decided == decided
    second.refresh_from_db()
    assert second.state == SuggestionState.PENDING


# -- A status in the same step


def judgement(pledge, **fields):
    given = {
        "status": "in_progress",
        "confidence": "high",
        "rationale": Texts(en="Two dredgers are at work."),
        "effective_on": date(2026, 11, 20),
        "expected_version": pledge.version,
    }
    return deciding.Judgement(**{**given, **fields})


def test_a_status_given_with_it_cites_the_article(now):
    suggestion, editor = factories.suggestion(), factories.editor()
    evidence = accept(suggestion, now, by=editor, judgement=judgement(suggestion.pledge))
    made = suggestion.pledge.assessments.get()
    assert (made.status, made.recorded_by, list(made.evidence.all())) == ("in_progress", editor, [evidence])
    suggestion.refresh_from_db()
    assert suggestion.assessment == made


def test_a_status_that_breaks_a_rule_leaves_the_article_undecided(now):
    suggestion = factories.suggestion()
    with pytest.raises(judging.AssessmentError) as error:
        accept(suggestion, now, judgement=judgement(suggestion.pledge, status="not_fulfilled"))
    assert error.value.code == "two_publishers_needed"
    assert not suggestion.pledge.evidence.exists()
    suggestion.refresh_from_db()
    assert suggestion.state == SuggestionState.PENDING


def test_evidence_on_record_can_be_cited_with_it(now):
    suggestion = factories.suggestion()
    other = factories.evidence(suggestion.pledge, publisher="Sea Herald")
    accept(suggestion, now, judgement=judgement(suggestion.pledge, status="not_fulfilled", also=[other]))
    assert suggestion.pledge.assessments.get().evidence.count() == 2


def test_a_status_given_meanwhile_by_another_wins_and_nothing_is_recorded(now):
    suggestion = factories.suggestion()
    mine = judgement(suggestion.pledge)
    theirs = factories.assessment(suggestion.pledge, status="stalled")
    with pytest.raises(judging.StaleVersionError) as error:
        accept(suggestion, now, judgement=mine)
    assert error.value.latest == theirs
    assert not suggestion.pledge.evidence.exists()


def test_where_two_people_are_needed_the_status_is_proposed_and_undo_takes_it_back(now):
    pledge, editor = factories.pledge(factories.declaration(needs_second_person=True)), factories.editor()
    suggestion = factories.suggestion(about=pledge)
    accept(suggestion, now, by=editor, judgement=judgement(pledge))
    suggestion.refresh_from_db()
    assert (pledge.assessments.count(), suggestion.proposal.state) == (0, "waiting")
    deciding.undo(suggestion=suggestion, by=editor, now=now)
    assert pledge.proposals.get().state == "taken_back"


@pytest.mark.parametrize("before", ["not_assessed", "stalled"])
def test_undo_puts_the_status_back_by_a_correction_that_says_so(now, before):
    suggestion, editor = factories.suggestion(), factories.editor()
    pledge = suggestion.pledge
    if before == "stalled":
        factories.assessment(pledge, status="stalled", evidence=[factories.evidence(pledge)])
    accept(suggestion, now, judgement=judgement(pledge))
    suggestion.refresh_from_db()
    undone = suggestion.assessment
    deciding.undo(suggestion=suggestion, by=editor, now=now)
    pledge.refresh_from_db()
    newest = pledge.assessments.first()
    assert (pledge.status, newest.status, newest.corrects, newest.recorded_by) == (before, before, undone, editor)
    assert set(newest.rationale) == {"en", "fr"}


def test_undo_leaves_a_status_that_was_judged_again_since(now):
    suggestion = factories.suggestion()
    accept(suggestion, now, judgement=judgement(suggestion.pledge))
    pledge = Pledge.objects.get(pk=suggestion.pledge_id)
    factories.assessment(pledge, status="stalled", recorded_at=now)
    suggestion.refresh_from_db()
    deciding.undo(suggestion=suggestion, by=factories.editor(), now=now)
    pledge.refresh_from_db()
    assert (pledge.status, pledge.assessments.count()) == ("stalled", 2)


# -- Later


def test_what_is_put_off_waits_again_when_its_time_has_come(now):
    suggestion, editor, until = factories.suggestion(), factories.editor(), now + timedelta(days=1)
    deciding.snooze(suggestion=suggestion, until=until, by=editor)
    rows = Suggestion.objects
    assert [rows.waiting(now).count(), rows.snoozed(now).count(), rows.pending().count()] == [0, 1, 1]
    assert [rows.waiting(until).count(), rows.snoozed(until).count()] == [1, 0]


def test_what_is_put_off_can_be_decided_at_once_and_then_sleeps_no_more(now):
    suggestion = factories.suggestion()
    deciding.snooze(suggestion=suggestion, until=now + timedelta(days=1), by=factories.editor())
    deciding.dismiss(suggestion=suggestion, reason="other", note="A rumour", by=factories.editor(), now=now)
    suggestion.refresh_from_db()
    assert (suggestion.snoozed_until, suggestion.snoozed_by, suggestion.dismiss_note) == (None, None, "A rumour")
    with pytest.raises(deciding.AlreadyDecidedError):
        deciding.snooze(suggestion=suggestion, until=now, by=factories.editor())


def test_undo_wakes_what_is_put_off(now):
    suggestion = factories.suggestion()
    deciding.snooze(suggestion=suggestion, until=now + timedelta(days=7), by=factories.editor())
    deciding.undo(suggestion=suggestion, by=factories.editor(), now=now)
    assert Suggestion.objects.waiting(now).get() == suggestion


# -- Near-copies


@pytest.fixture
def story():
    """One pledge, three articles that tell the same: the first stands for the others."""
    pledge, first = factories.pledge(), factories.article()
    articles = [first, *(factories.article(story=first) for _ in range(2))]
    return [factories.suggestion(article, pledge) for article in articles]


def states(cases):
    return [Suggestion.objects.get(pk=case.pk).state for case in cases]


def test_of_a_story_the_first_that_is_pending_waits_for_each_pledge(story, now):
    other = factories.suggestion(story[1].article)
    assert set(Suggestion.objects.waiting(now)) == {story[0], other}
    deciding.dismiss(suggestion=story[0], reason="other", by=factories.editor(), now=now, copies=[])
    assert set(Suggestion.objects.waiting(now)) == {story[1], other}


def test_near_copies_are_accepted_along_without_evidence_of_their_own(story, now):
    evidence = accept(story[0], now)
    assert states(story) == ["accepted"] * 3
    assert list(story[0].pledge.evidence.all()) == [evidence]
    assert set(evidence.suggestions.filter(decided_with=story[0])) == set(story[1:])
    assert figures(now).decided == 1


def test_a_near_copy_that_the_editor_took_out_waits_by_itself(story, now):
    accept(story[0], now, copies=[story[1].article_id])
    assert states(story) == ["accepted", "accepted", "pending"]
    assert Suggestion.objects.waiting(now).get() == story[2]


def test_near_copies_are_dismissed_and_put_off_along(story, now):
    deciding.snooze(suggestion=story[0], until=now + timedelta(days=1), by=factories.editor())
    assert not Suggestion.objects.waiting(now).exists()
    deciding.dismiss(suggestion=story[0], reason="opinion", by=factories.editor(), now=now)
    assert states(story) == ["dismissed"] * 3
    assert {row.dismiss_reason for row in Suggestion.objects.all()} == {"opinion"}


@pytest.mark.parametrize("which", [0, 2])
def test_undo_of_any_copy_takes_all_back(story, now, which):
    accept(story[0], now, judgement=judgement(story[0].pledge))
    case = Suggestion.objects.get(pk=story[which].pk)
    assert deciding.undo(suggestion=case, by=factories.editor(), now=now) == case
    assert states(story) == ["pending"] * 3
    assert not story[0].pledge.evidence.filter(withdrawn_at__isnull=True).exists()
    assert story[0].pledge.assessments.count() == 2


def test_copies_go_where_their_story_is_filed(story, now):
    pledge = factories.pledge()
    there = factories.suggestion(story[1].article, pledge)
    accept(story[0], now, pledge=pledge)
    there.refresh_from_db()
    assert (there.state, states(story)) == ("accepted", ["dismissed"] * 3)
    assert pledge.evidence.count() == 1


# -- Side by side


@pytest.mark.django_db(transaction=True)
def test_two_editors_who_file_an_article_crosswise_do_not_block_each_other(now):
    article, editors = factories.article(), [factories.editor(), factories.editor()]
    one, other = factories.suggestion(article), factories.suggestion(article)
    results = side_by_side(
        lambda: accept(one, now, by=editors[0], pledge=other.pledge),
        lambda: accept(other, now, by=editors[1], pledge=one.pledge),
    )
    assert sum(isinstance(result, deciding.AlreadyDecidedError) for result in results) == 1
    assert Evidence.objects.filter(withdrawn_at__isnull=True).count() == 1
