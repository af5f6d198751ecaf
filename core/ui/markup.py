"""WhatsApp's text markup as safe HTML.

Rules as WhatsApp documents them: ``*bold*``, ``_italic_``, ``~strike~``, ```` ```mono``` ```` and
`` `code` ``; a mark counts only at the edge of a word and hugging its text.
"""

import re

from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

_MARKS = {"*": "strong", "_": "em", "~": "s"}
_LITERAL = re.compile(
    r"```(?P<block>.+?)```|`(?P<code>[^`\n]+)`|(?P<url>https?://[^\s<>\"'`]+)", re.S
)
_TAG = re.compile(r"(<[^>]*>)")
_PLACE = re.compile(r"\{\{\s*(\w+)\s*\}\}")
_TRAILING = ".,;:!?)]}*_~"
# Stands for a piece that must not be looked at again; removed from the input first.
_HOLE = "\x00"


def whatsapp_html(text: str) -> SafeString:
    """Escaped ``text`` with WhatsApp's markup, links and line breaks as HTML."""
    pieces: list[str] = []

    def keep(match: re.Match[str]) -> str:
        html, rest = _literal(match)
        pieces.append(html)
        return f"{_HOLE}{len(pieces) - 1}{_HOLE}{rest}"

    html: str = escape(_LITERAL.sub(keep, text.replace(_HOLE, "")))
    for mark, tag in _MARKS.items():
        html = _emphasise(html, mark, tag)
    html = html.replace("\r\n", "\n").replace("\n", "<br>")
    html = re.sub(f"{_HOLE}(\\d+){_HOLE}", lambda hole: pieces[int(hole[1])], html)
    return mark_safe(html)  # noqa: S308 - every piece was escaped above


def placeholders_html(html: SafeString) -> SafeString:
    """Safe HTML with the places of a template that nothing fills yet, ``{{name}}``, as chips."""
    pieces = _TAG.split(html)  # every other one is a tag, whose attributes stay as they are
    pieces[::2] = [_PLACE.sub(r'<span class="placeholder">\1</span>', one) for one in pieces[::2]]
    return mark_safe("".join(pieces))  # noqa: S308 - what came in was safe, names are word signs


def _literal(match: re.Match[str]) -> tuple[str, str]:
    """HTML of a code piece or link, and the text after it that the pattern took by mistake."""
    if block := match["block"] or match["code"]:
        return f"<code>{escape(block)}</code>", ""
    url = match["url"].rstrip(_TRAILING)
    rest = match["url"][len(url) :]
    url = escape(url)
    return f'<a href="{url}" target="_blank" rel="noopener noreferrer nofollow">{url}</a>', rest


def _emphasise(html: str, mark: str, tag: str) -> str:
    edge = re.escape(mark)
    pattern = rf"(?<![\w{edge}]){edge}(?=[^\s{edge}])([^{edge}\n]*[^\s{edge}])?{edge}(?![\w{edge}])"
    return re.sub(pattern, rf"<{tag}>\1</{tag}>", html)
