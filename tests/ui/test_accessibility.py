"""axe-core over the look, in both themes and on both ends of the widths."""

import pytest

from tests.ui.conftest import axe_violations

pytestmark = pytest.mark.e2e

FITS = "document.documentElement.scrollWidth <= innerWidth"


@pytest.mark.parametrize("width", [390, 1440])
@pytest.mark.parametrize("path", ["/gallery", "/sign-in", "/shell", "/missing"])
def test_a_page_has_no_accessibility_fault_and_fits_its_screen(open_page, path, width):
    page = open_page(path, width=width)
    assert page.evaluate(FITS)
    assert axe_violations(page) == []
    page.emulate_media(color_scheme="dark")
    page.wait_for_selector("html.dark")
    assert axe_violations(page) == []
