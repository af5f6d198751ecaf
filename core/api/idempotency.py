"""``Idempotency-Key``: a POST that is sent again answers what it answered the first time.

Rules (Stripe's): a key is good for 24 hours; the same request gets the stored answer and
``Idempotent-Replayed: true``; another request under the same key is a 409; while the first one is
under way a second is a 409 with ``Retry-After``. Only successes are stored, so a request that was
refused can be corrected and sent under the same key.

The row is committed before the view runs, which is what makes two simultaneous requests one. If
the process dies between the view's commit and the storing of its answer, the key becomes free
after ``IN_FLIGHT_SECONDS`` and the request would run again; services that must never repeat also
have a key of their own.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import math
import uuid
from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.conf import settings
from django.db import IntegrityError, models, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from core import scope
from core.errors import Conflict, FieldError, Invalid

HEADER = "Idempotency-Key"
MAX_CHARACTERS = 255
KEEP = dt.timedelta(hours=24)
IN_FLIGHT_SECONDS = 60


class InFlight(Conflict):
    """The first request with this key is still being answered."""

    default_code = "idempotency_in_flight"
    default_message = _("A request with this Idempotency-Key is being answered. Try again soon.")
    retry_after: float = 1.0


class Mismatch(Conflict):
    """The key was used for something else."""

    default_code = "idempotency_mismatch"
    default_message = _("This Idempotency-Key was used for another request. Use a new one.")


@dataclass(frozen=True, slots=True)
class Claim:
    """This request is the first with its key, and must ``store`` or ``release`` it."""

    pk: Any

    def store(self, status: int, data: Any) -> None:
        """Keep the answer for those who repeat the request."""
        row = _rows().get(pk=self.pk)
        row.status, row.response = status, _plain(data)
        row.save(update_fields=["status", "response"])

    def release(self) -> None:
        """Free the key: nothing was done."""
        _rows().filter(pk=self.pk, status=None).delete()


class Replay(Exception):
    """The stored answer of the first request."""

    def __init__(self, status: int, data: Any) -> None:
        super().__init__(status)
        self.status = status
        self.data = data


def claim(company_id: uuid.UUID, key: str, fingerprint: str) -> Claim:
    """Take the key for this request; raises ``Replay``, ``InFlight`` or ``Mismatch``."""
    now = timezone.now()
    try:
        with transaction.atomic():
            row = _rows().create(
                company_id=company_id, key=key, fingerprint=fingerprint, created_at=now
            )
        return Claim(row.pk)
    except IntegrityError:
        row = _rows().filter(company_id=company_id, key=key).first()
    if row is None:  # released this very moment
        raise InFlight
    lifetime = KEEP if row.status is not None else dt.timedelta(seconds=IN_FLIGHT_SECONDS)
    if now - row.created_at > lifetime:
        return _take_over(row, fingerprint, now)
    if row.fingerprint != fingerprint:
        raise Mismatch
    if row.status is None:
        raise InFlight
    raise Replay(row.status, row.response)


def purge(before: dt.datetime | None = None) -> int:
    """Delete rows older than ``before`` (24 hours ago); returns how many."""
    deleted, _by_model = _rows().filter(created_at__lt=before or timezone.now() - KEEP).delete()
    return deleted


def _take_over(row: Any, fingerprint: str, now: dt.datetime) -> Claim:
    """The old row has expired; of several requests one gets it."""
    taken = (
        _rows()
        .filter(pk=row.pk, created_at=row.created_at)
        .update(fingerprint=fingerprint, status=None, created_at=now)
    )
    if not taken:
        raise InFlight
    return Claim(row.pk)


def _rows() -> models.Manager[Any]:
    return apps.get_model(settings.IDEMPOTENCY_MODEL)._default_manager


def _plain(data: Any) -> Any:
    """The data as it was sent: what REST framework's encoder makes of it."""
    return json.loads(JSONRenderer().render(data) or "null")


class IdempotencyMixin:
    """For API views: honours the header on POST. Goes before REST framework's classes."""

    _claim: Claim | None = None

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)  # type: ignore[misc]
        key = request.headers.get(HEADER, "")
        company_id = scope.company_id()
        if request.method != "POST" or not key or company_id is None:
            return
        if len(key) > MAX_CHARACTERS or not key.isprintable():
            message = _("An Idempotency-Key has at most 255 printable characters.")
            raise Invalid({HEADER: FieldError("invalid", message)})
        self._claim = claim(company_id, key, fingerprint_of(request))

    def handle_exception(self, error: Exception) -> Response:
        if isinstance(error, Replay):
            return Response(
                error.data, status=error.status, headers={"Idempotent-Replayed": "true"}
            )
        try:
            response: Response = super().handle_exception(error)  # type: ignore[misc]
        except BaseException:
            self._settle(None)
            raise
        if isinstance(error, InFlight):
            response["Retry-After"] = str(math.ceil(error.retry_after))
        return response

    def finalize_response(self, request: Request, response: Any, *args: Any, **kwargs: Any) -> Any:
        final = super().finalize_response(request, response, *args, **kwargs)  # type: ignore[misc]
        self._settle(final)
        return final

    def _settle(self, response: Any) -> None:
        """Store a success, free the key otherwise."""
        claimed, self._claim = self._claim, None
        if claimed is None:
            return
        if isinstance(response, Response) and response.status_code < 400:
            claimed.store(response.status_code, response.data)
        else:
            claimed.release()


def fingerprint_of(request: Request) -> str:
    """What makes two requests the same: who, method, address and content."""
    digest = hashlib.sha256()
    actor = str(getattr(request.user, "actor", ""))
    for part in (actor, request.method or "", request.get_full_path()):
        digest.update(part.encode() + b"\0")
    if (request.content_type or "").startswith("multipart/"):
        _add_form(digest, request)
    else:
        digest.update(request._request.body)
    return digest.hexdigest()


def _add_form(digest: Any, request: Request) -> None:
    """A form's boundary differs from try to try, so its parts are compared."""
    for name, values in sorted(request._request.POST.lists()):
        digest.update(json.dumps([name, values]).encode())
    for name, uploads in sorted(request._request.FILES.lists()):
        for upload in uploads:
            digest.update(json.dumps([name, upload.name, upload.size]).encode())
            for chunk in upload.chunks():
                digest.update(chunk)
            upload.seek(0)
