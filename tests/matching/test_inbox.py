"""The list of the review: its filters, its figures, and what it costs with ten thousand waiting."""

from datetime import timedelta

import pytest
from django.db import connection
from django.urls import reverse

from tests import factories
from tracker.matching import deciding, inbox
from tracker.matching.figures import figures
from tracker.matching.models import Suggestion

pytestmark = pytest.mark.django_db


def listed(now, **asked):
    return [row.pk for row in inbox.Filters(now=now, **asked).page(1)]


def dismissed(now, *, after, at):
    """A suggestion that waited so long and was dismissed at that moment."""
    case = factories.suggestion(created_at=at - after)
    deciding.dismiss(suggestion=case, reason="other", by=factories.editor(), now=at)
    return case


# -- Filters


def test_each_filter_narrows_the_list(now):
    wanted = factories.suggestion(factories.article(language="kk"), score="0.91", created_at=now - timedelta(days=9))
    factories.suggestion(factories.article(language="en"), score="0.60", created_at=now - timedelta(hours=2))
    for asked in (
        {"pledge": wanted.pledge.reference},
        {"feed": str(wanted.article.feed_id)},
        {"language": "kk"},
        {"score": "0.90"},
        {"age": "older"},
    ):
        assert listed(now, **asked) == [wanted.pk], asked
    assert listed(now, age="1") != [wanted.pk]
    assert listed(now, score="0.60", age="7", language="kk") == []


def test_every_order_goes_on_where_it_was(now):
    editor = factories.editor()
    for n in range(5):
        created = now - timedelta(days=n % 3)
        factories.suggestion(score=f"0.{60 + 10 * (n % 2)}", created_at=created)
    for sort in ("best", "newest", "oldest"):
        filters = inbox.Filters(now=now, sort=sort)
        rows = list(filters.found())
        walked = [rows[0]]
        while (following := filters.after(walked[-1], editor)) and following not in walked:
            walked.append(following)
        assert walked == rows


def test_a_case_of_another_list_has_no_place_in_this_one(now):
    pending, decided = factories.suggestion(), dismissed(now, after=timedelta(days=1), at=now)
    filters = inbox.Filters(now=now, show="decided", sort="recent")
    assert filters.page_with(pending) == 1
    assert filters.after(pending, factories.editor()) == decided


def test_filters_offer_only_what_the_list_has(now):
    feeds = [factories.feed(title="Lake Courier"), factories.feed(title="Sea Herald")]
    factories.suggestion(factories.article(feeds[0], language="fr"))
    offered = inbox.choices(inbox.Filters(now=now))
    assert (list(offered["feeds"]), offered["languages"], offered["pledges"].count()) == ([feeds[0]], ["fr"], 1)
    assert not inbox.choices(inbox.Filters(now=now, show="decided"))["languages"]


# -- Figures


def test_figures_count_what_is_true(now):
    factories.suggestion(created_at=now - timedelta(days=8))
    put_off = factories.suggestion(created_at=now - timedelta(days=30))
    deciding.snooze(suggestion=put_off, until=now + timedelta(days=1), by=factories.editor())
    for hours in (2, 4, 30):
        dismissed(now, after=timedelta(hours=hours), at=now - timedelta(days=1))
    dismissed(now, after=timedelta(days=90), at=now - timedelta(days=8))
    found = figures(now)
    assert (found.waiting, found.snoozed, found.oldest_days) == (1, 1, 8)
    assert (found.decided, found.accepted, found.accepted_percent, found.median) == (3, 0, 0, timedelta(hours=4))


def test_the_median_of_an_even_number_lies_between_the_two_in_the_middle(now):
    for hours in (1, 2, 4, 40):
        dismissed(now, after=timedelta(hours=hours), at=now)
    assert figures(now).median == timedelta(hours=3)


