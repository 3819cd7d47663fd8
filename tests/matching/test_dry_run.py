"""Before a rule is saved: what it would have found, gained and lost, against what people decided."""

from datetime import timedelta

import pytest

from tests import factories
from tests.factories import NOW
from tests.matching.test_rematching import rule
from tracker.matching.accept_rates import accept_rates
from tracker.matching.dry_run import dry_run
from tracker.matching.models import Suggestion
from tracker.pledges.exporting import yaml_part

pytestmark = pytest.mark.django_db


@pytest.fixture
def pledge():
    made = factories.pledge(watch=rule("lake"))
    feed = factories.feed(title="Lake Courier")
    decided = (
        ("The lake opens", True),
        ("The lake and the port", True),
        *((f"Weather at the lake {n}", False) for n in range(4)),
    )
    editor = factories.editor()
    for title, is_accepted in decided:
        terms = [{"text": word, "where": "title"} for word in ("lake", "Weather") if word in title]
        factories.suggestion(
            factories.article(feed, title=title, text="", processed_at=NOW),
            made,
            reasons=[{"concept": "it", "role": "what", "terms": terms, "points": 0.7}],
            decided_at=NOW,
            decided_by=editor,
            **(
                {"state": "accepted", "evidence": factories.evidence(made)}
                if is_accepted
                else {"state": "dismissed", "dismiss_reason": "off_topic"}
            ),
        )
    factories.article(feed, title="A port is built", text="", processed_at=NOW)
    return made


def test_it_tells_what_is_gained_and_lost_and_the_precision_before_and_after(pledge):
    tried = dry_run(pledge=pledge, watch=rule("lake opens", "port"), now=NOW)
    assert (tried.found_before, tried.found, tried.gained_count, tried.lost_count) == (6, 3, 1, 4)
    assert [article.title for article, _match in tried.gained] == ["A port is built"]
    assert all("Weather" in article.title for article, _match in tried.lost)
    assert (tried.before.precision, tried.after.precision) == (33, 100)
    assert (tried.decided.accepted, tried.accepted_lost) == (2, 0)
    assert dry_run(pledge=pledge, watch=rule("lake opens"), now=NOW).accepted_lost == 1


def test_nothing_is_written(pledge):
    before = (Suggestion.objects.count(), pledge.edits.count())
    dry_run(pledge=pledge, watch=rule("port"), now=NOW)
    pledge.refresh_from_db()
    assert (Suggestion.objects.count(), pledge.edits.count(), pledge.watch) == (*before, rule("lake"))


def test_it_looks_at_so_many_articles_and_says_how_far_it_got(pledge, django_assert_max_num_queries):
    factories.article(title="The lake", fetched_at=NOW - timedelta(days=400))
    with django_assert_max_num_queries(12):
        part = dry_run(pledge=pledge, watch=rule("lake"), now=NOW, limit=3)
    assert (part.looked_at, part.stored, part.is_whole) == (3, 7, False)
    assert part.decided.accepted == 2  # what was decided is always looked at
    assert dry_run(pledge=pledge, watch=rule("lake"), now=NOW).is_whole


def test_terms_and_feeds_have_rates_and_noise_is_pointed_out(pledge):
    rates = accept_rates(pledge)
    assert (rates.rule.accepted, rates.rule.dismissed, rates.rule.percent) == (2, 4, 33)
    assert [(rate.name, rate.accepted, rate.total, rate.is_noise) for rate in rates.terms] == [
        ("weather", 0, 4, True),
        ("lake", 2, 6, False),
    ]
    assert [(rate.name, rate.accepted, rate.total) for rate in rates.feeds] == [("Lake Courier", 2, 6)]
    assert rates.reasons == [("Not about this pledge", 4)]


def test_a_pledge_of_which_nothing_was_decided_has_no_rates():
    rates = accept_rates(factories.pledge())
    assert (rates.rule.total, rates.terms, rates.feeds, rates.reasons) == (0, [], [], [])


def test_the_page_tries_a_rule_without_saving_it(client, pledge):
    client.force_login(factories.editor(name="Ada"))
    text = yaml_part(rule("lake opens", "port"))
    answer = client.post(f"/review/rules/{pledge.reference}/", {"rule": text, "revision": 0, "try": "yes"})
    page = answer.content.decode()
    assert answer.status_code == 200
    assert "This rule finds 3 articles, the rule in use 6: 1 gained, 4 lost." in page
    assert "All 7 articles that came since" in page
    assert "A port is built" in page
    assert "only noise so far" in page
    assert answer.context["form"]["rule"].value() == text
    pledge.refresh_from_db()
    assert pledge.watch == rule("lake")


def test_a_senseless_rule_is_not_tried(client, pledge):
    client.force_login(factories.editor(name="Ada"))
    answer = client.post(f"/review/rules/{pledge.reference}/", {"rule": "needs: [x]", "revision": 0, "try": "yes"})
    assert answer.status_code == 422
    assert "Tried, not saved" not in answer.content.decode()
