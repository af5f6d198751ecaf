from django.urls import include, path
from rest_framework.routers import SimpleRouter

from team.api import retention_views, team_views, views

router = SimpleRouter()
router.register("members", views.MemberViewSet, basename="api-member")
router.register("teams", team_views.TeamViewSet, basename="api-team")

urlpatterns = [
    path("me/", views.MeView.as_view(), name="api-me"),
    path("retention/", retention_views.RetentionView.as_view(), name="api-retention"),
    path("", include(router.urls)),
]
