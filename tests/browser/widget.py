"""The widget as a visitor sees it: by roles and names."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from playwright.async_api import CDPSession, Locator, Page, expect

SCREENSHOTS = Path(__file__).parents[2] / "build" / "screenshots"

PATIENCE_SECONDS = 30.0


async def eventually(what: Callable[[], Awaitable[Any]]) -> Any:
    """
    Ask *what* until its answer is true, and return it.

    Playwright's own `wait_for_function` evaluates a string in the page, which a strict policy forbids.
    """
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not (answer := await what()):
        assert time.monotonic() < deadline, "it never came true"
        await asyncio.sleep(0.02)
    return answer


class Widget:
    def __init__(self, page: Page) -> None:
        self.page = page
        self.console: list[str] = []
        self._devtools: CDPSession | None = None
        self._tracks: dict[str, Any] | None = None
        # Handles are of a document.
        page.on("domcontentloaded", lambda _: setattr(self, "_tracks", None))
        page.on("console", lambda message: self.console.append(f"{message.type}: {message.text}"))
        page.on("pageerror", lambda error: self.console.append(f"error: {error}"))

    @property
    def warnings(self) -> list[str]:
        """What the widget has told the site's owner in the console."""
        prefix = "warning: voicechat: "
        return [line.removeprefix(prefix) for line in self.console if line.startswith(prefix)]

    # ── What is there ─────────────────────────────────────────────────────────────────────────

    @property
    def launcher(self) -> Locator:
        return self.page.locator("voice-chat .launcher")

    @property
    def panel(self) -> Locator:
        return self.page.get_by_role("dialog")

    @property
    def field(self) -> Locator:
        return self.panel.get_by_role("textbox", name="Your question")

    @property
    def status(self) -> Locator:
        return self.panel.locator(".status")

    @property
    def questions(self) -> Locator:
        return self.panel.locator(".user .bubble")

    @property
    def answers(self) -> Locator:
        return self.panel.locator(".assistant .bubble")

    @property
    def sources(self) -> Locator:
        return self.panel.locator("a.source")

    @property
    def hint(self) -> Locator:
        """The line under the field."""
        return self.panel.locator(".hint")

    @property
    def notice(self) -> Locator:
        return self.panel.locator(".notice p")

    @property
    def hear(self) -> Locator:
        """The button that lets a voice sound which the browser keeps back."""
        return self.panel.locator(".hear")

    @property
    def timer(self) -> Locator:
        return self.panel.get_by_role("timer")

    @property
    def recording_words(self) -> Locator:
        """What is said above a recording."""
        return self.panel.locator(".recording-words")

    def button(self, name: str) -> Locator:
        return self.panel.get_by_role("button", name=name, exact=True)

    async def element(self, name: str) -> Any:
        """Return a property of `<voice-chat>`."""
        return await self.page.evaluate("name => document.querySelector('voice-chat')[name]", name)

    # ── What a visitor does ───────────────────────────────────────────────────────────────────

    async def open(self) -> None:
        """Click the launcher and wait until the chat is connected."""
        await self.launcher.click()
        await self.panel.wait_for()
        await expect(self.status).to_have_text("Connected")

    async def ask(self, text: str) -> None:
        await self.field.fill(text)
        await self.field.press("Enter")

    async def begin_recording(self, seconds: int = 1) -> None:
        """Press the microphone and wait until *seconds* were recorded."""
        await self.button("Speak your question").click()
        await expect(self.timer).to_be_visible()
        await self.microphones()
        await self.recorded(seconds)

    async def recorded(self, seconds: int) -> None:
        """Wait until the timer shows *seconds* or more: who looks now and then may miss one of them."""
        await expect(self.timer).to_have_text(
            re.compile("0:(" + "|".join(f"{n:02}" for n in range(seconds, 60)) + ")")
        )

    async def say(self, seconds: int = 4) -> None:
        """Record what the fake microphone plays, and send it."""
        await self.begin_recording(seconds)
        await self.button("Send the recording").click()

    # ── What a visitor hears ──────────────────────────────────────────────────────────────────

    async def sounding(self) -> float:
        """Wait until speech really sounds and goes on; return how loud it was."""

        async def is_loud() -> tuple[float, float] | None:
            # The last of a sound that was stopped is loud, too, and has no playhead any more.
            head, level = await self.element("playhead"), await self.element("level")
            return (head, level) if head is not None and level > 0.01 else None

        first, level = await eventually(is_loud)

        async def goes_on() -> bool:
            now = await self.element("playhead")
            return now is None or now > first

        await eventually(goes_on)
        return float(level)

    async def silent(self) -> None:
        """Wait until nothing sounds any more."""

        async def is_silent() -> bool:
            return bool(await self.element("playhead") is None)

        await eventually(is_silent)

    async def duplicate(self, address: str = "") -> Widget:
        """
        Open the page, or another *address*, in a browser tab that gets a copy of this one's storage, as
        when a tab is duplicated, and the chat in it.
        """
        async with self.page.expect_popup() as popup:
            await self.page.evaluate("address => void window.open(address || location.href)", address)
        twin = Widget(await popup.value)
        await twin.open()
        return twin

    async def microphone_tracks(self) -> list[str]:
        """Return the state of every track that `watch_microphone` has seen."""
        states: list[str] = await self.page.evaluate("window.tracks.map(track => track.readyState)")
        return states

    async def microphones(self) -> list[str]:
        """
        Return the states of all tracks of microphones that were ever found in the page.

        They are found from outside, in its memory, and kept: what a recording leaves running is seen later,
        even where the page itself has forgotten it.
        """
        states: list[str] = await self.of_tracks("tracks.map(track => track.readyState)")
        return states

    async def tell_track(self, kind: str) -> None:
        """Tell the track that records what its device or system would, as `ended` or `mute`."""
        await self.of_tracks(
            f"void tracks.find(track => track.readyState === 'live').dispatchEvent(new Event('{kind}'))"
        )

    async def of_tracks(self, expression: str) -> Any:
        """Return what *expression* makes of `tracks`, as `microphones` finds them."""
        devtools = self._devtools = self._devtools or await self.page.context.new_cdp_session(self.page)
        prototype = await devtools.send("Runtime.evaluate", {"expression": "MediaStreamTrack.prototype"})
        found = await devtools.send(
            "Runtime.queryObjects", {"prototypeObjectId": prototype["result"]["objectId"]}
        )
        join = "function (known) { return [...new Set([...(known ?? []), ...this])]; }"
        self._tracks = await self._call(join, found["objects"], self._tracks)
        return (
            await self._call(
                f"function () {{ const tracks = this; return {expression}; }}", self._tracks, by_value=True
            )
        ).get("value")

    async def _call(
        self,
        function: str,
        this: dict[str, Any],
        argument: dict[str, Any] | None = None,
        *,
        by_value: bool = False,
    ) -> dict[str, Any]:
        """Call *function* in the page with handles of the page's objects; return a handle, or a value."""
        assert self._devtools
        answer = await self._devtools.send(
            "Runtime.callFunctionOn",
            {
                "functionDeclaration": function,
                "objectId": this["objectId"],
                "arguments": [{"objectId": argument["objectId"]} if argument else {}],
                "returnByValue": by_value,
            },
        )
        assert "exceptionDetails" not in answer, answer
        result: dict[str, Any] = answer["result"]
        return result

    async def violations(self) -> list[str]:
        """Return what the page's policy has forbidden so far."""
        violations: list[str] = await self.page.evaluate("window.violations")
        return violations

    async def picture(self, name: str) -> None:
        """Keep a picture of the page, without what moves."""
        await self.page.screenshot(path=SCREENSHOTS / f"{name}.png", animations="disabled")


