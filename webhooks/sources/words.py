"""What systems call the things that happen, in English and Portuguese, by our types."""

from __future__ import annotations

import re
import unicodedata

_WORDS = {
    "purchase.approved": (
        "approved aprovado aprovada paid pago paga purchase_approved purchase_complete "
        "purchase_completed order_approved order_paid order_completed payment_approved "
        "payment_confirmed payment_received payment_succeeded payment_paid compra_aprovada "
        "compra_realizada pedido_pago pedido_aprovado pagamento_aprovado pagamento_confirmado "
        "pagamento_recebido venda_aprovada venda_realizada sale_approved charge_paid invoice_paid"
    ),
    "purchase.refunded": (
        "refunded refund reembolsado reembolsada estornado chargeback chargedback charged_back "
        "purchase_refunded purchase_chargeback order_refunded order_chargeback payment_refunded "
        "compra_reembolsada pedido_reembolsado pagamento_estornado venda_reembolsada sale_refunded"
    ),
    "purchase.refused": (
        "refused rejected recusado recusada declined denied failed order_rejected order_refused "
        "order_declined payment_refused payment_failed payment_declined purchase_refused "
        "compra_recusada pagamento_recusado cartao_recusado pedido_recusado"
    ),
    "cart.abandoned": (
        "abandoned abandonado cart_abandoned abandoned_cart cart_abandonment carrinho_abandonado "
        "checkout_abandoned abandoned_checkout cart_reminder checkout_abandonado"
    ),
    "pix.created": (
        "pix_created pix_generated pix_gerado pix_criado pix_pending pix_waiting pix_pendente "
        "aguardando_pix pix_waiting_payment"
    ),
    "pix.paid": "pix_paid pix_pago pix_received pix_recebido pix_approved pix_confirmed",
    "pix.expired": "pix_expired pix_expirado pix_vencido",
    "boleto.created": (
        "billet_created boleto_created boleto_gerado boleto_criado billet_printed boleto_impresso "
        "boleto_generated bank_slip_created"
    ),
    "subscription.created": (
        "subscription_created subscription_started subscription_activated assinatura_criada "
        "assinatura_iniciada nova_assinatura"
    ),
    "subscription.renewed": "subscription_renewed assinatura_renovada subscription_renewal",
    "subscription.late": (
        "subscription_late subscription_overdue subscription_past_due assinatura_atrasada "
        "assinatura_em_atraso"
    ),
    "subscription.cancelled": (
        "subscription_cancelled subscription_canceled subscription_cancellation subscription_ended "
        "assinatura_cancelada"
    ),
    "lead.created": (
        "lead lead_created new_lead novo_lead lead_criado form_submitted form_submission "
        "formulario_enviado signup contact_created"
    ),
}
_TYPES = {word: kind for kind, words in _WORDS.items() for word in words.split()}


def spelling(word: str) -> str:
    """A word as the table has it: `Compra Aprovada`, `compra.aprovada`: `compra_aprovada`."""
    bare = unicodedata.normalize("NFKD", word)
    ascii_only = "".join(char for char in bare if not unicodedata.combining(char))
    split = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", ascii_only)
    return re.sub(r"[^a-z0-9]+", "_", split.lower()).strip("_")


def kind_of(word: str) -> str:
    """Our type for what a system calls it; empty if we do not know the word."""
    return _TYPES.get(spelling(word), "")
