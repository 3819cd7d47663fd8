"""No page asks the database more often because there is more to show."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests import factories
from tracker.digests.following import follow
from tracker.digests.models import OutboxMessage
from tracker.feeds.models import Poll

pytestmark = pytest.mark.django_db
FEW, MANY = 3, 40
PAGES = ["/", "/declarations/{slug}/", "/pledges/{reference}/", "/review/", "/feeds/", "/settings/", "/outbox/"]
PAGES += ["/digests/"]
PAGES += [page + "?as_of=2026-11-24" for page in PAGES[:3]]
PAGES += [
    "/feeds/followthrough-feeds.opml",
    "/account/people/",
    "/digest/",
    "/pledges/{reference}/status/",
    "/?page=2",
    "/search/?q=lake",
    "/activity/",
    "/activity.atom",
]
PAGES += ["/edit/", "/edit/declaration/{slug}/", "/edit/pledge/{reference}/", "/declarations/{slug}/download.yaml"]


def grow(declaration, person, until):
    """So many of everything: pledges with evidence, judgements, suggestions and feeds with polls; people; mails."""
    for number in range(declaration.pledges.count() + 1, until + 1):
        pledge = factories.pledge(declaration, number=number)
        link = factories.evidence(pledge)
        factories.assessment(pledge, evidence=[link])
        feed = factories.feed(error_code="timeout" if number % 2 else "")
        Poll.objects.create(feed=feed, polled_at=factories.NOW, outcome="new")
        factories.suggestion(factories.article(feed), pledge)
        follow(user=person, pledge=pledge, now=factories.NOW)
        OutboxMessage.objects.create(recipient="a@example.org", subject="s", raw="x", created_at=factories.NOW)
    first = declaration.pledges.get(number=1)
    for _ in range(first.evidence.count(), until):
        factories.assessment(first, evidence=[factories.evidence(first)])
        factories.suggestion(factories.article(), first)


@pytest.mark.parametrize("page", PAGES)
def test_page_costs_the_same_at_any_length(client, page):
    declaration, person = factories.declaration(), factories.admin()
    client.force_login(person)

    def queries(size):
        grow(declaration, person, size)
        address = page.format(slug=declaration.slug, reference=declaration.pledges.get(number=1).reference)
        with CaptureQueriesContext(
            connection,
        ) as captured:
            assert client.get(address).status_code == 200
        return [query["sql"] for query in captured]

    few, many = queries(FEW), queries(MANY)
    assert len(many) <= len(few), "\n".join(many)
    assert len(many) <= 40
