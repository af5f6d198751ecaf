"""The run file: what bin/up started in a data directory, for bin/down and the next bin/up."""

import json
import signal
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path

from ops.process import STORES, Known, stop_group
from ops.secrets import write_private


@dataclass(frozen=True)
class Run:
    """A supervisor and its children as they were last written down."""

    supervisor: Known
    address: str
    sandbox: str
    children: dict[str, Known] = field(default_factory=dict)

    def with_children(self, children: dict[str, Known]) -> "Run":
        """The same run with the children that live now."""
        return replace(self, children=children)

    def write(self, path: Path) -> None:
        """Put it into its file."""
        write_private(path, json.dumps(asdict(self), indent=1))

    def leftovers(self) -> list[Known]:
        """The children that outlived their supervisor; ops.services ends PostgreSQL and Redis."""
        if self.supervisor.alive():
            return []
        others = [known for name, known in self.children.items() if name not in STORES]
        return [known for known in others if known.alive()]

    def stop_leftovers(self) -> int:
        """End what outlived its supervisor; how many there were."""
        left = self.leftovers()
        for known in left:
            stop_group(known.pid, signal.SIGTERM)
        return len(left)


def path_in(data_dir: Path) -> Path:
    """Where the run file of a data directory is."""
    return data_dir / "run.json"


def read_run(data_dir: Path) -> Run | None:
    """What was last written; None when nothing was, or only half of it."""
    try:
        found = json.loads(path_in(data_dir).read_text())
        return Run(
            supervisor=Known(**found["supervisor"]),
            address=found["address"],
            sandbox=found["sandbox"],
            children={name: Known(**known) for name, known in found["children"].items()},
        )
    except (FileNotFoundError, ValueError, KeyError, TypeError):
        return None
