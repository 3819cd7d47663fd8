"""The sentence at the top counts right and speaks right."""

from datetime import date

import pytest

from tests import factories
from tracker.dashboard.census import of_lines
from tracker.dashboard.finding import finding
from tracker.dashboard.ledger import lines

pytestmark = pytest.mark.django_db
TODAY = date(2026, 11, 24)


@pytest.fixture
def lakes():
    return factories.declaration(due_soon_days=45)


def said(declaration):
    found = lines(declaration.pledges.all(), today=TODAY)
    return finding(declaration, of_lines(found), TODAY).replace("<b>", "").replace("</b>", "")


def judged(of, *statuses):
    for status in statuses:
        factories.assessment(factories.pledge(of), status=status)


def due(of, day, **fields):
    return factories.pledge(of, due_edtf=str(day), due_earliest=day, due_latest=day, status="in_progress", **fields)


def test_nothing_on_record(lakes):
    assert said(lakes) == "This declaration has no pledges on record yet."


def test_days_are_counted_from_the_signing(lakes):
    judged(lakes, "stalled", "stalled")
    assert said(lakes) == "Day 874. Of 2 pledges, none is fulfilled yet."


@pytest.mark.parametrize(
    ("statuses", "outcome"),
    [
        (["fulfilled"], "Its one pledge is fulfilled."),
        (["partly_fulfilled"], "Its one pledge is partly fulfilled."),
        (["stalled"], "Its one pledge is not fulfilled yet."),
        (["fulfilled", "stalled"], "Of 2 pledges, 1 is fulfilled."),
        (["fulfilled", "fulfilled", "stalled"], "Of 3 pledges, 2 are fulfilled."),
        (["fulfilled", "partly_fulfilled"], "Of 2 pledges, 1 is fulfilled and 1 partly."),
        (["fulfilled", "fulfilled", "partly_fulfilled"], "Of 3 pledges, 2 are fulfilled and 1 partly."),
        (["partly_fulfilled", "stalled"], "Of 2 pledges, 1 is partly fulfilled, none wholly."),
        (["partly_fulfilled", "partly_fulfilled"], "Of 2 pledges, 2 are partly fulfilled, none wholly."),
    ],
)
def test_outcomes_are_counted(lakes, statuses, outcome):
    judged(lakes, *statuses)
    assert said(lakes) == f"Day 874. {outcome}"


def test_late_and_soon_are_told_apart(lakes):
    due(lakes, date(2026, 11, 23))
    due(lakes, date(2026, 11, 24))
    due(lakes, date(2027, 1, 8))
    due(lakes, date(2027, 1, 9))
    late_and_soon = "The date of 1 has passed without a result, and 2 more fall due within 45 days."
    assert late_and_soon in said(lakes)


def test_soon_alone(lakes):
    due(lakes, date(2026, 12, 1))
    judged(lakes, "in_progress")
    assert "Within 45 days 1 falls due." in said(lakes)


def test_what_nobody_judged_is_said(lakes):
    factories.pledge(lakes)
    factories.pledge(lakes)
    assert said(lakes).endswith("2 are not assessed yet.")
