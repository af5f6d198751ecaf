from django.urls import path

from webhooks.automations.views import building, carding, listing, running, trying, versions

urlpatterns = [
    path("", listing.index, name="automations"),
    path("new/", listing.create, name="automation-new"),
    path("runs/", running.index, name="automation-runs"),
    path("runs/<uuid:id>/", running.show, name="automation-run"),
    path("runs/<uuid:id>/stop/", running.stop, name="automation-run-stop"),
    path("runs/<uuid:id>/again/", running.again, name="automation-run-again"),
    path("dry-runs/<uuid:id>/", trying.show, name="automation-dry-run"),
    path("dry-runs/<uuid:id>/cancel/", trying.cancel, name="automation-dry-run-cancel"),
    path("<uuid:id>/", building.show, name="automation"),
    path("<uuid:id>/on/", listing.switch_on, name="automation-on"),
    path("<uuid:id>/off/", listing.switch_off, name="automation-off"),
    path("<uuid:id>/duplicate/", listing.duplicate, name="automation-duplicate"),
    path("<uuid:id>/delete/", listing.delete, name="automation-delete"),
    # --- the builder's parts
    path("<uuid:id>/change/", building.change, name="automation-change"),
    path("<uuid:id>/compare/", building.compare, name="automation-compare"),
    path("<uuid:id>/kinds/", carding.choose, name="automation-kinds"),
    path("<uuid:id>/card/", carding.form, name="automation-card"),
    path("<uuid:id>/card/keep/", carding.keep, name="automation-keep"),
    path("<uuid:id>/card/preview/", carding.preview, name="automation-preview"),
    # --- its past
    path("<uuid:id>/versions/", versions.index, name="automation-versions"),
    path("<uuid:id>/versions/restore/", versions.restore, name="automation-restore"),
    path("<uuid:id>/misses/", running.misses, name="automation-misses"),
    path("<uuid:id>/dry-runs/", trying.index, name="automation-dry-runs"),
]
