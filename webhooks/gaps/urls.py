from django.urls import path

from webhooks.gaps import views

urlpatterns = [
    path("connections/<uuid:id>/", views.of_connection, name="connection-pulse"),
    path("sources/<uuid:id>/", views.of_source, name="source-pulse"),
]
