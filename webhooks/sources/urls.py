from django.urls import path

from webhooks.sources.views import mapper, posts, sources

urlpatterns = [
    path("", sources.index, name="source-list"),
    path("new/", sources.create, name="source-new"),
    path("<uuid:source_id>/", sources.show, name="source"),
    path("<uuid:source_id>/settings/", sources.settings, name="source-settings"),
    path("<uuid:source_id>/secret/", sources.secret, name="source-secret"),
    path("<uuid:source_id>/switch/", sources.switch, name="source-switch"),
    path("<uuid:source_id>/delete/", sources.delete, name="source-delete"),
    path("<uuid:source_id>/mapping/", mapper.edit, name="source-mapping"),
    path("<uuid:source_id>/mapping/try/", mapper.try_it, name="source-mapping-try"),
    path("<uuid:source_id>/mapping/sample/", mapper.sample, name="source-mapping-sample"),
    path("<uuid:source_id>/mapping/forget/", mapper.forget, name="source-mapping-forget"),
    path("<uuid:source_id>/reread/", mapper.reread, name="source-reread"),
    path("posts/<uuid:received_id>/", posts.show, name="source-post"),
    path("posts/<uuid:received_id>/raw/", posts.raw, name="source-post-raw"),
    path("posts/<uuid:received_id>/process/", posts.process_again, name="source-post-process"),
]
