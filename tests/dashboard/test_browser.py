"""The pages in a real browser: their filters and panels, and what the one script does."""

from datetime import date

import pytest
from playwright.sync_api import expect

from tests import factories
from tests.dashboard.test_pages import whole_pledge

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def pledge():
    of = factories.declaration()
    factories.pledge(of, due_edtf="2027", due_latest=date(2027, 12, 31), is_due_stated=False)
    return whole_pledge(of)


@pytest.fixture
def site(live_server, page):
    """Opens an address of the site."""
    return lambda address: page.goto(live_server.url + address)


@pytest.fixture
def editor(site, page):
    person = factories.editor(name="Ida Editor")
    site("/account/login/")
    page.fill("[name=login]", person.email)
    page.fill("[name=password]", factories.PASSWORD)
    page.click("main button.go")
    page.wait_for_selector("details.who")
    return person


def test_list_follows_what_is_typed_and_so_does_the_address(site, page, pledge):
    site("/")
    page.fill(".filters [name=q]", pledge.code)
    expect(page.locator("#rows tr[id]")).to_have_count(1)
    assert page.url.endswith(f"?q={pledge.code}")
    assert page.inner_text("#row-count") == "1 pledge listed"
    page.go_back()
    expect(page.locator("#rows tr[id]")).to_have_count(2)


def test_order_chosen_in_the_head_of_the_list_is_kept_by_the_form(site, page, pledge):
    site("/")
    page.click("#rows thead a:has-text('Due')")
    page.wait_for_selector("th[aria-sort]")
    assert page.input_value(".filters [name=sort]") == "due"


def test_status_is_changed_in_the_panel_from_the_keyboard(site, page, pledge, editor):
    site(pledge.get_absolute_url())
    page.keyboard.press("c")
    page.wait_for_selector("dialog[open] form")
    page.keyboard.press("Escape")
    assert page.evaluate("document.activeElement.textContent") == "Change status"
    page.keyboard.press("c")
    page.wait_for_selector("dialog[open] form")
    page.check("dialog [value=not_started]")
    page.fill("dialog textarea", "Nobody has dug yet.")
    page.click("dialog footer button")
    page.wait_for_selector(".toast")
    assert "Not started" in page.inner_text(".verdict")


def test_light_or_dark_is_remembered(site, page, pledge):
    page.emulate_media(color_scheme="light")
    site("/")
    page.click("footer [data-theme-toggle]")
    site("/methodology/")
    assert page.evaluate("document.documentElement.dataset.theme") == "dark"


def test_pages_work_without_the_script(window, live_server, pledge):
    page = window(java_script_enabled=False).new_page()
    page.goto(live_server.url)
    page.fill(".filters [name=q]", pledge.code)
    page.click(".filters noscript button")
    expect(page.locator("#rows tr[id]")).to_have_count(1)
    assert not page.locator("[data-theme-toggle]").is_visible()
