"""The signed word that lets its holder end one person's digests, and nothing else, without signing in."""

from django.core import signing
from django.urls import reverse


def _signer() -> signing.Signer:
    """Made anew each time: it takes the keys of the settings, old ones too."""
    return signing.Signer(salt="tracker.digests.unsubscribe")


def unsubscribe_path(user_id: int) -> str:
    return reverse("unsubscribe", args=[_signer().sign_object(user_id)])


def user_id_of(token: str) -> int | None:
    """Whose word it is; None for one that we did not sign."""
    try:
        user_id = _signer().unsign_object(token)
    except (signing.BadSignature, ValueError):
        return None
    return user_id if isinstance(user_id, int) else None
