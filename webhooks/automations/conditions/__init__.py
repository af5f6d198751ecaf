"""What may be asked before an automation starts, and at its branches."""
