from datetime import UTC, datetime

import pytest
from django.utils import timezone

from tests import factories
from tracker.matching import deciding
from tracker.matching.models import SuggestionState
from tracker.multilingual import Texts
from tracker.pledges.actions import DuplicateEvidenceError

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
