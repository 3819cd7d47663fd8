"""An Internet of one's own: a network namespace where every address on Earth is this machine.

Whatever the product dials is answered, closed addresses too, by one server that writes down where it was reached: so
"nothing closed was dialled" is a count and not a belief. Names come from a server of our own. Nothing of the product
knows about it: no allowed networks, no other ports, the system's own resolver.
"""

import contextlib
import os
import ssl
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Self

import trustme

from tests.feedserver import FeedServer, Request
from tests.internet.nameserver import NameServer

PUBLIC, PUBLIC_6 = "93.184.216.34", "2606:4700::1111"
OPEN = {PUBLIC, PUBLIC_6, "8.8.8.8"}
EVERYWHERE = ("0.0.0.0", "::")
NAMESPACES = {"net": os.CLONE_NEWNET, "mnt": os.CLONE_NEWNS}
SET_UP = """
mount --make-rprivate /
mount --bind {resolv_conf} /etc/resolv.conf
ip link set lo up
ip route add local 0.0.0.0/0 dev lo
ip -6 route add local ::/0 dev lo
"""


class NoNamespacesError(Exception):
    """The text says why."""


class Internet:
    """Set up once; `with internet.entered():` puts the calling thread, and threads and programs it starts, into it."""

    def __init__(self, folder: Path) -> None:
        self._resolv_conf = folder / "resolv.conf"
        self._resolv_conf.write_text("nameserver 127.0.0.1\noptions timeout:2 attempts:1\n")
        self.certificates = Certificates(folder)

    def __enter__(self) -> Self:
        self._outside = _held()
        try:
            os.unshare(os.CLONE_NEWNET | os.CLONE_NEWNS)
        except OSError as error:
            raise NoNamespacesError(f"no namespace of its own: {error.strerror}; run as root") from error
        self._inside = _held()
        try:
            self._set_up()
        finally:
            _enter(self._outside)
        return self

    def _set_up(self) -> None:
        for line in SET_UP.format(resolv_conf=self._resolv_conf).strip().splitlines():
            done = subprocess.run(line.split(), capture_output=True, text=True, check=False)
            if done.returncode:
                raise NoNamespacesError(f"{line}: {done.stderr.strip()}")
        self.names = NameServer()
        self.server = FeedServer(hosts=EVERYWHERE, port=80)
        self.secure = FeedServer(hosts=EVERYWHERE, port=443, tls=self.certificates.context)
        self.database = FeedServer(hosts=EVERYWHERE, port=6379)
        self.servers = (self.server, self.secure, self.database)
        for server in self.servers:
            server.__enter__()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for server in self.servers:
            server.__exit__(None, None, None)
        self.names.close()
        for handle in (*self._outside.values(), *self._inside.values()):
            os.close(handle)

    @contextlib.contextmanager
    def entered(self) -> Iterator[None]:
        _enter(self._inside)
        try:
            yield
        finally:
            _enter(self._outside)

    def name(self, name: str, *addresses: str) -> str:
        self.names.names[name] = addresses or (PUBLIC,)
        return name

    def leaks(self) -> Sequence[Request]:
        """Requests that reached an address that is not public, or the port of a database: there must be none."""
        requests = [request for server in (self.server, self.secure) for request in server.requests]
        return [request for request in requests if request.host not in OPEN] + self.database.requests


class Certificates:
    """What a server shows depends on the name it is asked for: good, expired, of another host, of nobody known."""

    def __init__(self, folder: Path) -> None:
        authority, stranger = trustme.CA(), trustme.CA()
        self.authority = folder / "authority.pem"
        authority.cert_pem.write_to_path(str(self.authority))
        shown = {
            "good.test": authority.issue_cert("good.test"),
            "expired.test": authority.issue_cert(
                "expired.test", not_before=datetime(2024, 1, 1, tzinfo=UTC), not_after=datetime(2025, 1, 1, tzinfo=UTC)
            ),
            "other.test": authority.issue_cert("elsewhere.test"),
            "unknown.test": stranger.issue_cert("unknown.test"),
        }
        contexts = {name: ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER) for name in shown}
        for name, certificate in shown.items():
            certificate.configure_cert(contexts[name])
        self.context = contexts["good.test"]

        def choose(connection: ssl.SSLObject, name: str | None, _context: ssl.SSLContext) -> None:
            connection.context = contexts.get(name or "", self.context)

        self.context.sni_callback = choose


def _held() -> Mapping[str, int]:
    """Handles on the namespaces that this thread is in."""
    return {kind: os.open(f"/proc/thread-self/ns/{kind}", os.O_RDONLY | os.O_CLOEXEC) for kind in NAMESPACES}


def _enter(handles: Mapping[str, int]) -> None:
    """Puts this thread there; entering a mount namespace would leave the current folder."""
    folder = os.getcwd()
    os.unshare(os.CLONE_FS)  # a thread that shares root and folder with others may not enter a mount namespace
    for kind, handle in handles.items():
        os.setns(handle, NAMESPACES[kind])
    os.chdir(folder)
