"""The door to the network: closed addresses stay closed, and no server can hold or flood us."""

import asyncio
import contextlib
import gzip
import os
import resource
import socket
import ssl
import time
import zlib
from ipaddress import ip_network

import pytest

from tests.addresses import CLOSED, SPELLINGS
from tests.feedserver import FeedServer
from tracker.fetching import AddressRefusedError, Fetcher, FetchError, Policy

AGENT = "Followthrough/test (+https://example.org)"
PUBLIC = Policy(user_agent=AGENT)
FEED = b"<?xml version='1.0'?><rss version='2.0'><channel><title>News</title></channel></rss>"


def local(server, **limits):
    """The policy of an installation that reads feeds on its own machine."""
    return Policy(
        user_agent=AGENT,
        allowed_networks=(ip_network("127.0.0.0/8"),),
        allowed_ports=frozenset({server.port}),
        **{"total_seconds": 3, "connect_seconds": 1, "read_seconds": 1, **limits},
    )


def fetch(policy, url, lookup=socket.getaddrinfo, **conditions):
    async def once():
        async with Fetcher(policy, lookup=lookup) as fetcher:
            return await fetcher.fetch(url, **conditions)

    return asyncio.run(once())


def refusal(policy, url, **more):
    with pytest.raises(FetchError) as caught:
        fetch(policy, url, **more)
    return caught.value


@pytest.fixture
def server():
    with FeedServer() as server:
        yield server


# -- Addresses


@pytest.mark.parametrize("address", CLOSED)
def test_no_closed_address_is_dialled(address):
    assert not PUBLIC.permits(address)
    url = f"http://[{address}]/" if ":" in address else f"http://{address}/"
    assert refusal(PUBLIC, url).code == "address_refused"


@pytest.mark.parametrize(
    "address", ["8.8.8.8", "93.184.216.34", "2606:4700::1111", "::ffff:8.8.8.8", "64:ff9b::808:808"]
)
def test_public_addresses_are_permitted(address):
    assert PUBLIC.permits(address)


def test_a_named_network_is_opened_and_nothing_beside_it():
    policy = Policy(user_agent=AGENT, allowed_networks=(ip_network("10.1.0.0/16"),))
    assert policy.permits("10.1.2.3")
    assert policy.permits("::ffff:10.1.2.3")
    assert not policy.permits("10.2.0.1")


@pytest.mark.parametrize("url", SPELLINGS)
def test_no_spelling_of_loopback_gets_through(url):
    assert refusal(PUBLIC, url).code == "address_refused"


@pytest.mark.parametrize(
    "url",
    [
        "file:///etc/passwd",
        "gopher://example.org/",
        "ftp://example.org/feed",
        "dict://example.org/",
        "data:text/xml,<rss/>",
        "javascript:alert(1)",
        "//example.org/feed",
        "example.org/feed",
        "",
        "http://",
        "http:///feed",
        "http://[::1/",
        "http://example.org:port/",
        "http://example.org:99999/",
        "http://exa mple.org/",
        "http://example.org/\r\nHost: other",
        "http://example.org/\x00",
        "http://example.org/\ud800",
        "http://-example-.org/",
        "http://" + "a" * 64 + ".org/",
        "http://user:secret@example.org/",
        "http://example.org/" + "a" * 2048,
    ],
)
def test_what_is_no_web_address_is_refused_unasked(url):
    with pytest.raises(AddressRefusedError):
        PUBLIC.check(url)


@pytest.mark.parametrize("port", [0, 22, 25, 3306, 5432, 6379, 8000])
def test_only_web_ports_are_asked(port):
    with pytest.raises(AddressRefusedError, match="port"):
        PUBLIC.check(f"http://example.org:{port}/")


def test_addresses_in_other_scripts_are_asked_for_in_ascii():
    assert (
        PUBLIC.check("https://Қаз.қаз/көл?к=1&b=%20#top")
        == "https://xn--80ao21a.xn--80ao21a/%D0%BA%D3%A9%D0%BB?%D0%BA=1&b=%20"
    )


def test_a_name_that_changes_its_address_never_reaches_a_closed_one(server):
    """The rebinding trick: public when checked, loopback when dialled. Here dialling is the check."""
    server.serve("/secret", FEED)
    answers = iter(range(1000))

    def rebinding(host, port, *_args):
        address = "127.0.0.1" if next(answers) % 2 else "192.0.2.1"
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port))]

    policy = Policy(user_agent=AGENT, allowed_ports=frozenset({server.port}), connect_seconds=0.5)

    async def many():
        async with Fetcher(policy, lookup=rebinding) as fetcher:
            urls = [f"http://name{n}.example:{server.port}/secret" for n in range(200)]
            return await asyncio.gather(*map(fetcher.fetch, urls), return_exceptions=True)

    assert {type(outcome) for outcome in asyncio.run(many())} == {AddressRefusedError}
    assert server.requests == []


