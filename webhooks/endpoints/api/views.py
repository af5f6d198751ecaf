"""`/api/v1/endpoints/`, their deliveries, and the catalogue of events."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from core.api.views import CompanyAPIView, CompanyViewSet
from team.selectors import member_of
from webhooks.endpoints import catalogue, selectors
from webhooks.endpoints.api.serializers import (
    DELIVERY,
    ENDPOINT,
    ActivateSerializer,
    DeliveryDetailSerializer,
    DeliverySerializer,
    EndpointSerializer,
    EndpointWithSecretSerializer,
    EndpointWriteSerializer,
    EventTypeChoiceSerializer,
    EventTypeSerializer,
    RedriveWriteSerializer,
    SecretSerializer,
)
from webhooks.endpoints.enums import DispatchState
from webhooks.endpoints.models import Dispatch, Endpoint
from webhooks.endpoints.services import endpoints, redriving, secrets

VIEW, MANAGE = "webhooks.view", "webhooks.manage"


@extend_schema(tags=["endpoints"])
class EndpointViewSet(CompanyViewSet):
    """Addresses that hear of events."""

    id_prefix = ENDPOINT
    serializer_class = EndpointSerializer
    permissions: ClassVar[dict[str, str]] = {
        "list": VIEW,
        "retrieve": VIEW,
        "deliveries": VIEW,
        "create": MANAGE,
        "partial_update": MANAGE,
        "destroy": MANAGE,
        "rotate": MANAGE,
        "activate": MANAGE,
        "deactivate": MANAGE,
        "test": MANAGE,
    }

    def get_queryset(self) -> QuerySet[Endpoint]:
        return selectors.endpoint_list()

    @extend_schema(summary="List endpoints")
    def list(self, request: Request) -> Response:
        page: Any = self.paginate_queryset(self.get_queryset()) or []
        return self.get_paginated_response(EndpointSerializer(page, many=True).data)

    @extend_schema(summary="Get an endpoint")
    def retrieve(self, request: Request, id: str) -> Response:  # noqa: A002 -- the router's name
        return Response(EndpointSerializer(self.get_object()).data)

    @extend_schema(
        summary="Create an endpoint",
        description="The answer holds the secret of its signatures, this once.",
        request=EndpointWriteSerializer,
        responses={201: EndpointWithSecretSerializer},
    )
    def create(self, request: Request) -> Response:
        wanted = EndpointWriteSerializer(data=request.data)
        wanted.is_valid(raise_exception=True)
        endpoint, secret = endpoints.create_endpoint(
            **wanted.validated_data, by=member_of(request), actor=self.actor
        )
        told = {**EndpointSerializer(endpoint).data, "secret": secret}
        return Response(told, status=201)

    @extend_schema(
        summary="Change an endpoint",
        description="`headers` replaces all of them.",
        request=EndpointWriteSerializer,
        responses=EndpointSerializer,
    )
    def partial_update(self, request: Request, id: str) -> Response:  # noqa: A002
        endpoint = self.get_object()
        wanted = EndpointWriteSerializer(data=request.data, partial=True)
        wanted.is_valid(raise_exception=True)
        changed = endpoints.update_endpoint(
            endpoint=endpoint, actor=self.actor, **wanted.validated_data
        )
        return Response(EndpointSerializer(changed).data)

    @extend_schema(summary="Delete an endpoint", responses={204: None})
    def destroy(self, request: Request, id: str) -> Response:  # noqa: A002
        endpoints.delete_endpoint(endpoint=self.get_object(), actor=self.actor)
        return Response(status=204)

    @extend_schema(summary="Make a new secret", request=None, responses=SecretSerializer)
    def rotate(self, request: Request, id: str) -> Response:  # noqa: A002
        return Response({"secret": secrets.rotate(endpoint=self.get_object(), actor=self.actor)})

    @extend_schema(
        summary="Send to it again", request=ActivateSerializer, responses=EndpointSerializer
    )
    def activate(self, request: Request, id: str) -> Response:  # noqa: A002
        endpoint = self.get_object()
        wanted = ActivateSerializer(data=request.data)
        wanted.is_valid(raise_exception=True)
        sends_held = wanted.validated_data["send_held"]
        endpoints.activate(
            endpoint=endpoint, sends_held=sends_held, by=member_of(request), actor=self.actor
        )
        return self.retrieve(request, id)

    @extend_schema(summary="Send nothing more to it", request=None, responses=EndpointSerializer)
    def deactivate(self, request: Request, id: str) -> Response:  # noqa: A002
        endpoints.deactivate(endpoint=self.get_object(), actor=self.actor)
        return self.retrieve(request, id)

    @extend_schema(
        summary="Send the sample of a type to it, once",
        description="Ask for the delivery until its `state` is delivered or dead.",
        request=EventTypeChoiceSerializer,
        responses={202: DeliverySerializer},
    )
    def test(self, request: Request, id: str) -> Response:  # noqa: A002
        endpoint = self.get_object()
        wanted = EventTypeChoiceSerializer(data=request.data)
        wanted.is_valid(raise_exception=True)
        sent = endpoints.send_test(endpoint=endpoint, type=wanted.validated_data["type"])
        return Response(DeliverySerializer(sent).data, status=202)

    @extend_schema(
        summary="List an endpoint's deliveries",
        parameters=[
            OpenApiParameter("state", str, enum=DispatchState.values),
            OpenApiParameter("type", str, description="Of the event."),
        ],
        responses=DeliverySerializer(many=True),
    )
    def deliveries(self, request: Request, id: str) -> Response:  # noqa: A002
        given = request.query_params
        rows = selectors.deliveries(
            endpoint=self.get_object(), state=given.get("state", ""), type_=given.get("type", "")
        )
        page: Any = self.paginate_queryset(rows) or []
        return self.get_paginated_response(DeliverySerializer(page, many=True).data)


@extend_schema(tags=["endpoints"])
class DeliveryViewSet(CompanyViewSet):
    """Single deliveries."""

    id_prefix = DELIVERY
    serializer_class = DeliverySerializer
    permissions: ClassVar[dict[str, str]] = {"retrieve": VIEW, "retry": MANAGE}

    def get_queryset(self) -> QuerySet[Dispatch]:
        return Dispatch.objects.select_related("event", "endpoint")

    @extend_schema(summary="Get a delivery with its attempts", responses=DeliveryDetailSerializer)
    def retrieve(self, request: Request, id: str) -> Response:  # noqa: A002
        dispatch = self.get_object()
        dispatch.newest_tries = selectors.tries_of(dispatch)
        return Response(DeliveryDetailSerializer(dispatch).data)

    @extend_schema(
        summary="Send it once more, now", request=None, responses={202: DeliverySerializer}
    )
    def retry(self, request: Request, id: str) -> Response:  # noqa: A002
        redriving.retry(dispatch=self.get_object())
        return Response(DeliverySerializer(self.get_object()).data, status=202)


@extend_schema(tags=["endpoints"])
class UndeliveredView(CompanyAPIView):
    """What did not arrive."""

    permissions: ClassVar[dict[str, str]] = {"post": MANAGE}

    @extend_schema(
        summary="Send undelivered events once more",
        description="In the background; those of endpoints that are off stay.",
        request=RedriveWriteSerializer,
        responses={202: None},
    )
    def post(self, request: Request) -> Response:
        wanted = RedriveWriteSerializer(data=request.data)
        wanted.is_valid(raise_exception=True)
        given = wanted.validated_data
        endpoint = None
        if key := given.get("endpoint"):
            endpoint = get_object_or_404(selectors.endpoint_list(), pk=key)
        redriving.redrive(
            endpoint=endpoint,
            type=given.get("type", ""),
            state=given.get("state", ""),
            by=member_of(request),
        )
        return Response(status=202)


@extend_schema(tags=["endpoints"])
class EventTypesView(CompanyAPIView):
    """The catalogue of events."""

    permissions: ClassVar[dict[str, str]] = {"get": VIEW}

    @extend_schema(summary="List the types of events", responses=EventTypeSerializer(many=True))
    def get(self, request: Request) -> Response:
        rows = list(catalogue.public_types().values())
        return Response({"results": EventTypeSerializer(rows, many=True).data})
