"""The components as pages use them."""

import re
from pathlib import Path

import pytest
from django import forms
from django.conf import settings
from django.template import Context, engines
from django.utils import translation
from django_cotton.compiler_regex import CottonCompiler

COMPONENTS = sorted((Path(settings.BASE_DIR) / "templates" / "components").glob("*.html"))
# Mail has no content security policy and needs its styles inline.
PAGES = sorted(
    path
    for path in (Path(settings.BASE_DIR) / "templates").rglob("*.html")
    if "mail" not in path.parts and "email" not in path.parts
)


@pytest.fixture(autouse=True)
def in_english():
    with translation.override("en"):
        yield


def rendered(source, **context):
    """`source` as the file of a page would render: cotton rewrites files, not strings."""
    template = engines["django"].from_string(CottonCompiler().process(source))
    return re.sub(r"\s+", " ", template.template.render(Context(context))).strip()


class ContactForm(forms.Form):
    name = forms.CharField(label="Name", help_text="As customers know it.")
    active = forms.BooleanField(label="Active", required=False)


@pytest.mark.parametrize("path", COMPONENTS, ids=lambda path: path.stem)
def test_every_attribute_has_a_default_so_that_the_page_cannot_leak_in(path):
    for declaration in re.findall(r"<c-vars(.*?)/>", path.read_text(), re.S):
        bare = re.sub(r':?[\w-]+="[^"]*"', "", declaration).split()
        assert bare == []


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.stem)
def test_no_template_needs_an_inline_script_or_style(path):
    text = path.read_text()
    assert re.findall(r"<script(?![^>]*\bsrc=)[^>]*>", text) == []
    assert re.findall(r"<style|\sstyle=|\son[a-z]+=|hx-on|javascript:|js:", text) == []


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.name)
def test_what_a_button_that_posts_by_itself_says_is_in_its_hx_vals(path):
    """htmx leaves out name and value of a `type="button"` that posts what is elsewhere."""
    buttons = re.findall(r"<c-button\b[^>]*hx-include=[^>]*>", path.read_text())
    assert [one for one in buttons if " value=" in one and 'type="submit"' not in one] == []


def test_a_button_is_no_submit_unless_told():
    assert 'type="button"' in rendered("<c-button>Go</c-button>")
    assert 'type="submit"' in rendered('<c-button type="submit">Go</c-button>')


def test_attributes_that_a_component_does_not_know_pass_through():
    html = rendered('<c-button hx-post="/x" data-open="#y" id="z">Go</c-button>')
    assert 'hx-post="/x"' in html
    assert 'data-open="#y"' in html
    assert 'id="z"' in html


def test_an_icon_button_has_a_name():
    assert 'aria-label="Close"' in rendered('<c-button icon="x" icon-only label="Close" />')


def test_a_field_ties_label_help_and_error_to_its_control():
    html = rendered('<c-field :field="form.name" />', form=ContactForm({}, auto_id="id_%s"))
    assert '<label for="id_name">' in html
    assert 'aria-describedby="id_name_helptext id_name_error"' in html
    assert 'id="id_name_helptext">As customers know it.' in html
    assert 'id="id_name_error">This field is required.' in html
    assert 'data-invalid="true"' in html


def test_a_checkbox_can_be_a_switch():
    html = rendered('<c-field :field="form.active" switch />', form=ContactForm())
    assert 'role="switch"' in html


def test_the_summary_of_a_form_links_to_the_wrong_fields():
    html = rendered('<c-form-errors :form="form" />', form=ContactForm({}))
    assert '<a href="#id_name">Name</a>' in html
    assert rendered('<c-form-errors :form="form" />', form=ContactForm({"name": "Ana"})) == ""


def test_names_of_people_are_escaped():
    hostile = '<img src=x onerror="alert(1)">'
    for source in (
        '<c-avatar name="{{ name }}" />',
        '<c-list-item title="{{ name }}">{{ name }}</c-list-item>',
        "<c-toast>{{ name }}</c-toast>",
        '<c-bubble direction="in">{{ name|escape }}</c-bubble>',
        '<c-page-header title="{{ name }}" />',
        '<c-copy-field value="{{ name }}" />',
    ):
        assert "<img" not in rendered(source, name=hostile)


def test_a_count_of_zero_is_hidden():
    assert "hidden" in rendered('<c-count :value="n" />', n=0)
    assert "hidden" not in rendered('<c-count :value="n" />', n=3)


def test_a_state_of_the_page_does_not_reach_an_inner_component():
    assert "aria-current" not in rendered('<c-tab href="/">A</c-tab>', current=True)


def test_a_sentinel_fetches_the_next_page_once():
    html = rendered('<c-more url="/next" columns="3" />')
    assert 'hx-get="/next"' in html
    assert '<td colspan="3">' in html


def test_ticks_say_their_state_in_words():
    assert "Read" in rendered('<c-ticks state="read" />')
    assert "Unconfirmed" in rendered('<c-ticks state="unknown" />')
