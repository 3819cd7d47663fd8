"""The product's door to the network with the policy of an installation where nothing was set."""

import asyncio

from django.conf import settings

from tracker.fetching import Fetcher, FetchError, Policy, Response


def fetch_all(*urls: str) -> list[Response | FetchError]:
    """All at once, over one session, with the system's resolver."""

    async def one(fetcher: Fetcher, url: str) -> Response | FetchError:
        try:
            return await fetcher.fetch(url)
        except FetchError as error:
            return error

    async def together() -> list[Response | FetchError]:
        async with Fetcher(Policy.of(settings)) as fetcher:
            return await asyncio.gather(*(one(fetcher, url) for url in urls))

    return asyncio.run(together())


def outcome(url: str) -> str:
    """Status or code of the failure."""
    return outcomes(url)[0]


def outcomes(*urls: str) -> list[str]:
    return [str(one.status) if isinstance(one, Response) else one.code for one in fetch_all(*urls)]
