"""Pages at the root of a company: home, live line, search, notifications, settings."""

from django.urls import path

from team.views import home, live

urlpatterns = [
    path("", home.home, name="home"),
    path("live", live.live, name="live"),
]
