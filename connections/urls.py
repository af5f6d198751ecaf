from django.urls import path

from connections import number_views, views

urlpatterns = [
    path("", views.index, name="connections"),
    path("new/", views.guide, name="connection-new"),
    path("new/values/", views.new, name="connection-values"),
    path("new/offers/", number_views.offers, name="connection-offers"),
    path("<uuid:id>/", views.show, name="connection"),
    path("<uuid:id>/connected/", views.connected, name="connection-connected"),
    path("<uuid:id>/edit/", views.edit, name="connection-edit"),
    path("<uuid:id>/credentials/", views.credentials, name="connection-credentials"),
    path("<uuid:id>/check/", views.check, name="connection-check"),
    path("<uuid:id>/callbacks/", views.callbacks, name="connection-callbacks"),
    path("<uuid:id>/pause/", views.pause, name="connection-pause"),
    path("<uuid:id>/resume/", views.resume, name="connection-resume"),
    path("<uuid:id>/numbers/", number_views.index, name="connection-numbers"),
    path("<uuid:id>/numbers/buy/", number_views.buy, name="connection-number-buy"),
    path("<uuid:id>/numbers/assign/", number_views.assign, name="connection-number-assign"),
    path(
        "<uuid:id>/numbers/give-back/", number_views.give_back, name="connection-number-give-back"
    ),
    path("<uuid:id>/release/", views.release, name="connection-release"),
]
