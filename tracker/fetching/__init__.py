"""The only door to the network: public addresses, within limits, whatever the server does.

The address is checked where it is dialled, so neither a redirect nor a name that changes its answer between check
and use gets past it. Nothing here knows the rest of the product; a `Policy` says what is allowed.
"""

from tracker.fetching.errors import AddressRefusedError, FetchError
from tracker.fetching.fetcher import Fetcher, Response
from tracker.fetching.policy import Policy

__all__ = ["AddressRefusedError", "FetchError", "Fetcher", "Policy", "Response"]
