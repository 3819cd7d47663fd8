"""Group A of the fault matrix, second part: no server holds us longer or fills us further than the policy says.

The slow ones are met all at once and the greedy ones in one process of its own, both with the shipped policy.
"""

import contextlib
import socket
import time

import pytest
from django.conf import settings

from tests.internet.bombs import bombs
from tests.internet.fetching import fetch_all, outcome
from tests.internet.probe import probe
from tests.internet.world import PUBLIC
from tracker.fetching import Policy

pytestmark = pytest.mark.enable_socket
FEED = b"<rss version='2.0'><channel><title>News</title></channel></rss>"


@pytest.fixture
def site(internet):
    internet.name("news.test")
    internet.server.serve("/feed", FEED)
    return internet


def head(handler, *lines, status="200 OK"):
    handler.wfile.write("\r\n".join((f"HTTP/1.1 {status}", *lines, "", "")).encode())
    handler.wfile.flush()


# -- Greedy servers


def endless(handler):
    head(handler, "Transfer-Encoding: chunked")
    with contextlib.suppress(OSError):
        while True:
            handler.wfile.write(b"10000\r\n" + b"x" * 0x10000 + b"\r\n")


@pytest.fixture(scope="module")
def greedy(the_internet):
    """What each greedy address came to, and what it cost."""
    with the_internet.entered():
        server = the_internet.server
        the_internet.name("news.test")
        server.serve("/feed", FEED)
        paths = {"plain": "/feed", "endless": "/endless"}
        server.serve("/endless", respond=endless)
        for coding, body in bombs().items():
            packed = {"Content-Encoding": coding}
            for kind, status in (("bomb", 200), ("redirect", 302), ("error", 404)):
                name = f"{kind} {coding}"
                paths[name] = "/" + name.replace(" ", "-").replace(",", "")
                server.serve(paths[name], body, status=status, headers=packed | {"Location": "/feed"})
        found = probe(*(f"http://news.test{path}" for path in paths.values()))
        return dict(zip(paths, found, strict=True))


@pytest.mark.parametrize("coding", ["gzip", "deflate", "br", "zstd"])
def test_a10_a_bomb_is_left_while_it_is_small(greedy, coding):
    found = greedy[f"bomb {coding}"]
    assert (found.code, "grows more than 100 times" in found.detail) == ("too_large", True)
    assert found.seconds < 5
    assert found.megabytes < 64


def test_a10_what_is_packed_twice_is_not_unpacked_at_all(greedy):
    found = greedy["bomb gzip, gzip"]
    assert (found.code, found.megabytes < 64) == ("bad_response", True)


@pytest.mark.parametrize("coding", ["gzip", "deflate", "br", "zstd", "gzip, gzip"])
def test_a11_bombs_in_redirects_and_errors_are_not_read(greedy, coding):
    redirect, error = greedy[f"redirect {coding}"], greedy[f"error {coding}"]
    assert (redirect.code, error.code) == ("200", "404")
    assert max(redirect.seconds, error.seconds) < 5
    assert max(redirect.megabytes, error.megabytes) < 64


def test_a12_an_endless_body_is_cut_at_the_cap(greedy):
    found = greedy["endless"]
    assert (found.code, found.detail) == ("too_large", "more than 5,000,000 bytes")
    assert found.seconds < 5
    assert found.megabytes < 64


# -- Slow servers


def drip_body(handler):
    head(handler, "Content-Type: application/rss+xml")
    drip(handler, b"x")


def drip_headers(handler):
    head(handler)
    drip(handler, b"X: y\r\n")


def drip(handler, piece):
    with contextlib.suppress(OSError):
        for _ in range(60):
            handler.wfile.write(piece)
            handler.wfile.flush()
            time.sleep(0.5)


@pytest.fixture(scope="module")
def slow(the_internet):
    """What each slow address came to, all asked at once, and after how many seconds the last of them."""
    with the_internet.entered(), contextlib.ExitStack() as held:
        server, name = the_internet.server, the_internet.name("news.test")
        server.serve("/body", respond=drip_body)
        server.serve(
            "/headers",
            respond=lambda handler: (handler.wfile.write(b"HTTP/1.1 200 OK\r\n"), drip(handler, b"X: y\r\n")),
        )
        server.serve("/silent", respond=lambda handler: time.sleep(16))
        deaf = held.enter_context(socket.create_server(("0.0.0.0", 8443)))  # shakes no hands
        full = held.enter_context(socket.create_server(("0.0.0.0", 8080), backlog=0))
        for _ in range(4):  # from now on the system drops whoever asks for a connection
            client = held.enter_context(socket.socket())
            client.setblocking(False)
            client.connect_ex((PUBLIC, full.getsockname()[1]))
        urls = {
            "drip body": f"http://{name}/body",
            "drip headers": f"http://{name}/headers",
            "silent": f"http://{name}/silent",
            "tls stall": f"https://{name}:{deaf.getsockname()[1]}/",
            "black hole": f"http://{name}:{full.getsockname()[1]}/",
        }
        begun = time.monotonic()
        found = dict(zip(urls, fetch_all(*urls.values()), strict=True))
        return found, time.monotonic() - begun


