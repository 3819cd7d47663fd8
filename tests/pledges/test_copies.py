"""Copies of what evidence said, and the fate of its links, with a real server."""

import gzip
import hashlib
import threading
from datetime import timedelta
from ipaddress import ip_network

import pytest

from tests import factories
from tests.feedserver import FeedServer
from tests.pledges.test_extraction import SENTENCES, page
from tracker.fetching import Policy
from tracker.pledges import copies, tasks
from tracker.pledges.actions import withdraw_evidence
from tracker.pledges.models import EvidenceCopy
from tracker.pledges.page_visits import Reader

pytestmark = pytest.mark.django_db
NEWS = "/news/lake"


@pytest.fixture
def server():
    with FeedServer(hosts=("127.0.0.1", "127.0.0.2", "127.0.0.3")) as server:
        server.serve(NEWS, page(), "text/html; charset=utf-8")
        yield server


def reader(server, *, networks=("127.0.0.0/8",), **more):
    policy = Policy(
        user_agent="Followthrough/test",
        allowed_networks=tuple(map(ip_network, networks)),
        allowed_ports=frozenset({server.port}),
        total_seconds=3,
        connect_seconds=1,
        read_seconds=1,
    )
    return Reader(policy, **more)


def check(server, now, **more):
    """One round: everything due is claimed and looked at."""
    copies.open_missing(now=now, limit=100)
    held = copies.claim_due(now=now, limit=100)
    copies.check_batch(copies=held, now=now, visit_all=reader(server, **more).visit_all)
    return held


@pytest.fixture
def evidence(server):
    return factories.evidence(factories.pledge(), url=server.url(NEWS))


def copy_of(evidence):
    return EvidenceCopy.objects.get(evidence=evidence)


def days(now, number):
    return now + timedelta(days=number)


# -- The copy


def test_main_text_and_its_hash_are_kept_with_day_and_status(server, evidence, now):
    check(server, now)
    copy = copy_of(evidence)
    assert all(sentence in copy.text for sentence in SENTENCES)
    assert copy.sha256 == hashlib.sha256(copy.text.encode()).hexdigest()
    assert (copy.state, copy.state_since, copy.fetched_at, copy.http_status) == ("ok", now, now, 200)
    assert (copy.media_type, copy.error_code, copy.archive_url) == ("text/html", "", "")
    assert copy.next_check_at == days(now, 7)
    assert "followthrough" in server.hits(NEWS)[0].headers["user-agent"].lower()
    assert server.hits(NEWS)[0].headers["accept"].startswith("text/html")


def test_of_other_files_the_bytes_are_hashed(server, now):
    body = b"%PDF-1.7 \x00\xff joint statement"
    evidence = factories.evidence(factories.pledge(), url=server.serve("/statement.pdf", body, "application/pdf"))
    check(server, now)
    assert (copy_of(evidence).text, copy_of(evidence).sha256) == ("", hashlib.sha256(body).hexdigest())


def test_page_without_any_main_text_is_there_but_nothing_is_compared(server, evidence, now):
    server.serve(NEWS, "<html><body></body></html>", "text/html")
    check(server, now)
    assert (copy_of(evidence).state, copy_of(evidence).sha256) == ("ok", "")
    server.serve(NEWS, page(), "text/html")
    check(server, days(now, 7))
    assert (copy_of(evidence).state, copy_of(evidence).fetched_at) == ("ok", days(now, 7))


# -- The link


def test_unchanged_page_stays_ok_whatever_surrounds_its_text(server, evidence, now):
    check(server, now)
    server.serve(NEWS, page(head="<style>p {color: red}</style>").replace("Sport", "Weather"), "text/html")
    check(server, days(now, 7))
    assert (copy_of(evidence).state, copy_of(evidence).state_since) == ("ok", now)
    assert copy_of(evidence).checked_at == days(now, 7)


def test_changed_page_is_said_to_be_and_the_first_text_kept(server, evidence, now):
    check(server, now)
    before = copy_of(evidence)
    server.serve(
        NEWS, page(*SENTENCES[:2], "The commission was dissolved, the ministry said on its web site."), "text/html"
    )
    check(server, days(now, 7))
    check(server, days(now, 14))
    after = copy_of(evidence)
    assert (after.state, after.state_since) == ("changed", days(now, 7))
    assert (after.text, after.sha256, after.fetched_at) == (before.text, before.sha256, now)
    server.serve(NEWS, page(), "text/html")
    check(server, days(now, 21))
    assert (copy_of(evidence).state, copy_of(evidence).state_since) == ("ok", days(now, 21))


