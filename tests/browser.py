"""Pages that we write, looked at in a real browser: what it complains of, and what leaves the page.

The browser is the system's own Chromium, driven by Playwright; nothing is downloaded. It has no network.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Browser, ConsoleMessage, Error, Page, Request

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
DESKTOP, PHONE = (1200, 900), (390, 844)  # CSS pixels, width and height


@dataclass(kw_only=True)  # no slots: Playwright keeps its own mark on what listens
class Opened:
    """A page of ours in the browser, and what it has done there that it should not."""

    page: Page
    address: str
    complaints: list[str] = field(default_factory=list)  # errors and warnings of its console, and its scripts' own
    requests: list[str] = field(default_factory=list)  # all that it asked for beside itself

    def hear(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            self.complaints.append(f"{message.type}: {message.text}")

    def catch(self, error: Error) -> None:
        self.complaints.append(f"script: {error.message}")

    def see(self, request: Request) -> None:
        if request.url.partition("#")[0] != self.address:
            self.requests.append(f"{request.resource_type}: {request.url}")

    def is_wider_than_the_screen(self) -> bool:
        """Whether a reader would have to scroll sideways."""
        return bool(self.page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth"))


Open = Callable[..., Opened]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Chromium, for the tests of a module.

    Not for the session: while Playwright runs, its event loop counts as the thread's, and ``asyncio.run`` of any other
    test of the same process would be refused. Tests that call that do not belong into a module that asks for this.
    """
    if CHROMIUM is None:
        pytest.skip("no Chromium is installed here (on Debian: apt install chromium fonts-dejavu-core)")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, chromium_sandbox=os.geteuid() != 0)
        yield chromium
        chromium.close()


@pytest.fixture
def open_page(browser: Browser) -> Iterator[Open]:
    """Opens a file; the test fails at its end where one of its pages complained, or asked for anything beside itself.

    ``open_page(path, size=PHONE, dark=True)``; other options are those of Playwright's ``new_context``.
    """
    opened: list[Opened] = []

    def open_file(path: Path, *, size: tuple[int, int] = DESKTOP, dark: bool = False, **options: Any) -> Opened:
        context = browser.new_context(
            viewport={"width": size[0], "height": size[1]},
            color_scheme="dark" if dark else "light",
            offline=True,
            **options,
        )
        shown = Opened(page=context.new_page(), address=path.resolve().as_uri())
        opened.append(shown)
        shown.page.on("console", shown.hear)
        shown.page.on("pageerror", shown.catch)
        context.on("request", shown.see)
        shown.page.goto(shown.address, wait_until="load")
        return shown

    yield open_file
    for shown in opened:
        shown.page.context.close()
    assert [shown.complaints for shown in opened if shown.complaints] == []
    assert [shown.requests for shown in opened if shown.requests] == []
