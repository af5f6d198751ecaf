from django.urls import path

from webhooks.endpoints.views import catalogue, deliveries, endpoints

urlpatterns = [
    path("", endpoints.index, name="endpoint-list"),
    path("new/", endpoints.new, name="endpoint-new"),
    path("catalogue/", catalogue.index, name="endpoint-catalogue"),
    path("undelivered/", deliveries.undelivered, name="endpoint-undelivered"),
    path("undelivered/send/", deliveries.redrive, name="endpoint-redrive"),
    path("deliveries/<uuid:id>/", deliveries.show, name="endpoint-delivery"),
    path("deliveries/<uuid:id>/test/", deliveries.tested, name="endpoint-delivery-test"),
    path("deliveries/<uuid:id>/send/", deliveries.retry, name="endpoint-delivery-retry"),
    path("<uuid:id>/", endpoints.show, name="endpoint"),
    path("<uuid:id>/edit/", endpoints.edit, name="endpoint-edit"),
    path("<uuid:id>/secret/", endpoints.rotate, name="endpoint-rotate"),
    path("<uuid:id>/activate/", endpoints.activate, name="endpoint-activate"),
    path("<uuid:id>/deactivate/", endpoints.deactivate, name="endpoint-deactivate"),
    path("<uuid:id>/delete/", endpoints.delete, name="endpoint-delete"),
    path("<uuid:id>/test/", endpoints.test, name="endpoint-test"),
]
