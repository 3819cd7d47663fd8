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


@pytest.fixture
def page(browser):
    """A fresh window; whatever the page complains about on its console fails the test."""
    context = browser.new_context(viewport={"width": 1280, "height": 900}, locale="en-GB")
    window = context.new_page()
    complaints = []
    window.on("pageerror", lambda error: complaints.append(str(error)))
    window.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    yield window
    context.close()
    assert not complaints
