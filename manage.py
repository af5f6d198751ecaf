#!/usr/bin/env python3
"""Django's command line; `bin/manage` runs it in the right environment."""

import os
import sys

from django.core.management import execute_from_command_line

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.base")
    # Commands fork, hold locks and run for hours: plain connections, not the pool of the servers.
    os.environ.setdefault("DATABASE_POOL", "0")
    execute_from_command_line(sys.argv)
