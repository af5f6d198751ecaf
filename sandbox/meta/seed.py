"""The demo account: believable Brazilian templates in every state that matters."""

from __future__ import annotations

from typing import Any

from sandbox.accounts import (
    DEMO_NUMBERS,
    DEMO_TOKEN,
    DEMO_WABA,
    Account,
    Number,
    Template,
)

_FIRST_TEMPLATE_ID = 1_259_544_702_043_000
_EXTRA = "aviso_"
_SCORED_AT = 1_767_225_600  # 1 January 2026


def demo_accounts(webhook_base: str) -> list[Account]:
    """One WABA with two numbers of "Loja Aurora", its templates and its token."""
    account = Account(
        DEMO_WABA,
        name="Loja Aurora",
        tokens={DEMO_TOKEN: 0.0},
        numbers={
            DEMO_NUMBERS[0]: Number(DEMO_NUMBERS[0], "+55 11 4000-1000", "Loja Aurora"),
            DEMO_NUMBERS[1]: Number(DEMO_NUMBERS[1], "+55 11 4000-1001", "Loja Aurora Suporte"),
        },
        callback_url=f"{webhook_base.rstrip('/')}/webhooks/meta/" if webhook_base else "",
    )
    for offset, template in enumerate(_TEMPLATES):
        template_id = str(_FIRST_TEMPLATE_ID + offset)
        account.templates[template_id] = {"id": template_id, **template}
    return [account]


def extra_template(index: int) -> Template:
    """One of any number of plain approved templates, to fill several pages."""
    text = f"Olá, {{{{1}}}}! Este é o aviso número {index} da Loja Aurora."
    return {
        "id": str(_FIRST_TEMPLATE_ID + 1_000_000 + index),
        **_template(f"{_EXTRA}{index:04d}", "UTILITY", [_body(text, ["Maria"])]),
    }


def is_extra(template: Template) -> bool:
    """Whether ``extra_template`` made it."""
    return str(template["name"]).startswith(_EXTRA)


def _template(
    name: str,
    category: str,
    components: list[dict[str, Any]],
    *,
    language: str = "pt_BR",
    status: str = "APPROVED",
    named: bool = False,
    rejected_reason: str = "NONE",
) -> Template:
    return {
        "name": name,
        "language": language,
        "status": status,
        "category": category,
        "parameter_format": "NAMED" if named else "POSITIONAL",
        "components": components,
        "quality_score": {
            "score": "UNKNOWN" if status == "PENDING" else "GREEN",
            "date": _SCORED_AT,
        },
        "rejected_reason": rejected_reason,
    }


def _body(text: str, examples: list[str] | None = None) -> dict[str, Any]:
    body: dict[str, Any] = {"type": "BODY", "text": text}
    if examples:
        body["example"] = {"body_text": [examples]}
    return body


def _named_body(text: str, **examples: str) -> dict[str, Any]:
    named = [{"param_name": name, "example": value} for name, value in examples.items()]
    return {"type": "BODY", "text": text, "example": {"body_text_named_params": named}}


def _header(text: str, example: str = "") -> dict[str, Any]:
    header: dict[str, Any] = {"type": "HEADER", "format": "TEXT", "text": text}
    if example:
        header["example"] = {"header_text": [example]}
    return header


def _footer(text: str) -> dict[str, Any]:
    return {"type": "FOOTER", "text": text}


def _buttons(*buttons: dict[str, Any]) -> dict[str, Any]:
    return {"type": "BUTTONS", "buttons": list(buttons)}


def _reply(text: str) -> dict[str, Any]:
    return {"type": "QUICK_REPLY", "text": text}


_IMAGE_HEADER = {
    "type": "HEADER",
    "format": "IMAGE",
    "example": {"header_handle": ["https://scontent.whatsapp.net/v/t61.29466-34/aurora.png"]},
}

