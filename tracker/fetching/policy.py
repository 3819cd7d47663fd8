"""What may be fetched: a vetted address, on an allowed port, outside closed networks."""

import re
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Any, Self
from urllib.parse import quote, urlsplit, urlunsplit

import idna

from tracker.fetching.errors import AddressRefusedError

Network = IPv4Network | IPv6Network

# Everything that is not the public Internet, by prefix: the library's flags leave holes (shared space, multicast,
# translated and tunnelled addresses, a cloud's control address).
CLOSED_NETWORKS: tuple[Network, ...] = tuple(
    map(
        ip_network,
        (
            "0.0.0.0/8",
            "10.0.0.0/8",
            "100.64.0.0/10",
            "127.0.0.0/8",
            "168.63.129.16/32",
            "169.254.0.0/16",
            "172.16.0.0/12",
            "192.0.0.0/24",
            "192.0.2.0/24",
            "192.31.196.0/24",
            "192.52.193.0/24",
            "192.88.99.0/24",
            "192.168.0.0/16",
            "192.175.48.0/24",
            "198.18.0.0/15",
            "198.51.100.0/24",
            "203.0.113.0/24",
            "224.0.0.0/4",
            "240.0.0.0/4",
            "2001::/23",
            "2001:db8::/32",
            "2002::/16",
            "2620:4f:8000::/48",
            "3fff::/20",
        ),
    )
)
PUBLIC_IPV6 = IPv6Network("2000::/3")
NAT64 = IPv6Network("64:ff9b::/96")

PORTS = {"http": 80, "https": 443}
URL_LENGTH = 2048
ASCII = "".join(map(chr, range(33, 127)))
FORBIDDEN_IN_URL = re.compile(r"[\x00-\x20\x7f-\x9f\\\ud800-\udfff]")
LABEL = r"[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?"
HOST_NAME = re.compile(rf"(?=.{{1,253}}$){LABEL}(\.{LABEL})*")
ENDS_IN_NUMBER = re.compile(r"(^|\.)(\d+|0x[0-9a-f]*)$")


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """What may be fetched, how long it may take, how much may come."""

    user_agent: str
    accept: str = "application/rss+xml, application/atom+xml, application/feed+json, application/xml;q=0.9, */*;q=0.5"
    allowed_networks: tuple[Network, ...] = ()
    allowed_ports: frozenset[int] = frozenset({80, 443, 8080, 8443})
    total_seconds: float = 15
    connect_seconds: float = 5
    read_seconds: float = 10
    max_raw_bytes: int = 5_000_000
    max_decoded_bytes: int = 10_000_000
    max_redirects: int = 3

    @classmethod
    def of(cls, settings: Any) -> Self:
        """The policy an installation's settings describe."""
        return cls(
            user_agent=f"Followthrough/{settings.VERSION} (+{settings.FETCH_CONTACT})",
            allowed_networks=tuple(settings.FETCH_ALLOWED_NETWORKS),
            allowed_ports=frozenset(settings.FETCH_ALLOWED_PORTS),
        )

    def permits(self, address: str) -> bool:
        """Whether this very address may be dialled."""
        ip: IPv4Address | IPv6Address = ip_address(address)
        if isinstance(ip, IPv6Address):
            if ip.ipv4_mapped:
                ip = ip.ipv4_mapped
            elif ip in NAT64:
                ip = IPv4Address(int(ip) & 0xFFFFFFFF)
        if any(ip in network for network in self.allowed_networks):
            return True
        if isinstance(ip, IPv6Address) and ip not in PUBLIC_IPV6:
            return False
        return not any(ip in network for network in CLOSED_NETWORKS)

    def check(self, url: str) -> str:
        """The address as it will be asked for, in ASCII; AddressRefusedError says what is wrong with it."""
        if FORBIDDEN_IN_URL.search(url):
            raise AddressRefusedError("contains spaces, backslashes or control characters")
        try:
            parts = urlsplit(url)
            host, port = parts.hostname or "", parts.port
        except ValueError as error:
            raise AddressRefusedError("not a valid address") from error
        if parts.scheme not in PORTS:
            raise AddressRefusedError("only http and https are fetched", reason="scheme")
        if "@" in parts.netloc:
            raise AddressRefusedError("contains a user name or password", reason="userinfo")
        if (PORTS[parts.scheme] if port is None else port) not in self.allowed_ports:
            raise AddressRefusedError(f"port {port or PORTS[parts.scheme]} is not allowed", reason="port")
        host = self._check_host(host)
        netloc = f"[{host}]" if ":" in host else host
        whole = urlunsplit(parts._replace(netloc=f"{netloc}:{port}" if port else netloc, fragment=""))
        whole = quote(whole, safe=ASCII)
        if len(whole) > URL_LENGTH:
            raise AddressRefusedError(f"longer than {URL_LENGTH} characters")
        return whole

    def _check_host(self, host: str) -> str:
        if not host.isascii():
            try:
                # Strict: look-alike digits and dots, which would turn into another host, are no host names.
                host = idna.encode(host).decode()
            except idna.IDNAError as error:
                raise AddressRefusedError("not a valid host name") from error
        if ":" not in host and not ENDS_IN_NUMBER.search(host):
            if not HOST_NAME.fullmatch(host):
                raise AddressRefusedError("not a valid host name")
            return host
        try:
            is_permitted = self.permits(host)
        except ValueError as error:
            raise AddressRefusedError("not a valid host name") from error
        if not is_permitted:
            raise AddressRefusedError("not a public address", reason="private")
        return host
