from datetime import date

import pytest

from tracker.pledges.timeliness import Timeliness, is_stale, timeliness

TODAY = date(2026, 11, 24)


@pytest.mark.parametrize(
    ("due_latest", "fulfilled_on", "closed", "expected"),
    [
        (None, None, False, Timeliness("no_deadline")),
        (date(2027, 11, 24), None, False, Timeliness("not_yet_due", 365)),
        (date(2026, 12, 31), None, False, Timeliness("due_soon", 37)),
        (TODAY, None, False, Timeliness("due_soon", 0)),
        (date(2026, 11, 23), None, False, Timeliness("overdue", 1)),
        (date(2025, 12, 31), date(2025, 6, 16), True, Timeliness("on_time", 198)),
        (date(2025, 12, 31), date(2026, 1, 2), True, Timeliness("late", 2)),
        (date(2025, 12, 31), date(2025, 12, 31), True, Timeliness("on_time", 0)),
        (date(2025, 12, 31), None, True, Timeliness("closed")),
        (None, date(2025, 6, 16), True, Timeliness("no_deadline")),
        (date(2027, 1, 8), None, False, Timeliness("due_soon", 45)),
        (date(2027, 1, 9), None, False, Timeliness("not_yet_due", 46)),
    ],
)
def test_timeliness_follows_from_dates_alone(due_latest, fulfilled_on, closed, expected):
    assert (
        timeliness(due_latest=due_latest, is_fulfilled_on=fulfilled_on, is_closed=closed, today=TODAY, due_soon_days=45)
        == expected
    )


def test_only_pledges_in_progress_go_stale():
    old = date(2026, 5, 1)
    assert is_stale(status="in_progress", latest_evidence_on=old, today=TODAY, stale_days=180)
    assert is_stale(status="in_progress", latest_evidence_on=None, today=TODAY, stale_days=180)
    assert not is_stale(status="in_progress", latest_evidence_on=date(2026, 5, 28), today=TODAY, stale_days=180)
    assert not is_stale(status="in_progress", latest_evidence_on=date(2026, 6, 1), today=TODAY, stale_days=180)
    assert not is_stale(status="stalled", latest_evidence_on=old, today=TODAY, stale_days=180)
