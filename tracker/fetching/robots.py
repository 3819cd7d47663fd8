"""robots.txt: what a server asks programs to leave alone (RFC 9309)."""

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import urlsplit

from protego import Protego

from tracker.fetching.errors import TooLargeError

MOST_READ = 500_000  # bytes; the standard asks for as much
EVERYTHING_CLOSED = "User-agent: *\nDisallow: /"


class Robots:
    """Asks every server once, and remembers as long as the session lasts: minutes, so nothing goes stale."""

    def __init__(self, fetch: Callable[[str], Awaitable[Any]], user_agent: str) -> None:
        self._fetch = fetch
        self._user_agent = user_agent
        self._rules: dict[str, Any] = {}
        self._turns: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)

    async def allow(self, url: str) -> bool:
        """Raises FetchError where the server gives no answer at all."""
        parts = urlsplit(url)
        origin = f"{parts.scheme}://{parts.netloc}"
        async with self._turns[origin]:
            if origin not in self._rules:
                self._rules[origin] = Protego.parse(await self._read(f"{origin}/robots.txt"))
        return bool(self._rules[origin].can_fetch(url, self._user_agent))

    async def _read(self, url: str) -> str:
        """No file, no rules; a server in trouble has allowed nothing."""
        try:
            answer = await self._fetch(url)
        except TooLargeError:
            return EVERYTHING_CLOSED
        if answer.status >= 500 or answer.status == 429:
            return EVERYTHING_CLOSED
        return answer.body[:MOST_READ].decode("utf-8", "replace") if answer.status == 200 else ""
