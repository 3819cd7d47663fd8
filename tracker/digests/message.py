"""A planned digest as an e-mail: one recipient, and headers by which mail programs unsubscribe in one click."""

import email.policy
from email.headerregistry import HeaderRegistry, UnstructuredHeader
from email.message import EmailMessage
from email.utils import format_datetime
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

from django.conf import settings
from django.core.mail import EmailMultiAlternatives

from tracker.digests.letter import absolute
from tracker.digests.models import Digest
from tracker.digests.tokens import unsubscribe_path


class _AddressHeader(UnstructuredHeader):
    """Written on one line: Python would set a long address as encoded words, which no mail program reads there."""

    def fold(self, *, policy: email.policy.Policy) -> str:
        return f"{self.name}: {self}{policy.linesep}"  # type: ignore[attr-defined]


_registry = HeaderRegistry()
for _name in ("list-unsubscribe", "list-id"):
    _registry.map_to_type(_name, _AddressHeader)  # type: ignore[arg-type]


class DigestMessage(EmailMultiAlternatives):
    def message(self, *, policy: Any = email.policy.default) -> EmailMessage:
        return super().message(policy=policy.clone(header_factory=_registry))


def message_of(digest: Digest) -> DigestMessage:
    """The same bytes at every attempt, but for the boundary between the parts."""
    message = DigestMessage(
        subject=digest.subject,
        body=digest.text,
        to=[digest.user.email],
        headers={
            "Message-ID": digest.message_id,
            "Date": format_datetime(digest.created_at),
            "List-Id": f"Followthrough <digests.{_host()}>",
            "List-Unsubscribe": f"<{absolute(unsubscribe_path(digest.user_id))}>",
            "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
            "Auto-Submitted": "auto-generated",
        },
    )
    message.attach_alternative(digest.html, "text/html")
    return message


def new_message_id() -> str:
    return f"<digest.{uuid4().hex}@{_host()}>"


def _host() -> str:
    return urlsplit(settings.SITE_URL).hostname or "localhost"
