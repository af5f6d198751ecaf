"""`teams`."""

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework.mixins import ListModelMixin, RetrieveModelMixin
from rest_framework.request import Request
from rest_framework.response import Response

from core.api.views import CompanyViewSet
from team import selectors
from team.api.serializers import TeamSerializer, TeamWriteSerializer
from team.models import Team
from team.services import teams


@extend_schema(tags=["teams"])
@extend_schema_view(
    list=extend_schema(summary="List teams"),
    retrieve=extend_schema(summary="Get a team"),
)
class TeamViewSet(ListModelMixin, RetrieveModelMixin, CompanyViewSet):
    """`teams/`: who looks after the same conversations."""

    permissions = {
        "list": "teams.view",
        "retrieve": "teams.view",
        "create": "teams.manage",
        "partial_update": "teams.manage",
        "destroy": "teams.manage",
    }
    id_prefix = "tea"
    serializer_class = TeamSerializer

    def get_queryset(self) -> QuerySet[Team]:
        return selectors.teams()

    @extend_schema(
        summary="Create a team", request=TeamWriteSerializer, responses={201: TeamSerializer}
    )
    def create(self, request: Request) -> Response:
        wanted = TeamWriteSerializer(data=request.data)
        wanted.is_valid(raise_exception=True)
        team = teams.create_team(**wanted.validated_data, actor=self.actor)
        return Response(TeamSerializer(team).data, status=201)

    @extend_schema(summary="Change a team", request=TeamWriteSerializer, responses=TeamSerializer)
    def partial_update(self, request: Request, id: str) -> Response:  # noqa: A002 -- the URL's
        wanted = TeamWriteSerializer(data=request.data, partial=True)
        wanted.is_valid(raise_exception=True)
        team = teams.update_team(
            team_id=self.get_object().pk, **wanted.validated_data, actor=self.actor
        )
        return Response(TeamSerializer(team).data)

    @extend_schema(summary="Delete a team", responses={204: None})
    def destroy(self, request: Request, id: str) -> Response:  # noqa: A002 -- the URL's
        teams.delete_team(team_id=self.get_object().pk, actor=self.actor)
        return Response(status=204)
