from types import SimpleNamespace

import pytest
from django.http import Http404

from core.ui import views


@pytest.fixture
def visit(rf, settings):
    def at(*, debug=False, superadmin=False):
        settings.DEBUG = debug
        request = rf.get("/platform/ui/")
        request.user = SimpleNamespace(is_superuser=superadmin, is_authenticated=superadmin)
        return views.gallery(request)

    return at


def test_the_gallery_is_not_there_for_ordinary_people(visit):
    with pytest.raises(Http404):
        visit()


@pytest.mark.parametrize("who", [{"debug": True}, {"superadmin": True}])
def test_developers_and_superadmins_see_every_component(visit, who):
    html = visit(**who).content.decode()
    assert "&lt;script&gt;alert(1)&lt;/script&gt; <strong>bold</strong>" in html
    assert "<c-" not in html
