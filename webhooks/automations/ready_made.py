"""Ready-made automations: drafts in the company's language that people look over and publish.

A text goes out while the customer's window is open; where it is closed a template has to be
chosen, which only the company has, so those places stay open in the draft and say so.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from crm.audiences.values import Text
from team.models import Member
from webhooks.automations.definition import LIMITS, Definition, new_step_id
from webhooks.automations.event_types import PAID
from webhooks.automations.models import Automation
from webhooks.automations.services import automations

Step = dict[str, Any]


@dataclass(frozen=True, slots=True)
class ReadyMade:
    """A draft to begin with.

    Attributes:
        build: its definition, in the language that is active now.
    """

    slug: str
    label: Text
    text: Text
    icon: str
    build: Callable[[], Definition]


def create(*, slug: str, by: Member | None = None, actor: str = "system") -> Automation:
    """A draft of a ready-made automation.

    Raises:
        KeyError: there is none of this name.
    """
    found = READY_MADE[slug]
    return automations.create(name=str(found.label), definition=found.build(), by=by, actor=actor)


def _pix() -> Definition:
    thanks = gettext(
        "Payment received, {{contact.first_name|thank you}}! We are preparing your order."
    )
    code = gettext("To pay, copy this PIX code and paste it in your bank's app:")
    reminder = _where_open(
        [
            _text(gettext("Hi, {{contact.first_name|there}}! Your order is waiting for payment.")),
            _text(f"{code}\n\n{{{{event.pix_code}}}}"),
        ]
    )
    offer = _where_open(
        [
            _text(
                gettext(
                    "Your PIX has expired, {{contact.first_name|but don't worry}}. "
                    "Shall I make a new one for you, with free shipping?"
                )
            )
        ]
    )
    return _definition(
        _event("pix.created"),
        [
            _wait_for(
                PAID,
                {"amount": 30, "unit": "minutes"},
                then=_where_open([_text(thanks)]),
                otherwise=[
                    *reminder,
                    _wait_for(
                        (*PAID, "pix.expired"),
                        {"amount": 1, "unit": "days"},
                        then=[
                            _branch(
                                [_happened("pix.paid"), _happened("purchase.approved")],
                                then=_where_open([_text(thanks)]),
                                otherwise=offer,
                                join="any",
                            )
                        ],
                        otherwise=[],
                    ),
                ],
            )
        ],
    )


def _cart() -> Definition:
    return _definition(
        _event("cart.abandoned"),
        [
            _wait_for(
                PAID,
                {"amount": 1, "unit": "hours"},
                then=[],
                otherwise=_where_open(
                    [
                        _text(
                            gettext(
                                "Hi, {{contact.first_name|there}}! You left {{event.product|"
                                "something}} in your cart. Finish here: {{event.link|}}"
                            )
                        )
                    ]
                ),
            )
        ],
    )


def _welcome() -> Definition:
    return _definition(
        _event("lead.created", "contact.created"),
        _where_open(
            [
                _text(
                    gettext(
                        "Welcome, {{contact.first_name|it's good to have you here}}! "
                        "Tell us how we can help."
                    )
                )
            ]
        ),
        cooldown={"amount": 30, "unit": "days"},
    )


def _after_purchase() -> Definition:
    return _definition(
        _event(*PAID),
        [
            *_where_open(
                [
                    _text(
                        gettext(
                            "Thank you for your purchase, {{contact.first_name|dear customer}}! "
                            "We will keep you posted about order {{event.order_id|}}."
                        )
                    )
                ]
            ),
            _step("wait", {"for": {"amount": 7, "unit": "days"}}),
            *_where_open(
                [_text(gettext("Did everything arrive as you expected? We would love to hear."))]
            ),
        ],
    )


def _definition(
    trigger: Mapping[str, Any],
    steps: Sequence[Step],
    *,
    cooldown: Mapping[str, Any] | None = None,
) -> Definition:
    return {
        "trigger": dict(trigger),
        "conditions": {"join": "all", "items": []},
        "steps": list(steps),
        "limits": {**LIMITS, "cooldown": cooldown},
    }


def _event(*types: str) -> dict[str, Any]:
    return {"kind": "event", "params": {"types": list(types)}}


def _happened(name: str) -> dict[str, Any]:
    return {"kind": f"happened:{name}", "op": "yes"}


def _step(kind: str, params: Mapping[str, Any]) -> Step:
    return {"id": new_step_id(), "kind": kind, "params": dict(params)}


def _text(text: str) -> Step:
    return _step("send_text", {"text": text})


def _wait_for(
    types: Sequence[str],
    within: Mapping[str, Any],
    *,
    then: Sequence[Step],
    otherwise: Sequence[Step],
) -> Step:
    step = _step("wait_event", {"types": list(types), "within": dict(within)})
    return {**step, "then": list(then), "else": list(otherwise)}


def _where_open(texts: Sequence[Step]) -> list[Step]:
    """Texts while the window is open; else a template, which is still to be chosen."""
    closed = _step("send_template", {})
    return [_branch([{"kind": "window", "op": "open"}], then=texts, otherwise=[closed])]


def _branch(
    items: Sequence[Mapping[str, Any]],
    *,
    then: Sequence[Step],
    otherwise: Sequence[Step],
    join: str = "all",
) -> Step:
    return {
        "id": new_step_id(),
        "kind": "branch",
        "if": {"join": join, "items": [dict(item) for item in items]},
        "then": list(then),
        "else": list(otherwise),
    }


READY_MADE: Mapping[str, ReadyMade] = {
    one.slug: one
    for one in (
        ReadyMade(
            "pix",
            _("PIX that waits to be paid"),
            _("Reminds with the code to copy, thanks when it is paid, offers a new one if not."),
            "qr-code",
            _pix,
        ),
        ReadyMade(
            "cart",
            _("Abandoned cart"),
            _("An hour later, if nothing was bought, reminds of what is in the cart."),
            "shopping-cart",
            _cart,
        ),
        ReadyMade(
            "welcome",
            _("Welcome"),
            _("Greets whoever comes in over a form or writes for the first time."),
            "hand",
            _welcome,
        ),
        ReadyMade(
            "after_purchase",
            _("After the purchase"),
            _("Thanks at once, and asks a week later whether all went well."),
            "package-check",
            _after_purchase,
        ),
    )
}
