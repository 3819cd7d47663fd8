"""Review in a real browser: with one hand on the keyboard, and without the script."""

import re

import pytest
from playwright.sync_api import expect

from tests import factories
from tests.test_every_page import rules_broken
from tracker.matching.models import Suggestion
from tracker.pledges.models import Evidence, Pledge

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
CASES = 25


def waiting_cases():
    """Twenty-five articles for three pledges; the best match comes first, so the order is known."""
    of, feed = factories.declaration(), factories.feed(title="Lake Courier")
    pledges = [factories.pledge(of) for _ in range(3)]
    for n in range(CASES):
        article = factories.article(feed, title=f"The lake, part {n + 1}")
        factories.suggestion(article, pledges[n % 3], score=f"0.{95 - n}")
    return pledges


def sign_in(page, live_server, person):
    page.goto(live_server.url + "/account/login/?next=/review/")
    page.fill("[name=login]", person.email)
    page.fill("[name=password]", factories.PASSWORD)
    page.click("main button.go")
    page.wait_for_selector("#triage")


@pytest.fixture
def editor():
    return factories.editor(name="Aigerim")


@pytest.fixture
def desk(browser):
    """Like `page`, for pages whose refusals a browser notes on its console."""
    context = browser.new_context(viewport={"width": 1440, "height": 900}, locale="en-GB")
    yield context.new_page()
    context.close()


def decided():
    rows = Suggestion.objects.order_by("-score")
    return [(row.state, row.dismiss_reason, row.evidence.stance if row.evidence else "") for row in rows]


class Keyboard:
    """Presses keys and waits until the page shows the case that follows."""

    def __init__(self, page):
        self.page = page

    def press(self, *keys):
        for key in keys:
            self.page.keyboard.press(key)

    def at(self, number):
        """The case is open, its headline has the focus, and the list knows where one is."""
        title = f"The lake, part {number}"
        expect(self.page.locator("#h-ar")).to_have_text(title)
        expect(self.page.locator("#h-ar")).to_be_focused()
        expect(self.page.locator(".inbox [aria-current] .t")).to_have_text(title)

    def says(self, words):
        expect(self.page.locator("#toasts")).to_contain_text(words)


def test_twenty_five_are_cleared_by_keyboard_alone(page, live_server, editor):
    pledges = waiting_cases()
    sign_in(page, live_server, editor)
    keyboard = Keyboard(page)

    # Each stance by its number, then a reason for rejecting by its number.
    for number, stance in enumerate("1234", 1):
        keyboard.press(stance, "a")
        keyboard.at(number + 1)
        keyboard.says(f"Accepted for {pledges[(number - 1) % 3].code}.")
    for number, reason in enumerate("12345", 5):
        keyboard.press("r")
        expect(page.locator(".decide details[open] button").first).to_be_focused()
        keyboard.press(reason)
        keyboard.at(number + 1)
        keyboard.says("Rejected for")

    # Undo brings the last one back.
    keyboard.press("u")
    keyboard.at(9)
    keyboard.says("Undone: the article waits again.")
    keyboard.press("2", "a")
    keyboard.at(10)

    # A status in the same step, from inside its field.
    keyboard.press("c")
    expect(page.locator("#id_status")).to_be_focused()
    page.keyboard.type("In progress")
    keyboard.press("Tab")
    page.keyboard.type("Two dredgers are at work, says the Lake Courier.")
    keyboard.press("Control+Enter")
    keyboard.at(11)
    keyboard.says("Its status is now “In progress”.")

    # Moving, skipping, putting off, and another pledge.
    keyboard.press("j")
    keyboard.at(12)
    keyboard.press("k")
    keyboard.at(11)
    keyboard.press("s")
    keyboard.at(12)
    keyboard.press("z", "1")
    keyboard.at(13)
    keyboard.says("Put off until")
    keyboard.press("u")
    keyboard.at(12)
    keyboard.press("p", "ArrowDown")
    expect(page.locator("#id_other_pledge")).to_be_visible()
    keyboard.press("Tab")
    page.keyboard.type(pledges[0].code)
    keyboard.press("Control+Enter")
    keyboard.at(13)

    # Three at once, then the rest one by one.
    for number in (13, 14, 15):
        keyboard.press("x")
        if number < 15:
            keyboard.press("j")
            keyboard.at(number + 1)
    expect(page.locator("#bulk b")).to_have_text("3 chosen")
    page.locator("#bulk summary", has_text="Reject").focus()
    keyboard.press("Enter", "3")
    keyboard.says("3 rejected.")
    keyboard.at(11)
    for number in (16, *range(17, CASES + 1), None):
        keyboard.press("a")
        if number:
            keyboard.at(number)
    expect(page.locator("#item .empty h2")).to_have_text("Nothing to review")
    expect(page.locator("#item .empty h2")).to_be_focused()
    assert page.title() == "Review (0) · Followthrough"
    assert page.locator(".nav .n").count() == 0

    found = decided()
    stances = [stance for state, _reason, stance in found[:4] if state == "accepted"]
    assert stances == ["progress", "fulfilled", "setback", "context"]
    reasons = [reason for _state, reason, _stance in found[4:8]]
    assert reasons == ["off_topic", "duplicate", "opinion", "wrong_place_or_time"]
    assert found[8] == ("accepted", "", "fulfilled")
    assert [reason for _state, reason, _stance in found[12:15]] == ["opinion"] * 3
    assert not Suggestion.objects.pending().exists()
    assert Evidence.objects.filter(withdrawn_at__isnull=True).count() == CASES - 4 - 3
    assert Pledge.objects.get(pk=pledges[0].pk).status == "in_progress"


