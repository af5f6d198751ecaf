"""What stands behind bin/: setting up, starting, stopping and testing, with nothing but Python."""
