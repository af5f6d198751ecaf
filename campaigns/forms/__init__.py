"""The forms of the wizard, one module for each step."""
