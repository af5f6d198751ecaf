from django.urls import path

from campaigns.api.report_views import (
    CalendarView,
    ExportViewSet,
    RecipientStoryViewSet,
    ReportViewSet,
)
from campaigns.api.views import CampaignViewSet

# What is done to a campaign: `POST campaigns/<id>/<verb>/`.
VERBS = (
    *("preflight", "start", "pause", "resume", "cancel"),
    *("archive", "unarchive", "clone", "resend", "test", "winner"),
)

urlpatterns = [
    path(
        "campaigns/",
        CampaignViewSet.as_view({"get": "list", "post": "create"}),
        name="api-campaigns",
    ),
    path("campaigns/calendar/", CalendarView.as_view(), name="api-campaigns-calendar"),
    path(
        "campaigns/<str:id>/",
        CampaignViewSet.as_view(
            {"get": "retrieve", "patch": "partial_update", "delete": "destroy"}
        ),
        name="api-campaign",
    ),
    path(
        "campaigns/<str:id>/messages/",
        CampaignViewSet.as_view({"get": "messages"}),
        name="api-campaign-messages",
    ),
    path(
        "campaigns/<str:id>/report/",
        ReportViewSet.as_view({"get": "retrieve"}),
        name="api-campaign-report",
    ),
    path(
        "campaigns/<str:id>/links/",
        ReportViewSet.as_view({"get": "links"}),
        name="api-campaign-links",
    ),
    path(
        "campaigns/<str:id>/exports/",
        ReportViewSet.as_view({"get": "exports", "post": "export"}),
        name="api-campaign-exports",
    ),
    *(
        path(
            f"campaigns/<str:id>/{verb}/",
            CampaignViewSet.as_view({"post": verb}),
            name=f"api-campaign-{verb}",
        )
        for verb in VERBS
    ),
    path(
        "messages/<str:id>/timeline/",
        RecipientStoryViewSet.as_view({"get": "retrieve"}),
        name="api-message-timeline",
    ),
    path("exports/<str:id>/", ExportViewSet.as_view({"get": "retrieve"}), name="api-export"),
    path("exports/<str:id>/file/", ExportViewSet.as_view({"get": "file"}), name="api-export-file"),
]
