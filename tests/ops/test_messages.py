"""Our compiled translations read as Python's gettext expects them."""

import gettext
from pathlib import Path

import pytest

from ops.errors import OperationError
from ops.messages import compile_catalogue

SOURCE = r"""
# A comment.
msgid ""
msgstr ""
"Content-Type: text/plain; charset=UTF-8\n"
"Plural-Forms: nplurals=2; plural=(n > 1);\n"

#: app/views.py:1
msgid "Contact"
msgstr "Contato"

msgctxt "verb"
msgid "Contact"
msgstr "Contatar"

msgid "%(n)d contact"
msgid_plural "%(n)d contacts"
msgstr[0] "%(n)d contato"
msgstr[1] "%(n)d contatos"

msgid ""
"First line\n"
"of \"two\""
msgstr ""
"Primeira linha\n"
"de \"duas\""

#, fuzzy, python-format
msgid "Guess"
msgstr "Palpite"

msgid "Untranslated"
msgstr ""

#~ msgid "Gone"
#~ msgstr "Sumiu"
"""


@pytest.fixture
def catalogue(tmp_path: Path) -> gettext.GNUTranslations:
    (tmp_path / "django.po").write_text(SOURCE, encoding="utf-8")
    compile_catalogue(tmp_path / "django.po", tmp_path / "django.mo")
    with (tmp_path / "django.mo").open("rb") as file:
        return gettext.GNUTranslations(file)


def test_messages_contexts_and_long_texts_are_found(catalogue: gettext.GNUTranslations) -> None:
    assert catalogue.gettext("Contact") == "Contato"
    assert catalogue.pgettext("verb", "Contact") == "Contatar"
    assert catalogue.gettext('First line\nof "two"') == 'Primeira linha\nde "duas"'


def test_plurals_follow_the_rule_of_the_language(catalogue: gettext.GNUTranslations) -> None:
    forms = [catalogue.ngettext("%(n)d contact", "%(n)d contacts", n) for n in (0, 1, 2)]
    assert forms == ["%(n)d contato", "%(n)d contato", "%(n)d contatos"]


def test_guesses_gaps_and_obsolete_ones_stay_in_english(catalogue: gettext.GNUTranslations) -> None:
    texts = ["Guess", "Untranslated", "Gone"]
    assert [catalogue.gettext(text) for text in texts] == texts


def test_a_broken_line_is_named(tmp_path: Path) -> None:
    (tmp_path / "bad.po").write_text('msgid "a"\nmsgstr "b\n', encoding="utf-8")
    with pytest.raises(OperationError, match=r"Line 2 of .*bad\.po is no translation"):
        compile_catalogue(tmp_path / "bad.po", tmp_path / "bad.mo")
