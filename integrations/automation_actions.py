"""Steps of automations that tell another system something: a contact, a note on its lead."""

from __future__ import annotations

from django.db.models import QuerySet
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from core.ids import uuid_of
from crm.audiences.values import Choice, Option
from integrations import registry
from integrations.enums import IntegrationState, NoteSight
from integrations.ids import INTEGRATION
from integrations.models import Integration
from integrations.services import queueing
from webhooks.automations import placeholders
from webhooks.automations.registry import Action, Doing, Done, Params, add_action, refused
from webhooks.automations.scene import Scene
from webhooks.automations.values import Field, Row, Saying

NOTE_LENGTH = 4096


def _systems() -> QuerySet[Integration]:
    """Those that can be told something; a stopped one gathers what waits."""
    able = [slug for slug in registry.slugs() if registry.provider(slug).capabilities.pushes]
    return Integration.objects.filter(provider__in=able).exclude(
        state=IntegrationState.DISCONNECTED
    )


def _name(integration: Integration) -> str:
    label = registry.provider(integration.provider).label
    return f"{label} · {integration.account_name}" if integration.account_name else label


_SYSTEM = Row(_systems, INTEGRATION, name=_name)
_SIGHT = Choice(lambda: [Option(value, label) for value, label in NoteSight.choices])
_FIELD = Field("system", _("System"), _SYSTEM)


def register_all() -> None:
    """Announce these actions."""
    add_action(
        Action(
            "send_to_system",
            _("Send the contact to another system"),
            "blocks",
            "contact",
            lambda params: gettext("Send the contact to %(system)s") % {"system": _words(params)},
            _send,
            _foresee_send,
            (_FIELD,),
            help=_("Created there, or brought up to date."),
            order=60,
        )
    )
    add_action(
        Action(
            "note_in_system",
            _("Put a note on the lead in another system"),
            "sticky-note",
            "contact",
            lambda params: (
                gettext("Note in %(system)s: “%(text)s”")
                % {"system": _words(params), "text": params.get("text", "…")}
            ),
            _note,
            _foresee_note,
            (
                _FIELD,
                Field("text", _("Note"), Saying(NOTE_LENGTH)),
                Field("sight", _("Seen as"), _SIGHT, default=NoteSight.PRIVATE.value),
            ),
            help=_("On the contact's newest lead there; one is made if there is none."),
            order=61,
        )
    )


def _words(params: Params) -> str:
    return _SYSTEM.words(params["system"]) if params.get("system") else "…"


def _system(params: Params) -> Integration | None:
    pk = uuid_of(str(params["system"]))
    return _systems().filter(pk=pk).first() if pk else None


def _foresee_send(scene: Scene, params: Params) -> Done:
    system = _system(params)
    return refused("system_gone") if system is None else Done(said={"system": _name(system)})


def _send(scene: Scene, params: Params, doing: Doing) -> Done:
    system = _system(params)
    if system is None or scene.contact is None:
        return refused("system_gone")
    queueing.send_contact(integration=system, contact=scene.contact)
    return Done(said={"system": _name(system)})


def _foresee_note(scene: Scene, params: Params) -> Done:
    text, missing = placeholders.fill(str(params["text"]), scene.value_of)
    if missing:
        return refused("value_missing", names=missing)
    system = _system(params)
    if system is None:
        return refused("system_gone")
    return Done(said={"system": _name(system), "text": text})


def _note(scene: Scene, params: Params, doing: Doing) -> Done:
    done, system = _foresee_note(scene, params), _system(params)
    if done.code or system is None or scene.contact is None:
        return done
    queueing.send_note(
        integration=system,
        contact=scene.contact,
        text=str(done.said["text"]),
        sight=str(params.get("sight") or ""),
        key=str(doing.key),
    )
    return done
