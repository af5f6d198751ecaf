"""Finding the fields of a post that nobody described: by what they are called and where they
stand. A guess is good enough to start from; a mapping that somebody made always comes first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from webhooks.sources import paths, values, words
from webhooks.sources.normalised import OWN, Normalised
from webhooks.sources.paths import Step

MOST_LEAVES = 2_000
MOST_ITEMS = 500
# Spelled as `words.spelling` does, the likeliest first.
NAMES: dict[str, tuple[str, ...]] = {
    "phone": (
        *("phone_number", "phone", "mobile", "mobile_phone", "cellphone", "cell_phone", "celular"),
        *("telefone", "whatsapp", "phone_e164", "checkout_phone", "contact_phone", "tel", "fone"),
    ),
    "email": ("email", "e_mail", "email_address", "customer_email", "contact_email", "mail"),
    "name": (
        *("full_name", "customer_name", "nome_completo", "nome_cliente", "buyer_name"),
        *("contact_name", "name", "nome", "first_name"),
    ),
    "event_id": ("event_id", "webhook_id", "notification_id", "id_evento", "evento_id"),
    "kind": (
        *("event_type", "webhook_event_type", "event_name", "event", "evento", "tipo_evento"),
        *("trigger", "topic", "type", "tipo", "status", "order_status"),
    ),
    "order_id": (
        *("order_id", "order_number", "pedido_id", "id_pedido", "numero_pedido", "pedido"),
        *("transaction_id", "transaction", "charge_id", "payment_id", "sale_id", "correlation_id"),
    ),
    "amount": (
        *("amount_cents", "total_cents", "value_cents", "price_cents", "valor_centavos"),
        *("total", "total_price", "total_amount", "valor_total", "amount", "valor", "value"),
        *("price", "preco"),
    ),
    "product": (*("product_name", "nome_produto", "produto", "product_title", "plan_name"),),
    "pix_code": (
        *("pix_code", "qr_code", "qrcode", "br_code", "brcode", "pix_copia_e_cola", "copia_e_cola"),
        *("pix_copy_paste", "pix_qr_code", "emv", "pix"),
    ),
    "link": (
        *("checkout_link", "checkout_url", "payment_link", "payment_url", "recovery_url"),
        *("abandoned_checkout_url", "invoice_url", "link", "url"),
    ),
    "expires_at": (
        *("pix_expiration_at", "pix_expiration", "expires_at", "expiration_date", "expires_date"),
        *("vencimento", "due_date"),
    ),
    "occurred_at": ("occurred_at", "created_at", "date_created", "creation_date", "data_criacao"),
}
# Fields that may stand under a plain name inside of what they belong to.
INSIDE = {
    "product": (("product", "produto", "plan", "plano"), ("name", "nome", "title")),
    "order_id": (("order", "pedido", "sale", "venda"), ("id", "number", "numero", "code")),
}
# Whose name, phone and e-mail are meant, and whose are not.
PEOPLE = {
    *("customer", "cliente", "client", "buyer", "comprador", "contact", "contato", "lead"),
    *("payer", "user", "usuario", "person", "subscriber", "assinante"),
}
OTHERS = {
    *("product", "produto", "products", "produtos", "plan", "plano", "store", "loja", "shop"),
    *("company", "empresa", "producer", "affiliate", "affiliates", "seller", "offer", "items"),
    *("line_items", "address", "endereco", "utm", "tracking", "commissions", "metadata"),
}
OF_PEOPLE = {"phone", "email", "name"}
LISTS = ("events", "eventos", "data", "payload", "records")


@dataclass(frozen=True, slots=True)
class _Leaf:
    steps: tuple[Step, ...]
    value: Any
    names: tuple[str, ...]  # the steps' names as the tables spell them


def items(data: Any) -> list[Any]:
    """The things that a post speaks of: the members of a list, else the whole."""
    found = data
    for name in LISTS:
        inside = data.get(name) if isinstance(data, dict) else None
        if isinstance(inside, list) and inside and all(isinstance(one, dict) for one in inside):
            found = inside
            break
    return found[:MOST_ITEMS] if isinstance(found, list) else [found]


def places(item: Any) -> dict[str, str]:
    """Where each field seems to stand, as paths; those that are not found are left out."""
    leaves = _leaves(item)
    found = {field: _best(field, leaves) for field in NAMES}
    for field, (parents, members) in INSIDE.items():
        if found[field] is None:
            found[field] = _inside(parents, members, leaves)
    return {field: paths.write(leaf.steps) for field, leaf in found.items() if leaf is not None}


def normalise(data: Any) -> list[Normalised]:
    """What a post of any shape seems to say."""
    return [_normalised(item) for item in items(data) if isinstance(item, dict)]


def _normalised(item: dict[str, Any]) -> Normalised:
    where = places(item)

    def at(field: str) -> Any:
        return paths.find(item, where[field]) if field in where else None

    own_kind = values.said(at("kind"))
    kind = words.kind_of(own_kind)
    is_status = where.get("kind", "").rpartition(".")[2] in ("status", "order_status", "type")
    if not kind and own_kind and not is_status:
        kind = OWN
    event_id, order_id = values.said(at("event_id")), values.said(at("order_id"))
    return Normalised(
        kind=kind,
        own_kind=own_kind,
        key=event_id or (f"{order_id}:{kind}:{own_kind}" if order_id and kind else ""),
        name=values.said(at("name")),
        phone=values.said(at("phone")),
        email=values.said(at("email")),
        order_id=order_id,
        amount=amount(where.get("amount", ""), at("amount")),
        product=values.said(at("product")),
        pix_code=values.said(at("pix_code")),
        link=values.said(at("link")),
        expires_at=values.moment(at("expires_at")),
        occurred_at=values.moment(at("occurred_at")),
    )


def amount(place: str, value: Any) -> int | None:
    """Centavos, if the place says so; reais as people write them if not."""
    return values.from_minor(value) if in_minor(place) else values.from_major(value)


def in_minor(place: str) -> bool:
    """Whether the name of a place says that its amount is in centavos."""
    last = words.spelling(place.rpartition(".")[2])
    return last.endswith(("_cents", "_centavos", "_in_cents", "_minor"))


def _leaves(item: Any) -> list[_Leaf]:
    return [
        _Leaf(steps, value, tuple(words.spelling(one) for one in steps if isinstance(one, str)))
        for steps, value in paths.leaves(item, most=MOST_LEAVES)
        if value not in (None, "")
    ]


def _best(field: str, leaves: Sequence[_Leaf]) -> _Leaf | None:
    """The leaf with the likeliest name; among those the one of a customer, then the highest."""
    wanted = NAMES[field]
    fitting = [leaf for leaf in leaves if leaf.names and leaf.names[-1] in wanted]
    if field in OF_PEOPLE:
        fitting = [leaf for leaf in fitting if not OTHERS.intersection(leaf.names[:-1])]
    if field == "kind":
        known = [leaf for leaf in fitting if words.kind_of(values.said(leaf.value))]
        fitting = known or fitting
    return min(fitting, key=lambda leaf: _rank(leaf, wanted), default=None)


def _rank(leaf: _Leaf, wanted: Sequence[str]) -> tuple[int, int, int]:
    stands_apart = not PEOPLE.intersection(leaf.names[:-1])
    return wanted.index(leaf.names[-1]), int(stands_apart), len(leaf.steps)


def _inside(
    parents: Sequence[str], members: Sequence[str], leaves: Sequence[_Leaf]
) -> _Leaf | None:
    """`product.name` and the like."""
    for parent in parents:
        for leaf in leaves:
            if leaf.names[-2:-1] == (parent,) and leaf.names[-1] in members:
                return leaf
    return None
