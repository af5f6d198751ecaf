"""`me` and `members`."""

from typing import Any, cast

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import status
from rest_framework.decorators import action
from rest_framework.mixins import ListModelMixin, RetrieveModelMixin
from rest_framework.request import Request
from rest_framework.response import Response

from core.api.views import CompanyAPIView, CompanyViewSet
from team.api.serializers import (
    AvailabilitySerializer,
    InvitationSerializer,
    InviteSerializer,
    MemberRoleSerializer,
    MemberSerializer,
    MeSerializer,
)
from team.models import Member
from team.selectors import active_members, member_of
from team.services import members
from tenants.api.principal import Principal
from tenants.models import Membership
from tenants.permissions import PERMISSIONS
from tenants.services import invitations, memberships


class MeView(CompanyAPIView):
    """`GET me/`."""

    permissions = {"get": "company.view"}

    @extend_schema(tags=["me"], summary="Who is asking", responses=MeSerializer)
    def get(self, request: Request) -> Response:
        caller = cast("Principal", request.user)
        member = member_of(request)
        answer: dict[str, Any] = {
            "company": caller.company,
            "person": caller.membership.person if caller.membership else None,
            "member": member.pk if member else None,
            "role": caller.membership.role if caller.membership else None,
            "api_key": caller.api_key,
            "permissions": sorted(name for name in PERMISSIONS if caller.may(name)),
        }
        return Response(MeSerializer(answer).data)


@extend_schema(tags=["members"])
@extend_schema_view(
    list=extend_schema(summary="List the team"),
    retrieve=extend_schema(summary="One member"),
)
class MemberViewSet(ListModelMixin, RetrieveModelMixin, CompanyViewSet):
    """`members/`: the team, their roles, and inviting more."""

    permissions = {
        "list": "members.view",
        "retrieve": "members.view",
        "partial_update": "members.manage",
        "invitations": "members.manage",
        "availability": "members.manage",
    }
    id_prefix = "mem"
    serializer_class = MemberSerializer

    def get_queryset(self) -> QuerySet[Member]:
        return active_members()

    @extend_schema(
        summary="Change a member's role", request=MemberRoleSerializer, responses=MemberSerializer
    )
    def partial_update(self, request: Request, id: str) -> Response:  # noqa: A002 -- the URL's
        member = self.get_object()
        data = MemberRoleSerializer(data=request.data)
        data.is_valid(raise_exception=True)
        membership = get_object_or_404(
            Membership.objects.select_related("company", "person"),
            company=self.company,
            person_id=member.person_id,
        )
        memberships.change_role(
            membership=membership,
            role=data.validated_data["role"],
            by=cast("Principal", request.user).author,
        )
        member.refresh_from_db()
        return Response(MemberSerializer(member).data)

    @extend_schema(
        summary="Say whether a member takes new conversations",
        description="What they have stays theirs.",
        request=AvailabilitySerializer,
        responses=MemberSerializer,
    )
    @action(detail=True, methods=["post"])
    def availability(self, request: Request, id: str) -> Response:  # noqa: A002 -- the URL's
        member = self.get_object()
        data = AvailabilitySerializer(data=request.data)
        data.is_valid(raise_exception=True)
        members.set_available(member_id=member.pk, actor=self.actor, **data.validated_data)
        member.refresh_from_db()
        return Response(MemberSerializer(member).data)

    @extend_schema(
        summary="Invite somebody by e-mail",
        request=InviteSerializer,
        responses={201: InvitationSerializer},
    )
    @action(detail=False, methods=["post"], url_path="invitations", url_name="invitations")
    def invitations(self, request: Request) -> Response:
        data = InviteSerializer(data=request.data)
        data.is_valid(raise_exception=True)
        invited = invitations.invite(
            company=self.company, by=cast("Principal", request.user).author, **data.validated_data
        )
        row = invited.invitation
        answer = {
            "id": row.pk,
            "email": row.email,
            "role": row.role,
            "expires_at": row.expires_at,
            "link": invited.link,
        }
        return Response(InvitationSerializer(answer).data, status=status.HTTP_201_CREATED)
