"""The signed word that lets its holder end one subscription's digests, and nothing else, without signing in.

It names the subscription by 192 random bits, so it says nothing of the person; the signature has 256 bits.
"""

from functools import cache

from django.core import signing
from django.urls import reverse


def _signer() -> signing.Signer:
    """Made anew each time: it takes the keys of the settings, old ones too."""
    return signing.Signer(salt="tracker.digests.unsubscribe")


def unsubscribe_path(key: str) -> str:
    return _path().format(_signer().sign(key))


@cache
def _path() -> str:
    """Every mail names it twice, and it is always the same but for the word."""
    return reverse("unsubscribe", args=["0"]).replace("/0/", "/{}/")


def key_of(token: str) -> str | None:
    """The key of a subscription; None for a word that we did not sign."""
    try:
        return _signer().unsign(token)
    except signing.BadSignature:
        return None
