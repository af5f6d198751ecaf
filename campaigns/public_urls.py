"""Addresses outside every company's pages, on the platform's host."""

from django.urls import path

from campaigns.views import links

urlpatterns = [path("l/<str:text>", links.follow, name="tracked-link")]
