"""The bytes of a post, and none that a post should not have."""

from http import HTTPStatus

from django.http import HttpRequest

from core import bodies

MAX_BYTES = 4 * 1024 * 1024  # Meta sends at most 3


class Refused(Exception):
    """A body that is not taken; `status` is what its sender is told."""

    def __init__(self, status: HTTPStatus) -> None:
        super().__init__(status.phrase)
        self.status = status


def read(request: HttpRequest) -> bytes:
    """The body as it came over the wire, also in chunks.

    Nobody who posts to us packs its body; unpacking one could take a thousand times its size, so
    that is refused. Who announces more than came hung up on the way, and gets no effect.

    Raises:
        Refused: packed (415), more than 4 MiB (413), cut off (400), or too slow (408).
    """
    try:
        return _read(request)
    except bodies.TooSlow:
        raise Refused(HTTPStatus.REQUEST_TIMEOUT) from None


def _read(request: HttpRequest) -> bytes:
    if request.headers.get("Content-Encoding", "identity").lower() != "identity":
        raise Refused(HTTPStatus.UNSUPPORTED_MEDIA_TYPE)
    if request.headers.get("Transfer-Encoding"):
        return _chunked(request)
    announced = _announced(request)
    if announced > MAX_BYTES:
        raise Refused(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
    body = bodies.read(request.META["wsgi.input"], announced)
    if len(body) < announced:
        raise Refused(HTTPStatus.BAD_REQUEST)
    return body


def _announced(request: HttpRequest) -> int:
    try:
        return max(0, int(request.META.get("CONTENT_LENGTH") or 0))
    except ValueError:
        return 0  # as Django has it: then there is no body


def _chunked(request: HttpRequest) -> bytes:
    """Django reads no body of unknown length; the server has put the chunks together."""
    body = bodies.read(request.META["wsgi.input"], MAX_BYTES + 1)
    if len(body) > MAX_BYTES:
        raise Refused(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
    return body
