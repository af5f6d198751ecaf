"""Real posts of each system, found in public and named, in our words."""

import json
from pathlib import Path
from typing import Any

import pytest

from webhooks.sources import reading
from webhooks.sources.normalised import Normalised
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


def test_yampi_says_the_code_of_a_pix_and_the_way_back_to_a_cart() -> None:
    pix = {"pix_qr_code": "00020126", "pix_expiration_date": "2026-11-22 18:00:00"}
    paid_by = {"payment": {"data": {"alias": "pix"}}, "metadata": {"data": pix}}
    order = {"number": 7, "transactions": {"data": [paid_by]}}
    cart = {
        "token": "t",
        "totalizers": {"total": 289.81},
        "simulate_url": "https://loja.example/carrinho",
        "tracking_data": {"name": "Ana", "email": "ana@example.com"},
    }

    [created] = yampi("order.created", order)
    [abandoned] = yampi("cart.reminder", cart)

    assert (created.kind, created.pix_code) == ("pix.created", "00020126")
    assert str(created.expires_at) == "2026-11-22 18:00:00-03:00"
    assert (abandoned.kind, abandoned.amount, abandoned.name, abandoned.link) == (
        "cart.abandoned",
        28981,
        "Ana",
        "https://loja.example/carrinho",
    )


def yampi(event: str, resource: dict[str, Any]) -> list[Normalised]:
    data = {"event": event, "resource": resource}
    return reading.understand(preset_slug="yampi", described={}, data=data)


@pytest.mark.parametrize("slug", PRESETS)
@pytest.mark.parametrize(
    "data",
    [None, 1, "x", [], {}, [1], {"event": None}, {"event": "x", "data": []}, {"order": 1},
     {"charge": [], "event": "x"}, {"id": {}, "event": {}}, {"payment": {"id": []}, "event": "x"}],
)  # fmt: skip
def test_no_shape_makes_a_preset_fail(slug: str, data: Any) -> None:
    reading.understand(preset_slug=slug, described={}, data=data, details={"id": [1]}, headers={})
    reading.understand(preset_slug=slug, described={}, data=data, headers={})
