"""Step: compile the translations that changed."""

from ops.config import Config
from ops.console import step
from ops.messages import compile_catalogue


def ensure_translations(config: Config) -> None:
    """Write the `.mo` beside each `.po` of `locale/` that is newer."""
    stale = [
        source
        for source in config.root.glob("locale/*/LC_MESSAGES/*.po")
        if not (target := source.with_suffix(".mo")).exists()
        or target.stat().st_mtime < source.stat().st_mtime
    ]
    if stale:
        with step("translations"):
            for source in stale:
                compile_catalogue(source, source.with_suffix(".mo"))
