"""Steps that write to the contact: a text, a template, an SMS. The gate judges every one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from connections.models import Connection
from connections.selectors import alive, provider_of
from core.ids import PublicId, uuid7, uuid_of, uuids_of
from crm.audiences.values import Choice, Option
from crm.enums import Channel, Purpose
from messaging import bodies, gate
from messaging.bodies import Body
from messaging.enums import Origin, TemplateStatus
from messaging.models import Template
from messaging.plain import text_of
from messaging.selectors import address_at
from messaging.services import outbox
from messaging.template_parts import variables_of
from webhooks.automations import placeholders
from webhooks.automations.enums import Outcome
from webhooks.automations.registry import Action, Doing, Done, Params, add_action, refused
from webhooks.automations.scene import Scene
from webhooks.automations.values import Field, Row, Saying, TemplateValues

CONNECTION, TEMPLATE = PublicId("cnx"), PublicId("tpl")
SHOWN = 120
SMS_LIMIT = 1600


@dataclass(frozen=True, slots=True)
class Letter:
    """A message that is ready for the gate."""

    connection: Connection
    address: str
    body: Body
    purpose: str


def register_all() -> None:
    """Announce these actions."""
    _register_whatsapp()
    _register_sms()


def _register_whatsapp() -> None:
    add_action(
        Action(
            "send_text",
            _("Send a WhatsApp text"),
            "message-circle",
            "messages",
            lambda params: gettext("Send: %(text)s") % {"text": _short(params.get("text"))},
            lambda scene, params, doing: _send(_text(scene, params), scene, doing),
            lambda scene, params: _foresee(_text(scene, params), scene),
            (
                Field(
                    "text",
                    _("Text"),
                    Saying(bodies.TEXT_LIMIT),
                    help=_("Only while the customer's 24-hour window is open."),
                ),
                Field(
                    "connection",
                    _("From"),
                    Row(lambda: _numbers(Channel.WHATSAPP), CONNECTION),
                    is_required=False,
                    help=_("Left empty, the number that the contact last wrote to."),
                ),
            ),
            order=10,
        )
    )
    add_action(
        Action(
            "send_template",
            _("Send a WhatsApp template"),
            "layout-template",
            "messages",
            lambda params: (
                gettext("Send the template %(name)s")
                % {"name": _TEMPLATES.words(params["template"]) if params.get("template") else "…"}
            ),
            lambda scene, params, doing: _send(_template(scene, params), scene, doing),
            lambda scene, params: _foresee(_template(scene, params), scene),
            (
                Field("template", _("Template"), _TEMPLATES),
                Field(
                    "values",
                    _("Values"),
                    TemplateValues(),
                    is_required=False,
                    depends_on="template",
                ),
            ),
            check=_missing_values,
            order=11,
        )
    )


def _register_sms() -> None:
    add_action(
        Action(
            "send_sms",
            _("Send an SMS"),
            "smartphone",
            "messages",
            lambda params: gettext("Send an SMS: %(text)s") % {"text": _short(params.get("text"))},
            lambda scene, params, doing: _send(_sms(scene, params), scene, doing),
            lambda scene, params: _foresee(_sms(scene, params), scene),
            (
                Field("text", _("Text"), Saying(SMS_LIMIT)),
                Field("purpose", _("What for"), Choice(_purposes), default=Purpose.SERVICE.value),
                Field(
                    "connection",
                    _("From"),
                    Row(lambda: _numbers(Channel.SMS), CONNECTION),
                    is_required=False,
                ),
            ),
            order=12,
        )
    )


def _numbers(channel: str) -> QuerySet[Connection]:
    slugs = {one.provider for one in alive() if provider_of(one).channel == channel}
    return alive().filter(provider__in=slugs)


def _templates() -> QuerySet[Template]:
    rows = Template.objects.filter(deleted_at=None, channel=Channel.WHATSAPP)
    return rows.filter(connection__deleted_at=None).order_by("name", "language")


def _approved() -> QuerySet[Template]:
    return _templates().filter(status=TemplateStatus.APPROVED)


def _named(template: Template) -> str:
    """With its status, where that keeps it from being sent."""
    name = f"{template.name} ({template.language_name})"
    if template.status == TemplateStatus.APPROVED:
        return name
    return f"{name} · {template.get_status_display()}"


_TEMPLATES = Row(_templates, TEMPLATE, name=_named, offered=_approved)


def _purposes() -> list[Option]:
    return [Option(purpose.value, purpose.label) for purpose in Purpose]


def _short(text: Any) -> str:
    told = str(text or "…")
    return f"“{told if len(told) <= SHOWN else told[: SHOWN - 1] + '…'}”"


def _missing_values(params: Params) -> Mapping[str, Any]:
    """The template's variables that have neither a value here nor a fallback of their own."""
    template = Template.objects.filter(pk__in=uuids_of([str(params.get("template"))])).first()
    if template is None:
        return {}
    given = params.get("values") or {}
    names = [
        one["name"]
        for one in _variables(template)
        if not given.get(one["name"]) and not one.get("fallback")
    ]
    if not names:
        return {}
    return {"values": _("Give a value for: %(names)s.") % {"names": ", ".join(names)}}