_TEMPLATES: tuple[Template, ...] = (
    _template(
        "boas_vindas",
        "MARKETING",
        [
            _header("Bem-vindo à Loja Aurora ☀️"),
            _body(
                "Olá, {{1}}! Que bom ter você por aqui. Na primeira compra use o cupom {{2}} e "
                "ganhe 10% de desconto.",
                ["Maria", "AURORA10"],
            ),
            _footer("Responda PARAR para não receber ofertas"),
            _buttons(_reply("Quero ver ofertas"), _reply("Agora não")),
        ],
    ),
    _template(
        "promocao_semana",
        "MARKETING",
        [
            _IMAGE_HEADER,
            _named_body(
                "Oi, {{nome}}! Só até {{data_fim}}: {{produto}} com {{desconto}} de desconto. "
                "Aproveite enquanto durar o estoque.",
                nome="Maria",
                data_fim="domingo",
                produto="Tênis Aurora Run",
                desconto="30%",
            ),
            _footer("Loja Aurora"),
            _buttons(
                {
                    "type": "URL",
                    "text": "Ver oferta",
                    "url": "https://loja.example/ofertas/{{1}}",
                    "example": ["https://loja.example/ofertas/tenis"],
                },
                _reply("Parar promoções"),
            ),
        ],
        named=True,
    ),
    _template(
        "cupom_aniversario",
        "MARKETING",
        [
            _header("Feliz aniversário, {{1}}! 🎂", "Maria"),
            _body(
                "Seu presente chegou: {{1}} de desconto em toda a loja até {{2}}. Aproveite!",
                ["20%", "30/11"],
            ),
            _buttons({"type": "COPY_CODE", "example": "NIVER20"}),
        ],
    ),
    _template(
        "pedido_confirmado",
        "UTILITY",
        [
            _header("Pedido {{1}} confirmado", "#10482"),
            _body(
                "Olá, {{1}}! Recebemos seu pedido no valor de {{2}}. A entrega está prevista "
                "para {{3}}.",
                ["Maria", "R$ 189,90", "sexta-feira, 27/11"],
            ),
            _footer("Loja Aurora"),
            _buttons(
                {
                    "type": "URL",
                    "text": "Acompanhar pedido",
                    "url": "https://loja.example/pedidos/{{1}}",
                    "example": ["https://loja.example/pedidos/10482"],
                },
                {"type": "PHONE_NUMBER", "text": "Ligar", "phone_number": "+551140001000"},
            ),
        ],
    ),
    _template(
        "lembrete_consulta",
        "UTILITY",
        [
            _named_body(
                "Olá, {{nome}}! Lembramos da sua consulta em {{data}} às {{hora}}. Podemos "
                "confirmar?",
                nome="João",
                data="25/11",
                hora="14:30",
            ),
            _buttons(_reply("Confirmar"), _reply("Remarcar"), _reply("Cancelar")),
        ],
        named=True,
    ),
    _template(
        "boleto_vencendo",
        "UTILITY",
        [
            {
                "type": "HEADER",
                "format": "DOCUMENT",
                "example": {"header_handle": ["https://scontent.whatsapp.net/v/boleto.pdf"]},
            },
            _body(
                "Olá, {{1}}. Seu boleto de {{2}} vence em {{3}}. O PDF segue acima.",
                ["Maria", "R$ 89,90", "28/11"],
            ),
        ],
    ),
    _template(
        "pesquisa_satisfacao",
        "UTILITY",
        [
            _body("Olá! Como foi o seu atendimento na Loja Aurora? Sua resposta leva 10 segundos."),
            _buttons(_reply("Ótimo"), _reply("Regular"), _reply("Ruim")),
        ],
    ),
    _template(
        "codigo_acesso",
        "AUTHENTICATION",
        [
            {
                "type": "BODY",
                "text": "*{{1}}* é seu código de verificação. Para sua segurança, não o "
                "compartilhe.",
                "add_security_recommendation": True,
                "example": {"body_text": [["123456"]]},
            },
            {
                "type": "FOOTER",
                "text": "Este código expira em 10 minutos.",
                "code_expiration_minutes": 10,
            },
            _buttons(
                {
                    "type": "URL",
                    "text": "Copiar código",
                    "url": "https://www.whatsapp.com/otp/code/?otp_type=COPY_CODE&code=otp{{1}}",
                    "example": ["https://www.whatsapp.com/otp/code/?otp_type=COPY_CODE&code=otp1"],
                }
            ),
        ],
    ),
    _template(
        "hello_world",
        "UTILITY",
        [
            _header("Hello World"),
            _body(
                "Welcome and congratulations!! This message demonstrates your ability to send a "
                "WhatsApp message notification from the Cloud API."
            ),
            _footer("WhatsApp Business Platform sample message"),
        ],
        language="en_US",
    ),
    _template(
        "order_confirmed",
        "UTILITY",
        [_body("Hi {{1}}, we received your order {{2}}. Thank you!", ["Mary", "#10482"])],
        language="en",
    ),
    _template(
        "boas_vindas",
        "MARKETING",
        [
            _body(
                "Hi {{1}}! Use the coupon {{2}} for 10% off your first order.", ["Mary", "AURORA10"]
            ),
            _buttons(_reply("Show me"), _reply("Not now")),
        ],
        language="en",
    ),
    _template(
        "black_friday",
        "MARKETING",
        [_body("Olá, {{1}}, a Black Friday da Aurora começou! Até 60% off só hoje.", ["Maria"])],
        status="PAUSED",
    ),
    _template(
        "ganhe_dinheiro",
        "MARKETING",
        [_body("Ganhe dinheiro agora, {{1}}! Clique e receba seu prêmio.", ["Maria"])],
        status="REJECTED",
        rejected_reason="SCAM",
    ),
    _template(
        "natal_antecipado",
        "MARKETING",
        [_body("Olá, {{1}}, o Natal da Aurora chegou mais cedo. Venha conhecer!", ["Maria"])],
        status="PENDING",
    ),
)
