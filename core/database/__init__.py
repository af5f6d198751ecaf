"""The database as this product uses it."""
