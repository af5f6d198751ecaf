"""A browser and the whole product for the tours; screenshots and traces are kept by the run."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Error, Page, sync_playwright

from tests.e2e.stack import ROOT, Stack, started

ARTIFACTS = ROOT / ".data" / "test" / "e2e"
DESK, PHONE = {"width": 1440, "height": 900}, {"width": 390, "height": 844}
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    # A microphone that beeps once a second, and may be used.
    "--use-fake-device-for-media-stream",
    "--use-fake-ui-for-media-stream",
]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """This hook is shown the tests of all folders; only those here need a browser."""
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.e2e)


@pytest.fixture(scope="session", autouse=True)
def django_db_setup() -> None:
    """These tests speak to a running product; they have no database of their own."""


@pytest.fixture(autouse=True)
def clean_slate() -> None:
    """Nothing of this process needs cleaning."""


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    with started(tmp_path_factory.mktemp("stack")) as running:
        yield running


@pytest.fixture(scope="session")
def second_company(stack: Stack) -> str:
    return stack.add_company("Loja Boreal")


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=os.environ.get("CHROMIUM_PATH", "/usr/bin/chromium"), args=FLAGS
        )
        yield browser
        browser.close()


@pytest.fixture
def open_browser(
    chromium: Browser, request: pytest.FixtureRequest
) -> Iterator[Callable[..., BrowserContext]]:
    """`open_browser(viewport=…, dark=…)`: a person's browser; a failing test keeps its trace."""
    contexts: list[BrowserContext] = []

    def open_one(**options: Any) -> BrowserContext:
        dark = options.pop("dark", False)
        context = chromium.new_context(
            **{
                "viewport": DESK,
                "locale": "pt-BR",
                "timezone_id": "America/Sao_Paulo",
                "color_scheme": "dark" if dark else "light",
                **options,
            }
        )
        context.set_default_timeout(15_000)
        context.tracing.start(snapshots=True)
        contexts.append(context)
        return context

    yield open_one
    report = getattr(request.node, "report", None)
    failed = report is not None and report.failed
    for number, context in enumerate(contexts):
        path = ARTIFACTS / "traces" / f"{request.node.name}-{number}.zip"
        context.tracing.stop(path=path if failed else None)
        context.close()


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: Any) -> Iterator[None]:
    outcome: Any = yield
    report = outcome.get_result()
    if report.when == "call":
        item.report = report  # type: ignore[attr-defined]


class Camera:
    """Numbered screenshots of a tour, kept under .data/test/e2e/<tour>/."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.number = 0
        folder.mkdir(parents=True, exist_ok=True)

    def shoot(self, page: Page, name: str) -> None:
        """Take a picture. A browser that draws without a GPU refuses one now and then; the next
        attempt gets it, and no tour stands or falls with a picture."""
        self.number += 1
        path = self.folder / f"{self.number:02}-{name}.png"
        try:
            page.screenshot(path=path)
        except Error:
            page.wait_for_timeout(500)
            page.screenshot(path=path)


@pytest.fixture
def camera(request: pytest.FixtureRequest) -> Camera:
    return Camera(ARTIFACTS / request.node.name)
