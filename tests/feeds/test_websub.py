import hashlib
import hmac

import pytest

from tracker.feeds import websub
from tracker.feeds.parser import parse

HUB, SELF = "https://hub.example/", "https://lake.example/rss"


@pytest.mark.parametrize(
    ("header", "found"),
    [
        (f'<{HUB}>; rel="hub", <{SELF}>; rel="self"', (HUB, SELF)),
        (f"<{SELF}>;rel=self,<{HUB}>;type=x;rel=hub", (HUB, SELF)),
        (f'<{HUB}>; rel="hub first", <https://other.example/>; rel=hub', (HUB, "")),
        (f'<{HUB}>; rel="nohub", <{SELF}>; title="rel=self"', ("", "")),
        ("", ("", "")),
        ("<" * 8000, ("", "")),
        (f"<{HUB}" + ";rel=hub" * 1000, ("", "")),
    ],
)
def test_link_headers_name_hub_and_topic(header, found):
    assert websub.linked({"link": header}) == found


@pytest.mark.parametrize("method", websub.METHODS)
def test_a_signature_proves_who_sent_the_bytes(method):
    signature = hmac.new(b"secret", b"body", method).hexdigest()
    assert websub.is_signed(b"body", header=f"{method}={signature}", secret="secret")
    assert websub.is_signed(b"body", header=f"{method.upper()}={signature.upper()}", secret="secret")
    assert not websub.is_signed(b"body!", header=f"{method}={signature}", secret="secret")
    assert not websub.is_signed(b"body", header=f"{method}={signature}", secret="other")
    assert not websub.is_signed(b"body", header=f"{method}={signature[:-1]}", secret="secret")


@pytest.mark.parametrize(
    "header",
    [
        "",
        "sha256",
        "sha256=",
        "=",
        "sha1=é",
        f"md5={hmac.new(b'secret', b'body', hashlib.md5).hexdigest()}",
        "x" * 9999,
    ],
)
def test_what_is_no_signature_proves_nothing(header):
    assert not websub.is_signed(b"body", header=header, secret="secret")


@pytest.mark.parametrize(
    ("granted", "seconds"),
    [("86400", 86400), ("60", 3600), ("9" * 400, 30 * 86400), ("", 864000), ("-1", 864000), ("soon", 864000)],
)
def test_a_lease_is_an_hour_at_least_and_thirty_days_at_most(granted, seconds):
    assert websub.lease(granted) == seconds


ATOM = f'<link rel="hub" href="{HUB}"/><link rel="self" href="{SELF}"/>'


@pytest.mark.parametrize(
    "document",
    [
        f'<feed xmlns="http://www.w3.org/2005/Atom"><title>x</title>{ATOM}</feed>',
        f'<rss version="2.0" xmlns="http://www.w3.org/2005/Atom"><channel>{ATOM}</channel></rss>',
        f'<rss version="2.0" xmlns:atom="http://www.w3.org/2005/Atom"><channel><link>https://lake.example/</link>'
        f"{ATOM.replace('<link', '<atom:link')}</channel></rss>",
        f'{{"version":"https://jsonfeed.org/version/1.1","feed_url":"{SELF}","items":[],'
        f'"hubs":[7,{{"type":"rssCloud","url":"x"}},{{"type":"WebSub","url":"{HUB}"}}]}}',
    ],
)
def test_documents_name_hub_and_topic(document, now):
    parsed = parse(document.encode(), url="https://lake.example/feed", now=now)
    assert (parsed.hub, parsed.topic) == (HUB, SELF)


def test_a_document_without_a_hub_names_none(now):
    parsed = parse(b"<rss><channel><link rel='hub' href='javascript:x'/></channel></rss>", url=SELF, now=now)
    assert (parsed.hub, parsed.topic) == ("", "")
