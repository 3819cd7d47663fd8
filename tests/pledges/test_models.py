"""What the tables themselves refuse, and the words their querysets know."""

from datetime import date, timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import translation

from tests import factories
from tracker.multilingual import Texts
from tracker.pledges.models import Assessment, Declaration, Evidence, Milestone, Party, Pledge

pytestmark = pytest.mark.django_db
TODAY = date(2026, 11, 24)


def refused(make):
    with pytest.raises(IntegrityError), transaction.atomic():
        make()


def test_a_text_speaks_the_readers_language_or_english_or_whatever_there_is():
    text = Texts(en="Trade", fr="Commerce", zh="贸易")
    said = {}
    for language in ("en", "fr", "fr-ca", "zh", "kk"):
        with translation.override(language):
            said[language] = (str(text), text.language)
    assert said == {
        "en": ("Trade", "en"),
        "fr": ("Commerce", "fr"),
        "fr-ca": ("Commerce", "fr"),
        "zh": ("贸易", "zh"),
        "kk": ("Trade", "en"),
    }
    assert (str(Texts(ru="Торговля")), str(Texts(en="", fr="Commerce"))) == ("Торговля", "Commerce")
    assert (str(Texts()), bool(Texts()), bool(Texts(en=""))) == ("", False, False)


def test_texts_come_back_from_the_database_as_texts():
    made = factories.declaration(title=Texts(en="Lakes", zh="湖泊"), place={})
    found = Declaration.objects.get(pk=made.pk)
    assert (type(found.title), found.title, found.place) == (Texts, {"en": "Lakes", "zh": "湖泊"}, Texts())


def test_a_country_is_named_in_the_readers_language():
    kazakhstan, bank = factories.party("KAZ", "KZ"), Party(code="EDB", name=Texts(en="Eurasian Development Bank"))
    unknown = Party(code="XYZ", territory="QX")
    with translation.override("fr"):
        assert (str(kazakhstan), str(bank), str(unknown)) == ("Kazakhstan", "Eurasian Development Bank", "XYZ")
    with translation.override("ru"):
        assert str(kazakhstan) == "Казахстан"


def test_overdue_and_due_soon_follow_from_the_last_due_day():
    of = factories.declaration(due_soon_days=45)
    days = {"past": -1, "today": 0, "soon": 45, "later": 46}
    for number, (name, ahead) in enumerate(days.items(), 1):
        due = TODAY + timedelta(days=ahead)
        factories.pledge(of, number=number, slug=name, due_earliest=due, due_latest=due)
    factories.pledge(of, slug="done", due_latest=TODAY - timedelta(days=9), status="fulfilled")
    factories.pledge(of, slug="undated")
    assert [pledge.slug for pledge in Pledge.objects.overdue(TODAY)] == ["past"]
    assert [pledge.slug for pledge in Pledge.objects.due_soon(TODAY)] == ["today", "soon"]
    assert Pledge.objects.open().count() == 5


def test_without_declarations_nothing_is_due_soon():
    assert not Pledge.objects.due_soon(TODAY).exists()


def test_numbers_and_references_are_given_once():
    pledge = factories.pledge(number=1)
    refused(lambda: factories.pledge(pledge.declaration, number=1, reference="OTHER"))
    refused(lambda: factories.pledge(reference=pledge.reference))


def test_a_pledge_has_a_known_status_and_its_days_in_order():
    refused(lambda: factories.pledge(status="kept"))
    refused(lambda: factories.pledge(due_earliest=TODAY, due_latest=TODAY - timedelta(days=1)))


def test_a_party_voice_names_its_party_and_no_other_does():
    refused(lambda: factories.evidence(factories.pledge(), voice="party"))
    refused(lambda: factories.evidence(factories.pledge(), voice="independent", voice_party=factories.party()))


def test_links_and_keys_stand_once_under_a_pledge(now):
    pledge = factories.pledge()
    first = factories.evidence(pledge, key="opening")
    refused(lambda: factories.evidence(pledge, url=first.url))
    refused(lambda: factories.evidence(pledge, key="opening"))
    factories.evidence(factories.pledge(), url=first.url, key="opening")
    Evidence.objects.filter(pk=first.pk).update(withdrawn_at=now)
    factories.evidence(pledge, url=first.url)
    for _ in range(2):
        Milestone.objects.create(pledge=pledge, title=Texts(en="A step"))
    Milestone.objects.create(pledge=pledge, key="opening", title=Texts(en="Opening"))
    refused(lambda: Milestone.objects.create(pledge=pledge, key="opening", title=Texts(en="Again")))


def test_a_judgement_has_a_judge_unless_it_was_shipped(now):
    pledge = factories.pledge()
    fields = {
        "pledge": pledge,
        "status": "stalled",
        "previous_status": "not_assessed",
        "rationale": Texts(en="Put off."),
        "effective_on": TODAY,
        "recorded_at": now,
    }
    refused(lambda: Assessment.objects.create(**fields))
    assert Assessment.objects.create(**fields, is_shipped=True).recorded_by is None


def test_milestones_stand_by_date_and_the_undated_last():
    pledge = factories.pledge()
    for when in (None, date(2026, 1, 1), date(2025, 1, 1)):
        Milestone.objects.create(pledge=pledge, title=Texts(en=str(when)), date_earliest=when)
    assert [str(step) for step in pledge.milestones.all()] == ["2025-01-01", "2026-01-01", "None"]
