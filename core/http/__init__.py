"""The only way out: HTTP to providers and to addresses that customers gave us.

Synchronous: ``request`` and ``download``, or ``client()`` for libraries that want an httpx client.
Asynchronous: ``sending_session`` for the sending loop, and ``Wire``, which drives one from
synchronous code. Both resolve a name once, refuse it if any of its addresses is not public, connect
to an address that was checked, follow no redirects unless asked, ignore proxy variables, and cap
time and size. ``how_far`` tells what an error means for a message: certainly not sent, or unknown.
"""

from core.http.errors import (
    BlockedAddress,
    Interrupted,
    NotConnected,
    OutboundError,
    ResponseTooLarge,
    how_far,
)
from core.http.guard import check_url
from core.http.sending import SendingSession, post, sending_session
from core.http.sync import Response, client, download, request
from core.http.wire import Wire

__all__ = [
    "BlockedAddress",
    "Interrupted",
    "NotConnected",
    "OutboundError",
    "Response",
    "ResponseTooLarge",
    "SendingSession",
    "Wire",
    "check_url",
    "client",
    "download",
    "how_far",
    "post",
    "request",
    "sending_session",
]
