from django.urls import path

from webhooks.automations.api.views import (
    AutomationCatalogueView,
    AutomationRunsViewSet,
    AutomationRunViewSet,
    AutomationViewSet,
    DryRunViewSet,
)

# What is done to an automation: `POST automations/<id>/<verb>/`.
VERBS = {
    "publish": "publish",
    "switch-on": "switch_on",
    "switch-off": "switch_off",
    "duplicate": "duplicate",
}
# What belongs to one: `GET automations/<id>/<name>/`.
PARTS = ("versions", "misses")

urlpatterns = [
    path(
        "automations/",
        AutomationViewSet.as_view({"get": "list", "post": "create"}),
        name="api-automations",
    ),
    path(
        "automations/catalogue/",
        AutomationCatalogueView.as_view(),
        name="api-automation-catalogue",
    ),
    path(
        "automations/<str:id>/",
        AutomationViewSet.as_view(
            {"get": "retrieve", "patch": "partial_update", "delete": "destroy"}
        ),
        name="api-automation",
    ),
    *(
        path(
            f"automations/<str:id>/{verb}/",
            AutomationViewSet.as_view({"post": action}),
            name=f"api-automation-{verb}",
        )
        for verb, action in VERBS.items()
    ),
    *(
        path(
            f"automations/<str:id>/{part}/",
            AutomationViewSet.as_view({"get": part}),
            name=f"api-automation-{part}",
        )
        for part in PARTS
    ),
    path(
        "automations/<str:id>/runs/",
        AutomationRunsViewSet.as_view({"get": "runs"}),
        name="api-automation-runs",
    ),
    path(
        "automations/<str:id>/dry-runs/",
        AutomationViewSet.as_view({"get": "dry_runs", "post": "try_out"}),
        name="api-automation-dry-runs",
    ),
    path(
        "automation-runs/<str:id>/",
        AutomationRunViewSet.as_view({"get": "retrieve"}),
        name="api-automation-run",
    ),
    path(
        "automation-runs/<str:id>/stop/",
        AutomationRunViewSet.as_view({"post": "stop"}),
        name="api-automation-run-stop",
    ),
    path(
        "automation-runs/<str:id>/again/",
        AutomationRunViewSet.as_view({"post": "again"}),
        name="api-automation-run-again",
    ),
    path("dry-runs/<str:id>/", DryRunViewSet.as_view({"get": "retrieve"}), name="api-dry-run"),
    path(
        "dry-runs/<str:id>/items/",
        DryRunViewSet.as_view({"get": "items"}),
        name="api-dry-run-items",
    ),
    path(
        "dry-runs/<str:id>/cancel/",
        DryRunViewSet.as_view({"post": "cancel"}),
        name="api-dry-run-cancel",
    ),
]
