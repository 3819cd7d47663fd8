"""One GET after the other over a shared session, each within the policy."""

import asyncio
import errno
import re
import socket
import ssl
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self
from urllib.parse import urljoin

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult

from tracker.fetching.decoding import ACCEPTED, Decoder
from tracker.fetching.errors import (
    AddressRefusedError,
    BadRedirectError,
    BadResponseError,
    DeadlineError,
    DNSBusyError,
    DNSError,
    FetchError,
    RobotsRefusedError,
    TLSError,
    TooLargeError,
    UnreachableError,
)
from tracker.fetching.policy import Policy
from tracker.fetching.robots import Robots

REDIRECTS = {301, 302, 303, 307, 308}
PERMANENT = {301, 308}


@dataclass(frozen=True, slots=True)
class Response:
    """What a server answered in the end; the body only when the status is 200."""

    status: int
    url: str
    headers: Mapping[str, str]  # names in lower case
    body: bytes
    permanent_redirect_to: str | None


class Fetcher:
    """Fetches many addresses over one session: `async with Fetcher(policy) as fetcher: await fetcher.fetch(url)`."""

    def __init__(self, policy: Policy, *, lookup: Callable[..., Any] = socket.getaddrinfo) -> None:
        self.policy = policy
        self._lookup = lookup

    async def __aenter__(self) -> Self:
        policy = self.policy
        self._resolver = _Resolver(self._lookup)
        self._robots = Robots(self.fetch, policy.user_agent)
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=0, resolver=self._resolver, socket_factory=self._open_socket),
            timeout=aiohttp.ClientTimeout(total=None, connect=policy.connect_seconds, sock_read=policy.read_seconds),
            headers={"User-Agent": policy.user_agent, "Accept": policy.accept, "Accept-Encoding": ACCEPTED},
            cookie_jar=aiohttp.DummyCookieJar(),
            auto_decompress=False,
            trust_env=False,
            max_line_size=8190,
            max_field_size=8190,
            max_headers=100,
        )
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._session.close()
        await self._resolver.close()

    async def fetch(self, url: str, *, etag: str = "", last_modified: str = "", obeys_robots: bool = False) -> Response:
        """One GET, conditional when validators are given, following redirects; FetchError when nothing usable came.

        `obeys_robots` asks each server's robots.txt first; feeds are published for programs and go without.
        """
        conditions = {"If-None-Match": etag, "If-Modified-Since": last_modified}
        headers = {name: value for name, value in conditions.items() if value}
        try:
            async with asyncio.timeout(self.policy.total_seconds):
                return await self._follow(url, headers, obeys_robots)
        except (TimeoutError, aiohttp.ClientError, OSError) as error:
            raise _named(error, self.policy) from error

    async def post(self, url: str, form: Mapping[str, str]) -> Response:
        """One POST of a form; redirects are answers, bodies stay unread. FetchError when nothing usable came."""
        try:
            async with (
                asyncio.timeout(self.policy.total_seconds),
                self._session.post(self.policy.check(url), data=dict(form), allow_redirects=False) as answer,
            ):
                return Response(answer.status, url, _named_in_lower_case(answer), b"", None)
        except (TimeoutError, aiohttp.ClientError, OSError) as error:
            raise _named(error, self.policy) from error

    async def _follow(self, url: str, headers: Mapping[str, str], obeys_robots: bool) -> Response:
        chain = [self.policy.check(url)]
        is_permanent = True
        while True:
            if obeys_robots and not await self._robots.allow(chain[-1]):
                raise RobotsRefusedError("the server asks programs to stay away")
            async with self._session.get(chain[-1], headers=headers, allow_redirects=False) as answer:
                if answer.status not in REDIRECTS:
                    body = await self._read(answer) if answer.status == 200 else b""
                    moved_to = chain[-1] if is_permanent and len(chain) > 1 else None
                    return Response(answer.status, chain[-1], _named_in_lower_case(answer), body, moved_to)
                step = self._next_step(chain[-1], answer.headers.get("Location", ""))
                is_downgrade = chain[-1].startswith("https:") and step.startswith("http:")
                is_permanent = is_permanent and answer.status in PERMANENT and not is_downgrade
            chain.append(step)
            if len(chain) > self.policy.max_redirects + 1:
                raise BadRedirectError(f"more than {self.policy.max_redirects} redirects")

    def _next_step(self, url: str, location: str) -> str:
        if not location:
            raise BadRedirectError("a redirect without an address")
        try:
            return self.policy.check(urljoin(url, location))
        except ValueError as error:
            raise BadRedirectError("a redirect to something that is no address") from error
        except AddressRefusedError as error:
            raise AddressRefusedError(f"redirected to what is refused: {error}", reason=error.reason) from error

    async def _read(self, answer: aiohttp.ClientResponse) -> bytes:
        """The decoded body, with both caps watched while it arrives."""
        policy = self.policy
        decode = Decoder(answer.headers.get("Content-Encoding", ""), policy.max_decoded_bytes)
        raw_length = 0
        body = bytearray()
        async for chunk in answer.content.iter_any():
            raw_length += len(chunk)
            if raw_length > policy.max_raw_bytes:
                raise TooLargeError(f"more than {policy.max_raw_bytes:,} bytes")
            body += decode(chunk)
        decode.finish()
        return bytes(body)

    def _open_socket(self, info: tuple[Any, ...]) -> socket.socket:
        """Called with the address about to be dialled: the last word on where we connect to."""
        family, kind, protocol, _name, (address, port, *_rest) = info
        if port not in self.policy.allowed_ports or not self.policy.permits(address):
            raise _RefusedSocketError
        return socket.socket(family, kind, protocol)


