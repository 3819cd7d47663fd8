"""Every page of the site in a real browser, light, dark and narrow: no rule of access is broken (WCAG 2.2 AA and best
practice), nothing scrolls sideways, no console and no security policy complains."""

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from django.template.loader import render_to_string
from django.test import Client, RequestFactory
from django.urls import reverse

from tests import factories, test_access
from tests.conftest import watch
from tests.dashboard.test_pages import whole_pledge
from tests.pledges.test_views import judgement
from tracker.dashboard import errors
from tracker.multilingual import Texts
from tracker.pledges.models import Declaration

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
AXE = """async options => (await axe.run(options)).violations.map(
  rule => [rule.id, rule.nodes.map(node => node.html.slice(0, 200))])"""
SIDEWAYS = "document.documentElement.scrollWidth > innerWidth"
# Answers that are no pages of the site: downloads, mails as they are sent, parts of pages, words for programs.
NO_PAGES = {
    "export_declaration",
    "cite_declaration",
    "cite_pledge",
    "cite_judgement",
    "figures_csv",
    "activity_feed",
    "export_feeds",
}
NO_PAGES |= {
    "outbox_message_html",
    "digest_preview_html",
    "read_date",
    "suggestion_readers",
    "rematch_progress",
    "healthz",
}
DOORS = (
    "account_login",
    "account_reset_password",
    "account_reset_password_done",
    "account_reset_password_from_key_done",
)
WIDTHS = (320, 640, 768, 2560)  # 640: the ordinary 1280 at 200 % zoom


def rules_broken(page, **options):
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE_SCRIPT)
    return page.evaluate(AXE, {"resultTypes": ["violations"], "runOnly": {"type": "tag", "values": TAGS}, **options})


def faults(page):
    """Of the page shown: in its wide and narrow form, by day and by night."""
    page.set_viewport_size({"width": 1440, "height": 900})
    page.emulate_media(color_scheme="light")
    found = {"light": rules_broken(page)}
    page.emulate_media(color_scheme="dark")
    found["dark"] = rules_broken(page, runOnly={"type": "rule", "values": ["color-contrast"]})
    page.emulate_media(color_scheme="light")
    page.set_viewport_size({"width": 390, "height": 844})
    found["narrow"] = rules_broken(page)
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 900})
        found[f"sideways at {width}"] = page.evaluate(SIDEWAYS)
    return {name: wrong for name, wrong in found.items() if wrong}


@pytest.fixture
def everything():
    """One of every row, a pledge with one of everything a page can show, and the address of each name."""
    rich = whole_pledge(is_judged_per_party=True)
    more = {"rich pledge": rich.get_absolute_url(), "rich declaration": rich.declaration.get_absolute_url()}
    more["nothing matches"] = rich.declaration.get_absolute_url() + "?q=zzz&status=stalled"
    more["search"] = reverse("search") + "?q=lake"
    addresses = test_access.real_addresses() | more
    for declaration in Declaration.objects.all():
        Declaration.objects.filter(pk=declaration.pk).update(title=Texts(en=f"Declaration {declaration.pk}"))
    return addresses


def signed_in(window, live_server, person):
    context = window()
    if person:
        client = Client()
        client.force_login(person)
        cookie = client.cookies["sid"].value
        context.add_cookies([{"name": "sid", "value": cookie, "url": live_server.url}])
    return context.new_page()


ROLES = {
    "anonymous": (lambda: None, 0),
    "reader": (factories.user, 1),
    "editor": (factories.editor, 2),
    "admin": (factories.admin, 3),
}


@pytest.mark.timeout(300)
@pytest.mark.parametrize("role", ROLES)
def test_pages_break_no_rule_of_access(window, live_server, everything, role):
    """Everything as the administrator sees it, and as others do what looks different for them."""
    make, column = ROLES[role]
    page, looked_at, wrong = signed_in(window, live_server, make()), 0, {}
    for name, address in everything.items():
        row = test_access.TABLE.get(name, test_access.PUBLIC)
        differs = {
            "anonymous": row is test_access.PUBLIC,
            "reader": row is test_access.READERS or "rich" in name,
            "editor": "rich" in name,
            "admin": True,
        }
        if name in NO_PAGES or row[column] != "page" or not differs[role]:
            continue
        assert page.goto(live_server.url + address).status == 200, name
        looked_at += 1
        if found := faults(page):
            wrong[name] = found
    assert wrong == {}
    assert looked_at >= {"anonymous": 11, "reader": 6, "editor": 2, "admin": 46}[role]


def documents(live_server):
    """What stands for what went wrong, as (address, status, HTML)."""
    request = RequestFactory().get("/")
    client = Client()
    pledge, editor = factories.pledge(), factories.editor()
    client.force_login(editor)
    factories.assessment(pledge)
    conflict = client.post(reverse("assess", args=[pledge.reference]), judgement(pledge, version="0"))
    yield "400", errors.bad_request(request, ValueError("x")).content
    yield "403", errors.permission_denied(request, PermissionError("Only administrators may do this.")).content
    yield "403-csrf", errors.csrf_failure(request).content
    yield "404", errors.page_not_found(request, ValueError("x")).content
    yield str(conflict.status_code), conflict.content
    yield "422", client.post(reverse("add_evidence", args=[pledge.reference]), {}).content
    yield "429", render_to_string("429.html", request=request).encode()
    yield "500", errors.server_error(request).content


def answering(html):
    return lambda route: route.fulfill(body=html, content_type="text/html")


def test_pages_of_errors_break_none_either(page, live_server):
    wrong, seen = {}, []
    for name, html in documents(live_server):
        page.route(f"**/{name}/", answering(html))
        page.goto(f"{live_server.url}/{name}/")
        assert page.locator("h1").count() == 1, name
        seen.append(name)
        if found := faults(page):
            wrong[name] = found
    assert wrong == {}
    assert seen == ["400", "403", "403-csrf", "404", "409", "422", "429", "500"]


def test_doors_break_none_either(page, live_server):
    for name in DOORS:
        page.goto(live_server.url + reverse(name))
        assert faults(page) == {}, name


def test_a_breach_of_the_security_policy_would_be_noticed(browser, live_server):
    context = browser.new_context()
    complaints = watch(context)
    page = context.new_page()
    page.goto(live_server.url + reverse("methodology"))
    assert complaints == []
    page.evaluate("document.body.append(Object.assign(document.createElement('script'), {text: 'window.bad = 1'}))")
    page.evaluate("document.body.insertAdjacentHTML('beforeend', '<p style=\"color:red\">x</p>')")
    page.wait_for_function("true")
    assert page.evaluate("window.bad") is None
    assert any("script-src" in said for said in complaints)
    assert any("style-src" in said for said in complaints)
    context.close()
