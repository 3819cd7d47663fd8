"""A WebSub hub on loopback: it verifies whoever subscribes, as the standard says, and pushes what it is told to.

with Hub() as hub:
    hub.url                      # to announce in a feed
    hub.asked                    # the forms it got
    hub.verified.wait(5)         # until it has called back
    hub.push(body)               # to the last subscriber, signed
"""

import hmac
import threading
import urllib.error
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self
from urllib.parse import parse_qsl, urlencode


class Hub:
    def __init__(self, *, status: int = 202, lease_seconds: str = "86400", does_verify: bool = True) -> None:
        self.status, self.lease_seconds, self.does_verify = status, lease_seconds, does_verify
        self.asked: list[dict[str, str]] = []
        self.answers: list[tuple[int, bytes]] = []
        self.verified = threading.Event()
        handler = type("Handler", (_Handler,), {"hub": self})
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self.port = self._server.server_address[1]
        self.url = f"http://127.0.0.1:{self.port}/hub"

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()

    def verify(self, form: dict[str, str]) -> None:
        asked = {"hub.mode": "subscribe", "hub.topic": form["hub.topic"], "hub.challenge": "challenge-é-123"}
        query = urlencode({**asked, "hub.lease_seconds": self.lease_seconds})
        self.answers.append(_answer(urllib.request.Request(f"{form['hub.callback']}?{query}")))
        self.verified.set()

    def push(self, body: bytes, *, method: str = "sha256", signature: str | None = None) -> int:
        form = self.asked[-1]
        made = hmac.new(form["hub.secret"].encode(), body, method).hexdigest()
        headers = {"Content-Type": "application/rss+xml", "X-Hub-Signature": f"{method}={made}"}
        if signature is not None:
            headers["X-Hub-Signature"] = signature
        return _answer(urllib.request.Request(form["hub.callback"], data=body, headers=headers))[0]


def _answer(request: urllib.request.Request) -> tuple[int, bytes]:
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:
            return answer.status, answer.read()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, b""


class _Handler(BaseHTTPRequestHandler):
    hub: Hub

    def do_POST(self) -> None:
        form = dict(parse_qsl(self.rfile.read(int(self.headers["Content-Length"])).decode()))
        self.hub.asked.append(form)
        self.send_response(self.hub.status)
        self.send_header("Content-Length", "0")
        self.end_headers()
        if self.hub.does_verify and self.hub.status < 300:
            threading.Thread(target=self.hub.verify, args=(form,), daemon=True).start()

    def log_message(self, format: str, *args: Any) -> None:
        """The log is `asked` and `answers`."""
