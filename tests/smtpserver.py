"""A mail server on loopback that misbehaves on demand, and keeps a journal of every mail that it took."""

import socket
import threading
from contextlib import suppress
from email import message_from_bytes
from email.policy import default


def mailers(port, host="127.0.0.1", **options):
    """settings.MAILERS for a server on that port."""
    options = {"host": host, "port": port, "timeout": 5, **options}
    return {"default": {"BACKEND": "django.core.mail.backends.smtp.EmailBackend", "OPTIONS": options}}


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as found:
        return found.getsockname()[1]


class SmtpServer:
    """`mode` says how the next conversations go:

    ok                takes the mail
    no_banner         accepts the connection and says nothing
    busy              421 as its greeting
    later             451 to the recipient
    never             550 to the recipient, or only to those in `unknown`
    drop_before_data  hangs up at DATA
    drop              hangs up after the mail, without having kept it
    take_and_drop     keeps the mail, then hangs up instead of answering
    hang              keeps the mail, and never answers
    """

    def __init__(self, mode="ok"):
        self.mode, self.unknown, self.taken, self.conversations = mode, set(), [], 0
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port = self._socket.getsockname()[1]
        self._stopped = threading.Event()
        self._threads = [threading.Thread(target=self._listen, daemon=True)]

    def __enter__(self):
        self._threads[0].start()
        return self

    def __exit__(self, *_error):
        self._stopped.set()
        with socket.socket() as bell:  # wakes accept()
            bell.connect_ex(("127.0.0.1", self.port))
        for thread in self._threads:
            thread.join(5)
        self._socket.close()

    @property
    def messages(self):
        """What was taken, parsed."""
        return [message_from_bytes(raw, policy=default) for _recipient, raw in self.taken]

    @property
    def recipients(self):
        return [recipient for recipient, _raw in self.taken]

    def _listen(self):
        while True:
            client, _address = self._socket.accept()
            if self._stopped.is_set():
                client.close()
                return
            thread = threading.Thread(target=self._talk, args=(client,), daemon=True)
            self._threads.append(thread)
            thread.start()

    def _talk(self, client):
        self.conversations += 1
        mode, recipient = self.mode, ""
        with suppress(ConnectionError), client, client.makefile("rwb") as line:  # the client may leave at any time
            if mode == "no_banner":
                self._stopped.wait(20)
                return
            self._say(line, "421 too busy" if mode == "busy" else "220 test")
            for raw in line:
                verb = raw[:4].decode().upper()
                if verb == "RCPT":
                    recipient = raw.split(b"<")[1].split(b">")[0].decode()
                if verb != "DATA":
                    self._say(line, self._answer(mode, verb, recipient))
                elif not self._take(mode, line, recipient):
                    return
                if verb == "QUIT":
                    return

    def _answer(self, mode, verb, recipient):
        is_unknown = mode == "never" and (not self.unknown or recipient in self.unknown)
        odd = {
            ("MAIL", "never_from"): "550 not from you",
            ("RCPT", "later"): "451 later",
            ("RCPT", "never"): "550 no such user" if is_unknown else "250 ok",
        }
        return odd.get((verb, mode), "221 bye" if verb == "QUIT" else "250 ok")

    def _take(self, mode, line, recipient):
        """The mail itself; True when the conversation goes on."""
        if mode == "drop_before_data":
            return False
        self._say(line, "354 go on")
        mail = b"".join(iter(line.readline, b".\r\n"))
        if mode == "drop":
            return False
        self.taken.append((recipient, mail.replace(b"\r\n..", b"\r\n.")))
        if mode == "hang":
            self._stopped.wait(20)
        if mode in ("hang", "take_and_drop"):
            return False
        self._say(line, "250 taken")
        return True

    @staticmethod
    def _say(line, text):
        line.write(f"{text}\r\n".encode())
        line.flush()
