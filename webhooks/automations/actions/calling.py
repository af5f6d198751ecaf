"""The step that tells another system: one endpoint, signed, tried again and logged as every
delivery is."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from core.ids import PublicId, uuids_of
from webhooks.automations import placeholders
from webhooks.automations.enums import Outcome
from webhooks.automations.public_ids import AUTOMATION, RUN
from webhooks.automations.registry import Action, Doing, Done, Params, add_action, refused
from webhooks.automations.scene import Scene
from webhooks.automations.values import Field, Row, Saying
from webhooks.endpoints.models import Endpoint
from webhooks.endpoints.services import queueing

ENDPOINT = PublicId("end")
TYPE = "automation.called"
MESSAGE_LIMIT = 2000


def _endpoints() -> QuerySet[Endpoint]:
    return Endpoint.objects.filter(deleted_at=None).order_by("name")


_ENDPOINT = Row(_endpoints, ENDPOINT)


def register_all() -> None:
    """Announce this action."""
    add_action(
        Action(
            "call_webhook",
            _("Call a webhook"),
            "webhook",
            "systems",
            lambda params: (
                gettext("Call the webhook %(name)s")
                % {"name": _ENDPOINT.words(params["endpoint"]) if params.get("endpoint") else "…"}
            ),
            _call,
            _foresee,
            (
                Field("endpoint", _("Endpoint"), _ENDPOINT),
                Field(
                    "message",
                    _("Text to send along"),
                    Saying(MESSAGE_LIMIT),
                    is_required=False,
                    help=_("The event and the contact are sent anyway."),
                ),
            ),
            needs_contact=False,
            help=_("Signed and tried again, like every delivery to an endpoint."),
            order=40,
        )
    )


def _call(scene: Scene, params: Params, doing: Doing) -> Done:
    done = _foresee(scene, params)
    if done.outcome != Outcome.DONE:
        return done
    endpoint = _chosen(params)
    assert endpoint is not None  # noqa: S101 -- seen by _foresee
    dispatch = queueing.send(
        endpoint=endpoint,
        type=TYPE,
        data=_data(scene, doing, str(done.said.get("text") or "")),
        key=str(doing.key),
        contact_id=scene.contact_id,
    )
    return Done(Outcome.DONE, "", {**done.said, "dispatch": str(dispatch.pk)})


def _foresee(scene: Scene, params: Params) -> Done:
    endpoint = _chosen(params)
    if endpoint is None or not endpoint.is_active:
        return refused("endpoint_gone")
    text, missing = placeholders.fill(str(params.get("message") or ""), scene.value_of)
    if missing:
        return refused("value_missing", names=missing)
    return Done(Outcome.DONE, "", {"who": endpoint.name, **({"text": text} if text else {})})


def _chosen(params: Params) -> Endpoint | None:
    return _endpoints().filter(pk__in=uuids_of([str(params["endpoint"])])).first()


def _data(scene: Scene, doing: Doing, text: str) -> dict[str, Any]:
    """What the receiver gets: who called, the event as it was, the contact as it is."""
    automation = doing.actor.split(":")[1]
    return {
        "automation": AUTOMATION.encode(uuids_of([automation])[0]),
        "run": RUN.encode(doing.run_id) if doing.run_id else None,
        "message": text,
        "event": {
            "type": scene.happening.type,
            "occurred_at": scene.happening.at.isoformat(),
            "data": dict(scene.data),
        },
        "contact": _contact(scene),
    }


def _contact(scene: Scene) -> dict[str, Any] | None:
    contact = scene.contact
    if contact is None:
        return None
    return {
        **{name: scene.attribute(name) for name in ("name", "phone", "email")},
        "fields": dict(contact.attributes),
        "tags": [tag.name for tag in contact.tags.all()],
    }
