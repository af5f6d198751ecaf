"""Triggers that an event starts: of a type, a keyword, a tag, a list, a source."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

from django.db.models import QuerySet
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from core.ids import PublicId
from crm.audiences.rules.rows import LISTS, TAGS
from crm.audiences.values import Choice, Choices, Option, Text
from crm.search import fold
from webhooks.automations import event_types, related
from webhooks.automations.registry import Params, Trigger, add_trigger
from webhooks.automations.scene import Scene
from webhooks.automations.values import Field, Keywords, Row
from webhooks.sources.models import Source

IS, CONTAINS, BEGINS = "is", "contains", "begins"


def register_all() -> None:
    """Announce these triggers."""
    add_trigger(
        Trigger(
            "event",
            _("Something happened"),
            "zap",
            "events",
            lambda params: event_types.labels(params.get("types") or ()),
            (Field("types", _("Events"), Choices(event_types.options)),),
            types=lambda params: params.get("types") or (),
            help=_("A purchase, a PIX, a form, a conversation."),
            order=10,
        )
    )
    add_trigger(
        Trigger(
            "keyword",
            _("A message with a keyword"),
            "message-circle",
            "messages",
            _keyword_sentence,
            (
                Field("words", _("Words"), Keywords(), help=_("One word or phrase a line.")),
                Field("how", _("The message"), Choice(_ways), default=CONTAINS),
            ),
            types=lambda params: ("message.received",),
            fits=_has_keyword,
            values=("text",),
            help=_("Capitals and accents do not count."),
            order=20,
        )
    )
    _register_source()
    add_trigger(
        _of_rows("tag_added", "tag", _("A tag is added"), "contacts.tagged", "tags", order=30)
    )
    add_trigger(
        _of_rows("tag_removed", "tag-off", _("A tag is taken off"), "contacts.untagged", "tags", 31)
    )
    add_trigger(
        _of_rows("listed", "list-plus", _("Added to a list"), "contacts.listed", "lists", order=32)
    )


def _of_rows(kind: str, icon: str, label: Text, type_: str, field: str, order: int) -> Trigger:
    """A trigger whose event names a tag or a list: one of those chosen."""
    rows, key, name = (
        (TAGS, "tag", _("Tags")) if field == "tags" else (LISTS, "list_id", _("Lists"))
    )
    return Trigger(
        kind,
        label,
        icon,
        "contacts",
        lambda params: f"{label}: {rows.words(params.get(field) or ())}",
        (Field(field, name, rows),),
        types=lambda params: (type_,),
        fits=lambda params, scene: (
            "" if str(scene.data.get(key)) in params.get(field, ()) else "another"
        ),
        order=order,
    )


def _ways() -> Sequence[Option]:
    return (
        Option(IS, _("is exactly one of them")),
        Option(CONTAINS, _("contains one of them")),
        Option(BEGINS, _("begins with one of them")),
    )


def _keyword_sentence(params: Params) -> str:
    how = {option.value: str(option.label) for option in _ways()}
    words = Keywords().words(params.get("words") or ())
    return gettext("A message %(how)s: %(words)s") % {
        "how": how.get(str(params.get("how")), ""),
        "words": words,
    }


def _has_keyword(params: Params, scene: Scene) -> str:
    said, spaced = _said(scene)
    words = [_folded(word) for word in params.get("words") or ()]
    how = params.get("how")
    if how == IS:
        bare = said.strip(" .,;:!?")
        return "" if any(bare == word.plain for word in words) else "keyword"
    if how == BEGINS:
        return "" if any(spaced.startswith(word.spaced) for word in words) else "keyword"
    return "" if any(f" {word.spaced}" in f" {spaced}" for word in words) else "keyword"


class Folded(NamedTuple):
    """A text without capitals and accents; and word by word, with a space behind each."""

    plain: str
    spaced: str


def _said(scene: Scene) -> Folded:
    """The message; folded once, however many automations look for their words in it."""
    if Folded not in scene.memo:
        scene.memo[Folded] = _fold(scene.message_text)
    found: Folded = scene.memo[Folded]
    return found


def _fold(text: str) -> Folded:
    plain = " ".join(fold(text).split())
    return Folded(plain, f"{_spaced(plain)} ")


_folded = lru_cache(maxsize=5000)(_fold)  # the words of automations


def _spaced(text: str) -> str:
    """Words alone: punctuation separates them."""
    return " ".join("".join(c if c.isalnum() else " " for c in text).split())


def _register_source() -> None:
    add_trigger(
        Trigger(
            "source",
            _("An incoming webhook"),
            "webhook",
            "events",
            _source_sentence,
            (
                Field("source", _("Source"), _SOURCE),
                Field(
                    "types",
                    _("Events"),
                    Choices(_told_by_sources),
                    is_required=False,
                    help=_("Left empty, whatever it tells."),
                ),
            ),
            types=lambda params: params.get("types") or related.source_types(),
            fits=lambda params, scene: (
                "" if str(scene.data.get("source_id")) == params.get("source") else "another"
            ),
            needs_contact=False,
            values=event_types.SHOP,
            order=15,
        )
    )


def _sources() -> QuerySet[Source]:
    return Source.objects.filter(deleted_at=None).order_by("name")


_SOURCE = Row(_sources, PublicId("src"), name=lambda source: source.name)


def _told_by_sources() -> list[Option]:
    names = set(related.source_types())
    return [option for option in event_types.options() if option.value in names]


def _source_sentence(params: Params) -> str:
    name = _SOURCE.words(params["source"]) if params.get("source") else "…"
    what = event_types.labels(params.get("types") or ()) or gettext("anything")
    return gettext("%(source)s tells: %(what)s") % {"source": name, "what": what}