@pytest.mark.parametrize("kind", ["drip body", "drip headers"])
def test_a13_dripping_does_not_outlive_the_deadline_of_the_whole(slow, kind):
    found, seconds = slow
    assert (found[kind].code, str(found[kind])) == ("timeout", "not finished within 15 seconds")
    assert seconds < 17


@pytest.mark.parametrize(
    ("kind", "code", "words"),
    [
        ("silent", "timeout", "silent for 10 seconds"),
        ("black hole", "connection", "no connection within 5 seconds"),
    ],
)
def test_a14_silence_ends_after_ten_seconds_and_no_connection_after_five(slow, kind, code, words):
    found, _seconds = slow
    assert (found[kind].code, str(found[kind])) == (code, words)


def test_a22_a_server_that_shakes_no_hands_is_no_connection(slow):
    found, _seconds = slow
    assert (found["tls stall"].code, str(found["tls stall"])) == ("connection", "no connection within 5 seconds")


# -- Lying servers


@pytest.mark.parametrize("length", ["100000", "-5", "many", "5, 7"])
def test_a15_a_length_that_promises_more_than_comes_is_an_error(site, length):
    def lie(handler):
        head(handler, f"Content-Length: {length}", "Connection: close")
        handler.wfile.write(FEED)

    site.server.serve("/lie", respond=lie)
    assert outcome("http://news.test/lie") == "bad_response"


def test_a15_a_body_that_ends_early_is_an_error(site):
    def cut(handler):
        head(handler, "Transfer-Encoding: chunked")
        handler.wfile.write(b"1000\r\n" + FEED)

    site.server.serve("/cut", respond=cut)
    assert outcome("http://news.test/cut") == "bad_response"


@pytest.mark.parametrize(
    "lines",
    [
        [f"X-{n}: y" for n in range(5000)],
        ["X-Long: " + "y" * 1_000_000],
        ["X-Split: a\r\n\rb"],
        ["X Bad\x00Name: y"],
        ["Content-Length: 5", "Transfer-Encoding: chunked"],
    ],
    ids=["many", "long", "split", "malformed", "two lengths"],
)
def test_a16_floods_and_forgeries_in_the_headers_are_errors(site, lines):
    site.server.serve("/flood", respond=lambda handler: head(handler, *lines))
    assert outcome("http://news.test/flood") == "bad_response"


def test_a17_a_loop_ends_after_three_redirects(site):
    site.server.redirect("/loop", "/loop")
    assert outcome("http://news.test/loop") == "bad_redirect"
    assert len(site.server.hits("/loop")) == 4


@pytest.mark.parametrize(("steps", "expected"), [(3, "200"), (4, "bad_redirect")])
def test_a17_three_redirects_are_followed_and_four_are_not(site, steps, expected):
    site.server.serve("/0", FEED)
    for step in range(steps):
        site.server.redirect(f"/{step + 1}", f"/{step}")
    assert outcome(f"http://news.test/{steps}") == expected


def test_a22_certificates_decide_whether_a_server_is_read(site):
    """One authority is trusted for this test, as an administrator would: by SSL_CERT_FILE."""
    hosts = ("good.test", "expired.test", "other.test", "unknown.test")
    site.secure.serve("/feed", FEED)
    urls = [f"https://{site.name(host)}/feed" for host in hosts]
    found = probe(*urls, SSL_CERT_FILE=str(site.certificates.authority))
    assert [one.code for one in found] == ["200", "tls", "tls", "tls"]
    said = [one.detail for one in found[1:]]
    assert ["expired" in said[0], "mismatch" in said[1], "local issuer" in said[2]] == [True, True, True], said
    assert [request.path for request in site.secure.requests] == ["/feed"]


def test_the_limits_are_those_of_the_matrix_and_of_the_feed_report():
    policy = Policy.of(settings)
    assert (policy.connect_seconds, policy.read_seconds, policy.total_seconds) == (5, 10, 15)
    assert (policy.max_raw_bytes, policy.max_decoded_bytes, policy.max_redirects) == (5_000_000, 10_000_000, 3)
    assert policy.allowed_networks == ()