def test_what_a_decision_carried_along_counts_once(now):
    opened, pledge = factories.suggestion(created_at=now - timedelta(hours=1)), factories.pledge()
    said = {"stance": "progress", "kind": "action", "voice": "independent", "voice_party": None, "note": {}}
    deciding.accept(suggestion=opened, pledge=pledge, **said, by=factories.editor(), now=now)
    found = figures(now)
    assert (found.decided, found.accepted_percent) == (1, 100)


def test_nothing_decided_has_no_median(now):
    found = figures(now)
    assert (found.waiting, found.oldest_days, found.decided, found.accepted_percent, found.median) == (0, 0, 0, 0, None)


# -- Ten thousand waiting


@pytest.fixture
def ten_thousand():
    feeds = [factories.feed() for _ in range(5)]
    pledges = [factories.pledge() for _ in range(4)]
    made = [
        factories.Article(
            feed=feeds[n % 5],
            url=f"https://news.example.org/many/{n}",
            canonical_url=f"https://news.example.org/many/{n}",
            canonical_hash=f"{n:064x}",
            title=f"Dredgers reach the lake ({n})",
            text="word " * 400,
            language=("en", "fr", "kk")[n % 3],
            fetched_at=factories.NOW,
        )
        for n in range(2500)
    ]
    articles = factories.Article.objects.bulk_create(made)
    return Suggestion.objects.bulk_create(
        Suggestion(
            article=article,
            pledge=pledge,
            score=f"0.{55 + article.pk % 40}",
            reasons=[],
            created_at=factories.NOW - timedelta(minutes=article.pk % 5000),
        )
        for article in articles
        for pledge in pledges
    )


class Asked:
    """The statements of a request, to be asked again for how many rows they bring and how they are answered."""

    def __init__(self):
        self.statements = []

    def __call__(self, execute, sql, params, many, context):
        if sql.startswith("SELECT"):
            self.statements.append((sql, params))
        return execute(sql, params, many, context)

    def rows(self):
        with connection.cursor() as cursor:
            for sql, params in self.statements:
                cursor.execute(sql, params)
                yield sql, len(cursor.fetchall())

    def sorted_at_length(self):
        """Those that order all that waits instead of walking an index; told by SQLite's own plan."""
        with connection.cursor() as cursor:
            for sql, params in self.statements:
                if 'matching_suggestion"."state" = ' in sql and "ORDER BY" in sql and "LIMIT" in sql:
                    cursor.execute(f"EXPLAIN QUERY PLAN {sql}", params)
                    plan = " ".join(str(row[-1]) for row in cursor.fetchall())
                    if "TEMP B-TREE FOR ORDER BY" in plan:
                        yield sql, plan


def asked_for(client, method, address, **more):
    """The answer, with what it asked of the database and how many rows each statement brought."""
    asked = Asked()
    with connection.execute_wrapper(asked):
        answer = getattr(client, method)(address, **more)
    assert answer.status_code == 200
    return answer, asked, list(asked.rows())


def test_first_page_and_next_case_read_few_rows_of_ten_thousand(client, ten_thousand):
    client.force_login(factories.editor())
    for query in ("", "?sort=newest", "?sort=oldest", "?language=kk&score=0.70"):
        first = client.get(reverse("review") + query).context["case"]
        cases = [reverse("suggestion", args=[case.pk]) + query for case in (first, ten_thousand[-1])]
        for address in (reverse("review") + query, *cases):
            _answer, asked, counted = asked_for(client, "get", address)
            assert len(counted) <= 28
            assert sum(rows for _sql, rows in counted) <= 150, [found for found in counted if found[1] > 10]
            if connection.vendor == "sqlite":
                assert not list(asked.sorted_at_length())
        dismiss = reverse("dismiss_suggestion", args=[first.pk]) + query
        headers = {"HX-Request": "true", "HX-Target": "item"}
        answer, _asked, counted = asked_for(client, "post", dismiss, data={"reason": "other"}, headers=headers)
        assert answer.context["case"] != first
        assert len(counted) <= 28
        assert sum(rows for _sql, rows in counted) <= 100
