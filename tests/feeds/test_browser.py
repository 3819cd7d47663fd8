"""Feeds added in a real browser: by the address of a site and by a list, with the script and without."""

from ipaddress import ip_network

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.conf import settings as project
from django.urls import reverse

from tests import factories
from tests.feeds.test_adding import rss
from tests.feeds.test_opml import LIST
from tests.feedserver import FeedServer
from tracker.feeds.models import Feed

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def newspaper(settings):
    """A site that names two feeds."""
    with FeedServer() as server:
        settings.FETCH_ALLOWED_NETWORKS = [ip_network("127.0.0.0/8")]
        settings.FETCH_ALLOWED_PORTS = [server.port, 443]
        server.serve("/en", rss("Lake Courier", "A dredger came", "Water rose"))
        server.serve("/kk", rss("Көл жаршысы", "Су көтерілді"))
        server.serve("/", "<link rel=feed href=/en><link rel=feed href=/kk>", "text/html")
        yield server


@pytest.fixture(params=[True, False], ids=["with the script", "without"])
def window(request, browser, live_server, client):
    """An editor's, on a telephone."""
    client.force_login(factories.editor())
    cookie = client.cookies[project.SESSION_COOKIE_NAME]
    context = browser.new_context(java_script_enabled=request.param, viewport={"width": 390, "height": 800})
    context.add_cookies([{"name": cookie.key, "value": cookie.value, "url": live_server.url}])
    page = context.new_page()
    page.goto(live_server.url + reverse("feeds"))
    page.has_script = request.param
    yield page
    context.close()


def looks_well(page):
    if page.has_script:
        assert page.evaluate("document.documentElement.scrollWidth") == 390
        found = Axe().run(page).response["violations"]
        assert not [(one["id"], one["nodes"][0]["html"]) for one in found]


def test_a_site_is_looked_through_and_one_of_its_feeds_added(window, newspaper):
    looks_well(window)
    window.fill("#look [name=url]", newspaper.url("/nothing"))
    window.click("#look button")
    window.wait_for_selector("#look [role=alert]")
    assert "There is nothing at the address." in window.inner_text("#look")
    window.fill("#look [name=url]", newspaper.url("/"))
    window.click("#look button")
    window.wait_for_selector("fieldset.found")
    assert "A dredger came" in window.inner_text(".found")
    looks_well(window)
    window.check(f"[name=url][value='{newspaper.url('/kk')}']")
    window.click("#look button.go")
    window.wait_for_selector("table.feeds")
    assert [feed.url for feed in Feed.objects.all()] == [newspaper.url("/kk")]


def test_a_list_is_shown_and_confirmed(window, newspaper):
    window.set_input_files("#opml [name=file]", {"name": "a.opml", "mimeType": "text/xml", "buffer": LIST.encode()})
    window.click("#opml button")
    window.wait_for_selector("table.listed")
    looks_well(window)
    window.click("button.go")
    window.wait_for_selector("table.feeds")
    assert Feed.objects.count() == 2
    window.click("table.feeds th a")
    window.wait_for_selector("h1:has-text('Lake Courier')")
    looks_well(window)