def test_twenty_five_are_cleared_by_forms_without_the_script(browser, live_server, editor):
    waiting_cases()
    context = browser.new_context(java_script_enabled=False, viewport={"width": 1280, "height": 900})
    page = context.new_page()
    sign_in(page, live_server, editor)

    for _ in range(6):
        page.click(".decide button.go")
    assert "Accepted for" in page.inner_text(".toast")
    page.click(".toast button:has-text('Undo')")
    assert "Undone: the article waits again." in page.inner_text("#toasts")
    page.click(".decide summary:has-text('Change the status')")
    page.select_option("#id_status", "in_progress")
    page.click(".decide button.go")
    assert "Enter a reason" in page.inner_text(".decide .alert")
    page.fill("#id_rationale", "Two dredgers are at work.")
    page.click(".decide button.go")
    assert "Its status is now “In progress”." in page.inner_text(".toast")
    for _ in range(3):
        page.click(".decide summary:has-text('Reject')")
        page.click(".decide button:has-text('Opinion or preview')")
    page.click(".decide summary:has-text('Later')")
    page.click(".decide button:has-text('Until tomorrow')")
    assert "Put off until" in page.inner_text(".toast")
    page.click(".inbox .tabs a:has-text('Put off')")
    page.click(".decide button:has-text('Let it wait again now')")
    page.goto(live_server.url + "/review/")
    while page.locator(".inbox li [name=case]").count():
        for box in page.locator(".inbox li [name=case]").all()[:8]:
            box.check()
        page.click("#bulk summary:has-text('Accept as')")
        page.click("#bulk button:has-text('Context')")
    assert "Nothing to review" in page.inner_text("#item")

    page.click(".inbox .tabs a:has-text('Decided')")
    assert page.locator(".inbox li").count() == CASES
    context.close()
    states = [state for state, _reason, _stance in decided()]
    assert (states.count("accepted"), states.count("dismissed")) == (CASES - 3, 3)
    assert Evidence.objects.filter(withdrawn_at__isnull=True).count() == CASES - 3
    assert Pledge.objects.filter(status="in_progress").count() == 1


def test_of_two_editors_each_sees_what_the_other_reads_and_decides(browser, desk, live_server, editor):
    page = desk
    waiting_cases()
    sign_in(page, live_server, editor)
    context = browser.new_context()
    other = context.new_page()
    sign_in(other, live_server, factories.editor(name="Bolat"))
    expect(other.locator("#readers")).to_have_text("Aigerim is reading this")
    other.keyboard.press("a")
    expect(other.locator("#h-ar")).to_have_text("The lake, part 2")
    with page.expect_response(re.compile("/accept$")) as answered:
        page.keyboard.press("a")
    assert answered.value.status == 409
    expect(page.locator(".toast.bad")).to_contain_text("Bolat accepted this article for 01")
    expect(page.locator("#h-ar")).to_have_text("The lake, part 3")  # part 2 is what Bolat reads now
    assert Evidence.objects.count() == 1
    context.close()


def test_review_breaks_no_rule_of_access_in_any_of_its_states(desk, live_server, editor):
    page = desk
    pledges = waiting_cases()
    first = Suggestion.objects.first()
    for n in range(2):
        factories.suggestion(factories.article(story=first.article, title=f"The lake again {n}"), first.pledge)
    factories.suggestion(first.article, pledges[1])
    factories.evidence(first.pledge)
    sign_in(page, live_server, editor)

    def check(state):
        assert rules_broken(page) == [], state
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), state

    page.check(".inbox li [name=case] >> nth=1")
    page.click(".also summary")
    page.select_option("#id_status", "stalled")
    page.check(".candidates [value=other]")
    page.click(".decide summary:has-text('Reject')")
    check("all that opens")
    page.keyboard.press("Escape")
    page.keyboard.press("?")
    page.wait_for_selector("dialog[open]")
    check("all keys")
    page.keyboard.press("Escape")
    page.click(".decide button.go")
    expect(page.locator(".decide .alert")).to_be_focused()
    page.emulate_media(color_scheme="dark")
    check("what is wrong, in the dark")
    page.emulate_media(color_scheme="light")
    page.set_viewport_size({"width": 390, "height": 900})
    check("on a phone")
