"""A real Chromium with a fake microphone that plays real speech, and the real server as a process."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from aiohttp import web
from playwright.async_api import Browser, BrowserContext, Playwright, async_playwright, expect

from tests.listening import listening
from tests.speech import wav_48k

from .widget import PATIENCE_SECONDS, WATCH_VIOLATIONS, Widget

FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
)

FAKE_DEVICES = "--use-fake-device-for-media-stream"
"""Three microphones that beep; or that play a file, where another flag names one."""

NO_CHROMIUM = "There is no Chromium: run `.venv/bin/python -m playwright install chromium`."

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")

SHELL = "chromium-headless-shell"
"""Debian's package of Chromium without its windows: the same pages and sound at half the work."""

# A machine that runs other tests too is not slow to be right.
expect.set_options(timeout=PATIENCE_SECONDS * 1_000)

LIGHT = {
    "stt_engine": "none",
    "tts_engine": "none",
    "knowledge_folder": str(Path(__file__).parent / "small_shop"),
}
"""Settings of a server that starts in a second."""

READY_SECONDS = 90.0
"""How long the server may take to load its models, on a machine that does other things too."""


@dataclass
class Served:
    """A running `voicechat serve`."""

    url: str
    process: subprocess.Popen[str]

    def stop(self) -> None:
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            self.process.wait(timeout=20)
        assert self.process.stdout is not None
        self.process.stdout.close()

    @property
    def port(self) -> int:
        return int(self.url.rpartition(":")[2])


