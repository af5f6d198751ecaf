"""The door of sources: any system that a company gave an address of ours.

As for providers: prove who speaks, store the bytes, answer. What they mean is found out later, so
nothing that somebody posts can be answered with an error of ours.
"""

from http import HTTPStatus
from time import time

import structlog
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from tenants.enums import RouteState
from webhooks.ingress import addresses, bodies, plain
from webhooks.ingress.addresses import Address
from webhooks.ingress.services import keeping
from webhooks.ingress.services.spool import AWAY, NoRoom
from webhooks.sources import posts, verification
from webhooks.sources.posts import Post

log = structlog.get_logger(__name__)

# An unknown address costs a signature as a known one does.
_NOBODY = {"scheme": "hmac", "header": "x-signature"}


@csrf_exempt
@require_POST
def receive(request: HttpRequest, token: str) -> HttpResponse:
    """A source's post at its own address."""
    try:
        return _receive(request, token)
    except bodies.Refused as refused:
        return plain.answer(refused.status)
    except AWAY as error:  # how its posts are proved cannot be found out
        log.warning("ingress.database_away", error=type(error).__name__)
    except NoRoom as error:
        log.warning("ingress.spool_refused", error=str(error))
    return plain.answer(HTTPStatus.SERVICE_UNAVAILABLE, retry=plain.RETRY_SECONDS)


def _receive(request: HttpRequest, token: str) -> HttpResponse:
    body = bodies.read(request)
    post = Post(
        body=body,
        content_type=request.headers.get("Content-Type", ""),
        headers=request.headers,
        query=request.GET.dict(),
    )
    address = addresses.of_token(posts.PROVIDER, token)
    is_genuine = _is_genuine(address, post)
    if not is_genuine or not _is_open(address):  # it may have changed since we remembered it
        address = addresses.of_token(posts.PROVIDER, token, anew=True)
        is_genuine = _is_genuine(address, post)
    if address is None or address.route is None:
        return plain.answer(HTTPStatus.NOT_FOUND)
    if address.is_gone or address.route.state == RouteState.RELEASED:
        return plain.answer(HTTPStatus.GONE)
    settings = address.route.settings
    if verification.needs_secret(settings.get("scheme", "")) and not address.secret:
        return plain.answer(HTTPStatus.SERVICE_UNAVAILABLE, retry=plain.RETRY_SECONDS)
    if not is_genuine:
        log.warning("ingress.bad_signature", provider=posts.PROVIDER)
        return plain.answer(HTTPStatus.UNAUTHORIZED)
    if not settings.get("is_active", False):
        return plain.answer(HTTPStatus.FORBIDDEN)
    if refusal := plain.come_again(address.route):
        return refusal
    # The same bytes on another day, or about another topic, are another post: people do buy the
    # same thing again, and an order that is made and paid reads alike.
    day = timezone.now().date().isoformat().encode()
    packed = posts.pack(post)
    key = b"\n".join((day, posts.topics(post), body))
    keeping.keep(provider=posts.PROVIDER, body=packed, key=key, route=address.route)
    return HttpResponse("OK", content_type="text/plain")


def _is_genuine(address: Address | None, post: Post) -> bool:
    if address is None or address.route is None:
        verification.is_genuine(_NOBODY, "nobody", post, now=time())
        return False
    return verification.is_genuine(address.route.settings, address.secret, post, now=time())


def _is_open(address: Address | None) -> bool:
    return (
        address is not None
        and address.route is not None
        and address.route.state == RouteState.ACTIVE
        and bool(address.route.settings.get("is_active", False))
    )
