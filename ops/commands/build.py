"""bin/build: set up without starting anything, for images and for machines without a network."""

import argparse

from ops.config import read_config
from ops.steps.frontend import ensure_frontend
from ops.steps.python import ensure_packages
from ops.steps.translations import ensure_translations


def main(arguments: list[str]) -> int:
    """Install the packages and, unless only they are wanted, build what is made from sources."""
    parser = argparse.ArgumentParser(prog="bin/build", description="Set up without starting.")
    parser.add_argument("part", nargs="?", choices=("all", "packages"), default="all")
    part = parser.parse_args(arguments).part
    config = read_config()
    ensure_packages(config)
    if part == "all":
        ensure_frontend(config)
        ensure_translations(config)
    return 0
