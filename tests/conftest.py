"""What tests of every area use: one fixed moment, and a real browser."""

import os
import shutil
from datetime import UTC, datetime

import pytest
from hypothesis import settings

# A slow machine is no mistake: generated cases are judged by what they say, not by how long they take.
settings.register_profile("followthrough", deadline=None)
settings.load_profile("followthrough")

CHROMIUM = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture
def now():
    """One fixed moment, on an ordinary Tuesday."""
    return datetime(2026, 11, 24, 9, 0, tzinfo=UTC)


@pytest.fixture(scope="module")
def browser():
    """For one module: its event loop would stand in the way of tests that run one of their own."""
    program = shutil.which("chromium")
    if not program:
        pytest.skip("chromium was not found; install the package chromium")
    from playwright.sync_api import sync_playwright

    # Playwright keeps an event loop in this thread, which Django would take for asynchronous code.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=program, args=CHROMIUM)
        yield launched
        launched.close()


# A violation of the content security policy is told on the console; this names the rule and what broke it.
TELL_VIOLATIONS = """addEventListener('securitypolicyviolation', event => console.error(
  `policy: ${event.effectiveDirective} refused ${event.blockedURI || event.sample}`))"""


def watch(context):
    """Whatever the pages of a window will complain about: their scripts, their console, the security policy."""
    complaints = []
    context.add_init_script(TELL_VIOLATIONS)
    context.on("weberror", lambda error: complaints.append(str(error.error)))
    context.on(
        "console",
        lambda said: complaints.append(f"{said.text} {said.location['url']}") if said.type == "error" else None,
    )
    return complaints


def _told(said):
    return f"{said.text} ({said.location['url']})"


@pytest.fixture
def window(browser):
    """Opens windows; any complaint of any of them fails the test."""
    opened = []

    def open_window(**options):
        context = browser.new_context(**{"viewport": {"width": 1280, "height": 900}, "locale": "en-GB", **options})
        opened.append((context, watch(context)))
        return context

    yield open_window
    for context, _complaints in opened:
        context.close()
    assert [said for _context, complaints in opened for said in complaints] == []


@pytest.fixture
def page(window):
    """A fresh window's page."""
    return window().new_page()
