"""Mails as mail programs show them: the rules that linters of mail check, and a real browser, light and dark."""

import re
from datetime import date, timedelta
from html.parser import HTMLParser

import pytest

from tests import factories
from tracker.digests.composing import HTML_LIMIT, Composer
from tracker.digests.gathering import gather
from tracker.multilingual import Texts

pytestmark = pytest.mark.django_db
NOW = factories.NOW
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
# What mail programs take out, or refuse a mail for.
FORBIDDEN = {
    *("script", "link", "iframe", "object", "embed", "form", "input", "button", "select", "textarea"),
    *("video", "audio", "svg", "canvas", "base"),
}
VOID = {"meta", "br", "img", "hr"}


@pytest.fixture
def mail():
    """One of everything, with long words, for an editor."""
    declaration = factories.declaration()
    pledges = [factories.pledge(declaration, due_latest=date(2026, 11, 19 + n), due_edtf=f"2026-11-{19 + n}")
               for n in range(6)]  # fmt: skip
    editor = factories.editor(name="A. Serikova")
    for status, pledge in zip(("fulfilled", "stalled", "not_fulfilled"), pledges, strict=False):
        factories.assessment(pledge, status=status, recorded_at=NOW + HOUR, recorded_by=editor)
    factories.evidence(pledges[3], added_at=NOW + HOUR, title="国家邮政局" * 12, language="zh")
    factories.evidence(pledges[3], added_at=NOW + HOUR, title="Донаудампфшифффартсгезелльшафт" * 4, language="ru")
    metric = factories.metric(pledges[4], name=Texts(en="Trade, both ways"), target_value=60)
    factories.observation(metric, value="47.4", period_edtf="2025", added_at=NOW + HOUR)
    factories.suggestion(about=pledges[5], created_at=NOW + HOUR)
    factories.feed(title="Lake Courier", error_code="timeout", last_polled_at=NOW, failing_since=NOW - DAY)
    subscription = factories.follow(editor, declaration)
    digest = factories.digest(editor)
    return Composer().compose(gather(subscription, end=NOW + DAY), digest)


class Linter(HTMLParser):
    """Reads the whole and keeps what is wrong."""

    def __init__(self):
        super().__init__()
        self.wrong, self.open, self.links = [], [], []

    def handle_starttag(self, tag, attrs):
        given = dict(attrs)
        if tag in FORBIDDEN:
            self.wrong.append(f"<{tag}>")
        if any(name.startswith("on") for name in given):
            self.wrong.append(f"<{tag}> with code")
        if tag == "table" and given.get("role") not in ("presentation", "img"):
            self.wrong.append("a table without a role")
        if tag == "table" and given.get("role") == "img" and not given.get("aria-label"):
            self.wrong.append("a drawn table without words")
        if tag == "img" and not given.get("alt"):
            self.wrong.append("a picture without words")
        if tag == "a":
            self.links.append(given.get("href", ""))
        if re.search(r"position\s*:|float\s*:|display\s*:\s*(flex|grid)|url\(", given.get("style") or ""):
            self.wrong.append(f"<{tag}> with a style that mail programs drop")
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        if tag not in VOID and self.open.pop() != tag:
            self.wrong.append(f"</{tag}> out of place")


def lint(html):
    linter = Linter()
    linter.feed(html)
    linter.close()
    return linter


def test_html_keeps_the_rules_of_mail(mail):
    linter = lint(mail.html)
    assert linter.wrong == []
    assert linter.open == [], "every element is closed"
    assert all(link.startswith("http://127.0.0.1:8000/") for link in linter.links)
    assert len(mail.html.encode()) < HTML_LIMIT
    head = mail.html.partition("</head>")[0]
    for words in ("<!DOCTYPE html>", '<html lang="en">', 'charset="utf-8"', 'name="viewport"', 'name="color-scheme"'):
        assert words in head, words
    assert re.search(r"<title>.+</title>", head)
    assert "style=" in mail.html.partition("<body")[2], "styles stand with their elements"


def test_every_section_is_in_both_parts(mail):
    for title in ("Changed", "Due and overdue", "New evidence", "New figures", "Waiting for review", "Failing feeds"):
        assert f">{title}</h2>" in mail.html
        assert f"\n{title.upper()}\n" in mail.text
    for words in ("Trade, both ways: 47.4 m in 2025; the target is 60", "Lake Courier", "/digests/", "/unsubscribe/"):
        assert words in mail.html
        assert words in " ".join(mail.text.split())


LUMINANCE = """
() => {
  const channel = (c) => (c /= 255) <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
  const light = (css) => { const [r, g, b] = css.match(/[\\d.]+/g).map(Number);
    return 0.2126 * channel(r) + 0.7152 * channel(g) + 0.0722 * channel(b); };
  const ground = (node) => { for (; node; node = node.parentElement) {
    const css = getComputedStyle(node).backgroundColor;
    if (!css.endsWith(", 0)")) return css; } return "rgb(255, 255, 255)"; };
  const poor = [];
  for (const node of document.querySelectorAll("body *")) {
    const own = [...node.childNodes].some((child) => child.nodeType === 3 && child.data.trim());
    if (!own || node.closest(".hidden") || node.closest("[aria-hidden]")) continue;
    const [a, b] = [light(getComputedStyle(node).color), light(ground(node))].sort((x, y) => y - x);
    if ((a + 0.05) / (b + 0.05) < 4.5) poor.push(node.textContent.trim().slice(0, 40));
  }
  return poor;
}
"""


@pytest.mark.browser
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 800])
def test_mail_fits_and_can_be_read(mail, page, tmp_path, scheme, width):
    page.emulate_media(color_scheme=scheme)
    page.set_viewport_size({"width": width, "height": 900})
    file = tmp_path / "mail.html"
    file.write_text(mail.html, encoding="utf-8")
    page.goto(file.as_uri())
    assert page.evaluate("document.documentElement.scrollWidth") <= width, "nothing is cut off at the side"
    assert page.evaluate(LUMINANCE) == [], "every word has a contrast of 4.5 or more"
    assert page.get_by_role("heading", level=1).count() == 1
    page.screenshot(path=tmp_path / f"{scheme}-{width}.png", full_page=True)
