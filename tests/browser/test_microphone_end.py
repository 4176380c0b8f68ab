"""How a recording ends without the visitor: at its limit, and by what happens to device and page."""

from __future__ import annotations

import re

import pytest
from playwright.async_api import expect

from tests import doubles

from .conftest import Chromium
from .house import both_modes, house
from .widget import Widget, eventually

pytestmark = pytest.mark.asyncio(loop_scope="session")

SHOW = """
  const set = (state) => {
    Object.defineProperty(document, 'visibilityState', { get: () => state, configurable: true });
    document.dispatchEvent(new Event('visibilitychange'));
  };
  set('%s');
"""
"""A page that Playwright drives is never out of sight, whatever lies before it."""

KEEP_WORDS = """
  (told) => {
    window.words = [];
    const keep = () => words.at(-1) !== told.textContent && words.push(told.textContent);
    new MutationObserver(keep).observe(told, { childList: true, characterData: true, subtree: true });
  }
"""
"""All that an element says from now on stands in `words`."""


async def interrupt(widget: Widget, way: str) -> None:
    if way == "hidden":
        await widget.page.evaluate(SHOW % "hidden")
    else:
        await widget.tell_track(way)


@pytest.mark.parametrize(
    ("way", "words"),
    [("ended", "went away"), ("mute", "silenced the microphone"), ("hidden", "out of sight")],
)
@both_modes
async def test_what_was_said_before_an_interruption_is_kept_and_can_be_sent(
    chromium: Chromium, mode: str, way: str, words: str
) -> None:
    ears = doubles.Ears("so far")
    async with house(ears=ears) as server:
        widget = await chromium.widget(f"{server.url}/?mode={mode}")
        await widget.open()
        await widget.begin_recording()
        await interrupt(widget, way)
        await expect(widget.recording_words).to_contain_text(words)
        assert set(await widget.microphones()) == {"ended"}
        assert ears.recordings == []
        await expect(widget.button("Send the recording")).to_be_focused()
        await widget.picture(f"microphone-kept-{way}")
        await widget.page.keyboard.press("Enter")
        await expect(widget.questions).to_have_text(["You: so far"])
        assert len(ears.recordings) == 1


async def test_what_is_kept_can_be_thrown_away(chromium: Chromium) -> None:
    ears = doubles.Ears()
    async with house(ears=ears) as server:
        widget = await chromium.widget(server.url)
        await widget.open()
        await widget.begin_recording()
        await widget.tell_track("ended")
        await widget.button("Throw the recording away").click()
        await expect(widget.field).to_be_focused()
        await widget.ask("Typed")
        await expect(widget.answers.last).to_contain_text("See you then!")
        assert await widget.questions.count() == 1
        assert ears.recordings == []


@pytest.mark.parametrize("way", ["mute", "hidden"])
async def test_an_interruption_that_passes_soon_ends_nothing(chromium: Chromium, way: str) -> None:
    async with house() as server:
        widget = await chromium.widget(server.url)
        await widget.open()
        await widget.begin_recording()
        await interrupt(widget, way)
        if way == "mute":
            await widget.tell_track("unmute")
            await widget.recorded(4)
        else:
            await widget.recorded(3)
            await widget.page.evaluate(SHOW % "visible")
            await widget.recorded(8)
        await expect(widget.recording_words).to_be_empty()
        assert await widget.microphones() == ["live"]


async def test_the_last_ten_seconds_are_counted_down_and_told_once(chromium: Chromium) -> None:
    async with house(ears=doubles.Ears("to the end"), limits_recording_seconds="15.3") as server:
        widget = await chromium.widget(server.url)
        await widget.open()
        await widget.begin_recording()
        told = widget.panel.locator(".recording [role=status].unseen")
        await expect(told).to_be_empty()
        await told.evaluate(KEEP_WORDS)
        await expect(widget.timer).to_have_text(re.compile("−0:0[1-9]"))
        await expect(told).to_have_text("10 seconds left")
        await widget.picture("microphone-countdown")
        await expect(widget.questions).to_have_text(["You: to the end"])
        await expect(widget.notice).to_contain_text("so it was sent now")
        assert await widget.page.evaluate("words") == ["10 seconds left", ""]


@pytest.mark.parametrize("state", ["asking", "recording", "kept"])
async def test_whoever_closes_the_panel_has_recorded_nothing(chromium: Chromium, state: str) -> None:
    never = "navigator.mediaDevices.getUserMedia = () => new Promise(() => {});"
    ears = doubles.Ears()
    async with house(ears=ears) as server:
        widget = await chromium.widget(server.url, before=never if state == "asking" else "")
        await widget.open()
        if state == "asking":
            await widget.button("Speak your question").click()
        else:
            await widget.begin_recording()
        if state == "kept":
            await widget.tell_track("ended")
        await widget.launcher.click()
        await expect(widget.panel).to_be_hidden()

        async def is_released() -> bool:
            return "live" not in await widget.microphones()

        await eventually(is_released)
        await widget.open()
        await expect(widget.button("Speak your question")).to_be_visible()
        assert await widget.questions.count() == 0
        assert ears.recordings == []
