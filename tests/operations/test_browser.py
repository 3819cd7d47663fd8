"""The doors of the house in a real browser."""

import pytest

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_the_sign_in_page_loads_without_a_complaint(live_server, page):
    page.goto(live_server.url + "/account/login/")
    assert page.locator("input[type=password]").is_visible()
