"""A stock Firefox that `firefox.mjs` drives, with a loudspeaker of its own, and the widget in it."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import shutil
import tempfile
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

from .widget import PATIENCE_SECONDS, SCREENSHOTS, WATCH_VIOLATIONS, eventually

DRIVER = Path(__file__).with_suffix(".mjs")

PUPPETEER = Path(__file__).parents[2] / "node_modules" / "puppeteer-core"


def find_firefox() -> str | None:
    """Return the Firefox that `VOICECHAT_FIREFOX` names, or one on the PATH."""
    named = os.environ.get("VOICECHAT_FIREFOX")
    return named or shutil.which("firefox-esr") or shutil.which("firefox")


def lacking() -> str | None:
    """Return what a test with Firefox lacks here; None: nothing."""
    if not find_firefox():
        return "There is no Firefox: on Debian, apt-get install firefox-esr."
    if not shutil.which("pulseaudio"):
        return "There is no PulseAudio, without which Firefox is silent: apt-get install pulseaudio."
    if not (shutil.which("node") and PUPPETEER.is_dir()):
        return "There is nothing to drive Firefox with: npm ci."
    return None


@contextlib.asynccontextmanager
async def loudspeaker() -> AsyncIterator[str]:
    """
    Run a PulseAudio whose one loudspeaker nobody hears, and yield its address.

    Firefox lets no AudioContext run on a machine without a loudspeaker.
    """
    # Not pytest's folder: the path of a socket has room for 107 bytes.
    with tempfile.TemporaryDirectory() as folder:
        process = await asyncio.create_subprocess_exec(
            *("pulseaudio", "-n", "--daemonize=no", "--exit-idle-time=-1", "--use-pid-file=no"),
            # Without rewinds it plays at once what comes, and not after two seconds of silence.
            *("--disable-shm=yes", "--load=module-null-sink norewinds=1"),
            f"--load=module-native-protocol-unix auth-anonymous=1 socket={folder}/socket",
            env=os.environ | {"PULSE_RUNTIME_PATH": folder, "PULSE_STATE_PATH": folder},
            stderr=PIPE,
        )
        try:

            async def is_there() -> bool:
                assert process.returncode is None, "PulseAudio ended"
                return "socket" in os.listdir(folder)

            await eventually(is_there)
            yield f"unix:{folder}/socket"
        finally:
            await _end(process)


async def _end(process: Process) -> None:
    if process.returncode is None:
        process.terminate()
    # Its pipes are read to their ends, or they would be left open.
    await process.communicate()


class Firefox:
    """Opens one page at a time."""

    def __init__(self, process: Process) -> None:
        self._process = process

    async def do(self, command: str, *arguments: str | float) -> Any:
        """Have a command of `firefox.mjs` done; return what it returns."""
        stdin, stdout = self._process.stdin, self._process.stdout
        assert stdin and stdout
        stdin.write(json.dumps([command, *arguments]).encode() + b"\n")
        async with asyncio.timeout(PATIENCE_SECONDS):
            line = await stdout.readline()
        assert line, "Firefox ended"
        answer = json.loads(line)
        assert "error" not in answer, answer["error"]
        return answer.get("value")

    async def widget(self, url: str) -> FirefoxWidget:
        """Open *url* in a fresh context and return its widget, closed as yet."""
        await self.do("open", url, WATCH_VIOLATIONS)
        widget = FirefoxWidget(self)
        await eventually(lambda: self.do("evaluate", "!!customElements.get('voice-chat')"))
        return widget


@contextlib.asynccontextmanager
async def running_firefox() -> AsyncIterator[Firefox]:
    path = find_firefox()
    assert path
    async with loudspeaker() as address:
        process = await asyncio.create_subprocess_exec(
            *("node", DRIVER, path), env=os.environ | {"PULSE_SERVER": address}, stdin=PIPE, stdout=PIPE
        )
        try:
            yield Firefox(process)
        finally:
            # The end of its commands is the end of Firefox.
            async with asyncio.timeout(PATIENCE_SECONDS):
                await process.communicate(b"")


class FirefoxWidget:
    """The widget as a visitor sees it, by the classes of its parts."""

    def __init__(self, firefox: Firefox) -> None:
        self._firefox = firefox

    async def evaluate(self, expression: str) -> Any:
        """Return what *expression* says; `chat` is the element, `root` is what it draws in."""
        return await self._firefox.do(
            "evaluate",
            "(() => { const chat = document.querySelector('voice-chat'), root = chat.shadowRoot;"
            f" return {expression}; }})()",
        )

    async def last(self, selector: str) -> str:
        """Return the text of the last that *selector* names; empty: there is none."""
        return str(await self.evaluate(f"[...root.querySelectorAll({selector!r})].at(-1)?.innerText ?? ''"))

    async def reads(self, selector: str, text: str) -> None:
        """Wait until the last that *selector* names has *text* in it."""

        async def is_read() -> bool:
            return text in await self.last(selector)

        await eventually(is_read)

    async def press(self, key: str) -> None:
        await self._firefox.do("press", key)

    async def click(self, name: str) -> None:
        """Click the button that is called *name*, where it stands."""
        box = f"root.querySelector('button[aria-label=\"{name}\"]').getBoundingClientRect()"
        x, y = await self.evaluate(f"((box) => [box.x + box.width / 2, box.y + box.height / 2])({box})")
        await self._firefox.do("click", x, y)

    async def tap(self, word: str) -> None:
        """Click the middle of the first *word* of the last answer."""
        text = "[...root.querySelectorAll('.assistant .prose p')].at(-1).firstChild"
        box = (
            "((text) => { const range = document.createRange(), at = text.data.indexOf('WORD');"
            " range.setStart(text, at); range.setEnd(text, at + 'WORD'.length);"
            f" return range.getBoundingClientRect(); }})({text})"
        ).replace("WORD", word)
        x, y = await self.evaluate(f"((box) => [box.x + box.width / 2, box.y + box.height / 2])({box})")
        await self._firefox.do("click", x, y)

    async def open(self) -> None:
        """Go to the launcher with the keyboard, press it, and wait until the chat is connected."""
        await self.press("Tab")
        await self.press("Enter")
        await self.reads(".status", "Connected")

    async def ask(self, text: str) -> None:
        await self._firefox.do("type", text)
        await self.press("Enter")

    async def sounding(self) -> float:
        """Wait until speech really sounds and goes on; return how loud it was."""
        heads: list[float] = []

        async def is_loud() -> float:
            head, level = await self.evaluate("[chat.playhead, chat.level]")
            if head is not None and level > 0.01:
                heads.append(head)
            return level if len(heads) > 1 and heads[-1] > heads[0] else 0

        return float(await eventually(is_loud))

    async def complaints(self) -> list[str]:
        """Return what the page's policy has forbidden, and what the console shows."""
        violations: list[str] = await self._firefox.do("evaluate", "violations")
        told: list[str] = await self._firefox.do("told")
        return violations + told

    async def picture(self, name: str) -> None:
        SCREENSHOTS.mkdir(parents=True, exist_ok=True)
        await self._firefox.do("picture", str(SCREENSHOTS / f"{name}.png"))
