"""Adding evidence and withdrawing it."""

from datetime import date

import pytest

from tests import factories
from tracker.multilingual import Texts
from tracker.pledges import actions

pytestmark = pytest.mark.django_db


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
