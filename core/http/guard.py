"""Which addresses we connect to: against requests that customers would have us make inside.

The check is made on the addresses that a name resolves to, all of them, and the connection goes
to one of exactly those: a name that answers differently the second time (DNS rebinding) gains
nothing. Spellings such as ``0x7f000001`` or ``2130706433`` are resolved before they are judged.
"""

from __future__ import annotations

import ipaddress
import socket
from urllib.parse import SplitResult, urlsplit

from django.conf import settings

from core.http.errors import BlockedAddress

IPAddress = ipaddress.IPv4Address | ipaddress.IPv6Address

_PORTS = frozenset({80, 443})
_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")
# Inside too, though Python 3.11 calls them global: local NAT64 (RFC 8215), site-local (RFC 3879),
# and what is assigned to protocols (RFC 6890), where one cloud keeps its metadata.
_ALSO_INSIDE = (
    ipaddress.IPv6Network("64:ff9b:1::/48"),
    ipaddress.IPv6Network("fec0::/10"),
    ipaddress.IPv4Network("192.0.0.0/24"),
)


def is_public(address: str) -> bool:
    """Whether an IP address (no name) is on the public internet, also inside IPv6 wrappings."""
    ip = ipaddress.ip_address(address.partition("%")[0])
    return all(
        candidate.is_global
        and not candidate.is_multicast
        and not any(candidate in network for network in _ALSO_INSIDE)
        for candidate in (ip, *_embedded(ip))
    )


def resolve(host: str, port: int) -> list[str]:
    """The addresses of ``host``, all of them allowed.

    Raises ``BlockedAddress`` if one is not (or the port is not), ``socket.gaierror`` if the name
    has none.
    """
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    addresses = list(dict.fromkeys(str(entry[4][0]) for entry in found))
    check(host, port, addresses)
    return addresses


def check(host: str, port: int, addresses: list[str]) -> None:
    """Raise ``BlockedAddress`` unless ``host:port``, which has these addresses, may be reached."""
    if is_listed(host, port):
        return
    if port not in _PORTS:
        raise BlockedAddress(f"port {port} of {host} is not allowed for outgoing requests")
    if not all(is_public(address) for address in addresses):
        raise BlockedAddress(f"{host} is not on the public internet")


def is_listed(host: str, port: int) -> bool:
    """Whether the operator allows this host and port by name, wherever it is."""
    return f"{host.lower()}:{port}" in {
        entry.lower() for entry in getattr(settings, "OUTBOUND_ALLOWED_PRIVATE", ())
    }


def check_url(url: str) -> None:
    """Check an address that a customer entered, as the sending will check it again.

    Raises ``BlockedAddress`` (also for names that do not resolve now) with a reason; forms turn
    it into their own sentence.
    """
    try:
        parts = urlsplit(url)
        port = port_of(parts)
    except ValueError:
        raise BlockedAddress("not a web address") from None
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise BlockedAddress("not a web address")
    if parts.username is not None or parts.password is not None:
        raise BlockedAddress("the address contains a user name or password")
    if getattr(settings, "OUTBOUND_REQUIRE_HTTPS", False) and parts.scheme != "https":
        raise BlockedAddress("the address must start with https://")
    try:
        resolve(parts.hostname, port)
    except (socket.gaierror, UnicodeError):
        raise BlockedAddress(f"{parts.hostname} is not known") from None


def port_of(parts: SplitResult) -> int:
    """The port of an address, with the default of its scheme."""
    return parts.port or (443 if parts.scheme == "https" else 80)


def _embedded(ip: IPAddress) -> list[ipaddress.IPv4Address]:
    """IPv4 addresses that an IPv6 address leads to."""
    if isinstance(ip, ipaddress.IPv4Address):
        return []
    found = [ip.ipv4_mapped, ip.sixtofour, *(ip.teredo or ())]
    if ip in _NAT64:
        found.append(ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF))
    return [address for address in found if address is not None]
