"""`/api/v1/events/`, `/replays/` and `/dead-letters/`."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from core import scope
from core.api.views import CompanyAPIView, CompanyViewSet
from core.errors import Invalid, InvalidId, NotFound
from events import dead_letters, traces
from events.api.serializers import (
    DeadLettersSerializer,
    EventDetailSerializer,
    EventFilterSerializer,
    EventSerializer,
    HowSerializer,
    LetterActionSerializer,
    LetterRunSerializer,
    ReplaySerializer,
    ReplayWriteSerializer,
)
from events.enums import RunState
from events.models import Event, LetterRun, Replay
from events.public_ids import EVENT
from events.services import letters, replays


@extend_schema(tags=["events"])
class EventViewSet(CompanyViewSet):
    """The log, newest first."""

    id_prefix = EVENT.prefix
    serializer_class = EventSerializer
    cursor_ordering = "-uid"
    permissions = {"list": "events.view", "retrieve": "events.view", "replay": "events.manage"}

    def get_queryset(self) -> QuerySet[Event]:
        wanted = EventFilterSerializer(data=self.request.query_params)
        wanted.is_valid(raise_exception=True)
        return wanted.filters.events()

    def get_object(self) -> Event:
        try:
            uid = EVENT.decode(self.kwargs["id"])
        except InvalidId:
            raise NotFound from None
        return get_object_or_404(Event, uid=uid)

    @extend_schema(summary="List events", parameters=[EventFilterSerializer])
    def list(self, request: Request) -> Response:
        page: Any = self.paginate_queryset(self.get_queryset()) or []
        return self.get_paginated_response(EventSerializer(page, many=True).data)

    @extend_schema(summary="Get an event and what became of it", responses=EventDetailSerializer)
    def retrieve(self, request: Request, id: str) -> Response:  # noqa: A002 -- the router's name
        event = self.get_object()
        with scope.surroundings(self.company):  # they name pages of the company
            context = {"traces": traces.of(event)}
        return Response(EventDetailSerializer(event, context=context).data)

    @extend_schema(
        summary="Replay an event",
        description="Nothing is done twice without `with_effects`, which needs `sure`.",
        request=HowSerializer,
        responses={202: ReplaySerializer},
    )
    def replay(self, request: Request, id: str) -> Response:  # noqa: A002
        how = HowSerializer(data=request.data)
        how.is_valid(raise_exception=True)
        begun = replays.replay_event(event=self.get_object(), actor=self.actor, **_how(how))
        return Response(ReplaySerializer(begun).data, status=202)


@extend_schema(tags=["events"])
class ReplayViewSet(CompanyViewSet):
    """Replays of a filter's worth of events, newest first."""

    id_prefix = "rpl"
    serializer_class = ReplaySerializer
    permissions = {
        "list": "events.view",
        "create": "events.manage",
        "retrieve": "events.view",
        "stop": "events.manage",
    }

    def get_queryset(self) -> QuerySet[Replay]:
        return Replay.objects.all()

    @extend_schema(summary="List replays")
    def list(self, request: Request) -> Response:
        page: Any = self.paginate_queryset(self.get_queryset()) or []
        return self.get_paginated_response(ReplaySerializer(page, many=True).data)

    @extend_schema(
        summary="Replay events", request=ReplayWriteSerializer, responses={202: ReplaySerializer}
    )
    def create(self, request: Request) -> Response:
        wanted = ReplayWriteSerializer(data=request.data)
        wanted.is_valid(raise_exception=True)
        begun = replays.start(filters=wanted.filters, actor=self.actor, **_how(wanted))
        return Response(ReplaySerializer(begun).data, status=202)

    @extend_schema(summary="Get a replay")
    def retrieve(self, request: Request, id: str) -> Response:  # noqa: A002
        return Response(ReplaySerializer(self.get_object()).data)

    @extend_schema(summary="Stop a replay", request=None, responses=ReplaySerializer)
    def stop(self, request: Request, id: str) -> Response:  # noqa: A002
        replay = self.get_object()
        replays.stop(replay=replay, actor=self.actor)
        replay.refresh_from_db()
        return Response(ReplaySerializer(replay).data)


@extend_schema(tags=["events"])
class DeadLettersView(CompanyAPIView):
    """What was given up, by where and why."""

    permissions = {"get": "events.view", "post": "events.manage"}

    @extend_schema(summary="List dead letters", responses=DeadLettersSerializer(many=True))
    def get(self, request: Request) -> Response:
        with scope.surroundings(self.company):  # they name pages of the company
            groups = [
                {
                    "box": code,
                    "cause": cause.text,
                    "meaning": dead_letters.boxes[code].meaning(cause.text),
                    "count": cause.count,
                    "last_at": cause.last_at,
                    "letters": dead_letters.boxes[code].letters(cause=cause.text),
                }
                for code in dead_letters.counts()
                for cause in dead_letters.boxes[code].causes()
            ]
        return Response(DeadLettersSerializer(groups, many=True).data)

    @extend_schema(
        summary="Try dead letters again, or discard them",
        request=LetterActionSerializer,
        responses={202: LetterRunSerializer},
    )
    def post(self, request: Request) -> Response:
        wanted = LetterActionSerializer(data=request.data)
        wanted.is_valid(raise_exception=True)
        data = wanted.validated_data
        box = dead_letters.boxes.get(data["box"])
        if box is None:
            raise Invalid({"box": _("There is no such box.")})
        if keys := data["keys"]:
            count = letters.act_on(box=box, action=data["action"], keys=keys, actor=self.actor)
            run = LetterRun(state=RunState.DONE, total=count, done=count)
        else:
            run = letters.begin(
                box=box, action=data["action"], cause=data["cause"], actor=self.actor
            )
        return Response(LetterRunSerializer(run).data, status=202)


def _how(wanted: Any) -> dict[str, Any]:
    data = wanted.validated_data
    if data["with_effects"] and not data["sure"]:
        raise Invalid({"sure": _("Say that you are sure: what it did happens once more.")})
    return {"subscribers": data["subscribers"], "with_effects": data["with_effects"]}
