"""The door: prove who speaks, store the bytes, answer. Nothing is understood here.

200 only after the envelope is committed, or on disk while the database is away; whatever stands in
the way of that is answered so that the provider comes again.
"""

from http import HTTPStatus

import structlog
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from connections import registry
from webhooks.ingress import addresses, bodies
from webhooks.ingress.addresses import Address
from webhooks.ingress.plain import RETRY_SECONDS, come_again
from webhooks.ingress.plain import answer as _plain
from webhooks.ingress.services import keeping
from webhooks.ingress.services.spool import AWAY, NoRoom

log = structlog.get_logger(__name__)

MAX_CHALLENGE = 512
# An unknown address costs the same signature check as a known one.
_NOBODY = Address(provider="", secret="nobody", verify_token="nobody")  # noqa: S106


@csrf_exempt
@require_http_methods(["GET", "POST"])
def callback(request: HttpRequest, provider: str, token: str = "") -> HttpResponse:
    """A provider's callback, at the platform app's address or (with a token) at a company's."""
    try:
        if request.method == "GET":
            return _handshake(request, provider, _address(provider, token))
        return _receive(request, provider, token)
    except bodies.Refused as refused:
        return _plain(refused.status)
    except AWAY as error:  # whose signature it should bear cannot be found out
        log.warning("ingress.database_away", error=type(error).__name__)
    except NoRoom as error:
        log.warning("ingress.spool_refused", error=str(error))
    return _plain(HTTPStatus.SERVICE_UNAVAILABLE, retry=RETRY_SECONDS)


def _address(provider: str, token: str, *, anew: bool = False) -> Address | None:
    if not token:
        return addresses.of_platform(provider)
    return addresses.of_token(provider, token, anew=anew)


def _handshake(request: HttpRequest, provider: str, address: Address | None) -> HttpResponse:
    """The provider asks whether the address is ours and reads back its challenge, as plain text."""
    speaker = registry.provider(provider)
    known = address or _NOBODY
    challenge = speaker.handshake(request.GET.dict(), known.verify_token)
    if address is None:
        return _plain(HTTPStatus.NOT_FOUND)
    if not address.verify_token:
        return _plain(HTTPStatus.SERVICE_UNAVAILABLE)
    if not request.GET:
        return _plain(HTTPStatus.BAD_REQUEST)
    if challenge is None or len(challenge) > MAX_CHALLENGE:
        return _plain(HTTPStatus.FORBIDDEN)
    return HttpResponse(challenge, content_type="text/plain; charset=utf-8")


def _receive(request: HttpRequest, provider: str, token: str) -> HttpResponse:
    speaker = registry.provider(provider)
    header = request.headers.get(speaker.signature_header, "")
    if not header:
        return _plain(HTTPStatus.UNAUTHORIZED)
    body = bodies.read(request)
    address = _address(provider, token)
    url = _url(request)
    is_genuine = speaker.verify_signature(body, header, (address or _NOBODY).secret, url=url)
    if not is_genuine:  # the secret may have changed since we remembered it
        address = _address(provider, token, anew=True)
        is_genuine = speaker.verify_signature(body, header, (address or _NOBODY).secret, url=url)
    if address is None:
        return _plain(HTTPStatus.NOT_FOUND)
    if not address.secret:
        return _plain(HTTPStatus.SERVICE_UNAVAILABLE, retry=RETRY_SECONDS)
    if not is_genuine:
        log.warning("ingress.bad_signature", provider=provider)
        return _plain(HTTPStatus.FORBIDDEN)
    if address.route is not None and (refusal := come_again(address.route)):
        return refusal
    kept = speaker.keep(
        body, query=request.META["QUERY_STRING"], headers=request.headers, at=timezone.now()
    )
    keeping.keep(provider=provider, body=kept.body, key=kept.key, route=address.route)
    if address.is_gone:
        # Kept (and parked) all the same: the provider may stop sending what nobody reads.
        return _plain(HTTPStatus.GONE)
    answer = speaker.acknowledgement
    return HttpResponse(answer.body, content_type=answer.content_type)


def _url(request: HttpRequest) -> str:
    """The address as the provider was told it: ours, whatever host a proxy says was asked."""
    query = request.META["QUERY_STRING"]
    return f"{settings.PLATFORM_URL}{request.path}" + (f"?{query}" if query else "")
