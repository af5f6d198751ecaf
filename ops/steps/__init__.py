"""The steps of setting up, each skipped while its inputs are unchanged."""
