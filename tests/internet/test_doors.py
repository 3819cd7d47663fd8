"""Whatever takes an address, the same door is behind it: discovery and pages behind evidence too."""

from types import SimpleNamespace

import pytest
from django.conf import settings
from django.urls import reverse
from django.utils import timezone

from tests import factories
from tests.addresses import CLOSED, SPELLINGS
from tracker.feeds.discovery import NothingFoundError, find_feeds
from tracker.fetching import Fetcher, FetchError, Policy
from tracker.pledges.page_visits import Reader

pytestmark = pytest.mark.enable_socket
ADDRESSES = [f"http://[{address}]/" if ":" in address else f"http://{address}/" for address in CLOSED] + SPELLINGS


def discovered(url):
    try:
        find_feeds(url, fetcher=Fetcher(Policy.of(settings)), now=timezone.now())
    except (FetchError, NothingFoundError) as error:
        return error.code
    return "found"


def test_k07_discovery_dials_no_closed_address(internet):
    assert {discovered(url) for url in ADDRESSES} == {"address_refused"}
    internet.server.redirect("/moved", "http://127.0.0.1/feed")
    assert discovered(f"http://{internet.name('news.test')}/moved") == "address_refused"


def test_k07_links_on_a_page_lead_discovery_nowhere_closed(internet):
    links = "".join(f'<link rel="feed" href="{url}">' for url in ADDRESSES[:8])
    internet.server.serve("/", links, "text/html")
    assert discovered(f"http://{internet.name('news.test')}/") == "no_feed"


def test_k07_pages_behind_evidence_are_asked_for_at_public_addresses_only(internet):
    internet.server.redirect("/moved", "http://127.0.0.1/page")
    urls = [*ADDRESSES, f"http://{internet.name('news.test')}/moved"]
    copies = [SimpleNamespace(evidence=SimpleNamespace(url=url), evidence_id=0, archive_url="") for url in urls]
    visits = Reader(Policy.of(settings)).visit_all(copies)
    assert {visit.code for visit in visits} == {"address_refused"}


@pytest.mark.django_db
def test_k07_the_form_says_so_at_the_field(internet, client):
    client.force_login(factories.editor())
    for url in ("http://127.0.0.1/feed", "http://169.254.169.254/latest/meta-data/", "http://[::1]/"):
        answer = client.post(reverse("look_for_feeds"), {"url": url})
        assert (answer.status_code, "not on the public Internet" in answer.content.decode()) == (422, True)
