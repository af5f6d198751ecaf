"""What happens outside any company's log: a company came to be, or is another one now.

Sent inside the company's schema, in the transaction of the change; higher apps give a new company
its starting data (labels, stages) in its language.
"""

from django.dispatch import Signal

company_created = Signal()  # company: Company
company_reactivated = Signal()  # company: Company
company_zone_changed = Signal()  # company: Company, with its new time zone
member_changed = Signal()  # company, person, role: str | None (None: removed), actor: str
