"""The whole story against the running program: real worker, beat, broker, feeds, browser and mail server."""

import os
import re
import signal
import sys
from pathlib import Path

import pytest

from tests.feedserver import FeedServer
from tests.operations.program import DECLARATION, Program, manage, wait_until
from tests.serve_articles import feeds_of
from tests.smtpserver import SmtpServer

pytestmark = [
    pytest.mark.browser,
    pytest.mark.processes,
    pytest.mark.skipif(sys.platform != "linux", reason="reads /proc, and needs all of 127.0.0.0/8"),
    pytest.mark.timeout(180),
]
SAMPLE = Path(__file__).parent / "samples" / "articles.jsonl"
HOSTS = tuple(f"127.0.0.{number}" for number in range(1, 6))
REASON = "Opened in Astana on 16 June 2025, three outlets say; nothing tells how it closed."
WORKER = "celery --quiet --app config worker"


@pytest.fixture
def articles():
    """Five languages at five addresses, slow enough for a worker to die in the middle."""
    with FeedServer(hosts=HOSTS) as server:
        for language, document in feeds_of(SAMPLE).items():
            server.serve(f"/{language}.xml", document, "application/xml", delay=1.5)
        yield server


@pytest.fixture
def mail_server():
    with SmtpServer() as server:
        yield server


@pytest.fixture
def program(tmp_path, articles, mail_server):
    """Set up as a newcomer would, but with our own feeds in place of those of the world."""
    data = tmp_path / "data"
    environment = {
        "FETCH_ALLOWED_NETWORKS": "127.0.0.0/8",
        "FETCH_ALLOWED_PORTS": str(articles.port),
        "EMAIL_URL": f"smtp://127.0.0.1:{mail_server.port}",
        "MAIL_FROM": "Followthrough <followthrough@example.org>",
        "TICK_SECONDS": "1",
    }
    opml = tmp_path / "feeds.opml"
    opml.write_text(
        '<opml version="2.0"><head/><body>'
        + "".join(
            f'<outline type="rss" text="News in {language}" language="{language}"'
            f' xmlUrl="{articles.url(f"/{language}.xml", host)}"/>'
            for host, language in zip(HOSTS, feeds_of(SAMPLE), strict=True)
        )
        + "</body></opml>"
    )
    said = manage("set_up", "--without-data", data=data, **environment).stdout
    for command, file in (("load_declaration", DECLARATION), ("load_feeds", opml)):
        assert manage(command, str(file), data=data, **environment).returncode == 0
    with Program(data, **environment) as running:
        running.account = re.search(r"(\S+@\S+), password (\S+)", said).groups()
        yield running


def kill_worker(program):
    os.kill(wait_until(lambda: program.pid_of(WORKER)), signal.SIGKILL)


def count(program, table, where="1"):
    return program.rows(f"SELECT count(*) FROM {table} WHERE {where}")[0][0]


def let_the_hour_come(program):
    """Moves the moment of the next digest to the past, as a week of waiting would."""
    program.rows("UPDATE digests_subscription SET next_at = datetime('now', '-1 second')")


def sign_in(page, program):
    email, password = program.account
    page.goto(f"http://127.0.0.1:{program.port}/")
    page.get_by_role("link", name="Sign in", exact=True).click()
    page.get_by_label("E-mail").fill(email)
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Sign in").click()


def accept_three(page, program):
    """All that wait for the Year of Chinese Tourism, in three languages."""
    page.goto(f"http://127.0.0.1:{program.port}/review/?pledge=CN-KZ-2024-11")
    titles = []
    for left in (2, 1, 0):
        heading = page.locator("#h-ar")
        titles.append(heading.inner_text())
        page.locator("input[name=stance][value=fulfilled]").check(force=True)
        page.get_by_role("button", name="Accept").click()
        page.get_by_text("Accepted for 11.").wait_for()
        wait_until(lambda left=left: page.locator(".inbox ol > li").count() == left)
    return titles


def assess(page, program):
    page.goto(f"http://127.0.0.1:{program.port}/pledges/CN-KZ-2024-11/")
    page.get_by_role("link", name="Change status").click()
    panel = page.get_by_role("dialog")
    panel.get_by_text("Partly fulfilled", exact=True).first.click()
    panel.get_by_label("Reason").fill(REASON)
    panel.get_by_role("checkbox").first.check()
    panel.get_by_role("button", name="Save").click()
    page.locator(".verdict").get_by_text(REASON).wait_for()
    assert page.locator(".verdict h2").inner_text() == "Partly fulfilled"


def test_from_feeds_to_digest_while_workers_die(program, articles, mail_server, page):
    wait_until(lambda: articles.requests)
    kill_worker(program)
    assert count(program, "feeds_article") == 0
    program.rows("UPDATE feeds_feed SET claimed_until = '2020-01-01 00:00:00' WHERE claimed_until IS NOT NULL")
    expected = len(SAMPLE.read_text().splitlines())
    wait_until(lambda: count(program, "feeds_article", "processed_at IS NOT NULL") == expected, 60)
    assert count(program, "feeds_article") == expected
    assert count(program, "matching_suggestion", "pledge_id IN (SELECT id FROM pledges_pledge WHERE number = 11)") == 3

    sign_in(page, program)
    page.get_by_role("button", name="Follow").click()
    page.get_by_role("button", name="Following").wait_for()
    titles = accept_three(page, program)
    assess(page, program)

    let_the_hour_come(program)
    wait_until(lambda: mail_server.messages, 30)
    kill_worker(program)
    let_the_hour_come(program)
    wait_until(lambda: count(program, "digests_digest", "state = 'empty'"), 60)
    (message,) = mail_server.messages
    assert mail_server.recipients == [program.account[0]]
    assert count(program, "digests_digest", "state = 'sent'") == 1
    text = " ".join(message.get_body(("plain",)).get_content().split())
    assert REASON in text
    assert all(title in text for title in titles)
    assert "Year of Chinese Tourism in Kazakhstan" in message["Subject"]
    assert count(program, "pledges_evidence", "added_by_id IS NOT NULL") == 3
    assert count(program, "pledges_assessment", "recorded_by_id IS NOT NULL") == 1