WATCH_MICROPHONE = """
  window.tracks = [];
  const ask = navigator.mediaDevices?.getUserMedia.bind(navigator.mediaDevices);
  if (ask) navigator.mediaDevices.getUserMedia = async (wishes) => {
    const stream = await ask(wishes);
    window.tracks.push(...stream.getTracks());
    return stream;
  };
"""
"""Run before the page's own scripts: keeps the tracks that the widget gets, to see them released."""

WATCH_VIOLATIONS = """
  window.violations = [];
  document.addEventListener('securitypolicyviolation', (event) =>
    window.violations.push(`${event.violatedDirective} ${event.blockedURI} ${event.sample}`));
"""

WATCH_SOUND = """
  window.contexts = [];
  window.begun = 0;
  const Silent = AudioContext;
  window.AudioContext = class extends Silent {
    constructor(...options) {
      super(...options);
      window.contexts.push(this);
    }
  };
  const { start } = AudioBufferSourceNode.prototype;
  AudioBufferSourceNode.prototype.start = function (...when) {
    window.begun += 1;
    start.apply(this, when);
  };
"""
"""Run before the page's own scripts: keeps the page's audio contexts, and counts the sounds that begin."""

MEASURE_SOUND = """
  window.seconds = 0;
  const { start } = AudioBufferSourceNode.prototype;
  AudioBufferSourceNode.prototype.start = function (...when) {
    window.seconds += this.buffer.duration;
    start.apply(this, when);
  };
"""
"""Run before the page's own scripts: adds up what was given to the loudspeaker."""

REFUSE_SOUND = """
  let touched = false;
  for (const kind of ['pointerdown', 'keydown']) {
    addEventListener(kind, () => (touched = document.documentElement.dataset.refuses === undefined), true);
  }
  Object.defineProperty(navigator, 'userActivation', { get: () => ({ hasBeenActive: touched }) });
  const Willing = AudioContext;
  window.AudioContext = class extends Willing {
    constructor(...options) {
      super(...options);
      if (!touched) void super.suspend();
    }
    async resume() {
      if (touched) await super.resume();
    }
  };
"""
"""
Run before the page's own scripts: nothing sounds before a click or a key, and none of them counts while
`<html>` has `data-refuses`. Chromium's own rule can't be had here: each look at the page from outside
counts as a gesture.
"""
