"""What can go wrong on the way out, by what it means: nothing was sent, or nobody knows.

Texts name the host and never the path or query, where tokens travel.
"""

from __future__ import annotations

import socket
from typing import Literal

import httpx

HowFar = Literal["not_connected", "ambiguous"]


class OutboundError(Exception):
    """A request that got no usable answer."""


class NotConnected(OutboundError):
    """Not one byte of the request left: refused, unknown name, failed TLS, no time to connect."""


class BlockedAddress(NotConnected, OSError):
    """The address is not public (or the port not allowed), so we do not connect."""


class Interrupted(OutboundError):
    """It broke after the connection stood: the other side may have acted or not."""


class ResponseTooLarge(Interrupted):
    """The answer exceeds the cap. The request was carried out."""


_NOT_CONNECTED: tuple[type[BaseException], ...] = (
    NotConnected,
    httpx.ConnectError,  # refused, unreachable, name, TLS
    httpx.ConnectTimeout,
    httpx.PoolTimeout,
    httpx.UnsupportedProtocol,
    httpx.InvalidURL,
    ConnectionRefusedError,
    socket.gaierror,
)


def how_far(error: BaseException) -> HowFar:
    """What an error of any of our clients says about the request.

    ``not_connected``: certainly not carried out, safe to send again. ``ambiguous``: it may have
    been; resending could do it twice. Anything unknown is ambiguous.
    """
    return "not_connected" if isinstance(error, _NOT_CONNECTED) else "ambiguous"
