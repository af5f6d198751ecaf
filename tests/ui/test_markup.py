import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.ui.markup import placeholders_html, whatsapp_html


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("*bold* _soft_ ~gone~", "<strong>bold</strong> <em>soft</em> <s>gone</s>"),
        ("*_both_*", "<strong><em>both</em></strong>"),
        ("a*b*c 2 * 3 * 4", "a*b*c 2 * 3 * 4"),
        ("*open", "*open"),
        ("snake_case_name", "snake_case_name"),
        ("* spaced *", "* spaced *"),
        ("**", "**"),
        ("one\r\ntwo\nthree", "one<br>two<br>three"),
        ("```a *b* <i>```", "<code>a *b* &lt;i&gt;</code>"),
        ("`x_y_z`", "<code>x_y_z</code>"),
    ],
)
def test_marks_count_at_the_edge_of_a_word(text, html):
    assert whatsapp_html(text) == html


def link(url):
    return f'<a href="{url}" target="_blank" rel="noopener noreferrer nofollow">{url}</a>'


def test_links_keep_their_underscores_and_lose_the_full_stop():
    assert whatsapp_html("See https://example.com/a_b_c?x=1&y=2.") == (
        f"See {link('https://example.com/a_b_c?x=1&amp;y=2')}."
    )
    assert whatsapp_html("*https://example.com*") == (
        f"<strong>{link('https://example.com')}</strong>"
    )


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        'https://example.com/"onmouseover="alert(1)',
        "https://example.com/'><svg/onload=alert(1)>",
        "```</code><script>alert(1)</script>```",
        "`<b>`",
        "*<b>*",
        "\x000\x00<b>",
    ],
)
def test_nothing_a_customer_writes_becomes_markup(text):
    html = whatsapp_html(text)
    for ours in ("<strong>", "</strong>", "<code>", "</code>", "</a>"):
        html = html.replace(ours, "")
    html = html.replace('" target="_blank" rel="noopener noreferrer nofollow">', "")
    html = html.replace('<a href="', "")
    assert [mark for mark in "<>\"'" if mark in html] == []


def test_only_http_becomes_a_link():
    assert whatsapp_html("javascript:alert(1) data:text/html,x") == (
        "javascript:alert(1) data:text/html,x"
    )


@given(st.text(alphabet="*_~`<>&\x00 a1\nhttps:/.", max_size=60))
def test_any_text_leaves_no_hole_and_no_raw_bracket_behind(text):
    html = whatsapp_html(text)
    assert "\x00" not in html
    assert html.count("<") == html.count(">")


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("Oi {{nome}} {{ 1 }}!", "Oi <span>nome</span> <span>1</span>!"),
        ("{{<b>}} {nome} {{}}", "{{&lt;b&gt;}} {nome} {{}}"),
    ],
)
def test_what_nothing_fills_yet_stands_there_as_a_chip(text, html):
    chips = html.replace("<span>", '<span class="placeholder">')
    assert placeholders_html(whatsapp_html(text)) == chips


def test_an_address_with_a_place_stays_one():
    html = whatsapp_html("https://a.example/{{1}}/b")
    assert placeholders_html(html).split(">")[0] == html.split(">")[0]
