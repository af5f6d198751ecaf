"""The one thing that happens outside any company's log: a company came to be.

Sent inside the new company's schema, in the transaction that creates it; higher apps give it its
starting data (labels, stages) in its language.
"""

from django.dispatch import Signal

company_created = Signal()  # company: Company
company_reactivated = Signal()  # company; inside its schema, in the transaction
member_changed = Signal()  # company, person, role: str | None (None: removed), actor: str
