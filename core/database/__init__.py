"""The database backend under django-tenants' own: PostgreSQL with metrics and a cheap pool."""