def test_of_mixed_addresses_only_the_open_one_is_used(server):
    server.serve("/feed", FEED)

    def mixed(host, port, *_args):
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (ip, port)) for ip in ("10.0.0.1", "127.0.0.1")]

    assert fetch(local(server), f"http://mixed.example:{server.port}/feed", lookup=mixed).body == FEED


def test_names_that_do_not_resolve_are_told_from_name_servers_that_do_not_answer(server):
    def unknown(*_args):
        raise socket.gaierror(socket.EAI_NONAME, "unknown")

    def busy(*_args):
        raise socket.gaierror(socket.EAI_AGAIN, "try again")

    assert refusal(PUBLIC, "http://gone.example/", lookup=unknown).code == "dns"
    assert refusal(PUBLIC, "http://busy.example/", lookup=busy).code == "dns_busy"


def test_proxies_of_the_environment_are_ignored(server, monkeypatch):
    server.serve("/feed", FEED)
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://192.0.2.1:3128")
    assert fetch(local(server), server.url("/feed")).status == 200


# -- Ordinary answers


def test_an_answer_carries_status_address_headers_and_body(server):
    server.serve("/feed", FEED, "text/xml; charset=utf-8", last_modified="Tue, 24 Nov 2026 09:00:00 GMT")
    answer = fetch(local(server), server.url("/feed"))
    assert (answer.status, answer.url, answer.body) == (200, server.url("/feed"), FEED)
    assert answer.headers["content-type"] == "text/xml; charset=utf-8"
    assert answer.headers["last-modified"] == "Tue, 24 Nov 2026 09:00:00 GMT"
    assert answer.permanent_redirect_to is None


def test_a_request_names_us_and_brings_nothing_else(server):
    server.serve("/feed", FEED, headers={"Set-Cookie": "id=1"})

    async def twice():
        async with Fetcher(local(server)) as fetcher:
            await fetcher.fetch(server.url("/feed"))
            await fetcher.fetch(server.url("/feed"))

    asyncio.run(twice())
    for request in server.hits("/feed"):
        assert request.headers["user-agent"] == AGENT
        assert request.headers["accept-encoding"] == "gzip, deflate, br, zstd"
        assert set(request.headers) == {"host", "user-agent", "accept", "accept-encoding"}


def test_validators_are_sent_as_they_came_and_304_has_no_body(server):
    server.serve("/feed", FEED, etag='W/"odd, one"')
    answer = fetch(local(server), server.url("/feed"), etag='W/"odd, one"', last_modified="yesterday-ish")
    assert (answer.status, answer.body) == (304, b"")
    assert server.requests[0].headers["if-none-match"] == 'W/"odd, one"'
    assert server.requests[0].headers["if-modified-since"] == "yesterday-ish"


@pytest.mark.parametrize("status", [401, 403, 404, 410, 429, 500, 503])
def test_other_statuses_are_answers_without_a_body(server, status):
    server.serve("/feed", b"x" * 100, status=status, headers={"Retry-After": "7200"})
    answer = fetch(local(server), server.url("/feed"))
    assert (answer.status, answer.body, answer.headers["retry-after"]) == (status, b"", "7200")


def raw_deflate(data):
    packer = zlib.compressobj(wbits=-15)
    return packer.compress(data) + packer.flush()


@pytest.mark.parametrize(
    ("coding", "packed"),
    [
        ("gzip", gzip.compress(FEED, mtime=0)),
        ("GZIP", gzip.compress(FEED[:20], mtime=0) + gzip.compress(FEED[20:], mtime=0)),
        ("deflate", zlib.compress(FEED)),
        ("deflate", raw_deflate(FEED)),
        ("identity", FEED),
    ],
)
def test_content_codings_are_undone(server, coding, packed):
    server.serve("/feed", packed, headers={"Content-Encoding": coding})
    assert fetch(local(server), server.url("/feed")).body == FEED


# -- Redirects


def test_redirects_are_followed_and_a_permanent_chain_is_told(server):
    server.serve("/new", FEED)
    server.redirect("/older", "/old", 301)
    server.redirect("/old", server.url("/new"), 308)
    answer = fetch(local(server), server.url("/older"))
    assert (answer.url, answer.permanent_redirect_to) == (server.url("/new"), server.url("/new"))


