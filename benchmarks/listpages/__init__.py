"""What `benchmarks.pages` measures: a seeded company, its bare counterpart, its queries."""