def test_link_is_dead_only_after_failures_days_apart_and_its_text_stays(server, evidence, now):
    check(server, now)
    server.serve(NEWS, "gone", status=404)
    for day, state in ((7, "ok"), (9, "ok"), (11, "dead"), (18, "dead")):
        assert len(check(server, days(now, day))) == 1
        assert copy_of(evidence).state == state
    dead = copy_of(evidence)
    assert (dead.state_since, dead.error_code) == (days(now, 7), "http_404")
    assert SENTENCES[0] in dead.text


def test_nobody_asks_before_the_week_is_over(server, evidence, now):
    check(server, now)
    assert check(server, days(now, 6.9)) == []
    assert len(server.hits(NEWS)) == 1


def test_withdrawn_evidence_is_left_alone(server, evidence, now):
    withdraw_evidence(evidence=evidence, reason="wrong lake", by=factories.editor(), now=now)
    assert check(server, now) == []
    assert not EvidenceCopy.objects.exists()


def test_silence_everywhere_counts_against_no_link(server, now):
    pledge = factories.pledge()
    for host in ("127.0.0.4", "127.0.0.5"):
        factories.evidence(pledge, url=server.url(NEWS, host=host))
    for day in (0, 7, 14):
        assert len(check(server, days(now, day))) == 2
    assert set(EvidenceCopy.objects.values_list("state", "failure_count", "error_code")) == {
        ("waiting", 0, "connection")
    }


# -- What must not happen


def test_robots_txt_is_respected(server, evidence, now):
    server.serve("/robots.txt", "User-agent: *\nDisallow: /news/", "text/plain")
    check(server, now)
    assert (copy_of(evidence).state, copy_of(evidence).error_code) == ("waiting", "robots_refused")
    assert not server.hits(NEWS)
    assert copy_of(evidence).next_check_at == days(now, 7)


def test_private_addresses_are_never_asked(server, evidence, now):
    check(server, now, networks=())
    assert (copy_of(evidence).state, copy_of(evidence).error_code) == ("waiting", "address_refused")
    assert server.requests == []


def test_redirect_to_a_private_address_is_refused(server, now):
    link = server.redirect("/short", "http://169.254.169.254/latest/meta-data/")
    evidence = factories.evidence(factories.pledge(), url=link)
    check(server, now)
    assert (copy_of(evidence).state, copy_of(evidence).error_code) == ("waiting", "address_refused")


@pytest.mark.parametrize("url", ["https://user@a.example/x", "ftp://a.example/x", "http://[::1", "http://a.example:1/"])
def test_addresses_that_nobody_should_ask_are_recorded_and_the_batch_goes_on(server, evidence, now, url):
    odd = factories.evidence(factories.pledge(), url=url)
    check(server, now)
    assert copy_of(odd).error_code in ("address_refused", "dns", "dns_busy", "unreachable", "connection")
    assert copy_of(evidence).state == "ok"


@pytest.mark.parametrize(
    ("body", "headers", "codes"),
    [
        (gzip.compress(b"\x00" * 100_000_000), {"Content-Encoding": "gzip"}, {"too_large"}),
        (b"x" * 4_000_000, {}, {"too_large"}),
        (b"garbage", {"Content-Encoding": "gzip"}, {"bad_response"}),
        (b"<div>" * 200_000, {}, {""}),
        (b"\x00\xff\xfe" * 10_000, {}, {""}),
        (page().replace("Dredgers", "\x00\x01Dredgers").encode(), {}, {""}),
        (b"", {}, {""}),
    ],
    ids=["bomb", "large", "damaged", "deep", "binary", "NUL", "empty"],
)
def test_hostile_bodies_cost_one_failed_look(server, evidence, now, body, headers, codes):
    server.serve(NEWS, body, "text/html; charset=utf-8", headers=headers, etag="")
    other = factories.evidence(factories.pledge(), url=server.url("/other", host="127.0.0.2"))
    server.serve("/other", page(), "text/html")
    check(server, now)
    assert copy_of(evidence).error_code in codes
    assert "\x00" not in copy_of(evidence).text
    assert copy_of(other).state == "ok"


# -- The archive


def test_archive_is_asked_once_and_its_link_kept(server, evidence, now):
    answer = {"Content-Location": "/web/2026/" + evidence.url}
    server.serve("/save/" + evidence.url, "saved", "text/html", headers=answer)
    for day in (0, 7):
        check(server, days(now, day), archive=server.url("/save/"))
    assert copy_of(evidence).archive_url == server.url("/web/2026/" + evidence.url)
    assert len(server.hits("/save/" + evidence.url)) == 1


def test_archive_may_answer_with_a_redirect(server, evidence, now):
    server.redirect("/save/" + evidence.url, "/web/2026/lake")
    server.serve("/web/2026/lake", "saved", "text/html")
    check(server, now, archive=server.url("/save/"))
    assert copy_of(evidence).archive_url == server.url("/web/2026/lake")


