"""REST hooks (`/api/v1/hooks/`), for Zapier and programs like it: docs/zapier.md."""

from __future__ import annotations

from typing import ClassVar

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from core.api.views import CompanyAPIView, CompanyViewSet
from core.errors import Invalid
from team.selectors import member_of
from webhooks.endpoints import catalogue, selectors
from webhooks.endpoints.api.serializers import ENDPOINT, HookSerializer, HookWriteSerializer
from webhooks.endpoints.catalogue import PublicType
from webhooks.endpoints.models import Endpoint
from webhooks.endpoints.recent import recent
from webhooks.endpoints.services import endpoints, hooks

EVENT = OpenApiParameter("event", str, description="A type of the catalogue; all if empty.")


@extend_schema(tags=["hooks"])
class HookViewSet(CompanyViewSet):
    """Subscriptions; each is an endpoint with one type of event."""

    id_prefix = ENDPOINT
    serializer_class = HookSerializer
    permissions: ClassVar[dict[str, str]] = {
        "create": "webhooks.manage",
        "destroy": "webhooks.manage",
    }

    def get_queryset(self) -> QuerySet[Endpoint]:
        return selectors.subscriptions()

    @extend_schema(
        summary="Subscribe an address to a type of event",
        description="An answer of 410 from the address ends the subscription.",
        request=HookWriteSerializer,
        responses={201: HookSerializer},
    )
    def create(self, request: Request) -> Response:
        wanted = HookWriteSerializer(data=request.data)
        wanted.is_valid(raise_exception=True)
        try:
            endpoint = hooks.subscribe(
                **wanted.validated_data, by=member_of(request), actor=self.actor
            )
        except Invalid as error:
            raise Invalid(
                {NAMES.get(name, name): found for name, found in error.errors.items()}
            ) from None
        return Response(HookSerializer(endpoint).data, status=201)

    @extend_schema(summary="End a subscription", responses={204: None})
    def destroy(self, request: Request, id: str) -> Response:  # noqa: A002 -- the router's name
        endpoints.delete_endpoint(endpoint=self.get_object(), actor=self.actor)
        return Response(status=204)


@extend_schema(tags=["hooks"])
class HookSampleView(CompanyAPIView):
    """What a delivery looks like."""

    permissions: ClassVar[dict[str, str]] = {"get": "webhooks.view"}

    @extend_schema(
        summary="A sample of a type, in a list",
        parameters=[EVENT],
        responses={200: OpenApiTypes.OBJECT},
    )
    def get(self, request: Request) -> Response:
        return Response([public.sample for public in _asked(request)])


@extend_schema(tags=["hooks"])
class RecentEventsView(CompanyAPIView):
    """For programs that poll."""

    permissions: ClassVar[dict[str, str]] = {"get": "webhooks.view"}

    @extend_schema(
        summary="The latest events, the newest first",
        description="At most fifty, as a delivery has them: the same event has the same `id`.",
        parameters=[EVENT],
        responses={200: OpenApiTypes.OBJECT},
    )
    def get(self, request: Request) -> Response:
        return Response(recent([public.name for public in _asked(request)]))


# What the service calls otherwise.
NAMES = {"url": "target_url", "types": "event"}


def _asked(request: Request) -> list[PublicType]:
    name, known = request.query_params.get("event", ""), catalogue.public_types()
    if name and name not in known:
        raise Invalid({"event": _("Name a type of event, such as “message.received”.")})
    return [known[name]] if name else list(known.values())
