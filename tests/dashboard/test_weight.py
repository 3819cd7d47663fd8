"""What a first look at the dashboard weighs: the shipped declaration's 22 pledges, compressed, without fonts."""

import gzip
import re
from io import StringIO
from pathlib import Path

import pytest
from django.contrib.staticfiles import finders
from django.core.management import call_command

from tests.operations.program import DECLARATION

LIMIT = 60_000  # bytes


@pytest.fixture
def html(client, db):
    call_command("load_declaration", str(DECLARATION), stdout=StringIO())
    answer = client.get("/", headers={"Accept-Encoding": "gzip"})
    assert answer["Content-Encoding"] == "gzip"
    assert "Accept-Encoding" in answer["Vary"]
    return answer.content


def test_first_look_weighs_at_most_60_kilobytes_and_asks_nobody_else(html):
    page = gzip.decompress(html).decode()
    assert page.count('<tr id="p') == 22
    links = re.findall(r'<link rel="(?:stylesheet|icon)" href="([^"]+)"', page)
    scripts = re.findall(r'<script src="([^"]+)"', page)
    sprites = {address.partition("#")[0] for address in re.findall(r'<use [^>]*href="([^"]+)"', page)}
    assert len([link for link in links if link.endswith(".css")]) == 1
    assert [Path(script).name.partition("-")[0] for script in scripts] == ["app.js", "htmx"]
    assert not re.findall(r"<(?:img|iframe|video|audio|source)\b", page)
    weight = len(html)
    for address in {*links, *scripts, *sprites}:
        assert address.startswith("/static/"), address
        weight += len(gzip.compress(Path(finders.find(address.removeprefix("/static/"))).read_bytes()))
    assert weight <= LIMIT, weight


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
def test_what_fills_the_screen_first_is_text_and_it_stays_in_its_place(live_server, page):
    call_command("load_declaration", str(DECLARATION), stdout=StringIO())
    foreign = []
    page.on("request", lambda asked: foreign.append(asked.url) if live_server.url not in asked.url else None)
    page.add_init_script(
        """window.seen = {largest: '', moved: 0};
        new PerformanceObserver(list => list.getEntries().forEach(e => seen.largest = e.element?.innerText ?? ''))
          .observe({type: 'largest-contentful-paint', buffered: true});
        new PerformanceObserver(list => list.getEntries().forEach(e => seen.moved += e.value))
          .observe({type: 'layout-shift', buffered: true});"""
    )
    page.goto(live_server.url, wait_until="networkidle")
    page.wait_for_function("seen.largest !== ''")
    assert len(page.evaluate("seen.largest")) > 10
    assert page.evaluate("seen.moved") < 0.05
    assert foreign == []