@pytest.mark.parametrize(
    "answer",
    [
        {"status": 500},
        {"headers": {"Content-Location": "javascript:alert(1)"}},
        {"headers": {"Content-Location": "http://10.0.0.1/x"}},
        {},
    ],
)
def test_without_a_usable_answer_the_archive_is_asked_again_next_week(server, evidence, now, answer):
    server.serve("/save/" + evidence.url, "x", "text/html", **answer)
    for day in (0, 7):
        check(server, days(now, day), archive=server.url("/save/"))
    assert (copy_of(evidence).archive_url, copy_of(evidence).state) == ("", "ok")
    assert len(server.hits("/save/" + evidence.url)) == 2


def test_no_archive_is_told_about_pages_that_are_not_there(server, now):
    factories.evidence(factories.pledge(), url=server.url("/missing"))
    check(server, now, archive=server.url("/save/"))
    assert {request.path for request in server.requests} == {"/robots.txt", "/missing"}


# -- Claims


def test_of_two_workers_one_gets_the_row(evidence, now):
    copies.open_missing(now=now, limit=10)
    copies.open_missing(now=now, limit=10)
    first, second = copies.claim_due(now=now, limit=10), copies.claim_due(now=now, limit=10)
    assert (len(first), len(second)) == (1, 0)


def test_message_delivered_twice_finds_nothing_the_second_time(evidence, now):
    copies.open_missing(now=now, limit=10)
    [held] = copies.claim_due(now=now, limit=10)
    assert len(copies.take_over(copy_ids=[held.pk], claim=held.claim, now=now)) == 1
    assert copies.take_over(copy_ids=[held.pk], claim=held.claim, now=now) == []


def test_claim_of_a_dead_worker_expires(evidence, now):
    copies.open_missing(now=now, limit=10)
    copies.claim_due(now=now, limit=10)
    assert copies.claim_due(now=now + copies.LEASE, limit=10) == []
    assert len(copies.claim_due(now=now + copies.LEASE + timedelta(seconds=1), limit=10)) == 1


def test_worker_that_slept_too_long_has_nothing_to_say(server, evidence, now):
    copies.open_missing(now=now, limit=10)
    slow = copies.claim_due(now=now, limit=10)
    later = now + copies.LEASE * 2
    check(server, later)
    server.serve(NEWS, "gone", status=404)
    copies.check_batch(copies=slow, now=later, visit_all=reader(server).visit_all)
    assert (copy_of(evidence).state, copy_of(evidence).failure_count) == ("ok", 0)


def test_a_server_is_asked_for_one_page_at_a_time(server, now):
    pledge = factories.pledge()
    for number in range(3):
        factories.evidence(pledge, url=server.serve(f"/news/{number}", page(), "text/html"))
    copies.open_missing(now=now, limit=10)
    assert len(copies.claim_due(now=now, limit=10)) == 1
    assert copies.claim_due(now=now, limit=10) == []


@pytest.mark.django_db(transaction=True)
def test_many_workers_at_once_look_behind_every_link_once(server, now):
    """The tasks themselves, in threads; the messages are what one claim would have sent."""
    pledge = factories.pledge()
    for host in ("127.0.0.1", "127.0.0.2", "127.0.0.3"):
        factories.evidence(pledge, url=server.url(NEWS, host=host))
    copies.open_missing(now=now, limit=10)
    held = copies.claim_due(now=now, limit=10)
    errors = []

    def work():
        from django.db import connection

        try:
            mine = copies.take_over(copy_ids=[copy.pk for copy in held], claim=held[0].claim, now=now)
            if mine:
                copies.check_batch(copies=mine, now=now, visit_all=reader(server).visit_all)
        except Exception as error:
            errors.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    assert len(server.hits(NEWS)) == 3
    assert EvidenceCopy.objects.filter(state="ok", claim="").count() == 3


def test_task_does_what_the_settings_allow(server, evidence, settings):
    settings.FETCH_ALLOWED_NETWORKS = [ip_network("127.0.0.0/8")]
    settings.FETCH_ALLOWED_PORTS = [server.port]
    copies.open_missing(now=factories.NOW, limit=10)
    [held] = copies.claim_due(now=factories.NOW, limit=10)
    for _ in range(2):
        tasks.check_evidence(copy_ids=[held.pk], claim=held.claim)
    assert len(server.hits(NEWS)) == 1
    assert copy_of(evidence).state == "ok"


def test_installations_may_keep_no_copies(evidence, settings):
    settings.EVIDENCE_COPIES = False
    tasks.check_due_evidence()
    assert not EvidenceCopy.objects.exists()
