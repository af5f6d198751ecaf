"""Bases of the API's views.

A view names the permission of each action (or method) in ``permissions``; what names none is
closed. The caller (``request.user``) carries the company and the actor; the company's schema is
open while the view runs.

    class ContactViewSet(CompanyViewSet):
        permissions = {"list": "contacts.view", "create": "contacts.edit"}
        id_prefix = "con"
        serializer_class = ContactSerializer

        def get_queryset(self) -> QuerySet[Contact]:
            return Contact.objects.visible()
"""

from __future__ import annotations

from datetime import UTC
from typing import TYPE_CHECKING, Any, ClassVar

import structlog
from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from django.utils import timezone
from rest_framework.request import Request
from rest_framework.views import APIView
from rest_framework.viewsets import GenericViewSet

from core import ids
from core.api.idempotency import IdempotencyMixin
from core.api.throttling import RateLimitHeadersMixin
from core.errors import InvalidId, NotFound


class CompanyViewMixin(IdempotencyMixin, RateLimitHeadersMixin):
    """Idempotency, headers and the caller, for views and viewsets alike."""

    permissions: ClassVar[dict[str, str]] = {}
    if TYPE_CHECKING:
        request: Any  # REST framework's, as its views have it

    @property
    def company(self) -> Any:
        """The company of the caller."""
        return self.request.user.company

    @property
    def actor(self) -> str:
        """The caller as events and audit name it."""
        return str(self.request.user.actor)

    def dispatch(self, request: Any, *args: Any, **kwargs: Any) -> Any:
        """Times leave in UTC, whatever zone the company lives in."""
        with timezone.override(UTC):
            return super().dispatch(request, *args, **kwargs)  # type: ignore[misc]

    def finalize_response(self, request: Request, response: Any, *args: Any, **kwargs: Any) -> Any:
        final = super().finalize_response(request, response, *args, **kwargs)
        request_id = structlog.contextvars.get_contextvars().get("request_id")
        if request_id:
            final["X-Request-Id"] = str(request_id)
        return final


class CompanyAPIView(CompanyViewMixin, APIView):
    """A single endpoint of a company."""


class CompanyViewSet(CompanyViewMixin, GenericViewSet[Any]):
    """A resource of a company, looked up by its public id."""

    id_prefix: ClassVar[str] = ""
    lookup_url_kwarg = "id"
    cursor_ordering: ClassVar[str] = "-created_at"

    def get_object(self) -> Any:
        """The row that the address names; an id of another kind is as unknown as any other."""
        try:
            key = ids.decode(self.id_prefix, self.kwargs[self.lookup_url_kwarg])
        except InvalidId:
            raise NotFound from None
        rows: QuerySet[Any] = self.filter_queryset(self.get_queryset())
        found = get_object_or_404(rows, pk=key)
        self.check_object_permissions(self.request, found)
        return found
