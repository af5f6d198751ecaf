"""What may start an automation; each module announces its own (`register_all`)."""
