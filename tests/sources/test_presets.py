"""Real posts of each system, found in public and named, in our words."""

import json
from pathlib import Path
from typing import Any

import pytest

from webhooks.sources import reading
from webhooks.sources.presets import PRESETS

SAMPLES = Path(__file__).parent / "samples"
FILES = sorted(SAMPLES.glob("*/*.json"))
LEAST = 3


def sample(path: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(path.read_text())
    return found


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_a_real_post_in_our_words(path: Path) -> None:
    given = sample(path)
    found = reading.understand(
        preset_slug=path.parent.name,
        described={},
        data=given["post"],
        details=given.get("details"),
        headers=given.get("headers", {}),
    )
    assert [one.shown() for one in found] == given["expected"]


def test_a_preset_is_verified_by_three_samples_that_are_named() -> None:
    counted = dict.fromkeys(PRESETS, 0)
    for path in FILES:
        assert sample(path)["source"].startswith("https://")
        counted[path.parent.name] += 1
    verified = {slug for slug, preset in PRESETS.items() if preset.is_verified}
    assert verified == {slug for slug, count in counted.items() if count >= LEAST}


@pytest.mark.parametrize("slug", PRESETS)
@pytest.mark.parametrize(
    "data",
    [None, 1, "x", [], {}, [1], {"event": None}, {"event": "x", "data": []}, {"order": 1},
     {"charge": [], "event": "x"}, {"id": {}, "event": {}}, {"payment": {"id": []}, "event": "x"}],
)  # fmt: skip
def test_no_shape_makes_a_preset_fail(slug: str, data: Any) -> None:
    reading.understand(preset_slug=slug, described={}, data=data, details={"id": [1]}, headers={})
    reading.understand(preset_slug=slug, described={}, data=data, headers={})
