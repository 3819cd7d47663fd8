from datetime import date, timedelta

import pytest

from tests import factories
from tracker.digests.composing import compose
from tracker.digests.gathering import gather
from tracker.digests.models import Digest, Follow

pytestmark = pytest.mark.django_db
NOW = factories.NOW
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def told(subscription, end=NOW + DAY, **more):
    """The names of everything a digest at `end` would tell."""
    return gather(subscription, end=end, **more).items


@pytest.fixture
def reader():
    return factories.user()


@pytest.fixture
def pledge():
    return factories.pledge()


def test_judgements_and_evidence_of_the_period_are_told_newest_first(reader, pledge):
    subscription = factories.follow(reader, pledge)
    first = factories.assessment(pledge, status="in_progress", recorded_at=NOW + HOUR)
    second = factories.assessment(pledge, status="fulfilled", recorded_at=NOW + 2 * HOUR)
    link = factories.evidence(pledge, added_at=NOW + HOUR)
    contents = gather(subscription, end=NOW + DAY)
    assert contents.items == [f"a{second.pk}", f"a{first.pk}", f"e{link.pk}"]
    (change,) = contents.changes
    assert (change.before, change.after) == ("not_assessed", "fulfilled")


def test_what_each_party_did_is_told_apart(reader):
    """A pledge at a standstill of which one party did its part is two pieces of news."""
    pledge = factories.pledge(is_judged_per_party=True)
    china, _kazakhstan = pledge.parties.all()
    subscription = factories.follow(reader, pledge)
    factories.assessment(pledge, status="stalled", recorded_at=NOW + HOUR)
    factories.assessment(pledge, party=china, status="fulfilled", recorded_at=NOW + 2 * HOUR)
    contents = gather(subscription, end=NOW + DAY)
    assert [(change.party, change.before, change.after) for change in contents.changes] == [
        (china, "not_assessed", "fulfilled"),
        (None, "not_assessed", "stalled"),
    ]
    assert f"{pledge.title} (China)" in compose(contents).text


def test_groups_stand_in_the_order_of_their_newest_item(reader):
    declaration = factories.declaration()
    older, newer = factories.pledge(declaration), factories.pledge(declaration)
    subscription = factories.follow(reader, declaration)
    factories.evidence(newer, added_at=NOW + HOUR)
    factories.evidence(older, added_at=NOW + 2 * HOUR)
    factories.evidence(newer, added_at=NOW + 3 * HOUR)
    contents = gather(subscription, end=NOW + DAY)
    assert [news.pledge for news in contents.news] == [newer, older]
    assert len(contents.news[0].evidence) == 2


def test_nothing_of_what_is_not_followed(reader, pledge):
    subscription = factories.follow(reader, pledge)
    other = factories.pledge()
    factories.assessment(other, recorded_at=NOW + HOUR)
    factories.evidence(other, added_at=NOW + HOUR)
    contents = gather(subscription, end=NOW + DAY)
    assert contents.is_empty


def test_declaration_brings_all_its_pledges(reader):
    declaration = factories.declaration()
    pledges = [factories.pledge(declaration) for _ in range(3)]
    subscription = factories.follow(reader, declaration)
    links = [factories.evidence(pledge, added_at=NOW + HOUR) for pledge in pledges]
    assert sorted(told(subscription)) == sorted(f"e{link.pk}" for link in links)


def test_nothing_from_before_one_began_to_follow(reader, pledge):
    other = factories.pledge()
    subscription = factories.follow(reader, pledge)
    Follow.objects.create(user=reader, pledge=other, created_at=NOW + 3 * HOUR)
    factories.evidence(other, added_at=NOW + 2 * HOUR)
    late = factories.evidence(other, added_at=NOW + 4 * HOUR)
    assert told(subscription) == [f"e{late.pk}"]


def test_what_comes_at_the_very_end_belongs_to_the_next_period(reader, pledge):
    subscription = factories.follow(reader, pledge)
    link = factories.evidence(pledge, added_at=NOW + DAY)
    assert told(subscription) == []
    subscription.covered_until = NOW + DAY
    assert told(subscription, NOW + 2 * DAY) == [f"e{link.pk}"]


def test_what_a_later_declaration_took_up_or_dropped_is_told_no_more(reader):
    declaration = factories.declaration()
    taken_up, dropped, in_force = (factories.pledge(declaration) for _ in range(3))
    factories.lineage(taken_up)
    factories.lineage(dropped, relation="dropped")
    subscription = factories.follow(reader, declaration)
    _, _, link = [factories.evidence(each, added_at=NOW + HOUR) for each in (taken_up, dropped, in_force)]
    assert gather(subscription, end=NOW + DAY).items == [f"e{link.pk}"]


