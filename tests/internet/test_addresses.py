"""Group A of the fault matrix, first part: whatever is tried, nothing but public addresses is dialled."""

import time
from collections import Counter

import pytest
from django.conf import settings
from django.utils import timezone

from tests.addresses import CLOSED, SPELLINGS
from tests.internet.fetching import fetch_all, outcome, outcomes
from tests.internet.probe import probe
from tests.internet.world import PUBLIC, PUBLIC_6
from tracker.feeds import actions
from tracker.fetching import AddressRefusedError, Policy

pytestmark = pytest.mark.enable_socket
FEED = "<rss version='2.0'><channel><title>News</title></channel></rss>"


@pytest.fixture
def site(internet):
    """A public server, by name; a page under /secret is at every closed address too."""
    internet.name("news.test")
    internet.server.serve("/feed", FEED)
    internet.server.serve("/secret", "the private page")
    return internet


def test_the_world_is_there_and_without_the_guard_a_closed_address_would_answer(site):
    assert outcomes("http://news.test/feed", f"http://{PUBLIC}/feed", f"http://[{PUBLIC_6}]/feed") == ["200"] * 3
    assert {request.host for request in site.server.requests} == {PUBLIC, PUBLIC_6}


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize("target", ["http://127.0.0.1/secret", "http://localhost/secret", "http://10.1.2.3:8080/"])
def test_a01_a_redirect_to_this_machine_or_its_network_is_refused_at_the_socket(site, status, target):
    site.server.redirect("/feed", target, status)
    (error,) = fetch_all("http://news.test/feed")
    assert (error.code, error.reason) == ("address_refused", "private")


@pytest.mark.parametrize("status", [302, 307, 308])
@pytest.mark.parametrize("target", ["http://[::1]/secret", "http://[::ffff:7f00:1]/secret", "http://six.test/secret"])
def test_a02_nor_is_one_to_its_ipv6_address(site, status, target):
    site.name("six.test", "::1")
    site.server.redirect("/feed", target, status)
    assert outcome("http://news.test/feed") == "address_refused"


def test_a02_refreshing_pages_are_not_followed(site):
    page = '<meta http-equiv="refresh" content="0;url=http://127.0.0.1/secret"><script>location="/secret"</script>'
    refresh = {"Refresh": "0;url=http://127.0.0.1/secret"}
    site.server.serve("/feed", page, "text/html", headers=refresh)
    assert outcome("http://news.test/feed") == "200"
    assert not site.server.hits("/secret")


@pytest.mark.parametrize("phase", [0, 1])
def test_a03_a_name_that_changes_its_address_between_look_ups_leaks_nothing(site, phase):
    """Two hundred tries in each phase: public first and loopback then, and the other way round."""
    hosts = [f"turn-{phase}-{n}.test" for n in range(100)]
    for host in hosts:
        site.names.names[host] = lambda turn: [("127.0.0.1", PUBLIC)[(turn + phase) % 2]]
    urls = [f"http://{host}/secret" for host in hosts]
    counted = Counter(outcomes(*urls)) + Counter(outcomes(*urls))
    assert counted == {"200": 100, "address_refused": 100}
    assert {request.host for request in site.server.requests} == {PUBLIC}


@pytest.mark.parametrize(
    ("addresses", "expected"),
    [
        ([PUBLIC, "127.0.0.1"], "200"),
        (["127.0.0.1", PUBLIC], "200"),
        (["::1", PUBLIC], "200"),
        (["fd00::1", "10.0.0.1", PUBLIC_6], "200"),
        (["::1", "127.0.0.1"], "address_refused"),
        (["169.254.169.254", "fd00:ec2::254"], "address_refused"),
    ],
)
def test_a04_of_mixed_addresses_only_the_public_one_is_used(site, addresses, expected):
    assert (
        outcome(f"http://{site.name('-'.join(addresses).replace(':', 'x') + '.test', *addresses)}/secret") == expected
    )


def test_a05_none_of_22_spellings_of_this_machine_gets_through(site):
    assert len(SPELLINGS) == 22
    assert Counter(outcomes(*SPELLINGS)) == {"address_refused": 22}


def test_a06_no_closed_address_is_dialled_written_out_or_behind_a_name(site):
    assert len(CLOSED) >= 41
    written = [f"http://[{address}]/secret" if ":" in address else f"http://{address}/secret" for address in CLOSED]
    named = [f"http://{site.name(f'closed-{n}.test', address)}/secret" for n, address in enumerate(CLOSED)]
    assert Counter(outcomes(*written, *named)) == {"address_refused": 2 * len(CLOSED)}


def test_a06_public_addresses_are_dialled(site):
    assert outcomes("http://8.8.8.8/feed", f"http://[{PUBLIC_6}]/feed") == ["200", "200"]


@pytest.mark.django_db
@pytest.mark.parametrize(
    "url",
    [
        "file:///etc/passwd",
        "gopher://news.test/",
        "ftp://news.test/feed",
        "dict://news.test:11211/",
        "data:text/xml,<rss/>",
        "javascript:alert(1)",
    ],
)
def test_a07_other_schemes_are_refused_when_saved_fetched_and_redirected_to(site, url):
    with pytest.raises(AddressRefusedError) as caught:
        actions.add_feed(url=url, policy=Policy.of(settings), now=timezone.now())
    assert caught.value.reason == "scheme"
    site.server.redirect("/moved", url)
    assert outcomes(url, "http://news.test/moved") == ["address_refused", "address_refused"]


def test_a08_only_ports_of_the_web_are_asked(site):
    urls = [f"http://news.test:{port}/" for port in (22, 25, 5432, 6379, 8000)]
    site.server.redirect("/moved", "http://news.test:6379/FLUSHALL")
    assert set(outcomes(*urls, "http://news.test/moved")) == {"address_refused"}


def test_a09_proxies_of_the_environment_are_ignored(site):
    proxies = ("http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY")
    (found,) = probe("http://news.test/feed", **dict.fromkeys(proxies, "http://10.0.0.1:80"), no_proxy="")
    assert found.code == "200"


def test_names_that_do_not_exist_are_told_from_name_servers_that_are_slow(site):
    site.names.names["slow.test"] = lambda turn: time.sleep(4) or [PUBLIC]
    assert outcomes("http://nowhere.test/", "http://slow.test/feed") == ["dns", "dns_busy"]
