"""Without a mail server every mail stays here, where administrators can read it."""

import email.policy
from collections.abc import Iterable
from email import message_from_string

from django.core.mail import EmailMessage, mailers
from django.core.mail.backends.base import BaseEmailBackend

from tracker.digests.models import OutboxMessage


class OutboxBackend(BaseEmailBackend):
    def send_messages(self, email_messages: Iterable[EmailMessage]) -> int:
        count = 0
        for mail in email_messages:
            message = mail.message()
            OutboxMessage.objects.create(
                message_id=str(message["Message-ID"])[:200],
                recipient=", ".join(mail.recipients())[:320],
                subject=str(mail.subject)[:250],
                raw=message.as_string(),
            )
            count += 1
        return count


def keeps_mails_here() -> bool:
    """True until a mail server is set."""
    return isinstance(mailers.default, OutboxBackend)


def mail_server() -> str:
    """`mail.example.org:587`; empty for a mailer without a host."""
    mailer = mailers.default
    host = getattr(mailer, "host", None)
    return f"{host}:{getattr(mailer, 'port', '')}" if host else ""


def part(message: OutboxMessage, kind: str) -> str:
    """The `plain` or `html` part as text; empty when there is none."""
    parsed = message_from_string(message.raw, policy=email.policy.default)
    body = parsed.get_body((kind,))
    return body.get_content() if body else ""