def _variables(template: Template) -> list[dict[str, Any]]:
    return list(template.variables or variables_of(template.components))


def _text(scene: Scene, params: Params) -> Letter | Done:
    return _free(scene, params, Channel.WHATSAPP, Purpose.SERVICE)


def _sms(scene: Scene, params: Params) -> Letter | Done:
    return _free(scene, params, Channel.SMS, str(params.get("purpose") or Purpose.SERVICE))


def _free(scene: Scene, params: Params, channel: str, purpose: str) -> Letter | Done:
    """A text of the definition's own with its values."""
    text, missing = placeholders.fill(str(params["text"]), scene.value_of)
    if missing:
        return refused("value_missing", names=missing)
    chosen = params.get("connection")
    connection = _number(chosen) if chosen else scene.number(channel)
    if connection is None:
        return refused("number_gone" if chosen else "no_number", channel=channel)
    return _addressed(scene, connection, bodies.text(text), purpose)


def _template(scene: Scene, params: Params) -> Letter | Done:
    rows = Template.objects.select_related("connection").filter(deleted_at=None)
    template = rows.filter(pk__in=uuids_of([params["template"]])).first()
    if template is None:
        return refused("template_gone")
    values, missing = _values(scene, template, params.get("values") or {})
    if missing:
        return refused("value_missing", names=missing)
    body = bodies.template(template, values)
    return _addressed(scene, template.connection, body, body.purpose)


def _values(
    scene: Scene, template: Template, given: Mapping[str, str]
) -> tuple[dict[str, str], list[str]]:
    """The values of the template's variables, and what is empty without a fallback."""
    values: dict[str, str] = {}
    missing: list[str] = []
    for variable in _variables(template):
        name = variable["name"]
        text, _empty = placeholders.fill(str(given.get(name) or ""), scene.value_of)
        value = " ".join(text.split()) or str(variable.get("fallback") or "")
        values[name] = value
        if not value:
            missing.append(name)
    return values, missing


def _addressed(scene: Scene, connection: Connection, body: Body, purpose: str) -> Letter | Done:
    contact = scene.contact
    address = address_at(contact, connection) if contact is not None else ""
    if not address:
        return refused("no_address")
    return Letter(connection, address, body, str(purpose))


def _number(chosen: Any) -> Connection | None:
    pk = uuid_of(chosen)
    return alive().filter(pk=pk).first() if pk else None


def _send(letter: Letter | Done, scene: Scene, doing: Doing) -> Done:
    if isinstance(letter, Done):
        return letter
    assert scene.contact is not None  # noqa: S101 -- it has an address
    message = outbox.send(
        contact=scene.contact,
        connection=letter.connection,
        address=letter.address,
        body=letter.body,
        origin=Origin.RULE,
        purpose=letter.purpose,
        send_key=doing.key,
    )
    said: dict[str, Any] = {"message": str(message.pk), "text": _shown(letter.body)}
    if message.code:
        said |= {"delayed": message.code, "until": message.due_at.isoformat()}  # type: ignore[union-attr]
    return Done(Outcome.DONE, "", said)


def _foresee(letter: Letter | Done, scene: Scene) -> Done:
    """The gate's word as of now, without taking anything."""
    if isinstance(letter, Done):
        return letter
    assert scene.contact is not None  # noqa: S101 -- it has an address
    candidate = gate.Candidate(
        id=uuid7(),
        contact_id=scene.contact.pk,
        connection_id=letter.connection.pk,
        address=letter.address,
        kind=letter.body.kind,
        purpose=letter.purpose,
        template_id=letter.body.template.pk if letter.body.template else None,
        text=text_of(letter.body.content),
    )
    [verdict] = gate.judge([candidate], now=scene.now, effects=False)
    said: dict[str, Any] = {"text": _shown(letter.body)}
    if verdict.decision == gate.Decision.DENY:
        return Done(Outcome.REFUSED, verdict.code, said | {"by": "gate"})
    if verdict.decision == gate.Decision.DELAY and verdict.until is not None:
        said |= {"delayed": verdict.code, "until": verdict.until.isoformat()}
    return Done(Outcome.DONE, "", said)


def _shown(body: Body) -> str:
    text = text_of(body.content)
    return text if len(text) <= SHOWN else text[: SHOWN - 1] + "…"
