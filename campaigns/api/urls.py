from django.urls import path

from campaigns.api.views import CampaignViewSet

urlpatterns = [
    path(
        "campaigns/",
        CampaignViewSet.as_view({"get": "list", "post": "create"}),
        name="api-campaigns",
    ),
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
    *(
        path(
            f"campaigns/<str:id>/{verb}/",
            CampaignViewSet.as_view({"post": verb}),
            name=f"api-campaign-{verb}",
        )
        for verb in ("preflight", "start", "pause", "resume", "cancel")
    ),
]