def test_one_temporary_step_makes_the_chain_temporary(server):
    server.serve("/new", FEED)
    server.redirect("/older", "/old", 301)
    server.redirect("/old", "/new", 302)
    assert fetch(local(server), server.url("/older")).permanent_redirect_to is None


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_to_a_closed_address_is_never_followed(server, status):
    with FeedServer(hosts=("127.0.0.2",)) as secret:
        secret.serve("/secret", FEED)
        policy = Policy(
            user_agent=AGENT,
            allowed_networks=(ip_network("127.0.0.1"),),
            allowed_ports=frozenset({server.port, secret.port}),
        )
        server.redirect("/feed", secret.url("/secret", host="127.0.0.2"), status)
        assert refusal(policy, server.url("/feed")).code == "address_refused"
        assert secret.requests == []


@pytest.mark.parametrize("target", ["file:///etc/passwd", "http://[::1]/", "http://10.0.0.1/", "http://u:p@127.0.0.1/"])
def test_a_redirect_to_what_is_refused_is_refused(server, target):
    server.redirect("/feed", target)
    assert refusal(local(server), server.url("/feed")).code == "address_refused"


def test_a_refresh_header_and_a_meta_refresh_are_not_followed(server):
    page = b'<meta http-equiv="refresh" content="0;url=/secret">'
    server.serve("/feed", page, "text/html", headers={"Refresh": "0;url=/secret"})
    assert fetch(local(server), server.url("/feed")).body == page
    assert server.hits("/secret") == []


def test_a_loop_ends_after_three_redirects(server):
    server.redirect("/loop", "/loop")
    assert refusal(local(server), server.url("/loop")).code == "bad_redirect"
    assert len(server.requests) == 4


@pytest.mark.parametrize("location", ["", "http://[broken"])
def test_a_redirect_to_nowhere_is_an_error(server, location):
    server.redirect("/feed", location)
    assert refusal(local(server), server.url("/feed")).code == "bad_redirect"


# -- Hostile servers: every one ends early, small and with a name


def memory():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


@contextlib.contextmanager
def bounded(*, seconds, megabytes=64):
    before, start = memory(), time.monotonic()
    yield
    assert time.monotonic() - start < seconds
    assert memory() - before < megabytes


def headers(handler, *lines, status="200 OK"):
    handler.wfile.write("\r\n".join((f"HTTP/1.1 {status}", *lines, "", "")).encode())


@pytest.fixture(scope="module")
def bomb():
    packer = zlib.compressobj(9, wbits=31)
    pieces = [packer.compress(b" " * 1_000_000) for _ in range(300)]
    return b"".join([*pieces, packer.flush()])


@pytest.mark.parametrize("coding", ["gzip", "deflate"])
def test_a_bomb_is_noticed_while_it_unfolds(server, bomb, coding):
    body = bomb if coding == "gzip" else zlib.compress(b" " * 50_000_000)
    server.serve("/feed", body, headers={"Content-Encoding": coding})
    with bounded(seconds=2):
        assert refusal(local(server), server.url("/feed")).code == "too_large"


def test_bombs_in_redirects_and_errors_are_not_even_read(server, bomb):
    server.serve("/new", FEED)
    server.serve("/old", bomb, status=302, headers={"Content-Encoding": "gzip", "Location": "/new"})
    server.serve("/gone", bomb, status=404, headers={"Content-Encoding": "gzip"})
    with bounded(seconds=2):
        assert fetch(local(server), server.url("/old")).body == FEED
        assert fetch(local(server), server.url("/gone")).status == 404


@pytest.mark.parametrize("coding", ["gzip, gzip", "gzip, identity", "compress", "x-unknown"])
def test_codings_not_asked_for_are_refused(server, coding):
    server.serve("/feed", gzip.compress(gzip.compress(FEED)), headers={"Content-Encoding": coding})
    assert refusal(local(server), server.url("/feed")).code == "bad_response"


@pytest.mark.parametrize("body", [FEED, gzip.compress(FEED, mtime=0)[:-12], b""])
def test_damaged_compression_is_an_error(server, body):
    server.serve("/feed", body, headers={"Content-Encoding": "gzip"})
    assert refusal(local(server), server.url("/feed")).code == "bad_response"


def test_an_endless_body_is_cut(server):
    def endless(handler):
        headers(handler, "Content-Type: application/rss+xml", "Connection: close")
        with contextlib.suppress(OSError):
            while True:
                handler.wfile.write(b"<item/>" * 10_000)

    server.serve("/feed", respond=endless)
    with bounded(seconds=3):
        assert refusal(local(server), server.url("/feed")).code == "too_large"


def test_dripping_bytes_do_not_outlive_the_deadline(server):
    def drip(handler):
        headers(handler, "Content-Type: application/rss+xml", "Connection: close")
        with contextlib.suppress(OSError):
            while True:
                handler.wfile.write(b"x")
                handler.wfile.flush()
                time.sleep(0.05)

    server.serve("/feed", respond=drip)
    with bounded(seconds=1.5):
        assert refusal(local(server, total_seconds=0.6), server.url("/feed")).code == "timeout"


