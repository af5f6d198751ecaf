"""`/api/v1/automations/`: automations, their versions, runs and dry runs."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from core.api.views import CompanyAPIView, CompanyViewSet
from core.errors import Invalid
from team.selectors import member_of
from webhooks.automations import event_types, ready_made, registry, selectors
from webhooks.automations.api.serializers import (
    AutomationCatalogueSerializer,
    AutomationMissSerializer,
    AutomationRunDetailSerializer,
    AutomationRunSerializer,
    AutomationSerializer,
    AutomationVersionSerializer,
    AutomationWriteSerializer,
    DryRunItemSerializer,
    DryRunSerializer,
    DryRunWriteSerializer,
    SwitchOffSerializer,
)
from webhooks.automations.enums import AutomationState, RunState
from webhooks.automations.models import Automation, DryRun, Run
from webhooks.automations.services import automations, dry_runs, runs

VIEW, MANAGE = "automations.view", "automations.manage"


class AutomationViewSet(CompanyViewSet):
    """When something happens, if it holds, do this."""

    id_prefix = "aut"
    serializer_class = AutomationSerializer
    permissions: ClassVar[dict[str, str]] = {
        **dict.fromkeys(("list", "retrieve", "versions", "runs", "misses", "dry_runs"), VIEW),
        **dict.fromkeys(
            ("create", "partial_update", "destroy", "publish", "switch_on", "switch_off",
             "duplicate", "try_out"),
            MANAGE,
        ),
    }  # fmt: skip

    def get_queryset(self) -> QuerySet[Automation]:
        return selectors.automation_list()

    @extend_schema(
        summary="List automations",
        parameters=[
            OpenApiParameter("state", str, enum=AutomationState.values),
            OpenApiParameter("q", str, description="Part of the name."),
        ],
    )
    def list(self, request: Request) -> Response:
        rows = selectors.automation_list(
            q=request.query_params.get("q", ""),
            state=_choice(request, "state", AutomationState.values),
        )
        page = self.paginate_queryset(rows) or []
        context = {"activity": selectors.activity([row.pk for row in page])}
        data = AutomationSerializer(page, many=True, context=context).data
        return self.get_paginated_response(data)

    @extend_schema(summary="Get an automation")
    def retrieve(self, request: Request, id: str) -> Response:  # noqa: A002 -- the router's name
        return self._shown(self.get_object())

    @extend_schema(
        summary="Create a draft",
        request=AutomationWriteSerializer,
        responses={201: AutomationSerializer},
    )
    def create(self, request: Request) -> Response:
        wanted = _read(AutomationWriteSerializer, request)
        slug = wanted.get("ready_made")
        if slug and slug not in ready_made.READY_MADE:
            raise Invalid({"ready_made": _("There is none of this name.")})
        definition = ready_made.READY_MADE[slug].build() if slug else wanted.get("definition")
        made = automations.create(
            name=wanted["name"], definition=definition, by=member_of(request), actor=self.actor
        )
        return self._shown(made, status=201)

    @extend_schema(
        summary="Change the draft",
        request=AutomationWriteSerializer,
        responses=AutomationSerializer,
    )
    def partial_update(self, request: Request, id: str) -> Response:  # noqa: A002
        automation = self.get_object()
        wanted = _read(AutomationWriteSerializer, request, partial=True)
        automations.save_draft(
            automation=automation,
            definition=wanted.get("definition", automation.draft),
            name=wanted.get("name"),
        )
        return self._shown(self.get_object())

    @extend_schema(summary="Delete; runs that wait stop", responses={204: None})
    def destroy(self, request: Request, id: str) -> Response:  # noqa: A002
        automations.delete_automation(automation=self.get_object(), actor=self.actor)
        return Response(status=204)

    @extend_schema(
        summary="Publish the draft", request=None, responses={200: AutomationVersionSerializer}
    )
    def publish(self, request: Request, id: str) -> Response:  # noqa: A002
        version = automations.publish(
            automation=self.get_object(), by=member_of(request), actor=self.actor
        )
        return Response(AutomationVersionSerializer(version).data)

    @extend_schema(summary="Switch on", request=None, responses=AutomationSerializer)
    def switch_on(self, request: Request, id: str) -> Response:  # noqa: A002
        automations.switch_on(automation=self.get_object(), actor=self.actor)
        return self._shown(self.get_object())

    @extend_schema(
        summary="Switch off", request=SwitchOffSerializer, responses=AutomationSerializer
    )
    def switch_off(self, request: Request, id: str) -> Response:  # noqa: A002
        automation = self.get_object()
        wanted = _read(SwitchOffSerializer, request)
        automations.switch_off(automation=automation, waiting=wanted["waiting"], actor=self.actor)
        return self._shown(self.get_object())

    @extend_schema(
        summary="Make a draft like it", request=None, responses={201: AutomationSerializer}
    )
    def duplicate(self, request: Request, id: str) -> Response:  # noqa: A002
        copy = automations.duplicate(automation=self.get_object(), by=member_of(request))
        return self._shown(copy, status=201)

    @extend_schema(summary="List versions", responses=AutomationVersionSerializer(many=True))
    def versions(self, request: Request, id: str) -> Response:  # noqa: A002
        rows = selectors.versions(self.get_object().pk)
        return Response(AutomationVersionSerializer(rows[:100], many=True).data)

    @extend_schema(
        summary="List the last events that started nothing",
        responses=AutomationMissSerializer(many=True),
    )
    def misses(self, request: Request, id: str) -> Response:  # noqa: A002
        rows = selectors.misses(self.get_object().pk)
        return Response(AutomationMissSerializer(rows, many=True).data)

    @extend_schema(summary="List dry runs", responses=DryRunSerializer(many=True))
    def dry_runs(self, request: Request, id: str) -> Response:  # noqa: A002
        rows = selectors.dry_runs(self.get_object().pk)
        return Response(DryRunSerializer(rows[:50], many=True).data)

    @extend_schema(
        summary="Try it on stored events",
        description="Nothing is done: which runs would have started, and what each step would "
        "have come to, beside the version in force.",
        request=DryRunWriteSerializer,
        responses={201: DryRunSerializer},
    )
    def try_out(self, request: Request, id: str) -> Response:  # noqa: A002
        automation = self.get_object()
        wanted = _read(DryRunWriteSerializer, request)
        dry = dry_runs.start(automation=automation, by=member_of(request), **wanted)
        return Response(DryRunSerializer(dry).data, status=201)

    def _shown(self, automation: Automation, status: int = 200) -> Response:
        context = {"exact": True, "activity": selectors.activity([automation.pk])}
        return Response(AutomationSerializer(automation, context=context).data, status=status)


class AutomationRunsViewSet(AutomationViewSet):
    """The runs of one automation."""

    cursor_ordering = "-started_at"

    @extend_schema(
        summary="List runs of an automation",
        parameters=[OpenApiParameter("state", str, enum=RunState.values)],
        responses=AutomationRunSerializer(many=True),
    )
    def runs(self, request: Request, id: str) -> Response:  # noqa: A002
        rows = selectors.run_list(
            automation_id=self.get_object().pk, state=_choice(request, "state", RunState.values)
        )
        page = self.paginate_queryset(rows) or []
        return self.get_paginated_response(AutomationRunSerializer(page, many=True).data)


class AutomationRunViewSet(CompanyViewSet):
    """Runs, one by one."""

    id_prefix = "run"
    serializer_class = AutomationRunDetailSerializer
    permissions: ClassVar[dict[str, str]] = {"retrieve": VIEW, "stop": MANAGE, "again": MANAGE}

    def get_queryset(self) -> QuerySet[Run]:
        return selectors.run_list().prefetch_related("steps")

    @extend_schema(summary="Get a run with its log")
    def retrieve(self, request: Request, id: str) -> Response:  # noqa: A002
        return Response(AutomationRunDetailSerializer(self.get_object()).data)

    @extend_schema(summary="Stop a run", request=None, responses=AutomationRunDetailSerializer)
    def stop(self, request: Request, id: str) -> Response:  # noqa: A002
        runs.stop(run=self.get_object())
        return self.retrieve(request, id)

    @extend_schema(
        summary="Run once more, with its effects",
        request=None,
        responses={201: AutomationRunDetailSerializer},
    )
    def again(self, request: Request, id: str) -> Response:  # noqa: A002
        again = runs.run_again(run=self.get_object())
        found = self.get_queryset().get(pk=again.pk)
        return Response(AutomationRunDetailSerializer(found).data, status=201)


class DryRunViewSet(CompanyViewSet):
    """Dry runs, one by one."""

    id_prefix = "dry"
    serializer_class = DryRunSerializer
    permissions: ClassVar[dict[str, str]] = {"retrieve": VIEW, "items": VIEW, "cancel": MANAGE}
    cursor_ordering = "id"

    def get_queryset(self) -> QuerySet[DryRun]:
        return DryRun.objects.filter(automation__deleted_at=None)

    @extend_schema(summary="Get a dry run with its progress")
    def retrieve(self, request: Request, id: str) -> Response:  # noqa: A002
        return Response(DryRunSerializer(self.get_object()).data)

    @extend_schema(summary="Stop a dry run", request=None, responses=DryRunSerializer)
    def cancel(self, request: Request, id: str) -> Response:  # noqa: A002
        return Response(DryRunSerializer(dry_runs.cancel(dry_run=self.get_object())).data)

    @extend_schema(
        summary="List its events",
        parameters=[OpenApiParameter("starts", bool), OpenApiParameter("differs", bool)],
        responses=DryRunItemSerializer(many=True),
    )
    def items(self, request: Request, id: str) -> Response:  # noqa: A002
        flags = {
            name: {"true": True, "false": False}.get(request.query_params.get(name, ""))
            for name in ("starts", "differs")
        }
        rows = selectors.dry_run_items(self.get_object().pk, **flags)
        page = self.paginate_queryset(rows) or []
        return self.get_paginated_response(DryRunItemSerializer(page, many=True).data)


class AutomationCatalogueView(CompanyAPIView):
    """What automations are made of."""

    permissions: ClassVar[dict[str, str]] = {"get": VIEW}

    @extend_schema(
        summary="List triggers, conditions, actions and waits",
        responses=AutomationCatalogueSerializer,
    )
    def get(self, request: Request) -> Response:
        found: dict[str, Any] = {
            "triggers": registry.triggers(),
            "conditions": registry.conditions(),
            "actions": registry.actions(),
            "waits": registry.waits(),
            "events": event_types.options(),
            "ready_made": list(ready_made.READY_MADE.values()),
        }
        return Response(AutomationCatalogueSerializer(found).data)


def _read(serializer: type[Any], request: Request, *, partial: bool = False) -> dict[str, Any]:
    wanted = serializer(data=request.data, partial=partial)
    wanted.is_valid(raise_exception=True)
    return dict(wanted.validated_data)


def _choice(request: Request, name: str, values: list[str]) -> str:
    """A query parameter that is one of `values`, or empty."""
    value = request.query_params.get(name, "")
    if value and value not in values:
        message = _("Choose one of: %(values)s.") % {"values": ", ".join(values)}
        raise Invalid({name: message})
    return value
