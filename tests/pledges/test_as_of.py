"""The record of a day: what had been recorded when it ended in UTC, and was in effect."""

from datetime import UTC, date, datetime, timedelta

import pytest

from tests import factories
from tracker.pledges.as_of import NOW, AsOf, ask, begins_at
from tracker.pledges.models import Assessment, Evidence, Milestone, Pledge

DAY = date(2026, 3, 12)
LAST_MOMENT = datetime(2026, 3, 12, 23, 59, 59, 999999, tzinfo=UTC)
NEXT_DAY = LAST_MOMENT + timedelta(microseconds=1)
TODAY = date(2026, 11, 24)


def test_a_day_is_asked_for_in_one_way_only():
    assert ask("2026-03-12", today=TODAY).as_of == AsOf(DAY)
    assert ask(" 2026-11-24 ", today=TODAY).as_of == AsOf(TODAY)
    assert ask("", today=TODAY).as_of == NOW


@pytest.mark.parametrize(
    "text",
    ["yesterday", "2026-02-30", "20260312", "2026-W11-4", "12.3.2026", "2026-3-12", "٢٠٢٦-٠٣-١٢", "\x00", "x" * 9999],
)
def test_what_is_no_day_is_said_and_leaves_the_present(text):
    asked = ask(text, today=TODAY)
    assert asked.as_of == NOW
    assert asked.error.startswith("“") or not asked.text
    assert len(asked.error) < 120


def test_a_day_that_has_not_begun_has_no_record():
    asked = ask("2026-11-25", today=TODAY)
    assert asked.as_of == NOW
    assert "not begun" in asked.error


def test_the_day_is_in_addresses_and_the_present_is_not():
    assert (AsOf(DAY).query, AsOf(DAY).more) == ("?as_of=2026-03-12", "&as_of=2026-03-12")
    assert (NOW.query, NOW.more) == ("", "")


@pytest.mark.django_db
def test_a_judgement_counts_when_recorded_by_the_end_of_the_day_about_what_was_true_by_then():
    pledge = factories.pledge()
    inside = factories.assessment(pledge, recorded_at=LAST_MOMENT, effective_on=DAY)
    factories.assessment(pledge, recorded_at=NEXT_DAY, effective_on=date(2026, 1, 1))
    factories.assessment(pledge, recorded_at=LAST_MOMENT, effective_on=DAY + timedelta(days=1))
    assert list(AsOf(DAY).assessments(pledge.assessments.all())) == [inside]
    assert NOW.assessments(Assessment.objects.all()).count() == 3


@pytest.mark.django_db
def test_evidence_stands_from_the_day_it_was_added_to_the_day_it_was_withdrawn():
    pledge, editor = factories.pledge(), factories.editor()
    withdrawn = {"withdrawn_by": editor, "withdrawn_reason": "Forged"}
    kept = factories.evidence(pledge, added_at=LAST_MOMENT)
    later = factories.evidence(pledge, added_at=LAST_MOMENT, withdrawn_at=NEXT_DAY, **withdrawn)
    gone = factories.evidence(pledge, added_at=LAST_MOMENT, withdrawn_at=LAST_MOMENT, **withdrawn)
    factories.evidence(pledge, added_at=NEXT_DAY)
    as_of = AsOf(DAY)
    assert set(as_of.standing(Evidence.objects.all())) == {kept, later}
    shown = {row.pk: row for row in as_of.seen(as_of.added(Evidence.objects.all()))}
    assert set(shown) == {kept.pk, later.pk, gone.pk}
    assert [row.pk for row in shown.values() if row.withdrawn_at] == [gone.pk]
    assert (shown[later.pk].withdrawn_by, shown[later.pk].withdrawn_reason) == (None, "")
    assert NOW.standing(Evidence.objects.all()).count() == 2


@pytest.mark.django_db
def test_a_step_whose_date_was_still_to_come_had_not_been_reached():
    pledge = factories.pledge()
    for name, day in (("early", DAY), ("late", DAY + timedelta(days=1)), ("undated", None)):
        Milestone.objects.create(pledge=pledge, key=name, title={"en": name}, date_earliest=day, is_reached=True)
    steps = AsOf(DAY).reached(pledge.milestones.all())
    assert {step.key for step in steps if step.is_reached} == {"early", "undated"}
    assert all(step.is_reached for step in NOW.reached(pledge.milestones.all()))


@pytest.mark.django_db
def test_the_record_begins_with_its_first_judgement_or_evidence():
    pledge = factories.pledge()
    assert begins_at(Pledge.objects.all()) is None
    factories.assessment(pledge, recorded_at=NEXT_DAY)
    factories.evidence(pledge, added_at=LAST_MOMENT)
    assert begins_at(Pledge.objects.all()) == LAST_MOMENT
