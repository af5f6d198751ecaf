"""The work on a conversation by the API: put away, hand over, label, note; also with many."""

from __future__ import annotations

from typing import Any, ClassVar
from uuid import UUID

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from conversations import selectors, visibility
from conversations.api.serializers import ConversationSerializer, MessageSerializer
from conversations.api.work_serializers import (
    AssignSerializer,
    BulkSerializer,
    LabelsSerializer,
    NoteSerializer,
    OutcomeSerializer,
    PrioritySerializer,
    SnoozeSerializer,
)
from conversations.models import Conversation
from conversations.services import assignment, bulk, labels, notes, status
from core.api.views import CompanyAPIView, CompanyViewSet
from core.errors import Invalid
from team.models import Member, Team
from team.selectors import member_of


class ConversationWorkViewSet(CompanyViewSet):
    """What a team does with a conversation; each answers with the conversation as it is then."""

    id_prefix = "cnv"
    serializer_class = ConversationSerializer
    permissions: ClassVar[dict[str, str]] = dict.fromkeys(
        ("pending", "snooze", "assign", "priority", "labels", "notes"), "conversations.reply"
    )

    def get_queryset(self) -> QuerySet[Conversation]:
        rows = selectors.conversation_list().filter(
            visibility.seen_by(visibility.looker(self.request))
        )
        return rows.select_related("team").prefetch_related("labels")

    @extend_schema(
        summary="Set to pending: the team waits for somebody else",
        request=None,
        responses=ConversationSerializer,
    )
    def pending(self, request: Request, id: str) -> Response:  # noqa: A002 -- the router's name
        conversation = self.get_object()
        status.set_pending(conversation_id=conversation.pk, actor=self.actor)
        return self._shown(conversation)

    @extend_schema(
        summary="Snooze until a moment, or until the customer writes",
        request=SnoozeSerializer,
        responses=ConversationSerializer,
    )
    def snooze(self, request: Request, id: str) -> Response:  # noqa: A002
        conversation = self.get_object()
        data = _valid(SnoozeSerializer(data=request.data))
        status.snooze(conversation_id=conversation.pk, actor=self.actor, **data)
        return self._shown(conversation)

    @extend_schema(
        summary="Hand over to a member, a team or both; null takes it from its member",
        request=AssignSerializer,
        responses=ConversationSerializer,
    )
    def assign(self, request: Request, id: str) -> Response:  # noqa: A002
        conversation = self.get_object()
        data = _valid(AssignSerializer(data=request.data))
        team = _team(data["team"]) if "team" in data else conversation.team
        assignment.transfer(
            conversation_id=conversation.pk,
            member=_member(data["member"]),
            team=team,
            note=data["note"],
            actor=self.actor,
        )
        return self._shown(conversation)

    @extend_schema(
        summary="Set the priority", request=PrioritySerializer, responses=ConversationSerializer
    )
    def priority(self, request: Request, id: str) -> Response:  # noqa: A002
        conversation = self.get_object()
        data = _valid(PrioritySerializer(data=request.data))
        assignment.set_priority(conversation_id=conversation.pk, actor=self.actor, **data)
        return self._shown(conversation)

    @extend_schema(
        summary="Put labels on and take labels off",
        request=LabelsSerializer,
        responses=ConversationSerializer,
    )
    def labels(self, request: Request, id: str) -> Response:  # noqa: A002
        conversation = self.get_object()
        data = _valid(LabelsSerializer(data=request.data))
        labels.change(conversation_id=conversation.pk, actor=self.actor, **data)
        return self._shown(conversation)

    @extend_schema(
        summary="Write a private note",
        description="The customer never sees it. Whoever is named behind an `@` is told, and "
        "whoever is in `mentions`.",
        request=NoteSerializer,
        responses={201: MessageSerializer},
    )
    def notes(self, request: Request, id: str) -> Response:  # noqa: A002
        conversation = self.get_object()
        data = _valid(NoteSerializer(data=request.data))
        note = notes.write(
            conversation=conversation,
            text=data["text"],
            author=member_of(request),
            mentioned=data["mentions"],
        )
        shown = MessageSerializer(note, context={"request": request})
        return Response(shown.data, status=201)

    def _shown(self, conversation: Conversation) -> Response:
        """As it is now, also for who has just handed it on and sees it no more."""
        now = selectors.get_conversation(conversation.pk)
        return Response(ConversationSerializer(now).data)


class ConversationBulkView(CompanyAPIView):
    """One action on many conversations."""

    permissions: ClassVar[dict[str, str]] = {"post": "conversations.reply"}

    @extend_schema(
        tags=["conversations"],
        summary="Do one thing with up to 200 conversations",
        description="Each is changed by itself: one that may not be keeps no other back.",
        request=BulkSerializer,
        responses=OutcomeSerializer,
        examples=[
            OpenApiExample(
                "Resolve two",
                value={"conversations": ["cnv_…", "cnv_…"], "action": "resolve"},
                request_only=True,
            )
        ],
    )
    def post(self, request: Request) -> Response:
        data = _valid(BulkSerializer(data=request.data))
        order = bulk.Order(
            action=data["action"],
            actor=self.actor,
            member=_member(data["member"]),
            team=_team(data["team"]),
            label=data["label"],
            until=data["until"],
            priority=data["priority"],
            asks_rating=data["asks_rating"],
        )
        outcome = bulk.apply(ids=data["conversations"], order=order)
        return Response(OutcomeSerializer(outcome).data)


def _valid(serializer: Any) -> dict[str, Any]:
    serializer.is_valid(raise_exception=True)
    data: dict[str, Any] = serializer.validated_data
    return data


def _member(key: UUID | None) -> Member | None:
    member = Member.objects.filter(pk=key).first() if key else None
    if key and member is None:
        raise Invalid({"member": _("There is no member with this id.")})
    return member


def _team(key: UUID | None) -> Team | None:
    team = Team.objects.filter(pk=key).first() if key else None
    if key and team is None:
        raise Invalid({"team": _("There is no team with this id.")})
    return team
