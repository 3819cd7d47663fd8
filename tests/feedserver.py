"""A small web server on loopback for tests: given bytes, conditional requests, misbehaviour, and a log.

with FeedServer() as server:
    server.serve("/rss", body, "application/rss+xml")
    server.url("/rss")      # http://127.0.0.1:PORT/rss
    server.hits("/rss")     # the requests it got
"""

import hashlib
import socket
import socketserver
import ssl
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlsplit


@dataclass(frozen=True)
class Request:
    """One request as it came; `host` is the address it was sent to, names of headers are in lower case."""

    host: str
    path: str
    headers: Mapping[str, str]
    at: float


@dataclass
class Route:
    """What is answered at a path: by `respond` when given, else from the other fields."""

    body: bytes = b""
    content_type: str = "application/rss+xml"
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    etag: str | None = None
    last_modified: str = ""
    delay: float = 0
    respond: Callable[[BaseHTTPRequestHandler], Any] | None = None


class FeedServer:
    """Serves the same routes at one port of every address in `hosts`."""

    def __init__(
        self, *, hosts: tuple[str, ...] = ("127.0.0.1",), port: int = 0, tls: ssl.SSLContext | None = None
    ) -> None:
        self.routes: dict[str, Route] = {}
        self.requests: list[Request] = []
        self.tls = tls
        self._servers = [_Server((hosts[0], port), _Handler, self)]
        self.port: int = self._servers[0].server_address[1]
        self._servers += [_Server((host, self.port), _Handler, self) for host in hosts[1:]]

    def __enter__(self) -> Self:
        for server in self._servers:
            threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for server in self._servers:
            server.shutdown()
            server.server_close()

    def serve(self, path: str, body: bytes | str = b"", content_type: str = "application/rss+xml", **more: Any) -> str:
        """Answer with this from now on; an ETag is made of the body unless one is given (an empty one: none)."""
        data = body.encode() if isinstance(body, str) else body
        self.routes[path] = Route(data, content_type, **more)
        return self.url(path)

    def redirect(self, path: str, to: str, status: int = 302) -> str:
        return self.serve(path, status=status, headers={"Location": to}, etag="")

    def url(self, path: str = "/", host: str = "127.0.0.1") -> str:
        return f"http://{host}:{self.port}{path}"

    def hits(self, path: str) -> list[Request]:
        return [request for request in self.requests if request.path == path]


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 256

    def __init__(self, address: tuple[str, int], handler: type[BaseHTTPRequestHandler], site: FeedServer) -> None:
        self.address_family = socket.AF_INET6 if ":" in address[0] else socket.AF_INET
        super().__init__(address, handler)
        self.site = site

    def get_request(self) -> tuple[socket.socket, Any]:
        """With TLS, hands are shaken when the request is read, in its own thread."""
        connection, client = super().get_request()
        if self.site.tls:
            connection = self.site.tls.wrap_socket(connection, server_side=True, do_handshake_on_connect=False)
        return connection, client

    def server_bind(self) -> None:
        """Without the look-up of its own name that the library does, which may take seconds."""
        if self.address_family == socket.AF_INET6:
            self.socket.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        socketserver.TCPServer.server_bind(self)
        self.server_name, self.server_port = str(self.server_address[0]), int(self.server_address[1])

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Clients that hang up are what the tests are about."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1
    server: _Server

    def do_GET(self) -> None:
        site, path = self.server.site, urlsplit(self.path).path
        headers = {name.lower(): value for name, value in self.headers.items()}
        site.requests.append(Request(self.connection.getsockname()[0], path, headers, time.monotonic()))
        route = site.routes.get(path, Route(b"no such page", "text/plain", 404, etag=""))
        time.sleep(route.delay)
        if route.respond:
            self.close_connection = True
            route.respond(self)
            return
        self._answer(route, headers)

    def _answer(self, route: Route, asked: Mapping[str, str]) -> None:
        etag = f'"{hashlib.md5(route.body).hexdigest()}"' if route.etag is None else route.etag
        is_same = (etag and asked.get("if-none-match") == etag) or (
            route.last_modified and asked.get("if-modified-since") == route.last_modified
        )
        status, body = (304, b"") if is_same and route.status == 200 else (route.status, route.body)
        self.send_response(status)
        given = {"ETag": etag, "Last-Modified": route.last_modified, "Content-Type": route.content_type}
        for name, value in {**given, **route.headers}.items():
            if value:
                self.send_header(name, value)
        if status != 304:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:
        """The log is `FeedServer.requests`."""
