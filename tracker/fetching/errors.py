"""Why a fetch gave no answer."""


class FetchError(Exception):
    """No usable answer; `code` names the cause for programs, the text tells people."""

    code = "connection"


class AddressRefusedError(FetchError):
    """`reason` says what is wrong with the address: invalid, scheme, userinfo, port or private."""

    code = "address_refused"

    def __init__(self, message: str, *, reason: str = "invalid") -> None:
        super().__init__(message)
        self.reason = reason


class DNSError(FetchError):
    code = "dns"


class DNSBusyError(FetchError):
    """The name server gave no answer: nothing is known about the name."""

    code = "dns_busy"


class UnreachableError(FetchError):
    """No way there from here: likely our own network."""

    code = "unreachable"


class TLSError(FetchError):
    code = "tls"


class DeadlineError(FetchError):
    code = "timeout"


class TooLargeError(FetchError):
    code = "too_large"


class BadRedirectError(FetchError):
    code = "bad_redirect"


class BadResponseError(FetchError):
    """Broken HTTP, oversized headers, a coding not asked for, or a body that ended early."""

    code = "bad_response"


class RobotsRefusedError(FetchError):
    """The server asks programs to stay away from this address."""

    code = "robots_refused"
