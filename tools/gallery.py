"""Every page of the running program in three forms, to be looked at: 1440 pixels light and dark, and a phone's 390."""

import sys
from pathlib import Path

from playwright.sync_api import Browser

FORMS = {"light": (1440, "light"), "dark": (1440, "dark"), "phone": (390, "light")}
PUBLIC = {
    "declaration": "/",
    "declaration-of-a-day": "/?as_of={day}",
    "nothing-matches": "/?q=zzz&status=stalled",
    "pledge": "/pledges/{pledge}/",
    "search": "/search/?q=tourism",
    "activity": "/activity/",
    "methodology": "/methodology/",
    "sign-in": "/account/login/",
    "password-forgotten": "/account/password/reset/",
    "not-found": "/nowhere/",
}
PRIVATE = {
    "declaration-editor": "/",
    "pledge-editor": "/pledges/{pledge}/",
    "status": "/pledges/{pledge}/status/",
    "evidence": "/pledges/{pledge}/evidence/",
    "review": "/review/",
    "search-articles": "/search/?q=kazakhstan",
    "feeds": "/feeds/",
    "settings": "/settings/",
    "digest": "/digest/",
    "record": "/edit/",
    "edit-declaration": "/edit/declaration/china-kazakhstan-2024/",
    "edit-pledge": "/edit/pledge/{pledge}/",
    "people": "/account/people/",
    "outbox": "/outbox/",
}


def take(browser: Browser, site: str, account: tuple[str, str], folder: Path, **named: str) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for form, (width, scheme) in FORMS.items():
        window = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme, locale="en-GB")
        page = window.new_page()
        for pages in (PUBLIC, PRIVATE):
            if pages is PRIVATE:
                page.goto(f"{site}/account/login/")
                page.fill("input[name=login]", account[0])
                page.fill("input[name=password]", account[1])
                page.keyboard.press("Enter")
                page.wait_for_url(f"{site}/")
            for name, address in pages.items():
                page.goto(site + address.format(**named), wait_until="networkidle")
                page.screenshot(path=folder / f"{name}-{form}.png", full_page=True)
        window.close()
    sys.stdout.write(f"{len(PUBLIC) + len(PRIVATE)} pages in {len(FORMS)} forms: {folder}\n")