def serve(port: int = 0, **settings: str) -> Served:
    """Start the server with *settings*, by their names without prefix; return when all is loaded."""
    inherited = {
        name: value for name, value in os.environ.items() if not name.startswith(("VOICECHAT_", "OPENAI_"))
    }
    process = subprocess.Popen(
        [sys.executable, "-m", "voicechat", "serve", "--port", str(port)],
        env=inherited
        | {"VOICECHAT_STORE": "memory"}
        | {f"VOICECHAT_{name.upper()}": value for name, value in settings.items()},
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    banner = process.stdout.readline()
    served = Served("http://127.0.0.1:" + banner.split()[-1].rpartition(":")[2], process)
    deadline = time.monotonic() + READY_SECONDS
    while _config(served.url)["warming"]:
        assert time.monotonic() < deadline, "the models did not load"
        time.sleep(0.1)
    return served


def _config(url: str) -> dict[str, Any]:
    with urllib.request.urlopen(url + "/api/config", timeout=10) as response:
        config: dict[str, Any] = json.load(response)
    return config


@pytest.fixture(scope="session")
def bot() -> Iterator[Served]:
    """The server as `make run` starts it: both modes, embedded engines, the example shop."""
    served = serve()
    yield served
    served.stop()


@pytest.fixture
def start() -> Iterator[Callable[..., Served]]:
    """Start servers of the test's own; they are stopped after it."""
    with contextlib.ExitStack() as stack:

        def begin(port: int = 0, **settings: str) -> Served:
            served = serve(port, **settings)
            stack.callback(served.stop)
            return served

        yield begin


def find_chromium(playwright: Playwright) -> str | None:
    """Return the Chromium that `VOICECHAT_CHROMIUM` names, one on the PATH, or Playwright's own."""
    named = os.environ.get("VOICECHAT_CHROMIUM")
    found = named or next(filter(None, map(shutil.which, NAMES)), None)
    if found:
        return found
    own = playwright.chromium.executable_path
    return own if Path(own).exists() else None


def find_shell() -> str | None:
    """Return the `SHELL` on the PATH; None where `VOICECHAT_CHROMIUM` names what all is to run in."""
    return None if os.environ.get("VOICECHAT_CHROMIUM") else shutil.which(SHELL)


class Browsers:
    """Chromiums by their flags: a fake microphone and a visitor's answer want a process of their own."""

    def __init__(self, playwright: Playwright, path: str) -> None:
        self._playwright = playwright
        self._path = path
        self._shell = find_shell() or path
        self._shared: dict[tuple[bool, tuple[str, ...]], Browser] = {}

    async def shared(self, flags: tuple[str, ...], *, whole: bool = False) -> Browser:
        if (whole, flags) not in self._shared:
            self._shared[whole, flags] = await self.launch(flags, whole=whole)
        return self._shared[whole, flags]

    async def launch(
        self, flags: tuple[str, ...], *, whole: bool = False, keeps_pages: bool = False
    ) -> Browser:
        """
        *whole*: with what the shell lacks, as the questions that a browser asks its user.

        *keeps_pages*: a page that is left is kept as it is for the back button; only a whole one does.
        """
        path = self._path if whole else self._shell
        without = ["--disable-back-forward-cache"] if keeps_pages else None
        return await self._playwright.chromium.launch(
            executable_path=path, args=[*FLAGS, *flags], ignore_default_args=without
        )

    async def close(self) -> None:
        for browser in self._shared.values():
            await browser.close()


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def browsers() -> AsyncIterator[Browsers]:
    async with async_playwright() as playwright:
        path = find_chromium(playwright)
        if path is None:
            pytest.skip(NO_CHROMIUM)
        browsers = Browsers(playwright, path)
        yield browsers
        await browsers.close()


@contextlib.asynccontextmanager
async def site(body: str, headers: dict[str, str] | None = None) -> AsyncIterator[str]:
    """Serve *body* as the one page of another site; yield its address."""

    async def page(request: web.Request) -> web.Response:
        return web.Response(text=body, content_type="text/html", headers=headers)

    app = web.Application()
    app.router.add_get("/", page)
    runner = web.AppRunner(app, shutdown_timeout=1)
    await runner.setup()
    async with listening(runner) as url:
        yield f"{url}/"


class Chromium:
    """Opens the pages of one test."""

    def __init__(self, browsers: Browsers, folder: Path) -> None:
        self._browsers = browsers
        self._folder = folder
        self._stack = contextlib.AsyncExitStack()

    async def context(
        self,
        speech: str | None = None,
        *,
        sound: bytes | None = None,
        allow: bool = True,
        device: bool = True,
        whole: bool = False,
        flags: tuple[str, ...] = (),
        **options: Any,
    ) -> BrowserContext:
        """
        Return a fresh context; *speech* is a file of `tests.speech` that the microphone plays once.

        *sound* takes its place: WAV, 48 kHz, mono. *allow* is what the visitor says when the browser asks
        for the microphone, *device* whether there is one; *whole* as in `Browsers.launch`.
        """
        whole = whole or not allow
        flags += ("--use-fake-ui-for-media-stream" if allow else "--deny-permission-prompts",)
        flags += (FAKE_DEVICES if device else "--disable-audio-input",)
        if speech:
            sound = wav_48k(speech, lead_seconds=0.6)
        if sound:
            file = self._folder / "microphone.wav"
            file.write_bytes(sound)
            browser = await self._browsers.launch(
                (*flags, f"--use-file-for-fake-audio-capture={file}%noloop"), whole=whole
            )
            self._stack.push_async_callback(browser.close)
        else:
            browser = await self._browsers.shared(flags, whole=whole)
        context = await browser.new_context(**{"viewport": {"width": 1280, "height": 860}, **options})
        self._stack.push_async_callback(context.close)
        context.set_default_timeout(PATIENCE_SECONDS * 1_000)
        return context

    async def widget(
        self, url: str, speech: str | None = None, *, before: str = "", **options: Any
    ) -> Widget:
        """
        Open *url* in a fresh context and return its widget, closed as yet.

        *before* is a script that runs before those of the page, whatever its policy says.
        """
        context = await self.context(speech, **options)
        widget = Widget(await context.new_page())
        await widget.page.add_init_script(WATCH_VIOLATIONS + before)
        await widget.page.goto(url)
        return widget

    def site(
        self, body: str, headers: dict[str, str] | None = None
    ) -> contextlib.AbstractAsyncContextManager[str]:
        return site(body, headers)

    async def close(self) -> None:
        await self._stack.aclose()


@pytest_asyncio.fixture(loop_scope="session")
async def chromium(browsers: Browsers, tmp_path: Path) -> AsyncIterator[Chromium]:
    chromium = Chromium(browsers, tmp_path)
    yield chromium
    await chromium.close()