def test_dripping_headers_do_not_outlive_the_deadline(server):
    def drip(handler):
        handler.wfile.write(b"HTTP/1.1 200 OK\r\n")
        with contextlib.suppress(OSError):
            while True:
                handler.wfile.write(b"X: y\r\n")
                handler.wfile.flush()
                time.sleep(0.05)

    server.serve("/feed", respond=drip)
    with bounded(seconds=1.5):
        assert refusal(local(server, total_seconds=0.6), server.url("/feed")).code == "timeout"


def test_silence_is_a_timeout(server):
    server.serve("/feed", respond=lambda handler: time.sleep(1.5))
    with bounded(seconds=1.5):
        assert refusal(local(server, read_seconds=0.3), server.url("/feed")).code == "timeout"


def test_a_full_queue_is_a_connection_error():
    """A server that listens and never accepts."""
    with socket.create_server(("127.0.0.1", 0), backlog=0) as deaf, contextlib.ExitStack() as clients:
        for _ in range(4):
            client = clients.enter_context(socket.socket())
            client.setblocking(False)
            client.connect_ex(deaf.getsockname())
        policy = Policy(
            user_agent=AGENT,
            allowed_networks=(ip_network("127.0.0.0/8"),),
            allowed_ports=frozenset({deaf.getsockname()[1]}),
            connect_seconds=0.3,
            total_seconds=2,
        )
        with bounded(seconds=1.5):
            error = refusal(policy, f"http://127.0.0.1:{deaf.getsockname()[1]}/")
        assert error.code in ("connection", "timeout")


def test_nobody_listening_is_a_connection_error(server):
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    policy = Policy(user_agent=AGENT, allowed_networks=(ip_network("127.0.0.0/8"),), allowed_ports=frozenset({port}))
    assert refusal(policy, f"http://127.0.0.1:{port}/").code == "connection"


@pytest.mark.parametrize("length", ["100000", "-5", "many"])
def test_a_lying_length_is_an_error(server, length):
    def lie(handler):
        headers(handler, f"Content-Length: {length}", "Connection: close")
        handler.wfile.write(FEED)

    server.serve("/feed", respond=lie)
    assert refusal(local(server), server.url("/feed")).code == "bad_response"


def test_a_cut_chunked_body_is_an_error(server):
    def cut(handler):
        headers(handler, "Transfer-Encoding: chunked", "Connection: close")
        handler.wfile.write(b"1000\r\n" + FEED)

    server.serve("/feed", respond=cut)
    assert refusal(local(server), server.url("/feed")).code == "bad_response"


@pytest.mark.parametrize(
    "lines",
    [
        [f"X-{n}: y" for n in range(5000)],
        ["X-Long: " + "y" * 1_000_000],
        ["X Bad\x00Name: y"],
    ],
    ids=["many", "long", "malformed"],
)
def test_header_floods_are_errors(server, lines):
    server.serve("/feed", respond=lambda handler: headers(handler, *lines, "Content-Length: 0"))
    with bounded(seconds=2):
        assert refusal(local(server), server.url("/feed")).code == "bad_response"


@pytest.mark.parametrize("answer", [b"", b"\x00\x01\x02", b"SSH-2.0-OpenSSH_9.6\r\n", b"HTTP/9.9 999 ?\r\n\r\n"])
def test_what_is_not_http_is_an_error(server, answer):
    server.serve("/feed", respond=lambda handler: handler.wfile.write(answer))
    assert refusal(local(server), server.url("/feed")).code in ("connection", "bad_response")


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    """A certificate for localhost that nobody trusts."""
    folder = tmp_path_factory.mktemp("tls")
    command = "openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=localhost -keyout {0}/key -out {0}/cert"
    if os.system(command.format(folder) + " 2>/dev/null"):
        pytest.skip("no openssl on this machine")
    return folder


def test_certificates_nobody_trusts_are_refused(server, certificate):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate / "cert", certificate / "key")
    for listener in server._servers:
        listener.socket = context.wrap_socket(listener.socket, server_side=True)
    server.serve("/feed", FEED)
    assert refusal(local(server), f"https://127.0.0.1:{server.port}/feed").code == "tls"


def test_errors_never_carry_what_the_server_said(server):
    server.serve("/feed", respond=lambda handler: handler.wfile.write(b"HTTP/1.1 \x1b[31msecret\xff\r\n\r\n"))
    assert str(refusal(local(server), server.url("/feed"))).isprintable()
