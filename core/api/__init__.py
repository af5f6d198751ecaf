"""What every endpoint of the API shares: pages, errors, idempotency, limits, view bases, schema."""