def test_withdrawn_evidence_is_no_news(reader, pledge):
    subscription = factories.follow(reader, pledge)
    by = factories.editor()
    factories.evidence(pledge, added_at=NOW + HOUR, withdrawn_at=NOW + 2 * HOUR, withdrawn_by=by)
    assert told(subscription) == []


@pytest.mark.parametrize(
    ("unwanted", "gone"), [("wants_status", "a"), ("wants_evidence", "e"), ("wants_due", "o"), ("wants_due", "d")]
)
def test_unwanted_kinds_are_left_out(reader, unwanted, gone):
    declaration = factories.declaration()
    factories.pledge(declaration, due_latest=date(2026, 11, 24))
    factories.pledge(declaration, due_latest=date(2026, 11, 25) + timedelta(days=declaration.due_soon_days))
    pledge = factories.pledge(declaration)
    subscription = factories.follow(reader, declaration)
    factories.assessment(pledge, recorded_at=NOW + HOUR)
    factories.evidence(pledge, added_at=NOW + HOUR)
    assert {name[0] for name in told(subscription)} == {"a", "e", "o", "d"}
    setattr(subscription, unwanted, False)
    assert gone not in {name[0] for name in told(subscription)}


def test_pledge_becomes_due_soon_and_overdue_once_each_and_not_daily(reader):
    pledge = factories.pledge(due_latest=date(2027, 1, 31))
    subscription = factories.follow(reader, pledge)
    found, at = [], NOW
    while at < NOW + 100 * DAY:
        items = told(subscription, at + DAY)
        Digest.objects.create(
            user=reader, period_start=at, period_end=at + DAY, state="sent" if items else "empty", items=items,
            message_id=f"<{at}>", created_at=at, due_at=at, give_up_at=at,
        )  # fmt: skip
        at += DAY
        subscription.covered_until = at
        found += [(f"{at:%m-%d}", name.partition(":")[0]) for name in items]
    assert found == [("12-17", "due_soon"), ("01-24", "reminder7"), ("02-01", "overdue")]


def test_closed_pledge_is_neither_due_nor_overdue(reader):
    pledge = factories.pledge(due_latest=date(2026, 11, 24), status="fulfilled")
    assert told(factories.follow(reader, pledge)) == []


def test_day_of_being_overdue_is_the_readers_own():
    """At 20:00 UTC on the 24th it is the 25th in Almaty."""
    pledge = factories.pledge(due_latest=date(2026, 11, 24))
    end = NOW.replace(hour=20)
    near, far = factories.user(time_zone="UTC"), factories.user(time_zone="Asia/Almaty")
    assert told(factories.follow(near, pledge), end) == []
    assert told(factories.follow(far, pledge), end) == [f"overdue:{pledge.pk}:2026-11-24"]


def test_waiting_articles_are_for_editors_only_and_of_followed_pledges(reader, pledge):
    for score in ("0.50", "0.90", "0.70", "0.60"):
        factories.suggestion(about=pledge, score=score, created_at=NOW + HOUR)
    factories.suggestion(created_at=NOW + HOUR)
    assert gather(factories.follow(reader, pledge), end=NOW + DAY).waiting is None
    waiting = gather(factories.follow(factories.editor(), pledge), end=NOW + DAY).waiting
    assert (waiting.count, [str(row.score) for row in waiting.best]) == (4, ["0.90", "0.70", "0.60"])


def test_articles_that_waited_last_time_are_no_reason_for_a_mail(pledge):
    subscription = factories.follow(factories.editor(), pledge)
    factories.suggestion(about=pledge, created_at=NOW - HOUR)
    assert gather(subscription, end=NOW + DAY).is_empty
    factories.suggestion(about=pledge, created_at=NOW + HOUR)
    contents = gather(subscription, end=NOW + DAY)
    assert not contents.is_empty
    assert contents.waiting.count == 2


def test_row_whose_transaction_ended_late_is_told_in_the_next_digest(reader, pledge):
    """It was stamped just before the planning and could be read only after it."""
    subscription = factories.follow(reader, pledge, covered_until=NOW + DAY)
    link = factories.evidence(pledge, added_at=NOW + DAY - timedelta(seconds=20))
    assert told(subscription, NOW + 2 * DAY) == [f"e{link.pk}"]


def test_number_of_queries_does_not_depend_on_how_much_happened(django_assert_num_queries):
    declaration = factories.declaration()
    subscription = factories.follow(factories.editor(), declaration)
    for count in (1, 8):
        for _ in range(count):
            pledge = factories.pledge(declaration, due_latest=date(2026, 11, 24))
            factories.assessment(pledge, recorded_at=NOW + HOUR, evidence=[factories.evidence(pledge)])
            factories.evidence(pledge, added_at=NOW + HOUR)
            factories.suggestion(about=pledge, created_at=NOW + HOUR)
        with django_assert_num_queries(12):
            contents = gather(subscription, end=NOW + DAY)
    assert len(contents.changes) == len(contents.due) == len(contents.news) == 9
