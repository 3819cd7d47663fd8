"""Today is counted and chosen by the database, a past day from its rows: of one day they say the same."""

import random
from datetime import date, timedelta

import pytest
from django.http import QueryDict

from tests import factories
from tracker.dashboard import census, reading
from tracker.dashboard.filters import DUE, SORTS, Filters
from tracker.multilingual import Texts
from tracker.pledges.actions import withdraw_evidence
from tracker.pledges.as_of import AsOf
from tracker.pledges.models import CLOSED, Pledge, Status

pytestmark = pytest.mark.django_db
TODAY = factories.NOW.date()
WORDS = ["lake", "well", "tree", "bridge"]


@pytest.fixture(params=range(3))
def declaration(request):
    """Pledges in every state, with dates around today and evidence old and new; a few more than one page of them."""
    chance = random.Random(request.param)
    made = factories.declaration(due_soon_days=45, stale_days=180)
    themes = [factories.theme(made, position=position) for position in (2, 0, 1)]
    for number in range(1, 71):
        due = chance.choice([None, TODAY + timedelta(days=chance.randint(-200, 200))])
        pledge = factories.pledge(
            made,
            number=number,
            theme=chance.choice(themes),
            title=Texts(en=f"A {chance.choice(WORDS)} for all"),
            due_edtf=str(due or ""),
            due_latest=due,
            is_due_stated=chance.random() < 0.5,
            parties=chance.sample(list(made.parties.all()), chance.randint(1, 2)),
            is_judged_per_party=chance.random() < 0.1,
        )
        for _ in range(chance.choice([0, 0, 1, 3])):
            day = TODAY - timedelta(days=chance.choice([3, 179, 180, 181, 400]))
            link = factories.evidence(pledge, published_on=day, published_edtf=str(day))
            if chance.random() < 0.3:
                withdraw_evidence(evidence=link, reason="x", by=factories.editor(), now=factories.NOW)
        if chance.random() < 0.8:
            factories.assessment(pledge, status=chance.choice(Status.values))
    return made


def both(declaration):
    now = reading.Today(declaration, today=TODAY)
    return now, reading.Past(declaration, as_of=AsOf(TODAY), today=TODAY)


def test_both_count_the_same(declaration):
    now, past = both(declaration)
    assert now.census == past.census
    assert now.census.total == 70


def test_both_choose_the_same(declaration):
    now, past = both(declaration)
    for flag in census.FLAGS:
        assert now.urgent(flag) == past.urgent(flag)
    assert now.marks() == past.marks() == []
    assert now.on_timeline() == past.on_timeline()
    assert now.judged_apart() == past.judged_apart()
    ids = now.on_timeline()
    assert [now.lines(ids)[pk].flags for pk in ids] == [past.lines(ids)[pk].flags for pk in ids]


def test_both_filter_and_order_the_same(declaration):
    now, past = both(declaration)
    followed = {row.pk for row in declaration.pledges.filter(number__lt=9)}
    queries = [f"sort={sort}" for sort in SORTS] + [f"due={due}&sort=due" for due in DUE]
    queries += [f"status={status}&sort=latest" for status in Status.values] + [f"q={word}" for word in [*WORDS, "zzz"]]
    queries += ["view=attention", "view=unjudged", "view=followed", "party=KAZ", "q=tree&status=stalled", "q=%27"]
    queries += [f"theme={theme.slug}&sort=number" for theme in declaration.themes.all()]
    for query in queries:
        wanted = Filters.of(QueryDict(query))
        assert list(now.found(wanted, followed)) == list(past.found(wanted, followed)), query


def test_cards_of_several_declarations_say_the_same(declaration):
    small = factories.declaration(due_soon_days=10, stale_days=20)
    soon = factories.pledge(small, due_edtf="x", due_latest=TODAY + timedelta(days=11))
    factories.assessment(soon, status="in_progress")
    every = [declaration, small, factories.declaration()]
    now = reading.cards(every, today=TODAY, as_of=AsOf())
    past = reading.cards(every, today=TODAY, as_of=AsOf(TODAY))
    assert [card[1] for card in now] == [card[1] for card in past]
    assert [line.pledge for line in now[1][2]] == [soon]
    assert now[2][1].total == 0


def test_the_database_knows_what_is_waiting(declaration):
    quiet = factories.pledge(declaration, title=Texts(en="Quiet"))
    factories.suggestion(about=quiet, score="0.9")
    factories.suggestion(about=quiet)
    loud = Pledge.objects.filter(due_latest__lt=TODAY).exclude(status__in=CLOSED).first()
    factories.suggestion(about=loud, score="0.95")
    now = reading.Today(declaration, today=TODAY, waiting_at=factories.NOW)
    assert now.waiting() == reading.Waiting(3, [loud.pk, quiet.pk], 1)
    flagged = now.census.flagged
    assert len(now.found(Filters(view="attention"), set())) == flagged + 1
    assert reading.Today(declaration, today=TODAY).waiting() == reading.Waiting(0, [], 0)


def test_latest_evidence_follows_what_is_added_and_withdrawn():
    pledge = factories.pledge()
    newest = factories.evidence(pledge, published_on=date(2026, 3, 1))
    factories.evidence(pledge, published_on=date(2026, 1, 1))
    pledge.refresh_from_db()
    assert pledge.latest_evidence_on == date(2026, 3, 1)
    withdraw_evidence(evidence=newest, reason="x", by=factories.editor(), now=factories.NOW)
    pledge.refresh_from_db()
    assert pledge.latest_evidence_on == date(2026, 1, 1)
