"""PostgreSQL with metrics and a cheap pool: the backend under that of django-tenants."""
