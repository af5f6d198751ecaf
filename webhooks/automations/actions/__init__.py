"""What a step of an automation may do; each module announces its own (`register_all`)."""
