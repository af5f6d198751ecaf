from django.urls import path
from rest_framework.routers import SimpleRouter

from crm.api.bulk_views import ContactsBulkViewSet
from crm.api.consent_views import ConsentViewSet
from crm.api.duplicate_views import DuplicateViewSet
from crm.api.erasure_views import ContactErasureViewSet, ErasureViewSet
from crm.api.export_views import ContactsExportViewSet
from crm.api.field_views import FieldViewSet
from crm.api.import_views import ContactImportView, ImportViewSet
from crm.api.list_views import ListViewSet
from crm.api.merge_views import ContactMergeViewSet, MergeViewSet
from crm.api.segment_views import SegmentViewSet
from crm.api.suppression_views import SuppressionImportView, SuppressionViewSet
from crm.api.views import ContactViewSet, TagViewSet

router = SimpleRouter()
router.register("tags", TagViewSet, basename="api-tag")
router.register("fields", FieldViewSet, basename="api-field")
router.register("lists", ListViewSet, basename="api-list")
router.register("segments", SegmentViewSet, basename="api-segment")

urlpatterns = [
    path(
        "contacts/",
        ContactViewSet.as_view({"get": "list", "post": "create"}),
        name="api-contact-list",
    ),
    path("contacts/import/", ContactImportView.as_view(), name="api-contact-import"),
    path(
        "contacts/bulk/",
        ContactsBulkViewSet.as_view({"get": "list", "post": "create"}),
        name="api-contacts-bulk-list",
    ),
    path(
        "contacts/bulk/<str:id>/",
        ContactsBulkViewSet.as_view({"get": "retrieve"}),
        name="api-contacts-bulk-detail",
    ),
    path(
        "contacts/bulk/<str:id>/undo/",
        ContactsBulkViewSet.as_view({"post": "undo"}),
        name="api-contacts-bulk-undo",
    ),
    path(
        "contacts/exports/",
        ContactsExportViewSet.as_view({"get": "list", "post": "create"}),
        name="api-contacts-export-list",
    ),
    path(
        "contacts/exports/<str:id>/",
        ContactsExportViewSet.as_view({"get": "retrieve"}),
        name="api-contacts-export-detail",
    ),
    path(
        "contacts/exports/<str:id>/file/",
        ContactsExportViewSet.as_view({"get": "file"}),
        name="api-contacts-export-file",
    ),
    path(
        "contacts/<str:id>/",
        ContactViewSet.as_view({"get": "retrieve", "patch": "partial_update", "delete": "destroy"}),
        name="api-contact-detail",
    ),
    path(
        "contacts/<str:id>/opt_in/",
        ContactViewSet.as_view({"post": "opt_in"}),
        name="api-contact-opt-in",
    ),
    path(
        "contacts/<str:id>/opt_out/",
        ContactViewSet.as_view({"post": "opt_out"}),
        name="api-contact-opt-out",
    ),
    path(
        "contacts/<str:id>/consents/",
        ConsentViewSet.as_view({"get": "list", "post": "create"}),
        name="api-contact-consents",
    ),
    path(
        "contacts/<str:id>/merge/",
        ContactMergeViewSet.as_view({"post": "create"}),
        name="api-contact-merge",
    ),
    path(
        "lists/<str:id>/contacts/",
        ListViewSet.as_view({"post": "contacts"}),
        name="api-list-contacts",
    ),
    path(
        "contacts/<str:id>/export/",
        ContactViewSet.as_view({"post": "export"}),
        name="api-contact-export",
    ),
    path(
        "contacts/<str:id>/erase/",
        ContactErasureViewSet.as_view({"post": "create"}),
        name="api-contact-erase",
    ),
    path("erasures/", ErasureViewSet.as_view({"get": "list"}), name="api-erasure-list"),
    path(
        "erasures/<str:id>/",
        ErasureViewSet.as_view({"get": "retrieve"}),
        name="api-erasure-detail",
    ),
    path("duplicates/", DuplicateViewSet.as_view({"get": "list"}), name="api-duplicate-list"),
    path(
        "duplicates/<str:id>/dismiss/",
        DuplicateViewSet.as_view({"post": "dismiss"}),
        name="api-duplicate-dismiss",
    ),
    path(
        "duplicates/<str:id>/merge/",
        DuplicateViewSet.as_view({"post": "merge"}),
        name="api-duplicate-merge",
    ),
    path("merges/<str:id>/undo/", MergeViewSet.as_view({"post": "undo"}), name="api-merge-undo"),
    path("imports/", ImportViewSet.as_view({"get": "list"}), name="api-import-list"),
    path("imports/<str:id>/", ImportViewSet.as_view({"get": "retrieve"}), name="api-import-detail"),
    path(
        "imports/<str:id>/start/",
        ImportViewSet.as_view({"post": "start"}),
        name="api-import-start",
    ),
    path(
        "imports/<str:id>/undo/",
        ImportViewSet.as_view({"post": "undo"}),
        name="api-import-undo",
    ),
    path(
        "imports/<str:id>/kept/",
        ImportViewSet.as_view({"get": "kept"}),
        name="api-import-kept",
    ),
    path(
        "imports/<str:id>/errors/",
        ImportViewSet.as_view({"get": "errors"}),
        name="api-import-errors",
    ),
    path(
        "suppressions/",
        SuppressionViewSet.as_view({"get": "list", "post": "create"}),
        name="api-suppression-list",
    ),
    path(
        "suppressions/bulk/",
        SuppressionViewSet.as_view({"post": "bulk"}),
        name="api-suppression-bulk",
    ),
    path("suppressions/import/", SuppressionImportView.as_view(), name="api-suppression-import"),
    path(
        "suppressions/<str:id>/",
        SuppressionViewSet.as_view({"get": "retrieve", "delete": "destroy"}),
        name="api-suppression-detail",
    ),
    *router.urls,
]
