"""What of WebSub (W3C Recommendation, 2018) needs neither network nor database: links, forms, signatures; pure."""

import hmac
import re
from collections.abc import Mapping

LEASE_SECONDS = 10 * 86_400  # what we ask for
SHORTEST_LEASE, LONGEST_LEASE = 3_600, 30 * 86_400
METHODS = ("sha1", "sha256", "sha384", "sha512")
LINK = re.compile(r"<([^<>]{1,2048})>([^<>]{0,500})")
RELATION = re.compile(r""";\s*rel\s*=\s*(?:"([^"]*)"|([^\s;,"]+))""", re.IGNORECASE)


def linked(headers: Mapping[str, str]) -> tuple[str, str]:
    """Hub and topic as Link headers (RFC 8288) name them; empty what they do not name (section 4)."""
    found: dict[str, str] = {}
    for address, parameters in LINK.findall(headers.get("link", "")):
        relation = RELATION.search(parameters)
        for word in ((relation[1] or relation[2]).lower().split()) if relation else ():
            found.setdefault(word, address)
    return found.get("hub", ""), found.get("self", "")


def request_form(*, callback: str, topic: str, secret: str) -> dict[str, str]:
    """What a hub is asked (section 5.1)."""
    return {
        "hub.callback": callback,
        "hub.mode": "subscribe",
        "hub.topic": topic,
        "hub.lease_seconds": str(LEASE_SECONDS),
        "hub.secret": secret,
    }


def lease(seconds: str) -> int:
    """What a hub granted, within an hour and thirty days; what we asked for when it does not say."""
    if not (seconds.isascii() and seconds.isdigit()):
        return LEASE_SECONDS
    return min(max(int(seconds[:10]), SHORTEST_LEASE), LONGEST_LEASE)


def is_signed(body: bytes, *, header: str, secret: str) -> bool:
    """Whether X-Hub-Signature proves that the hub sent these bytes (section 7.1); compared in constant time."""
    method, _equals, signature = header.strip().partition("=")
    if method.lower() not in METHODS:
        return False
    expected = hmac.new(secret.encode(), body, method.lower()).hexdigest()
    return hmac.compare_digest(expected.encode(), signature.strip().lower().encode())
