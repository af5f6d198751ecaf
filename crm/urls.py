from django.urls import path

from crm.views import contacts, imports, segments, suppressions, tags

urlpatterns = [
    path("", contacts.index, name="contacts"),
    path("new/", contacts.create, name="contact-new"),
    path("bulk/", contacts.bulk, name="contacts-bulk"),
    path("tags/", tags.index, name="tags"),
    path("tags/<uuid:id>/", tags.edit, name="tag-edit"),
    path("tags/<uuid:id>/delete/", tags.delete, name="tag-delete"),
    path("audiences/", segments.index, name="segments"),
    path("audiences/new/", segments.create, name="segment-new"),
    path("audiences/rule/", segments.rule, name="segment-rule"),
    path("audiences/count/", segments.count, name="segment-count"),
    path("audiences/<uuid:id>/", segments.show, name="segment"),
    path("audiences/<uuid:id>/delete/", segments.delete, name="segment-delete"),
    path("suppressions/", suppressions.index, name="suppressions"),
    path("suppressions/new/", suppressions.create, name="suppression-new"),
    path("suppressions/import/", suppressions.upload, name="suppressions-import"),
    path("suppressions/export.csv", suppressions.export, name="suppressions-export"),
    path("suppressions/words/", suppressions.words, name="suppression-words"),
    path("suppressions/<uuid:id>/remove/", suppressions.remove, name="suppression-remove"),
    path("imports/", imports.index, name="imports"),
    path("imports/new/", imports.upload, name="import-new"),
    path("imports/<uuid:id>/", imports.show, name="import"),
    path("imports/<uuid:id>/discard/", imports.discard, name="import-discard"),
    path("imports/<uuid:id>/refused.csv", imports.refused, name="import-refused"),
    path("<uuid:id>/", contacts.show, name="contact"),
    path("<uuid:id>/edit/", contacts.edit, name="contact-edit"),
    path("<uuid:id>/delete/", contacts.delete, name="contact-delete"),
    path("<uuid:id>/restore/", contacts.restore, name="contact-restore"),
    path("<uuid:id>/consent/", contacts.consent, name="contact-consent"),
]
