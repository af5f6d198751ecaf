"""A connection with an approved template, and campaigns made by the service."""

import itertools
from typing import Any

from campaigns.models import Campaign
from campaigns.services.campaigns import create_campaign
from connections.models import Connection
from messaging.enums import TemplateCategory, TemplateStatus
from messaging.models import Template

_numbers = itertools.count(1)


def a_connection(**fields: Any) -> Connection:
    """A connected number at an account of its own."""
    number = next(_numbers)
    defaults = {
        "provider": "whatsapp_cloud",
        "name": f"Loja {number}",
        "external_id": f"1065403522{number:05}",
        "account_id": f"1022901293{number:05}",
        "webhook_token": f"token-{number}",
        "credentials": {"token": "secret"},
    }
    return Connection.objects.create(**{**defaults, **fields})


def a_template(connection: Connection, **fields: Any) -> Template:
    """An approved marketing template with one variable, `nome`."""
    defaults = {
        "connection": connection,
        "account_id": connection.account_id,
        "name": f"oferta_{next(_numbers)}",
        "language": "pt_BR",
        "category": TemplateCategory.MARKETING,
        "status": TemplateStatus.APPROVED,
        "parameter_format": "NAMED",
        "components": [{"type": "BODY", "text": "Olá {{nome}}, temos uma oferta."}],
        "variables": [{"name": "nome", "example": "Ana", "fallback": "", "where": "body"}],
    }
    return Template.objects.create(**{**defaults, **fields})


_CHOSEN: Any = object()


def a_campaign(template: Template | None = _CHOSEN, **fields: Any) -> Campaign:
    """A draft to everybody, filled with the first name; None: without a template."""
    template = a_template(a_connection()) if template is _CHOSEN else template
    defaults = {
        "name": "Black Friday",
        "connection": template.connection if template else None,
        "template": template,
        "variables": {"nome": {"field": "first_name", "fallback": "cliente"}},
        "audience": {"all": True},
        "scheduled_at": None,
        "by": None,
        "actor": "system",
    }
    return create_campaign(**{**defaults, **fields})
