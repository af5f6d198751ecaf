"""Pages of automations: the list, the builder, versions, runs and dry runs."""