def _named_in_lower_case(answer: aiohttp.ClientResponse) -> dict[str, str]:
    """The headers; of those that came twice the last, but all links."""
    named = {name.lower(): value for name, value in answer.headers.items()}
    return named | {"link": ", ".join(answer.headers.getall("Link"))} if "link" in named else named


class _Resolver(AbstractResolver):
    """Looks names up in threads of its own, so that one dead name server holds up no other host for long."""

    def __init__(self, lookup: Callable[..., Any]) -> None:
        self._lookup = lookup
        self._threads = ThreadPoolExecutor(16, thread_name_prefix="dns")

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        loop = asyncio.get_running_loop()
        found = await loop.run_in_executor(self._threads, self._lookup, host, port, family, socket.SOCK_STREAM)
        return [
            ResolveResult(
                hostname=host,
                host=address[0],
                port=address[1],
                family=kin,
                proto=protocol,
                flags=socket.AI_NUMERICHOST,
            )
            for kin, _kind, protocol, _name, address in found
        ]

    async def close(self) -> None:
        self._threads.shutdown(wait=False, cancel_futures=True)


class _RefusedSocketError(OSError):
    """Travels through aiohttp, which passes on nothing but OSError; always the same words, so that it stays itself."""

    def __init__(self) -> None:
        super().__init__("not a public address")


def _named(error: Exception, policy: Policy) -> FetchError:
    """What aiohttp or the system reported, as one of ours."""
    cause = getattr(error, "os_error", error)
    if isinstance(cause, _RefusedSocketError):
        return AddressRefusedError(str(cause), reason="private")
    if isinstance(error, aiohttp.ClientConnectorDNSError):
        is_busy = getattr(cause, "errno", None) == socket.EAI_AGAIN
        return DNSBusyError("the name server gave no answer") if is_busy else DNSError("there is no such host name")
    if isinstance(error, aiohttp.ClientSSLError) or isinstance(cause, ssl.SSLError):
        return TLSError(_words(getattr(error, "certificate_error", cause)))
    if isinstance(error, TimeoutError):
        return _timed_out(error, policy)
    if isinstance(error, aiohttp.InvalidURL):
        return AddressRefusedError("not a valid address")
    if isinstance(error, aiohttp.ClientPayloadError):
        return BadResponseError("the body ended early")
    if isinstance(error, aiohttp.ClientResponseError):
        return BadResponseError(_words(error.message))
    if getattr(cause, "errno", None) in (errno.ENETUNREACH, errno.EHOSTUNREACH, errno.ENETDOWN):
        return UnreachableError(_words(cause))
    return FetchError(_words(cause))


def _timed_out(error: TimeoutError, policy: Policy) -> FetchError:
    """A server that cannot be reached is told from one that is slow."""
    if isinstance(error, aiohttp.ConnectionTimeoutError):
        return FetchError(f"no connection within {policy.connect_seconds:g} seconds")
    if isinstance(error, aiohttp.SocketTimeoutError):
        return DeadlineError(f"silent for {policy.read_seconds:g} seconds")
    return DeadlineError(f"not finished within {policy.total_seconds:g} seconds")


def _words(error: object) -> str:
    """One printable line; bytes a server sent never get further than this."""
    text = getattr(error, "verify_message", None) or getattr(error, "strerror", None) or str(error)
    return re.sub(r"[^\x20-\x7e]+", " ", text)[:200].strip() or type(error).__name__
