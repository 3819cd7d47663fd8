"""Hands mails to the configured mailer, and tells three ends apart that Django's backend reports alike.

SMTP cannot deliver exactly once: between the last byte of a mail and the server's answer nobody knows whether the
server took it (RFC 1047). We choose "never twice, never silently lost", so the caller must know on which side of that
gap a connection broke.
"""

import re
import smtplib
from collections.abc import Callable
from contextlib import suppress
from typing import Self

from django.core.mail import mailers
from django.core.mail.backends.smtp import EmailBackend as SmtpBackend

from tracker.digests.message import DigestMessage, is_plain_address


class RefusedError(Exception):
    """The server will never take this mail (5xx), or the address cannot be written.

    `is_bounce` is true when the fault lies with the recipient's address and not with us or with the mail.
    """

    def __init__(self, said: str, *, is_bounce: bool = False) -> None:
        super().__init__(said)
        self.is_bounce = is_bounce


class NotNowError(Exception):
    """Certainly not taken: too busy (4xx), or broken before the first byte of the mail."""


class UnreachableError(NotNowError):
    """Not even a connection, so no other mail would fare better now."""


class InDoubtError(Exception):
    """Broken after the mail was on its way: taken or not, nobody knows."""


class Courier:
    """Carries many mails over one connection, opened for the first and opened anew when it was closed on us."""

    def __init__(self) -> None:
        self._mailer = mailers.default
        self._addresses: dict[str, str] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self._close()

    def deliver(self, message: DigestMessage, *, before_handing: Callable[[], None]) -> None:
        """Returns when the server took it. `before_handing` is called just before the mail itself is sent.

        Raises RefusedError, NotNowError, InDoubtError, and whatever `before_handing` raises; then nothing was sent.
        """
        if isinstance(self._mailer, SmtpBackend):
            self._over_smtp(self._mailer, message, before_handing)
            return
        before_handing()
        try:
            self._mailer.send_messages([message])
        except Exception as error:
            raise InDoubtError(_said(error)) from error

    def _over_smtp(self, mailer: SmtpBackend, message: DigestMessage, before_handing: Callable[[], None]) -> None:
        try:
            sender, recipient = self._written(mailer, message.from_email), self._written(mailer, message.to[0])
            body = message.as_bytes()
        except ValueError as error:
            raise RefusedError(_said(error)) from error
        try:
            smtp = self._envelope(mailer, sender, recipient)
            before_handing()
            _hand_over(smtp, body)
        except RefusedError:
            self._reset()
            raise
        except BaseException:
            self._close()
            raise

    def _written(self, mailer: SmtpBackend, address: str) -> str:
        """As the envelope has it; a sender with a name is taken apart once."""
        if is_plain_address(address):
            return address
        if address not in self._addresses:
            self._addresses[address] = mailer.prep_address(address)
        return self._addresses[address]

    def _envelope(self, mailer: SmtpBackend, sender: str, recipient: str) -> smtplib.SMTP:
        """Sender and recipient are agreed upon. A kept connection may have been closed meanwhile; then a new one is."""
        if mailer.connection is not None:
            try:
                return _address(mailer.connection, sender, recipient)
            except NotNowError as error:
                if mailer.connection.sock is not None and not str(error).startswith("421"):
                    raise
                self._close()
        return _address(_open(mailer), sender, recipient)

    def _reset(self) -> None:
        try:
            self._mailer.connection.rset()  # type: ignore[attr-defined]
        except (AttributeError, OSError):
            self._close()

    def _close(self) -> None:
        with suppress(OSError):
            self._mailer.close()


def _open(mailer: SmtpBackend) -> smtplib.SMTP:
    """A refused password is the administrator's mistake, not this mail's fault: it is tried again."""
    try:
        mailer.open()
        assert mailer.connection is not None
        mailer.connection.ehlo_or_helo_if_needed()
    except OSError as error:  # smtplib's errors, failed look-ups and bad certificates are OSErrors too
        raise UnreachableError(_said(error)) from error
    return mailer.connection


def _address(smtp: smtplib.SMTP, sender: str, recipient: str) -> smtplib.SMTP:
    try:
        _check(*smtp.docmd("MAIL", f"FROM:<{sender}>"))
        code, reply = smtp.docmd("RCPT", f"TO:<{recipient}>")
    except OSError as error:
        raise NotNowError(_said(error)) from error
    _check(code, reply, is_bounce=not re.match(rb"5\.7\.", reply))  # 5.7: a policy of the server, no dead address
    return smtp


def _hand_over(smtp: smtplib.SMTP, body: bytes) -> None:
    try:
        code, reply = smtp.docmd("DATA")
    except OSError as error:
        raise NotNowError(_said(error)) from error
    _check(code, reply, wanted=3)
    try:
        smtp.send((b"\n" + body).replace(b"\n.", b"\n..")[1:] + b".\r\n")
        code, reply = smtp.getreply()
    except OSError as error:
        raise InDoubtError(_said(error)) from error
    if not 200 <= code < 600:
        raise InDoubtError(_answer(code, reply))
    _check(code, reply)


def _check(code: int, reply: bytes, *, wanted: int = 2, is_bounce: bool = False) -> None:
    """Raises unless the server agreed; `wanted` is the first digit of its answer."""
    if code // 100 == 5:
        raise RefusedError(_answer(code, reply), is_bounce=is_bounce)
    if code // 100 != wanted:
        raise NotNowError(_answer(code, reply))


def _answer(code: int, reply: bytes) -> str:
    return f"{code} {reply.decode('utf-8', 'replace')}".replace("\n", " ")


def _said(error: Exception) -> str:
    if isinstance(error, smtplib.SMTPResponseException):
        reply = error.smtp_error
        return _answer(error.smtp_code, reply if isinstance(reply, bytes) else str(reply).encode())
    return f"{type(error).__name__}: {error}"
