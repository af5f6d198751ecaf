"""What a company's shops and forms told us, in one vocabulary whatever system said it.

A preset or a mapping turns what was posted into one of these; automations, endpoints and reports
know them alone. Amounts are in the currency's minor unit (centavos); what was not said is empty.
"""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

from events.facts import Fact


@dataclass(frozen=True, kw_only=True)
class SourceFact(Fact):
    """Something that a source told.

    Attributes:
        received_id: the stored post (`webhooks.sources.models.Received`), byte for byte.
        key: what makes it the same fact when the source tells it again: its id or a hash.
        contact_id: whom it is about; None where it named nobody.
        order_id: the source's own number of the order, charge, cart or subscription.
        amount: in minor units; None if nothing was said.
        pix_code: the code to copy and paste ("copia e cola").
        link: where the customer pays, or goes on.
        fields: everything else that the mapping names, flat, as text.
    """

    source_id: UUID
    received_id: UUID
    key: str
    contact_id: UUID | None = None
    name: str = ""
    phone: str = ""
    email: str = ""
    order_id: str = ""
    amount: int | None = None
    currency: str = "BRL"
    product: str = ""
    pix_code: str = ""
    link: str = ""
    expires_at: datetime | None = None
    occurred_at: datetime | None = None
    fields: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class PurchaseApproved(SourceFact):
    """Paid, whatever with."""

    type: ClassVar[str] = "purchase.approved"


@dataclass(frozen=True, kw_only=True)
class PurchaseRefunded(SourceFact):
    """The money went back, also by a chargeback."""

    type: ClassVar[str] = "purchase.refunded"


@dataclass(frozen=True, kw_only=True)
class PurchaseRefused(SourceFact):
    """The card or the bank said no."""

    type: ClassVar[str] = "purchase.refused"


@dataclass(frozen=True, kw_only=True)
class CartAbandoned(SourceFact):
    """Somebody left before paying."""

    type: ClassVar[str] = "cart.abandoned"


@dataclass(frozen=True, kw_only=True)
class PixCreated(SourceFact):
    """A PIX charge waits to be paid."""

    type: ClassVar[str] = "pix.created"


@dataclass(frozen=True, kw_only=True)
class PixPaid(SourceFact):
    """A PIX charge was paid."""

    type: ClassVar[str] = "pix.paid"


@dataclass(frozen=True, kw_only=True)
class PixExpired(SourceFact):
    """A PIX charge was not paid in time."""

    type: ClassVar[str] = "pix.expired"


@dataclass(frozen=True, kw_only=True)
class BoletoCreated(SourceFact):
    """A boleto waits to be paid."""

    type: ClassVar[str] = "boleto.created"


@dataclass(frozen=True, kw_only=True)
class SubscriptionCreated(SourceFact):
    """A subscription began."""

    type: ClassVar[str] = "subscription.created"


@dataclass(frozen=True, kw_only=True)
class SubscriptionRenewed(SourceFact):
    """A subscription was paid for once more."""

    type: ClassVar[str] = "subscription.renewed"


@dataclass(frozen=True, kw_only=True)
class SubscriptionLate(SourceFact):
    """A subscription's payment is overdue."""

    type: ClassVar[str] = "subscription.late"


@dataclass(frozen=True, kw_only=True)
class SubscriptionCancelled(SourceFact):
    """A subscription ended."""

    type: ClassVar[str] = "subscription.cancelled"


@dataclass(frozen=True, kw_only=True)
class LeadCreated(SourceFact):
    """Somebody left their address: a form, a landing page, an advertisement."""

    type: ClassVar[str] = "lead.created"


@dataclass(frozen=True, kw_only=True)
class SourceSaid(SourceFact):
    """A kind of the source's own, which is none of the above."""

    type: ClassVar[str] = "source.said"
    kind: str = ""
