"""Hands a mail to the configured mailer, and tells three ends apart that Django's backend reports alike.

SMTP cannot deliver exactly once: between the last byte of a mail and the server's answer nobody knows whether the
server took it (RFC 1047). We choose "never twice, never silently lost", so the caller must know on which side of that
gap a connection broke.
"""

import email.policy
import re
import smtplib
from collections.abc import Callable
from contextlib import suppress

from django.core.mail import EmailMessage, mailers
from django.core.mail.backends.smtp import EmailBackend as SmtpBackend


class RefusedError(Exception):
    """The server will never take this mail (5xx), or the address cannot be written."""


class NotNowError(Exception):
    """Certainly not taken: unreachable, too busy (4xx), or broken before the first byte of the mail."""


class InDoubtError(Exception):
    """Broken after the mail was on its way: taken or not, nobody knows."""


def deliver(message: EmailMessage, *, before_handing: Callable[[], None]) -> None:
    """Returns when the server took it. `before_handing` is called just before the mail itself is sent.

    Raises RefusedError, NotNowError, InDoubtError, and whatever `before_handing` raises; then nothing was sent.
    """
    mailer = mailers.default
    if isinstance(mailer, SmtpBackend):
        _over_smtp(mailer, message, before_handing)
        return
    before_handing()
    try:
        mailer.send_messages([message])
    except Exception as error:
        raise InDoubtError(_said(error)) from error


def _over_smtp(mailer: SmtpBackend, message: EmailMessage, before_handing: Callable[[], None]) -> None:
    try:
        sender, recipient = mailer.prep_address(message.from_email), mailer.prep_address(message.to[0])
        body = message.message(policy=email.policy.SMTP).as_bytes()
    except ValueError as error:
        raise RefusedError(_said(error)) from error
    try:
        _hand_over(_open(mailer), sender, recipient, body, before_handing)
    finally:
        with suppress(OSError):
            mailer.close()


def _open(mailer: SmtpBackend) -> smtplib.SMTP:
    """A refused password is the administrator's mistake, not this mail's fault: it is tried again."""
    try:
        mailer.open()
    except OSError as error:  # smtplib's errors, failed look-ups and bad certificates are OSErrors too
        raise NotNowError(_said(error)) from error
    assert mailer.connection is not None
    return mailer.connection


def _hand_over(
    smtp: smtplib.SMTP, sender: str, recipient: str, body: bytes, before_handing: Callable[[], None]
) -> None:
    try:
        smtp.ehlo_or_helo_if_needed()
        _check(*smtp.mail(sender))
        _check(*smtp.rcpt(recipient))
    except OSError as error:
        raise NotNowError(_said(error)) from error
    before_handing()
    try:
        code, reply = smtp.docmd("DATA")
    except OSError as error:
        raise NotNowError(_said(error)) from error
    _check(code, reply, wanted=3)
    try:
        smtp.send(re.sub(rb"(?m)^\.", b"..", body) + b"\r\n.\r\n")
        code, reply = smtp.getreply()
    except OSError as error:
        raise InDoubtError(_said(error)) from error
    if not 200 <= code < 600:
        raise InDoubtError(_answer(code, reply))
    _check(code, reply)


def _check(code: int, reply: bytes, *, wanted: int = 2) -> None:
    """Raises unless the server agreed; `wanted` is the first digit of its answer."""
    if code // 100 == 5:
        raise RefusedError(_answer(code, reply))
    if code // 100 != wanted:
        raise NotNowError(_answer(code, reply))


def _answer(code: int, reply: bytes) -> str:
    return f"{code} {reply.decode('utf-8', 'replace')}".replace("\n", " ")


def _said(error: Exception) -> str:
    if isinstance(error, smtplib.SMTPResponseException):
        reply = error.smtp_error
        return _answer(error.smtp_code, reply if isinstance(reply, bytes) else str(reply).encode())
    return f"{type(error).__name__}: {error}"
