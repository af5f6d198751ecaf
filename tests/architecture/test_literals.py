"""Every word in a template is written to be translated."""

import re

from tests.architecture.sources import ROOT, templates

# Django's own tags, and what no person reads.
TRANSLATED = re.compile(
    r"{%\s*blocktrans(?:late)?\b.*?{%\s*endblocktrans(?:late)?\s*%}"
    r"|{%\s*comment.*?endcomment\s*%}|{%.*?%}|{{.*?}}|{#.*?#}"
    r"|<!--.*?-->|<(code|pre|svg|script|kbd)\b.*?</\1>",
    re.DOTALL,
)
CUT = "\0"  # where something of Django's stood
BETWEEN_TAGS = re.compile(r">([^<>]+)<")
ATTRIBUTE = re.compile(r"""\s(?:title|placeholder|aria-label|alt)="([^"]+)\"""")
WORD = re.compile(r"[^\W\d_]{3,}")
# The same in every language: our name, the languages' own, keys, and what the pages of Meta and
# Twilio call things.
NAMES = {
    "Master IA",
    "Português",
    "English",
    "Ctrl K",
    "Enter",
    "Esc",
    "Authorization: Api-Key",
    "https://…/",
    "Phone number ID",
    "WhatsApp Business Account ID",
    "whatsapp_business_messaging",
    "whatsapp_business_management",
    "App secret",
    "Show",
    "Account SID",
    "Auth Token",
}
# The gallery of components is for developers.
FOR_DEVELOPERS = {"templates/core/gallery.html"}


def literals(source: str) -> list[str]:
    """The words that a template says by itself."""
    bare = TRANSLATED.sub(CUT, source)
    texts = [*BETWEEN_TAGS.findall(bare), *ATTRIBUTE.findall(bare)]
    pieces = [piece.strip(" ·\n") for text in texts for piece in text.split(CUT)]
    return [piece for piece in pieces if WORD.search(piece) and piece not in NAMES]


def test_no_template_speaks_by_itself() -> None:
    found = {
        place: words
        for path in templates()
        if (place := str(path.relative_to(ROOT))) not in FOR_DEVELOPERS
        and (words := literals(path.read_text()))
    }
    assert found == {}


def test_the_guard_sees_words_and_attributes() -> None:
    assert literals("<p>Save changes</p>") == ["Save changes"]
    assert literals('<a title="Open it"></a>') == ["Open it"]
    assert literals('<p>{% translate "Save" %} · {{ name }}</p>') == []
    assert literals("<p>{% blocktranslate %}A <b>word</b>{% endblocktranslate %}</p>") == []
