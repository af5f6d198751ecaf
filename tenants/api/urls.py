from django.urls import path

from tenants.api import schema, views  # noqa: F401 -- the schema registers itself

urlpatterns = [
    path("auth/token/", views.TokenView.as_view(), name="api-token"),
    path("auth/token/refresh/", views.RefreshView.as_view(), name="api-token-refresh"),
]
