"""The superadmin's pages; writes go through the services, what machines keep is read-only."""

from tenants.admin import companies, machinery, people

__all__ = ["companies", "machinery", "people"]
